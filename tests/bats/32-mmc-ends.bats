#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests burns that end before the initiator closes the disc: the medium is full, the session is lost, or the
# daemon is killed.  The tests are the same for each medium; its row of MEDIA has what differs.

load lib
load mmc

# Columns: MEDIUM; number of sectors of a real disc that programs can use; byte 2 of READ DISC INFORMATION
# while the disc is being recorded and is not closed (MMC-6 6.22.3.1.4); the FORMAT UNIT descriptor that it
# needs before it takes data.
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
# A flush ends the track of a CD, because only a closed track can be durable. So some tests differ for CDs.
# Tests of session at once are in 33-mmc-cd.bats.
# each WORDS...: calls the command WORDS with the LUN of a drive and the columns of a row, for every row of
# MEDIA.  If it fails, the last line with three dashes says which medium failed.
each() {
	local row rows lun=0
	mapfile -t rows < <(grep -E "^(${FAMILIES:-[bcd]})" <<< "$MEDIA")
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

# is_cd MEDIUM: is it a CD that is written in order?
is_cd() { case $1 in cd-r | cd-rw) ;; *) false ;; esac }
in_order() { case $1 in cd-rw-packet | dvd-rw-ro | dvd-ram | dvd+rw | bd-re*) false ;; esac }
disc() { echo "$MNT/drives/$(($1 - 1))/$2.$2.iso"; }
attr_is() { [ "$("$BUILD/tools/attrs" "$1" "$2")" = "$3" ]; }
# insert LUN MEDIUM [CAPACITY]: makes a blank and moves it into the drive
insert() {
	local in_slot=$MNT/slots/1/$2.$2.iso
	blank "$in_slot"
	[ -z "${3:-}" ] || setfattr -n user.jukebox.capacity -v "$3" "$in_slot"
	mv "$in_slot" "$(disc "$1" "$2")"
}
# format LUN DESCRIPTOR...: sends FORMAT UNIT; without a descriptor does nothing
format() {
	[ $# -gt 1 ] || return 0
	script "$1" <<- END
		out 00 02 00 08 ${*:2} -- 04 11 00 00 00 00
		expect good
	END
}
# written LUN LBA FILE [ANSWER]: writes FILE; expects ANSWER (good). A FILE named 16 or 32 has that many
# sectors and is written by one command.
written() {
	local n=${3##*/} lba
	case $n in
	16 | 32) ;;
	*) "$BUILD/tools/icdb" "iscsi://$PORTAL/$IQN/$1" write "$2" "$3"; return ;;
	esac
	printf -v lba '%08x 00 00 %02x' "$2" "$n"
	script "$1" <<- END
		out $3 -- 2a 00 $lba 00
		expect ${4:-good}
	END
}
holds() {
	local n=${3##*/}
	[ "$n" -gt 0 ] 2> /dev/null || n=$(($(stat -c %s "$3") / 2048))
	"$BUILD/tools/icdb" "iscsi://$PORTAL/$IQN/$1" read "$2" "$n" | cmp - "$3"
}
# recorded LUN MEDIUM: checks that the disc has the state of a disc that is being recorded
recorded() {
	case $2 in
	dvd-ram) status_is "$1" random-access ;;
	*) if in_order "$2"; then status_is "$1" appendable; else status_is "$1" complete; fi ;;
	esac
}

# ---- the end of the medium ---------------------------------------------------------------------

runs_into_the_end() { # LUN MEDIUM SECTORS BYTE-2 FORMAT...
	local lun=$1 m=$2
	insert "$lun" "$m" $((4096 * 2048))
	format "$lun" "${@:5}"
	written "$lun" 0 "$BATS_TEST_TMPDIR/image"
	# Half of it would fit, but nothing of it is recorded.
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
	[ "$(grep -c "$m.$m.iso: a burn has more to write than the medium holds, 4096 sectors" "$JBLOG")" = 1 ]
	recorded "$lun" "$m"
}
still_full() { # LUN MEDIUM SECTORS BYTE-2
	byte_2_is "$1" "$4"
	holds "$1" 4080 "$BATS_TEST_TMPDIR/16"
	# The session can still be closed; then the disc is complete.
	in_order "$2" || return 0
	close_session "$1"
	attr_is state "$(disc "$1" "$2")" complete
}
@test "a burn that runs into the end of the medium: full, not complete, told once; complete when closed" {
	head -c $((4080 * 2048)) /dev/urandom > "$BATS_TEST_TMPDIR/image"
	each runs_into_the_end
	jb_restart
	each still_full
	jb_stop
}

