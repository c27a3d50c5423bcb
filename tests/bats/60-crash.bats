#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Kills the daemon with SIGKILL at a bad moment, and starts it again on the same store.  Then every disc must
# be in exactly one element, and what was acknowledged as durable must be there.  What the crash has left
# must not hinder the start.

load lib

setup() { jb_start --slots 8 --drives 2; }
teardown() { jb_cleanup; }

# Prints all files of all elements, one path in each line.
discs() { (cd "$MNT" && find slots mailslots drives transport -type f | sort); }
count() { discs | grep -c "/$1\$"; }

# ---- inserts -----------------------------------------------------------------------------------

@test "killed while a disc is inserted: no disc afterwards, and the slot is free" {
	iso "$BATS_TEST_TMPDIR/a.iso" 8
	mkfifo "$BATS_TEST_TMPDIR/pipe"
	dd if="$BATS_TEST_TMPDIR/pipe" of="$MNT/slots/1/a.iso" bs=1M 3>&- 2> /dev/null &
	local dd=$!
	exec 7> "$BATS_TEST_TMPDIR/pipe"
	head -c 5000000 "$BATS_TEST_TMPDIR/a.iso" >&7
	wait_for 30 '[ "$(stat -c %s "$MNT/slots/1/a.iso")" -ge 4000000 ]'
	jb_kill9
	exec 7>&-
	wait $dd || true
	jb_restart
	[ -z "$(discs)" ]
	[ -z "$(ls -A "$STORE/incoming")" ]
	cp "$BATS_TEST_TMPDIR/a.iso" "$MNT/slots/1/"
	cmp "$BATS_TEST_TMPDIR/a.iso" "$MNT/slots/1/a.iso"
	jb_stop
}

# has_come NAME BYTES PID: true if the file in slot 1 has this many bytes, or the copying program has ended
has_come() {
	local size
	size=$(find "$MNT/slots/1" -name "$1" -size +"$(($2 - 1))"c)
	[ "$2" = 0 ] || [ -n "$size" ] || ! kill -0 "$3"
}

@test "killed at any moment of a cp: the whole disc or none" {
	local round
	iso "$BATS_TEST_TMPDIR/a.iso" 16
	for round in 0 1 2 3 4 5; do
		cp "$BATS_TEST_TMPDIR/a.iso" "$MNT/slots/1/" 2> /dev/null 3>&- &
		wait_for 30 has_come a.iso $((round * 3145728)) $!
		jb_kill9
		local rc=0
		wait $! || rc=$?
		jb_restart
		echo "round $round: cp ended with $rc: $(discs)"
		[ "$(count a.iso)" -le 1 ]
		if [ $rc = 0 ]; then [ -e "$MNT/slots/1/a.iso" ]; fi
		if [ -e "$MNT/slots/1/a.iso" ]; then
			cmp "$BATS_TEST_TMPDIR/a.iso" "$MNT/slots/1/a.iso"
			rm "$MNT/slots/1/a.iso"
		fi
	done
	jb_stop
}

@test "killed right after cp has returned: the disc is there" {
	local round
	for round in 1 2 3; do
		iso "$BATS_TEST_TMPDIR/a.iso" 4 ROUND_$round
		cp "$BATS_TEST_TMPDIR/a.iso" "$MNT/slots/$round/"
		jb_kill9
		jb_restart
		cmp "$BATS_TEST_TMPDIR/a.iso" "$MNT/slots/$round/a.iso"
	done
	[ "$(count a.iso)" = 3 ]
	jb_stop
}

@test "killed while a disc is replaced by rsync: the old one or the new one, whole" {
	command -v rsync > /dev/null || skip "rsync is not installed"
	local round
	iso "$BATS_TEST_TMPDIR/old.iso" 4 OLD
	iso "$BATS_TEST_TMPDIR/new.iso" 6 NEW
	for round in 0 1 2 3; do
		rm -f "$MNT/slots/1/a.iso"
		cp "$BATS_TEST_TMPDIR/old.iso" "$MNT/slots/1/a.iso"
		rsync "$BATS_TEST_TMPDIR/new.iso" "$MNT/slots/1/a.iso" 2> /dev/null 3>&- &
		# at once, after a part, at its end, and after it has replaced the old disc
		wait_for 30 has_come '.a.iso.*' $((round * 3145728)) $!
		jb_kill9
		wait $! || true
		jb_restart
		[ "$(count a.iso)" = 1 ]
		cmp "$BATS_TEST_TMPDIR/old.iso" "$MNT/slots/1/a.iso" || cmp "$BATS_TEST_TMPDIR/new.iso" "$MNT/slots/1/a.iso"
	done
	jb_stop
}

