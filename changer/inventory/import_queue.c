/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/inventory/import_queue.h"

#include <string.h>

#include "changer/base/clock.h"
#include "changer/base/log.h"
#include "changer/inventory/model.h"

void
import_queue_ask(struct item *it)
{
	struct imports *q = &it->jb->imports;

	if (q->stopping)
		return;
	if (!q->started && pthread_create(&q->thread, NULL, q->serve, it->jb) == 0) {
		pthread_setname_np(q->thread, "imports");
		q->started = true;
	}
	if (!q->started) {
		log_err("store", "%s: no thread can be started to import it", it->name);
		return;
	}
	if (!it->import_asked) {
		it->import_asked = true;
		item_ref(it);
		TAILQ_INSERT_TAIL(&q->queue, it, import_link);
	}
	jb_changed(it->jb);
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
