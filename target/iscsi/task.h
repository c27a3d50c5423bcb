/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of a SCSI command in a connection:
 *
 *	command PDU -> waiting (for data-out, or for its turn in its unit) -> submitted
 *	            -> done at once, or pending until another thread has its result -> answered
 *
 * task.c has that, dataout.c the data-out and R2Ts, datain.c the answer.  All task attributes are
 * treated as ordered: a command is submitted when all earlier ones of its unit have been.
 */
#ifndef TARGET_ISCSI_TASK_H
#define TARGET_ISCSI_TASK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "changer/scsi/lu.h"
#include "changer/scsi/task.h"
#include "target/iscsi/buffer.h"

struct conn;
struct pdu;

enum {
	/* Data-out asked for with R2T and not yet consumed by its commands, per connection. */
	SOLICITED_MAX = BUFFER_MAX,
	LUN_SLOTS = SCSI_LUNS_MAX + 1, /* the last: all that name no unit */
};

struct itask {
	struct scsi_task scsi;
	struct conn *conn;
	TAILQ_ENTRY(itask) link; /* in waiting or pending */
	struct itask *next;	 /* in the lists done, sent, free */
	uint64_t order;		 /* of arrival, among tasks and TMFs */
	uint32_t itt;
	uint32_t edtl; /* Expected Data Transfer Length */
	bool immediate;
	bool reads, writes; /* as the initiator says */
	bool aborted;	    /* pending: the result is dropped */
	bool refused;	    /* answered without being submitted: status and sense are set */
	bool ready;	    /* waiting: all data is there */

	struct buffer in_buf;  /* data-in of a task that left the thread */
	struct buffer out_buf; /* data-out */
	uint32_t unsolicited;  /* bytes that may come unasked; 0: none (any more) */
	uint32_t received;     /* bytes, in order */
	uint32_t burst_end;    /* the current R2T's */
	uint32_t ttt;	       /* the current R2T's; TAG_NONE: none */
	uint32_t data_sn;      /* of the next Data-Out */
	uint32_t r2t_sn;       /* of the next R2T */
	uint32_t held;	       /* counted in target->held */
	bool granted;	       /* counted in tasks->granted: R2Ts are being sent */
};

TAILQ_HEAD(itask_list, itask);

struct tasks {
	struct itask_list waiting; /* in order of arrival */
	struct itask_list pending;
	struct itask *free;
	struct buffer spare; /* for the next task that leaves the thread */
	uint64_t granted;    /* bytes of data-out that R2Ts may bring */
	uint64_t next_order;
};

/* itask.c */
void itasks_init(struct tasks *tasks);
/* Frees what is kept for the next command. */
void itasks_idle(struct conn *c);
/* Returns a task with nothing in it; NULL: out of memory. */
struct itask *itask_new(struct conn *c);
/* Lets go of the data-out and what was counted for it. */
void itask_release_out(struct conn *c, struct itask *t);
/* Frees the task and all it holds. */
void itask_free(struct conn *c, struct itask *t);
/* Slot of the unit that a task is for, below LUN_SLOTS. */
unsigned itask_slot(const uint8_t lun[8]);

/* task.c */
bool task_command(struct conn *c, const struct pdu *pdu);
/* Submits the waiting tasks whose turn has come, and sends R2Ts for those that may go on. */
void tasks_run(struct conn *c);
/* Takes the results that other threads have delivered, and answers. */
void tasks_reap(struct conn *c);

/* dataout.c */
bool dataout_pdu(struct conn *c, const struct pdu *pdu);
/* Takes what the command says of its data-out, with its immediate data. */
bool dataout_begin(struct conn *c, struct itask *t, const struct pdu *pdu);
/* Sends the next R2Ts that the limits allow. */
void dataout_solicit(struct conn *c);

/* datain.c: queues the answer of a finished task, and frees the task when it is out. */
void datain_answer(struct conn *c, struct itask *t);

#endif
