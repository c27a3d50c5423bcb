#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests mkdir and rmdir: adding and removing slots, mail slots and drives while the jukebox runs.

load 10-mount
load smc

setup() { unset MNT STORE; }
teardown() { jb_cleanup; }

EPERM="Operation not permitted"
in_mount() { cd "$MNT" || return; }

@test "mkdir adds the next slot, drive and mail slot, and they stay" {
	jb_start --slots 8 --drives 1 --mailslots 0
	in_mount
	mkdir slots/9 slots/10 drives/1 mailslots/1
	touch slots/10/LAST.iso
	full slots/10
	mv slots/10/LAST.iso drives/1/
	touch mailslots/1/POST.iso
	[ "$(< ctl/drives/1/state)" = blank ]
	echo ACME > ctl/drives/1/vendor
	cd /
	jb_kill9
	jb_restart
	in_mount
	[ "$(ls slots | wc -l)" = 10 ]
	[ "$(files drives/1)" = LAST.iso ]
	[ "$(files mailslots/1)" = POST.iso ]
	[ "$(< ctl/drives/1/vendor)" = ACME ]
}

@test "mkdir of any element but the next one is refused, with a sentence" {
	jb_start --slots 8 --drives 1 --mailslots 0
	in_mount
	refused mkdir slots/8 "File exists"
	local name
	for name in slots/10 slots/0 slots/abc slots/09 slots/99999999999 drives/2 drives/x mailslots/2 mailslots/0; do
		refused mkdir $name "$EPERM"
		last_error "make the folder $name: JB_NOT_NEXT (EPERM)"
	done
	refused mkdir transport/1 "$EPERM"
	refused mkdir ctl/drives/1 "$EPERM"
	refused mkdir more "$EPERM"
	last_error "JB_IS_FIXED"
	[ "$(ls slots | wc -l)" = 8 ]
}

@test "addresses never reach another range, and there are limits" {
	jb_start --slots 2 --drives 63 --mailslots 1
	in_mount
	echo 1022 > ctl/changer/first-mailslot
	mkdir mailslots/2
	refused mkdir mailslots/3 "Invalid argument"
	last_error "JB_OVERLAP"
	echo 2000 > ctl/changer/first-slot
	mkdir mailslots/3
	mkdir drives/63
	refused mkdir drives/64 "No space left on device"
	last_error "JB_TOO_MANY"
}

@test "rmdir removes the last one when it is empty, and it stays away" {
	jb_start --slots 8 --drives 2 --mailslots 1
	echo open > "$MNT/ctl/changer/layout"
	in_mount
	touch slots/8/A.iso
	full slots/8
	refused rmdir slots/8 "Directory not empty"
	last_error "remove the folder slots/8: JB_ELEMENT_NOT_EMPTY (ENOTEMPTY)"
	refused rmdir slots/7 "$EPERM"
	last_error "JB_NOT_LAST"
	mv slots/8/A.iso drives/1/
	refused rmdir drives/1 "Directory not empty"
	refused rmdir drives/0 "$EPERM"
	refused rmdir drives/7 "No such file or directory"
	refused rmdir transport/0 "$EPERM"
	refused rmdir slots "$EPERM"
	refused rmdir ctl/drives/1 "$EPERM"
	rmdir slots/8
	refused touch slots/8/B.iso "No such file or directory"
	rm drives/1/A.iso
	rmdir drives/1 drives/0 mailslots/1
	refused cat ctl/drives/1/vendor "No such file or directory"
	[ "$(find drives mailslots -mindepth 1)" = "" ]
	grep -q '7 slots, 0 mail slots, 0 drives' status
	jq -e '(.drives | length) == 0 and (.slots | length) == 7' status.json
	cd /
	jb_restart
	in_mount
	[ "$(ls slots | wc -l)" = 7 ]
	[ "$(find drives mailslots ctl/drives -mindepth 1)" = "" ]
	mkdir drives/0 mailslots/1
	[ "$(< ctl/drives/0/state)" = empty ]
}

@test "a slot that is removed and added again is another folder" {
	jb_start --slots 3
	echo open > "$MNT/ctl/changer/layout"
	local here
	exec {here}< "$MNT/slots/3"
	rmdir "$MNT/slots/3"
	mkdir "$MNT/slots/3"
	touch "$MNT/slots/3/A.iso"
	full slots/3
	[ "$(files slots/3)" = A.iso ]
	# A program that has the old folder open gets its answer from the kernel.
	refused touch "/proc/$BASHPID/fd/$here/B.iso" "Input/output error"
	exec {here}<&-
	[ "$(files slots/3)" = A.iso ]
}

