/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads a .toc file of cdrdao (cdrdao(1)), and makes the plan of its disc (plan.h).  A statement is a word
 * such as TRACK or FILE with its arguments.  words.h splits the text into words; the present word is the
 * one to be used next.
 *
 * The functions read_...  read one statement.  Unless their comment says otherwise, the first word of the
 * statement was taken before.  Afterwards the present word is the first one of the next statement.  They
 * return true; or false after refusing the files (foreign.h), if the statement is not valid.
 */
#include <stdlib.h>
#include <string.h>

#include "changer/foreign/codes.h"
#include "changer/foreign/readers.h"
#include "changer/foreign/riff.h"
#include "changer/foreign/toctext.h"
#include "changer/foreign/words.h"
#include "changer/track.h"

enum {
	SAMPLE = 4,		/* bytes of a sample of both channels */
	SUBCHANNELS = 96,	/* bytes of sub-channels behind a sector */
	NUMBER_MAX = INT32_MAX, /* the largest length, in bytes or samples */
};

struct toc {
	struct foreign *f;
	struct foreign_plan *plan;
	struct words words;
	struct toctext *text; /* the items of CD-TEXT so far */
	unsigned sheet;	      /* the index of the .toc in f->files */
	unsigned line;	      /* the line of the present statement, from 1 */
	/* the track to which the statements belong now */
	struct cue_track *track; /* NULL: no TRACK yet, the statements belong to the disc */
	enum plan_form form;	 /* of the track's sectors; PLAN_SWAPPED: it is audio */
	unsigned stride;	 /* bytes of a sector in a file, with sub-channels */
	bool cut; /* true: its last part ends within a sector, so no part may follow */
};

/* Refuses the files with a sentence: the line of the present statement, and why.  Always returns false. */
static bool
wrong(struct toc *t, const char *why)
{
	return foreign_refuse(t->f, "line %u of %s: %s", t->line, t->f->files[t->sheet].name, why);
}

/* ---- CD-TEXT --------------------------------------------------------------------------------- */

/* The items of CD-TEXT, with the types of their packs, counted from 80h.  SIZE_INFO is read and dropped,
 * because toctext_packs computes it. */
static const struct {
	const char *name;
	unsigned type;
} items[] = {
	{"TITLE", CUE_TITLE},
	{"PERFORMER", CUE_PERFORMER},
	{"SONGWRITER", CUE_SONGWRITER},
	{"COMPOSER", CUE_COMPOSER},
	{"ARRANGER", CUE_ARRANGER},
	{"MESSAGE", CUE_MESSAGE},
	{"DISC_ID", 6},
	{"GENRE", 7},
	{"TOC_INFO1", 8},
	{"TOC_INFO2", 9},
	{"UPC_EAN", 14},
	{"ISRC", 14},
	{"SIZE_INFO", TOCTEXT_TYPES},
};

/* Reads an item whose value is numbers within braces, and stores them in bytes and their count in *n.  The
 * present word is the opening brace. */
static bool
read_bytes(struct toc *t, uint8_t bytes[TOCTEXT_ITEM_MAX], size_t *n)
{
	struct words *w = &t->words;
	uint64_t byte;

	*n = 0;
	words_next(w);
	while (!words_take(w, "}")) {
		if (!words_number(w, 255, &byte) || *n == TOCTEXT_ITEM_MAX)
			return wrong(t, "an item of CD-TEXT has numbers from 0 to 255");
		bytes[(*n)++] = (uint8_t)byte;
		words_take(w, ",");
	}
	return true;
}

/* Reads one item of CD-TEXT in the language with that number: an item of the present track, or of the disc
 * if there is no track yet.  Adds it to t->text.  A text of language 0 also goes into the sheet of the
 * plan. */
