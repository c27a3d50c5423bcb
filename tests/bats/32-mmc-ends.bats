#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# How a burn ends when nobody ends it: at the end of the medium, with the session lost, with the
# daemon killed.  The same on each medium; what differs is a row of MEDIA.

load lib

# MEDIUM  SECTORS of a real one, all that programs can use  BYTE 2 of READ DISC INFORMATION while it
# is being recorded and is not closed (MMC-6 6.22.3.1.4)  the FORMAT descriptor without which it takes
# no data
MEDIA='
dvd-r     2297888   05
dvd-r-dl  4171712   05
dvd-rw    2297888   15
dvd-rw-ro 2297888   1e
dvd-ram   2236704   1f
dvd+r     2295104   05
dvd+r-dl  4173824   05
dvd+rw    2295104   1e  ff ff ff ff 98 00 00 00
bd-r      12219392  05
bd-r-dl   24438784  05
bd-re     11826176  1e  00 b4 74 00 c0 00 00 00
bd-re-dl  23652352  1e  01 68 e8 00 c0 00 00 00
cd-r      359849    05
cd-rw     359849    15
cd-rw-packet 295264 1e
'
# A flush ends the track of a CD, so what is about going on behind one is in 33-mmc-cd.bats.
# each WORDS...: calls it with a drive's LUN and a row's columns, for every row.  The last line with
# three dashes says which medium failed.
each() {
	local row rows lun=0
	mapfile -t rows < <(grep "^[${FAMILIES:-bd}]" <<< "$MEDIA")
	for row in "${rows[@]}"; do
		lun=$((lun + 1))
		echo "--- $row"
		# shellcheck disable=SC2086 # columns
		"$@" $lun $row
	done
}
count_media() { grep -c '^[bcd]' <<< "$MEDIA"; }

setup() {
	unset MNT STORE
	jb_start --slots 4 --drives "$(count_media)"
	head -c 65536 /dev/urandom > "$BATS_TEST_TMPDIR/32"
	head -c 32768 /dev/urandom > "$BATS_TEST_TMPDIR/16"
}
teardown() { jb_cleanup; }

in_order() { case $1 in cd-rw-packet | dvd-rw-ro | dvd-ram | dvd+rw | bd-re*) false ;; esac }
disc() { echo "$MNT/drives/$(($1 - 1))/$2.$2.iso"; }
is_disc() { getfattr -n user.jukebox.profile "$1" > /dev/null 2>&1; }
state() { getfattr --only-values -n user.jukebox.state "$1"; }
script() { icdb --clear-ua "$(url "$1")" -; }
# insert LUN MEDIUM [CAPACITY]
insert() {
	local in_slot=$MNT/slots/1/$2.$2.iso
	touch "$in_slot"
	wait_for 5 is_disc "$in_slot"
	[ -z "${3:-}" ] || setfattr -n user.jukebox.capacity -v "$3" "$in_slot"
	mv "$in_slot" "$(disc "$1" "$2")"
}
# format LUN DESCRIPTOR...
format() {
	[ $# -gt 1 ] || return 0
	script "$1" <<- END
		out 00 02 00 08 ${*:2} -- 04 11 00 00 00 00
		expect good
	END
}
be32() { printf '%02x %02x %02x %02x' $(($1 >> 24 & 255)) $(($1 >> 16 & 255)) $(($1 >> 8 & 255)) $(($1 & 255)); }
# written LUN LBA FILE [ANSWER]: all of FILE; with ANSWER, or up to 32 sectors, by one command.
written() {
	local n=$(($(stat -c %s "$3") / 2048))
	if [ $n -gt 32 ]; then icdb "$(url "$1")" write "$2" "$3"; return; fi
	script "$1" <<- END
		out $3 -- 2a 00 $(be32 "$2") 00 00 $(printf %02x $n) 00
		expect ${4:-good}
	END
}
holds() { icdb "$(url "$1")" read "$2" $(($(stat -c %s "$3") / 2048)) | cmp - "$3"; }
byte_2_is() {
	script "$1" <<- END
		in 34 51 00 00 00 00 00 00 00 22 00
		expect good
		expect data @2 $2
	END
}
# nwa_is LUN TRACK LBA|none
nwa_is() {
	local info=$BATS_TEST_TMPDIR/track nwa=none
	icdb --clear-ua -r 48 -o "$info" "$(url "$1")" 52 01 "$(printf %08x "$2")" 00 00 30 00
	if [ $(($(od -An -tu1 -j7 -N1 "$info") & 1)) = 1 ]; then
		nwa=$((0x$(od -An -tx1 -j12 -N4 "$info" | tr -d ' ')))
	fi
	echo "track $2 of $1 goes on at $nwa"
	[ "$nwa" = "$3" ]
}
sync_cache() { icdb --clear-ua "$(url "$1")" 35 00 00 00 00 00 00 00 00 00; }
told() { grep "\"event\":\"$1\"" "$MNT/events" | grep -c "\"element\":\"drives/$(($2 - 1))\"" || true; }

# ---- the end of the medium ---------------------------------------------------------------------

# 128 packets of 32 sectors have links of 7 between them.
room_for_4096() { case $1 in cd-rw-packet) echo 4985 ;; *) echo 4096 ;; esac }
runs_into_the_end() { # LUN MEDIUM SECTORS BYTE-2 FORMAT...
	local lun=$1 m=$2
	insert "$lun" "$m" "$(($(room_for_4096 "$m") * 2048))"
	format "$lun" "${@:5}"
	written "$lun" 0 "$BATS_TEST_TMPDIR/image"
	# Half of it would fit: none of it is recorded.
	written "$lun" 4080 "$BATS_TEST_TMPDIR/32" "check 05/21/00"
	byte_2_is "$lun" "$4"
	if in_order "$m"; then nwa_is "$lun" 1 4080; fi
	written "$lun" 4080 "$BATS_TEST_TMPDIR/16"
	written "$lun" 4096 "$BATS_TEST_TMPDIR/16" "check 05/21/00"
	written "$lun" 4096 "$BATS_TEST_TMPDIR/16" "check 05/21/00"
	byte_2_is "$lun" "$4"
	if in_order "$m"; then nwa_is "$lun" 1 none; fi
	holds "$lun" 0 "$BATS_TEST_TMPDIR/image"
	holds "$lun" 4080 "$BATS_TEST_TMPDIR/16"
	[ "$(stat -c %s "$(disc "$lun" "$m")")" = $((4096 * 2048)) ]
	[ "$(told full "$lun")" = 1 ]
}
still_full() { # LUN MEDIUM SECTORS BYTE-2
	byte_2_is "$1" "$4"
	holds "$1" 4080 "$BATS_TEST_TMPDIR/16"
	# It can be ended as it should have been, and is complete then.
	in_order "$2" || return 0
	icdb --clear-ua "$(url "$1")" 5b 00 02 00 00 00 00 00 00 00
	[ "$(state "$(disc "$1" "$2")")" = complete ]
}
@test "a burn that runs into the end of the medium: full, not complete, told once; complete when closed" {
	head -c $((4080 * 2048)) /dev/urandom > "$BATS_TEST_TMPDIR/image"
	FAMILIES=bcd each runs_into_the_end
	jb_restart
	each still_full
	jb_stop
}

