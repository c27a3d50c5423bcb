/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The thread that makes discs of folders (folder_join.c), and of files that are packed or in a foreign
 * format (file_import.c).
 *
 * It looks at a folder each time that the folder has changed and no program has a file of it open, and
 * at a file when its last writer has closed it.  While the importer runs, the thread holds neither
 * lock nor claim: the disc can be looked at, and removed, which ends the import.
 */
#include "changer/insert/import.h"

#include <stdlib.h>

#include "changer/base/clock.h"
#include "changer/insert/batch.h"
#include "changer/insert/file_import.h"
#include "changer/insert/folder.h"
#include "changer/insert/folder_join.h"
#include "changer/insert/why.h"
#include "changer/inventory/model.h"

enum {
	RETRY_MS = 10, /* the wait for a folder or a part that is claimed */
	WAIT_MAX_MS = 60000,
};

/* Takes the next item out of the queue, with the queue's reference, and notes it in q->working.  Waits for
 * one until the time `next` of clock.h (at most WAIT_MAX_MS), UINT64_MAX: without limit.  Returns NULL at
 * that time, if q->again was set (which it clears), or if the thread must end.  Takes none while there is no
 * importer. */
static struct item *
next_item(struct jukebox *jb, uint64_t next) EXCLUDES(jb_lock)
{
	struct imports *q = &jb->imports;
	uint64_t now = clock_ms();
	uint64_t ms = next <= now ? RETRY_MS : next - now < WAIT_MAX_MS ? next - now : WAIT_MAX_MS;
	struct timespec end = jb_deadline((unsigned)ms);
	struct item *it = NULL;
	bool more = true;

	jb_enter(jb);
	while (!q->stopping && more && !q->again && (TAILQ_EMPTY(&q->queue) || q->import == NULL))
		more = jb_wait_until(jb, next == UINT64_MAX ? NULL : &end);
	q->again = false;
	if (!q->stopping && q->import != NULL)
		it = TAILQ_FIRST(&q->queue);
	if (it != NULL) {
		TAILQ_REMOVE(&q->queue, it, import_link);
		it->import_asked = false;
		q->working = it;
	}
	jb_leave(jb);
	return it;
}

/* Waits RETRY_MS, and puts an item that could not be imported yet into the queue again.  This is a folder if
 * `busy` is true, and a file (whatever `busy` is) that still waits for its import and that no program writes.
 * Does nothing for any other item, one that is gone, or if there is no importer: jb_set_import asks for
 * all. */
static void
ask_again(struct item *it, bool busy) EXCLUDES(jb_lock)
{
	struct jukebox *jb = it->jb;
	struct timespec end = jb_deadline(RETRY_MS);

	jb_enter(jb);
	busy = it->folder != NULL ? busy : it->importing && it->insert == NULL;
	while (busy && !jb->imports.stopping && jb_wait_until(jb, &end))
		;
	/* A thread that removes the item stops the importer, and holds the claim until the item is
	 * removed. */
	if (busy && jb->imports.import != NULL && item_claim(it, NULL) == JB_OK) {
		item_unclaim(it);
		import_queue_ask(it);
	}
	jb_leave(jb);
}

/* Clears q->working, wakes the threads that wait for that, and calls the `told` function of jb_set_import
 * with JB_OK, if there is one and q->working was set.  Returns true if the thread must end. */
static bool
end_work(struct jukebox *jb) EXCLUDES(jb_lock)
{
	struct imports *q = &jb->imports;
	jb_import_told *told;
	bool stopping;
	void *arg;

	jb_enter(jb);
	told = q->working != NULL ? q->told : NULL;
	arg = q->arg;
	q->users += told != NULL;
	q->working = NULL;
	stopping = q->stopping;
	jb_changed(jb);
	jb_leave(jb);
	if (told == NULL)
		return stopping;
	told(arg, JB_OK, NULL);
	jb_enter(jb);
	q->users--;
	jb_changed(jb);
	jb_leave(jb);
	return stopping;
}

/* Runs the thread of imports for the jukebox at arg until it must end (end_work): removes old ghosts, reports
 * what is due, and imports one item at a time.  Ends at once if memory is missing.  Returns NULL. */
static void *
serve(void *arg)
{
	struct jukebox *jb = arg;
	struct batch *b = calloc(1, sizeof(*b));
	bool stopping = b == NULL;

	while (!stopping) {
		uint64_t next = UINT64_MAX;
		struct item *it;
		bool busy;

		folder_sweep(jb, &next);
		folder_join_quiet(jb, &next);
		why_report_quiet(jb, &next);
		why_report_idle(jb, &next);
		it = next_item(jb, next);
		busy = it != NULL && it->folder != NULL && folder_join(it, b);
		if (it != NULL && it->folder == NULL)
			file_import(it, b);
		if (it != NULL)
			ask_again(it, busy);
		stopping = end_work(jb);
		if (it != NULL)
			item_unref(it);
	}
	free(b);
	return NULL;
}

void
import_init(struct jukebox *jb)
{
	jb->imports.serve = serve;
	jb_enter(jb);
	TAILQ_INIT(&jb->imports.queue);
	TAILQ_INIT(&jb->imports.idle);
	LIST_INIT(&jb->imports.folders);
	jb_leave(jb);
}

bool
import_open(struct jukebox *jb)
{
	bool started;

	jb_enter(jb);
	started = import_queue_start(jb);
	jb_leave(jb);
	return started;
}

void
import_fini(struct jukebox *jb)
{
	struct imports *q = &jb->imports;
	struct item *it;
	bool started;

	jb_enter(jb);
	q->stopping = true;
	q->watch.stop = true;
	started = q->started;
	jb_changed(jb);
	jb_leave(jb);
	if (started)
		pthread_join(q->thread, NULL);
	do {
		jb_enter(jb);
		it = TAILQ_FIRST(&q->queue);
		if (it != NULL)
			TAILQ_REMOVE(&q->queue, it, import_link);
		else if ((it = TAILQ_FIRST(&q->idle)) != NULL)
			TAILQ_REMOVE(&q->idle, it, idle_link);
		jb_leave(jb);
		if (it != NULL)
			item_unref(it);
	} while (it != NULL);
}

/* Puts all files that were waiting for their import before the start of the daemon, or before there
 * was an importer, into the queue. */
static void
ask_files(struct jukebox *jb) REQUIRES(jb_lock)
{
	for (size_t i = 0; i < jb->buckets; i++)
		for (struct item *it = jb->by_id[i]; it != NULL; it = it->next_by_id)
			if (it->importing && it->insert == NULL && it->elem != NULL)
				import_queue_ask(it);
}

void
jb_set_import(struct jukebox *jb, jb_import *import, jb_import_told *told, void *arg)
{
	struct imports *q = &jb->imports;
	struct folder *f;

	jb_enter(jb);
	q->import = NULL;
	q->told = NULL;
	q->watch.stop = true;
	while (q->users > 0)
		(void)jb_wait_until(jb, NULL);
	q->import = import;
	q->told = told;
	q->arg = arg;
	if (import != NULL) {
		LIST_FOREACH(f, &q->folders, link)
		{
			import_queue_changed(f->item);
		}
		ask_files(jb);
	}
	jb_changed(jb);
	jb_leave(jb);
}
