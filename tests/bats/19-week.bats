#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests that programs which tidy up and back up each night change nothing in a jukebox, in a week with three
# restarts.

load 10-mount

setup() {
	T=$BATS_TEST_TMPDIR
	export HOME=$T/home RESTIC_PASSWORD=x BORG_BASE_DIR=$T/home/borg BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes
	mkdir "$HOME"
	jb_start --slots 6 --mailslots 1 --drives 2
}
teardown() {
	[ -z "${SHIPPER:-}" ] || kill "$SHIPPER" 2> /dev/null || true
	jb_cleanup
}

# fill: one of each: discs that were copied, a disc by reference, a blank, an audio CD, a loaded disc
fill() {
	mkdir "$T/outside"
	iso "$T/outside/linked.iso" 1 LINKED
	iso "$MNT/slots/1/first.iso" 1 FIRST
	ln -s "$T/outside/linked.iso" "$MNT/slots/2/"
	touch "$MNT/slots/3/BLANK.bd-re.iso"
	printf 'FILE "cd.bin" BINARY\n  TRACK 01 AUDIO\n    TITLE "Song"\n    INDEX 01 00:00:00\n' > "$MNT/slots/4/.cd.cue"
	head -c $((2352 * 300)) /dev/zero > "$MNT/slots/4/cd.bin"
	iso "$MNT/drives/0/loaded.iso" 1 LOADED
	iso "$MNT/mailslots/1/posted.iso" 1 POSTED
	full slots/3
	full slots/4
	full drives/0
	full mailslots/1
}
# picture: prints the elements with their discs, and the files with their sizes, times and bytes
picture() {
	jq -c '.slots[], .mailslots[], .drives[] | [.number, .full, .disc.id, .disc.label, .disc.name, .disc.profile,
		.disc.state, .disc.size]' "$MNT/status.json"
	cd "$MNT" || return
	find slots mailslots drives \( -type d -printf '%p/\n' -o -printf '%p %y %s %T+ %l\n' \) | sort
	find slots mailslots drives -type f -print0 | sort -z | xargs -0 sha256sum
	cd "$T" || return
}

# night: what a cron job may do to a mount.  The programs may complain; some of them do of folders that
# cannot be removed.
night() {
	rclone -q --retries 1 sync "$MNT/slots" "$T/rclone" || true
	rclone -q --retries 1 sync "$T/rclone" "$MNT/slots" || true
	rclone -q --retries 1 rmdirs "$MNT" || true
	rsync -a --delete "$MNT/" "$T/rsync/" || true
	rsync -r --delete --dirs "$T/empty/" "$MNT/drives/1/" || true
	rsync -a --delete "$T/rsync/slots/" "$MNT/slots/" || true
	find "$MNT" -type d -empty -delete || true
	unison -batch -silent -auto -ui text "$MNT/slots" "$T/unison" || true
	mv "$MNT/slots/6" "$T/elsewhere" || true
}
# backup DAY: each program must do all of its work; borg and restic take turns, because they are slow
backup() {
	tar -cf "$T/$1.tar" --listed-incremental="$T/snar" -C "$MNT" . || return
	if [ $(($1 % 2)) = 0 ]; then
		borg create "$T/borg::$1" "$MNT/slots" "$MNT/drives" "$MNT/mailslots" "$MNT/status.json"
	else
		restic -q -r "$T/restic" backup "$MNT"
	fi
}
# shipped: waits until the shipper has all events of this start, too
shipped() {
	cat "$MNT/events" >> "$T/events"
	wait_for 30 cmp "$T/events" "$T/shipped" || { diff "$T/events" "$T/shipped"; return 1; }
}

@test "a week of rclone, rsync, find, unison, tar, borg and restic, with three restarts, changes nothing" {
	local day program
	for program in rclone rsync unison borg restic; do have "$program"; done
	mkdir "$T/empty" "$T/rsync" "$T/unison"
	borg init --encryption=none "$T/borg"
	restic -q -r "$T/restic" init
	fill
	# A shipper of logs, which follows the file over the restarts.
	tail -n +1 -F "$MNT/events" > "$T/shipped" 2> /dev/null 3>&- &
	SHIPPER=$!
	picture > "$T/before"
	for day in 1 2 3 4 5 6 7; do
		# An operator's two events of the day.
		mv "$MNT/slots/1/first.iso" "$MNT/slots/5/"
		mv "$MNT/slots/5/first.iso" "$MNT/slots/1/"
		night > "$T/night" 2>&1
		backup $day > "$T/backup" 2>&1 || { cat "$T/backup"; return 1; }
		case $day in
		2 | 6) shipped; jb_restart ;;
		4) shipped; jb_kill9; jb_restart ;;
		esac
		full slots/4
		picture > "$T/after"
		diff "$T/before" "$T/after"
	done
	shipped
	[ "$(jq .number "$T/shipped" | sort | uniq -d)" = "" ]
	# The discs that were put in at first, the operator's moves, and nothing else.
	[ "$(jq -r .event "$T/shipped" | sort | uniq -c | awk '{ print $2, $1 }' | tr '\n' ' ')" = "insert 6 move 14 " ]
	# Between the third and the fourth night, nothing was changed.
	run ! grep -E 'loaded|posted|cd.bin' <(tar -tf "$T/4.tar")
}
