#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The tray from both sides: what an initiator locks and ejects, what mv in the mount may do, and what
# each session is told.

load lib

setup() {
	unset MNT STORE
	jb_start --slots 4 --drives 1
	iso "$MNT/slots/1/A.iso" 1
	iso "$MNT/slots/2/B.iso" 2
}
teardown() { jb_cleanup; }

@test "load by mv: one new medium event, one unit attention, to each session" {
	icdb "$(url 1)" - <<- END &
		clear-ua
		in 8 4a 01 00 00 10 00 00 00 08 00
		expect data 00 06 04 10 00 00 00 00
		session 1
		clear-ua
		echo waiting
		sleep 2000
		session 0
		in 8 4a 01 00 00 10 00 00 00 08 00
		expect data 00 06 04 10 02 02 00 00
		in 8 4a 01 00 00 10 00 00 00 08 00
		expect data 00 06 04 10 00 02 00 00
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
	sleep 0.7
	mv "$MNT/slots/1/A.iso" "$MNT/drives/0/"
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
	icdb "$(url 1)" - <<- END &
		clear-ua
		none 1e 00 00 00 01 00
		expect good
		none 1b 00 00 00 02 00
		expect check 05/53/02
		sleep 2500
	END
	local locker=$!
	wait_for 2 '[ "$(cat "$MNT/ctl/drives/0/locked")" = 1 ]'
	refused mv "$MNT/drives/0/A.iso" "$MNT/slots/3/" "busy"
	[ -e "$MNT/drives/0/A.iso" ]
	wait $locker
	wait_for 5 mv "$MNT/drives/0/A.iso" "$MNT/slots/3/"
	[ -e "$MNT/slots/3/A.iso" ]
}

@test "an ejected disc can be taken by mv although the drive is locked" {
	mv "$MNT/slots/1/A.iso" "$MNT/drives/0/"
	icdb "$(url 1)" - <<- END &
		clear-ua
		none 1b 00 00 00 02 00
		expect good
		none 1e 00 00 00 01 00
		expect good
		sleep 1500
	END
	local locker=$!
	sleep 0.7
	mv "$MNT/drives/0/A.iso" "$MNT/slots/3/"
	[ -e "$MNT/slots/3/A.iso" ]
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
