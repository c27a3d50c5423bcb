/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of a SCSI command in a connection:
 *
 *	command PDU -> waiting (for data-out, or for its turn in its unit) -> submitted
 *	            -> done at once, or pending until another thread has its result -> answered
 *
 * task.c moves a command through these states, dataout.c takes its data-out and sends R2Ts, datain.c sends
 * its answer.  All task attributes are treated as "ordered": a command is submitted only when all earlier
 * commands for the same unit have been submitted.
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
	/* The most bytes of data-out that a connection may have asked for by R2T and still hold. */
	SOLICITED_MAX = BUFFER_MAX,
	LUN_SLOTS = SCSI_LUNS_MAX + 1, /* one for each unit; the last one for all other LUNs */
};

struct itask {
	struct scsi_task scsi;
	struct conn *conn;
	TAILQ_ENTRY(itask) link; /* in tasks->waiting or tasks->pending */
	struct itask *next;	 /* in conn->done, tx->sent or tasks->free */
	uint64_t order; /* the order of arrival of commands and task management functions */
	uint32_t itt;
	uint32_t edtl; /* Expected Data Transfer Length */
	bool immediate;
	bool reads, writes; /* the R and W bits of the command PDU */
	bool aborted;	    /* no answer is sent */
	bool refused;	    /* it is not submitted; its status and sense data are set already */
	bool ready;	    /* all its data-out has come */

	struct buffer in_buf;  /* the data-in buffer of a task that another thread finishes */
	struct buffer out_buf; /* the data-out */
	uint32_t unsolicited;  /* bytes of unsolicited data-out that are still to come */
	uint32_t received;     /* bytes of data-out that have come */
	uint32_t burst_end;    /* where the data of the current R2T ends */
	uint32_t ttt;	       /* Target Transfer Tag of the current R2T; TAG_NONE: there is none */
	uint32_t data_sn;      /* DataSN of the next Data-Out */
	uint32_t r2t_sn;       /* R2TSN of the next R2T */
	uint32_t held;	       /* its share of target->held */
	bool granted;	       /* it is counted in tasks->granted, and may send R2Ts */
};

TAILQ_HEAD(itask_list, itask);

struct tasks {
	struct itask_list waiting; /* not submitted yet, in order of arrival */
	struct itask_list pending; /* submitted, and another thread finishes them */
	struct itask *free;	   /* kept for the next commands */
	struct buffer spare;	   /* the data-in buffer for the next task that becomes pending */
	uint64_t granted;	   /* the sum of edtl of all tasks that may send R2Ts */
	uint64_t next_order;
};

/* itask.c */
/* Makes *tasks empty. */
void itasks_init(struct tasks *tasks);
/* Frees the tasks and the buffer that are kept for the next commands. */
void itasks_idle(struct conn *c);
/* Returns a task in which all fields are 0, or NULL if there is no memory. */
struct itask *itask_new(struct conn *c);
/* Frees the data-out of the task, and takes its share off the limits. */
void itask_release_out(struct conn *c, struct itask *t);
/* Frees the task and all that it holds. */
void itask_free(struct conn *c, struct itask *t);
/* Returns a number below LUN_SLOTS that stands for the unit.  All LUNs without a unit have the same. */
unsigned itask_slot(const uint8_t lun[8]);

/* task.c */
/* Handles a SCSI Command PDU.  Returns false if the connection is over. */
bool task_command(struct conn *c, const struct pdu *pdu);
/* Submits the waiting tasks whose turn it is, and sends the R2Ts that the limits allow. */
void tasks_run(struct conn *c);
/* Answers the tasks that other threads have finished. */
void tasks_reap(struct conn *c);

/* dataout.c */
/* Handles a Data-Out PDU.  Returns false if the connection is over. */
bool dataout_pdu(struct conn *c, const struct pdu *pdu);
/* Checks what a command PDU says about its data-out, and receives its immediate data.  Returns false
 * if the connection is over. */
bool dataout_begin(struct conn *c, struct itask *t, const struct pdu *pdu);
/* Sends the next R2Ts that the limits allow. */
void dataout_solicit(struct conn *c);

/* datain.c: queues the answer of a finished task, and frees the task when the answer is sent. */
/* Queues the answer of a finished task, and frees the task when the answer is sent (datain.c). */
void datain_answer(struct conn *c, struct itask *t);

#endif
