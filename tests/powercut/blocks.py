# SPDX-License-Identifier: GPL-2.0-or-later
"""
A store on a real file system, on a disk that loses its power.

The file system is on a loop device over a file of the program blockfile, which writes a log of all writes and
flushes.  A power cut keeps what was written before the last flush.  Each write after it is there, or not: a disk
may write its cache in any order, and may cut one write at a sector.  Such a disk is mounted, so the file system
itself repairs what it can, and the judge opens the store on it.
"""
import os
import random
import struct
import subprocess
import time

import calls
import history
import model
import verdict

BLOCK = struct.Struct("<QQQ")
SECTOR = 4096  # what a disk writes at once: btrfs does not survive half of its superblock

# How a file system is made and mounted: size of the disk, program, options of mount.
KINDS = {
    "ext4": (64 << 20, ["mkfs.ext4", "-q", "-F", "-E", "nodiscard,lazy_itable_init=0,lazy_journal_init=0"], "noatime"),
    "xfs": (320 << 20, ["mkfs.xfs", "-q", "-f", "-K"], "noatime,nouuid"),
    "btrfs": (256 << 20, ["mkfs.btrfs", "-q", "-f", "-K"], "noatime"),
}


def run(*command):
    """Runs a command quietly.  One that fails raises an error with what it has printed."""
    r = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                       check=False)
    if r.returncode != 0:
        raise OSError(" ".join(command) + ": " + r.stdout)


def mount(kind, device, at):
    """Mounts a device, or a file by a loop device.  Forgets an older disk of the same identity before."""
    if kind == "btrfs":
        subprocess.run(["btrfs", "device", "scan", "--forget"], check=False, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
    options = KINDS[kind][2] + (",loop" if os.path.isfile(device) else "")
    run("mount", "-t", kind, "-o", options, device, at)


def unmount(at):
    """Undoes a mount, if there is one.  Waits for programs that have files open there; takes it out of the tree in
    any case."""
    for _ in range(100):
        if not os.path.ismount(at):
            return
        if subprocess.run(["umount", at], check=False, stderr=subprocess.DEVNULL).returncode == 0:
            return
        time.sleep(0.05)
    run("umount", "-l", at)


class Disk:
    """A disk with a file system that is mounted, and whose writes are recorded."""

    def __init__(self, kind, folder, program):
        self.kind, self.program = kind, program
        self.first, self.disk, self.log = folder + "/first", folder + "/disk", folder + "/blocks"
        self.served, self.at = folder + "/served", folder + "/fs"
        self.store = self.at + "/store"
        self.process = self.loop = None

    def start(self, log):
        """Makes the disk, and mounts it.  log: that of powercut.so."""
        size, command, _ = KINDS[self.kind]
        with open(self.first, "wb") as f:
            f.truncate(size)
        run(*command, self.first)
        run("cp", "--sparse=always", self.first, self.disk)
        os.mkdir(self.served)
        os.mkdir(self.at)
        self.process = subprocess.Popen([self.program, self.disk, self.log, log, self.served])
        end = time.monotonic() + 30
        while not os.path.exists(self.served + "/disk"):
            if time.monotonic() > end or self.process.poll() is not None:
                raise SystemExit("powercut: blockfile does not serve")
            time.sleep(0.01)
        self.loop = subprocess.run(["losetup", "--find", "--show", "--direct-io=on", self.served + "/disk"], check=True,
                                   stdout=subprocess.PIPE, text=True).stdout.strip()
        mount(self.kind, self.loop, self.at)

    def stop(self):
        """Undoes all that start() has done, but for the files."""
        unmount(self.at)
        if self.loop is not None:  # one that is in use still goes by itself, with its last user
            subprocess.run(["losetup", "-d", self.loop], check=False, stderr=subprocess.DEVNULL)
            self.loop = None
        unmount(self.served)
        if self.process is not None:
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()  # the kernel fails all calls on its file then, and so ends the loop device
                self.process.wait()
            self.process = None


class Block:
    """A write of the disk, or a flush of its cache (without data)."""
    __slots__ = ("calls", "offset", "data")


def read(path):
    """Returns all blocks of a log."""
    blocks = []
    with open(path, "rb") as f:
        while head := f.read(BLOCK.size):
            b = Block()
            b.calls, b.offset, length = BLOCK.unpack(head)
            b.data = f.read(length)
            blocks.append(b)
    return blocks


class Trial(history.History):
    """The states of one disk."""

    def __init__(self, log, blocks, disk, judge, seed, states):
        super().__init__(judge)
        self.log, self.blocks, self.disk = log, blocks, disk
        self.random = random.Random(seed)
        self.at = disk.first + ".fs"
        self.pending = []
        self.violations, self.states, self.by_operation = [], 0, {}
        self.wanted = states / max(1, len(blocks))

    def run(self):
        os.mkdir(self.at)
        self.judge.ids = calls.ids(self.log)
        m = model.Model(False)
        left = iter(self.blocks)
        block = next(left, None)
        with open(self.disk.first, "r+b") as settled:
            for i, c in enumerate(self.log):
                # The blocks that came before this call was in the log may be of this call already.
                if c.kind != calls.MARK:
                    m.take(c)
                    self.came(self.judge.look_at_whole(m.whole()))
                while block is not None and block.calls <= c.at:
                    self.take(block, settled, i)
                    block = next(left, None)
                if c.kind == calls.MARK:
                    self.mark(c.mark, m.whole)
        self.judge.flush()
        return self

    def take(self, block, settled, i):
        """Takes a block: a power cut may come before it."""
        if self.promised and self.random.random() < self.wanted:
            self.cut(settled, i)
        if block.data:
            self.pending.append(block)
            return
        put(settled, self.pending)
        self.pending = []

    def cut(self, settled, i):
        settled.flush()
        self.states += 1
        # Each state has a file of its own: mount(8) uses a loop device again that has the file already, and one that
        # is in use elsewhere (a copy of the mount in another namespace) would show an old state.
        state = f"{self.disk.first}.{self.states}"
        run("cp", "--sparse=always", self.disk.first, state)
        with open(state, "r+b") as f:
            put(f, self.choose())
        self.by_operation[self.operation] = self.by_operation.get(self.operation, 0) + 1
        mount(self.disk.kind, state, self.at)
        try:
            views = self.judge.look_at(self.at + "/store", 2 if self.states % 10 == 0 else 1)
        finally:
            unmount(self.at)
            os.unlink(state)
        why = self.window(self.rule()).forbids(views[0])
        if why is None and not views[0].same(views[-1]):
            why = "the second start shows something else"
        if why is not None:
            self.violations.append(verdict.Violation(i, self.operation, self.disk.kind, why, {}))

    def choose(self):
        """Returns which of the writes since the last flush are there; one of them may be cut."""
        p, r = self.pending, self.random
        how = r.choice(("all", "none", "some", "some", "prefix", "cut"))
        if how == "all" or not p:
            return p
        if how == "none":
            return []
        if how == "some":
            return [b for b in p if r.random() < 0.5]
        n = r.randrange(len(p))
        out = p[:n]
        if how == "cut":
            torn = Block()
            torn.calls, torn.offset = p[n].calls, p[n].offset
            torn.data = p[n].data[:SECTOR * r.randrange(max(1, len(p[n].data) // SECTOR))]
            out = out + [torn]
        return out


def put(f, blocks):
    for b in blocks:
        f.seek(b.offset)
        f.write(b.data)
