#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests discovery, login and sessions of the real daemon, with initiators of other projects.

load lib

setup_file() {
	jb_start --slots 2 --drives 2
}
teardown_file() { jb_cleanup; }

@test "discovery tells the target and the portal that was asked" {
	run -0 iscsi-ls "iscsi://$PORTAL/"
	[[ $output == "Target:$IQN Portal:$PORTAL,1" ]]
}

@test "all logical units are there, each of its type" {
	run -0 iscsi-ls -s "iscsi://$PORTAL/"
	[[ $output == *"Lun:0"*"Type:MEDIA_CHANGER"* ]]
	[[ $output == *"Lun:1"*"Type:MMC"* ]]
	[[ $output == *"Lun:2"*"Type:MMC"* ]]
	[[ $output != *"Lun:3"* ]]
}

@test "a wrong target name is not found, and the next login works" {
	run ! iscsi-inq "iscsi://$PORTAL/iqn.2026-01.org.example:other/0"
	run -0 iscsi-inq "$(url 0)"
}

@test "header digests: a session with them gets what one without gets" {
	icdb "$(url 1)" -r 96 --clear-ua 12 00 00 00 60 00 > "$BATS_TEST_TMPDIR/without"
	icdb -d "$(url 1)" -r 96 --clear-ua 12 00 00 00 60 00 > "$BATS_TEST_TMPDIR/with"
	grep -q 'status GOOD' "$BATS_TEST_TMPDIR/with"
	diff "$BATS_TEST_TMPDIR/without" "$BATS_TEST_TMPDIR/with"
}

@test "several sessions at once, each with its own unit attentions" {
	icdb "$(url 1)" - <<- 'END'
		session 0
		none 00 00 00 00 00 00
		expect check 06/29/00
		session 1
		none 00 00 00 00 00 00
		expect check 06/29/00
		session 0
		none 00 00 00 00 00 00
		expect check 02/3a/00
		session 1
		none 00 00 00 00 00 00
		expect check 02/3a/00
	END
}

@test "resets reach every session as a unit attention" {
	icdb "$(url 1)" - <<- 'END'
		session 0
		clear-ua
		session 1
		clear-ua
		session 0
		reset-lun
		none 00 00 00 00 00 00
		expect check 06/29/00
		session 1
		none 00 00 00 00 00 00
		expect check 06/29/00
		reset-target
		none 00 00 00 00 00 00
		expect check 06/29/00
	END
}

@test "ctl/target/sessions shows a session while it lasts" {
	local pid
	wait_for 30 "! test -s '$MNT/ctl/target/sessions'" # of the test before
	printf 'clear-ua\nsleep 60000\n' > "$BATS_TEST_TMPDIR/script"
	"$BUILD/tools/icdb" -i iqn.2026-01.org.example:seen "$(url 0)" - \
		< "$BATS_TEST_TMPDIR/script" > /dev/null 2>&1 3>&- &
	pid=$!
	wait_for 30 "grep -q 'iqn.2026-01.org.example:seen 127.0.0.1:' '$MNT/ctl/target/sessions'"
	kill $pid
	wait $pid || true
	wait_for 30 "! test -s '$MNT/ctl/target/sessions'"
}

@test "ctl/target/logout ends a session by its number, and says when there is none" {
	local pid id
	printf 'clear-ua\nsleep 60000\n' > "$BATS_TEST_TMPDIR/script"
	"$BUILD/tools/icdb" -i iqn.2026-01.org.example:sent-away "$(url 0)" - \
		< "$BATS_TEST_TMPDIR/script" > /dev/null 2>&1 3>&- &
	pid=$!
	wait_for 30 "grep -q ':sent-away ' '$MNT/ctl/target/sessions'"
	read -r _ _ _ id _ < "$MNT/ctl/target/sessions"
	refused "echo 65000 > '$MNT/ctl/target/logout'" 'No such file or directory'
	grep -qF "$(sentence NO_SESSION)" "$MNT/ctl/last-error"
	echo "$id" > "$MNT/ctl/target/logout"
	wait_for 30 "! test -s '$MNT/ctl/target/sessions'"
	kill $pid
	wait $pid || true
}

# Threads of connections have the name of the daemon. The mount and the mechanisms have threads of other
# names; their number grows with simultaneous requests, up to a limit.
threads() { cat "/proc/$JBPID/task/"*/comm 2> /dev/null | grep -cx jukeboxd; }

@test "a hundred sessions one after the other leave no thread and no descriptor behind" {
	local threads fds
	iscsi-inq "$(url 0)" > /dev/null
	wait_for 30 "! test -s '$MNT/ctl/target/sessions'"
	threads=$(threads)
	fds=$(ls "/proc/$JBPID/fd" | wc -l)
	for _ in $(seq 100); do iscsi-inq "$(url 0)" > /dev/null; done
	wait_for 150 "[ \$(threads) -le $threads ]"
	wait_for 150 "[ \$(ls /proc/$JBPID/fd | wc -l) -le $fds ]"
}

@test "a connection that sends rubbish is closed, and the others are served" {
	local port=${PORTAL##*:}
	for _ in 1 2 3; do
		exec 9<> "/dev/tcp/127.0.0.1/$port"
		head -c 100000 /dev/urandom >&9 2> /dev/null || true
		exec 9>&-
	done
	run -0 iscsi-inq "$(url 0)"
	kill -0 "$JBPID"
}
