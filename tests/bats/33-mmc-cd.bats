#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# CD-R and CD-RW over iSCSI by hand: tracks and sessions at once, what the mount shows of them, and
# what a kill leaves of one.

load lib

setup() {
	unset MNT STORE
	jb_start --slots 4 --drives 1
	IMAGE=$BATS_TEST_TMPDIR/image.iso
	iso "$IMAGE" 2 CD_TEST
	head -c 32768 "$IMAGE" > "$BATS_TEST_TMPDIR/16"
	head -c 307200 /dev/zero > "$BATS_TEST_TMPDIR/pause"
}
teardown() { jb_cleanup; }

is_disc() { getfattr -n user.jukebox.profile "$1" > /dev/null 2>&1; }
insert() {
	touch "$MNT/drives/0/D.$1.iso"
	wait_for 5 is_disc "$MNT/drives/0/D.$1.iso"
}
send() { icdb --clear-ua "$(url 1)" "$@"; }
attr() { getfattr --only-values -n "user.jukebox.$2" "$MNT/drives/0/D.$1.iso"; }
# page TYPE MULTI: mode page 05h of a track (41) or session (42) at once; sessions to come (c4) or not (04)
page() {
	send - <<- END
		out 00 00 00 00 00 00 00 00 05 32 $1 $2 08 00 00 00 00 00 00 00 00 10 00 96 00000000000000000000000000000000000000000000000000000000000000000000000000 -- 55 10 00 00 00 00 00 00 3c 00
		expect good
	END
}
# One track of 16 sectors.
sheet() {
	send - <<- END
		out 41 00 00 14 00 00 00 00 41 01 00 10 00 00 00 00 41 01 01 10 00 00 02 00 41 aa 01 14 00 00 02 10 -- 5d 00 00 00 00 00 00 00 20 00
		expect good
		out $BATS_TEST_TMPDIR/pause -- 2a 00 ff ff ff 6a 00 00 96 00
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
	page 42 04
	sheet
	send - <<- END
		out $BATS_TEST_TMPDIR/16 -- 2a 00 00 00 00 00 00 00 10 00
		expect good
		none 35 00 00 00 00 00 00 00 00 00
		expect good
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

@test "of a session at once, what was flushed is there after a kill; the rest can still be closed" {
	insert cd-r
	page 42 04
	sheet
	head -c 16384 "$IMAGE" > "$BATS_TEST_TMPDIR/8"
	send - <<- END
		out $BATS_TEST_TMPDIR/8 -- 2a 00 00 00 00 00 00 00 08 00
		expect good
		none 35 00 00 00 00 00 00 00 00 00
		expect good
	END
	jb_kill9
	jb_restart
	grep -q "D.cd-r.iso: a session is open, and goes on at sector 8" "$JBLOG"
	[ "$(attr cd-r state)" = appendable ]
	cmp "$MNT/drives/0/D.cd-r.iso" "$BATS_TEST_TMPDIR/8"
	send - <<- END
		none 5b 00 01 00 00 01 00 00 00 00
		expect good
		none 5b 00 02 00 00 00 00 00 00 00
		expect good
	END
	[ "$(attr cd-r sessions)" = 2 ]
	cmp -n 16384 "$MNT/drives/0/D.cd-r.iso" "$BATS_TEST_TMPDIR/8"
	[ "$(stat -c %s "$MNT/drives/0/D.cd-r.iso")" = 32768 ]
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
	# Packets of variable length: not on this drive.
	send - <<- END
		out 00 00 00 00 00 00 00 00 05 32 40 c5 08 00 00 00 00 00 00 00 00 00 00 96 00000000000000000000000000000000000000000000000000000000000000000000000000 -- 55 10 00 00 00 00 00 00 3c 00
		expect check 05/26/00
	END
}
