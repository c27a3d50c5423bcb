/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dispatch: from a task to the handler of its command, in the right thread. */
#include "changer/scsi/task.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "changer/scsi/lu.h"
#include "changer/scsi/nexus.h"
#include "changer/scsi/reserve.h"
#include "changer/scsi/sense.h"
#include "changer/scsi/spc.h"

enum {
	OP_REQUEST_SENSE = 0x03,
	OP_INQUIRY = 0x12,
	OP_REPORT_LUNS = 0xa0,
	CONTROL_NACA = 0x04, /* SAM-5 5.2 */
};

/* Makes the result of the task empty (GOOD, no data, would_block false), so that its command can run, or run
 * again.  Frees big.  Leaves out_want and the sense data. */
static void
clear_result(struct scsi_task *task)
{
	free(task->big);
	task->big = NULL;
	task->big_cap = 0;
	task->status = SCSI_GOOD;
	task->in_len = 0;
	task->would_block = false;
	memset(&task->extent, 0, sizeof(task->extent));
}

/* Runs a command for a LUN without a unit (SPC-4 6.4.1, SAM-5 5.11): INQUIRY, REQUEST SENSE and REPORT LUNS
 * have their own answers; all others end with LOGICAL UNIT NOT SUPPORTED.  task->lu must be NULL. */
static void
run_without_unit(struct scsi_task *task)
{
	switch (task->cdb[0]) {
	case OP_INQUIRY:
		spc_inquiry(task);
		return;
	case OP_REQUEST_SENSE:
		spc_request_sense(task);
		return;
	case OP_REPORT_LUNS:
		spc_report_luns(task);
		return;
	default:
		task_sense(task, KEY_ILLEGAL_REQUEST, ASC_NO_SUCH_LUN, 0);
	}
}

/* Takes pending unit attentions off the queue, oldest first, as long as the command's own answer tells them
 * (tells), and keeps them in task->told until the command has ended.  Returns true if none is left; false,
 * with the next one as the sense, if one is.  Must run in the thread that runs the command, so that commands
 * keep their order. */
static bool
nothing_pending(struct scsi_task *task)
{
	uint16_t ua;

	for (;;) {
		if (!itl_next_ua(task->itl, &ua))
			return true;
		if (task->ntold == SCSI_TOLD_MAX || task->lu->type->tells == NULL ||
			!task->lu->type->tells(task, ua))
			break;
		task->told[task->ntold++] = ua;
	}
	task_sense(task, KEY_UNIT_ATTENTION, (uint8_t)(ua >> 8), (uint8_t)ua);
	return false;
}

/* Finds the row of the command by opcode and service action.  Returns NULL with sense set if there is none: a
 * pending unit attention, else INVALID COMMAND OPERATION CODE, or INVALID FIELD IN CDB for an unknown service
 * action. */
static const struct scsi_cmd *
find_command(struct scsi_task *task)
{
	const struct scsi_lu_type *type = task->lu->type;
	const struct scsi_cmd *end = type->cmds + type->ncmds;
	const struct scsi_cmd *cmd = task->lu->by_opcode[task->cdb[0]];

	if (cmd == NULL) {
		if (nothing_pending(task))
			task_sense(task, KEY_ILLEGAL_REQUEST, ASC_INVALID_OPCODE, 0);
		return NULL;
	}
	for (; cmd < end && cmd->opcode == task->cdb[0]; cmd++) {
		if (cmd->service_action < 0 || cmd->service_action == (task->cdb[1] & 0x1f))
			return cmd;
	}
	if (nothing_pending(task))
		task_invalid_field(task, true, 1);
	return NULL;
}

/* Returns true, with the status TASK ABORTED set, if another nexus ended the task between its arrival and its
 * turn (SAM-5 5.3.1).  Returns false, with no effect, if not. */
static bool
was_aborted(struct scsi_task *task)
{
	if (task->aborts == __atomic_load_n(&task->itl->aborts, __ATOMIC_ACQUIRE))
		return false;
	task->status = SCSI_TASK_ABORTED;
	return true;
}

