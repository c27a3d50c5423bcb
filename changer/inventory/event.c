/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The log of events: a ring in memory.  Its lock is a leaf, so the model can add an event where it
 * commits the change, under any other lock.
 *
 * Numbers are reserved in blocks.  STORE/ctl/next-event has the first number that was never reserved.
 * The jukebox's own thread reserves the next block long before it is needed, so adding an event never
 * waits for the store.  A clean end gives the rest of the block back.
 */
#include "changer/event.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "changer/base/clock.h"
#include "changer/base/log.h"
#include "changer/inventory/event.h"
#include "changer/inventory/finding.h"
#include "changer/inventory/model.h"
#include "changer/store/store.h"

#define NEXT_FILE "ctl/next-event"

enum { NUMBERS_BLOCK = 100000 };

static const char *const names[] = {
#define JB_EVENT(name, word, doc) [JB_EVENT_##name] = word,
#include "changer/event.def"
#undef JB_EVENT
};

const char *
jb_event_name(enum jb_event_type type)
{
	return (unsigned)type < JB_EVENT_COUNT ? names[type] : "?";
}

/* ---- numbers --------------------------------------------------------------------------------- */

/* Stores `number`, the first one that is not reserved, durably in NEXT_FILE.  Returns the store's error.
 * Takes no lock.  [blocks] */
static enum jb_err
store_next(struct jukebox *jb, uint64_t number)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRIu64 "\n", number);
	return store_replace_file(
		jb->store, "ctl", NEXT_FILE, NEXT_FILE ".new", text, strlen(text));
}

/* Returns the first free number, from NEXT_FILE.  Returns 1 if the file is missing or cannot be read; also if
 * it has no number of an event, which is reported (finding_report). */
static uint64_t
load_next(struct jukebox *jb)
{
	char *text = NULL, *end;
	unsigned long long number = 1;
	size_t size;

	if (store_read_file(jb->store, NEXT_FILE, &text, &size) != JB_OK)
		return 1;
	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno != 0 || end == text || number == 0 || number > INT64_MAX / 2) {
		finding_report(jb, NEXT_FILE, "events are numbered from 1",
			"this is not the number of an event");
		number = 1;
	}
	free(text);
	return number;
}

/* Reserves the next NUMBERS_BLOCK numbers in the store, and sets log->reserve_at.  If that fails, a later event
 * tries again.  Returns true if so many events came meanwhile that the next block is needed already.  log->lock
 * must be held; it is released meanwhile. */
static bool
reserve(struct event_log *log)
{
	uint64_t to = log->next + NUMBERS_BLOCK;
	bool stored;

	pthread_mutex_unlock(&log->lock);
	stored = store_next(log->jb, to) == JB_OK;
	pthread_mutex_lock(&log->lock);
	/* If that failed, half of the remaining numbers are used before the next attempt, or one if none
	 * remains. */
	if (stored)
		log->reserve_at = to - NUMBERS_BLOCK / 2;
	else if (log->reserved > log->next)
		log->reserve_at = log->next + (log->reserved - log->next) / 2 + 1;
	else
		log->reserve_at = log->next + 1;
	if (stored)
		log->reserved = to;
	return stored && log->next >= log->reserve_at;
}

/* Reserves numbers in the housekeeping strand, until enough are left, and ends log->reserving.  `job` is the first
 * member of the log.  Takes the log's lock, but not while it writes. */
static void
run_reservation(struct strand_job *job)
{
	struct event_log *log = (struct event_log *)job;

	pthread_mutex_lock(&log->lock);
	while (reserve(log))
		continue;
	log->reserving = false;
	pthread_mutex_unlock(&log->lock);
}

/* ---- life ------------------------------------------------------------------------------------ */

