/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The work queue: threads for what a FUSE handler must not wait for, such as syncs, commits, copies and
 * moves.  The handler posts a job and returns; the job answers the request.  Jobs posted with
 * work_post_ordered (renames and removals) run one at a time, in the order in which they were posted.  All
 * others run in parallel.  Threads are started when they are needed.
 */
#ifndef FSCTL_WORK_H
#define FSCTL_WORK_H

#include <pthread.h>
#include <stdbool.h>
#include <sys/queue.h>

/* So many, because the sync of a large insert may take long, and must not delay a chmod or a release. */
enum { WORK_THREADS_MAX = 16 };

struct work_job {
	/* A worker calls it, without a lock; it must free the job. */
	void (*run)(struct work_job *job);
	STAILQ_ENTRY(work_job) link; /* in the queue */
};

STAILQ_HEAD(work_queue, work_job);

struct work {
	pthread_mutex_t lock;		/* leaf; guards all below; not held while a job runs */
	pthread_cond_t changed;		/* a job came, an ordered job ended, or stopping was set */
	struct work_queue any, ordered; /* the jobs of work_post, and those of work_post_ordered */
	/* The numbers of threads, of those that wait for a job, and of jobs that no thread runs yet. */
	unsigned nthreads, idle, queued;
	bool ordered_runs;		     /* true: a thread is running an ordered job */
	bool stopping;			     /* true: threads end when no job is left */
	pthread_t threads[WORK_THREADS_MAX]; /* the first nthreads are used */
};

/* Makes an empty queue with one thread, so that a thread that cannot be started later only means that fewer jobs
 * run in parallel.  Returns false if that first one cannot be started: then call work_fini, and no other function. */
bool work_init(struct work *w);
/* Adds a job, which runs in parallel with others, ordered ones too; its run frees it.  Does not wait for a
 * job.  Any thread. */
void work_post(struct work *w, struct work_job *job);
/* Adds a job that runs after all earlier ordered jobs have ended; all else as work_post. */
void work_post_ordered(struct work *w, struct work_job *job);
/* Waits until all queued jobs have run, ends the threads and destroys the queue.  No job may be posted any
 * more, not even by a job.  [blocks] */
void work_fini(struct work *w);

#endif
