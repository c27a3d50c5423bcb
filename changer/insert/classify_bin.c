/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decides what a closed BIN is, by a CUE sheet or by its content.
 *
 * The sheet is the staged file .LABEL.cue in the same element.  For an item without an insert, it may also be
 * a file of that name in the element's directory in the store.  If there is no sheet, these follow, in
 * this order:
 *   - the sheet by which the BIN was classified at an earlier close;
 *   - the description that a crash left between the close and the release;
 *   - the tracks of the disc that the BIN replaces;
 *   - the header of its first sector, or its volume.
 */
#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "changer/base/log.h"
#include "changer/disc/volume_size.h"
#include "changer/insert/classify.h"
#include "changer/inventory/model.h"
#include "changer/inventory/name.h"
#include "changer/recording/cue.h"
#include "changer/recording/sheet.h"
#include "changer/store/store.h"

/* ---- the files beside a BIN ------------------------------------------------------------------ */

/* Returns the staged file that is the sheet, or the packs, of the item (`which`); NULL if there is
 * none.  If there are several, prefers the one that has exactly the name of name_of_beside. */
static struct item *
staged_beside(struct item *it, enum jb_beside which) REQUIRES(jb_lock)
{
	char name[JB_NAME_MAX + 1];
	bool named = name_of_beside(it->name, which, name);
	struct item *found = NULL;

	for (unsigned i = 0; it->elem != NULL && i < JB_STAGED_MAX; i++) {
		struct item *s = it->elem->staged[i];

		if (s == NULL || s->kind != JB_ITEM_STAGED ||
			!name_is_beside_of(s->name, which, it->name))
			continue;
		if (found == NULL || (named && strcmp(s->name, name) == 0))
			found = s;
	}
	return found;
}

/* Does what staged_beside does: returns the sheet or the packs of the item, NULL if there is none.  Takes the
 * lock, and adds a reference to the file, which the caller drops. */
static struct item *
find_beside(struct item *it, enum jb_beside which) EXCLUDES(jb_lock)
{
	struct item *file;

	jb_enter(it->jb);
	file = staged_beside(it, which);
	if (file != NULL)
		item_ref(file);
	jb_leave(it->jb);
	return file;
}

/* Opens the file's image for reading, also while a program writes it.  *image gets a reference; it
 * is NULL after an error of item_open_image.  The caller has a reference to the file. */
static enum jb_err
open_beside(struct item *file, struct image **image) EXCLUDES(jb_lock)
{
	*image = NULL;
	jb_enter(file->jb);
	if (file->insert != NULL)
		*image = image_get(file->insert->image);
	jb_leave(file->jb);
	return *image != NULL ? JB_OK : item_open_image(file, image);
}

/*
 * Prints to `path` (STORE_PATH_MAX bytes) where a file beside the item would be in the element's
 * directory in the store.  A user may have put it there, with its BIN, while the daemon was not
 * running.  Returns false if the item has no element, or the file's name would be too long; true does
 * not say that the file exists.
 */
static bool
path_by_hand(struct item *it, enum jb_beside which, char *path) EXCLUDES(jb_lock)
{
	char name[JB_NAME_MAX + 1], where[32];
	bool found = name_of_beside(it->name, which, name);

	jb_enter(it->jb);
	found = found && it->elem != NULL;
	if (found)
		store_join(jb_elem_str(it->elem->at, where), name, path);
	jb_leave(it->jb);
	return found;
}

/* Reads the file at path_by_hand.  Stores its text, which the caller frees, in *text, and its size in *size;
 * leaves *text if there is no such file.  Returns the store's error. */
static enum jb_err
read_by_hand(struct item *it, enum jb_beside which, char **text, size_t *size) EXCLUDES(jb_lock)
{
	char path[STORE_PATH_MAX];
	enum jb_err err = path_by_hand(it, which, path)
				  ? store_read_file(it->jb->store, path, text, size)
				  : JB_OK;

	return err == JB_NO_ITEM || err == JB_STORE_FORMAT ? JB_OK : err;
}

