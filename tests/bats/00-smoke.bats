#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests the daemon itself: its options, how it starts and how it ends.

load lib

setup() { unset MNT STORE; }
teardown() { jb_cleanup; }

usage_error() { # MESSAGE ARG...
	local message=$1
	shift
	run "$JUKEBOXD" "$@"
	[ "$status" = 2 ]
	[[ $output == *"$message"* ]]
}

@test "--help says what there is and exits 0" {
	run "$JUKEBOXD" --help
	[ "$status" = 0 ]
	[[ ${lines[0]} == "usage: jukeboxd "*"STORE MOUNTPOINT" ]]
	for o in --portal --name --log-level --slots --mailslots --drives --uid --gid --mode --foreground --help --version; do
		[[ $output == *"$o"* ]]
	done
}

@test "the man page has every option of --help, and no other" {
	"$JUKEBOXD" --help | grep -oE -- '--[a-z][a-z-]*' | sort -u > "$BATS_TEST_TMPDIR/help"
	sed -nE 's/^\.It.* Fl (-[a-z-]+).*/-\1/p' "$TOP/target/jukeboxd.8" | sort -u > "$BATS_TEST_TMPDIR/man"
	diff "$BATS_TEST_TMPDIR/help" "$BATS_TEST_TMPDIR/man"
}

@test "--version says the version and exits 0" {
	run "$JUKEBOXD" --version
	[ "$status" = 0 ]
	[[ $output =~ ^jukeboxd\ [0-9]+\.[0-9]+ ]]
}

@test "wrong options are refused with status 2 and a sentence" {
	usage_error "usage: jukeboxd"
	usage_error "usage: jukeboxd" onlyone
	usage_error "usage: jukeboxd" one two three
	usage_error "unrecognized option" --no-such-option a b
	usage_error "--slots takes a number" --slots 0 a b
	usage_error "--slots takes a number" --slots 99999999999999999999 a b
	usage_error "--slots takes a number" --slots -1 a b
	usage_error "--drives takes a number" --drives many a b
	usage_error "--mailslots takes a number" --mailslots 1x a b
	usage_error "--log-level takes" --log-level loud a b
	usage_error "-o slots takes a number" -o rw,slots=0 a b
	usage_error "-o log-level takes" -o log-level=loud a b
	usage_error "-o slots is no option" -o slots a b
	usage_error "-o remount is no option" -o remount,rw a b
	usage_error "-o ro: a jukebox cannot be mounted read-only" -o ro a b
	usage_error "requires an argument" a b -o
	[ ! -e a ] && [ ! -e b ]
}

@test "starts on nothing: makes store and mountpoint, serves, ends with status 0" {
	jb_start --slots 3 --drives 2
	[ -d "$STORE/slots/3" ]
	[ "$(ls "$MNT/slots" | sort -n | tr '\n' ' ')" = "1 2 3 " ]
	[ "$(ls "$MNT/drives" | tr '\n' ' ')" = "0 1 " ]
	[[ $PORTAL =~ ^127\.0\.0\.1:[1-9][0-9]*$ ]]
	[[ $IQN == iqn.* ]]
	iscsi-ls -s "iscsi://$PORTAL/" | grep -F "Target:$IQN"
	jb_stop
	[ -z "$(ls -A "$MNT")" ]
}

@test "the ready line names target, portal, mount and store" {
	jb_start
	grep -F "jukeboxd: ready: $IQN at $PORTAL, mount $MNT, store $STORE" "$JBLOG"
}

@test "SIGINT ends it as SIGTERM does" {
	jb_start
	kill -INT "$JBPID"
	wait_for 60 test -s "$JBRUN/rc"
	[ "$(< "$JBRUN/rc")" = 0 ]
	refute_mounted
}

refute_mounted() { run ! jb_mounted "$MNT"; }

@test "unmounting ends it" {
	jb_start
	umount "$MNT"
	wait_for 60 test -s "$JBRUN/rc"
	[ "$(< "$JBRUN/rc")" = 0 ]
	refute_mounted
}

@test "stops while a reader, a shell and a session are there" {
	jb_start
	iso "$MNT/slots/1/a.iso" 4
	mv "$MNT/slots/1/a.iso" "$MNT/drives/0/"
	exec 5< "$MNT/drives/0/a.iso"
	head -c 100000 <&5 > /dev/null
	(cd "$MNT/slots/2" && exec sleep 60) 3>&- 5<&- &
	local sleeper=$!
	wait_for 30 "readlink /proc/$sleeper/cwd | grep -q slots/2"
	# A connection that sends nothing.
	exec 6<> "/dev/tcp/${PORTAL%:*}/${PORTAL#*:}"
	jb_stop
	exec 5<&- 6<&-
	kill $sleeper
}

