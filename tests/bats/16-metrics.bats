#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests the file metrics: it is well formed, and it counts what happens.

load 10-mount

setup() { unset MNT STORE; }
teardown() { jb_cleanup; }

# value SAMPLE: prints the value of one sample
value() { awk -v s="$1" 'index($0, s " ") == 1 { print substr($0, length(s) + 2) }' "$MNT/metrics"; }

well_formed() {
	cat "$MNT/metrics" > "$BATS_TEST_TMPDIR/metrics"
	"$TOP/tests/tools/check-metrics" < "$BATS_TEST_TMPDIR/metrics"
	if command -v promtool > /dev/null; then promtool check metrics < "$BATS_TEST_TMPDIR/metrics"; fi
}

@test "the checker of metrics finds errors" {
	local check=$TOP/tests/tools/check-metrics good=$'# HELP a_total x\n# TYPE a_total counter\n'
	check() { printf '%s' "$1" | "$check" > /dev/null; }
	bad() { if check "$1"; then echo "not noticed: $1"; return 1; fi; }
	check "$good"$'a_total{b="c\\"",d="e"} 1\na_total 2.5e3\n'
	bad "$good"
	bad "$good"'a_total 1'
	bad "$good"$'a_total x\n'
	bad "$good"$'a_total{b=c} 1\n'
	bad "$good"$'a_total{b="c"d="e"} 1\n'
	bad "$good"$'a_total 1\na_total 1\n'
	bad "$good"$'b 1\n'
	bad $'# TYPE a_total counter\na_total 1\n'
	bad "$good"$'a_total 1\n# HELP b x\n# TYPE b gauge\nb 1\na_total{c="d"} 1\n'
	bad $'# HELP a x\n# TYPE a counter\na 1\n'
	bad $'# HELP a_total x\n# TYPE a_total gauge\na_total 1\n'
	bad $'# HELP a_percent x\n# TYPE a_percent gauge\na_percent 1\n'
	bad $'# HELP a x\n# TYPE a gouge\na 1\n'
}

@test "the metrics of an empty jukebox, a busy one and one without drives are well formed" {
	jb_start --slots 4 --drives 2 --mailslots 1
	well_formed
	touch "$MNT/slots/1/A.iso" "$MNT/slots/2/.tmp"
	full slots/1
	mv "$MNT/slots/1/A.iso" "$MNT/drives/0/"
	icdb --clear-ua "$(url 1)" 00 00 00 00 00 00
	icdb --clear-ua -x "check 05/20/00" "$(url 1)" ff 00 00 00 00 00
	icdb --clear-ua -r 255 "$(url 0)" b8 10 00 00 ff ff 00 00 04 00 00 00 > /dev/null
	well_formed
	rm "$MNT/drives/0/A.iso"
	echo open > "$MNT/ctl/changer/layout"
	rmdir "$MNT/drives/1" "$MNT/drives/0"
	well_formed
}

@test "metrics count elements, discs and what happens to them" {
	jb_start --slots 4 --drives 1
	[ "$(value 'jukebox_elements{type="slot"}')" = 4 ]
	[ "$(value 'jukebox_elements_full{type="slot"}')" = 0 ]
	touch "$MNT/slots/1/A.iso"
	full slots/1
	iso "$BATS_TEST_TMPDIR/x.iso" 4 X
	cp "$BATS_TEST_TMPDIR/x.iso" "$MNT/slots/2/"
	full slots/2
	mkdir "$MNT/slots/5"
	[ "$(value 'jukebox_elements{type="slot"}')" = 5 ]
	[ "$(value 'jukebox_elements_full{type="slot"}')" = 2 ]
	[ "$(value 'jukebox_discs{state="blank"}')" = 1 ]
	[ "$(value 'jukebox_discs{state="complete"}')" = 1 ]
	[ "$(value jukebox_disc_recorded_bytes)" = "$(stat -c %s "$BATS_TEST_TMPDIR/x.iso")" ]
	mv "$MNT/slots/1/A.iso" "$MNT/drives/0/"
	mv "$MNT/drives/0/A.iso" "$MNT/slots/1/"
	[ "$(value 'jukebox_events_total{event="insert"}')" = 2 ]
	[ "$(value 'jukebox_events_total{event="load"}')" = 1 ]
	[ "$(value 'jukebox_events_total{event="unload"}')" = 1 ]
	[ "$(value 'jukebox_events_total{event="element-added"}')" = 1 ]
	[ "$(value 'jukebox_drive_media_changes_total{drive="0"}')" = 2 ]
	[ "$(value 'jukebox_drive_loaded{drive="0"}')" = 0 ]
	echo open > "$MNT/ctl/changer/layout"
	refused rmdir "$MNT/slots/1" "Operation not permitted"
	[ "$(value 'jukebox_refusals_total{reason="NOT_LAST"}')" = 1 ]
	[ "$(value jukebox_store_size_bytes)" -gt 0 ]
	[ "$(value process_open_fds)" -gt 5 ]
	[ "$(value process_resident_memory_bytes)" -gt 1000000 ]
}

@test "metrics count commands, errors, data and sessions" {
	jb_start --slots 2 --drives 1
	touch "$MNT/drives/0/A.dvd+r.iso"
	full drives/0
	local w='{lun="1",opcode="2a",command="WRITE(10)"}'
	[ "$(value "jukebox_commands_total$w")" = "" ]
	head -c 196608 /dev/urandom > "$BATS_TEST_TMPDIR/data"
	icdb "$(url 1)" write 0 "$BATS_TEST_TMPDIR/data"
	[ "$(value "jukebox_commands_total$w")" = 3 ]
	[ "$(value 'jukebox_written_bytes_total{lun="1"}')" = 196608 ]
	local before
	before=$(value 'jukebox_read_bytes_total{lun="1"}')
	icdb "$(url 1)" read 0 32 | cmp -n 65536 - "$BATS_TEST_TMPDIR/data"
	[ $(($(value 'jukebox_read_bytes_total{lun="1"}') - before)) = 65536 ]
	icdb --clear-ua -x "check 05/24/00" "$(url 1)" 12 00 80 00 24 00
	[ "$(value 'jukebox_sense_total{lun="1",key="illegal_request"}')" -ge 1 ]
	[ "$(value 'jukebox_sense_total{lun="1",key="unit_attention"}')" -ge 1 ]
	icdb --clear-ua -x "check 05/20/00" "$(url 1)" ff 00 00 00 00 00
	[ "$(value 'jukebox_commands_total{lun="1",opcode="",command="unknown"}')" = 1 ]
	icdb "$(url 1)" - <<- END
		session 1
		clear-ua
		none 16 00 00 00 00 00
		session 0
		clear-ua
		none 00 00 00 00 00 00
		expect conflict
	END
	[ "$(value 'jukebox_other_status_total{lun="1"}')" -ge 1 ]
	[ "$(value 'jukebox_events_total{event="login"}')" -ge 5 ]
	wait_for 30 "grep -qx 'jukebox_sessions 0' '$MNT/metrics'"
}
