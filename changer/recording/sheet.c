/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/recording/sheet.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "changer/recording/cdtext.h"
#include "changer/recording/cue.h"
#include "changer/recording/recording.h"

/* ---- to a recording -------------------------------------------------------------------------- */

/* Which sectors of a sheet a disc can have: taken is false if none; raw is true for 2352 bytes;
 * mode is that of the track. */
static const struct {
	bool taken, raw;
	enum cd_mode mode;
} forms[CUE_MODES] = {
	[CUE_AUDIO] = {true, true, CD_AUDIO},
	[CUE_MODE1_2048] = {true, false, CD_MODE1},
	[CUE_MODE1_2352] = {true, true, CD_MODE1},
	[CUE_MODE2_2352] = {true, true, CD_MODE2},
};

enum { WITH_SUBCHANNELS = 2448 }; /* bytes of a raw sector with 96 of sub-channels behind it */

/* The end of the tracks up to now, while tracks are placed. */
struct layout {
	uint64_t lba;	/* the address after them */
	uint32_t place; /* the sector of the file after them */
	/* of the last track: the session that the sheet says, and its own, which counts from 1 */
	uint16_t sheet_session, session;
};

/* Returns the gap that a recorder leaves behind the session that ends there: lead-out, lead-in and
 * pause. */
static uint32_t
gap_behind(const struct layout *at)
{
	return medium_session_gap(medium_by_profile(PROFILE_CD_R), at->lba, at->session == 1);
}

/* Measures the pause before the track *c: *stored sectors of it are in the image, *all in total.  Of
 * the first PREGAP on a disc, two seconds are before LBA 0 and do not count.  If the track opens a
 * session, raises at->session, and the pause is at least the gap between sessions; PREGAP and
 * POSTGAP do not count there. */
static void
measure_pause(const struct cue_track *c, bool first, bool opens_session, struct layout *at,
	uint32_t *stored, uint32_t *all)
{
	uint32_t gap;

	*stored = c->index1 - at->place;
	*all = *stored + c->pregap + (first ? 0 : c[-1].postgap);
	if (first)
		*all = *stored + (c->pregap > CD_LEAD_IN_GAP ? c->pregap - CD_LEAD_IN_GAP : 0);
	if (!opens_session)
		return;
	gap = gap_behind(at);
	at->session++;
	*all = *stored > gap ? *stored : gap;
}

/* Copies the ISRC in capital letters to t->isrc, which must be zeros; leaves that empty if it is
 * not valid. */
static void
copy_isrc(struct track *t, const char *isrc)
{
	for (unsigned i = 0; isrc[i] != '\0'; i++)
		t->isrc[i] = (char)toupper((unsigned char)isrc[i]);
	if (!cd_isrc_is_valid(t->isrc))
		memset(t->isrc, 0, sizeof(t->isrc));
}

/* Makes *t track i of the sheet, behind the tracks up to *at, and moves *at behind it.  `places` is
 * the number of sectors in the file.  Returns NULL, or a sentence if the track does not fit. */
static const char *
place_track(const struct cue_sheet *sheet, unsigned i, uint32_t places, struct layout *at,
	struct track *t)
{
	const struct cue_track *c = &sheet->tracks[i];
	bool opens_session = i > 0 && c->session != at->sheet_session;
	uint32_t end = i + 1 < sheet->ntracks ? c[1].start : places, stored, all, gap;
	uint64_t start;

	if (end <= c->index1 || end > places)
		return "a TRACK begins behind the end of the FILE, or has no sectors";
	gap = opens_session ? gap_behind(at) : 0;
	measure_pause(c, i == 0, opens_session, at, &stored, &all);
	start = at->lba + all;
	*t = (struct track){
		.state = TRACK_CLOSED,
		.mode = forms[c->mode].mode,
		.control = c->flags & CD_CONTROL_BITS,
		.session = at->session,
		.start = (uint32_t)start,
		.size = end - c->index1,
		.pregap = all - gap,
		.shift = (uint32_t)start - c->index1,
	};
	t->recorded = t->pregap + t->size;
	copy_isrc(t, c->isrc);
	at->lba = start + t->size;
	at->place = end;
	at->sheet_session = c->session;
	return at->lba > UINT32_MAX ? "it is longer than any CD" : NULL;
}

