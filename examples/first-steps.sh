#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# first-steps.sh: all steps with a jukebox, from an image to a burned disc and back.
#
#   first-steps.sh              starts a jukebox of its own in a temporary folder, and ends it
#   JUKEBOX=MNT first-steps.sh  uses the running one that is mounted at MNT; it must have two
#                               free slots, and drive 0 must be empty
#
# Every step is a command that you can type yourself; copy what you need.  The script needs xorriso (to make
# an image), qemu-img with qemu-block-extra (to read over iSCSI) and the project's icdb (to burn over iSCSI);
# these need neither root nor a kernel's initiator.  On a machine with open-iscsi the drive is /dev/sr0, and
# dd and growisofs do the same: the lines for that are in the comments.
set -euo pipefail

say() { printf '\n== %s\n' "$*"; }
# show COMMAND: prints it as one would type it, and runs it.
show() { echo "\$ $*"; "$@"; }

# Uses the binaries that were built, if they are not installed.
for binary in "${JUKEBOXD:-}" "${ICDB:-}"; do
	if [ -n "$binary" ]; then PATH=$(cd "$(dirname "$binary")" && pwd):$PATH; fi
done

[ -z "${JUKEBOX:-}" ] || JUKEBOX=$(cd "$JUKEBOX" && pwd)
work=$(mktemp -d)
cd "$work"
daemon=''
finish() {
	if [ -n "$daemon" ]; then
		kill "$daemon"
		wait "$daemon" || true
	fi
	rm -rf --one-file-system "$work"
}
trap finish EXIT

# ---- a jukebox ------------------------------------------------------------------------------

if [ -z "${JUKEBOX:-}" ]; then
	say "Start a jukebox with 8 slots and one drive: a store and a mount, both plain folders"
	JUKEBOX=mnt
	echo "\$ jukeboxd --slots 8 --drives 1 --portal 127.0.0.1:0 store mnt &"
	jukeboxd --slots 8 --drives 1 --portal 127.0.0.1:0 --log-level warn store mnt &
	daemon=$!
	# The jukebox is ready when the mount is there.
	for _ in {1..100}; do
		[ ! -e mnt/status ] || break
		kill -0 "$daemon"
		sleep 0.1
	done
fi
show ls "$JUKEBOX"

# Where the target listens and what it is called; LUN 0 is the changer, LUN 1 is drive 0.
portal=$(head -n 1 "$JUKEBOX/ctl/target/portals")
name=$(cat "$JUKEBOX/ctl/target/name")
drive=iscsi://$portal/$name/1

# ---- insert, load, read ---------------------------------------------------------------------

say "Make an ISO image of a folder"
mkdir tree
seq 1 300000 > tree/numbers.txt
echo "hello from the jukebox" > tree/hello.txt
show xorriso -as mkisofs -quiet -R -J -V FIRST_STEPS -o first.iso tree 2> /dev/null

# Two free slots; you can use any.
free=()
for slot in "$JUKEBOX"/slots/*; do
	if [ -z "$(ls "$slot")" ]; then free+=("$slot"); fi
done
a=${free[0]} b=${free[1]}

say "Insert the disc: copy the image into a slot"
show cp first.iso "$a/"

say "Load the disc: move it into the drive"
show mv "$a/first.iso" "$JUKEBOX/drives/0/"
show cat "$JUKEBOX/status"

say "Read it over iSCSI, and compare"
# With open-iscsi:   iscsiadm -m discovery -t sendtargets -p $portal; iscsiadm -m node -l
#                    mount -o ro /dev/sr0 /mnt
show iscsi-ls -s "iscsi://$portal/"
show qemu-img convert -f raw -O raw "$drive" read.iso
show cmp first.iso read.iso

say "Unload the disc: move it back into a slot"
show mv "$JUKEBOX/drives/0/first.iso" "$a/"

# ---- burn ------------------------------------------------------------------------------------

say "Insert a blank DVD+R: an empty file whose name says the type"
show touch "$b/BACKUP.dvd+r.iso"
show mv "$b/BACKUP.dvd+r.iso" "$JUKEBOX/drives/0/"

say "Burn the image over iSCSI, as a burning program does, and finish the disc"
# With open-iscsi:   growisofs -dvd-compat -Z /dev/sr0=first.iso
show icdb "$drive" write 0 first.iso
# The end of a burn: make all data durable, close the track, finish the disc.
icdb --clear-ua "$drive" - <<'CDBS'
echo SYNCHRONIZE CACHE, CLOSE TRACK 1, CLOSE SESSION and finalize
none 35 00 00 00 00 00 00 00 00 00
none 5b 00 01 00 00 01 00 00 00 00
none 5b 00 06 00 00 00 00 00 00 00
CDBS

say "Unload it; the disc is a file, and the file is the image"
show mv "$JUKEBOX/drives/0/BACKUP.dvd+r.iso" "$b/"
show cmp first.iso "$b/BACKUP.dvd+r.iso"
show cat "$JUKEBOX/status"

say "Take both discs out of the jukebox"
show rm "$a/first.iso" "$b/BACKUP.dvd+r.iso"

say "Done: the inserted image was read back, the burned disc was copied back, and all bytes are the same"