# ---- the real capacity -------------------------------------------------------------------------

# On what is written in order all but the last 16 blocks is reserved: a burn of the whole disc, less
# the gigabytes.
holds_all_of_it() { # LUN MEDIUM SECTORS BYTE-2 FORMAT...
	local lun=$1 m=$2 last=$(($3 - 32)) before track=1
	insert "$lun" "$m"
	format "$lun" "${@:5}"
	if in_order "$m"; then
		track=2
		icdb --clear-ua "$(url "$lun")" 53 00 00 00 00 "$(be32 "$last" | tr -d ' ')" 00
		nwa_is "$lun" 1 0
		nwa_is "$lun" 2 "$last"
	fi
	written "$lun" "$last" "$BATS_TEST_TMPDIR/32"
	if in_order "$m"; then nwa_is "$lun" 2 none; fi
	written "$lun" "$3" "$BATS_TEST_TMPDIR/16" "check 05/21/00"
	byte_2_is "$lun" "$4"
	holds "$lun" "$last" "$BATS_TEST_TMPDIR/32"
	[ "$(stat -c %s "$(disc "$lun" "$m")")" = $(($3 * 2048)) ]
	[ "$(du -sk "$STORE/drives/$((lun - 1))" | cut -f1)" -lt 2000 ]
}
@test "every medium holds what a real one holds, to the last sector, and costs what is written" {
	each holds_all_of_it
	jb_stop
}

# ---- the session is lost -----------------------------------------------------------------------

