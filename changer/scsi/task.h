/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The narrow waist between a transport (target/iscsi) and the logical units (changer/smc,
 * target/mmc): one SCSI command.  The transport never looks into a CDB, a logical unit never sees
 * a PDU.
 *
 * Life of a task: the transport fills in the first part, with all data-out already there, and
 * calls scsi_task_submit.  Either the command ran in the caller's thread (SCSI_DONE, the result is
 * in the task), or it was handed to a mechanism's strand (SCSI_PENDING): then ops->detach was
 * called before, and ops->done is called once, from another thread, when the result is there.
 * Between the two the task belongs to the logical unit.
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
	/*
	 * The task leaves the submitting thread: give it a data-in buffer of its own (task->in),
	 * since the one it has may be reused.  Called in the submitting thread.
	 */
	void (*detach)(struct scsi_task *task);
	/* The result of a pending task is there.  Called in another thread; must not block. */
	void (*done)(struct scsi_task *task);
	/* The session of a task under way is to be lost, as if its network had failed: no result
	 * gets out.  Any thread; must not block.  NULL: it cannot be. */
	void (*lose)(struct scsi_task *task);
};

/* Data-in that is a stretch of a file, for transports that can send from one.  The first stored
 * bytes of its length are in the file; what follows is zeros. */
struct scsi_extent {
	int fd;
	uint64_t offset, length, stored;
	void (*put)(void *arg); /* the transport calls it when the data is sent, or dropped */
	void *arg;
};

struct scsi_task {
	/* The transport's part. */
	const struct scsi_task_ops *ops;
	struct scsi_nexus *nexus;
	uint8_t lun[8]; /* SAM-5 4.7 */
	uint8_t cdb[SCSI_CDB_MAX];
	const uint8_t *out; /* data-out; borrowed */
	size_t out_len;
	struct wbuf in; /* data-in goes here; at least SCSI_IN_MIN bytes of room */

	/* The result. */
	enum scsi_status status;
	uint8_t sense[SCSI_SENSE_LEN]; /* fixed format, valid with CHECK CONDITION */
	size_t in_len;		       /* bytes of data-in, in `in` or big */
	/* Bytes of data-out that the CDB asks for, where that is not out_len: the transport sets it to
	 * out_len before, and reports the difference to the initiator (residual). */
	size_t out_want;
	uint8_t *big; /* in its place where `in` was too small; the transport frees it */
	struct scsi_extent extent; /* data-in instead of both when length is not 0 */

	/* The logical unit's part. */
	struct scsi_lu *lu;
	struct scsi_itl *itl;
	const struct scsi_cmd *cmd;
	struct strand_job job;
	bool may_block;	  /* runs on a strand's thread, so may wait for devices */
	bool would_block; /* task_would_block was called */
	bool arrived;	  /* scsi_task_arrives was called */
	unsigned aborts;  /* of itl when it came; another one by now: it is aborted */
	size_t big_cap;	  /* bytes that big has room for */
};

/* Room that a transport always gives: enough for every reply but the long ones (which use big),
 * and the size up to which reads are copied rather than sent from the file. */
enum { SCSI_IN_MIN = 32 * 1024 };

enum scsi_submit scsi_task_submit(struct scsi_task *task);
/* For a command that is submitted later, when its data-out is there: nexus and lun are filled in.  What
 * ends the tasks of its nexus and unit from here on (a reset asked for by another) ends it too, with
 * TASK ABORTED. */
void scsi_task_arrives(struct scsi_task *task);

/* ---- for command handlers ------------------------------------------------------------------ */

/* GOOD without data is what a handler leaves that calls none of these. */

/* A reply built in w (begun with task_reply_begin), cut to the CDB's allocation length. */
void task_reply_begin(struct scsi_task *task, struct wbuf *w);
void task_reply_end(struct scsi_task *task, const struct wbuf *w, size_t allocation_length);
/* Makes room for a reply of n bytes before task_reply_begin; false: out of memory, sense is set. */
bool task_reply_room(struct scsi_task *task, size_t n);

/* CHECK CONDITION with sense of the current command, SPC-4 4.5.3. */
void task_sense(struct scsi_task *task, uint8_t key, uint8_t asc, uint8_t ascq);
/* The same with a field pointer (SPC-4 4.5.2.4.2) to byte of the CDB (in_cdb) or of data-out. */
void task_invalid_field(struct scsi_task *task, bool in_cdb, uint16_t byte);
/* The same with the INFORMATION field, which Linux reads as the address that failed. */
void task_sense_information(
	struct scsi_task *task, uint8_t key, uint8_t asc, uint8_t ascq, uint32_t information);
/* Has the session lost, with this command, which is not carried out; the handler does nothing more. */
void task_lose_session(struct scsi_task *task);
/* The handler would block, which it may not: it has done nothing, and is run again on the strand's
 * thread, where it may. */
void task_would_block(struct scsi_task *task);

#endif