static bool
read_item(struct toc *t, unsigned language)
{
	enum { N = sizeof(items) / sizeof(items[0]) };
	struct cue_sheet *sheet = t->plan->sheet;
	char(*texts)[CUE_TEXT_MAX + 1] = t->track != NULL ? t->track->text : sheet->text;
	struct words *w = &t->words;
	uint8_t bytes[TOCTEXT_ITEM_MAX];
	unsigned i = 0, type;
	size_t n;

	t->line = w->line;
	while (i < N && !words_is(w, items[i].name))
		i++;
	if (i == N)
		return wrong(t, "an item of CD-TEXT has a name, such as TITLE");
	type = items[i].type;
	words_next(w);
	if (words_is(w, "{")) {
		if (!read_bytes(t, bytes, &n))
			return false;
		if (type < TOCTEXT_TYPES)
			toctext_add(t->text, language, type, sheet->ntracks, bytes, n);
		return true;
	}
	if (w->kind != WORDS_STRING)
		return wrong(t, "an item of CD-TEXT is a string or a block of numbers");
	if (language == 0 && type < CUE_TEXTS)
		codes_text(t->f, texts[type], w->text);
	if (type < TOCTEXT_TYPES)
		toctext_add_text(t->text, language, type, sheet->ntracks, w->text);
	words_next(w);
	return true;
}

/* Reads LANGUAGE: a number, and a block of items in that language. */
static bool
read_language(struct toc *t)
{
	uint64_t number;

	if (!words_number(&t->words, TOCTEXT_LANGUAGES - 1, &number) || !words_take(&t->words, "{"))
		return wrong(t, "LANGUAGE has a number and a block");
	while (!words_take(&t->words, "}"))
		if (!read_item(t, (unsigned)number))
			return false;
	return true;
}

/* Reads LANGUAGE_MAP, which says what language each number stands for.  Blanks may be around the colons. */
static bool
read_language_map(struct toc *t)
{
	struct words *w = &t->words;
	uint64_t number, code;

	if (!words_take(w, "{"))
		return wrong(t, "LANGUAGE_MAP has a block");
	while (!words_take(w, "}")) {
		words_split(w, ':');
		if (!words_number(w, TOCTEXT_LANGUAGES - 1, &number))
			return wrong(
				t, "LANGUAGE_MAP has lines of a number, a colon and a language");
		words_split(w, ':');
		(void)words_take(w, ":");
		code = TOCTEXT_ENGLISH;
		if (!words_take(w, "EN") && !words_number(w, 255, &code))
			return wrong(t, "a language is EN or a number up to 255");
		t->text->language[number] = (uint8_t)code;
	}
	return true;
}

/* Reads CD_TEXT: a block with LANGUAGE_MAP and LANGUAGE. */
static bool
read_cd_text(struct toc *t)
{
	struct words *w = &t->words;

	if (!words_take(w, "{"))
		return wrong(t, "CD_TEXT has a block");
	while (!words_take(w, "}")) {
		if (words_take(w, "LANGUAGE_MAP")) {
			if (!read_language_map(t))
				return false;
		} else if (!words_take(w, "LANGUAGE")) {
			return wrong(t, "CD_TEXT has LANGUAGE_MAP and LANGUAGE");
		} else if (!read_language(t)) {
			return false;
		}
	}
	return true;
}

/* ---- data ------------------------------------------------------------------------------------ */

/* Reads a length: a time, or a number of units with `unit` bytes each.  Stores it in *bytes and returns
 * true.  Returns false, and keeps the present word, if it is neither. */
static bool
take_length(struct toc *t, unsigned unit, uint64_t *bytes)
{
	uint64_t n;

	if (words_time(&t->words, &n)) {
		*bytes = n * t->stride;
		return true;
	}
	if (!words_number(&t->words, NUMBER_MAX, &n))
		return false;
	*bytes = n * unit;
	return true;
}

/* Adds `bytes` bytes of a file, from the offset on, to the track.  If they end within a sector, fills that
 * with zeros, adds a warning, and sets t->cut.  Returns true; or false after refusing the files, also if
 * t->cut was set before. */
static bool
add_bytes(struct toc *t, unsigned file, enum plan_form form, uint64_t offset, uint64_t bytes)
{
	if (t->cut)
		return wrong(t, "each part of a track, but the last one, has whole sectors");
	if (bytes % t->stride == 0)
		return plan_add(t->f, t->plan, file, form, t->stride, offset, bytes / t->stride);
	t->cut = true;
	if (t->stride != plan_forms[form].bytes)
		return wrong(t, "the file ends within a sector: copy it again");
	foreign_warn(t->f, "%s ends within a sector: zeros follow",
		file == PLAN_NOTHING ? "a silence" : t->f->files[file].name);
	return plan_add_cut(
		t->f, t->plan, file, form, offset, (bytes + t->stride - 1) / t->stride, bytes);
}