/* Checks that all sectors have a form that is taken, and the same size.  Stores in *raw whether
 * they have 2352 bytes.  The sheet must have a track.  Returns NULL, or a sentence. */
static const char *
check_forms(const struct cue_sheet *sheet, bool *raw)
{
	*raw = forms[sheet->tracks[0].mode].raw;
	for (unsigned i = 0; i < sheet->ntracks; i++) {
		if (!forms[sheet->tracks[i].mode].taken)
			return "sectors of 2336 bytes are not taken";
		if (forms[sheet->tracks[i].mode].raw != *raw)
			return "sectors of 2048 and of 2352 bytes cannot be in one FILE";
	}
	return NULL;
}

/* Adds a warning to the sheet for each kind of loss in *loss; none if nothing is lost. */
static void
warn_of_loss(struct cue_sheet *sheet, const struct cdtext_loss *loss)
{
	static const char *const left_out[CUE_TEXTS] = {
		[CUE_PERFORMER] = "the texts are too long: the CD-TEXT has no PERFORMER",
		[CUE_SONGWRITER] = "the texts are too long: the CD-TEXT has no SONGWRITER",
		[CUE_COMPOSER] = "the texts are too long: the CD-TEXT has no COMPOSER",
		[CUE_ARRANGER] = "the texts are too long: the CD-TEXT has no ARRANGER",
		[CUE_MESSAGE] = "the texts are too long: the CD-TEXT has no MESSAGE",
	};

	for (unsigned i = CUE_TEXTS; i-- > 0;)
		if (loss->left_out[i])
			cue_warn(sheet, 0, left_out[i]);
	if (loss->cut)
		cue_warn(sheet, 0, "the texts are too long: they are cut in the CD-TEXT");
	if (loss->replaced)
		cue_warn(sheet, 0,
			"CD-TEXT has letters of ISO 8859-1 only: others are question marks there");
}

/* Sets the CD-TEXT and the catalog number of *rec: the packs of the sheet if it has any, else packs
 * that are made from its texts, with a warning for what they cannot hold.  Returns JB_NO_MEMORY, or
 * an error of recording_set_text or recording_set_catalog. */
static enum jb_err
add_lead_in(struct cue_sheet *sheet, struct recording *rec)
{
	uint8_t *packs = malloc(256 * CDTEXT_PACK);
	struct cdtext_loss loss;
	enum jb_err err;

	if (packs == NULL)
		return JB_NO_MEMORY;
	if (sheet->npacks > 0) {
		err = recording_set_text(rec, sheet->packs, sheet->npacks);
	} else {
		err = recording_set_text(
			rec, packs, (unsigned)cdtext_from_sheet(sheet, packs, &loss));
		warn_of_loss(sheet, &loss);
	}
	free(packs);
	return err == JB_OK ? recording_set_catalog(rec, sheet->catalog) : err;
}

/* Adds the sheet's indices of the track that was added last.  Returns an error of
 * recording_add_index. */
static enum jb_err
add_indices(const struct cue_sheet *sheet, struct recording *rec)
{
	unsigned i = rec->ntracks - 1, first, n = cue_indices(sheet, i, &first);
	enum jb_err err = JB_OK;

	for (unsigned k = 0; err == JB_OK && k < n; k++)
		err = recording_add_index(rec, sheet->indices[first + k] + rec->tracks[i].shift);
	return err;
}

