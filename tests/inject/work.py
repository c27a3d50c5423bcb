# SPDX-License-Identifier: GPL-2.0-or-later
"""Works with a daemon of which a call fails: the operations are those of tests/powercut/driver.py."""
import copy
import errno
import faulthandler
import json
import os
import random
import re
import shutil
import subprocess
import threading
import time

import control
import driver
import verdict

HANG = 40  # seconds after which a daemon hangs

# How the settings are before each trial.
SETTINGS = {"changer/vendor": "ACME", "changer/layout": "grow", "hash-completed": "0"}

# Not from driver.KILLED: the process that reads foreign formats may make no call that the library adds, and starts
# have rows of their own.
LEFT_OUT = ("packed", "folder", "replace-part", "start", "stop")

# Besides those of driver.KILLED: what is done before, and with the error.
ROWS = {
    **{name: row for name, row in driver.KILLED.items() if name not in LEFT_OUT},
    "touch": (lambda d: d.insert("slots/1"), lambda d: d.touch("slots/1", 1000000000)),
    "move-relabel": (lambda d: d.insert("slots/1"), lambda d: d.move_and_relabel("slots/1", "slots/2")),
    "layout": (lambda d: None, lambda d: d.setting("changer/layout", "fixed")),
    "remove-user": (lambda d: d.user("bob", "a secret of bob's"), lambda d: d.remove_user("bob")),
    "remove-slot": (lambda d: (d.setting("changer/layout", "open"), d.add_element("slots")),
                    lambda d: d.remove_element("slots")),
    "insert-drive": (lambda d: None, lambda d: d.insert("drives/0", 4, 2)),
    "sync": (driver.loaded("dvd-ram", ("burn", 0, 0, 8)), lambda d: d.sync(0)),
    "close-track": (driver.loaded("cd-r", ("burn", 0, 0, 4)), lambda d: d.close_track(0)),
    "finalize": (driver.loaded("dvd+r", ("burn", 0, 0, 4)), lambda d: d.finalize(0)),
    "burn-cd": (driver.loaded("cd-rw"), lambda d: d.burn_and_sync(0, 0, 4)),
    "burn-more": (driver.loaded("bd-r", ("burn_and_sync", 0, 0, 4)),
                  lambda d: d.burn_and_sync(0, d.next_free, 4)),
}


# Rows that write to the disc in drive 0: until they are done, its sectors may be old or new.
LOOSE = {"burn", "rewrite", "unload", "close", "blank", "format", "sync", "close-track", "finalize", "burn-cd",
         "burn-more"}
# How the log says that the daemon does not know what the store has in an element.
BLOCKED = re.compile(r"store: error: (\S+): it is not known what the store has in this element")

# Errors that a row may end with, too: a helper process that cannot be started is waited for.
ANSWERS = {"link": ["ETIMEDOUT"]}

# States between, in which a row that has several steps may stop, made from the view before.
BETWEEN = {"exchange": [lambda v: v.moved({"D102": "transport/0"}),
                        lambda v: v.moved({"D102": "transport/0", "D101": "slots/2"})],
           "user": [lambda v: v.with_user("ud201")]}


def exchange_again(d):
    """Takes out what is in the robot's hand, and exchanges."""
    if d.at("transport/0") is not None:
        d.move("transport/0", d.empty("slots")[0])
    d.clean()
    d.same_again(1)
    ROWS["exchange"][0](d)
    ROWS["exchange"][1](d)


def user_again(d):
    """Makes the user, who may be there without a secret."""
    if "ud201" in os.listdir(d.mnt + "/ctl/access/users"):
        d.remove_user("ud201")
    ROWS["user"][1](d)


# How a row is done again that may have stopped between; others just so.
RETRY = {"exchange": exchange_again, "user": user_again}


