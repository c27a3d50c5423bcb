/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Command handlers that every device type shares (SPC-4), and their rows for each type's table. */
#ifndef CHANGER_SCSI_SPC_H
#define CHANGER_SCSI_SPC_H

#include "changer/scsi/lu.h"

/* The handlers.  Each reads the CDB and the data-out from the task, carries out the command and ends the
 * task.  Where a comment says INVALID FIELD, the handler ends with CHECK CONDITION and a pointer to the
 * field, and has changed nothing.  Those of INQUIRY, REPORT LUNS and REQUEST SENSE also serve a LUN without a
 * unit (task->lu NULL). */

/* Does nothing (SPC-4 6.47): dispatch has already checked unit attentions, reservations and readiness. */
void spc_test_unit_ready(struct scsi_task *task);
/* Returns as data-in the oldest pending unit attention, and removes it.  If none is pending: NO SENSE, with
 * the progress of the work in the background if there is any; no error of an earlier command, because its
 * sense was sent with its status (SPC-4 6.39), and no absent medium.  For a LUN without a unit: LOGICAL UNIT
 * NOT SUPPORTED.  With the bit DESC: descriptor format, without descriptors and thus without progress. */
void spc_request_sense(struct scsi_task *task);
/* Returns standard INQUIRY data or a VPD page (SPC-4 6.4).  INVALID FIELD for the bit CMDDT, for a page code
 * without EVPD, and for an unknown page.  A LUN without a unit has standard data (qualifier 011b) but no
 * pages: LOGICAL UNIT NOT SUPPORTED. */
void spc_inquiry(struct scsi_task *task);
/* Lists the LUNs of all units by ascending number (SPC-4 6.33); the list is empty if only well known units
 * are asked for.  INVALID FIELD for SELECT REPORT above 2.  Removes the unit attention 3Fh/0Eh of this nexus
 * from all its units. */
void spc_report_luns(struct scsi_task *task);
/* Succeeds for the default self-test, which a unit that answers has passed (SPC-4 6.42), and for no test.
 * INVALID FIELD for any other self-test code, and for a parameter list. */
void spc_send_diagnostic(struct scsi_task *task);
/* Returns the pages that the CDB asks for (SPC-4 6.13), without block descriptor.  Ends with SAVING
 * PARAMETERS NOT SUPPORTED for saved values.  INVALID FIELD for an unknown page, and if the whole reply is
 * longer than 256 bytes. */
void spc_mode_sense_6(struct scsi_task *task);
/* Does what spc_mode_sense_6 does, for MODE SENSE(10) and for replies of any length. */
void spc_mode_sense_10(struct scsi_task *task);
/* Changes mode pages (SPC-4 6.11): checks the whole list first, so one that is refused changes nothing.  If a
 * value changed, queues 2Ah/01h for all other nexuses.  INVALID FIELD for the bits SP and RTD, for a block
 * length other than 0 and 2048, for an unknown page, a wrong page length, and a change where nothing is
 * changeable or that the type does not accept.  PARAMETER LIST LENGTH ERROR for a list that is cut short.  An
 * empty list is no error. */
void spc_mode_select_6(struct scsi_task *task);
/* Does what spc_mode_select_6 does, for MODE SELECT(10). */
void spc_mode_select_10(struct scsi_task *task);
/* Describes all rows of the command table, or one command with its usage data (SPC-4 6.35), with timeouts
 * descriptors if RCTD is set.  An unknown command is reported as not supported.  INVALID FIELD for reporting
 * options above 3, for option 1 if the opcode has service actions, and for option 2 if it has none. */
void spc_report_supported_opcodes(struct scsi_task *task);
/* Returns the task management functions that the transport has (RFC 7143 11.5.1).  With REPD, the long form,
 * which indicates no timeouts.  INVALID FIELD for an allocation length below 4 (SPC-4 6.36). */
void spc_report_supported_tmfs(struct scsi_task *task);

/* Does RESERVE(6) and RESERVE(10) (reserve.c): reserves the whole unit for the nexus; once more for the same
 * nexus is no error.  RESERVATION CONFLICT if another nexus has reserved it.  On a unit with registrations it
 * reserves nothing: GOOD for a registrant that may pass the persistent reservation, else RESERVATION
 * CONFLICT.  INVALID FIELD for extents, elements and third parties. */
