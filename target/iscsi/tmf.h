/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Task management functions (RFC 7143 11.5, 4.2.3).  A function that aborts tasks drops the waiting ones at
 * once.  A task that is pending in another thread cannot be stopped: the function is answered only when it
 * is finished, and its result is then dropped.
 */
#ifndef TARGET_ISCSI_TMF_H
#define TARGET_ISCSI_TMF_H

#include <stdbool.h>
#include <stdint.h>

struct conn;
struct pdu;

enum { TMF_MAX = 8 }; /* the most functions that are not answered yet */

/* A function that is not answered yet, because tasks that it aborts are pending. */
struct tmf {
	/* its place among the commands: it affects only tasks with a lower order */
	uint64_t order;
	uint32_t itt;	     /* its own Initiator Task Tag */
	uint32_t referenced; /* for ABORT TASK: the Initiator Task Tag of the task */
	uint8_t function;    /* an enum tmf_function */
	uint8_t lun[8];	     /* for a function of a unit */
};

/* Handles a Task Management Function Request: drops the tasks that it affects, ends those of other sessions
 * with TASK ABORTED if the function is for all, and queues the response, at once or when no affected task is
 * pending any more.  A reset is done before its response.  A function that is not supported, has no such unit
 * or task, or comes when TMF_MAX wait, gets that response and has no effect.  Returns false if the connection
 * is over. */
bool tmf_request(struct conn *c, const struct pdu *pdu);
/* Completes the functions that affect no pending task any more: does the reset, if it is one, and queues the
 * response. */
void tmf_advance(struct conn *c);
/* Sets blocked[n] to true for each unit (n is its itask_slot) for which a function is not answered yet; for
 * all units if it is for the target.  No task may be submitted to such a unit.  Leaves all other places;
 * blocked has LUN_SLOTS of them.  ABORT TASK blocks none. */
void tmf_mark_blocked(const struct conn *c, bool *blocked);

#endif
