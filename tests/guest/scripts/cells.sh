# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# The matrix: which program writes which medium, and how.
#
#	cell PROGRAM MODE MEDIUM... -- STEPS
#	kernel_cell PROGRAM MODE MEDIUM... -- STEPS		a cell that needs a kernel and always runs in a guest
#
# A cell runs once for each MEDIUM, with a new blank of it in the drive.  STEPS is bash and uses:
#
#	burn CMD...	CMD writes $IMG; the disc then holds the same bytes, read at once, after it was out
#			and in, and by cp out of the jukebox's mount
#	session CMD...	CMD adds the tree /data/tree2 as /%S (one, two, three; $TREE has it); then the disc is mounted
#			and has the files of all sessions so far; the guest and the mount read the same
#	image CMD...	for a session: CMD writes $NEXT, an image that genisoimage made of that tree.  The image comes
#			after the existing sessions, at the address that CMD's program prints (-msinfo)
#	does CMD...	CMD ends with 0
#	why TEXT CMD...	CMD fails and prints TEXT, its own reason why this is not possible
#	disc STATUS	the disc is blank, appendable, complete or others (READ DISC INFORMATION); a blank one has no
#			sessions
#	holds FILE	the disc begins with FILE's bytes
#	reload		the disc goes out and comes in
#	audio CMD...	CMD writes the tracks /tmp/1.wav and 2.wav; cdparanoia then returns the same samples, at once
#			and after the disc was out and in; the mount has them, too, with a CUE sheet
#	text		the disc has the CD-TEXT of audio.sh's sheets
#	mixed CMD...	CMD writes $IMG and after it /tmp/2.wav; both are read back
#
# matrix.sh runs the cells; ../make-matrix makes ../MATRIX.md of its output.

sequential=(dvd-r dvd-rw dvd+r dvd+r-dl bd-r)

# ---- growisofs: one image, for good, disc at once, three sessions ----
cell growisofs "-Z" dvd-r dvd+r-dl bd-r bd-re -- 'burn growisofs -Z $CD=$IMG'
cell growisofs "-Z" dvd-rw dvd-rw-ro dvd-ram dvd+r dvd+rw bd-r-dl bd-re-dl -- 'burn growisofs -Z $CD=$IMG'
cell growisofs "-Z" dvd-r-dl -- 'why "more than 50% of space will be .wasted" growisofs -Z $CD=$IMG; disc blank'
cell growisofs "-dvd-compat -Z" dvd-r dvd-rw dvd+r -- 'burn growisofs -dvd-compat -Z $CD=$IMG; disc complete'
cell growisofs "-dvd-compat -Z" dvd+rw -- 'burn growisofs -dvd-compat -Z $CD=$IMG'
cell growisofs "disc at once" dvd-rw -- 'burn growisofs -use-the-force-luke=dao -Z $CD=$IMG; disc complete'
cell growisofs "disc at once" dvd-r -- 'burn growisofs -use-the-force-luke=dao -Z $CD=$IMG; disc complete'
# growisofs formats a blank BD-R for pseudo-overwrite unless told otherwise. It closes the session of a BD-R,
# never the disc.
cell growisofs "-dvd-compat -Z" bd-r -- 'burn growisofs -dvd-compat -Z $CD=$IMG; disc appendable'
cell growisofs "without spare areas" bd-r bd-r-dl -- 'burn growisofs -use-the-force-luke=spare:none -Z $CD=$IMG; disc appendable'
cell growisofs "-Z, -M, -M" dvd+r dvd-ram -- 'session growisofs -Z $TREE; session growisofs -M $TREE; session growisofs -M $TREE'
cell growisofs "-Z, -M, -M" dvd-r dvd-rw dvd-rw-ro dvd+r-dl dvd+rw bd-r bd-re -- 'session growisofs -Z $TREE; session growisofs -M $TREE; session growisofs -M $TREE'
# Without a terminal growisofs overwrites a file system only if it is told to.
over='growisofs -use-the-force-luke=tty -Z'
cell growisofs "-Z over a smaller one" dvd-rw-ro dvd-ram dvd+rw bd-re -- 'does growisofs -Z $CD=$IMG; '"burn $over \$CD=/data/burn.iso"
cell growisofs "-Z over a larger one" dvd+rw -- 'does growisofs -Z $CD=/data/burn.iso; '"does $over \$CD=\$IMG; holds \$IMG"
cell growisofs "-dvd-compat -Z, without spare areas" bd-r -- 'burn growisofs -dvd-compat -use-the-force-luke=spare:none -Z $CD=$IMG; disc appendable'
cell growisofs "-Z, -M" bd-r-dl bd-re-dl -- 'session growisofs -Z $TREE; session growisofs -M $TREE'

