/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Formatting and blanking: what they make of a recording. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "changer/medium.h"
#include "changer/recording/recording.h"

/* A number of blocks in a format descriptor that asks for as many as possible. */
static const uint32_t all_blocks = 0xffffffff;

/* Replaces the tracks of *r by the one track of a formatted medium, with `sectors` sectors or as
 * many as the capacity, of which the first `recorded` are recorded.  Clears r->final; a format in
 * the background counts as complete.  Returns JB_NO_MEMORY, and changes nothing, if memory is
 * missing. */
static enum jb_err
make_formatted(struct recording *r, uint32_t sectors, uint32_t recorded)
{
	struct track *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return JB_NO_MEMORY;
	/* The capacity of a disc may be one that a user chose, and smaller than any format of its
	 * medium. */
	*t = (struct track){
		.state = TRACK_FORMATTED,
		.session = 1,
		.size = sectors < r->capacity ? sectors : r->capacity,
		.mode = r->next_mode == CD_MODE2 ? CD_MODE2 : CD_MODE1,
		.recorded = recorded,
	};
	free(r->tracks);
	r->tracks = t;
	r->ntracks = 1;
	r->closed_sessions = 1;
	r->final = false;
	if (r->medium->formats[0].does == FORMAT_BACKGROUND)
		r->background = BACKGROUND_COMPLETE;
	return JB_OK;
}

void
recording_stop_background(struct recording *r)
{
	if (r->background == BACKGROUND_RUNNING)
		r->background = BACKGROUND_STOPPED;
}

/* ---- FORMAT UNIT ---------------------------------------------------------------------------- */

/* Finds the format that is wanted, and stores in *blocks how many blocks it gives.  A number of
 * blocks between those of the table is accepted, and rounded up to whole ECC blocks: it chooses the
 * size of the spare areas or of the formatted area. 0 and FFFFFFFFh ask for as many as possible, and
 * so does a number of the table on a disc that is smaller than usual.  Returns NULL if there is no such
 * format, if more blocks are wanted than it and the table have, or if the disc does not hold one
 * packet. */
static const struct medium_format *
find_format(const struct recording *r, const struct disc_format *want, uint32_t *blocks)
{
	const struct medium_format *f, *found = NULL;
	uint32_t unit;

	for (size_t i = 0; (f = medium_format(r->medium, i)) != NULL; i++) {
		bool taken = want->sub_type == 0 || (f->sub_types & 1u << want->sub_type) != 0;

		if (f->type != want->type || !taken)
			continue;
		if (found == NULL || f->blocks == want->blocks ||
			(found->blocks != want->blocks && f->blocks > found->blocks))
			found = f;
	}
	if (found == NULL)
		return NULL;
	unit = medium_become(r->medium, found->becomes)->ecc_block;
	*blocks = medium_format_blocks(found, r->capacity);
	if (*blocks == 0) /* the chosen capacity is smaller than a packet */
		return NULL;
	if (want->blocks == 0 || want->blocks == all_blocks)
		return found;
	if (want->blocks > *blocks && want->blocks > found->blocks)
		return NULL;
	if (want->blocks < *blocks)
		*blocks = (want->blocks + unit - 1) / unit * unit;
	return found;
}

/* Makes *out a formatted disc of `blocks` blocks, or of its present size if that is larger, with
 * the same content.  Returns JB_NO_FORMAT if r is not formatted, JB_NO_MEMORY. */
static enum jb_err
grow(const struct recording *r, uint32_t blocks, struct recording *out)
{
	if (!recording_is_formatted(r))
		return JB_NO_FORMAT;
	if (blocks < r->tracks[0].size)
		blocks = r->tracks[0].size;
	return make_formatted(out, blocks, r->tracks[0].recorded);
}

/* Makes *out a formatted DVD-RAM of `blocks` blocks, with the same content.  Returns JB_NO_FORMAT
 * if r is not formatted, has fewer blocks, or has data behind them (a real drive would cut that
 * off); JB_NO_MEMORY. */
static enum jb_err
shrink(const struct recording *r, uint32_t blocks, struct recording *out)
{
	if (!recording_is_formatted(r) || blocks > r->tracks[0].size ||
		blocks < r->tracks[0].recorded)
		return JB_NO_FORMAT;
	return make_formatted(out, blocks, r->tracks[0].recorded);
}

/* Makes *out a DVD+RW whose format runs in the background.  restart false: it begins from the
 * start, with `blocks` blocks, and *erases is set to true.  restart true: goes on with a format
 * that was stopped; the disc keeps its data and its size, and `blocks` is ignored.  Returns
 * JB_NO_FORMAT if restart is true and r is not formatted, JB_NO_MEMORY. */
static enum jb_err
format_in_background(const struct recording *r, bool restart, uint32_t blocks,
	struct recording *out, bool *erases)
{
	enum jb_err err;

