#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests the faults and times that a user sets in the real daemon: ctl/drives/N/fault, ctl/changer/fault,
# ctl/drives/N/load-time, ctl/changer/move-time.

load lib
load smc

setup() {
	unset MNT STORE
	jb_start --slots 4 --drives 2
	iso "$MNT/slots/1/A.iso" 1
	iso "$MNT/slots/2/B.iso" 2
	FAULT=$MNT/ctl/drives/0/fault
	ROBOT=$MNT/ctl/changer/fault
}
teardown() { jb_cleanup; }

# told RULE: prints how many events report that a fault rule fired
told() { grep -c "\"event\":\"fault\".*\"rule\":\"$1" "$MNT/events" || true; }

@test "a read error: the sectors before it, the residual, sense with its address, an event" {
	mv "$MNT/slots/1/A.iso" "$MNT/drives/0/"
	echo "read 16-17 count 2" > "$FAULT"
	icdb "$(url 1)" - <<- END
		clear-ua
		in 20480 28 00 00 00 00 0e 00 00 0a 00
		expect check 03/11/00
		expect residual under 16384
		in 2048 28 00 00 00 00 11 00 00 01 00
		expect check 03/11/00
		expect residual under 2048
		in 20480 28 00 00 00 00 0e 00 00 0a 00
		expect good
		expect residual none
	END
	[ "$(< "$FAULT")" = "read 16-17 medium-error count 2 # fired 2" ]
	[ "$(told "read 16-17")" = 2 ]
	grep -qF "\"error\":\"$(sentence FAULT_READ)" "$MNT/events"
	# The disc in the mount is undamaged.
	cmp "$MNT/drives/0/A.iso" <(iso "$BATS_TEST_TMPDIR/a" 1 && cat "$BATS_TEST_TMPDIR/a")
}

@test "sense data has VALID and the bad address in INFORMATION" {
	mv "$MNT/slots/1/A.iso" "$MNT/drives/0/"
	echo "read 0x10" > "$FAULT"
	run icdb --clear-ua -r 20480 "$(url 1)" 28 00 00 00 00 0e 00 00 0a 00
	[ "$status" = 1 ]
	[[ $output == *"sense f0 00 03 00 00 00 10 0a 00 00 00 00 11 00"* ]]
}

@test "a write error: what came before it is recorded" {
	touch "$MNT/drives/0/N.dvd+r.iso"
	head -c 65536 /dev/urandom > "$BATS_TEST_TMPDIR/data"
	echo "write 20- count 1" > "$FAULT"
	icdb "$(url 1)" - <<- END
		clear-ua
		out $BATS_TEST_TMPDIR/data -- 2a 00 00 00 00 00 00 00 20 00
		expect check 03/0c/00
		in 48 52 01 00 00 00 01 00 00 30 00
		expect good
		expect data @12 00 00 00 14
		none 35 00 00 00 00 00 00 00 00 00
		expect good
	END
	cmp -n 40960 "$MNT/drives/0/N.dvd+r.iso" "$BATS_TEST_TMPDIR/data"
	[ "$(stat -c %s "$MNT/drives/0/N.dvd+r.iso")" = 40960 ]
}

@test "formatting, blanking, closing, flushing and calibrating fail as told, and leave the disc as it was" {
	touch "$MNT/drives/0/N.dvd-rw.iso"
	wait_for 30 'getfattr -n user.jukebox.state "$MNT/drives/0/N.dvd-rw.iso"'
	head -c 32768 /dev/urandom > "$BATS_TEST_TMPDIR/data"
	printf '%s count 1\n' opc sync close blank 'format hardware-error' > "$BATS_TEST_TMPDIR/rules"
	cat "$BATS_TEST_TMPDIR/rules" > "$FAULT"
	icdb "$(url 1)" - <<- END
		clear-ua
		none 54 01 00 00 00 00 00 00 00 00
		expect check 03/73/03
		out $BATS_TEST_TMPDIR/data -- 2a 00 00 00 00 00 00 00 10 00
		expect good
		none 35 00 00 00 00 00 00 00 00 00
		expect check 03/0c/00
		none 5b 00 02 00 00 00 00 00 00 00
		expect check 03/72/00
		none a1 11 00 00 00 00 00 00 00 00 00 00
		expect check 03/51/00
		out 00 02 00 08 ff ff ff ff 40 00 00 00 -- 04 11 00 00 00 00
		expect check 04/09/01
		none 5b 00 02 00 00 00 00 00 00 00
		expect good
	END
	cmp "$MNT/drives/0/N.dvd-rw.iso" "$BATS_TEST_TMPDIR/data"
	for rule in opc sync close blank format; do [ "$(told "$rule")" = 1 ]; done
	refused "echo 'blank 5' > '$FAULT'" "Invalid argument"
}