/* Checks in this order whether the task was aborted, its unit removed, a unit attention is pending, the CDB
 * asks for ACA, a reservation forbids the command, and the medium is ready.  If a check fails, ends the task
 * with its status or sense; a removed unit also sets task->lu to NULL.  If none fails, runs the handler.
 * Strand held, except with CMD_ANYTIME. */
static void
run_first(struct scsi_task *task)
{
	const struct scsi_cmd *cmd = task->cmd;
	const struct scsi_lu_type *type = task->lu->type;

	if (was_aborted(task))
		return;
	/* While the command waited, the unit was removed, or the port does not reach it any more. */
	if (scsi_nexus_lu(task->nexus, task->lun) != task->lu) {
		task->lu = NULL;
		run_without_unit(task);
		return;
	}
	if (!(cmd->flags & CMD_KEEPS_UA) && !nothing_pending(task))
		return;
	/* SPC-4 6.4.2: NORMACA is 0, so a CDB must not ask for ACA. */
	if (task->cdb[cmd->cdb_len - 1] & CONTROL_NACA) {
		task_invalid_field(task, true, cmd->cdb_len - 1);
		return;
	}
	if (!(cmd->flags & CMD_UNRESERVED) && task_reserved_away(task))
		return;
	if ((cmd->flags & CMD_NEEDS_MEDIUM) && type->ready != NULL && !type->ready(task))
		return;
	cmd->run(task);
}

/* Runs a step of a task in the name of its initiator: `step` is run_first, or the handler itself.  Strand
 * held. */
static void
run_for_initiator(struct scsi_task *task, void (*step)(struct scsi_task *task))
{
	struct scsi_lu *lu = task->lu; /* run_first may set task->lu to NULL */

	if (lu->type->acts_for != NULL)
		lu->type->acts_for(lu, scsi_nexus_initiator(task->nexus));
	step(task);
	if (lu->type->acts_for != NULL)
		lu->type->acts_for(lu, NULL);
}

/* Queues again the unit attentions in task->told, unless the task has ended with GOOD: its answer has told them
 * only then.  Any thread; takes nexus->ua. */
static void
give_back_untold(struct scsi_task *task)
{
	for (unsigned i = 0; i < task->ntold && task->status != SCSI_GOOD; i++)
		itl_ua(task->itl, (uint8_t)(task->told[i] >> 8), (uint8_t)task->told[i]);
}

/* Does what is left when a task has ended: gives back what its answer did not tell, and counts it in the
 * statistics of its unit.  Does nothing if it has no unit.  Any thread, no lock held: counting is only a few
 * relaxed additions. */
static void
end_task(struct scsi_task *task)
{
	struct scsi_stats *s;

	if (task->lu == NULL)
		return;
	give_back_untold(task);
	s = &task->lu->stats;
	__atomic_add_fetch(
		task->cmd == NULL ? &s->unknown : &s->commands[task->cmd - task->lu->type->cmds], 1,
		__ATOMIC_RELAXED);
	if (task->status == SCSI_CHECK_CONDITION) {
		__atomic_add_fetch(&s->sense[task->sense[2] & 0x0f], 1, __ATOMIC_RELAXED);
	} else if (task->status != SCSI_GOOD) {
		__atomic_add_fetch(&s->other_status, 1, __ATOMIC_RELAXED);
	} else if (task->cmd != NULL && task->cmd->dir == SCSI_DIR_OUT) {
		__atomic_add_fetch(&s->bytes_out,
			task->out_want < task->out_len ? task->out_want : task->out_len,
			__ATOMIC_RELAXED);
	} else {
		__atomic_add_fetch(&s->bytes_in,
			task->extent.length != 0 ? task->extent.length : task->in_len,
			__ATOMIC_RELAXED);
	}
}

/* Returns the task that contains the job. */
static struct scsi_task *
task_of(struct strand_job *job)
{
	return (struct scsi_task *)(void *)((char *)job - offsetof(struct scsi_task, job));
}

