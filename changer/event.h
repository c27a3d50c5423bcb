/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The event log: what happened to the jukebox, numbered in the order in which it happened.
 *
 * The log keeps the last JB_EVENTS_KEPT events and forgets older ones.  Numbers grow by one.  They go
 * on after a restart (with a gap after a crash) and are never used twice.
 *
 * Any thread may call these functions, with or without the jukebox lock.  None of them blocks.
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
	JB_EVENT_WARNING_MAX = 159,
};

struct jb_event {
	uint64_t number; /* from 1; no other event has it */
	int64_t time_ns; /* wall clock */
	enum jb_event_type type;
	/* The element, as "slots/3", and for moves the element that the disc came from.  "": none. */
	char elem[JB_EVENT_ELEM_MAX + 1], from[JB_EVENT_ELEM_MAX + 1];
	uint64_t disc;			      /* id of the disc; 0: no disc takes part */
	char name[JB_EVENT_NAME_MAX + 1];     /* name of the disc */
	char old_name[JB_EVENT_NAME_MAX + 1]; /* the name before, if it changed, else "" */
	const char *medium;		      /* "dvd+r"; NULL: none */
	uint64_t size;			      /* of the disc: bytes recorded */
	uint64_t capacity;		      /* of the disc: bytes */
	unsigned sessions;		      /* of the disc: closed sessions */
	enum jb_err err; /* reason of an error event, or of a refused login; else JB_OK */
	char rule[JB_EVENT_RULE_MAX + 1];	    /* fault event: the rule that caused it */
	char warning[JB_EVENT_WARNING_MAX + 1];	    /* warning event: a sentence */
	bool recovered;				    /* true: the disc was inserted at start-up */
	char initiator[JB_EVENT_INITIATOR_MAX + 1]; /* who did it; "": a user of the mount */
	/* address of the initiator that logs in or out */
	char peer[JB_EVENT_PEER_MAX + 1];
};

/* Returns the event's word, such as "insert"; "?" for any other value. */
const char *jb_event_name(enum jb_event_type type);
/* Stores the oldest event whose number is `number` or larger.  If out->number is larger, the events
 * between are forgotten.  Returns false, and leaves *out, if there is no such event yet. */
bool jb_event_get(struct jukebox *jb, uint64_t number, struct jb_event *out);
/*
 * Returns the number of the oldest event in the log; if the log is empty, the number of the next event.
 */
uint64_t jb_event_oldest(struct jukebox *jb);
/* Sets the function that is called after each event; NULL: none.  The thread that raises the event calls
 * it, under its locks and that of the log: wake must not block and must not call the jukebox.  After
 * return, the function that was set before is not called any more. */
void jb_event_watch(struct jukebox *jb, void (*wake)(void *arg), void *arg);
/* Stores how often each type of event has happened since the start of the daemon. */
void jb_event_counts(struct jukebox *jb, uint64_t out[JB_EVENT_COUNT]);
/* Raises the event `login` (begins is true) or `logout` (false) for a session of an initiator at the
 * address peer.  Names that are too long are cut. */
void jb_event_session(struct jukebox *jb, bool begins, const char *initiator, const char *peer);
/* Raises the event `login-refused`; why is JB_LOGIN_NETWORK or a similar error.  After 16 refusals in a
 * row, at most one a second is raised and the others are dropped, so that strangers cannot push other
 * events out of the log. */
void jb_event_refused(struct jukebox *jb, enum jb_err why, const char *initiator, const char *peer);

#endif
