# SPDX-License-Identifier: GPL-2.0-or-later
# Tracks of audio for the guest's scripts, and what is made of them.  Sourced behind lib.sh.
# shellcheck shell=bash
frame=2352

le() { local i s=; for ((i = 0; i < $2; i++)); do s+=$(printf '\\x%02x' $(($1 >> 8 * i & 255))); done; printf '%b' "$s"; }
# wav N: /tmp/N.wav of /tmp/N.pcm, or of N.bin
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
# noise N SECTORS: /tmp/N.pcm, /tmp/N.wav
noise() {
	head -c $(($2 * frame)) /dev/urandom > "/tmp/$1.pcm"
	wav "$1"
}

# samples NAME RIP FILE: a rip has what was burned, and after it at most the next track's pause.
samples() {
	local size
	size=$(stat -c %s "$3")
	check "$1" sh -c "cmp -n $size $2 $3 && tail -c +$((size + 1)) $2 | tr -d '\\0' | cmp - /dev/null"
}
# in_mount: the disc's file in the mount begins with the samples of track 1, and a sheet is beside it.
first=$((384 * frame / 2048))
in_mount() {
	host digest "$(printf 'DISK_%03d' "$slotno")" $first
	is "$tool: the mount has the samples" "$out" "$(head -c $((first * 2048)) /tmp/1.pcm | sha256sum | cut -d' ' -f1)"
	host sheet "$(printf 'DISK_%03d' "$slotno")"
	has "$tool: the sheet beside it" 'TRACK 02 AUDIO' && has "$tool: the sheet: where" 'INDEX 01 00:0[57]:25'
}
