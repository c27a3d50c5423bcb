/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads a CUE sheet with one FILE or several, and makes the plan of its disc (plan.h).
 *
 * A FILE is what a FILE line of the sheet names; its data are the sectors or samples in it.
 * cue_parse_joined (recording/cue_join.h) parses the sheet.  It calls find() here for each FILE, and
 * returns pieces: a piece is a run of sectors of one track in one FILE.  Each piece becomes a part of the
 * plan.  The packs are the CD-TEXT in binary form, in a file that the sheet names in a CDTEXTFILE line.
 * "To refuse the files" means to call foreign_refuse (foreign.h).
 */
#include <stdlib.h>
#include <string.h>

#include "changer/cdsector.h"
#include "changer/foreign/readers.h"
#include "changer/foreign/riff.h"
#include "changer/recording/cue_join.h"

/* Bytes of the sync pattern that begins a raw data sector; bytes of a raw sector with its sub-channels. */
enum { SYNC_LEN = 12, WITH_SUBCHANNELS = 2448 };

/* Describes the data of one FILE. */
struct cue_data {
	unsigned file;		 /* index in foreign.files */
	enum cue_file_type type; /* of the sheet's FILE line; CUE_WAVE if the file is a WAVE file */
	/* true: in the file, 96 bytes of sub-channels follow each sector of 2352 bytes.  `bytes` does not
	 * count them. */
	bool subchannels;
	/* where the data begins in the file (0, or behind the header of a WAVE file); its size in bytes */
	uint64_t offset, bytes;
};

/* The state of find(), from one FILE of the sheet to the next. */
struct cue_finder {
	struct foreign *f;
	/* the sheet's index in f->files; number of FILEs for which find() was called: data[] has so many
	 * rows */
	unsigned sheet, n;
	bool all_raw; /* all tracks of the sheet have sectors of 2352 bytes */
	struct cue_data data[CUE_FILES_MAX]; /* one row for each FILE, in the order of the sheet */
};

/* Returns true if the file has the sync pattern of a raw data sector (12 bytes, ECMA-130 clause 14) at
 * the offset `at`.  Returns false if other bytes are there, or if they cannot be read. */
static bool
is_sync(struct foreign *f, unsigned file, uint64_t at)
{
	static const uint8_t sync[SYNC_LEN] = {0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
	uint8_t head[SYNC_LEN];

	return f->read(f->arg, file, at, head, sizeof(head)) == sizeof(head) &&
	       memcmp(head, sync, sizeof(sync)) == 0;
}

/* Returns true if each sector of 2352 bytes in the file has 96 bytes of sub-channels behind it.  The size
 * of the file must then be a multiple of 2448, and not 0.  If the file begins with a data sector, the next
 * one must begin at 2448, and none at 2352.  If it begins with audio, its size must not be a multiple of
 * 2352 too.  Otherwise returns false. */
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

/*
 * Finds the file of the import that the sheet's next FILE line names: the function `find` of struct
 * cue_join.  arg is the struct cue_finder; name is the name in the FILE line.  Describes the file in the
 * finder's next row of data[], and stores the size of its data in *bytes.  If the file is a WAVE file, but
 * *type says something else, sets *type to CUE_WAVE and adds a warning.  If the file has sub-channels, adds
 * a warning that they are dropped.
 *
 * Returns NULL if the file was found; otherwise a sentence that says why not: it is missing, or it is a
 * WAVE file whose samples cannot be used.  f->result then has the reason too.
 */
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

/* Returns the form (plan.h) that sectors of that mode have in a FILE of that type.  The form says how many
 * bytes of each sector are stored. */
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

/* Adds one piece of the sheet to the plan as a part; d describes the FILE that has it.  If the FILE ends
 * within the piece's last sector, the part gets zeros for the rest, and a warning is added.  Returns true;
 * or false after refusing the files, if the plan cannot take the part. */
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

/* Adds all pieces of the sheet to the plan, in their order.  Returns true; or false after refusing the
 * files. */
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

/* Changes each track's mode in the sheet to the mode with sectors of 2352 bytes, because the joined image
 * has such sectors.  Call it after add_pieces, which needs the modes that the FILEs have. */
static void
make_raw(struct cue_sheet *sheet)
{
	for (unsigned i = 0; i < sheet->ntracks; i++)
		sheet->tracks[i].mode = plan_forms[form_of(sheet->tracks[i].mode, CUE_BINARY)].mode;
}

/* Finds the first line in *lines whose first word is `word`.  Stores the rest of that line, behind the
 * word, in *args, and sets *lines to the start of the line after it.  Returns true; or false if there is no
 * such line: *lines is then at the end of the text. */
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

/* Returns true if no TRACK line of the sheet has a mode with sectors of 2048 or 2336 bytes: all sectors
 * then have 2352. */
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

/* Returns true if the sheet has FILE lines that differ.  FILE lines with the same text count as one file.
 * lines is the text of the sheet. */
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

/* Copies the file name of the sheet's CDTEXTFILE line to name; of the last one, if there are several.
 * Ignores a name of more than CUE_FILE_MAX bytes.  If there is no name, stores "". */
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

/*
 * Reads the packs from the file that the sheet's CDTEXTFILE line names, and copies them into the plan.
 * Packs that are not valid only cause a warning (plan_packs).  Sets f->several, so that no image is taken
 * for a pack file that is missing.
 *
 * Returns true if that is done, or if the sheet has no such line.  Returns false if the file is missing
 * (foreign_miss); or after refusing the files, if it cannot be read.
 */
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
	/* foreign_find must not take an image for the file with the packs. */
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

/* Parses the sheet, whose text is plan->lines, and adds its tracks to plan->sheet and its pieces to the
 * plan as parts.  Finds the FILEs in f->files, and marks them as used.  Returns true.  Returns false if a
 * FILE is missing (foreign_miss); or after refusing the files, if a line is wrong, a FILE cannot be used or
 * memory is missing. */
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

/* Fills in the plan, which is empty, from the CUE sheet f->files[sheet], its FILEs and its packs.  Keeps
 * the sheet's text in plan->lines.  All tracks of plan->sheet then have modes with 2352 bytes.  Returns as
 * readers.h says. */
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
