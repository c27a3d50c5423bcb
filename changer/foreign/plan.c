/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/foreign/plan.h"

#include <stdlib.h>
#include <string.h>

#include "changer/medium.h"
#include "changer/recording/cdtext.h"
#include "changer/recording/recording.h"
#include "changer/recording/sheet.h"

const struct plan_form_row plan_forms[PLAN_FORMS] = {
	[PLAN_AUDIO] = {CD_RAW_SIZE, CUE_AUDIO},
	[PLAN_SWAPPED] = {CD_RAW_SIZE, CUE_AUDIO},
	[PLAN_MODE1] = {SECTOR_SIZE, CUE_MODE1_2352},
	[PLAN_MODE2_FORM1] = {SECTOR_SIZE, CUE_MODE2_2352},
	[PLAN_MODE2_FORM2] = {2324, CUE_MODE2_2352},
	[PLAN_MODE2] = {2336, CUE_MODE2_2352},
	[PLAN_MODE1_RAW] = {CD_RAW_SIZE, CUE_MODE1_2352},
	[PLAN_MODE2_RAW] = {CD_RAW_SIZE, CUE_MODE2_2352},
};

struct foreign_plan *
plan_new(struct foreign *f)
{
	struct foreign_plan *plan = calloc(1, sizeof(*plan));

	if (plan != NULL)
		plan->sheet = calloc(1, sizeof(*plan->sheet));
	if (plan == NULL || plan->sheet == NULL) {
		free(plan);
		foreign_refuse(f, "memory is missing");
		return NULL;
	}
	plan->sheet->first = 1;
	return plan;
}

void
plan_free(struct foreign_plan *plan)
{
	if (plan == NULL)
		return;
	free(plan->sheet);
	free(plan->lines);
	free(plan->packs);
	free(plan);
}

bool
plan_track(
	struct foreign *f, struct foreign_plan *plan, enum plan_form form, struct cue_track **track)
{
	struct cue_sheet *sheet = plan->sheet;
	struct cue_track *t;

	if (sheet->first + sheet->ntracks > CUE_TRACKS_MAX)
		return foreign_refuse(f, "a disc has the tracks 1 to 99 only");
	t = &sheet->tracks[sheet->ntracks++];
	t->mode = plan_forms[form].mode;
	t->session = 1;
	t->start = t->index1 = plan->sectors;
	if (track != NULL)
		*track = t;
	return true;
}

/* Appends a copy of the part at the end of the image, with that number of sectors.  Does nothing if sectors
 * is 0.  Returns true; or false after refusing the files, if there are PLAN_PARTS_MAX parts, or the image
 * becomes too long. */
static bool
add(struct foreign *f, struct foreign_plan *plan, const struct plan_part *part, uint64_t sectors)
{
	struct plan_part *to = &plan->parts[plan->nparts];

	if (sectors == 0)
		return true;
	if (plan->nparts == PLAN_PARTS_MAX)
		return foreign_refuse(f, "it has more than %d parts", PLAN_PARTS_MAX);
	if (sectors > (uint64_t)INT32_MAX - plan->sectors)
		return foreign_refuse(f, "it is longer than any disc");
	*to = *part;
	to->sectors = (uint32_t)sectors;
	to->place = plan->sectors;
	plan->sectors += to->sectors;
	plan->nparts++;
	return true;
}

bool
plan_add(struct foreign *f, struct foreign_plan *plan, unsigned file, enum plan_form form,
	unsigned stride, uint64_t offset, uint64_t sectors)
{
	struct plan_part part = {.file = file, .form = form, .stride = stride, .offset = offset};
	uint64_t size;

	if (stride == 0)
		part.stride = plan_forms[form].bytes;
	if (file == PLAN_NOTHING)
		return add(f, plan, &part, sectors);
	size = f->files[file].size;
	if (sectors > 0 && (offset >= size || sectors > (size - offset) / part.stride))
		return foreign_refuse(f,
			"%s is too short for its tracks: copy it again, or correct what describes "
			"it",
			f->files[file].name);
	part.bytes = sectors * part.stride;
	return add(f, plan, &part, sectors);
}

bool
plan_add_cut(struct foreign *f, struct foreign_plan *plan, unsigned file, enum plan_form form,
	uint64_t offset, uint64_t sectors, uint64_t bytes)
{
	struct plan_part part = {.file = file,
		.form = form,
		.stride = plan_forms[form].bytes,
		.offset = offset,
		.bytes = bytes};

	return add(f, plan, &part, sectors);
}

void
plan_index1(struct foreign_plan *plan)
{
	plan->sheet->tracks[plan->sheet->ntracks - 1].index1 = plan->sectors;
}

