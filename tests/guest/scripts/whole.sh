# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# Burns the whole discs of discs.sh, for full-size.sh and full-kernel.sh, which choose the discs. Takes only
# discs of the media in the arguments, if there are any. JUKE_CELL=REGEX takes only discs whose "PROGRAM on
# MEDIUM: MODE" matches. After each disc it prints a line for make-matrix: `whole`, and the fields of its row
# in FULL.md.
. "$LIB/lib.sh"
. "$LIB/steps.sh"
nolock
setup
media=" $* "
LIMIT=10000 HOST_LIMIT=1800

# The burned data is zeros, but each 8192nd sector and the last one begin with their numbers. It is a sparse
# file in memory here, and again outside, where it is compared with the mount.
FULL=/tmp/full.img
marked() { # SECTORS FILE
	rm -f "$2"
	awk -v n="$1" '
		function mark(s) { printf "%x00: %08x %08x\n", s * 8, 1835102827, s } # mark
		BEGIN { for (s = 0; s < n; s += 8192) mark(s); mark(n - 1) }' | xxd -r - "$2"
	truncate -s $(($1 * 2048)) "$2"
}

# ---- steps, besides those of steps.sh ----

# one_more TEXT CMD...: passes if CMD fails and prints TEXT when $FULL has one sector more
one_more() {
	truncate -s $(((size + 1) * 2048)) $FULL
	why "$@"
	truncate -s $((size * 2048)) $FULL
}
# part_is NAME FIRST SECTORS: passes if these sectors read back right, without the kernel's cache
part_is() {
	check "$tool: $((++step)) $1" /data/sameas $FULL "$2" "$3" "$CD"
}
# reads WHAT: passes if the disc reads back right: whole; or ends, 64 MiB at the beginning, in the middle and
# at the end
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
# fills READ CMD...: passes if CMD writes all of $FULL, and if it reads back right, also by cp out of the
# mount
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
	# Asks the drive itself for the sector after the last one.
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

# run_whole MEDIUM SECTORS PROGRAM MODE STEPS: burns one disc
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