@test "the work of a drive is in its state, progress and status.json" {
	touch "$MNT/drives/0/N.dvd-rw.iso"
	wait_for 30 'getfattr -n user.jukebox.state "$MNT/drives/0/N.dvd-rw.iso"'
	echo "slow 60s" > "$FAULT"
	icdb -t 90 --clear-ua "$(url 1)" a1 11 00 00 00 00 00 00 00 00 00 00 &
	wait_for 60 '[[ $(< "$FAULT") == *"fired 1" ]]'
	[ "$(< "$MNT/ctl/drives/0/state")" = blanking ]
	[[ $(< "$MNT/ctl/drives/0/progress") =~ ^blanking\ 0\ [0-9]{7}\ 0%$ ]]
	[ "$(jq -r '.drives[0].work.doing' "$MNT/status.json")" = blanking ]
	echo clear > "$FAULT"
	wait $!
	[ "$(< "$MNT/ctl/drives/0/state")" = blank ]
	[ "$(< "$MNT/ctl/drives/0/progress")" = idle ]
	echo "slow 60s" > "$FAULT"
	icdb -t 90 "$(url 1)" - <<- END &
		clear-ua
		out 00 02 00 08 ff ff ff ff 40 00 00 00 -- 04 11 00 00 00 00
		expect good
	END
	wait_for 60 '[[ $(< "$FAULT") == *"fired 1" ]]'
	[ "$(< "$MNT/ctl/drives/0/state")" = formatting ]
	echo clear > "$FAULT"
	wait $!
	[ "$(< "$MNT/ctl/drives/0/state")" = complete ]
}

@test "the robot fails as often as its rule says, for mtx and for mv" {
	printf 'move slots/1 fail count 2\nmove drives/1 not-ready\n' > "$ROBOT"
	smc <<- END
		$(move "$(slot 1)" "$(slot 3)")
		expect check 04/15/01
		$(move "$(slot 2)" "$(drive 1)")
		expect check 02/04/03
	END
	refused mv "$MNT/slots/1/A.iso" "$MNT/slots/3/" "Input/output error"
	grep -q "failure of the robot that ctl/changer/fault asks for" "$MNT/ctl/last-error"
	[ -e "$MNT/slots/1/A.iso" ]
	smc <<< "$(move "$(slot 1)" "$(slot 3)")"
	[ -e "$MNT/slots/3/A.iso" ]
	[ "$(told "move slots/1")" = 2 ]
}

@test "a lost session: at a sector, at a move; another one is not touched" {
	mv "$MNT/slots/1/A.iso" "$MNT/drives/0/"
	echo "lose-session 100-200 count 1" > "$FAULT"
	run icdb -t 10 "$(url 1)" - <<- END
		clear-ua
		in 2048 28 00 00 00 00 10 00 00 01 00
		expect good
		none 1e 00 00 00 01 00
		expect good
		in 2048 28 00 00 00 00 80 00 00 01 00
		echo still there
	END
	[ "$status" != 0 ]
	[[ $output != *"still there"* ]]
	# The lost session's locks are gone, and the next session can read.
	wait_for 30 '[ "$(< "$MNT/ctl/drives/0/locked")" = 0 ]'
	icdb --clear-ua -r 2048 -o /dev/null "$(url 1)" 28 00 00 00 00 80 00 00 01 00
	echo "lose-session slots/2 count 1" > "$ROBOT"
	run icdb -t 10 --clear-ua "$(url 0)" a5 00 00 00 04 01 04 02 00 00 00 00
	[ "$status" != 0 ]
	[ -e "$MNT/slots/2/B.iso" ]
	smc <<< "$(move "$(slot 2)" "$(slot 3)")"
	[ -e "$MNT/slots/3/B.iso" ]
}

