#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A whole disc of each family, burned from its first sector to its last by a program, and one sector
# more, which there is no room for.  It has no number: it runs when it is named only, as by
# `make full-size`.  JUKE_CELL=REGEX: those rows whose "PROGRAM on MEDIUM: MODE" it matches.
# Each row ends with a line for make-matrix: `whole`, and FULL.md's columns.
# media: - - - - - - - -
# timeout: 14400
. "$LIB/lib.sh"
. "$LIB/steps.sh"
nolock
setup
LIMIT=10000 HOST_LIMIT=1800

# What is burned is zeros, with its number in the first bytes of each 8192th sector and of the last: a
# sparse file here, in memory, and again outside, where the mount is compared with it.
FULL=/tmp/full.img
marked() { # SECTORS FILE
	rm -f "$2"
	awk -v n="$1" '
		function mark(s) { printf "%x00: %08x %08x\n", s * 8, 1835102827, s } # mark
		BEGIN { for (s = 0; s < n; s += 8192) mark(s); mark(n - 1) }' | xxd -r - "$2"
	truncate -s $(($1 * 2048)) "$2"
}

# ---- steps, besides those of steps.sh ----

# one_more TEXT CMD...: of $FULL with a sector more CMD says TEXT, and fails.
one_more() {
	truncate -s $(((size + 1) * 2048)) $FULL
	why "$@"
	truncate -s $((size * 2048)) $FULL
}
# part_is NAME FIRST SECTORS: these are read back, past the kernel's cache.
part_is() {
	check "$tool: $((++step)) $1" /data/sameas $FULL "$2" "$3" "$CD"
}
# reads WHAT: whole, or the ends: 64 MiB at the beginning, in the middle and at the end.
reads() {
	local n=32768
	case $1 in
	whole) part_is "reads back, all of it" 0 "$size" ;;
	ends)
		part_is "reads back, its beginning" 0 $n
		part_is "reads back, its middle" $((size / 2)) $n
		part_is "reads back, its end" $((size - n)) $n
		;;
	esac
}
# fills READ CMD...: CMD writes all of $FULL, which then is read in the guest, and by cp out of the mount.
fills() {
	local label lba sense t
	label=$(printf 'DISK_%03d' "$slotno")
	readback=$1 t=$SECONDS
	shift
	check "$tool: $((++step)) $*" "$@" || return
	took=$((SECONDS - t))
	settled
	is "$tool: $((++step)) the kernel's size of it" $(($(blockdev --getsize64 "$CD") / 2048)) "$size"
	reads "$readback"
	# The drive itself, asked for a sector behind the last.
	read -ra lba < <(printf '%08x' "$size" | sed 's/../& /g')
	run sg_raw -s 2048 -i /dev/zero "$CDSG" 2a 00 "${lba[@]}" 00 00 01 00
	sense=$(sed -nE 's/.*Additional sense: *//p' <<< "$out" | head -1)
	is "$tool: $((++step)) the drive refuses sector $size" "$([ "$rc" != 0 ] && [ -n "$sense" ] && echo refused)" refused
	drive_says=$sense
	reload
	reads ends
	until_true 15 unload "$slotno"
	marked "$size" /data/full.img
	host copied "$label" full.img
	good "$tool: $((++step)) cp out of the mount gives it"
	has "$tool: $step and nothing more" '^identical, and 0 bytes'
	host room "$label"
	room=$out
	rm -f /data/full.img
	is "$tool: $((++step)) its zeros take no room: $room KiB" "$((room < size / 5))" 1
	run load "$slotno"
}

# ---- rows ----

# whole MEDIUM SECTORS PROGRAM MODE STEPS
whole() {
	local medium=$1 size=$2 program=$3 mode=$4 before=$failed
	[[ "$program on $medium: $mode" =~ ${JUKE_CELL:-} ]] || return 0
	step=0 reason='' readback='' took='' room='' drive_says=''
	marked "$size" $FULL
	if begin_on "$program on $medium: $mode" "$medium"; then
		eval "$5"
		end_on
	fi
	printf 'whole\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$medium" "$program" "$mode" "$size" \
		"$([ "$failed" = "$before" ] && echo passes || echo FAILS)" "$readback" "$took" $((SECONDS - t0)) \
		"$room" "$reason" "$drive_says"
}

no_room='blocks are free|not fit|exceeds|not enough|larger than|remaining'
in_place='one_more "No space left on device" dd if=$FULL of=$CD bs=2048 skip=$size seek=$size count=1 oflag=direct'
# A track of its own ends with two sectors of run-out, which wodim counts in.
whole cd-r 359847 wodim "-tao" 'one_more "$no_room" wodim -v gracetime=2 -tao dev=$CD $FULL; disc blank; fills whole wodim -v gracetime=2 -tao dev=$CD $FULL; disc complete'
whole cd-rw 359849 cdrskin "-sao" 'one_more "$no_room" cdrskin dev=$CD -sao $FULL; disc blank; fills whole cdrskin dev=$CD -sao $FULL; disc complete'
whole dvd-r 2297888 wodim "-sao" 'one_more "$no_room" wodim gracetime=2 -sao dev=$CD $FULL; disc blank; fills whole wodim gracetime=2 -sao dev=$CD $FULL; disc complete'
whole dvd-rw 2297888 growisofs "dvd+rw-format, -Z" 'does dvd+rw-format -force $CD; reload; one_more "$no_room" growisofs -Z $CD=$FULL; fills whole growisofs -Z $CD=$FULL'
whole dvd+r 2295104 growisofs "-dvd-compat -Z" 'one_more "$no_room" growisofs -dvd-compat -Z $CD=$FULL; disc blank; fills whole growisofs -dvd-compat -Z $CD=$FULL; disc complete'
whole dvd+rw 2295104 kernel "dvd+rw-format, dd of=/dev/sr0" "does dvd+rw-format \$CD; reload; fills whole dd if=\$FULL of=\$CD bs=1M oflag=direct conv=fsync; $in_place"
whole dvd-ram 2236704 kernel "dd of=/dev/sr0" "fills whole dd if=\$FULL of=\$CD bs=1M oflag=direct conv=fsync; $in_place"
whole dvd+r-dl 4173824 growisofs "-dvd-compat -Z" 'one_more "$no_room" growisofs -dvd-compat -Z $CD=$FULL; disc blank; fills ends growisofs -dvd-compat -Z $CD=$FULL; disc complete'
whole bd-r 12219392 xorriso "-as cdrecord padsize=0" 'one_more "$no_room" xorriso -as cdrecord padsize=0 dev=$CD $FULL; disc blank; fills ends xorriso -as cdrecord padsize=0 dev=$CD $FULL; disc complete'
# With the spare areas that it has by default.
whole bd-re 11826176 kernel "dvd+rw-format, dd of=/dev/sr0" "does dvd+rw-format \$CD; reload; fills ends dd if=\$FULL of=\$CD bs=1M oflag=direct conv=fsync; $in_place"
finish
