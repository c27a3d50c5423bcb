/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/base/strand.h"

#include <assert.h>
#include <stdio.h>

/* The address of this variable identifies a thread, without a system call. */
static _Thread_local char self;

/* Gives the free strand to a thread that waits in strand_enter, and wakes that thread.  `job` is the
 * thread's entry; its run is NULL, and the caller has removed it from the queue.  Lock held. */
static void
give_turn(struct strand *s, struct strand_job *job)
{
	s->held = true;
	job->turn = true;
	pthread_cond_broadcast(&s->changed);
}

/* Runs the strand's own thread; arg is the strand.  Serves the queue in order whenever the strand is free:
 * takes the strand and runs a job, or gives the strand to a thread in strand_enter.  Ends when strand_fini
 * was called and the queue is empty. */
static void *
serve(void *arg)
{
	struct strand *s = arg;

	pthread_mutex_lock(&s->lock);
	for (;;) {
		struct strand_job *job = TAILQ_FIRST(&s->queue);

		if (job == NULL && s->stopping)
			break;
		if (job == NULL || s->held) {
			pthread_cond_wait(&s->changed, &s->lock);
			continue;
		}
		TAILQ_REMOVE(&s->queue, job, link);
		if (job->run == NULL) {
			give_turn(s, job);
			continue;
		}
		s->held = true;
		s->holder = &self;
		pthread_mutex_unlock(&s->lock);
		job->run(job);
		pthread_mutex_lock(&s->lock);
		s->holder = NULL;
		s->held = false;
		pthread_cond_broadcast(&s->changed);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

bool
strand_init(struct strand *s, const char *name)
{
	char shown[16]; /* the kernel keeps 15 bytes of a thread's name */

	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->changed, NULL);
	TAILQ_INIT(&s->queue);
	s->held = s->stopping = false;
	s->holder = NULL;
	s->started = pthread_create(&s->thread, NULL, serve, s) == 0;
	if (!s->started)
		return false;
	snprintf(shown, sizeof(shown), "%s", name);
	pthread_setname_np(s->thread, shown);
	return true;
}

void
strand_fini(struct strand *s)
{
	pthread_mutex_lock(&s->lock);
	s->stopping = true;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
	if (s->started)
		pthread_join(s->thread, NULL);
	assert(TAILQ_EMPTY(&s->queue) && !s->held);
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
}

bool
strand_try(struct strand *s)
{
	bool got;

	pthread_mutex_lock(&s->lock);
	got = !s->held && TAILQ_EMPTY(&s->queue);
	if (got) {
		s->held = true;
		s->holder = &self;
	}
	pthread_mutex_unlock(&s->lock);
	return got;
}

void
strand_enter(struct strand *s)
{
	struct strand_job me = {.run = NULL};

	pthread_mutex_lock(&s->lock);
	if (!s->held && TAILQ_EMPTY(&s->queue)) {
		s->held = true;
	} else {
		TAILQ_INSERT_TAIL(&s->queue, &me, link);
		pthread_cond_broadcast(&s->changed);
		while (!me.turn)
			pthread_cond_wait(&s->changed, &s->lock);
	}
	s->holder = &self;
	pthread_mutex_unlock(&s->lock);
}

bool
strand_is_mine(const struct strand *s)
{
	return s->holder == &self;
}

bool
strand_is_awaited(struct strand *s)
{
	struct strand_job *job;
	bool awaited = false;

	pthread_mutex_lock(&s->lock);
	TAILQ_FOREACH(job, &s->queue, link)
	awaited = awaited || job->run == NULL;
	pthread_mutex_unlock(&s->lock);
	return awaited;
}

void
strand_leave(struct strand *s)
{
	pthread_mutex_lock(&s->lock);
	assert(s->held && s->holder == &self);
	s->holder = NULL;
	s->held = false;
	if (!TAILQ_EMPTY(&s->queue))
		pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

void
strand_post(struct strand *s, struct strand_job *job)
{
	pthread_mutex_lock(&s->lock);
	TAILQ_INSERT_TAIL(&s->queue, job, link);
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

void
strand_hand_over(struct strand *s, struct strand_job *job)
{
	pthread_mutex_lock(&s->lock);
	assert(s->held && s->holder == &self);
	TAILQ_INSERT_HEAD(&s->queue, job, link);
	s->holder = NULL;
	s->held = false;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
}