# ---- dvd+rw-tools: formats, blanks, the book type ----
cell dvd+rw-format "and growisofs" dvd+rw bd-re bd-re-dl -- 'does dvd+rw-format $CD; reload; burn growisofs -Z $CD=$IMG'
# On DVD-RAM dvd+rw-format enlarges the spare area, which keeps the data.
cell dvd+rw-format "-force, and growisofs" dvd-ram -- 'does growisofs -Z $CD=$IMG; does dvd+rw-format -force $CD; reload; why "already carries isofs" growisofs -Z $CD=$IMG'
cell dvd+rw-format "-force, and growisofs" dvd+rw bd-re -- 'does growisofs -Z $CD=$IMG; does dvd+rw-format -force $CD; reload; burn growisofs -Z $CD=$IMG'
cell dvd+rw-format "-blank, -blank=full" dvd-rw -- 'does growisofs -Z $CD=$IMG; does dvd+rw-format -blank $CD; disc blank; burn growisofs -Z $CD=$IMG; does dvd+rw-format -blank=full $CD; disc blank; burn growisofs -Z $CD=$IMG'
cell dvd+rw-format "-force: restricted overwrite, and back" dvd-rw -- 'does dvd+rw-format -force $CD; reload; burn growisofs -Z $CD=$IMG; does dvd+rw-format -blank $CD; disc blank'
cell dvd+rw-format "-lead-out" dvd+rw -- 'does growisofs -Z $CD=$IMG; does dvd+rw-format -lead-out $CD; holds $IMG'
cell dvd+rw-booktype "-dvd-rom -media" dvd+r dvd+rw -- 'why "booktyping is not supported" dvd+rw-booktype -dvd-rom -media $CD'

# ---- what a program says of a disc: blank, and recorded ----
all=(cd-r cd-rw dvd-r dvd-r-dl dvd-rw dvd-rw-ro dvd-ram dvd+r dvd+r-dl dvd+rw bd-r bd-r-dl bd-re bd-re-dl)
one='does xorriso -as cdrecord dev=$CD blank=as_needed $IMG'
cell dvd+rw-mediainfo "of a blank and a recorded disc" "${all[@]:2}" -- 'does dvd+rw-mediainfo $CD; '"$one; "'does dvd+rw-mediainfo $CD'
cell dvd+rw-mediainfo "of a blank" cd-r cd-rw -- 'why "non-DVD media" dvd+rw-mediainfo $CD'
# cd-info needs a table of contents, which a blank CD does not have.
cell cd-info "of a blank" cd-r cd-rw -- 'why "Can.t get first track number" cd-info --no-cddb -C $CD'
cell cd-info "of a recorded disc" cd-r cd-rw dvd-r dvd+rw bd-r -- "$one; "'does cd-info --no-cddb -C $CD'

# ---- wodim ----
cell wodim "-sao" dvd+r-dl -- 'burn wodim -v gracetime=2 -sao dev=$CD $IMG'
cell wodim "-sao" dvd-r dvd-rw dvd+r dvd-r-dl -- 'burn wodim -v gracetime=2 -sao dev=$CD $IMG'
cell wodim "-format, -sao" dvd+rw -- 'does wodim gracetime=2 -format dev=$CD; burn wodim -v gracetime=2 -sao dev=$CD $IMG'
# wodim reserves a track, which a disc for restricted overwrite cannot do. It does not support DVD-RAM. It
# treats BD as CD, and sends a cue sheet.
cell wodim "-sao" dvd-rw-ro -- 'why "reserve track" wodim -v gracetime=2 -sao dev=$CD $IMG'
# wodim ends with 0 although it has recorded nothing.
cell wodim "-sao" dvd-ram -- 'why "unsupported CD/DVD-Recorder" sh -c "wodim -v gracetime=2 -sao dev=$CD $IMG; exit 1"'
cell wodim "-sao" bd-r bd-re -- 'why "send_cue_sheet" wodim -v gracetime=2 -sao dev=$CD $IMG'
cell wodim "-tao" bd-r -- 'burn wodim -v gracetime=2 -tao dev=$CD $IMG'
cell wodim "dvd+rw-format, -tao" bd-re -- 'does dvd+rw-format $CD; reload; why "Cannot get next writable address" wodim -v gracetime=2 -tao dev=$CD $IMG'
cell wodim "-tao" dvd-r dvd+r -- 'burn wodim -v gracetime=2 -tao dev=$CD $IMG'
cell wodim "-dummy" dvd-r dvd-rw -- 'does wodim -v gracetime=2 -dummy -sao dev=$CD $IMG; disc blank'
cell wodim "-blank=fast, -blank=all" dvd-rw -- 'does wodim -v gracetime=2 -sao dev=$CD $IMG; does wodim gracetime=2 -blank=fast dev=$CD; disc blank; burn wodim -v gracetime=2 -sao dev=$CD $IMG; does wodim gracetime=2 -blank=all dev=$CD; disc blank; burn growisofs -Z $CD=$IMG'