@test "the layout of a store that exists is kept, whatever the options say" {
	jb_start --slots 3
	jb_restart --slots 5
	[ "$(ls "$MNT/slots" | wc -l)" = 3 ]
	grep -F -- "--slots is for a new store only: this one has 3" "$JBLOG"
	if grep -F -- "--drives is" "$JBLOG"; then return 1; fi
	jb_stop
}

@test "a second daemon on the same store is refused and says why; the first goes on" {
	jb_start
	local first_run=$JBRUN first_log=$JBLOG first_pid=$JBPID first_mnt=$MNT
	MNT=$BATS_TEST_TMPDIR/other
	run jb_try
	[ "$status" = 1 ]
	grep -F "$(sentence STORE_LOCKED)" "$BATS_TEST_TMPDIR"/run.*/log
	run ! jb_mounted "$MNT"
	JBRUN=$first_run JBLOG=$first_log JBPID=$first_pid MNT=$first_mnt
	ls "$MNT/slots/1"
	jb_stop
}

@test "a portal that is taken is refused and says so; nothing stays mounted" {
	jb_start
	run timeout 20 "$JUKEBOXD" --portal "$PORTAL" "$BATS_TEST_TMPDIR/s2" "$BATS_TEST_TMPDIR/m2"
	[ "$status" = 1 ]
	[[ $output == *"$PORTAL"* ]]
	run ! jb_mounted "$BATS_TEST_TMPDIR/m2"
	jb_stop
}

@test "invalid portals are refused" {
	local p
	for p in 192.0.2.1:3260 0.0.0.0:0 127.0.0.1:99999 127.0.0.1: nonsense '[::1' ''; do
		run timeout 20 "$JUKEBOXD" --portal "$p" "$BATS_TEST_TMPDIR/s" "$BATS_TEST_TMPDIR/m"
		echo "$p: $status: $output"
		[ "$status" = 1 ] || [ "$status" = 2 ]
		[ -n "$output" ]
		run ! jb_mounted "$BATS_TEST_TMPDIR/m"
	done
}

@test "a store that is something else is refused and left alone" {
	mkdir "$BATS_TEST_TMPDIR/home"
	echo precious > "$BATS_TEST_TMPDIR/home/letter.txt"
	run timeout 20 "$JUKEBOXD" --portal 127.0.0.1:0 "$BATS_TEST_TMPDIR/home" "$BATS_TEST_TMPDIR/m"
	[ "$status" = 1 ]
	[ "$(ls -A "$BATS_TEST_TMPDIR/home")" = letter.txt ]
	run timeout 20 "$JUKEBOXD" --portal 127.0.0.1:0 "$BATS_TEST_TMPDIR/home/letter.txt" "$BATS_TEST_TMPDIR/m"
	[ "$status" = 1 ]
	[ "$(< "$BATS_TEST_TMPDIR/home/letter.txt")" = precious ]
}

@test "a stale mount in the way is cleared at start" {
	jb_start
	jb_kill9
	run ls "$MNT"
	[[ $output == *"Transport endpoint is not connected"* ]]
	jb_restart
	ls "$MNT/slots/1"
	[ "$(awk -v m="$MNT" '$5 == m' /proc/self/mountinfo | wc -l)" = 1 ]
	jb_stop
}

@test "the name given with --name is kept by the store" {
	jb_start --name iqn.2004-01.org.example:jukebox
	[ "$IQN" = iqn.2004-01.org.example:jukebox ]
	jb_restart --slots 8
	[ "$IQN" = iqn.2004-01.org.example:jukebox ]
	jb_stop
}

@test "an invalid target name is refused" {
	run timeout 20 "$JUKEBOXD" --portal 127.0.0.1:0 --name "no name" "$BATS_TEST_TMPDIR/s" "$BATS_TEST_TMPDIR/m"
	[ "$status" = 1 ]
	[[ $output == *--name* ]]
}

@test "after a stop the port is free at once" {
	jb_start
	local port=$PORTAL
	iscsi-inq "$(url 0)" > /dev/null
	jb_stop
	jb_restart --portal "$port"
	grep -F "$port" "$MNT/ctl/target/portals"
	jb_stop
}
