#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests inotify on the mount: it reports what initiators do as if a program had done it, as renames, writes
# and closes.

load inotify

setup() {
	unset MNT STORE
	WATCHERS=()
}
teardown() {
	unwatch
	jb_cleanup
}

@test "load, unload and a move: MOVED_FROM and MOVED_TO with one cookie, as mv has it" {
	jb_start --slots 4 --drives 2 --mailslots 1
	iso "$MNT/slots/1/film.iso" 1
	full slots/1
	watch
	smc <<- END
		$(move "$(slot 1)" "$(drive 0)")
		$(move "$(drive 0)" "$(slot 3)")
		$(move "$(slot 3)" "$(mail 1)")
		$(move "$(mail 1)" "$(drive 1)")
	END
	shows 4
	diff - <(shown) <<- END
		moved slots/1/film.iso drives/0/film.iso
		moved drives/0/film.iso slots/3/film.iso
		moved slots/3/film.iso mailslots/1/film.iso
		moved mailslots/1/film.iso drives/1/film.iso
	END
	[ "$(jq -r 'select(.from) | .event' "$MNT/events" | xargs)" = "load unload move load" ]
	# a file that is open moves along: the kernel knows its new path
	exec {HELD}< "$MNT/drives/1/film.iso"
	move "$(drive 1)" "$(slot 2)" | smc
	[ "$(readlink "/proc/self/fd/$HELD")" = "$MNT/slots/2/film.iso" ]
	exec {HELD}>&-
	[ "$(missed)" = 0 ]
}

@test "SEND VOLUME TAG: a rename in its element, of what is in a drive too" {
	jb_start --slots 4 --drives 1
	iso "$MNT/slots/1/film.iso" 1
	full slots/1
	watch
	smc <<- END
		$(tag 0a "$(slot 1)" movie)
		$(move "$(slot 1)" "$(drive 0)")
		$(tag 0a "$(drive 0)" 'the movie')
		out 00 -- b6 00 $(drive 0) 00 0c 00 00 0000 00 00
		$(tag 08 "$(drive 0)" again)
		$(tag 08 "$(drive 0)" 'not so')
		expect check 05/24/00
	END
	shows 5
	diff - <(shown) <<- END
		moved slots/1/film.iso slots/1/movie.iso
		moved slots/1/movie.iso drives/0/movie.iso
		moved drives/0/movie.iso drives/0/the movie.iso
		moved drives/0/the movie.iso drives/0/unlabelled.iso
		moved drives/0/unlabelled.iso drives/0/again.iso
	END
	[ "$(missed)" = 0 ]
}

@test "EXCHANGE MEDIUM: three moves by way of the picker" {
	jb_start --slots 4 --drives 1
	iso "$MNT/slots/1/new.iso" 1 NEW
	iso "$MNT/slots/2/old.iso" 1 OLD
	mv "$MNT/slots/2/old.iso" "$MNT/drives/0/"
	watch
	smc <<- END
		$(exchange "$(slot 1)" "$(drive 0)" "$(slot 2)")
		$(exchange "$(slot 2)" "$(drive 0)" "$(slot 2)")
	END
	shows 6
	diff - <(shown) <<- END
		moved drives/0/old.iso transport/0/old.iso
		moved slots/1/new.iso drives/0/new.iso
		moved transport/0/old.iso slots/2/old.iso
		moved drives/0/new.iso transport/0/new.iso
		moved slots/2/old.iso drives/0/old.iso
		moved transport/0/new.iso slots/2/new.iso
	END
	[ "$(files drives/0)/$(files slots/2)/$(files transport/0)" = old.iso/new.iso/ ]
	[ "$(missed)" = 0 ]
}