	if (restart && !recording_is_formatted(r))
		return JB_NO_FORMAT;
	*erases = !restart;
	if (restart)
		blocks = r->tracks[0].size;
	err = make_formatted(out, blocks, restart ? r->tracks[0].recorded : 0);
	if (err != JB_OK)
		return err;
	out->background = restart ? r->background : BACKGROUND_RUNNING;
	out->background_done = restart ? r->background_done : 0;
	if (out->background == BACKGROUND_STOPPED)
		out->background = BACKGROUND_RUNNING;
	return JB_OK;
}

/* Gives *out, a blank write-once disc, spare areas, which lower its capacity to `blocks`; the
 * format's sub-type says whether with pseudo-overwrite.  Returns JB_NOT_WRITABLE if r is not blank,
 * or has them already. */
static enum jb_err
add_spares(const struct recording *r, const struct medium_format *f, uint8_t sub_type,
	uint32_t blocks, struct recording *out)
{
	if (r->ntracks > 0 || r->spare != SPARE_NONE)
		return JB_NOT_WRITABLE;
	out->spare = f->pow & 1u << sub_type ? SPARE_POW : SPARE_SRM;
	if (blocks < out->capacity)
		out->capacity = blocks;
	return JB_OK;
}

enum jb_err
recording_format(const struct recording *r, const struct disc_format *want, struct recording *out,
	bool *erases)
{
	uint32_t blocks;
	const struct medium_format *f = find_format(r, want, &blocks);

	if (f == NULL)
		return JB_NO_FORMAT;
	*out = (struct recording){
		.medium = medium_become(r->medium, f->becomes),
		.capacity = r->capacity,
		.next_mode = r->next_mode,
	};
	*erases = false;
	switch (f->does) {
	case FORMAT_GROWS:
		return grow(r, blocks, out);
	case FORMAT_SHRINKS:
		return shrink(r, blocks, out);
	case FORMAT_BACKGROUND:
		return format_in_background(r, want->restart, blocks, out, erases);
	case FORMAT_SPARES:
		return add_spares(r, f, want->sub_type, blocks, out);
	case FORMAT_ERASES:
		break;
	}
	*erases = true;
	return make_formatted(out, blocks, 0);
}

/* ---- BLANK ---------------------------------------------------------------------------------- */

enum blank_type { /* MMC-6 6.2.2.3 */
	BLANK_ALL = 0,
	BLANK_MINIMALLY = 1,
	BLANK_TRACK = 2,
	BLANK_UNRESERVE = 3,
	BLANK_UNCLOSE = 5,
	BLANK_SESSION = 6,
};

/* Removes the last track, if it is in the open session and number is 0 or its number in the table
 * of contents.  Returns JB_BAD_TRACK if not; if reserved_only is true, also if it is not reserved,
 * or has data. */
static enum jb_err
drop_last_track(struct recording *r, unsigned number, bool reserved_only)
{
	const struct track *last = r->ntracks > 0 ? &r->tracks[r->ntracks - 1] : NULL;

	if (last == NULL || last->session <= r->closed_sessions ||
		(number != 0 && number != recording_first_number(r) - 1 + r->ntracks))
		return JB_BAD_TRACK;
	if (reserved_only && (last->state != TRACK_RESERVED || last->recorded > 0))
		return JB_BAD_TRACK;
	r->ntracks--;
	return JB_OK;
}

/* Opens the last closed session again, so that tracks can be added to it, and clears r->final.  Its
 * last track stays closed; the next one is a new track.  Drops an open track without data.  Returns
 * JB_BAD_TRACK if no session is closed, or a later one has a track. */
static enum jb_err
unclose_session(struct recording *r)
{
	recording_drop_empty_open_track(r);
	if (r->closed_sessions == 0 ||
		(r->ntracks > 0 && r->tracks[r->ntracks - 1].session > r->closed_sessions))
		return JB_BAD_TRACK;
	r->closed_sessions--;
	r->final = false;
	return JB_OK;
}

/* Removes the tracks of the last session that has any, closed or not, and clears r->final.  Returns
 * JB_BAD_TRACK if there is none. */
static enum jb_err
drop_last_session(struct recording *r)
{
	uint16_t session;

	if (r->ntracks == 0)
		return JB_BAD_TRACK;
	session = r->tracks[r->ntracks - 1].session;
	while (r->ntracks > 0 && r->tracks[r->ntracks - 1].session == session)
		r->ntracks--;
	if (r->closed_sessions >= session)
		r->closed_sessions = (uint16_t)(session - 1);
	r->final = false;
	return JB_OK;
}

/* Does the BLANK types that remove a track or a session; track is as in recording_blank.  Returns
 * JB_BAD_TRACK, or JB_NOT_SUPPORTED for any other type; *r may then have lost an open track without
 * data. */
