#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Types the lines of README's "Next steps" on a machine that runs the demo itself, twice.
# kernel: iscsiadm, lsscsi, mount, growisofs and eject use Linux's own devices
# timeout: 900
#
# The jukebox runs in the guest, as on a user's machine.  QEMU's lines are not typed here: tests/bats runs them.
. "$LIB/lib.sh"

mkdir src && cd src || exit
cp -r /data/examples /data/README .
cp /data/ref.iso debian.iso
modprobe fuse
JUKEBOXD=/data/jukeboxd examples/demo-jukebox.sh build/demo 127.0.0.1:3260 > demo.out 2>&1 &
demo=$!
within "the demo starts" 60 "cat demo.out" test -e build/demo/mnt/status
iscsid_start

# The lines without their remarks.  After each, devices have come or gone, as they have when a person types.
sed -n '/^Next steps$/,/^Ctrl-C stops/s/^    \([^ ].*\)/\1/p' README | sed -E 's/ {3,}.*//' |
	grep -vE '^(apt-get|qemu|umount build)' > typed
# Lines that end with a backslash are one.
sed -i -e ':a' -e '/\\$/N; s/\\\n *//; ta' typed
for program in iscsiadm lsscsi mount mtx growisofs eject cp; do
	check "README has a line with $program" grep -q "\b$program " typed
done
awk '{ print "typed=" NR; print; print "udevadm settle -t 30; LD_PRELOAD= sleep 0.5" }' typed > lines
for n in 1 2; do
	LIMIT=180 check "all lines work as typed, round $n" bash -eu -o pipefail -c 'trap "sed -n \${typed}p typed" ERR; set -x; . ./lines'
	check "round $n: the burned disc is there" test "$(stat -c %s ~/BACKUP.dvd+r.iso)" -gt 100000
	rm -f ~/BACKUP.dvd+r.iso
	check "round $n: the session has ended" sh -c '! iscsiadm -m session'
done

# The line that stops the demo from another terminal.
stop=$(sed -n 's/^    \(umount build[^ ]*\).*/\1/p' README)
check "README says how to stop the demo" test -n "$stop"
check "it works as typed" bash -c "$stop"
within "the demo has ended" 30 "cat demo.out" sh -c "! kill -0 $demo"
finish
