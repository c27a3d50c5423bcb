/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Adding to the log of events.  Any lock may be held.
 */
#ifndef CHANGER_INVENTORY_EVENT_H
#define CHANGER_INVENTORY_EVENT_H

#include <pthread.h>

#include "changer/base/strand.h"
#include "changer/element.h"
#include "changer/event.h"

struct drive;
struct item;

struct event_log {
	struct strand_job job; /* first: reserves numbers */
	struct jukebox *jb;
	pthread_mutex_t lock;  /* leaf; guards the rest */
	struct jb_event *ring; /* number N is at N % JB_EVENTS_KEPT */
	uint64_t first, next;  /* numbers: of the oldest kept, of the next one */
	uint64_t reserved;     /* numbers below this are ours, by what the store says */
	uint64_t reserve_at;   /* when next gets there, more are reserved */
	bool reserving;
	unsigned strangers;    /* events that they have caused lately */
	uint64_t strangers_ms; /* when some of those were forgotten */
	uint64_t counts[JB_EVENT_COUNT];
	void (*wake)(void *arg);
	void *wake_arg;
};

/* Before all that events can tell of; JB_OK: event_fini ends it. */
enum jb_err event_init(struct jukebox *jb);
/* Nobody may add any more. */
void event_fini(struct jukebox *jb);
/* An event of nothing yet. */
void event_begin(struct jb_event *e, enum jb_event_type type, const char *initiator);
/* It is about that item, in its element; still (lock.h). */
void event_set_item(struct jb_event *e, const struct item *it);
/* Gives it its number and time. */
void event_add(struct jukebox *jb, const struct jb_event *e);
/* Whole ones; initiator NULL: the mount. */
void event_item(const struct item *it, enum jb_event_type type, const char *initiator);
void event_move(
	const struct item *it, struct jb_elem from, const char *old_name, const char *initiator);
void event_relabel(const struct item *it, const char *old_name, const char *initiator);
void event_verdict(const struct item *it, bool good);
void event_error(const struct item *it, enum jb_err err, const char *initiator);
/* With the disc that is in it.  Its strand, or the jukebox lock, is held. */
void event_drive(const struct drive *d, enum jb_event_type type, const char *initiator);

#endif
