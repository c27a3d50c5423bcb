# SPDX-License-Identifier: GPL-2.0-or-later
"""
Works with a real daemon, whose calls on its store are recorded, and marks in the log where each operation
begins and where it was acknowledged.

An operation is a method of Driver with the decorator `operation`.  Its row says what its acknowledgement means:

  durable   it is done, and stays done after a power cut
  loose     it writes sectors of the disc in a drive: until it is settled each of them may be old or new
  settles   what was written to the discs in its elements is durable, too

Other tests import this module for Driver, OPERATIONS and KILLED: importing it does nothing, and the names of the
operations and the keys of KILLED stay as they are.
"""
import errno
import gzip
import json
import os
import random
import shutil
import signal
import subprocess
import time

import by_hand

SECTOR = 2048
SLOTS, MAILSLOTS, DRIVES = 6, 1, 2
FIRST = {"slots": 1023, "drives": 1, "mailslots": 767}  # address of the element with number 0
REWRITABLE = {"dvd-ram", "dvd+rw", "bd-re"}
SEQUENTIAL = ["cd-r", "cd-rw", "dvd-r", "dvd+r", "bd-r"]
ERASABLE = {"cd-rw"}
OPERATIONS = {}
CACHE = {}  # hashes of sectors


class Refused(Exception):
    """The daemon has refused an operation: it has not happened."""


class Killed(Exception):
    """The daemon has ended under the operation."""


def operation(durable=True, loose=False, settles=False):
    def add(function):
        name = function.__name__

        def run(self, *args, **more):
            elements = [f"drives/{a}" if isinstance(a, int) else a for a in args[:2]] if settles or loose else []
            self.log.mark(begin=name, loose=elements[:1] if loose else [], args=[str(a) for a in args])
            self.name = name
            self.refusal = None
            done = "refused"
            view = None
            try:
                function(self, *args, **more)
                done = "done"
                view = self.still_view() if durable else None
            except (OSError, Refused) as e:
                self.refusal = e
            if self.ended():
                raise Killed from None
            if durable and view is None:
                view = self.still_view()
            self.count[name, done] = self.count.get((name, done), 0) + 1
            self.log.mark(ack=name, durable=durable, done=done, view=view,
                          settled=elements if settles and done == "done" else [])

        OPERATIONS[name] = run
        return run
    return add


