#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests examples/qemu-cdrom.sh, which changes the CD-ROM of a virtual machine while it runs.  The machine
# boots from each disc after a reset, and prints which disc it sees.

load 10-mount
load boot

setup() {
	have qemu-system-x86_64
	have python3
	jb_start --slots 4 --drives 1
	T=$BATS_TEST_TMPDIR
	S=$T/qmp
	bootable_iso "$T/one.iso" "disc one boots"
	bootable_iso "$T/two.iso" "disc two boots"
	cp "$T/one.iso" "$MNT/slots/1/one, with a comma.iso"
	cp "$T/two.iso" "$MNT/slots/2/"
	C=$TOP/examples/qemu-cdrom.sh
	Q=(-nodefaults -display none -accel tcg -m 64 -serial "file:$T/serial")
}
teardown() {
	[ -z "${MACHINE:-}" ] || kill "$MACHINE" 2> /dev/null || true
	jb_cleanup
}

run_machine() {
	"$C" "$@" "${Q[@]}" > "$T/out" 2>&1 < /dev/null 3>&- &
	MACHINE=$!
}
boots() { wait_for 60 grep -aq "$1" "$T/serial" || { cat "$T/out"; return 1; }; }
reset() {
	python3 - "$S" <<- 'PY'
	import socket, sys
	s = socket.socket(socket.AF_UNIX)
	s.connect(sys.argv[1])
	s.sendall(b'{"execute": "qmp_capabilities"}{"execute": "system_reset"}')
	f = s.makefile()
	while "RESET" not in f.readline():
	    pass
	PY
}

@test "qemu-cdrom: change, eject, force, and a disc that moves in the jukebox meanwhile" {
	run_machine run "$S" "$MNT/slots/1/one, with a comma.iso"
	boots "disc one boots"
	[ "$("$C" show "$S")" = "$MNT/slots/1/one, with a comma.iso, unlocked" ]
	mv "$MNT/slots/1/one, with a comma.iso" "$MNT/slots/3/"
	"$C" change "$S" "$MNT/slots/2/two.iso"
	[ "$("$C" show "$S")" = "$MNT/slots/2/two.iso, unlocked" ]
	reset
	boots "disc two boots"
	refused "$C" change "$S" "$MNT/slots/2/none.iso" "there is no such disc"
	"$C" eject "$S"
	[ "$("$C" show "$S")" = "no disc, unlocked" ]
	"$C" change "$S" "$MNT/slots/3/one, with a comma.iso"
	: > "$T/serial"
	reset
	boots "disc one boots"
	"$C" force "$S"
	[ "$("$C" show "$S")" = "no disc, unlocked" ]
	rm "$MNT/slots/2/two.iso"
	refused "$C" show "$T/none" "No such file or directory"
	refused "$C" dance "$S" "usage:"
}

@test "libvirt-cdrom.xml is well formed" {
	python3 -c 'import sys, xml.dom.minidom as x
assert len(x.parse(sys.argv[1]).getElementsByTagName("hostdev")) == 2' "$TOP/examples/libvirt-cdrom.xml"
}

@test "qemu-cdrom drives: the machine boots from the drive, and from another disc after mv" {
	qemu-img --help | grep -q iscsi || skip "QEMU has no iSCSI: qemu-block-extra"
	mv "$MNT/slots/2/two.iso" "$MNT/drives/0/"
	Q+=(-qmp "unix:$S,server=on,wait=off" -boot d)
	run_machine drives "$PORTAL" "$IQN"
	boots "disc two boots"
	mv "$MNT/drives/0/two.iso" "$MNT/slots/4/"
	mv "$MNT"/slots/1/* "$MNT/drives/0/"
	reset
	boots "disc one boots"
}
