#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Reads a disc in the drive over iSCSI: the bytes must be those that were copied into the mount.

load lib

setup_file() {
	jb_start --slots 4 --drives 1
	export DISC=$BATS_FILE_TMPDIR/disc.iso
	iso "$DISC" 24 READ_TEST
	cp "$DISC" "$MNT/drives/0/READ_TEST.iso"
	SECTORS=$(($(stat -c %s "$DISC") / 2048))
	export SECTORS
}
teardown_file() { jb_cleanup; }

@test "capacity is that of the image" {
	run icdb "$(url 1)" capacity
	[ "$status" = 0 ]
	[ "${lines[-1]}" = "$((SECTORS - 1)) 2048" ]
}

@test "all of it reads back the same, in pieces small and large" {
	local piece
	for piece in 1 16 17 512 4096; do
		local n=$((piece < SECTORS ? piece : SECTORS))
		icdb "$(url 1)" read 3 "$n" | cmp - <(dd if="$DISC" bs=2048 skip=3 count="$n" status=none)
	done
	icdb "$(url 1)" read 0 "$SECTORS" | cmp - "$DISC"
}

@test "with header digests all of it reads back the same" {
	icdb -d "$(url 1)" read 0 1000 | cmp - <(dd if="$DISC" bs=2048 count=1000 status=none)
}

@test "16 MiB are one READ(10)" {
	[ "$SECTORS" -gt 8192 ]
	icdb --clear-ua -r $((8192 * 2048)) -o "$BATS_TEST_TMPDIR/8192" "$(url 1)" 28 00 00 00 00 00 00 20 00 00
	cmp "$BATS_TEST_TMPDIR/8192" <(dd if="$DISC" bs=2048 count=8192 status=none)
}

@test "a read beyond the end is refused, also one that begins before the end" {
	icdb --clear-ua -r 2048 -x "check 05/21/00" "$(url 1)" \
		28 00 "$(printf %08x "$SECTORS")" 00 00 01 00
	icdb --clear-ua -r 4096 -x "check 05/21/00" "$(url 1)" \
		28 00 "$(printf %08x $((SECTORS - 1)))" 00 00 02 00
}

@test "an image of some megabytes is a CD-ROM with one track" {
	icdb "$(url 1)" - <<- END
		clear-ua
		in 8 46 00 00 00 00 00 00 00 08 00
		expect good
		expect data @6 00 08
		in 12 43 00 00 00 00 00 aa 00 0c 00
		expect good
		expect data 00 0a 01 01 00 14 aa 00 $(printf %08x "$SECTORS")
		in 34 51 00 00 00 00 00 00 00 22 00
		expect good
		expect data 00 20 0e 01 01 01 01
		none 35 00 00 00 00 00 00 00 00 00
		expect good
	END
}

@test "a new session gets 29/00, and no unit attention for the disc that was there before" {
	icdb "$(url 1)" - <<- END
		none 00 00 00 00 00 00
		expect check 06/29/00
		none 00 00 00 00 00 00
		expect good
	END
}

@test "residuals are exact: the reply is shorter than asked for, or longer" {
	icdb "$(url 1)" - <<- END
		clear-ua
		in 255 25 00 00 00 00 00 00 00 00 00
		expect good
		expect residual under 247
		expect length 8
		in 8 51 00 00 00 00 00 00 00 08 00
		expect good
		expect residual none
		expect length 8
		in 2048 28 00 00 00 00 00 00 00 02 00
		expect good
		expect residual over 2048
		expect length 2048
	END
}

@test "pressed discs refuse every way of writing, and stay as they are" {
	head -c 2048 "$DISC" > "$BATS_TEST_TMPDIR/1"
	icdb "$(url 1)" - <<- END
		clear-ua
		out $BATS_TEST_TMPDIR/1 -- 2a 00 00 00 00 00 00 00 01 00
		expect check 05/30/05
		none 53 00 00 00 00 00 00 00 10 00
		expect check 05/24/00
		none 5b 00 02 00 00 00 00 00 00 00
		expect check 05/24/00
	END
	cmp "$DISC" "$MNT/drives/0/READ_TEST.iso"
}

@test "qemu-img reads the drive with its own initiator" {
	command -v qemu-img > /dev/null || skip "no qemu-img"
	qemu-img info "$(url 1)" > /dev/null 2>&1 || skip "qemu-img has no iSCSI"
	qemu-img convert -f raw -O raw "$(url 1)" "$BATS_TEST_TMPDIR/copy"
	cmp "$BATS_TEST_TMPDIR/copy" "$DISC"
}

@test "the reads left no message in the daemon's log" {
	jb_log_clean
}
