/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Simulates the times of the robot and the drives, and makes the faults happen that a user requests.
 *
 * A rule of changer/fault.h is active as long as its count lets it fire.  To fire it means to count it and,
 * in most cases, to raise the event `fault`.  A struct place describes the operation for which a rule is
 * looked up.
 */
#include "changer/drive/simulate.h"

#include <assert.h>
#include <string.h>

#include "changer/base/clock.h"
#include "changer/base/duration.h"
#include "changer/base/log.h"
#include "changer/drive/fault.h"
#include "changer/inventory/model.h"
#include "changer/inventory/progress.h"

/* ---- waiting ----------------------------------------------------------------------------------- */

void
jb_interrupt(struct jukebox *jb)
{
	jb->interrupted = true;
}

/* Waits until left(arg) returns 0; left returns how many milliseconds remain.  Calls it again every few
 * milliseconds, because the user may change the setting or the rule that causes the delay.  Ends early
 * after jb_interrupt.  If strand is not NULL, also ends early when another thread waits for it in
 * strand_enter: a user of the mount must never wait for a simulated delay.  The caller keeps its strand. */
static void
wait_for(struct jukebox *jb, struct strand *strand, unsigned (*left)(void *arg), void *arg)
{
	enum { SLICE_MS = 10, NS_PER_MS = 1000000 };
	unsigned ms;

	while (!jb->interrupted && (strand == NULL || !strand_is_awaited(strand)) &&
		(ms = left(arg)) > 0) {
		struct timespec slice = {0, (ms < SLICE_MS ? ms : SLICE_MS) * NS_PER_MS};

		nanosleep(&slice, NULL);
	}
}

/* Returns how many of the ms milliseconds since `from` (a time of clock_ms) remain; 0 if they are over. */
static unsigned
ms_left(uint64_t from, unsigned ms)
{
	uint64_t passed = clock_ms() - from;

	return passed < ms ? ms - (unsigned)passed : 0;
}

/* ---- times ------------------------------------------------------------------------------------- */

void
simulate_setting(struct jukebox *jb, enum jb_setting s, unsigned drive, const char *value)
{
	struct drive *d;
	unsigned ms = 0;

	(void)duration_parse(value[0] == '\0' ? "0" : value, &ms);
	if (s == JB_SET_CHANGER_MOVE_TIME)
		jb->move_ms = ms;
	else if (s == JB_SET_DRIVE_LOAD_TIME && (d = jb_drive(jb, drive)) != NULL)
		d->load_ms = ms;
}

/* ---- a drive's loading ------------------------------------------------------------------------- */

/* Counts a medium that has become accessible: in media_arrivals, then in media_changes.  So initiators
 * learn that it came. */
static void
count_arrival(struct drive *d)
{
	d->media_arrivals++;
	d->media_changes++;
}

void
drive_begin_loading(struct drive *d)
{
	d->loading_late_ms = d->late_ms;
	d->late_ms = 0;
	d->loading_from = clock_ms();
	d->loads++;
	if (d->load_ms + d->loading_late_ms > 0)
		d->loading = true;
	else
		count_arrival(d);
}

/* Returns how many milliseconds the loading still takes with the present setting; 0 if its time is over.
 * Has a meaning only while the drive is loading. */
static unsigned
loading_left(const struct drive *d)
{
	return ms_left(d->loading_from, d->load_ms + d->loading_late_ms);
}

/* Makes the medium accessible in the first thread that calls this after the time is over.  Clears `loading`
 * only after the counters have grown, so no thread sees the drive ready without the arrival. */
bool
drive_is_loading(struct drive *d)
{
	if (!d->loading)
		return false;
	progress_enter(d);
	if (d->loading && loading_left(d) == 0) {
		/* Offline, no initiator sees it; to go online counts it (drive_set_online). */
		if (!d->offline)
			count_arrival(d);
		d->loading = false;
	}
	progress_leave(d);
	return d->loading;
}

bool
drive_end_loading(struct drive *d)
{
	bool was;

	progress_enter(d);
	was = d->loading;
	d->loading = false;
	progress_leave(d);
	return !was;
}

unsigned
drive_loading_left(struct drive *d)
{
	return drive_is_loading(d) ? loading_left(d) : 0;
}