static enum jb_err
blank_part(unsigned type, unsigned track, struct recording *r)
{
	switch ((enum blank_type)type) {
	case BLANK_TRACK:
		return drop_last_track(r, track, false);
	case BLANK_UNRESERVE:
		return drop_last_track(r, track, true);
	case BLANK_UNCLOSE:
		return unclose_session(r);
	case BLANK_SESSION:
		return drop_last_session(r);
	default:
		return JB_NOT_SUPPORTED;
	}
}

/* Lowers r->overburned to what the tracks that are left have beyond the capacity. */
static void
lower_overburned(struct recording *r)
{
	uint64_t end = r->ntracks > 0 ? track_end(&r->tracks[r->ntracks - 1]) : 0;

	if (end < (uint64_t)r->capacity + r->overburned)
		r->overburned = end > r->capacity ? (uint32_t)(end - r->capacity) : 0;
}

enum jb_err
recording_blank(const struct recording *r, unsigned type, unsigned track, struct recording *out,
	bool *erases)
{
	enum jb_err err;

	if (type >= 8 || !(r->medium->blank_types & 1u << type))
		return JB_NOT_SUPPORTED;
	*erases = type == BLANK_ALL || type == BLANK_MINIMALLY;
	if (*erases) {
		/* A disc that was formatted for random writing is one for sequential recording again. */
		const struct medium *m = medium_become(r->medium, r->medium->blanks_to);

		recording_init_blank(out, m, r->capacity);
		out->minimal = type == BLANK_MINIMALLY && m->has_disc_at_once;
		return JB_OK;
	}
	err = recording_copy(r, out);
	if (err != JB_OK)
		return err;
	err = blank_part(type, track, out);
	if (err != JB_OK)
		recording_fini(out);
	else if (out->ntracks == 0)
		recording_forget_cd(out);
	lower_overburned(out);
	*erases = err == JB_OK && out->ntracks == 0;
	return err;
}

/* ---- two layers ----------------------------------------------------------------------------- */

enum jb_err
recording_set_layer_break(struct recording *r, uint32_t sectors)
{
	uint32_t unit = r->medium->ecc_block;

	if (!r->medium->has_layer_break)
		return JB_NOT_SUPPORTED;
	if (r->ntracks > 0 || r->final || r->layer_break != 0)
		return JB_NOT_WRITABLE;
	if (sectors == 0 || sectors % unit != 0 || sectors > r->capacity / 2)
		return JB_LBA_RANGE;
	r->layer_break = sectors;
	return JB_OK;
}

/* ---- what a disc begins with --------------------------------------------------------------- */

void
recording_init_blank(struct recording *r, const struct medium *m, uint32_t capacity)
{
	assert(medium_writable(m));
	*r = (struct recording){
		.medium = m,
		.capacity = capacity != 0 ? capacity : m->capacity,
	};
	if (m->comes_formatted)
		(void)make_formatted(r, medium_format_blocks(&m->formats[0], r->capacity), 0);
}

/* Makes *r the recording of an image on a medium that is written anywhere: formatted with the first
 * of its formats that holds the image, which counts as recorded.  Returns JB_TOO_LARGE if no format
 * holds it, JB_NO_MEMORY; *r is untouched then. */
static enum jb_err
init_formatted_image(
	struct recording *r, const struct medium *m, uint32_t capacity, uint32_t sectors)
{
	struct recording new = {.medium = m, .capacity = capacity};
	const struct medium_format *f;
	enum jb_err err = JB_TOO_LARGE;

	for (size_t i = 0; err == JB_TOO_LARGE && (f = medium_format(m, i)) != NULL; i++) {
		uint32_t blocks = medium_format_blocks(f, capacity);

		if (blocks >= sectors)
			err = make_formatted(&new, blocks, sectors);
	}
	if (err == JB_OK)
		*r = new;
	return err;
}

enum jb_err
recording_init_image(
	struct recording *r, const struct medium *m, uint32_t capacity, uint32_t sectors)
{
	struct recording new = {.medium = m, .final = true, .closed_sessions = 1};
	struct track t = {
		.state = TRACK_CLOSED,
		.session = 1,
		.size = sectors,
		.recorded = sectors,
	};

	if (sectors == 0)
		return JB_INCOMPLETE;
	if (sectors > (capacity != 0 ? capacity : m->capacity))
		return JB_TOO_LARGE;
	if (m->writing == WRITES_ANYWHERE)
		return init_formatted_image(r, m, capacity != 0 ? capacity : m->capacity, sectors);
	/* The capacity of a pressed disc is the size of its image. */
	if (!medium_writable(m))
		new.capacity = sectors;
	else
		new.capacity = capacity != 0 ? capacity : m->capacity;
	if (!recording_add_track(&new, &t))
		return JB_NO_MEMORY;
	*r = new;
	return JB_OK;
}
