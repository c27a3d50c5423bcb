/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tray: START STOP UNIT, PREVENT ALLOW MEDIUM REMOVAL, MECHANISM STATUS.
 *
 * An eject opens the tray and leaves the disc on it.  A load closes the tray with the same disc, because
 * burning programs reload the disc that they burned.  Only a move takes the disc out of the drive.
 */
#include "changer/base/be.h"
#include "target/mmc/unit.h"

void
mmc_power(struct mmc *m, enum mmc_power power)
{
	if (__atomic_exchange_n(&m->power, (uint8_t)power, __ATOMIC_ACQ_REL) != power)
		__atomic_add_fetch(&m->power_changes, 1, __ATOMIC_RELEASE);
}

/* Sets the power state for a condition that START STOP UNIT asks for.  Returns false, and changes
 * nothing, if there is no such condition. */
static bool
take_power_condition(struct mmc *m, uint8_t condition)
{
	/* SLEEP gives standby: a sleeping drive wakes only by a bus reset, which iSCSI does not have. */
	enum { ACTIVE = 1, IDLE = 2, STANDBY = 3, SLEEP = 5 };
	static const uint8_t power[] = {
		[ACTIVE] = POWER_ACTIVE,
		[IDLE] = POWER_IDLE,
		[STANDBY] = POWER_STANDBY,
		[SLEEP] = POWER_STANDBY,
	};

	if (condition >= sizeof(power) || power[condition] == 0)
		return false;
	mmc_power(m, power[condition]);
	return true;
}

/* Opens the tray.  If the drive is locked, ends the command with the sense of JB_MEDIUM_LOCKED, and
 * counts CONTROL_REQUEST: the other nexuses get an event that this one asks for the lock. */
static void
open_for(struct scsi_task *task)
{
	struct mmc *m = mmc_of(task->lu);
	enum jb_err err = drive_open_tray(m->drive, false);

	if (err == JB_MEDIUM_LOCKED)
		mmc_control(m, task->itl, CONTROL_REQUEST);
	mmc_finish(task, err);
}

/* Closes the tray, also if there is no disc in it, and ends the command with GOOD.  Without IMMED, first
 * waits until the disc is ready, or another command waits for the drive. */
static void
close_for(struct scsi_task *task)
{
	enum { IMMED = 0x01 };
	struct mmc *m = mmc_of(task->lu);

	mmc_finish(task, drive_close_tray(m->drive));
	if (!(task->cdb[1] & IMMED))
		drive_await_ready(m->drive);
}

/* Starts the disc, and wakes the drive.  Without IMMED, waits until the disc is ready, or another command
 * waits for the drive.  Ends the command with the error of drive_disc if no disc is accessible; but a
 * disc that is still loading is GOOD. */
static void
start_disc(struct scsi_task *task)
{
	enum { IMMED = 0x01 };
	struct mmc *m = mmc_of(task->lu);
	struct disc *disc;
	enum jb_err err;

	mmc_power(m, POWER_ACTIVE);
	if (!(task->cdb[1] & IMMED))
		drive_await_ready(m->drive);
	err = drive_disc(m->drive, &disc);
	if (err != JB_BECOMING_READY) /* with IMMED the disc may still be loading: GOOD */
		mmc_finish(task, err);
}

/* Carries out START STOP UNIT (MMC-6).  Refuses FL, and power conditions that do not exist; with a power
 * condition, ignores FL, START and LOEJ.  Does nothing to stop the disc.  IMMED only decides whether the
 * answer waits for a disc that is loading; the tray and the power state have always changed before the
 * answer. */
void
mmc_start_stop(struct scsi_task *task)
{
	enum { FL = 0x04, LOEJ = 0x02, START = 0x01 };
	struct mmc *m = mmc_of(task->lu);
	uint8_t op = task->cdb[4], power = op >> 4;

	if (power == 0 ? (op & FL) != 0 : !take_power_condition(m, power)) {
		task_invalid_field(task, true, 4);
		return;
	}
	if (power != 0) /* then START and LOEJ mean nothing */
		return;
	switch (op & (LOEJ | START)) {
	case LOEJ:
		open_for(task);
		break;
	case LOEJ | START:
		close_for(task);
		break;
	case START:
		start_disc(task);
		break;
	default: /* stop the disc */
		break;
	}
}

/*
 * Keeps both kinds of prevention when the medium changes; in MMC-6 only a persistent one outlives that.  So
 * they differ only in that each has its own bit and must be released by itself.
 */
void
mmc_prevent_by(struct mmc *m, struct scsi_itl *itl, uint8_t bits)
{
	uint8_t before = itl->prevents;

	__atomic_store_n(&itl->prevents, bits, __ATOMIC_RELEASE);
	if ((bits & MMC_PERSISTENT) && !(before & MMC_PERSISTENT))
		__atomic_add_fetch(&m->persistent, 1, __ATOMIC_ACQ_REL);
	if (!(bits & MMC_PERSISTENT) && (before & MMC_PERSISTENT))
		__atomic_sub_fetch(&m->persistent, 1, __ATOMIC_ACQ_REL);
	if ((bits != 0) == (before != 0))
		return;
	mmc_control(m, itl, bits != 0 ? CONTROL_GRANT : CONTROL_RELEASE);
	drive_prevent_for(m->drive, bits != 0, scsi_nexus_initiator(itl->nexus));
}

/* Carries out PREVENT ALLOW MEDIUM REMOVAL (MMC-6).  Sets or clears one of the two kinds of prevention of
 * this nexus, and leaves the other as it is.  Refuses nothing. */
void
mmc_prevent_allow(struct scsi_task *task)
{
	uint8_t op = task->cdb[4] & (MMC_PREVENT | MMC_PERSISTENT), bits = task->itl->prevents;
	uint8_t which = op & MMC_PERSISTENT ? MMC_PERSISTENT : MMC_PREVENT;

	if (op & MMC_PREVENT)
		bits |= which;
	else
		bits &= (uint8_t)~which;
	mmc_prevent_by(mmc_of(task->lu), task->itl, bits);
}

/* Carries out MECHANISM STATUS (MMC-6).  Reports whether the tray is open; no slots and no fault. */
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
