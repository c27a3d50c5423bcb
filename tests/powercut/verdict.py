# SPDX-License-Identifier: GPL-2.0-or-later
"""
Says whether a store that a power cut has left is one that the daemon may show.

The measure is the log itself.  At each call, the store as the running system has it (nothing lost) is judged
too; that is what a start after kill -9 would find.  After a power cut at some call, the daemon must show what
it would have shown at one of the calls since the last acknowledgement of a durable operation, and all of it
must be of the same call.  One thing may differ: on a disc that was written to and not settled since, each
sector may be that of any of the calls from then on.

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
BATCH = 32  # stores that are given to the judge at once
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
        self.queue = []
        self.ids = set()  # of all discs that have a description in the store

    def look(self, tree, then, twice=False):
        """Makes a store to be opened, once or twice.  then(views) is called when that was done, by flush()."""
        path = f"{self.folder}/{len(self.queue)}"
        model.write(tree, path)
        self.queue.append((path, 2 if twice else 1, then))
        if len(self.queue) >= BATCH:
            self.flush()

    def look_at_whole(self, tree):
        """Has a store opened from which nothing was lost.  Returns its key; known[key] is then what is in it."""
        key = model.key(tree)
        if key not in self.known:
            self.known[key] = None
            self.look(tree, lambda views: self.known.__setitem__(key, views[0]))
        return key

    def look_at(self, path, times):
        """Opens a store that is there already, so many times.  Returns what was seen each time."""
        self.flush()
        return self.ask([(path, times)])[0]

    def later(self, then):
        """Calls then() after all that was asked before has been answered."""
        self.queue.append((None, 0, lambda views: then()))

    def flush(self):
        queue, self.queue = self.queue, []
        seen = self.ask([(path, times) for path, times, _ in queue])
        for (path, _, then), views in zip(queue, seen):
            then(views)
            if path is not None:
                shutil.rmtree(path)

    def ask(self, stores):
        """Gives the judge paths of stores, each so many times.  Returns for each the list of views."""
        self.process.stdin.write("".join((path + "\n") * times for path, times in stores if times))
        self.process.stdin.flush()
        seen = []
        for _, times in stores:
            lines = [self.process.stdout.readline() for _ in range(times)]
            if "" in lines:
                raise SystemExit("powercut: the judge has ended; see " + self.folder)
            seen.append([self.view(json.loads(line), self.ids) for line in lines])
        return seen

    def view(self, seen, ids):
        return View(seen, ids)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class View:
    """What the judge has seen in one store."""

    def __init__(self, seen, ids):
        self.error = seen.get("error")
        self.next_event = seen.get("next-event", 0)
        self.sectors = {}
        self.items = {}
        for item in seen["items"]:
            if item["id"] not in ids:  # a disc without a description gets an id of its own at each start
                item["id"] = f"new {item['elem']}/{item['name']}"
                item["mtime"] = 0  # that of the file, which the log does not have
            again = item["id"] in self.items
            self.sectors[item["id"]] = item.pop("sectors")
            if again:
                self.error = "a disc is there twice"
            self.items[item["id"]] = item
        self.rest = json.dumps([seen.get(k) for k in ("elements", "settings", "users")], sort_keys=True)
        self.exact = json.dumps([self.items, self.sectors], sort_keys=True)
        self.outline = {i: json.dumps({k: v for k, v in item.items() if k not in LOOSE_FIELDS}, sort_keys=True)
                        for i, item in self.items.items()}

    def disc_kind(self, item):
        return [self.items[item].get(k) for k in ("kind", "medium", "state")]

    def same(self, other):
        return self.error == other.error and self.exact == other.exact and self.rest == other.rest


class Window:
    """What was there at each call since the last acknowledgement of a durable operation."""

    def __init__(self, views, last_event):
        self.views, self.last_event = views, last_event
        self.loose = {}

    def add_loose(self, element, views):
        """Notes that the disc that was in the element at the first view is not settled since then."""
        for item, fields in views[0].items.items():
            if fields["elem"] == element:
                self.loose[item] = views

    def forbids(self, view):
        """Returns None if the view is allowed, else what is wrong with it."""
        if view.error is not None and not any(v.error == view.error for v in self.views):
            return "error: " + view.error
        if view.next_event <= self.last_event and view.error is None:
            return f"event {view.next_event} was shown before: the last one was {self.last_event}"
        if any(self.like(view, v) for v in self.views):
            return None
        return "nothing of the calls is like it: " + self.differs(view)

    def like(self, view, other):
        """Returns true if both show the same, but for the sectors of discs that are not settled."""
        if not self.loose:
            return view.same(other)
        return view.rest == other.rest and view.items.keys() == other.items.keys() and all(
            (view.outline[i] == other.outline[i] and self.mixed(view, i)) if i in self.loose
            else (view.items[i] == other.items[i] and view.sectors[i] == other.sectors[i])
            for i in view.items)

    def mixed(self, view, item):
        """Returns true if each sector is that of one of the calls, when the disc was of the same kind."""
        hashes = view.sectors[item] or []
        like = [v.sectors[item] or [] for v in self.loose[item]
                if item in v.items and v.disc_kind(item) == view.disc_kind(item)]
        longest = max([len(hashes)] + [len(s) for s in like])
        return all(any((s[i] if i < len(s) else 0) == (hashes[i] if i < len(hashes) else 0) for s in like)
                   for i in range(longest))

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


def agrees(view, shown, loose):
    """Compares a view with what the mount showed ({element: [name, size, mode, hashes]}).  Returns None, or how
    they differ.  Files that are no discs are left out, because recovery decides about them, and so are the elements
    in `loose`, with discs that are not settled."""
    others = {i["elem"] for i in view.items.values() if i["kind"] not in ("disc", "folder")}
    discs = {i["elem"]: i for i in view.items.values() if i["kind"] == "disc" and i["elem"] not in loose}
    for element in sorted((set(discs) | set(shown)) - {"event"}):
        disc, file = discs.get(element), shown.get(element)
        if disc is None and element in others:
            continue
        if disc is None or file is None:
            return f"{element}: the mount shows {file}, the store has {disc and disc['name']}"
        mode = file[2] if disc["linked"] else disc["mode"]  # a link is shown as a link
        sectors = file[3] if disc["linked"] else view.sectors[disc["id"]]
        if [disc["name"], disc["size"], mode, sectors] != file:
            return f"{element}: the mount shows {file}, the store has {disc}"
    return None


Violation = collections.namedtuple("Violation", "cut operation mode why tree")
