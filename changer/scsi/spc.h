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
void spc_mode_sense_6(struct scsi_task *task);
void spc_mode_sense_10(struct scsi_task *task);
void spc_mode_select_6(struct scsi_task *task);
void spc_mode_select_10(struct scsi_task *task);
void spc_report_supported_opcodes(struct scsi_task *task);

/* Appends the T10 vendor identification designator (SPC-4 7.8.6.4), descriptor header included:
 * vendor, product and serial number, as VPD page 83h and element status (DVCID) show it. */
void spc_t10_designator(const struct scsi_identity *id, struct wbuf *w);

/* INQUIRY, REPORT LUNS, REQUEST SENSE, REPORT SUPPORTED OPERATION CODES and TEST UNIT READY, MODE
 * SENSE and SELECT: the rows as macros, to be written first in a type's table. */
// clang-format off
#define SPC_COMMON_CMDS \
	{0x00, -1, 6, SCSI_DIR_NONE, CMD_NEEDS_MEDIUM, "TEST UNIT READY", \
		{0x00, 0, 0, 0, 0, 0x07}, spc_test_unit_ready}, \
	{0x03, -1, 6, SCSI_DIR_IN, CMD_ANYTIME | CMD_KEEPS_UA, "REQUEST SENSE", \
		{0x03, 0x01, 0, 0, 0xff, 0x07}, spc_request_sense}, \
	{0x12, -1, 6, SCSI_DIR_IN, CMD_ANYTIME | CMD_KEEPS_UA, "INQUIRY", \
		{0x12, 0x01, 0xff, 0xff, 0xff, 0x07}, spc_inquiry}, \
	{0x15, -1, 6, SCSI_DIR_OUT, 0, "MODE SELECT(6)", \
		{0x15, 0x13, 0, 0, 0xff, 0x07}, spc_mode_select_6}, \
	{0x1a, -1, 6, SCSI_DIR_IN, 0, "MODE SENSE(6)", \
		{0x1a, 0x08, 0xff, 0xff, 0xff, 0x07}, spc_mode_sense_6}, \
	{0x55, -1, 10, SCSI_DIR_OUT, 0, "MODE SELECT(10)", \
		{0x55, 0x13, 0, 0, 0, 0, 0, 0xff, 0xff, 0x07}, spc_mode_select_10}, \
	{0x5a, -1, 10, SCSI_DIR_IN, 0, "MODE SENSE(10)", \
		{0x5a, 0x18, 0xff, 0xff, 0, 0, 0, 0xff, 0xff, 0x07}, spc_mode_sense_10}, \
	{0xa0, -1, 12, SCSI_DIR_IN, CMD_ANYTIME | CMD_KEEPS_UA, "REPORT LUNS", \
		{0xa0, 0, 0xff, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0x07}, spc_report_luns}, \
	{0xa3, 0x0c, 12, SCSI_DIR_IN, CMD_ANYTIME, "REPORT SUPPORTED OPERATION CODES", \
		{0xa3, 0x1f, 0x87, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0x07}, \
		spc_report_supported_opcodes}
// clang-format on

#endif
