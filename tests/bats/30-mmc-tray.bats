#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests the tray from both sides: locks and ejects by initiators, mv in the mount, and the unit attentions
# that each session gets.

load lib

setup() {
	unset MNT STORE
	jb_start --slots 4 --drives 1
	iso "$MNT/slots/1/A.iso" 1
	iso "$MNT/slots/2/B.iso" 2
}
teardown() { jb_cleanup; }

@test "load by mv: one new medium event, one unit attention, to each session" {
	mkfifo "$BATS_TEST_TMPDIR/go"
	{
		cat <<- END
			clear-ua
			in 8 4a 01 00 00 10 00 00 00 08 00
			expect data 00 06 04 7e 00 00 00 00
			session 1
			clear-ua
			echo waiting
		END
		cat "$BATS_TEST_TMPDIR/go"
		cat <<- END
			session 0
			in 8 4a 01 00 00 10 00 00 00 08 00
			expect data 00 06 04 7e 02 02 00 00
			in 8 4a 01 00 00 10 00 00 00 08 00
			expect data 00 06 04 7e 00 02 00 00
			none 00 00 00 00 00 00
			expect check 06/28/00
			none 00 00 00 00 00 00
			expect good
			session 1
			in 8 25 00 00 00 00 00 00 00 00 00
			expect check 06/28/00
			in 8 25 00 00 00 00 00 00 00 00 00
			expect good
		END
	} | icdb "$(url 1)" - > "$BATS_TEST_TMPDIR/out" &
	wait_for 30 grep -q waiting "$BATS_TEST_TMPDIR/out"
	mv "$MNT/slots/1/A.iso" "$MNT/drives/0/"
	: > "$BATS_TEST_TMPDIR/go"
	wait $!
}

@test "eject leaves the disc in the drive, load brings the same back" {
	mv "$MNT/slots/1/A.iso" "$MNT/drives/0/"
	icdb "$(url 1)" - <<- END
		clear-ua
		none 1b 00 00 00 02 00
		expect good
		none 00 00 00 00 00 00
		expect check 02/3a/02
		none 1b 00 00 00 03 00
		expect good
		none 00 00 00 00 00 00
		expect check 06/28/00
		in 2048 28 00 00 00 00 10 00 00 01 00
		expect good
		expect data @1 43 44 30 30 31
	END
	[ -e "$MNT/drives/0/A.iso" ]
}

@test "a locked drive keeps its disc; when its session ends it is free" {
	mv "$MNT/slots/1/A.iso" "$MNT/drives/0/"
	mkfifo "$BATS_TEST_TMPDIR/go"
	{
		cat <<- END
			clear-ua
			none 1e 00 00 00 01 00
			expect good
			none 1b 00 00 00 02 00
			expect check 05/53/02
		END
		cat "$BATS_TEST_TMPDIR/go"
	} | icdb "$(url 1)" - &
	local locker=$!
	wait_for 30 '[ "$(< "$MNT/ctl/drives/0/locked")" = 1 ]'
	refused mv "$MNT/drives/0/A.iso" "$MNT/slots/3/" "busy"
	[ -e "$MNT/drives/0/A.iso" ]
	: > "$BATS_TEST_TMPDIR/go"
	wait $locker
	wait_for 30 mv "$MNT/drives/0/A.iso" "$MNT/slots/3/"
	[ -e "$MNT/slots/3/A.iso" ]
}

@test "an ejected disc can be taken by mv although the drive is locked" {
	mv "$MNT/slots/1/A.iso" "$MNT/drives/0/"
	mkfifo "$BATS_TEST_TMPDIR/go"
	{
		cat <<- END
			clear-ua
			none 1b 00 00 00 02 00
			expect good
			none 1e 00 00 00 01 00
			expect good
		END
		cat "$BATS_TEST_TMPDIR/go"
	} | icdb "$(url 1)" - &
	local locker=$!
	wait_for 30 grep -qx 1 "$MNT/ctl/drives/0/locked"
	mv "$MNT/drives/0/A.iso" "$MNT/slots/3/"
	[ -e "$MNT/slots/3/A.iso" ]
	: > "$BATS_TEST_TMPDIR/go"
	wait $locker
}

@test "another disc put into an open tray closes it" {
	icdb --clear-ua "$(url 1)" 1b 00 00 00 02 00
	mv "$MNT/slots/2/B.iso" "$MNT/drives/0/"
	icdb "$(url 1)" - <<- END
		clear-ua
		none 00 00 00 00 00 00
		expect good
	END
}

@test "a swap between two polls is removal, then arrival, to every session" {
	mv "$MNT/slots/1/A.iso" "$MNT/drives/0/"
	mkfifo "$BATS_TEST_TMPDIR/go"
	{
		cat <<- END
			clear-ua
			in 8 4a 01 00 00 10 00 00 00 08 00
			expect data 00 06 04 7e 02 02 00 00
			session 1
			clear-ua
			in 8 4a 01 00 00 10 00 00 00 08 00
			expect data 00 06 04 7e 02 02 00 00
			echo waiting
		END
		cat "$BATS_TEST_TMPDIR/go"
		for session in 0 1; do
			cat <<- END
				session $session
				in 8 4a 01 00 00 10 00 00 00 08 00
				expect data 00 06 04 7e 03 00 00 00
				in 8 4a 01 00 00 10 00 00 00 08 00
				expect data 00 06 04 7e 02 02 00 00
				in 8 4a 01 00 00 10 00 00 00 08 00
				expect data 00 06 04 7e 00 02 00 00
				none 00 00 00 00 00 00
				expect check 06/28/00
				in 8 25 00 00 00 00 00 00 00 00 00
				expect good
			END
		done
	} | icdb "$(url 1)" - > "$BATS_TEST_TMPDIR/out" &
	wait_for 30 grep -q waiting "$BATS_TEST_TMPDIR/out"
	mv "$MNT/drives/0/A.iso" "$MNT/slots/1/"
	mv "$MNT/slots/2/B.iso" "$MNT/drives/0/"
	: > "$BATS_TEST_TMPDIR/go"
	wait $!
}

