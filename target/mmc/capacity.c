/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * READ CAPACITY and READ FORMAT CAPACITIES.
 */
#include "changer/base/be.h"
#include "target/mmc/unit.h"

/* Carries out READ CAPACITY (MMC-6).  Reports the last readable address (disc_readable_capacity - 1).  A
 * disc without a readable sector reports 0, as a disc of one sector does, because the reply cannot say
 * "no sector". */
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

/* Returns the capacity of the largest writable medium of the table, in sectors: of its usual blanks. */
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

enum { UNFORMATTED = 1, FORMATTED = 2, NO_MEDIUM = 3, DESCRIPTOR_LEN = 8 };

/* Appends the current/maximum capacity descriptor: without a disc (d is NULL), the largest writable
 * medium; for a blank disc, its capacity; else the readable capacity, or the disc's capacity if nothing
 * is recorded. */
static void
add_current(const struct disc *d, struct wbuf *w)
{
	uint32_t blocks;
	uint8_t type;

	if (d == NULL) {
		type = NO_MEDIUM;
		blocks = largest_capacity();
	} else if (disc_status(d) == DISC_BLANK) {
		type = UNFORMATTED;
		blocks = disc_capacity(d);
	} else {
		type = FORMATTED;
		blocks = disc_is_unrecorded(d) && disc_readable_capacity(d) == 0
				 ? disc_capacity(d)
				 : disc_readable_capacity(d);
	}
	wb_be32(w, blocks);
	wb_u8(w, type);
	wb_be24(w, SECTOR_SIZE);
}

/* Returns true if the disc in its present state can be given this format, which gives it `blocks` blocks, as
 * an erasing one always can unless that is 0.  Does not check that the medium has it. */
static bool
is_offered(const struct disc *d, const struct medium_format *f, uint32_t blocks)
{
	if (blocks == 0) /* the disc does not hold one packet */
		return false;
	switch (f->does) {
	case FORMAT_GROWS:
		return disc_readable_capacity(d) < blocks;
	case FORMAT_SHRINKS:
		return disc_readable_capacity(d) > blocks;
	case FORMAT_SPARES:
		return disc_status(d) == DISC_BLANK;
	default:
		return true;
	}
}

/* Carries out READ FORMAT CAPACITIES (MMC-6 6.23).  If no disc is accessible, reports the largest medium
 * and no format.  Each format has the blocks that FORMAT UNIT would give this disc, its type and its
 * parameter. */
void
mmc_read_format_capacities(struct scsi_task *task)
{
	struct disc *d = NULL;
	const struct medium_format *f;
	struct wbuf w;

	(void)drive_disc(mmc_of(task->lu)->drive, &d);
	task_reply_begin(task, &w);
	wb_zero(&w, 4);
	add_current(d, &w);
	for (size_t i = 0; d != NULL && (f = medium_format(disc_medium(d), i)) != NULL; i++) {
		uint32_t blocks = medium_format_blocks(f, disc_capacity(d));

		if (!is_offered(d, f, blocks))
			continue;
		wb_be32(&w, blocks);
		wb_u8(&w, (uint8_t)(f->type << 2));
		wb_be24(&w, f->parameter);
	}
	wb_patch_u8(&w, 3, (uint8_t)(w.len - 4));
	task_reply_end(task, &w, get_be16(task->cdb + 7));
}
