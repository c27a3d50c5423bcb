# SPDX-License-Identifier: GPL-2.0-or-later
"""
A model of a file system that loses its power: which stores may be left after a call of the log.

Names and data are apart.  A change of names (making, renaming or removing a file or a directory) is one
step, which is there after the power cut or not:

  strict    A sync of a directory settles the steps that change it; any set of the others may be there, in any
            order, as POSIX allows.  Only two steps on one name keep their order.  A rename is one step also
            between two directories.
  ordered   The steps are there in their order up to one of them, as with the journals of ext4 and XFS.  A
            sync of a file or a directory settles all steps up to the last one that changed it.

Data that was not synced is, for each file, there completely, not at all, as zeros in its full length, in
single pages, or up to one of the writes.
"""
import os

from calls import ALLOCATE, LINK, MARK, MKDIR, OPEN, RENAME, SYNC_ALL, TRUNCATE, UNLINK, WRITE

PAGE = 4096
ZEROS = bytes(PAGE)
ROOT = 0
O_TRUNC = os.O_TRUNC
KEEP_SIZE, PUNCH_HOLE = 1, 2


class Content:
    """Size and pages of a file; a page that is missing is zero."""
    __slots__ = ("size", "pages")

    def __init__(self, size=0, pages=None):
        self.size, self.pages = size, pages if pages is not None else {}

    def copy(self):
        return Content(self.size, dict(self.pages))

    def put(self, offset, data):
        at = 0
        while at < len(data):
            page, start = divmod(offset + at, PAGE)
            n = min(PAGE - start, len(data) - at)
            old = self.pages.get(page, ZEROS)
            self.pages[page] = old[:start] + data[at:at + n] + old[start + n:]
            at += n
        self.size = max(self.size, offset + len(data))

    def cut(self, size):
        if size < self.size:
            last, start = divmod(size, PAGE)
            for page in [p for p in self.pages if p > last or (p == last and start == 0)]:
                del self.pages[page]
            if last in self.pages:
                self.pages[last] = self.pages[last][:start] + ZEROS[start:]
        self.size = size

    def apply(self, call):
        if call.kind == WRITE:
            self.put(call.offset, call.data)
        elif call.kind == TRUNCATE:
            self.cut(call.length)
        elif call.kind == OPEN:
            self.cut(0)
        elif call.flags & PUNCH_HOLE:
            end = min(call.offset + call.length, self.size)
            if end > call.offset:
                size = self.size
                self.put(call.offset, bytes(end - call.offset))
                self.size = size
        elif not call.flags & KEEP_SIZE:
            self.size = max(self.size, call.offset + call.length)

    def key(self):
        return self.size, hash(frozenset((p, d) for p, d in self.pages.items() if d != ZEROS))

    def write(self, path):
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        for page, data in self.pages.items():
            os.pwrite(fd, data, page * PAGE)
        os.ftruncate(fd, self.size)
        os.close(fd)


class File:
    """A file: what is settled of it, and the calls since then."""

    def __init__(self):
        self.settled = Content()
        self.pending = []
        self.now = Content()
        self.cache = {}

    def change(self, call):
        self.pending.append(call)
        self.now = self.now.copy()  # a store that was made before may have the old one
        self.now.apply(call)
        self.cache = {}

    def settle(self):
        self.settled = self.now
        self.pending = []
        self.cache = {}

    def variants(self):
        """Returns the names of all that a power cut may leave of the data."""
        if not self.pending:
            return ["all"]
        some = ["all", "none", "zeros"]
        some += [("prefix", n) for n in range(1, len(self.pending))]
        some += [("page", p) for p in self.touched()]
        return some

    def touched(self):
        return sorted(p for p, d in self.now.pages.items() if self.settled.pages.get(p) != d)

    def variant(self, name):
        if name == "all":
            return self.now
        if name == "none":
            return self.settled
        if name not in self.cache:
            self.cache[name] = self.make(name)
        return self.cache[name]

    def make(self, name):
        c = self.settled.copy()
        if name != "zeros" and name[0] == "prefix":
            for call in self.pending[:name[1]]:
                c.apply(call)
            return c
        for call in self.pending:
            if call.kind in (TRUNCATE, OPEN):
                c.cut(min(c.size, 0 if call.kind == OPEN else call.length))
        c.cut(self.now.size)
        if name != "zeros":
            for page in name[1:]:
                c.pages[page] = self.now.pages[page]
        return c


class Step:
    """A change of names: entries is a list of (directory, name, node or None)."""
    __slots__ = ("entries", "node", "says")

    def __init__(self, entries, node, says):
        self.entries, self.node, self.says = entries, node, says

    def touches(self, node):
        return self.node == node or any(e[0] == node for e in self.entries)


