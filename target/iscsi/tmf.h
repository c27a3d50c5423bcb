/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Task management (RFC 7143 11.5, 4.2.3).  A function is answered when all tasks that it affects
 * are drained: those still waiting are dropped at once, those that are pending in another thread
 * cannot be stopped, and their results are dropped when they come.
 */
#ifndef TARGET_ISCSI_TMF_H
#define TARGET_ISCSI_TMF_H

#include <stdbool.h>
#include <stdint.h>

struct conn;
struct pdu;

enum { TMF_MAX = 8 }; /* under way at once */

struct tmf {
	uint64_t order; /* affects only tasks that came before */
	uint32_t itt;
	uint32_t referenced; /* ABORT TASK: the task's tag */
	uint8_t function;
	uint8_t lun[8];
};

bool tmf_request(struct conn *c, const struct pdu *pdu);
/* Answers those that no pending task holds up any more. */
void tmf_advance(struct conn *c);
/* Marks the units for which no new task is submitted as long as a function is under way. */
void tmf_mark_blocked(const struct conn *c, bool *blocked);

#endif
