#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests moves by the changer: the mount shows them, and what the changer refuses, it refuses with the
# sense data that mtx expects.
# quick: yes

load lib
load smc

setup() {
	unset MNT STORE
	jb_start --slots 4 --drives 2 --mailslots 1
}
teardown() { jb_cleanup; }

held() { ls "$MNT/$1"; }

@test "load and unload: the disc is where the changer put it" {
	iso "$MNT/slots/3/film.iso" 1
	cp "$MNT/slots/3/film.iso" "$BATS_TEST_TMPDIR/film.iso"
	move "$(slot 3)" "$(drive 0)" "$PICKER" | smc
	[ "$(held drives/0)" = film.iso ]
	[ -z "$(held slots/3)" ]
	cmp "$MNT/drives/0/film.iso" "$BATS_TEST_TMPDIR/film.iso"
	move "$(drive 0)" "$(drive 1)" | smc
	[ "$(held drives/1)" = film.iso ]
	move "$(drive 1)" "$(mail 1)" | smc
	[ "$(held mailslots/1)" = film.iso ]
	move "$(mail 1)" "$(slot 1)" | smc
	[ "$(held slots/1)" = film.iso ]
	cmp "$MNT/slots/1/film.iso" "$BATS_TEST_TMPDIR/film.iso"
	[ -d "$STORE/slots/1/film.iso" ]
	jb_restart
	[ "$(held slots/1)" = film.iso ]
}

@test "what cannot be moved is refused with the sense that mtx knows" {
	iso "$MNT/slots/1/a.iso" 1
	touch "$MNT/slots/2/b.iso"
	smc <<- END
		$(move "$(slot 1)" "$(slot 2)")
		expect check 05/3b/0d
		$(move "$(slot 3)" "$(slot 4)")
		expect check 05/3b/0e
		$(move "$(slot 5)" "$(slot 4)")
		expect check 05/21/01
		$(move "$(slot 1)" "$(slot 5)")
		expect check 05/21/01
		$(move "$(slot 1)" "$PICKER")
		expect check 05/21/01
		$(move "$(slot 1)" "$(slot 3)" "$(slot 4)")
		expect check 05/21/01
		none a5 00 0000 $(slot 1) $(slot 3) 0000 0100
		expect check 05/24/00
	END
	[ "$(held slots/1)" = a.iso ]
	[ "$(held slots/2)" = b.iso ]
}

@test "a drive that an initiator has locked keeps its disc; the end of its session frees it" {
	iso "$MNT/slots/1/a.iso" 1
	mv "$MNT/slots/1/a.iso" "$MNT/drives/0/"
	smc <<- END
		lun 1
		clear-ua
		none 1e 00 00 00 01 00
		lun 0
		$(move "$(drive 0)" "$(slot 1)")
		expect check 05/53/02
		in 255 b8 04 00 01 00 01 00 00 00 ff 00 00
		expect data @16 0001 01
		session 1
		lun 0
		clear-ua
		$(move "$(drive 0)" "$(slot 1)")
		expect check 05/53/02
		session 0
		logout
		session 1
		$(move "$(drive 0)" "$(slot 1)")
	END
	[ "$(held slots/1)" = a.iso ]
}

@test "EXCHANGE MEDIUM: a full drive gets the new disc, the old one its place" {
	iso "$MNT/slots/1/new.iso" 1 NEW
	iso "$MNT/slots/2/old.iso" 1 OLD
	mv "$MNT/slots/2/old.iso" "$MNT/drives/0/"
	exchange "$(slot 1)" "$(drive 0)" "$(slot 1)" | smc
	[ "$(held drives/0)" = new.iso ]
	[ "$(held slots/1)" = old.iso ]
	exchange "$(slot 1)" "$(drive 0)" "$(slot 2)" | smc
	[ "$(held drives/0)" = old.iso ]
	[ "$(held slots/2)" = new.iso ]
	[ -z "$(held slots/1)" ]
	[ -z "$(held transport/0)" ]
	smc <<- END
		$(exchange "$(slot 1)" "$(drive 0)" "$(slot 3)")
		expect check 05/3b/0e
		$(exchange "$(slot 2)" "$(drive 0)" "$PICKER")
		expect check 05/21/01
		in 255 b8 11 02 f0 00 01 00 00 00 ff 00 00
		expect data @16 02f0 00
	END
	[ "$(held drives/0)" = old.iso ]
	[ "$(held slots/2)" = new.iso ]
}