# ---- the real capacity -------------------------------------------------------------------------

# A medium that is written in order: reserves all but the last 32 sectors, so that a burn of the whole disc
# needs no gigabytes.
holds_all_of_it() { # LUN MEDIUM SECTORS BYTE-2 FORMAT...
	local lun=$1 m=$2 last=$(($3 - 32)) before track=1
	insert "$lun" "$m"
	format "$lun" "${@:5}"
	if in_order "$m"; then
		track=2
		icdb --clear-ua "$(url "$lun")" 53 00 00 00 00 "$(be32 "$last")" 00
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
@test "every medium holds as many sectors as a real one, and takes only the space of what is written" {
	FAMILIES='[bd]|cd-rw-packet' each holds_all_of_it
	jb_stop
}

# A CD cannot reserve the rest of its sectors, so all of it is burned. Most of the data is zeros, which take
# no space in the store.
holds_all_of_a_cd() { # LUN MEDIUM SECTORS BYTE-2
	insert "$1" "$2"
	written "$1" 0 "$BATS_TEST_TMPDIR/full"
	nwa_is "$1" 1 none
	written "$1" "$3" "$BATS_TEST_TMPDIR/16" "check 05/21/00"
	byte_2_is "$1" "$4"
	sync_cache "$1"
	close_session "$1"
	run icdb "$(url "$1")" capacity
	[ "${lines[-1]}" = "$(($3 - 1)) 2048" ]
	cmp "$(disc "$1" "$2")" "$BATS_TEST_TMPDIR/full"
	[ "$(du -sk "$STORE/drives/$(($1 - 1))" | cut -f1)" -lt 2000 ]
	recorded_all "$@"
}
# Checks that a disc without free sectors is complete.
recorded_all() {
	byte_2_is "$1" $((${4:0:1}))e
	status_is "$1" complete
}
@test "a CD of 80 minutes, from its first sector to its last, and no more" {
	truncate -s $((359849 * 2048)) "$BATS_TEST_TMPDIR/full"
	for at in 0 100000 359833; do
		dd if="$BATS_TEST_TMPDIR/16" of="$BATS_TEST_TMPDIR/full" bs=2048 seek=$at conv=notrunc status=none
	done
	FAMILIES='cd-rw? ' each holds_all_of_a_cd
	jb_stop
}

# ---- the session is lost -----------------------------------------------------------------------

# Records the disc up to sector 64 and makes that durable. lost_at_80 then records up to sector 80.
begun() { # LUN MEDIUM SECTORS BYTE-2 FORMAT...
	insert "$1" "$2"
	format "$1" "${@:5}"
	written "$1" 0 "$BATS_TEST_TMPDIR/32"
	written "$1" 32 "$BATS_TEST_TMPDIR/32"
	is_cd "$2" || sync_cache "$1"
}
lost_at_80() {
	lose_session "$1" 80- <<- END
		out $BATS_TEST_TMPDIR/16 -- 2a 00 00 00 00 40 00 00 10 00
		expect good
		out $BATS_TEST_TMPDIR/16 -- 2a 00 00 00 00 50 00 00 10 00
	END
}
loses_session() { # LUN MEDIUM SECTORS BYTE-2 FORMAT...
	begun "$@"
	lost_at_80 "$1"
	recorded "$1" "$2"
	byte_2_is "$1" "$4"
	holds "$1" 64 "$BATS_TEST_TMPDIR/16"
	goes_on "$@"
}
# Checks that the burn can be continued in another session, and closed.
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
	close_session "$1"
	! attr_is state "$(disc "$1" "$2")" blank || return 1
}
@test "a burn whose session is lost: the data is there, the drive unlocked, events tell, and it goes on" {
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
	[ "$(told error "$lun")" = 1 ]
	grep '"event":"error"' "$MNT/events" | grep "drives/$((lun - 1))\"" | grep -qF "$(sentence CUT_OFF)"
	recorded "$lun" "$m"
	holds "$lun" 0 "$BATS_TEST_TMPDIR/32"
	holds "$lun" 32 "$BATS_TEST_TMPDIR/32"
	if in_order "$m"; then
		nwa_is "$lun" 1 64
		grep -q "$m.$m.iso: a burn was cut off: its last 16 sectors were not synced" "$JBLOG"
		grep -q "$m.$m.iso: a session is open, and continues at sector 64" "$JBLOG"
		[ "$(stat -c %s "$(disc "$lun" "$m")")" = $((64 * 2048)) ]
	else
		grep -q "$m.$m.iso: a write was cut off: data that was not synced may be lost" "$JBLOG"
	fi
	written "$lun" 64 "$BATS_TEST_TMPDIR/16"
	sync_cache "$lun"
	goes_on "$@"
}
@test "kill -9 during a burn: recorded up to the last sync, appendable, said so, and it goes on" {
	FAMILIES='[bd]|cd-rw-packet' each unsynced
	jb_kill9
	jb_restart
	FAMILIES='[bd]|cd-rw-packet' each as_it_was_synced
	jb_stop
}