# ---- cdrskin ----
cell cdrskin "one image" dvd-r-dl -- 'burn cdrskin -v dev=$CD $IMG; disc complete'
cell cdrskin "one image" "${sequential[@]}" -- 'burn cdrskin -v dev=$CD $IMG; disc complete'
cell cdrskin "one image" dvd-rw-ro dvd-ram dvd+rw -- 'burn cdrskin -v dev=$CD $IMG'
cell cdrskin "one image" bd-re -- 'why "Media not properly formatted" cdrskin -v dev=$CD $IMG'
cell cdrskin "blank=as_needed" dvd-rw dvd+rw bd-re -- 'burn cdrskin -v dev=$CD blank=as_needed $IMG; burn cdrskin -v dev=$CD blank=as_needed $IMG'
cell cdrskin "-multi, and one more" dvd+r-dl bd-r-dl -- 'burn cdrskin -v -multi dev=$CD $IMG; disc appendable; does cdrskin -v dev=$CD /data/ref.iso; disc complete; holds $IMG'
cell cdrskin "-multi, three sessions" dvd-r dvd-rw dvd+r bd-r -- 'session image cdrskin -v -multi dev=$CD; session image cdrskin -v -multi dev=$CD; disc appendable; session image cdrskin -v dev=$CD; disc complete'
cell cdrskin "-dummy" dvd-r dvd-rw -- 'does cdrskin -v -dummy -sao dev=$CD $IMG; disc blank'
cell cdrskin "blank=fast, blank=all, blank=format_overwrite" dvd-rw -- 'does cdrskin -v dev=$CD $IMG; does cdrskin -v dev=$CD blank=fast; disc blank; does cdrskin -v dev=$CD blank=all; disc blank; does cdrskin -v dev=$CD blank=format_overwrite; reload; burn cdrskin -v dev=$CD $IMG'

# ---- xorriso ----
xorriso='session xorriso -dev $CD -map /data/tree2 /%S -commit'
cell xorriso "-as cdrecord" dvd-rw-ro dvd+rw -- 'burn xorriso -as cdrecord -v dev=$CD $IMG'
cell xorriso "-as cdrecord" "${sequential[@]}" dvd-r-dl dvd-ram bd-re bd-r-dl bd-re-dl cd-r cd-rw -- 'burn xorriso -as cdrecord -v dev=$CD $IMG'
closing='session xorriso -dev $CD -close on -map /data/tree2 /%S -commit; disc complete'
cell xorriso "-dev, -dev, -dev -close on" cd-r cd-rw "${sequential[@]}" bd-r-dl -- "$xorriso; $xorriso; disc appendable; $closing"
cell xorriso "-dev, three sessions" dvd-rw-ro dvd-ram dvd+rw -- "$xorriso; $xorriso; $xorriso"
cell xorriso "-dev -close on" dvd-r-dl -- "$closing"
cell xorriso "-blank fast, -blank all" cd-rw dvd-rw -- "$xorriso; "'does xorriso -outdev $CD -blank fast; disc blank; '"$xorriso; "'does xorriso -outdev $CD -blank all; disc blank; '"$xorriso; $xorriso"
cell xorriso "-blank as_needed, again" cd-rw dvd+rw bd-re -- 'session xorriso -outdev $CD -blank as_needed -map /data/tree2 /%S -commit; nsessions=0; session xorriso -outdev $CD -blank as_needed -map /data/tree2 /%S -commit'
cell xorriso "-format as_needed, -dev, -dev" bd-re -- "does xorriso -outdev \$CD -format as_needed; reload; $xorriso; $xorriso"
cell xorriso "-format as_needed, -dev, -dev" dvd+rw bd-re-dl -- "does xorriso -outdev \$CD -format as_needed; reload; $xorriso; $xorriso"
cell xorriso "-format full, -dev" dvd-rw dvd-ram -- "does xorriso -outdev \$CD -format full; reload; $xorriso"
cell xorriso "-format fast, -dev" dvd-rw bd-r -- "does xorriso -outdev \$CD -format fast; reload; $xorriso"
cell xorriso "-blank deformat, -dev" dvd-rw-ro -- "$xorriso; "'does xorriso -outdev $CD -blank deformat; disc blank; '"$xorriso"

