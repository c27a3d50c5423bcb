#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs everything at once (tests/tools/stress.py): programs on the mount, users who add and remove elements,
# writers of ctl, readers of reports, initiators of the changer and of the drives.  STRESS_SECONDS is
# how long each part runs, STRESS_SEED the seed of the random numbers.

load lib

SECONDS_EACH=${STRESS_SECONDS:-2}
SEED=${STRESS_SEED:-1}
BATS_TEST_TIMEOUT=$((SECONDS_EACH * 6 + 300))

setup() {
	local n
	jb_start --slots 6 --drives 2 --mailslots 1
	echo open > "$MNT/ctl/changer/layout"
	for n in 0 1; do iso "$BATS_TEST_TMPDIR/$n.iso" $((n + 1)) STRESS_$n; done
	head -c 65536 "$BATS_TEST_TMPDIR/0.iso" > "$BATS_TEST_TMPDIR/32"
}
teardown() { jb_cleanup; }

target() { echo "iscsi://$PORTAL/$IQN"; }
stress() {
	"$TOP/tests/tools/stress.py" run "$MNT" "$BUILD/tools/icdb" "$(target)" "$1" "$SECONDS_EACH" \
		"$BATS_TEST_TMPDIR" 3>&-
}
check() { "$TOP/tests/tools/stress.py" check "$MNT" "$STORE" "$BUILD/tools/icdb" "$(target)"; }
# Waits until the hashes are computed and the daemon has noticed lost sessions, whose reservations and locks
# end then.
at_rest() { check > "$BATS_TEST_TMPDIR/now" 2> "$BATS_TEST_TMPDIR/why"; }
settled() { wait_for 30 at_rest || { cat "$BATS_TEST_TMPDIR/why"; return 1; }; }
fds() { find "/proc/$JBPID/fd" -mindepth 1 2> /dev/null | wc -l; }
threads() { awk '/^Threads/ { print $2 }' "/proc/$JBPID/status"; }

@test "everything at once: every disc in one place, nothing is left open, the same after a restart" {
	stress "$SEED"
	settled
	local open
	open=$(fds)
	stress $((SEED + 1))
	settled
	# Discs in drives, images and sessions may hold some descriptors; a leak in each round would be
	# hundreds.
	echo "descriptors $open, then $(fds); threads $(threads)"
	[ "$(fds)" -le $((open + 24)) ]
	wait_for 60 '[ "$(threads)" -le 64 ]'
	cp "$BATS_TEST_TMPDIR/now" "$BATS_TEST_TMPDIR/before"
	jb_restart
	settled
	diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/now"
	jb_stop
}

@test "killed in the middle of everything: after the start every disc is in one place" {
	local workers
	stress $((SEED + 2)) &
	workers=$!
	wait_for 30 '[ "$(wc -l < "$MNT/events")" -gt 20 ]'
	jb_kill9
	wait $workers || true # its mount went away
	jb_restart
	settled
	stress $((SEED + 3))
	settled
	jb_stop
}
