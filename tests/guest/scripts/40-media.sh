#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Inserts, removes and swaps discs at the mount. A Linux with Debian's udev rules, which lock the door at each
# change of media, must notice all of this by itself.
# kernel: udev and sr notice changes of media, and udev's rules lock and open the door
# media: iso iso2 blank - - - - -
# timeout: 300
. "$LIB/lib.sh"
[ -n "${MNT:-}" ] || { note "only for a target with a mount"; ok "nothing to do"; finish; }
setup
ref=$(stat -c %s /data/ref.iso) ref2=$(stat -c %s /data/ref2.iso)
label() { echo "/dev/disk/by-label/$1"; }
gone() { [ ! -e "$(label "$1")" ]; }
# Does not open $CD, because the kernel closes an open tray then.
no_medium() { ! sg_turs "$CDSG" && ! udevadm info --query=property --name="$CD" | grep -q ID_CDROM_MEDIA=; }
seen() { udevadm info --query=property --name="$CD" | tr '\n' ' '; }

is "nothing in it: no label" "$(ls /dev/disk/by-label 2>/dev/null)" ""
host load 1
good "the user puts a disc in by mv"
within "insert: noticed by udev, link by label" 30 seen test -e "$(label REF_ONE)"
is "insert: the link is the drive's" "$(readlink -f "$(label REF_ONE)")" "$CD"
is "insert: the size" "$(blockdev --getsize64 "$CD")" "$ref"
check "insert: mount by label" mount -o ro "$(label REF_ONE)" /mnt && files "insert: files" ref.sums
umount /mnt

# The user takes the disc away. The drive is locked, so udev gets the request and opens the tray.
host locked
is "udev has locked the door" "$out" 1
run host unload 1
if [ "$rc" != 0 ]; then ok "mv of the locked disc is refused at first"; else notok "mv of the locked disc is refused at first" "was not"; fi
within "the wish is passed on: udev opens the tray" 30 "host tray; echo \$out" eval 'host tray; [ "$out" = open ]'
within "eject: the link vanishes" 30 seen gone REF_ONE
within "eject: udev knows of no medium" 30 seen no_medium
host unload 1
good "then mv takes it out of the open tray"

# Uses only the button, with the lock of eject(1) and without a mount.
host load 2
within "second disc: link by label" 30 seen test -e "$(label REF_TWO)"
is "second disc: no stale size" "$(blockdev --getsize64 "$CD")" "$ref2"
check "eject -i on: locked by the guest" eject -i on "$CD"
host eject 1
if [ "$rc" != 0 ]; then ok "eject button on a locked door: refused, and passed on"; else notok "eject button on a locked door: refused, and passed on" "$(gist)"; fi
within "eject button: udev opens the tray" 30 "host tray; echo \$out" eval 'host tray; [ "$out" = open ]'
within "eject button: the link vanishes" 30 seen gone REF_TWO
check "eject -t closes it on the same disc" eject -t "$CD"
within "load: link by label again" 30 seen test -e "$(label REF_TWO)"
same "load: the same bytes" /data/ref2.iso

# Swaps that the kernel does not see; the disc is read at once.
for n in 1 2 1; do
	host swap-in $n
	good "swap: disc $n in the place of the other"
	case $n in 1) want=$ref here=REF_ONE away=REF_TWO file=ref ;; *) want=$ref2 here=REF_TWO away=REF_ONE file=ref2 ;; esac
	is "swap: the size right after it" "$(blockdev --getsize64 "$CD")" "$want"
	same "swap: the bytes" /data/$file.iso
	within "swap: the new link" 30 seen test -e "$(label $here)"
	within "swap: the old link vanishes" 30 seen gone $away
done

# A mounted disc, taken by force.
check "mount" mount -o ro "$CD" /mnt
refuse "eject(1) of a mounted, locked disc by sg: prevented" 'removal prevented' sg_start -v --eject "$CDSG"
host eject force
good "forced eject"
within "forced eject: udev knows of no medium" 30 seen no_medium
umount /mnt
host unload 1
good "forced eject: the disc can be taken"
host load 3
within "a blank: udev says so" 30 seen sh -c "udevadm info --query=property --name=$CD | grep -q ID_CDROM_MEDIA_STATE=blank"
is "a blank: no label" "$(ls /dev/disk/by-label 2>/dev/null)" ""
finish
