# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Functions for the tests of the mount.
#
#	xattr NAME FILE          prints the attribute user.jukebox.NAME
#	attrs_are FILE NAME[,NAME]... VALUES     checks attributes (and size, mtime, inode, as in
#	                         tests/tools/attrs.c); VALUES has the values, separated by blanks
#	is_disc FILE STATE [PROFILE]     waits until FILE is inserted, and checks its state and profile
#	full ELEMENT             waits until an element such as "slots/3" holds a disc, by status.json
#	is_full ELEMENT          checks that it holds a disc now
#	files ELEMENT            prints its files, those with a leading dot too, in one line
#	last_error TEXT          checks that ctl/last-error has TEXT, which may name errors as JB_NAME
#	keep_open FILE           opens FILE for writing, and keeps it open until let_go

load lib

xattr() { getfattr --only-values -n "user.jukebox.$1" "$2"; }

# The daemon may learn of the close of a file a moment after it, so this waits.
is_disc() {
	wait_for 30 not_incoming "$1" || true
	local state=${FACTS%%$'\n'*} profile=${FACTS##*$'\n'}
	if [ "$state" != "$2" ] || [ "$profile" != "${3:-$profile}" ]; then
		echo "$1 is $state, $profile, not $2 ${3:-}"
		return 1
	fi
}
not_incoming() {
	FACTS=$("$BUILD/tools/attrs" state,profile "$1")
	[[ $FACTS != incoming* ]]
}

attrs_are() {
	local are
	are=$("$BUILD/tools/attrs" "$2" "$1")
	are=${are//$'\n'/ }
	[ "$are" = "$3" ] || { echo "$1: $2 are $are, not $3"; return 1; }
}

is_full() {
	in_status "$1"
	[[ $ELEMENT == *', "full": true, '* ]]
}
full() { wait_for 30 is_full "$1"; }

files() {
	local all
	shopt -s nullglob dotglob
	all=("$MNT/$1"/*)
	shopt -u nullglob dotglob
	all=("${all[@]##*/}")
	echo "${all[*]}"
}

last_error() {
	local is SAID
	is=$(< "$MNT/ctl/last-error")
	in_words "$1"
	[[ $is == *"$SAID"* ]] || { printf 'wanted in last-error: %s\nreally: %s\n' "$SAID" "$is"; return 1; }
}

keep_open() {
	exec {HELD}> "$1"
}

let_go() {
	exec {HELD}>&-
}

have() { command -v "$1" > /dev/null || skip "$1 is not installed"; }

# A program that copies from a pipe, so that it can be stopped in the middle.  stuck COMMAND... starts
# the program, with the name of the pipe for the word PIPE, and sets STUCK to its pid.  feed FILE writes
# data to the pipe and leaves it open.  unfeed closes it.
stuck() {
	PIPE=$BATS_TEST_TMPDIR/pipe.$RANDOM
	mkfifo "$PIPE"
	"${@//PIPE/$PIPE}" > "$BATS_TEST_TMPDIR/stuck.out" 2>&1 3>&- &
	STUCK=$!
	exec {FEED}> "$PIPE"
}
feed() { cat "$1" >&"$FEED"; }
unfeed() { exec {FEED}>&-; }
