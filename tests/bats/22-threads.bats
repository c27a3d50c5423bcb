#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# A system that refuses more threads while the daemon runs: commands go on, and what needs a thread of its own
# is refused.  The limit is that of the daemon's memory, in which no stack of another thread has room.

load 10-mount
load smc

teardown() { jb_cleanup; }

# no_threads: no more threads can be started from now on.  Those of connections have small stacks.
no_threads() {
	local kb
	kb=$(sed -n 's/^VmSize:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$JBPID/status")
	prlimit --pid "$JBPID" --as=$((kb * 1024 + (4 << 20))):
}

setup() {
	case $BUILD in *asan* | *tsan*) skip "a sanitizer needs memory of its own" ;; esac
	head -c 2000000 /dev/urandom > "$BATS_TEST_TMPDIR/A.iso"
}

@test "without more threads, both faces go on, and a check or another drive is refused" {
	local n
	jb_start --drives 2 --slots 4
	no_threads
	for n in 1 2; do
		cp "$BATS_TEST_TMPDIR/A.iso" "$MNT/slots/$n/A$n.iso"
		wait_for 30 not_incoming "$MNT/slots/$n/A$n.iso"
	done
	# The robot's thread and both drives'.
	smc <<< "$(move "$(slot 1)" "$(drive 0)")"
	smc <<< "$(move "$(slot 2)" "$(drive 1)")"
	for n in 1 2; do
		icdb --clear-ua -r 4096 -o "$BATS_TEST_TMPDIR/read" "$(url $n)" 28 00 00 00 00 10 00 00 02 00
		cmp -n 4096 "$BATS_TEST_TMPDIR/read" "$BATS_TEST_TMPDIR/A.iso" 0 32768
	done
	mv "$MNT/drives/0/A1.iso" "$MNT/slots/3/"
	touch "$MNT/slots/1/B.bd-re.iso"
	mv "$MNT/slots/1/B.bd-re.iso" "$MNT/drives/0/"
	icdb --clear-ua "$(url 1)" 35 00 00 00 00 00 00 00 00 00
	# An import, and a removal in the background.
	gzip -k "$BATS_TEST_TMPDIR/A.iso"
	cp "$BATS_TEST_TMPDIR/A.iso.gz" "$MNT/slots/4/"
	wait_for 60 not_incoming "$MNT/slots/4/A.iso"
	rm "$MNT/slots/3/A1.iso"
	wait_for 30 "! ls -A '$STORE/incoming' | grep ."
	refused mkdir "$MNT/drives/2" "Cannot allocate memory"
	last_error JB_NO_THREADS
	[ ! -e "$STORE/drives/2" ]
	refused setfattr -n user.jukebox.sha256 -v compute "$MNT/slots/4/A.iso" "Cannot allocate memory"
	last_error JB_NO_THREADS
	prlimit --pid "$JBPID" --as=unlimited:
	mkdir "$MNT/drives/2"
	setfattr -n user.jukebox.sha256 -v compute "$MNT/slots/4/A.iso"
	jb_stop
}

@test "a start without enough threads is refused with a sentence" {
	jb_start
	jb_stop
	run -1 bash -c "ulimit -s \$((4 << 20)); ulimit -v \$((1 << 21)); exec '$JUKEBOXD' -p 127.0.0.1:0 '$STORE' '$MNT'"
	[[ $output == *"$(sentence NO_THREADS)"* ]]
	run -1 bash -c "ulimit -s \$((4 << 20)); ulimit -v \$((1 << 21)); exec '$JUKEBOXD' --check '$STORE'"
	[[ $output == *"$(sentence NO_THREADS)"* ]]
}
