/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A strand is the right to use a mechanism (a drive, the robot), with a queue of jobs that need it.  One
 * thread at most holds it.  A connection's thread runs a command itself if strand_try succeeds.  Otherwise
 * it posts the command as a job, which the strand's own thread runs.  That thread is started with the strand:
 * a system that refuses threads later does not matter.
 *
 * Jobs and callers of strand_enter are served in the order in which they came.  A strand may be held over
 * blocking I/O; a lock may not.  For the order of strands and locks see lock.h.
 */
#ifndef CHANGER_BASE_STRAND_H
#define CHANGER_BASE_STRAND_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/queue.h>

/* An entry in a strand's queue: a job, or a thread that waits in strand_enter. */
struct strand_job {
	void (*run)(struct strand_job *job); /* called on the strand's thread, holding the strand */
	TAILQ_ENTRY(strand_job) link;	     /* for the strand, while the job is in the queue */
	bool turn; /* for strand_enter only: the caller holds the strand now */
};

struct strand {
	pthread_mutex_t lock; /* a leaf; guards the members but holder */
	/* signalled when the strand is free, given, or the queue has more */
	pthread_cond_t changed;
	/* jobs and waiting threads, the first one first */
	TAILQ_HEAD(, strand_job) queue;
	pthread_t thread; /* the strand's own one; only if started is true */
	/* the thread that holds the strand; NULL: none, or that thread has not woken up yet */
	const void *_Atomic holder;
	bool held;    /* true: a thread has the strand */
	bool started; /* true: the strand's own thread runs; false only if it could not be started */
	bool stopping; /* true: strand_fini was called */
};

/* Makes a free strand with an empty queue, and starts its thread, of which tools show the first 15 bytes of the
 * name.  Returns false if no thread can be started: then call strand_fini, and no other function. */
bool strand_init(struct strand *s, const char *name);
/* Runs the jobs in the queue, ends the thread and waits for that.  No thread may hold the strand, wait
 * for it or post a job any more.  [blocks] */
void strand_fini(struct strand *s);

/* Takes the strand and returns true if it is free and nothing waits for it; else returns false and
 * changes nothing.  Waits for no strand.  Also false if the caller holds the strand already. */
bool strand_try(struct strand *s);
/* Waits for the strand, behind all that is in the queue, and takes it.  The caller must not hold it.
 * Connection threads and FUSE handlers must not call this, because it may
 * block for long. */
void strand_enter(struct strand *s);
/* Gives the strand back, to the first in the queue if any.  The thread that took it must call this. */
void strand_leave(struct strand *s);
/*
 * Returns true if the calling thread holds the strand.  For asserts: a function whose comment says "Strand
 * held" begins with  assert(strand_is_mine(&d->strand)) .
 */
bool strand_is_mine(const struct strand *s);
/* Returns true if a thread waits in strand_enter; jobs do not count.  Any thread. */
bool strand_is_awaited(struct strand *s);
/* Adds the job at the end of the queue.  job->run must
 * be set.  *job must exist until job->run is called, which may free it.  Does not wait for the strand. */
void strand_post(struct strand *s, struct strand_job *job);
/* Gives the strand, which the caller holds, to the strand's own thread.  That runs the job before all
 * others in the queue; for the job see strand_post.  For a command that a connection's thread began
 * itself and that would block.  After this the caller does not hold the strand. */
void strand_hand_over(struct strand *s, struct strand_job *job);

#endif
