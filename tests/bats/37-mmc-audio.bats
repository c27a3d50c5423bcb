#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# CDs of audio over iSCSI by hand: what the mount has of them, what a kill leaves of one, data that audio
# follows, and a BIN with its sheet put in.

load lib

setup() {
	unset MNT STORE
	jb_start --slots 4 --drives 1
	cd "$BATS_TEST_TMPDIR" || return
	head -c $((300 * 2352)) /dev/urandom > samples
	head -c $((150 * 2352)) samples > half
	tail -c $((150 * 2352)) samples > other
	head -c $((150 * 2352)) /dev/zero > pause
	head -c 32768 /dev/urandom > sixteen
}
teardown() { jb_cleanup; }

is_there() { [ -e "$1" ]; }
is_disc() { getfattr -n user.jukebox.profile "$1" > /dev/null 2>&1; }
blank() {
	touch "$MNT/drives/0/D.cd-r.iso"
	wait_for 5 is_disc "$MNT/drives/0/D.cd-r.iso"
}
send() { icdb --clear-ua "$(url 1)" "$@"; }
attr() { getfattr --only-values -n "user.jukebox.$1" "$MNT/drives/0/D.bin"; }
# page TYPE MODE BLOCK: mode page 05h
page() {
	send - <<- END
		out 00 00 00 00 00 00 00 00 05 32 $1 $2 $3 00 00 00 00 00 00 00 00 10 00 96 00000000000000000000000000000000000000000000000000000000000000000000000000 -- 55 10 00 00 00 00 00 00 3c 00
		expect good
	END
}
# Track 1 of 150 sectors, a pause of 150, track 2 of 150.
at_once() {
	page 42 00 00
	send - <<- END
		out 02 34303036333831 02 33333339333100 01 00 00 01 00 00 00 00 01 01 00 00 00 00 00 00 01 01 01 00 00 00 02 00 03 02 444541424332 03 02 363030303032 01 02 00 00 00 00 04 00 01 02 01 00 00 00 06 00 01 aa 01 01 00 00 08 00 -- 5d 00 00 00 00 00 00 00 50 00
		expect good
		out pause -- 2a 00 ff ff ff 6a 00 00 96 00
		expect good
		out half -- 2a 00 00 00 00 00 00 00 96 00
		expect good
		none 35 00 00 00 00 00 00 00 00 00
		expect good
	END
}
# rip LBA FILE: READ CD gives the first 25 of its sectors
rip() {
	send - <<- END
		in 58800 be 04 00 00 $(printf '%02x %02x' $(($1 / 256)) $(($1 % 256))) 00 00 19 10 00 00
		expect good
		save ripped
	END
	cmp -n 58800 ripped "$2"
}

@test "a session of audio at once is a BIN with its sheet" {
	blank
	at_once
	wait_for 10 is_there "$MNT/drives/0/D.bin"
	send - <<- END
		out pause -- 2a 00 00 00 00 96 00 00 96 00
		expect good
		out other -- 2a 00 00 00 01 2c 00 00 96 00
		expect good
		none 35 00 00 00 00 00 00 00 00 00
		expect good
		in 2048 28 00 00 00 00 00 00 00 01 00
		expect check 05/64/00
	END
	rip 0 half
	rip 300 other
	cat half pause other > all
	cmp "$MNT/drives/0/D.bin" all
	grep -q 'CATALOG 4006381333931' "$MNT/drives/0/.D.cue"
	grep -q 'ISRC DEABC2600002' "$MNT/drives/0/.D.cue"
	grep -q 'INDEX 00 00:02:00' "$MNT/drives/0/.D.cue"
	grep -q 'INDEX 01 00:04:00' "$MNT/drives/0/.D.cue"
	[ "$(attr tracks)" = 2 ]
	mv "$MNT/drives/0/D.bin" "$MNT/slots/2/"
	cmp "$MNT/slots/2/D.bin" all
	[ -e "$MNT/slots/2/.D.cue" ]
}

@test "of audio, what was flushed is there after a kill; the rest can still be written" {
	blank
	at_once
	jb_kill9
	jb_restart
	[ "$(attr state)" = appendable ]
	rip 100 <(tail -c +$((100 * 2352 + 1)) half)
	cmp -n $((150 * 2352)) "$MNT/drives/0/D.bin" half
	page 41 c0 00
	send - <<- END
		out pause -- 2a 00 00 00 00 96 00 00 96 00
		expect good
		out other -- 2a 00 00 00 01 2c 00 00 96 00
		expect good
		none 35 00 00 00 00 00 00 00 00 00
		expect good
		none 5b 00 02 00 00 00 00 00 00 00
		expect good
	END
	rip 300 other
}

@test "a track of data that one of audio follows keeps its bytes, in whole sectors" {
	blank
	page 41 c4 08
	send - <<- END
		out sixteen -- 2a 00 00 00 00 00 00 00 10 00
		expect good
		none 35 00 00 00 00 00 00 00 00 00
		expect good
	END
	cmp "$MNT/drives/0/D.cd-r.iso" sixteen
	page 41 c0 00
	send - <<- END
		out half -- 2a 00 00 00 00 a6 00 00 96 00
		expect good
		none 35 00 00 00 00 00 00 00 00 00
		expect good
		none 5b 00 02 00 00 00 00 00 00 00
		expect good
		in 32768 28 00 00 00 00 00 00 00 10 00
		expect good
		save read
	END
	cmp read sixteen
	rip 166 half
	wait_for 10 is_there "$MNT/drives/0/D.bin"
	dd if="$MNT/drives/0/D.bin" bs=2352 skip=15 count=1 status=none | tail -c +17 | head -c 2048 | cmp - <(tail -c 2048 sixteen)
	cmp <(tail -c +$((166 * 2352 + 1)) "$MNT/drives/0/D.bin") half
	grep -q 'TRACK 01 MODE1/2352' "$MNT/drives/0/.D.cue"
	grep -q 'TRACK 02 AUDIO' "$MNT/drives/0/.D.cue"
}

@test "a BIN with its sheet, put into the drive, is read as it was written" {
	printf 'FILE "D.bin" BINARY\n  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n  TRACK 02 AUDIO\n    INDEX 00 00:01:50\n    INDEX 01 00:02:00\n' > sheet
	cp sheet "$MNT/drives/0/.D.cue"
	cp samples "$MNT/drives/0/D.bin"
	wait_for 5 is_disc "$MNT/drives/0/D.bin"
	rip 0 half
	rip 150 other
	send - <<- END
		in 48 43 00 00 00 00 00 00 00 30 00
		expect good
		expect data 001a0102 00100100 00000000 00100200 00000096 0010aa00 0000012c
		in 16 be 00 00 00 00 82 00 00 01 00 02 00
		expect good
		expect data 010200 000020
	END
}
