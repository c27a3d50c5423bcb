#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Adds and removes slots and drives while a host is logged in: mtx must be right at its next command.
# kernel: what Linux makes of units that come and go: its log, its rescan, a second sr
# media: blank blank iso - - - - -
# timeout: 200
. "$LIB/lib.sh"

nolock
setup
says "mtx status" 'Storage Changer .*:1 Drives, 8 Slots' mtx -f "$CH" status
check "a slot and a drive are added" host add slots/9 drives/1
says "mtx status has them at once" 'Storage Changer .*:2 Drives, 9 Slots' mtx -f "$CH" status
is "slot 3 is still slot 3" "$(slot 3)" DISK_003
check "another slot is added" host add slots/10
check "mtx load is right at once too" mtx -f "$CH" load 3 1
says "the disc is in the new drive" '^Data Transfer Element 1:Full .Storage Element 3 Loaded.' mtx -f "$CH" status
run sg_turs "$CDSG"
run iscsiadm -m session -R
run udevadm settle -t 20
says "Linux has the new drive after a rescan" 'cd/dvd.*/dev/sr1' lsscsi
run sh -c 'dmesg | grep -i "LUN assignments"'
has "Linux heard that there are other units" 'LUN assignments on this target have changed'
run dd if=/dev/sr1 of=/tmp/first bs=2048 count=32
if cmp -n 65536 /tmp/first /data/ref.iso; then ok "the disc in the new drive reads"; else notok "the disc in the new drive reads" "differs"; fi
host remove drives/1
if [ "$rc" != 0 ] && grep -q 'Directory not empty' <<< "$out"; then ok "a loaded drive stays"; else notok "a loaded drive stays" "$out"; fi
run eject /dev/sr1
check "mtx unload" mtx -f "$CH" unload 10 1
host remove slots/10
if [ "$rc" != 0 ]; then ok "a full slot stays"; else notok "a full slot stays" "was removed"; fi
check "mtx transfer" mtx -f "$CH" transfer 10 3
check "drive and slots are removed" host remove drives/1 slots/10 slots/9
says "mtx status is right at once" 'Storage Changer .*:1 Drives, 8 Slots' mtx -f "$CH" status
is "slot 3 has its disc" "$(slot 3)" DISK_003
run sg_inq /dev/sr1
if [ "$rc" != 0 ] || grep -qE 'PQual=3|Qualifier=3' <<< "$out"; then ok "the drive that is gone is none"; else notok "the drive that is gone is none" "$(gist)"; fi
check "the drive that stays loads" mtx -f "$CH" load 3 0
within "and reads" 10 'sg_turs -v $CDSG' sg_turs "$CDSG"
finish
