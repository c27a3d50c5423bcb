#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Burns CD-R and CD-RW over iSCSI with single commands, track at once and session at once.  Tests what the
# mount shows of them, and what is left after a kill.

load lib
load mmc

setup() {
	unset MNT STORE
	jb_start --slots 4 --drives 1
	IMAGE=$BATS_TEST_TMPDIR/image.iso
	iso "$IMAGE" 2 CD_TEST
	head -c 32768 "$IMAGE" > "$BATS_TEST_TMPDIR/16"
	head -c 16384 "$IMAGE" > "$BATS_TEST_TMPDIR/8"
	head -c 307200 /dev/zero > "$BATS_TEST_TMPDIR/pause"
}
teardown() { jb_cleanup; }

insert() { blank "$MNT/drives/0/D.$1.iso"; }
attr() { getfattr --only-values -n "user.jukebox.$2" "$MNT/drives/0/D.$1.iso"; }
# cue [MINUTE SECOND FRAME]: a script that sends a sheet of one track, of 16 sectors, or up to this address
cue() {
	echo "out 41 00 00 14 00 00 00 00 41 01 00 10 00 00 00 00 41 01 01 10 00 00 02 00 41 aa 01 14 00 ${*:-00 02 10} -- 5d 00 00 00 00 00 00 00 20 00"
}
pause() {
	echo "out $BATS_TEST_TMPDIR/pause -- 2a 00 ff ff ff 6a 00 00 96 00"
	echo expect good
}
sheet() {
	script <<- END
		$(cue)
		expect good
		$(pause)
	END
}
burn_at_once() {
	page 42 04
	sheet
	send - <<- END
		out $BATS_TEST_TMPDIR/16 -- 2a 00 00 00 00 00 00 00 10 00
		expect good
		none 35 00 00 00 00 00 00 00 00 00
		expect good
	END
}

@test "a track at once ends with a flush, its session with a close" {
	insert cd-r
	page 41 c4
	send - <<- END
		out $BATS_TEST_TMPDIR/16 -- 2a 00 00 00 00 00 00 00 10 00
		expect good
		none 35 00 00 00 00 00 00 00 00 00
		expect good
		none 5b 00 02 00 00 00 00 00 00 00
		expect good
	END
	[ "$(attr cd-r sessions)" = 2 ]
	[ "$(attr cd-r nwa)" = $((16 + 11400)) ]
	cmp "$MNT/drives/0/D.cd-r.iso" "$BATS_TEST_TMPDIR/16"
}

@test "a session at once by its cue sheet; a plain image in the mount" {
	insert cd-r
	burn_at_once
	send - <<- END
		out $BATS_TEST_TMPDIR/16 -- 2a 00 00 00 00 10 00 00 10 00
		expect check 05/30/05
	END
	[ "$(attr cd-r state)" = complete ]
	cmp "$MNT/drives/0/D.cd-r.iso" "$BATS_TEST_TMPDIR/16"
	mv "$MNT/drives/0/D.cd-r.iso" "$MNT/slots/1/"
	cmp "$MNT/slots/1/D.cd-r.iso" "$BATS_TEST_TMPDIR/16"
}

@test "a test write leaves a blank" {
	insert cd-rw
	page 51 04
	send - <<- END
		out $BATS_TEST_TMPDIR/16 -- 2a 00 00 00 00 00 00 00 10 00
		expect good
		none 35 00 00 00 00 00 00 00 00 00
		expect good
		none 5b 00 02 00 00 00 00 00 00 00
		expect good
	END
	[ "$(attr cd-rw state)" = blank ]
	[ ! -s "$MNT/drives/0/D.cd-rw.iso" ]
}

# ---- a session at once that nobody ends ----------------------------------------------------------

# open_at_8 MEDIUM: checks what an initiator sees of a session of 16 sectors when 8 of them are recorded
open_at_8() {
	byte_2_is 1 "$(byte_of "$1" 5)"
	status_is 1 appendable
	[ "$(attr "$1" nwa)" = 8 ]
	cmp "$MNT/drives/0/D.$1.iso" "$BATS_TEST_TMPDIR/8"
	page 42 04
	send - <<- END
		# reserved, mode 1, both addresses valid: start, next, free, blocks of 1, size, last recorded
		in 48 52 01 00 00 00 01 00 00 30 00
		expect good
		expect data 002e 01 01 00 04 81 03 00000000 00000008 00000008 00000001 00000010 00000007
		in 12 43 00 00 00 00 00 00 00 0c 00
		expect check 05/24/00
		in 16384 28 00 00 00 00 00 00 00 08 00
		expect good
		save $BATS_TEST_TMPDIR/read
		in 2048 28 00 00 00 00 08 00 00 01 00
		expect check 05/21/00
		# CURRENT SESSION NOT FIXATED FOR APPEND
		$(cue)
		expect check 05/30/09
		# SESSION FIXATION ERROR - INCOMPLETE TRACK IN SESSION
		none 5b 00 02 00 00 00 00 00 00 00
		expect check 05/72/03
	END
	cmp "$BATS_TEST_TMPDIR/read" "$BATS_TEST_TMPDIR/8"
}
# blanked_and_burned TYPE: blanks a part or all of the disc, and burns it once more
blanked_and_burned() {
	send - <<- END
		none a1 $1 00 00 00 00 00 00 00 00 00 00
		expect good
	END
	byte_2_is 1 10
	status_is 1 blank
	burn_at_once
	byte_2_is 1 1e
	status_is 1 complete
	cmp "$MNT/drives/0/D.cd-rw.iso" "$BATS_TEST_TMPDIR/16"
}
closed_as_it_is() {
	page 41 c4
	close_track 1
	close_session
	[ "$(attr "$1" sessions)" = 2 ]
	cmp -n 16384 "$MNT/drives/0/D.$1.iso" "$BATS_TEST_TMPDIR/8"
	[ "$(stat -c %s "$MNT/drives/0/D.$1.iso")" = 32768 ]
}
lost_at_8() {
	insert "$1"
	page 42 04
	sheet
	lose_session 1 8 <<- END
		out $BATS_TEST_TMPDIR/8 -- 2a 00 00 00 00 00 00 00 08 00
		expect good
		out $BATS_TEST_TMPDIR/8 -- 2a 00 00 00 00 08 00 00 08 00
	END
	open_at_8 "$1"
}

