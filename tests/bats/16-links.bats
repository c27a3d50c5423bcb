#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests discs that are inserted by reference with ln -s.

load 10-mount

setup() {
	jb_start --slots 8 --drives 1
	OUT=$BATS_TEST_TMPDIR/iso
	mkdir "$OUT"
	X=$OUT/x.iso
	iso "$X" 4 FIRST
	cd "$MNT" || return
}
teardown() {
	cd /
	[ -z "${STOPPED:-}" ] || kill -CONT "$STOPPED"
	jb_cleanup
}

link_is() { [ "$(jq -r --arg l "$2" '[.slots[], .drives[]] | .[] | .disc | select(. != null and .label == $l) | .link' status.json)" = "$1" ]; }
reads() { icdb "$(url 1)" read 0 100 | cmp -n 204800 - "$1"; }
turs() { icdb --clear-ua -x "$1" "$(url 1)" 00 00 00 00 00 00; }
no_link() {
	refused ln -s "$1" "$2" "$3"
	last_error "$4"
	[ ! -L "$2" ]
}

@test "a link is a disc: it stays a link, can be read, moved and loaded; its removal leaves the file" {
	ln -s "$X" slots/3/
	[ "$(readlink slots/3/x.iso)" = "$X" ]
	[[ $(ls -l slots/3) == *"x.iso -> $X"* ]]
	[ "$(find slots -type l)" = slots/3/x.iso ]
	[ "$(stat -c '%F %s' slots/3/x.iso)" = "symbolic link ${#X}" ]
	cmp "$X" slots/3/x.iso
	full slots/3
	[ "$(ls "$STORE/slots/3/x.iso")" = disc.json ]
	grep "CD-ROM " status | grep -qF -- "  x -> $X"
	link_is good x
	mv slots/3/x.iso slots/4/BACKUP.iso
	mv slots/4/BACKUP.iso drives/0/
	[ "$(< ctl/drives/0/state) $(< ctl/drives/0/profile)" = "complete cd-rom" ]
	reads "$X"
	cmp "$X" drives/0/BACKUP.iso
	# An initiator moves it to slot 5 (address 1028); drive 0 has address 1.
	icdb --clear-ua "$(url 0)" a5 00 02 f0 00 01 04 04 00 00 00 00
	[ "$(readlink slots/5/BACKUP.iso)" = "$X" ]
	rm slots/5/BACKUP.iso
	[ "$(files slots/5)" = "" ]
	[ -s "$X" ]
	[ -z "$(ls -A "$STORE/slots/5")" ]
}

@test "a link outlives kill -9, and is checked again" {
	ln -s "$X" slots/3/
	ln -s "$X" drives/0/
	jb_kill9
	jb_restart
	cd "$MNT"
	[ "$(readlink slots/3/x.iso)" = "$X" ]
	wait_for 60 turs good
	reads "$X"
	wait_for 60 '[ "$(jq -r ".slots[2].disc.link, .drives[0].disc.link" "$MNT/status.json" | sort -u)" = good ]'
}

@test "a link to what cannot be a disc is refused with a reason" {
	no_link x.iso slots/1/x.iso "Invalid argument" "must be an absolute path"
	no_link ../../../iso/x.iso slots/1/x.iso "Invalid argument" "must be an absolute path"
	no_link "$OUT/none.iso" slots/1/x.iso "No such file or directory" "JB_LINK_DANGLES"
	no_link "$OUT" slots/1/x.iso "Wrong medium type" JB_LINK_NO_FILE
	no_link /dev/null slots/1/x.iso "Wrong medium type" JB_LINK_NO_FILE
	mkfifo "$OUT/pipe"
	no_link "$OUT/pipe" slots/1/x.iso "Wrong medium type" JB_LINK_NO_FILE
	: > "$OUT/empty"
	no_link "$OUT/empty" slots/1/x.iso "Wrong medium type" JB_LINK_NO_FILE
	cp "$X" slots/2/
	no_link "$MNT/slots/2/x.iso" slots/1/x.iso "Too many levels of symbolic links" "must point out of the jukebox"
	no_link "$MNT/README" slots/1/x.iso "Too many levels of symbolic links" "must point out of the jukebox"
	ln -s "$MNT/slots/2" "$OUT/back"
	no_link "$OUT/back/x.iso" slots/1/x.iso "Too many levels of symbolic links" "must point out of the jukebox"
	no_link "$X" slots/2/y.iso "Device or resource busy" "already holds a disc"
	no_link "$X" slots/1/.x.iso "Operation not permitted" "temporary name"
	no_link "$X" ctl/x.iso "Operation not permitted" "JB_IS_FIXED"
	no_link "$X" transport/0/x.iso "Operation not permitted" "JB_IS_FIXED"
	refused ln slots/2/x.iso slots/1/x.iso "Operation not permitted"
	last_error "JB_HARD_LINK"
	[ "$(files slots/1)" = "" ]
	[ -z "$(ls -A "$STORE/incoming")" ]
}