class Plain(verdict.View):
    """A view without what is another one each time: ids and times.  A disc that was burned and is not settled yet
    has the origin of a blank one."""

    def __init__(self, seen, _):
        for item in seen["items"]:
            item["mtime"] = 0
            if item.get("origin") == "burned":
                item["origin"] = "blank"
        super().__init__(seen, ())

    def discs(self):
        """Returns a view without the files that are no discs."""
        out = copy.copy(self)
        keep = [i for i, fields in self.items.items() if fields["kind"] == "disc"]
        out.items, out.sectors, out.outline = ({i: d[i] for i in keep}
                                               for d in (self.items, self.sectors, self.outline))
        return out.renewed()

    def moved(self, moves):
        """Returns a view with discs in other elements: {label: element}."""
        out = copy.copy(self)
        out.items, out.sectors, out.outline = {}, {}, {}
        for i, fields in self.items.items():
            elem = moves.get(fields["name"].partition(".")[0], fields["elem"])
            now = i.replace(fields["elem"], elem)
            out.items[now] = {**fields, "elem": elem, "id": now}
            out.sectors[now], out.outline[now] = self.sectors[i], self.outline[i]
        return out.renewed()

    def with_user(self, name):
        """Returns a view with one user more, who has no secret."""
        out = copy.copy(self)
        elements, settings, users = json.loads(self.rest)
        out.rest = json.dumps([elements, settings, {**users, name: ["", ""]}], sort_keys=True)
        return out

    def elements(self):
        """Returns how many elements of each kind there are."""
        return json.loads(self.rest)[0]

    def renewed(self):
        self.exact = json.dumps([self.items, self.sectors], sort_keys=True)
        return self


class Judge(verdict.Judge):
    def view(self, seen, ids):
        return Plain(seen, ids)


class NoLog:
    def mark(self, **what):
        pass


