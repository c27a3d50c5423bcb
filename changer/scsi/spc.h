/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Command handlers that every device type shares (SPC-4), and their rows for each type's table. */
#ifndef CHANGER_SCSI_SPC_H
#define CHANGER_SCSI_SPC_H

#include "changer/scsi/lu.h"

void spc_test_unit_ready(struct scsi_task *task);
void spc_request_sense(struct scsi_task *task);
void spc_inquiry(struct scsi_task *task);
void spc_report_luns(struct scsi_task *task);
void spc_send_diagnostic(struct scsi_task *task);
void spc_mode_sense_6(struct scsi_task *task);
void spc_mode_sense_10(struct scsi_task *task);
void spc_mode_select_6(struct scsi_task *task);
void spc_mode_select_10(struct scsi_task *task);
void spc_report_supported_opcodes(struct scsi_task *task);
void spc_report_supported_tmfs(struct scsi_task *task);

/* RESERVE and RELEASE of both lengths (reserve.c) */
void spc_reserve(struct scsi_task *task);
void spc_release(struct scsi_task *task);
/* Persistent reservations (persist_in.c, persist_out.c) */
void spc_persist_read_keys(struct scsi_task *task);
void spc_persist_read_reservation(struct scsi_task *task);
void spc_persist_report_capabilities(struct scsi_task *task);
void spc_persist_read_full_status(struct scsi_task *task);
void spc_persist_register(struct scsi_task *task);
void spc_persist_reserve(struct scsi_task *task);
void spc_persist_release(struct scsi_task *task);
void spc_persist_clear(struct scsi_task *task);
void spc_persist_preempt(struct scsi_task *task);
void spc_persist_preempt_and_abort(struct scsi_task *task);
void spc_persist_register_and_ignore(struct scsi_task *task);

/* Appends the T10 vendor ID designator with its header (SPC-4 7.8.6.4): vendor, product and serial
 * number.  VPD page 83h and element status (DVCID) show it. */
void spc_t10_designator(const struct scsi_identity *id, struct wbuf *w);

/* Rows for INQUIRY, REPORT LUNS, REQUEST SENSE, REPORT SUPPORTED OPERATION CODES, TEST UNIT READY, MODE
 * SENSE, MODE SELECT and reservations, as macros.  They must come first in a type's table. */
// clang-format off
#define SPC_PERSIST_IN(action, name, run) \
	SCSI_CMD_ACTION(0x5e, action, "PERSISTENT RESERVE IN, " name, 10, IN, CMD_UNRESERVED, run, \
		0x1f, 0, 0, 0, 0, 0, 0xff, 0xff, 0x07)
#define SPC_PERSIST_OUT(action, type, name, run) \
	SCSI_CMD_ACTION(0x5f, action, "PERSISTENT RESERVE OUT, " name, 10, OUT, CMD_UNRESERVED, run, \
		0x1f, type, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x07)
#define SPC_RESERVATION_CMDS \
	SCSI_CMD(0x16, "RESERVE(6)", 6, NONE, CMD_UNRESERVED, spc_reserve, \
		0x11, 0, 0, 0, 0x07), \
	SCSI_CMD(0x17, "RELEASE(6)", 6, NONE, CMD_UNRESERVED, spc_release, \
		0x11, 0, 0, 0, 0x07), \
	SCSI_CMD(0x56, "RESERVE(10)", 10, NONE, CMD_UNRESERVED, spc_reserve, \
		0x13, 0, 0, 0, 0, 0, 0, 0, 0x07), \
	SCSI_CMD(0x57, "RELEASE(10)", 10, NONE, CMD_UNRESERVED, spc_release, \
		0x13, 0, 0, 0, 0, 0, 0, 0, 0x07), \
	SPC_PERSIST_IN(0x00, "READ KEYS", spc_persist_read_keys), \
	SPC_PERSIST_IN(0x01, "READ RESERVATION", spc_persist_read_reservation), \
	SPC_PERSIST_IN(0x02, "REPORT CAPABILITIES", spc_persist_report_capabilities), \
	SPC_PERSIST_IN(0x03, "READ FULL STATUS", spc_persist_read_full_status), \
	SPC_PERSIST_OUT(0x00, 0, "REGISTER", spc_persist_register), \
	SPC_PERSIST_OUT(0x01, 0xff, "RESERVE", spc_persist_reserve), \
	SPC_PERSIST_OUT(0x02, 0xff, "RELEASE", spc_persist_release), \
	SPC_PERSIST_OUT(0x03, 0, "CLEAR", spc_persist_clear), \
	SPC_PERSIST_OUT(0x04, 0xff, "PREEMPT", spc_persist_preempt), \
	SPC_PERSIST_OUT(0x05, 0xff, "PREEMPT AND ABORT", spc_persist_preempt_and_abort), \
	SPC_PERSIST_OUT(0x06, 0, "REGISTER AND IGNORE KEY", spc_persist_register_and_ignore)
#define SPC_COMMON_CMDS \
	SCSI_CMD(0x00, "TEST UNIT READY", \
		6, NONE, CMD_NEEDS_MEDIUM | CMD_PERSIST_FREE, spc_test_unit_ready, \
		0, 0, 0, 0, 0x07), \
	SCSI_CMD(0x03, "REQUEST SENSE", \
		6, IN, CMD_ANYTIME | CMD_KEEPS_UA | CMD_UNRESERVED, spc_request_sense, \
		0x01, 0, 0, 0xff, 0x07), \
	SCSI_CMD(0x12, "INQUIRY", 6, IN, CMD_ANYTIME | CMD_KEEPS_UA | CMD_UNRESERVED, spc_inquiry, \
		0x01, 0xff, 0xff, 0xff, 0x07), \
	SCSI_CMD(0x15, "MODE SELECT(6)", 6, OUT, 0, spc_mode_select_6, \
		0x13, 0, 0, 0xff, 0x07), \
	SCSI_CMD(0x1a, "MODE SENSE(6)", 6, IN, 0, spc_mode_sense_6, \
		0x08, 0xff, 0xff, 0xff, 0x07), \
	SCSI_CMD(0x55, "MODE SELECT(10)", 10, OUT, 0, spc_mode_select_10, \
		0x13, 0, 0, 0, 0, 0, 0xff, 0xff, 0x07), \
	SCSI_CMD(0x5a, "MODE SENSE(10)", 10, IN, 0, spc_mode_sense_10, \
		0x18, 0xff, 0xff, 0, 0, 0, 0xff, 0xff, 0x07), \
	SCSI_CMD(0xa0, "REPORT LUNS", \
		12, IN, CMD_ANYTIME | CMD_KEEPS_UA | CMD_UNRESERVED, spc_report_luns, \
		0, 0xff, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0x07), \
	SCSI_CMD_ACTION(0xa3, 0x0c, "REPORT SUPPORTED OPERATION CODES", \
		12, IN, CMD_ANYTIME | CMD_PERSIST_FREE, spc_report_supported_opcodes, \
		0x1f, 0x87, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0x07), \
	SCSI_CMD_ACTION(0xa3, 0x0d, "REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS", \
		12, IN, CMD_ANYTIME | CMD_PERSIST_FREE, spc_report_supported_tmfs, \
		0x1f, 0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0x07), \
	SPC_RESERVATION_CMDS
// clang-format on

#endif
