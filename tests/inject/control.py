# SPDX-License-Identifier: GPL-2.0-or-later
"""The driver's end of inject.so: which call of the daemon fails, and how.  fail/fail.h has the layout."""
import collections
import ctypes
import errno
import mmap
import os

CALLS = ("open create mkdir rename unlink write read sync syncfs truncate allocate stat list close change "
         "descriptor thread process memory").split()
HIT_PATH, HIT_FRAMES = 512, 14


class Page(ctypes.Structure):
    _fields_ = [("store", ctypes.c_char * 1024), ("armed", ctypes.c_uint32), ("calls", ctypes.c_uint32),
                ("from_on", ctypes.c_uint32), ("late", ctypes.c_uint32), ("error", ctypes.c_int32),
                ("any", ctypes.c_uint32), ("at", ctypes.c_uint64), ("number", ctypes.c_uint64),
                ("hits", ctypes.c_uint64), ("counts", ctypes.c_uint64 * 32),
                ("frames", ctypes.c_uint64 * HIT_FRAMES), ("hit_call", ctypes.c_uint32),
                ("hit_path", ctypes.c_char * HIT_PATH)]


# A trouble: calls of these kinds are counted; the one that is named fails, or all from that one on; in a late
# one the call is made, and reports the error all the same.  `any`: calls outside of the store count, too.
Trouble = collections.namedtuple("Trouble", "name error calls from_on late any", defaults=(False, False, False))

ROOM = "create mkdir rename write sync truncate allocate".split()
CHANGES = ROOM + ["unlink", "change"]
ON_STORE = CALLS[:CALLS.index("descriptor")]
# Which errors one call of a kind may have.
ERRORS = {
    "open": "EIO EMFILE ENOMEM", "create": "EIO ENOSPC EDQUOT EROFS EMFILE", "mkdir": "EIO ENOSPC EDQUOT EROFS",
    "rename": "EIO ENOSPC EDQUOT EROFS", "unlink": "EIO EROFS", "write": "EIO ENOSPC EDQUOT", "read": "EIO",
    "sync": "EIO ENOSPC EDQUOT", "syncfs": "EIO", "truncate": "EIO ENOSPC EROFS", "allocate": "EIO ENOSPC EDQUOT",
    "stat": "EIO ENOMEM", "list": "EIO ENOMEM EMFILE", "close": "EIO ENOSPC EDQUOT", "change": "EIO EROFS",
    "descriptor": "EMFILE ENOMEM", "thread": "EAGAIN", "process": "EAGAIN", "memory": "ENOMEM",
}
TROUBLES = [Trouble(f"{call}", getattr(errno, error), [call])
            for call, errors in ERRORS.items() for error in errors.split()]
TROUBLES += [Trouble(f"{call}, made", errno.EIO, [call], late=True)
             for call in ("mkdir", "rename", "unlink", "sync", "truncate", "change")]
TROUBLES += [
    Trouble("a full disk", errno.ENOSPC, ROOM, from_on=True),
    Trouble("a quota that is used up", errno.EDQUOT, ROOM, from_on=True),
    Trouble("a read-only disk", errno.EROFS, CHANGES, from_on=True),
    Trouble("a dead disk", errno.EIO, ON_STORE, from_on=True),
    Trouble("no descriptors", errno.EMFILE, ["open", "create", "list", "descriptor"], from_on=True, any=True),
    Trouble("no memory", errno.ENOMEM, ["memory"], from_on=True),
]


class Control:
    def __init__(self, path, store):
        with open(path, "w+b") as f:
            f.truncate(max(ctypes.sizeof(Page), 4096))
            self.map = mmap.mmap(f.fileno(), 0)
        self.page = Page.from_buffer(self.map)
        self.page.store = os.path.realpath(store).encode()
        os.environ["INJECT_CONTROL"] = path

    def arm(self, trouble=None, at=0):
        """Lets the call fail that has this number among those of the trouble; None: only counts."""
        page = self.page
        page.armed = 0
        page.number = page.hits = 0
        page.hit_path = b""
        ctypes.memset(page.counts, 0, ctypes.sizeof(page.counts))
        ctypes.memset(page.frames, 0, ctypes.sizeof(page.frames))
        page.at = at
        if trouble is not None:
            page.calls = sum(1 << CALLS.index(c) for c in trouble.calls)
            page.from_on, page.late, page.error, page.any = \
                trouble.from_on, trouble.late, trouble.error, trouble.any
        page.armed = 1

    def disarm(self):
        self.page.armed = 0

    def counts(self):
        return dict(zip(CALLS, self.page.counts))

    def hit(self):
        """Says which call failed first."""
        page = self.page
        store = page.store.decode() + "/"
        return f"{CALLS[page.hit_call]} {page.hit_path.decode(errors='replace').replace(store, '')}"

    def frames(self):
        return [f for f in self.page.frames if f]
