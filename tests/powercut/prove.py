# SPDX-License-Identifier: GPL-2.0-or-later
"""
The judge is judged: takes away the syncs that the daemon makes from each place in turn, and looks for a store in
which that is noticed.  The places come from the program (sites.py).
"""
import calls
import model
import trial

LOCK = "the lock file has no promise to keep; a server of a network file system may outlive the daemon's machine"
FAILED = "only after a step that failed (tests/unit has those)"
SECOND = "a second way to a promise that runs get to by others"
UNSEEN = "a gap: the judge does not look at it"

# Places whose syncs nobody misses, and why they stay.
NOT_NOTICED = {
    "commit.c:commit_over>description_keep_promise": "without it a start publishes disc.json.new again",
    "commit.c:replace_old_disc>description_publish": "without it a start publishes disc.json.new again",
    "commit.c:insert_place>image_sync": "the close of a staged file, or the start, has synced the image before",
    "commit.c:replace_old_disc>store_sync_dir#1":
        "a gap: without it a power cut takes a staged file whose rename was not acknowledged; the old disc stays",
    "disc_change.c:store_new>image_sync": "a gap: no run writes raw sectors, which copies data into a new image",
    "disc_sync.c:disc_describe>disc_sync_written":
        "the sectors are not promised yet: it keeps a description from counting more than there are",
    "disc_sync.c:disc_sync_written>disc_sync_data":
        "the sectors are not promised yet: it keeps a description from counting more than there are",
    "open.c:jb_close>store_mark_clean": LOCK,
    "open.c:jb_open>store_open": LOCK,
    "recover.c:move_to_incoming>store_sync_dir#2": "the next step writes the description there, and so syncs it",
    "remove.c:put_aside>store_sync_dir#1": UNSEEN,
    "remove.c:put_aside>store_sync_dir#2": UNSEEN,
    "scan.c:finish_pending>description_keep_promise": "without it the next start publishes disc.json.new again",
    "store_open.c:store_mark_clean>fsync#1": "it lets a server of files say its time of the write",
    "store_open.c:store_mark_clean>fsync#2": "without it the next start syncs all",
    "store_open.c:store_open>take_lock": LOCK,
    "store_open.c:take_lock>write_owner": LOCK,
    "store_open.c:write_owner>fsync#1": LOCK,
    "store_open.c:write_owner>fsync#2": LOCK,
    "store.c:sync_dirs>store_sync_dir#2":
        "a rename is one step in the models; elsewhere a disc that was removed or moved may come back without it",
}

# Places that no run gets to, and why.
NOT_REACHED = {
    "attribute.c:store_attrs>description_follow":
        "a gap: no run changes attributes of a disc between its close and its place",
    "check.c:store_digest>description_store": "a hash that is lost is computed again",
    "check.c:store_digest>disc_sync_written": "a hash that is lost is computed again",
    "close.c:mmc_close_track>disc_sync": "a gap: no run closes a track after a test write",
    "commit.c:become_disc>description_store": "a gap: no run makes an incomplete file a disc",
    "commit.c:commit_content>insert_write_down": "a gap: no run changes attributes while a file is released",
    "commit.c:commit_over>disc_describe": "a gap: no run opens a blank disc and only changes its times",
    "commit.c:leave_to_import>description_store": "a gap: no run renames a staged file to a packed one",
    "commit.c:leave_to_import>store_sync_dir": "a gap: no run renames a staged file to a packed one",
    "commit.c:take_truncated>disc_describe": "a gap: no run overrules a truncated disc",
    "correct_name.c:correct_name_apply>item_relabel": "a gap: no run has a name that is corrected",
    "disc_change.c:disc_replace_image>disc_sync": SECOND,
    "disc_change.c:disc_set_pwp>disc_sync": "a gap: no run write-protects a disc",
    "drive_state.c:drive_admits_online>disc_sync":
        "the operation offline does; called by a pointer, the function jumps there and so is not in the log",
    "event.c:run_reservation>store_next": "a gap: no run has as many events as are numbered at once",
    "file.c:cut_file>insert_begin_write": SECOND,
    "file.c:jb_file_allocate>insert_begin_write": SECOND,
    "file.c:jb_file_copy>insert_begin_write": SECOND,
    "file.c:jb_file_fsync>image_sync": "a gap: no run syncs a file that is only read",
    "file.c:jb_file_truncate>insert_flush": "a gap: no run cuts a file by its path",
    "file.c:resume_incomplete>insert_store_kept": "a gap: no run goes on with an incomplete file",
    "insert.c:insert_store_kept>description_store": "a gap: no run goes on with an incomplete file",
    "insert.c:insert_write_down>keep_incomplete": "a gap: no run closes a file too early",
    "insert.c:withdraw_intent>store_sync_dir": "a gap: no run writes to a file over a disc after one of two closes",
    "owners.c:jb_owners_save>store_replace_file": UNSEEN,
    "reservations.c:jb_reservations_save>store_replace_file": UNSEEN,
    "reservations.c:jb_reservations_save>store_sync_dir#1": UNSEEN,
    "reservations.c:jb_reservations_save>store_sync_dir#2": UNSEEN,
    "robot.c:jb_job_commit>item_relabel": "a gap: no run has the robot give a disc a name",
    "setting_store.c:store_value>store_sync_dir": "a gap: no run takes a setting away",
    "store.c:restore_file>store_sync_dir": FAILED,
    "store.c:restore_file>write_file": FAILED,
    "store.c:store_move>sync_dirs#2": FAILED,
    "store.c:store_rename_file>restore_file": FAILED,
}

MOST_STATES = 2000  # of one place, one mode and one log


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
            for each in (1, 40) if name not in NOT_NOTICED else (1,):
                for mode in self.modes:
                    if name not in self.caught:
                        v = Dropped(log, mode, judge, self.seed, dropped, course, each).run()
                        if v is not None:
                            self.caught[name] = (v.operation, mode, run)
                            print(f"# {name}: caught by {v.operation}", flush=True)

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
