/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory of a connection's commands: allocated, kept for the next command, freed.
 */
#include <stdlib.h>
#include <string.h>

#include "changer/scsi/port.h"
#include "target/iscsi/conn.h"

void
itasks_init(struct tasks *tasks)
{
	memset(tasks, 0, sizeof(*tasks));
	TAILQ_INIT(&tasks->waiting);
	TAILQ_INIT(&tasks->pending);
}

void
itasks_idle(struct conn *c)
{
	struct tasks *tasks = &c->tasks;

	buffer_put(&c->buffers, &tasks->spare);
	while (tasks->free != NULL) {
		struct itask *t = tasks->free;

		tasks->free = t->next;
		free(t);
	}
}

struct itask *
itask_new(struct conn *c)
{
	struct itask *t = c->tasks.free;

	if (t != NULL)
		c->tasks.free = t->next;
	else
		t = malloc(sizeof(*t));
	if (t != NULL)
		memset(t, 0, sizeof(*t));
	return t;
}

void
itask_release_out(struct conn *c, struct itask *t)
{
	if (t->held != 0)
		__atomic_sub_fetch(&c->target->held, t->held, __ATOMIC_RELAXED);
	c->tasks.held -= t->held;
	t->held = 0;
	if (t->granted)
		c->tasks.granted -= t->edtl;
	t->granted = false;
	buffer_put(&c->buffers, &t->out_buf);
}

void
itask_free(struct conn *c, struct itask *t)
{
	itask_release_out(c, t);
	buffer_put(&c->buffers, &t->in_buf);
	free(t->scsi.big);
	t->next = c->tasks.free;
	c->tasks.free = t;
}

unsigned
itask_slot(const uint8_t lun[8])
{
	int n = scsi_lun_decode(lun);

	return n >= 0 && n < SCSI_LUNS_MAX ? (unsigned)n : LUN_SLOTS - 1;
}