@test "a slow drive stops neither another unit, nor another session, nor the mount" {
	mv "$MNT/slots/1/A.iso" "$MNT/drives/0/"
	mv "$MNT/slots/2/B.iso" "$MNT/drives/1/"
	echo "slow 60s" > "$FAULT"
	icdb -t 90 --clear-ua -r 2048 -o "$BATS_TEST_TMPDIR/slow" "$(url 1)" 28 00 00 00 00 10 00 00 01 00 &
	local reader=$!
	wait_for 60 '[[ $(< "$FAULT") == *"fired 1" ]]'
	# All of this happens while that read runs:
	icdb --clear-ua -r 2048 -o /dev/null "$(url 2)" 28 00 00 00 00 10 00 00 01 00
	smc <<< "$(move "$(drive 1)" "$(slot 2)")"
	mv "$MNT/slots/2/B.iso" "$MNT/slots/3/"
	echo "4711" > "$MNT/ctl/drives/0/serial"
	icdb -r 8 -o /dev/null "$(url 1)" 4a 01 00 00 10 00 00 00 08 00
	[[ $(< "$FAULT") == *"fired 1" ]]
	[ ! -s "$BATS_TEST_TMPDIR/slow" ]
	kill -0 $reader
	# Clearing the rules ends the delay, and the read returns its data.
	echo clear > "$FAULT"
	wait $reader
	[ "$(stat -c %s "$BATS_TEST_TMPDIR/slow")" = 2048 ]
	[ "$(told "slow 60s")" = 1 ]
}

@test "a user's hand does not wait for a slow drive, and stopping waits for nothing" {
	mv "$MNT/slots/1/A.iso" "$MNT/drives/0/"
	echo "slow 60s" > "$FAULT"
	icdb -t 90 --clear-ua -r 2048 -o /dev/null "$(url 1)" 28 00 00 00 00 10 00 00 01 00 &
	wait_for 60 '[[ $(< "$FAULT") == *"fired 1" ]]'
	mv "$MNT/drives/0/A.iso" "$MNT/slots/1/"
	wait $!
	mv "$MNT/slots/1/A.iso" "$MNT/drives/0/"
	icdb -t 90 --clear-ua -r 2048 -o /dev/null "$(url 1)" 28 00 00 00 00 10 00 00 01 00 &
	wait_for 60 '[[ $(< "$FAULT") == *"fired 2" ]]'
	jb_stop
	wait $! || true
}

@test "load-time: not ready, then a unit attention, then ready; the robot takes its move-time" {
	echo 600s > "$MNT/ctl/drives/0/load-time"
	mv "$MNT/slots/1/A.iso" "$MNT/drives/0/"
	[ "$(< "$MNT/ctl/drives/0/state")" = loading ]
	cmp -n 4096 "$MNT/drives/0/A.iso" <(iso "$BATS_TEST_TMPDIR/a" 1 && cat "$BATS_TEST_TMPDIR/a")
	mkfifo "$BATS_TEST_TMPDIR/go"
	{
		cat <<- END
			clear-ua
			none 00 00 00 00 00 00
			expect check 02/04/01
			in 8 4a 01 00 00 10 00 00 00 08 00
			expect data 00 06 04 7e 00 00 00 00
			in 8 4a 01 00 00 40 00 00 00 08 00
			expect data 00 06 06 7e 01 01 ?? ??
			echo waiting
		END
		cat "$BATS_TEST_TMPDIR/go"
		cat <<- END
			in 8 4a 01 00 00 50 00 00 00 08 00
			expect data 00 06 04 7e 02 02 00 00
			none 00 00 00 00 00 00
			expect check 06/28/00
			none 00 00 00 00 00 00
			expect good
		END
	} | icdb "$(url 1)" - > "$BATS_TEST_TMPDIR/out" &
	wait_for 60 grep -q waiting "$BATS_TEST_TMPDIR/out"
	echo 0 > "$MNT/ctl/drives/0/load-time"
	[ "$(< "$MNT/ctl/drives/0/state")" = complete ]
	: > "$BATS_TEST_TMPDIR/go"
	wait $!
	# The robot has not finished a slow move; other discs can be moved meanwhile.
	echo 600s > "$MNT/ctl/changer/move-time"
	smc <<< "$(move "$(slot 2)" "$(slot 4)")" &
	wait_for 60 'grep -A99 "slots" "$MNT/status.json" | grep -q "\"reserved\": *true"'
	mv "$MNT/drives/0/A.iso" "$MNT/slots/1/"
	[ -e "$MNT/slots/2/B.iso" ]
	echo 0 > "$MNT/ctl/changer/move-time"
	wait $!
	[ -e "$MNT/slots/4/B.iso" ]
}