/* Returns drive_loading_left of the drive `arg`; for wait_for. */
static unsigned
ready_left(void *arg)
{
	return drive_loading_left(arg);
}

void
drive_await_ready(struct drive *d)
{
	assert(strand_is_mine(&d->strand));
	wait_for(d->jb, &d->strand, ready_left, d);
}

/* ---- the rules of a unit ----------------------------------------------------------------------- */

LOCK_CLASS_DEFINE(faults_lock);

/* Takes the lock of the rules. */
static void
lock_rules(struct faults *f) ACQUIRES(faults_lock) NO_LOCK_ANALYSIS
{
	pthread_mutex_lock(&f->lock);
}

/* Releases the lock of the rules. */
static void
unlock_rules(struct faults *f) RELEASES(faults_lock) NO_LOCK_ANALYSIS
{
	pthread_mutex_unlock(&f->lock);
}

void
faults_init(struct faults *f)
{
	pthread_mutex_init(&f->lock, NULL);
	f->n = 0;
}

void
faults_fini(struct faults *f)
{
	pthread_mutex_destroy(&f->lock);
}

/* Returns the rules of a unit: a drive, or the robot as JB_PICKER.  Returns NULL if there is no such
 * unit. */
static struct faults *
faults_of(struct jukebox *jb, struct jb_elem unit)
{
	struct drive *d;

	if (unit.type == JB_PICKER)
		return &jb->robot_faults;
	d = unit.type == JB_DRIVE ? jb_drive(jb, unit.number) : NULL;
	return d == NULL ? NULL : &d->faults;
}

enum jb_err
jb_fault_set(struct jukebox *jb, struct jb_elem unit, const char *text)
{
	struct faults *f = faults_of(jb, unit);
	struct fault_rule rules[FAULT_RULES_MAX];
	enum jb_err err;
	unsigned n;

	if (f == NULL)
		return JB_NO_ELEMENT;
	err = fault_parse(text, unit.type == JB_DRIVE, rules, &n);
	if (err != JB_OK)
		return err;
	lock_rules(f);
	memcpy(f->rules, rules, n * sizeof(rules[0]));
	f->n = n;
	unlock_rules(f);
	log_info("fault", "%s %u: %u rules are in force", jb_elem_dir(unit.type), unit.number, n);
	return JB_OK;
}

bool
jb_fault_line(struct jukebox *jb, struct jb_elem unit, unsigned n, struct jb_fault_line *out)
{
	struct faults *f = faults_of(jb, unit);
	bool found;

	if (f == NULL)
		return false;
	lock_rules(f);
	found = n < f->n;
	if (found) {
		fault_print(&f->rules[n], out->rule);
		out->fired = f->rules[n].fired;
	}
	unlock_rules(f);
	return found;
}

/* Describes an operation, so that it can be matched with the rules.  whole: a command without sectors.
 * moves: a move of the robot between `from` and `to`.  Neither: a command for count sectors from lba on. */
struct place {
	bool whole, moves;
	uint32_t lba, count;	 /* if neither whole nor moves is true */
	struct jb_elem from, to; /* if moves is true */
};

/* Returns true if the rule can still fire (fault_is_active) and matches the operation p.  *at is then the
 * first sector that it matches, or 0 if p has no sectors; else it means nothing. */
static bool
rule_matches(const struct fault_rule *r, const struct place *p, uint32_t *at)
{
	*at = 0;
	if (!fault_is_active(r))
		return false;
	if (p->whole)
		return fault_hits_command(r);
	return p->moves ? fault_hits_move(r, p->from, p->to)
			: fault_hits_sectors(r, p->lba, p->count, at);
}

/* Returns the rule of that verb that can fire for the operation p, and stores the first sector to which
 * it applies in *at.  If there is more than one, chooses the one with the first sector, counted from p->lba,
 * which may be before address 0; among equals, the first rule.  Returns NULL, and leaves *at, if there is
 * none. */
static struct fault_rule *
find_rule(struct faults *f, enum fault_verb verb, const struct place *p, uint32_t *at)
	REQUIRES(faults_lock)
{
	struct fault_rule *found = NULL;
	uint32_t here;

	for (unsigned i = 0; i < f->n; i++) {
		struct fault_rule *r = &f->rules[i];

		if (r->verb != verb || !rule_matches(r, p, &here) ||
			(found != NULL && here - p->lba >= *at - p->lba))
			continue;
		found = r;
		*at = here;
	}
	return found;
}

