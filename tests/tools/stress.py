#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
stress: everything at once, at random, against a running jukebox.

	stress.py run MNT ICDB TARGET-URL SEED SECONDS SOURCE-FOLDER
	stress.py check MNT STORE ICDB TARGET-URL

TARGET-URL is without a LUN.  run starts workers (a process each, with a random generator of its own
made from SEED): programs on the mount, people who change how many elements there are, those who
write ctl files, readers of reports, and initiators of the changer and of the drives.  What they are
answered does not matter; that they are answered does: a worker that does not end is a failure.

check is for a jukebox that is at rest: each disc is in exactly one place, and the mount, READ
ELEMENT STATUS, status.json and the store agree on where; the events are numbered without a gap.
It prints what is where, one disc a line.
"""
import json
import os
import random
import re
import subprocess
import sys
import time

SLOTS, MAILSLOTS, DRIVES = 8, 2, 3  # some of which are not there, most of the time


def attempt(function, *args):
    try:
        return function(*args)
    except OSError:
        return None


def run(*args, timeout=120):
    return subprocess.run(args, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          stdin=subprocess.DEVNULL, timeout=timeout, check=False).returncode


def read(path):
    with open(path, "rb") as f:
        return f.read()


def write(path, text):
    fd = os.open(path, os.O_WRONLY | os.O_TRUNC)
    try:
        os.write(fd, text.encode())
    finally:
        os.close(fd)


class Jukebox:
    def __init__(self, mnt, icdb, url, source, rng):
        self.mnt, self.icdb, self.url, self.source, self.r = mnt, icdb, url, source, rng

    def element(self):
        kind = self.r.choice(("slots", "slots", "drives", "drives", "mailslots"))
        low, n = {"slots": (1, SLOTS), "drives": (0, DRIVES), "mailslots": (1, MAILSLOTS)}[kind]
        return f"{self.mnt}/{kind}/{self.r.randrange(low, low + n)}"

    def disc(self):
        """ A disc that was there a moment ago, or a path where none is. """
        for _ in range(4):
            folder = self.element()
            names = attempt(os.listdir, folder)
            if names:
                return folder + "/" + self.r.choice(names)
        return self.element() + "/none.iso"

    def name(self):
        media = self.r.choice(("", ".dvd+r", ".dvd-rw", ".dvd-rw-ro", ".bd-re", ".bd-r", ".cd-rw", ".dvd+rw"))
        return f"D{self.r.randrange(12)}{media}.iso"

    # ---- programs on the mount ----

    def mount(self):
        r, what = self.r, self.r.randrange(12)
        if what < 2:
            attempt(os.rename, disc := self.disc(), self.element() + "/" + os.path.basename(disc))
        elif what == 2:
            disc = self.disc()
            attempt(os.rename, disc, os.path.dirname(disc) + "/" + self.name())
        elif what == 3:
            run("touch", self.element() + "/" + self.name())
        elif what == 4:
            run("cp", f"{self.source}/{r.randrange(2)}.iso", f"{self.element()}/{self.name()}")
        elif what == 5:
            run("rsync", f"{self.source}/{r.randrange(2)}.iso", self.disc())
        elif what == 6:
            attempt(os.symlink, f"{self.source}/{r.randrange(2)}.iso", self.element() + "/" + self.name())
        elif what == 7:
            attempt(os.unlink, self.disc())
        elif what == 8:
            attempt(os.chmod, self.disc(), r.choice((0o444, 0o644)))
        elif what == 9:
            key, value = r.choice((("profile", "bd-re"), ("profile", "dvd+r"), ("capacity", "4096"),
                                   ("sha256", "compute"), ("verify", "start"), ("state", "complete"),
                                   ("profile", "no-such"), ("verify", "stop"), ("origin", "x")))
            attempt(os.setxattr, self.disc(), "user.jukebox." + key, value.encode())
        elif what == 10:
            attempt(read, self.disc())
        else:
            run("mv", "-f", self.disc(), self.element() + "/")
            attempt(os.getxattr, self.disc(), "user.jukebox.barcode")

    def layout(self):
        folder = self.r.choice((f"{self.mnt}/slots/{self.r.randrange(4, SLOTS + 1)}",
                                f"{self.mnt}/mailslots/{self.r.randrange(1, MAILSLOTS + 1)}",
                                f"{self.mnt}/drives/{self.r.randrange(DRIVES)}",
                                f"{self.mnt}/ctl/access/users/u{self.r.randrange(3)}"))
        attempt(self.r.choice((os.mkdir, os.rmdir)), folder)

    def ctl(self):
        drive = f"drives/{self.r.randrange(DRIVES)}/"
        file, value = self.r.choice((
            (drive + "fault", "read 16-17 count 2"), (drive + "fault", "write 8- count 1"),
            (drive + "fault", "clear"), (drive + "tray", "open"), (drive + "tray", "close"),
            (drive + "eject", "1"), (drive + "eject", "force"), (drive + "online", "0"),
            (drive + "online", "1"), (drive + "load-time", "20ms"), (drive + "load-time", "0"),
            ("changer/move-time", "20ms"), ("changer/move-time", "0"),
            ("changer/fault", "clear"), ("changer/fault", "bad"),
            ("changer/first-slot", "2048"), ("changer/first-slot", "1024"),
            ("changer/first-drive", "1"), ("changer/first-drive", "40"),
            ("default-profile", "dvd-rw"), ("default-profile", "bd-re"),
            ("target/portals", "127.0.0.1:1x"), ("target/logout", "all"),
            ("access/users/u1/secret", "a secret of u1")))
        attempt(write, f"{self.mnt}/ctl/{file}", value + "\n")

    def reports(self):
        for name in ("status", "status.json", "metrics", "events", "ctl/log", "ctl/last-error",
                     "ctl/target/sessions", "ctl/changer/fault", "ctl/drives/0/progress"):
            attempt(read, f"{self.mnt}/{name}")
        fd = attempt(os.open, f"{self.mnt}/ctl/stream", os.O_RDONLY | os.O_NONBLOCK)
        if fd is not None:
            attempt(os.read, fd, 4096)
            os.close(fd)

    # ---- initiators ----

    def script(self, lun, lines):
        """ Its answers do not matter. A session that is cut is one killed in the middle. """
        timeout = self.r.choice((60, 60, 60, 0.05))
        session = subprocess.Popen((self.icdb, f"{self.url}/{lun}", "-"), stdin=subprocess.PIPE,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            session.communicate("".join(line + "\n" for line in lines).encode(), timeout)
        except subprocess.TimeoutExpired:
            session.kill()
            session.communicate()
            if timeout > 1:
                raise

    def address(self):
        kind, number = self.r.choice(((1024, 8), (1024, 8), (1, 3), (1, 3), (768, 2), (752, 1)))
        return f"{kind + self.r.randrange(number) - (kind == 768):04x}"

    def changer(self):
        lines = ["clear-ua"]
        for _ in range(6):
            a, b, c = self.address(), self.address(), self.address()
            lines += self.r.choice((
                [f"none a5 00 0000 {a} {b} 0000 0000"], [f"none a5 00 0000 {a} {b} 0000 0000"],
                [f"none a5 00 0000 {a} {b} 0000 0000"], [f"none a6 00 0000 {a} {b} {c} 0000"],
                ["in 65535 b8 10 0000 ffff 03 00 ffff 0000"],
                [f"out {(f'TAG{self.r.randrange(9)}' + ' ' * 32)[:32].encode().hex()} 000000000000 ffff -- "
                 f"b6 00 {a} 00 {self.r.choice(('08', '09', '0c'))} 00 00 0028 00 00"],
                ["none 1e 00 00 00 01 00"], ["none 1e 00 00 00 00 00"], ["none 16 00 00 00 00 00"],
                ["none 17 00 00 00 00 00"], ["none 07 00 00 00 00 00"], ["reset-lun"], ["clear-ua"],
                ["session 1"], ["session 0"], ["logout"]))
        self.script(0, lines)

    def drive(self):
        lines = ["clear-ua"]
        for _ in range(8):
            lba = self.r.choice((0, 0, 16, 32, 4000, 11000000))
            lines += self.r.choice((
                [f"out {self.source}/32 -- 2a 00 {lba:08x} 00 0020 00"],
                [f"out {self.source}/32 -- 2a 00 {0:08x} 00 0020 00", "none 35 00 00000000 00 0000 00",
                 f"out {self.source}/32 -- 2a 00 {32:08x} 00 0020 00", "none 5b 00 01 00 0000 00 00 00 00"],
                [f"in 65536 28 00 {lba:08x} 00 0020 00"],
                ["none 1b 00 00 00 02 00"], ["none 1b 00 00 00 03 00"], ["none 1e 00 00 00 01 00"],
                ["none 1e 00 00 00 00 00"], ["none a1 01 00000000 00 00 00 00 00 00"],
                ["none a1 00 00000000 00 00 00 00 00 00"],
                ["out 00020008 00b47400 c0000000 -- 04 11 00 00 00 00"],
                ["out 00020008 00000000 04000010 -- 04 11 00 00 00 00"],
                ["none 5b 00 02 00 0000 00 00 00 00"], ["none 35 00 00000000 00 0000 00"],
                ["in 34 51 00 00 00 00 00 00 0022 00"], ["in 48 52 01 00000001 00 0030 00"],
                ["in 512 46 00 0000 00 00 00 0200 00"], ["in 8 4a 01 00 00 10 00 00 0008 00"],
                ["in 804 43 00 00 00 00 00 00 0324 00"], ["reset-lun"], ["reset-target"], ["clear-ua"],
                ["session 1"], ["session 0"], ["logout"]))
        self.script(1 + self.r.randrange(DRIVES), lines)


WORKERS = ("mount", "mount", "mount", "layout", "ctl", "reports", "changer", "drive", "drive")


def work(args, seed, index, end):
    j = Jukebox(*args, random.Random(seed * 1000 + index))
    while time.monotonic() < end and os.path.exists(j.mnt + "/status"):
        getattr(j, WORKERS[index])()


def run_all(mnt, icdb, url, seed, seconds, source):
    end = time.monotonic() + float(seconds)
    workers = []
    for index in range(len(WORKERS)):
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                work((mnt, icdb, url, source), int(seed), index, end)
                code = 0
            except Exception as e:  # told, and a failure
                print(f"{WORKERS[index]}: {e!r}", flush=True)
            os._exit(code)
        workers.append((pid, WORKERS[index]))
    failed = [name for pid, name in workers if os.waitpid(pid, 0)[1] != 0]
    if failed:
        sys.exit(f"failed: {failed}")


# ---- what has to be true of a jukebox at rest ------------------------------------------------------

KINDS = ("slots", "mailslots", "drives", "transport")


def on_mount(mnt):
    found = {}
    for kind in KINDS:
        for number in os.listdir(f"{mnt}/{kind}"):
            for name in os.listdir(f"{mnt}/{kind}/{number}"):
                found.setdefault(f"{kind}/{number}", set()).add(name)
    return found


def in_store(store):
    found = {}
    for kind in KINDS:
        folder = f"{store}/{kind}"
        for number in os.listdir(folder) if os.path.isdir(folder) else ():
            for name in os.listdir(f"{folder}/{number}"):
                found.setdefault(f"{kind}/{number}", set()).add(name)
    return found


def finals(places):
    """ Less the staging names that rsync gives: they never are a disc, and live in incoming/. """
    left = {place: {n for n in names if not n.startswith(".")} for place, names in places.items()}
    return {place: names for place, names in left.items() if names}


def full_elements(icdb, url):
    """ Addresses of the elements that READ ELEMENT STATUS says are full (SMC-3 6.11). """
    text = subprocess.run((icdb, "--clear-ua", "-r", "65535", f"{url}/0", *"b8 00 00 00 ff ff 00 00 ff ff 00 00".split()),
                          stdout=subprocess.PIPE, check=True).stdout.decode()
    data = bytes(int(b, 16) for line in text.splitlines() if re.fullmatch(r"([0-9a-f]{2} ?)+", line.strip())
                 for b in line.split())
    full, at = set(), 8
    end = 8 + int.from_bytes(data[5:8], "big")
    assert end <= len(data), (end, len(data))
    while at < end:
        length, n = int.from_bytes(data[at + 2:at + 4], "big"), int.from_bytes(data[at + 5:at + 8], "big")
        for d in range(at + 8, at + 8 + n, length):
            if data[d + 2] & 1:
                full.add(int.from_bytes(data[d:d + 2], "big"))
        at += 8 + n
    return full


def check(mnt, store, icdb, url):
    mount, held = finals(on_mount(mnt)), finals(in_store(store))
    assert mount == held, f"mount {mount}\nstore {held}"
    report = json.loads(read(f"{mnt}/status.json"))
    told, full = {}, set()
    for kind in KINDS:
        for element in report[kind]:
            place = f"{kind}/{element['number']}"
            if element["disc"] is not None:
                told[place] = {element["disc"]["name"]}  # one
            if element["full"]:
                full.add(element["address"])
                assert place in told, f"{place} is full of nothing"
    assert mount == told, f"mount {mount}\nstatus.json {told}"
    seen = full_elements(icdb, url)
    assert seen == full, f"element status {sorted(seen)}, status.json {sorted(full)}: {mount}"
    # What the bounded log has forgotten is one line at the beginning.
    lines = [json.loads(line) for line in read(f"{mnt}/events").splitlines()]
    numbers = [line["number"] for line in lines if line["event"] != "lost"]
    assert all(line["event"] != "lost" for line in lines[1:]), "events were lost in the middle"
    assert all(b == a + 1 for a, b in zip(numbers, numbers[1:])), "a gap in the events"
    for place in sorted(mount):
        print(*(f"{place}/{name}" for name in sorted(mount[place])), sep="\n")


if __name__ == "__main__":
    if len(sys.argv) == 8 and sys.argv[1] == "run":
        run_all(*sys.argv[2:])
    elif len(sys.argv) == 6 and sys.argv[1] == "check":
        check(*sys.argv[2:])
    else:
        sys.exit(__doc__)
