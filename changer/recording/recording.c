/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules by which tracks grow.  If the last begun track is OPEN, it has all the room that is left.
 * If it is not, an invisible track follows it, as long as there is room and the medium allows another
 * track.  The invisible track and its start are never stored: they follow from the other tracks.
 *
 * An OPEN track with nothing recorded was begun for a write that then failed or was lost in a crash.
 * It keeps the disc from becoming blank again.  Otherwise it is like the invisible track: the next
 * write begins it again, with the mode that is set then.
 */
#include "changer/recording/recording.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Returns n rounded up to a multiple of unit, which is not 0. */
static uint64_t
align_up(uint64_t n, uint32_t unit)
{
	return (n + unit - 1) / unit * unit;
}

/* Returns where the next track starts: at a whole ECC block, and after the gap that follows a
 * closed session or a track; 0 on a disc without tracks.  May be past the capacity. */
static uint64_t
next_start(const struct recording *r)
{
	const struct medium *m = r->medium;
	const struct track *last;
	uint64_t start;

	if (r->ntracks == 0)
		return 0;
	last = &r->tracks[r->ntracks - 1];
	start = align_up(track_end(last), m->ecc_block);
	if (last->session > r->closed_sessions)
		return start + m->track_gap;
	return start + medium_session_gap(m, start, r->closed_sessions == 1);
}

/* Returns the last stored track; NULL if there is none. */
static const struct track *
last_track(const struct recording *r)
{
	return r->ntracks == 0 ? NULL : &r->tracks[r->ntracks - 1];
}

/* Returns how many places before their addresses the image has the sectors of the next track: as many as
 * those of the last stored one, because the image goes on where that ends. */
static uint32_t
next_shift(const struct recording *r)
{
	return r->ntracks == 0 ? 0 : r->tracks[r->ntracks - 1].shift;
}

/* Returns true if the last stored track is OPEN. */
static bool
has_open_track(const struct recording *r)
{
	const struct track *last = last_track(r);

	return last != NULL && last->state == TRACK_OPEN;
}

/* Returns true if the open session has a stored track. */
static bool
session_begun(const struct recording *r)
{
	const struct track *last = last_track(r);

	return last != NULL && last->session > r->closed_sessions;
}

unsigned
recording_first_number(const struct recording *r)
{
	return r->ntracks > 0 && r->first_number > 0 ? r->first_number : 1;
}

/* Returns the most tracks that the disc can have: as many as its medium, and on a CD, whose last track
 * has number 99 at most, as follow from the number of the first one. */
static unsigned
max_tracks(const struct recording *r)
{
	return r->medium->max_tracks - (recording_first_number(r) - 1);
}

/* Stores the invisible track in *out.  Returns false, and leaves *out, if there is none: the disc
 * is final or full, has an open track, or has all the tracks or sessions that it can have. */
static bool
invisible_track(const struct recording *r, struct track *out)
{
	uint64_t start;

	if (r->final || has_open_track(r) || r->ntracks >= max_tracks(r) ||
		r->closed_sessions >= r->medium->max_sessions)
		return false;
	start = next_start(r);
	if (start >= r->capacity)
		return false;
	*out = (struct track){
		.state = TRACK_INVISIBLE,
		.session = (uint16_t)(r->closed_sessions + 1),
		.start = (uint32_t)start,
		.size = r->capacity - (uint32_t)start,
		.shift = next_shift(r),
	};
	return true;
}

/* Returns true if the medium can be written anywhere, once it is formatted. */
static bool
writes_anywhere(const struct recording *r)
{
	return r->medium->writing == WRITES_ANYWHERE;
}

bool
recording_add_track(struct recording *r, const struct track *t)
{
	struct track *grown = reallocarray(r->tracks, r->ntracks + 1, sizeof(*grown));

	if (grown == NULL)
		return false;
	r->tracks = grown;
	if (r->ntracks == 0)
		r->first_number = 0;
	r->tracks[r->ntracks++] = *t;
	recording_forget_indices(r, track_first(t));
	return true;
}

/* ---- life ---------------------------------------------------------------------------------- */

void
recording_fini(struct recording *r)
{
	free(r->tracks);
	r->tracks = NULL;
	r->ntracks = 0;
	free(r->text);
	r->text = NULL;
	r->ntext = 0;
	free(r->sheet);
	r->sheet = NULL;
	free(r->indices);
	r->indices = NULL;
	r->nindices = 0;
}