bool
plan_index(struct foreign *f, struct foreign_plan *plan)
{
	struct cue_sheet *sheet = plan->sheet;

	if (sheet->nindices == CUE_INDICES_MAX)
		return foreign_refuse(f, "it has more indices than a disc can have");
	sheet->indices[sheet->nindices++] = plan->sectors;
	return true;
}

void
plan_packs(struct foreign *f, struct foreign_plan *plan, const uint8_t *bytes, size_t size)
{
	enum { HEADER = 4, TYPE_MASK = 0xf0, TYPE_TEXT = 0x80 };
	size_t skip = size % CD_TEXT_PACK == HEADER ? HEADER : 0, n = (size - skip) / CD_TEXT_PACK;

	bytes += skip;
	for (size_t i = 0; i < n; i++)
		if ((bytes[i * CD_TEXT_PACK] & TYPE_MASK) != TYPE_TEXT)
			n = 0;
	if (n == 0 || n > PLAN_PACKS_MAX || size - skip > n * CD_TEXT_PACK + 1) {
		foreign_warn(f, "the CD-TEXT has no valid packs: it is dropped");
		return;
	}
	free(plan->packs);
	plan->packs = malloc(n * CD_TEXT_PACK);
	plan->npacks = plan->packs != NULL ? (unsigned)n : 0;
	if (plan->packs != NULL)
		memcpy(plan->packs, bytes, n * CD_TEXT_PACK);
}

/* Adds the POSTGAP of each track to the pause of the next track in the same session.  If there is none,
 * drops the POSTGAP with a warning. */
static void
move_postgaps(struct foreign *f, struct cue_sheet *sheet)
{
	for (unsigned i = 0; i < sheet->ntracks; i++) {
		struct cue_track *t = &sheet->tracks[i];

		if (i + 1 < sheet->ntracks && t[1].session == t->session)
			t[1].pregap += t->postgap;
		else if (t->postgap != 0)
			foreign_warn(f, "no track follows the last POSTGAP: it is dropped");
		t->postgap = 0;
	}
}

/* Stores in each part the address that its first sector has on the disc.  A part belongs to the last track
 * that begins at or before that sector. */
static void
give_addresses(struct foreign_plan *plan, const struct recording *rec)
{
	unsigned t = 0;

	for (unsigned i = 0; i < plan->nparts; i++) {
		struct plan_part *part = &plan->parts[i];

		while (t + 1 < rec->ntracks && plan->sheet->tracks[t + 1].start <= part->place)
			t++;
		part->lba = (int64_t)part->place + rec->tracks[t].shift;
	}
}

/* Returns true if the sheet has a text, such as a title, of the disc or of a track. */
static bool
has_texts(const struct cue_sheet *sheet)
{
	for (unsigned i = 0; i < CUE_TEXTS; i++) {
		if (sheet->text[i][0] != '\0')
			return true;
		for (unsigned k = 0; k < sheet->ntracks; k++)
			if (sheet->tracks[k].text[i][0] != '\0')
				return true;
	}
	return false;
}

/* Returns true if the plan is one part of one track with 2048-byte sectors in a file, without gaps. */
static bool
is_iso(const struct foreign_plan *plan)
{
	const struct plan_part *part = &plan->parts[0];

	return plan->nparts == 1 && plan->sheet->ntracks == 1 && part->file != PLAN_NOTHING &&
	       (part->form == PLAN_MODE1 || part->form == PLAN_MODE2_FORM1) &&
	       part->stride == SECTOR_SIZE;
}

bool
plan_finish(struct foreign *f, struct foreign_plan *plan)
{
	const struct medium *m = medium_by_profile(PROFILE_CD_ROM);
	struct recording rec = {.medium = NULL};
	const char *why = NULL;
	enum jb_err err;

	if (plan->sheet->ntracks == 0 || plan->sectors == 0)
		return foreign_refuse(f, "it describes no track");
	plan->iso = is_iso(plan);
	f->result->kind = plan->iso ? JB_IMPORT_ISO : JB_IMPORT_BIN;
	f->result->bytes = (uint64_t)plan->sectors * (plan->iso ? SECTOR_SIZE : CD_RAW_SIZE);
	if (plan->iso)
		return true;
	move_postgaps(f, plan->sheet);
	/* A parser that has its own texts has put them into the sheet. */
	if (plan->lines == NULL && plan->npacks > 0 && !has_texts(plan->sheet))
		cdtext_to_sheet(plan->packs, plan->npacks, plan->sheet);
	err = sheet_to_recording(plan->sheet, f->result->bytes, m, medium_largest(m), &rec, &why);
	if (err == JB_TOO_LARGE)
		return foreign_refuse(f, "it is longer than any CD: leave some tracks out");
	if (err != JB_OK)
		return foreign_refuse(f, "%s", why != NULL ? why : jb_err_text(err));
	give_addresses(plan, &rec);
	recording_fini(&rec);
	return true;
}