/* Finds the file whose name is the present word.  Stores its index in *file, and where its data begins and
 * how many bytes it has.  *wave is true if it is a WAVE file of an audio track.  Returns true; false after
 * foreign_miss; or false after refusing the files. */
static bool
find_data(struct toc *t, unsigned *file, bool *wave, uint64_t *offset, uint64_t *bytes)
{
	struct words *w = &t->words;

	if (w->kind != WORDS_STRING)
		return wrong(t, "a file has its name in quotation marks");
	if (!foreign_find(t->f, t->sheet, w->text, file))
		return false;
	*offset = 0;
	*bytes = t->f->files[*file].size;
	*wave = t->form == PLAN_SWAPPED && riff_is_wave(t->f, *file);
	words_next(w);
	return !*wave || riff_find_samples(t->f, *file, offset, bytes);
}

/* Reads FILE, AUDIOFILE or DATAFILE: a name, and which part of the file is meant; adds that part to the
 * track.  If audio is true, numbers count samples; else bytes. */
static bool
read_file(struct toc *t, bool audio)
{
	struct words *w = &t->words;
	uint64_t offset, bytes, skip = 0, start = 0, length = 0;
	enum plan_form form = t->form;
	bool wave = false, swap;
	unsigned file;

	if (!find_data(t, &file, &wave, &offset, &bytes))
		return false;
	swap = words_take(w, "SWAP");
	if (t->form == PLAN_SWAPPED && wave != swap)
		form = PLAN_AUDIO;
	if (w->kind == WORDS_NAME && w->text[0] == '#') {
		memmove(w->text, w->text + 1, strlen(w->text));
		if (!words_number(w, INT64_MAX / 16, &skip))
			return wrong(t, "an offset is # and a number of bytes");
	}
	if (audio && !take_length(t, SAMPLE, &start))
		return wrong(t, "an audio file has a start");
	if (!take_length(t, audio ? SAMPLE : 1, &length))
		length = 0;
	skip += start;
	if (skip >= bytes || length > bytes - skip)
		return foreign_refuse(t->f,
			"%s is too short for its tracks: copy it again, or correct what describes "
			"it",
			t->f->files[file].name);
	return add_bytes(t, file, form, offset + skip, length != 0 ? length : bytes - skip);
}

/* Adds sectors of zeros to the track; in a raw data track too they become valid sectors.  Returns true; or
 * false after refusing the files. */
static bool
add_zeros(struct toc *t, uint64_t sectors)
{
	static const enum plan_form forms[PLAN_FORMS] = {
		[PLAN_AUDIO] = PLAN_AUDIO,
		[PLAN_SWAPPED] = PLAN_AUDIO,
		[PLAN_MODE1] = PLAN_MODE1,
		[PLAN_MODE1_RAW] = PLAN_MODE1,
		[PLAN_MODE2_FORM1] = PLAN_MODE2_FORM1,
		[PLAN_MODE2_FORM2] = PLAN_MODE2_FORM2,
		[PLAN_MODE2] = PLAN_MODE2_FORM1,
		[PLAN_MODE2_RAW] = PLAN_MODE2_FORM1,
	};

	if (t->cut)
		return wrong(t, "each part of a track, but the last one, has whole sectors");
	return plan_add(t->f, t->plan, PLAN_NOTHING, forms[t->form], 0, 0, sectors);
}

/* Reads SILENCE or ZERO with a length, and adds so many zeros to the track. */
static bool
read_zeros(struct toc *t)
{
	uint64_t bytes;

	/* ZERO may name the mode of its sectors, which is that of the track. */
	while (t->words.kind == WORDS_NAME && (t->words.text[0] < '0' || t->words.text[0] > '9'))
		words_next(&t->words);
	if (!take_length(t, t->form == PLAN_SWAPPED ? SAMPLE : 1, &bytes))
		return wrong(t, "SILENCE and ZERO have a length");
	if (bytes % t->stride != 0)
		return wrong(t, "SILENCE and ZERO have a length of whole sectors: MM:SS:FF");
	return add_zeros(t, bytes / t->stride);
}

/* ---- tracks ---------------------------------------------------------------------------------- */

