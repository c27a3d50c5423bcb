#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# blanks.sh: keeps blank discs ready in the slots of a jukebox, to be burned.
#
#   blanks.sh [-1] [-c CAPACITY] [-p PREFIX] JUKEBOX PROFILE=N...
#
# JUKEBOX is where the jukebox is mounted.  PROFILE is a medium's word, such as dvd+r or bd-re.  The script
# keeps N blank discs of each PROFILE in the slots.  As soon as one is burned, or moved away by mv or by an
# initiator, the next free slot gets another one.  The name of a blank is PREFIX, a number that is never used
# again, and the medium: BLANK-0001.dvd+r.iso has the barcode BLANK-0001.
#
#   -1   look once, make what is missing, and end; status 1 if the slots or the store had no room for all
#   -c   capacity of a blank, such as 650MB; without it that of its medium
#   -p   what the labels begin with; BLANK- without it
#
# The script counts all blank discs, whatever their names, so blanks that were put in by hand count too.
# Numbers continue from the highest one that is in the jukebox or that the script has used since its start.
# If discs leave for an archive, put the date into -p, so that names stay unique.  The script waits with
# inotifywait (package inotify-tools), and also looks once a minute, in case it has missed something.
# The jukebox may be stopped and started while the script runs.
#
# burn-verify-eject.sh burns these blanks, and archive-watcher.sh archives the burned discs:
#
#   blanks.sh /srv/jukebox dvd+r=5 bd-re=2 &
#   archive-watcher.sh /srv/jukebox /srv/archive &
#
# check: no, it does not end; tests/bats/80-examples.bats runs it
set -uo pipefail

usage() { sed -n 's/^#   blanks.sh/usage: blanks.sh/p' "$0" | head -n 1 >&2; exit 2; }
once=0 capacity='' prefix=BLANK-
while getopts 1c:p: option; do
	case $option in
	1) once=1 ;;
	c) capacity=$OPTARG ;;
	p) prefix=$OPTARG ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
[ $# -ge 2 ] || usage
jukebox=$1
shift
declare -A wanted
for pair; do
	[[ $pair =~ ^([^=]+)=([0-9]+)$ ]] || usage
	wanted[${BASH_REMATCH[1]}]=$((10#${BASH_REMATCH[2]}))
done

say() { printf '%(%F %T)T %s\n' -1 "$*"; }
alive() { [ -e "$jukebox/status" ] 2> /dev/null; }
why() { cat "$jukebox/ctl/last-error" 2> /dev/null; }

# inventory: prints a line for each thing that is there: "blank PROFILE", "free SLOT", "name NAME".  A medium
# that comes formatted, such as dvd-ram, is a blank while nothing is on it.
inventory() {
	jq -r '(.slots[] | if .full then select(.disc.origin == "blank" and .disc.size == 0 and (.disc.protected | not)) |
			"blank \(.disc.profile)" elif .reserved or .disc then empty else "free \(.number)" end),
		(.slots, .mailslots, .drives, .transport | .[].disc | select(.) | "name \(.name)")' "$jukebox/status.json"
}

last=0
# take_number NAME: notes the number of this name, so that it is not used again.
take_number() {
	local rest=${1#"$prefix"}
	if [ "$rest" != "$1" ] && [[ $rest =~ ^0*([0-9]{1,15}) ]] && ((BASH_REMATCH[1] > last)); then
		last=${BASH_REMATCH[1]}
	fi
}

# add PROFILE SLOT: makes a complete blank disc, or none at all.
add() {
	local file
	last=$((last + 1))
	file=$jukebox/slots/$2/$prefix$(printf %04d $last).$1.iso
	if ! touch -- "$file" 2> /dev/null; then
		say "$1: no blank can be made: $(why)"
		rm -f -- "$file"
		return 1
	fi
	# An attribute call waits until the jukebox has handled the close of the file.
	if [ "$(getfattr --only-values --absolute-names -n user.jukebox.profile -- "$file" 2> /dev/null)" != "$1" ] &&
		! setfattr -n user.jukebox.profile -v "$1" -- "$file" 2> /dev/null; then
		say "$1: $(why)"
		rm -f -- "$file"
		return 1
	fi
	if [ -n "$capacity" ] && ! setfattr -n user.jukebox.capacity -v "$capacity" -- "$file" 2> /dev/null; then
		say "$1: $(why)"
		rm -f -- "$file"
		return 1
	fi
	say "${file##*/}: in slot $2"
}

told=''
# look: makes the blanks that are missing; returns 1 if some could not be made.
look() {
	local what value profile slot list missing=''
	local -A have=()
	local free=()
	list=$(inventory) || return 1
	while read -r what value; do
		case $what in
		blank) have[$value]=$((${have[$value]:-0} + 1)) ;;
		free) free+=("$value") ;;
		name) take_number "$value" ;;
		esac
	done <<< "$list"
	for profile in "${!wanted[@]}"; do
		while ((${have[$profile]:-0} < wanted[$profile])); do
			if [ ${#free[@]} = 0 ]; then
				missing+=" $profile"
				break
			fi
			slot=${free[0]}
			free=("${free[@]:1}")
			add "$profile" "$slot" || { missing+=" $profile"; break; }
			have[$profile]=$((${have[$profile]:-0} + 1))
		done
	done
	if [ "$missing" != "$told" ] && [ -n "$missing" ]; then say "too few blanks of:$missing"; fi
	told=$missing
	[ -z "$missing" ]
}

if [ $once = 1 ]; then
	alive || { say "no jukebox is mounted at $jukebox"; exit 1; }
	look
	exit
fi

# The outer loop is for a jukebox that stops: inotifywait reports the unmount, but does not end then.
trap 'kill $watcher 2> /dev/null; exit 0' INT TERM
watcher=''
while :; do
	until alive; do sleep 1; done
	exec {events}< <(exec inotifywait -m -r -e moved_to,moved_from,create,delete,close_write,unmount \
		--format '%e' "$jukebox/slots" 2>&1)
	watcher=$!
	say "watching $jukebox"
	# Its first lines are "Setting up" and "established": so each look comes after the watches.
	while :; do
		read -r -t 60 line <&"$events"
		[ $? != 1 ] || break # it has ended
		[[ ${line:-} != *UNMOUNT* ]] || break
		alive || break
		# Looks once for everything that has happened so far.
		while read -r -t 0.2 line <&"$events"; do [[ $line != *UNMOUNT* ]] || break 2; done
		look
	done
	kill "$watcher" 2> /dev/null
	exec {events}<&-
	say "the jukebox is gone: waiting for it"
	sleep 1
done
