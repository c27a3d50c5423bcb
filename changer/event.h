/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The event log: what happened to the jukebox, numbered in the order in which it happened.
 *
 * The last JB_EVENTS_KEPT events are kept; older ones are gone.  Numbers grow by one, go on over
 * restarts (with a gap after a crash) and are never used twice.
 *
 * Any thread may call these, with or without the jukebox lock; none of them blocks.
 */
#ifndef CHANGER_EVENT_H
#define CHANGER_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "changer/err.h"

struct jukebox;

enum jb_event_type {
#define JB_EVENT(name, word, doc) JB_EVENT_##name,
#include "changer/event.def"
#undef JB_EVENT
	JB_EVENT_COUNT
};

enum {
	JB_EVENTS_KEPT = 1024,
	JB_EVENT_NAME_MAX = 255,      /* bytes of a disc's name */
	JB_EVENT_INITIATOR_MAX = 223, /* RFC 7143 4.2.7.1 */
	JB_EVENT_PEER_MAX = 63,
	JB_EVENT_ELEM_MAX = 31,
	JB_EVENT_RULE_MAX = 95,
};

struct jb_event {
	uint64_t number;
	int64_t time_ns; /* wall clock */
	enum jb_event_type type;
	/* Where: "slots/3"; and of moves, where from.  "": nowhere. */
	char elem[JB_EVENT_ELEM_MAX + 1], from[JB_EVENT_ELEM_MAX + 1];
	uint64_t disc;			      /* its id; 0: no disc takes part */
	char name[JB_EVENT_NAME_MAX + 1];     /* of the disc */
	char old_name[JB_EVENT_NAME_MAX + 1]; /* if it has changed, else "" */
	const char *medium;		      /* "dvd+r"; NULL: none */
	uint64_t size;			      /* bytes recorded, of the disc */
	uint64_t capacity;		      /* bytes, of the disc */
	unsigned sessions;		      /* of the disc that are closed */
	enum jb_err err; /* of an error, and why a login was refused; otherwise JB_OK */
	char rule[JB_EVENT_RULE_MAX + 1];	    /* of a fault, the rule that asks for it */
	bool recovered;				    /* inserted at start-up */
	char initiator[JB_EVENT_INITIATOR_MAX + 1]; /* who did it; "": the mount */
	char peer[JB_EVENT_PEER_MAX + 1];	    /* the address of who logs in or out */
};

/* "insert" */
const char *jb_event_name(enum jb_event_type type);
/*
 * The first event of that number or a later one, as far as it is still kept: where out->number is
 * larger, those between are gone.  False: there is none yet.
 */
bool jb_event_get(struct jukebox *jb, uint64_t number, struct jb_event *out);
/* The number of the oldest event that is kept, or, without any, of the next one. */
uint64_t jb_event_oldest(struct jukebox *jb);
/*
 * wake is called after each event, by the thread that it happens in and under locks: it may not
 * block, and may call nothing of the jukebox.  After this has returned, the one set before is not
 * called any more.  NULL: nobody.
 */
void jb_event_watch(struct jukebox *jb, void (*wake)(void *arg), void *arg);
/* How often each has happened since the start. */
void jb_event_counts(struct jukebox *jb, uint64_t out[JB_EVENT_COUNT]);
/* A session of an initiator begins or ends. */
void jb_event_session(struct jukebox *jb, bool begins, const char *initiator, const char *peer);
/*
 * A login was refused, for JB_LOGIN_NETWORK and the like.  Strangers cannot push other events out:
 * after 16 in a row there is one a second at most.
 */
void jb_event_refused(struct jukebox *jb, enum jb_err why, const char *initiator, const char *peer);

#endif
