# SPDX-License-Identifier: GPL-2.0-or-later
"""The log of powercut.so: making it, and reading it.  record/record.h has its layout."""
import ctypes
import json
import os
import re
import struct

RECORDS_AT = 4096
(MARK, OPEN, WRITE, TRUNCATE, ALLOCATE, MKDIR, UNLINK, RENAME, LINK, SYNC, SYNC_ALL) = range(11)
NAMES = "mark open write truncate allocate mkdir unlink rename link sync sync-all".split()
RECORD = struct.Struct("<Q6I3Q")
SIZE = 1 << 28  # of a log; it is sparse.  A confined process may map 1 GiB in all


class Log:
    """The log while the daemon runs: the driver's own end of it."""

    def __init__(self, path, library, store):
        with open(path, "wb") as f:
            f.truncate(SIZE)
        os.environ["POWERCUT_LOG"] = path
        self.library = ctypes.CDLL(library)
        self.library.powercut_init(store.encode(), ctypes.c_uint64(SIZE))
        self.path = path

    def mark(self, **what):
        self.library.powercut_mark(json.dumps(what).encode())

    def position(self):
        """Returns where the next record goes."""
        with open(self.path, "rb") as f:
            return struct.unpack("<Q", f.read(8))[0]

    def kill_at(self, n):
        self.library.powercut_kill_at(ctypes.c_uint64(n))


class Call:
    __slots__ = ("at", "kind", "flags", "pid", "frames", "path", "other", "inode", "offset", "length", "data",
                 "mark")

    def __repr__(self):
        if self.kind == MARK:
            return f"-- {self.mark}"
        more = f" {self.other}" if self.other else ""
        if self.kind in (WRITE, TRUNCATE, ALLOCATE):
            more = f" {self.offset}+{self.length}"
        return f"{NAMES[self.kind]} {self.path}{more}"


def ids(log):
    """Returns the ids of all discs that have a description in the store at some call."""
    return {i.decode() for c in log if c.kind == WRITE for i in re.findall(rb'"id": *"([0-9a-f]{16})"', c.data)}


def read(path):
    """Returns all records of a log, and the path of its store."""
    calls = []
    with open(path, "rb") as f:
        end = struct.unpack("<Q", f.read(8))[0]
        f.seek(0)
        blob = f.read(end)
    at = RECORDS_AT
    while at < end:
        c = Call()
        c.at = at
        size, c.kind, c.flags, c.pid, frames, paths, _, c.inode, c.offset, c.length = \
            RECORD.unpack_from(blob, at)
        behind = at + RECORD.size
        c.frames = struct.unpack_from(f"<{frames}Q", blob, behind)
        behind += 8 * frames
        c.path, c.other = blob[behind:behind + paths - 1].decode().split("\0")
        c.data = blob[behind + paths:at + size]
        c.mark = json.loads(c.data) if c.kind == MARK else None
        calls.append(c)
        at += size
    return calls
