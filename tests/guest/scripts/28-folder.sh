#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Rips an audio CD that was inserted as a folder with one BIN a track, by cp -r, and compares it with its parts.
# media: - - - - - - - -
# timeout: 300
. "$LIB/lib.sh"
. "$LIB/audio.sh"
nolock
setup
tool=folder

# Tracks 2 and 3 have pregaps of two and of three seconds, the usual form of preserved discs.
album=/data/Album
mkdir $album
for n in 1 2 3; do
	noise $n $((300 + 100 * n))
	cp /tmp/$n.pcm "$album/Album (Track $n).bin"
done
cat > "$album/Album.cue" << CUE
TITLE "Evening"
PERFORMER "The Band"
FILE "Album (Track 1).bin" BINARY
  TRACK 01 AUDIO
    TITLE "First of all"
    INDEX 01 00:00:00
FILE "Album (Track 2).bin" BINARY
  TRACK 02 AUDIO
    TITLE "Second to none"
    INDEX 00 00:00:00
    INDEX 01 00:02:00
FILE "Album (Track 3).bin" BINARY
  TRACK 03 AUDIO
    INDEX 00 00:00:00
    INDEX 01 00:03:00
CUE
check "cp -r of the folder" host folder Album 3
# The folder stays until nothing has looked at it for a second, so it must not be looked at all the time.
within "the disc is in, and the folder is gone" 60 "host show; echo \"\$out\"" sh -c "LD_PRELOAD= sleep 2
	[ -n \"\$(find '$MNT/slots/3' -name '*.bin')\" ] && [ -z \"\$(find '$MNT/slots/3' -mindepth 1 -type d)\" ]"
check "mtx load" load 3
until_true 20 sg_turs "$CDSG"

# ripped TRACK PROGRAM FILE COMMAND...: checks that COMMAND TRACK gives the samples of FILE
ripped() {
	rm -f /tmp/rip*
	check "track $1: $2" "${@:4}" "$1" /tmp/rip
	samples "$2: track $1: the same samples" /tmp/rip "$3"
}
whole=/tmp/whole.pcm
cat /tmp/[123].pcm > $whole
piece() { tail -c +$((($2 * frame) + 1)) $whole | head -c $(($3 * frame)) > "/tmp/want.$1"; }
# Starts are at INDEX 01; a track ends where the next one starts.
piece 1 0 550
piece 2 550 575
piece 3 1125 375
for n in 1 2 3; do
	ripped $n cdparanoia /tmp/want.$n cdparanoia -q -d "$CD" -r
	# Without -c it would guess the drive's byte order from the samples, which are noise.
	ripped $n cd-paranoia /tmp/want.$n cd-paranoia -q -c -d "$CD" -r
done
run cd-info --no-cddb -C "$CD"
has "the title" "TITLE: *Evening"
has "the title of track 2" "Second to none"
finish