# Flushes the first track of a CD; the second track is not flushed.
cd_unsynced() {
	begun "$@"
	sync_cache "$1"
	nwa_is "$1" 2 214
	written "$1" 214 "$BATS_TEST_TMPDIR/16"
}
cd_as_it_was_flushed() { # LUN MEDIUM SECTORS BYTE-2
	byte_2_is "$1" "$4"
	recorded "$1" "$2"
	holds "$1" 0 "$BATS_TEST_TMPDIR/32"
	holds "$1" 32 "$BATS_TEST_TMPDIR/32"
	nwa_is "$1" 1 none
	nwa_is "$1" 2 214
	[ "$(told error "$1")" = 1 ]
	grep -q "$2.$2.iso: a burn was cut off: its last" "$JBLOG"
	grep -q "$2.$2.iso: a session is open, and continues at sector 214" "$JBLOG"
	written "$1" 214 "$BATS_TEST_TMPDIR/16"
	sync_cache "$1"
	close_session "$1"
	holds "$1" 214 "$BATS_TEST_TMPDIR/16"
	attr_is tracks "$(disc "$1" "$2")" 3
}
@test "kill -9 during the second track of a CD: the first is there, said so, and it goes on" {
	FAMILIES='cd-rw? ' each cd_unsynced
	jb_kill9
	jb_restart
	FAMILIES='cd-rw? ' each cd_as_it_was_flushed
	jb_stop
}

# ---- disc at once ------------------------------------------------------------------------------

# DVD-R and DVD-RW. Mode page 05h is set to disc at once, and 96 sectors are reserved, which are the whole
# disc.
AT_ONCE='dvd-r(-dl|w)? '
begun_at_once() { # LUN MEDIUM
	page 42 05 08 "$1"
	script "$1" <<- END
		none 53 00 00 00 00 00 00 00 60 00
		expect good
	END
	written "$1" 0 "$BATS_TEST_TMPDIR/32"
	written "$1" 32 "$BATS_TEST_TMPDIR/32"
}
open_at() { # LBA LUN MEDIUM SECTORS BYTE-2
	byte_2_is "$2" "$5"
	status_is "$2" appendable
	attr_is nwa "$(disc "$2" "$3")" "$1"
	holds "$2" 0 "$BATS_TEST_TMPDIR/32"
	holds "$2" 32 "$BATS_TEST_TMPDIR/32"
	script "$2" <<- END
		# track 1 of session 1, reserved, packets of mode 1; its start, next writable address and free
		# blocks
		in 48 52 01 00 00 00 01 00 00 30 00
		expect good
		expect data 002e 01 01 00 04 a1 03 00000000 $(be32 "$1") $(be32 $((96 - $1))) 00000010 00000060 $(be32 $(($1 - 1)))
		in 12 43 00 00 00 00 00 00 00 0c 00
		expect check 05/24/00
		in 2048 28 00 $(be32 "$1") 00 00 01 00
		expect check 05/21/00
		none 5b 00 02 00 00 00 00 00 00 00
		expect check 05/72/03
	END
}
# ends_at_once FROM LUN MEDIUM SECTORS BYTE-2: writes the rest of the reservation, and flushes, which ends the
# session
ends_at_once() {
	local at
	for ((at = $1; at < 96; at += 16)); do written "$2" $at "$BATS_TEST_TMPDIR/16"; done
	byte_2_is "$2" "$5"
	sync_cache "$2"
	byte_2_is "$2" "${5:0:1}e"
	status_is "$2" complete
	holds "$2" 80 "$BATS_TEST_TMPDIR/16"
	[ "$(stat -c %s "$(disc "$2" "$3")")" = $((96 * 2048)) ]
}
loses_it_and_ends() {
	insert "$1" "$2"
	begun_at_once "$1"
	lost_at_80 "$1"
	open_at 80 "$@"
	ends_at_once 80 "$@"
}
@test "disc at once whose session is lost: as far as it was written, and it goes on to its end" {
	FAMILIES=$AT_ONCE each loses_it_and_ends
	jb_stop
}

