#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# import-library.sh: puts a library of images into the slots of a jukebox.
#
#   import-library.sh [-g] [-l] [-m MEDIUM] [-n] JUKEBOX IMAGE|FOLDER...
#
# Every .iso, .img and .udf file is an image; FOLDERs are searched with all folders in them.
#
#   -g   add slots when all are full (mkdir JUKEBOX/slots/N)
#   -l   insert by reference, with ln -s: nothing is copied, the disc is read-only, and the image must
#        stay where it is
#   -m   the discs are of this type, such as dvd-rom, and not of the type that the size of the image stands for:
#        the word goes into their names, as in NAME.dvd-rom.iso.  An image whose name has such a word keeps it
#   -n   only print what would be done
#
# The script can be stopped and started again at any time: a disc is in its slot completely or not at all,
# and an image that is there already is not inserted again.  If two images have the same name but different
# bytes, both are inserted, the second one as NAME-2.  An image that is shorter than the volume in it is
# reported, and not inserted.
#
# Exit status: 0 all are in the jukebox, 1 some could not be inserted, 2 wrong usage, 3 no slot is
# free for the rest.
#
# check: no, it needs a jukebox and a library; tests/bats/80-examples.bats runs it
set -uo pipefail

usage() { sed -n 's/^#   import-library.sh/usage: import-library.sh/p' "$0" >&2; exit 2; }
grow=0 link=0 dry=0 medium=''
while getopts glm:n option; do
	case $option in
	g) grow=1 ;;
	l) link=1 ;;
	m) medium=$OPTARG ;;
	n) dry=1 ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
[ $# -ge 2 ] || usage
jukebox=$1
shift
case $medium in
'' | cd-rom | dvd-rom | bd-rom) ;;
*) echo "$medium is no medium of an image: cd-rom, dvd-rom or bd-rom" >&2; exit 2 ;;
esac
[ -e "$jukebox/status" ] || { echo "no jukebox is mounted at $jukebox" >&2; exit 2; }

declare -A slot_of # where a disc is, by its name
free=()            # slots without one
look() {
	local dir disc
	free=() slot_of=()
	while IFS= read -r dir; do
		disc=''
		for disc in "$dir"/*; do
			if [ -e "$disc" ] || [ -L "$disc" ]; then
				slot_of[${disc##*/}]=$dir
			else
				free+=("$dir")
			fi
		done
	done < <(find "$jukebox/slots" -mindepth 1 -maxdepth 1 -type d | sort -V)
}
look

# A disc that is in a drive has left its slot.
for disc in "$jukebox"/drives/*/* "$jukebox"/mailslots/*/*; do
	if [ -f "$disc" ]; then slot_of[${disc##*/}]=${disc%/*}; fi
done

# Removes the partial copies of an earlier run that was stopped.
rm -f -- "$jukebox"/slots/*/.import-*.part

# need_slot: puts the next free slot into $slot.
need_slot() {
	if [ ${#free[@]} = 0 ] && [ $grow = 1 ]; then
		slot=$(find "$jukebox/slots" -mindepth 1 -maxdepth 1 -type d | sort -V | tail -n 1)
		slot=$jukebox/slots/$((${slot##*/} + 1))
		[ $dry = 1 ] || mkdir -- "$slot" || return
		return
	fi
	[ ${#free[@]} -gt 0 ] || return
	slot=${free[0]}
	free=("${free[@]:1}")
}

# why: prints why the jukebox has refused the last operation.
why() { cat "$jukebox/ctl/last-error" 2> /dev/null; }

# put IMAGE SLOT NAME: inserts the image completely, or not at all.
put() {
	local image=$1 at=$2 name=$3 state
	if [ $link = 1 ]; then
		ln -s -- "$(realpath -- "$image")" "$at/$name"
		return
	fi
	# Copies to a temporary name first, so that no initiator ever sees half a disc.
	cp -- "$image" "$at/.import-$name.part" || { rm -f -- "$at/.import-$name.part"; return 1; }
	if mv -- "$at/.import-$name.part" "$at/$name"; then
		state=$(getfattr --only-values --absolute-names -n user.jukebox.state "$at/$name")
		[ "$state" = incomplete ] || return 0
		echo "$image: it is shorter than its volume"
		rm -f -- "$at/$name"
	fi
	rm -f -- "$at/.import-$name.part"
	return 1
}

# named IMAGE: prints the name of its disc, with the word for the medium.
named() {
	local name=${1##*/}
	case ${name,,} in
	*.cd-* | *.dvd-* | *.dvd+* | *.bd-*) echo "$name" ;;
	*) echo "${name%.*}${medium:+.$medium}.${name##*.}" ;;
	esac
}

inserted=0 present=0 failed=0 left=0
import() {
	local image=$1 name n=1 stem end slot
	name=$(named "$image")
	stem=${name%.*} end=${name##*.}
	[ -z "$medium" ] || [ "${stem%".$medium"}" = "$stem" ] || stem=${stem%".$medium"} end=$medium.$end
	if [ ! -s "$image" ]; then
		echo "$image: is empty, which would be a blank disc"
		failed=$((failed + 1))
		return
	fi
	while [ -n "${slot_of[$name]:-}" ]; do
		if cmp -s -- "$image" "${slot_of[$name]}/$name"; then
			present=$((present + 1))
			return
		fi
		n=$((n + 1))
		name=$stem-$n.$end
	done
	need_slot || { left=$((left + 1)); return; }
	echo "$image -> ${slot#"$jukebox"/}/$name"
	if [ $dry = 1 ] || put "$image" "$slot" "$name"; then
		slot_of[$name]=$slot
		inserted=$((inserted + 1))
	else
		echo "$image: not inserted: $(why)"
		failed=$((failed + 1))
		free=("$slot" ${free[@]+"${free[@]}"})
	fi
}

while IFS= read -r -d '' image; do
	import "$image"
done < <(find -L "$@" -type f \( -iname '*.iso' -o -iname '*.img' -o -iname '*.udf' \) -print0 | sort -z)

echo "$inserted inserted, $present were there, $failed failed, $left without a slot"
[ $left = 0 ] || exit 3
[ $failed = 0 ]