# ---- udftools, and the kernel's own writes ----
udf='does cp -r /data/tree2 /mnt/; does umount /mnt; reload; does mount -t udf -o ro $CD /mnt; does sums tree2'
kernel_cell udftools "mkudffs, mount -o rw" dvd-ram -- "does mkudffs --media-type=dvdrw --blocksize=2048 \$CD; does mount -t udf -o rw \$CD /mnt; $udf"
kernel_cell udftools "mkudffs, mount -o rw" dvd-rw-ro -- "does mkudffs --media-type=dvdrw --blocksize=2048 \$CD; does mount -t udf -o rw \$CD /mnt; $udf"
kernel_cell udftools "dvd+rw-format, mkudffs, mount -o rw" dvd+rw bd-re -- "does dvd+rw-format \$CD; reload; does mkudffs --media-type=dvdrw --blocksize=2048 \$CD; does mount -t udf -o rw \$CD /mnt; $udf"
kernel_cell udftools "mkudffs" dvd-r dvd-rw dvd+r bd-r -- 'why "Not enough blocks|Cannot open device" mkudffs --media-type=dvdrw --blocksize=2048 $CD; disc blank'
# cdrwtool formats a CD-RW for packets, of mode 2 unless told otherwise, and a DVD-RW for restricted
# overwrite. DVD has no mode 2 (MMC-6 7.5.4). It blanks a DVD+RW first, which is not possible.
cell udftools "cdrwtool -q" dvd-rw -- 'why "Command failed: 55.* sense 05.26.00" cdrwtool -d $CD -q; disc blank'
kernel_cell udftools "cdrwtool -w mode1 -q, mount -o rw" dvd-rw -- "does cdrwtool -d \$CD -w mode1 -q; reload; does mount -t udf -o rw \$CD /mnt; $udf"
cell udftools "cdrwtool -q, cdrwtool -w mode1 -q" dvd+rw -- 'why "Command failed: 55.* sense 05.26.00" cdrwtool -d $CD -q; why "Command failed: a1.* sense 05.24.00" cdrwtool -d $CD -w mode1 -q'
kernel_cell udftools "cdrwtool -q, mount -o rw" cd-rw -- "does cdrwtool -d \$CD -q; reload; does mount -t udf -o rw \$CD /mnt; $udf"
kernel_cell udftools "cdrwtool -w mode1 -q, mount -o rw" cd-rw -- "does cdrwtool -d \$CD -w mode1 -q; reload; does mount -t udf -o rw \$CD /mnt; $udf"
# One file only: wrudf puts files that follow a folder into that folder, even in an image file.
kernel_cell udftools "cdrwtool -q, wrudf" cd-rw -- 'does cdrwtool -d $CD -q; does wrudf_does "cp $IMG /"; reload; does mount -t udf -o ro $CD /mnt; does cmp /mnt/small.iso $IMG'
kernel_cell udftools "mkudffs, mount -o rw" cd-rw-packet -- "does mkudffs --media-type=cdrw --blocksize=2048 \$CD; does mount -t udf -o rw \$CD /mnt; $udf"
cell udftools "mkudffs, wrudf" dvd-ram dvd-rw-ro -- 'does mkudffs --media-type=dvdrw --blocksize=2048 $CD; why "packet|Next writable address invalid" wrudf $CD'
cell udftools "wrudf" cd-r dvd-r dvd+r bd-r -- 'why "not variable packet|No AVDP|Neither Data Mode1" wrudf $CD; disc blank'
cell udftools "dvd+rw-format, mkudffs, wrudf" dvd+rw bd-re -- 'does dvd+rw-format $CD; reload; does mkudffs --media-type=dvdrw --blocksize=2048 $CD; why "Next writable address invalid" wrudf $CD'
kernel_cell kernel "dd of=/dev/sr0" dvd-rw-ro -- 'burn dd if=$IMG of=$CD bs=64k conv=fsync'
kernel_cell kernel "dd of=/dev/sr0" dvd-ram -- 'burn dd if=$IMG of=$CD bs=64k conv=fsync'
kernel_cell kernel "dvd+rw-format, dd of=/dev/sr0" dvd+rw -- 'does dvd+rw-format $CD; reload; burn dd if=$IMG of=$CD bs=64k conv=fsync'
kernel_cell kernel "dvd+rw-format, dd of=/dev/sr0" bd-re -- 'does dvd+rw-format $CD; reload; burn dd if=$IMG of=$CD bs=64k conv=fsync'
# Linux opens an erasable disc for writing, but no data fits on a blank.
kernel_cell kernel "dd of=/dev/sr0" dvd-rw cd-rw -- 'why "No space left on device" dd if=$IMG of=$CD bs=64k conv=fsync'
kernel_cell kernel "dd of=/dev/sr0" dvd-r dvd-r-dl dvd+r dvd+r-dl bd-r -- 'why "Read-only file system" dd if=$IMG of=$CD bs=64k conv=fsync; disc blank'

