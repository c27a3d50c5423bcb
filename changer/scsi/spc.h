/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Command handlers that every device type shares (SPC-4), and rows for them to stand in each
 * type's table.
 */
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

/* Appends the T10 vendor identification designator (SPC-4 7.8.6.4), descriptor header included:
 * vendor, product and serial number, as VPD page 83h and element status (DVCID) show it. */
void spc_t10_designator(const struct scsi_identity *id, struct wbuf *w);

/* INQUIRY, REPORT LUNS, REQUEST SENSE, REPORT SUPPORTED OPERATION CODES and TEST UNIT READY, MODE
 * SENSE and SELECT, reservations: the rows as macros, to be written first in a type's table. */
// clang-format off
#define SPC_PERSIST_IN(action, name, run) \
	{0x5e, action, 10, SCSI_DIR_IN, CMD_UNRESERVED, "PERSISTENT RESERVE IN, " name, \
		{0x5e, 0x1f, 0, 0, 0, 0, 0, 0xff, 0xff, 0x07}, run}
#define SPC_PERSIST_OUT(action, type, name, run) \
	{0x5f, action, 10, SCSI_DIR_OUT, CMD_UNRESERVED, "PERSISTENT RESERVE OUT, " name, \
		{0x5f, 0x1f, type, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x07}, run}
#define SPC_RESERVATION_CMDS \
	{0x16, -1, 6, SCSI_DIR_NONE, CMD_UNRESERVED, "RESERVE(6)", \
		{0x16, 0x11, 0, 0, 0, 0x07}, spc_reserve}, \
	{0x17, -1, 6, SCSI_DIR_NONE, CMD_UNRESERVED, "RELEASE(6)", \
		{0x17, 0x11, 0, 0, 0, 0x07}, spc_release}, \
	{0x56, -1, 10, SCSI_DIR_NONE, CMD_UNRESERVED, "RESERVE(10)", \
		{0x56, 0x13, 0, 0, 0, 0, 0, 0, 0, 0x07}, spc_reserve}, \
	{0x57, -1, 10, SCSI_DIR_NONE, CMD_UNRESERVED, "RELEASE(10)", \
		{0x57, 0x13, 0, 0, 0, 0, 0, 0, 0, 0x07}, spc_release}, \
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
	{0x00, -1, 6, SCSI_DIR_NONE, CMD_NEEDS_MEDIUM | CMD_PERSIST_FREE, "TEST UNIT READY", \
		{0x00, 0, 0, 0, 0, 0x07}, spc_test_unit_ready}, \
	{0x03, -1, 6, SCSI_DIR_IN, CMD_ANYTIME | CMD_KEEPS_UA | CMD_UNRESERVED, "REQUEST SENSE", \
		{0x03, 0x01, 0, 0, 0xff, 0x07}, spc_request_sense}, \
	{0x12, -1, 6, SCSI_DIR_IN, CMD_ANYTIME | CMD_KEEPS_UA | CMD_UNRESERVED, "INQUIRY", \
		{0x12, 0x01, 0xff, 0xff, 0xff, 0x07}, spc_inquiry}, \
	{0x15, -1, 6, SCSI_DIR_OUT, 0, "MODE SELECT(6)", \
		{0x15, 0x13, 0, 0, 0xff, 0x07}, spc_mode_select_6}, \
	{0x1a, -1, 6, SCSI_DIR_IN, 0, "MODE SENSE(6)", \
		{0x1a, 0x08, 0xff, 0xff, 0xff, 0x07}, spc_mode_sense_6}, \
	{0x55, -1, 10, SCSI_DIR_OUT, 0, "MODE SELECT(10)", \
		{0x55, 0x13, 0, 0, 0, 0, 0, 0xff, 0xff, 0x07}, spc_mode_select_10}, \
	{0x5a, -1, 10, SCSI_DIR_IN, 0, "MODE SENSE(10)", \
		{0x5a, 0x18, 0xff, 0xff, 0, 0, 0, 0xff, 0xff, 0x07}, spc_mode_sense_10}, \
	{0xa0, -1, 12, SCSI_DIR_IN, CMD_ANYTIME | CMD_KEEPS_UA | CMD_UNRESERVED, "REPORT LUNS", \
		{0xa0, 0, 0xff, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0x07}, spc_report_luns}, \
	{0xa3, 0x0c, 12, SCSI_DIR_IN, CMD_ANYTIME | CMD_PERSIST_FREE, "REPORT SUPPORTED OPERATION CODES", \
		{0xa3, 0x1f, 0x87, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0x07}, \
		spc_report_supported_opcodes}, \
	{0xa3, 0x0d, 12, SCSI_DIR_IN, CMD_ANYTIME | CMD_PERSIST_FREE, \
		"REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS", \
		{0xa3, 0x1f, 0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0x07}, \
		spc_report_supported_tmfs}, \
	SPC_RESERVATION_CMDS
// clang-format on

#endif
