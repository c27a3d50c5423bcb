/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Data-in that a handler builds. */
#include <stdlib.h>

#include "changer/scsi/sense.h"
#include "changer/scsi/task.h"

bool
task_reply_room(struct scsi_task *task, size_t n)
{
	if (n <= task->in.cap)
		return true;
	free(task->big);
	task->big = malloc(n);
	task->big_cap = task->big != NULL ? n : 0;
	if (task->big == NULL) {
		/* SPC-4: INSUFFICIENT RESOURCES */
		task_sense(task, KEY_ILLEGAL_REQUEST, 0x55, 0x03);
		return false;
	}
	return true;
}

void
task_reply_begin(struct scsi_task *task, struct wbuf *w)
{
	if (task->big != NULL)
		wbuf_init(w, task->big, task->big_cap);
	else
		wbuf_init(w, task->in.data, task->in.cap);
}

void
task_reply_end(struct scsi_task *task, const struct wbuf *w, size_t allocation_length)
{
	size_t stored = wbuf_stored(w);

	task->in_len = stored < allocation_length ? stored : allocation_length;
}