# Closes the disc as it is, padded up to the reservation. A disc that can be blanked is blanked and burned
# again.
loses_it_for_good() {
	insert "$1" "$2"
	begun_at_once "$1"
	lost_at_80 "$1"
	if [ "$2" = dvd-rw ]; then
		blanked_and_done_again 10 "$@"
		return
	fi
	close_track 1 "$1"
	close_session "$1"
	byte_2_is "$1" 0e
	holds "$1" 64 "$BATS_TEST_TMPDIR/16"
	[ "$(icdb "$(url "$1")" read 80 16 | tr -d '\0' | wc -c)" = 0 ]
}
blanked_and_done_again() { # TYPE LUN MEDIUM SECTORS BYTE-2
	script "$2" <<- END
		none a1 $1 00 00 00 00 00 00 00 00 00 00
		expect good
	END
	byte_2_is "$2" 10
	begun_at_once "$2"
	ends_at_once 64 "${@:2}"
}
@test "disc at once whose session is lost: closed as it is, or blanked and burned again" {
	FAMILIES=$AT_ONCE each loses_it_for_good
	jb_stop
}

at_once_unsynced() {
	insert "$1" "$2"
	begun_at_once "$1"
	sync_cache "$1"
	written "$1" 64 "$BATS_TEST_TMPDIR/16"
}
at_once_as_it_was_synced() {
	[ "$(told error "$1")" = 1 ]
	grep -q "$2.$2.iso: a burn was cut off: its last 16 sectors were not synced" "$JBLOG"
	grep -q "$2.$2.iso: a session is open, and continues at sector 64" "$JBLOG"
	open_at 64 "$@"
	if [ "$2" = dvd-rw ]; then
		blanked_and_done_again 11 "$@"
		return
	fi
	page 42 05 08 "$1"
	ends_at_once 64 "$@"
}
@test "kill -9 during disc at once: recorded up to the last sync, and it goes on, or is blanked" {
	FAMILIES=$AT_ONCE each at_once_unsynced
	jb_kill9
	jb_restart
	FAMILIES=$AT_ONCE each at_once_as_it_was_synced
	jb_stop
}

reserves_too_much() { # LUN MEDIUM SECTORS BYTE-2
	insert "$1" "$2"
	page 42 05 08 "$1"
	script "$1" <<- END
		none 53 00 00 00 00 $(be32 $(($3 + 1))) 00
		expect check 05/21/00
		none 53 00 00 00 00 $(be32 $(($3 + 1))) 00
		expect check 05/21/00
	END
	byte_2_is "$1" "${4:0:1}0"
	status_is "$1" blank
	[ "$(told full "$1")" = 1 ]
	grep -q "$2.$2.iso: a burn has more to write than the medium holds, $3 sectors" "$JBLOG"
	script "$1" <<- END
		none 53 00 00 00 00 $(be32 "$3") 00
		expect good
	END
	byte_2_is "$1" "$4"
	nwa_is "$1" 1 0
}
@test "a reservation of more than the disc is refused, and told once; the disc stays blank" {
	FAMILIES=$AT_ONCE each reserves_too_much
	jb_stop
}

# ---- the daemon is killed while a disc is blanked or formatted ------------------------------------

