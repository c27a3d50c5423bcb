/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CUE sheets, with one FILE or several of them. */
#include <stdlib.h>
#include <string.h>

#include "changer/foreign/readers.h"
#include "changer/foreign/riff.h"
#include "changer/recording/cue_join.h"

/* The data of a FILE. */
struct cue_data {
	unsigned file;
	enum cue_file_type type;
	uint64_t offset, bytes;
};

struct cue_finder {
	struct foreign *f;
	unsigned sheet, n;
	struct cue_data data[CUE_FILES_MAX];
};

/* Finds a FILE of the sheet, for struct cue_join.  A WAVE file that is called BINARY is taken for what it is. */
static const char *
find(void *arg, const char *name, enum cue_file_type *type, uint64_t *bytes)
{
	struct cue_finder *finder = arg;
	struct foreign *f = finder->f;
	struct cue_data *d = &finder->data[finder->n++];
	bool ok = true;

	*d = (struct cue_data){.file = 0};
	if (!foreign_find(f, finder->sheet, name, &d->file))
		return "a FILE is missing";
	d->bytes = f->files[d->file].size;
	if (*type != CUE_WAVE && riff_is_wave(f, d->file)) {
		foreign_warn(f, "%s is a WAVE file, and is taken for one", f->files[d->file].name);
		*type = CUE_WAVE;
	}
	d->type = *type;
	if (*type == CUE_WAVE)
		ok = riff_find_samples(f, d->file, &d->offset, &d->bytes);
	*bytes = d->bytes;
	return ok ? NULL : "a FILE cannot be read";
}

static enum plan_form
form_of(enum cue_mode mode, enum cue_file_type type)
{
	static const enum plan_form forms[CUE_MODES] = {
		[CUE_AUDIO] = PLAN_AUDIO,
		[CUE_MODE1_2048] = PLAN_MODE1,
		[CUE_MODE1_2352] = PLAN_MODE1_RAW,
		[CUE_MODE2_2336] = PLAN_MODE2,
		[CUE_MODE2_2352] = PLAN_MODE2_RAW,
	};

	return mode == CUE_AUDIO && type == CUE_MOTOROLA ? PLAN_SWAPPED : forms[mode];
}

/* Adds the parts that the pieces of the sheet are. */
static bool
add_pieces(struct foreign *f, const struct cue_finder *finder, const struct cue_join *join,
	struct foreign_plan *plan)
{
	for (unsigned i = 0; i < join->npieces; i++) {
		const struct cue_piece *piece = &join->pieces[i];
		const struct cue_data *d = &finder->data[piece->file];
		enum plan_form form = form_of(plan->sheet->tracks[piece->track].mode, d->type);
		uint64_t bytes = (uint64_t)piece->sectors * plan_forms[form].bytes;
		uint64_t left = d->bytes - piece->offset;

		if (bytes > left) {
			foreign_warn(
				f, "%s ends within a sector: zeros follow", f->files[d->file].name);
			bytes = left;
		}
		if (!plan_add_cut(f, plan, d->file, form, d->offset + piece->offset, piece->sectors,
			    bytes))
			return false;
	}
	return true;
}

/* Gives the tracks the modes that they have in the joined image. */
static void
make_raw(struct cue_sheet *sheet)
{
	for (unsigned i = 0; i < sheet->ntracks; i++)
		sheet->tracks[i].mode = plan_forms[form_of(sheet->tracks[i].mode, CUE_BINARY)].mode;
}

/* Copies the name of the file that the CDTEXTFILE of the sheet names. */
static void
name_of_packs(const char *lines, char name[CUE_FILE_MAX + 1])
{
	name[0] = '\0';
	for (const char *end; *lines != '\0'; lines = end + (*end != '\0')) {
		struct cue_span args, type, text;

		end = strchrnul(lines, '\n');
		args = (struct cue_span){lines, end};
		if (!cue_span_is(cue_cut_word(&args), "CDTEXTFILE"))
			continue;
		text = cue_file_name(args, &type);
		if (cue_span_is_empty(text))
			text = type;
		if (text.end - text.at <= CUE_FILE_MAX) {
			memcpy(name, text.at, (size_t)(text.end - text.at));
			name[text.end - text.at] = '\0';
		}
	}
}

/* Reads the packs of CD-TEXT that the sheet names. */
static bool
add_packs(struct foreign *f, unsigned sheet, struct foreign_plan *plan)
{
	char name[CUE_FILE_MAX + 1];
	unsigned file;
	size_t size;
	char *bytes;

	name_of_packs(plan->lines, name);
	if (name[0] == '\0')
		return true;
	if (!foreign_find(f, sheet, name, &file))
		return false;
	bytes = foreign_read_all(f, file, FOREIGN_SHEET_MAX, &size);
	if (bytes == NULL)
		return false;
	plan_packs(f, plan, (uint8_t *)bytes, size);
	free(bytes);
	return true;
}

/* Parses the lines of the plan. */
static bool
parse(struct foreign *f, unsigned sheet, struct foreign_plan *plan)
{
	struct cue_finder *finder = calloc(1, sizeof(*finder));
	struct cue_join *join = calloc(1, sizeof(*join));
	const char *why = "memory is missing";
	bool ok = false;
	unsigned line = 0;

	if (finder != NULL && join != NULL) {
		*finder = (struct cue_finder){.f = f, .sheet = sheet};
		join->find = find;
		join->arg = finder;
		why = cue_parse_joined(plan->lines, strlen(plan->lines), join, plan->sheet, &line);
	}
	if (why != NULL)
		foreign_refuse(f, "line %u of %s: %s", line, f->files[sheet].name, why);
	else
		ok = add_pieces(f, finder, join, plan);
	free(finder);
	free(join);
	return ok;
}

bool
read_cue(struct foreign *f, unsigned sheet, struct foreign_plan *plan)
{
	size_t size;
	char *bytes = foreign_read_all(f, sheet, CUE_SHEET_MAX, &size);

	if (bytes == NULL)
		return false;
	plan->lines = cue_text(bytes, size);
	free(bytes);
	if (plan->lines == NULL)
		return foreign_refuse(f, "memory is missing");
	if (!parse(f, sheet, plan) || !add_packs(f, sheet, plan))
		return false;
	make_raw(plan->sheet);
	return true;
}
