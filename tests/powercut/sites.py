# SPDX-License-Identifier: GPL-2.0-or-later
"""
Finds all places of the daemon from which a sync is made, and the syncs of a log that are made from each.

A place is a call in the source, of fsync, fdatasync or syncfs, or of a function that makes these calls for others:
one in the folders of LAYERS.  The places come from the program itself: its machine code has the calls (objdump),
its debug information their lines, also those of functions that were inlined (addr2line).  So a new place is in the
list by itself.
"""
import collections
import re
import subprocess

import calls

SYNCS = {"fsync", "fdatasync", "syncfs"}
# Functions in these files sync for others, which say why.
LAYERS = ("changer/store/", "changer/inventory/", "changer/disc/disc_sync.c", "changer/insert/insert.c")

# A call in the source: the function that is called, and where.
Place = collections.namedtuple("Place", "callee function file line")
# A call in the program: the address to which it returns, or of the jump; the function of that name in the symbols.
Jump = collections.namedtuple("Jump", "at function callee is_call")


def plain(symbol):
    """Returns the name of the function in the source."""
    return re.sub(r"@plt|\.(part|isra|constprop|cold)(\.\d+)*", "", symbol)


class Sites:
    """The places of one program, by their names: FILE:FUNCTION>CALLEE, with #N if a function has several."""

    def __init__(self, program):
        self.program = program
        self.lines = {}
        jumps = self.read_jumps()
        self.callee = {j.at: j.callee for j in jumps if j.is_call}
        self.into = collections.defaultdict(list)
        for j in jumps:
            self.into[j.callee].append(j)
        self.next = collections.defaultdict(set)  # function: those that it jumps to
        for j in jumps:
            if not j.is_call:
                self.next[j.function].add(j.callee)
        self.tails = collections.defaultdict(list)  # (function, callee): places from which the function jumps
        self.names = self.name(self.find_places())

    def read_jumps(self):
        """Returns all calls of the program, and its jumps to other functions."""
        text = subprocess.run(["objdump", "-d", "--no-show-raw-insn", self.program], stdout=subprocess.PIPE, text=True,
                              check=True).stdout
        out, function, call = [], None, None
        for line in text.split("\n"):
            if head := re.match(r"[0-9a-f]+ <(.+)>:$", line):
                function = plain(head[1])
            elif code := re.match(r" +([0-9a-f]+):\t(\S+)\s*(.*)", line):
                at = int(code[1], 16)
                if call is not None:
                    out.append(Jump(at, function, call, True))
                to = re.match(r"[0-9a-f]+ <([^+>]+)>", code[3])
                call = plain(to[1]) if to and code[2] == "call" else None
                if to and code[2][0] == "j" and ".cold" not in to[1] and plain(to[1]) != function:
                    out.append(Jump(at + 1, function, plain(to[1]), False))
        return out

    def look_up(self, addresses):
        """Stores for each address the functions that it is in, the innermost first: (function, file, line)."""
        new = sorted(set(addresses) - self.lines.keys())
        text = subprocess.run(["addr2line", "-a", "-f", "-i", "-e", self.program], text=True, stdout=subprocess.PIPE,
                              input="".join(f"{a - 1:#x}\n" for a in new), check=True).stdout.split("\n")
        at, chain = 0, []
        while at + 1 < len(text):
            if text[at].startswith("0x"):
                chain = self.lines[int(text[at], 16) + 1] = []
                at += 1
                continue
            file, _, line = text[at + 1].partition(":")
            file = re.sub(r"^.*?/(changer|target|fsctl|mnt-layout)/", r"\1/", file)
            chain.append((plain(text[at]), file, int(re.match(r"\d*", line)[0] or 0)))
            at += 2

    def places(self, at, callee):
        """Yields the places of the call that returns to the address, with those of the functions that it is inlined
        in."""
        wanted = True
        for function, file, line in self.lines.get(at, ()):
            if wanted and callee not in (function, None):
                yield Place(callee, function, file, line)
            callee, wanted = function, file.startswith(LAYERS)

    def find_places(self):
        """Returns all places, from the syncs upwards."""
        found, todo, done = set(), set(SYNCS), set()
        while todo:
            callee = todo.pop()
            done.add(callee)
            self.look_up(j.at for j in self.into[callee])
            for j in self.into[callee]:
                for p in self.places(j.at, callee):
                    found.add(p)
                    if not j.is_call:
                        self.tails[j.function, j.callee].append(p)
                    if p.file.startswith(LAYERS) and p.function not in done:
                        todo.add(p.function)
        return found

    def name(self, places):
        """Returns {place: its name}."""
        alike = collections.defaultdict(list)
        for p in sorted(places):
            alike[f"{p.file.split('/')[-1]}:{p.function}>{p.callee}"].append(p)
        return {p: name if len(ps) == 1 else f"{name}#{n}" for name, ps in alike.items()
                for n, p in enumerate(ps, 1)}

    def all(self):
        return set(self.names.values())

    def of_log(self, log):
        """Returns {name of a site: indices of the syncs that are made from there}."""
        syncs = {i: c for i, c in enumerate(log) if c.kind in (calls.SYNC, calls.SYNC_ALL)}
        self.look_up(f for c in syncs.values() for f in c.frames if f < 1 << 32)
        out = collections.defaultdict(set)
        for i, c in syncs.items():
            if self.callee.get(c.frames[0]) not in SYNCS:
                continue  # another program
            for p in self.chain(c.frames):
                if p in self.names:
                    out[self.names[p]].add(i)
        return out

    def chain(self, frames):
        """Yields the places on the way to a sync, from its callers."""
        below = None  # the function that the frame before is in
        for f in frames:
            callee = self.callee.get(f, below)
            if callee != below and below is not None:  # the one that was called has jumped
                for jump in self.way(callee, below):
                    yield from self.tails.get(jump, ())
            yield from self.places(f, callee)
            chain = self.lines.get(f)
            below = chain[-1][0] if chain else None

    def way(self, function, to, most=3):
        """Returns the jumps from one function to the other: [(function, callee), ...]; none if there is no way."""
        for callee in self.next.get(function, ()) if most else ():
            if callee == to:
                return [(function, callee)]
            if more := self.way(callee, to, most - 1):
                return [(function, callee)] + more
        return []
