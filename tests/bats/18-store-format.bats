#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests a store that an earlier version has written: its discs are unchanged, and a burn of one continues.

load 10-mount

teardown() { jb_cleanup; }

# store FILE: makes a store with the discs of FILE, one in each slot; their sectors are zeros
store() {
	local n=0 name bytes json
	mkdir -p "$STORE/slots"
	while IFS=$'\t' read -r name bytes _ json; do
		n=$((n + 1))
		mkdir -p "$STORE/slots/$n/$name"
		printf '%s' "$json" > "$STORE/slots/$n/$name/disc.json"
		truncate -s "$bytes" "$STORE/slots/$n/$name/$(jq -r .image <<< "$json")"
	done < <(grep -v '^#' "$1")
	cat > "$STORE/jukebox.json" <<- END
		{"format": 1, "uuid": "29e8f3cf-3cb3-4899-ba58-90368a7d67b2", "slots": $n, "mailslots": 0, "drives": 1}
	END
}
# The address where a session without data begins is a rule of the medium, not of the store: so it is masked.
next_session() { sed -E '/^[^\t]*-(session|final)\./s/ ([0-9]+) ([a-z]+)$/ NEXT \2/'; }
# discs: prints what status.json says of each disc, in the form of the third column
discs() {
	jq -r '.slots[].disc | "\(.name)\t\(.size)\t\(.state) \(.profile) \(.capacity) \(.sessions) \(.tracks) \(.nwa // "none") \(.origin)"' "$MNT/status.json"
}

@test "a store of format 1: every disc is what it was, goes on where it was, and stays so" {
	STORE=$BATS_TEST_TMPDIR/store MNT=$BATS_TEST_TMPDIR/mnt
	local was=$TOP/tests/golden/store-format-1.txt name bytes at slot=0
	store "$was"
	jb_start
	diff <(grep -v '^#' "$was" | cut -f 1-3 | next_session) <(discs | next_session)
	if grep -v 'iscsi:' "$JBLOG" | grep -E 'error:|warning:'; then return 1; fi
	head -c 65536 /dev/urandom > "$BATS_TEST_TMPDIR/32"
	while IFS=$'\t' read -r name bytes says _; do
		slot=$((slot + 1))
		case $name in *-half.*) ;; *) continue ;; esac
		echo "--- $name"
		mv "$MNT/slots/$slot/$name" "$MNT/drives/0/"
		at=$(cut -d ' ' -f 6 <<< "$says")
		[ "$at" != none ] || at=$((bytes / 2048))
		icdb "$(url 1)" write "$at" "$BATS_TEST_TMPDIR/32"
		tail -c 65536 "$MNT/drives/0/$name" | cmp - "$BATS_TEST_TMPDIR/32"
		head -c $((at * 2048)) "$MNT/drives/0/$name" | cmp - <(head -c $((at * 2048)) /dev/zero)
		mv "$MNT/drives/0/$name" "$MNT/slots/$slot/"
	done < <(grep -v '^#' "$was")
	discs > "$BATS_TEST_TMPDIR/before"
	jb_restart
	discs | diff "$BATS_TEST_TMPDIR/before" -
	jb_stop
}

@test "damaged discs in a store are logged by name and not changed; the rest is served" {
	STORE=$BATS_TEST_TMPDIR/store MNT=$BATS_TEST_TMPDIR/mnt
	local was=$TOP/tests/golden/store-format-1.txt
	grep -E -- '-(half|two)\.dvd[+]r[.w]' "$was" > "$BATS_TEST_TMPDIR/few"
	store "$BATS_TEST_TMPDIR/few"
	rm "$STORE"/slots/1/*/image.*
	echo '{"format": 1' > "$(echo "$STORE"/slots/2/*/disc.json)"
	find "$STORE/slots/1" "$STORE/slots/2" -type f -exec sha256sum {} + > "$BATS_TEST_TMPDIR/sums"
	jb_start
	[ "$(find "$MNT/slots" -type f -size +0 | wc -l)" = 2 ]
	grep -E 'slots/1/dvd\+r-half.dvd\+r.iso: disc.json cannot be used, or the image that it names is missing' "$JBLOG"
	grep -E 'slots/2/dvd\+r-two.dvd\+r.iso: disc.json cannot be used' "$JBLOG"
	# 14-damage.bats says what such a slot is; nothing gets into it.
	if touch "$MNT/slots/1/NEW.cd-r.iso"; then return 1; fi
	sha256sum --quiet -c "$BATS_TEST_TMPDIR/sums"
	jb_restart
	[ "$(files slots/1)" = dvd+r-half.dvd+r.iso ]
	sha256sum --quiet -c "$BATS_TEST_TMPDIR/sums"
	jb_stop
}
