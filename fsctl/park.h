/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests that need the result of an import wait here, without a thread, until one has ended.  Then they look
 * again.
 */
#ifndef FSCTL_PARK_H
#define FSCTL_PARK_H

#include <stdbool.h>
#include <stdint.h>

#include "fsctl/work.h"

struct fsctl;

struct park {
	pthread_mutex_t lock; /* leaf */
	struct work_queue any, ordered;
	uint64_t ended; /* counter: imports that have ended */
};

/* Returns true if the job must go on waiting. */
typedef bool park_waits(struct fsctl *fs, const struct work_job *job);

void park_init(struct park *park);
/* To be called by the job's run, before all else.  Parks the job and returns true if `waits` says so; its run is
 * called again when an import has ended, as an ordered job if `ordered` is true.  Returns false if it need not wait,
 * or the mount stops. */
bool park_job(struct fsctl *fs, struct work_job *job, bool ordered, park_waits *waits);
/* Posts all jobs that are parked. */
void park_release(struct fsctl *fs);
void park_fini(struct park *park);

#endif
