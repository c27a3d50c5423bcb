/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tray: START STOP UNIT, PREVENT ALLOW MEDIUM REMOVAL, MECHANISM STATUS.
 *
 * An eject opens the tray with its disc on it, a load closes it on the same disc: programs that
 * burn reload what they burned.  Only a move takes the disc away.
 */
#include "changer/base/be.h"
#include "target/mmc/unit.h"

/* MMC-6, START STOP UNIT; the drive has nothing to spin up or to save power on. */
void
mmc_start_stop(struct scsi_task *task)
{
	enum { FL = 0x04, LOEJ = 0x02, START = 0x01, POWER_SLEEP = 5, POWER_UNUSED = 4 };
	struct drive *drive = mmc_of(task->lu)->drive;
	uint8_t op = task->cdb[4], power = op >> 4;
	enum jb_err err = JB_OK;

	if (power > POWER_SLEEP || power == POWER_UNUSED || (power == 0 && (op & FL))) {
		task_invalid_field(task, true, 4);
		return;
	}
	if (power != 0) /* then START and LOEJ mean nothing */
		return;
	drive_acts_for(drive, scsi_nexus_initiator(task->nexus));
	switch (op & (LOEJ | START)) {
	case LOEJ:
		err = drive_open_tray(drive, false);
		break;
	case LOEJ | START:
		err = drive_close_tray(drive);
		break;
	case START: /* start the disc and make it ready for reading */
		mmc_disc(task);
		break;
	default: /* stop the disc */
		break;
	}
	drive_acts_for(drive, NULL);
	/* IMMED allows an answer before it is done; it is done now. */
	mmc_fail(task, err);
}

/* MMC-6, PREVENT ALLOW MEDIUM REMOVAL.  Each nexus prevents or does not; the drive is free when none does. */
void
mmc_prevent_allow(struct scsi_task *task)
{
	enum { PREVENT = 0x01, PERSISTENT = 0x02 };
	bool prevent = (task->cdb[4] & PREVENT) != 0;

	if (task->cdb[4] & PERSISTENT) {
		task_invalid_field(task, true, 4);
		return;
	}
	if (prevent == task->itl->prevents)
		return;
	task->itl->prevents = prevent;
	drive_prevent_for(mmc_of(task->lu)->drive, prevent, scsi_nexus_initiator(task->nexus));
}

/* MMC-6, MECHANISM STATUS */
void
mmc_mechanism_status(struct scsi_task *task)
{
	enum { DOOR_OPEN = 0x10 };
	struct drive_view view;
	struct wbuf w;

	drive_view(mmc_of(task->lu)->drive, &view);
	task_reply_begin(task, &w);
	wb_u8(&w, 0);				   /* no fault, changer ready, slot 0 */
	wb_u8(&w, view.tray_open ? DOOR_OPEN : 0); /* mechanism idle */
	wb_be24(&w, 0);				   /* current LBA: of audio play only */
	wb_u8(&w, 0);				   /* slots: none of its own */
	wb_be16(&w, 0);				   /* length of slot tables */
	task_reply_end(task, &w, get_be16(task->cdb + 8));
}
