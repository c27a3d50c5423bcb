#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests faults around the helper process that makes the moves of initiators on the mount.  No fault may
# delay an initiator for long, leave a process that cannot be killed, or make the mount show a wrong state.

load inotify

setup() {
	unset MNT STORE
	WATCHERS=() HOLDER=
	jb_start --slots 8 --drives 2
}
teardown() {
	let_folder_go
	unwatch
	jb_cleanup
}

# hold FOLDER: starts a program that holds the kernel's lock on FOLDER until let_folder_go
hold() {
	"$BUILD/tools/dirhold" "$MNT/$1" > "$BATS_TEST_TMPDIR/held" 2>&1 3>&- &
	HOLDER=$!
	if ! wait_for 30 test -s "$BATS_TEST_TMPDIR/held" || ! grep -q held "$BATS_TEST_TMPDIR/held"; then
		cat "$BATS_TEST_TMPDIR/held"
		! grep -q userfaultfd "$BATS_TEST_TMPDIR/held" || skip "no userfaultfd(2) here"
		return 1
	fi
}
let_folder_go() {
	[ -n "$HOLDER" ] || return 0
	kill -KILL "$HOLDER"
	wait "$HOLDER" 2> /dev/null || true
	HOLDER=
}

# mover_rests PID: true if the mover sleeps where a signal can end it
mover_rests() { [[ $(ps -o stat= -p "$1") == S* ]]; }
# gone PID: true if the process does not exist, or is a zombie that its parent must wait for
gone() { [[ $(ps -o stat= -p "$1" 2> /dev/null) =~ ^(Z.*)?$ ]]; }
# replaced PID SLOT: moves the slot's disc out and in; true if another helper than PID made these moves
replaced() {
	smc <<- END
		$(move "$(slot "$2")" "$(slot 7)")
		$(move "$(slot 7)" "$(slot "$2")")
	END
	[ -n "$(mover)" ] && ! mover | grep -qx "$1"
}
# to_and_fro TIMES: prints moves from slot 1 to drive 0 and back, for smc
to_and_fro() {
	local i both
	both=$(move "$(slot 1)" "$(drive 0)"; move "$(drive 0)" "$(slot 1)")
	for ((i = 0; i < $1; i++)); do echo "$both"; done
}
mount_is_dead() { stat "$MNT" 2>&1 | grep -q "Transport endpoint is not connected"; }

@test "the helpers inherit nothing of the daemon: no /dev/fuse, no store, no working folder" {
	iso "$MNT/slots/1/a.iso" 1
	full slots/1
	move "$(slot 1)" "$(drive 0)" | smc
	local pid
	for pid in "$(nursery)" "$(mover)"; do
		[ "$(readlink "/proc/$pid/cwd")" = / ]
		# standard error is that of the daemon; the only other descriptor is the socket to it
		[ "$(readlink "/proc/$pid/fd/"* | grep -cvE '^(/dev/null|socket:.*)$')" = 1 ]
		case $BUILD in # ThreadSanitizer adds a thread
		*tsan*) ;;
		*) [ "$(find "/proc/$pid/task" -mindepth 1 -maxdepth 1 | wc -l)" = 1 ] ;;
		esac
	done
	jb_stop
	wait_for 30 gone "$pid"
}

@test "a user who keeps a folder's lock for ever delays a move by half a second, not for ever" {
	iso "$MNT/slots/1/a.iso" 1 A
	iso "$MNT/slots/2/b.iso" 1 B
	iso "$MNT/slots/3/c.iso" 1 C
	full slots/3
	watch
	hold slots/4
	# a move into the locked folder; a move elsewhere, which the stuck rename delays, too; and a third one
	smc <<- END
		$(move "$(slot 1)" "$(slot 4)")
		$(move "$(slot 2)" "$(drive 0)")
		$(move "$(slot 3)" "$(drive 1)")
		in 255 b8 04 00 01 00 01 00 00 00 ff 00 00
		expect data @16 0001 09
	END
	[ "$(missed)" = 3 ]
	# places that do not need the lock are right, and can be read without delay
	[ "$(files slots/1)$(files slots/2)$(files slots/3)" = "" ]
	[ "$(files drives/0) $(files drives/1)" = "b.iso c.iso" ]
	cmp "$MNT/drives/0/b.iso" "$STORE/drives/0/b.iso/image.1"
	jq -e '.slots[] | select(.number == 4) | .disc.name == "a.iso"' "$MNT/status.json"
	[ "$(jq -r 'select(.from) | .element' "$MNT/events" | xargs)" = "slots/4 drives/0 drives/1" ]
	[ "$(shown | grep -ci moved)" = 0 ]
	let_folder_go
	# the stuck rename fails without harm, and the next move is shown again
	wait_for 30 mover_rests "$(mover)"
	[ "$(files slots/4)" = a.iso ]
	move "$(slot 4)" "$(slot 5)" | smc
	wait_for 30 'shown | grep -q moved'
	diff - <(shown | grep moved) <<< "moved slots/4/a.iso slots/5/a.iso"
	[ "$(missed)" = 3 ]
	cmp "$MNT/slots/5/a.iso" "$STORE/slots/5/a.iso/image.1"
}

