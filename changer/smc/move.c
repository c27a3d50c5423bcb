/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands that move the robot, or would if it had to inspect anything: MOVE, EXCHANGE, POSITION,
 * INITIALIZE ELEMENT STATUS; and those for the operator's doors: OPEN/CLOSE IMPORT/EXPORT ELEMENT,
 * PREVENT ALLOW MEDIUM REMOVAL. */
#include "changer/base/be.h"
#include "changer/base/log.h"
#include "changer/smc/smc_lu.h"

/* Offsets in the CDBs of MOVE, EXCHANGE and POSITION */
enum { TRANSPORT = 2, SOURCE = 4, DESTINATION = 6, SECOND_DESTINATION = 8 };

/* Ends the command with CHECK CONDITION and the sense data of err.  Logs nothing. */
static void
sense_of(struct scsi_task *task, enum jb_err err)
{
	struct jb_sense sense = jb_err_sense(err);

	task_sense(task, sense.key, sense.asc, sense.ascq);
}

void
smc_refuse(struct scsi_task *task, const char *what, enum jb_err err)
{
	if (err == JB_OK)
		return;
	if (err == JB_FAULT_SESSION) {
		task_lose_session(task);
		return;
	}
	log_peer("robot", "%s by %s refused: %s", what, scsi_nexus_initiator(task->nexus),
		jb_err_text(err));
	sense_of(task, err);
}

/* Stores in *out the element whose address is at the offset `place` of the CDB, and returns true.  Returns
 * false, with INVALID ELEMENT ADDRESS set, if no element has it. */
static bool
take_element(struct scsi_task *task, unsigned place, struct jb_elem *out)
{
	if (jb_elem_at(smc_of(task->lu)->jb, get_be16(task->cdb + place), out))
		return true;
	sense_of(task, JB_NO_ELEMENT);
	return false;
}

/* Returns true if the transport element address is that of a picker, or 0, which means the default one (SMC-3
 * 5.2.2).  Returns false, with INVALID ELEMENT ADDRESS set, for any other. */
static bool
check_transport(struct scsi_task *task)
{
	struct jb_elem elem;

	if (get_be16(task->cdb + TRANSPORT) == 0)
		return true;
	if (!take_element(task, TRANSPORT, &elem))
		return false;
	if (elem.type == JB_PICKER)
		return true;
	sense_of(task, JB_NO_ELEMENT);
	return false;
}

/* Returns true if the bits of that byte of the CDB are 0: the medium is not to be turned over.  Returns
 * false, with INVALID FIELD IN CDB set, if not: page 1Fh says that the picker cannot. */
static bool
check_invert(struct scsi_task *task, unsigned byte, uint8_t bits)
{
	if ((task->cdb[byte] & bits) == 0)
		return true;
	task_invalid_field(task, true, (uint16_t)byte);
	return false;
}

/* Returns true if the type of the element is among `offered`, bits as in smc_moves_from.  Returns false, with
 * INVALID ELEMENT ADDRESS set, if it is not. */
static bool
check_offered(struct scsi_task *task, uint8_t offered, struct jb_elem elem)
{
	if (offered & 1U << (elem.type - 1))
		return true;
	sense_of(task, JB_NO_ELEMENT);
	return false;
}

void
smc_move_medium(struct scsi_task *task)
{
	struct jb_elem from, to;

	if (!check_invert(task, 10, 0x01) || !check_transport(task) ||
		!take_element(task, SOURCE, &from) || !take_element(task, DESTINATION, &to) ||
		!check_offered(task, smc_moves_from(from.type), to))
		return;
	smc_refuse(task, "move",
		jb_move(smc_of(task->lu)->jb, from, to, scsi_nexus_initiator(task->nexus)));
}

void
smc_exchange_medium(struct scsi_task *task)
{
	struct jb_elem source, first, second;

	if (!check_invert(task, 10, 0x03) || !check_transport(task) ||
		!take_element(task, SOURCE, &source) || !take_element(task, DESTINATION, &first) ||
		!take_element(task, SECOND_DESTINATION, &second) ||
		!check_offered(task, smc_exchanges_with(source.type), first) ||
		!check_offered(task, smc_exchanges_with(first.type), second))
		return;
	smc_refuse(task, "exchange",
		jb_exchange(smc_of(task->lu)->jb, source, first, second,
			scsi_nexus_initiator(task->nexus)));
}

void
smc_position_to_element(struct scsi_task *task)
{
	struct jb_elem elem;

	if (check_invert(task, 8, 0x01) && check_transport(task))
		take_element(task, SOURCE, &elem);
}

void
smc_initialize_element_status(struct scsi_task *task)
{
}

void
smc_initialize_with_range(struct scsi_task *task)
{
	enum { RANGE = 0x01, START = 2 };
	struct jb_elem elem;

	if (task->cdb[1] & RANGE)
		take_element(task, START, &elem);
}

void
smc_open_close(struct scsi_task *task)
{
	enum { ELEMENT = 2, ACTION = 4, OPEN = 0, CLOSE = 1 };
	uint8_t action = task->cdb[ACTION] & 0x1f;
	struct jb_elem elem;

	if (action > CLOSE) {
		task_invalid_field(task, true, ACTION);
		return;
	}
	if (take_element(task, ELEMENT, &elem))
		smc_refuse(task, action == OPEN ? "opening a mail slot" : "closing a mail slot",
			jb_mailslot_open(smc_of(task->lu)->jb, elem, action == OPEN));
}

void
smc_prevent_allow(struct scsi_task *task)
{
	uint8_t prevent = task->cdb[4] & 0x03;

	if (prevent > 1) {
		task_invalid_field(task, true, 4);
		return;
	}
	if (prevent == task->itl->prevents)
		return;
	task->itl->prevents = prevent;
	jb_mailslots_prevent(smc_of(task->lu)->jb, prevent);
}
