#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# archive-watcher.sh: what an initiator has burned goes into an archive, and then to a mail slot.
#
#   archive-watcher.sh [-1] [-k] JUKEBOX ARCHIVE
#
# JUKEBOX is where the jukebox is mounted, ARCHIVE a folder elsewhere.  A disc is taken when it is
# burned, complete, and back in a slot.  It is copied to ARCHIVE/LABEL.iso, the copy is compared with
# the SHA-256 that the jukebox has of the disc, and made durable; the hash is kept beside it, in
# LABEL.iso.sha256, as sha256sum -c reads it.  An audio or mixed CD is LABEL.bin there, with its sheet
# in LABEL.cue.  Then the disc moves to a free mail slot, where an
# operator finds it; while there is none it stays where it is.
#
#   -1   look once, do what there is to do, and end
#   -k   keep discs in their slots
#
# All it knows it sees in the jukebox and the archive, so it can be stopped at any time and started
# again.  It waits with inotifywait (package inotify-tools), and looks at least once a minute in case
# that it has missed something.  The jukebox may be stopped and started meanwhile.
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
# attribute NAME FILE: what the jukebox says of a disc; nothing if it does not know.
attribute() { getfattr --only-values --absolute-names -n "user.jukebox.$1" "$2" 2> /dev/null; }
alive() { [ -e "$jukebox/status" ] 2> /dev/null; }

# The hash, which the jukebox computes by itself when a disc is complete, or now.
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

# to_archive DISC: a whole and durable copy with its hash, or none.
to_archive() {
	local disc=$1 name copy sum sheet stem
	name=$(attribute barcode "$disc")
	sheet=$(compgen -G "${disc%/*}/.*.cue" | head -n 1)
	if [ -n "$sheet" ]; then name=$name.bin; else name=$name.iso; fi
	copy=$archive/$name
	sum=$(hash_of "$disc") || { say "$name: there is no hash of it"; return 1; }
	if [ -e "$copy" ]; then
		if [ "$(cut -c 1-64 "$copy.sha256" 2> /dev/null)" = "$sum" ]; then return 0; fi
		say "$name: the archive has another disc of that label: rename one of them"
		return 1
	fi
	cp --sparse=always -- "$disc" "$copy.part" || return
	if [ "$(sha256sum < "$copy.part" | cut -c 1-64)" != "$sum" ]; then
		say "$name: the copy is not what the disc is"
		rm -f -- "$copy.part"
		return 1
	fi
	# Audio and mixed CDs have a sheet, which names the BIN that it is of, and perhaps a file of CD-TEXT.
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
# to_mailslot DISC: the first that is free takes it; a move onto another disc is refused.
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

# The outer loop is for a jukebox that stops: inotifywait sees its mount go, but does not end then.
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
		# One look for all that has happened by now.
		while read -r -t 0.2 line <&"$events"; do [[ $line != *UNMOUNT* ]] || break 2; done
		look
	done
	kill "$watcher" 2> /dev/null
	exec {events}<&-
	say "the jukebox is gone: waiting for it"
	sleep 1
done
