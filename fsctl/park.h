/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests that need the result of an import (changer/import.h) are parked here: they wait without a
 * thread, and look again each time that an import has ended. */
#ifndef FSCTL_PARK_H
#define FSCTL_PARK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "fsctl/work.h"

struct fsctl;
struct op;

enum {
	PARK_LINGER_MS = 1000,			/* the most time that park_linger waits */
	PARK_LINGER_MAX = WORK_THREADS_MAX / 2, /* workers that park_linger holds at once */
};

struct park {
	pthread_mutex_t lock;	/* guards all below; only locks of libfuse are taken under it */
	pthread_cond_t changed; /* an import has ended */
	struct work_queue jobs; /* those that are parked */
	uint64_t ended;		/* counter: imports that have ended */
	unsigned lingering;	/* workers in park_linger */
};

/* Returns true if the request must go on waiting. */
typedef bool park_waits(struct fsctl *fs, const struct work_job *job);

/* Makes *park empty. */
void park_init(struct park *park);
/* Has the op posted again when a signal comes to the program of the request while the op is parked.
 * To be called before the op is posted the first time. */
void park_let_interrupt(struct op *op);
/* To be called by the op's run, before all else.  Parks the op without a thread and returns true if
 * `waits` says so; its run is called again when an import has ended or a signal comes, and the
 * caller must not use the op any more.  Returns false if it need not wait, the program was
 * interrupted, or the mount stops. */
bool park_op(struct op *op, park_waits *waits);
/* Waits in the worker while `waits` says so, for PARK_LINGER_MS at most, and returns without saying
 * why.  It is for a request during which the kernel holds a lock that other requests need.  Does not
 * wait if PARK_LINGER_MAX workers do so, or the mount stops. */
void park_linger(struct op *op, park_waits *waits);
/* Posts all ops that are parked, and lets those that linger look again.  To be called when an import
 * has ended. */
void park_release(struct fsctl *fs);
/* Destroys the lock.  No op may be parked, and no worker may linger. */
void park_fini(struct park *park);

#endif
