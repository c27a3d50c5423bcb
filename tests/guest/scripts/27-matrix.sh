#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The cells of cells.sh: every program on every medium in every mode that it has; JUKE_CELLS=all runs
# all, otherwise the quick ones.  JUKE_CELL=REGEX: those whose "PROGRAM on MEDIUM: MODE" it matches.
# Each cell ends with a line for make-matrix: `cell`, program, medium, mode, outcome, seconds.
# media: - - - - - - - -
# timeout: 1200
. "$LIB/lib.sh"
nolock
setup
IMG=/data/small.iso
LIMIT=150

settled() { until_true 20 sg_turs "$CDSG"; }
reload() {
	run eject "$CD"
	run mtx -f "$CH" unload "$slotno" 0
	run load "$slotno"
	good "$tool: $((++step)) out and in"
}
does() {
	check "$tool: $((++step)) $*" "$@"
	# A DVD-RAM is written through the kernel's cache, whose errors the next program would be told.
	sync
	settled
}
sums() { (cd "/mnt/$1" && sha256sum -c --quiet "/data/${2:-$1}.sums"); }
holds() { same "$tool: $((++step)) holds $1" "$1"; }
why() {
	local re=$1
	shift
	refuse "$tool: $((++step)) $*" "$re" "$@" || return 1
	reason=$(grep -iE -- "$re" <<< "$out" | grep -v '^[[:space:]]*$' | head -1 | tr -s '\t ' ' ' | cut -c1-200)
	[ "$re" != . ] || reason=$(gist | sed 's/^rc=[0-9]* //')
	settled
}
disc() {
	local words=(blank appendable complete others)
	settled
	hex "$CDSG" 34 51 00 00 00 00 00 00 00 22 00
	is "$tool: $((++step)) the disc is $1" "${words[0x${out:4:2} & 3]}" "$1"
}
burn() {
	local file=$IMG w
	for w; do case $w in *=/data/*.iso) file=${w#*=} ;; esac; done
	burns "$((++step)) $*" "$file" "$@"
}
# The guest's view of the disc's beginning and the mount's.
both_see() {
	local n=4096 size
	size=$(($(blockdev --getsize64 "$CD") / 2048))
	[ $n -lt $size ] || n=$size
	host digest "$(printf 'DISK_%03d' "$slotno")" "$n"
	is "$tool: $step the mount has what the guest reads" "$(hashof "$CD" "$n")" "$out"
}
session() {
	local names=(one two three) s S
	S=${names[nsessions++]}
	local words=()
	for s; do words+=("${s//%S/$S}"); done
	check "$tool: $((++step)) ${words[*]}" "${words[@]}" || return
	settled
	# A DVD-RAM is written through the kernel's cache.
	sync
	run eject "$CD"
	run eject -t "$CD"
	settled
	check "$tool: $step mounts" mount -t iso9660 -o ro "$CD" /mnt || return
	for s in "${names[@]:0:nsessions}"; do
		check "$tool: $step has /$s" sums "$s" tree2
	done
	umount /mnt
	both_see
}

# ---- cells --------------------------------------------------------------------------------------

# cell PROGRAM MODE MEDIUM... -- STEPS
cell() {
	local program=$1 mode=$2 m media=() before
	shift 2
	while [ "$1" != -- ]; do media+=("$1"); shift; done
	for m in "${media[@]}"; do
		[[ "$program on $m: $mode" =~ ${JUKE_CELL:-} ]] || continue
		before=$failed step=0 nsessions=0 reason=
		if begin_on "$program on $m: $mode" "$m"; then
			TREE="$CD -R -J -quiet -graft-points %S=/data/tree2"
			eval "$2"
			end_on
		fi
		printf 'cell\t%s\t%s\t%s\t%s\t%s\n' "$program" "$m" "$mode" \
			"$(if [ "$failed" != "$before" ]; then echo FAILS; else echo "${reason:-passes}"; fi)" $((SECONDS - t0))
	done
}
if [ "${JUKE_CELLS:-}" = all ]; then quick() { cell "$@"; }; else
	quick() { _cell "$@"; }
	eval "_$(declare -f cell)"
	cell() { :; }
fi
. "$LIB/cells.sh"
finish
