#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# One burn by each program, on one medium each.
# both places: what the daemon is sent in the one is compared with what it is sent in the other
# quick: yes
# media: - - - - - - - -
# timeout: 600
. "$LIB/lib.sh"
. "$LIB/audio.sh"
nolock
setup
img=/data/small.iso
LIMIT=150
audio_discs $img

# marked NN CMD...: marks the commands that CMD sends as part NN, for cdb-compare
marked() {
	local mark=$1 said status
	shift
	run sg_raw "$CDSG" c5 "$mark" 00 00 00 00 00 00 00 00
	run "$@"
	said=$out status=$rc
	run sg_raw "$CDSG" c5 00 00 00 00 00 00 00 00 00
	out=$said
	return "$status"
}

if begin_on "growisofs on dvd-r" dvd-r; then
	burns "-Z" $img marked 01 growisofs -Z "$CD=$img"
	end_on
fi
if begin_on "dvd+rw-format on dvd+rw" dvd+rw; then
	check "$tool: formats" marked 02 dvd+rw-format "$CD"
	burns "growisofs after it" $img marked 03 growisofs -Z "$CD=$img"
	end_on
fi
if begin_on "wodim on cd-r" cd-r; then
	burns "-tao" $img marked 04 wodim gracetime=2 -tao dev="$CD" $img
	end_on
fi
if begin_on "cdrskin on cd-rw" cd-rw; then
	burns "-sao" $img marked 05 cdrskin dev="$CD" -sao $img
	end_on
fi
if begin_on "xorriso on bd-re" bd-re; then
	burns "-as cdrecord" $img marked 06 xorriso -as cdrecord dev="$CD" blank=as_needed $img
	end_on
fi
if begin_on "cdrdao on cd-r" cd-r; then
	check "$tool: burns" marked 07 cdrdao write -n --driver generic-mmc:0x10 --device "$CD" /tmp/disc.toc
	until_true 10 sg_turs "$CDSG"
	check "$tool: cdparanoia reads track 2" cdparanoia -q -d "$CD" -r 2 /tmp/rip
	samples "$tool: track 2 has the samples" /tmp/rip /tmp/2.pcm
	end_on
fi
says "mtx: the discs are in the changer" 'Storage Element 8:Full :VolumeTag=DISK_008' marked 08 mtx -f "$CH" status
finish
