/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Closing tracks, sessions and discs, and correcting them after a crash. */
#include "changer/recording/recording.h"

/* Makes the disc final if its open session is empty and no track can be begun in it.  Else does
 * nothing. */
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

/* Closes a track in which something is recorded.  It ends at the last sector written, if it is open
 * or full; else, reserved and not full, it keeps its whole size and counts as recorded up to there. */
static void
close_begun_track(const struct recording *r, struct track *t)
{
	if (t->state == TRACK_OPEN || track_is_full(t, r->medium))
		t->size = t->recorded - t->pregap;
	t->recorded = t->pregap + t->size;
	t->state = TRACK_CLOSED;
}

/* Does close function 1 for the track of that number, from 1.  Returns JB_BAD_TRACK if there is no
 * such track, JB_TRACK_EMPTY if it is reserved and nothing is recorded in it.  If there is nothing
 * to close, returns JB_OK: programs close tracks without looking, and do it twice. */
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

/* Does close function 2: closes all tracks of the open session, and raises closed_sessions.  Drops
 * an open track without data.  Returns JB_TRACK_INCOMPLETE, and changes nothing, if a reserved
 * track is not full.  If nothing is recorded in the session, returns JB_OK and changes nothing. */
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
	/* A complete disc without a session would be unreadable. */
	if (r->closed_sessions == 0)
		return JB_TRACK_EMPTY;
	recording_drop_empty_open_track(r);
	r->final = true;
	return JB_OK;
}

/* Does CLOSE TRACK/SESSION.  Counts a reserved track that is closed before it is full as recorded up
 * to its end, so the caller must lengthen the image to recording_bytes before it stores the
 * recording. */
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
		uint32_t first = track_first(t) - t->shift;

		/* A closed track keeps its place.  All sectors of any other one are in the image. */
		if (t->state == TRACK_CLOSED)
			continue;
		if (first >= image_sectors)
			t->recorded = 0;
		else if (t->recorded > image_sectors - first)
			t->recorded = (uint32_t)(image_sectors - first);
	}
	return true;
}
