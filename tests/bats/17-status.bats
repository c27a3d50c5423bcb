#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests status, which is at most 80 columns wide, and status.json, whose fields are all in the man page.

load 10-mount

setup() { unset MNT STORE; }
teardown() { jb_cleanup; }

# Checks that no line is wider than a terminal, but for discs with long labels, which are not cut.
fits() {
	local wide
	wide=$(LC_ALL=C.UTF-8 python3 -c '
import sys, unicodedata
for line in sys.stdin.read().split("\n"):
    columns = sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)
    if columns > 80 and not line.startswith("JUKEBOX") and "(o)" not in line:
        print(columns, line)' < "$MNT/status")
	[ -z "$wide" ] || { echo "$wide"; return 1; }
}

busy() {
	touch "$MNT/slots/2/A1.iso" "$MNT/slots/3/日本語のディスク日本語のディスク.iso" "$MNT/slots/4/Müsli.iso" \
		"$MNT/slots/5/$(printf 'long%.0s' {1..50}).iso" "$MNT/slots/6/.x.part"
	full slots/5
	mv "$MNT/slots/2/A1.iso" "$MNT/drives/0/"
}

@test "status is at most 80 columns wide, with 1, 8, 200 and 10000 slots" {
	local n
	for n in 8 200 10000; do
		unset MNT STORE
		STORE=$BATS_TEST_TMPDIR/s$n MNT=$BATS_TEST_TMPDIR/m$n
		jb_start --slots $n --drives 2 --mailslots 2
		busy
		refused rmdir "$MNT/slots/1" "not permitted"
		fits
		grep -q "^ *2  \[===(o)===\]" "$MNT/status" || grep -q '^      0  \[===(o)===\]    DVD+R .* A1$' "$MNT/status"
		grep -q "  $(printf 'long%.0s' {1..50})\$" "$MNT/status"
		grep -q 'from slots/2$' "$MNT/status"
		grep -q '^last refused$' "$MNT/status"
		[ "$(wc -l < "$MNT/status")" -lt 35 ]
		[ $n = 8 ] || grep -qE "6-$n +\. +$((n - 5)) empty|[78]-$n +\. +[0-9]+ empty" "$MNT/status"
		jb_stop
	done
	unset MNT STORE
	STORE=$BATS_TEST_TMPDIR/s1 MNT=$BATS_TEST_TMPDIR/m1
	jb_start --slots 1
	fits
	grep -q '^  1 slot, 0 mail slots, 1 drive; 0 discs; 0 B recorded$' "$MNT/status"
}

@test "blanks of all types fit into their columns" {
	local type n=0
	jb_start --slots 40
	while read -r type; do
		case $type in *-rom) continue ;; esac
		n=$((n + 1))
		touch "$MNT/slots/$n/$(printf 'W%.0s' {1..30}).$type.iso"
		full slots/$n
	done < <(sed -nE 's/^\t\t\.suffix = "([^"]+)".*/\1/p' "$TOP/changer/recording/medium_table.c")
	[ $n -gt 10 ]
	fits
	# Sizes end in column 56, and the whole label follows.
	[ "$(grep -cE '^.{55}B  W{30}$' "$MNT/status")" = $n ] || { cat "$MNT/status"; return 1; }
}

@test "status shows that a drive is locked, how many are logged in, and what is being burned, but no names" {
	jb_start --slots 8 --drives 1
	touch "$MNT/drives/0/B.dvd+r.iso"
	full drives/0
	mkfifo "$BATS_TEST_TMPDIR/script"
	icdb -i iqn.2026-01.org.example:me "$(url 1)" - < "$BATS_TEST_TMPDIR/script" > "$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	local tool=$!
	exec {SAY}> "$BATS_TEST_TMPDIR/script"
	head -c 32768 /dev/urandom > "$BATS_TEST_TMPDIR/data"
	printf '%s\n' clear-ua "none 1e 00 00 00 01 00" \
		"out $BATS_TEST_TMPDIR/data -- 2a 00 00 00 00 00 00 00 10 00" "echo burning" >&"$SAY"
	wait_for 60 "grep -q burning '$BATS_TEST_TMPDIR/out'"
	cp "$MNT/status" "$BATS_TEST_TMPDIR/status"
	cp "$MNT/status.json" "$BATS_TEST_TMPDIR/s.json"
	grep -qE '^ +locked$' "$BATS_TEST_TMPDIR/status"
	grep -q '^1 session logged in, see ctl/target/sessions$' "$BATS_TEST_TMPDIR/status"
	jq -e '.drives[0] | .locked and .locks == 1' "$BATS_TEST_TMPDIR/s.json"
	jq -e '.target.sessions == 1' "$BATS_TEST_TMPDIR/s.json"
	run ! grep -F iqn.2026-01.org.example:me "$BATS_TEST_TMPDIR/status" "$BATS_TEST_TMPDIR/s.json"
	# This holds unless the machine has stalled for ten seconds.
	if jq -e '.drives[0].work.doing == "burning"' "$BATS_TEST_TMPDIR/s.json"; then
		jq -e '.drives[0].work | .done == 16 and .total == 0 and .percent == null' "$BATS_TEST_TMPDIR/s.json"
	fi
	exec {SAY}>&-
	wait $tool || { cat "$BATS_TEST_TMPDIR/out"; return 1; }
	wait_for 30 "! grep -q 'logged in' '$MNT/status'"
}

@test "the man page has every field of status.json" {
	jb_start --slots 8 --drives 1 --mailslots 1
	busy
	iso "$BATS_TEST_TMPDIR/x.iso" 4 X
	cp "$BATS_TEST_TMPDIR/x.iso" "$MNT/slots/7/"
	full slots/7
	mv "$MNT/slots/7/x.iso" "$MNT/slots/8/"
	iscsi-ls "iscsi://$PORTAL/" > /dev/null
	jq -r 'del(.settings, .events, .drives[].settings) | [paths | .[] | strings] | unique | .[]' "$MNT/status.json" > "$BATS_TEST_TMPDIR/fields"
	[ "$(wc -l < "$BATS_TEST_TMPDIR/fields")" -gt 50 ]
	sed -n '/^\.Sh STATUS.JSON/,/^\.Sh METRICS/s/^\.It Li\|^\.Li//p' "$TOP/mnt-layout/jukeboxfs.5" |
		tr -s ', ;' '\n' | grep . | sort -u > "$BATS_TEST_TMPDIR/documented"
	diff <(sort "$BATS_TEST_TMPDIR/fields" | comm -23 - "$BATS_TEST_TMPDIR/documented") /dev/null
	jq -e '.events.insert >= 5 and .totals.discs == 5 and .totals.blank == 4' "$MNT/status.json"
}
