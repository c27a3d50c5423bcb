#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests examples/boot.ipxe with iPXE, the boot ROM of a network card, in QEMU.  iPXE must load it by TFTP, log
# in, find the boot loader of the disc in the drive, and start it.

load 10-mount
load boot

setup() {
	have qemu-system-x86_64
	[ -e /usr/lib/ipxe/qemu/pxe-e1000.rom ] || [ -e /usr/lib/ipxe/qemu/efi-e1000.rom ] ||
		skip "QEMU has no iPXE (Debian: ipxe-qemu)"
	T=$BATS_TEST_TMPDIR
	jb_start --slots 2 --drives 1
}
teardown() {
	[ -z "${QEMU:-}" ] || kill "$QEMU" 2> /dev/null || true
	jb_cleanup
}

boot() {
	qemu-system-x86_64 -m 128 -nodefaults -display none -accel tcg -boot n \
		-netdev "user,id=n,tftp=$T/tftp,bootfile=boot.ipxe" -device e1000,netdev=n \
		-serial "file:$T/serial" > "$T/qemu" 2>&1 < /dev/null 3>&- &
	QEMU=$!
}
says() { wait_for 100 grep -aqF "$1" "$T/serial" || { cat "$T/qemu"; strings "$T/serial" | tail; return 1; }; }

@test "iPXE boots from the disc in the drive, and from another one after mv" {
	bootable_iso "$T/one.iso" "the loader of disc one runs"
	bootable_iso "$T/two.iso" "the loader of disc two runs"
	mkdir "$T/tftp"
	sed -E "s/^set server .*/set server 10.0.2.2/; s/^set port .*/set port ${PORTAL##*:}/
		s/^set target .*/set target $IQN/" "$TOP/examples/boot.ipxe" > "$T/tftp/boot.ipxe"
	cp "$T/one.iso" "$MNT/drives/0/"
	cp "$T/two.iso" "$MNT/slots/2/"
	boot
	says "the loader of disc one runs"
	kill "$QEMU"
	wait "$QEMU" || true
	mv "$MNT/drives/0/one.iso" "$MNT/slots/1/"
	mv "$MNT/slots/2/two.iso" "$MNT/drives/0/"
	boot
	says "the loader of disc two runs"
}
