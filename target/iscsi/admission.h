/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The admission table: which connections there are, from which sources, and which one has to go when there is
 * no room.  The table does not know sockets, threads or clocks, so tests can drive it.
 *
 * A source is an IPv4 address, or the first 64 bits of an IPv6 address, because one host may choose the others
 * freely.  All peers that the policy refuses by their address are one source together.
 *
 * Room is shared between sources.  When a kind of connection is full, a newcomer takes the place of the one
 * that has been silent the longest among those of the source that has most.  So a source can take room from
 * itself, or from one that has at least as much, and never locks out the others.
 *
 * The caller guards the table with a lock, except in admission_heard and admission_sessions, which any thread may call.
 */
#ifndef TARGET_ISCSI_ADMISSION_H
#define TARGET_ISCSI_ADMISSION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/socket.h>

enum admission_kind {
	ADMISSION_LOGIN,     /* not logged in yet */
	ADMISSION_DISCOVERY, /* a discovery session */
	ADMISSION_SESSION,   /* a normal session */
	ADMISSION_ENDING,    /* has been told to end, and takes no room any more */
	ADMISSION_KINDS,
};

struct admission_source {
	uint8_t bytes[16]; /* all 0: the peers that the policy refuses */
};

/* A connection in the table. */
struct admission_entry {
	LIST_ENTRY(admission_entry) link;
	struct admission_source source;
	enum admission_kind kind;
	unsigned same;	   /* how many entries have the same kind and source, this one included */
	unsigned number;   /* its number, which users see; 0: it is not in the table */
	uint64_t heard_ms; /* atomic: when bytes came last */
	uint64_t end_ms;   /* it must end at this time; 0: it may stay */
};

enum {
	ADMISSION_GUESSERS = 256, /* sources whose wrong logins are remembered */
	ADMISSION_FREE = 10,	  /* wrong logins of a source that are answered at once */
};

/* A source of wrong logins. */
struct admission_guesser {
	struct admission_source source;
	uint64_t paid_ms; /* all its wrong logins are paid for at this time; 0: the row is free */
};

struct admission {
	LIST_HEAD(, admission_entry) entries; /* the newest first */
	unsigned count[ADMISSION_KINDS];      /* atomic, for admission_sessions */
	unsigned last_number;
	struct admission_guesser guessers[ADMISSION_GUESSERS];
};

/* Returns the source that an IPv4 or IPv6 address belongs to.  stranger: the policy refuses the address. */
struct admission_source admission_source(const struct sockaddr *address, bool stranger);

/* Makes the table empty. */
void admission_init(struct admission *a);
/* Adds an entry of the kind ADMISSION_LOGIN; its source and heard_ms are set.  Gives it a number.  `most`
 * bounds the logins, `share` those of the source of the entry, and `all` the logins and sessions together.  If
 * there is no room, *victim becomes an entry that has to go, which is of the kind ADMISSION_ENDING then; else
 * NULL.  Returns false, and adds nothing, if no login could go. */
bool admission_enter(struct admission *a, struct admission_entry *e, unsigned most, unsigned share,
	unsigned all, struct admission_entry **victim);
/* Makes the login a session of that kind, of which there may be `most`.  *victim is as in admission_enter.
 * Does nothing for an entry of the kind ADMISSION_ENDING: it returns false then, else true. */
bool admission_begin(struct admission *a, struct admission_entry *e, enum admission_kind kind,
	unsigned most, struct admission_entry **victim);
/* Takes the entry out of the table. */
void admission_leave(struct admission *a, struct admission_entry *e);
/* Returns an entry whose end_ms has come, and sets its end_ms to 0; NULL if there is none.  *next_ms is the
 * earliest end_ms of the others, or 0. */
struct admission_entry *admission_due(struct admission *a, uint64_t now_ms, uint64_t *next_ms);
/* Returns the number of normal sessions. */
unsigned admission_sessions(const struct admission *a);
/* Notes that bytes have come in at that time. */
void admission_heard(struct admission_entry *e, uint64_t now_ms);

/* Counts a wrong login.  Each one costs the source `pause_ms`.  Returns how many milliseconds its answer must
 * wait: 0 as long as the source owes for ADMISSION_FREE wrong logins at most. */
uint64_t admission_wrong(struct admission *a, const struct admission_source *source,
	uint64_t now_ms, unsigned pause_ms);
/* Returns false if the source owes so much that a wrong login would have to wait longer than `most_ms`.  Then
 * no secret is compared, because a guesser need not wait for the answer. */
bool admission_may_try(const struct admission *a, const struct admission_source *source,
	uint64_t now_ms, unsigned pause_ms, unsigned most_ms);

#endif
