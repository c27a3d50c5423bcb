# SPDX-License-Identifier: GPL-2.0-or-later
# Makes audio tracks for the guest's scripts and checks what becomes of them. Sourced after lib.sh.
# shellcheck shell=bash
frame=2352

le() { local i s=; for ((i = 0; i < $2; i++)); do s+=$(printf '\\x%02x' $(($1 >> 8 * i & 255))); done; printf '%b' "$s"; }
# wav N: makes /tmp/N.wav from /tmp/N.pcm, or from N.bin
wav() {
	local n from=/tmp/$1.pcm
	[ -e "$from" ] || from=/tmp/$1.bin
	n=$(stat -c %s "$from")
	{
		printf RIFF; le "$((n + 36))" 4; printf 'WAVEfmt '; le 16 4; le 1 2; le 2 2
		le 44100 4; le 176400 4; le 4 2; le 16 2; printf data; le "$n" 4
		cat "$from"
	} > "/tmp/$1.wav"
}
# noise N SECTORS: makes /tmp/N.pcm and /tmp/N.wav
noise() {
	head -c $(($2 * frame)) /dev/urandom > "/tmp/$1.pcm"
	wav "$1"
}
# audio_discs IMAGE: makes the files for discs: tracks 1 and 2 as /tmp/N.wav, and both together as
# /tmp/disc.bin and disc.wav; sheets of this disc with CD-TEXT for wodim (sheet.cue), cdrskin (sheet.v07t) and
# cdrdao (disc.toc); for cdrdao also IMAGE (data.toc), and IMAGE followed by track 2 (mixed.toc)
audio_discs() {
	noise 1 400
	noise 2 333
	cat /tmp/1.pcm /tmp/2.pcm > /tmp/disc.bin
	wav disc
	cat > /tmp/sheet.cue <<- 'CUE'
	CATALOG 4006381333931
	TITLE "Evening"
	PERFORMER "The Band"
	FILE "/tmp/disc.wav" WAVE
	  TRACK 01 AUDIO
	    TITLE "First of all"
	    PERFORMER "The Band"
	    ISRC DEABC2600001
	    INDEX 01 00:00:00
	  TRACK 02 AUDIO
	    TITLE "Second to none"
	    PERFORMER "The Other Band"
	    ISRC DEABC2600002
	    INDEX 01 00:05:25
	CUE
	cat > /tmp/sheet.v07t <<- 'SHEET'
	Input Sheet Version = 0.7T
	Text Code           = 8859
	Language Code       = English
	Album Title         = Evening
	Artist Name         = The Band
	UPC / EAN           = 4006381333931
	Text Data Copy Protection = OFF
	First Track Number  = 1
	Last Track Number   = 2
	Track 01 Title      = First of all
	Track 01 Artist     = The Band
	ISRC 01             = DEABC2600001
	Track 02 Title      = Second to none
	Track 02 Artist     = The Other Band
	ISRC 02             = DEABC2600002
	SHEET
	cat > /tmp/disc.toc <<- 'TOC'
	CD_DA
	CATALOG "4006381333931"
	CD_TEXT { LANGUAGE_MAP { 0 : EN } LANGUAGE 0 { TITLE "Evening" PERFORMER "The Band" } }
	TRACK AUDIO
	ISRC "DEABC2600001"
	CD_TEXT { LANGUAGE 0 { TITLE "First of all" PERFORMER "The Band" } }
	FILE "/tmp/1.wav" 0
	TRACK AUDIO
	ISRC "DEABC2600002"
	CD_TEXT { LANGUAGE 0 { TITLE "Second to none" PERFORMER "The Other Band" } }
	PREGAP 00:02:00
	FILE "/tmp/2.wav" 0
	TOC
	cat > /tmp/mixed.toc <<- TOC
		CD_ROM
		TRACK MODE1
		DATAFILE "$1"
		TRACK AUDIO
		PREGAP 00:02:00
		FILE "/tmp/2.wav" 0
	TOC
	printf 'CD_ROM\nTRACK MODE1\nDATAFILE "%s"\n' "$1" > /tmp/data.toc
}

# samples NAME RIP FILE: checks that a rip has the burned samples, and after them at most the next track's
# pause
samples() {
	local size
	size=$(stat -c %s "$3")
	check "$1" sh -c "cmp -n $size $2 $3 && tail -c +$((size + 1)) $2 | tr -d '\\0' | cmp - /dev/null"
}
# in_mount: checks that the disc's file in the mount begins with the samples of track 1, and has a sheet
in_mount() {
	local first=$((384 * frame / 2048))
	host digest "$(printf 'DISK_%03d' "$slotno")" $first
	is "$tool: the mount has the samples" "$out" "$(head -c $((first * 2048)) /tmp/1.pcm | sha256sum | cut -d' ' -f1)"
	host sheet "$(printf 'DISK_%03d' "$slotno")"
	has "$tool: the sheet beside it" 'TRACK 02 AUDIO' && has "$tool: the sheet: where" 'INDEX 01 00:0[57]:25'
}
