/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Adding events to the log.  Any lock may be held. */
#ifndef CHANGER_INVENTORY_EVENT_H
#define CHANGER_INVENTORY_EVENT_H

#include <pthread.h>

#include "changer/base/strand.h"
#include "changer/element.h"
#include "changer/event.h"

struct drive;
struct item;

struct event_log {
	struct strand_job job; /* must be first; it reserves numbers */
	struct jukebox *jb;
	pthread_mutex_t lock;  /* leaf; guards the rest */
	struct jb_event *ring; /* number N is at N % JB_EVENTS_KEPT */
	uint64_t first, next;  /* numbers of the oldest event in the log and of the next event */
	uint64_t reserved;     /* the store says that numbers below this one are used */
	uint64_t reserve_at;   /* when next reaches this number, more are reserved */
	bool reserving;	       /* true: the job is posted, or runs */
	unsigned strangers;    /* events that strangers have caused lately */
	uint64_t strangers_ms; /* when that count was last lowered */
	uint64_t counts[JB_EVENT_COUNT]; /* of each type, since the start */
	/* called after each event, with the log's lock held (jb_event_watch); NULL: none */
	void (*wake)(void *arg);
	void *wake_arg;
};

/* Makes the log, and reserves numbers in the store.  Must come before everything that adds events.
 * Returns JB_NO_MEMORY or the store's error.  After any result, call event_fini at the end. */
enum jb_err event_init(struct jukebox *jb);
/* Ends the log, and gives the numbers that were not used back to the store.  No thread may add
 * events any more.  Does nothing if event_init could not make the log. */
void event_fini(struct jukebox *jb);
/* Begins an event without an element and a disc, and with JB_OK as its error.  initiator NULL: the
 * mount. */
void event_begin(struct jb_event *e, enum jb_event_type type, const char *initiator);
/* Fills in the item, and its element if it is in one.  The item must be kept still (lock.h). */
void event_set_item(struct jb_event *e, const struct item *it);
/* Adds the event to the log, with the next number and the current time, in place of the oldest if
 * the log is full.  Wakes the function of jb_event_watch.  Ignores number and time of *e. */
void event_add(struct jukebox *jb, const struct jb_event *e);
/* Adds an event of that type about the item.  The item must be kept still.  initiator NULL: the mount. */
void event_item(const struct item *it, enum jb_event_type type, const char *initiator);
/* Adds the event of a move: `load` if the item is now in a drive and was in none, `unload` if it was
 * in a drive and is in none now, else `move`.  `from` is the element that it came from; old_name is
 * its name before, or NULL if that stays.  The item must be kept still.  initiator NULL: the mount. */
void event_move(
	const struct item *it, struct jb_elem from, const char *old_name, const char *initiator);
/* Adds the event `relabel`; old_name is the name before.  The item must be kept still.  initiator NULL: the
 * mount. */
void event_relabel(const struct item *it, const char *old_name, const char *initiator);
/* Adds the event `verify-ok` (good is true), or `verify-failed` with JB_HASH_DIFFERS (false).  The
 * item must be kept still. */
void event_verdict(const struct item *it, bool good);
/* Adds the event `error` about the item, with the reason err.  The item must be kept still.  initiator NULL:
 * the mount. */
void event_error(const struct item *it, enum jb_err err, const char *initiator);
/* Adds the event `warning` with that sentence, which is cut if it is too long.  The item must be
 * kept still. */
void event_warning(const struct item *it, const char *warning);
/* Adds the event `insert-progress`: done bytes are written, of total, which is 0 if that is not
 * known.  The item must be kept still. */
void event_progress(const struct item *it, uint64_t done, uint64_t total);
/* Adds an event about the drive, and about the disc in it if there is one.  initiator NULL: the mount.
 * Strand or jukebox lock held. */
void event_drive(const struct drive *d, enum jb_event_type type, const char *initiator);

#endif
