# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# How the whole discs of discs.sh are burned, by full-size.sh and full-kernel.sh, which say which; these of the
# media in their arguments, of all without.  JUKE_CELL=REGEX: those whose "PROGRAM on MEDIUM: MODE" it matches.
# Each ends with a line for make-matrix: `whole`, and what FULL.md has of it.
. "$LIB/lib.sh"
. "$LIB/steps.sh"
nolock
setup
media=" $* "
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
# fills READ CMD...: CMD writes all of $FULL, which then is read back, and by cp out of the mount.
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

# run_whole MEDIUM SECTORS PROGRAM MODE STEPS
run_whole() {
	local medium=$1 size=$2 program=$3 mode=$4 before=$failed
	[[ $media =~ ^\ *$ || $media == *" $1 "* ]] && [[ "$program on $medium: $mode" =~ ${JUKE_CELL:-} ]] || return 0
	step=0 reason='' readback='' took='' room='' drive_says=''
	marked "$size" $FULL
	if begin_on "$program on $medium: $mode" "$medium"; then
		eval "$5"
		end_on
	fi
	printf 'whole\t%s\t%s\t%s, %s sectors\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$program" "$medium" "$mode" "$size" \
		"$([ "$failed" = "$before" ] && echo passes || echo FAILS)" "$readback" "$took" $((SECONDS - t0)) \
		"$reason" "$drive_says" "$room"
}
