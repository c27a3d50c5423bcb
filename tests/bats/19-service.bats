#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests the daemon as a service: mount(8) and fstab, the background, a service manager, signals and limits.

load 10-mount

setup() {
	[ -c /dev/fuse ] || skip "no /dev/fuse on this machine"
	STORE=$BATS_TEST_TMPDIR/store MNT=$BATS_TEST_TMPDIR/mnt
	LISTENERS=()
}
teardown() {
	# A daemon in the background is known by the lock of its store.
	[ ! -s "$STORE/lock" ] || kill -TERM "$(owner)" 2> /dev/null || true
	[ ${#LISTENERS[@]} = 0 ] || kill "${LISTENERS[@]}" 2> /dev/null || true
	jb_clear_mount "$MNT"
	jb_cleanup
}

owner() { sed -n 's/^pid=//p' "$STORE/lock"; }
gone() { ! kill -0 "$1" 2> /dev/null; }
# The type's second half is the program: here one that is not installed.
mount_it() { mount -t "fuse.$JUKEBOXD" "$STORE" "$MNT" -o "portal=127.0.0.1:0${1:+,$1}" 3>&-; }
need_root() { [ "$(id -u)" = 0 ] || skip "needs root"; }
listen() { # SOCKET FILE
	/usr/bin/python3 "$TOP/tests/bats/listener.py" "$1" "$2" 3>&- &
	LISTENERS+=($!)
	wait_for 30 test -e "$2"
}

@test "mount -t fuse.jukeboxd returns when the jukebox serves, and umount ends it" {
	need_root
	mkdir "$MNT"
	# The pipe would stay open if the daemon kept one of mount's standard streams.
	[ "$(mount_it slots=3,noatime,nofail,_netdev,x-systemd.automount,comment=a 2>&1 | cat)" = "" ]
	[ "$(ls "$MNT/slots" | wc -l)" = 3 ]
	grep -q "^127.0.0.1:" "$MNT/ctl/target/portals"
	grep -q " $MNT rw,nosuid,nodev,noatime - fuse.jukeboxd jukeboxd " /proc/self/mountinfo
	local pid
	pid=$(owner)
	[ "$(readlink "/proc/$pid/cwd")" = / ]
	iso "$BATS_TEST_TMPDIR/x.iso" 1 X
	cp "$BATS_TEST_TMPDIR/x.iso" "$MNT/slots/1/"
	umount "$MNT"
	# At once again, while the first daemon may still be ending.
	mount_it
	cmp "$BATS_TEST_TMPDIR/x.iso" "$MNT/slots/1/x.iso"
	pid=$(owner)
	umount "$MNT"
	wait_for 30 gone "$pid"
}

@test "the installed name, a line in fstab, and the form with a number sign" {
	need_root
	mkdir "$MNT" "$BATS_TEST_TMPDIR/sbin"
	cp "$JUKEBOXD" "$BATS_TEST_TMPDIR/sbin/jukeboxd"
	echo "$STORE $MNT fuse.jukeboxd slots=2,portal=127.0.0.1:0,noauto,nofail,_netdev 0 0" \
		> "$BATS_TEST_TMPDIR/fstab"
	export STORE MNT BATS_TEST_TMPDIR
	# shellcheck disable=SC2016
	run unshare -m bash -euc '
		mount --bind "$BATS_TEST_TMPDIR/sbin" /usr/local/sbin
		mount -t fuse.jukeboxd "$STORE" "$MNT" -o slots=2,portal=127.0.0.1:0
		echo type $(ls "$MNT/slots")
		umount "$MNT"
		mount.fuse3 "jukeboxd#$STORE" "$MNT" -o portal=127.0.0.1:0
		echo sign $(ls "$MNT/slots")
		umount "$MNT"
		mount -T "$BATS_TEST_TMPDIR/fstab" "$MNT"
		echo fstab $(ls "$MNT/slots")
		umount "$MNT"' 3>&-
	echo "$output"
	[ "$output" = $'type 1 2\nsign 1 2\nfstab 1 2' ]
}

@test "a start that fails reaches mount(8): status and sentence" {
	need_root
	refused mount_it frobnicate "-o frobnicate is no option of jukeboxd or of a mount"
	refused mount_it slots=0 "-o slots takes a number from 1"
	refused mount_it ro "a jukebox cannot be mounted read-only"
	mkdir "$MNT"
	touch "$MNT/file"
	run mount_it
	[ "$status" = 1 ]
	[ "$output" = "jukeboxd: cannot mount at $MNT: the folder is not empty" ]
	rm "$MNT/file"
	run mount_it portal=1.2.3.4:3260
	[ "$status" = 1 ]
	[[ $output == "jukeboxd: portal 1.2.3.4:3260 is refused: beyond loopback"* ]]
	run ! jb_mounted "$MNT"
}

@test "-f keeps the daemon in the foreground in spite of -o" {
	jb_start -f -o slots=2,rw,dev,suid
	[ "$(owner)" = "$JBPID" ]
	[ "$(ls "$MNT/slots" | wc -l)" = 2 ]
	jb_stop
}

@test "in the background the log goes to syslog" {
	need_root
	mkdir -p "$MNT" "$BATS_TEST_TMPDIR/dev"
	local n
	for n in "null 1 3" "fuse 10 229" "tty 5 0"; do
		# shellcheck disable=SC2086
		mknod -m 666 "$BATS_TEST_TMPDIR/dev/${n%% *}" c ${n#* }
	done
	listen "$BATS_TEST_TMPDIR/dev/log" "$BATS_TEST_TMPDIR/syslog"
	export JUKEBOXD STORE MNT BATS_TEST_TMPDIR
	# shellcheck disable=SC2016
	unshare -m bash -euc '
		mount --bind "$BATS_TEST_TMPDIR/dev" /dev
		"$JUKEBOXD" -o portal=127.0.0.1:0 "$STORE" "$MNT"
		! : > "$MNT/slots/1/a.cue"
		umount "$MNT"' 3>&-
	wait_for 30 grep -q 'somebody has unmounted' "$BATS_TEST_TMPDIR/syslog"
	grep -Eq '^<30>jukeboxd\[[0-9]+\]: mount: serving at '"$MNT\$" "$BATS_TEST_TMPDIR/syslog"
	grep -Eq '^<30>jukeboxd\[[0-9]+\]: main: somebody has unmounted' "$BATS_TEST_TMPDIR/syslog"
}

@test "neither the store nor the mount point may be inside the other one" {
	local s=$BATS_TEST_TMPDIR/a m=$BATS_TEST_TMPDIR/b
	refused "$JUKEBOXD" "$m/s" "$m" "the store $m/s is inside the mount point $m"
	refused "$JUKEBOXD" "$s" "$s/m/n" "the mount point $s/m/n is inside the store $s"
	refused "$JUKEBOXD" "$s" "$s/" "the store and the mount point are both $s"
	[ ! -e "$s" ] && [ ! -e "$m" ]
	mkdir "$m"
	ln -s "$m" "$s"
	refused "$JUKEBOXD" "$s/store" "$m" "is inside the mount point $m"
	[ "$(ls -A "$m")" = "" ]
}

# ---- a service manager ---------------------------------------------------------------------------

beats() { grep -c '^WATCHDOG=1$' "$BATS_TEST_TMPDIR/notes"; }
beats_again() { [ "$(beats)" -gt "$1" ]; }

@test "sd_notify: READY when it serves, a heartbeat, STOPPING" {
	local socket=$BATS_TEST_TMPDIR/notify
	listen "$socket" "$BATS_TEST_TMPDIR/notes"
	NOTIFY_SOCKET=$socket WATCHDOG_USEC=$((400000 * SLOW)) jb_start --slots 2
	wait_for 30 grep -qx 'READY=1' "$BATS_TEST_TMPDIR/notes"
	[ "$(head -n 1 "$BATS_TEST_TMPDIR/notes")" = READY=1 ]
	wait_for 30 '[ "$(beats)" -ge 4 ]'
	jb_stop
	grep -qx 'STOPPING=1' "$BATS_TEST_TMPDIR/notes"
}

@test "sd_notify: an abstract socket is a manager too; a watchdog for another process is none" {
	local socket=@jukeboxd-$BASHPID-$RANDOM
	listen "$socket" "$BATS_TEST_TMPDIR/notes"
	NOTIFY_SOCKET=$socket WATCHDOG_USEC=100000 WATCHDOG_PID=1 jb_start --slots 2
	wait_for 30 grep -qx 'READY=1' "$BATS_TEST_TMPDIR/notes"
	jb_stop
	grep -qx 'STOPPING=1' "$BATS_TEST_TMPDIR/notes"
	run ! grep -q WATCHDOG "$BATS_TEST_TMPDIR/notes"
}

@test "the heartbeat ends while the mount hangs, and a stopped helper does not end it" {
	need_root
	local socket=$BATS_TEST_TMPDIR/notify seen
	listen "$socket" "$BATS_TEST_TMPDIR/notes"
	NOTIFY_SOCKET=$socket WATCHDOG_USEC=$((400000 * SLOW)) jb_start --slots 2
	wait_for 30 '[ "$(beats)" -ge 2 ]'
	kill -STOP "$(pgrep -P "$(pgrep -P "$JBPID" -x jukebox-nursery)" -x jukebox-mover)"
	seen=$(beats)
	wait_for 30 beats_again $((seen + 2))

	coproc FREEZE { exec /usr/bin/python3 "$TOP/tests/bats/freeze.py" "$JBPID" mount 3>&-; }
	local frozen freezer=$FREEZE_PID out=${FREEZE[1]}
	read -r frozen <&"${FREEZE[0]}"
	[ "$frozen" -ge 1 ]
	wait_for 30 grep -q 'the mount has not answered' "$JBLOG"
	seen=$(beats)
	sleep $((2 * SLOW))
	[ "$(beats)" = "$seen" ]
	exec {out}>&-
	wait "$freezer"
	wait_for 30 beats_again "$seen"
	jb_stop
}

# ---- signals and limits ----------------------------------------------------------------------------

@test "signals that ask for nothing end nothing" {
	need_root
	mkdir "$MNT"
	mount_it slots=2
	local s pid
	pid=$(owner)
	for s in HUP PIPE USR1 USR2 XFSZ; do kill -$s "$pid"; done
	sleep 0.2
	touch "$MNT/slots/1/a.iso"
	[ "$(owner)" = "$pid" ] && kill -0 "$pid"
	kill -TERM "$pid"
	wait_for 30 gone "$pid"
	run ! jb_mounted "$MNT"
}

@test "closed standard streams, and a parent that ignores the end of children, do no harm" {
	(trap '' CHLD; "$JUKEBOXD" -o portal=127.0.0.1:0 "$STORE" "$MNT" <&- >&- 2>&-) 3>&-
	iso "$BATS_TEST_TMPDIR/x.iso" 1 X
	cp "$BATS_TEST_TMPDIR/x.iso" "$MNT/slots/1/"
	[ "$(readlink "/proc/$(owner)/fd/2")" = /dev/null ]
	# Each import has a process of its own; the nursery has places for 16 at a time.
	gzip -k "$BATS_TEST_TMPDIR/x.iso"
	for _ in {1..20}; do
		cp "$BATS_TEST_TMPDIR/x.iso.gz" "$MNT/slots/2/"
		wait_for 30 test -e "$MNT/slots/2/x.iso"
		rm "$MNT/slots/2/x.iso"
	done
}

@test "a limit on the size of files is an error with a sentence" {
	jb_start --slots 2
	iso "$BATS_TEST_TMPDIR/x.iso" 4 X
	prlimit --pid "$JBPID" --fsize=1048576:unlimited
	refused cp "$BATS_TEST_TMPDIR/x.iso" "$MNT/slots/1/" "File too large"
	grep -F "$(sentence STORE_FILE_SIZE)" "$MNT/ctl/last-error"
	rm -f "$MNT/slots/1/x.iso"
	prlimit --pid "$JBPID" --fsize=unlimited:unlimited
	cp "$BATS_TEST_TMPDIR/x.iso" "$MNT/slots/1/"
	cmp "$BATS_TEST_TMPDIR/x.iso" "$MNT/slots/1/x.iso"
	jb_stop
}