/* Reads PREGAP with a time, and adds a pause of zeros to the track.  Index 1 of the track then begins
 * behind it. */
static bool
read_pregap(struct toc *t)
{
	uint64_t sectors;

	if (!words_time(&t->words, &sectors))
		return wrong(t, "PREGAP has a time MM:SS:FF");
	if (t->plan->sectors != t->track->start)
		return wrong(t, "PREGAP stands before the data of its track");
	if (!add_zeros(t, sectors))
		return false;
	plan_index1(t->plan);
	return true;
}

/* Reads START.  Index 1 of the track begins at that time of the track; without a time, at the end of its
 * parts so far. */
static bool
read_start(struct toc *t)
{
	uint64_t sectors;

	if (words_time(&t->words, &sectors))
		t->track->index1 = t->track->start + (uint32_t)sectors;
	else
		plan_index1(t->plan);
	return true;
}

/* Reads INDEX with a time, which counts from index 1 of the track, and adds that index. */
static bool
read_index(struct toc *t)
{
	struct cue_sheet *sheet = t->plan->sheet;
	uint32_t last = sheet->nindices > 0 ? sheet->indices[sheet->nindices - 1] : 0;
	uint64_t sectors;

	if (!words_time(&t->words, &sectors) || sectors == 0)
		return wrong(t, "INDEX has a time MM:SS:FF");
	if (sheet->nindices == CUE_INDICES_MAX || t->track->index1 + sectors <= last ||
		t->track->index1 + sectors >= t->plan->sectors)
		return wrong(t, "the times of INDEXes have to grow, and lie in their track");
	sheet->indices[sheet->nindices++] = t->track->index1 + (uint32_t)sectors;
	return true;
}

/* The modes of tracks, and the form (plan.h) that their sectors have in a file. */
static const struct {
	const char *name;
	enum plan_form form;
} modes[] = {
	{"AUDIO", PLAN_SWAPPED},
	{"MODE1", PLAN_MODE1},
	{"MODE1_RAW", PLAN_MODE1_RAW},
	{"MODE2", PLAN_MODE2},
	{"MODE2_RAW", PLAN_MODE2_RAW},
	{"MODE2_FORM1", PLAN_MODE2_FORM1},
	{"MODE2_FORM2", PLAN_MODE2_FORM2},
	{"MODE2_FORM_MIX", PLAN_MODE2},
};

/* Reads TRACK with its mode, and begins the track. */
static bool
read_track(struct toc *t)
{
	enum { N = sizeof(modes) / sizeof(modes[0]) };
	struct words *w = &t->words;
	unsigned i = 0;

	while (i < N && !words_is(w, modes[i].name))
		i++;
	if (i == N)
		return wrong(t, "a TRACK has a mode, such as AUDIO or MODE1");
	words_next(w);
	t->form = modes[i].form;
	t->stride = plan_forms[t->form].bytes;
	if (words_take(w, "RW") || words_take(w, "RW_RAW"))
		t->stride += SUBCHANNELS;
	t->cut = false;
	return plan_track(t->f, t->plan, t->form, &t->track);
}

/* Reads a word that sets a flag of the track.  on is false if NO was before it: COPY and PRE_EMPHASIS then
 * set nothing. */
static bool
read_flag(struct toc *t, bool on)
{
	struct words *w = &t->words;

	if (words_take(w, "COPY"))
		t->track->flags |= on ? CUE_DCP : 0;
	else if (words_take(w, "PRE_EMPHASIS"))
		t->track->flags |= on ? CUE_PRE : 0;
	else if (words_take(w, "FOUR_CHANNEL_AUDIO"))
		t->track->flags |= CUE_4CH;
	else if (!words_take(w, "TWO_CHANNEL_AUDIO"))
		return wrong(t, "there is no such word");
	return true;
}

