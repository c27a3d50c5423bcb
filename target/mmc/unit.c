/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared by the commands of the drive: how they find their unit and disc, and how they end.
 */
#include "target/mmc/unit.h"

struct mmc *
mmc_of(const struct scsi_lu *lu)
{
	return lu->priv;
}

struct disc *
mmc_disc(struct scsi_task *task)
{
	struct disc *disc = NULL;
	enum jb_err err = drive_disc(mmc_of(task->lu)->drive, &disc);

	if (err == JB_OK)
		return disc;
	mmc_fail(task, err);
	return NULL;
}

const struct medium *
mmc_medium(struct mmc *m)
{
	struct disc *disc = NULL;

	return drive_disc(m->drive, &disc) == JB_OK ? disc_medium(disc) : NULL;
}

void
mmc_fail(struct scsi_task *task, enum jb_err err)
{
	struct jb_sense sense = jb_err_sense(err);

	task_sense(task, sense.key, sense.asc, sense.ascq);
}

void
mmc_finish(struct scsi_task *task, enum jb_err err)
{
	if (err == JB_WOULD_BLOCK)
		task_would_block(task);
	else if (err != JB_OK)
		mmc_fail(task, err);
}

/*
 * Drops the data-in.  So for a read `lba` must be the first address of the command, wherever the bad sector
 * is: Linux regards all sectors before INFORMATION as read (sr_done).
 */
void
mmc_fail_at(struct scsi_task *task, enum jb_err err, uint32_t lba)
{
	struct jb_sense sense = jb_err_sense(err);

	task_sense_information(task, sense.key, sense.asc, sense.ascq, lba);
}

/* Puts the address of the first sector that was not read into INFORMATION, as SBC-3 4.18 has it. */
void
mmc_fail_after(struct scsi_task *task, enum jb_err err, uint32_t lba)
{
	size_t in_len = task->in_len;

	mmc_fail_at(task, err, lba);
	task->in_len = in_len;
}

bool
mmc_has_no_data(enum jb_err err)
{
	return err == JB_BLANK || err == JB_TRACK_MODE;
}

void
mmc_finish_at(struct scsi_task *task, enum jb_err err, uint32_t lba)
{
	if (err == JB_WOULD_BLOCK || err == JB_OK)
		mmc_finish(task, err);
	else
		mmc_fail_at(task, err, lba);
}
