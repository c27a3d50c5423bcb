#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Compares what programs print about each medium (blank, in between, and at its end) with
# tests/golden/guest/MEDIUM.txt. README.md of that folder lists where real discs differ. JUKE_GOLDEN=new
# writes the files anew. JUKE_MEDIA=REGEX takes only media whose names match.
# media: - - - - - - - -
# timeout: 1200
. "$LIB/lib.sh"
. "$LIB/audio.sh"
nolock
setup
img=/data/small.iso
golden=/data/golden
LIMIT=150
settled() { until_true 20 sg_turs "$CDSG"; }
reload() {
	run eject "$CD"
	run eject -t "$CD"
	settled
}

# Masks what differs from one jukebox, kernel and moment to the next.
normal() {
	sed -E -e 's/\r/\n/g' -e "s/$SERIAL/SERIAL/g" \
		-e '/^xorriso [0-9.]+ : RockRidge|currentP=0$/d' -e '/^cd-info version/d' \
		-e '/^(Cdrdao version|cdrskin [0-9.]+ :|#icedax version|cdparanoia III release)/d' -e '/^Copyright|^This is free|^There is NO|^PARTICULAR/d' \
		-e 's/^(Preparer +: ).*/\1.../' -e 's/(cmd finished after )[0-9.]+s/\1.../' \
		-e 's/(BG Format Status: +)(in progress, .*|complete)/\1in progress or complete/' "$1" |
		sed -E -e 's/[[:space:]]+$//' -e '/^$/d'
}
# section FILE NAME: prints the lines between this heading and the next
section() { awk -v s="== $2" '/^== / {on = $0 == s; next} on' "$1"; }
# show NAME CMD...: appends a section to $file and compares it with the golden one. The exit status of the
# program is ignored: wodim and cd-info end with 255 and 1 for a blank.
show() {
	local name=$1
	shift
	run "$@"
	{ echo "== $state: $name"; normal /tmp/run.out; } >> "$file"
	[ "${JUKE_GOLDEN:-}" != new ] || { ok "$tool, $state: $name"; return; }
	if diff -u --label golden --label now <(section "$golden/$medium.txt" "$state: $name") \
		<(section "$file" "$state: $name") > /tmp/diff; then
		ok "$tool, $state: $name"
	else
		notok "$tool, $state: $name" "differs from tests/golden/guest/$medium.txt:"
		sed 's/^/# /' /tmp/diff
	fi
}
# keep: $file is complete; makes it the golden file, or checks that both have the same sections
keep() {
	if [ "${JUKE_GOLDEN:-}" = new ]; then
		cp "$file" "$golden/"
	else
		is "$tool: all that the file has" "$(grep '^== ' "$file")" "$(grep '^== ' "$golden/$medium.txt")"
	fi
}
cd_programs() {
	local brief=()
	[ -n "$first" ] || brief=(--no-device-info)
	show "xorriso -toc" xorriso -outdev "$CD" -toc
	if [ -n "$first" ]; then show "wodim -atip" wodim dev="$CD" -atip; fi
	show "wodim -toc" wodim dev="$CD" -toc
	[ "$state" = blank ] || reload
	show cd-info cd-info --no-cddb "${brief[@]}" -C "$CD"
	show sg_get_config sg_get_config --current "$CDSG"
}
# For CDs with audio. cdrdao writes what it reads to a file.
read_toc() {
	rm -f /tmp/back.toc
	cdrdao read-toc --driver generic-mmc:0x10 --device "$CD" /tmp/back.toc && cat /tmp/back.toc
}
audio_programs() {
	cd_programs
	show "cdrskin -toc" cdrskin dev="$CD" -toc
	show "cdrdao disk-info" cdrdao disk-info --driver generic-mmc:0x10 --device "$CD"
	export -f read_toc
	export CD
	show "cdrdao read-toc" bash -c read_toc
	show "icedax -J" icedax -D "$CD" -J -H
	show "cdparanoia -Q" cdparanoia -d "$CD" -Q
}
dvd_programs() {
	show dvd+rw-mediainfo dvd+rw-mediainfo "$CD"
	show "xorriso -toc" xorriso -outdev "$CD" -toc
	if [ -n "$first" ]; then show "wodim -atip" wodim dev="$CD" -atip; fi
	if [ "$state" = complete ] || [ "$state" = written ]; then
		show "wodim -toc" wodim dev="$CD" -toc
		reload
		show cd-info cd-info --no-cddb --no-device-info -C "$CD"
	fi
	show sg_get_config sg_get_config --current "$CDSG"
}
burn() { run xorriso -as cdrecord -v dev="$CD" "$@" $img; }

