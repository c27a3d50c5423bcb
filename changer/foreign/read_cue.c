/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CUE sheets, with one FILE or several of them. */
#include <stdlib.h>
#include <string.h>

#include "changer/cdsector.h"
#include "changer/foreign/readers.h"
#include "changer/foreign/riff.h"
#include "changer/recording/cue_join.h"

enum { SYNC_LEN = 12, WITH_SUBCHANNELS = 2448 };

/* The data of a FILE. */
struct cue_data {
	unsigned file;
	enum cue_file_type type;
	/* Sectors of 2352 bytes have 96 of sub-channels behind them, which `offset` and `bytes` do not
	 * count. */
	bool subchannels;
	uint64_t offset, bytes;
};

struct cue_finder {
	struct foreign *f;
	unsigned sheet, n; /* number of the sheet; FILEs that are found */
	bool all_raw;	   /* all tracks of the sheet have sectors of 2352 bytes */
	struct cue_data data[CUE_FILES_MAX];
};

/* Returns true if a raw sector of data begins at that offset. */
static bool
is_sync(struct foreign *f, unsigned file, uint64_t at)
{
	static const uint8_t sync[SYNC_LEN] = {0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
	uint8_t head[SYNC_LEN];

	return f->read(f->arg, file, at, head, sizeof(head)) == sizeof(head) &&
	       memcmp(head, sync, sizeof(sync)) == 0;
}

/* Returns true if the file consists of sectors of 2448 bytes, with sub-channels.  Its size must be a multiple of
 * that.  If it begins with data, its second sector must begin at 2448 and none at 2352; if with audio, its size
 * must be no multiple of 2352. */
static bool
has_subchannels(struct foreign *f, unsigned file)
{
	uint64_t size = f->files[file].size;

	if (size == 0 || size % WITH_SUBCHANNELS != 0)
		return false;
	if (!is_sync(f, file, 0))
		return size % CD_RAW_SIZE != 0;
	return is_sync(f, file, WITH_SUBCHANNELS) && !is_sync(f, file, CD_RAW_SIZE);
}

/* Finds a FILE of the sheet, for struct cue_join, and stores its data in the finder and its bytes in
 * *bytes.  A WAVE file that is called BINARY is taken for what it is: *type changes, with a warning.
 * Returns NULL, or a sentence if it is missing or cannot be read. */
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
	d->subchannels = finder->all_raw && *type != CUE_WAVE && has_subchannels(f, d->file);
	if (d->subchannels) {
		foreign_warn(f, "%s has sub-channels behind its sectors: they are dropped",
			f->files[d->file].name);
		d->bytes = d->bytes / WITH_SUBCHANNELS * CD_RAW_SIZE;
	}
	if (*type == CUE_WAVE)
		ok = riff_find_samples(f, d->file, &d->offset, &d->bytes);
	*bytes = d->bytes;
	return ok ? NULL : "a FILE cannot be read";
}

/* Returns the form of sectors of that mode in a file of that type. */
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

/* Adds a piece of the sheet as a part of the plan.  A last sector that the file does not have all of
 * is filled with zeros, with a warning.  Returns true; or false, after foreign_refuse with the reason. */
static bool
add_piece(struct foreign *f, const struct cue_data *d, const struct cue_piece *piece,
	enum plan_form form, struct foreign_plan *plan)
{
	uint64_t bytes = (uint64_t)piece->sectors * plan_forms[form].bytes;
	uint64_t left = d->bytes - piece->offset;
	const char *name = f->files[d->file].name;

	if (d->subchannels)
		return plan_add(f, plan, d->file, form, WITH_SUBCHANNELS,
			piece->offset / CD_RAW_SIZE * WITH_SUBCHANNELS, piece->sectors);
	if (bytes > left) {
		foreign_warn(f, "%s ends within a sector: zeros follow", name);
		bytes = left;
	}
	return plan_add_cut(
		f, plan, d->file, form, d->offset + piece->offset, piece->sectors, bytes);
}

