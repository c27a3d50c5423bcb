/* SPDX-License-Identifier: GPL-2.0-or-later */
/* REPORT SUPPORTED OPERATION CODES (SPC-4 6.35): shows initiators the command table.  REPORT SUPPORTED
 * TASK MANAGEMENT FUNCTIONS (SPC-4 6.36). */
#include "changer/base/be.h"
#include "changer/scsi/lu.h"
#include "changer/scsi/spc.h"
#include "changer/scsi/task.h"

enum {
	RCTD = 0x80, /* return command timeouts descriptors */
	OPTIONS = 0x07,
	OPTION_ALL = 0,
	OPTION_OPCODE = 1,
	OPTION_SERVICE_ACTION = 2,
	OPTION_EITHER = 3,

	TIMEOUTS_LEN = 0x0a,
	SERVACTV = 0x01, /* in a command descriptor: the service action field is valid */
	CTDP_ALL = 0x02, /* a timeouts descriptor follows */
	CTDP_ONE = 0x80,
	NOT_SUPPORTED = 0x01,
	SUPPORTED = 0x03,
};

/* Appends a timeouts descriptor in which both timeouts are 0: "not indicated" (SPC-4 6.35.4). */
static void
build_timeouts(struct wbuf *w)
{
	wb_be16(w, TIMEOUTS_LEN);
	wb_zero(w, TIMEOUTS_LEN);
}

/* Appends the length and the descriptors of all rows of the command table (SPC-4 6.35.2), each with a
 * timeouts descriptor if rctd is true.  w must be empty. */
static void
build_all(const struct scsi_lu_type *type, bool rctd, struct wbuf *w)
{
	wb_be32(w, 0);
	for (size_t i = 0; i < type->ncmds; i++) {
		const struct scsi_cmd *cmd = &type->cmds[i];
		bool has_sa = cmd->service_action >= 0;

		wb_u8(w, cmd->opcode);
		wb_u8(w, 0);
		wb_be16(w, has_sa ? (uint16_t)cmd->service_action : 0);
		wb_u8(w, 0);
		wb_u8(w, (rctd ? CTDP_ALL : 0) | (has_sa ? SERVACTV : 0));
		wb_be16(w, cmd->cdb_len);
		if (rctd)
			build_timeouts(w);
	}
	wb_patch_be32(w, 0, (uint32_t)(w->len - 4));
}

/* Appends the data for one command (SPC-4 6.35.3): its CDB length and usage data, and a timeouts descriptor
 * if rctd is true.  cmd NULL: "not supported", and nothing else. */
static void
build_one(const struct scsi_cmd *cmd, bool rctd, struct wbuf *w)
{
	wb_u8(w, 0);
	if (cmd == NULL) {
		wb_u8(w, NOT_SUPPORTED);
		wb_be16(w, 0);
		return;
	}
	wb_u8(w, (rctd ? CTDP_ONE : 0) | SUPPORTED);
	wb_be16(w, cmd->cdb_len);
	/* The usage data has the service action itself in place of its mask (SPC-4 6.35.3). */
	wb_u8(w, cmd->usage[0]);
	if (cmd->service_action >= 0)
		wb_u8(w, (cmd->usage[1] & ~0x1f) | (uint8_t)cmd->service_action);
	else
		wb_u8(w, cmd->usage[1]);
	wb_bytes(w, cmd->usage + 2, cmd->cdb_len - 2U);
	if (rctd)
		build_timeouts(w);
}

/* Returns the row of the opcode with that service action.  For an opcode without service actions,
 * service_action must be 0.  Returns NULL if there is no such row. */
static const struct scsi_cmd *
find_row(const struct scsi_lu *lu, uint8_t opcode, uint16_t service_action)
{
	const struct scsi_cmd *end = lu->type->cmds + lu->type->ncmds;
	const struct scsi_cmd *cmd = lu->by_opcode[opcode];

	for (; cmd != NULL && cmd < end && cmd->opcode == opcode; cmd++) {
		if (cmd->service_action < 0 ? service_action == 0
					    : cmd->service_action == service_action)
			return cmd;
	}
	return NULL;
}

void
spc_report_supported_opcodes(struct scsi_task *task)
{
	uint8_t option = task->cdb[2] & OPTIONS, opcode = task->cdb[3];
	uint16_t service_action = get_be16(task->cdb + 4);
	const struct scsi_cmd *first = task->lu->by_opcode[opcode];
	bool rctd = task->cdb[2] & RCTD, has_sa = first != NULL && first->service_action >= 0;
	struct wbuf w;

	if (option > OPTION_EITHER) {
		task_invalid_field(task, true, 2);
		return;
	}
	/* An option that does not fit the opcode is an error, except option 3 (SPC-4 6.35.1). */
	if ((option == OPTION_OPCODE && has_sa) ||
		(option == OPTION_SERVICE_ACTION && first != NULL && !has_sa)) {
		task_invalid_field(task, true, 2);
		return;
	}
	task_reply_begin(task, &w);
	if (option == OPTION_ALL)
		build_all(task->lu->type, rctd, &w);
	else
		build_one(find_row(task->lu, opcode, option == OPTION_OPCODE ? 0 : service_action),
			rctd, &w);
	task_reply_end(task, &w, get_be32(task->cdb + 6));
}

void
spc_report_supported_tmfs(struct scsi_task *task)
{
	enum {
		REPD = 0x80,
		ATS = 0x80,  /* ABORT TASK */
		ATSS = 0x40, /* ABORT TASK SET */
		CTSS = 0x10, /* CLEAR TASK SET */
		LURS = 0x08, /* LOGICAL UNIT RESET */
		TRS = 0x02,  /* TARGET RESET */
		SHORT_LEN = 4,
		LONG_LEN = 16,
		ALLOCATION_MIN = 4,
	};
	bool repd = task->cdb[2] & REPD;
	uint32_t allocation = get_be32(task->cdb + 6);
	struct wbuf w;

	if (allocation < ALLOCATION_MIN) { /* SPC-4 6.36.1 */
		task_invalid_field(task, true, 6);
		return;
	}
	task_reply_begin(task, &w);
	wb_u8(&w, ATS | ATSS | CTSS | LURS | TRS);
	wb_zero(&w, 2);
	wb_u8(&w, repd ? LONG_LEN - SHORT_LEN : 0);
	wb_zero(&w, repd ? LONG_LEN - SHORT_LEN : 0);
	task_reply_end(task, &w, allocation);
}
