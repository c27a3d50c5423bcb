/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commands that burning needs besides WRITE: reserving and closing tracks, flushing, calibration.
 *
 * With IMMED a drive may answer each before it is done, and programs then poll TEST UNIT READY.  Here each
 * command is answered when it is done, which MMC-6 allows too.
 */
#include "changer/base/be.h"
#include "target/mmc/unit.h"

/*
 * Returns true if closing the session must also finalize the disc, because the Multi-session field of
 * mode page 05h allows no further session (MMC-6 7.5).  Returns false if no initiator has sent that page for
 * this medium, as the default allows further sessions.
 *
 * DVD-R is finalized in this way.  DVD+R has close functions for it, and real drives ignore the field
 * there.  But wodim, when it writes a session at once, has no other way to ask for it.  So on DVD+R the
 * field counts only if a recorded track is not closed, as wodim leaves it.  Programs that know DVD+R close
 * the track first; for them the page may be what an earlier `wodim -atip` has left.
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

/* Returns true if a DVD-R or DVD-RW is written disc at once (mode page 05h), and the first reserved track
 * of its open session is full; false if there is no such track. */
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

/*
 * Carries out SYNCHRONIZE CACHE (MMC-6).  Applies the fault rules `sync`, makes the disc durable, and ends a
 * test write.  If the disc is not protected, also closes a CD track at once that is recorded, or a session at
 * once that is completely written; finalizes the disc instead if wants_last_session says so.  If it closed a
 * session, calls mmc_recorded.
 */
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
	if (ends == SYNC_TRACK)
		err = disc_close(d, CLOSE_TRACK, track);
	else if (wants_last_session(s, d))
		err = disc_finalize(d);
	else
		err = disc_close(d, CLOSE_SESSION, 0);
	mmc_finish(task, err);
	if (err == JB_OK && ends == SYNC_SESSION)
		mmc_recorded(task);
}

/* Carries out RESERVE TRACK (MMC-6), for a number of sectors.  Refuses a reservation by address, and 0
 * sectors.  If mode page 05h asks for a test write, does nothing; else ends with the result of
 * mmc_write_reserve. */
void
mmc_reserve_track(struct scsi_task *task)
{
	enum { ADDRESS_RESERVATION = 0x01 };
	struct disc *d = mmc_disc(task);
	uint32_t sectors = get_be32(task->cdb + 5);
	struct mmc_write w;

	if (d == NULL)
		return;
	if (task->cdb[1] & ADDRESS_RESERVATION) { /* would split a reserved track of a BD-R */
		task_invalid_field(task, true, 1);
		return;
	}
	if (sectors == 0) {
		task_invalid_field(task, true, 5);
		return;
	}
	/* A test write records nothing, so it needs no track. */
	mmc_write_begin(&w, mmc_of(task->lu), d);
	if (!w.test)
		mmc_finish(task, mmc_write_reserve(&w, sectors));
}

/* Carries out SEND OPC INFORMATION (MMC-6).  Applies the fault rules `opc`, and else does nothing, since
 * there is no laser to calibrate; ignores its data.  Fails with JB_NOT_WRITABLE if the disc is complete
 * and cannot be overwritten. */
void
mmc_send_opc(struct scsi_task *task)
{
	struct disc *d = mmc_disc(task);

	task->out_want = get_be16(task->cdb + 7); /* OPC values for each speed; ignored */
	if (d == NULL || !mmc_fault_command(task, FAULT_OPC))
		return;
	if (disc_medium(d)->writing != WRITES_ANYWHERE && disc_status(d) == DISC_COMPLETE)
		mmc_fail(task, JB_NOT_WRITABLE);
}

/* Closes a track or session by the close function in CLOSE TRACK SESSION.  `track` is the number in the
 * CDB; FFh stands for the last track.  Finalizes the disc instead of closing its session if
 * wants_last_session says so.  If the setting finalize-as-rom is on and the disc is written in order,
 * turns it into a pressed disc instead, whatever the function is.  Returns the error of the model's
 * function that it calls. */
static enum jb_err
close_disc(struct mmc *m, struct disc *d, unsigned function, unsigned track)
{
	enum { CLOSE_TRACK = 1, CLOSE_SESSION = 2, TRACK_LAST = 0xff };

	if (disc_medium(d)->writing == WRITES_IN_ORDER &&
		jb_setting_bool(drive_jukebox(m->drive), JB_SET_DRIVE_FINALIZE_AS_ROM,
			drive_number(m->drive)))
		return disc_turn_into_rom(d);
	/* wodim gives the number of the invisible track (FFh) for the track that it wrote. */
	if (function == CLOSE_TRACK && track == TRACK_LAST && disc_tracks(d) < TRACK_LAST)
		track = disc_tracks(d);
	else
		track = mmc_track_of(d, track);
	if (function == CLOSE_SESSION && wants_last_session(mmc_settings(m), d))
		return disc_finalize(d);
	return disc_close(d, function, track);
}

/*
 * Carries out CLOSE TRACK SESSION (MMC-6 6.3).  Refuses a close function that the medium does not have, and
 * applies the fault rules `close`.  If mode page 05h asks for a test write, only makes earlier writes
 * durable.  After success calls mmc_recorded if the number of sessions or the disc's status has changed, and
 * always on a BD-R with pseudo-overwrite.
 */
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
	/* A test write recorded nothing that can be closed; only make earlier writes durable. */
	if (mmc_is_test(mmc_settings(m), d)) {
		mmc_finish(task, disc_sync(d));
		return;
	}
	sessions = disc_sessions(d);
	status = disc_status(d);
	err = close_disc(m, d, function, get_be16(task->cdb + 4));
	mmc_finish(task, err);
	/* A closed session has changed the number of sessions or the disc's status.  On a BD-R with
	 * pseudo-overwrite programs close only tracks, and that makes the readable part larger. */
	if (err == JB_OK && (disc_sessions(d) != sessions || disc_status(d) != status ||
				    disc_spare_format(d) == SPARE_POW))
		mmc_recorded(task);
}

/* Carries out READ BUFFER CAPACITY (MMC-6), in bytes or, if the CDB asks for it, in blocks of 2048.
 * Reports an empty buffer of MMC_BUFFER_KB: written data is already in the page cache. */
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
