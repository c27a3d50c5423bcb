/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * READ CD and READ CD MSF, MMC-6, for tracks of mode 1: their user data.
 *
 * The standard has these for CD only.  Linux's CDROMREADMODE1, by which cd-info reads a file system
 * of any disc, comes here too, so user data is answered for DVD and BD as well.
 */
#include "changer/base/be.h"
#include "target/mmc/unit.h"

enum {
	/* CDB byte 1, expected sector type */
	TYPE_ANY = 0,
	TYPE_MODE_1 = 2,
	/* CDB byte 9, main channel selection: sync, headers, EDC and C2 beside user data */
	USER_DATA = 0x10,
	MAIN_CHANNEL = 0xfe,
	/* CDB byte 10 */
	SUB_CHANNEL = 0x07,
};

static void
read_cd(struct scsi_task *task, uint32_t lba, uint32_t count)
{
	uint8_t type = task->cdb[1] >> 2 & 0x07, main_channel = task->cdb[9] & MAIN_CHANNEL;

	if (task->cdb[10] & SUB_CHANNEL) {
		task_invalid_field(task, true, 10);
		return;
	}
	/* The image has no more of a sector than its user data. */
	if ((type != TYPE_ANY && type != TYPE_MODE_1) ||
		(main_channel != USER_DATA && main_channel != 0)) {
		/* ILLEGAL MODE FOR THIS TRACK */
		task_sense_information(task, KEY_ILLEGAL_REQUEST, 0x64, 0x00, lba);
		return;
	}
	if (main_channel != 0)
		mmc_read_sectors(task, lba, count);
}

void
mmc_read_cd(struct scsi_task *task)
{
	read_cd(task, get_be32(task->cdb + 2), get_be24(task->cdb + 6));
}

/* False: no time of day of a CD, or before its LBA 0. */
static bool
msf_to_lba(const uint8_t msf[3], uint32_t *lba)
{
	enum { FRAMES = 75, SECONDS = 60, LBA_0 = 2 * FRAMES };
	uint32_t frames = ((uint32_t)msf[0] * SECONDS + msf[1]) * FRAMES + msf[2];

	if (msf[1] >= SECONDS || msf[2] >= FRAMES || frames < LBA_0)
		return false;
	*lba = frames - LBA_0;
	return true;
}

/* The end is the first sector that is not read. */
void
mmc_read_cd_msf(struct scsi_task *task)
{
	uint32_t begin, end;

	if (!msf_to_lba(task->cdb + 3, &begin)) {
		task_invalid_field(task, true, 3);
		return;
	}
	if (!msf_to_lba(task->cdb + 6, &end) || end < begin) {
		task_invalid_field(task, true, 6);
		return;
	}
	read_cd(task, begin, end - begin);
}
