/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The jukebox lock, and waiting for changes under it. */
#include <time.h>

#include "changer/inventory/lock.h"
#include "changer/inventory/model.h"

enum { NS_PER_MS = 1000000, NS_PER_S = 1000000000 };

LOCK_CLASS_DEFINE(jb_lock);

void
jb_enter(struct jukebox *jb) NO_LOCK_ANALYSIS
{
	pthread_mutex_lock(&jb->lock);
}

void
jb_leave(struct jukebox *jb) NO_LOCK_ANALYSIS
{
	pthread_mutex_unlock(&jb->lock);
}

void
jb_changed(struct jukebox *jb)
{
	pthread_cond_broadcast(&jb->changed);
}

/* Returns the time that is ms milliseconds from now.  Uses the system's clock and not clock.h: a
 * test that controls time must not keep a thread from waking. */
struct timespec
jb_deadline(unsigned ms)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	ts.tv_sec += ms / 1000;
	ts.tv_nsec += (long)(ms % 1000) * NS_PER_MS;
	if (ts.tv_nsec >= NS_PER_S) {
		ts.tv_sec++;
		ts.tv_nsec -= NS_PER_S;
	}
	return ts;
}

bool
jb_wait_until(struct jukebox *jb, const struct timespec *end)
{
	if (end == NULL)
		return pthread_cond_wait(&jb->changed, &jb->lock) == 0;
	return pthread_cond_timedwait(&jb->changed, &jb->lock, end) == 0;
}