@test "a move that fails is not shown: a locked drive, a full slot" {
	jb_start --slots 4 --drives 1
	iso "$MNT/drives/0/a.iso" 1
	iso "$MNT/slots/1/b.iso" 1
	full slots/1
	watch
	smc <<- END
		$(move "$(drive 0)" "$(slot 1)")
		expect check 05/3b/0d
		lun 1
		clear-ua
		none 1e 00 00 00 01 00
		lun 0
		$(move "$(drive 0)" "$(slot 2)")
		expect check 05/53/02
		$(exchange "$(slot 1)" "$(drive 0)" "$(slot 2)")
		expect check 05/53/02
		lun 1
		none 1e 00 00 00 00 00
		lun 0
		$(move "$(drive 0)" "$(slot 2)")
	END
	shows 1
	diff - <(shown) <<< "moved drives/0/a.iso slots/2/a.iso"
}

@test "a burn: MODIFY while it goes on, CLOSE_WRITE when it is finished; nothing else changes by that" {
	local before
	jb_start --slots 4 --drives 1
	touch -d @1000000000 "$MNT/drives/0/B.dvd+r.iso"
	full drives/0
	watch
	head -c 65536 /dev/urandom > "$BATS_TEST_TMPDIR/data"
	icdb "$(url 1)" - <<- END
		clear-ua
		out $BATS_TEST_TMPDIR/data -- 2a 00 00000000 00 0020 00
		expect good
		none 35 00 00 00 00 00 00 00 00 00
		expect good
	END
	shows 1
	diff - <(shown) <<< "MODIFY drives/0/B.dvd+r.iso"
	before=$(stat -c '%Y %Z %s %U %a' "$MNT/drives/0/B.dvd+r.iso")
	icdb "$(url 1)" - <<- END
		clear-ua
		none 5b 00 06 00 0000 00 00 00 00
		expect good
	END
	shows 4
	diff - <(shown) <<- END
		MODIFY drives/0/B.dvd+r.iso
		OPEN drives/0/B.dvd+r.iso
		MODIFY drives/0/B.dvd+r.iso
		CLOSE_WRITE drives/0/B.dvd+r.iso
	END
	cmp "$BATS_TEST_TMPDIR/data" "$MNT/drives/0/B.dvd+r.iso"
	is_disc "$MNT/drives/0/B.dvd+r.iso" complete dvd+r
	# other users are still refused what the helper may do
	refused "echo x >> $MNT/drives/0/B.dvd+r.iso" "Permission denied"
	refused "echo x > $MNT/ctl/drives/0/state" "Operation not permitted"
	[ "$(jq -r .event "$MNT/events" | grep -c '^error')" = 0 ]
	# the disc's time is that of the recording, not that of the helper's touch
	[ "$(stat -c %Y "$MNT/drives/0/B.dvd+r.iso")" -ge "${before%% *}" ]
}

@test "a burn that takes its time: its file and the drive's progress are touched again and again, not at each write" {
	local n=0 modified burns
	jb_start --slots 2 --drives 1
	touch "$MNT/drives/0/B.dvd+r.iso"
	full drives/0
	watch
	head -c 65536 /dev/urandom > "$BATS_TEST_TMPDIR/data"
	mkfifo "$BATS_TEST_TMPDIR/script"
	icdb "$(url 1)" - < "$BATS_TEST_TMPDIR/script" > "$BATS_TEST_TMPDIR/written" 3>&- &
	exec {SCRIPT}> "$BATS_TEST_TMPDIR/script"
	echo clear-ua >&"$SCRIPT"
	# Writes 20 times and waits for the next burn event, again and again.
	told() { grep -c '"event":"burn"' "$MNT/events" || true; }
	written() { [ "$(grep -c 'status GOOD' "$BATS_TEST_TMPDIR/written")" -ge "$n" ]; }
	more() {
		local to=$((n + 20))
		for ((; n < to; n++)); do
			printf 'out %s -- 2a 00 %08x 00 0020 00\nexpect good\n' "$BATS_TEST_TMPDIR/data" $((32 * n)) >&"$SCRIPT"
		done
		wait_for 30 written
		[ "$(told)" -ge 2 ]
	}
	wait_for 60 more
	exec {SCRIPT}>&-
	wait $!
	burns=$(told)
	echo "$n writes, told $burns times"
	[ "$burns" -lt "$n" ]
	wait_for 30 '[ "$(shown ctl/drives | grep -c "CLOSE_WRITE.*progress")" = '"$burns"' ]'
	modified=$(shown drives | grep -c '^MODIFY drives/0/B.dvd+r.iso')
	[ "$modified" = "$burns" ]
	[ "$(shown drives | grep -c CLOSE_WRITE)" = 0 ]
}

