/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GET PERFORMANCE, MMC-6 6.7, types 00h (performance) and 03h (write speeds).
 */
#include "changer/base/be.h"
#include "target/mmc/unit.h"

enum {
	TYPE_PERFORMANCE = 0x00,
	TYPE_WRITE_SPEED = 0x03,
	/* CDB byte 1; the tolerance in bits 3 and 4 has one value and is not looked at */
	WRITE = 0x04,
	EXCEPT_MASK = 0x03,
	/* Header byte 4 */
	HEADER_WRITE = 0x02,
	HEADER_EXCEPT = 0x01,
	HEADER_LEN = 8,
	DESCRIPTOR_LEN = 16,
};

/* Returns the first address that cannot be written: on a disc that is written anywhere and formatted, the
 * end of the formatted part; else the end of the disc. */
static uint32_t
writable_end(const struct disc *d)
{
	uint32_t formatted = disc_readable_capacity(d);

	return disc_medium(d)->writing == WRITES_ANYWHERE && formatted > 0 ? formatted
									   : disc_capacity(d);
}

/* Appends bytes 4 to 7 of the header, and one performance descriptor, since the speed is the same on the
 * whole disc.  Appends no descriptor if the CDB asks for exceptions, of which there are none, or for the
 * write speed of a read-only disc. */
static void
add_performance(struct mmc *m, const struct disc *d, uint8_t flags, struct wbuf *w)
{
	bool write = (flags & WRITE) != 0, except = (flags & EXCEPT_MASK) != 0;
	uint32_t end = write ? writable_end(d) : disc_readable_capacity(d);
	uint32_t speed = write ? mmc_write_speed(m) : mmc_read_speed(m);

	wb_u8(w, (uint8_t)((write ? HEADER_WRITE : 0) | (except ? HEADER_EXCEPT : 0)));
	wb_zero(w, 3);
	if (except || (write && !medium_writable(disc_medium(d))))
		return;
	wb_be32(w, 0);
	wb_be32(w, speed);
	wb_be32(w, end > 0 ? end - 1 : 0);
	wb_be32(w, speed);
}

/* Appends bytes 4 to 7 of the header, and a write speed descriptor for each write speed of the disc; none
 * for a read-only disc. */
static void
add_write_speeds(struct mmc *m, const struct disc *d, struct wbuf *w)
{
	uint32_t speeds[SPEEDS_MAX];
	unsigned n = medium_writable(disc_medium(d)) ? mmc_write_speeds(m, speeds) : 0;

	wb_zero(w, 4);
	for (unsigned i = 0; i < n; i++) {
		wb_u8(w, 0); /* constant linear velocity */
		wb_zero(w, 3);
		wb_be32(w, writable_end(d) - 1);
		wb_be32(w, mmc_max_read_speed(m));
		wb_be32(w, speeds[i]);
	}
}

/* Carries out GET PERFORMANCE.  Limits the reply to the number of descriptors in the CDB, which has no
 * allocation length, and ignores the start address.  Refuses types other than 00h and 03h, and the
 * reserved value 3 of Except. */
void
mmc_get_performance(struct scsi_task *task)
{
	struct mmc *m = mmc_of(task->lu);
	struct disc *d = mmc_disc(task);
	uint8_t type = task->cdb[10];
	struct wbuf w;

	if (d == NULL)
		return;
	if (type != TYPE_PERFORMANCE && type != TYPE_WRITE_SPEED) {
		task_invalid_field(task, true, 10);
		return;
	}
	if (type == TYPE_PERFORMANCE && (task->cdb[1] & EXCEPT_MASK) == EXCEPT_MASK) {
		task_invalid_field(task, true, 1);
		return;
	}
	task_reply_begin(task, &w);
	wb_be32(&w, 0);
	if (type == TYPE_PERFORMANCE)
		add_performance(m, d, task->cdb[1], &w);
	else
		add_write_speeds(m, d, &w);
	wb_patch_be32(&w, 0, (uint32_t)(w.len - 4));
	task_reply_end(task, &w, HEADER_LEN + (size_t)get_be16(task->cdb + 8) * DESCRIPTOR_LEN);
}