# info PROGRAMS MEDIUM[:NAME] STATE[=COMMAND]...: runs PROGRAMS in each state. COMMAND brings the disc, which
# was a blank, into the state; without COMMAND the disc stays as it is.
info() {
	local programs=$1 step on=${2%:*} name=${2/:/-}
	[[ $name =~ ^(${JUKE_MEDIA:-.*})$ ]] || return 0
	shift 2
	begin_on "info of $name" "$on" || return
	medium=$name first=1 file=/tmp/$name.txt
	: > "$file"
	for step; do
		state=${step%%=*}
		if [ "$state" != "$step" ]; then
			# shellcheck disable=SC2086 # words
			if ! run ${step#*=}; then notok "$tool: $step" "$(gist)"; continue; fi
			settled
		fi
		"$programs"
		first=
	done
	keep
	end_on
}
# pressed ARG...: does info with a pressed disc in place of the blank
pressed() {
	local now
	now=$(declare -f begin_on)
	eval "${now/blank:/iso:}"
	info "$@"
	eval "$now"
}
# audio: two tracks with everything that a sheet can have. mixed: data and audio in one session. extra: audio and
# data in two sessions (CD Extra, mode 2).
audio() { run cdrdao write -n --driver generic-mmc:0x10 --device "$CD" /tmp/disc.toc; }
mixed() { run wodim gracetime=2 -dao dev="$CD" -data $img -audio /tmp/2.wav; }
extra() {
	run wodim gracetime=2 -tao -multi dev="$CD" -audio /tmp/1.wav /tmp/2.wav || return
	settled
	run wodim -msinfo dev="$CD"
	run genisoimage -quiet -R -V EXTRA -C "$(tail -1 <<< "$out")" -o /tmp/extra.iso -graft-points two=/data/tree2 || return
	run wodim gracetime=2 -tao -xa dev="$CD" /tmp/extra.iso
}
multi() { burn -multi "$@"; }
zero() { run growisofs -Z "$CD=$img"; }
SERIAL=$(sg_get_config "$CDSG" | sed -nE 's/.*Drive serial number: *([^ ]+).*/\1/p')
mkdir -p $golden

# All profiles and features of the drive; later only those that are current.
if [[ none =~ ^(${JUKE_MEDIA:-.*})$ ]]; then
	medium=none tool="info of the empty drive" state="no disc" file=/tmp/none.txt
	: > $file
	show sg_get_config sg_get_config "$CDSG"
	show dvd+rw-mediainfo dvd+rw-mediainfo "$CD"
	keep
fi
info cd_programs cd-r blank appendable="multi -tao" complete="burn -tao"
info cd_programs cd-rw blank appendable="multi -tao" complete="burn -tao"
info cd_programs cd-rw-packet formatted
audio_discs $img
info audio_programs cd-r:audio complete=audio
info audio_programs cd-r:mixed complete=mixed
info audio_programs cd-r:extra complete=extra
info dvd_programs dvd-r blank appendable=multi complete=burn
info dvd_programs dvd-r-dl blank complete=burn
info dvd_programs dvd-rw blank appendable=multi complete=burn
info dvd_programs dvd-rw-ro formatted written=burn
info dvd_programs dvd-ram formatted written=burn
info dvd_programs dvd+r blank appendable=multi complete=burn
info dvd_programs dvd+r-dl blank appendable=multi complete=burn
info dvd_programs dvd+rw blank written=burn formatted="dvd+rw-format -force $CD"
info dvd_programs bd-r blank appendable=multi complete=burn
info dvd_programs bd-r-dl blank pseudo-overwrite=zero
info dvd_programs bd-re blank formatted="dvd+rw-format $CD" written=burn
info dvd_programs bd-re-dl blank written="xorriso -as cdrecord -v dev=$CD blank=as_needed $img"
info dvd_programs bd-r-xl blank complete=burn
info dvd_programs bd-re-xl blank written="xorriso -as cdrecord -v dev=$CD blank=as_needed $img"
pressed cd_programs cd-rom complete
pressed dvd_programs dvd-rom complete
pressed dvd_programs bd-rom complete
finish