/* Copies the indices of r to *out, which must have none.  Returns false if memory is missing. */
static bool
copy_indices(const struct recording *r, struct recording *out)
{
	if (r->nindices == 0)
		return true;
	out->indices = calloc(r->nindices, sizeof(*out->indices));
	if (out->indices == NULL)
		return false;
	memcpy(out->indices, r->indices, r->nindices * sizeof(*out->indices));
	out->nindices = r->nindices;
	return true;
}

enum jb_err
recording_copy(const struct recording *r, struct recording *out)
{
	struct recording copy = *r;

	copy.text = NULL;
	copy.sheet = NULL;
	copy.indices = NULL;
	copy.nindices = 0;
	copy.tracks = calloc(r->ntracks + 1, sizeof(*copy.tracks));
	if (copy.tracks == NULL)
		return JB_NO_MEMORY;
	if (r->ntracks > 0)
		memcpy(copy.tracks, r->tracks, r->ntracks * sizeof(*copy.tracks));
	if (recording_set_text(&copy, r->text, r->ntext) != JB_OK ||
		recording_set_sheet(&copy, r->sheet) != JB_OK || !copy_indices(r, &copy)) {
		recording_fini(&copy);
		return JB_NO_MEMORY;
	}
	*out = copy;
	return JB_OK;
}

/* ---- what there is --------------------------------------------------------------------------- */

bool
recording_is_formatted(const struct recording *r)
{
	return r->ntracks > 0 && r->tracks[0].state == TRACK_FORMATTED;
}

bool
recording_end_is_known(const struct recording *r, uint64_t *left)
{
	bool known = false;

	*left = 0;
	for (unsigned i = 0; i < r->ntracks; i++) {
		const struct track *t = &r->tracks[i];

		if (t->state == TRACK_OPEN || t->state == TRACK_FORMATTED)
			return false;
		if (t->state != TRACK_RESERVED)
			continue;
		known = true;
		*left += t->pregap + t->size - t->recorded;
	}
	return known;
}

uint32_t
recording_room(const struct recording *r)
{
	return recording_is_formatted(r) ? r->tracks[0].size : r->capacity + r->overburned;
}

uint64_t
recording_limit(const struct recording *r)
{
	uint64_t room = recording_room(r), end = (uint64_t)r->capacity + r->overburn;

	if (r->medium->family != MEDIUM_CD || r->medium->writing != WRITES_IN_ORDER)
		return room;
	if (end > medium_largest(r->medium))
		end = medium_largest(r->medium);
	return end > room ? end : room;
}

bool
recording_is_unrecorded(const struct recording *r)
{
	return r->ntracks == 0 || (recording_is_formatted(r) && recording_end(r) == 0);
}

bool
recording_is_sealed(const struct recording *r)
{
	return r->final && r->medium->kind != MEDIUM_REWRITABLE;
}

enum disc_status
recording_status(const struct recording *r)
{
	if (recording_is_formatted(r))
		return r->medium->is_other ? DISC_OTHERS : DISC_COMPLETE;
	if (r->final)
		return DISC_COMPLETE;
	/* A write-once disc with spare areas is not blank, though nothing is recorded on it. */
	return r->ntracks == 0 && r->spare == SPARE_NONE ? DISC_BLANK : DISC_APPENDABLE;
}

enum session_state
recording_last_session_state(const struct recording *r)
{
	if (r->final || recording_is_formatted(r))
		return SESSION_COMPLETE;
	return session_begun(r) ? SESSION_INCOMPLETE : SESSION_EMPTY;
}

unsigned
recording_sessions(const struct recording *r)
{
	return r->closed_sessions + (r->final || recording_is_formatted(r) ? 0u : 1u);
}

unsigned
recording_tracks(const struct recording *r)
{
	struct track t;

	return r->ntracks + (invisible_track(r, &t) ? 1u : 0u);
}

bool
recording_track(const struct recording *r, unsigned number, struct track *out)
{
	if (number == 0)
		return false;
	if (number <= r->ntracks) {
		*out = r->tracks[number - 1];
		return true;
	}
	return number == r->ntracks + 1 && invisible_track(r, out);
}

unsigned
recording_track_at(const struct recording *r, uint32_t lba)
{
	struct track t;

	for (unsigned n = 1; recording_track(r, n, &t); n++)
		if (lba >= track_first(&t) && lba < track_end(&t))
			return n;
	return 0;
}