# The disc was recorded up to sector 64 and made durable, then up to 96.
begun() { # LUN MEDIUM SECTORS BYTE-2 FORMAT...
	insert "$1" "$2"
	format "$1" "${@:5}"
	written "$1" 0 "$BATS_TEST_TMPDIR/32"
	written "$1" 32 "$BATS_TEST_TMPDIR/32"
	sync_cache "$1"
}
loses_session() { # LUN MEDIUM SECTORS BYTE-2 FORMAT...
	begun "$@"
	echo "lose-session 80- count 1" > "$MNT/ctl/drives/$(($1 - 1))/fault"
	local before
	before=$(grep -c 'ends without a logout' "$JBLOG") || true
	run icdb -t 20 "$(url "$1")" - <<- END
		clear-ua
		none 1e 00 00 00 01 00
		expect good
		out $BATS_TEST_TMPDIR/16 -- 2a 00 00 00 00 40 00 00 10 00
		expect good
		out $BATS_TEST_TMPDIR/16 -- 2a 00 00 00 00 50 00 00 10 00
		echo still there
	END
	[ "$status" != 0 ]
	[[ $output != *"still there"* ]]
	wait_for 10 '[ "$(cat "$MNT/ctl/drives/'$(($1 - 1))'/locked")" = 0 ]'
	wait_for 10 '[ "$(grep -c "ends without a logout" "$JBLOG")" -gt '"$before"' ]'
	byte_2_is "$1" "$4"
	holds "$1" 64 "$BATS_TEST_TMPDIR/16"
	goes_on "$@"
}
# The same burn goes on in another session, and is closed.
goes_on() {
	local at=80
	if in_order "$2"; then nwa_is "$1" 1 80; fi
	written "$1" $at "$BATS_TEST_TMPDIR/16"
	sync_cache "$1"
	holds "$1" 0 "$BATS_TEST_TMPDIR/32"
	holds "$1" 32 "$BATS_TEST_TMPDIR/32"
	holds "$1" $at "$BATS_TEST_TMPDIR/16"
	byte_2_is "$1" "$4"
	in_order "$2" || return 0
	icdb --clear-ua "$(url "$1")" 5b 00 02 00 00 00 00 00 00 00
	[ "$(state "$(disc "$1" "$2")")" != blank ]
}
@test "a burn whose session is lost: as far as it was written, unlocked, and it goes on" {
	each loses_session
	jb_stop
}

# ---- the daemon is killed ----------------------------------------------------------------------

unsynced() {
	begun "$@"
	written "$1" 64 "$BATS_TEST_TMPDIR/16"
}
as_it_was_synced() { # LUN MEDIUM SECTORS BYTE-2 FORMAT...
	local lun=$1 m=$2
	byte_2_is "$lun" "$4"
	[ "$(state "$(disc "$lun" "$m")")" != complete ] || ! in_order "$m"
	holds "$lun" 0 "$BATS_TEST_TMPDIR/32"
	holds "$lun" 32 "$BATS_TEST_TMPDIR/32"
	if in_order "$m"; then
		nwa_is "$lun" 1 64
		grep -q "$m.$m.iso: a burn was cut off: its last 16 sectors were not synced" "$JBLOG"
		grep -q "$m.$m.iso: a session is open, and goes on at sector 64" "$JBLOG"
		[ "$(stat -c %s "$(disc "$lun" "$m")")" = $((64 * 2048)) ]
	fi
	written "$lun" 64 "$BATS_TEST_TMPDIR/16"
	sync_cache "$lun"
	goes_on "$@"
}
@test "kill -9 during a burn: recorded up to the last sync, appendable, said so, and it goes on" {
	each unsynced
	jb_kill9
	jb_restart
	each as_it_was_synced
	jb_stop
}

# ---- 50 GB -------------------------------------------------------------------------------------

# What the daemon has read from files and sockets so far.
bytes_read() { awk '/^rchar/ { print $2 }' "/proc/$JBPID/io"; }
@test "BD-R DL of 50 GB: the store takes what the data takes; start and moves read none of it" {
	local empty full before f=$MNT/slots/1/BIG.bd-r-dl.iso
	touch "$f"
	wait_for 5 is_disc "$f"
	jb_restart
	empty=$(bytes_read)
	mv "$f" "$MNT/drives/0/"
	icdb --clear-ua "$(url 1)" 53 00 00 00 00 "$(be32 24438752 | tr -d ' ')" 00
	written 1 0 "$BATS_TEST_TMPDIR/32"
	written 1 24438752 "$BATS_TEST_TMPDIR/32"
	mv "$MNT/drives/0/BIG.bd-r-dl.iso" "$f"
	[ "$(stat -c %s "$f")" = $((24438784 * 2048)) ]
	[ "$(stat -c %b "$f")" -lt 2000 ]
	[ "$(du -sk "$STORE/slots/1" | cut -f1)" -lt 1000 ]
	jb_restart
	full=$(bytes_read)
	echo "read at start: $empty with the blank, $full with 50 GB"
	[ "$full" -lt $((empty + 65536)) ]
	before=$(bytes_read)
	mv "$f" "$MNT/slots/2/"
	mv "$MNT/slots/2/BIG.bd-r-dl.iso" "$MNT/drives/0/"
	mv "$MNT/drives/0/BIG.bd-r-dl.iso" "$f"
	echo "read by three moves: $(($(bytes_read) - before))"
	[ $(($(bytes_read) - before)) -lt 262144 ]
	[ "$(find "$STORE" -name 'image.*' -size +1G | wc -l)" = 1 ]
	mv "$f" "$MNT/drives/0/"
	holds 1 24438752 "$BATS_TEST_TMPDIR/32"
	jb_stop
}
