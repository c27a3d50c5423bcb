#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# archive-watcher.sh: copies burned discs into an archive, and then moves them to a mail slot.
#
#   archive-watcher.sh [-1] [-k] JUKEBOX ARCHIVE
#
# JUKEBOX is where the jukebox is mounted, ARCHIVE is a folder elsewhere.  The script handles each disc
# that an initiator has burned, that is complete, and that is back in a slot.  It copies the disc to
# ARCHIVE/LABEL.iso, compares the copy with the SHA-256 that the jukebox has for the disc, and makes the copy
# durable.  The hash is beside the copy, in LABEL.iso.sha256, in the format of sha256sum -c.  For an audio or
# mixed CD the files are LABEL.bin and its sheet LABEL.cue.  Then the script moves the disc to a free mail
# slot, where an operator finds it.  While no mail slot is free, the disc stays where it is.
#
#   -1   look once, do the work that is due, and end
#   -k   keep discs in their slots
#
# The script keeps no state of its own, so it can be stopped and started again at any time.  It waits with
# inotifywait (package inotify-tools), and also looks once a minute, in case it has missed something.
# The jukebox may be stopped and started while the script runs.
#
# As a service:  ExecStart=/usr/local/bin/archive-watcher.sh /srv/jukebox /srv/archive
#                Restart=always
#
# check: no, it does not end; tests/bats/80-examples.bats runs it
set -uo pipefail

usage() { sed -n 's/^#   archive-watcher.sh/usage: archive-watcher.sh/p' "$0" >&2; exit 2; }
once=0 keep=0
while getopts 1k option; do
	case $option in
	1) once=1 ;;
	k) keep=1 ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
if [ $# != 2 ] || [ ! -d "$2" ]; then usage; fi
jukebox=$1 archive=$2

say() { printf '%(%F %T)T %s\n' -1 "$*"; }
# attribute NAME FILE: prints the attribute of a disc; nothing if the disc does not have it.
attribute() { getfattr --only-values --absolute-names -n "user.jukebox.$1" "$2" 2> /dev/null; }
alive() { [ -e "$jukebox/status" ] 2> /dev/null; }

# hash_of DISC: prints the hash.  The jukebox computes it when a disc is complete; if not, asks for it now.
hash_of() {
	local sum
	setfattr -n user.jukebox.sha256 -v compute "$1" 2> /dev/null
	for ((i = 0; i < 3600; i++)); do
		sum=$(attribute sha256 "$1")
		if [ -n "$sum" ]; then
			echo "$sum"
			return
		fi
		alive || return 1
		sleep 1
	done
	return 1
}

# to_archive DISC: makes a complete and durable copy with its hash, or no copy at all.
to_archive() {
	local disc=$1 name copy sum sheet stem
	name=$(attribute barcode "$disc")
	sheet=$(compgen -G "${disc%/*}/.*.cue" | head -n 1)
	if [ -n "$sheet" ]; then name=$name.bin; else name=$name.iso; fi
	copy=$archive/$name
	sum=$(hash_of "$disc") || { say "$name: the jukebox has no hash of this disc"; return 1; }
	if [ -e "$copy" ]; then
		if [ "$(cut -c 1-64 "$copy.sha256" 2> /dev/null)" = "$sum" ]; then return 0; fi
		say "$name: the archive has another disc of that label: rename one of them"
		return 1
	fi
	cp --sparse=always -- "$disc" "$copy.part" || return
	if [ "$(sha256sum < "$copy.part" | cut -c 1-64)" != "$sum" ]; then
		say "$name: the copy differs from the disc"
		rm -f -- "$copy.part"
		return 1
	fi
	# Audio and mixed CDs have a sheet, which contains the name of its BIN, and perhaps a file of CD-TEXT.
	if [ -n "$sheet" ]; then
		stem=${name%.bin}
		sed "s/^\([[:space:]]*\)FILE .*/\1FILE \"${name//[\/&]/\\&}\" BINARY/
			s/^\([[:space:]]*\)CDTEXTFILE .*/\1CDTEXTFILE \"${stem//[\/&]/\\&}.cdt\"/" \
			"$sheet" > "${copy%.bin}.cue" || return
		[ ! -e "${sheet%.cue}.cdt" ] || cp -- "${sheet%.cue}.cdt" "${copy%.bin}.cdt" || return
	fi
	printf '%s  %s\n' "$sum" "$name" > "$copy.sha256" &&
		sync -- "$copy.part" "$copy.sha256" && mv -- "$copy.part" "$copy" && sync -- "$archive" ||
		return
	say "$name: archived"
}

declare -A told
# to_mailslot DISC: moves it to the first free mail slot; a move onto another disc is refused.
to_mailslot() {
	local slot
	for slot in "$jukebox"/mailslots/*/; do
		[ -z "$(ls "$slot" 2> /dev/null)" ] || continue
		if mv -- "$1" "$slot" 2> /dev/null; then
			say "${1##*/}: in mail slot $(basename "$slot")"
			return
		fi
	done
	[ -n "${told[$1]:-}" ] || say "${1##*/}: no mail slot is free, it stays in ${1%/*}"
	told[$1]=1
}

look() {
	local disc
	for disc in "$jukebox"/slots/*/*; do
		[ -f "$disc" ] || continue
		[ "$(attribute origin "$disc")" = burned ] || continue
		[ "$(attribute state "$disc")" = complete ] || continue
		to_archive "$disc" && [ $keep = 0 ] && to_mailslot "$disc"
	done
	return 0
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
	exec {events}< <(exec inotifywait -m -r -e moved_to,close_write,attrib,unmount \
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
