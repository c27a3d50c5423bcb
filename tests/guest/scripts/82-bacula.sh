#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests examples/bareos as it is shipped: Debian's Bacula backs up to two discs, changes them, and restores.
# kernel: it mounts UDF for writing, and unmounts it for each change of the disc
# media: blank:dvd-ram blank:dvd-ram
# layout: --drives 2
# timeout: 900
. "$LIB/lib.sh"
. "$LIB/bacula.sh"
setup
E=/data/examples B=/var/tmp/bacula LIMIT=300

# drive_of LUN: prints the device of a drive
drive_of() {
	local d
	for d in /sys/class/scsi_device/*:"$1"/device/block/*; do echo "/dev/${d##*/}"; done
}

# ---- what the example asks for ------------------------------------------------------------------

for n in 0 1; do
	mkdir -p /mnt/jukebox-$n
	echo "$(drive_of $((n + 1))) /mnt/jukebox-$n udf noauto,noatime 0 0" >> /etc/fstab
done
for n in 1 2; do
	check "disc $n: load" mtx -f "$CH" load $n 0
	until_true 30 blockdev --getsize64 "$(drive_of 1)"
	check "disc $n: mkudffs" mkudffs --media-type=dvdram "$(drive_of 1)"
	check "disc $n: eject" eject "$(drive_of 1)"
	check "disc $n: unload" mtx -f "$CH" unload $n 0
done

# ---- a backup on two discs, and back --------------------------------------------------------------

mkdir -p $B/files
cp -r /data/tree2 /etc $B/files/
head -c 8000000 /dev/urandom > $B/files/random
bacula_configure "$CH"
check "Bacula starts" bacula_start
console "label barcodes storage=Jukebox drive=0 pool=Discs slots=1-2" yes
is "both discs are labelled" "$(grep -c '3000 OK label' <<< "$out")" 2
console "run job=Backup yes"
run cat $B/log
has "the backup" "Termination: *Backup OK"
has "it is on both discs" "Volume name.*DISK_00[12][|]DISK_00[12]"
# Another process, and other discs in the drives.
bacula_restart
console "restore client=b-fd fileset=Files select all done yes"
run cat $B/log
has "the restore" "Termination: *Restore OK"
check "the files are the same" diff -r --no-dereference $B/files $B/restored$B/files
bacula_stop
for n in 0 1; do ! mountpoint -q /mnt/jukebox-$n || check "drive $n: umount" umount /mnt/jukebox-$n; done
finish
