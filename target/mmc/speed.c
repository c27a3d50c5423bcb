/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The speeds that the drive offers, and those that SET STREAMING and SET CD SPEED choose.  A choice holds
 * until the medium changes.  It is only reported, in mode page 2Ah and by GET PERFORMANCE; nothing becomes
 * slower by it.
 */
#include <string.h>

#include "changer/base/be.h"
#include "target/mmc/unit.h"

/* Returns the medium whose write speeds are offered: the loaded one if it can be written, else the
 * fastest writable medium of its family, else the fastest writable medium of all.  Never NULL. */
static const struct medium *
write_medium(struct mmc *m)
{
	const struct medium *loaded = mmc_medium(m), *best = NULL, *row;

	if (loaded != NULL && medium_writable(loaded))
		return loaded;
	for (size_t i = 0; (row = medium_row(i)) != NULL; i++) {
		bool kin = loaded != NULL && row->family == loaded->family;
		bool best_is_kin = best != NULL && loaded != NULL && best->family == loaded->family;

		if (medium_writable(row) &&
			(best == NULL || kin > best_is_kin ||
				(kin == best_is_kin &&
					medium_write_speed(row) > medium_write_speed(best))))
			best = row;
	}
	return best;
}

/* Returns the lower one of `speed` and the setting `speed` of the drive; 0 in the setting is no limit. */
static uint32_t
limited(struct mmc *m, uint32_t speed)
{
	uint32_t limit = drive_speed_limit(m->drive);

	return limit != 0 && limit < speed ? limit : speed;
}

unsigned
mmc_write_speeds(struct mmc *m, uint32_t out[SPEEDS_MAX])
{
	const struct medium *medium = write_medium(m);
	uint32_t max = limited(m, medium_write_speed(medium));
	unsigned n = 0;

	for (const uint32_t *s = medium->write_speeds; *s != 0 && n < SPEEDS_MAX; s++) {
		if (*s <= max ||
			(n == 0 && s[1] == 0)) /* the slowest is offered whatever the limit is */
			out[n++] = *s;
	}
	return n;
}

uint32_t
mmc_max_read_speed(struct mmc *m)
{
	const struct medium *medium = mmc_medium(m), *row;
	uint32_t best = 0;

	if (medium != NULL)
		return limited(m, medium->read_speed);
	for (size_t i = 0; (row = medium_row(i)) != NULL; i++) {
		if (row->read_speed > best)
			best = row->read_speed;
	}
	return limited(m, best);
}

uint32_t
mmc_read_speed(struct mmc *m)
{
	uint32_t asked = mmc_settings(m)->read_speed, max = mmc_max_read_speed(m);

	return asked != 0 && asked < max ? asked : max;
}

uint32_t
mmc_write_speed(struct mmc *m)
{
	uint32_t asked = mmc_settings(m)->write_speed;

	return medium_write_speed_within(
		write_medium(m), limited(m, asked != 0 ? asked : UINT32_MAX));
}

/* Keeps the speeds that an initiator chose, 0 for the fastest.  Reports the choice to the model, which shows
 * in the mount what it gives. */
static void
choose(struct mmc *m, uint32_t read_speed, uint32_t write_speed)
{
	struct mmc_settings *s = mmc_settings(m);

	s->read_speed = read_speed;
	s->write_speed = write_speed;
	drive_choose_speeds(m->drive, read_speed, write_speed);
}

/* Reads a speed of SET STREAMING, a size in kB and a time in ms, and stores it in kB/s, at most
 * UINT32_MAX.  A size of 0 gives 0, which chooses the fastest.  Returns false, and leaves *speed as it
 * is, if the time is 0. */
static bool
get_speed(const uint8_t *size_and_time, uint32_t *speed)
{
	uint64_t kilobytes = get_be32(size_and_time), ms = get_be32(size_and_time + 4);
	uint64_t kb_per_s;

	if (ms == 0)
		return false;
	kb_per_s = kilobytes * 1000 / ms;
	*speed = kb_per_s > UINT32_MAX ? UINT32_MAX : (uint32_t)kb_per_s;
	return true;
}

/* Carries out SET STREAMING (MMC-6).  Chooses the speeds of the performance descriptor, or with RDD the
 * fastest.  Ignores its addresses: the speeds hold for the whole disc.  Refuses types other than 0, a
 * list that is too short, and a time of 0.  An empty list changes nothing. */
void
mmc_set_streaming(struct scsi_task *task)
{
	enum { TYPE_PERFORMANCE = 0, LEN = 28, RDD = 0x04, READ_SIZE = 12, WRITE_SIZE = 20 };
	uint16_t len = get_be16(task->cdb + 9);
	uint32_t read_speed, write_speed;

	task->out_want = len;
	if (task->cdb[8] != TYPE_PERFORMANCE) {
		task_invalid_field(task, true, 8);
		return;
	}
	if (len == 0)
		return;
	if (len < LEN || task->out_len < LEN) {
		task_sense(task, KEY_ILLEGAL_REQUEST, ASC_LIST_LENGTH, 0);
		return;
	}
	if (task->out[0] & RDD) { /* restore the drive's defaults */
		choose(mmc_of(task->lu), 0, 0);
		return;
	}
	if (!get_speed(task->out + READ_SIZE, &read_speed)) {
		task_invalid_field(task, false, READ_SIZE + 4);
		return;
	}
	if (!get_speed(task->out + WRITE_SIZE, &write_speed)) {
		task_invalid_field(task, false, WRITE_SIZE + 4);
		return;
	}
	choose(mmc_of(task->lu), read_speed, write_speed);
}

/* Carries out SET CD SPEED (MMC-6).  FFFFh and 0 choose the fastest speed.  Linux sends it for the ioctl
 * CDROM_SELECT_SPEED, whatever the disc is.  Refuses nothing. */
void
mmc_set_cd_speed(struct scsi_task *task)
{
	enum { FASTEST = 0xffff };
	uint16_t read_speed = get_be16(task->cdb + 2), write_speed = get_be16(task->cdb + 4);

	choose(mmc_of(task->lu), read_speed == FASTEST ? 0 : read_speed,
		write_speed == FASTEST ? 0 : write_speed);
}
