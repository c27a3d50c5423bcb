#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests the examples for a machine that is logged in: burning with a changer, and a changer for backups.
# kernel: udev locks the door of each disc that the examples load
# media: blank blank iso - blank - - -
# timeout: 300
. "$LIB/lib.sh"
setup
E=/data/examples

# ---- burn-verify-eject.sh -----------------------------------------------------------------------

says "burn-verify-eject: an image and a folder onto two blanks" "DISK_001: has /data/ref2.iso, verified, and is in slot 1" \
	"$E/burn-verify-eject.sh" -c "$CH" -b 'DISK_00[12]' "$CD" /data/ref2.iso /data/tree2
has "burn-verify-eject: the folder is on the second one" "DISK_002: has /data/tree2, verified, and is in slot 2"
is "the drive is empty then" "$(drive)" empty
is "the discs are in their slots" "$(slot 1) $(slot 2)" "DISK_001 DISK_002"
check "what the jukebox holds is what was burned" host copied DISK_001 ref2.iso
refuse "burn-verify-eject: what fails is said, and the disc goes back" "DISK_001: FAILED with /data/burn.iso" \
	"$E/burn-verify-eject.sh" -c "$CH" -b DISK_001 "$CD" /data/burn.iso
is "the disc of the failed burn is in its slot" "$(slot 1)" DISK_001
refuse "burn-verify-eject: no blank is left" "there is no blank left" \
	"$E/burn-verify-eject.sh" -c "$CH" -b 'NONE*' "$CD" /data/burn.iso

# ---- bareos/mtx-changer, by mtx -----------------------------------------------------------------

c() { LIMIT=90 run "$E/bareos/mtx-changer" "$CH" "$@"; }
c slots
is "mtx-changer slots" "$out" 8
c list
is "mtx-changer list" "$(tr '\n' ' ' <<< "$out")" "1:DISK_001 2:DISK_002 3:DISK_003 5:DISK_005 "
c loaded 0 "$CD" 0
is "mtx-changer loaded: nothing" "$out" 0
c load 3 "$CD" 0
good "mtx-changer load"
same "what it has loaded is ready and right" /data/ref.iso
c loaded 0 "$CD" 0
is "mtx-changer loaded: slot 3" "$out" 3
c list
is "mtx-changer list: with the disc in the drive" "$(sort <<< "$out" | tr '\n' ' ')" "1:DISK_001 2:DISK_002 3:DISK_003 5:DISK_005 "
c listall
is "mtx-changer listall" "$(head -n 4 <<< "$out" | tr '\n' ' ')" "D:0:F:3:DISK_003 S:1:F:DISK_001 S:2:F:DISK_002 S:3:E "
c unload 3 "$CD" 0
good "mtx-changer unload, although udev has locked the drive"
c transfer 3 7
good "mtx-changer transfer"
is "it is in slot 7" "$(slot 7)" DISK_003
c load 4 "$CD" 0
if [ "$rc" = 0 ]; then notok "mtx-changer load: an empty slot is an error" "$(gist)"; else ok "mtx-changer load: an empty slot is an error"; fi
finish
