#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests QEMU's own iSCSI initiator on a drive, without an iSCSI driver in a guest.

load lib
load boot

setup_file() {
	command -v qemu-img qemu-system-x86_64 > /dev/null || skip "QEMU is not installed"
	qemu-img --help | grep -q iscsi || skip "QEMU has no iSCSI: qemu-block-extra"
	jb_start
}
teardown() { rm -f "$MNT"/drives/0/*; }
teardown_file() { jb_cleanup; }

# boot URL LINE: starts QEMU with only this CD-ROM, and waits for LINE on its serial port
boot() {
	local qemu rc=0
	qemu-system-x86_64 -nodefaults -no-user-config -display none -accel tcg -m 64 -boot d -no-reboot \
		-serial "file:$BATS_TEST_TMPDIR/serial" -cdrom "$1" > "$BATS_TEST_TMPDIR/qemu.log" 2>&1 3>&- &
	qemu=$!
	wait_for 60 "grep -q '$2' '$BATS_TEST_TMPDIR/serial' || ! kill -0 $qemu"
	grep "$2" "$BATS_TEST_TMPDIR/serial" || rc=1
	kill $qemu 2> /dev/null || true
	wait $qemu || true
	[ $rc = 0 ] || cat "$BATS_TEST_TMPDIR/qemu.log"
	return $rc
}

@test "qemu-img convert of the drive equals the image" {
	iso "$BATS_TEST_TMPDIR/a.iso" 24
	cp "$BATS_TEST_TMPDIR/a.iso" "$MNT/slots/1/"
	mv "$MNT/slots/1/a.iso" "$MNT/drives/0/"
	qemu-img convert -f raw -O raw "$(url 1)" "$BATS_TEST_TMPDIR/back"
	cmp "$BATS_TEST_TMPDIR/a.iso" "$BATS_TEST_TMPDIR/back"
}

@test "qemu-img info sees the size of the disc" {
	iso "$MNT/drives/0/b.iso" 2
	run qemu-img info --output json -f raw "$(url 1)"
	[ "$status" = 0 ]
	[ "$(jq '."virtual-size"' <<< "$output")" = "$(stat -c %s "$MNT/drives/0/b.iso")" ]
}

@test "a PC boots from the drive" {
	bootable_iso "$BATS_TEST_TMPDIR/boot.iso" "BOOTED FROM THE JUKEBOX"
	cp "$BATS_TEST_TMPDIR/boot.iso" "$MNT/slots/2/"
	mv "$MNT/slots/2/boot.iso" "$MNT/drives/0/"
	boot "$(url 1)" "BOOTED FROM THE JUKEBOX"
}

@test "QEMU does not open an empty drive, and does not hang on it" {
	run timeout 30 qemu-img info -f raw "$(url 1)"
	[ "$status" = 1 ]
	[[ $output == *readcapacity* ]]
}
