#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests inserting discs: when a file becomes a disc, and when it does not.
# quick: yes

load 10-mount

setup() {
	jb_start --slots 8 --drives 2 --mailslots 1
	X=$BATS_TEST_TMPDIR/x.iso
	iso "$X" 4 FIRST
}
teardown() { jb_cleanup; }

@test "cp inserts a disc: it is there, complete, of its type, and the same bytes" {
	cp "$X" "$MNT/slots/3/"
	cmp "$X" "$MNT/slots/3/x.iso"
	is_disc "$MNT/slots/3/x.iso" complete cd-rom
	full slots/3
	[ "$(xattr barcode "$MNT/slots/3/x.iso")" = x ]
	[ "$(xattr sessions "$MNT/slots/3/x.iso")" = 1 ]
	[ "$(xattr tracks "$MNT/slots/3/x.iso")" = 1 ]
	[ "$(stat -c %s "$MNT/slots/3/x.iso")" = "$(stat -c %s "$X")" ]
	[ "$(files slots/3)" = x.iso ]
}

@test "mail slots and empty drives take discs as well" {
	cp "$X" "$MNT/mailslots/1/m.iso"
	cp "$X" "$MNT/drives/1/d.iso"
	full mailslots/1
	full drives/1
	cmp "$X" "$MNT/drives/1/d.iso"
	[ "$(< "$MNT/ctl/drives/1/state")" = complete ]
	[ "$(< "$MNT/ctl/drives/1/profile")" = cd-rom ]
	[ "$(< "$MNT/ctl/drives/0/state")" = empty ]
}

@test "as long as a program writes, the slot is reserved and not full" {
	keep_open "$MNT/slots/1/x.iso"
	cat "$X" >&"$HELD"
	[ "$(xattr state "$MNT/slots/1/x.iso")" = incoming ]
	run ! is_full slots/1
	refused cp "$X" "$MNT/slots/1/y.iso" "Device or resource busy"
	cmp "$X" "$MNT/slots/1/x.iso" # what is there so far can be read
	let_go
	full slots/1
	is_disc "$MNT/slots/1/x.iso" complete
}

@test "a file that two programs write becomes a disc when the last one closes it" {
	keep_open "$MNT/slots/1/x.iso"
	head -c 1M "$X" >&"$HELD"
	exec {SECOND}>> "$MNT/slots/1/x.iso"
	let_go
	[ "$(xattr state "$MNT/slots/1/x.iso")" = incoming ]
	run ! is_full slots/1
	tail -c +1048577 "$X" >&"$SECOND"
	exec {SECOND}>&-
	full slots/1
	cmp "$X" "$MNT/slots/1/x.iso"
}

@test "a redirection that is closed once before the first byte makes no blank of it" {
	cat "$X" > "$MNT/slots/1/x.iso"
	is_disc "$MNT/slots/1/x.iso" complete cd-rom
	cmp "$X" "$MNT/slots/1/x.iso"
}

@test "a grouped redirection is one disc, not its first part" {
	head -c 1M "$X" > "$BATS_TEST_TMPDIR/a"
	tail -c +1048577 "$X" > "$BATS_TEST_TMPDIR/b"
	{ cat "$BATS_TEST_TMPDIR/a"; cat "$BATS_TEST_TMPDIR/b"; } > "$MNT/slots/1/x.iso"
	full slots/1
	cmp "$X" "$MNT/slots/1/x.iso"
	is_disc "$MNT/slots/1/x.iso" complete
}

@test "two inserts at once do not disturb each other" {
	iso "$BATS_TEST_TMPDIR/y.iso" 6 SECOND
	cp "$X" "$MNT/slots/1/" &
	local one=$!
	cp "$BATS_TEST_TMPDIR/y.iso" "$MNT/slots/2/" &
	local two=$!
	wait $one
	wait $two
	cmp "$X" "$MNT/slots/1/x.iso"
	cmp "$BATS_TEST_TMPDIR/y.iso" "$MNT/slots/2/y.iso"
	is_disc "$MNT/slots/1/x.iso" complete
	is_disc "$MNT/slots/2/y.iso" complete
}