# ---- CD ----
cell wodim "-tao" cd-r -- 'burn wodim -v gracetime=2 -tao dev=$CD $IMG; disc complete'
cell wodim "-tao" cd-rw -- 'burn wodim -v gracetime=2 -tao dev=$CD $IMG; disc complete'
cell wodim "-sao" cd-r cd-rw -- 'burn wodim -v gracetime=2 -sao dev=$CD $IMG; disc complete'
cell wodim "-dummy -tao, -dummy -sao" cd-r cd-rw -- 'does wodim -v gracetime=2 -dummy -tao dev=$CD $IMG; disc blank; does wodim -v gracetime=2 -dummy -sao dev=$CD $IMG; disc blank'
cell wodim "-tao -multi, three sessions" cd-r cd-rw -- 'session image wodim -v gracetime=2 -tao -multi dev=$CD; session image wodim -v gracetime=2 -tao -multi dev=$CD; disc appendable; session image wodim -v gracetime=2 -tao dev=$CD; disc complete'
# With -multi wodim writes mode 2 form 1, and its cue sheet has an invalid data form.
cell wodim "-sao -multi" cd-r cd-rw -- 'why "CUE sheet still not accepted" wodim -v gracetime=2 -sao -multi dev=$CD $IMG; disc blank'
cell wodim "-tao -multi, -sao" cd-r cd-rw -- 'session image wodim -v gracetime=2 -tao -multi dev=$CD; session image wodim -v gracetime=2 -sao dev=$CD; disc complete'
cell wodim "blank=fast, blank=all" cd-rw -- 'does wodim gracetime=2 -tao dev=$CD $IMG; does wodim gracetime=2 blank=fast dev=$CD; disc blank; burn wodim gracetime=2 -tao dev=$CD $IMG; does wodim gracetime=2 blank=all dev=$CD; disc blank'
cell cdrskin "-sao" cd-rw -- 'burn cdrskin -v dev=$CD -sao $IMG; disc complete'
cell cdrskin "-sao" cd-r -- 'burn cdrskin -v dev=$CD -sao $IMG; disc complete'
cell cdrskin "-tao" cd-r cd-rw -- 'burn cdrskin -v dev=$CD -tao $IMG; disc complete'
cell cdrskin "-tao -multi, three sessions" cd-r cd-rw -- 'session image cdrskin -v -tao -multi dev=$CD; session image cdrskin -v -tao -multi dev=$CD; disc appendable; session image cdrskin -v -tao dev=$CD; disc complete'
cell cdrskin "-sao -multi, -tao" cd-r cd-rw -- 'session image cdrskin -v -sao -multi dev=$CD; disc appendable; session image cdrskin -v -tao dev=$CD; disc complete'
cell cdrskin "-sao -multi, -sao" cd-r cd-rw -- 'does cdrskin -v -sao -multi dev=$CD $IMG; why "Write job parameters are unsuitable" cdrskin -v -sao dev=$CD $IMG; disc appendable'
cell cdrskin "blank=as_needed" cd-rw -- 'burn cdrskin -v dev=$CD blank=as_needed $IMG; burn cdrskin -v dev=$CD blank=as_needed $IMG'
cell growisofs "-Z" cd-r cd-rw -- 'why "not recognized|not.*recordable" growisofs -Z $CD=$IMG; disc blank'
kernel_cell udftools "mkudffs" cd-rw -- 'why "Not enough blocks|Cannot open device" mkudffs --media-type=cdrw --blocksize=2048 $CD; disc blank'
cell wodim "blank=fast, -tao" cd-rw-packet -- 'does wodim gracetime=2 blank=fast dev=$CD; disc blank; burn wodim -v gracetime=2 -tao dev=$CD $IMG'
cell cdrskin "blank=as_needed" cd-rw-packet -- 'burn cdrskin -v dev=$CD blank=as_needed $IMG'
cell xorriso "-blank as_needed" cd-rw-packet -- 'session xorriso -outdev $CD -blank as_needed -map /data/tree2 /%S -commit'
kernel_cell kernel "dd of=/dev/sr0" cd-rw-packet -- 'burn dd if=$IMG of=$CD bs=64k conv=fsync'
kernel_cell kernel "dd of=/dev/sr0" cd-r -- 'why "Read-only file system" dd if=$IMG of=$CD bs=64k conv=fsync; disc blank'

