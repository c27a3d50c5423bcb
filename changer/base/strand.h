/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A strand: whoever holds it owns a mechanism (a drive, the robot).  A connection's thread runs a
 * command itself when the strand is free and nothing waits for it; everything else queues, in
 * order, and runs on the strand's own thread, which is started when it is first needed.
 *
 * Order: jobs and strand_enter callers are served first come, first served.  A strand may be held over
 * blocking I/O; a lock may not.  For the order of strands and locks see lock.h.
 */
#ifndef CHANGER_BASE_STRAND_H
#define CHANGER_BASE_STRAND_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/queue.h>

struct strand_job {
	void (*run)(struct strand_job *job); /* called on the strand's thread, holding the strand */
	TAILQ_ENTRY(strand_job) link;	     /* the strand's while queued */
	bool turn; /* the strand's own: a strand_enter caller's turn has come */
};

struct strand {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	TAILQ_HEAD(, strand_job) queue;
	pthread_t thread;
	const char *name;	    /* of the thread; borrowed, at most 15 bytes are shown */
	const void *_Atomic holder; /* the thread that holds it; NULL: none does, or not yet */
	bool held;
	bool started;
	bool stopping;
};

void strand_init(struct strand *s, const char *name);
/* Runs what is queued, ends the thread.  Nobody may hold or post any more. */
void strand_fini(struct strand *s);

/* Takes the strand if it is free and nothing is queued; never blocks. */
bool strand_try(struct strand *s);
/* Takes the strand, waiting for its turn.  Not for connection threads or FUSE handlers. */
void strand_enter(struct strand *s);
/* Gives the strand back; by the thread that took it. */
void strand_leave(struct strand *s);
/*
 * Returns true if the calling thread holds the strand.  For asserts: a function whose comment says "Strand
 * held" begins with  assert(strand_is_mine(&d->strand)) .
 */
bool strand_is_mine(const struct strand *s);
/* Does a strand_enter caller wait for its turn?  Any thread. */
bool strand_is_awaited(struct strand *s);
/* Queues a job, which the caller keeps alive until it ran.  Never blocks. */
void strand_post(struct strand *s, struct strand_job *job);
/*
 * The holder gives the strand to its thread, which runs job first, before all that is queued: for
 * a command begun inline that finds that it would block.  The caller holds the strand no more.
 */
void strand_hand_over(struct strand *s, struct strand_job *job);

#endif
