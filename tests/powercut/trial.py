# SPDX-License-Identifier: GPL-2.0-or-later
"""Judges stores that power cuts at all calls of one log may leave, as model.py makes them."""
import random

import calls
import history
import model
import verdict


class Trial(history.History):
    """The states of one log in one mode."""

    def __init__(self, log, mode, judge, seed, states, dropped=(), serve=None, daemon=0):
        super().__init__(judge)
        self.log, self.mode, self.dropped, self.serve = log, mode, dropped, serve
        self.daemon, self.served = daemon, 0
        self.random = random.Random(seed)
        self.violations, self.states, self.by_operation, self.decided = [], 0, {}, 0
        self.seen = set()
        changes = sum(c.kind != calls.MARK for c in log)
        self.each = max(1, -(-states // max(1, changes)))

    def run(self):
        self.judge.ids = calls.ids(self.log)
        m = model.Model(self.mode == "strict")
        for i, c in enumerate(self.log):
            m.take(c, i in self.dropped)
            if c.kind == calls.MARK:
                self.mark(c.mark, m.whole)
            elif self.promised:
                self.came(self.judge.look_at_whole(m.whole()))
                self.cut(i, m, self.operation, self.rule())
        self.judge.flush()
        return self

    def cut(self, i, m, operation, rule):
        """Judges stores that a power cut after call i may leave."""
        for tree in self.trees(m):
            key = (model.key(tree), rule[0][0], len(rule[0]))
            if key in self.seen:
                continue
            self.seen.add(key)
            self.states += 1
            self.by_operation[operation] = self.by_operation.get(operation, 0) + 1
            what = (i, operation, rule, tree)
            self.judge.look(tree, lambda views, what=what: self.decide(views, *what), self.states % 10 == 0)

    def decide(self, views, i, operation, rule, tree):
        why = self.window(rule).forbids(views[0])
        if why is None and len(views) > 1 and not views[0].same(views[1]):
            why = "the second start shows something else"
        self.decided += 1
        if why is None and self.daemon and self.decided % self.daemon == 0:
            self.served += 1
            why = self.serve(tree, views[0], f"{self.judge.folder}/served")
        if why is not None:
            self.violations.append(verdict.Violation(i, operation, self.mode, why, tree))

    def trees(self, m):
        """Yields stores that a power cut here may leave."""
        for steps in m.choices(self.random, self.each):
            picked = {}
            plain = self.random.choice(("all", "none", "zeros", None, None))

            def choose(node, picked=picked, plain=plain):
                if node not in picked:
                    names = m.files[node].variants()
                    if plain in names:
                        picked[node] = plain
                    elif len(names) > 4 and self.random.random() < 0.3:
                        pages = m.files[node].touched()
                        n = self.random.randrange(1, len(pages) + 1) if pages else 0
                        picked[node] = ("page", *sorted(self.random.sample(pages, n))) if n else "none"
                    else:
                        picked[node] = self.random.choice(names)
                return picked[node]

            yield m.tree(steps, choose)
