#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# qemu-cdrom.sh: discs of a jukebox in a virtual machine of QEMU; changes them while the machine runs.
#
#   qemu-cdrom.sh run SOCKET DISC [QEMU-ARGUMENT...]   a machine whose CD-ROM has DISC in it
#   qemu-cdrom.sh change SOCKET DISC                   another disc; the guest sees the change
#   qemu-cdrom.sh eject SOCKET                         no disc; waits for a guest that has locked it
#   qemu-cdrom.sh force SOCKET                         no disc, locked or not
#   qemu-cdrom.sh show SOCKET                          which disc it has
#   qemu-cdrom.sh drives PORTAL NAME [QEMU-ARGUMENT...]
#                                                      a machine that has the jukebox itself
#
# All commands except `drives` take discs directly from the mount.  DISC is a file such as
# /srv/jukebox/slots/3/debian.iso: the slots are a library, and the CD-ROM is QEMU's own, read-only.  SOCKET is
# a file name for QEMU's control socket (QMP).  A disc that QEMU has open can be moved in the jukebox;
# QEMU continues to read it.
#
# `drives` gives the jukebox itself to the guest: SCSI commands of the guest go to drive 0 and to the changer
# over iSCSI, through QEMU's own initiator.  The guest can burn and use mtx.  When a disc is moved in the
# jukebox's mount, the guest sees a media change, without another command.
# PORTAL is in ctl/target/portals, NAME in ctl/target/name.
#
# With libvirt, virsh change-media does what `change` does; libvirt-cdrom.xml has both ways as elements of a
# domain.
#
# It needs QEMU (package qemu-system-x86; for `drives` also qemu-block-extra) and Python 3.  If the variable
# QEMU is set, it is the QEMU program that is used.
#
# check: no, it runs a machine; tests/bats/82-qemu-cdrom.bats runs it
set -uo pipefail

usage() { sed -n 's/^#   qemu-cdrom.sh/usage: qemu-cdrom.sh/p' "$0" >&2; exit 2; }
[ $# -ge 2 ] || usage
verb=$1 socket=$2
shift 2
qemu=${QEMU:-qemu-system-x86_64}

# qmp COMMAND ARGUMENTS: a command of QEMU's machine protocol and its arguments, as JSON; prints what it
# returns.
qmp() {
	python3 - "$socket" "$1" "${2:-{\}}" <<'PY'
import json, socket, sys
s = socket.socket(socket.AF_UNIX)
try:
    s.connect(sys.argv[1])
except OSError as e:
    sys.exit("%s: %s" % (sys.argv[1], e.strerror))
f = s.makefile("rw")
f.readline()  # the greeting
for command, arguments in ("qmp_capabilities", {}), (sys.argv[2], json.loads(sys.argv[3])):
    json.dump({"execute": command, "arguments": arguments}, f)
    f.write("\n")
    f.flush()
    while True:
        answer = json.loads(f.readline())
        if "error" in answer:
            sys.exit(answer["error"]["desc"])
        if "return" in answer:  # the others are events
            break
print(json.dumps(answer["return"]))
PY
}
# Prints the name as a string in JSON, with any characters in it.
json() { python3 -c 'import json, os, sys; print(json.dumps(os.path.abspath(sys.argv[1])))' "$1"; }

case $verb in
run)
	[ $# -ge 1 ] || usage
	disc=$1
	shift
	# QEMU wants commas in file names doubled.
	exec "$qemu" -m 1024 -qmp "unix:$socket,server=on,wait=off" -boot d \
		-drive "if=none,id=cd,media=cdrom,readonly=on,format=raw,file=${disc//,/,,}" \
		-device ide-cd,drive=cd,id=cdrom "$@"
	;;
change)
	[ $# = 1 ] || usage
	[ -r "$1" ] || { echo "$1: there is no such disc" >&2; exit 1; }
	qmp blockdev-change-medium "{\"id\": \"cdrom\", \"filename\": $(json "$1"), \"format\": \"raw\",
		\"read-only-mode\": \"read-only\"}" > /dev/null
	;;
eject) qmp eject '{"id": "cdrom"}' > /dev/null ;;
force) qmp eject '{"id": "cdrom", "force": true}' > /dev/null ;;
show)
	qmp query-block | python3 -c '
import json, sys
for d in json.load(sys.stdin):
    if d.get("qdev", "").endswith("cdrom"):
        print(d["inserted"]["file"] if "inserted" in d else "no disc",
              "locked" if d["locked"] else "unlocked", sep=", ")'
	;;
drives)
	[ $# -ge 1 ] || usage
	name=$1
	shift
	exec "$qemu" -m 1024 -device virtio-scsi-pci \
		-drive "if=none,id=changer,format=raw,file=iscsi://$socket/$name/0" \
		-device scsi-generic,drive=changer \
		-drive "if=none,id=drive0,format=raw,file=iscsi://$socket/$name/1" \
		-device scsi-generic,drive=drive0 "$@"
	;;
*) usage ;;
esac
