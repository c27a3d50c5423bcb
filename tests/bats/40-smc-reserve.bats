#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests several hosts at one changer: reservations, and that all hosts see the same state.

load lib
load smc

setup() {
	unset MNT STORE
	jb_start --slots 4 --drives 2
}
teardown() { jb_cleanup; }

# key KEY SERVICE-KEY FLAGS: prints the parameters of PERSISTENT RESERVE OUT
key() { printf '%016x %016x 00000000 %02x 000000' "$1" "$2" "$3"; }

@test "a persistent reservation with APTPL outlives the daemon, also when it is killed; one without does not" {
	iso "$MNT/slots/1/a.iso" 1
	smc <<- END
		out $(key 0 170 1) -- 5f 00 00 0000 00000018 00
		out $(key 170 0 0) -- 5f 01 03 0000 00000018 00
		lun 1
		clear-ua
		out $(key 0 187 0) -- 5f 00 00 0000 00000018 00
		out $(key 187 0 0) -- 5f 01 03 0000 00000018 00
	END
	jb_kill9
	jb_restart
	smc <<- END
		$(move "$(slot 1)" "$(slot 2)")
		expect conflict
		in 64 5e 01 000000000000 40 00
		expect data @8 00000000000000aa 00000000 00 03
		in 64 5e 02 000000000000 40 00
		expect data 0008 11 81
		lun 1
		clear-ua
		in 64 5e 01 000000000000 40 00
		expect length 8
		lun 0
		out $(key 0 204 1) -- 5f 00 00 0000 00000018 00
		out $(key 204 170 0) -- 5f 04 03 0000 00000018 00
		$(move "$(slot 1)" "$(slot 2)")
		out $(key 204 0 0) -- 5f 03 00 0000 00000018 00
	END
	[ ! -e "$STORE/ctl/reservations/0" ]
	jb_restart
	move "$(slot 2)" "$(slot 1)" | smc
}

@test "stored reservations that make no sense are ignored, and the log tells" {
	jb_stop
	mkdir -p "$STORE/ctl/reservations"
	echo nonsense > "$STORE/ctl/reservations/0"
	jb_restart
	grep -q 'ctl/reservations/0 cannot be used' "$JBLOG"
	smc <<- END
		in 64 5e 00 000000000000 40 00
		expect length 8
	END
}

# full FILE: prints how many elements of a saved READ ELEMENT STATUS without tags hold a disc
full() {
	od -An -v -w1 -tu1 "$1" | awk '{ b[n++] = $1 } END {
		for (at = 8; at < n; ) {
			len = b[at + 2] * 256 + b[at + 3]
			end = at + 8 + b[at + 5] * 65536 + b[at + 6] * 256 + b[at + 7]
			for (at += 8; at < end; at += len)
				if (b[at + 2] % 2) full++
		}
		print full + 0
	}'
}

@test "two hosts move and exchange at once, a third sees each disc once in every status" {
	local i n pids=()
	iso "$MNT/slots/1/a.iso" 1
	touch "$MNT/slots/2/b.iso" "$MNT/slots/3/c.iso"
	for _ in $(seq 15); do
		move "$(slot 1)" "$(drive 0)"
		move "$(drive 0)" "$(slot 1)"
	done > "$BATS_TEST_TMPDIR/host.1"
	for _ in $(seq 15); do
		exchange "$(slot 2)" "$(slot 3)" "$(slot 2)"
	done > "$BATS_TEST_TMPDIR/host.2"
	for i in $(seq 60); do
		echo "in 4096 b8 00 0000 ffff 00 001000 00 00"
		echo "expect good"
		echo "save $BATS_TEST_TMPDIR/status.$i"
	done > "$BATS_TEST_TMPDIR/host.3"
	for i in 1 2 3; do
		(echo clear-ua; cat "$BATS_TEST_TMPDIR/host.$i") |
			icdb -i "iqn.2026-01.org.example:host$i" "$(url 0)" - > "$BATS_TEST_TMPDIR/out.$i" 2>&1 3>&- &
		pids+=($!)
	done
	for i in "${pids[@]}"; do wait "$i"; done
	for i in 1 2; do
		n=$(grep -c '^status GOOD' "$BATS_TEST_TMPDIR/out.$i")
		[ "$n" = "$(wc -l < "$BATS_TEST_TMPDIR/host.$i")" ] # they queue for the robot, none fails
	done
	for i in $(seq 60); do [ "$(full "$BATS_TEST_TMPDIR/status.$i")" = 3 ]; done
}

@test "sixteen drives: each has a LUN; those above 7 are reported by identifier" {
	jb_stop
	rm -rf "$STORE"
	jb_start --slots 2 --drives 16
	smc <<- END
		in 4096 a0 00 00 0000 0000001000 00 00
		expect length 144
		in 4096 b8 04 0000 ffff 01 001000 00 00
		expect data 0001 0010 00
		save $BATS_TEST_TMPDIR/dvcid
	END
	python3 - "$BATS_TEST_TMPDIR/dvcid" "$MNT" <<- 'END'
		import sys
		data = open(sys.argv[1], 'rb').read()
		length = int.from_bytes(data[10:12], 'big')
		for n in range(16):
		    d = data[16 + n * length:][:length]
		    want = 0x10 | n + 1 if n + 1 < 8 else 0
		    assert d[6] == want, (n, d.hex())
		    serial = open(f'{sys.argv[2]}/ctl/drives/{n}/serial').read().strip()
		    ident = d[16:16 + d[15]].decode()
		    assert d[12:15] == bytes([2, 1, 0]) and ident[24:] == serial, (n, ident, serial)
	END
	touch "$MNT/slots/1/x.iso"
	move "$(slot 1)" "$(drive 15)" | smc
	[ -e "$MNT/drives/15/x.iso" ]
}