class Model:
    """Takes the calls one after the other, and knows at each what a power cut may leave."""

    def __init__(self, strict):
        self.strict = strict
        self.nodes = 1
        self.now = {ROOT: {}}  # directory: {name: node}
        self.settled = {ROOT: {}}
        self.files = {}
        self.inodes = {}
        self.pending = []

    # ---- names -----------------------------------------------------------------------------------

    def find(self, path):
        """Returns the node at the path; None if there is none."""
        node = ROOT
        for name in path.split("/") if path != "." else []:
            node = self.now.get(node, {}).get(name)
            if node is None:
                return None
        return node

    def entry(self, path):
        folder, _, name = path.rpartition("/")
        return self.find(folder or "."), name

    def make(self, is_dir):
        node = self.nodes
        self.nodes += 1
        if is_dir:
            self.now[node], self.settled[node] = {}, {}
        else:
            self.files[node] = File()
        return node

    def step(self, entries, node, says):
        for folder, name, what in entries:
            put(self.now, folder, name, what)
        self.pending.append(Step(entries, node, says))

    def forget_inode(self, node):
        for inode in [i for i, n in self.inodes.items() if n == node]:
            del self.inodes[inode]

    # ---- calls -----------------------------------------------------------------------------------

    def take(self, call, ignore_sync=False):
        kind = call.kind
        if kind == MARK or (kind == MKDIR and call.path == "."):
            return
        if kind == OPEN:
            self.take_open(call)
        elif kind in (WRITE, TRUNCATE, ALLOCATE):
            if call.inode in self.inodes:
                self.files[self.inodes[call.inode]].change(call)
        elif kind == MKDIR:
            node = self.make(True)
            self.step([(*self.entry(call.path), node)], node, repr(call))
        elif kind == UNLINK:
            node = self.find(call.path)
            self.step([(*self.entry(call.path), None)], node, repr(call))
        elif kind == RENAME:
            self.take_rename(call)
        elif kind == LINK:
            node = self.find(call.path)
            self.step([(*self.entry(call.other), node)], node, repr(call))
        elif not ignore_sync:
            self.take_sync(call)

    def take_open(self, call):
        node = self.find(call.path)
        if node is None:
            node = self.make(False)
            self.step([(*self.entry(call.path), node)], node, repr(call))
        elif call.flags & O_TRUNC and self.files[node].now.size > 0:
            self.files[node].change(call)
        self.inodes[call.inode] = node

    def take_rename(self, call):
        node = self.find(call.path)
        other = self.find(call.other) if call.flags & 2 else None  # RENAME_EXCHANGE
        self.step([(*self.entry(call.path), other), (*self.entry(call.other), node)], node, repr(call))

    def take_sync(self, call):
        if call.kind == SYNC_ALL:
            for f in self.files.values():
                f.settle()
            self.settle(self.pending)
            return
        node = self.find(call.path)
        if node in self.now:
            pass
        elif call.inode in self.inodes:
            node = self.inodes[call.inode]
            self.files[node].settle()
            if self.strict:
                return
        else:
            return
        touching = [i for i, s in enumerate(self.pending) if s.touches(node)]
        if not touching:
            return
        if self.strict:
            touching = [i for i in touching
                        if any(e[0] == node for e in self.pending[i].entries)]
            self.settle(closed(self.pending, touching))
        else:
            self.settle(self.pending[:touching[-1] + 1])

    def settle(self, steps):
        sure = set(map(id, steps))
        for s in self.pending:
            if id(s) in sure:
                for folder, name, what in s.entries:
                    put(self.settled, folder, name, what)
        self.pending = [s for s in self.pending if id(s) not in sure]

    # ---- states ----------------------------------------------------------------------------------

    def unsure(self):
        """Returns how many steps and changes of data are not settled."""
        return len(self.pending) + sum(len(f.pending) for f in self.files.values())

    def tree(self, steps, choose):
        """Returns the store {path: None of a directory, or Content} with these steps of the pending ones."""
        names = self.settled
        if steps:
            names = {folder: dict(entries) for folder, entries in names.items()}
            for s in steps:
                for folder, name, what in s.entries:
                    put(names, folder, name, what)
        out = {}
        todo = [("", ROOT)]
        while todo:
            prefix, node = todo.pop()
            for name, child in names[node].items():
                path = prefix + name
                if child in self.files:
                    out[path] = self.files[child].variant(choose(child))
                else:
                    out[path] = None
                    todo.append((path + "/", child))
        return out

    def whole(self):
        """Returns the store as the running system has it: nothing is lost."""
        return self.tree(self.pending, lambda node: "all")

    def choices(self, rng, most):
        """Returns up to `most` choices of pending steps, the telling ones first."""
        p = self.pending
        if not self.strict:
            return few([p, []] + [p[:n] for n in range(1, len(p))], most, rng)
        out = [p, []]
        out += [closed(p, [i]) for i in range(len(p))]
        out += [without(p, i) for i in range(len(p))]
        while p and len(out) < most:
            out.append(closed(p, [i for i in range(len(p)) if rng.random() < 0.5]))
        return few(out, most, rng)


def put(names, folder, name, node):
    if node is None:
        names[folder].pop(name, None)
    else:
        names[folder][name] = node


def few(choices, most, rng):
    """Returns up to `most` of the choices, the first two if there is room for more."""
    if len(choices) <= most:
        return choices
    return rng.sample(choices, most) if most < 3 else choices[:2] + rng.sample(choices[2:], most - 2)


def closed(steps, chosen):
    """Returns the chosen steps, by index, with the earlier ones on the names that they change."""
    keep = set()
    wanted = set()
    for i in range(len(steps) - 1, -1, -1):
        names = {(e[0], e[1]) for e in steps[i].entries}
        if i in chosen or names & wanted:
            keep.add(i)
            wanted |= names
    return [s for i, s in enumerate(steps) if i in keep]


def without(steps, index):
    """Returns all steps but that one and the later ones that need it."""
    gone = {(e[0], e[1]) for e in steps[index].entries}
    out = steps[:index]
    for s in steps[index + 1:]:
        names = {(e[0], e[1]) for e in s.entries}
        if names & gone:
            gone |= names
        else:
            out.append(s)
    return out


def key(tree):
    """Returns a value that is equal for equal stores."""
    return hash(frozenset((p, None if c is None else c.key()) for p, c in tree.items()))


def write(tree, folder):
    """Makes the store on disk."""
    os.mkdir(folder)
    for path in sorted(tree):
        if tree[path] is None:
            os.mkdir(folder + "/" + path)
        else:
            tree[path].write(folder + "/" + path)
