/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts of a recording that only a CD has: modes of tracks, raw images, CD-TEXT, a catalog number and
 * indices. */
#include <stdlib.h>
#include <string.h>

#include "changer/medium.h"
#include "changer/recording/recording.h"

uint32_t
recording_sector_size(const struct recording *r)
{
	return r->raw ? CD_RAW_SIZE : SECTOR_SIZE;
}

uint64_t
recording_bytes(const struct recording *r)
{
	uint32_t end = 0;

	for (unsigned i = r->ntracks; i > 0 && end == 0; i--) {
		const struct track *t = &r->tracks[i - 1];

		if (t->recorded > 0)
			end = track_first(t) + t->recorded - t->shift;
	}
	return (uint64_t)end * recording_sector_size(r);
}

uint64_t
recording_sectors(const struct recording *r, uint64_t bytes)
{
	uint32_t size = recording_sector_size(r);

	return bytes / size + (bytes % size != 0 ? 1 : 0);
}

/* Finds where a sector is in the image.  Treats a gap between two tracks as the beginning of the
 * second one, as far as the image has it. */
bool
recording_place(const struct recording *r, uint32_t lba, uint32_t *place, uint32_t *run)
{
	uint64_t used = 0; /* places in the image that earlier tracks use */

	for (unsigned i = 0; i < r->ntracks; i++) {
		const struct track *t = &r->tracks[i];

		if (lba < track_end(t)) {
			bool stored = lba >= used + t->shift;
			uint64_t left = (stored ? track_end(t) : used + t->shift) - lba;

			*run = *run < left ? *run : (uint32_t)left;
			*place = stored ? lba - t->shift : 0;
			return stored;
		}
		used = track_end(t) - t->shift;
	}
	*place = lba;
	return true;
}

/* Returns the mode of the track of a sector.  Counts the pause between two tracks to the second one
 * (ECMA-130 22.3.4). */
enum cd_mode
recording_mode_at(const struct recording *r, uint32_t lba)
{
	for (unsigned i = 0; i < r->ntracks; i++)
		if (lba < track_end(&r->tracks[i]))
			return r->tracks[i].mode;
	return r->next_mode;
}

bool
cd_catalog_is_valid(const char *digits)
{
	return strlen(digits) == CD_CATALOG_LEN && strspn(digits, "0123456789") == CD_CATALOG_LEN;
}

bool
cd_isrc_is_valid(const char *isrc)
{
	static const char taken[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	enum { OWNER_END = 5 };

	return strlen(isrc) == CD_ISRC_LEN && strspn(isrc, taken) >= OWNER_END &&
	       strspn(isrc + OWNER_END, "0123456789") == CD_ISRC_LEN - OWNER_END;
}

enum jb_err
recording_set_text(struct recording *r, const uint8_t *packs, unsigned n)
{
	uint8_t *text = NULL;

	if (n > CD_TEXT_PACKS_MAX)
		return JB_LBA_RANGE;
	if (n > 0 && r->medium->family != MEDIUM_CD)
		return JB_NOT_SUPPORTED;
	if (n > 0) {
		text = malloc((size_t)n * CD_TEXT_PACK);
		if (text == NULL)
			return JB_NO_MEMORY;
		memcpy(text, packs, (size_t)n * CD_TEXT_PACK);
	}
	free(r->text);
	r->text = text;
	r->ntext = n;
	return JB_OK;
}

enum jb_err
recording_set_sheet(struct recording *r, const char *lines)
{
	char *sheet = lines == NULL ? NULL : strdup(lines);

	if (lines != NULL && sheet == NULL)
		return JB_NO_MEMORY;
	free(r->sheet);
	r->sheet = sheet;
	return JB_OK;
}

enum jb_err
recording_set_catalog(struct recording *r, const char *digits)
{
	if (r->medium->family != MEDIUM_CD || (digits[0] != '\0' && !cd_catalog_is_valid(digits)))
		return JB_NOT_SUPPORTED;
	memcpy(r->catalog, digits, strlen(digits) + 1);
	return JB_OK;
}

/* Returns how many of r's indices, of all tracks, are before that address. */
static unsigned
indices_before(const struct recording *r, uint64_t lba)
{
	unsigned low = 0, high = r->nindices;

	while (low < high) {
		unsigned middle = low + (high - low) / 2;

		if (r->indices[middle] < lba)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

unsigned
recording_indices(const struct recording *r, const struct track *t, const uint32_t **lbas)
{
	unsigned first = indices_before(r, t->start);

	*lbas = r->nindices > 0 ? r->indices + first : NULL;
	return indices_before(r, track_end(t)) - first;
}

unsigned
recording_index_at(const struct recording *r, const struct track *t, uint32_t lba)
{
	if (lba < t->start)
		return 0;
	return 1 + indices_before(r, (uint64_t)lba + 1) - indices_before(r, t->start);
}

void
recording_forget_indices(struct recording *r, uint32_t from)
{
	r->nindices = indices_before(r, from);
}

enum jb_err
recording_add_index(struct recording *r, uint32_t lba)
{
	const struct track *t = r->ntracks > 0 ? &r->tracks[r->ntracks - 1] : NULL;
	const uint32_t *lbas;
	uint32_t *grown;

	if (t == NULL || lba < t->start || lba >= track_end(t) ||
		(r->nindices > 0 && lba < r->indices[r->nindices - 1]) ||
		1 + recording_indices(r, t, &lbas) >= CD_INDICES_MAX)
		return JB_LBA_RANGE;
	grown = reallocarray(r->indices, r->nindices + 1, sizeof(*grown));
	if (grown == NULL)
		return JB_NO_MEMORY;
	r->indices = grown;
	r->indices[r->nindices++] = lba;
	return JB_OK;
}

void
recording_forget_cd(struct recording *r)
{
	r->raw = false;
	r->nindices = 0;
	r->catalog[0] = '\0';
	free(r->text);
	r->text = NULL;
	r->ntext = 0;
	free(r->sheet);
	r->sheet = NULL;
}