/* Reads the sheet, or the packs, of the item (`which`).  Stores its text, which the caller frees, in *text;
 * leaves *text if there is none.  *size is its size.  If a staged file has
 * more than CUE_SHEET_MAX bytes, reads CUE_SHEET_MAX + 1 of them, so that by_text refuses it.  Returns the
 * store's error or JB_NO_MEMORY; then leaves *text. */
static enum jb_err
read_beside(struct item *it, enum jb_beside which, char **text, size_t *size) EXCLUDES(jb_lock)
{
	struct item *file = find_beside(it, which);
	struct image *image = NULL;
	char *buf = NULL;
	uint64_t bytes = 0;
	enum jb_err err;

	if (file == NULL)
		return it->insert == NULL ? read_by_hand(it, which, text, size) : JB_OK;
	err = open_beside(file, &image);
	if (err == JB_OK)
		err = image_stat(image, &bytes, NULL);
	*size = bytes <= CUE_SHEET_MAX ? (size_t)bytes : CUE_SHEET_MAX + 1;
	if (err == JB_OK && (buf = malloc(*size + 1)) == NULL)
		err = JB_NO_MEMORY;
	if (err == JB_OK)
		err = image_read(image, buf, *size, 0, true);
	if (err == JB_OK)
		*text = buf;
	else
		free(buf);
	image_put(image);
	item_unref(file);
	return err;
}

/* Reads the files beside the item to beside[].  An item with an insert remembers them there for a
 * later call, and has those of an earlier call if one is not there any more.  Returns the errors of
 * read_beside, if such an earlier one cannot stand in. */
static enum jb_err
read_all_beside(struct item *it, struct insert_beside beside[JB_BESIDES]) EXCLUDES(jb_lock)
{
	enum jb_err err = JB_OK;

	for (unsigned i = 0; err == JB_OK && i < JB_BESIDES; i++) {
		size_t size = 0;
		char *text = NULL;

		err = read_beside(it, (enum jb_beside)i, &text, &size);
		if (err != JB_OK && beside[i].text != NULL)
			err = JB_OK;
		if (text == NULL)
			continue;
		free(beside[i].text);
		beside[i] = (struct insert_beside){text, size};
	}
	return err;
}

/* Removes the staged file `which` beside the item, which has become a disc in the element `at`; and, if the
 * item has no insert, the file at path_by_hand.  Does nothing for a file that is not there.  Ignores
 * errors. */
static void
consume(struct item *it, enum jb_beside which, struct jb_elem at)
{
	char name[JB_NAME_MAX + 1], path[STORE_PATH_MAX];
	struct item *file;

	jb_enter(it->jb);
	file = staged_beside(it, which);
	if (file != NULL)
		strcpy(name, file->name);
	jb_leave(it->jb);
	if (file != NULL)
		(void)jb_item_remove(it->jb, at, name);
	if (it->insert == NULL && path_by_hand(it, which, path))
		(void)store_unlink(it->jb->store, path);
}

void
classify_consume_sheet(struct item *it)
{
	struct jb_elem at = {JB_SLOT, 0};
	bool due;

	jb_enter(it->jb);
	/* A sheet beside a blank disc is for the BIN that will be written over it. */
	due = it->elem != NULL && it->kind == JB_ITEM_DISC && !it->disc.unrecorded;
	if (due)
		at = it->elem->at;
	jb_leave(it->jb);
	for (unsigned i = 0; due && i < JB_BESIDES; i++)
		consume(it, (enum jb_beside)i, at);
}

/* ---- warnings -------------------------------------------------------------------------------- */

/* Keeps the sheet's warnings in it->warnings, one sentence a line, for classify_report, in place of earlier
 * ones.  If there are none or memory is missing, it->warnings becomes NULL. */
static void
keep_warnings(struct item *it, const struct cue_sheet *sheet)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = sheet->nwarnings > 0 ? open_memstream(&text, &size) : NULL;

	for (unsigned i = 0; out != NULL && i < sheet->nwarnings; i++) {
		const struct cue_warning *w = &sheet->warnings[i];

		if (w->line != 0)
			fprintf(out, "line %u of its sheet: ", w->line);
		fprintf(out, "%s\n", w->what);
	}
	if (out != NULL && fclose(out) != 0) {
		free(text);
		text = NULL;
	}
	free(it->warnings);
	it->warnings = text;
}

