/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What burning needs beside WRITE: reserving and closing tracks, flushing, calibration.
 *
 * All of it may be asked for with IMMED, which allows an answer before it is done; programs then
 * poll TEST UNIT READY.  Here it is answered when it is done, which the standard allows as well.
 */
#include <strings.h>

#include "changer/base/be.h"
#include "target/mmc/unit.h"

/* MMC-6, SYNCHRONIZE CACHE */
void
mmc_synchronize_cache(struct scsi_task *task)
{
	struct disc *d = mmc_disc(task);

	if (d != NULL)
		mmc_fail(task, disc_sync(d));
}

/* MMC-6, RESERVE TRACK */
void
mmc_reserve_track(struct scsi_task *task)
{
	enum { ADDRESS_RESERVATION = 0x01 };
	struct disc *d = mmc_disc(task);
	uint32_t sectors = get_be32(task->cdb + 5);

	if (d == NULL)
		return;
	if (task->cdb[1] & ADDRESS_RESERVATION) { /* splits reserved tracks of BD-R only */
		task_invalid_field(task, true, 1);
		return;
	}
	if (sectors == 0) {
		task_invalid_field(task, true, 5);
		return;
	}
	mmc_fail(task, disc_reserve_track(d, sectors));
}

/* MMC-6, SEND OPC INFORMATION: there is no laser whose power would have to be found. */
void
mmc_send_opc(struct scsi_task *task)
{
	struct disc *d = mmc_disc(task);

	task->out_want = get_be16(task->cdb + 7); /* power values for speeds: not needed either */
	if (d != NULL && disc_status(d) == DISC_COMPLETE)
		mmc_fail(task, JB_NOT_WRITABLE);
}

/*
 * Mode page 05h with session at once and no further session (MMC-6 7.5, Multi-session): closing
 * that session finalizes the disc.  DVD+R has functions of its own for that, so drives leave the
 * field alone for it; but wodim has no other way to say what its user asked for.  Only a page that
 * an initiator sent for this medium counts.
 */
static bool
wants_single_session(struct mmc *m)
{
	enum { TYPE_SAO = 2 };
	const struct mmc_settings *s = mmc_settings(m);

	return s->write_selected && (s->write[2] & 0x0f) == TYPE_SAO && s->write[3] >> 6 == 0;
}

static enum jb_err
close_disc(struct mmc *m, struct disc *d, unsigned function, unsigned track)
{
	enum { CLOSE_TRACK = 1, CLOSE_SESSION = 2, TRACK_LAST = 0xff };
	const struct medium *medium = disc_medium(d);

	if (jb_setting_bool(
		    drive_jukebox(m->drive), JB_SET_DRIVE_FINALIZE_AS_ROM, drive_number(m->drive)))
		return disc_turn_into_rom(d);
	/* wodim closes the track it wrote by the number of the invisible one. */
	if (function == CLOSE_TRACK && track == TRACK_LAST && disc_tracks(d) < TRACK_LAST)
		track = disc_tracks(d);
	if (function == CLOSE_SESSION && medium->final_functions != 0 && wants_single_session(m))
		function = (unsigned)ffs(medium->final_functions) - 1;
	return disc_close(d, function, track);
}

/* MMC-6 6.3 */
void
mmc_close_track(struct scsi_task *task)
{
	struct mmc *m = mmc_of(task->lu);
	struct disc *d = mmc_disc(task);
	unsigned function = task->cdb[2] & 0x07, sessions;
	enum disc_status status;
	enum jb_err err;

	if (d == NULL)
		return;
	if (!(disc_medium(d)->close_functions & 1u << function)) {
		task_invalid_field(task, true, 2);
		return;
	}
	sessions = disc_sessions(d);
	status = disc_status(d);
	drive_acts_for(m->drive, scsi_nexus_initiator(task->nexus));
	err = close_disc(m, d, function, get_be16(task->cdb + 4));
	drive_acts_for(m->drive, NULL);
	mmc_fail(task, err);
	/* A closed session has a new empty one behind it, or makes the disc complete. */
	if (err == JB_OK && (disc_sessions(d) != sessions || disc_status(d) != status))
		mmc_recorded(task);
}

/* MMC-6, READ BUFFER CAPACITY.  What was written is in the page cache, so the buffer is always empty. */
void
mmc_read_buffer_capacity(struct scsi_task *task)
{
	enum { IN_BLOCKS = 0x01, BYTES = MMC_BUFFER_KB * 1024 };
	bool blocks = (task->cdb[1] & IN_BLOCKS) != 0;
	struct wbuf w;

	task_reply_begin(task, &w);
	wb_be16(&w, 10);
	wb_u8(&w, 0);
	wb_u8(&w, blocks ? IN_BLOCKS : 0);
	wb_be32(&w, blocks ? 0 : BYTES); /* reserved, in blocks */
	wb_be32(&w, blocks ? BYTES / SECTOR_SIZE : BYTES);
	task_reply_end(task, &w, get_be16(task->cdb + 7));
}
