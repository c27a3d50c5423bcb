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

struct tmf {
	uint64_t order; /* it affects only tasks with a lower `order` */
	uint32_t itt;
	uint32_t referenced; /* for ABORT TASK: the Initiator Task Tag of the task */
	uint8_t function;
	uint8_t lun[8];
};

/* Handles a Task Management Function Request.  Returns false if the connection is over. */
bool tmf_request(struct conn *c, const struct pdu *pdu);
/* Answers the functions for which no task is pending any more. */
void tmf_advance(struct conn *c);
/* Sets blocked[n] to true for each unit (n is its itask_slot) for which a function is not answered
 * yet.  No task may be submitted to such a unit.  blocked has LUN_SLOTS places. */
void tmf_mark_blocked(const struct conn *c, bool *blocked);

#endif
