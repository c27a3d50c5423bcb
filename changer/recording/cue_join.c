/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/recording/cue_join.h"

#include <string.h>

enum { SECTORS_MAX = INT32_MAX }; /* more than any disc has */

static const char *const type_words[CUE_FILE_TYPES] = {
	[CUE_BINARY] = "BINARY", [CUE_MOTOROLA] = "MOTOROLA", [CUE_WAVE] = "WAVE"};

/* Begins a piece of the present FILE and of the last track of the sheet: at the sector `start` of
 * the joined image, and at the byte `offset` of the FILE.  Returns NULL; or a sentence if there are
 * CUE_PIECES_MAX pieces, or if the track is data and the FILE a WAVE file. */
static const char *
begin_piece(struct cue_join *join, const struct cue_sheet *sheet, uint32_t start, uint64_t offset)
{
	unsigned track = sheet->ntracks - 1U;

	if (join->npieces == CUE_PIECES_MAX)
		return "the tracks change their FILE too often";
	if (join->type == CUE_WAVE && sheet->tracks[track].mode != CUE_AUDIO)
		return "a TRACK of data cannot be in a WAVE file";
	join->pieces[join->npieces++] = (struct cue_piece){
		.file = join->nfiles - 1, .track = track, .start = start, .offset = offset};
	join->begun = true;
	return NULL;
}

/* Returns how many bytes a sector of the piece has in its FILE, by the mode of its track. */
static unsigned
sector_size(const struct cue_sheet *sheet, const struct cue_piece *piece)
{
	return cue_modes[sheet->tracks[piece->track].mode].size;
}

const char *
cue_join_index(struct cue_join *join, const struct cue_sheet *sheet, uint32_t at, bool opens,
	uint32_t *start)
{
	struct cue_piece *last;

	*start = at;
	if (!join->begun) {
		*start = join->base;
		return begin_piece(join, sheet, join->base, 0);
	}
	if (!opens)
		return NULL;
	last = &join->pieces[join->npieces - 1];
	last->sectors = at - last->start;
	return begin_piece(
		join, sheet, at, last->offset + (uint64_t)last->sectors * sector_size(sheet, last));
}

const char *
cue_join_end(struct cue_join *join, const struct cue_sheet *sheet)
{
	struct cue_piece *last;
	unsigned size;
	uint64_t left;

	if (!join->begun)
		return "a FILE has no INDEX";
	last = &join->pieces[join->npieces - 1];
	size = sector_size(sheet, last);
	if (last->offset >= join->bytes)
		return "a TRACK begins behind the end of its FILE";
	left = join->bytes - last->offset;
	left = (left + size - 1) / size;
	if (left + last->start > SECTORS_MAX)
		return "the FILEs are longer than any disc";
	last->sectors = (uint32_t)left;
	join->base = last->start + last->sectors;
	join->begun = false;
	return NULL;
}

const char *
cue_join_file(struct cue_join *join, const struct cue_sheet *sheet, struct cue_span name,
	struct cue_span type)
{
	size_t len = (size_t)(name.end - name.at);
	const char *why;
	unsigned i = 0;

	if (join->nfiles > 0 && strlen(join->name) == len && memcmp(join->name, name.at, len) == 0)
		return NULL;
	why = join->nfiles > 0 ? cue_join_end(join, sheet) : NULL;
	if (why != NULL)
		return why;
	while (i < CUE_FILE_TYPES && !cue_span_is(type, type_words[i]))
		i++;
	if (i == CUE_FILE_TYPES)
		return "a FILE is of type BINARY, MOTOROLA or WAVE: decode others to WAVE files";
	if (join->nfiles == CUE_FILES_MAX)
		return "the sheet has too many FILEs";
	join->nfiles++;
	join->type = (enum cue_file_type)i;
	memcpy(join->name, name.at, len);
	join->name[len] = '\0';
	return join->find(join->arg, join->name, &join->type, &join->bytes);
}
