/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests to read whole discs and to check links.  verify/check.c has the thread that does it. */
#include <pthread.h>

#include "changer/inventory/model.h"
#include "changer/inventory/verify_queue.h"

/* Starts the thread that does the checks, if it does not run yet.  Returns JB_STOPPING if the queue
 * is not open, JB_NO_THREADS if the thread cannot be started; the next request tries again. */
static enum jb_err
start_thread(struct jukebox *jb) REQUIRES(jb_lock)
{
	struct checks *c = &jb->checks;

	if (!c->open)
		return JB_STOPPING;
	if (!c->started && pthread_create(&c->thread, NULL, c->serve, jb) == 0) {
		pthread_setname_np(c->thread, "checks");
		c->started = true;
	}
	return c->started ? JB_OK : JB_NO_THREADS;
}

enum jb_err
verify_queue_ask(struct item *it, unsigned what) REQUIRES(jb_lock)
{
	struct jukebox *jb = it->jb;
	enum jb_err err = start_thread(jb);

	if (err != JB_OK)
		return err;
	/* A check of content that has changed since ends without a result. */
	if ((it->check_runs & what) && it->check_content == it->disc.content)
		return JB_OK;
	if (it->check_asked == 0) {
		item_ref(it);
		TAILQ_INSERT_TAIL(&jb->checks.queue, it, check_link);
		pthread_cond_signal(&jb->checks.wake);
	}
	it->check_asked |= what;
	return JB_OK;
}

void
verify_queue_completed(struct item *it)
{
	/* Nobody asked for a file outside the store to be read, which may be far away. */
	if (it->link == NULL && it->kind == JB_ITEM_DISC && it->disc.status >= DISC_COMPLETE &&
		it->disc.size > 0 && it->jb->checks.open)
		(void)verify_queue_ask(it, CHECK_AUTO);
}
