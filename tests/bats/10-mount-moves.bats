#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests moves in the mount: load, unload, transfer, relabel, remove.
# quick: yes

load 10-mount

setup() {
	jb_start --slots 8 --drives 2 --mailslots 1
	X=$BATS_TEST_TMPDIR/x.iso
	iso "$X" 4 FIRST
	cp "$X" "$MNT/slots/1/"
}
teardown() { jb_cleanup; }

@test "mv loads and unloads" {
	mv "$MNT/slots/1/x.iso" "$MNT/drives/0/"
	[ "$(files slots/1)" = "" ]
	[ "$(files drives/0)" = x.iso ]
	full drives/0
	[ "$(< "$MNT/ctl/drives/0/state")" = complete ]
	[ "$(< "$MNT/ctl/drives/0/profile")" = cd-rom ]
	jq -e '.drives[0].source == "slots/1"' "$MNT/status.json"
	cmp "$X" "$MNT/drives/0/x.iso"
	mv "$MNT/drives/0/x.iso" "$MNT/slots/3/"
	[ "$(files drives/0)" = "" ]
	[ "$(< "$MNT/ctl/drives/0/state")" = empty ]
	cmp "$X" "$MNT/slots/3/x.iso"
}

@test "a shell glob is enough" {
	mv "$MNT"/slots/1/* "$MNT/drives/1/"
	[ "$(files drives/1)" = x.iso ]
}

@test "mv between slots, mail slots and drives, both ways" {
	mv "$MNT/slots/1/x.iso" "$MNT/slots/8/"
	mv "$MNT/slots/8/x.iso" "$MNT/mailslots/1/"
	mv "$MNT/mailslots/1/x.iso" "$MNT/drives/0/"
	mv "$MNT/drives/0/x.iso" "$MNT/drives/1/"
	mv "$MNT/drives/1/x.iso" "$MNT/slots/1/"
	cmp "$X" "$MNT/slots/1/x.iso"
	is_disc "$MNT/slots/1/x.iso" complete cd-rom
}

@test "mv relabels, in place and on the way" {
	mv "$MNT/slots/1/x.iso" "$MNT/slots/1/TAPE01.iso"
	[ "$(xattr barcode "$MNT/slots/1/TAPE01.iso")" = TAPE01 ]
	[ "$(files slots/1)" = TAPE01.iso ]
	mv "$MNT/slots/1/TAPE01.iso" "$MNT/slots/2/TAPE02.iso"
	[ "$(files slots/1)" = "" ]
	[ "$(xattr barcode "$MNT/slots/2/TAPE02.iso")" = TAPE02 ]
	jb_restart
	[ "$(files slots/2)" = TAPE02.iso ]
}

@test "a disc keeps its inode number, and its readers, over moves" {
	local ino
	ino=$(stat -c %i "$MNT/slots/1/x.iso")
	exec {READER}< "$MNT/slots/1/x.iso"
	mv "$MNT/slots/1/x.iso" "$MNT/drives/0/"
	[ "$(stat -c %i "$MNT/drives/0/x.iso")" = "$ino" ]
	cmp "$X" - <&"$READER"
	exec {READER}<&-
	mv "$MNT/drives/0/x.iso" "$MNT/slots/1/"
	[ "$(stat -c %i "$MNT/slots/1/x.iso")" = "$ino" ]
}

@test "loading closes an open tray" {
	echo open > "$MNT/ctl/drives/0/tray"
	[ "$(< "$MNT/ctl/drives/0/tray")" = open ]
	[ "$(< "$MNT/ctl/drives/0/state")" = open ]
	mv "$MNT/slots/1/x.iso" "$MNT/drives/0/"
	[ "$(< "$MNT/ctl/drives/0/tray")" = closed ]
	[ "$(< "$MNT/ctl/drives/0/state")" = complete ]
}

@test "eject opens the tray, and the disc in it can be taken" {
	mv "$MNT/slots/1/x.iso" "$MNT/drives/0/"
	echo 1 > "$MNT/ctl/drives/0/eject"
	[ "$(< "$MNT/ctl/drives/0/tray")" = open ]
	[ "$(files drives/0)" = x.iso ]
	echo close > "$MNT/ctl/drives/0/tray"
	[ "$(< "$MNT/ctl/drives/0/state")" = complete ]
	echo open > "$MNT/ctl/drives/0/tray"
	mv "$MNT/drives/0/x.iso" "$MNT/slots/1/"
	cmp "$X" "$MNT/slots/1/x.iso"
}

@test "rm takes a disc out, of a slot and of a drive" {
	rm "$MNT/slots/1/x.iso"
	[ "$(files slots/1)" = "" ]
	run ! is_full slots/1
	cp "$X" "$MNT/drives/0/"
	rm "$MNT/drives/0/x.iso"
	[ "$(< "$MNT/ctl/drives/0/state")" = empty ]
	run ! is_full drives/0
	cp "$X" "$MNT/slots/1/y.iso"
	full slots/1
}

@test "a copy out of a loaded drive is the disc" {
	mv "$MNT/slots/1/x.iso" "$MNT/drives/0/"
	cp "$MNT/drives/0/x.iso" "$BATS_TEST_TMPDIR/back.iso"
	cmp "$X" "$BATS_TEST_TMPDIR/back.iso"
}

@test "mv right after the close that ends an insert never meets a busy file" {
	local i
	for i in $(seq 40); do
		cp "$X" "$MNT/slots/2/n.iso"
		mv "$MNT/slots/2/n.iso" "$MNT/slots/3/"
		rm "$MNT/slots/3/n.iso"
	done
}

@test "mv out of the mount takes the disc with it" {
	mv "$MNT/slots/1/x.iso" "$BATS_TEST_TMPDIR/out.iso"
	cmp "$X" "$BATS_TEST_TMPDIR/out.iso"
	[ "$(files slots/1)" = "" ]
}

@test "of many moves to one slot one succeeds, and no disc is lost" {
	local i ok=0 pids=()
	for i in 2 3 4 5 6; do
		touch "$MNT/slots/$i/B$i.iso"
	done
	for i in 2 3 4 5 6; do
		mv "$MNT/slots/$i/B$i.iso" "$MNT/slots/8/" 2> /dev/null &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		if wait "$i"; then ok=$((ok + 1)); fi
	done
	[ $ok = 1 ]
	[ "$(find "$MNT/slots" -name 'B*.iso' | wc -l)" = 5 ]
	[ "$(find "$MNT/slots/8" -type f | wc -l)" = 1 ]
}

@test "discs that many programs move about at random are each in one place at the end" {
	local i w workers=()
	for i in 2 3 4; do
		touch "$MNT/slots/$i/B$i.iso"
	done
	for w in 1 2 3; do
		(
			RANDOM=$w
			for i in $(seq 60); do
				to=$MNT/slots/$((RANDOM % 8 + 1))
				[ $((RANDOM % 4)) != 0 ] || to=$MNT/drives/$((RANDOM % 2))
				for from in "$MNT"/slots/$((RANDOM % 8 + 1))/*.iso; do
					mv "$from" "$to/" 2> /dev/null || true
				done
				for from in "$MNT"/drives/*/*.iso; do
					mv "$from" "$MNT/slots/$((RANDOM % 8 + 1))/" 2> /dev/null || true
				done
			done
		) 3>&- &
		workers+=($!)
	done
	wait "${workers[@]}" # and not for bats's own watch
	for i in x B2 B3 B4; do
		[ "$(find "$MNT/slots" "$MNT/drives" -name "$i.iso" | wc -l)" = 1 ]
	done
	for i in "$MNT"/slots/* "$MNT"/drives/*; do
		[ "$(find "$i" -type f | wc -l)" -le 1 ]
	done
	local before
	before=$(cd "$MNT" && find slots drives -type f | sort)
	jb_restart
	[ "$before" = "$(cd "$MNT" && find slots drives -type f | sort)" ]
}