@test "mv of a locked disc asks its initiator for it, and works when that has ejected" {
	mv "$MNT/slots/1/A.iso" "$MNT/drives/0/"
	mkfifo "$BATS_TEST_TMPDIR/go"
	{
		cat <<- END
			clear-ua
			in 8 4a 01 00 00 10 00 00 00 08 00
			expect data 00 06 04 7e 02 02 00 00
			none 1e 00 00 00 01 00
			expect good
			echo waiting
		END
		cat "$BATS_TEST_TMPDIR/go"
		cat <<- END
			in 8 4a 01 00 00 18 00 00 00 08 00
			expect data 00 06 03 7e 01 00 00 00
			in 8 4a 01 00 00 18 00 00 00 08 00
			expect data 00 06 03 7e 02 00 00 00
			in 8 4a 01 00 00 18 00 00 00 08 00
			expect data 00 06 04 7e 01 02 00 00
			none 1e 00 00 00 00 00
			expect good
			none 1b 00 00 00 02 00
			expect good
			in 8 4a 01 00 00 18 00 00 00 08 00
			expect data 00 06 04 7e 03 01 00 00
		END
	} | icdb "$(url 1)" - > "$BATS_TEST_TMPDIR/out" &
	wait_for 30 grep -q waiting "$BATS_TEST_TMPDIR/out"
	refused mv "$MNT/drives/0/A.iso" "$MNT/slots/3/" "busy"
	[ "$(< "$MNT/ctl/drives/0/eject")" = 1 ]
	: > "$BATS_TEST_TMPDIR/go"
	wait $!
	mv "$MNT/drives/0/A.iso" "$MNT/slots/3/"
	grep -q '"event":"eject-request"' "$MNT/events"
}

@test "a changer may not take the disc of a locked drive, but that of an open tray" {
	mv "$MNT/slots/1/A.iso" "$MNT/drives/0/"
	icdb "$(url 1)" - <<- END
		clear-ua
		none 1e 00 00 00 01 00
		expect good
		lun 0
		clear-ua
		none a5 00 00 00 00 01 04 02 00 00 00 00
		expect check 05/53/02
		lun 1
		none 1e 00 00 00 00 00
		expect good
		none 1b 00 00 00 02 00
		expect good
		none 1e 00 00 00 01 00
		expect good
		lun 0
		none a5 00 00 00 00 01 04 02 00 00 00 00
		expect good
	END
	[ -e "$MNT/slots/3/A.iso" ]
}

@test "what is prevented persistently is free after logout, lost session and reset" {
	mv "$MNT/slots/1/A.iso" "$MNT/drives/0/"
	icdb "$(url 1)" - <<- END
		clear-ua
		none 1e 00 00 00 03 00
		expect good
		session 1
		clear-ua
		none 1b 00 00 00 02 00
		expect check 05/53/02
		session 0
		logout
		session 1
		none 1b 00 00 00 02 00
		expect good
		none 1b 00 00 00 03 00
		expect good
		session 2
		clear-ua
		none 1e 00 00 00 03 00
		expect good
		reset-lun
		clear-ua
		none 1b 00 00 00 02 00
		expect good
		none 1b 00 00 00 03 00
		expect good
		none 1e 00 00 00 03 00
		expect check 06/28/00
		none 1e 00 00 00 03 00
		expect good
		reset-target
		clear-ua
		none 1b 00 00 00 02 00
		expect good
	END
	"$BUILD/tools/icdb" "$(url 1)" - <<- END > "$BATS_TEST_TMPDIR/out" &
		none 1b 00 00 00 03 00
		clear-ua
		none 1b 00 00 00 03 00
		clear-ua
		none 1e 00 00 00 03 00
		expect good
		echo waiting
		sleep 60000
	END
	local locker=$!
	wait_for 30 grep -q waiting "$BATS_TEST_TMPDIR/out"
	[ "$(< "$MNT/ctl/drives/0/locked")" = 1 ]
	kill -9 $locker
	wait $locker || true
	wait_for 30 '[ "$(< "$MNT/ctl/drives/0/locked")" = 0 ]'
}

@test "forced: the tray of a locked drive opens, and its initiator is told" {
	mv "$MNT/slots/1/A.iso" "$MNT/drives/0/"
	mkfifo "$BATS_TEST_TMPDIR/go"
	{
		cat <<- END
			clear-ua
			in 8 4a 01 00 00 10 00 00 00 08 00
			none 1e 00 00 00 01 00
			echo waiting
		END
		cat "$BATS_TEST_TMPDIR/go"
		cat <<- END
			in 8 4a 01 00 00 10 00 00 00 08 00
			expect data 00 06 04 7e 03 01 00 00
			none 00 00 00 00 00 00
			expect check 02/3a/02
		END
	} | icdb "$(url 1)" - > "$BATS_TEST_TMPDIR/out" &
	wait_for 30 grep -q waiting "$BATS_TEST_TMPDIR/out"
	echo force > "$MNT/ctl/drives/0/eject"
	: > "$BATS_TEST_TMPDIR/go"
	wait $!
	[ "$(< "$MNT/ctl/drives/0/tray")" = open ]
}