/* Returns true if a rule of that verb matches the operation p, and stores the first sector that it matches
 * in *at; 0 if p has no sectors.  Returns false, and leaves *at, if none matches.  Fires no rule.  Takes
 * the lock of the rules. */
static bool
any_rule_matches(struct faults *f, enum fault_verb verb, const struct place *p, uint32_t *at)
{
	bool found;

	if (f->n == 0)
		return false;
	lock_rules(f);
	found = find_rule(f, verb, p, at) != NULL;
	unlock_rules(f);
	return found;
}

/* Fires the rule of that verb that matches the operation p (find_rule): counts it, and copies it to *out
 * with the new count.  Raises no event.  Returns false, and leaves *out, if none matches.  Takes the lock
 * of the rules. */
static bool
fire_rule(struct faults *f, enum fault_verb verb, const struct place *p, struct fault_rule *out)
{
	struct fault_rule *r;
	uint32_t at;

	if (f->n == 0)
		return false;
	lock_rules(f);
	r = find_rule(f, verb, p, &at);
	if (r != NULL) {
		r->fired++;
		*out = *r;
	}
	unlock_rules(f);
	return r != NULL;
}

/* Raises the event `fault` for the rule *r, which has fired, with the disc `it`.  Raises none if `it` is
 * NULL, because no disc takes part.  A rule `slow` may fire for every command, so it raises the event only
 * the first time. */
static void
report_fault(const struct item *it, const struct fault_rule *r, const char *initiator)
{
	struct jb_event e;

	if (it == NULL || (r->verb == FAULT_SLOW && r->fired > 1))
		return;
	event_begin(&e, JB_EVENT_FAULT, initiator);
	event_set_item(&e, it);
	e.err = r->err;
	fault_print(r, e.rule);
	event_add(it->jb, &e);
}

/* ---- delays by rules --------------------------------------------------------------------------- */

struct slow {		       /* a delay by a rule `slow`, for wait_for */
	struct faults *faults; /* the unit's rules */
	struct place place;    /* the operation that is slowed */
	uint64_t from;	       /* when the delay began: clock_ms */
	unsigned ms;	       /* how long it lasts */
};

/* Returns how many milliseconds of the delay `arg` (struct slow) remain; for wait_for.  Returns 0 if the
 * unit has no rule `slow` any more.  Takes the lock of the rules. */
static unsigned
slow_left(void *arg)
{
	struct slow *s = arg;
	bool there = false;

	lock_rules(s->faults);
	for (unsigned i = 0; i < s->faults->n && !there; i++)
		there = s->faults->rules[i].verb == FAULT_SLOW;
	unlock_rules(s->faults);
	return there ? ms_left(s->from, s->ms) : 0;
}

/* ---- drives ------------------------------------------------------------------------------------ */

/* Returns the operation of a command for count sectors from lba on. */
static struct place
sectors(uint32_t lba, uint32_t count)
{
	return (struct place){.lba = lba, .count = count};
}

bool
drive_has_faults(const struct drive *d)
{
	return d->faults.n > 0;
}

bool
drive_is_slow(struct drive *d, uint32_t lba, uint32_t count)
{
	struct place p = sectors(lba, count);
	uint32_t at;

	assert(strand_is_mine(&d->strand));
	return any_rule_matches(&d->faults, FAULT_SLOW, &p, &at);
}

/* Fires the rule `slow` that matches the operation *place, reports it, and waits as long as it says.  Does
 * nothing if none matches.  Ends early when another thread waits for the strand, or after jb_interrupt.
 * Strand held.  [blocks] */
static void
wait_for_slow_rule(struct drive *d, const struct place *place, const char *initiator)
{
	struct slow s = {.faults = &d->faults, .place = *place, .from = clock_ms()};
	struct fault_rule r;

	assert(strand_is_mine(&d->strand));
	if (!fire_rule(&d->faults, FAULT_SLOW, &s.place, &r))
		return;
	report_fault(d->item, &r, initiator);
	s.ms = r.delay_ms;
	wait_for(d->jb, &d->strand, slow_left, &s);
}

void
drive_be_slow(struct drive *d, uint32_t lba, uint32_t count, const char *initiator)
{
	struct place p = sectors(lba, count);

	wait_for_slow_rule(d, &p, initiator);
}