@test "a stopped helper: moves go on without it, and the mount is right, also after it continues" {
	local pid
	iso "$MNT/slots/1/a.iso" 1 A
	iso "$MNT/slots/2/b.iso" 1 B
	full slots/2
	move "$(slot 2)" "$(slot 3)" | smc
	watch
	pid=$(mover)
	kill -STOP "$pid"
	exec {HELD}< "$MNT/slots/1/a.iso"
	move "$(slot 1)" "$(drive 0)" | smc
	[ "$(missed)" = 1 ]
	[ "$(files slots/1) $(files drives/0)" = " a.iso" ]
	refused stat "$MNT/slots/1/a.iso" "No such file"
	cmp "$MNT/drives/0/a.iso" "$STORE/drives/0/a.iso/image.1"
	cmp "/proc/self/fd/$HELD" "$STORE/drives/0/a.iso/image.1"
	exec {HELD}>&-
	mv "$MNT/drives/0/a.iso" "$MNT/slots/6/"
	kill -CONT "$pid"
	wait_for 30 mover_rests "$pid"
	# its rename comes late, after the move was made without it: nothing moves
	[ "$(files slots/1)$(files drives/0)/$(files slots/6)" = /a.iso ]
	move "$(slot 3)" "$(drive 1)" | smc
	wait_for 30 'shown | grep -qx "moved slots/3/b.iso drives/1/b.iso"'
	[ "$(mover)" = "$pid" ]
	[ "$(missed)" = 1 ]
}

@test "a helper that was killed is replaced, and the next move is shown" {
	local pid
	iso "$MNT/slots/1/a.iso" 1
	full slots/1
	smc <<- END
		$(move "$(slot 1)" "$(slot 2)")
	END
	watch
	pid=$(mover)
	kill -KILL "$pid"
	wait_for 30 gone "$pid"
	# a helper is not started again at once; until then moves are made without it
	wait_for 60 replaced "$pid" 2
	: > "$SEEN"
	move "$(slot 2)" "$(drive 0)" | smc
	wait_for 30 'shown | grep -qx "moved slots/2/a.iso drives/0/a.iso"'
}

@test "without its nursery the daemon goes on without inotify, says so, and starts it again" {
	local mover nursery
	iso "$MNT/slots/1/a.iso" 1
	full slots/1
	move "$(slot 1)" "$(slot 2)" | smc
	mover=$(mover) nursery=$(nursery)
	kill -KILL "$nursery"
	wait_for 30 gone "$mover"
	smc <<- END
		$(move "$(slot 2)" "$(drive 0)")
		$(move "$(drive 0)" "$(slot 3)")
	END
	[ "$(files slots/3)" = a.iso ]
	grep -q 'jukebox-mover (process .*) has died' "$JBLOG"
	try() { move "$(slot 3)" "$(slot 4)" | smc && move "$(slot 4)" "$(slot 3)" | smc && said; }
	said() { grep -q 'jukebox-nursery was killed, and is started again' "$JBLOG"; }
	wait_for 60 try
	[ "$(nursery)" != "$nursery" ]
	wait_for 60 replaced "$mover" 3
	watch
	move "$(slot 3)" "$(drive 0)" | smc
	wait_for 30 'shown | grep -qx "moved slots/3/a.iso drives/0/a.iso"'
	[ "$(readlink "/proc/$(nursery)/fd/"* | grep -cvE '^(/dev/null|socket:.*)$')" = 1 ]
	jb_stop
}

@test "a stopped nursery holds nobody up, and is asked again later" {
	local pid n
	iso "$MNT/slots/1/a.iso" 1
	full slots/1
	move "$(slot 1)" "$(slot 2)" | smc
	n=$(nursery) pid=$(mover)
	kill -STOP "$n"
	kill -KILL "$pid"
	wait_for 30 gone "$pid"
	smc <<- END
		$(move "$(slot 2)" "$(drive 0)")
		$(move "$(drive 0)" "$(slot 3)")
	END
	[ "$(files slots/3)" = a.iso ]
	[ "$(missed)" = 2 ]
	kill -CONT "$n"
	wait_for 60 replaced "$pid" 3
	watch
	move "$(slot 3)" "$(drive 0)" | smc
	wait_for 30 'shown | grep -qx "moved slots/3/a.iso drives/0/a.iso"'
}

