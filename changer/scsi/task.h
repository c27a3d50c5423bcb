/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One SCSI command.  This is the only connection between a transport (target/iscsi) and the logical
 * units (changer/smc, target/mmc): the transport never looks into a CDB, and a logical unit never sees
 * a PDU.
 *
 * The life of a task: the transport fills in its part of the struct, with all data-out, and calls
 * scsi_task_submit.  If that returns SCSI_DONE, the command has run in the caller's thread, and the
 * result is in the task.  If it returns SCSI_PENDING, the command was handed to the strand of a
 * mechanism: ops->detach was called before the return, and ops->done is called once, from another
 * thread, when the result is there.  Between the two, the task belongs to the logical unit.
 */
#ifndef CHANGER_SCSI_TASK_H
#define CHANGER_SCSI_TASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "changer/base/strand.h"
#include "changer/base/wbuf.h"

struct scsi_cmd;
struct scsi_lu;
struct scsi_itl;
struct scsi_nexus;
struct scsi_task;

enum { SCSI_CDB_MAX = 16, SCSI_SENSE_LEN = 18, SCSI_TOLD_MAX = 4 };

enum scsi_status { /* SAM-5 5.3.1 */
	SCSI_GOOD = 0x00,
	SCSI_CHECK_CONDITION = 0x02,
	SCSI_BUSY = 0x08,
	SCSI_RESERVATION_CONFLICT = 0x18,
	SCSI_TASK_SET_FULL = 0x28,
	SCSI_TASK_ABORTED = 0x40,
};

enum scsi_submit { SCSI_DONE, SCSI_PENDING };

struct scsi_task_ops {
	/* Gives the task a data-in buffer of its own (task->in), because the submitting thread may reuse the
	 * present one.  Called in the submitting thread, before scsi_task_submit returns SCSI_PENDING. */
	void (*detach)(struct scsi_task *task);
	/* Takes the result of a pending task, which from then on belongs to the transport again.  Called
	 * once, in another thread, perhaps before scsi_task_submit has returned; must not block. */
	void (*done)(struct scsi_task *task);
	/* Ends the session of a running task, as if its network had failed: the result is not sent.  detach
	 * or done may still be called.  Any thread; must not block.  NULL: the transport cannot do that. */
	void (*lose)(struct scsi_task *task);
};

/* Data-in that is a range of a file, for transports that can send from a file.  The first `stored` bytes are
 * in the file at `offset`; the other bytes up to `length` are zeros and not in the file. */
struct scsi_extent {
	int fd; /* open until put is called; borrowed */
	uint64_t offset, length, stored;
	/* the transport calls it once when the data was sent or dropped; NULL: it need not */
	void (*put)(void *arg);
	void *arg;
};

struct scsi_task {
	/* The transport fills in this part. */
	const struct scsi_task_ops *ops;
	struct scsi_nexus *nexus;
	uint8_t lun[8]; /* SAM-5 4.7 */
	uint8_t cdb[SCSI_CDB_MAX];
	const uint8_t *out; /* data-out, all of it; borrowed until the task is done */
	size_t out_len;	    /* bytes of data-out */
	/* buffer for data-in: in.data has in.cap bytes, at least SCSI_IN_MIN; in.len is not used */
	struct wbuf in;

	/* The result. */
	enum scsi_status status;
	uint8_t sense[SCSI_SENSE_LEN]; /* fixed format, valid with CHECK CONDITION */
	size_t in_len; /* bytes of data-in, in big if that is not NULL, else in `in` */
	/* Bytes of data-out that the CDB asks for.  The transport sets it to out_len first; scsi_task_submit
	 * sets it to 0 for a command without data-out; a handler may set it.  The transport reports the
	 * difference to the initiator (residual). */
	size_t out_want;
	uint8_t *big; /* used if `in` is too small; the transport frees it; NULL: not used */
	struct scsi_extent extent; /* if its length is not 0: data-in, in place of both buffers */

