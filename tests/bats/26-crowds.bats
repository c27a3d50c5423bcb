#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests that peers which hold connections do not lock out others (ctl/target/limits).  Loopback addresses
# stand for machines.

load 10-mount

setup() {
	unset MNT STORE
	jb_start --slots 2
}
teardown() {
	[ -z "${HOLDER:-}" ] || kill "$HOLDER"
	jb_cleanup
}

login() { "$TOP/tests/tools/iscsi-login.py" "$PORTAL" "$IQN" "$@"; }
refused_by() { sed -n "s/^jukebox_refused_total{reason=\"$1\"} //p" "$MNT/metrics"; }
# hold N FROM: starts a process that opens N connections from that address, and sends nothing
hold() {
	/usr/bin/python3 -c '
import socket, sys, time
host, port = sys.argv[1].rsplit(":", 1)
held = [socket.create_connection((host, int(port)), 30, (sys.argv[3], 0)) for _ in range(int(sys.argv[2]))]
print("held", flush=True)
time.sleep(600)' "$PORTAL" "$1" "$2" > "$BATS_TEST_TMPDIR/held" 3>&- &
	HOLDER=$!
	local i
	for ((i = 0; i < 600; i++)); do
		! grep -q held "$BATS_TEST_TMPDIR/held" || return 0
		sleep 0.1
	done
	return 1
}

@test "silent connections of one address do not keep others from logging in" {
	hold 300 127.0.0.2
	[ "$(login from=127.0.0.3)" = 0000 ]
	[ "$(login)" = 0000 ]
	[ "$(grep -c ' login ' "$MNT/ctl/target/connections")" -le 64 ]
	[ "$(refused_by logins)" -ge 236 ]
	[ "$(jq -c 'select(.event == "login-refused")' "$MNT/events" | wc -l)" -le 3 ]
}

@test "a connection that has not logged in is listed and can be cut" {
	hold 1 127.0.0.2
	local line i
	line=$(< "$MNT/ctl/target/connections")
	[[ $line == "c"*" 127.0.0.2:"*" login -" ]]
	echo "${line%% *}" > "$MNT/ctl/target/logout"
	for ((i = 0; i < 50; i++)); do
		[ -n "$(< "$MNT/ctl/target/connections")" ] || return 0
		sleep 0.1
	done
	return 1
}