@test "of many programs that insert into one slot one succeeds" {
	local i ok=0 pids=()
	for i in 1 2 3 4 5 6; do
		cp "$X" "$MNT/slots/5/$i.iso" 2> /dev/null &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		if wait "$i"; then ok=$((ok + 1)); fi
	done
	[ $ok = 1 ]
	[ "$(find "$MNT/slots/5" -type f | wc -l)" = 1 ]
	cmp "$X" "$MNT"/slots/5/*
}

@test "kill -9 of cp in the middle leaves an incomplete file and no disc" {
	stuck cp PIPE "$MNT/slots/1/x.iso"
	head -c 1M "$X" > "$BATS_TEST_TMPDIR/part"
	feed "$BATS_TEST_TMPDIR/part"
	wait_for 30 '[ "$(stat -c %s "$MNT/slots/1/x.iso")" = 1048576 ]'
	kill -KILL "$STUCK"
	wait "$STUCK" || true
	unfeed
	is_disc "$MNT/slots/1/x.iso" incomplete
	run ! is_full slots/1
	refused mv "$MNT/slots/1/x.iso" "$MNT/drives/0/" "Wrong medium type"
	last_error "move slots/1/x.iso to drives/0/x.iso: JB_INCOMPLETE"
}

@test "a cp that is terminated before its first byte leaves no blank" {
	stuck cp PIPE "$MNT/slots/1/x.iso"
	wait_for 30 test -e "$MNT/slots/1/x.iso"
	kill -TERM "$STUCK"
	wait "$STUCK" || true
	unfeed
	is_disc "$MNT/slots/1/x.iso" incomplete
	run ! is_full slots/1
}

@test "an image that is shorter than its volume is incomplete" {
	head -c 2M "$X" > "$MNT/slots/1/x.iso"
	is_disc "$MNT/slots/1/x.iso" incomplete
	run ! is_full slots/1
}

@test "an incomplete file becomes a disc when the user says so" {
	head -c 2M "$X" > "$MNT/slots/1/x.iso"
	is_disc "$MNT/slots/1/x.iso" incomplete
	refused setfattr -n user.jukebox.state -v blank "$MNT/slots/1/x.iso" "Invalid argument"
	last_error "set user.jukebox.state of slots/1/x.iso to 'blank'"
	setfattr -n user.jukebox.state -v complete "$MNT/slots/1/x.iso"
	is_disc "$MNT/slots/1/x.iso" complete
	is_full slots/1
	mv "$MNT/slots/1/x.iso" "$MNT/drives/0/"
}

@test "an incomplete file is mended by copying it again" {
	head -c 2M "$X" > "$MNT/slots/1/x.iso"
	is_disc "$MNT/slots/1/x.iso" incomplete
	cp "$X" "$MNT/slots/1/x.iso"
	is_disc "$MNT/slots/1/x.iso" complete
	cmp "$X" "$MNT/slots/1/x.iso"
}

@test "an incomplete file is mended by writing on, as dd, curl -C and rsync --append do" {
	head -c 2M "$X" > "$MNT/slots/1/x.iso"
	is_disc "$MNT/slots/1/x.iso" incomplete
	tail -c +2097153 "$X" >> "$MNT/slots/1/x.iso"
	is_disc "$MNT/slots/1/x.iso" complete
	cmp "$X" "$MNT/slots/1/x.iso"
}

@test "an incomplete file is removed like any other, and its slot is free again" {
	head -c 2M "$X" > "$MNT/slots/1/x.iso"
	rm "$MNT/slots/1/x.iso"
	[ "$(files slots/1)" = "" ]
	cp "$X" "$MNT/slots/1/y.iso"
	full slots/1
}

# Prints the data files of running inserts that the daemon has open.
open_incoming() { find "/proc/$JBPID/fd" -lname "$STORE/incoming/*"; }
@test "rm of a file that is being inserted ends the insert" {
	keep_open "$MNT/slots/1/x.iso"
	cat "$X" >&"$HELD"
	rm "$MNT/slots/1/x.iso"
	[ "$(files slots/1)" = "" ]
	was_open=$(open_incoming)
	[ -n "$was_open" ]
	let_go
	wait_for 30 '[ -z "$(open_incoming)" ]'
	[ "$(files slots/1)" = "" ]
	run ! is_full slots/1
	cp "$X" "$MNT/slots/1/"
	full slots/1
}

@test "a copy from slot to slot inserts a second disc" {
	cp "$X" "$MNT/slots/1/"
	cp "$MNT/slots/1/x.iso" "$MNT/slots/2/y.iso"
	cmp "$X" "$MNT/slots/2/y.iso"
	is_disc "$MNT/slots/2/y.iso" complete cd-rom
}

@test "times, mode and owner are those of cp -a, and can be changed later" {
	touch -d '2001-02-03 04:05:06 UTC' "$X"
	chmod 640 "$X"
	cp -a "$X" "$MNT/slots/1/"
	[ "$(stat -c '%a %Y' "$MNT/slots/1/x.iso")" = "640 981173106" ]
	chmod 6755 "$MNT/slots/1/x.iso" # no set-id bits on a disc
	[ "$(stat -c %a "$MNT/slots/1/x.iso")" = 755 ]
	touch -d @1000000000 "$MNT/slots/1/x.iso"
	[ "$(stat -c %Y "$MNT/slots/1/x.iso")" = 1000000000 ]
	chown 65534:65534 "$MNT/slots/1/x.iso"
	[ "$(stat -c %u:%g "$MNT/slots/1/x.iso")" = 65534:65534 ]
	jb_restart
	[ "$(stat -c '%a %Y %u' "$MNT/slots/1/x.iso")" = "755 1000000000 65534" ]
}

@test "a removed disc can still be read by who has it open" {
	cp "$X" "$MNT/slots/1/"
	exec {READER}< "$MNT/slots/1/x.iso"
	rm "$MNT/slots/1/x.iso"
	[ "$(files slots/1)" = "" ]
	cmp "$X" - <&"$READER"
	exec {READER}<&-
}

@test "a sparse image stays sparse, in and out" {
	truncate -s 64M "$BATS_TEST_TMPDIR/big.iso"
	printf end >> "$BATS_TEST_TMPDIR/big.iso"
	cp --sparse=always "$BATS_TEST_TMPDIR/big.iso" "$MNT/slots/1/"
	cmp "$BATS_TEST_TMPDIR/big.iso" "$MNT/slots/1/big.iso"
	[ "$(stat -c %b "$MNT/slots/1/big.iso")" -lt 4096 ]
	cp "$MNT/slots/1/big.iso" "$BATS_TEST_TMPDIR/back.iso"
	cmp "$BATS_TEST_TMPDIR/big.iso" "$BATS_TEST_TMPDIR/back.iso"
	[ "$(stat -c %b "$BATS_TEST_TMPDIR/back.iso")" -lt 4096 ]
}

@test "discs can be mapped, and read in any pieces" {
	have python3
	cp "$X" "$MNT/slots/1/"
	python3 - "$X" "$MNT/slots/1/x.iso" <<-'PY'
	import mmap, os, random, sys
	want = open(sys.argv[1], "rb").read()
	f = open(sys.argv[2], "rb")
	m = mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ)
	assert m[:] == want
	random.seed(1)
	for _ in range(300):
	    at, n = random.randrange(len(want) + 9000), random.randrange(1, 300000)
	    assert os.pread(f.fileno(), n, at) == want[at:at + n]
	PY
}

@test "df shows the store's space, df -i the elements" {
	cp "$X" "$MNT/slots/1/"
	[ "$(df --output=size "$MNT" | tail -n 1)" -gt 0 ]
	[ "$(df --output=itotal "$MNT" | tail -n 1 | tr -d ' ')" = 11 ] # picker not counted
	[ "$(df --output=iavail "$MNT" | tail -n 1 | tr -d ' ')" = 10 ]
}

@test "discs outlive a restart, with their inode numbers" {
	cp "$X" "$MNT/slots/1/"
	head -c 2M "$X" > "$MNT/slots/2/part.iso"
	is_disc "$MNT/slots/2/part.iso" incomplete
	local ino
	ino=$(stat -c %i "$MNT/slots/1/x.iso")
	jb_restart
	[ "$(stat -c %i "$MNT/slots/1/x.iso")" = "$ino" ]
	is_disc "$MNT/slots/1/x.iso" complete cd-rom
	cmp "$X" "$MNT/slots/1/x.iso"
}

@test "files with the names that programs give to unfinished ones are no discs until they are renamed" {
	local name
	for name in x.iso.aria2 x.iso.1 x.img.Ab12.c x.iso.new disc.partial disc.filepart disc.crdownload \
		tmpab12_xyz rcksum-Ab12cD sedAb12cD x.iso.0000000002; do
		cp "$X" "$MNT/slots/1/$name"
		[ "$(xattr state "$MNT/slots/1/$name")" = staged ]
		[ "$(wc -l < "$MNT/events")" = "${events:=$(wc -l < "$MNT/events")}" ]
		rm "$MNT/slots/1/$name"
	done
	cp "$X" "$MNT/slots/1/x.iso.new"
	mv "$MNT/slots/1/x.iso.new" "$MNT/slots/1/x.iso"
	is_disc "$MNT/slots/1/x.iso" complete cd-rom
	refused mv "$MNT/slots/1/x.iso" "$MNT/slots/1/x.iso.old" "Operation not permitted"
	cp "$X" "$MNT/slots/2/tmpdisk.iso"
	is_disc "$MNT/slots/2/tmpdisk.iso" complete cd-rom
}

# Programs that write a file as others do: SIZE is set first, then WRITES (offset:length ...) follow.
ahead() { # FILE SIZE WRITES [how: ftruncate or posix_fallocate]
	python3 -c 'import os, sys
fd = os.open(sys.argv[1], os.O_CREAT | os.O_RDWR)
if sys.argv[4] == "ftruncate": os.ftruncate(fd, int(sys.argv[2]))
else: os.posix_fallocate(fd, 0, int(sys.argv[2]))
for w in sys.argv[3].split():
    at, n = map(int, w.split(":"))
    os.pwrite(fd, b"x" * n, at)
os.close(fd)' "$1" "$2" "$3" "${4:-ftruncate}"
}

@test "a size that was set ahead of the data, which does not reach it, is an incomplete file" {
	have python3
	ahead "$MNT/slots/1/a.iso" 1048576 "0:4096 4096:4096"
	is_disc "$MNT/slots/1/a.iso" incomplete
	ahead "$MNT/slots/2/b.iso" 1048576 "0:65536" posix_fallocate
	is_disc "$MNT/slots/2/b.iso" incomplete
	ahead "$MNT/slots/3/c.iso" 1048576 "" posix_fallocate
	is_disc "$MNT/slots/3/c.iso" incomplete
	ahead "$MNT/slots/4/d.iso" 1048576 "1000000:48576 0:1000000"
	is_disc "$MNT/slots/4/d.iso" complete
	ahead "$MNT/slots/5/e.iso" 1048576 "0:1048576" posix_fallocate
	is_disc "$MNT/slots/5/e.iso" complete
	# The user may say that it is whole, and a program that goes on may finish it.
	setfattr -n user.jukebox.state -v complete "$MNT/slots/1/a.iso"
	is_disc "$MNT/slots/1/a.iso" complete
	ahead "$MNT/slots/2/b.iso" 1048576 "65536:983040"
	is_disc "$MNT/slots/2/b.iso" complete
}

@test "sparse copies with a hole at the end are complete" {
	cp "$X" "$BATS_TEST_TMPDIR/raw"
	head -c 1M /dev/urandom > "$BATS_TEST_TMPDIR/hole"
	truncate -s 3M "$BATS_TEST_TMPDIR/hole"
	head -c 2M /dev/zero >> "$BATS_TEST_TMPDIR/hole"
	cp --sparse=always "$BATS_TEST_TMPDIR/hole" "$MNT/slots/1/a.iso"
	cp "$BATS_TEST_TMPDIR/hole" "$MNT/slots/2/b.iso"
	dd if="$BATS_TEST_TMPDIR/hole" of="$MNT/slots/3/c.iso" bs=64K conv=sparse status=none
	rsync --sparse "$BATS_TEST_TMPDIR/hole" "$MNT/slots/4/d.iso"
	local n
	for n in 1/a 2/b 3/c 4/d; do
		is_disc "$MNT/slots/$n.iso" complete
		cmp "$BATS_TEST_TMPDIR/hole" "$MNT/slots/$n.iso"
	done
}

@test "aria2's control file beside a file says that it is not finished, and its end that it is" {
	have python3
	touch "$MNT/slots/1/a.iso.aria2__temp"
	mv "$MNT/slots/1/a.iso.aria2__temp" "$MNT/slots/1/a.iso.aria2"
	ahead "$MNT/slots/1/a.iso" 1048576 "983040:65536 0:4096" posix_fallocate # out of order
	is_disc "$MNT/slots/1/a.iso" incomplete
	refused mv "$MNT/slots/1/a.iso" "$MNT/drives/0/" "Wrong medium type"
	ahead "$MNT/slots/1/a.iso" 1048576 "4096:978944"
	rm "$MNT/slots/1/a.iso.aria2"
	is_disc "$MNT/slots/1/a.iso" complete
	# A writer that failed is another matter.
	cp "$X" "$MNT/slots/2/b.iso.aria2"
	ahead "$MNT/slots/2/b.iso" 1048576 "0:4096" posix_fallocate
	rm "$MNT/slots/2/b.iso.aria2"
	is_disc "$MNT/slots/2/b.iso" incomplete
}

@test "raw images whose writer was killed, or ended with a failure, are incomplete" {
	have python3
	local how
	head -c 8M /dev/urandom > "$BATS_TEST_TMPDIR/raw"
	python3 -c 'import os, sys, signal
fd = os.open(sys.argv[1], os.O_CREAT | os.O_WRONLY); os.write(fd, b"x" * 65536)
os.kill(os.getpid(), signal.SIGTERM)' "$MNT/slots/1/a.iso" || true
	python3 -c 'import os, sys
fd = os.open(sys.argv[1], os.O_CREAT | os.O_WRONLY); os.write(fd, b"x" * 65536)
os._exit(20)' "$MNT/slots/2/b.iso" || true
	stuck dd if=PIPE of="$MNT/slots/3/c.iso" bs=64K status=none
	feed <(head -c 64K "$BATS_TEST_TMPDIR/raw")
	wait_for 30 "[ \$(stat -c %s '$MNT/slots/3/c.iso') -gt 0 ]"
	kill "$STUCK"
	wait "$STUCK" || true
	unfeed
	setsid rsync --inplace --bwlimit=512 "$BATS_TEST_TMPDIR/raw" "$MNT/slots/4/d.iso" > /dev/null 2>&1 3>&- &
	how=$!
	wait_for 30 "[ \$(stat -c %s '$MNT/slots/4/d.iso') -gt 0 ]"
	kill -KILL -- "-$how"
	wait "$how" || true
	for how in 1/a 2/b 3/c 4/d; do is_disc "$MNT/slots/$how.iso" incomplete; done
	python3 -c 'import os, sys
fd = os.open(sys.argv[1], os.O_CREAT | os.O_WRONLY); os.write(fd, b"x" * 65536)
os.close(fd); os._exit(20)' "$MNT/slots/5/e.iso" || true
	is_disc "$MNT/slots/5/e.iso" complete
}

@test "a label that differs from another one behind its first 32 characters only is warned of" {
	local same=Backup-of-the-archive-2026-set-A
	[ ${#same} = 32 ]
	cp "$X" "$MNT/slots/1/$same-disc-1.iso"
	full slots/1
	run ! grep -q '"event":"error"' "$MNT/events"
	cp "$X" "$MNT/slots/2/$same-disc-2.iso"
	full slots/2
	wait_for 30 "grep -q '\"event\":\"error\".*disc-2' '$MNT/events'"
	grep -qF "$(sentence SAME_TAG)" "$JBLOG"
}

@test "a label that another disc has too is warned of, at the second insert" {
	cp "$X" "$MNT/slots/1/x.iso"
	cp "$X" "$MNT/slots/2/xx.iso"
	full slots/2
	run ! grep -q '"event":"error"' "$MNT/events"
	cp "$X" "$MNT/slots/3/x.iso"
	wait_for 30 "grep -q '\"event\":\"error\".*slots/3' '$MNT/events'"
	full slots/3
	grep -qF "x.iso: $(sentence SAME_TAG)" "$JBLOG"
	[ "$(grep -c '"event":"error"' "$MNT/events")" = 1 ]
}
