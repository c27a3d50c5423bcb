# SPDX-License-Identifier: GPL-2.0-or-later
"""
Changes the store while no daemon runs, as people do who look after it.  The programs that do it are recorded, too.
Nothing is promised about such a change before the next start has shown it; from then on it must be durable.
"""
import os
import re
import subprocess


class ByHand:
    """The part of driver.Driver that changes the store itself."""

    def change_by_hand(self, names, synced=False):
        """Makes the changes of these names (CHANGES).  If `synced` is true, syncs them, and then they must be there."""
        if names:
            self.log.mark(by_hand=True)
        for name in names:
            CHANGES[name](self)
        if synced:
            self.recorded("sync", "-f", self.store)
            self.log.mark(ack="by hand", durable=True, done="done", view=None, settled=[])

    def recorded(self, *command):
        subprocess.run(command, check=True, env={**os.environ, "LD_PRELOAD": self.library})

    def cartridges(self):
        """Returns the directories of all discs in slots."""
        slots = self.store + "/slots"
        return [f"{slots}/{n}/{name}" for n in sorted(os.listdir(slots), key=int)
                for name in os.listdir(f"{slots}/{n}") if os.path.isfile(f"{slots}/{n}/{name}/disc.json")]

    def free_slot(self):
        """Returns the directory of a slot with nothing in it; None if there is none."""
        slots = self.store + "/slots"
        return next((f"{slots}/{n}" for n in sorted(os.listdir(slots), key=int) if not os.listdir(f"{slots}/{n}")), None)

    def put_by_hand(self):
        """Copies an image into a slot: the start makes it a disc."""
        slot = self.free_slot()
        if slot is not None:
            self.recorded("cp", self.image(f"{self.label()}.iso"), slot)

    def image(self, name):
        """Makes an image beside the store.  Returns its path."""
        path = f"{self.folder}/{name}"
        self.write_file(path, self.bytes(5))
        return path

    def make_cartridge(self):
        """Makes the directory of a disc that has no description yet."""
        slot = self.free_slot()
        if slot is not None:
            path = f"{slot}/{self.label()}.iso"
            self.recorded("mkdir", path)
            self.recorded("cp", self.image("image.1"), path)

    def write_over(self, path, data, rename):
        """Gives a file of the store new content: writes into it, or renames a new file over it."""
        changed = self.folder + "/changed"
        self.write_file(changed, data)
        if rename:
            self.recorded("cp", changed, path + "~")
            self.recorded("mv", path + "~", path)
        else:
            self.recorded("cp", changed, path)

    def edit_setting(self, rename):
        path = self.store + "/ctl/changer/vendor"
        if os.path.exists(path):
            self.write_over(path, f"{self.label()}\n".encode(), rename)

    def edit_description(self, rename):
        """Gives a disc another time of change."""
        for path in self.cartridges()[:1]:
            with open(path + "/disc.json", encoding="utf-8") as f:
                text = f.read()
            seconds = 1000000000 + self.random.randrange(1000000)
            text = re.sub(r'("mtime": ")\d+\.\d+(",\n "ctime")', rf"\g<1>{seconds}.000000000\g<2>", text)
            self.write_over(path + "/disc.json", text.encode(), rename)

    def garble(self):
        """Damages a description: the daemon shows the disc as unreadable."""
        for path in self.cartridges()[:1]:
            self.write_over(path + "/disc.json", b"{", False)

    def move_cartridge(self):
        for path in self.cartridges()[:1]:
            slot = self.free_slot()
            if slot is not None:
                self.recorded("mv", path, slot)

    def remove_cartridge(self):
        for path in self.cartridges()[1:2]:
            self.recorded("rm", "-r", path)


CHANGES = {
    "put": ByHand.put_by_hand,
    "make": ByHand.make_cartridge,
    "setting": lambda d: d.edit_setting(False),
    "setting renamed": lambda d: d.edit_setting(True),
    "description": lambda d: d.edit_description(False),
    "description renamed": lambda d: d.edit_description(True),
    "move": ByHand.move_cartridge,
    "remove": ByHand.remove_cartridge,
    "garble": ByHand.garble,
}
HARMLESS = [name for name in CHANGES if name != "garble"]
