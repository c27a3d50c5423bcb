/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The queue of folders and files of which discs are to be made.  The thread in insert/import.c does that. */
#ifndef CHANGER_INVENTORY_IMPORT_QUEUE_H
#define CHANGER_INVENTORY_IMPORT_QUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <sys/queue.h>

#include "changer/folder.h"
#include "changer/inventory/folder.h"
#include "changer/inventory/lock.h"

struct element;
struct item;

enum { STAGED_IDLE_MS = 60000 }; /* a staged file that was closed so long ago is reported */

struct imports { /* the queue and its thread (insert/import.c) */
	pthread_t thread;
	void *(*serve)(void *jb); /* what the thread runs */
	TAILQ_HEAD(, item) queue GUARDED_BY(jb_lock);
	LIST_HEAD(, folder) folders GUARDED_BY(jb_lock); /* all that there are */
	TAILQ_HEAD(, item)
	idle GUARDED_BY(jb_lock); /* staged files in the order in which they were closed */
	bool started GUARDED_BY(jb_lock), stopping GUARDED_BY(jb_lock);
	bool again GUARDED_BY(
		jb_lock); /* something has changed: the thread must look what to do next */
	jb_import *import GUARDED_BY(jb_lock);
	jb_import_told *told GUARDED_BY(jb_lock);
	void *arg GUARDED_BY(jb_lock);
	unsigned users GUARDED_BY(jb_lock); /* threads that are in import or told */
	const struct item *working GUARDED_BY(
		jb_lock); /* the item that the thread has taken; NULL: none */
	const struct item *of GUARDED_BY(jb_lock); /* the item that is being imported; NULL: none */
	struct jb_import_watch watch;		   /* of that import */
};

/* Requests that the thread looks at the folder or file, and starts the thread if necessary.  If the thread
 * cannot be started, only logs that. */
void import_queue_ask(struct item *it) REQUIRES(jb_lock);
/* Requests the same for a folder that has changed, or whose part `it` has changed.  Forgets why it was no disc.
 * Does nothing for another item. */
void import_queue_changed(struct item *it) REQUIRES(jb_lock);
/* Requests that the thread looks at the folder of an element that may take a disc again.  Does nothing if there is
 * none, or the element's disc is being made of it. */
void import_queue_freed(struct element *el) REQUIRES(jb_lock);
/* Takes an item that was removed off the queue, and off that of idle files.  The caller has a reference. */
void import_queue_forget(struct item *it) REQUIRES(jb_lock);
/* Has such a file reported when it has been closed for STAGED_IDLE_MS.  Does nothing for another item. */
void import_queue_idle(struct item *it) REQUIRES(jb_lock);

#endif
