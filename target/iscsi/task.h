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

/* A SCSI command of a connection. */
struct itask {
	struct scsi_task scsi; /* must be first */
	struct conn *conn;
	TAILQ_ENTRY(itask) link; /* in tasks->waiting or tasks->pending */
	struct itask *next;	 /* in conn->done, tx->sent or tasks->free */
	uint64_t order;	    /* the order of arrival of commands and task management functions */
	uint32_t itt;	    /* Initiator Task Tag */
	uint32_t edtl;	    /* Expected Data Transfer Length */
	bool immediate;	    /* true: it does not count against the window */
	bool reads, writes; /* the R and W bits of the command PDU */
	bool aborted;	    /* true: no answer is sent */
	bool refused; /* true: it is not submitted; its status and sense data are set already */
	/* true: all its data-out has come, or all that it must wait for if it is refused */
	bool ready;

	struct buffer in_buf;  /* the data-in buffer of a task that another thread finishes */
	struct buffer out_buf; /* the data-out */
	uint32_t unsolicited;  /* bytes of unsolicited data-out that are still to come */
	uint32_t received;     /* bytes of data-out that have come */
	/* offset in the data-out at which the data of the current R2T ends */
	uint32_t burst_end;
	uint32_t ttt;	   /* Target Transfer Tag of the current R2T; TAG_NONE: there is none */
	uint32_t data_sn;  /* DataSN of the next Data-Out */
	uint32_t r2t_sn;   /* R2TSN of the next R2T */
	uint32_t held;	   /* bytes of target->held that are for it */
	uint64_t burst_ms; /* when its unsolicited data, or the current R2T, began; by clock_ms */
	bool granted;	   /* true: it is counted in tasks->granted, and may send R2Ts */
};

TAILQ_HEAD(itask_list, itask);

struct tasks {
	struct itask_list waiting; /* not submitted yet, in order of arrival */
	struct itask_list pending; /* submitted, and another thread finishes them */
	struct itask *free;	   /* kept for the next commands */
	struct buffer spare;	   /* the data-in buffer for the next task that becomes pending */
	size_t held;		   /* the sum of held of all tasks */
	uint64_t granted;	   /* the sum of edtl of all tasks that may send R2Ts */
	uint64_t next_order;	   /* order of the next command or function */
};

/* itask.c */
/* Makes *tasks empty, whatever it had. */
void itasks_init(struct tasks *tasks);
/* Frees the tasks and the spare buffer that are kept for the next commands.  Leaves waiting and pending
 * tasks. */
void itasks_idle(struct conn *c);
/* Returns a task in which all fields are 0, one that was kept or a new one; NULL if there is no memory.  It
 * is in no list. */
struct itask *itask_new(struct conn *c);
/* Frees the data-out of the task, and takes its share off the limits (target->held, tasks->granted).  The
 * second time has no effect. */
void itask_release_out(struct conn *c, struct itask *t);
/* Frees all that the task holds, and keeps its memory for the next command.  It must be in no list. */
void itask_free(struct conn *c, struct itask *t);
/* Returns the number of the unit, below SCSI_LUNS_MAX, or SCSI_LUNS_MAX for all LUNs that no unit can have.
 * The unit need not exist. */
unsigned itask_slot(const uint8_t lun[8]);

/* task.c */
/* Handles a SCSI Command PDU: receives its immediate data, and submits the task, or adds it to the waiting
 * ones.  An immediate command beyond IMMEDIATE_MAX gets a Reject.  Returns false if the connection is over:
 * for a task tag in use, for data-out that is a protocol error, and without memory. */
bool task_command(struct conn *c, const struct pdu *pdu);
/* Submits the waiting tasks whose turn it is, answers refused ones, and sends the R2Ts that the limits allow.
 * Leaves units for which a task management function is not answered. */
void tasks_run(struct conn *c);
/* Queues the answers of the tasks that other threads have finished, in the order in which they were finished;
 * then goes on with task management functions and waiting tasks.  Does nothing if none is finished. */
void tasks_reap(struct conn *c);

/* dataout.c */
/* Handles a Data-Out PDU: receives its data.  Sends the next R2T, or runs the task if it is complete.
 * Ignores the data of a command that does not exist.  Returns false if the connection is over: for data that
 * nobody asked for, or out of its place. */
bool dataout_pdu(struct conn *c, const struct pdu *pdu);
/* Checks what a command PDU says about its data-out, gets the buffer for all of it, and receives its
 * immediate data.  Sets ready and unsolicited.  Marks the task as refused, with its status set, if it has too
 * much data (INVALID FIELD IN CDB), or the limit or memory is reached (BUSY); it then still takes its data.
 * Returns false if the connection is over, after a protocol error too. */
bool dataout_begin(struct conn *c, struct itask *t, const struct pdu *pdu);
/* Sends the next R2Ts that the limits allow, for tasks in their order.  Refuses with BUSY a task for which
 * the limit of all connections leaves no room, and then runs the waiting tasks. */
void dataout_solicit(struct conn *c);
/* Ends the commands whose data-out has not come within burst_ms after the command or the R2T that asks for it, with
 * INITIATOR RESPONSE TIMEOUT.  Returns the time of the next call; UINT64_MAX if no data is awaited. */
uint64_t dataout_give_up(struct conn *c, uint64_t now);

/* Queues the answer of a task that is finished or refused, and frees the task when the answer is sent
 * (datain.c).  The task must be in no list.  First counts it as answered, which opens the window.  Queues
 * nothing if the task is aborted or the connection is over. */
void datain_answer(struct conn *c, struct itask *t);

#endif
