#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Burns every recordable DVD and BD with the programs that support it: a small image, which is read back;
# sessions, blanking and formatting if the medium has them.
# media: - - - - - - - -
# timeout: 2400
. "$LIB/lib.sh"
nolock
setup
img=/data/small.iso
LIMIT=150

# ---- one image on a blank, by each program that takes the medium ----
# growisofs wants at least half of a DVD-R DL to be used, and says so.
for m in dvd-r dvd-rw dvd+rw dvd+r-dl dvd-ram bd-r bd-re; do
	begin_on "growisofs on $m" "$m" || continue
	burns "-Z" $img growisofs -Z "$CD=$img"
	end_on
done
if begin_on "growisofs on dvd-r-dl" dvd-r-dl; then
	refuse "$tool: -Z" 'more than 50% of space will be .wasted' growisofs -Z "$CD=$img"
	end_on
fi
for m in dvd-r dvd-r-dl dvd-rw dvd+rw dvd+r-dl dvd-ram bd-r bd-re; do
	begin_on "xorriso on $m" "$m" || continue
	burns "-as cdrecord" $img xorriso -as cdrecord -v dev="$CD" $img
	end_on
done
for m in dvd-r dvd-rw dvd+r-dl; do
	begin_on "wodim on $m" "$m" || continue
	burns "-sao" $img wodim -v gracetime=2 -sao dev="$CD" $img
	end_on
done
if begin_on "wodim on dvd+rw" dvd+rw; then
	check "$tool: -format" wodim gracetime=2 -format dev="$CD"
	until_true 10 sg_turs "$CDSG"
	burns "-sao" $img wodim -v gracetime=2 -sao dev="$CD" $img
	end_on
fi
for m in dvd-r dvd-r-dl; do
	begin_on "cdrskin on $m" "$m" || continue
	burns "image" $img cdrskin -v dev="$CD" $img
	end_on
done
if begin_on "cdrskin on bd-re" bd-re; then
	refuse "$tool: unformatted" 'Media not properly formatted' cdrskin -v dev="$CD" $img
	burns "blank=as_needed" $img cdrskin -v dev="$CD" blank=as_needed $img
	end_on
fi

# ---- disc at once, and for good ----
if begin_on "growisofs -dvd-compat on dvd-r" dvd-r; then
	burns "-Z" $img growisofs -dvd-compat -Z "$CD=$img"
	info
	says "$tool: complete" 'Disc status: +complete'
	end_on
fi
if begin_on "growisofs dao on dvd-r" dvd-r; then
	burns "-Z" $img growisofs -use-the-force-luke=dao -Z "$CD=$img"
	info
	says "$tool: complete" 'Disc status: +complete'
	end_on
fi

# ---- sessions ----
# sessions MEDIUM: two sessions by growisofs and one more by xorriso; all files must be there
sessions() {
	begin_on "sessions on $1" "$1" || return
	if check "$tool: growisofs -Z" growisofs -Z "$CD" -R -J -V ONE -quiet -graft-points one=/data/tree2; then
		until_true 10 sg_turs "$CDSG"
		check "$tool: growisofs -M" growisofs -M "$CD" -R -J -V TWO -quiet -graft-points two=/data/tree2
		until_true 10 sg_turs "$CDSG"
		# Writes to a DVD-RAM go through the cache of the kernel.
		run sync
		run eject "$CD"
		run eject -t "$CD"
		until_true 10 sg_turs "$CDSG"
		check "$tool: mounts" mount -t iso9660 -o ro "$CD" /mnt
		files "$tool: the first one's files" tree2.sums one
		files "$tool: the second one's files" tree2.sums two
		umount /mnt
	fi
	end_on
}
for m in dvd-r dvd-rw dvd+rw dvd+r-dl dvd-ram bd-r bd-re; do sessions $m; done
# Sessions by xorriso, which keeps a BD-R sequential.
for m in dvd-rw bd-r; do
	begin_on "xorriso sessions on $m" "$m" || continue
	check "$tool: first" xorriso -outdev "$CD" -volid XONE -map /data/tree2 /one -commit
	until_true 10 sg_turs "$CDSG"
	check "$tool: second" xorriso -dev "$CD" -map /data/tree2 /two -commit
	until_true 10 sg_turs "$CDSG"
	says "$tool: -toc shows two" 'ISO session +: +2' xorriso -indev "$CD" -toc
	check "$tool: mounts" mount -t iso9660 -o ro "$CD" /mnt
	files "$tool: the first one's files" tree2.sums one
	files "$tool: the second one's files" tree2.sums two
	end_on
done

# ---- blanked and burned again ----
if begin_on "blanking dvd-rw" dvd-rw; then
	check "$tool: wodim burns" wodim gracetime=2 -sao dev="$CD" /data/burn.iso
	until_true 10 sg_turs "$CDSG"
	check "$tool: wodim -blank=fast" wodim gracetime=2 -blank=fast dev="$CD"
	until_true 10 sg_turs "$CDSG"
	info
	says "$tool: is blank" 'Disc status: +blank'
	burns "growisofs after it, disc at once" $img growisofs -Z "$CD=$img"
	until_true 10 sg_turs "$CDSG"
	check "$tool: dvd+rw-format -blank=full" dvd+rw-format -blank=full "$CD"
	until_true 10 sg_turs "$CDSG"
	burns "growisofs after it" $img growisofs -Z "$CD=$img"
	check "$tool: xorriso -blank as_needed" xorriso -outdev "$CD" -blank as_needed
	until_true 10 sg_turs "$CDSG"
	burns "xorriso after it" $img xorriso -as cdrecord -v dev="$CD" $img
	check "$tool: dvd+rw-format -force: restricted overwrite" dvd+rw-format -force "$CD"
	until_true 10 sg_turs "$CDSG"
	info
	says "$tool: is so" 'Mounted Media: +13h, DVD-RW Restricted Overwrite'
	burns "growisofs over it" $img growisofs -Z "$CD=$img"
	end_on
fi
finish
