/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The queue of discs whose content, or whose file outside the store, is to be checked.  The thread in
 * verify/check.c does that. */
#ifndef CHANGER_INVENTORY_VERIFY_QUEUE_H
#define CHANGER_INVENTORY_VERIFY_QUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <sys/queue.h>

#include "changer/err.h"
#include "changer/inventory/lock.h"

struct item;

enum {
	CHECK_HASH = 1,	  /* compute the hash */
	CHECK_VERIFY = 2, /* compare the content with the hash */
	CHECK_AUTO = 4,	  /* a hash that no user requested: the disc is complete */
	CHECK_LINK = 8,	  /* is the file behind the link still the same? */
};

struct checks { /* the queue and its thread (verify/check.c) */
	pthread_t thread;
	void *(*serve)(void *jb); /* what the thread runs */
	pthread_cond_t wake;	  /* used with the jukebox lock */
	TAILQ_HEAD(, item) queue GUARDED_BY(jb_lock);
	/* open: checks may be requested; started: the thread exists; stopping: it must end */
	bool open GUARDED_BY(jb_lock), started GUARDED_BY(jb_lock), stopping GUARDED_BY(jb_lock);
};

/* Requests checks of the item (CHECK_*), together with those that it waits for, and starts the
 * thread if necessary.  Does nothing if such a check of the present content is running.  Returns
 * JB_STOPPING if checks are not done any more, or not yet; JB_NO_THREADS if the thread cannot start. */
enum jb_err verify_queue_ask(struct item *it, unsigned what) REQUIRES(jb_lock);
/* Requests the hash of the item (CHECK_AUTO) if it is a complete disc with content, for the setting
 * hash-completed.  Does nothing for any other item, for links, or if the queue is not open. */
void verify_queue_completed(struct item *it) REQUIRES(jb_lock);

#endif
