#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Mounts discs with several sessions, and with audio, in Linux. 20-burn.sh and later scripts run natively and
# read the files in another way.
# kernel: sr looks for the last session, isofs mounts it
# media: - - - - - - - -
# timeout: 600
. "$LIB/lib.sh"
. "$LIB/audio.sh"
nolock
setup
LIMIT=150
again() {
	run eject "$CD"
	run eject -t "$CD"
	until_true 10 sg_turs "$CDSG"
}
# session NAME OPTION... -- CMD...: makes an image of a tree called NAME with the options; CMD burns it
session() {
	local name=$1 options=()
	shift
	while [ "$1" != -- ]; do options+=("$1"); shift; done
	shift
	run genisoimage -quiet -R -V "$name" "${options[@]}" -o /tmp/session.iso -graft-points "$name=/data/tree2"
	check "$tool: $name" "$@" /tmp/session.iso
	until_true 10 sg_turs "$CDSG"
}
msinfo() { run wodim -msinfo dev="$CD"; tail -1 <<< "$out"; }
mounts() {
	local s
	again
	check "$tool: mounts" mount -t iso9660 -o ro "$CD" /mnt
	for s; do files "$tool: session $s" tree2.sums "$s"; done
	umount /mnt
}
audio_discs /data/small.iso

if begin_on "wodim -tao -audio on cd-r" cd-r; then
	run wodim -v gracetime=2 -tao -audio dev="$CD" /tmp/1.wav /tmp/2.wav
	again
	refuse "$tool: does not mount" 'mount|wrong fs|bad' mount -t iso9660 -o ro "$CD" /mnt
	end_on
fi
if begin_on "wodim audio, then a session of data on cd-r" cd-r; then
	check "$tool: audio" wodim gracetime=2 -tao -multi dev="$CD" -audio /tmp/1.wav /tmp/2.wav
	session two -C "$(msinfo)" -- wodim gracetime=2 -tao dev="$CD" -data
	mounts two
	end_on
fi
if begin_on "wodim -multi on cd-r" cd-r; then
	session one -- wodim gracetime=2 -tao -multi dev="$CD"
	session two -C "$(msinfo)" -M "$CD" -- wodim gracetime=2 -tao dev="$CD"
	mounts one two
	end_on
fi
for m in dvd-rw dvd+rw bd-r; do
	begin_on "growisofs sessions on $m" $m || continue
	check "$tool: -Z" growisofs -Z "$CD" -R -J -quiet -graft-points one=/data/tree2
	until_true 10 sg_turs "$CDSG"
	check "$tool: -M" growisofs -M "$CD" -R -J -quiet -graft-points two=/data/tree2
	until_true 10 sg_turs "$CDSG"
	mounts one two
	end_on
done
finish