	struct scsi_lu *lu; /* NULL: the LUN has no unit, or no longer */
	/* state of the nexus with the unit; NULL as lu, or if memory was missing */
	struct scsi_itl *itl;
	const struct scsi_cmd *cmd; /* row of the command; NULL: none */
	struct strand_job job;	    /* in the queue of the strand, while the task waits there */
	bool may_block;	  /* true: runs on a strand's own thread, so it may wait for devices */
	bool would_block; /* true: task_would_block was called in this run */
	bool arrived;	  /* true: scsi_task_arrives was called and found the unit */
	/* value of itl->aborts on arrival; the task is aborted if it has changed when its turn comes */
	unsigned aborts;
	size_t big_cap; /* size of big in bytes */
	/* The unit attentions that the answer of the command tells, if it ends with GOOD; ASC << 8 | ASCQ. */
	uint16_t told[SCSI_TOLD_MAX];
	unsigned ntold;
};

/* The least size of the data-in buffer that a transport gives: enough for all but the longest replies, which
 * use big.  Read data up to this size is copied and not sent from the file. */
enum { SCSI_IN_MIN = 32 * 1024 };

/* Runs a command and returns SCSI_DONE with the result in the task; or posts it to its unit's strand and
 * returns SCSI_PENDING, as described above.  Clears the old result, except that big must have been freed.
 * Never blocks for long.  Ends at once: a LUN without a unit (LOGICAL UNIT NOT SUPPORTED, except for INQUIRY,
 * REQUEST SENSE and REPORT LUNS), a nexus without memory for the unit (BUSY), and an unknown command. */
enum scsi_submit scsi_task_submit(struct scsi_task *task);
/* Notes the arrival of a command that is submitted later, when its data-out is there.  nexus and lun must be
 * filled in.  If another nexus ends the tasks of this nexus in that unit from now on (a reset, CLEAR TASK
 * SET, PREEMPT AND ABORT), the command ends with TASK ABORTED when its turn comes.  Without this call, that
 * counts from scsi_task_submit on. */
void scsi_task_arrives(struct scsi_task *task);

/* ---- for command handlers ------------------------------------------------------------------ */

/* A handler that calls none of these ends with GOOD and no data.  They take no lock. */

/* Makes w an empty writer to the task's data-in buffer (big if there is one).  The handler appends the reply
 * to it and then calls task_reply_end. */
void task_reply_begin(struct scsi_task *task, struct wbuf *w);
/* Sets in_len: the bytes in w, at most allocation_length, which is the one of the CDB.  Leaves the status. */
void task_reply_end(struct scsi_task *task, const struct wbuf *w, size_t allocation_length);
/* Makes room for a reply of n bytes; allocates big if `in` is too small.  Call it before task_reply_begin.
 * Returns false, with sense set (05h/55h/03h), if memory is missing. */
bool task_reply_room(struct scsi_task *task, size_t n);

/* Sets the status CHECK CONDITION and that sense (SPC-4 4.5.3), and drops a reply: in_len is 0.  The handler
 * should then return. */
void task_sense(struct scsi_task *task, uint8_t key, uint8_t asc, uint8_t ascq);
/* Does what task_sense does, with INVALID FIELD IN CDB (in_cdb is true) or IN PARAMETER LIST (false), and a
 * field pointer to that byte, counted from 0 (SPC-4 4.5.2.4.2). */
void task_invalid_field(struct scsi_task *task, bool in_cdb, uint16_t byte);
/* Does what task_sense does, and sets the INFORMATION field and its valid bit.  Linux reads the field as the
 * address that failed. */
void task_sense_information(
	struct scsi_task *task, uint8_t key, uint8_t asc, uint8_t ascq, uint32_t information);
/* Asks the transport to end the session of the command (ops->lose), and sets the status TASK ABORTED without
 * data.  The handler must then return. */
void task_lose_session(struct scsi_task *task);
/* Stops a handler that would block; call it only while task->may_block is false.  The handler must not have
 * changed anything, and must return.  Its result is dropped, and it runs again from the start on the strand's
 * own thread, with may_block true. */
void task_would_block(struct scsi_task *task);

#endif
