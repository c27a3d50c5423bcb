/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/iscsi/tmf.h"

#include <string.h>

#include "changer/scsi/port.h"
#include "target/iscsi/conn.h"

/* The tasks that a function affects: none, one, those of a unit, all. */
enum scope { SCOPE_NONE, SCOPE_TASK, SCOPE_UNIT, SCOPE_TARGET };

/* The sessions whose tasks it affects. */
enum whose { OWN, ALL };

/* The functions, by number: the tasks that each affects; or, with SCOPE_NONE, the response that it gets at
 * once. */
static const struct function {
	enum scope scope;
	enum tmf_response response; /* with SCOPE_NONE */
	enum whose whose;	    /* tasks of this session only, or of all sessions */
	bool reset;		    /* true: it resets the unit, or all units */
} functions[] = {
	[0] = {SCOPE_NONE, TMF_REJECTED, OWN, false},
	[TMF_ABORT_TASK] = {SCOPE_TASK, TMF_COMPLETE, OWN, false},
	[TMF_ABORT_TASK_SET] = {SCOPE_UNIT, TMF_COMPLETE, OWN, false},
	[TMF_CLEAR_ACA] = {SCOPE_NONE, TMF_NOT_SUPPORTED, OWN,
		false}, /* there is no ACA: NORMACA 0 */
	[TMF_CLEAR_TASK_SET] = {SCOPE_UNIT, TMF_COMPLETE, ALL, false},
	[TMF_LUN_RESET] = {SCOPE_UNIT, TMF_COMPLETE, ALL, true},
	[TMF_TARGET_WARM_RESET] = {SCOPE_TARGET, TMF_COMPLETE, ALL, true},
	/* 11.5.1: it would have to close all connections of all initiators */
	[TMF_TARGET_COLD_RESET] = {SCOPE_NONE, TMF_NOT_SUPPORTED, OWN, false},
	/* needs ErrorRecoveryLevel 2 */
	[TMF_TASK_REASSIGN] = {SCOPE_NONE, TMF_NO_REASSIGN, OWN, false},
};

/* Returns the row of a function; for an unknown one, that of function 0, which is rejected. */
static const struct function *
function_of(uint8_t number)
{
	return number < sizeof(functions) / sizeof(functions[0]) ? &functions[number]
								 : &functions[0];
}

/* Queues a Task Management Function Response with that response to the function with the tag itt.  Takes the
 * next StatSN. */
static void
queue_response(struct conn *c, uint32_t itt, enum tmf_response response)
{
	uint8_t *bhs = tx_header(c, OP_TMF_RESPONSE, BHS_FINAL);

	bhs[TMF_RESPONSE] = (uint8_t)response;
	put_be32(bhs + BHS_ITT, itt);
	put_be32(bhs + BHS_STAT_SN, c->stat_sn++);
	session_put_sn(&c->session, bhs);
	tx_queue(c, bhs, NULL, 0);
}

/* Returns true if the function affects the task of its own session: the task came before it, and is in its
 * scope. */
static bool
affects(const struct tmf *tmf, const struct itask *t)
{
	if (t->order >= tmf->order)
		return false;
	switch (function_of(tmf->function)->scope) {
	case SCOPE_TASK:
		return t->itt == tmf->referenced;
	case SCOPE_UNIT:
		return itask_slot(t->scsi.lun) == itask_slot(tmf->lun);
	case SCOPE_TARGET:
		return true;
	case SCOPE_NONE:
		break;
	}
	return false;
}

/* Aborts the tasks that the function affects: frees those of this session that wait, marks those that are
 * pending, so that their results are dropped, and lets those of other sessions end with TASK ABORTED if the
 * function is for all.  Returns how many of them are of this session. */
