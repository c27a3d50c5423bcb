/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Applies the faults that a user asked for (changer/fault.h) to the commands of the drive.
 */
#include "changer/fault.h"
#include "target/mmc/unit.h"

bool
mmc_faults_begin(struct scsi_task *task, bool writes, uint32_t lba, uint32_t count, uint32_t *good)
{
	struct drive *d = mmc_of(task->lu)->drive;
	const char *initiator = scsi_nexus_initiator(task->nexus);
	uint32_t bad;

	*good = count;
	if (!drive_has_faults(d))
		return true;
	if (!task->may_block && drive_is_slow(d, lba, count)) {
		task_would_block(task);
		return false;
	}
	if (task->may_block)
		drive_be_slow(d, lba, count, initiator);
	if (drive_loses_session(d, lba, count, initiator)) {
		task_lose_session(task);
		return false;
	}
	if (drive_bad_sector(d, writes, lba, count, &bad))
		*good = bad - lba;
	return true;
}

bool
mmc_fault_command(struct scsi_task *task, enum fault_verb verb)
{
	enum jb_err err = JB_OK;

	switch (drive_meets_fault(mmc_of(task->lu)->drive, verb, task->may_block,
		scsi_nexus_initiator(task->nexus), &err)) {
	case DRIVE_SOUND:
		return true;
	case DRIVE_WOULD_BLOCK:
		task_would_block(task);
		break;
	case DRIVE_LOSES_SESSION:
		task_lose_session(task);
		break;
	case DRIVE_FAILS:
		mmc_fail(task, err);
		break;
	}
	return false;
}

/* Keeps the data that was read before the bad sector, and puts the bad sector into INFORMATION.  A real
 * drive does the same, and Linux uses that data. */
void
mmc_faults_end(struct scsi_task *task, bool writes, uint32_t lba, uint32_t count, uint32_t good)
{
	if (good == count || task->would_block || task->status != SCSI_GOOD)
		return;
	mmc_fail_after(task,
		drive_meet_bad_sector(mmc_of(task->lu)->drive, writes, lba + good,
			scsi_nexus_initiator(task->nexus)),
		lba + good);
}
