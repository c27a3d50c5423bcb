#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Burns and rips audio CDs and mixed CDs.
# media: - - - - - - - -
# timeout: 1500
. "$LIB/lib.sh"
. "$LIB/audio.sh"
nolock
setup
LIMIT=150

img=/data/small.iso
audio_discs $img
noise 3 301

# rips NAME TRACK FILE: checks that three rippers return the samples of FILE
rips() {
	local name="$1: track $2" from to line
	check "$name: cdparanoia" cdparanoia -q -d "$CD" -r "$2" /tmp/rip
	samples "$name: cdparanoia: the same samples" /tmp/rip "$3"
	rm -f /tmp/rip
	check "$name: icedax" icedax -q -D "$CD" -t "$2" -O raw -output-endianess little /tmp/rip.raw
	samples "$name: icedax: the same samples" /tmp/rip.raw "$3"
	rm -f /tmp/rip*
	run cd-info --no-cddb --no-device-info -C "$CD"
	line=$(awk -v t="$2:" '$1 == t {print $3}' <<< "$out" | head -1)
	from=$((10#${line:-0})) to=$((from + $(stat -c %s "$3") / frame - 1))
	check "$name: cd-read" cd-read -C "$CD" -m audio -s $from -e $to --no-hexdump -o /tmp/rip
	check "$name: cd-read: the same samples" cmp /tmp/rip "$3"
	rm -f /tmp/rip*
}
tracks() { for t; do rips "$tool" "$t" "/tmp/$t.pcm"; done; }
again() {
	run eject "$CD"
	run eject -t "$CD"
	until_true 10 sg_turs "$CDSG"
}

# ---- audio, by each program, in each of its ways ----
if begin_on "wodim -tao -audio on cd-r" cd-r; then
	check "$tool: burns" wodim -v gracetime=2 -tao -audio dev="$CD" /tmp/1.wav /tmp/2.wav
	again
	says "$tool: cd-info" '2: .* audio +false' cd-info --no-cddb -C "$CD"
	tracks 1 2
	in_mount
	end_on
fi
if begin_on "wodim -dao -audio on cd-r" cd-r; then
	check "$tool: burns" wodim -v gracetime=2 -dao -audio dev="$CD" /tmp/1.wav /tmp/2.wav /tmp/3.wav
	again
	tracks 1 2 3
	end_on
fi
text_is() {
	run cd-info --no-cddb -C "$CD"
	has "$tool: cd-info: title" "TITLE: *Evening"
	has "$tool: cd-info: title of a track" 'Second to none'
	has "$tool: cd-info: performer" 'The Other Band'
	rm -f /tmp/back.v07t
	check "$tool: cdrskin reads its CD-TEXT" cdrskin dev="$CD" cdtext_to_v07t=/tmp/back.v07t
	check "$tool: cdrskin: title" grep -q 'Track 02 Title *= Second to none' /tmp/back.v07t
}
if begin_on "wodim -dao -text cuefile on cd-rw" cd-rw; then
	check "$tool: burns" wodim -v gracetime=2 -dao -text dev="$CD" cuefile=/tmp/sheet.cue
	again
	tracks 1 2
	text_is
	end_on
fi
if begin_on "cdrskin -sao input_sheet_v07t on cd-r" cd-r; then
	check "$tool: burns" cdrskin -v dev="$CD" -sao input_sheet_v07t=/tmp/sheet.v07t -audio /tmp/1.wav /tmp/2.wav
	again
	tracks 1 2
	text_is
	says "$tool: cd-info: catalog number" 'MCN.*4006381333931' cd-info --no-cddb -C "$CD"
	says "$tool: cd-info: code of a track" 'ISRC.*DEABC2600002' cd-info --no-cddb -C "$CD"
	in_mount
	has "$tool: the sheet: catalog number" 'CATALOG 4006381333931'
	has "$tool: the sheet: code of a track" 'ISRC DEABC2600002'
	has "$tool: the sheet: title" 'TITLE "Second to none"'
	end_on
fi
if begin_on "cdrskin -tao -audio on cd-rw" cd-rw; then
	check "$tool: burns" cdrskin -v dev="$CD" -tao -audio /tmp/1.wav /tmp/2.wav
	again
	tracks 1 2
	end_on
fi
if begin_on "cdrdao write .toc on cd-r" cd-r; then
	check "$tool: burns" cdrdao write -n --driver generic-mmc:0x10 --device "$CD" /tmp/disc.toc
	again
	tracks 1 2
	text_is
	says "$tool: cd-info: catalog number" 'MCN.*4006381333931' cd-info --no-cddb -C "$CD"
	check "$tool: cdrdao read-toc" cdrdao read-toc --driver generic-mmc:0x10 --device "$CD" /tmp/back.toc
	says "$tool: cdrdao read-toc: the pause" 'START 00:02:00' cat /tmp/back.toc
	has "$tool: cdrdao read-toc: code" 'DEABC2600002'
	has "$tool: cdrdao read-toc: CD-TEXT" 'The Other Band'
	rm -f /tmp/back.*
	end_on
fi
cat > /tmp/disc.cue <<'CUE'
FILE "/tmp/disc.bin" BINARY
  TRACK 01 AUDIO
    INDEX 01 00:00:00
  TRACK 02 AUDIO
    INDEX 00 00:05:00
    INDEX 01 00:05:25
CUE
if begin_on "cdrdao write .cue on cd-r" cd-r; then
	check "$tool: burns" cdrdao write -n --swap --driver generic-mmc --device "$CD" /tmp/disc.cue
	again
	rips "$tool" 2 /tmp/2.pcm
	end_on
fi

# ---- mixed ----
for how in -tao -dao; do
	begin_on "wodim $how data and audio on cd-r" cd-r || continue
	check "$tool: burns" wodim -v gracetime=2 $how dev="$CD" -data $img -audio /tmp/2.wav
	again
	same "$tool: the data reads back" $img
	check "$tool: mounts" mount -t iso9660 -o ro "$CD" /mnt
	umount /mnt
	rips "$tool" 2 /tmp/2.pcm
	end_on
done
# A CD Extra: an audio session and a data session, which Linux mounts.
if begin_on "wodim audio, then a session of data on cd-r" cd-r; then
	check "$tool: audio" wodim gracetime=2 -tao -multi dev="$CD" -audio /tmp/1.wav /tmp/2.wav
	until_true 10 sg_turs "$CDSG"
	run wodim -msinfo dev="$CD"
	run genisoimage -quiet -R -V TWO -C "$(tail -1 <<< "$out")" -o /tmp/two.iso -graft-points two=/data/tree2
	check "$tool: data" wodim gracetime=2 -tao dev="$CD" -data /tmp/two.iso
	again
	check "$tool: mounts" mount -t iso9660 -o ro "$CD" /mnt
	files "$tool: its files" tree2.sums two
	umount /mnt
	tracks 1 2
	says "$tool: cd-info: CD-Plus/Extra" 'CD-Plus/Extra' cd-info --no-cddb -C "$CD"
	end_on
fi
# All that cdrdao can say of a disc is the same when it is out of the mount and in again.
cat > /tmp/all.toc << 'TOC'
CD_DA
CATALOG "4006381333931"
FIRST_TRACK_NO 7
CD_TEXT {
  LANGUAGE_MAP { 0 : EN 1 : 8 }
  LANGUAGE 0 { TITLE "Evening (12\" Mix)" PERFORMER "The Band" DISC_ID "XY12345" }
  LANGUAGE 1 { TITLE "Abend" PERFORMER "Die Kapelle" }
}
TRACK AUDIO
COPY
ISRC "DEABC2600001"
CD_TEXT { LANGUAGE 0 { TITLE "First of all" PERFORMER "The Band" }
  LANGUAGE 1 { TITLE "Das Erste" PERFORMER "Die Kapelle" } }
FILE "/tmp/1.wav" 0
INDEX 00:02:00
INDEX 00:04:00
TRACK AUDIO
ISRC "DEABC2600002"
CD_TEXT { LANGUAGE 0 { TITLE "Second to none" PERFORMER "The Other Band" }
  LANGUAGE 1 { TITLE "Das Zweite" PERFORMER "Die andere Kapelle" } }
PREGAP 00:02:00
FILE "/tmp/2.wav" 0
TOC
# told FILE: what READ TOC says in its formats 0, 2 and 5, and cdrdao of all that it reads
told() {
	local format
	for format in 0 2 5; do
		run sg_raw -o "$1.$format" -r 4096 "$CDSG" 43 02 0$format 00 00 00 00 10 00 00
		good "$tool: READ TOC format $format"
	done
	rm -f "$1.toc"
	check "$tool: cdrdao read-toc" cdrdao read-toc --driver generic-mmc:0x10 --device "$CD" "$1.toc"
}
if begin_on "a copy of a disc of audio with everything" cd-r; then
	check "$tool: burns" cdrdao write -n --driver generic-mmc:0x10 --device "$CD" /tmp/all.toc
	again
	told /tmp/first
	says "$tool: its first track" '07 08' od -An -tx1 -j2 -N2 /tmp/first.0
	says "$tool: its second language" 'Das Zweite' cat /tmp/first.toc
	until_true 15 unload "$slotno"
	host again "$(printf 'DISK_%03d' "$slotno")" "$slotno"
	good "$tool: out of the mount and in again"
	run load "$slotno"
	told /tmp/second
	for part in 0 2 5 toc; do
		check "$tool: the same: $part" cmp "/tmp/first.$part" "/tmp/second.$part"
	done
	rm -f /tmp/first.* /tmp/second.*
	end_on
fi
# A BIN with its sheet is inserted again, and gives the same samples.
if begin_on "a copy of a disc of audio" cd-r; then
	check "$tool: burns" wodim gracetime=2 -dao -audio dev="$CD" /tmp/1.wav /tmp/2.wav
	until_true 15 unload "$slotno"
	host again "$(printf 'DISK_%03d' "$slotno")" "$slotno"
	good "$tool: out of the mount and in again"
	run load "$slotno"
	tracks 1 2
	end_on
fi
finish
