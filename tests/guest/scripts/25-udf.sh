#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Puts UDF on media that can be overwritten, and mounts it read-write.
# kernel: UDF is mounted, and written by the block layer
# media: - - - - - - - -
# timeout: 900
. "$LIB/lib.sh"
nolock
setup
LIMIT=150

# udf MEDIUM FORMAT...: runs FORMAT first, if it is given
udf() {
	local m=$1
	shift
	begin_on "udf on $m" "$m" || return
	if [ $# -gt 0 ]; then
		check "$tool: $1" "$@"
		until_true 10 sg_turs "$CDSG"
		run eject "$CD"
		run eject -t "$CD"
		until_true 10 sg_turs "$CDSG"
	fi
	if check "$tool: mkudffs" mkudffs --media-type="${udftype:-dvdrw}" --blocksize=2048 "$CD" &&
		check "$tool: mount -o rw" mount -t udf -o rw "$CD" /mnt; then
		check "$tool: files are copied to it" cp -r /data/tree2 /mnt/
		check "$tool: umount" umount /mnt
		run eject "$CD"
		run mtx -f "$CH" unload "$slotno" 0
		run load "$slotno"
		check "$tool: mounts after out and in" mount -t udf -o ro "$CD" /mnt
		files "$tool: the files are there" tree2.sums tree2
	fi
	end_on
}
udf dvd-ram
udf dvd+rw dvd+rw-format "$CD"
udf dvd-rw-ro
udf bd-re dvd+rw-format "$CD"
finish