static unsigned
abort_tasks(struct conn *c, const struct tmf *tmf)
{
	const struct function *f = function_of(tmf->function);
	struct itask *t, *next;
	unsigned n = 0;

	if (f->whose == ALL)
		scsi_nexus_abort_others(
			c->session.nexus, f->scope == SCOPE_TARGET ? NULL : tmf->lun);
	for (t = TAILQ_FIRST(&c->tasks.waiting); t != NULL; t = next) {
		next = TAILQ_NEXT(t, link);
		if (!affects(tmf, t))
			continue;
		TAILQ_REMOVE(&c->tasks.waiting, t, link);
		t->aborted = true;
		datain_answer(c, t); /* frees an aborted task without an answer */
		n++;
	}
	TAILQ_FOREACH(t, &c->tasks.pending, link)
	{
		if (t->aborted || !affects(tmf, t))
			continue;
		t->aborted = true;
		n++;
	}
	return n;
}

/* Returns true if a task of this session that the function affects is still pending. */
static bool
is_held_up(const struct conn *c, const struct tmf *tmf)
{
	const struct itask *t;

	TAILQ_FOREACH(t, &c->tasks.pending, link)
	if (affects(tmf, t))
		return true;
	return false;
}

/* Does the reset, if the function is one, and queues the response "function complete".  The caller removes
 * the function. */
static void
complete_function(struct conn *c, const struct tmf *tmf)
{
	const struct function *f = function_of(tmf->function);

	if (f->reset && f->scope == SCOPE_UNIT)
		scsi_nexus_reset_lu(c->session.nexus, tmf->lun);
	else if (f->reset)
		scsi_nexus_reset_target(c->session.nexus);
	queue_response(c, tmf->itt, TMF_COMPLETE);
}

void
tmf_advance(struct conn *c)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < c->ntmfs; i++) {
		if (is_held_up(c, &c->tmfs[i]))
			c->tmfs[kept++] = c->tmfs[i];
		else
			complete_function(c, &c->tmfs[i]);
	}
	c->ntmfs = kept;
}

void
tmf_mark_blocked(const struct conn *c, bool *blocked)
{
	for (unsigned i = 0; i < c->ntmfs; i++) {
		const struct tmf *tmf = &c->tmfs[i];

		if (function_of(tmf->function)->scope == SCOPE_UNIT)
			blocked[itask_slot(tmf->lun)] = true;
		else if (function_of(tmf->function)->scope == SCOPE_TARGET)
			memset(blocked, true, LUN_SLOTS * sizeof(*blocked));
	}
}

/* Returns TMF_COMPLETE if the function can begin; else the response that refuses it: that of its row with
 * SCOPE_NONE, TMF_NO_LUN if its unit does not exist, TMF_REJECTED if TMF_MAX are not answered.  Changes
 * nothing. */
static enum tmf_response
check_function(struct conn *c, const struct tmf *tmf)
{
	const struct function *f = function_of(tmf->function);

	if (f->scope == SCOPE_NONE)
		return f->response;
	if (f->scope == SCOPE_UNIT && scsi_nexus_lu(c->session.nexus, tmf->lun) == NULL)
		return TMF_NO_LUN;
	return c->ntmfs == TMF_MAX ? TMF_REJECTED : TMF_COMPLETE;
}

bool
tmf_request(struct conn *c, const struct pdu *pdu)
{
	struct tmf tmf = {
		.order = c->tasks.next_order++,
		.itt = pdu->itt,
		.referenced = get_be32(pdu->bhs + TMF_REFERENCED_TAG),
		.function = pdu->bhs[BHS_FLAGS] & TMF_FUNCTION_MASK,
	};
	enum tmf_response response;
	unsigned n;

	memcpy(tmf.lun, pdu->bhs + BHS_LUN, sizeof(tmf.lun));
	if (!rx_data(c, pdu, NULL))
		return false;
	response = check_function(c, &tmf);
	if (response != TMF_COMPLETE) {
		queue_response(c, tmf.itt, response);
		return true;
	}
	n = abort_tasks(c, &tmf);
	if (n == 0 && function_of(tmf.function)->scope == SCOPE_TASK) {
		/* 11.6.1: the task was answered already.  It cannot be one that is still to come, since
		 * one connection carries all commands in order. */
		queue_response(c, tmf.itt, TMF_NO_TASK);
		return true;
	}
	c->tmfs[c->ntmfs++] = tmf;
	tmf_advance(c);
	tasks_run(c);
	return true;
}