/* Reads a statement of the present track, with its first word. */
static bool
read_statement(struct toc *t)
{
	struct words *w = &t->words;

	if (words_take(w, "FILE") || words_take(w, "AUDIOFILE"))
		return read_file(t, t->form == PLAN_SWAPPED);
	if (words_take(w, "DATAFILE"))
		return read_file(t, false);
	if (words_take(w, "SILENCE") || words_take(w, "ZERO"))
		return read_zeros(t);
	if (words_take(w, "PREGAP"))
		return read_pregap(t);
	if (words_take(w, "START"))
		return read_start(t);
	if (words_take(w, "INDEX"))
		return read_index(t);
	if (words_is(w, "FIFO"))
		return wrong(t, "a FIFO cannot be read: name a file");
	if (words_take(w, "ISRC")) {
		codes_isrc(t->f, t->track, w->text, strlen(w->text));
		words_next(w);
		return true;
	}
	if (words_take(w, "NO"))
		return read_flag(t, false);
	return read_flag(t, true);
}

/* Reads a statement of the whole disc, with its first word. */
static bool
read_head(struct toc *t)
{
	static const char *const types[] = {"CD_DA", "CD_ROM", "CD_ROM_XA", "CD_I"};
	struct words *w = &t->words;
	uint64_t number;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (words_take(w, types[i]))
			return true;
	if (words_take(w, "CATALOG")) {
		codes_catalog(t->f, t->plan, w->text, strlen(w->text));
		words_next(w);
		return true;
	}
	if (words_take(w, "FIRST_TRACK_NO")) {
		if (!words_number(w, CUE_TRACKS_MAX, &number) || number == 0)
			return wrong(t, "FIRST_TRACK_NO is a number from 1 to 99");
		t->plan->sheet->first = (uint8_t)number;
		return true;
	}
	return wrong(t, "there is no such word");
}

/* Makes packs of the CD-TEXT if it has items that a sheet cannot say (t->text->more), and stores them in
 * the plan.  Adds a warning if a language is left out.  Makes none if memory is missing. */
static void
make_packs(struct toc *t)
{
	const struct cue_sheet *sheet = t->plan->sheet;
	uint8_t *packs = t->text->more ? malloc((size_t)PLAN_PACKS_MAX * CD_TEXT_PACK) : NULL;
	bool cut;

	if (packs == NULL)
		return;
	t->plan->npacks =
		(unsigned)toctext_packs(t->text, sheet->first, sheet->ntracks, packs, &cut);
	t->plan->packs = packs;
	if (cut)
		foreign_warn(t->f, "the CD-TEXT is too long: a language is left out");
}

/* Returns true if the text has FILE, AUDIOFILE or DATAFILE statements with different names. */
static bool
names_several(const char *text)
{
	char first[WORDS_TEXT_MAX] = "";
	bool named = false, several = false;
	struct words w;

	for (words_begin(&w, text); w.kind != WORDS_END && !several; words_next(&w)) {
		if (named && w.kind == WORDS_STRING && first[0] == '\0')
			strcpy(first, w.text);
		else if (named && w.kind == WORDS_STRING)
			several = strcmp(first, w.text) != 0;
		named = words_is(&w, "FILE") || words_is(&w, "AUDIOFILE") ||
			words_is(&w, "DATAFILE");
	}
	return several;
}

/* Reads all statements of the text, and makes the plan. */
static bool
read_all(struct toc *t, const char *text)
{
	bool ok = true;

	t->f->several = names_several(text);
	words_begin(&t->words, text);
	while (ok && t->words.kind != WORDS_END) {
		t->line = t->words.line;
		if (words_take(&t->words, "TRACK"))
			ok = read_track(t);
		else if (words_take(&t->words, "CD_TEXT"))
			ok = read_cd_text(t);
		else
			ok = t->track != NULL ? read_statement(t) : read_head(t);
	}
	if (ok)
		make_packs(t);
	return ok;
}

bool
read_toc(struct foreign *f, unsigned sheet, struct foreign_plan *plan)
{
	struct toc t = {.f = f, .plan = plan, .sheet = sheet};
	size_t size;
	char *bytes = foreign_read_all(f, sheet, FOREIGN_SHEET_MAX, &size), *text;
	bool ok = false;

	if (bytes == NULL)
		return false;
	text = cue_text(bytes, size);
	t.text = calloc(1, sizeof(*t.text));
	if (text == NULL || t.text == NULL) {
		foreign_refuse(f, "memory is missing");
	} else {
		t.text->language[0] = TOCTEXT_ENGLISH;
		ok = read_all(&t, text);
	}
	free(bytes);
	free(text);
	free(t.text);
	return ok;
}