/* Fires the rule of that verb that matches the operation p, copies it to *r, and raises its event
 * (report_fault).  Returns false, and leaves *r, if none matches.  Strand held. */
static bool
fire_and_report(struct drive *d, enum fault_verb verb, const struct place *p, const char *initiator,
	struct fault_rule *r)
{
	assert(strand_is_mine(&d->strand));
	if (!fire_rule(&d->faults, verb, p, r))
		return false;
	report_fault(d->item, r, initiator);
	return true;
}

bool
drive_loses_session(struct drive *d, uint32_t lba, uint32_t count, const char *initiator)
{
	struct place p = sectors(lba, count);
	struct fault_rule r;

	return fire_and_report(d, FAULT_LOSE_SESSION, &p, initiator, &r);
}

bool
drive_bad_sector(struct drive *d, bool writes, uint32_t lba, uint32_t count, uint32_t *bad)
{
	struct place p = sectors(lba, count);

	assert(strand_is_mine(&d->strand));
	return any_rule_matches(&d->faults, writes ? FAULT_WRITE : FAULT_READ, &p, bad);
}

enum jb_err
drive_meet_bad_sector(struct drive *d, bool writes, uint32_t bad, const char *initiator)
{
	struct place p = sectors(bad, 1);
	struct fault_rule r;

	/* The rule may have been deleted meanwhile.  The command has stopped here, so it still fails. */
	if (!fire_and_report(d, writes ? FAULT_WRITE : FAULT_READ, &p, initiator, &r))
		return writes ? JB_FAULT_WRITE : JB_FAULT_READ;
	return r.err;
}

enum drive_fault
drive_meets_fault(struct drive *d, enum fault_verb verb, bool may_block, const char *initiator,
	enum jb_err *err)
{
	const struct place whole = {.whole = true};
	struct fault_rule r;
	uint32_t at;

	assert(strand_is_mine(&d->strand));
	if (!drive_has_faults(d))
		return DRIVE_SOUND;
	if (!may_block && any_rule_matches(&d->faults, FAULT_SLOW, &whole, &at))
		return DRIVE_WOULD_BLOCK;
	if (may_block)
		wait_for_slow_rule(d, &whole, initiator);
	if (fire_and_report(d, FAULT_LOSE_SESSION, &whole, initiator, &r))
		return DRIVE_LOSES_SESSION;
	if (!fire_and_report(d, verb, &whole, initiator, &r))
		return DRIVE_SOUND;
	*err = r.err;
	return DRIVE_FAILS;
}

/* ---- the robot --------------------------------------------------------------------------------- */

/* A move whose time is simulated. */
struct moving {
	struct jukebox *jb;
	uint64_t from; /* when it began: clock_ms */
};

/* Returns how many milliseconds of the move `arg` (struct moving) remain with the present setting; for
 * wait_for. */
static unsigned
move_left(void *arg)
{
	struct moving *m = arg;

	return ms_left(m->from, m->jb->move_ms);
}

enum jb_err
simulate_move(const struct item *it, struct jb_elem from, struct jb_elem to, const char *initiator,
	bool waits, unsigned *late_ms)
{
	struct jukebox *jb = it->jb;
	struct faults *f = &jb->robot_faults;
	struct moving m = {jb, clock_ms()};
	struct slow s = {.faults = f, .place = {.moves = true, .from = from, .to = to}};
	struct fault_rule r;

	*late_ms = waits ? 0 : jb->move_ms;
	if (waits)
		wait_for(jb, NULL, move_left, &m);
	if (fire_rule(f, FAULT_SLOW, &s.place, &r)) {
		report_fault(it, &r, initiator);
		s.from = clock_ms();
		s.ms = r.delay_ms;
		*late_ms += waits ? 0 : r.delay_ms;
		if (waits)
			wait_for(jb, NULL, slow_left, &s);
	}
	if (waits && fire_rule(f, FAULT_LOSE_SESSION, &s.place, &r)) {
		report_fault(it, &r, initiator);
		return JB_FAULT_SESSION;
	}
	if (!fire_rule(f, FAULT_MOVE, &s.place, &r))
		return JB_OK;
	report_fault(it, &r, initiator);
	return r.err;
}
