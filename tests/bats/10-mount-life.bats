#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests how a mount begins and ends: stale mounts, unmounts, stops and crashes with open files.

load 10-mount

setup() {
	unset MNT STORE
	X=$BATS_TEST_TMPDIR/x.iso
	iso "$X" 4 FIRST
}
teardown() { jb_cleanup; }

ended() { wait_for 60 test -s "$JBRUN/rc" && [ "$(< "$JBRUN/rc")" = 0 ]; }
# Runs in this shell, because a subshell would not pass on JBLOG.
not_ready() { # MESSAGE OPTION...
	local message=$1
	shift
	if jb_try "$@"; then return 1; fi
	grep -F -- "$message" "$JBLOG"
}
mounts_here() { awk -v m="$MNT" '$5 == m' /proc/self/mountinfo | wc -l; }

@test "a missing mountpoint is made, and a folder that is not empty refused" {
	MNT=$BATS_TEST_TMPDIR/with\ blank/mnt
	mkdir "${MNT%/*}"
	jb_start --slots 2
	[ -d "$MNT/slots/2" ]
	jb_stop
	[ "$(ls -A "$MNT")" = "" ]
	touch "$MNT/something"
	not_ready "the folder is not empty" --slots 2
	[ -e "$MNT/something" ]
	# A failed start must leave no store, which would fix the layout.
	STORE=$BATS_TEST_TMPDIR/new
	not_ready "the folder is not empty" --slots 2
	[ ! -e "$STORE" ]
}

@test "a file, or a folder in a missing folder, is refused as mountpoint" {
	MNT=$X
	not_ready "Not a directory"
	MNT=$BATS_TEST_TMPDIR/none/none
	not_ready "No such file or directory"
}

@test "after a crash the stale mount is taken away" {
	jb_start --slots 4
	cp "$X" "$MNT/slots/1/"
	jb_kill9
	refused ls "$MNT" "not connected"
	jb_restart
	[ "$(mounts_here)" = 1 ]
	cmp "$X" "$MNT/slots/1/x.iso"
	jb_stop
	[ "$(mounts_here)" = 0 ]
}

@test "several stale mounts on top of each other are taken away" {
	jb_start --slots 4
	jb_kill9
	mount --bind "$MNT" "$MNT" 2> /dev/null || true
	jb_restart
	jb_stop
	[ "$(mounts_here)" = 0 ]
}

@test "another jukeboxd's mount is not taken away while that one serves" {
	jb_start --slots 4
	local first=$JBPID run=$JBRUN store=$STORE
	STORE=$BATS_TEST_TMPDIR/second
	not_ready "another jukeboxd serves there"
	JBPID=$first JBRUN=$run JBLOG=$run/log STORE=$store
	[ "$(mounts_here)" = 1 ]
	[ -d "$MNT/slots/4" ]
	jb_stop
}

@test "umount ends the daemon with status 0" {
	jb_start --slots 2
	umount "$MNT"
	ended
}

@test "umount -l with a file open ends the daemon too" {
	jb_start --slots 2
	cp "$X" "$MNT/slots/1/"
	exec {READER}< "$MNT/slots/1/x.iso"
	umount -l "$MNT"
	ended
	exec {READER}<&-
	jb_restart
	cmp "$X" "$MNT/slots/1/x.iso"
}

@test "umount ends the daemon although another mount namespace has a copy" {
	[ "$(id -u)" = 0 ] || skip "needs root"
	jb_start --slots 2
	unshare -m sleep 60 3>&- &
	local other=$!
	wait_for 30 grep -q "$MNT" "/proc/$other/mountinfo"
	umount "$MNT"
	ended
	kill $other
}

@test "SIGTERM with readers, a writer and a shell in the mount: ends, and loses nothing" {
	jb_start --slots 4
	cp "$X" "$MNT/slots/1/"
	exec {READER}< "$MNT/slots/1/x.iso"
	keep_open "$MNT/slots/2/half.iso"
	head -c 1M "$X" >&"$HELD"
	(cd "$MNT/slots" && exec sleep 60) 3>&- &
	local inside=$!
	wait_for 30 '[[ $(readlink "/proc/'$inside'/cwd") == "$MNT"/* ]]'
	jb_stop
	kill $inside
	let_go || true
	exec {READER}<&-
	jb_restart
	cmp "$X" "$MNT/slots/1/x.iso"
	run ! is_full slots/2
	[ "$(find "$MNT/slots/2" -type f | wc -l)" -le 1 ]
}

@test "a stop waits a moment for a writer that is about to finish" {
	jb_start --slots 4
	keep_open "$MNT/slots/2/whole.iso"
	cat "$X" >&"$HELD"
	kill -TERM "$JBPID"
	wait_for 30 grep -q "asked to stop" "$JBLOG"
	refused cp "$X" "$MNT/slots/3/" "Cannot send after transport endpoint shutdown"
	let_go
	ended
	jb_restart
	cmp "$X" "$MNT/slots/2/whole.iso"
	full slots/2
	run ! is_full slots/3
}

