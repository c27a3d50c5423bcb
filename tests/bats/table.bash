# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Runs the tables in PROGRAMS.md and REFUSALS.md, which people read too.  The cells of a row are: what is typed,
# its exit status, what it prints, and what the jukebox then holds.  REFUSALS.md also has the text of
# ctl/last-error, with the sentences of changer/err.def by their names.  As the rows are run, the tables are true.
#
#	table_start [OPTION...]   makes the folder $W, in which all is typed, and a jukebox at $W/J
#	table FILE SECTION        runs the rows under "## SECTION", compares, and prints what differs
#	table_sections FILE       prints the sections, each on a line
#	table_run FILE            prints the sections that the bats file FILE runs
#	album NAME                makes NAME.bin, with 50 sectors of sound, and its sheet NAME.cue
#	keys PROGRAM KEY...       runs a program in a terminal.  KEY is a key as tmux names it, or text; ?TEXT
#	                          waits until the screen shows TEXT, !TEXT until it does not
#
# Each row is typed into a new bash, in $W.  Before it, the jukebox is empty, and $W has the images x.iso (1 MiB)
# and y.iso (2 MiB), which are also in ../keep.  A row that begins with ".. " goes on from the row above it.  In
# the third cell, ... stands for any text, and $W/ is left out.  With TABLE_OUT=FILE in the environment, the real
# results of the rows are appended to FILE.

load 10-mount

table_start() {
	W=$BATS_TEST_TMPDIR/work
	mkdir "$W" "$BATS_TEST_TMPDIR/keep"
	iso "$BATS_TEST_TMPDIR/keep/x.iso" 1 FIRST
	iso "$BATS_TEST_TMPDIR/keep/y.iso" 2 SECOND
	MNT=$W/J STORE=${STORE:-$BATS_TEST_TMPDIR/store}
	jb_start --slots 4 --mailslots 1 --drives 2 "$@"
	export LC_ALL=C.UTF-8 SLOW W HOME=$BATS_TEST_TMPDIR/home TMUX_TMPDIR=$BATS_TEST_TMPDIR
	mkdir "$HOME"
	cd "$W" || return 1
}

table_end() {
	cd /
	tmux -L term kill-server 2> /dev/null || true
	jb_cleanup
}

