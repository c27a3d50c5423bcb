/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands that move the robot, or would if it had to inspect anything: MOVE, EXCHANGE, POSITION,
 * INITIALIZE ELEMENT STATUS; and those for the operator's doors: OPEN/CLOSE IMPORT/EXPORT ELEMENT,
 * PREVENT ALLOW MEDIUM REMOVAL. */
#include "changer/base/be.h"
#include "changer/base/log.h"
#include "changer/smc/smc_lu.h"

/* Offsets in the CDBs of MOVE, EXCHANGE and POSITION */
enum { TRANSPORT = 2, SOURCE = 4, DESTINATION = 6, SECOND_DESTINATION = 8 };

/* Ends the command with the sense data of err. */
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

/* Stores the element whose address is at that offset of the CDB.  Returns false, with sense set, if
 * there is none. */
static bool
take_element(struct scsi_task *task, unsigned place, struct jb_elem *out)
{
	if (jb_elem_at(smc_of(task->lu)->jb, get_be16(task->cdb + place), out))
		return true;
	sense_of(task, JB_NO_ELEMENT);
	return false;
}

/* Checks the transport element address; 0 means the default one, which is the picker (SMC-3 5.2.2). */
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

/* Refuses to turn a medium over: page 1Fh says that the picker cannot. */
static bool
check_invert(struct scsi_task *task, unsigned byte, uint8_t bits)
{
	if ((task->cdb[byte] & bits) == 0)
		return true;
	task_invalid_field(task, true, (uint16_t)byte);
	return false;
}

/* Refuses an element whose type is not in offered, the types that page 1Fh allows there. */
static bool
check_offered(struct scsi_task *task, uint8_t offered, struct jb_elem elem)
{
	if (offered & 1U << (elem.type - 1))
		return true;
	sense_of(task, JB_NO_ELEMENT);
	return false;
}

/* Moves a medium.  If a drive is locked, refuses the move and does nothing else.  It raises no eject
 * request, as a move from the mount does: Debian's udev ejects a mounted disc when it sees one, and
 * the host that requests the move is often the one that has the disc mounted. */
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

/* Checks the address only, because the picker has no position. */
void
smc_position_to_element(struct scsi_task *task)
{
	struct jb_elem elem;

	if (check_invert(task, 8, 0x01) && check_transport(task))
		take_element(task, SOURCE, &elem);
}

/* Does nothing: the store is always the current state, so there is nothing to find out. */
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

/* Opens or closes a mail slot (OPEN/CLOSE IMPORT/EXPORT ELEMENT, SMC-3 6.8). */
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

/* Locks or unlocks the operator's doors for this nexus.  The robot is not locked. */
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