# ---- CD: audio, CD-TEXT, mixed discs, sessions at once ----
cell wodim "-tao -audio" cd-r cd-rw -- 'audio wodim gracetime=2 -tao dev=$CD -audio /tmp/1.wav /tmp/2.wav; disc complete'
cell wodim "-dao -audio" cd-r cd-rw -- 'audio wodim gracetime=2 -dao dev=$CD -audio /tmp/1.wav /tmp/2.wav; disc complete'
cell wodim "-dao -text cuefile=" cd-r cd-rw -- 'audio wodim gracetime=2 -dao -text dev=$CD cuefile=/tmp/sheet.cue; text'
cell wodim "-tao -data, -audio" cd-r cd-rw -- 'mixed wodim gracetime=2 -tao dev=$CD -data $IMG -audio /tmp/2.wav'
cell wodim "-dao -data, -audio" cd-r cd-rw -- 'mixed wodim gracetime=2 -dao dev=$CD -data $IMG -audio /tmp/2.wav'
cell wodim "-sao -multi -data, -sao" cd-r cd-rw -- 'does wodim gracetime=2 -sao -multi dev=$CD -data $IMG; disc appendable; does wodim gracetime=2 -sao dev=$CD -data /data/ref.iso; disc complete; holds $IMG'
cell cdrskin "-sao -audio" cd-r cd-rw -- 'audio cdrskin dev=$CD -sao -audio /tmp/1.wav /tmp/2.wav; disc complete'
cell cdrskin "-tao -audio" cd-r cd-rw -- 'audio cdrskin dev=$CD -tao -audio /tmp/1.wav /tmp/2.wav; disc complete'
cell cdrskin "-sao input_sheet_v07t=" cd-r cd-rw -- 'audio cdrskin dev=$CD -sao input_sheet_v07t=/tmp/sheet.v07t -audio /tmp/1.wav /tmp/2.wav; text'
cell cdrdao "write, a .toc with CD-TEXT" cd-r cd-rw -- 'audio cdrdao write -n --driver generic-mmc:0x10 --device $CD /tmp/disc.toc; text'
cell cdrdao "write, data" cd-r cd-rw -- 'burn cdrdao write -n --driver generic-mmc --device $CD /tmp/data.toc; disc complete'
cell cdrdao "write, data and audio" cd-r -- 'mixed cdrdao write -n --driver generic-mmc --device $CD /tmp/mixed.toc'
cell cdrdao "blank" cd-rw -- 'audio cdrdao write -n --driver generic-mmc:0x10 --device $CD /tmp/disc.toc; does cdrdao blank --driver generic-mmc --device $CD; disc blank; burn cdrdao write -n --driver generic-mmc --device $CD /tmp/data.toc'
