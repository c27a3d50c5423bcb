# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the tests of the mount share.
#
#	xattr NAME FILE          an attribute user.jukebox.NAME
#	is_disc FILE STATE [PROFILE]     once it is not being inserted any more
#	full ELEMENT             "slots/3" holds a disc, now or soon, as status.json says it
#	is_full ELEMENT          now
#	files ELEMENT            what is in it, dot names too, in one line
#	last_error TEXT          ctl/last-error has it
#	keep_open FILE           a program that has the file open for writing, until let_go

load lib

xattr() { getfattr --only-values -n "user.jukebox.$1" "$2"; }

# What closed a file a moment ago may be known to the daemon a moment later.
is_disc() {
	wait_for 5 not_incoming "$1" || true
	local state
	state=$(xattr state "$1") || return 1
	if [ "$state" != "$2" ]; then
		echo "$1 is $state, not $2"
		return 1
	fi
	[ -z "${3:-}" ] || [ "$(xattr profile "$1")" = "$3" ]
}
not_incoming() { [ "$(xattr state "$1")" != incoming ]; }

is_full() {
	jq -e --argjson n "${1#*/}" --arg t "${1%/*}" \
		'.[$t][] | select(.number == $n) | .full' "$MNT/status.json" > /dev/null
}
full() { wait_for 5 is_full "$1"; }

files() { find "$MNT/$1" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort | tr '\n' ' ' | sed 's/ $//'; }

last_error() {
	if ! grep -qF -- "$1" "$MNT/ctl/last-error"; then
		echo "wanted in last-error: $1"
		cat "$MNT/ctl/last-error"
		return 1
	fi
}

keep_open() {
	exec {HELD}> "$1"
}

let_go() {
	exec {HELD}>&-
}

have() { command -v "$1" > /dev/null || skip "$1 is not installed"; }

# A program that copies what comes out of a pipe, so that it can be stopped in the middle:
# stuck COMMAND...  starts it with the pipe's name in place of PIPE, and sets STUCK; feed FILE
# gives it data and leaves the pipe open; unfeed ends the data.
stuck() {
	PIPE=$BATS_TEST_TMPDIR/pipe.$RANDOM
	mkfifo "$PIPE"
	"${@//PIPE/$PIPE}" > "$BATS_TEST_TMPDIR/stuck.out" 2>&1 3>&- &
	STUCK=$!
	exec {FEED}> "$PIPE"
}
feed() { cat "$1" >&"$FEED"; }
unfeed() { exec {FEED}>&-; }
