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
	/* the importer and its caller's function, both called with arg (jb_set_import); NULL: none */
	jb_import *import GUARDED_BY(jb_lock);
	jb_import_told *told GUARDED_BY(jb_lock);
	void *arg GUARDED_BY(jb_lock);
	/* threads that are in import or told; these must not change then */
	unsigned users GUARDED_BY(jb_lock);
	const struct item *working GUARDED_BY(
		jb_lock); /* the item that the thread has taken; NULL: none */
	const struct item *of GUARDED_BY(jb_lock); /* the item that is being imported; NULL: none */
	struct jb_import_watch watch;		   /* of that import */
};

/* Starts the thread of imports, unless it runs.  Returns false if it cannot be started.  Called when the
 * jukebox is opened, so that a system that refuses threads later does not matter. */
bool import_queue_start(struct jukebox *jb) REQUIRES(jb_lock);
/* Puts the folder or file into the queue of the thread that imports, with a reference, unless it is
 * there; starts the thread if necessary, and wakes it.  Does nothing if imports have ended; if the
 * thread cannot start, logs that. */
void import_queue_ask(struct item *it) REQUIRES(jb_lock);
/* Does what import_queue_ask does for a folder that has changed, or whose part `it` has changed.
 * Notes the time, and that the reason why it is no disc must be reported anew.  Does nothing for
 * another item, or for a folder in no element. */
void import_queue_changed(struct item *it) REQUIRES(jb_lock);
/* Does what import_queue_ask does for the folder of an element that may take a disc again.  Does
 * nothing if there is none, if it is a ghost (folder.h), or if a disc is being made of it. */
void import_queue_freed(struct element *el) REQUIRES(jb_lock);
/* Takes an item that was removed out of the queue, and out of that of idle files, and drops their
 * references.  The caller has a reference of its own, so the item is not freed. */
void import_queue_forget(struct item *it) REQUIRES(jb_lock);
/* Puts a staged file that a user may have forgotten (item_is_idle) into the queue `idle`, so that it
 * is reported when it has been closed for STAGED_IDLE_MS.  Does nothing for another item, or if it
 * is there. */
void import_queue_idle(struct item *it) REQUIRES(jb_lock);

#endif
