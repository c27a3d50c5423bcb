/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Q sub-channel of a CD, and the commands about it: READ SUB-CHANNEL and READ HEADER, which
 * MMC-6 has no longer but programs for CD send.
 */
#include <string.h>

#include "changer/base/be.h"
#include "changer/cdsector.h"
#include "target/mmc/unit.h"

enum { CONTROL_DATA = 0x4, ADR_POSITION = 0x1, MSF = 0x02 };

bool
mmc_is_xa(const struct disc *d, uint32_t lba)
{
	struct track t;

	return disc_track(d, disc_track_at(d, lba), &t) && t.mode == CD_MODE2;
}

/* The track that an address is in, or in the pause or lead-out before; false: there is none.
 * *number of a pause is that of the track behind it. */
static bool
track_of(const struct disc *d, uint32_t lba, struct track *out, unsigned *number, bool *pause)
{
	for (*number = 1; disc_track(d, *number, out); ++*number) {
		if (lba >= (uint64_t)out->start + out->size)
			continue;
		*pause = lba < out->start;
		return true;
	}
	return false;
}

/* ECMA-130 22.3: in a pause the time since the track's begin runs down, with index 0. */
void
mmc_q_channel(const struct disc *d, uint32_t lba, uint8_t q[MMC_Q_LEN])
{
	struct track t = {.start = 0};
	unsigned number;
	bool pause = false;
	uint8_t msf[3];

	memset(q, 0, MMC_Q_LEN);
	q[0] = CONTROL_DATA << 4 | ADR_POSITION;
	if (track_of(d, lba, &t, &number, &pause)) {
		q[1] = cd_bcd((uint8_t)number);
		q[2] = pause ? 0 : 1;
	}
	cd_msf((int32_t)(pause ? t.start - lba : lba - t.start) - CD_LEAD_IN_GAP, msf);
	for (unsigned i = 0; i < 3; i++)
		q[3 + i] = cd_bcd(msf[i]);
	cd_msf((int32_t)lba, msf);
	for (unsigned i = 0; i < 3; i++)
		q[7 + i] = cd_bcd(msf[i]);
	put_be16(q + 10, cd_crc16(q, 10));
}

static void
add_time(bool msf, int32_t lba, bool relative, struct wbuf *w)
{
	uint8_t time[3];

	if (!msf) {
		wb_be32(w, (uint32_t)lba);
		return;
	}
	cd_msf(relative ? lba - CD_LEAD_IN_GAP : lba, time);
	wb_u8(w, 0);
	wb_bytes(w, time, sizeof(time));
}

/* Format 1: where the pick-up is, which is where it read last. */
static void
add_position(struct scsi_task *task, const struct disc *d, struct wbuf *w)
{
	bool msf = (task->cdb[1] & MSF) != 0, pause;
	uint32_t lba = mmc_of(task->lu)->position;
	struct track t = {.start = 0};
	unsigned number = 0;

	/* It was on another disc that it read last, or nothing is recorded. */
	if (lba >= disc_readable_capacity(d))
		lba = 0;
	if (!track_of(d, lba, &t, &number, &pause))
		pause = false;
	wb_u8(w, 0x01);
	wb_u8(w, ADR_POSITION << 4 | CONTROL_DATA);
	wb_u8(w, (uint8_t)number);
	wb_u8(w, pause ? 0 : 1);
	add_time(msf, (int32_t)lba, false, w);
	add_time(msf, (int32_t)(lba - t.start), true, w);
}

/* Formats 2 and 3: a catalog number, a recording code; no disc of data has them. */
static void
add_none(uint8_t format, uint8_t track, struct wbuf *w)
{
	enum { FORMAT_ISRC = 3 };

	wb_u8(w, format);
	wb_u8(w, format == FORMAT_ISRC ? ADR_POSITION << 4 | CONTROL_DATA : 0);
	wb_u8(w, format == FORMAT_ISRC ? track : 0);
	wb_u8(w, 0);
	wb_zero(w, 16); /* not valid */
}

/* Of a CD; else sense is set. */
static struct disc *
get_cd(struct scsi_task *task)
{
	struct disc *d = mmc_disc(task);

	if (d == NULL || disc_medium(d)->family == MEDIUM_CD)
		return d;
	/* CANNOT READ MEDIUM, INCOMPATIBLE FORMAT */
	task_sense(task, KEY_ILLEGAL_REQUEST, 0x30, 0x02);
	return NULL;
}

/* MMC-5 6.38 */
void
mmc_read_sub_channel(struct scsi_task *task)
{
	enum { SUB_Q = 0x40, POSITION = 1, CATALOG = 2, ISRC = 3 };
	uint8_t format = task->cdb[3];
	struct disc *d = get_cd(task);
	struct wbuf w;

	if (d == NULL)
		return;
	task_reply_begin(task, &w);
	wb_zero(&w, 4); /* audio is not played here: no status of it */
	if (task->cdb[2] & SUB_Q) {
		if (format == POSITION)
			add_position(task, d, &w);
		else if (format == CATALOG || format == ISRC)
			add_none(format, task->cdb[6], &w);
		else {
			task_invalid_field(task, true, 3);
			return;
		}
	}
	wb_patch_be16(&w, 2, (uint16_t)(w.len - 4));
	task_reply_end(task, &w, get_be16(task->cdb + 7));
}

/* MMC-1, READ HEADER: the mode and address of a sector as its header has them. */
void
mmc_read_header(struct scsi_task *task)
{
	uint32_t lba = get_be32(task->cdb + 2);
	uint8_t sector[SECTOR_SIZE];
	struct disc *d = get_cd(task);
	enum jb_err err;
	struct wbuf w;

	if (d == NULL)
		return;
	err = disc_read(d, lba, 1, sector, task->may_block);
	if (err != JB_OK) {
		mmc_fail_at(task, err, lba);
		return;
	}
	task_reply_begin(task, &w);
	wb_u8(&w, mmc_is_xa(d, lba) ? 2 : 1);
	wb_zero(&w, 3);
	add_time((task->cdb[1] & MSF) != 0, (int32_t)lba, false, &w);
	task_reply_end(task, &w, get_be16(task->cdb + 7));
}
