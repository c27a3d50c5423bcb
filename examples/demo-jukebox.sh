#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# demo-jukebox.sh [FOLDER [ADDR:PORT]]: serves a jukebox of 8 slots and 1 drive in the foreground;
# its store and its mount are in FOLDER.  `make run` is this with build/demo.
#
# check: no, it serves until Ctrl-C
set -eu

folder=${1:-demo} portal=${2:-127.0.0.1:3260}
jukeboxd=${JUKEBOXD:-jukeboxd}

mkdir -p "$folder"
mnt=$folder/mnt
cat <<NEXT

A jukebox of 8 slots and 1 drive.  In another terminal, in $(pwd):

    cat $mnt/README                                what is where
    cp SOME.iso $mnt/slots/1/                      insert a disc
    mv $mnt/slots/1/SOME.iso $mnt/drives/0/       load it
    cat $mnt/status                                look
    iscsi-inq iscsi://$portal/\$(cat $mnt/ctl/target/name)/1

    iscsiadm -m discovery -t sendtargets -p $portal && iscsiadm -m node -l
                                                            a Linux with open-iscsi: it is /dev/sr0
    touch $mnt/slots/2/BACKUP.dvd+r.iso            a blank DVD+R, for growisofs

README has more.  Ctrl-C stops it; the discs stay in $folder/store.

NEXT
exec "$jukeboxd" --slots 8 --drives 1 --portal "$portal" "$folder/store" "$mnt"