@test "a session at once whose initiator is lost goes on by its sheet" {
	local m
	tail -c 16384 "$BATS_TEST_TMPDIR/16" > "$BATS_TEST_TMPDIR/rest"
	for m in cd-r cd-rw; do
		lost_at_8 $m
		send - <<- END
			out $BATS_TEST_TMPDIR/rest -- 2a 00 00 00 00 08 00 00 08 00
			expect good
			none 35 00 00 00 00 00 00 00 00 00
			expect good
		END
		byte_2_is 1 "$(byte_of $m e)"
		status_is 1 complete
		cmp "$MNT/drives/0/D.$m.iso" "$BATS_TEST_TMPDIR/16"
		rm "$MNT/drives/0/D.$m.iso"
	done
	[ "$(told finalized 1)" = 2 ]
}

@test "a session at once whose initiator is lost is closed as it is, or its CD-RW blanked and burned" {
	lost_at_8 cd-r
	closed_as_it_is cd-r
	rm "$MNT/drives/0/D.cd-r.iso"
	lost_at_8 cd-rw
	blanked_and_burned 11
	rm "$MNT/drives/0/D.cd-rw.iso"
	lost_at_8 cd-rw
	blanked_and_burned 10
}

@test "a session at once after a kill: flushed sectors are there; it is closed, or blanked and burned" {
	local m
	for m in cd-r cd-rw; do
		insert $m
		page 42 04
		sheet
		send - <<- END
			out $BATS_TEST_TMPDIR/8 -- 2a 00 00 00 00 00 00 00 08 00
			expect good
			none 35 00 00 00 00 00 00 00 00 00
			expect good
			out $BATS_TEST_TMPDIR/8 -- 2a 00 00 00 00 08 00 00 04 00
			expect good
		END
		jb_kill9
		jb_restart
		grep -q "D.$m.iso: a burn was cut off: its last 4 sectors were not synced" "$JBLOG"
		grep -q "D.$m.iso: a session is open, and continues at sector 8" "$JBLOG"
		[ "$(told error 1)" = 1 ]
		open_at_8 $m
		case $m in
		cd-r) closed_as_it_is $m ;;
		cd-rw) blanked_and_burned 11 ;;
		esac
		rm "$MNT/drives/0/D.$m.iso"
	done
}

@test "a sheet of more than the disc holds is refused, and told once; the disc stays blank" {
	local m
	for m in cd-r cd-rw; do
		insert $m
		page 42 04
		send - <<- END
			$(cue 50 00 00)
			expect check 05/21/00
			# There is no frame 75.
			$(cue 4f 3b 4b)
			expect check 05/26/00
			# Writes nothing, because no sheet was sent.
			out $BATS_TEST_TMPDIR/pause -- 2a 00 ff ff ff 6a 00 00 96 00
			expect check 05/2c/00
		END
		byte_2_is 1 "$(byte_of $m 0)"
		status_is 1 blank
		grep -q "D.$m.iso: a burn has more to write than the medium holds, 359849 sectors" "$JBLOG"
		# Up to its last sector.
		send - <<- END
			$(cue 4f 3b 4a)
			expect good
		END
		rm "$MNT/drives/0/D.$m.iso"
	done
	[ "$(told full 1)" = 2 ]
}

@test "a CD-RW is blanked, in part and in all" {
	insert cd-rw
	page 41 c4
	for _ in 1 2; do
		send - <<- END
			out $BATS_TEST_TMPDIR/16 -- 2a 00 00 00 00 00 00 00 10 00
			expect good
			none 5b 00 02 00 00 00 00 00 00 00
			expect good
		END
		[ "$(attr cd-rw sessions)" = 2 ]
		send - <<- END
			none a1 16 00 00 00 00 00 00 00 00 00 00
			expect good
		END
		[ "$(attr cd-rw state)" = blank ]
	done
	send - <<- END
		out $BATS_TEST_TMPDIR/16 -- 2a 00 00 00 00 00 00 00 10 00
		expect good
		none a1 10 00 00 00 00 00 00 00 00 00 00
		expect good
	END
	[ "$(attr cd-rw state)" = blank ]
	[ ! -s "$MNT/drives/0/D.cd-rw.iso" ]
	# The drive does not support packets of variable length.
	send - <<- END
		out 00 00 00 00 00 00 00 00 05 32 40 c5 08 00 00 00 00 00 00 00 00 00 00 96 00000000000000000000000000000000000000000000000000000000000000000000000000 -- 55 10 00 00 00 00 00 00 3c 00
		expect check 05/26/00
	END
}