unsigned
recording_first_track_of(const struct recording *r, unsigned session)
{
	struct track t;

	for (unsigned n = 1; recording_track(r, n, &t); n++)
		if (t.session == session)
			return n;
	return 0;
}

bool
track_nwa(const struct track *t, uint32_t *nwa)
{
	if (t->state >= TRACK_CLOSED || t->recorded >= t->pregap + (uint64_t)t->size)
		return false;
	*nwa = track_first(t) + t->recorded;
	return true;
}

/* Stores the next writable address.  Goes backwards from the last track, because there may be
 * thousands before the open session. */
bool
recording_nwa(const struct recording *r, uint32_t *nwa)
{
	bool any = false;
	struct track t;

	for (unsigned n = r->final ? 0 : recording_tracks(r);
		n > 0 && recording_track(r, n, &t) && t.session > r->closed_sessions; n--)
		any = track_nwa(&t, nwa) || any;
	return any;
}

uint32_t
recording_end(const struct recording *r)
{
	/* The last tracks may be reserved and still empty. */
	for (unsigned i = r->ntracks; i > 0; i--) {
		const struct track *t = &r->tracks[i - 1];

		if (t->recorded > 0)
			return track_first(t) + t->recorded;
	}
	return 0;
}

/* Returns the capacity for READ CAPACITY: 0 on a blank.  It does not grow into a session that is
 * being written, whose file system is not there yet: the kernel takes the result as the size of the
 * device, and libburn as the readable range.  But until the first session is closed there is nothing
 * else to read: programs verify what they wrote, or leave the session open for good. */
uint32_t
recording_readable_capacity(const struct recording *r)
{
	for (unsigned i = r->ntracks; i > 0; i--) {
		const struct track *t = &r->tracks[i - 1];

		if (t->session <= r->closed_sessions)
			return t->start + t->size;
	}
	return recording_end(r);
}

/* ---- reading and writing --------------------------------------------------------------------- */

/* Checks whether these sectors may be read.  For unwritten sectors of a reserved track, the error is
 * the one whose sense is ILLEGAL MODE FOR THIS TRACK, as from real drives. */
enum jb_err
recording_may_read(const struct recording *r, uint32_t lba, uint32_t count)
{
	uint64_t end = (uint64_t)lba + count;
	uint32_t recorded_end = recording_end(r);

	/* The whole disc, with zeros where nothing is recorded: programs look for a file system there. */
	if (recording_is_formatted(r))
		return end <= r->tracks[0].size ? JB_OK : JB_LBA_RANGE;
	if (recorded_end == 0 && count > 0)
		return JB_BLANK;
	if (end > recorded_end)
		return JB_LBA_RANGE;
	for (unsigned i = 0; count > 0 && i < r->ntracks; i++) {
		const struct track *t = &r->tracks[i];
		uint64_t blank = (uint64_t)track_first(t) + t->recorded;
		uint64_t blank_end = track_end(t);

		if (t->state == TRACK_RESERVED && blank < blank_end && lba < blank_end &&
			end > blank)
			return JB_BLANK;
	}
	return JB_OK;
}

/* Finds the track whose next writable address is lba, and stores it in *out.  Returns its number; 0 if
 * there is none, and *out then means nothing.  If the track has all the room that is left, its size in
 * *out is that up to recording_limit. */
static unsigned
track_written_at(const struct recording *r, uint32_t lba, struct track *out)
{
	uint32_t nwa, limit = (uint32_t)recording_limit(r);

	for (unsigned n = 1; recording_track(r, n, out); n++) {
		if (out->state != TRACK_RESERVED && out->start + (uint64_t)out->size < limit)
			out->size = limit - out->start;
		if (track_nwa(out, &nwa) && nwa == lba)
			return n;
	}
	return 0;
}

/* Returns the error of a write that is not at the next writable address of any track: JB_LBA_RANGE
 * if it reaches past the capacity, JB_NO_MORE_TRACKS if it is where a track too many would start,
 * else JB_NOT_NWA. */
static enum jb_err
no_track_to_write(const struct recording *r, uint32_t lba, uint32_t count)
{
	if ((uint64_t)lba + count > recording_limit(r))
		return JB_LBA_RANGE;
	if (r->ntracks >= max_tracks(r) && !has_open_track(r) && lba == next_start(r))
		return JB_NO_MORE_TRACKS;
	return JB_NOT_NWA;
}