# Runs a command as a user who may insert discs, by a capability, but may not read files of others.
as_user() {
	setpriv --reuid 1000 --regid 1000 "$@"
}
CAPS="--inh-caps +dac_override --ambient-caps +dac_override"

@test "the file is opened with the rights of the caller, groups and all" {
	[ "$(id -u)" = 0 ] || skip "not root"
	local d=$OUT # whatever leads to the file may be searched by all
	while [ "$d" != / ]; do chmod o+x "$d"; d=${d%/*}; d=${d:-/}; done
	chmod 640 "$X"
	chown 0:4242 "$X"
	refused as_user --clear-groups ln -s "$X" slots/1/ "Permission denied" # by the kernel
	# shellcheck disable=SC2086
	refused as_user --clear-groups $CAPS ln -s "$X" slots/1/ "Permission denied"
	last_error "JB_LINK_DENIED"
	# shellcheck disable=SC2086
	refused as_user --groups 5,6 $CAPS ln -s "$X" slots/1/ "Permission denied"
	# shellcheck disable=SC2086
	as_user --groups 5,4242,6 $CAPS ln -s "$X" slots/1/
	[ "$(stat -c '%u:%g' slots/1/x.iso)" = 1000:1000 ]
	# A folder that only root may search refuses the file.
	chmod 644 "$X"
	chmod 700 "$OUT"
	# shellcheck disable=SC2086
	refused as_user --groups 4242 $CAPS ln -s "$X" slots/2/ "Permission denied"
	ln -s "$X" slots/2/
	# Rights are checked at the insert; a load needs only those of the daemon.
	mv slots/1/x.iso drives/0/
	turs good
	reads "$X"
}

@test "a linked file that changed or is gone: the drive is not ready; status, events and errors tell" {
	ln -s "$X" slots/3/
	cp "$X" "$OUT/new" && echo more >> "$OUT/new" && mv "$OUT/new" "$X"
	mv slots/3/x.iso drives/0/
	turs "check 02/04/03"
	icdb --clear-ua -r 2048 -x "check 02/04/03" "$(url 1)" 28 00 00 00 00 00 00 00 01 00
	[ "$(< ctl/drives/0/state)" = changed ]
	link_is changed x
	grep -q ' changed .*  x -> ' status
	grep '"event":"error"' events | grep -qF "$(sentence LINK_CHANGED)"
	wait_for 30 last_error "/x.iso: JB_LINK_CHANGED"
	mv drives/0/x.iso slots/3/
	rm slots/3/x.iso
	ln -s "$X" slots/3/
	mv slots/3/x.iso drives/0/
	turs good
	reads "$X"
	mv "$X" "$OUT/away"
	jb_restart
	cd "$MNT"
	wait_for 60 link_is missing x
	turs "check 02/04/03"
	grep '"event":"error"' events | grep -qF "$(sentence LINK_MISSING)"
	wait_for 30 last_error JB_LINK_MISSING
	refused cat drives/0/x.iso "No such file or directory"
	# The file is back; the tray was opened and closed.
	mv "$OUT/away" "$X"
	echo open > ctl/drives/0/tray
	echo close > ctl/drives/0/tray
	turs good
	reads "$X"
	[ "$(< ctl/drives/0/state)" = complete ]
}

@test "a file that is replaced while it is loaded: the old disc or none, never a mixture" {
	cp "$X" "$OUT/old"
	ln -s "$X" drives/0/
	reads "$OUT/old"
	iso "$OUT/new" 4 SECOND
	mv "$OUT/new" "$X"
	reads "$OUT/old"
	# A file that was overwritten in place is another disc, and the drive reports it.
	rm drives/0/x.iso
	ln -s "$X" drives/0/
	cp "$X" "$OUT/old"
	reads "$OUT/old"
	truncate -s 1M "$X"
	icdb --clear-ua -r 65536 -x "check 02/04/03" "$(url 1)" 28 00 00 00 00 00 00 00 20 00
	turs "check 02/04/03"
	icdb "$(url 0)" 00 00 00 00 00 00 || icdb --clear-ua "$(url 0)" 00 00 00 00 00 00
}

@test "an image that was cut short is incomplete as a link too" {
	truncate -s 1M "$X"
	ln -s "$X" slots/3/
	run ! is_full slots/3
	[ "$(jq -r .slots[2].disc.state status.json)" = incomplete ]
	refused mv slots/3/x.iso drives/0/ "Wrong medium type"
	[ "$(id -u)" = 0 ] || return 0
	[ "$(getfattr -h --only-values -n trusted.jukebox.state slots/3/x.iso)" = incomplete ]
	setfattr -h -n trusted.jukebox.state -v complete slots/3/x.iso
	full slots/3
	mv slots/3/x.iso drives/0/
	turs good
}

@test "root reaches the attributes of a link, and has it hashed and verified" {
	[ "$(id -u)" = 0 ] || skip "not root"
	ln -s "$X" slots/3/
	[ "$(getfattr -h --only-values -n trusted.jukebox.origin slots/3/x.iso)" = "$X" ]
	setfattr -h -n trusted.jukebox.sha256 -v compute slots/3/x.iso
	wait_for 60 '[ "$(jq -r .slots[2].disc.sha256 "$MNT/status.json")" = "$(sha256sum < "$X" | cut -d " " -f 1)" ]'
	setfattr -h -n trusted.jukebox.verify -v start slots/3/x.iso
	wait_for 60 'jq -r .slots[2].disc.verify "$MNT/status.json" | grep "^ok "'
}

# other_jukebox: starts a second jukebox, whose disc OTHER/slots/1/far.iso is a file on a file system that is
# slow when we want it: freeze stops its daemon, and thaw lets it go on
other_jukebox() {
	local first=$JBPID firstlog=$JBLOG firstrun=$JBRUN firstmnt=$MNT firststore=$STORE
	cd /
	MNT=$BATS_TEST_TMPDIR/other-mnt STORE=$BATS_TEST_TMPDIR/other-store
	jb_start --slots 2 --drives 1
	cp "$X" "$MNT/slots/1/far.iso"
	OTHER=$MNT OTHERPID=$JBPID
	JBPID=$first JBLOG=$firstlog JBRUN=$firstrun MNT=$firstmnt STORE=$firststore
}
freeze() { STOPPED=$OTHERPID; kill -STOP "$STOPPED"; }
thaw() { kill -CONT "$STOPPED"; STOPPED=; }
# far SLOT: links the far file into that slot, in the background
far() {
	ln -s "$OTHER/slots/1/far.iso" "$MNT/slots/$1/" 2> "$BATS_TEST_TMPDIR/far.$1" 3>&- &
	FAR=$!
}

@test "a link to a file that is opened late is made when it is; nothing else waits for that" {
	other_jukebox
	freeze
	far 3
	sleep 2 # longer than the jukebox waits before it lets others pass
	kill -0 "$FAR"
	cp "$X" "$MNT/slots/4/"
	mv "$MNT/slots/4/x.iso" "$MNT/slots/5/"
	timeout 30 ln -s "$X" "$MNT/slots/6/"
	[ "$(readlink "$MNT/slots/6/x.iso")" = "$X" ]
	kill -0 "$FAR"
	thaw
	wait "$FAR"
	[ "$(readlink "$MNT/slots/3/far.iso")" = "$OTHER/slots/1/far.iso" ]
	full slots/3
	cmp "$X" "$MNT/slots/3/far.iso"
}

@test "a program that waits for a late file can be interrupted, and the daemon can be stopped" {
	other_jukebox
	freeze
	far 3
	sleep 1
	kill "$FAR"
	wait "$FAR" || true
	cp "$X" "$MNT/slots/3/" # the slot is free again
	full slots/3
	far 4
	sleep 1
	kill -0 "$FAR"
	jb_stop
	run ! wait "$FAR"
	thaw
	jb_restart
	[ "$(files slots/3) $(files slots/4)" = "x.iso " ]
	[ -z "$(ls -A "$STORE/incoming")" ]
}

@test "eight programs can wait for late files; one more is refused" {
	local n failed=0
	other_jukebox
	mkdir "$MNT/slots/9" "$MNT/slots/10"
	freeze
	for n in 1 2 3 4 5 6 7 8 9; do far $n; done
	wait_for 60 '[ -n "$(cat "$BATS_TEST_TMPDIR"/far.*)" ]'
	last_error JB_LINK_LATE
	wait_for 30 "ln -s '$X' '$MNT/slots/10/'" # a busy machine may be late too
	thaw
	for n in 1 2 3 4 5 6 7 8 9; do
		wait_for 60 '[ -n "$(files slots/$n)" ] || [ -s "$BATS_TEST_TMPDIR/far.$n" ]'
		[ ! -s "$BATS_TEST_TMPDIR/far.$n" ] || failed=$((failed + 1))
	done
	[ "$failed" = 1 ] || { grep . "$BATS_TEST_TMPDIR"/far.*; return 1; }
	grep -q "Connection timed out" "$BATS_TEST_TMPDIR"/far.*
}

@test "ln -sf replaces a disc, a copied one and a linked one, and is one insert" {
	local events n
	iso "$OUT/y.iso" 6 SECOND
	cp "$X" slots/1/x.iso
	ln -s "$X" slots/2/x.iso
	for n in 1 2; do
		events=$(wc -l < events)
		ln -sf "$OUT/y.iso" slots/$n/x.iso
		[ "$(readlink slots/$n/x.iso)" = "$OUT/y.iso" ]
		[ "$(files slots/$n)" = x.iso ]
		full slots/$n
		[ "$(tail -n +$((events + 1)) events | jq -r .event | grep -c '^insert$')" = 1 ]
		in_status slots/$n
		[[ $ELEMENT == *'"label": "x"'* ]]
		cmp "$OUT/y.iso" slots/$n/x.iso
	done
	ln -sf "$X" slots/3/new.iso # nothing to replace
	full slots/3
	jb_restart
	cd "$MNT"
	for n in 1 2; do
		[ "$(readlink slots/$n/x.iso)" = "$OUT/y.iso" ]
		cmp "$OUT/y.iso" slots/$n/x.iso
	done
}

@test "ln -sf that is refused leaves the disc, and no temporary link" {
	cp "$X" slots/1/x.iso
	refused ln -sf "$OUT/none.iso" slots/1/x.iso "No such file or directory"
	mv slots/1/x.iso drives/0/
	refused ln -sf "$X" drives/0/x.iso "Device or resource busy"
	cp "$X" slots/1/a.iso
	refused ln -sf "$X" slots/1/b.iso "Device or resource busy"
	last_error "JB_ELEMENT_FULL"
	[ "$(files drives/0) $(files slots/1)" = "x.iso a.iso" ]
	# A link of such a name beside a disc is not a disc; where no disc is, it is one.
	cp "$X" slots/2/y.iso
	ln -s "$X" slots/2/CuAb12Cd
	[ "$(jq -r '.slots[1].disc.name' status.json)" = y.iso ]
	rm slots/2/CuAb12Cd
	ln -s "$X" slots/3/Customer
	full slots/3
	rm slots/3/Customer
	cp "$X" slots/3/CuAb12Cd # a file of that name is a disc
	full slots/3
}

@test "programs that copy links make links of them" {
	have rsync
	ln -s "$X" slots/1/
	cp -a slots/1/x.iso slots/2/
	rsync -a slots/1/x.iso slots/3/
	tar -C slots/1 -cf - x.iso | tar -C slots/4 -P -xf -
	local n
	for n in 2 3 4; do
		[ "$(readlink slots/$n/x.iso)" = "$X" ]
		full slots/$n
	done
	cp slots/1/x.iso slots/5/ # the file itself
	[ -f slots/5/x.iso ] && [ ! -L slots/5/x.iso ]
	cp slots/1/x.iso "$OUT/copy"
	cmp "$X" "$OUT/copy"
}