/* Runs a command that has not begun, on the strand's thread; then ends it and calls ops->done, after which
 * the task may be gone. */
static void
run_job_first(struct strand_job *job)
{
	struct scsi_task *task = task_of(job);

	run_for_initiator(task, run_first);
	assert(!task->would_block); /* it may block here */
	end_task(task);
	task->ops->done(task);
}

/* Runs on the strand's thread a command that stopped because it would block; then counts it and calls
 * ops->done, after which the task may be gone.  Repeats no check, because the strand was held all the
 * time. */
static void
run_job_again(struct strand_job *job)
{
	struct scsi_task *task = task_of(job);

	run_for_initiator(task, task->cmd->run);
	assert(!task->would_block);
	end_task(task);
	task->ops->done(task);
}

/* Prepares the task to leave the submitting thread: sets may_block and job.run, and calls ops->detach.  The
 * caller then posts task->job; the strand's thread calls run. */
static void
detach_task(struct scsi_task *task, void (*run)(struct strand_job *job))
{
	task->may_block = true;
	task->job.run = run;
	task->ops->detach(task);
}

/* Runs a command that needs its mechanism.  Returns SCSI_DONE if it ran in this thread: the strand was free,
 * the command is not CMD_SLOW and did not block.  Else posts it to the strand's thread and returns
 * SCSI_PENDING; the task may be finished before this returns. */
static enum scsi_submit
run_on_strand(struct scsi_task *task)
{
	struct strand *strand = task->lu->strand;

	if ((task->cmd->flags & CMD_SLOW) || !strand_try(strand)) {
		detach_task(task, run_job_first);
		strand_post(strand, &task->job);
		return SCSI_PENDING;
	}
	run_for_initiator(task, run_first);
	if (!task->would_block) {
		strand_leave(strand);
		end_task(task);
		return SCSI_DONE;
	}
	clear_result(task);
	detach_task(task, run_job_again);
	strand_hand_over(strand, &task->job);
	return SCSI_PENDING;
}

/* Stores in the task its unit and the nexus' state with it.  lu is NULL if no unit has the LUN; itl is NULL
 * then, and if memory for the state was missing. */
static void
find_unit(struct scsi_task *task)
{
	task->itl = NULL;
	task->lu = scsi_nexus_lu(task->nexus, task->lun);
	if (task->lu != NULL)
		task->itl = scsi_nexus_itl(task->nexus, task->lu->lun);
}

void
scsi_task_arrives(struct scsi_task *task)
{
	find_unit(task);
	task->arrived = task->itl != NULL;
	if (task->arrived)
		task->aborts = __atomic_load_n(&task->itl->aborts, __ATOMIC_ACQUIRE);
}

enum scsi_submit
scsi_task_submit(struct scsi_task *task)
{
	task->big = NULL;
	clear_result(task);
	task->may_block = false;
	task->cmd = NULL;
	task->ntold = 0;
	find_unit(task);
	if (task->lu == NULL) {
		run_without_unit(task);
		return SCSI_DONE;
	}
	if (task->itl == NULL) {
		task->status = SCSI_BUSY;
		return SCSI_DONE;
	}
	if (!task->arrived)
		task->aborts = __atomic_load_n(&task->itl->aborts, __ATOMIC_ACQUIRE);
	task->cmd = find_command(task);
	if (task->cmd == NULL) {
		end_task(task);
		return SCSI_DONE;
	}
	if (task->cmd->dir != SCSI_DIR_OUT)
		task->out_want = 0;
	if (task->cmd->flags & CMD_ANYTIME) {
		run_first(task);
		assert(!task->would_block);
		end_task(task);
		return SCSI_DONE;
	}
	return run_on_strand(task);
}

/* ---- for handlers that end without an answer ------------------------------------------------- */

void
task_would_block(struct scsi_task *task)
{
	assert(!task->may_block);
	task->would_block = true;
}

void
task_lose_session(struct scsi_task *task)
{
	task->status = SCSI_TASK_ABORTED;
	task->in_len = 0;
	if (task->ops->lose != NULL)
		task->ops->lose(task);
}