void
classify_report(struct item *it)
{
	char *rest = it->kind == JB_ITEM_DISC && !it->disc.unrecorded ? it->warnings : NULL, *line;

	while (rest != NULL && (line = strsep(&rest, "\n")) != NULL && *line != '\0') {
		log_warn("store", "%s: %s", it->name, line);
		event_warning(it, line);
	}
	free(it->warnings);
	it->warnings = NULL;
}

/* ---- by a sheet ------------------------------------------------------------------------------ */

/* Returns the part of `path` after its last slash or backslash. */
static const char *
base_name(const char *path)
{
	for (const char *p = path; *p != '\0'; p++)
		if (*p == '/' || *p == '\\')
			path = p + 1;
	return path;
}

/* Returns true if file, as a sheet writes it, is name, without regard to case.  Two apostrophes may
 * stand for a quotation mark in the name, as in sheets that earlier versions printed. */
static bool
is_name(const char *file, const char *name)
{
	for (; *name != '\0'; name++, file++) {
		if (*name == '"' && file[0] == '\'' && file[1] == '\'')
			file++;
		else if (tolower((unsigned char)*name) != tolower((unsigned char)*file))
			return false;
	}
	return *file == '\0';
}

/* Returns true if the sheet's FILE is the item's name, or the name that the item gets when it becomes a
 * BIN.  Ignores folders before the name, and case (is_name). */
static bool
names_item(const struct cue_sheet *sheet, const struct item *it)
{
	const char *file[] = {sheet->file, base_name(sheet->file)};
	char bin[JB_NAME_MAX + 1];

	/* The whole text is compared too, because a name may have a backslash in it. */
	for (unsigned i = 0; i < 2; i++)
		if (is_name(file[i], it->name) ||
			(name_of_bin(it->name, bin) == JB_OK && is_name(file[i], bin)))
			return true;
	return false;
}

enum { SYNC_LEN = 12 };

/* Returns the mode in the header of the raw sector at that place, which counts sectors of the image from 0.
 * Returns 0 if the sector does not begin with a sync pattern, or cannot be read. */
static unsigned
mode_of_sector(const struct image *image, uint32_t place)
{
	static const uint8_t sync[SYNC_LEN] = {
		0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0};
	uint8_t head[CD_HEADER + 4];

	if (image_read(image, head, sizeof(head), (uint64_t)place * CD_RAW_SIZE, true) != JB_OK ||
		memcmp(head, sync, sizeof(sync)) != 0)
		return 0;
	return head[CD_HEADER + 3];
}

/* Returns true if the first two sectors of each data track of a raw recording have the track's mode.  The
 * second one is not where it should be if sectors have sub-channel data behind them (2448 bytes).  Looks
 * at no other sector, and at nothing if the recording is not raw. */
static bool
has_raw_data(const struct image *image, const struct recording *rec)
{
	for (unsigned i = 0; rec->raw && i < rec->ntracks; i++) {
		const struct track *t = &rec->tracks[i];
		unsigned mode = t->mode == CD_MODE2 ? 2 : 1;
		uint32_t place = t->start - t->shift;

		if (t->mode != CD_AUDIO &&
			(mode_of_sector(image, place) != mode ||
				(t->size > 1 && mode_of_sector(image, place + 1) != mode)))
			return false;
	}
	return true;
}

/* Returns true if the image of size bytes begins with raw sectors of data: its first sector has a sync
 * pattern, and the second one too, if there is one.  An image without a volume needs the first one only.
 * Returns false if it cannot be read. */
static bool
begins_raw(const struct image *image, uint64_t size)
{
	if (mode_of_sector(image, 0) == 0)
		return false;
	return size < 2 * CD_RAW_SIZE || mode_of_sector(image, 1) != 0 ||
	       !volume_size_is_there(image);
}

/* Returns the medium of the disc that the item will be, and stores its capacity: those of the blank disc
 * that it is written over; else those of the medium that its name says; else a CD-ROM's. */
