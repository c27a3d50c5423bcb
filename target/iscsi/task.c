/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/iscsi/task.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include "target/iscsi/conn.h"

enum {
	/* The room that an answer needs in the arena: the command's data, and the headers and trailers of
	 * its Data-In PDUs at the smallest MaxRecvDataSegmentLength.  With it, no flush is needed while the
	 * data is split into PDUs. */
	INLINE_ROOM = SCSI_IN_MIN + (SCSI_IN_MIN / 512 + 2) * (TX_HEADER_MAX + TX_TRAILER_MAX),
};

/* Returns the task of this transport that contains the SCSI task. */
static struct itask *
itask_of(struct scsi_task *task)
{
	_Static_assert(offsetof(struct itask, scsi) == 0, "the cast relies on it");
	return (struct itask *)task;
}

/* ---- leaving and coming back ---------------------------------------------------------------- */

/* Gives the task a data-in buffer of its own: the spare one, which have_spare has allocated before.  The
 * connection then has no spare one.  Runs in the connection's thread.  (scsi_task_ops) */
static void
detach(struct scsi_task *task)
{
	struct itask *t = itask_of(task);

	assert(t->in_buf.data == NULL && t->conn->tasks.spare.data != NULL);
	t->in_buf = t->conn->tasks.spare;
	t->conn->tasks.spare.data = NULL;
	wbuf_init(&task->in, t->in_buf.data, t->in_buf.size);
}

/* Puts a finished task on the list c->done of its connection, and wakes the connection's thread if the list
 * was empty.  Any thread; takes done_lock.  (scsi_task_ops) */
static void
done(struct scsi_task *task)
{
	struct itask *t = itask_of(task);
	struct conn *c = t->conn;
	bool first;

	/* Once the lock is released, the connection may be freed, if this was its last task. */
	pthread_mutex_lock(&c->done_lock);
	first = c->done == NULL;
	t->next = c->done;
	c->done = t;
	__atomic_store_n(&c->has_done, true, __ATOMIC_RELAXED);
	if (first)
		conn_wake(c);
	pthread_mutex_unlock(&c->done_lock);
}

/* Shuts down the socket of the task's connection, which exists as long as it has tasks.  Any thread.
 * (scsi_task_ops) */
static void
lose(struct scsi_task *task)
{
	shutdown(itask_of(task)->conn->fd, SHUT_RDWR);
}

static const struct scsi_task_ops ops = {.detach = detach, .done = done, .lose = lose};

/* Makes sure that there is a spare data-in buffer, for detach.  Returns false if there is no memory. */
static bool
have_spare(struct conn *c)
{
	struct tasks *tasks = &c->tasks;

	if (tasks->spare.data == NULL)
		tasks->spare = buffer_get(&c->buffers, SCSI_IN_MIN);
	return tasks->spare.data != NULL;
}

/* Hands a task, which is in no list, to the SCSI layer.  Answers it if it is finished at once, or, with BUSY,
 * if there is no memory; else adds it to the pending ones.  May send what is queued, to make room in the
 * arena. */
static void
submit(struct conn *c, struct itask *t)
{
	struct scsi_task *s = &t->scsi;

	if (!have_spare(c)) {
		s->status = SCSI_BUSY;
		datain_answer(c, t);
		return;
	}
	/* The data-in buffer is in the arena, directly behind the header that will be sent before it. */
	tx_room(c, INLINE_ROOM, 1);
	wbuf_init(&s->in, tx_data_place(c), SCSI_IN_MIN);
	s->ops = &ops;
	s->out = t->out_buf.data;
	s->out_len = t->received;
	s->out_want = t->received;
	if (scsi_task_submit(s) == SCSI_DONE) {
		datain_answer(c, t);
	} else {
		TAILQ_INSERT_TAIL(&c->tasks.pending, t, link);
	}
}

/* Takes all tasks off the list of finished ones.  Returns them linked by next, in the order in which they
 * were finished; NULL if there is none.  Takes done_lock. */
static struct itask *
take_done(struct conn *c)
{
	struct itask *t, *next, *list = NULL;

	pthread_mutex_lock(&c->done_lock);
	t = c->done;
	c->done = NULL;
	__atomic_store_n(&c->has_done, false, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&c->done_lock);
	for (; t != NULL; t = next) {
		next = t->next;
		t->next = list;
		list = t;
	}
	return list;
}

void
tasks_reap(struct conn *c)
{
	struct itask *t, *next;

	if (!__atomic_load_n(&c->has_done, __ATOMIC_RELAXED))
		return;
	for (t = take_done(c); t != NULL; t = next) {
		next = t->next;
		TAILQ_REMOVE(&c->tasks.pending, t, link);
		datain_answer(c, t);
	}
	tmf_advance(c);
	tasks_run(c);
}

