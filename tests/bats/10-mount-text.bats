#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests the mount's text files with the programs that people use for text files.  The programs that people
# use for discs are in PROGRAMS.md.

load 10-mount

setup() { jb_start --slots 4 --drives 1; }
teardown() {
	jb_cleanup
	[ -z "${DISK:-}" ] || umount -l "$DISK" || true
}

@test "text files suit cat, head, tail, wc, grep, od, cp and tar" {
	local f=$MNT/ctl/drives/0/vendor
	[ "$(cat "$f")" = JUKEBOXD ]
	[ "$(head -n 1 "$f")" = JUKEBOXD ]
	[ "$(tail -n 1 "$f")" = JUKEBOXD ]
	[ "$(wc -c < "$f")" = 9 ]
	[ "$(wc -l < "$f")" = 1 ]
	grep -rq JUKEBOXD "$MNT/ctl"
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

@test "values may end in CR LF, also the lines of a list" {
	printf 'open\r\n' > "$MNT/ctl/drives/0/tray"
	[ "$(< "$MNT/ctl/drives/0/tray")" = open ]
	printf 'close\r\n' > "$MNT/ctl/drives/0/tray"
	[ "$(< "$MNT/ctl/drives/0/tray")" = closed ]
	printf 'iqn.a.b:one\r\niqn.a.b:two\r\n' > "$MNT/ctl/access/initiators"
	[ "$(< "$MNT/ctl/access/initiators")" = $'iqn.a.b:one\niqn.a.b:two' ]
}

@test "ctl files are written by a temporary name and a rename, with the errors of a write" {
	cd "$MNT/ctl/drives/0"
	printf 'ACME\n' > .ansible_tmpab12cd34vendor
	[ "$(< .ansible_tmpab12cd34vendor)" = ACME ]
	[ "$(ls -A)" = "$(ls)" ] # it is not listed
	chmod 644 .ansible_tmpab12cd34vendor
	mv -f .ansible_tmpab12cd34vendor vendor
	[ "$(< vendor)" = ACME ]
	[ ! -e .ansible_tmpab12cd34vendor ]
	sed -i s/ACME/ACME2/ vendor
	[ "$(< vendor)" = ACME2 ]
	printf 'open\r\n' > tray.0000000002
	mv -f tray.0000000002 tray
	[ "$(< tray)" = open ]
	printf 'sideways\n' > tray.new
	refused mv -f tray.new tray "cannot move" # EINVAL, for which mv has words of its own
	last_error "write \"sideways\" to ctl/drives/0/tray: JB_BAD_VALUE"
	[ "$(< tray)" = open ]
	mv tray.new tray~
	rm tray~
	refused rm tray.new "No such file or directory"
	# Bad input: too many, too large, another name, no text file, no ctl folder, not one that can be written.
	local i
	for i in 1 2 3 4 5 6 7 8; do : > .t$i; done
	refused ": > .t9" "Device or resource busy"
	: > "$MNT/ctl/.t9"
	refused mv "$MNT/ctl/.t9" .t9 "Device or resource busy"
	mv "$MNT/ctl/.t9" .t8 # it takes the place of one
	for i in 1 2 3 4 5 6 7 8; do rm .t$i; done
	refused "head -c 70000 /dev/zero > .large" "File too large"
	rm .large
	# What was cut off does not come back.
	printf AAAAAAAA > .cut
	: > .cut
	printf B | dd of=.cut bs=1 seek=4 conv=notrunc status=none
	[ "$(xxd -p .cut)" = 0000000042 ]
	rm .cut
	refused touch new "Operation not permitted"
	echo x > .x
	refused mv -f .x state "Operation not permitted"
	refused mv .x "$MNT/slots/1/x.iso" "Operation not permitted"
	refused mv .x new "Operation not permitted"
	refused mv .x "$MNT/x" "Operation not permitted"
	rm .x
	refused touch "$MNT/.x" "Operation not permitted"
	refused mv tray tray~ "Operation not permitted"
	echo x > .y
	sleep 11
	[ ! -e .y ]
	cd /
}

@test "a program that reads all files does not wait in ctl/stream" {
	cp -r "$MNT/ctl" "$BATS_TEST_TMPDIR/copy" 2> /dev/null || true # some cannot be read
	[ -e "$BATS_TEST_TMPDIR/copy/last-error" ]
	[ ! -e "$BATS_TEST_TMPDIR/copy/stream" ]
	[ -e "$MNT/ctl/stream" ]
}

@test "file handles outlive the caches, and only those of removed files are stale" {
	have python3
	touch "$MNT/slots/1/A.iso" "$MNT/slots/2/B.iso"
	cat > "$BATS_TEST_TMPDIR/handles.py" << 'END'
import ctypes, errno, os, sys
libc = ctypes.CDLL(None, use_errno=True)
class Handle(ctypes.Structure):
    _fields_ = [("bytes", ctypes.c_uint), ("type", ctypes.c_int), ("data", ctypes.c_ubyte * 128)]
def name_to_handle(path):
    h, mount = Handle(128), ctypes.c_int()
    if libc.name_to_handle_at(-100, path.encode(), ctypes.byref(h), ctypes.byref(mount), 0):
        sys.exit(f"name_to_handle_at {path}: {os.strerror(ctypes.get_errno())}")
    return h
def open_handle(mnt, h):
    fd = libc.open_by_handle_at(mnt, ctypes.byref(h), os.O_RDONLY)
    return fd if fd >= 0 else -ctypes.get_errno()
top = sys.argv[1]
mnt = os.open(top, os.O_RDONLY)
names = ["slots/1/A.iso", "slots/2", "ctl/drives/0/vendor", "status.json", "slots/2/B.iso"]
handles = {n: name_to_handle(f"{top}/{n}") for n in names}
os.remove(f"{top}/slots/2/B.iso")
os.rename(f"{top}/slots/1/A.iso", f"{top}/slots/3/A.iso")
os.sync()
open("/proc/sys/vm/drop_caches", "w").write("2")
for n in names[:-1]:
    fd = open_handle(mnt, handles[n])
    if fd == -errno.EPERM: sys.exit(77)
    assert fd >= 0, (n, os.strerror(-fd))
    os.close(fd)
assert open_handle(mnt, handles["slots/2/B.iso"]) == -errno.ESTALE
END
	local rc=0
	python3 "$BATS_TEST_TMPDIR/handles.py" "$MNT" || rc=$?
	[ $rc != 77 ] || skip "this machine does not let root open file handles"
	[ $rc = 0 ]
}

@test "a stat tells the size of now, and an open report that of what was opened" {
	have python3
	python3 - "$MNT" << 'END'
import os, subprocess, sys
mnt = sys.argv[1]
def size(path): return int(subprocess.check_output(["stat", "-c", "%s", path]))
for name in "status.json", "status", "metrics", "README":
    path = f"{mnt}/{name}"
    fd = os.open(path, os.O_RDONLY)
    before = os.fstat(fd).st_size
    open(f"{mnt}/slots/2/A-{name}-with-a-long-name.iso", "w").close()
    wait = subprocess.check_output(["cat", f"{mnt}/status.json"]) # which sees the disc
    assert os.fstat(fd).st_size == before, name
    text = b""
    while chunk := os.read(fd, 65536): text += chunk
    assert len(text) == before, (name, len(text), before)
    os.close(fd)
    os.remove(f"{mnt}/slots/2/A-{name}-with-a-long-name.iso")
before = size(f"{mnt}/status.json")
open(f"{mnt}/slots/3/B.iso", "w").close()
os.listdir(f"{mnt}/slots/3")
assert size(f"{mnt}/status.json") > before
END
}

@test "the time of a text is that of its last change" {
	local f times
	times() { stat -c '%n %.9Y' "$MNT"/README "$MNT"/ctl/last-error "$MNT"/ctl/drives/0/{state,profile,locked,vendor} "$MNT/ctl/target/sessions"; }
	touch "$MNT/slots/1/A.iso"
	full slots/1
	times > "$BATS_TEST_TMPDIR/before"
	sleep 1.1
	times | diff "$BATS_TEST_TMPDIR/before" -
	mv "$MNT/slots/1/A.iso" "$MNT/drives/0/"
	times > "$BATS_TEST_TMPDIR/after"
	diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after" > "$BATS_TEST_TMPDIR/diff" || true
	[ "$(grep -c '^>' "$BATS_TEST_TMPDIR/diff")" = 2 ] # state and profile
	timeout 60 tail -n 0 -f "$MNT/events" > "$BATS_TEST_TMPDIR/tail" 3>&- &
	f=$!
	sleep 1.5
	mv "$MNT/drives/0/A.iso" "$MNT/slots/4/"
	wait_for 15 "grep -q slots/4 '$BATS_TEST_TMPDIR/tail'"
	kill $f
}

@test "open files of one state share its text, and its size is bounded" {
	local n before
	[ "$(id -u)" = 0 ] || skip "needs root"
	have python3
	jb_stop
	unset MNT STORE
	# A disk of its own: status.json has the bytes that are left, so others that write would make other states.
	DISK=$BATS_TEST_TMPDIR/disk
	mkdir "$DISK"
	mount -t tmpfs tmpfs "$DISK" || skip "no tmpfs can be mounted here"
	STORE=$DISK/many MNT=$BATS_TEST_TMPDIR/mnt-many
	jb_start --slots 2000
	cat > "$BATS_TEST_TMPDIR/hold.py" << 'END'
# Opens status.json N times as another user, each time in another state if `differ` is given.
import errno, os, sys
mnt, n, pid, differ = sys.argv[1], int(sys.argv[2]), sys.argv[3], len(sys.argv) > 4
def rss(): return int([l for l in open(f"/proc/{pid}/status") if l.startswith("VmRSS")][0].split()[1])
def change(i):
    if differ:
        with open(f"{mnt}/ctl/changer/serial", "w") as f: f.write(f"S{i}\n")
top = os.open(mnt, os.O_RDONLY | os.O_DIRECTORY) # other users cannot look into the folder above it
def hold(): return os.open("status.json", os.O_RDONLY, dir_fd=top)
os.close(hold())
before, fds = rss(), []
for i in range(n):
    change(i)
    os.setegid(1002); os.seteuid(1002)
    try: fds.append(hold())
    except OSError as e:
        assert e.errno == errno.ENFILE, e
        break
    finally: os.seteuid(0); os.setegid(0)
print(len(fds), (rss() - before) // 1024)
if differ:
    for i in range(8): # those are for the owner
        change(n + i)
        fds.append(hold())
assert len(os.pread(fds[0], 4096, 0)) == 4096
END
	run python3 "$BATS_TEST_TMPDIR/hold.py" "$MNT" 400 "$JBPID"
	echo "$output"
	read -r n before <<< "$output"
	[ "$n" = 400 ]
	[ "$before" -lt 40 ] # each of the threads that print keeps some
	run python3 "$BATS_TEST_TMPDIR/hold.py" "$MNT" 1000 "$JBPID" differ
	echo "$output"
	read -r n before <<< "$output"
	[ "$n" -gt 50 ]
	[ "$n" -lt 1000 ]
	[ "$before" -lt 100 ]
	grep -qF "open status.json: $(sentence TEXTS_FULL) (ENFILE)" "$MNT/ctl/last-error"
	cat "$MNT/status.json" > /dev/null # closed ones give their place back
}

@test "a refused line does not spoil the lines after it" {
	local f=$MNT/ctl/drives/0/fault
	{ echo 'no such rule' 2> /dev/null || true; echo 'read 16'; echo 'read 17'; } >> "$f"
	[ "$(wc -l < "$f")" = 2 ]
	grep -q 16 "$f"
	grep -q 17 "$f"
	echo clear > "$f"
}

@test "the time of a write is that of one drive's file" {
	mkdir "$MNT/drives/1"
	local other mine
	other=$(stat -c %.9Y "$MNT/ctl/drives/1/vendor")
	mine=$(stat -c %.9Y "$MNT/ctl/drives/0/vendor")
	echo ACME > "$MNT/ctl/drives/0/vendor"
	[ "$(stat -c %.9Y "$MNT/ctl/drives/1/vendor")" = "$other" ]
	[ "$(stat -c %.9Y "$MNT/ctl/drives/0/vendor")" != "$mine" ]
}

@test "open discs leave descriptors for others" {
	[ "$(id -u)" = 0 ] || skip "needs root"
	have python3
	local first second
	jb_stop
	unset MNT STORE
	STORE=$BATS_TEST_TMPDIR/s MNT=$BATS_TEST_TMPDIR/m
	jb_start --slots 300 --drives 1
	prlimit --pid "$JBPID" --nofile=256:256
	python3 - "$MNT" << 'END'
import sys
for i in range(1, 301): open(f"{sys.argv[1]}/slots/{i}/D{i}.dvd+r.iso", "w").close()
END
	full slots/300
	rm "$MNT/slots/297/D297.dvd+r.iso"
	chmod 777 "$MNT/slots/297"
	cat > "$BATS_TEST_TMPDIR/hold.py" << 'END'
# Opens discs as two other users, prints how many each could open, and keeps them until it is told to end.
import errno, os, sys
top = os.open(sys.argv[1], os.O_RDONLY | os.O_DIRECTORY) # other users cannot look into the folder above it
def become(uid): os.seteuid(0); os.setegid(uid); os.seteuid(uid)
def hold(discs):
    n = 0
    for i in discs:
        try: os.open(f"slots/{i}/D{i}.dvd+r.iso", os.O_RDONLY, dir_fd=top)
        except OSError as e:
            assert e.errno == errno.ENFILE, e
            break
        n += 1
    return n
become(1002)
first = hold(range(1, 101))
for i in range(50): os.open("slots/1/D1.dvd+r.iso", os.O_RDONLY, dir_fd=top) # of a disc that is open already
try: os.open("slots/297/W.iso", os.O_WRONLY | os.O_CREAT, dir_fd=top)
except OSError as e: assert e.errno == errno.ENFILE, e
else: raise AssertionError("a file for writing needs no descriptor")
become(1003)
second = hold(range(200, 100, -1))
print(first, second, flush=True)
print("ready", flush=True)
sys.stdin.read()
END
	mkfifo "$BATS_TEST_TMPDIR/end"
	python3 "$BATS_TEST_TMPDIR/hold.py" "$MNT" < "$BATS_TEST_TMPDIR/end" > "$BATS_TEST_TMPDIR/held" 2>&1 3>&- &
	local holder=$! end
	exec {end}> "$BATS_TEST_TMPDIR/end"
	wait_for 60 "grep -q 'ready\|Error' '$BATS_TEST_TMPDIR/held'"
	cat "$BATS_TEST_TMPDIR/held"
	read -r first second < "$BATS_TEST_TMPDIR/held"
	# Others go on: an insert, a load, a login, and a disc that the owner opens.
	mv "$MNT/slots/299/D299.dvd+r.iso" "$MNT/drives/0/"
	iscsi-ls "iscsi://$PORTAL/" > /dev/null
	icdb "$(url 1)" - <<< "clear-ua"
	cat "$MNT/slots/300/D300.dvd+r.iso" > /dev/null
	rm "$MNT/slots/298/D298.dvd+r.iso"
	touch "$MNT/slots/298/NEW.dvd+r.iso"
	full slots/298
	# Each has half of what the others leave of 128.
	[ "$first" -ge 60 ]
	[ "$first" -le 66 ]
	[ "$second" -ge 28 ]
	[ "$second" -le 33 ]
	grep -qF "$(sentence FILES_FULL) (ENFILE)" "$MNT/ctl/last-error"
	exec {end}>&-
	wait $holder
}
