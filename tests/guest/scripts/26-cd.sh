#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Burns CD-R and CD-RW with the programs that support them: track at once and session at once, test writes,
# sessions, and blanking.
# media: - - - - - - - -
# timeout: 1800
. "$LIB/lib.sh"
nolock
setup
img=/data/small.iso
LIMIT=150

# ---- one image on a blank ----
# What wodim reads from the ATIP and in each state.
if begin_on "wodim on cd-r" cd-r; then
	says "$tool: -atip of a blank" 'ATIP start of lead out: +359849' wodim -atip dev="$CD"
	burns "-tao -dummy leaves it blank, -tao" $img sh -c "
		wodim -v gracetime=2 -dummy -tao dev=$CD $img &&
		wodim -v gracetime=2 -dummy -sao dev=$CD $img &&
		xorriso -outdev $CD -toc 2>&1 | grep 'is blank' &&
		wodim -v gracetime=2 -tao dev=$CD $img"
	says "$tool: -toc" 'track:lout +lba' wodim -toc dev="$CD"
	refuse "$tool: a complete disc takes no more" 'cannot|not|error' wodim gracetime=2 -tao dev="$CD" $img
	end_on
fi
if begin_on "wodim at once on cd-r" cd-r; then
	burns "-sao" $img wodim -v gracetime=2 -sao dev="$CD" $img
	end_on
fi
for m in cd-r cd-rw; do
	for how in -tao -sao; do
		begin_on "cdrskin $how on $m" $m || continue
		burns "$how" $img cdrskin -v dev="$CD" $how $img
		end_on
	done
	begin_on "xorriso on $m" $m || continue
	burns "-as cdrecord" $img xorriso -as cdrecord -v dev="$CD" $img
	end_on
done

# ---- sessions ----
if begin_on "wodim -multi on cd-r" cd-r; then
	run sh -c "genisoimage -quiet -R -V ONE -o /tmp/one.iso -graft-points one=/data/tree2"
	check "$tool: first" wodim gracetime=2 -tao -multi dev="$CD" /tmp/one.iso
	until_true 10 sg_turs "$CDSG"
	run wodim -msinfo dev="$CD"
	is "$tool: -msinfo" "$(tail -1 <<< "$out")" "0,$(($(sectors /tmp/one.iso) + 11400))"
	run genisoimage -quiet -R -V TWO -C "$(tail -1 <<< "$out")" -M "$CD" -o /tmp/two.iso -graft-points two=/data/tree2
	check "$tool: second" wodim gracetime=2 -tao -multi dev="$CD" /tmp/two.iso
	until_true 10 sg_turs "$CDSG"
	run wodim -msinfo dev="$CD"
	run genisoimage -quiet -R -V THREE -C "$(tail -1 <<< "$out")" -M "$CD" -o /tmp/three.iso -graft-points three=/data/tree2
	check "$tool: third, the last" wodim gracetime=2 -tao dev="$CD" /tmp/three.iso
	until_true 10 sg_turs "$CDSG"
	run eject "$CD"
	run eject -t "$CD"
	until_true 10 sg_turs "$CDSG"
	check "$tool: mounts" mount -t iso9660 -o ro "$CD" /mnt
	for s in one two three; do files "$tool: session $s" tree2.sums $s; done
	umount /mnt
	says "$tool: cd-info sees three tracks" '1 - 3' cd-info --no-cddb -C "$CD"
	says "$tool: is complete" 'is written , is closed' xorriso -outdev "$CD" -toc
	end_on
fi
if begin_on "wodim -sao -multi on cd-r" cd-r; then
	# With -multi wodim writes mode 2 form 1, and its sheet then has the invalid data form FFh. For mode 1
	# the form is valid.
	refuse "$tool: mode 2 form 1" 'CUE sheet not accepted' wodim gracetime=2 -sao -multi dev="$CD" /tmp/one.iso
	check "$tool: first, mode 1" wodim gracetime=2 -sao -multi dev="$CD" -data /tmp/one.iso
	until_true 10 sg_turs "$CDSG"
	run wodim -msinfo dev="$CD"
	run genisoimage -quiet -R -V TWO -C "$(tail -1 <<< "$out")" -M "$CD" -o /tmp/two.iso -graft-points two=/data/tree2
	check "$tool: second, the last" wodim gracetime=2 -sao dev="$CD" -data /tmp/two.iso
	until_true 10 sg_turs "$CDSG"
	run eject "$CD"
	run eject -t "$CD"
	until_true 10 sg_turs "$CDSG"
	check "$tool: mounts" mount -t iso9660 -o ro "$CD" /mnt
	for s in one two; do files "$tool: session $s" tree2.sums $s; done
	umount /mnt
	end_on