static const struct medium *
medium_of(const struct item *it, uint32_t *capacity)
{
	const struct medium *m = name_medium(it->name);

	if (it->insert != NULL && it->insert->over) {
		*capacity = it->disc.rec.capacity;
		return it->disc.rec.medium;
	}
	if (m == NULL)
		m = medium_by_profile(PROFILE_CD_ROM);
	*capacity = medium_largest(m);
	return m;
}

/* Returns true if a disc of that medium can have the tracks of a sheet: a CD, unless it is written at any
 * address (WRITES_ANYWHERE). */
static bool
takes_tracks(const struct medium *m)
{
	return m->family == MEDIUM_CD && m->writing != WRITES_ANYWHERE;
}

/* Gives each raw data track of the sheet the mode that its first sector has in its header, and adds a warning
 * to the sheet if that is another one.  Leaves audio tracks, tracks of 2048-byte sectors, and a track whose
 * first sector has no header of mode 1 or 2. */
static void
believe_headers(const struct image *image, struct cue_sheet *sheet)
{
	static const enum cue_mode modes[] = {[1] = CUE_MODE1_2352, [2] = CUE_MODE2_2352};
	static const char *const warnings[] = {
		[1] = "a TRACK has sectors of mode 1: it is MODE1/2352",
		[2] = "a TRACK has sectors of mode 2: it is MODE2/2352",
	};

	for (unsigned i = 0; i < sheet->ntracks; i++) {
		struct cue_track *t = &sheet->tracks[i];
		unsigned mode;

		if (t->mode != CUE_MODE1_2352 && t->mode != CUE_MODE2_2352)
			continue;
		mode = mode_of_sector(image, t->index1);
		if ((mode != 1 && mode != 2) || modes[mode] == t->mode)
			continue;
		t->mode = modes[mode];
		cue_warn(sheet, 0, warnings[mode]);
	}
}

/* Makes *rec the recording that the sheet describes, after believe_headers; on success, keeps the
 * sheet's warnings.  Returns JB_SHEET_MEDIUM if the item's medium has no tracks, JB_SHEET_FORM if a
 * data track begins with another kind of sector, or the errors of sheet_to_recording; then *rec is
 * zero.  Logs JB_SHEET_FORM and JB_SHEET_LENGTH with details. */
static enum jb_err
by_sheet(struct item *it, const struct image *image, uint64_t size, struct cue_sheet *sheet,
	struct recording *rec)
{
	const char *why = "";
	uint32_t capacity;
	const struct medium *m = medium_of(it, &capacity);
	enum jb_err err;

	if (!takes_tracks(m))
		return JB_SHEET_MEDIUM;
	believe_headers(image, sheet);
	err = sheet_to_recording(sheet, size, m, capacity, rec, &why);
	if (err == JB_OK && !has_raw_data(image, rec)) {
		recording_fini(rec);
		memset(rec, 0, sizeof(*rec));
		why = "a TRACK of data does not begin with two sectors of its kind";
		err = JB_SHEET_FORM;
	}
	if (err == JB_SHEET_FORM || err == JB_SHEET_LENGTH)
		log_warn("store", "%s: the sheet does not fit this BIN: %s", it->name, why);
	if (err == JB_OK)
		keep_warnings(it, sheet);
	return err;
}

/* Lets the sheet have the packs of CD-TEXT in the file that its CDTEXTFILE names, which may have the
 * header of READ TOC before them, or a NUL behind them.  The sheet borrows them from *file.  Adds a
 * warning if there is no such file, or it has no packs.  Does nothing if the sheet has no
 * CDTEXTFILE. */
static void
take_packs(struct cue_sheet *sheet, const struct insert_beside *file)
{
	enum { HEADER = 4, TYPE_MASK = 0xf0, TYPE_TEXT = 0x80 };
	size_t skip = file->size % CD_TEXT_PACK == HEADER ? HEADER : 0;
	size_t n = (file->size - skip) / CD_TEXT_PACK;

	if (!sheet->names_packs)
		return;
	if (file->text == NULL) {
		cue_warn(sheet, 0, "the file of its CDTEXTFILE is not beside it as .LABEL.cdt");
		return;
	}
	sheet->packs = (const uint8_t *)file->text + skip;
	for (size_t i = 0; i < n; i++)
		if ((sheet->packs[i * CD_TEXT_PACK] & TYPE_MASK) != TYPE_TEXT)
			n = 0;
	if (n > 0 && n <= CD_TEXT_PACKS_MAX && file->size - skip <= n * CD_TEXT_PACK + 1)
		sheet->npacks = (unsigned)n;
	else
		cue_warn(sheet, 0, "the file of its CDTEXTFILE has no packs of CD-TEXT");
}