class Driver(by_hand.ByHand):
    def __init__(self, folder, store, log, daemon, library, icdb, seed):
        self.folder, self.log, self.daemon, self.library, self.icdb = folder, log, daemon, library, icdb
        self.store, self.mnt = store, folder + "/mnt"
        self.random = random.Random(seed)
        self.serial = 0
        self.count = {}
        self.process = None
        self.held = -1  # descriptor of insert_open
        self.position = getattr(log, "position", lambda: 0)  # what stands for a log may have none
        self.refusal = None  # why the last operation was refused; None: it was not

    # ---- the daemon ------------------------------------------------------------------------------

    def acknowledged(self):
        """Marks that the operation is durable already, though a part of it is still to come."""
        self.log.mark(ack=self.name, durable=True, done="done", view=None, settled=[])

    def start(self):
        """Starts the daemon on the store.  That is an operation: what it then shows must be durable."""
        self.log.mark(begin="start", loose=[], args=[])
        out = open(self.folder + "/daemon.log", "ab")
        before = out.tell()
        self.process = subprocess.Popen(
            [self.daemon, "--portal", "127.0.0.1:0", "--slots", str(SLOTS), "--mailslots", str(MAILSLOTS),
             "--drives", str(DRIVES), self.store, self.mnt],
            stdin=subprocess.DEVNULL, stdout=out, stderr=out, env={**os.environ, "LD_PRELOAD": self.library})
        out.close()
        end = time.monotonic() + 60
        while True:
            with open(self.folder + "/daemon.log", "rb") as f:
                f.seek(before)
                if b"jukeboxd: ready" in f.read():
                    break
            if self.ended() or time.monotonic() > end:
                raise Killed
            time.sleep(0.01)
        with open(self.mnt + "/ctl/target/portals", encoding="utf-8") as f:
            portal = f.readline().strip()
        with open(self.mnt + "/ctl/target/name", encoding="utf-8") as f:
            self.url = f"iscsi://{portal}/{f.readline().strip()}/"
        self.log.mark(ack="start", durable=True, done="done", view=self.still_view(),
                      settled=[f"drives/{n}" for n in range(DRIVES + 1)])

    def ended(self):
        """Returns true if the daemon has ended; waits a little for one that is about to."""
        for _ in range(20):
            if self.process.poll() is not None:
                return True
            if os.path.exists(self.mnt + "/status"):
                return False
            time.sleep(0.01)
        return self.process.poll() is not None

    def unmount(self):
        subprocess.run(["umount", "-l", self.mnt], stderr=subprocess.DEVNULL, check=False)

    def stop(self, how=signal.SIGKILL):
        """Ends the daemon, if it runs.  Returns its exit status."""
        if self.process is None:
            return None
        self.process.send_signal(how)
        status = self.process.wait(60)
        self.unmount()
        self.process = None
        return status

    def clean_stop(self):
        """Ends the daemon as a service manager does.  When it has ended, all is durable."""
        self.log.mark(begin="stop", loose=[], args=[])
        if self.stop(signal.SIGTERM) != 0:
            raise Killed
        self.log.mark(ack="stop", durable=True, done="done", view=None,
                      settled=[f"drives/{n}" for n in range(DRIVES + 1)])

    def restart(self, clean=False, by_hand=(), synced=False):
        """Ends the daemon, by SIGKILL if `clean` is false, changes the store by hand (change_by_hand), and starts the
        daemon."""
        try:
            if clean and not self.ended():
                self.clean_stop()
        except Killed:
            pass
        if self.stop() is not None or not clean:
            self.log.mark(killed=True)
        self.change_by_hand(by_hand, synced)
        for _ in range(3):  # an old mount that is busy for a moment
            try:
                self.start()
                return
            except Killed:
                self.stop()

    # ---- what is there ---------------------------------------------------------------------------

    def files(self, kinds=("slots", "mailslots", "drives", "transport")):
        """Returns (element, name) of all files of the mount that are not hidden."""
        return [(element, name) for element, name, is_dir in self.entries(kinds) if not is_dir]

    def folders(self):
        """Returns {element: name} of the folders of parts."""
        return {element: name for element, name, is_dir in self.entries() if is_dir}

    def entries(self, kinds=("slots", "mailslots", "drives", "transport")):
        out = []
        for kind in kinds:
            for number in sorted(os.listdir(f"{self.mnt}/{kind}"), key=int):
                with os.scandir(f"{self.mnt}/{kind}/{number}") as entries:
                    out += [(f"{kind}/{number}", e.name, e.is_dir()) for e in entries if e.name[0] != "."]
        return out

    def view(self):
        """Returns what the mount shows: {element: [name, size, mode, hashes of the sectors]} of the files, and the
        number of the last event."""
        with open(self.mnt + "/events", "rb") as f:
            events = f.read().strip().split(b"\n")
        out = {"event": json.loads(events[-1])["number"] if events[-1] else 0}
        for element, name in self.files():
            path = f"{self.mnt}/{element}/{name}"
            try:
                st = os.stat(path)
                with open(path, "rb") as f:
                    data = f.read(1 << 20)
                out[element] = [name, st.st_size, st.st_mode & 0o777, hashes(data)]
            except OSError:
                out[element] = [name, None, None, None]
        return out

    def elements(self):
        return [e for e, _ in self.files()]

    def still_view(self):
        """Returns view(), taken while the daemon made no call on the store: it may import something now."""
        for _ in range(100):
            before = self.position()
            view = self.view()
            if self.position() == before:
                break
            time.sleep(0.02)
        return view

    def is_disc(self, element):
        """Returns true if the file in the element is a disc: other files have no profile."""
        try:
            return bool(os.getxattr(self.at(element), "user.jukebox.profile"))
        except OSError:
            return os.path.islink(self.at(element))

    def at(self, element):
        """Returns the path of the disc in the element; None if the element is empty."""
        for found, name in self.files():
            if found == element:
                return f"{self.mnt}/{element}/{name}"
        return None

    def empty(self, kind):
        full = {e for e, _ in self.files((kind,))}
        return [f"{kind}/{n}" for n in os.listdir(f"{self.mnt}/{kind}") if f"{kind}/{n}" not in full]

    def bytes(self, sectors, rest=0):
        return self.random.randbytes(sectors * SECTOR + rest)

    def label(self):
        self.serial += 1
        return f"D{self.serial}"

    def wait(self, path, most=200):
        """Waits until a file that was closed is a disc.  The close was the acknowledgement."""
        self.acknowledged()
        for _ in range(most):
            try:
                os.getxattr(path, "user.jukebox.profile")
                return
            except OSError as e:
                if e.errno == errno.ENOTCONN:
                    return
                time.sleep(0.005)

    # ---- commands --------------------------------------------------------------------------------

    def script(self, lun, text):
        """Runs an icdb script; each command must end with GOOD."""
        lines = []
        for line in text.strip().split("\n"):
            lines.append(line.strip())
            if line.strip().startswith(("none", "in", "out")):
                lines.append("expect good")
        r = subprocess.run([self.icdb, "-t", "10", "--clear-ua", self.url + str(lun), "-"],
                           input="\n".join(lines) + "\n", stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                           text=True, check=False)
        if r.returncode != 0:
            raise Refused(r.stdout)
        return r.stdout

    def move_medium(self, source, to, opcode="a5"):
        def address(element):
            kind, number = element.split("/")
            return f"{FIRST[kind] + int(number):04x}"
        if opcode == "a6":
            self.script(0, f"none a6 00 0000 {address(source)} {address(to)} {address(source)} 0000")
        else:
            self.script(0, f"none a5 00 0000 {address(source)} {address(to)} 0000 0000")

    def write_file(self, path, data, parts=1):
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        try:
            size = -(-len(data) // parts) or 1
            for i in range(0, len(data), size):
                os.write(fd, data[i:i + size])
        finally:
            os.close(fd)

    def write_lba(self, drive, lba, data, flags="00"):
        name = self.folder + "/sectors"
        with open(name, "wb") as f:
            f.write(data)
        self.script(drive + 1,
                    f"out {name} -- 2a {flags} {lba:08x} 00 {len(data) // SECTOR:04x} 00")

    # ---- operations: the mount -------------------------------------------------------------------

    @operation()
    def insert(self, element, sectors=6, parts=3, rest=0):
        path = f"{self.mnt}/{element}/{self.label()}.iso"
        self.write_file(path, self.bytes(sectors, rest), parts)
        self.wait(path)

    @operation()
    def insert_synced(self, element):
        """A program that syncs the file before it closes it: the file stays from then on, though incomplete."""
        path = f"{self.mnt}/{element}/{self.label()}.iso"
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        try:
            os.write(fd, self.bytes(4))
            os.fsync(fd)
            self.acknowledged()
        finally:
            os.close(fd)
        self.wait(path)

    @operation()
    def insert_open(self, element):
        """A file of which one of two descriptors is closed: it stays from then on."""
        path = f"{self.mnt}/{element}/{self.label()}.iso"
        self.held = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        os.write(self.held, self.bytes(4))
        os.close(os.dup(self.held))

    @operation(loose=True, settles=True)
    def insert_more(self, element):
        """Writes more to the file of insert_open, and closes it."""
        try:
            os.write(self.held, self.bytes(3))
        finally:
            os.close(self.held)
        self.wait(self.at(element))

    @operation()
    def attribute(self, element, name, value):
        os.setxattr(self.at(element), "user.jukebox." + name, value.encode())

    @operation()
    def blank_disc(self, element, medium):
        path = f"{self.mnt}/{element}/{self.label()}.{medium}.iso"
        self.write_file(path, b"")
        self.wait(path)

    @operation()
    def over_blank(self, element, sectors=5):
        self.write_file(self.at(element), self.bytes(sectors), 2)
        self.wait(self.at(element))

    @operation()
    def replace(self, element, sectors=7):
        path = self.at(element)
        folder, name = os.path.split(path)
        staged = f"{folder}/.{name}.aB1cD2"
        self.write_file(staged, self.bytes(sectors), 2)
        self.acknowledged()
        os.rename(staged, path)

    @operation()
    def link(self, element):
        target = f"{self.folder}/{self.label()}.iso"
        self.write_file(target, self.bytes(4))
        os.symlink(target, f"{self.mnt}/{element}/{os.path.basename(target)}")

    @operation()
    def raw(self, element):
        """A BIN of two tracks with its sheet."""
        label = self.label()
        sheet = (f'FILE "{label}.bin" BINARY\n  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n'
                 '  TRACK 02 AUDIO\n    INDEX 01 00:00:08\n')
        self.write_file(f"{self.mnt}/{element}/.{label}.cue", sheet.encode())
        path = f"{self.mnt}/{element}/{label}.bin"
        self.write_file(path, self.random.randbytes(20 * 2352), 2)
        self.wait(path)

    @operation()
    def packed(self, element):
        """A file that is unpacked before it is a disc."""
        name = f"{self.mnt}/{element}/{self.label()}.iso"
        self.write_file(name + ".gz", gzip.compress(self.bytes(5), 1, mtime=0), 2)
        self.wait(name, 2000)

    def begin(self, element):
        """Makes a folder with a sheet that names two files, and the first of them.  Returns its path."""
        path = f"{self.mnt}/{element}/{self.label()}"
        sheet = "".join(f'FILE "{n}.bin" BINARY\n  TRACK 0{n} AUDIO\n    INDEX 01 00:00:00\n' for n in (1, 2))
        os.mkdir(path)
        self.acknowledged()
        self.write_part(f"{path}/album.cue", sheet.encode())
        self.write_part(f"{path}/1.bin")
        return path

    def write_part(self, path, data=None):
        self.write_file(path, data or self.random.randbytes(10 * 2352), 2)
        self.acknowledged()

    def end(self, element, path):
        """Writes the file that the folder lacks, and waits for the disc."""
        self.write_part(f"{path}/2.bin")
        self.wait(f"{self.mnt}/{element}/album.bin", 2000)

    @operation()
    def insert_folder(self, element):
        """A sheet and all that it names, which become one disc."""
        self.end(element, self.begin(element))

    @operation()
    def begin_folder(self, element):
        self.begin(element)

    @operation()
    def replace_part(self, element):
        """Renames a new file over one of the folder, as rsync does."""
        path = f"{self.mnt}/{element}/{self.folders()[element]}"
        self.write_part(f"{path}/.1.bin.aB1cD2")
        os.rename(f"{path}/.1.bin.aB1cD2", f"{path}/1.bin")

    @operation()
    def relabel_folder(self, element):
        os.rename(f"{self.mnt}/{element}/{self.folders()[element]}", f"{self.mnt}/{element}/{self.label()}")

    @operation()
    def end_folder(self, element):
        self.end(element, f"{self.mnt}/{element}/{self.folders()[element]}")

    @operation()
    def remove_folder(self, element):
        """Removes a folder of parts, as rm -r does.  Meanwhile it may have become a disc."""
        name = self.folders().get(element)
        if name is None:
            raise FileNotFoundError(element)
        path = f"{self.mnt}/{element}/{name}"
        for name in os.listdir(path):
            os.unlink(f"{path}/{name}")
            self.acknowledged()
        os.rmdir(path)

    @operation(settles=True)
    def move(self, source, to):
        path = self.at(source)
        os.rename(path, f"{self.mnt}/{to}/{os.path.basename(path)}")

    @operation(settles=True)
    def move_and_relabel(self, source, to):
        path = self.at(source)
        suffix = os.path.basename(path).partition(".")[2]
        os.rename(path, f"{self.mnt}/{to}/{self.label()}.{suffix}")

    @operation()
    def relabel(self, element):
        path = self.at(element)
        folder, name = os.path.split(path)
        os.rename(path, f"{folder}/{self.label()}.{name.partition('.')[2]}")

    @operation(settles=True)
    def remove(self, element):
        os.unlink(self.at(element))

    @operation()
    def chmod(self, element, mode):
        os.chmod(self.at(element), mode)

    @operation()
    def touch(self, element, when):
        os.utime(self.at(element), (when, when))

    @operation()
    def setting(self, name, value):
        self.write_file(f"{self.mnt}/ctl/{name}", (value + "\n").encode())

    @operation()
    def user(self, name, secret):
        os.mkdir(f"{self.mnt}/ctl/access/users/{name}")
        self.write_file(f"{self.mnt}/ctl/access/users/{name}/secret", (secret + "\n").encode())

    @operation()
    def bind_user(self, name, initiators):
        self.write_file(f"{self.mnt}/ctl/access/users/{name}/initiators", (initiators + "\n").encode())

    @operation()
    def remove_user(self, name):
        os.rmdir(f"{self.mnt}/ctl/access/users/{name}")

    @operation()
    def add_element(self, kind):
        numbers = [int(n) for n in os.listdir(f"{self.mnt}/{kind}")]
        os.mkdir(f"{self.mnt}/{kind}/{max(numbers) + 1}")

    @operation()
    def remove_element(self, kind):
        numbers = [int(n) for n in os.listdir(f"{self.mnt}/{kind}")]
        os.rmdir(f"{self.mnt}/{kind}/{max(numbers)}")

    # ---- operations: initiators --------------------------------------------------------------------

    @operation(settles=True)
    def robot_move(self, source, to):
        self.move_medium(source, to)

    @operation(settles=True)
    def exchange(self, one, other):
        self.move_medium(one, other, "a6")

    @operation(durable=False, loose=True)
    def burn(self, drive, lba, sectors):
        self.write_lba(drive, lba, self.bytes(sectors))

    @operation(loose=True, settles=True)
    def burn_and_sync(self, drive, lba, sectors):
        self.write_lba(drive, lba, self.bytes(sectors))
        self.script(drive + 1, "none 35 00 00 00 00 00 00 00 00 00")

    @operation(loose=True, settles=True)
    def burn_through(self, drive, lba, sectors):
        """A write with FUA."""
        self.write_lba(drive, lba, self.bytes(sectors), "08")

    @operation(settles=True)
    def eject(self, drive):
        """Opens the tray, and closes it again."""
        self.script(drive + 1, "none 1b 00 00 00 02 00")
        self.acknowledged()
        self.script(drive + 1, "none 1b 00 00 00 03 00")

    @operation(settles=True)
    def offline(self, drive, value):
        self.write_file(f"{self.mnt}/ctl/drives/{drive}/online", (value + "\n").encode())

    @operation(loose=True, settles=True)
    def sync(self, drive):
        self.script(drive + 1, "none 35 00 00 00 00 00 00 00 00 00")

    @operation(settles=True)
    def close_track(self, drive, track=1):
        self.script(drive + 1, f"none 5b 00 01 00 00 {track:02x} 00 00 00 00")

    @operation(settles=True)
    def close_session(self, drive):
        self.script(drive + 1, "none 5b 00 02 00 00 00 00 00 00 00")

    @operation(settles=True)
    def finalize(self, drive):
        self.script(drive + 1, "none 5b 00 06 00 00 00 00 00 00 00")

    @operation(settles=True)
    def blank(self, drive):
        self.script(drive + 1, "none a1 11 00 00 00 00 00 00 00 00 00 00")

    @operation(settles=True)
    def format(self, drive, descriptor):
        self.script(drive + 1, f"out 00 02 00 08 {descriptor} -- 04 11 00 00 00 00")

    # ---- mixes ---------------------------------------------------------------------------------------

    def all_kinds(self):
        """Does each kind of operation once or more, in an order that is always the same."""
        self.blank_disc("slots/1", "bd-r")  # shows events before the folder of settings is synced again
        self.remove("slots/1")
        self.setting("hash-completed", "0")
        self.insert("slots/1")
        self.insert("slots/2", 3, 1, 700)
        self.relabel("slots/1")
        self.chmod("slots/1", 0o444)
        self.touch("slots/2", 1000000000)
        self.move("slots/1", "slots/3")
        self.move_and_relabel("slots/2", "drives/0")
        self.move("drives/0", "slots/1")
        self.robot_move("slots/1", "drives/1")
        self.robot_move("drives/1", "slots/2")
        self.exchange("slots/2", "slots/3")
        self.blank_disc("slots/4", "dvd+r")
        self.over_blank("slots/4")
        self.replace("slots/4")
        self.chmod("slots/2", 0o600)
        self.link("slots/5")
        self.remove("slots/5")
        self.raw("slots/5")
        self.relabel("slots/5")
        self.remove("slots/3")
        self.packed("slots/3")
        self.remove("slots/3")
        self.insert_folder("slots/3")
        self.relabel("slots/3")
        self.remove("slots/3")
        self.begin_folder("slots/3")
        self.replace_part("slots/3")
        self.relabel_folder("slots/3")
        self.end_folder("slots/3")
        self.remove("slots/3")
        self.begin_folder("slots/3")
        self.remove_folder("slots/3")
        self.setting("changer/vendor", "ACME")
        self.setting("drives/0/speed", "8000")
        self.user("alice", "a secret of alice")
        self.bind_user("alice", "iqn.2026-01.org.example:a")
        self.bind_user("alice", "")
        self.bind_user("alice", "iqn.2026-01.org.example:b")
        self.remove_user("alice")
        self.setting("changer/layout", "open")
        self.add_element("slots")
        self.add_element("drives")
        self.remove_element("drives")
        self.remove_element("slots")
        self.remove_element("mailslots")
        self.burns("dvd+r")
        self.burns("cd-r")
        self.rewrites("dvd-ram")
        self.rewrites("bd-re", "ff ff ff ff 00 00 00 00")
        self.blank_disc("drives/0", "cd-rw")
        self.burn_and_sync(0, 0, 8)
        self.close_session(0)
        self.blank(0)
        self.burn_and_sync(0, 0, 4)
        self.remove("drives/0")
        self.lives()

    def lives(self):
        """Ends the daemon in each way, with changes by hand before the next start."""
        self.clear()
        self.insert("slots/1")
        self.insert("slots/2")
        self.blank_disc("drives/0", "dvd-ram")
        self.burn_and_sync(0, 0, 4)
        self.burn(0, 2, 4)
        self.restart(clean=True)
        self.burn(0, 1, 4)
        self.restart()
        self.sync(0)
        self.burn_through(0, 3, 2)
        self.burn(0, 6, 2)
        self.eject(0)
        self.burn(0, 8, 2)
        self.offline(0, "0")
        self.offline(0, "1")
        self.insert_synced("slots/3")
        self.insert_open("slots/4")
        self.insert_more("slots/4")
        self.remove("slots/4")
        self.blank_disc("slots/4", "dvd+r")
        self.attribute("slots/4", "profile", "bd-r")
        self.remove("slots/4")
        self.restart(False, ["garble"])
        self.remove("slots/1")
        self.insert("slots/1")
        self.restart(True, ["put"], synced=True)
        self.restart(False, ["make"], synced=True)
        self.begin_folder("drives/1")
        for clean in (True, False):
            for change in by_hand.HARMLESS:
                self.restart(clean, [change])
                self.chmod("drives/0", 0o600 if clean else 0o644)
        self.end_folder("drives/1")
        self.clear()

    def clear(self):
        """Empties the elements, as far as the daemon lets it."""
        for _ in range(50):
            left = self.elements()
            folders = self.folders()
            for element in left:
                self.remove(element)
            for element in folders:
                self.remove_folder(element)
            if not left and not folders:
                return
            time.sleep(0.1)

    def burns(self, medium):
        """Records a disc in two steps, closes and finalizes it, and takes it out."""
        self.blank_disc("drives/0", medium)
        self.burn(0, 0, 3)
        self.sync(0)
        self.burn_and_sync(0, self.next_writable(0), 5)
        self.burn(0, self.next_writable(0), 4)
        self.close_track(0)
        self.close_session(0)
        self.move("drives/0", "slots/6")
        self.remove("slots/6")

    def rewrites(self, medium, descriptor=None):
        """Writes in any order on a disc that is written anywhere."""
        self.blank_disc("drives/0", medium)
        if descriptor is not None:
            self.format(0, descriptor)
        self.burn_and_sync(0, 4, 8)
        self.burn(0, 0, 2)
        self.burn_and_sync(0, 20, 3)
        self.burn(0, 6, 4)
        self.burn(0, 7, 1)
        self.sync(0)
        self.burn(0, 30, 2)
        self.robot_move("drives/0", "slots/6")
        self.robot_move("slots/6", "drives/0")
        self.burn(0, 5, 2)
        self.move("drives/0", "slots/6")
        self.remove("slots/6")

    def kill_at_each_call(self, name):
        """Does one kind of operation again and again, and kills the daemon at its first call, its second and so
        on, until it ends by itself and the daemon is killed after it.  After each kill come a start and further
        operations."""
        prepare, act = KILLED[name]
        self.setting("hash-completed", "0")
        for n in range(1, 60):
            killed = False
            try:
                prepare(self)
                self.log.kill_at(n)
                act(self)
            except Killed:
                killed = True
            self.log.kill_at(0)
            self.stop()
            self.log.mark(killed=True)
            self.start()
            self.insert("slots/5", 2, 1)
            if self.at("drives/0") is not None:
                self.sync(0)
                self.move("drives/0", "slots/6")
            self.clear()
            if not killed:
                break

    def any_of(self, steps):
        """Does that many operations at random, each where it can be done."""
        r = self.random
        done = 0
        self.next_lba = {}
        while done < steps:
            files = dict(self.files())
            full = [e for e in files if not e.startswith("transport")]
            folders = self.folders()
            free = [e for k in ("slots", "mailslots", "drives") for e in self.empty(k) if e not in folders]
            kind = r.choice(("insert", "insert", "blank_disc", "blank_disc", "move", "move", "robot_move",
                             "robot_move", "exchange", "relabel", "move_and_relabel", "remove", "chmod",
                             "touch", "setting", "link", "raw", "over_blank", "replace", "burn", "burn",
                             "burn", "burn_and_sync", "burn_and_sync", "sync", "close_track",
                             "close_session", "finalize", "blank", "format", "packed", "insert_folder",
                             "begin_folder", "replace_part", "relabel_folder", "end_folder", "remove_folder"))
            args = self.pick(kind, full, free, files, folders)
            if args is None:
                continue
            OPERATIONS[kind](self, *args)
            done += 1

    def pick(self, kind, full, free, files, folders):
        """Returns arguments for an operation of that kind; None if there is nothing to do it with."""
        r = self.random
        if kind in ("replace_part", "relabel_folder", "end_folder", "remove_folder"):
            alone = sorted(set(folders) - set(full))
            return (r.choice(alone),) if alone else None
        if kind in ("insert", "blank_disc", "link", "raw", "packed", "insert_folder", "begin_folder"):
            if not free or len(full) > 7:
                return None
            to = r.choice(free)
            if kind == "insert":
                return to, r.randrange(1, 9), r.randrange(1, 4), r.choice((0, 0, 500))
            if kind == "blank_disc":
                return (r.choice([f for f in free if f.startswith("drives")] or [to]),
                        r.choice(SEQUENTIAL + 2 * sorted(REWRITABLE)))
            return (to,)
        if kind in ("move", "robot_move", "move_and_relabel"):
            return (r.choice(full), r.choice(free)) if full and free else None
        if kind == "exchange":
            return tuple(r.sample(full, 2)) if len(full) > 1 else None
        if kind in ("relabel", "chmod", "touch", "over_blank", "replace"):
            out = [e for e in full if kind != "over_blank" or files[e].count(".") > 1]
            more = {"chmod": [r.choice((0o444, 0o644, 0o600))], "touch": [r.randrange(10 ** 9)]}
            return (r.choice(out), *more.get(kind, [])) if out else None
        if kind == "remove":
            return (r.choice(full),) if len(full) > 4 else None
        if kind == "setting":
            return r.choice((("changer/vendor", f"V{r.randrange(99)}"),
                             ("drives/1/vendor", f"W{r.randrange(99)}"),
                             ("default-profile", r.choice(("bd-r", "dvd+r")))))
        loaded = [e for e in full if e.startswith("drives")]
        if not loaded:
            return None
        drive = r.choice(loaded)
        number = int(drive[-1])
        medium = files[drive].split(".")[-2] if files[drive].count(".") > 1 else None
        if kind in ("burn", "burn_and_sync"):
            if medium is None:
                return None
            n = r.randrange(1, 6)
            lba = r.randrange(40) if medium in REWRITABLE else self.next_writable(number)
            return (number, lba, n) if lba is not None else None
        if kind == "format":
            if medium != "bd-re":
                return None
            return number, "ff ff ff ff 00 00 00 00"
        if kind == "blank" and medium not in ERASABLE:
            return None
        return (number,)

    def next_writable(self, drive):
        """Returns the next writable address of the last track; None if there is none."""
        try:
            out = self.script(drive + 1, "in 34 51 00 00 00 00 00 00 00 22 00\ndump")
            info = words(out)
            out = self.script(drive + 1, f"in 48 52 01 000000{info[6]:02x} 00 0030 00\ndump")
            track = words(out)
        except (Refused, IndexError):
            return None
        return int.from_bytes(track[12:16], "big") if track[7] & 1 else None


def loaded(medium, *more):
    """Returns a function that puts a blank disc into drive 0 and does more with it."""
    def prepare(driver):
        driver.blank_disc("drives/0", medium)
        for name, *args in more:
            OPERATIONS[name](driver, *args)
    return prepare


# What kill_at_each_call does: before the kill, and at it.
KILLED = {
    "insert": (lambda d: None, lambda d: d.insert("slots/1", 4, 2)),
    "raw": (lambda d: None, lambda d: d.raw("slots/1")),
    "link": (lambda d: None, lambda d: d.link("slots/1")),
    "packed": (lambda d: None, lambda d: d.packed("slots/1")),
    "folder": (lambda d: None, lambda d: d.insert_folder("slots/1")),
    "replace-part": (lambda d: d.begin_folder("slots/1"), lambda d: d.replace_part("slots/1")),
    "remove-folder": (lambda d: d.begin_folder("slots/1"), lambda d: d.remove_folder("slots/1")),
    "over-blank": (lambda d: d.blank_disc("slots/1", "dvd+r"), lambda d: d.over_blank("slots/1")),
    "replace": (lambda d: d.insert("slots/1"), lambda d: d.replace("slots/1")),
    "move": (lambda d: d.insert("slots/1"), lambda d: d.move("slots/1", "slots/2")),
    "load": (lambda d: d.insert("slots/1"), lambda d: d.robot_move("slots/1", "drives/0")),
    "exchange": (lambda d: (d.insert("slots/1"), d.insert("slots/2")), lambda d: d.exchange("slots/1", "slots/2")),
    "relabel": (lambda d: d.insert("slots/1"), lambda d: d.relabel("slots/1")),
    "remove": (lambda d: d.insert("slots/1"), lambda d: d.remove("slots/1")),
    "chmod": (lambda d: d.insert("slots/1"), lambda d: d.chmod("slots/1", 0o400)),
    "setting": (lambda d: None, lambda d: d.setting("changer/vendor", d.label())),
    "user": (lambda d: None, lambda d: d.user("u" + d.label().lower(), "a secret of theirs")),
    "bind-user": (lambda d: d.user("alice", "a secret of alice"),
                  lambda d: d.bind_user("alice", "iqn.2026-01.org.example:" + d.label().lower())),
    "add": (lambda d: None, lambda d: d.add_element("slots")),
    "burn": (loaded("dvd+r"), lambda d: d.burn_and_sync(0, 0, 4)),
    "rewrite": (loaded("dvd-ram", ("burn_and_sync", 0, 0, 8)), lambda d: d.burn(0, 2, 3)),
    "unload": (loaded("dvd-ram", ("burn", 0, 0, 8)), lambda d: d.move("drives/0", "slots/1")),
    "close": (loaded("dvd+r", ("burn", 0, 0, 4)), lambda d: d.close_session(0)),
    "blank": (loaded("cd-rw", ("burn", 0, 0, 4), ("close_session", 0)), lambda d: d.blank(0)),
    "format": (loaded("bd-re"), lambda d: d.format(0, "ff ff ff ff 00 00 00 00")),
    "stop": (loaded("dvd-ram", ("burn", 0, 0, 8)), lambda d: d.clean_stop()),
    "start": (lambda d: (d.insert("slots/1"), d.clean_stop(), d.change_by_hand(by_hand.HARMLESS)),
              lambda d: d.start()),
}


def hashes(data):
    """Returns the hash of each sector, as the judge computes it: FNV-1a, 0 for zeros; less zeros at the end."""
    out = []
    for at in range(0, len(data), SECTOR):
        sector = data[at:at + SECTOR]
        out.append(CACHE[sector] if sector in CACHE else CACHE.setdefault(sector, fnv(sector)))
    while out and out[-1] == 0:
        out.pop()
    return out


def fnv(data):
    if not any(data):
        return 0
    h = 2166136261
    for byte in data:
        h = (h ^ byte) * 16777619 & 0xffffffff
    return h | 1


def words(text):
    """Returns the bytes of the last dump in the output of icdb."""
    data = []
    for line in text.split("\n"):
        try:
            data += [int(w, 16) for w in line.split()] if line and len(line.split()[0]) == 2 else []
        except ValueError:
            pass
    return bytes(data)


def tidy(folder):
    shutil.rmtree(folder, ignore_errors=True)
