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
	void (*run)(struct work_job *job); /* must free the job */
	STAILQ_ENTRY(work_job) link;
};

STAILQ_HEAD(work_queue, work_job);

struct work {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct work_queue any, ordered;
	unsigned nthreads, idle, queued;
	bool ordered_runs; /* a thread is running an ordered job */
	bool stopping;
	pthread_t threads[WORK_THREADS_MAX];
};

/* Makes an empty queue, without threads. */
void work_init(struct work *w);
/* Adds a job, which runs in parallel with others; its run frees it.  Never blocks. */
void work_post(struct work *w, struct work_job *job);
/* Adds a job that runs after all earlier ordered jobs have ended; its run frees it.  Never blocks. */
void work_post_ordered(struct work *w, struct work_job *job);
/* Runs all queued jobs and ends the threads.  No job may be posted any more. */
void work_fini(struct work *w);

#endif