/* ---- waiting -------------------------------------------------------------------------------- */

void
tasks_run(struct conn *c)
{
	bool blocked[LUN_SLOTS] = {false};
	struct itask *t, *next;

	if (TAILQ_EMPTY(&c->tasks.waiting))
		return;
	tmf_mark_blocked(c, blocked);
	for (t = TAILQ_FIRST(&c->tasks.waiting); t != NULL; t = next) {
		unsigned slot = itask_slot(t->scsi.lun);

		next = TAILQ_NEXT(t, link);
		if (!t->ready || blocked[slot]) {
			blocked[slot] = true;
			continue;
		}
		TAILQ_REMOVE(&c->tasks.waiting, t, link);
		if (t->refused)
			datain_answer(c, t);
		else
			submit(c, t);
	}
	dataout_solicit(c);
}

/* Marks a task as refused, with that sense.  It still takes its data-out, and is answered when its turn
 * comes.  Does nothing if it is refused already. */
static void
refuse(struct itask *t, uint8_t key, uint8_t asc, uint8_t ascq)
{
	if (t->refused)
		return;
	t->refused = true;
	task_sense(&t->scsi, key, asc, ascq);
}

/* Returns true if a task with that Initiator Task Tag is not answered yet: an error (11.2.1.8).  A pending
 * task that was aborted does not count. */
static bool
tag_in_use(struct conn *c, uint32_t itt)
{
	const struct itask *t;

	TAILQ_FOREACH(t, &c->tasks.waiting, link)
	if (t->itt == itt)
		return true;
	TAILQ_FOREACH(t, &c->tasks.pending, link)
	if (t->itt == itt && !t->aborted)
		return true;
	return false;
}

/* Fills in a new task, all zeros, from the command PDU, and notes its arrival (scsi_task_arrives).
 * Refuses a command with additional header segments (its CDB has more than 16 bytes) or with data in both
 * directions. */
static void
fill_task(struct conn *c, struct itask *t, const struct pdu *pdu)
{
	uint8_t flags = pdu->bhs[BHS_FLAGS];

	t->conn = c;
	t->order = c->tasks.next_order++;
	t->itt = pdu->itt;
	t->immediate = pdu->immediate;
	t->reads = (flags & COMMAND_READ) != 0;
	t->writes = (flags & COMMAND_WRITE) != 0;
	t->edtl = t->reads || t->writes ? get_be32(pdu->bhs + COMMAND_EDTL) : 0;
	t->ttt = TAG_NONE;
	memcpy(t->scsi.lun, pdu->bhs + BHS_LUN, sizeof(t->scsi.lun));
	memcpy(t->scsi.cdb, pdu->bhs + COMMAND_CDB, SCSI_CDB_MAX);
	t->scsi.nexus = c->session.nexus;
	scsi_task_arrives(&t->scsi);
	/* Not supported: CDBs of more than 16 bytes (11.2.2.3), and data in both directions (11.2.2.4). */
	if (pdu->ahs_len != 0)
		refuse(t, 0x05, 0x20, 0x00); /* INVALID COMMAND OPERATION CODE */
	else if (t->reads && t->writes)
		refuse(t, 0x05, 0x24, 0x00); /* INVALID FIELD IN CDB */
}

bool
task_command(struct conn *c, const struct pdu *pdu)
{
	struct session *s = &c->session;
	struct itask *t;

	if (pdu->itt == TAG_NONE || tag_in_use(c, pdu->itt)) {
		reject_protocol_error(c, pdu, "the task tag is reserved or in use");
		return false;
	}
	if (pdu->immediate && s->nimmediate == IMMEDIATE_MAX) {
		reject_pdu(c, pdu, REJECT_IMMEDIATE);
		return rx_data(c, pdu, NULL);
	}
	t = itask_new(c);
	if (t == NULL) {
		conn_fail(c, "out of memory");
		return false;
	}
	fill_task(c, t, pdu);
	if (!dataout_begin(c, t, pdu)) {
		itask_free(c, t);
		return false;
	}
	session_count(t->immediate ? &s->nimmediate : &s->nwindow, 1);
	if (t->ready && !t->refused && TAILQ_EMPTY(&c->tasks.waiting) && c->ntmfs == 0) {
		submit(c, t);
		return true;
	}
	TAILQ_INSERT_TAIL(&c->tasks.waiting, t, link);
	tasks_run(c);
	return true;
}