/* Returns true if the sheet has one track, of that mode. */
static bool
is_one_track(const struct cue_sheet *sheet, enum cue_mode mode)
{
	return sheet->ntracks == 1 && sheet->tracks[0].mode == mode;
}

/*
 * Classifies the image by the text of a sheet.  Sets *plain to true, and leaves *rec, if the sheet
 * has one track of 2048-byte sectors, or one data track whose image has a volume of such sectors.
 * Returns JB_SHEET_SYNTAX if the sheet is not valid, JB_SHEET_FILE if it names another file,
 * JB_NO_MEMORY, or the errors of by_sheet.  Logs the first two with details.  A raw recording keeps the
 * sheet's text.  If *plain is not set here, it stays.
 */
static enum jb_err
by_text(struct item *it, const struct image *image, uint64_t size,
	const struct insert_beside beside[JB_BESIDES], struct recording *rec, bool *plain)
{
	struct cue_sheet *sheet = malloc(sizeof(*sheet));
	const char *bytes = beside[JB_SHEET].text;
	size_t length = beside[JB_SHEET].size;
	char *text = length <= CUE_SHEET_MAX ? cue_text(bytes, length) : NULL;
	const char *why = "a sheet has at most 64 KiB";
	unsigned line = 1;
	enum jb_err err = JB_OK;

	if (sheet == NULL || (text == NULL && length <= CUE_SHEET_MAX)) {
		free(sheet);
		free(text);
		return JB_NO_MEMORY;
	}
	if (text != NULL)
		why = cue_parse(text, strlen(text), sheet, &line);
	if (why != NULL) {
		log_warn("store", "%s: line %u of its sheet: %s", it->name, line, why);
		err = JB_SHEET_SYNTAX;
	} else if (!names_item(sheet, it)) {
		log_warn("store", "%s: its sheet names another FILE, %s", it->name, sheet->file);
		err = JB_SHEET_FILE;
	} else if (is_one_track(sheet, CUE_MODE1_2048) ||
		   (sheet->ntracks == 1 && sheet->tracks[0].mode != CUE_AUDIO &&
			   mode_of_sector(image, 0) == 0 && volume_size_is_there(image))) {
		*plain = true;
	} else {
		take_packs(sheet, &beside[JB_PACKS]);
		err = by_sheet(it, image, size, sheet, rec);
		if (err == JB_OK && rec->raw)
			err = recording_set_sheet(rec, text);
	}
	free(sheet);
	free(text);
	return err;
}

/* ---- without a sheet ------------------------------------------------------------------------- */

/* Returns true if the item's own recording describes the image of that size: the start of the daemon has
 * read it from a description in incoming/, which was stored at the close of the BIN. */
static bool
is_described(const struct item *it, uint64_t size)
{
	const struct recording *rec = &it->disc.rec;

	return it->insert == NULL && it->at_incoming && rec->medium != NULL && rec->final &&
	       recording_bytes(rec) == recording_sectors(rec, size) * recording_sector_size(rec);
}

/* Makes *rec a recording with the tracks of the disc that the item replaces.  Returns JB_SHEET_MISSING
 * if nothing is recorded on that one, the errors of by_sheet, or JB_NO_MEMORY. */
static enum jb_err
as_replaced(struct item *it, const struct image *image, uint64_t size, struct recording *rec)
{
	const struct recording *old = &it->replaces->disc.rec;
	struct cue_sheet *sheet = malloc(sizeof(*sheet));
	enum jb_err err = JB_NO_MEMORY;

	if (sheet != NULL) {
		err = sheet_of_recording(old, it->name, sheet) ? JB_OK : JB_SHEET_MISSING;
		sheet->packs = old->text;
		sheet->npacks = old->ntext;
		if (err == JB_OK)
			err = by_sheet(it, image, size, sheet, rec);
		if (err == JB_OK)
			err = recording_set_sheet(rec, old->sheet);
	}
	free(sheet);
	return err;
}