@test "the daemon killed while it moves: the mount is dead at once, nothing hangs, all discs are there" {
	local round n helper
	for n in 1 2 3 4; do iso "$MNT/slots/$n/d$n.iso" 1 "D$n"; done
	full slots/4
	{
		echo clear-ua
		for ((n = 0; n < 400; n++)); do
			printf 'none a5 00 0000 %04x %04x 0000 0000\n' $((1024 + n % 4)) 1 1 $((1024 + n % 4))
		done
	} > "$BATS_TEST_TMPDIR/script"
	for round in 1 2 3; do
		"$BUILD/tools/icdb" "$(url 0)" - < "$BATS_TEST_TMPDIR/script" > "$BATS_TEST_TMPDIR/icdb" 2>&1 3>&- &
		n=$!
		wait_for 30 '[ "$(wc -l < "$MNT/events")" -gt 30 ]'
		helper=$(mover)
		own
		jb_kill9
		mount_is_dead
		wait_for 30 gone "$helper"
		none_stuck
		kill -KILL "$n" 2> /dev/null || true
		wait "$n" 2> /dev/null || true
		jb_clear_mount "$MNT"
		jb_restart
		[ "$(jq '[.slots[], .drives[] | select(.full)] | length' "$MNT/status.json")" = 4 ]
		[ "$(find "$MNT"/slots "$MNT"/drives "$MNT"/transport -name 'd?.iso' | wc -l)" = 4 ]
		# each round begins with every disc in its slot
		mv "$MNT"/drives/0/*.iso "$MNT/slots/8/" 2> /dev/null || true
		for n in 1 2 3 4; do
			[ -e "$MNT/slots/$n/d$n.iso" ] || mv "$MNT/slots/8/d$n.iso" "$MNT/slots/$n/"
		done
	done
}

@test "the daemon killed while the helper waits in the kernel for a folder: nothing hangs" {
	local helper
	iso "$MNT/slots/1/a.iso" 1
	full slots/1
	move "$(slot 1)" "$(slot 2)" | smc
	hold slots/4
	helper=$(mover)
	own
	move "$(slot 2)" "$(slot 4)" | smc
	jb_kill9
	mount_is_dead
	let_folder_go
	wait_for 30 gone "$helper"
	none_stuck
	jb_clear_mount "$MNT"
	jb_restart
	[ "$(files slots/4)" = a.iso ]
}

@test "the daemon is stopped in order while the helper is stuck" {
	iso "$MNT/slots/1/a.iso" 1
	full slots/1
	move "$(slot 1)" "$(slot 2)" | smc
	own
	kill -STOP "$(mover)"
	move "$(slot 2)" "$(slot 3)" | smc
	jb_stop
	none_stuck
}

@test "a mount that was taken away: the helper leaves alone what lies below it" {
	iso "$MNT/slots/1/a.iso" 1
	full slots/1
	move "$(slot 1)" "$(slot 2)" | smc
	umount -l "$MNT"
	wait_for 30 test -s "$JBRUN/rc"
	mkdir -p "$MNT/slots/2" "$MNT/slots/3"
	touch "$MNT/slots/2/a.iso"
	[ "$(find "$MNT" -type f)" = "$MNT/slots/2/a.iso" ]
	[ -d "$STORE/slots/2/a.iso" ]
	rm -r "$MNT/slots"
}

@test "a stopped reader and 200 readers of the stream: moves are shown, and the stopped one gets all later" {
	local i stopped lines
	iso "$MNT/slots/1/a.iso" 1
	full slots/1
	cat "$MNT/ctl/stream" > "$BATS_TEST_TMPDIR/stopped" 3>&- &
	stopped=$!
	WATCHERS+=("$stopped")
	for ((i = 0; i < 200; i++)); do
		cat "$MNT/ctl/stream" > "$BATS_TEST_TMPDIR/reader.$i" 3>&- &
		WATCHERS+=($!)
	done
	wait_for 60 waiting 201
	kill -STOP "$stopped"
	watch
	to_and_fro 20 | smc
	shows 40
	for ((i = 0; i < 40; i += 2)); do
		echo "moved slots/1/a.iso drives/0/a.iso"
		echo "moved drives/0/a.iso slots/1/a.iso"
	done | diff - <(shown)
	[ "$(missed)" = 0 ]
	lines=$(wc -l < "$MNT/events")
	for ((i = 0; i < 200; i += 50)); do
		wait_for 60 '[ "$(wc -l < "$BATS_TEST_TMPDIR/reader.'$i'")" -ge '$((lines - 1))' ]'
	done
	kill -CONT "$stopped"
	wait_for 60 cmp "$BATS_TEST_TMPDIR/stopped" "$BATS_TEST_TMPDIR/reader.0"
}

@test "users who move discs all the while: every move of the initiator is made, none hangs" {
	local i
	for i in 1 2; do iso "$MNT/slots/$i/d$i.iso" 1 "D$i"; done
	full slots/2
	(while :; do
		mv "$MNT/slots/2/d2.iso" "$MNT/slots/3/"
		mv "$MNT/slots/3/d2.iso" "$MNT/slots/2/"
	done) 3>&- &
	WATCHERS+=($!)
	watch
	to_and_fro 50 | smc > "$BATS_TEST_TMPDIR/icdb"
	kill -KILL "${WATCHERS[0]}"
	[ "$(files slots/1)" = d1.iso ]
	[ "$(jq -r 'select(.name == "d1.iso") | .event' "$MNT/events" | grep -c load)" = 100 ]
	wait_for 30 '[ $(($(shown | grep -c "moved.*d1.iso") + $(missed))) = 100 ]'
}