/* Adds all pieces of the sheet to the plan.  Returns true; or false, after foreign_refuse with the reason. */
static bool
add_pieces(struct foreign *f, const struct cue_finder *finder, const struct cue_join *join,
	struct foreign_plan *plan)
{
	for (unsigned i = 0; i < join->npieces; i++) {
		const struct cue_piece *piece = &join->pieces[i];
		const struct cue_data *d = &finder->data[piece->file];

		if (!add_piece(f, d, piece,
			    form_of(plan->sheet->tracks[piece->track].mode, d->type), plan))
			return false;
	}
	return true;
}

/* Changes the modes of the tracks to those with 2352 bytes, as in the joined image.  The caller has called
 * add_pieces, which needs the modes of the FILEs. */
static void
make_raw(struct cue_sheet *sheet)
{
	for (unsigned i = 0; i < sheet->ntracks; i++)
		sheet->tracks[i].mode = plan_forms[form_of(sheet->tracks[i].mode, CUE_BINARY)].mode;
}

/* Finds the next line that begins with that word.  Stores what follows the word, and moves *lines behind the line.
 * Returns false if there is none. */
static bool
next_line(const char **lines, const char *word, struct cue_span *args)
{
	while (**lines != '\0') {
		const char *end = strchrnul(*lines, '\n');

		*args = (struct cue_span){*lines, end};
		*lines = end + (*end != '\0');
		if (cue_span_is(cue_cut_word(args), word))
			return true;
	}
	return false;
}

/* Returns true if no TRACK has sectors of another size than 2352 bytes. */
static bool
all_raw(const char *lines)
{
	struct cue_span args;

	while (next_line(&lines, "TRACK", &args)) {
		const char *slash = memchr(args.at, '/', (size_t)(args.end - args.at));
		struct cue_span size = {slash == NULL ? args.end : slash, args.end};

		if (cue_span_is(size, "/2048") || cue_span_is(size, "/2336"))
			return false;
	}
	return true;
}

/* Returns true if the lines name several files of data. */
static bool
names_several(const char *lines)
{
	struct cue_span first, args;

	if (!next_line(&lines, "FILE", &first))
		return false;
	while (next_line(&lines, "FILE", &args))
		if (first.end - first.at != args.end - args.at ||
			memcmp(first.at, args.at, (size_t)(args.end - args.at)) != 0)
			return true;
	return false;
}

/* Copies the name of the file that the CDTEXTFILE of the sheet names; "" if it has none, or one that
 * is too long. */
static void
name_of_packs(const char *lines, char name[CUE_FILE_MAX + 1])
{
	struct cue_span args, type, text;

	name[0] = '\0';
	while (next_line(&lines, "CDTEXTFILE", &args)) {
		text = cue_file_name(args, &type);
		if (cue_span_is_empty(text))
			text = type;
		if (text.end - text.at <= CUE_FILE_MAX) {
			memcpy(name, text.at, (size_t)(text.end - text.at));
			name[text.end - text.at] = '\0';
		}
	}
}

/* Reads the packs of CD-TEXT that the sheet names, if it does, into the plan.  Returns false, after
 * saying so, if the file is missing or cannot be read. */
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
	/* No image is taken for packs. */
	f->several = true;
	if (!foreign_find(f, sheet, name, &file))
		return false;
	bytes = foreign_read_all(f, file, FOREIGN_SHEET_MAX, &size);
	if (bytes == NULL)
		return false;
	plan_packs(f, plan, (uint8_t *)bytes, size);
	free(bytes);
	return true;
}

/* Parses the lines of the plan, and adds their tracks and parts.  Returns false, after refusing the
 * files, if they are not valid or a file is missing. */
static bool
parse(struct foreign *f, unsigned sheet, struct foreign_plan *plan)
{
	struct cue_finder *finder = calloc(1, sizeof(*finder));
	struct cue_join *join = calloc(1, sizeof(*join));
	const char *why = "memory is missing";
	bool ok = false;
	unsigned line = 0;

	if (finder != NULL && join != NULL) {
		finder->f = f;
		finder->sheet = sheet;
		finder->all_raw = all_raw(plan->lines);
		f->several = names_several(plan->lines);
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

/* Fills in the plan, which is empty, from a CUE sheet, its FILEs and its packs.  Returns as readers.h says. */
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