@test "inventory, position and lock are as mtx sends them" {
	smc <<- END
		none 07 00 00 00 00 00
		none 37 01 $(slot 1) 0000 0002 00 00
		none e7 01 $(slot 1) 0000 0002 00 00
		none 37 01 $(slot 9) 0000 0002 00 00
		expect check 05/21/01
		none 2b 00 $PICKER $(slot 2) 0000 00 00
		none 2b 00 $PICKER $(slot 9) 0000 00 00
		expect check 05/21/01
		none 1e 00 00 00 01 00
		none 1e 00 00 00 00 00
		none 1e 00 00 00 02 00
		expect check 05/24/00
	END
}

@test "a file in use is waited for, and the move then refused, not the changer hung" {
	iso "$MNT/slots/1/a.iso" 1
	exec 7> "$MNT/slots/2/b.iso"
	printf x >&7
	smc <<- END
		$(move "$(slot 1)" "$(slot 2)")
		expect check 05/3b/0d
		$(move "$(slot 1)" "$(slot 3)")
	END
	exec 7>&-
	[ "$(held slots/3)" = a.iso ]
}

@test "moves of two sessions at once: every disc is in exactly one element" {
	local i pids=()
	iso "$MNT/slots/1/a.iso" 1
	touch "$MNT/slots/2/b.iso"
	for i in 1 2; do
		for _ in $(seq 25); do
			move "$(slot "$i")" "$(slot 4)"
			move "$(slot 4)" "$(slot "$i")"
		done > "$BATS_TEST_TMPDIR/moves.$i"
	done
	for i in 1 2; do
		(echo clear-ua; cat "$BATS_TEST_TMPDIR/moves.$i") |
			icdb -i "iqn.2026-01.org.example:host$i" "$(url 0)" - \
				> "$BATS_TEST_TMPDIR/out.$i" 2>&1 3>&- &
		pids+=($!)
	done
	wait "${pids[@]}"
	# The first move of all finds slot 4 empty.  Every later one may find the other session's disc there.
	cat "$BATS_TEST_TMPDIR"/out.? | grep -q 'status GOOD'
	[ "$(find "$MNT/slots" "$MNT/drives" "$MNT/transport" -type f | sed 's|.*/||' | sort | tr '\n' ' ')" = "a.iso b.iso " ]
	[ "$(find "$STORE/slots" -mindepth 2 -maxdepth 2 -type d | wc -l)" = 2 ]
}

@test "mv and the changer at the same disc: one of them gets it" {
	local i mover
	iso "$MNT/slots/1/a.iso" 1
	for i in $(seq 20); do
		move "$(slot 1)" "$(slot 2)"
		move "$(slot 2)" "$(slot 1)"
	done > "$BATS_TEST_TMPDIR/moves"
	(echo clear-ua; cat "$BATS_TEST_TMPDIR/moves") | icdb "$(url 0)" - > "$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	mover=$!
	for i in $(seq 20); do
		mv "$MNT/slots/1/a.iso" "$MNT/slots/3/" 2> "$BATS_TEST_TMPDIR/mv" || true
		mv "$MNT/slots/3/a.iso" "$MNT/slots/1/" 2>> "$BATS_TEST_TMPDIR/mv" || true
	done
	wait $mover
	[ "$(find "$MNT/slots" -type f | wc -l)" = 1 ]
}
