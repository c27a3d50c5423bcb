/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsctl/park.h"

#include <time.h>

#include "fsctl/fs.h"

void
park_init(struct park *park)
{
	pthread_condattr_t attr;

	pthread_mutex_init(&park->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&park->changed, &attr);
	pthread_condattr_destroy(&attr);
	STAILQ_INIT(&park->jobs);
	park->ended = 0;
	park->lingering = 0;
}

void
park_fini(struct park *park)
{
	pthread_cond_destroy(&park->changed);
	pthread_mutex_destroy(&park->lock);
}

/* Posts the op again if it is parked.  libfuse calls it, also after the op was freed: data is only
 * compared.  If another op has that address by then, it only looks once more whether it must wait. */
static void
interrupted(fuse_req_t req, void *data)
{
	struct fsctl *fs = fs_of(req);
	struct park *park = &fs->park;
	struct work_job *job;

	pthread_mutex_lock(&park->lock);
	STAILQ_FOREACH(job, &park->jobs, link)
	if (job == data)
		break;
	if (job != NULL)
		STAILQ_REMOVE(&park->jobs, job, work_job, link);
	pthread_mutex_unlock(&park->lock);
	if (job != NULL)
		work_post(&fs->work, job);
}

void
park_let_interrupt(struct op *op)
{
	fuse_req_interrupt_func(op->req, interrupted, &op->job);
}

bool
park_op(struct op *op, park_waits *waits)
{
	struct fsctl *fs = op->fs;
	struct park *park = &fs->park;
	bool parked = false;
	uint64_t ended;

	while (!parked) {
		pthread_mutex_lock(&park->lock);
		ended = park->ended;
		pthread_mutex_unlock(&park->lock);
		if (fs->stopping || fuse_req_interrupted(op->req) || !waits(fs, &op->job))
			return false;
		/* An import that has ended since then, or a signal, has posted only the jobs that were
		 * here. */
		pthread_mutex_lock(&park->lock);
		parked = ended == park->ended && !fuse_req_interrupted(op->req);
		if (parked)
			STAILQ_INSERT_TAIL(&park->jobs, &op->job, link);
		pthread_mutex_unlock(&park->lock);
	}
	return true;
}

void
park_linger(struct op *op, park_waits *waits)
{
	struct fsctl *fs = op->fs;
	struct park *park = &fs->park;
	struct timespec end;
	bool waiting;
	int rc = 0;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += PARK_LINGER_MS / 1000;
	pthread_mutex_lock(&park->lock);
	waiting = park->lingering++ < PARK_LINGER_MAX;
	while (waiting && rc == 0) {
		uint64_t ended = park->ended;

		pthread_mutex_unlock(&park->lock);
		waiting = !fs->stopping && waits(fs, &op->job);
		pthread_mutex_lock(&park->lock);
		while (waiting && rc == 0 && ended == park->ended)
			rc = pthread_cond_timedwait(&park->changed, &park->lock, &end);
	}
	park->lingering--;
	pthread_mutex_unlock(&park->lock);
}

void
park_release(struct fsctl *fs)
{
	struct work_queue jobs = STAILQ_HEAD_INITIALIZER(jobs);
	struct park *park = &fs->park;
	struct work_job *job;

	pthread_mutex_lock(&park->lock);
	park->ended++;
	STAILQ_CONCAT(&jobs, &park->jobs);
	pthread_cond_broadcast(&park->changed);
	pthread_mutex_unlock(&park->lock);
	while ((job = STAILQ_FIRST(&jobs)) != NULL) {
		STAILQ_REMOVE_HEAD(&jobs, link);
		work_post(&fs->work, job);
	}
}
