#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests the SHA-256 of discs: it is computed when a disc is complete or when a user asks, it is verified,
# and computing it never delays other work.

load 10-mount

setup() {
	jb_start --slots 8 --drives 1
	X=$BATS_TEST_TMPDIR/x.iso
	iso "$X" 4 FIRST
	SUM=$(sha256sum < "$X" | cut -d ' ' -f 1)
	cd "$MNT" || return
}
teardown() {
	cd /
	jb_cleanup
}

set_x() { setfattr -n "user.jukebox.$1" -v "$2" "$3"; }
has_sum() { [ "$(xattr sha256 "$1")" = "$SUM" ]; }
verified() { xattr verify "$1" | grep -qE "^$2 20[0-9-]+T[0-9:]+Z$"; }
no_sum() { ! getfattr -n user.jukebox.sha256 "$1"; }

@test "a disc that was copied in has its hash soon, as its file has it" {
	cp "$X" slots/1/
	wait_for 60 has_sum slots/1/x.iso
	[ "$(jq -r .slots[0].disc.sha256 status.json)" = "$SUM" ]
	[ "$(sha256sum < slots/1/x.iso | cut -d ' ' -f 1)" = "$SUM" ]
	mv slots/1/x.iso drives/0/
	has_sum drives/0/x.iso
	jb_kill9
	jb_restart
	cd "$MNT"
	has_sum drives/0/x.iso
}

@test "a burned disc has its hash when it is finished, and an open one has none" {
	truncate -s 4194304 "$X"
	SUM=$(sha256sum < "$X" | cut -d ' ' -f 1)
	touch drives/0/burn.iso
	icdb "$(url 1)" write 0 "$X"
	[ "$(xattr state drives/0/burn.iso)" = appendable ]
	no_sum drives/0/burn.iso
	icdb --clear-ua "$(url 1)" - <<- 'CDBS'
		none 35 00 00 00 00 00 00 00 00 00
		none 5b 00 01 00 00 01 00 00 00 00
		none 5b 00 06 00 00 00 00 00 00 00
	CDBS
	wait_for 60 has_sum drives/0/burn.iso
}

@test "with the setting off the hash is computed only on request" {
	echo 0 > ctl/hash-completed
	cp "$X" slots/1/
	is_disc slots/1/x.iso complete
	no_sum slots/1/x.iso
	refused setfattr -n user.jukebox.verify -v start slots/1/x.iso "No such attribute"
	last_error "JB_NO_HASH"
	set_x sha256 compute slots/1/x.iso
	wait_for 60 has_sum slots/1/x.iso
	set_x verify start slots/1/x.iso
	wait_for 60 verified slots/1/x.iso ok
	grep -q '"event":"verify-ok"' events
	[[ $(jq -r .slots[0].disc.verify status.json) == "ok 20"* ]]
	setfattr -x user.jukebox.sha256 slots/1/x.iso
	no_sum slots/1/x.iso
	refused getfattr -n user.jukebox.verify slots/1/x.iso "No such attribute"
}

@test "a disc that has rotted in the store is found out, shown, and left alone" {
	cp "$X" slots/1/
	wait_for 60 has_sum slots/1/x.iso
	cd /
	jb_stop
	local image=$STORE/slots/1/x.iso/image.1
	touch -r "$image" "$BATS_TEST_TMPDIR/time"
	printf ROT | dd of="$image" bs=1 seek=3000000 conv=notrunc status=none
	touch -r "$BATS_TEST_TMPDIR/time" "$image"
	jb_restart
	cd "$MNT"
	set_x verify start slots/1/x.iso
	wait_for 60 verified slots/1/x.iso failed
	grep '"event":"verify-failed"' events | grep -qF "$(sentence HASH_DIFFERS)"
	grep -q 'verification failed' ctl/log
	grep 'damaged .* x$' status
	[[ $(jq -r .slots[0].disc.verify status.json) == "failed 20"* ]]
	[ "$(xattr state slots/1/x.iso)" = complete ]
	has_sum slots/1/x.iso
	jb_restart
	cd "$MNT"
	verified slots/1/x.iso failed
	cmp -n 3000000 "$X" slots/1/x.iso
}

@test "a disc is verified with a hash that was set from a list of sums" {
	echo 0 > ctl/hash-completed
	cp "$X" slots/1/
	is_disc slots/1/x.iso complete
	set_x sha256 "${SUM^^}" slots/1/x.iso
	has_sum slots/1/x.iso
	set_x verify start slots/1/x.iso
	wait_for 60 verified slots/1/x.iso ok
	set_x sha256 "$(sha256sum < /dev/null | cut -d ' ' -f 1)" slots/1/x.iso
	set_x verify start slots/1/x.iso
	wait_for 60 verified slots/1/x.iso failed
	refused setfattr -n user.jukebox.sha256 -v "${SUM}0" slots/1/x.iso "Invalid argument"
	last_error "JB_BAD_HASH"
	refused setfattr -n user.jukebox.verify -v now slots/1/x.iso "Invalid argument"
	last_error "JB_BAD_VERIFY"
	touch slots/2/A1.iso
	full slots/2
	refused setfattr -n user.jukebox.sha256 -v compute slots/2/A1.iso "Wrong medium type"
}

@test "hashing a large disc delays nobody, shows its progress, and can be stopped" {
	truncate -s 60G slots/1/large.bd-rom.iso
	full slots/1
	set_x sha256 compute slots/1/large.bd-rom.iso
	wait_for 60 'jq -e ".slots[0].disc.hashing >= 0" "$MNT/status.json"'
	mv slots/1/large.bd-rom.iso drives/0/
	icdb "$(url 1)" read 0 16 > /dev/null
	mv drives/0/large.bd-rom.iso slots/2/big.bd-rom.iso
	jq -e ".slots[1].disc.hashing >= 0" status.json
	set_x sha256 stop slots/2/big.bd-rom.iso
	jq -e '.slots[1].disc | has("hashing") | not' status.json
	no_sum slots/2/big.bd-rom.iso
	set_x sha256 "$SUM" slots/2/big.bd-rom.iso
	set_x verify start slots/2/big.bd-rom.iso
	wait_for 60 'xattr verify "$MNT/slots/2/big.bd-rom.iso" | grep -E "^running [0-9]+%$"'
	cp "$X" slots/3/
	set_x verify start slots/2/big.bd-rom.iso
	cd /
	jb_restart # the stop waits for none of it
	cd "$MNT"
	refused getfattr -n user.jukebox.verify slots/2/big.bd-rom.iso "No such attribute"
	[ "$(xattr sha256 slots/2/big.bd-rom.iso)" = "$SUM" ]
}

@test "a hash from outside that cannot be stored is refused" {
	cp "$X" slots/1/
	wait_for 60 has_sum slots/1/x.iso
	mv slots/1/x.iso drives/0/
	mv "$STORE/drives/0/x.iso" "$BATS_TEST_TMPDIR/away"
	refused setfattr -n user.jukebox.sha256 -v "$SUM" drives/0/x.iso "drives/0/x.iso"
	mv "$BATS_TEST_TMPDIR/away" "$STORE/drives/0/x.iso"
	set_x sha256 "$SUM" drives/0/x.iso
	jb_restart
	[ "$(getfattr --only-values -n user.jukebox.sha256 "$MNT/drives/0/x.iso")" = "$SUM" ]
}
