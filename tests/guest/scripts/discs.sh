# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016,SC2034
# Whole discs: burns a medium from its first to its last sector with one program. One sector more must be
# refused.
#
#	whole MEDIUM SECTORS PROGRAM MODE STEPS
#	kernel_whole MEDIUM SECTORS PROGRAM MODE STEPS		of one that runs in a guest, since its kernel is the point
#
# whole.sh and steps.sh define the STEPS. make-matrix makes ../FULL.md from the results.

no_room='blocks are free|not fit|exceeds|not enough|larger than|remaining'
in_place='one_more "No space left on device" dd if=$FULL of=$CD bs=2048 skip=$size seek=$size count=1 oflag=direct'
# A track ends with two run-out sectors, which wodim counts.
whole cd-r 359847 wodim "-tao" 'one_more "$no_room" wodim -v gracetime=2 -tao dev=$CD $FULL; disc blank; fills whole wodim -v gracetime=2 -tao dev=$CD $FULL; disc complete'
whole cd-rw 359849 cdrskin "-sao" 'one_more "$no_room" cdrskin dev=$CD -sao $FULL; disc blank; fills whole cdrskin dev=$CD -sao $FULL; disc complete'
whole dvd-r 2297888 wodim "-sao" 'one_more "$no_room" wodim gracetime=2 -sao dev=$CD $FULL; disc blank; fills whole wodim gracetime=2 -sao dev=$CD $FULL; disc complete'
whole dvd-rw 2297888 growisofs "dvd+rw-format, -Z" 'does dvd+rw-format -force $CD; reload; one_more "$no_room" growisofs -Z $CD=$FULL; fills whole growisofs -Z $CD=$FULL'
whole dvd+r 2295104 growisofs "-dvd-compat -Z" 'one_more "$no_room" growisofs -dvd-compat -Z $CD=$FULL; disc blank; fills whole growisofs -dvd-compat -Z $CD=$FULL; disc complete'
whole dvd+rw 2295104 dd "dvd+rw-format, of=/dev/sr0" "does dvd+rw-format \$CD; reload; fills whole dd if=\$FULL of=\$CD bs=1M oflag=direct conv=fsync; $in_place"
kernel_whole dvd-ram 2236704 kernel "dd of=/dev/sr0" "fills whole dd if=\$FULL of=\$CD bs=1M oflag=direct conv=fsync; $in_place"
whole dvd+r-dl 4173824 growisofs "-dvd-compat -Z" 'one_more "$no_room" growisofs -dvd-compat -Z $CD=$FULL; disc blank; fills ends growisofs -dvd-compat -Z $CD=$FULL; disc complete'
whole bd-r 12219392 xorriso "-as cdrecord padsize=0" 'one_more "$no_room" xorriso -as cdrecord padsize=0 dev=$CD $FULL; disc blank; fills ends xorriso -as cdrecord padsize=0 dev=$CD $FULL; disc complete'
# With the default spare areas.
whole bd-re 11826176 dd "dvd+rw-format, of=/dev/sr0" "does dvd+rw-format \$CD; reload; fills ends dd if=\$FULL of=\$CD bs=1M oflag=direct conv=fsync; $in_place"