@test "a restart ends faults, and keeps times" {
	echo "read" > "$FAULT"
	echo "move" > "$ROBOT"
	echo 100ms > "$MNT/ctl/drives/0/load-time"
	grep -q 'FAULT *drives/0 *read medium-error, fired 0' "$MNT/status"
	grep -q 'FAULT *changer *move hardware-error, fired 0' "$MNT/status"
	[ "$(jq -c .faults "$MNT/status.json")" = \
		'[{"unit":"changer","rule":"move hardware-error","fired":0},{"unit":"drives/0","rule":"read medium-error","fired":0}]' ]
	jb_restart
	[ -z "$(cat "$MNT/ctl/drives/0/fault" "$MNT/ctl/changer/fault")" ]
	[ "$(jq -c .faults "$MNT/status.json")" = '[]' ]
	[ "$(< "$MNT/ctl/drives/0/load-time")" = 100ms ]
	! grep -rq 'read\|move' "$STORE/ctl" || false
}

@test "a text of several fault rules is accepted completely, or refused with the reason" {
	printf 'read 5\nwrite 6- count 3\n# a remark\n' > "$FAULT"
	printf 'read 7\nnonsense\n' > "$BATS_TEST_TMPDIR/bad"
	refused cp "$BATS_TEST_TMPDIR/bad" "$FAULT" "Invalid argument"
	grep -qF "$(sentence BAD_FAULT)" "$MNT/ctl/last-error"
	[ "$(< "$FAULT")" = "$(printf 'read 5 medium-error # fired 0\nwrite 6- medium-error count 3 # fired 0')" ]
	echo 'read 9 count 1' >> "$FAULT" # goes on from there
	[ "$(< "$FAULT")" = "$(printf 'read 5 medium-error # fired 0\nwrite 6- medium-error count 3 # fired 0\nread 9 medium-error count 1 # fired 0')" ]
	refused "echo nonsense >> '$FAULT'" "Invalid argument"
	# The text that the file shows can be written back.
	cat "$FAULT" > "$BATS_TEST_TMPDIR/kept"
	cat "$BATS_TEST_TMPDIR/kept" > "$FAULT"
	cmp "$FAULT" "$BATS_TEST_TMPDIR/kept"
	: > "$FAULT" # truncation alone changes nothing
	cmp "$FAULT" "$BATS_TEST_TMPDIR/kept"
	echo > "$FAULT"
	[ -z "$(< "$FAULT")" ]
	refused "echo 11m > '$MNT/ctl/changer/move-time'" "Invalid argument"
	refused "echo soon > '$MNT/ctl/drives/0/load-time'" "Invalid argument"
}

@test "nobody but the owner writes faults" {
	[ "$(id -u)" = 0 ] || skip "needs root, to be somebody else"
	chmod 755 "$BATS_TEST_TMPDIR"
	local file
	for file in "$FAULT" "$ROBOT" "$MNT/ctl/drives/0/load-time" "$MNT/ctl/changer/move-time"; do
		[ "$(stat -c %a "$file")" = 644 ]
		refused setpriv --reuid=65534 --regid=65534 --clear-groups -- \
			bash -c "echo clear > '$file'" "Permission denied"
	done
}
