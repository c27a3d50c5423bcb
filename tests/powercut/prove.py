# SPDX-License-Identifier: GPL-2.0-or-later
"""
The judge is judged: takes away the syncs that the daemon makes from each place in turn, and looks for a store in
which that is noticed.  The places come from the program (sites.py).
"""
import calls
import model
import trial

# Places whose syncs nobody misses, and why they stay.
NOT_NOTICED = {}

# Places that no run gets to, and why.
NOT_REACHED = {}


class Dropped(trial.Trial):
    """The states of a log when some syncs are not made.  course has for each call the operation and the rule of
    history.History.rule."""

    def __init__(self, log, mode, judge, seed, dropped, course, each):
        super().__init__(log, mode, judge, seed, 0, dropped)
        self.course, self.each = course, each

    def run(self):
        """Judges until something is noticed.  Only states that differ for the syncs are looked at."""
        first = min(self.dropped)
        m = model.Model(self.mode == "strict")
        full = model.Model(self.mode == "strict")  # with all syncs
        for i, c in enumerate(self.log):
            m.take(c, i in self.dropped)
            full.take(c)
            if i >= first and self.course[i] is not None and m.unsure() != full.unsure():
                self.cut(i, m, *self.course[i])
            if self.violations or self.states > MOST_STATES:
                break
        self.judge.flush()
        return self.violations[0] if self.violations else None


MOST_STATES = 6000  # of one place, one mode and one log


class Course(trial.Trial):
    """Follows a log without a power cut."""

    def __init__(self, log, judge):
        super().__init__(log, "ordered", judge, 0, 0)
        self.course = [None] * len(log)

    def cut(self, i, m, operation, rule):
        self.course[i] = (operation, rule)


class Proof:
    """What came of each place in all runs."""

    def __init__(self, sites, modes, seed, wanted):
        self.sites, self.modes, self.seed = sites, modes, seed
        self.wanted = {s for s in sites.all() if not wanted or any(w in s for w in wanted)}
        self.caught, self.syncs = {}, {}

    def look(self, run, log, judge):
        """Drops the syncs of each place in the log of a run, unless a run before has noticed that."""
        judge.ids = calls.ids(log)
        course = Course(log, judge).run().course
        for name, dropped in sorted(self.sites.of_log(log).items()):
            if name not in self.wanted:
                continue
            self.syncs[name] = self.syncs.get(name, 0) + len(dropped)
            for each in (1, 6) if name not in NOT_NOTICED else (1,):
                for mode in self.modes:
                    if name not in self.caught:
                        v = Dropped(log, mode, judge, self.seed, dropped, course, each).run()
                        if v is not None:
                            self.caught[name] = (v.operation, mode, run)

    def report(self):
        """Prints what came of each place.  Returns the number of those that are neither noticed nor known."""
        bad = 0
        for name in sorted(self.wanted):
            n = self.syncs.get(name, 0)
            if name in self.caught:
                operation, mode, run = self.caught[name]
                print(f"ok {name} ({n}): caught by {operation} ({mode}, {run})")
            elif name in NOT_NOTICED and n > 0:
                print(f"ok {name} ({n}): not noticed, and known: {NOT_NOTICED[name]}")
            elif name in NOT_REACHED and n == 0:
                print(f"ok {name} (0): no run gets there, and known: {NOT_REACHED[name]}")
            else:
                bad += 1
                print(f"not ok {name} ({n}): " + ("not noticed" if n else "no run gets there"))
        for name in sorted((NOT_NOTICED.keys() | NOT_REACHED.keys()) - self.sites.all()):
            bad += 1
            print(f"not ok {name}: the daemon has no such place any more: its row can go")
        return bad
