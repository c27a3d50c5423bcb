# SPDX-License-Identifier: GPL-2.0-or-later
"""
Says whether a store that a power cut has left is one that the daemon may show.

The measure is the log itself.  At each call, the store as the running system has it (nothing lost) is judged
too; that is what a start after kill -9 would find.  After a power cut at some call, the daemon must show what
it would have shown at one of the calls since the last acknowledgement of a durable operation, and all of it
must be of the same call.  One thing may differ: if a loose operation is under way or was the last, each
sector may be that of any of these calls.

So that the measure is not itself wrong, what it says at an acknowledgement is compared with what the mount
showed at that moment, to a program that reads all files.
"""
import collections
import json
import os
import shutil
import subprocess

import model

# Not compared: a disc that was in before is marked as recovered or not; both are right.
LOOSE_FIELDS = {"size", "mtime", "track-list", "truncated"}


class Judge:
    """The program judge, and the folder in which the stores are made for it."""

    def __init__(self, program, folder):
        self.folder = folder
        os.makedirs(folder, exist_ok=True)
        self.errors = open(folder + "/errors", "w+b")
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.errors, text=True)
        self.known = {}

    def ask(self, path):
        self.process.stdin.write(path + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("powercut: the judge has ended; see " + self.folder)
        return View(json.loads(line))

    def look(self, tree, twice=False):
        """Makes the store and opens it.  Returns what is in it, at the first start and at the second."""
        path = self.folder + "/store"
        model.write(tree, path)
        views = [self.ask(path) for _ in range(2 if twice else 1)]
        shutil.rmtree(path)
        return views

    def whole(self, tree, key):
        """Returns what is in a store from which nothing was lost, and remembers it."""
        if key not in self.known:
            self.known[key] = self.look(tree)[0]
        return self.known[key]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class View:
    """What the judge has seen in one store."""

    def __init__(self, seen):
        self.error = seen.get("error")
        self.sectors = {}
        self.items = {}
        for item in seen["items"]:
            again = item["id"] in self.items
            self.sectors[item["id"]] = item.pop("sectors")
            if again:
                self.error = "a disc is there twice"
            self.items[item["id"]] = item
        self.rest = json.dumps([seen.get(k) for k in ("elements", "settings", "users")], sort_keys=True)
        self.exact = json.dumps([self.items, self.sectors], sort_keys=True)
        self.outline = {i: json.dumps({k: v for k, v in item.items() if k not in LOOSE_FIELDS}, sort_keys=True)
                        for i, item in self.items.items()}

    def same(self, other):
        return self.error == other.error and self.exact == other.exact and self.rest == other.rest


class Window:
    """The calls since the last acknowledgement of a durable operation."""

    def __init__(self):
        self.views = []
        self.keys = set()
        self.loose = False

    def add(self, key, view):
        if key not in self.keys:
            self.keys.add(key)
            self.views.append(view)

    def allows(self, view):
        """Returns None if the view is allowed, else what is wrong with it."""
        if view.error is not None and not any(v.error == view.error for v in self.views):
            return "error: " + view.error
        if any(view.same(v) for v in self.views):
            return None
        if self.loose:
            for v in self.views:
                if v.rest == view.rest and v.outline == view.outline and self.mixed(view):
                    return None
        return "nothing of the calls is like it: " + self.differs(view)

    def mixed(self, view):
        """Returns true if each sector is that of one of the calls."""
        for item, hashes in view.sectors.items():
            like = [v.sectors[item] or [] for v in self.views
                    if v.outline.get(item) == view.outline[item]]
            for i, h in enumerate(hashes or []):
                if not any((s[i] if i < len(s) else 0) == h for s in like):
                    return False
            length = len(hashes or [])
            for i in range(length, max(map(len, like), default=0)):
                if not any((s[i] if i < len(s) else 0) == 0 for s in like):
                    return False
        return True

    def differs(self, view):
        """Says how the view differs from the last call's and the first one's."""
        out = []
        for what, v in (("acknowledged", self.views[0]), ("last", self.views[-1])):
            says = []
            if v.rest != view.rest:
                says.append("settings or layout")
            for item in sorted(set(v.items) | set(view.items)):
                a, b = v.items.get(item), view.items.get(item)
                name = (a or b)["elem"] + "/" + (a or b)["name"]
                if b is None:
                    says.append(name + " is missing")
                elif a is None:
                    says.append(name + " is there")
                else:
                    says += [f"{name}: {k} {a.get(k)} -> {b.get(k)}" for k in a if a.get(k) != b.get(k)]
                    if v.sectors[item] != view.sectors[item]:
                        says.append(name + ": sectors differ")
            out.append(f"{what}: " + ("; ".join(says) or "equal"))
        return " | ".join(out)


def agrees(view, shown):
    """Compares a view with what the mount showed ({element: [name, size, mode, hash]}).  Returns None, or how
    they differ.  Files that are no discs are left out: recovery decides about them."""
    discs = {i["elem"]: i for i in view.items.values() if i["kind"] == "disc"}
    for element in sorted(set(discs) | set(shown)):
        disc, file = discs.get(element), shown.get(element)
        if disc is None or file is None:
            return f"{element}: the mount shows {file}, the store has {disc and disc['name']}"
        mode = file[2] if disc["linked"] else disc["mode"]  # a link is shown as a link
        if [disc["name"], disc["size"], mode] != file[:3]:
            return f"{element}: the mount shows {file}, the store has {disc}"
    return None


Violation = collections.namedtuple("Violation", "cut operation mode why tree")
