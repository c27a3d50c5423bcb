# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# Runs the cells of cells.sh, for 27-matrix.sh and 27-kernel.sh, which choose the cells. Takes only cells of
# the media in the arguments, if there are any. JUKE_CELL=REGEX takes only cells whose "PROGRAM on MEDIUM:
# MODE" matches. After each cell it prints a line for make-matrix: `cell`, program, medium, mode, outcome,
# seconds.
media=" $* "
. "$LIB/lib.sh"
. "$LIB/steps.sh"
. "$LIB/audio.sh"
nolock
setup
IMG=/data/small.iso
LIMIT=150

sums() { (cd "/mnt/$1" && sha256sum -c --quiet "/data/${2:-$1}.sums"); }
holds() { same "$tool: $((++step)) holds $1" "$1"; }
# wrudf first asks whether it is the right disc, and then for commands.
wrudf_does() { run bash -c "printf 'y\n$1\nquit\n' | wrudf $CD"; }
burn() {
	local file=$IMG w
	for w; do case $w in *=/data/*.iso) file=${w#*=} ;; esac; done
	burns "$((++step)) $*" "$file" "$@"
}
# Checks that the guest and the mount see the same beginning of the disc.
both_see() {
	local n=4096 size
	size=$(($(blockdev --getsize64 "$CD") / 2048))
	[ $n -lt $size ] || n=$size
	host digest "$(printf 'DISK_%03d' "$slotno")" "$n"
	is "$tool: $step the mount has what the guest reads" "$(hashof "$CD" "$n")" "$out"
}
# image PROGRAM OPTION... dev=DEVICE: adds a session with a program that makes no images itself
NEXT=/tmp/next.iso
image() {
	local after=()
	if [ "$nsessions" -gt 1 ]; then
		run "$1" -msinfo dev="$CD" || return
		after=(-C "$(grep -E '^[0-9]+,[0-9]+$' <<< "$out")" -M "$CD")
	fi
	run genisoimage -quiet -R -J "${after[@]}" -graft-points -o $NEXT "$S=/data/tree2" || return
	run "$@" $NEXT
}
session() {
	local names=(one two three) s S
	S=${names[nsessions++]}
	local words=()
	for s; do words+=("${s//%S/$S}"); done
	check "$tool: $((++step)) ${words[*]}" "${words[@]}" || return
	settled
	# Writes to a DVD-RAM go through the cache of the kernel.
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

# ---- audio: made when a cell first needs it ----
prepare_audio() {
	[ ! -e /tmp/2.wav ] || return 0
	audio_discs $IMG
}
rip() {
	check "$tool: $step cdparanoia reads track $1" cdparanoia -q -d "$CD" -r "$1" /tmp/rip
	samples "$tool: $step track $1 has the samples" /tmp/rip "/tmp/$1.pcm"
	rm -f /tmp/rip
}
audio() {
	check "$tool: $((++step)) $*" "$@" || return
	settled
	rip 1
	run eject "$CD"
	run mtx -f "$CH" unload "$slotno" 0
	in_mount
	run load "$slotno"
	rip 1
	rip 2
}
text() {
	rm -f /tmp/back.v07t
	check "$tool: $((++step)) cdrskin reads its CD-TEXT" cdrskin dev="$CD" cdtext_to_v07t=/tmp/back.v07t
	check "$tool: $step it has the titles" grep -q 'Track 02 Title *= Second to none' /tmp/back.v07t
}
mixed() {
	check "$tool: $((++step)) $*" "$@" || return
	reload
	holds "$IMG"
	rip 2
}

# ---- cells --------------------------------------------------------------------------------------

# run_cell PROGRAM MODE MEDIUM... -- STEPS: runs a cell on each of its media
run_cell() {
	local program=$1 mode=$2 m on=() before
	shift 2
	while [ "$1" != -- ]; do on+=("$1"); shift; done
	for m in "${on[@]}"; do
		[[ $media =~ ^\ *$ || $media == *" $m "* ]] && [[ "$program on $m: $mode" =~ ${JUKE_CELL:-} ]] || continue
		before=$failed step=0 nsessions=0 reason=
		if begin_on "$program on $m: $mode" "$m"; then
			TREE="$CD -R -J -quiet -graft-points %S=/data/tree2"
			case $2 in *audio* | *mixed* | */tmp/*) prepare_audio ;; esac
			eval "$2"
			end_on
		fi
		printf 'cell\t%s\t%s\t%s\t%s\t%s\n' "$program" "$m" "$mode" \
			"$(if [ "$failed" != "$before" ]; then echo FAILS; else echo "${reason:-passes}"; fi)" $((SECONDS - t0))
	done
}
