/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the sectors of WRITE go: to the disc as they are; by a cue sheet, when a session of a CD is
 * written at once; or nowhere, when mode page 05h asks for a test.
 */
#include "target/mmc/unit.h"

enum { BLOCK_TYPE_MASK = 0x0f, BLOCK_XA_FORM_1 = 10 };
enum { TYPE_TAO = 1, TYPE_SAO = 2, TEST_WRITE = 0x10, TYPE_MASK = 0x0f };

bool
mmc_is_test(struct mmc *m)
{
	return (mmc_settings(m)->write[2] & TEST_WRITE) != 0;
}

/* A track's first sector waits until it is durable that the track was begun; the first one of a
 * session at once lays out all of its tracks. */
bool
mmc_begins_track(struct mmc *m, const struct disc *d, uint32_t lba)
{
	const struct mmc_session *s = &mmc_settings(m)->session;
	struct track t;

	if (s->set)
		return !s->begun;
	return disc_track(d, disc_track_at(d, lba), &t) && t.state == TRACK_INVISIBLE;
}

/* From `next` on, at most count sectors that belong together; 0: past the end.  *track: they are its
 * data; else a pause, which has no place in the image. */
static uint32_t
piece(const struct mmc_session *s, uint32_t count, bool *track)
{
	for (unsigned i = 0; i < s->ntracks; i++) {
		int64_t start = s->tracks[i].start, end = start + s->tracks[i].size;
		int64_t n = s->next < start ? start - s->next : end - s->next;

		*track = s->next >= start;
		if (n > 0)
			return n < count ? (uint32_t)n : count;
	}
	return 0;
}

static enum jb_err
record_session(struct mmc *m, struct disc *d, int32_t lba, uint32_t count, const uint8_t *data)
{
	struct mmc_session *s = &mmc_settings(m)->session;
	enum jb_err err = JB_OK;
	bool test = mmc_is_test(m), track = false;

	/* wodim leaves the first pause of an appended session to the drive. */
	if (!s->begun && lba == (int32_t)s->tracks[0].start)
		s->next = lba;
	if (lba != s->next)
		return JB_NOT_NWA;
	if (count > (uint32_t)(s->end - s->next))
		return JB_LBA_RANGE;
	if (!s->begun && !test)
		err = disc_lay_out(d, s->tracks, s->ntracks);
	s->begun = err == JB_OK;
	while (err == JB_OK && count > 0) {
		uint32_t n = piece(s, count, &track);

		if (n == 0)
			return JB_LBA_RANGE;
		if (track && !test)
			err = disc_write(d, (uint32_t)s->next, n, data);
		if (err != JB_OK)
			break;
		s->next += (int32_t)n;
		count -= n;
		data += (size_t)n * SECTOR_SIZE;
	}
	return err;
}

/* As it would be written, from a next writable address on. */
static enum jb_err
record_test(struct mmc *m, const struct disc *d, uint32_t lba, uint32_t count)
{
	struct mmc_settings *s = mmc_settings(m);
	enum jb_err err = JB_OK;

	if (!s->testing || lba != s->test_next)
		err = disc_may_write(d, lba, count);
	else if ((uint64_t)lba + count > disc_capacity(d))
		err = JB_LBA_RANGE;
	if (err == JB_OK) {
		s->testing = true;
		s->test_next = lba + count;
	}
	return err;
}

void
mmc_record(struct scsi_task *task, struct disc *d, uint32_t lba, uint32_t count)
{
	struct mmc *m = mmc_of(task->lu);
	const struct mmc_settings *s = mmc_settings(m);

	if (disc_protected(d))
		mmc_fail(task, JB_PROTECTED);
	else if (s->session.set)
		mmc_fail(task, record_session(m, d, (int32_t)lba, count, task->out));
	else if (disc_medium(d)->family == MEDIUM_CD && disc_status(d) != DISC_COMPLETE &&
		 (s->write[2] & TYPE_MASK) == TYPE_SAO)
		/* COMMAND SEQUENCE ERROR: without a cue sheet */
		task_sense(task, KEY_ILLEGAL_REQUEST, ASC_SEQUENCE, 0x00);
	else if (mmc_is_test(m))
		mmc_fail(task, record_test(m, d, lba, count));
	else {
		disc_next_tracks(d,
			(s->write[4] & BLOCK_TYPE_MASK) == BLOCK_XA_FORM_1 ? CD_MODE2 : CD_MODE1,
			0);
		mmc_fail(task, disc_write(d, lba, count, task->out));
	}
}

/* ---- what SYNCHRONIZE CACHE ends ------------------------------------------------------------- */

/* A session at once ends with its lead-out, a track at once when it is flushed. */
enum mmc_sync
mmc_sync_ends(struct mmc *m, const struct disc *d, unsigned *track)
{
	struct mmc_settings *s = mmc_settings(m);
	struct track t;

	*track = disc_tracks(d);
	if (disc_medium(d)->family != MEDIUM_CD) {
		s->testing = false;
		return SYNC_ONLY;
	}
	if (s->session.set) {
		if (s->session.next != s->session.end)
			return SYNC_ONLY;
		s->session.set = false;
		return mmc_is_test(m) ? SYNC_ONLY : SYNC_SESSION;
	}
	s->testing = false;
	if ((s->write[2] & TYPE_MASK) == TYPE_TAO && disc_track(d, *track, &t) &&
		t.state == TRACK_OPEN && t.recorded > 0)
		return SYNC_TRACK;
	return SYNC_ONLY;
}
