#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests MNT/events and MNT/ctl/stream: readers of all kinds get each event once, and in order.

load inotify

setup() {
	unset MNT STORE
	jb_start --slots 4 --drives 2 --mailslots 1
}
teardown() {
	local pid
	for pid in "${READERS[@]}"; do kill -KILL "$pid" 2> /dev/null || true; done
	jb_cleanup
}

# told FILTER: prints the result of a jq filter for each event, one in a line
told() { jq -r "$1" "$MNT/events"; }
# reader COMMAND...: starts a reader in the background, sets READER to its pid and OUT to the file with its
# output
reader() {
	OUT=$BATS_TEST_TMPDIR/reader.${#READERS[@]}
	"$@" > "$OUT" 2> "$OUT.err" < /dev/null 3>&- &
	READER=$!
	READERS+=("$READER")
}
lines() { [ "$(wc -l < "$1")" -ge "$2" ]; }

@test "what the mount's users do is told, with number, time, element, label and id" {
	[ ! -s "$MNT/events" ]
	iso "$MNT/slots/1/film.iso" 1
	full slots/1
	mv "$MNT/slots/1/film.iso" "$MNT/drives/0/"
	echo open > "$MNT/ctl/drives/0/tray"
	echo close > "$MNT/ctl/drives/0/tray"
	mv "$MNT/drives/0/film.iso" "$MNT/slots/2/"
	mv "$MNT/slots/2/film.iso" "$MNT/slots/3/other.iso"
	mv "$MNT/slots/3/other.iso" "$MNT/slots/3/last.iso"
	rm "$MNT/slots/3/last.iso"
	diff - <(told '[.number, .event, .element, .from // "-", .name // "-", ."old-name" // "-"] | join(" ")') <<- END
		1 insert slots/1 - film.iso -
		2 load drives/0 slots/1 film.iso -
		3 tray-open drives/0 - film.iso -
		4 tray-close drives/0 - film.iso -
		5 unload slots/2 drives/0 film.iso -
		6 move slots/3 slots/2 other.iso film.iso
		7 relabel slots/3 - last.iso other.iso
		8 remove slots/3 - last.iso -
	END
	[ "$(told 'select(.id) | .id' | sort -u | wc -l)" = 1 ]
	[ "$(told .initiator | sort -u)" = "" ]
	told .time | while read -r t; do date -d "$t" > /dev/null; done
	[ "$(stat -c %s "$MNT/events")" = "$(wc -c < "$MNT/events")" ]
}

@test "what an initiator does is told with its name: login, moves, lock, burn, logout" {
	touch "$MNT/slots/1/B.dvd+r.iso"
	full slots/1
	move "$(slot 1)" "$(drive 0)" | smc
	head -c 65536 /dev/urandom > "$BATS_TEST_TMPDIR/data"
	icdb -i iqn.2026-11.burner "$(url 1)" - <<- END
		clear-ua
		none 1e 00 00 00 01 00
		expect good
		out $BATS_TEST_TMPDIR/data -- 2a 00 00000000 00 0020 00
		expect good
		none 5b 00 06 00 0000 00 00 00 00
		expect good
		none 1e 00 00 00 00 00
		expect good
	END
	wait_for 30 'told .event | tail -n 1 | grep -q logout'
	[ "$(told 'select(.number > 1) | .event' | xargs)" = \
		"login load logout login lock burn finalized unlock logout" ]
	[ "$(told 'select(.event == "load") | .initiator')" != "" ]
	[ "$(told 'select(.number > 4) | .initiator' | sort -u)" = iqn.2026-11.burner ]
	[ "$(told 'select(.event == "burn") | .size')" = 65536 ]
	[ "$(told 'select(.event == "finalized") | [.element, .label, .profile] | join(" ")')" = "drives/0 B dvd+r" ]
	told 'select(.event == "login") | .address' | grep -q '^127.0.0.1:'
}

@test "only those who may read ctl/target/sessions see the names and addresses of initiators" {
	[ "$(id -u)" = 0 ] || skip "needs root"
	local other=$BATS_TEST_TMPDIR/other
	as_user() { setpriv --reuid=1002 --regid=1002 "$@"; }
	icdb -i iqn.2026-11.secret "$(url 1)" - <<< clear-ua
	wait_for 30 'told .event | tail -n 1 | grep -q logout'
	cd "$MNT" # other users cannot look into the folder above it
	as_user --clear-groups cat events > "$other"
	grep -q iqn.2026-11.secret events
	grep -q 127.0.0.1 events
	[ "$(grep -c -e iqn -e 127.0.0.1 "$other")" = 0 ]
	# All else is the same, and so are the offsets.
	[ "$(stat -c %s "$other")" = "$(stat -c %s events)" ]
	diff <(jq -c 'del(.initiator, .address)' events) <(jq -c 'del(.initiator, .address)' "$other")
	[ "$(jq -r 'select(.initiator | length > 0) | .initiator' "$other" | sort -u)" = '******************' ]
	as_user --groups=0 cat events | cmp - events
	chmod o+r ctl/target/sessions
	as_user --clear-groups cat events | cmp - events
}

@test "a locked drive: lock, the wish for its disc, unlock when the session ends" {
	iso "$MNT/drives/0/a.iso" 1
	"$BUILD/tools/icdb" "$(url 1)" - > "$BATS_TEST_TMPDIR/icdb" 2>&1 3>&- <<- END &
		clear-ua
		none 1e 00 00 00 01 00
		expect good
		sleep 600000
	END
	READERS+=($!)
	wait_for 30 'told .event | grep -q "^lock"'
	refused mv "$MNT/drives/0/a.iso" "$MNT/slots/1/" "Device or resource busy"
	[ "$(told .event | tail -n 1)" = eject-request ]
	kill -KILL "${READERS[-1]}"
	wait_for 30 'told .event | grep -q logout'
	[ "$(told .event | tail -n 3 | xargs)" = "eject-request unlock logout" ]
}

@test "an error that no program waited for: an event says which disc, where, and what to do" {
	iso "$BATS_TEST_TMPDIR/whole" 2
	head -c 1000000 "$BATS_TEST_TMPDIR/whole" > "$MNT/slots/1/cut.iso"
	wait_for 30 'told .event | grep -qx error'
	[ "$(told 'select(.event == "error") | [.element, .label, .name, .initiator, (.id | length > 0), (.error | length > 20)] | join(" ")')" = \
		"slots/1 cut cut.iso  true true" ]
	rm "$MNT/slots/1/cut.iso"
	[ "$(told .event | xargs)" = error ] # it never was a disc, so none has left
}

@test "every line has number, time, event and initiator; those of a place the element, of a disc its label" {
	iso "$MNT/slots/1/a.iso" 1
	full slots/1
	smc <<- END
		$(move "$(slot 1)" "$(drive 0)")
		lun 1
		clear-ua
		none 1e 00 00 00 01 00
	END
	wait_for 30 'told .event | grep -q logout'
	jq -es 'all(has("number") and has("time") and has("event") and has("initiator"))' "$MNT/events"
	jq -es 'map(select(.event | test("^log") | not)) | length == 4 and all(has("element") and .label == "a")' "$MNT/events"
	jq -es 'map(select(.event != "insert")) | all(.initiator | startswith("iqn."))' "$MNT/events"
}

@test "numbers go on over a restart, and after a crash none is used twice" {
	touch "$MNT/slots/1/A.iso"
	full slots/1
	[ "$(told .number)" = 1 ]
	jb_restart
	[ ! -s "$MNT/events" ]
	rm "$MNT/slots/1/A.iso"
	[ "$(told .number)" = 2 ]
	jb_kill9
	jb_clear_mount "$MNT"
	jb_restart
	touch "$MNT/slots/2/C.iso"
	full slots/2
	[ "$(told .number)" -gt 2 ]
}

@test "events: tail -f follows, shells read line by line, and a read at the end ends" {
	local n=0
	touch "$MNT/slots/1/A.iso" "$MNT/slots/2/B.iso"
	full slots/2
	reader tail -n 1 -f "$MNT/events"
	wait_for 30 lines "$OUT" 1
	rm "$MNT/slots/1/A.iso"
	wait_for 30 lines "$OUT" 2
	grep -q '"remove"' "$OUT"
	while read -r line; do n=$((n + 1)) && jq -e . <<< "$line" > /dev/null; done < "$MNT/events"
	[ "$n" = 3 ]
	cp "$MNT/events" "$BATS_TEST_TMPDIR/copy"
	cmp "$MNT/events" "$BATS_TEST_TMPDIR/copy"
	grep -r insert "$MNT/events" > /dev/null
	refused "echo x >> $MNT/events" "Operation not permitted"
}

@test "events: poll tells of a line that was not read, and only then" {
	have python3
	touch "$MNT/slots/1/A.iso"
	full slots/1
	cat > "$BATS_TEST_TMPDIR/poll.py" <<- 'END'
		import os, select, sys
		fd = os.open(sys.argv[1], os.O_RDONLY)
		p = select.poll()
		p.register(fd, select.POLLIN)
		assert p.poll(0), "there is a line"
		while os.read(fd, 65536):
		    pass
		assert not p.poll(0), "there is none"
		print("waits", flush=True)
		assert p.poll(-1)
		print(os.read(fd, 65536).decode(), end="", flush=True)
		assert not p.poll(0)
		e = select.epoll()
		e.register(fd, select.EPOLLIN | select.EPOLLET)
		print("waits again", flush=True)
		assert e.poll(-1)
		print(os.read(fd, 65536).decode(), end="", flush=True)
	END
	reader python3 "$BATS_TEST_TMPDIR/poll.py" "$MNT/events"
	wait_for 30 lines "$OUT" 1
	rm "$MNT/slots/1/A.iso"
	wait_for 30 lines "$OUT" 3
	touch "$MNT/slots/2/B.iso"
	wait "$READER"
	diff - "$OUT" <<- END
		waits
		$(sed -n 2p "$MNT/events")
		waits again
		$(sed -n 3p "$MNT/events")
	END
}

@test "stream: waits for what comes, ends by a signal, and does not wait with O_NONBLOCK" {
	touch "$MNT/slots/1/A.iso"
	full slots/1
	reader cat "$MNT/ctl/stream"
	wait_for 30 waiting 1
	[ ! -s "$OUT" ]
	rm "$MNT/slots/1/A.iso"
	wait_for 30 lines "$OUT" 1
	[ "$(jq -r .event "$OUT")" = remove ]
	kill -TERM "$READER"
	wait "$READER" || [ $? = 143 ]
	reader head -n 2 "$MNT/ctl/stream"
	wait_for 30 waiting 1
	touch "$MNT/slots/1/A.iso" "$MNT/slots/2/B.iso"
	wait "$READER"
	[ "$(jq -r .element "$OUT" | sort | tr '\n' ' ')" = "slots/1 slots/2 " ] # two closes have no order
	refused dd if="$MNT/ctl/stream" iflag=nonblock of=/dev/null "Resource temporarily unavailable"
}

@test "stream: 200 waiting readers do not block the mount, all get the event, and a stop ends them" {
	local i pids=() outs=()
	for ((i = 0; i < 200; i++)); do
		reader cat "$MNT/ctl/stream"
		pids+=("$READER") outs+=("$OUT")
	done
	wait_for 30 waiting 200
	ls -lR "$MNT/slots" > /dev/null
	touch "$MNT/slots/1/A.iso"
	full slots/1
	for ((i = 0; i < 200; i++)); do wait_for 30 test -s "${outs[i]}"; done
	# some readers are killed while they wait, the others wait until the daemon stops
	for ((i = 0; i < 100; i++)); do kill -KILL "${pids[i]}"; done
	for ((i = 0; i < 100; i++)); do wait "${pids[i]}" 2> /dev/null || [ $? = 137 ]; done
	ls -lR "$MNT/slots" > /dev/null
	wait_for 30 waiting 100
	jb_stop
	for ((i = 100; i < 200; i++)); do wait "${pids[i]}"; done
	[ "$(jq -r .event "${outs[@]:100}" | uniq -c | xargs)" = "100 insert" ]
}

@test "a reader that is too late gets the number of lost lines, and goes on" {
	local i
	touch "$MNT/slots/1/A.iso"
	full slots/1
	bash -c 'for ((i = 0; i < 2100; i++)); do echo open > "$0"; echo close > "$0"; done' "$MNT/ctl/drives/0/tray"
	jq -e 'select(.event == "lost") | .count == 105 and .next == 106' <(head -n 1 "$MNT/events")
	[ "$(wc -l < "$MNT/events")" = 4097 ]
	[ "$(jq .number "$MNT/events" | sed -n 2p)" = 106 ]
	[ "$(tail -n 1 "$MNT/events" | jq .number)" = 4201 ]
	i=0
	while read -r line; do i=$((i + 1)); [ $i -lt 5 ] || break; done < "$MNT/events"
	[ "$(jq .number <<< "$line")" = 109 ]
}

@test "the man page has every event" {
	diff <(sed -nE 's/^JB_EVENT\([A-Z_]+, *"([^"]+)", *"(.*)"\)$/\1 \2./p' "$TOP/changer/event.def" |
			sed 's/ ./\U&/') \
		<(awk '/^\.Sh/ { on = $2 == "EVENTS" } on && /^\.It Sy/ { word = $3; next }
			on && word { print word " " $0; word = "" }' "$TOP/mnt-layout/jukeboxfs.5")
}

@test "events has another inode number after each start, and its content begins anew" {
	local before
	before=$(stat -c %i "$MNT/events")
	[ "$(find "$MNT/events" -printf %i)" = "$before" ]
	jb_restart
	[ "$(stat -c %i "$MNT/events")" != "$before" ]
	[ "$(find "$MNT" -maxdepth 1 -name events -printf %i)" = "$(stat -c %i "$MNT/events")" ]
}
