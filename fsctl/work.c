/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsctl/work.h"

/* Takes the next job off its queue and returns it; NULL if there is none to run now.  Takes an ordered job,
 * and sets w->ordered_runs and *ordered, only if no thread is running one; such a job goes before all others.
 * w->lock must be held. */
static struct work_job *
next_locked(struct work *w, bool *ordered)
{
	struct work_queue *q = &w->any;
	struct work_job *job;

	*ordered = !w->ordered_runs && !STAILQ_EMPTY(&w->ordered);
	if (*ordered)
		q = &w->ordered;
	job = STAILQ_FIRST(q);
	if (job == NULL)
		return NULL;
	STAILQ_REMOVE_HEAD(q, link);
	w->queued--;
	if (*ordered)
		w->ordered_runs = true;
	return job;
}

/* Runs a thread of the queue: runs jobs, without the lock, until the queue is empty and work_fini was
 * called. */
static void *
serve(void *arg)
{
	struct work *w = arg;
	bool ordered;

	pthread_mutex_lock(&w->lock);
	for (;;) {
		struct work_job *job = next_locked(w, &ordered);

		if (job == NULL) {
			if (w->stopping && STAILQ_EMPTY(&w->ordered))
				break;
			w->idle++;
			pthread_cond_wait(&w->changed, &w->lock);
			w->idle--;
			continue;
		}
		pthread_mutex_unlock(&w->lock);
		job->run(job);
		pthread_mutex_lock(&w->lock);
		if (ordered) {
			w->ordered_runs = false;
			pthread_cond_broadcast(&w->changed);
		}
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

/* Starts a thread, unless there are WORK_THREADS_MAX.  If it cannot be started, fewer jobs run in parallel.  w->lock
 * must be held. */
static void
start_thread_locked(struct work *w)
{
	if (w->nthreads == WORK_THREADS_MAX ||
		pthread_create(&w->threads[w->nthreads], NULL, serve, w) != 0)
		return;
	pthread_setname_np(w->threads[w->nthreads++], "mount-worker");
}

bool
work_init(struct work *w)
{
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->changed, NULL);
	STAILQ_INIT(&w->any);
	STAILQ_INIT(&w->ordered);
	w->nthreads = w->idle = w->queued = 0;
	w->ordered_runs = w->stopping = false;
	pthread_mutex_lock(&w->lock);
	start_thread_locked(w);
	pthread_mutex_unlock(&w->lock);
	return w->nthreads > 0;
}

/* Adds a job at the end of the queue q, and wakes a thread for it; starts one if no idle one is left
 * for it. */
static void
post(struct work *w, struct work_queue *q, struct work_job *job)
{
	pthread_mutex_lock(&w->lock);
	STAILQ_INSERT_TAIL(q, job, link);
	/* A thread that was signalled but has not woken up yet is still counted in `idle`. */
	if (++w->queued > w->idle)
		start_thread_locked(w);
	pthread_cond_signal(&w->changed);
	pthread_mutex_unlock(&w->lock);
}

void
work_post(struct work *w, struct work_job *job)
{
	post(w, &w->any, job);
}

void
work_post_ordered(struct work *w, struct work_job *job)
{
	post(w, &w->ordered, job);
}

void
work_fini(struct work *w)
{
	pthread_mutex_lock(&w->lock);
	w->stopping = true;
	pthread_cond_broadcast(&w->changed);
	pthread_mutex_unlock(&w->lock);
	for (unsigned i = 0; i < w->nthreads; i++)
		pthread_join(w->threads[i], NULL);
	pthread_cond_destroy(&w->changed);
	pthread_mutex_destroy(&w->lock);
}
