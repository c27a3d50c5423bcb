#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# burn-verify-eject.sh: burns one disc after the other, on a machine that has logged in to a jukebox.
#
#   burn-verify-eject.sh [-c CHANGER] [-n DRIVE] [-b BLANKS] DEVICE IMAGE|FOLDER...
#
# DEVICE is the drive, such as /dev/sr0.  For each IMAGE (or image made of a FOLDER) the changer loads a
# blank, growisofs burns it, the script reads all of it back and compares it, and the changer returns the disc
# to its slot.  From there, archive-watcher.sh on the jukebox's machine can archive it.
#
#   -c   the changer: /dev/sgN, as `lsscsi -g` lists it, or /dev/changer; without it the script burns the
#        disc that is in the drive, and only ejects it at the end
#   -n   the number of DEVICE among the changer's drives; default 0
#   -b   labels of blank discs, as a pattern of the shell; default 'BLANK*'
#
# It needs mtx, growisofs, eject, and xorriso for FOLDERs.  Each blank is used once: if one fails, it is
# moved back and not tried again.  The script prints one line for each disc.  Exit status: 0 all discs are
# burned and equal to their images, 1 some are not, 2 wrong usage.
#
# check: no, it needs a kernel's initiator; tests/guest/scripts/80-examples.sh runs it in one
set -uo pipefail

usage() { sed -n 's/^#   burn-verify-eject.sh/usage: burn-verify-eject.sh/p' "$0" >&2; exit 2; }
changer='' number=0 blanks='BLANK*'
while getopts c:n:b: option; do
	case $option in
	c) changer=$OPTARG ;;
	n) number=$OPTARG ;;
	b) blanks=$OPTARG ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
[ $# -ge 2 ] || usage
device=$1
shift
[ -b "$device" ] || { echo "$device is no drive" >&2; exit 2; }

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
log=$temporary/log
failed() { sed "s/^/    /" "$log" | tail -n 10; }

tried=' '
# next_blank: puts a slot with a blank that was not tried yet into $slot and $label.
# mtx says: "      Storage Element 3:Full :VolumeTag=BLANK3".
next_blank() {
	local line
	while IFS= read -r line; do
		[[ $line =~ Storage\ Element\ ([0-9]+)(\ IMPORT/EXPORT)?:Full\ :VolumeTag=(.*[^ ])\ *$ ]] || continue
		slot=${BASH_REMATCH[1]} label=${BASH_REMATCH[3]}
		# shellcheck disable=SC2053
		[[ $label == $blanks && $tried != *" $slot "* ]] || continue
		tried+="$slot "
		return 0
	done < <(mtx -f "$changer" status)
	return 1
}

# ready: waits until the drive is ready, which takes a moment after a load.
ready() {
	local i
	for ((i = 0; i < 120; i++)); do
		if (: < "$device") 2> /dev/null; then return 0; fi
		sleep 0.5
	done
	return 1
}

# back: moves the disc from the drive to its slot.  It ejects first, since an operating system locks the tray.
back() {
	eject "$device" > "$log" 2>&1 || { failed; return 1; }
	[ -z "$changer" ] || mtx -f "$changer" unload "$slot" "$number" > "$log" 2>&1 || { failed; return 1; }
}

# burn IMAGE: burns and compares it.
burn() {
	local size
	size=$(stat -L -c %s "$1") || return
	growisofs -use-the-force-luke=notray -dvd-compat -Z "$device=$1" > "$log" 2>&1 < /dev/null ||
		{ echo "$label: growisofs failed:"; failed; return 1; }
	ready || { echo "$label: the drive does not get ready after the burn"; return 1; }
	# Drops what the kernel has in its cache, so that the comparison reads the disc.
	blockdev --flushbufs "$device"
	if ! cmp -n "$size" "$1" "$device" > "$log" 2>&1; then
		echo "$label: what was read back is not what was burned:"
		failed
		return 1
	fi
}

bad=0
for what; do
	slot='' label=$device image=$what
	if [ -d "$what" ]; then
		image=$temporary/image.iso
		volume=$(basename "$(realpath "$what")" | tr -c 'A-Za-z0-9_\n' _ | cut -c 1-32)
		if ! xorriso -as mkisofs -R -J -V "$volume" -o "$image" "$what" > "$log" 2>&1; then
			echo "$what: no image can be made of it:"
			failed
			bad=$((bad + 1))
			continue
		fi
	fi
	if [ -n "$changer" ]; then
		if ! next_blank; then
			echo "$what: there is no blank left"
			bad=$((bad + 1))
			continue
		fi
		if ! mtx -f "$changer" load "$slot" "$number" > "$log" 2>&1; then
			echo "$label: cannot be loaded:"
			failed
			bad=$((bad + 1))
			continue
		fi
	fi
	ready && burn "$image"
	rc=$?
	back || rc=1
	if [ $rc = 0 ]; then
		echo "$label: has $what, verified${slot:+, and is in slot $slot}"
	else
		echo "$label: FAILED with $what"
		bad=$((bad + 1))
	fi
	rm -f "$temporary/image.iso"
done
[ $bad = 0 ]