/* Adds a warning to the sheet for each line of track i that *t, which was made of it, does not keep. */
static void
warn_of_track(struct cue_sheet *sheet, unsigned i, const struct track *t)
{
	const struct cue_track *c = &sheet->tracks[i];

	if (c->isrc[0] != '\0' && t->isrc[0] == '\0')
		cue_warn(sheet, 0, "an ISRC ends with seven digits: this one is dropped");
	/* A PREGAP of two seconds is what the gap ends with anyway. */
	if (i > 0 && c->session != c[-1].session &&
		(c->pregap > CD_LEAD_IN_GAP || c[-1].postgap != 0))
		cue_warn(sheet, 0,
			"between two sessions is the gap of a recorder: PREGAP and POSTGAP are "
			"dropped there");
}

/* Adds all tracks of the sheet, their indices and the lead-in to *rec, which must have none.
 * `places` is the number of sectors in the file.  Returns the errors of sheet_to_recording, and
 * sets *why; *rec then has a part of the tracks, which the caller frees. */
static enum jb_err
add_tracks(struct cue_sheet *sheet, uint32_t places, struct recording *rec, const char **why)
{
	struct layout at = {.session = 1, .sheet_session = sheet->tracks[0].session};
	enum jb_err err;

	rec->tracks = calloc(sheet->ntracks, sizeof(*rec->tracks));
	if (rec->tracks == NULL)
		return JB_NO_MEMORY;
	rec->first_number = sheet->first;
	while (rec->ntracks < sheet->ntracks) {
		struct track *t = &rec->tracks[rec->ntracks];

		*why = place_track(sheet, rec->ntracks, places, &at, t);
		if (*why != NULL)
			return JB_SHEET_LENGTH;
		if (!rec->raw && t->shift != 0) {
			*why = "sectors of 2048 bytes need a FILE that has all pauses in it";
			return JB_SHEET_FORM;
		}
		warn_of_track(sheet, rec->ntracks, t);
		rec->ntracks++;
		err = add_indices(sheet, rec);
		if (err == JB_NO_MEMORY)
			return err;
		if (err != JB_OK) {
			*why = "an INDEX is behind the end of the FILE";
			return JB_SHEET_LENGTH;
		}
	}
	rec->closed_sessions = at.session;
	if (at.lba > rec->capacity)
		return JB_TOO_LARGE;
	return add_lead_in(sheet, rec);
}

enum jb_err
sheet_to_recording(struct cue_sheet *sheet, uint64_t bytes, const struct medium *m,
	uint32_t capacity, struct recording *rec, const char **why)
{
	struct recording new = {.medium = m, .capacity = capacity, .final = true};
	uint32_t unit;
	enum jb_err err;

	*why = check_forms(sheet, &new.raw);
	if (*why != NULL)
		return JB_SHEET_FORM;
	unit = recording_sector_size(&new);
	if (bytes % unit != 0 && bytes % WITH_SUBCHANNELS == 0) {
		*why = "its sectors have 2448 bytes, with sub-channels";
		return JB_SHEET_LENGTH;
	}
	if (bytes / unit >= UINT32_MAX)
		return JB_TOO_LARGE;
	if (bytes % unit != 0)
		cue_warn(sheet, 0, "the FILE ends within a sector: zeros follow");
	err = add_tracks(sheet, (uint32_t)((bytes + unit - 1) / unit), &new, why);
	if (err != JB_OK) {
		recording_fini(&new);
		return err;
	}
	/* The capacity of a pressed disc is the size of its image. */
	if (!medium_writable(m))
		new.capacity = recording_end(&new);
	*rec = new;
	return JB_OK;
}

/* ---- back ------------------------------------------------------------------------------------ */

/* The form of a track's sectors in the sheet of a raw disc; indexed by enum cd_mode. */
static const enum cue_mode words[CD_MODES] = {
	[CD_MODE1] = CUE_MODE1_2352,
	[CD_MODE2] = CUE_MODE2_2352,
	[CD_AUDIO] = CUE_AUDIO,
};

/* Describes the track *t in *c, which must be zeros.  used and lba are the place and the address
 * where the track before ends.  If the track opens a session, *c has no PREGAP, because readers of
 * sheets know that gap by themselves. */