void spc_reserve(struct scsi_task *task);
/* Does RELEASE(6) and RELEASE(10) (reserve.c): ends the RESERVE of the nexus.  No error, and no effect, if
 * the nexus has none.  With registrations, as spc_reserve. */
void spc_release(struct scsi_task *task);

/* PERSISTENT RESERVE IN (persist_in.c).  Each reply is cut to the allocation length.  Each handler ends with
 * RESERVATION CONFLICT if the unit is reserved by RESERVE. */

/* Returns PRGENERATION and the keys of all registrants (SPC-4 6.15.2). */
void spc_persist_read_keys(struct scsi_task *task);
/* Returns PRGENERATION and the persistent reservation, if there is one (SPC-4 6.15.3). */
void spc_persist_read_reservation(struct scsi_task *task);
/* Returns the types that are offered, PTPL_C if reservations can be stored, and PTPL_A if they are (SPC-4
 * 6.15.4). */
void spc_persist_report_capabilities(struct scsi_task *task);
/* Returns PRGENERATION and for each registrant its key, its TransportID and whether it holds the reservation
 * (SPC-4 6.15.5). */
void spc_persist_read_full_status(struct scsi_task *task);

/* PERSISTENT RESERVE OUT (persist_out.c).  Each handler ends with PARAMETER LIST LENGTH ERROR if the list has
 * not 24 bytes, with INVALID FIELD for SPEC_I_PT, and with RESERVATION CONFLICT if the unit is reserved by
 * RESERVE.  Those without REGISTER in their names also end with RESERVATION CONFLICT if the port is not
 * registered with the reservation key of the list.  If APTPL is or was on, the result is durable when the
 * command ends; if it cannot be stored, the keys and the reservation are as before and the command ends with
 * INTERNAL TARGET FAILURE (04h/44h/00h). */

/* Registers the port with the service action key, changes its key, or removes it (key 0); each of these
 * counts PRGENERATION up.  If the command succeeds, its bit APTPL holds for all registrations of the unit.
 * RESERVATION CONFLICT if the reservation key is not the present key (0 if there is none).  INVALID FIELD for
 * ALL_TG_PT, and for APTPL if the device stores nothing.  INSUFFICIENT REGISTRATION RESOURCES if
 * REGISTRANTS_MAX are registered. */
void spc_persist_register(struct scsi_task *task);
/* Makes a persistent reservation of the type in the CDB.  GOOD if the port holds one of that type already;
 * RESERVATION CONFLICT if it exists otherwise.  INVALID FIELD for an unknown type and for a scope other than
 * 0. */
void spc_persist_reserve(struct scsi_task *task);
/* Ends the persistent reservation if the port holds it; else does nothing, with GOOD.  With type 5 to 8,
 * queues 2Ah/04h for the other registrants.  INVALID RELEASE (05h/26h/04h) if scope or type differ from those
 * of the reservation. */
void spc_persist_release(struct scsi_task *task);
/* Ends the persistent reservation and removes all registrations.  Queues 2Ah/03h for the other registrants.
 * Counts PRGENERATION up. */
void spc_persist_clear(struct scsi_task *task);
/* Removes the other registrations with the service action key, with 2Ah/05h for each.  If a port with that
 * key held the reservation, the sender gets one of the type in the CDB, and other registrants 2Ah/04h if the
 * type changed.  Key 0 stands for all ports if all registrants hold the reservation; else it is INVALID
 * FIELD.  RESERVATION CONFLICT if nobody has the key.  Counts PRGENERATION up. */
void spc_persist_preempt(struct scsi_task *task);
/* Does what spc_persist_preempt does, and ends the tasks of the ports that it removes. */
void spc_persist_preempt_and_abort(struct scsi_task *task);
/* Does what spc_persist_register does, whatever the reservation key is. */
void spc_persist_register_and_ignore(struct scsi_task *task);

/* Appends the T10 vendor ID designator with its header of 4 bytes (SPC-4 7.8.6.4): vendor and product padded
 * with blanks, and the serial number as long as it is.  VPD page 83h and element status (DVCID) show it. */
void spc_t10_designator(const struct scsi_identity *id, struct wbuf *w);

/* Rows of a command table for the handlers above, except SEND DIAGNOSTIC.  A type's table must begin
 * with SPC_COMMON_CMDS. */
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
