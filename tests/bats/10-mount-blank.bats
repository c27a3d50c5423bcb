#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests blank discs in the mount: made with touch, recorded with cp.

load 10-mount

DVD_R_BYTES=4700372992 # 2295104 sectors

setup() {
	jb_start --slots 8 --drives 1
	X=$BATS_TEST_TMPDIR/x.iso
	iso "$X" 4 FIRST
}
teardown() { jb_cleanup; }

@test "touch inserts a blank of the default type" {
	touch "$MNT/slots/4/A1.iso"
	full slots/4
	is_disc "$MNT/slots/4/A1.iso" blank dvd+r
	[ "$(stat -c %s "$MNT/slots/4/A1.iso")" = 0 ]
	[ "$(xattr capacity "$MNT/slots/4/A1.iso")" = $DVD_R_BYTES ]
	[ "$(xattr barcode "$MNT/slots/4/A1.iso")" = A1 ]
}

@test "the type in the name is not part of the label" {
	touch "$MNT/slots/4/ARCHIVE-7.dvd+r.iso"
	full slots/4
	is_disc "$MNT/slots/4/ARCHIVE-7.dvd+r.iso" blank dvd+r
	[ "$(xattr barcode "$MNT/slots/4/ARCHIVE-7.dvd+r.iso")" = ARCHIVE-7 ]
}

@test "a blank loads, and the drive says so" {
	touch "$MNT/slots/4/A1.iso"
	mv "$MNT/slots/4/A1.iso" "$MNT/drives/0/"
	[ "$(< "$MNT/ctl/drives/0/state")" = blank ]
	[ "$(< "$MNT/ctl/drives/0/profile")" = dvd+r ]
}

@test "cp over a blank records it: complete, its type and label kept" {
	touch "$MNT/slots/4/A1.iso"
	full slots/4
	cp "$X" "$MNT/slots/4/A1.iso"
	is_disc "$MNT/slots/4/A1.iso" complete dvd+r
	cmp "$X" "$MNT/slots/4/A1.iso"
	[ "$(xattr capacity "$MNT/slots/4/A1.iso")" = $DVD_R_BYTES ]
	full slots/4
	jb_restart
	is_disc "$MNT/slots/4/A1.iso" complete dvd+r
	cmp "$X" "$MNT/slots/4/A1.iso"
}

@test "opening a blank for writing and writing nothing leaves it blank" {
	touch "$MNT/slots/4/A1.iso"
	full slots/4
	touch "$MNT/slots/4/A1.iso"
	: > "$MNT/slots/4/A1.iso"
	is_disc "$MNT/slots/4/A1.iso" blank dvd+r
	full slots/4
}

@test "a blank takes no more than its capacity" {
	touch "$MNT/slots/4/A1.iso"
	full slots/4
	refused dd if="$X" of="$MNT/slots/4/A1.iso" bs=2048 seek=2295104 count=1 conv=notrunc \
		"File too large"
	last_error "JB_TOO_LARGE"
}

@test "a blank file larger than any medium is refused" {
	refused truncate -s 5T "$MNT/slots/1/huge.iso" "File too large"
}

@test "kill -9 of cp over a blank does not make it complete" {
	touch "$MNT/slots/4/A1.iso"
	full slots/4
	stuck cp PIPE "$MNT/slots/4/A1.iso"
	head -c 1M "$X" > "$BATS_TEST_TMPDIR/part"
	feed "$BATS_TEST_TMPDIR/part"
	wait_for 30 '[ "$(stat -c %s "$MNT/slots/4/A1.iso")" = 1048576 ]'
	kill -KILL "$STUCK"
	wait "$STUCK" || true
	unfeed
	run ! is_disc "$MNT/slots/4/A1.iso" complete
}

@test "a blank outlives a restart" {
	touch "$MNT/slots/4/A1.iso"
	full slots/4
	jb_restart
	is_disc "$MNT/slots/4/A1.iso" blank dvd+r
}

@test "the write-protect tab of a blank holds for root too" {
	touch "$MNT/slots/4/A1.iso"
	full slots/4
	chmod a-w "$MNT/slots/4/A1.iso"
	refused cp "$X" "$MNT/slots/4/A1.iso" "Permission denied"
	last_error "JB_PROTECTED"
	chmod u+w "$MNT/slots/4/A1.iso"
	cp "$X" "$MNT/slots/4/A1.iso"
	cmp "$X" "$MNT/slots/4/A1.iso"
}
