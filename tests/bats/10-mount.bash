# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the tests of the mount share.
#
#	xattr NAME FILE          an attribute user.jukebox.NAME
#	attrs_are FILE NAME[,NAME]... VALUES     several attributes, and as tests/tools/attrs.c has it size,
#	                         mtime and inode, joined by blanks
#	is_disc FILE STATE [PROFILE]     once it is not being inserted any more
#	full ELEMENT             "slots/3" holds a disc, now or soon, as status.json says it
#	is_full ELEMENT          now
#	files ELEMENT            what is in it, dot names too, in one line
#	last_error TEXT          ctl/last-error has it; TEXT may name errors, as JB_NAME
#	keep_open FILE           a program that has the file open for writing, until let_go

load lib

xattr() { getfattr --only-values -n "user.jukebox.$1" "$2"; }

# What closed a file a moment ago may be known to the daemon a moment later.
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
