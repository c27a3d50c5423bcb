#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests the mount's text files with the programs that people use for text files.  The programs that people
# use for discs are in PROGRAMS.md.

load 10-mount

setup() { jb_start --slots 4 --drives 1; }
teardown() { jb_cleanup; }

@test "text files suit cat, head, tail, wc, grep, od, cp and tar" {
	local f=$MNT/ctl/drives/0/vendor
	[ "$(cat "$f")" = JUKEBOXD ]
	[ "$(head -n 1 "$f")" = JUKEBOXD ]
	[ "$(tail -n 1 "$f")" = JUKEBOXD ]
	[ "$(wc -c < "$f")" = 9 ]
	[ "$(wc -l < "$f")" = 1 ]
	grep -rq --exclude=stream JUKEBOXD "$MNT/ctl"
	[ "$(head -c 3 "$f")" = JUK ]
	cp "$f" "$BATS_TEST_TMPDIR/v"
	[ "$(cat "$BATS_TEST_TMPDIR/v")" = JUKEBOXD ]
	mkdir "$BATS_TEST_TMPDIR/ctl"
	cp -r "$MNT/ctl/drives" "$BATS_TEST_TMPDIR/ctl"
	[ "$(cat "$BATS_TEST_TMPDIR/ctl/drives/0/vendor")" = JUKEBOXD ]
	read -r line < "$f"
	[ "$line" = JUKEBOXD ]
	wc -l < "$MNT/status"
	cp "$MNT/status" "$BATS_TEST_TMPDIR/status"
	[ "$(stat -c %s "$BATS_TEST_TMPDIR/status")" = "$(stat -c %s "$MNT/status")" ]
}

@test "text files are written by echo, printf, tee, dd and cp" {
	local f=$MNT/ctl/drives/0/vendor
	echo ONE > "$f"
	[ "$(cat "$f")" = ONE ]
	printf TWO > "$f"
	[ "$(cat "$f")" = TWO ]
	echo THREE | tee "$f" > /dev/null
	[ "$(cat "$f")" = THREE ]
	echo FOUR >> "$f"
	[ "$(cat "$f")" = FOUR ]
	echo FIVE > "$BATS_TEST_TMPDIR/v"
	cp "$BATS_TEST_TMPDIR/v" "$f"
	[ "$(cat "$f")" = FIVE ]
	dd if="$BATS_TEST_TMPDIR/v" of="$f" status=none
	jb_restart
	[ "$(cat "$f")" = FIVE ]
}