# Columns: MEDIUM; the command that is sent to it, in icdb's words.
REWRITES='
cd-rw     none a1 11 00 00 00 00 00 00 00 00 00 00
cd-rw     none a1 10 00 00 00 00 00 00 00 00 00 00
dvd-rw    none a1 11 00 00 00 00 00 00 00 00 00 00
dvd-rw    out 00 02 00 08 ff ff ff ff 54 00 00 00 -- 04 11 00 00 00 00
dvd-ram   out 00 02 00 08 ff ff ff ff 00 00 00 00 -- 04 11 00 00 00 00
dvd+rw    out 00 02 00 08 ff ff ff ff 98 00 00 00 -- 04 11 00 00 00 00
bd-re     out 00 02 00 08 00 b4 74 00 c0 00 00 00 -- 04 11 00 00 00 00
'
each_rewrite() { # WORDS...: with a LUN, a medium, and the line of that row
	local m line lun=0
	while read -r m line; do
		[ -n "$m" ] || continue
		lun=$((lun + 1))
		echo "--- $m $line"
		"$@" $lun "$m" "$line"
	done <<< "$REWRITES"
}
held() { # what is written is held, and durable
	insert "$1" "$2"
	case $2 in dvd+rw | bd-re) script "$1" <<< "$3" ;; esac
	written "$1" 0 "$BATS_TEST_TMPDIR/32"
	sync_cache "$1"
}
rewritten_slowly() {
	echo "slow 60s" > "$MNT/ctl/drives/$(($1 - 1))/fault"
	icdb -t 90 --clear-ua "$(url "$1")" - <<< "$3" > "$BATS_TEST_TMPDIR/slow.$1" 2>&1 3>&- &
	wait_for 60 '[[ $(< "$MNT/ctl/drives/'$(($1 - 1))'/fault") == *"fired 1" ]]'
}
is_old() {
	holds "$1" 0 "$BATS_TEST_TMPDIR/32"
	[ "$(stat -c %s "$(disc "$1" "$2")")" = 65536 ]
	[ "$(ls "$STORE/drives/$(($1 - 1))/$2.$2.iso" | wc -l)" = 2 ]
}
rewritten() {
	script "$1" <<- END
		$3
		expect good
	END
}
is_new() {
	[ "$(stat -c %s "$(disc "$1" "$2")")" = 0 ]
	[ "$(ls "$STORE/drives/$(($1 - 1))/$2.$2.iso" | wc -l)" = 2 ]
	case $2,$3 in
	*,none*) byte_2_is "$1" 10 ;;
	dvd-ram,*) byte_2_is "$1" 1f ;;
	*) byte_2_is "$1" 1e ;;
	esac
	case $2,$3 in
	*,none*) ;;
	*) [ "$(icdb "$(url "$1")" read 0 32 | tr -d '\0' | wc -c)" = 0 ] ;;
	esac
	written "$1" 0 "$BATS_TEST_TMPDIR/16"
	holds "$1" 0 "$BATS_TEST_TMPDIR/16"
}
@test "kill -9 while discs are blanked and formatted leaves the old discs, after the answer the new ones" {
	each_rewrite held
	each_rewrite rewritten_slowly
	jb_kill9
	jb_restart
	each_rewrite is_old
	each_rewrite rewritten
	jb_kill9
	jb_restart
	each_rewrite is_new
	jb_stop
}

# tests/unit/model/test_crash_disc.c tests the steps in between. This is what the daemon reports.
@test "the new image of an interrupted format is removed, and the log tells" {
	held 1 dvd-rw
	jb_kill9
	: > "$STORE/drives/0/dvd-rw.dvd-rw.iso/image.2"
	jb_restart
	is_old 1 dvd-rw
	grep -q "dvd-rw.dvd-rw.iso: writing its new content was cut off: the disc is as before" "$JBLOG"
	[ "$(told error 1)" = 1 ]
	jb_stop
}

# ---- 50 GB -------------------------------------------------------------------------------------

# Prints how many bytes the daemon has read from files and sockets so far.
bytes_read() { awk '/^rchar/ { print $2 }' "/proc/$JBPID/io"; }
@test "BD-R DL of 50 GB: the store takes only the space of its data; start and moves do not read it" {
	local empty full before f=$MNT/slots/1/BIG.bd-r-dl.iso
	blank "$f"
	jb_restart
	empty=$(bytes_read)
	mv "$f" "$MNT/drives/0/"
	icdb --clear-ua "$(url 1)" 53 00 00 00 00 "$(be32 24438752)" 00
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