enum jb_err
event_init(struct jukebox *jb)
{
	struct event_log *log = &jb->events;
	enum jb_err err;

	log->ring = calloc(JB_EVENTS_KEPT, sizeof(*log->ring));
	if (log->ring == NULL)
		return JB_NO_MEMORY;
	pthread_mutex_init(&log->lock, NULL);
	log->jb = jb;
	log->job.run = run_reservation;
	log->first = log->next = load_next(jb);
	log->reserved = log->next + NUMBERS_BLOCK;
	log->reserve_at = log->reserved - NUMBERS_BLOCK / 2;
	/* A full store must start, so that removals can make room.  Until the reservation succeeds, numbers may be
	 * used again after a crash. */
	err = store_mkdir(jb->store, "ctl");
	if (err == JB_OK)
		err = store_next(jb, log->reserved);
	if (err == JB_STORE_FULL || err == JB_STORE_READ_ONLY) {
		if (err == JB_STORE_FULL)
			log_warn("store", NEXT_FILE " is not updated: %s", jb_err_text(err));
		log->reserve_at = err == JB_STORE_FULL ? log->next + 1 : UINT64_MAX;
		err = JB_OK;
	}
	return err;
}

void
event_fini(struct jukebox *jb)
{
	struct event_log *log = &jb->events;

	if (log->ring == NULL)
		return;
	if (!store_is_read_only())
		(void)store_next(jb, log->next);
	pthread_mutex_destroy(&log->lock);
	free(log->ring);
}

/* ---- adding ---------------------------------------------------------------------------------- */

/* Copies `from` to `to`, which has size bytes, and cuts it if it is too long.  `from` may be NULL. */
static void
copy_text(char *to, size_t size, const char *from)
{
	size_t len = from == NULL ? 0 : strnlen(from, size - 1);

	if (len > 0)
		memcpy(to, from, len);
	to[len] = '\0';
}

void
event_add(struct jukebox *jb, const struct jb_event *event)
{
	struct event_log *log = &jb->events;
	struct jb_event *e;

	pthread_mutex_lock(&log->lock);
	e = &log->ring[log->next % JB_EVENTS_KEPT];
	*e = *event;
	e->number = log->next++;
	log->counts[e->type]++;
	e->time_ns = clock_wall_ns();
	if (log->next - log->first > JB_EVENTS_KEPT)
		log->first = log->next - JB_EVENTS_KEPT;
	if (log->next >= log->reserve_at && !log->reserving) {
		log->reserving = true;
		strand_post(&jb->housekeeping, &log->job);
	}
	if (log->wake != NULL)
		log->wake(log->wake_arg);
	pthread_mutex_unlock(&log->lock);
}

void
event_begin(struct jb_event *e, enum jb_event_type type, const char *initiator)
{
	memset(e, 0, sizeof(*e));
	e->type = type;
	e->err = JB_OK;
	copy_text(e->initiator, sizeof(e->initiator), initiator);
}

void
event_set_item(struct jb_event *e, const struct item *it)
{
	const struct medium *m = it->disc.medium;

	e->disc = it->id;
	copy_text(e->name, sizeof(e->name), it->name);
	e->medium = m == NULL ? NULL : m->suffix;
	e->size = it->disc.size;
	e->capacity = (uint64_t)it->disc.capacity * SECTOR_SIZE;
	e->sessions = it->disc.closed_sessions;
	e->recovered = it->recovered;
	if (it->elem != NULL)
		jb_elem_str(it->elem->at, e->elem);
}

void
event_item(const struct item *it, enum jb_event_type type, const char *initiator)
{
	struct jb_event e;

	event_begin(&e, type, initiator);
	event_set_item(&e, it);
	event_add(it->jb, &e);
}

void
event_move(const struct item *it, struct jb_elem from, const char *old_name, const char *initiator)
{
	bool loads = it->elem->at.type == JB_DRIVE, unloads = from.type == JB_DRIVE;
	struct jb_event e;

	event_begin(&e,
		loads == unloads ? JB_EVENT_MOVE
		: loads		 ? JB_EVENT_LOAD
				 : JB_EVENT_UNLOAD,
		initiator);
	event_set_item(&e, it);
	jb_elem_str(from, e.from);
	if (old_name != NULL && strcmp(old_name, it->name) != 0)
		copy_text(e.old_name, sizeof(e.old_name), old_name);
	event_add(it->jb, &e);
}

void
event_relabel(const struct item *it, const char *old_name, const char *initiator)
{
	struct jb_event e;

	event_begin(&e, JB_EVENT_RELABEL, initiator);
	event_set_item(&e, it);
	copy_text(e.old_name, sizeof(e.old_name), old_name);
	event_add(it->jb, &e);
}

