/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads for what a FUSE handler must not wait for: syncs, commits, copies, moves.  The handler
 * files a job and returns; the job replies.  Jobs filed with work_post_ordered (renames and
 * removals) run one after the other in the order in which they came; the others run side by side,
 * in threads that are started as they are needed.
 */
#ifndef FSCTL_WORK_H
#define FSCTL_WORK_H

#include <pthread.h>
#include <stdbool.h>
#include <sys/queue.h>

/* Syncs of large inserts may take long, and must not keep a chmod or a release waiting. */
enum { WORK_THREADS_MAX = 16 };

struct work_job {
	void (*run)(struct work_job *job); /* owns the job from now on */
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

void work_init(struct work *w);
/* Never blocks. */
void work_post(struct work *w, struct work_job *job);
void work_post_ordered(struct work *w, struct work_job *job);
/* Runs what is queued and ends the threads.  Nobody may post any more. */
void work_fini(struct work *w);

#endif
