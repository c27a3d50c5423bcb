# SPDX-License-Identifier: GPL-2.0-or-later
"""Follows the log of a run: which stores the daemon may show after a power cut at the present call."""
import verdict


class History:
    """Takes the marks and the calls of a log in their order.  `keys` are those of the stores, as the running
    system had them, since the last acknowledgement of a durable operation."""

    def __init__(self, judge):
        self.judge = judge
        self.disagreements = []
        self.promised = False  # nothing is, before the first start has been acknowledged
        self.operation, self.keys, self.loose, self.last_event = "start", [], {}, 0

    def mark(self, mark, tree):
        """Takes a mark.  tree() returns the store as the running system has it."""
        if "by_hand" in mark:
            self.promised = False
        if "begin" in mark:
            self.operation = mark["begin"]
            for element in mark["loose"]:
                self.loose.setdefault(element, self.keys[-1:])
        elif "ack" in mark and mark["durable"]:
            key = self.judge.look_at_whole(tree())
            self.promised = True
            for element in mark["settled"]:
                self.loose.pop(element, None)
            self.came(key)
            self.keys = [key]
            if mark["view"] is not None:
                self.last_event = mark["view"]["event"]
                shown = {e: f for e, f in mark["view"].items() if e not in self.loose}
                self.judge.later(lambda operation=self.operation, loose=set(self.loose):
                                 self.compare(operation, key, shown, loose))

    def came(self, key):
        """Notes that this is in the store from now on, as the running system has it."""
        if key not in self.keys:
            self.keys = self.keys + [key]
        self.loose = {e: keys if key in keys else keys + [key] for e, keys in self.loose.items()}

    def compare(self, operation, key, shown, loose):
        why = verdict.agrees(self.judge.known[key], shown, loose)
        if why is not None:
            self.disagreements.append((operation, why))

    def rule(self):
        """Returns what window() needs to judge a power cut at the present call."""
        return self.keys, self.loose, self.last_event

    def window(self, rule):
        """Returns the window of a rule.  The judge has seen all that was given to it before the rule."""
        keys, loose, last_event = rule
        known = self.judge.known
        window = verdict.Window([known[k] for k in keys], last_event)
        for element, since in loose.items():
            window.add_loose(element, [known[k] for k in since])
        return window
