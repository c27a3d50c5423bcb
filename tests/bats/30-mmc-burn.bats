#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Burns a blank DVD+R, made with touch, over iSCSI with single commands.  Tests what the mount shows of it,
# and what is left after a restart and after a kill.
# quick: yes

load lib

setup() {
	unset MNT STORE
	jb_start --slots 4 --drives 1
	IMAGE=$BATS_TEST_TMPDIR/image.iso
	iso "$IMAGE" 2 BURN_TEST
	N=$(($(stat -c %s "$IMAGE") / 2048))
	touch "$MNT/drives/0/BURN.dvd+r.iso"
}
teardown() { jb_cleanup; }

# burn LBA: writes the image from this address on
burn() { icdb "$(url 1)" write "$1" "$IMAGE"; }
status_is() { # BYTES OF READ DISC INFORMATION FROM BYTE 2 ON
	icdb "$(url 1)" - <<- END
		clear-ua
		in 34 51 00 00 00 00 00 00 00 22 00
		expect good
		expect data @2 $*
	END
}
close_with() { icdb --clear-ua "$(url 1)" 5b 00 "$1" 00 00 01 00 00 00 00; }
nwa_is() { # TRACK ADDRESS
	icdb "$(url 1)" - <<- END
		clear-ua
		in 48 52 01 00 00 00 $1 00 00 30 00
		expect good
		expect data @12 $(printf %08x "$2")
	END
}

@test "a blank is blank, and cannot be read" {
	status_is 00 01 01 01 01
	nwa_is 01 0
	icdb --clear-ua -r 2048 -x "check 05/64/00" "$(url 1)" 28 00 00 00 00 00 00 00 01 00
	run icdb "$(url 1)" capacity
	[ "${lines[-1]}" = "0 2048" ]
	[ ! -s "$MNT/drives/0/BURN.dvd+r.iso" ]
}

@test "burned and finalized: the file in the mount is the image" {
	burn 0
	close_with 01
	close_with 06
	status_is 0e 01 01 01 01
	icdb "$(url 1)" read 0 "$N" | cmp - "$IMAGE"
	cp "$MNT/drives/0/BURN.dvd+r.iso" "$BATS_TEST_TMPDIR/copy"
	cmp "$BATS_TEST_TMPDIR/copy" "$IMAGE"
	mv "$MNT/drives/0/BURN.dvd+r.iso" "$MNT/slots/2/"
	cmp "$MNT/slots/2/BURN.dvd+r.iso" "$IMAGE"
}

@test "a disc that is being burned can be read meanwhile in the mount" {
	burn 0
	icdb --clear-ua "$(url 1)" 35 00 00 00 00 00 00 00 00 00
	cp "$MNT/drives/0/BURN.dvd+r.iso" "$BATS_TEST_TMPDIR/copy"
	cmp "$BATS_TEST_TMPDIR/copy" "$IMAGE"
}

@test "two sessions: the second one begins behind the closure of the first" {
	burn 0
	close_with 02
	status_is 01 01 02 02 02
	local next=$(((N + 15) / 16 * 16 + 2048))
	nwa_is 02 $next
	burn $next
	close_with 02
	icdb "$(url 1)" - <<- END
		clear-ua
		in 12 43 00 00 00 00 00 00 00 0c 40
		expect good
		expect data 00 0a 01 02 00 14 02 00 $(printf %08x $next)
	END
	icdb "$(url 1)" read $next "$N" | cmp - "$IMAGE"
	icdb "$(url 1)" read 0 "$N" | cmp - "$IMAGE"
}

@test "writing elsewhere than at the next writable address is refused and changes nothing" {
	dd if="$IMAGE" of="$BATS_TEST_TMPDIR/16" bs=2048 count=16 status=none
	icdb "$(url 1)" - <<- END
		clear-ua
		out $BATS_TEST_TMPDIR/16 -- 2a 00 00 00 00 10 00 00 10 00
		expect check 05/21/02
		out $BATS_TEST_TMPDIR/16 -- 2a 00 00 23 05 40 00 00 10 00
		expect check 05/21/00
	END
	status_is 00 01 01 01 01
}

@test "a clean restart: appendable, at the same address" {
	burn 0
	jb_restart
	status_is 05 01 01 01 01
	nwa_is 01 "$N"
	burn "$N"
	close_with 06
	icdb "$(url 1)" read "$N" "$N" | cmp - "$IMAGE"
}

@test "kill -9 in the middle: what was synced is there, the disc is appendable and goes on" {
	burn 0
	icdb --clear-ua "$(url 1)" 35 00 00 00 00 00 00 00 00 00
	dd if="$IMAGE" of="$BATS_TEST_TMPDIR/16" bs=2048 count=16 status=none
	icdb "$(url 1)" write "$N" "$BATS_TEST_TMPDIR/16"
	jb_kill9
	jb_restart
	status_is 05 01 01 01 01
	icdb "$(url 1)" read 0 "$N" | cmp - "$IMAGE"
	# Its end is at the last sync, or at what was written after it.
	local lba
	icdb "$(url 1)" - <<- END
		clear-ua
		in 48 52 01 00 00 00 01 00 00 30 00
		expect good
		save $BATS_TEST_TMPDIR/52
	END
	lba=$(od -An -tu4 --endian=big -j12 -N4 "$BATS_TEST_TMPDIR/52" | tr -d ' ')
	[ "$lba" -ge "$N" ]
	icdb "$(url 1)" write "$lba" "$BATS_TEST_TMPDIR/16"
	close_with 06
	icdb "$(url 1)" read "$lba" 16 | cmp - "$BATS_TEST_TMPDIR/16"
}

@test "kill -9 after the first write: never blank again" {
	dd if="$IMAGE" of="$BATS_TEST_TMPDIR/16" bs=2048 count=16 status=none
	icdb "$(url 1)" write 0 "$BATS_TEST_TMPDIR/16"
	jb_kill9
	jb_restart
	status_is 05 01 01 01 01
}

@test "a chmod a-w disc takes nothing" {
	chmod a-w "$MNT/drives/0/BURN.dvd+r.iso"
	dd if="$IMAGE" of="$BATS_TEST_TMPDIR/16" bs=2048 count=16 status=none
	icdb "$(url 1)" - <<- END
		clear-ua
		out $BATS_TEST_TMPDIR/16 -- 2a 00 00 00 00 00 00 00 10 00
		expect check 07/27/00
	END
	status_is 00
}

@test "ctl/drives/0/finalize-as-rom: closing a track makes a DVD-ROM" {
	echo 1 > "$MNT/ctl/drives/0/finalize-as-rom"
	burn 0
	close_with 01
	icdb "$(url 1)" - <<- END
		clear-ua
		in 8 46 00 00 00 00 00 00 00 08 00
		expect good
		expect data @6 00 10
	END
	icdb "$(url 1)" read 0 "$N" | cmp - "$IMAGE"
}
