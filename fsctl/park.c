/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsctl/park.h"

#include "fsctl/fs.h"

void
park_init(struct park *park)
{
	pthread_mutex_init(&park->lock, NULL);
	STAILQ_INIT(&park->any);
	STAILQ_INIT(&park->ordered);
	park->ended = 0;
}

void
park_fini(struct park *park)
{
	pthread_mutex_destroy(&park->lock);
}

bool
park_job(struct fsctl *fs, struct work_job *job, bool ordered, park_waits *waits)
{
	struct park *park = &fs->park;
	bool parked = false;
	uint64_t ended;

	while (!parked) {
		pthread_mutex_lock(&park->lock);
		ended = park->ended;
		pthread_mutex_unlock(&park->lock);
		if (fs->stopping || !waits(fs, job))
			return false;
		/* An import that has ended since then has posted only the jobs that were here. */
		pthread_mutex_lock(&park->lock);
		parked = ended == park->ended;
		if (parked)
			STAILQ_INSERT_TAIL(ordered ? &park->ordered : &park->any, job, link);
		pthread_mutex_unlock(&park->lock);
	}
	return true;
}

/* Takes the first job out of a queue; NULL: it is empty. */
static struct work_job *
take(struct park *park, struct work_queue *q)
{
	struct work_job *job;

	pthread_mutex_lock(&park->lock);
	job = STAILQ_FIRST(q);
	if (job != NULL)
		STAILQ_REMOVE_HEAD(q, link);
	pthread_mutex_unlock(&park->lock);
	return job;
}

void
park_release(struct fsctl *fs)
{
	struct work_queue any = STAILQ_HEAD_INITIALIZER(any);
	struct work_queue ordered = STAILQ_HEAD_INITIALIZER(ordered);
	struct park *park = &fs->park;
	struct work_job *job;

	pthread_mutex_lock(&park->lock);
	park->ended++;
	STAILQ_CONCAT(&any, &park->any);
	STAILQ_CONCAT(&ordered, &park->ordered);
	pthread_mutex_unlock(&park->lock);
	while ((job = take(park, &any)) != NULL)
		work_post(&fs->work, job);
	while ((job = take(park, &ordered)) != NULL)
		work_post_ordered(&fs->work, job);
}