/* Finds the track where these recorded sectors may be written again (BD-R with pseudo-overwrite).
 * The first sector must be recorded; in an open or reserved track the write may go on past what is
 * recorded.  Returns its number; 0 if there is none, or the disc has no pseudo-overwrite. */
static unsigned
track_overwritten_at(const struct recording *r, uint32_t lba, uint32_t count)
{
	if (r->spare != SPARE_POW)
		return 0;
	for (unsigned i = 0; i < r->ntracks; i++) {
		const struct track *t = &r->tracks[i];
		uint64_t end =
			(uint64_t)t->start + (t->state == TRACK_CLOSED ? t->recorded : t->size);

		if (lba >= t->start && lba - t->start < t->recorded && (uint64_t)lba + count <= end)
			return i + 1;
	}
	return 0;
}

/* Checks a write to a disc whose medium can be written anywhere.  Returns JB_NOT_FORMATTED if the
 * disc is not formatted, JB_LBA_RANGE if the sectors reach past its formatted area; else JB_OK. */
static enum jb_err
may_write_anywhere(const struct recording *r, uint32_t lba, uint32_t count)
{
	if (!recording_is_formatted(r))
		return JB_NOT_FORMATTED;
	return (uint64_t)lba + count <= r->tracks[0].size ? JB_OK : JB_LBA_RANGE;
}

enum jb_err
recording_may_write(const struct recording *r, uint32_t lba, uint32_t count, bool *begins)
{
	struct track t;

	*begins = false;
	if (writes_anywhere(r))
		return may_write_anywhere(r, lba, count);
	if (r->final)
		return JB_NOT_WRITABLE;
	if (track_overwritten_at(r, lba, count) != 0)
		return JB_OK;
	if (track_written_at(r, lba, &t) == 0)
		return no_track_to_write(r, lba, count);
	if ((uint64_t)lba + count > track_end(&t))
		return JB_LBA_RANGE;
	*begins = count > 0 && track_begins(&t);
	return JB_OK;
}

/* Raises t->recorded so that the track is recorded up to the address `end` at least.  The track
 * must have no pregap. */
static void
raise_recorded(struct track *t, uint64_t end)
{
	if (end - t->start > t->recorded)
		t->recorded = (uint32_t)(end - t->start);
}

/* Extends a track that is recorded beyond its end to what is recorded, and raises r->overburned
 * accordingly.  Does nothing for any other track. */
static void
extend(struct recording *r, struct track *t)
{
	uint64_t end = track_first(t) + (uint64_t)t->recorded;

	if (end <= track_end(t))
		return;
	t->size = (uint32_t)(end - t->start);
	r->overburned = (uint32_t)(end - r->capacity);
}

enum jb_err
recording_written(struct recording *r, uint32_t lba, uint32_t count)
{
	struct track t;
	unsigned number;
	bool begins;
	enum jb_err err = recording_may_write(r, lba, count, &begins);

	if (err == JB_OK && count > 0) {
		number = writes_anywhere(r) ? 1 : track_overwritten_at(r, lba, count);
		if (number != 0) {
			raise_recorded(&r->tracks[number - 1], (uint64_t)lba + count);
			return JB_OK;
		}
	}

	if (err == JB_OK && begins)
		err = recording_begin_track(r);
	if (err != JB_OK || count == 0)
		return err;
	number = track_written_at(r, lba, &t);
	assert(number >= 1 && number <= r->ntracks);
	r->tracks[number - 1].recorded += count;
	extend(r, &r->tracks[number - 1]);
	return JB_OK;
}

enum jb_err
recording_begin_track(struct recording *r)
{
	struct track t;

	if (r->final)
		return JB_NOT_WRITABLE;
	recording_drop_empty_open_track(r);
	if (!invisible_track(r, &t))
		return JB_NO_MORE_TRACKS;
	t.state = TRACK_OPEN;
	t.mode = r->next_mode;
	t.control = r->next_control;
	memcpy(t.isrc, r->next_isrc, sizeof(t.isrc));
	if (!recording_add_track(r, &t))
		return JB_NO_MEMORY;
	r->minimal = false;
	return JB_OK;
}

/* Returns true if the tracks of the layout fit as a session at once: from the start of the invisible
 * track on, ascending, each with a sector or more, within recording_limit, and no track too many.
 * Returns false also for no tracks. */
