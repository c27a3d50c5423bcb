#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# demo-jukebox.sh [FOLDER [ADDR:PORT]]: serves a jukebox of 8 slots and 1 drive in the foreground;
# its store and its mount are in FOLDER.  `make run` runs it with build/demo.
#
# check: no, it serves until Ctrl-C
set -eu

folder=${1:-demo} portal=${2:-127.0.0.1:3260}
mkdir -p "$folder"
mnt=$folder/mnt

line() { printf '    %-61s %s\n' "$@"; }
printf '\nA jukebox of 8 slots and 1 drive.  In another terminal, in %s:\n\n' "$(pwd)"
line "cat $mnt/README" "what the mount contains"
line "cp SOME.iso $mnt/slots/1/" "insert a disc"
line "mv $mnt/slots/1/SOME.iso $mnt/drives/0/" "load it"
line "cat $mnt/status" "look"
line "touch $mnt/slots/2/BACKUP.dvd+r.iso" "a blank DVD+R, to be burned"
printf '\nOn a Linux with open-iscsi the drive becomes /dev/sr0, the changer a /dev/sg for mtx:\n\n'
printf '    %s\n' "iscsiadm -m discovery -t sendtargets -p $portal"
printf '    %s\n' "iscsiadm -m node -l"
printf '\nREADME has the next steps.  Ctrl-C stops the jukebox; its discs stay in %s.\n\n' "$folder/store"

exec "${JUKEBOXD:-jukeboxd}" --slots 8 --drives 1 --portal "$portal" "$folder/store" "$mnt"
