/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/inventory/import_queue.h"

#include <string.h>

#include "changer/base/clock.h"
#include "changer/base/log.h"
#include "changer/inventory/model.h"

bool
import_queue_start(struct jukebox *jb)
{
	struct imports *q = &jb->imports;

	if (!q->started && pthread_create(&q->thread, NULL, q->serve, jb) == 0) {
		pthread_setname_np(q->thread, "imports");
		q->started = true;
	}
	return q->started;
}

/* Starts the thread of imports unless it runs, sets q->again, and wakes the thread.  Returns false, and does
 * nothing, if imports have ended; returns false also if the thread cannot start, which is logged: then the
 * jukebox is not opened. */
static bool
start_thread(struct item *it) REQUIRES(jb_lock)
{
	struct imports *q = &it->jb->imports;

	if (q->stopping)
		return false;
	if (!import_queue_start(it->jb))
		log_err("store", "%s: no thread can be started to import it", it->name);
	q->again = true;
	jb_changed(it->jb);
	return q->started;
}

void
import_queue_ask(struct item *it)
{
	struct imports *q = &it->jb->imports;

	if (!start_thread(it))
		return;
	if (!it->import_asked) {
		it->import_asked = true;
		item_ref(it);
		TAILQ_INSERT_TAIL(&q->queue, it, import_link);
	}
}

void
import_queue_freed(struct element *el)
{
	if (el->folder != NULL && !el->folder->ghost && !el->folder->folder->joining)
		import_queue_ask(el->folder);
}

void
import_queue_forget(struct item *it)
{
	struct imports *q = &it->jb->imports;

	if (it->import_asked)
		TAILQ_REMOVE(&q->queue, it, import_link);
	if (it->idle_asked)
		TAILQ_REMOVE(&q->idle, it, idle_link);
	it->refs -= (unsigned)it->import_asked + (unsigned)it->idle_asked;
	it->import_asked = it->idle_asked = false;
}

void
import_queue_idle(struct item *it)
{
	if (!item_is_idle(it) || it->idle_asked || !start_thread(it))
		return;
	it->idle_asked = true;
	item_ref(it);
	TAILQ_INSERT_TAIL(&it->jb->imports.idle, it, idle_link);
}

void
import_queue_changed(struct item *it)
{
	struct item *folder = it->in != NULL ? it->in : it;

	if (folder->folder == NULL || folder->elem == NULL)
		return;
	folder_touch(folder);
	folder->folder->changed_ms = clock_ms();
	folder->folder->reported = false;
	import_queue_ask(folder);
}