# Empties the jukebox, and makes a work folder with the two images.
table_clear() {
	local tray f gone=() sheets=() rest=()
	for tray in J/ctl/drives/*/tray; do [ "$(< "$tray")" = closed ] || echo close > "$tray"; done
	shopt -s nullglob dotglob
	for f in J/slots/*/* J/mailslots/*/* J/drives/*/*; do
		case ${f##*/} in .*) sheets+=("$f") ;; *) gone+=("$f") ;; esac
	done
	for f in *; do [ "$f" = J ] || rest+=("$f"); done
	shopt -u nullglob dotglob
	[ ${#gone[@]} = 0 ] || rm -rf -- "${gone[@]}"
	# A sheet that is made from its disc has gone with the disc.
	[ ${#sheets[@]} = 0 ] || rm -f -- "${sheets[@]}"
	rm -rf -- "${rest[@]}"
	cp ../keep/* .
}

# Sets FILE to a description of a file: "x.iso (cd-rom, complete) = y.iso" if it has the bytes of y.iso.  Uses
# IMAGES and their SIZES, which table_picture sets.
table_file() { # PATH STATE PROFILE SIZE
	local f=$1 i equal='other data'
	FILE=${f##*/}
	if [ -L "$f" ]; then
		f=$(readlink "$f")
		FILE+=" -> ${f#"$W/"}"
		return
	fi
	if [ -d "$f" ]; then
		FILE+="/ (folder)"
		return
	fi
	case $2 in
	'') FILE+=" (sheet)" ;;
	incoming | staged) FILE+=" ($2)" ;;
	*) FILE+=" ($3, $2)" ;;
	esac
	[ "${4:-0}" != 0 ] || return 0
	for i in "${!IMAGES[@]}"; do
		if [ "$4" = "${SIZES[i]}" ] && cmp -s "$f" "${IMAGES[i]}"; then
			equal=${IMAGES[i]##*/}
			break
		fi
	done
	FILE+=" = $equal"
}

# Sets HELD_NOW to a line with all elements that hold a file.
table_picture() {
	local held IMAGES=() SIZES f i facts FILE before=''
	HELD_NOW="no mount"
	[ -e J/status ] || return 0
	shopt -s nullglob dotglob
	held=(J/slots/*/* J/mailslots/*/* J/drives/*/*)
	shopt -u nullglob dotglob
	HELD_NOW=nothing
	[ ${#held[@]} -gt 0 ] || return 0
	for f in ../keep/x.iso ../keep/y.iso *; do if [ -f "$f" ]; then IMAGES+=("$f"); fi; done
	mapfile -t facts < <("$BUILD/tools/attrs" size "${IMAGES[@]}"; "$BUILD/tools/attrs" state,profile,size "${held[@]}" 2> /dev/null)
	SIZES=("${facts[@]:0:${#IMAGES[@]}}")
	facts=("${facts[@]:${#IMAGES[@]}}")
	HELD_NOW=''
	for i in "${!held[@]}"; do
		f=${held[i]#J/}
		table_file "${held[i]}" "${facts[@]:i*3:3}"
		if [ "${f%/*}" = "$before" ]; then HELD_NOW+=", $FILE"; else HELD_NOW+="${HELD_NOW:+; }${f%/*}: $FILE"; fi
		before=${f%/*}
	done
}

# The daemon may learn of the close of a file a moment after it, so this waits.
table_settled() {
	table_picture
	[[ $HELD_NOW != *'(incoming)'* ]]
}

# Sets the array CELLS to the cells of a row, each without its blanks and its `quotes`.
table_cells() {
	local line=${1//\\|/$'\x01'} cell
	CELLS=()
	line=${line#|}
	while [[ $line == *'|'* ]]; do
		cell=${line%%|*}
		line=${line#*|}
		cell=${cell# }
		cell=${cell% }
		if [[ $cell == \`*\` ]]; then cell=${cell#\`} cell=${cell%\`}; fi
		CELLS+=("${cell//$'\x01'/|}")
	done
}

# Sets PATTERN to a cell as a pattern, in which ... matches any text.
table_pattern() {
	local c
	PATTERN=$1
	for c in \\ '*' '?' '[' ']'; do PATTERN=${PATTERN//"$c"/"\\$c"}; done
	PATTERN=${PATTERN//.../*}
}

table_quote() { # TEXT: as a cell
	[ -z "$1" ] || printf '`%s`' "${1//|/\\|}"
}

# Sets PRINTED to what a row has printed, in one line.
table_printed() {
	local lines i
	mapfile -t lines < "$BATS_TEST_TMPDIR/printed"
	PRINTED=''
	for i in "${!lines[@]}"; do
		lines[i]=${lines[i]//"$W/"/}
		lines[i]=${lines[i]/#'bash: line 1: '/'bash: '}
		[ "$i" = 0 ] || PRINTED+='<br>'
		PRINTED+=${lines[i]%$'\r'}
	done
}

# Runs one row.  Appends its real result to TABLE_OUT, and prints it if it differs.
table_row() {
	local typed=${CELLS[0]} rc=0 PRINTED PATTERN SAID HELD_NOW error='' row bad=0
	if [[ $typed != '.. '* ]]; then table_clear; fi
	if [ ${#CELLS[@]} -gt 4 ]; then : 2> /dev/null > J/.mark || true; fi
	bash -c "${typed#.. }" > "$BATS_TEST_TMPDIR/printed" 2>&1 < /dev/null 3>&- || rc=$?
	table_printed
	table_pattern "${CELLS[2]}"
	# shellcheck disable=SC2053
	[ "$rc" = "${CELLS[1]}" ] && [[ $PRINTED == $PATTERN ]] && PRINTED=${CELLS[2]} || bad=1
	wait_for 30 table_settled || true
	[ "$HELD_NOW" = "${CELLS[3]}" ] || bad=1
	if [ ${#CELLS[@]} -gt 4 ]; then
		if [ -e J/ctl/last-error ]; then error=$(< J/ctl/last-error); fi
		if [[ $error == *.mark:* ]]; then error=''; fi # the row's own
		error=${error//"$W"/\$W}
		in_words "${CELLS[4]}"
		table_pattern "$SAID"
		# shellcheck disable=SC2053
		[[ $error == $PATTERN ]] && error=${CELLS[4]} || bad=1
	fi
	[ $bad = 1 ] || [ -n "${TABLE_OUT:-}" ] || return 0
	row="| $(table_quote "$typed") | $rc | $(table_quote "$PRINTED") | $HELD_NOW |"
	[ ${#CELLS[@]} -le 4 ] || row+=" $(table_quote "$error") |"
	[ -z "${TABLE_OUT:-}" ] || echo "$row" >> "$TABLE_OUT"
	[ $bad = 0 ] || printf 'in the table: %s\nreally:       %s\n' "$ROW" "$row"
	return $bad
}

table_rows() {
	local ROW bad=0
	for ROW; do
		table_cells "$ROW"
		table_row || bad=$((bad + 1))
	done
	[ $bad = 0 ]
}

# Runs without bats's trap for each command, which costs more than the command; each row prints what is wrong.
table() {
	local - rows=()
	mapfile -t rows < <(awk -v s="## $2" '/^## / { on = $0 == s } on && /^\| `/' "$TOP/tests/bats/$1")
	[ ${#rows[@]} -gt 0 ]
	[ -z "${TABLE_OUT:-}" ] || printf '\n## %s\n\n' "$2" >> "$TABLE_OUT"
	set +T
	table_rows "${rows[@]}"
}

table_sections() { sed -n 's/^## //p' "$TOP/tests/bats/$1"; }
table_run() { sed -nE 's/^\ttable [A-Z]+\.md "?([^"]+)"?$/\1/p' "$@"; }

album() {
	yes sound | head -c $((50 * 2352)) > "$1.bin"
	printf 'FILE "%s.bin" BINARY\n  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n' "$1" > "$1.cue"
}

keys_screen() { tmux -L term capture-pane -p -t term; }
keys_shows() { keys_screen | grep -qF -- "$1"; }
keys_hides() { ! keys_shows "$1"; }
keys_done() { [ -s "$BATS_TEST_TMPDIR/keys.rc" ]; }
keys() {
	local program=$1 key
	shift
	rm -f "$BATS_TEST_TMPDIR/keys.rc"
	tmux -L term -f /dev/null new-session -d -s term -x 100 -y 30 -c "$W" \
		"TERM=screen $program; echo \$? > '$BATS_TEST_TMPDIR/keys.rc'"
	for key; do
		case $key in
		\?*) wait_for 60 keys_shows "${key#?}" || { echo "no ${key#?} on"; keys_screen; return 1; } ;;
		!*) wait_for 60 keys_hides "${key#!}" || { echo "${key#!} stays on"; keys_screen; return 1; } ;;
		*) tmux -L term send-keys -t term "$key" ;;
		esac
	done
	wait_for 60 keys_done || { keys_screen; return 1; }
	return "$(< "$BATS_TEST_TMPDIR/keys.rc")"
}
export -f wait_for album keys keys_screen keys_shows keys_hides keys_done
