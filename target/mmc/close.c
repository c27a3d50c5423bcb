/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What burning needs beside WRITE: reserving and closing tracks, flushing, calibration.
 *
 * All of it may be asked for with IMMED, which allows an answer before it is done; programs then
 * poll TEST UNIT READY.  Here it is answered when it is done, which the standard allows as well.
 */
#include "changer/base/be.h"
#include "target/mmc/unit.h"

/*
 * Mode page 05h with no further session (MMC-6 7.5, Multi-session): closing the session finalizes
 * the disc.  That is how DVD-R is finalized.  DVD+R has functions of its own for it, so drives leave
 * the field alone; but wodim, which writes a session at once, has no other way to say what its user
 * asked for.  It does not close the track, by which it is told from programs that know the medium: the
 * page may be what a look at the disc with wodim -atip has left.  Only a page that an initiator sent for
 * this medium counts.
 */
static bool
wants_last_session(const struct mmc_settings *s, const struct disc *d)
{
	const struct medium *medium = disc_medium(d);
	struct track t;

	if (!s->write_selected || s->write[3] >> WRITE_MULTI_SHIFT == WRITE_MULTI_ALLOWED)
		return false;
	if (medium->has_page_sessions)
		return true;
	if (medium->final_functions == 0 || mmc_write_type(s) != WRITE_SAO)
		return false;
	for (unsigned n = disc_first_track_of(d, disc_sessions(d)); disc_track(d, n, &t); n++)
		if (t.state != TRACK_CLOSED && t.recorded > 0)
			return true;
	return false;
}

/* DVD-R, disc at once: the track that was reserved for all of it is full. */
static bool
session_is_written(const struct mmc_settings *s, const struct disc *d)
{
	struct track t;

	if (!disc_medium(d)->has_disc_at_once || !mmc_wants_disc_at_once(s) ||
		disc_last_session_state(d) != SESSION_INCOMPLETE)
		return false;
	for (unsigned n = disc_first_track_of(d, disc_sessions(d)); disc_track(d, n, &t); n++)
		if (t.state == TRACK_RESERVED)
			return track_is_full(&t, disc_medium(d));
	return false;
}

/* MMC-6, SYNCHRONIZE CACHE.  It ends what is recorded disc at once, with border-out or lead-out, and
 * a track at once. */
void
mmc_synchronize_cache(struct scsi_task *task)
{
	enum { CLOSE_TRACK = 1, CLOSE_SESSION = 2 };
	struct mmc *m = mmc_of(task->lu);
	struct disc *d = mmc_disc(task);
	struct mmc_settings *s = mmc_settings(m);
	enum mmc_sync ends;
	enum jb_err err;
	unsigned track;

	if (d == NULL || !mmc_fault_command(task, FAULT_SYNC))
		return;
	ends = mmc_sync_ends(s, d, &track);
	if (session_is_written(s, d))
		ends = SYNC_SESSION;
	if (disc_protected(d) || ends == SYNC_ONLY) {
		mmc_finish(task, disc_sync(d));
		return;
	}
	drive_acts_for(m->drive, scsi_nexus_initiator(task->nexus));
	if (ends == SYNC_TRACK)
		err = disc_close(d, CLOSE_TRACK, track);
	else if (wants_last_session(s, d))
		err = disc_finalize(d);
	else
		err = disc_close(d, CLOSE_SESSION, 0);
	drive_acts_for(m->drive, NULL);
	mmc_finish(task, err);
	if (err == JB_OK && ends == SYNC_SESSION)
		mmc_recorded(task);
}

/* MMC-6, RESERVE TRACK */
void
mmc_reserve_track(struct scsi_task *task)
{
	enum { ADDRESS_RESERVATION = 0x01 };
	struct disc *d = mmc_disc(task);
	uint32_t sectors = get_be32(task->cdb + 5);
	struct mmc_write w;

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
	/* What is then written as a test is recorded nowhere, and so has no track. */
	mmc_write_begin(&w, mmc_of(task->lu), d);
	if (!w.test)
		mmc_finish(task, mmc_write_reserve(&w, sectors));
}

/* MMC-6, SEND OPC INFORMATION: there is no laser whose power would have to be found. */
void
mmc_send_opc(struct scsi_task *task)
{
	struct disc *d = mmc_disc(task);

	task->out_want = get_be16(task->cdb + 7); /* power values for speeds: not needed either */
	if (d == NULL || !mmc_fault_command(task, FAULT_OPC))
		return;
	if (disc_medium(d)->writing != WRITES_ANYWHERE && disc_status(d) == DISC_COMPLETE)
		mmc_fail(task, JB_NOT_WRITABLE);
}

static enum jb_err
close_disc(struct mmc *m, struct disc *d, unsigned function, unsigned track)
{
	enum { CLOSE_TRACK = 1, CLOSE_SESSION = 2, TRACK_LAST = 0xff };

	if (disc_medium(d)->writing == WRITES_IN_ORDER &&
		jb_setting_bool(drive_jukebox(m->drive), JB_SET_DRIVE_FINALIZE_AS_ROM,
			drive_number(m->drive)))
		return disc_turn_into_rom(d);
	/* wodim closes the track it wrote by the number of the invisible one. */
	if (function == CLOSE_TRACK && track == TRACK_LAST && disc_tracks(d) < TRACK_LAST)
		track = disc_tracks(d);
	if (function == CLOSE_SESSION && wants_last_session(mmc_settings(m), d))
		return disc_finalize(d);
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
	if (!mmc_fault_command(task, FAULT_CLOSE))
		return;
	/* Nothing was recorded that could be closed; what was written before the test is durable. */
	if (mmc_is_test(mmc_settings(m), d)) {
		mmc_finish(task, disc_sync(d));
		return;
	}
	sessions = disc_sessions(d);
	status = disc_status(d);
	drive_acts_for(m->drive, scsi_nexus_initiator(task->nexus));
	err = close_disc(m, d, function, get_be16(task->cdb + 4));
	drive_acts_for(m->drive, NULL);
	mmc_finish(task, err);
	/* A closed session has a new empty one behind it, or makes the disc complete.  Where data is
	 * overwritten programs close tracks only, and that makes the disc larger. */
	if (err == JB_OK && (disc_sessions(d) != sessions || disc_status(d) != status ||
				    disc_spare_format(d) == SPARE_POW))
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
