# SPDX-License-Identifier: GPL-2.0-or-later
# Functions for the bats files of the drives.  LUN names a drive: it is the number of the drive plus one.
# The default is the first drive.
# shellcheck shell=bash
#
#	blank FILE               makes a blank disc of the medium in its name, and waits until it is inserted
#	has_profile FILE         checks that FILE is a disc
#	script [LUN]             runs the icdb script on standard input, after clearing unit attentions
#	send ARG...              runs icdb on the first drive, after clearing unit attentions
#	be32 NUMBER              prints four bytes in hexadecimal
#	page TYPE MULTI [BLOCK [LUN]]  sends mode page 05h.  TYPE: 41 a track, 42 a session at once, 51 a test
#	                         write.  MULTI: c. further sessions, 0. none; the dot is the track mode.  BLOCK:
#	                         the block type
#	byte_2_is LUN BYTE       checks byte 2 of READ DISC INFORMATION
#	byte_of MEDIUM STATE     prints that byte of a CD.  STATE: 0 blank, 5 a session is open, e complete
#	nwa_is LUN TRACK LBA     checks the next writable address of a track; LBA "none": it has none
#	status_is LUN STATE      checks the state of its disc in status.json
#	told EVENT LUN           prints how often EVENT was an event of the drive
#	sync_cache [LUN], close_track TRACK [LUN], close_session [LUN]   send these commands
#	lose_session LUN ADDRESS   runs the script on standard input in a session that locks the drive, and that
#	                         is lost at the WRITE with this address

has_profile() { getfattr -n user.jukebox.profile "$1" > /dev/null 2>&1; }
# The daemon learns of the close a moment after touch has ended, so this waits.
blank() {
	touch "$1"
	wait_for 30 has_profile "$1"
}

script() { "$BUILD/tools/icdb" --clear-ua "iscsi://$PORTAL/$IQN/${1:-1}" -; }
send() { "$BUILD/tools/icdb" --clear-ua "iscsi://$PORTAL/$IQN/1" "$@"; }
be32() { printf %08x "$1"; }
page() {
	script "${4:-1}" <<- END
		out 00 00 00 00 00 00 00 00 05 32 $1 $2 ${3:-08} 00 00 00 00 00 00 00 00 10 00 96 00000000000000000000000000000000000000000000000000000000000000000000000000 -- 55 10 00 00 00 00 00 00 3c 00
		expect good
	END
}
byte_2_is() {
	script "$1" <<- END
		in 34 51 00 00 00 00 00 00 00 22 00
		expect good
		expect data @2 $2
	END
}
byte_of() { if [ "$1" = cd-rw ]; then echo "1$2"; else echo "0$2"; fi; }
nwa_is() {
	local track info nwa=none
	printf -v track %08x "$2"
	"$BUILD/tools/icdb" --clear-ua -r 48 -o "$BATS_TEST_TMPDIR/track" "iscsi://$PORTAL/$IQN/$1" 52 01 "$track" 00 00 30 00
	info=$(od -An -v -w9 -tx1 -j7 -N9 "$BATS_TEST_TMPDIR/track") # whether the address is valid; it
	info=${info// /}
	if [ $((16#${info::2} & 1)) = 1 ]; then nwa=$((16#${info:10})); fi
	echo "track $2 of $1 goes on at $nwa"
	[ "$nwa" = "$3" ]
}
status_is() {
	in_status drives/$(($1 - 1))
	echo "$ELEMENT"
	[[ $ELEMENT == *", \"state\": \"$2\", "* ]]
}
told() { grep -c "\"event\":\"$1\".*\"element\":\"drives/$(($2 - 1))\"" "$MNT/events" || true; }

sync_cache() { "$BUILD/tools/icdb" --clear-ua "iscsi://$PORTAL/$IQN/${1:-1}" 35 00 00 00 00 00 00 00 00 00; }
close_track() { icdb --clear-ua "$(url "${2:-1}")" 5b 00 01 00 00 "$(printf %02x "$1")" 00 00 00 00; }
close_session() { "$BUILD/tools/icdb" --clear-ua "iscsi://$PORTAL/$IQN/${1:-1}" 5b 00 02 00 00 00 00 00 00 00; }

# shellcheck disable=SC2154 # status and output are of run
lose_session() {
	local drive=$(($1 - 1)) before logouts faults unlocks
	echo "lose-session $2 count 1" > "$MNT/ctl/drives/$drive/fault"
	before=$(grep -c 'ends without a logout' "$JBLOG") || true
	logouts=$(grep -c '"event":"logout"' "$MNT/events") || true
	faults=$(told fault "$1")
	unlocks=$(told unlock "$1")
	{
		echo clear-ua
		echo none 1e 00 00 00 01 00
		echo expect good
		cat
		echo echo still there
	} > "$BATS_TEST_TMPDIR/losing"
	run icdb -t 20 "$(url "$1")" - < "$BATS_TEST_TMPDIR/losing"
	echo "$output"
	[ "$status" != 0 ]
	[[ $output != *"still there"* ]]
	wait_for 30 '[ "$(< "$MNT/ctl/drives/'$drive'/locked")" = 0 ]'
	wait_for 30 '[ "$(grep -c "ends without a logout" "$JBLOG")" -gt '"$before"' ]'
	wait_for 30 '[ "$(grep -c "\"event\":\"logout\"" "$MNT/events")" -gt '"$logouts"' ]'
	[ "$(told fault "$1")" = $((faults + 1)) ]
	[ "$(told unlock "$1")" = $((unlocks + 1)) ]
}
