#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# blanks.sh: keeps blank discs ready in the slots of a jukebox, for whoever burns them.
#
#   blanks.sh [-1] [-c CAPACITY] [-p PREFIX] JUKEBOX PROFILE=N...
#
# JUKEBOX is where the jukebox is mounted.  Of each PROFILE, a medium's word such as dvd+r or bd-re,
# there are N blanks in slots from then on: as soon as one is taken away, by mv or by an initiator's
# robot, or burned, the next free slot gets another one.  They are called PREFIX, a number that never
# comes again, and the medium: BLANK-0001.dvd+r.iso is the barcode BLANK-0001.
#
#   -1   look once, do what there is to do, and end: 1 if a slot, or the store, had no room for all
#   -c   bytes that a blank holds, such as 650MB; without it as many as its medium does
#   -p   what the labels begin with; BLANK- without it
#
# A blank is counted by what it is, not by its name, so blanks that were put in by hand count too.
# Numbers go on from the highest that is in the jukebox or was handed out since the start of the
# script; with an archive, let -p have the date in it.  It waits with inotifywait (package
# inotify-tools), and looks at least once a minute in case that it has missed something.  The
# jukebox may be stopped and started meanwhile.
#
# Burned discs go on by archive-watcher.sh, and burn-verify-eject.sh takes what this one has made:
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

# inventory: what there is, one line each: "blank PROFILE", "free SLOT", "name NAME".  What comes
# formatted, as a dvd-ram does, is a blank as long as nothing is on it.
inventory() {
	jq -r '(.slots[] | if .full then select(.disc.origin == "blank" and .disc.size == 0 and (.disc.protected | not)) |
			"blank \(.disc.profile)" elif .reserved or .disc then empty else "free \(.number)" end),
		(.slots, .mailslots, .drives, .transport | .[].disc | select(.) | "name \(.name)")' "$jukebox/status.json"
}

last=0
# take_number NAME: a number that is in use is not given again.
take_number() {
	local rest=${1#"$prefix"}
	if [ "$rest" != "$1" ] && [[ $rest =~ ^0*([0-9]{1,15}) ]] && ((BASH_REMATCH[1] > last)); then
		last=${BASH_REMATCH[1]}
	fi
}

# add PROFILE SLOT: a blank, or none at all.
add() {
	local file
	last=$((last + 1))
	file=$jukebox/slots/$2/$prefix$(printf %04d $last).$1.iso
	if ! touch -- "$file" 2> /dev/null; then
		say "$1: no blank can be made: $(why)"
		rm -f -- "$file"
		return 1
	fi
	# Attributes wait until the file's close is heard of.
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
# look: 1 if something is missing that could not be made.
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

# The outer loop is for a jukebox that stops: inotifywait sees its mount go, but does not end then.
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
		# One look for all that has happened by now.
		while read -r -t 0.2 line <&"$events"; do [[ $line != *UNMOUNT* ]] || break 2; done
		look
	done
	kill "$watcher" 2> /dev/null
	exec {events}<&-
	say "the jukebox is gone: waiting for it"
	sleep 1
done
