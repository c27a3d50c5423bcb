/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * READ CAPACITY and READ FORMAT CAPACITIES.
 */
#include "changer/base/be.h"
#include "target/mmc/unit.h"

/* MMC-6, READ CAPACITY.  A blank answers 0, like a disc of one sector: the reply has no word for none. */
void
mmc_read_capacity(struct scsi_task *task)
{
	struct disc *d = mmc_disc(task);
	uint32_t sectors;
	struct wbuf w;

	if (d == NULL)
		return;
	sectors = disc_readable_capacity(d);
	task_reply_begin(task, &w);
	wb_be32(&w, sectors > 0 ? sectors - 1 : 0);
	wb_be32(&w, SECTOR_SIZE);
	task_reply_end(task, &w, w.len);
}

/* Sectors of the largest medium that the drive writes. */
static uint32_t
largest_capacity(void)
{
	const struct medium *m;
	uint32_t largest = 0;

	for (size_t i = 0; (m = medium_row(i)) != NULL; i++) {
		if (medium_writable(m) && m->capacity > largest)
			largest = m->capacity;
	}
	return largest;
}

/* MMC-6 6.23.  No medium that the drive takes can be formatted, so there is the current descriptor
 * alone.  It is there without a medium, too. */
void
mmc_read_format_capacities(struct scsi_task *task)
{
	enum { UNFORMATTED = 1, FORMATTED = 2, NO_MEDIUM = 3, DESCRIPTOR_LEN = 8 };
	struct disc *d = NULL;
	uint32_t blocks = largest_capacity();
	uint8_t type = NO_MEDIUM;
	struct wbuf w;

	if (drive_disc(mmc_of(task->lu)->drive, &d) == JB_OK) {
		bool blank = disc_status(d) == DISC_BLANK;

		type = blank ? UNFORMATTED : FORMATTED;
		blocks = blank ? disc_capacity(d) : disc_readable_capacity(d);
	}
	task_reply_begin(task, &w);
	wb_zero(&w, 3);
	wb_u8(&w, DESCRIPTOR_LEN);
	wb_be32(&w, blocks);
	wb_u8(&w, type);
	wb_be24(&w, SECTOR_SIZE);
	task_reply_end(task, &w, get_be16(task->cdb + 7));
}