# ---- moves -------------------------------------------------------------------------------------

# has_told N: true if there were N events since the start
has_told() { [ "$(wc -l < "$MNT/events")" -ge "$1" ]; }

# Moves three discs around ten places until the mount is gone.
go_round() {
	local places=(slots/1 drives/0 slots/2 slots/3 drives/1 slots/4 slots/5 slots/6 slots/7 slots/8)
	local i=0 from to
	while :; do
		from=${places[i % 10]} to=${places[(i + 3) % 10]}
		mv "$MNT/$from"/*.iso "$MNT/$to/" 2> /dev/null || [ -e "$MNT/status" ] || return 0
		i=$((i + 1))
	done
}

@test "killed while discs are moved by mv: each is in exactly one place" {
	local n round movers
	for n in 1 2 3; do
		iso "$BATS_TEST_TMPDIR/$n.iso" 1 DISC_$n
		cp "$BATS_TEST_TMPDIR/$n.iso" "$MNT/slots/$n/d$n.iso"
	done
	for round in 1 2 3 4 5; do
		go_round 3>&- &
		movers=$!
		wait_for 120 has_told $((round * 7))
		jb_kill9
		wait $movers || true
		jb_restart
		discs
		[ "$(discs | wc -l)" = 3 ]
		for n in 1 2 3; do
			[ "$(count d$n.iso)" = 1 ]
			cmp "$BATS_TEST_TMPDIR/$n.iso" "$MNT/$(discs | grep "/d$n.iso")"
		done
	done
	jb_stop
}

@test "killed while an initiator moves and exchanges: each disc is in exactly one place" {
	local n round mover
	touch "$MNT/slots/1/d1.iso" "$MNT/slots/2/d2.iso" "$MNT/slots/3/d3.iso"
	# MOVE MEDIUM from slot 1 to 5 and back, EXCHANGE MEDIUM of slots 2 and 3. Slot n has the address 1023
	# + n.
	{
		for n in {1..400}; do
			echo "none a5 00 02 f0 04 00 04 04 00 00 00 00"
			echo "none a6 00 02 f0 04 01 04 02 04 01 00 00"
			echo "none a5 00 02 f0 04 04 04 00 00 00 00 00"
		done
	} > "$BATS_TEST_TMPDIR/moves"
	for round in 1 2 3 4 5; do
		icdb --clear-ua "$(url 0)" - < "$BATS_TEST_TMPDIR/moves" > /dev/null 2>&1 3>&- &
		mover=$!
		wait_for 120 has_told $((round * 40))
		jb_kill9
		kill $mover 2> /dev/null || true
		wait $mover || true
		jb_restart
		discs
		[ "$(discs | wc -l)" = 3 ]
		for n in 1 2 3; do [ "$(count d$n.iso)" = 1 ]; done
		# A disc that was left in the picker is shown, and can be moved out.
		for n in "$MNT"/transport/0/*; do
			[ -e "$n" ] || continue
			mv "$n" "$MNT/slots/8/"
			mv "$MNT"/slots/8/* "$(for d in "$MNT"/slots/[23]; do [ -n "$(ls "$d")" ] || echo "$d"; done | head -n 1)/"
		done
	done
	jb_stop
}

# ---- burning -----------------------------------------------------------------------------------

# Prints byte 2 of READ DISC INFORMATION: 0 blank, 1 appendable, 2 complete (MMC-6 6.22.3.1.4).
disc_status() { icdb --clear-ua -r 34 -o "$BATS_TEST_TMPDIR/di" "$(url 1)" 51 00 00 00 00 00 00 00 22 00 > /dev/null && od -An -tu1 -j2 -N1 "$BATS_TEST_TMPDIR/di" | awk '{ print $1 % 4 }'; }
last_track() { od -An -tu1 -j6 -N1 "$BATS_TEST_TMPDIR/di" | tr -d ' '; }
# Prints the next writable address of the last track.
nwa() {
	disc_status > /dev/null
	icdb --clear-ua -r 48 -o "$BATS_TEST_TMPDIR/ti" "$(url 1)" \
		"$(printf 5201000000%02x00003000 "$(last_track)")" > /dev/null
	[ $(($(od -An -tu1 -j7 -N1 "$BATS_TEST_TMPDIR/ti") & 1)) = 1 ] || return 1
	echo $((0x$(od -An -tx1 -j12 -N4 "$BATS_TEST_TMPDIR/ti" | tr -d ' ')))
}

@test "killed during a burn: appendable, recorded up to the last sync, and the burn goes on" {
	iso "$BATS_TEST_TMPDIR/a.iso" 16
	truncate -s 16777216 "$BATS_TEST_TMPDIR/a.iso"
	head -c 4194304 "$BATS_TEST_TMPDIR/a.iso" > "$BATS_TEST_TMPDIR/part1"
	tail -c +4194305 "$BATS_TEST_TMPDIR/a.iso" > "$BATS_TEST_TMPDIR/part2"
	touch "$MNT/drives/0/burn.dvd+r.iso"
	icdb "$(url 1)" write 0 "$BATS_TEST_TMPDIR/part1"
	icdb --clear-ua "$(url 1)" 35 00 00 00 00 00 00 00 00 00
	# More data than was synced, and no end.
	mkfifo "$BATS_TEST_TMPDIR/pipe"
	icdb "$(url 1)" write 2048 - < "$BATS_TEST_TMPDIR/pipe" > /dev/null 2>&1 3>&- &
	local burner=$!
	exec 7> "$BATS_TEST_TMPDIR/pipe"
	head -c 2097152 "$BATS_TEST_TMPDIR/part2" >&7
	wait_for 30 '[ "$(stat -c %s "$MNT/drives/0/burn.dvd+r.iso")" -gt 4194304 ]'
	jb_kill9
	exec 7>&-
	kill $burner 2> /dev/null || true
	wait $burner || true

	jb_restart
	[ "$(discs)" = drives/0/burn.dvd+r.iso ]
	[ "$(disc_status)" = 1 ]
	local at
	at=$(nwa)
	echo "next writable: $at"
	[ "$at" -ge 2048 ]
	[ "$at" -le 3072 ]
	cmp -n 4194304 "$BATS_TEST_TMPDIR/a.iso" "$MNT/drives/0/burn.dvd+r.iso"
	# Data that was being sent at the crash may be there or not. The rest is written from the end of it.
	tail -c +$((at * 2048 + 1)) "$BATS_TEST_TMPDIR/a.iso" > "$BATS_TEST_TMPDIR/rest"
	cmp -n $((at * 2048)) "$BATS_TEST_TMPDIR/a.iso" "$MNT/drives/0/burn.dvd+r.iso"
	icdb "$(url 1)" write "$at" "$BATS_TEST_TMPDIR/rest"
	icdb --clear-ua "$(url 1)" - <<-'CDBS'
		none 35 00 00 00 00 00 00 00 00 00
		none 5b 00 01 00 00 01 00 00 00 00
		none 5b 00 06 00 00 00 00 00 00 00
	CDBS
	[ "$(disc_status)" = 2 ]
	cmp "$BATS_TEST_TMPDIR/a.iso" "$MNT/drives/0/burn.dvd+r.iso"
	jb_stop
}

@test "killed after the first sector of a burn: never blank again" {
	head -c 65536 /dev/urandom > "$BATS_TEST_TMPDIR/first"
	touch "$MNT/drives/0/burn.iso"
	[ "$(disc_status)" = 0 ]
	icdb "$(url 1)" write 0 "$BATS_TEST_TMPDIR/first"
	jb_kill9
	jb_restart
	[ "$(disc_status)" = 1 ]
	jb_stop
}

@test "killed after the disc was finished: complete, and the same bytes" {
	iso "$BATS_TEST_TMPDIR/a.iso" 4
	truncate -s 4194304 "$BATS_TEST_TMPDIR/a.iso"
	touch "$MNT/drives/0/burn.iso"
	icdb "$(url 1)" write 0 "$BATS_TEST_TMPDIR/a.iso"
	icdb --clear-ua "$(url 1)" - <<-'CDBS'
		none 35 00 00 00 00 00 00 00 00 00
		none 5b 00 01 00 00 01 00 00 00 00
		none 5b 00 06 00 00 00 00 00 00 00
	CDBS
	jb_kill9
	jb_restart
	[ "$(disc_status)" = 2 ]
	cmp "$BATS_TEST_TMPDIR/a.iso" "$MNT/drives/0/burn.iso"
	jb_stop
}

@test "killed with sessions open and files open: the next start has one mount, and serves" {
	iso "$MNT/slots/1/a.iso" 2
	exec 5< "$MNT/slots/1/a.iso"
	exec 6<> "/dev/tcp/${PORTAL%:*}/${PORTAL#*:}"
	(cd "$MNT/slots" && exec sleep 60) 3>&- 5<&- 6<&- &
	local sleeper=$!
	jb_kill9
	jb_restart
	[ "$(awk -v m="$MNT" '$5 == m' /proc/self/mountinfo | wc -l)" = 1 ]
	[ -e "$MNT/slots/1/a.iso" ]
	iscsi-inq "$(url 1)"
	exec 5<&- 6<&-
	kill $sleeper
	jb_stop
}