void
event_verdict(const struct item *it, bool good)
{
	struct jb_event e;

	event_begin(&e, good ? JB_EVENT_VERIFY_OK : JB_EVENT_VERIFY_FAILED, NULL);
	event_set_item(&e, it);
	e.err = good ? JB_OK : JB_HASH_DIFFERS;
	event_add(it->jb, &e);
}

void
event_error(const struct item *it, enum jb_err err, const char *initiator)
{
	struct jb_event e;

	event_begin(&e, JB_EVENT_ERROR, initiator);
	event_set_item(&e, it);
	e.err = err;
	event_add(it->jb, &e);
}

void
event_warning(const struct item *it, const char *warning)
{
	struct jb_event e;

	event_begin(&e, JB_EVENT_WARNING, NULL);
	event_set_item(&e, it);
	copy_text(e.warning, sizeof(e.warning), warning);
	event_add(it->jb, &e);
}

void
event_progress(const struct item *it, uint64_t done, uint64_t total)
{
	struct jb_event e;

	event_begin(&e, JB_EVENT_INSERT_PROGRESS, NULL);
	event_set_item(&e, it);
	e.size = done;
	e.capacity = total;
	event_add(it->jb, &e);
}

void
event_drive(const struct drive *d, enum jb_event_type type, const char *initiator)
{
	struct jb_event e;

	event_begin(&e, type, initiator);
	if (d->item != NULL)
		event_set_item(&e, d->item);
	jb_elem_str(d->elem->at, e.elem);
	event_add(d->jb, &e);
}

void
jb_event_session(struct jukebox *jb, bool begins, const char *initiator, const char *peer)
{
	struct jb_event e;

	event_begin(&e, begins ? JB_EVENT_LOGIN : JB_EVENT_LOGOUT, initiator);
	copy_text(e.peer, sizeof(e.peer), peer);
	event_add(jb, &e);
}

/* Returns true if one more event that strangers can cause may be added now, and counts it.  They may
 * cause BURST at once, and then one in EACH_MS. */
static bool
stranger_may(struct event_log *log)
{
	enum { BURST = 16, EACH_MS = 1000 };
	uint64_t now = clock_ms(), back;
	bool may;

	pthread_mutex_lock(&log->lock);
	back = (now - log->strangers_ms) / EACH_MS;
	if (back > 0)
		log->strangers_ms = now;
	log->strangers = back >= log->strangers ? 0 : log->strangers - (unsigned)back;
	may = log->strangers < BURST;
	if (may)
		log->strangers++;
	pthread_mutex_unlock(&log->lock);
	return may;
}

void
jb_event_refused(struct jukebox *jb, enum jb_err why, const char *initiator, const char *peer)
{
	struct jb_event e;

	if (!stranger_may(&jb->events))
		return;
	event_begin(&e, JB_EVENT_LOGIN_REFUSED, initiator);
	e.err = why;
	copy_text(e.peer, sizeof(e.peer), peer);
	event_add(jb, &e);
}

/* ---- reading --------------------------------------------------------------------------------- */

bool
jb_event_get(struct jukebox *jb, uint64_t number, struct jb_event *out)
{
	struct event_log *log = &jb->events;
	bool found;

	pthread_mutex_lock(&log->lock);
	if (number < log->first)
		number = log->first;
	found = number < log->next;
	if (found)
		*out = log->ring[number % JB_EVENTS_KEPT];
	pthread_mutex_unlock(&log->lock);
	return found;
}

uint64_t
jb_event_oldest(struct jukebox *jb)
{
	uint64_t first;

	pthread_mutex_lock(&jb->events.lock);
	first = jb->events.first;
	pthread_mutex_unlock(&jb->events.lock);
	return first;
}

void
jb_event_counts(struct jukebox *jb, uint64_t out[JB_EVENT_COUNT])
{
	pthread_mutex_lock(&jb->events.lock);
	memcpy(out, jb->events.counts, sizeof(jb->events.counts));
	pthread_mutex_unlock(&jb->events.lock);
}

void
jb_event_watch(struct jukebox *jb, void (*wake)(void *arg), void *arg)
{
	pthread_mutex_lock(&jb->events.lock);
	jb->events.wake = wake;
	jb->events.wake_arg = arg;
	pthread_mutex_unlock(&jb->events.lock);
}
