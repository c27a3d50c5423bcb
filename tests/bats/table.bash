# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Tables of what programs do, as Markdown that people read and tests run: PROGRAMS.md, REFUSALS.md.
# A row is what is typed, its exit status, what it prints, and what the jukebox then holds; in
# REFUSALS.md also what ctl/last-error says, with the sentences of changer/err.def by name.  So no table can say what is not so.
#
#	table_start [OPTION...]   a jukebox at $W/J, and $W, the folder in which all is typed
#	table FILE SECTION        runs the rows under "## SECTION" and compares; shows all that differ
#	table_sections FILE       the sections, one a line
#	table_run FILE            the sections that the bats file FILE runs
#	album NAME                NAME.bin, 50 sectors of sound, and its sheet NAME.cue
#	keys PROGRAM KEY...       a program in a terminal: KEYs as tmux names them, or text; ?TEXT
#	                          waits for the screen to show TEXT, !TEXT until it does not
#
# A row is typed into a bash of its own, in $W.  It begins with an empty jukebox and the images
# x.iso (1 MiB) and y.iso (2 MiB), which are also in ../keep; one that begins with ".. " goes on from
# the row above.  In what is printed, ... stands for anything, and $W/ is left out.  With
# TABLE_OUT=FILE in the environment the rows as they really were are added to FILE.

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

# An empty jukebox, and a work folder with the two images.
table_clear() {
	local tray f gone=() sheets=() rest=()
	for tray in J/ctl/drives/*/tray; do [ "$(< "$tray")" = closed ] || echo close > "$tray"; done
	shopt -s nullglob dotglob
	for f in J/slots/*/* J/mailslots/*/* J/drives/*/*; do
		case ${f##*/} in .*) sheets+=("$f") ;; *) gone+=("$f") ;; esac
	done
	for f in *; do [ "$f" = J ] || rest+=("$f"); done
	shopt -u nullglob dotglob
	[ ${#gone[@]} = 0 ] || rm -f -- "${gone[@]}"
	# One that is made from its disc has gone with that.
	[ ${#sheets[@]} = 0 ] || rm -f -- "${sheets[@]}"
	rm -rf -- "${rest[@]}"
	cp ../keep/* .
}

# What an element's file is: "x.iso (cd-rom, complete) = y.iso", whose bytes it has.  In FILE, of what
# table_picture knows: IMAGES, their SIZES, and the state, profile and size of the file.
table_file() { # PATH STATE PROFILE SIZE
	local f=$1 i equal='other data'
	FILE=${f##*/}
	if [ -L "$f" ]; then
		f=$(readlink "$f")
		FILE+=" -> ${f#"$W/"}"
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

# All elements that hold anything, in one line, in HELD_NOW.
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

# What closed a file a moment ago may be known to the daemon a moment later.
table_settled() {
	table_picture
	[[ $HELD_NOW != *'(incoming)'* ]]
}

# The cells of a row, each without its blanks and its `quotes`, into the array CELLS.
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

# A cell with ... in it, as a pattern, in PATTERN.
table_pattern() {
	local c
	PATTERN=$1
	for c in \\ '*' '?' '[' ']'; do PATTERN=${PATTERN//"$c"/"\\$c"}; done
	PATTERN=${PATTERN//.../*}
}

table_quote() { # TEXT: as a cell
	[ -z "$1" ] || printf '`%s`' "${1//|/\\|}"
}

# What a row printed, in one line, in PRINTED.
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

# One row.  What it really did goes to TABLE_OUT, and is shown where it differs.
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

# Without bats's trap at each command, which costs more than the command: a row says itself what is wrong.
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