fi
if begin_on "cdrskin -sao -multi on cd-r" cd-r; then
	check "$tool: first" cdrskin -v dev="$CD" -sao -multi /tmp/one.iso
	until_true 10 sg_turs "$CDSG"
	run cdrskin -msinfo dev="$CD"
	run genisoimage -quiet -R -V TWO -C "$(grep , <<< "$out" | tail -1)" -M "$CD" -o /tmp/two.iso -graft-points two=/data/tree2
	# cdrskin itself says that it writes session at once to blanks only.
	check "$tool: second, the last" cdrskin -v dev="$CD" -tao /tmp/two.iso
	until_true 10 sg_turs "$CDSG"
	run eject "$CD"
	run eject -t "$CD"
	until_true 10 sg_turs "$CDSG"
	check "$tool: mounts" mount -t iso9660 -o ro "$CD" /mnt
	for s in one two; do files "$tool: session $s" tree2.sums $s; done
	umount /mnt
	# The raw sector at address 16: sync pattern, header, user data.
	run dd if=/tmp/one.iso of=/tmp/want bs=2048 skip=16 count=1
	hex "$CDSG" 2352 be 00 00 00 00 10 00 00 01 f8 00 00
	is "$tool: READ CD has the raw sector" "${out:0:32}" 00ffffffffffffffffffff0000021601
	is "$tool: with its user data" "${out:32:4096}" "$(xxd -p -c 65536 /tmp/want)"
	end_on
fi
for m in cd-r cd-rw; do
	begin_on "xorriso sessions on $m" $m || continue
	check "$tool: first" xorriso -outdev "$CD" -volid XONE -map /data/tree2 /one -commit
	until_true 10 sg_turs "$CDSG"
	check "$tool: second" xorriso -dev "$CD" -map /data/tree2 /two -commit
	until_true 10 sg_turs "$CDSG"
	says "$tool: -toc shows two" 'ISO session +: +2' xorriso -indev "$CD" -toc
	run eject "$CD"
	run eject -t "$CD"
	until_true 10 sg_turs "$CDSG"
	check "$tool: mounts" mount -t iso9660 -o ro "$CD" /mnt
	files "$tool: the first one's files" tree2.sums one
	files "$tool: the second one's files" tree2.sums two
	end_on
done

# ---- blanked and burned again ----
if begin_on "blanking cd-rw" cd-rw; then
	burns "wodim -tao" $img wodim -v gracetime=2 -tao dev="$CD" $img
	for how in fast all; do
		check "$tool: wodim blank=$how" wodim gracetime=2 blank=$how dev="$CD"
		until_true 10 sg_turs "$CDSG"
		says "$tool: is empty" 'is blank' xorriso -outdev "$CD" -toc
		check "$tool: wodim -tao" wodim gracetime=2 -tao -multi dev="$CD" $img
		until_true 10 sg_turs "$CDSG"
	done
	check "$tool: wodim blank=session" wodim gracetime=2 blank=session dev="$CD"
	until_true 10 sg_turs "$CDSG"
	says "$tool: is empty" 'is blank' xorriso -outdev "$CD" -toc
	burns "cdrskin after it" $img cdrskin -v dev="$CD" -sao $img
	check "$tool: cdrskin blank=fast" cdrskin -v dev="$CD" blank=fast
	until_true 10 sg_turs "$CDSG"
	check "$tool: xorriso -blank as_needed" xorriso -outdev "$CD" -blank as_needed
	until_true 10 sg_turs "$CDSG"
	burns "xorriso after it" $img xorriso -as cdrecord -v dev="$CD" $img
	end_on
fi
finish