static void
describe_track(const struct track *t, uint32_t used, uint64_t lba, bool first, bool opens_session,
	struct cue_track *c)
{
	c->mode = words[t->mode];
	c->flags = t->control;
	c->session = t->session;
	c->start = used;
	c->index1 = t->start - t->shift;
	/* Readers of sheets know the gap between sessions by themselves. */
	if (!opens_session)
		c->pregap = (uint32_t)(t->start - lba) - (c->index1 - used);
	if (first && c->pregap != 0)
		c->pregap += CD_LEAD_IN_GAP;
	memcpy(c->isrc, t->isrc, sizeof(t->isrc));
}

/* Appends the indices of the track from 2 on to the sheet, as places in the file, as far as it has
 * room. */
static void
describe_indices(const struct recording *rec, const struct track *t, struct cue_sheet *out)
{
	const uint32_t *lbas;
	unsigned n = recording_indices(rec, t, &lbas);

	for (unsigned i = 0; i < n && out->nindices < CUE_INDICES_MAX; i++)
		out->indices[out->nindices++] = lbas[i] - t->shift;
}

bool
sheet_of_recording(const struct recording *rec, const char *file, struct cue_sheet *out)
{
	uint32_t used = 0;
	uint64_t lba = 0;

	memset(out, 0, sizeof(*out));
	strncpy(out->file, file, sizeof(out->file) - 1);
	memcpy(out->catalog, rec->catalog, sizeof(rec->catalog));
	out->first = (uint8_t)recording_first_number(rec);
	for (unsigned i = 0; i < rec->ntracks && out->ntracks < CUE_TRACKS_MAX; i++) {
		const struct track *t = &rec->tracks[i];

		/* The track is reserved, and nothing of it is recorded yet. */
		if (t->recorded <= t->pregap)
			break;
		describe_track(t, used, lba, i == 0, i > 0 && t->session != t[-1].session,
			&out->tracks[out->ntracks++]);
		describe_indices(rec, t, out);
		lba = track_end(t);
		used = (uint32_t)lba - t->shift;
	}
	cdtext_to_sheet(rec->text, rec->ntext, out);
	return out->ntracks > 0;
}

/* ---- as a file ------------------------------------------------------------------------------- */

/* Makes the sheet of a recording in *out, with the texts that its own lines say, or that its
 * CD-TEXT says if it has no valid lines.  Returns false if it has neither lines nor a recorded
 * track. */
static bool
texts_of(const struct recording *rec, struct cue_sheet *out)
{
	unsigned line;

	if (rec->sheet != NULL && cue_parse(rec->sheet, strlen(rec->sheet), out, &line) == NULL)
		return true;
	return sheet_of_recording(rec, "", out);
}

bool
sheet_needs_packs(const struct recording *rec)
{
	struct cue_sheet *sheet;
	struct cdtext_loss loss;
	uint8_t *packs;
	bool differ = false;

	if (rec->ntext == 0 || (rec->closed_sessions == 0 && !rec->final))
		return false;
	sheet = malloc(sizeof(*sheet));
	packs = malloc(256 * CDTEXT_PACK);
	if (sheet != NULL && packs != NULL && texts_of(rec, sheet))
		differ = cdtext_from_sheet(sheet, packs, &loss) != rec->ntext ||
			 memcmp(packs, rec->text, (size_t)rec->ntext * CDTEXT_PACK) != 0;
	free(sheet);
	free(packs);
	return differ;
}

bool
sheet_print(const struct recording *rec, const char *file, const char *packs, FILE *out)
{
	struct cue_sheet *sheet = malloc(sizeof(*sheet));

	if (sheet == NULL)
		return false;
	if (sheet_of_recording(rec, file, sheet) && rec->sheet != NULL)
		cue_print_lines(sheet, rec->sheet, packs, out);
	else if (sheet->ntracks > 0)
		cue_print(sheet, packs, out);
	free(sheet);
	return true;
}
