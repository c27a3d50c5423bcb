/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The queue of discs whose content, or whose file behind them, is to be looked at, by the thread that
 * verify/check.c has.
 */
#ifndef CHANGER_INVENTORY_VERIFY_QUEUE_H
#define CHANGER_INVENTORY_VERIFY_QUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <sys/queue.h>

#include "changer/err.h"
#include "changer/inventory/lock.h"

struct item;

enum {
	CHECK_HASH = 1,
	CHECK_VERIFY = 2,
	CHECK_AUTO = 4, /* a hash that nobody asked for */
	CHECK_LINK = 8, /* is the file behind it still the same? */
};

struct checks { /* check.c */
	pthread_t thread;
	void *(*serve)(void *jb); /* what it runs */
	pthread_cond_t wake;	  /* with the jukebox lock */
	TAILQ_HEAD(, item) queue GUARDED_BY(jb_lock);
	bool open GUARDED_BY(jb_lock), started GUARDED_BY(jb_lock), stopping GUARDED_BY(jb_lock);
};

/* Asks for that of the item, CHECK_*, if the thread can be started.  JB_STOPPING: nothing is read any
 * more, or not yet; JB_NO_MEMORY. */
enum jb_err verify_queue_ask(struct item *it, unsigned what) REQUIRES(jb_lock);
/* The disc is complete as it is, so its hash may be computed if the settings say so. */
void verify_queue_completed(struct item *it) REQUIRES(jb_lock);

#endif
