/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A strand is the right to use a mechanism (a drive, the robot).  At most one thread holds it.  It has a
 * queue of jobs, and of threads that wait for it in strand_enter; they are served in the order in which
 * they came.
 *
 * A connection's thread runs a command itself if strand_try succeeds.  Otherwise it posts the command as a
 * job, which the strand's own thread runs.  That thread starts with the strand, so it does no harm if the
 * system refuses threads later.
 *
 * A strand may be held over blocking I/O; a lock may not.  For the order of strands and locks see lock.h.
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
	bool turn; /* of a waiting thread; true: it has been given the strand */
};

struct strand {
	pthread_mutex_t lock; /* a leaf; guards the members but holder */
	/* signalled when the strand becomes free, is given to a waiting thread, or the queue grows */
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

/* Makes a free strand with an empty queue, and starts its thread, of which tools show the first 15 bytes of
 * the name.  Returns false if no thread can be started: then call strand_fini, and no other function. */
bool strand_init(struct strand *s, const char *name);
/* Runs the jobs that are still in the queue, ends the strand's thread and waits for its end.  Meanwhile no
 * other thread may hold the strand, wait for it or post a job.  [blocks] */
void strand_fini(struct strand *s);

/* Takes the strand if it is free and its queue is empty, and returns true.  Otherwise returns false and
 * changes nothing; also if the caller itself holds the strand.  Never waits for the strand. */
bool strand_try(struct strand *s);
/* Waits until all earlier entries of the queue are served, and takes the strand.  The caller must not hold
 * it already.  Connection threads and FUSE handlers must not call this, because it may block for long.
 * [blocks] */
void strand_enter(struct strand *s);
/* Gives the strand back.  If the queue is not empty, its first entry gets the strand.  Only the thread that
 * took it may call this. */
void strand_leave(struct strand *s);
/*
 * Returns true if the calling thread holds the strand.  For asserts: a function whose comment says "Strand
 * held" begins with  assert(strand_is_mine(&d->strand)) .
 */
bool strand_is_mine(const struct strand *s);
/* Returns true if a thread waits in strand_enter; jobs do not count.  Any thread. */
bool strand_is_awaited(struct strand *s);
/* Adds the job at the end of the queue, and returns at once.  job->run must be set; the strand's thread
 * will call it.  *job must exist until then; job->run may free it. */
void strand_post(struct strand *s, struct strand_job *job);
/* Gives the strand to its own thread, with a job that runs before all others in the queue.  For a command
 * that a connection's thread has begun itself and that would block now.  The caller must hold the strand,
 * and does not hold it any more afterwards.  For the job see strand_post. */
void strand_hand_over(struct strand *s, struct strand_job *job);

#endif