@test "rsync and cp -r make the elements that they need" {
	jb_start --slots 1
	local from=$BATS_TEST_TMPDIR/from i
	for i in 1 2 3; do
		mkdir -p "$from/$i"
		iso "$from/$i/D$i.iso" 2 "D$i"
	done
	cp -r "$from"/* "$MNT/slots/"
	for i in 1 2 3; do cmp "$from/$i/D$i.iso" "$MNT/slots/$i/D$i.iso"; done
}

@test "inotify sees elements come and go, and so do the events" {
	jb_start --slots 2 --drives 1
	echo open > "$MNT/ctl/changer/layout"
	inotifywait -q -m -r -e create,delete --format '%w%f %e' "$MNT/slots" "$MNT/drives" \
		> "$BATS_TEST_TMPDIR/seen" 2> "$BATS_TEST_TMPDIR/err" 3>&- &
	local watcher=$!
	wait_for 30 "grep -q . /proc/$watcher/fdinfo/3 && [ \$(grep -c ^inotify /proc/$watcher/fdinfo/3) -ge 5 ]"
	mkdir "$MNT/slots/3" "$MNT/drives/1"
	rmdir "$MNT/slots/3" "$MNT/drives/1"
	wait_for 30 "[ \$(wc -l < '$BATS_TEST_TMPDIR/seen') = 4 ]"
	kill $watcher
	diff - "$BATS_TEST_TMPDIR/seen" <<- END
		$MNT/slots/3 CREATE,ISDIR
		$MNT/drives/1 CREATE,ISDIR
		$MNT/slots/3 DELETE,ISDIR
		$MNT/drives/1 DELETE,ISDIR
	END
	[ "$(jq -r 'select(.event | startswith("element-")) | .event + " " + .element' "$MNT/events" | tr '\n' ,)" = \
		"element-added slots/3,element-added drives/1,element-removed slots/3,element-removed drives/1," ]
}

@test "initiators get a unit attention for a new layout, and see it" {
	jb_start --slots 4 --drives 1 --mailslots 0
	echo open > "$MNT/ctl/changer/layout"
	mkfifo "$BATS_TEST_TMPDIR/script"
	icdb "$(url 0)" - < "$BATS_TEST_TMPDIR/script" > "$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	local tool=$!
	exec {SAY}> "$BATS_TEST_TMPDIR/script"
	printf '%s\n' clear-ua "session 1" clear-ua "lun 1" clear-ua "session 0" clear-ua "echo ready" >&"$SAY"
	wait_for 60 "grep -q ready '$BATS_TEST_TMPDIR/out'"
	mkdir "$MNT/drives/1" "$MNT/slots/5"
	# Both units answer in both sessions; the new unit begins as every unit does.
	cat >&"$SAY" <<- END
		lun 1
		none 00 00 00 00 00 00
		expect check 06/3f/0e
		lun 2
		none 00 00 00 00 00 00
		expect check 06/29/00
		lun 0
		in 255 1a 00 1d 00 ff 00
		expect good
		expect data @4 1d 12 02 f0 00 01 04 00 00 05 00 00 00 00 00 01 00 02
		none 00 00 00 00 00 00
		expect good
		session 1
		in 255 a0 00 00 00 00 00 00 00 00 ff 00 00
		expect length 32
		none 00 00 00 00 00 00
		expect check 06/2a/01
		lun 1
		none 00 00 00 00 00 00
		expect check 02/3a/00
		echo told
	END
	wait_for 60 "grep -q told '$BATS_TEST_TMPDIR/out'"
	rmdir "$MNT/drives/1"
	cat >&"$SAY" <<- END
		lun 1
		none 00 00 00 00 00 00
		expect check 06/3f/0e
		lun 2
		none 00 00 00 00 00 00
		expect check 05/25/00
		in 36 12 00 00 00 24 00
		expect data 7f
		lun 0
		in 255 a0 00 00 00 00 00 00 00 00 ff 00 00
		expect length 24
	END
	exec {SAY}>&-
	wait $tool || { cat "$BATS_TEST_TMPDIR/out"; return 1; }
}

@test "a drive that an initiator has locked cannot be removed" {
	jb_start --drives 2
	echo open > "$MNT/ctl/changer/layout"
	mkfifo "$BATS_TEST_TMPDIR/script"
	icdb --clear-ua "$(url 2)" - < "$BATS_TEST_TMPDIR/script" > "$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	local tool=$!
	exec {SAY}> "$BATS_TEST_TMPDIR/script"
	printf '%s\n' "clear-ua" "none 1e 00 00 00 01 00" "echo locked" >&"$SAY"
	wait_for 60 "grep -q locked '$BATS_TEST_TMPDIR/out'"
	refused rmdir "$MNT/drives/1" "Device or resource busy"
	last_error "JB_MEDIUM_LOCKED"
	exec {SAY}>&-
	wait $tool
	wait_for 30 rmdir "$MNT/drives/1"
}

@test "elements come and go under initiators that use them" {
	jb_start --slots 4 --drives 1
	echo open > "$MNT/ctl/changer/layout"
	local i list="b8 10 00 00 ff ff 01 01 00 00 00 00"
	for i in {1..40}; do
		echo "clear-ua"
		echo "in 65536 $list"
		echo "in 255 a0 00 00 00 00 00 00 00 00 ff 00 00"
		echo "in 255 1a 00 1d 00 ff 00"
		echo "lun 2"
		echo "none 00 00 00 00 00 00"
		echo "in 36 12 00 00 00 24 00"
		echo "none 1e 00 00 00 01 00"
		echo "none 1e 00 00 00 00 00"
		echo "lun 0"
		[ $((i % 8)) != 0 ] || echo "logout"
	done > "$BATS_TEST_TMPDIR/script"
	# The answer to each command depends on when it comes; the daemon must only answer.
	icdb -i iqn.2026-01.org.example:one "$(url 0)" - < "$BATS_TEST_TMPDIR/script" > "$BATS_TEST_TMPDIR/out.1" 2>&1 3>&- &
	local first=$!
	icdb -i iqn.2026-01.org.example:two "$(url 0)" - < "$BATS_TEST_TMPDIR/script" > "$BATS_TEST_TMPDIR/out.2" 2>&1 3>&- &
	local second=$!
	for i in {1..25}; do
		mkdir "$MNT/slots/5" "$MNT/drives/1" "$MNT/mailslots/1"
		cat "$MNT/status" "$MNT/status.json" "$MNT/metrics" "$MNT/ctl/drives/1/state" > /dev/null
		# A drive that is locked at this moment can be removed a little later.
		wait_for 60 rmdir "$MNT/drives/1"
		rmdir "$MNT/slots/5" "$MNT/mailslots/1"
	done
	wait $first || [ $? = 1 ] || { cat "$BATS_TEST_TMPDIR/out.1"; return 1; }
	wait $second || [ $? = 1 ] || { cat "$BATS_TEST_TMPDIR/out.2"; return 1; }
	[ "$(grep -c "^status" "$BATS_TEST_TMPDIR/out.1")" = 280 ] || { tail -5 "$BATS_TEST_TMPDIR/out.1"; return 1; }
	smc <<- END
		in 255 1a 00 1d 00 ff 00
		expect data @4 1d 12 02 f0 00 01 04 00 00 04 00 00 00 00 00 01 00 01
		in 255 a0 00 00 00 00 00 00 00 00 ff 00 00
		expect length 24
	END
	jb_stop
}

@test "housekeeping removes no element, unless the layout is open" {
	jb_start --slots 4 --drives 1
	in_mount
	[ "$(< ctl/changer/layout)" = grow ]
	touch slots/4/A.iso
	full slots/4
	refused rmdir slots/4 "$EPERM"
	last_error "remove the folder slots/4: JB_LAYOUT_KEPT (EPERM)"
	refused rmdir drives/0 "$EPERM"
	refused find . -type d -empty -delete "$EPERM"
	mkdir "$BATS_TEST_TMPDIR/empty"
	refused mv slots/4 "$BATS_TEST_TMPDIR/" "$EPERM" # which copies the disc out and removes it
	[ -e "$BATS_TEST_TMPDIR/4/A.iso" ]
	have rsync
	rsync -r --delete "$BATS_TEST_TMPDIR/empty/" slots/ > /dev/null 2>&1 || true
	[ "$(ls slots | wc -l) $(ls drives | wc -l)" = "4 1" ]
	mkdir slots/5
	echo fixed > ctl/changer/layout
	refused mkdir slots/6 "$EPERM"
	last_error "make the folder slots/6: JB_LAYOUT_KEPT (EPERM)"
	refused rmdir slots/5 "$EPERM"
	refused "echo shrink > ctl/changer/layout" "Invalid argument"
	[ "$(< ctl/changer/layout)" = fixed ]
	cd /
	jb_restart
	in_mount
	[ "$(< ctl/changer/layout)" = fixed ]
	echo OPEN > ctl/changer/layout
	[ "$(< ctl/changer/layout)" = open ]
	rmdir slots/5
	[ "$(ls slots | wc -l)" = 4 ]
}