class Work(driver.Driver):
    """A driver whose daemon has a call that fails while an operation is done."""

    def __init__(self, folder, daemon, library, icdb):
        super().__init__(folder, folder + "/store", NoLog(), daemon, library, icdb, 1)
        self.control = control.Control(folder + "/control", self.store)
        self.hung = False
        self.starting = None

    # The operation is over: no call fails while the driver looks around.
    def view(self):
        self.control.disarm()
        return {"event": 0}

    def is_disc(self, element):
        for prefix in ("user", "trusted"):
            try:
                state = os.getxattr(self.at(element), f"{prefix}.jukebox.state", follow_symlinks=False)
                return state not in (b"incoming", b"incomplete", b"staged", b"folder", b"unreadable")
            except OSError:
                pass
        return False

    def look(self):
        """Returns what the mount shows of discs, and the names of other files."""
        seen, others = {}, []
        for element, fields in super().view().items():
            if element == "event":
                continue
            if self.is_disc(element):
                seen[element] = fields
            else:
                others.append(f"{element}/{fields[0]}")
        return seen, others

    def fill(self):
        """Puts in one of each kind."""
        self.insert("slots/1")
        self.link("slots/2")
        self.raw("slots/3")
        self.blank_disc("slots/4", "dvd+r")
        self.chmod("slots/1", 0o400)
        self.user("alice", "a secret of alice")
        self.setting("changer/vendor", "OTHER")
        driver.loaded("dvd-ram", ("burn_and_sync", 0, 0, 8), ("burn", 0, 12, 4))(self)

    def fill_and_cut(self):
        """Puts in one of each kind.  Of two discs their close was acknowledged, and the rest of the insert failed."""
        self.fill()
        rename = control.Trouble("", errno.EIO, ["rename"], from_on=True)
        for at, act in ((1, lambda: self.over_blank("slots/4")), (2, lambda: self.insert("slots/5"))):
            self.control.arm(rename, at)
            act()
            self.control.disarm()
            if self.refusal is not None or self.control.page.hits == 0:
                raise driver.Refused(f"the close of a file should be acknowledged: {self.refusal}")

    def try_start(self):
        """Starts the daemon.  Returns its exit status and what it said; None if it serves."""
        out = self.folder + "/start.log"
        with open(out, "wb") as f:
            self.process = subprocess.Popen(
                [self.daemon, "--portal", "127.0.0.1:0", "--slots", str(driver.SLOTS), "--mailslots",
                 str(driver.MAILSLOTS), "--drives", str(driver.DRIVES), self.store, self.mnt],
                stdin=subprocess.DEVNULL, stdout=f, stderr=f, env={**os.environ, "LD_PRELOAD": self.library})
        while True:
            ended = self.process.poll()
            with open(out, encoding="utf-8", errors="replace") as f:
                text = f.read()
            if ended is not None:
                self.process = None
                return ended, text
            if "jukeboxd: ready" in text:
                return None, text
            time.sleep(0.005)

    def counts(self):
        """Returns how many elements of each kind the mount shows."""
        return {kind: len(os.listdir(f"{self.mnt}/{kind}"))
                for kind in ("slots", "mailslots", "drives", "transport")}

    def wait(self, path, most=100):
        for _ in range(most):
            try:
                os.getxattr(path, "user.jukebox.profile")
                return
            except OSError:
                pass
            try:
                if os.getxattr(path, "user.jukebox.state") == b"incomplete":
                    return
            except OSError:
                pass
            time.sleep(0.005)

    def last_error(self):
        """Returns the sentence of what was refused last."""
        try:
            with open(self.mnt + "/ctl/last-error", encoding="utf-8") as f:
                return f.read().strip()
        except OSError as e:
            return f"(unreadable: {e})"

    def log_text(self):
        try:
            with open(self.folder + "/daemon.log", encoding="utf-8", errors="replace") as f:
                return f.read()
        except OSError:
            return ""

    def same_again(self, number):
        """Makes the names and the bytes of what follows those of each time with that number."""
        self.serial = number * 100
        self.random = random.Random(number)

    def watched(self, function, *args):
        """Does it; a daemon that hangs in it is killed."""
        def kill():
            self.hung = True
            faulthandler.dump_traceback()
            subprocess.run(["gdb", "-p", str(self.process.pid), "-batch", "-ex", "thread apply all bt 12"],
                           check=False, stderr=subprocess.DEVNULL)
            self.process.kill()
        timer = threading.Timer(HANG, kill)
        timer.start()
        try:
            return function(*args)
        finally:
            timer.cancel()

    def open_files(self):
        """Returns how many descriptors of the daemon are of files of the store."""
        n = 0
        folder = f"/proc/{self.process.pid}/fd"
        for fd in os.listdir(folder):
            try:
                n += os.readlink(f"{folder}/{fd}").startswith(self.store + "/")
            except OSError:
                pass
        return n

    def memory(self):
        """Returns the resident KiB of the daemon."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as f:
            return int(re.search(r"VmRSS:\s+(\d+)", f.read())[1])

    def clean(self):
        """Makes the jukebox as it was at its start.  Returns None, or what cannot be done."""
        try:
            for element, name in self.files():
                os.unlink(f"{self.mnt}/{element}/{name}")
            for kind in ("slots", "mailslots", "drives"):
                for number in os.listdir(f"{self.mnt}/{kind}"):
                    for name in os.listdir(f"{self.mnt}/{kind}/{number}"):
                        os.unlink(f"{self.mnt}/{kind}/{number}/{name}")
            users = self.mnt + "/ctl/access/users"
            for user in os.listdir(users):
                os.rmdir(f"{users}/{user}")
            if len(os.listdir(self.mnt + "/slots")) > driver.SLOTS:
                self.write_file(self.mnt + "/ctl/changer/layout", b"open\n")
                os.rmdir(f"{self.mnt}/slots/{driver.SLOTS + 1}")
            for name, value in SETTINGS.items():
                self.write_file(f"{self.mnt}/ctl/{name}", f"{value}\n".encode())
        except OSError as e:
            return f"{e}: {self.last_error()}"
        return None


def code_of(refusal):
    """Returns the errno of a refusal, or the sense code that an initiator got, "lost" for a lost session."""
    if isinstance(refusal, OSError):
        return errno.errorcode.get(refusal.errno, str(refusal.errno))
    sense = re.findall(r"status CHECK (\w\w/\w\w/\w\w)", str(refusal))
    return sense[-1] if sense else "lost " + str(refusal).strip().replace("\n", "; ")[:200]


def copy_store(store, to):
    shutil.rmtree(to, ignore_errors=True)
    subprocess.run(["cp", "-a", "--sparse=always", store, to], check=True)


STRAY = re.compile(r"(\.new|\.pending|\.old|\.tmp|~)$")


def strays(store):
    """Returns names that a start must not leave behind: of steps that were not done, and second images."""
    out = []
    for top, folders, files in os.walk(store):
        where = os.path.relpath(top, store)
        if where.startswith("ctl"):  # the next value goes over what is left of a setting
            continue
        out += [f"{where}/{n}" for n in folders + files if STRAY.search(n)]
        images = [n for n in files if n.endswith((".iso", ".bin"))]
        if len(images) > 1:
            out += [f"{where}/{n}" for n in images]
        if where == "lost+found":
            out += [f"{where}/{n}" for n in folders + files]
    return sorted(set(out))
