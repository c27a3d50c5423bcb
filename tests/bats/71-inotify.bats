#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What initiators do, as inotify shows it to users of the mount.

load 10-mount
load smc

setup() {
	unset MNT STORE
	jb_start --slots 4 --drives 2 --mailslots 1
}
teardown() {
	if [ -n "$WATCHER" ]; then kill -KILL "$WATCHER" 2> /dev/null || true; fi
	jb_cleanup
}

# watch: inotifywait -m -r on the mount, until the test ends; its lines are in SEEN
watch() {
	SEEN=$BATS_TEST_TMPDIR/seen
	inotifywait -m -r --format '%w%f %e %c' "$MNT" > "$SEEN.raw" 2> "$SEEN.err" < /dev/null 3>&- &
	WATCHER=$!
	wait_for 20 grep -q 'Watches established' "$SEEN.err"
}

@test "quick" {
	watch
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
		none 1b 00 00 00 02 00
		expect good
	END
	move "$(drive 0)" "$(slot 2)" | smc
	sleep 1
	cat "$SEEN.raw" >&3
	cat "$MNT/events" >&3
	cat "$JBLOG" >&3
}