static bool
fits_session(const struct recording *r, const struct disc_layout *layout)
{
	const struct track *tracks = layout->tracks;
	unsigned n = layout->ntracks, most = max_tracks(r) - r->ntracks;
	uint64_t end;
	struct track t;

	if (r->ntracks == 0 && layout->first_number > 1)
		most = layout->first_number > CD_NUMBER_MAX ? 0 : most - (layout->first_number - 1);
	if (n == 0 || !invisible_track(r, &t) || tracks[0].pregap > tracks[0].start ||
		track_first(&tracks[0]) != t.start || n > most)
		return false;
	end = t.start;
	for (unsigned i = 0; i < n; i++) {
		if (tracks[i].pregap > tracks[i].start || track_first(&tracks[i]) < end ||
			tracks[i].size == 0)
			return false;
		end = track_end(&tracks[i]);
	}
	return end <= recording_limit(r);
}

/* Adds t as a reserved track of the open session, with the layout's indices from *index on that are
 * in it; raises *index past them.  Returns JB_LBA_RANGE if an index is before the track or out of
 * order, JB_NO_MEMORY. */
static enum jb_err
lay_out_track(
	struct recording *r, struct track t, const struct disc_layout *layout, unsigned *index)
{
	enum jb_err err = JB_OK;

	t.state = TRACK_RESERVED;
	t.session = (uint16_t)(r->closed_sessions + 1);
	t.recorded = 0;
	t.shift = next_shift(r);
	t.control &= CD_CONTROL_BITS;
	if (!cd_isrc_is_valid(t.isrc))
		t.isrc[0] = '\0';
	if (!recording_add_track(r, &t))
		return JB_NO_MEMORY;
	for (; err == JB_OK && *index < layout->nindices && layout->indices[*index] < track_end(&t);
		++*index)
		err = recording_add_index(r, layout->indices[*index]);
	return err;
}

enum jb_err
recording_lay_out(struct recording *r, const struct disc_layout *layout)
{
	enum jb_err err = JB_OK;
	unsigned before, index = 0;
	uint64_t end;

	if (r->final)
		return JB_NOT_WRITABLE;
	recording_drop_empty_open_track(r);
	if (session_begun(r) || !fits_session(r, layout))
		return JB_LBA_RANGE;
	before = r->ntracks;
	for (unsigned i = 0; err == JB_OK && i < layout->ntracks; i++)
		err = lay_out_track(r, layout->tracks[i], layout, &index);
	if (err == JB_OK && index < layout->nindices)
		err = JB_LBA_RANGE;
	if (err != JB_OK) {
		r->ntracks = before;
		return err;
	}
	if (before == 0)
		r->first_number = (uint8_t)layout->first_number;
	end = track_end(&r->tracks[r->ntracks - 1]);
	if (end > (uint64_t)r->capacity + r->overburned)
		r->overburned = (uint32_t)(end - r->capacity);
	r->minimal = false;
	return JB_OK;
}

void
recording_drop_empty_open_track(struct recording *r)
{
	if (has_open_track(r) && r->tracks[r->ntracks - 1].recorded == 0)
		r->ntracks--;
}

enum jb_err
recording_reserve(struct recording *r, uint32_t sectors)
{
	const struct track *last = last_track(r);
	struct track t;
	uint64_t size;

	if (!r->medium->can_reserve || sectors == 0)
		return JB_NOT_SUPPORTED;
	if (r->final)
		return JB_NOT_WRITABLE;
	/* An OPEN track has all the room that is left (MMC-6 6.32: close it first).  An empty one
	 * becomes the reserved track, in place, so that this cannot fail half-way. */
	if (has_open_track(r)) {
		if (last->recorded > 0)
			return JB_NO_MORE_TRACKS;
		t = *last;
	} else if (!invisible_track(r, &t)) {
		return JB_NO_MORE_TRACKS;
	}
	if (sectors > t.size)
		return JB_LBA_RANGE;
	size = align_up(sectors, r->medium->ecc_block);
	/* The capacity of a disc may be one that a user chose, and end within an ECC block. */
	if (size > t.size)
		size = t.size;
	t.state = TRACK_RESERVED;
	t.mode = r->next_mode;
	t.control = r->next_control;
	memcpy(t.isrc, r->next_isrc, sizeof(t.isrc));
	t.size = (uint32_t)size;
	r->minimal = false;
	if (has_open_track(r)) {
		r->tracks[r->ntracks - 1] = t;
		return JB_OK;
	}
	return recording_add_track(r, &t) ? JB_OK : JB_NO_MEMORY;
}