@test "tray, lock, eject request, sessions: the files below ctl/ are written and closed" {
	jb_start --slots 4 --drives 2
	iso "$MNT/slots/1/a.iso" 1
	full slots/1
	watch
	smc <<- END
		$(move "$(slot 1)" "$(drive 1)")
		lun 2
		clear-ua
		none 1e 00 00 00 01 00
		none 1e 00 00 00 00 00
		none 1b 00 00 00 02 00
		none 1b 00 00 00 03 00
	END
	told() { shown ctl | grep ^CLOSE_WRITE | cut -d' ' -f2 | uniq; }
	told_all() { [ "$(told | tail -n 1)" = ctl/target/sessions ] && [ "$(told | wc -l)" -ge 9 ]; }
	wait_for 30 told_all
	diff - <(told) <<- END
		ctl/target/sessions
		ctl/drives/1/state
		ctl/drives/1/profile
		ctl/drives/1/locked
		ctl/drives/1/tray
		ctl/drives/1/state
		ctl/drives/1/tray
		ctl/drives/1/state
		ctl/target/sessions
	END
	# changes by users at the mount are seen, too: a change of one file changes the text of another
	: > "$SEEN"
	mv "$MNT/drives/1/a.iso" "$MNT/slots/2/"
	wait_for 30 'told | grep -qx ctl/drives/1/profile'
	[ "$(told | xargs)" = "ctl/drives/1/state ctl/drives/1/profile" ]
}

@test "a jukebox of a user who is not root: his inotify sees the same" {
	[ "$(id -u)" = 0 ] || skip "needs root to become somebody else"
	[ -u "$(command -v fusermount3)" ] || skip "fusermount3 is not setuid"
	D=$(mktemp -d /tmp/jb-user.XXXXXX)
	export D
	mknod -m 666 "$D/fuse" c 10 229
	mkdir -m 777 "$D/home"
	cp "$JUKEBOXD" "$BUILD/tools/icdb" "$D"
	chmod 755 "$D"
	move "$(slot 1)" "$(drive 0)" > "$D/home/script"
	cat >> "$D/home/script" <<- END
		lun 1
		clear-ua
		out 00 -- 2a 00 00000000 00 0000 00
		none 1b 00 00 00 02 00
	END
	run unshare -m bash -euc '
		mount --bind "$D/fuse" /dev/fuse
		cd "$D/home"
		as_user=(setpriv --reuid=65534 --regid=65534 --clear-groups --)
		until_has() { for _ in $(seq 600); do ! grep -q "$1" "$2" || return 0; sleep 0.1; done; cat "$2"; return 1; }
		"${as_user[@]}" "$D/jukeboxd" --portal 127.0.0.1:0 --slots 2 store mnt > log 2>&1 &
		pid=$!
		until_has "jukeboxd: ready" log
		"${as_user[@]}" sh -ec "touch mnt/slots/1/b.iso; cat mnt/ctl/target/portals mnt/ctl/target/name > target"
		"${as_user[@]}" inotifywait -m -r --format "%e %w%f" mnt > seen 2> err &
		watcher=$!
		until_has "Watches established" err
		{ echo clear-ua; cat script; } |
			"$D/icdb" "iscsi://$(sed -n 1p target)/$(sed -n \$p target)/0" -
		until_has "mnt/ctl/drives/0/tray" seen
		cat seen
		kill -TERM $pid
		wait $pid
		kill -KILL $watcher' 3>&-
	rm -rf "$D"
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *"MOVED_FROM mnt/slots/1/b.iso"*"MOVED_TO mnt/drives/0/b.iso"* ]]
	[[ $output == *"MODIFY mnt/ctl/drives/0/state"*"MODIFY mnt/ctl/drives/0/tray"* ]]
}