@test "kill -9 during inserts and moves: every disc is in one element afterwards" {
	jb_start --slots 6 --drives 1
	local i
	for i in 1 2 3; do cp "$X" "$MNT/slots/$i/d$i.iso"; done
	(
		while :; do
			mv "$MNT/slots/1/d1.iso" "$MNT/slots/4/" && mv "$MNT/slots/4/d1.iso" "$MNT/slots/1/"
		done
	) > /dev/null 2>&1 3>&- &
	local mover=$!
	keep_open "$MNT/slots/5/new.iso"
	head -c 1M "$X" >&"$HELD"
	wait_for 30 '[ "$(grep -c "\"event\":\"move\"" "$MNT/events")" -ge 10 ]'
	jb_kill9
	kill $mover 2> /dev/null || true
	let_go || true
	jb_restart
	for i in 1 2 3; do
		[ "$(find "$MNT/slots" -name "d$i.iso" | wc -l)" = 1 ]
		cmp "$X" "$(find "$MNT/slots" -name "d$i.iso")"
	done
	run ! is_full slots/5
}

# Without this flag the kernel reads security.capability before every write.
@test "the kernel leaves set-id bits to the daemon (FUSE_HANDLE_KILLPRIV_V2)" {
	jb_start --slots 2 --log-level debug
	local flags
	flags=$(sed -nE 's/.* mount: debug: protocol 7\.[0-9]+, flags (0x[0-9a-f]+)$/\1/p' "$JBLOG")
	[ -n "$flags" ]
	[ $((flags & 0x10000000)) != 0 ]
}

@test "a mount of ten thousand slots is listed, looked at and used like any other" {
	jb_start --slots 10000 --drives 2
	[ "$(ls "$MNT/slots" | wc -l)" = 10000 ]
	[ "$(find "$MNT/slots" -type d | wc -l)" = 10001 ]
	cp "$X" "$MNT/slots/9999/"
	mv "$MNT/slots/9999/x.iso" "$MNT/drives/1/"
	mv "$MNT/drives/1/x.iso" "$MNT/slots/10000/"
	cmp "$X" "$MNT/slots/10000/x.iso"
	grep -q '1-9999' "$MNT/status"
	jq -e '.slots | length == 10000' "$MNT/status.json"
}

# Runs in a mount namespace of its own, where everybody may open /dev/fuse, as udev sets it up.
@test "a user who is not root mounts for himself" {
	[ "$(id -u)" = 0 ] || skip "needs root to become somebody else"
	[ -u "$(command -v fusermount3)" ] || skip "fusermount3 is not setuid"
	D=$(mktemp -d /tmp/jb-user.XXXXXX)
	export D
	mknod -m 666 "$D/fuse" c 10 229
	mkdir -m 777 "$D/home"
	cp "$JUKEBOXD" "$D/jukeboxd"
	chmod 755 "$D"
	run unshare -m bash -euc '
		mount --bind "$D/fuse" /dev/fuse
		cd "$D/home"
		setpriv --reuid=65534 --regid=65534 --clear-groups -- \
			"$D/jukeboxd" --portal 127.0.0.1:0 --slots 2 store mnt > log 2>&1 &
		pid=$!
		for _ in $(seq 600); do ! grep -q "jukeboxd: ready" log || break; sleep 0.1; done
		cat log
		! ls mnt 2> /dev/null # not even root may look in
		setpriv --reuid=65534 --regid=65534 --clear-groups -- \
			sh -ec "touch mnt/slots/1/b.iso; ls mnt/slots/1; mv mnt/slots/1/b.iso mnt/slots/2/"
		kill -TERM $pid
		wait $pid
		! grep "$D/home/mnt" /proc/self/mountinfo' 3>&-
	rm -rf "$D"
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *b.iso* ]]
}

@test "a log that nobody reads stops neither the mount nor SIGTERM" {
	STORE=$BATS_TEST_TMPDIR/store MNT=$BATS_TEST_TMPDIR/mnt
	mkfifo "$BATS_TEST_TMPDIR/log"
	exec {LOG}<> "$BATS_TEST_TMPDIR/log"
	"$JUKEBOXD" --portal 127.0.0.1:0 --slots 4 "$STORE" "$MNT" < /dev/null > "$BATS_TEST_TMPDIR/out" 2>&"$LOG" 3>&- &
	JBPID=$!
	wait_for 30 test -e "$MNT/status"
	iso "$BATS_TEST_TMPDIR/x.iso" 1 X
	# Each refusal is a line: more of them than the pipe holds, and than wait behind it.
	(
		for ((n = 0; n < 2000; n++)); do : > "$MNT/slots/1/a.cue" || true; done 2> /dev/null
		cp "$BATS_TEST_TMPDIR/x.iso" "$MNT/slots/1/"
		touch "$BATS_TEST_TMPDIR/done"
	) 3>&- &
	wait_for 120 test -e "$BATS_TEST_TMPDIR/done" || { kill -KILL "$JBPID"; return 1; }
	kill -TERM "$JBPID"
	wait_for 30 '! kill -0 "$JBPID"' || { kill -KILL "$JBPID"; return 1; }
	wait "$JBPID"
	exec {LOG}>&-
}
