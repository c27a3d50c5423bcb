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

enum { SCSI_CDB_MAX = 16, SCSI_SENSE_LEN = 18 };

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
	/* The task leaves the submitting thread, which may reuse its data-in buffer: give the task a
	 * buffer of its own (task->in).  Called in the submitting thread. */
	void (*detach)(struct scsi_task *task);
	/* The result of a pending task is there.  Called in another thread; must not block. */
	void (*done)(struct scsi_task *task);
	/* End the session of a running task, as if its network had failed: the result is not sent.  Any
	 * thread; must not block.  NULL: the transport cannot do that. */
	void (*lose)(struct scsi_task *task);
};

/* Data-in that is a range of a file, for transports that can send from a file.  The first `stored`
 * bytes are in the file; the rest is zeros. */
struct scsi_extent {
	int fd;
	uint64_t offset, length, stored;
	void (*put)(void *arg); /* the transport calls it when the data was sent or dropped */
	void *arg;
};

struct scsi_task {
	/* The transport fills in this part. */
	const struct scsi_task_ops *ops;
	struct scsi_nexus *nexus;
	uint8_t lun[8]; /* SAM-5 4.7 */
	uint8_t cdb[SCSI_CDB_MAX];
	const uint8_t *out; /* data-out; borrowed */
	size_t out_len;
	struct wbuf in; /* buffer for data-in; has room for SCSI_IN_MIN bytes at least */

	/* The result. */
	enum scsi_status status;
	uint8_t sense[SCSI_SENSE_LEN]; /* fixed format, valid with CHECK CONDITION */
	size_t in_len;		       /* bytes of data-in, in `in` or in `big` */
	/* Bytes of data-out that the CDB asks for, if that is not out_len.  The transport sets it to
	 * out_len first, and reports the difference to the initiator (residual). */
	size_t out_want;
	uint8_t *big;		   /* used if `in` is too small; the transport frees it */
	struct scsi_extent extent; /* if its length is not 0: data-in, in place of both buffers */

	/* The logical unit fills in this part. */
	struct scsi_lu *lu;
	struct scsi_itl *itl;
	const struct scsi_cmd *cmd;
	struct strand_job job;
	bool may_block;	  /* true: runs on a strand's thread, so it may wait for devices */
	bool would_block; /* true: task_would_block was called */
	bool arrived;	  /* true: scsi_task_arrives was called */
	/* value of itl->aborts on arrival; if that differs now, the task is aborted */
	unsigned aborts;
	size_t big_cap; /* size of big */
};

/* Room that a transport always gives: enough for all but the longest replies, which use big.  It is
 * also the size up to which read data is copied and not sent from the file. */
enum { SCSI_IN_MIN = 32 * 1024 };

/* Runs a command, or hands it to its mechanism's strand.  Returns SCSI_DONE or SCSI_PENDING, as
 * described above. */
enum scsi_submit scsi_task_submit(struct scsi_task *task);
/* Notes the arrival of a command that is submitted later, when its data-out is there.  nexus and lun
 * must be filled in.  Whatever ends the other tasks of its nexus in that unit from now on (a reset by
 * another nexus) ends this one too, with TASK ABORTED. */
void scsi_task_arrives(struct scsi_task *task);

/* ---- for command handlers ------------------------------------------------------------------ */

/* A handler that calls none of these ends with GOOD and no data. */

/* Begins a reply, which the handler builds in w.  End with task_reply_end. */
void task_reply_begin(struct scsi_task *task, struct wbuf *w);
/* Ends a reply that was built in w: it is cut to the allocation length of the CDB. */
void task_reply_end(struct scsi_task *task, const struct wbuf *w, size_t allocation_length);
/* Makes room for a reply of n bytes.  Call it before task_reply_begin.  Returns false, and sets
 * sense data, if memory is missing. */
bool task_reply_room(struct scsi_task *task, size_t n);

/* Ends the command with CHECK CONDITION and that sense (SPC-4 4.5.3). */
void task_sense(struct scsi_task *task, uint8_t key, uint8_t asc, uint8_t ascq);
/* Ends the command with CHECK CONDITION, and INVALID FIELD IN CDB (in_cdb is true) or IN PARAMETER
 * LIST (false).  The field pointer is that byte (SPC-4 4.5.2.4.2). */
void task_invalid_field(struct scsi_task *task, bool in_cdb, uint16_t byte);
/* Does what task_sense does, and sets the INFORMATION field, which Linux reads as the address that
 * failed. */
void task_sense_information(
	struct scsi_task *task, uint8_t key, uint8_t asc, uint8_t ascq, uint32_t information);
/* Ends the session of the command.  The handler must return without doing anything. */
void task_lose_session(struct scsi_task *task);
/* Stops a handler that would block while task->may_block is false.  The handler must not have done
 * anything, and must return.  It runs again on the strand's thread, where it may block. */
void task_would_block(struct scsi_task *task);

#endif