# Three watchers of different kinds must see all events of N rounds, in order and once.
@test "200 rounds of load, burn, close, eject, unload: inotify, events and poll miss nothing" {
	have python3
	local n=200 i at
	jb_start --slots $n --drives 1
	for ((i = 1; i <= n; i++)); do echo "$MNT/slots/$i/D$i.dvd+r.iso"; done | xargs touch
	full slots/$n
	echo open > "$MNT/ctl/drives/0/tray"
	wait_for 30 'tail -n 1 "$MNT/events" | grep -q tray-open'
	watch
	cat > "$BATS_TEST_TMPDIR/poll.py" <<- 'END'
		import os, select, sys
		fd = os.open(sys.argv[1], os.O_RDONLY)
		p = select.poll()
		p.register(fd, select.POLLIN)
		out = b""
		while out.count(b'"unload"') < int(sys.argv[2]):
		    assert p.poll(-1)
		    out += os.read(fd, 65536)
		sys.stdout.buffer.write(out)
	END
	python3 "$BATS_TEST_TMPDIR/poll.py" "$MNT/events" $n > "$BATS_TEST_TMPDIR/polled" 3>&- &
	WATCHERS+=($!)
	head -c 32768 /dev/urandom > "$BATS_TEST_TMPDIR/data"
	for ((i = 1; i <= n; i++)); do
		printf -v at %04x $((1023 + i))
		printf '%s\n' "lun 0" "none a5 00 0000 $at 0001 0000 0000" "expect good" "lun 1" "clear-ua" \
			"out $BATS_TEST_TMPDIR/data -- 2a 00 00000000 00 0010 00" "expect good" \
			"none 35 00 00 00 00 00 00 00 00 00" "expect good" \
			"none 5b 00 06 00 0000 00 00 00 00" "expect good" \
			"none 1b 00 00 00 02 00" "expect good" \
			"lun 0" "none a5 00 0000 0001 $at 0000 0000" "expect good"
	done > "$BATS_TEST_TMPDIR/script"
	icdb "$(url 0)" - > "$BATS_TEST_TMPDIR/icdb" <<- END
		clear-ua
		$(< "$BATS_TEST_TMPDIR/script")
	END
	wait "${WATCHERS[-1]}"
	# the events of the discs
	shows $((n * 6))
	for ((i = 1; i <= n; i++)); do
		printf '%s\n' "moved slots/$i/D$i.dvd+r.iso drives/0/D$i.dvd+r.iso" "MODIFY drives/0/D$i.dvd+r.iso" \
			"OPEN drives/0/D$i.dvd+r.iso" "MODIFY drives/0/D$i.dvd+r.iso" \
			"CLOSE_WRITE drives/0/D$i.dvd+r.iso" "moved drives/0/D$i.dvd+r.iso slots/$i/D$i.dvd+r.iso"
	done | diff - <(shown)
	# the events of the drive
	for ((i = 1; i <= n; i++)); do
		printf '%s\n' state profile tray state state progress state profile tray state \
			state profile
	done | diff - <(shown ctl/drives | sed -n 's/^CLOSE_WRITE ctl.drives.0.//p')
	# the events in the log
	for ((i = 1; i <= n; i++)); do
		printf '%s\n' "load drives/0 D$i" "tray-close drives/0 D$i" "burn drives/0 D$i" \
			"finalized drives/0 D$i" "tray-open drives/0 D$i" "unload slots/$i D$i"
	done > "$BATS_TEST_TMPDIR/wanted"
	told() {
		jq -r 'select(.event | test("^(insert|login|logout)$") | not)
			| "\(.event) \(.element) \(.label)"' "$1" | sed 1d # but for the first tray-open
	}
	diff "$BATS_TEST_TMPDIR/wanted" <(told "$MNT/events")
	diff "$BATS_TEST_TMPDIR/wanted" <(told "$BATS_TEST_TMPDIR/polled")
	[ "$(jq -r .number "$BATS_TEST_TMPDIR/polled" | awk '$1 != p + 1 { bad++ } { p = $1 } END { print bad + 0 }')" = 0 ]
	[ "$(missed)" = 0 ]
}
