/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Closing tracks, sessions and discs; and what a crash has closed.
 */
#include "changer/recording/recording.h"

/* A disc that can take nothing more is final, whether somebody asked for it or not. */
static void
settle(struct recording *r)
{
	if (recording_last_session_state(r) == SESSION_EMPTY && recording_tracks(r) == r->ntracks)
		r->final = true;
}

bool
track_is_full(const struct track *t, const struct medium *m)
{
	return t->recorded > 0 && t->pregap + (uint64_t)t->size - t->recorded < m->ecc_block;
}

/* What was written, to the sector, stays the track; only a reserved one left unfinished is padded
 * to its size. */
static void
close_begun_track(const struct recording *r, struct track *t)
{
	if (t->state == TRACK_OPEN || track_is_full(t, r->medium))
		t->size = t->recorded - t->pregap;
	t->recorded = t->pregap + t->size;
	t->state = TRACK_CLOSED;
}

/* Close function 1.  Harmless where there is nothing to close: programs close what they have not
 * looked at, and repeat themselves. */
static enum jb_err
close_track(struct recording *r, unsigned number)
{
	struct track t;

	if (!recording_track(r, number, &t))
		return JB_BAD_TRACK;
	if (t.state == TRACK_INVISIBLE || t.state == TRACK_CLOSED)
		return JB_OK;
	if (t.recorded == 0)
		return t.state == TRACK_RESERVED ? JB_TRACK_EMPTY : JB_OK;
	close_begun_track(r, &r->tracks[number - 1]);
	return JB_OK;
}

/* Close function 2.  The one that a disc is finalized with comes by here too. */
static enum jb_err
close_session(struct recording *r)
{
	bool recorded = false;

	for (unsigned i = 0; i < r->ntracks; i++) {
		const struct track *t = &r->tracks[i];

		if (t->session <= r->closed_sessions)
			continue;
		if (t->state == TRACK_RESERVED && !track_is_full(t, r->medium))
			return JB_TRACK_INCOMPLETE;
		recorded = recorded || t->recorded > 0;
	}
	if (!recorded)
		return JB_OK;
	recording_drop_empty_open_track(r);
	for (unsigned i = 0; i < r->ntracks; i++)
		if (r->tracks[i].state != TRACK_CLOSED)
			close_begun_track(r, &r->tracks[i]);
	r->closed_sessions++;
	settle(r);
	return JB_OK;
}

enum jb_err
recording_finalize(struct recording *r)
{
	enum jb_err err;

	if (r->final)
		return JB_OK;
	if (r->medium->writing == WRITES_ANYWHERE)
		return JB_NOT_SUPPORTED;
	err = close_session(r);
	if (err != JB_OK)
		return err;
	/* A complete disc without a session would be one that nothing can read. */
	if (r->closed_sessions == 0)
		return JB_TRACK_EMPTY;
	recording_drop_empty_open_track(r);
	r->final = true;
	return JB_OK;
}

/*
 * A reserved track that is closed unfinished counts as recorded up to its end: the caller lengthens
 * the image to recording_end before it stores this.
 */
enum jb_err
recording_close(struct recording *r, unsigned function, unsigned track)
{
	const struct medium *m = r->medium;

	if (function >= 16 || (m->close_functions & 1u << function) == 0)
		return JB_NOT_SUPPORTED;
	if (r->medium->writing == WRITES_ANYWHERE) {
		if (function != 1)
			recording_stop_background(r);
		return JB_OK;
	}
	if ((m->final_functions & 1u << function) != 0)
		return recording_finalize(r);
	if (function == 1)
		return close_track(r, track);
	return r->final ? JB_OK : close_session(r);
}

bool
recording_cut(struct recording *r, uint64_t image_sectors)
{
	for (unsigned i = 0; i < r->ntracks; i++) {
		const struct track *t = &r->tracks[i];

		if (t->state == TRACK_CLOSED && track_end(t) - t->shift > image_sectors)
			return false;
	}
	for (unsigned i = 0; i < r->ntracks; i++) {
		struct track *t = &r->tracks[i];

		/* A closed one has its place, shifted or not. */
		if (t->state == TRACK_CLOSED)
			continue;
		if (track_first(t) >= image_sectors)
			t->recorded = 0;
		else if (t->recorded > image_sectors - track_first(t))
			t->recorded = (uint32_t)(image_sectors - track_first(t));
	}
	return true;
}
