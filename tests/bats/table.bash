# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Tables of what programs do, as Markdown that people read and tests run: PROGRAMS.md, REFUSALS.md.
# A row is what is typed, its exit status, what it prints, and what the jukebox then holds; in
# REFUSALS.md also what ctl/last-error says.  So no table can say what is not so.
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
	local d
	for d in J/drives/*; do
		[ "$(cat "J/ctl/$(echo "$d" | cut -d/ -f2-)/tray")" = closed ] ||
			echo close > "J/ctl/$(echo "$d" | cut -d/ -f2-)/tray"
	done
	# A sheet that is made from its disc goes with that.
	find J/slots J/mailslots J/drives -mindepth 2 ! -name '.*' -delete
	find J/slots J/mailslots J/drives -mindepth 2 -delete
	find . -mindepth 1 -maxdepth 1 ! -name J -exec rm -rf {} +
	cp ../keep/* .
}

# What an element's file is: "x.iso (cd-rom, complete) = y.iso", whose bytes it has.
table_file() {
	local f=$1 state image equal=''
	if [ -L "$f" ]; then
		printf '%s -> %s' "${f##*/}" "$(readlink "$f" | sed "s:^$W/::")"
		return
	fi
	state=$(xattr state "$f" 2> /dev/null)
	printf '%s (' "${f##*/}"
	case $state in
	'') printf 'sheet)' ;;
	incoming | staged) printf '%s)' "$state" ;;
	*) printf '%s, %s)' "$(xattr profile "$f")" "$state" ;;
	esac
	[ -s "$f" ] || return 0
	for image in ../keep/x.iso ../keep/y.iso *; do
		if [ -f "$image" ] && cmp -s "$f" "$image"; then
			equal=${image##*/}
			break
		fi
	done
	printf ' = %s' "${equal:-other data}"
}

# All elements that hold anything, in one line.
table_picture() {
	local dir f line all=''
	if [ ! -e J/status ]; then
		echo "no mount"
		return
	fi
	for dir in J/slots/* J/mailslots/* J/drives/*; do
		line=''
		while IFS= read -r -d '' f; do
			line+="${line:+, }$(table_file "$f")"
		done < <(find "$dir" -mindepth 1 -print0 | sort -z)
		[ -z "$line" ] || all+="${all:+; }${dir#J/}: $line"
	done
	echo "${all:-nothing}"
}

# What closed a file a moment ago may be known to the daemon a moment later.
table_settled() {
	local end=$((SECONDS + 5 * SLOW))
	while HELD_NOW=$(table_picture); [[ $HELD_NOW == *'(incoming)'* ]]; do
		[ $SECONDS -lt $end ] || break
		sleep 0.05
	done
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

# A cell with ... in it, as a pattern.
table_pattern() {
	local text
	text=$(printf '%s' "$1" | sed 's/[][\\*?]/\\&/g')
	echo "${text//.../*}"
}

table_quote() { # TEXT: as a cell
	[ -z "$1" ] || printf '`%s`' "${1//|/\\|}"
}

# One row.  What it really did goes to TABLE_OUT, and is shown where it differs.
table_row() {
	local typed=${CELLS[0]} rc=0 printed pattern error='' row bad=0
	if [[ $typed != '.. '* ]]; then table_clear; fi
	if [ ${#CELLS[@]} -gt 4 ]; then mkdir J/.mark 2> /dev/null || true; fi
	bash -c "${typed#.. }" > "$BATS_TEST_TMPDIR/printed" 2>&1 < /dev/null 3>&- || rc=$?
	printed=$(sed "s:$W/::g; s/^bash: line 1: /bash: /; s/\r\$//" "$BATS_TEST_TMPDIR/printed" |
		sed ':a; N; $!ba; s/\n/<br>/g')
	pattern=$(table_pattern "${CELLS[2]}")
	# shellcheck disable=SC2053
	[ "$rc" = "${CELLS[1]}" ] && [[ $printed == $pattern ]] || bad=1
	[ $bad = 1 ] || printed=${CELLS[2]}
	table_settled
	[ "$HELD_NOW" = "${CELLS[3]}" ] || bad=1
	row="| $(table_quote "$typed") | $rc | $(table_quote "$printed") | $HELD_NOW |"
	if [ ${#CELLS[@]} -gt 4 ]; then
		error=$(cat J/ctl/last-error 2> /dev/null) || true
		if [[ $error == *.mark:* ]]; then error=''; fi # the row's own
		error=${error//"$W"/\$W}
		pattern=$(table_pattern "${CELLS[4]}")
		# shellcheck disable=SC2053
		[[ $error == $pattern ]] && error=${CELLS[4]} || bad=1
		row+=" $(table_quote "$error") |"
	fi
	[ -z "${TABLE_OUT:-}" ] || echo "$row" >> "$TABLE_OUT"
	[ $bad = 0 ] || printf 'in the table: %s\nreally:       %s\n' "$ROW" "$row"
	return $bad
}

table_rows() { # FILE SECTION
	awk -v s="## $2" '/^## / { on = $0 == s } on && /^\| `/' "$TOP/tests/bats/$1"
}

table() {
	local rows=() bad=0
	mapfile -t rows < <(table_rows "$1" "$2")
	[ ${#rows[@]} -gt 0 ]
	[ -z "${TABLE_OUT:-}" ] || printf '\n## %s\n\n' "$2" >> "$TABLE_OUT"
	for ROW in "${rows[@]}"; do
		table_cells "$ROW"
		table_row || bad=$((bad + 1))
	done
	[ $bad = 0 ]
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
		\?*) wait_for 20 keys_shows "${key#?}" || { echo "no ${key#?} on"; keys_screen; return 1; } ;;
		!*) wait_for 20 keys_hides "${key#!}" || { echo "${key#!} stays on"; keys_screen; return 1; } ;;
		*) tmux -L term send-keys -t term "$key" ;;
		esac
	done
	wait_for 20 keys_done || { keys_screen; return 1; }
	return "$(cat "$BATS_TEST_TMPDIR/keys.rc")"
}
export -f wait_for album keys keys_screen keys_shows keys_hides keys_done