/* Classifies an image that has no sheet.  If the item's own recording describes it, copies that.  If
 * it may be whole raw sectors and replaces a raw disc, it has that disc's tracks.  If the first
 * sector has a header, the disc is one track of its mode.  If it has none, but the image has a
 * volume, *plain becomes true.  Returns JB_SHEET_MISSING if nothing says what the tracks are,
 * JB_NO_MEMORY, or the errors of by_sheet. */
static enum jb_err
by_itself(struct item *it, const struct image *image, uint64_t size, struct recording *rec,
	bool *plain)
{
	static const enum cue_mode modes[] = {[1] = CUE_MODE1_2352, [2] = CUE_MODE2_2352};
	struct cue_sheet *sheet;
	unsigned mode = mode_of_sector(image, 0);
	enum jb_err err;

	if (is_described(it, size))
		return recording_copy(&it->disc.rec, rec);
	if (it->replaces != NULL && it->replaces->disc.rec.raw && size % CD_RAW_SIZE == 0 &&
		!volume_size_is_there(image))
		return as_replaced(it, image, size, rec);
	if (mode != 1 && mode != 2) {
		*plain = volume_size_is_there(image);
		return *plain ? JB_OK : JB_SHEET_MISSING;
	}
	sheet = calloc(1, sizeof(*sheet));
	if (sheet == NULL)
		return JB_NO_MEMORY;
	sheet->ntracks = 1;
	sheet->tracks[0].mode = modes[mode];
	err = by_sheet(it, image, size, sheet, rec);
	free(sheet);
	return err;
}

/* ---- classification -------------------------------------------------------------------------- */

/* Returns true if the item has a sheet: beside it, or from an earlier close.  Does not read it. */
static bool
has_sheet(struct item *it) EXCLUDES(jb_lock)
{
	struct item *sheet = find_beside(it, JB_SHEET);
	char path[STORE_PATH_MAX];

	if (sheet != NULL) {
		item_unref(sheet);
		return true;
	}
	if (it->insert != NULL)
		return it->insert->beside[JB_SHEET].text != NULL;
	return path_by_hand(it, JB_SHEET, path) && faccessat(it->jb->store, path, F_OK, 0) == 0;
}

bool
classify_is_bin(struct item *it, const struct image *image, uint64_t size)
{
	uint32_t capacity;

	if (name_is_bin(it->name) && takes_tracks(medium_of(it, &capacity)))
		return true;
	if (has_sheet(it) || begins_raw(image, size))
		return true;
	/* Audio has nothing that tells it from other data. */
	return !volume_size_is_there(image) &&
	       ((is_described(it, size) && it->disc.rec.raw) ||
		       (it->replaces != NULL && it->replaces->disc.rec.raw));
}

enum jb_err
classify_bin(struct item *it, const struct image *image, uint64_t size, struct recording *rec,
	bool *plain, bool *incomplete)
{
	struct insert_beside own[JB_BESIDES] = {{NULL, 0}};
	struct insert_beside *beside = it->insert != NULL ? it->insert->beside : own;
	enum jb_err err;

	*plain = false;
	free(it->warnings);
	it->warnings = NULL;
	err = read_all_beside(it, beside);
	if (err == JB_OK && beside[JB_SHEET].text != NULL)
		err = by_text(it, image, size, beside, rec, plain);
	else if (err == JB_OK)
		err = by_itself(it, image, size, rec, plain);
	for (unsigned i = 0; i < JB_BESIDES; i++)
		free(own[i].text);
	/* If a BIN of one data track has a volume, that says how long the image must be. */
	if (err == JB_OK && !*plain && rec->raw && rec->ntracks == 1 &&
		rec->tracks[0].mode != CD_AUDIO && volume_size_is_longer(image, true, size))
		*incomplete = true;
	return err;
}
