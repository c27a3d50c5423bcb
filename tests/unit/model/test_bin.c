/* SPDX-License-Identifier: GPL-2.0-or-later */
/* BINs and their sheets: how the files become a disc, and what is refused. */
#include "tests/unit/model/cd.h"

#include "changer/recording/sheet.h"

static void
a_sheet_makes_a_disc_of_a_bin(void **state)
{
	struct fixture *fx = *state;
	const uint8_t *packs;
	struct track t;
	struct disc *d;
	char *sheet;

	assert_ok(put_text(fx, slot(1), ".a.cue", AUDIO_SHEET("a.bin")));
	assert_ok(put_samples(fx, slot(1), "a.bin", 60, 1));
	assert_int_equal(look(fx, slot(1), "a.bin").kind, JB_ITEM_DISC);
	/* The written sheet is gone; the one that is shown is made from the disc. */
	assert_absent(fx, slot(1), ".a.cue");
	sheet = sheet_beside(fx, slot(1), ".a.cue");
	assert_string_equal(sheet, AUDIO_SHEET("a.bin"));
	free(sheet);
	reopen(fx);
	assert_content(fx, slot(1), "a.bin", 60 * CD_RAW_SIZE, 1);
	d = load(fx, slot(1));
	assert_int_equal(disc_status(d), DISC_COMPLETE);
	assert_string_equal(disc_medium(d)->suffix, "cd-rom");
	assert_int_equal(disc_readable_capacity(d), 60);
	assert_int_equal(disc_tracks(d), 2);
	assert_true(disc_track(d, 2, &t));
	assert_int_equal(t.start, 40);
	assert_int_equal(t.pregap, 20);
	assert_int_equal(t.control, CD_COPY_PERMITTED);
	assert_string_equal(disc_catalog(d), "4006381333931");
	assert_true(disc_text(d, &packs) > 3);
	assert_true(holds_samples(d, 0, CD_STEP, 1));
	assert_true(holds_samples(d, 44, CD_STEP, 1));
	release(fx);
	assert_ok(jb_item_rename(fx->jb, drive(0), "a.bin", slot(2), "b.bin"));
	assert_null(sheet_beside(fx, slot(1), ".a.cue"));
	sheet = sheet_beside(fx, slot(2), ".b.cue");
	assert_string_equal(sheet, AUDIO_SHEET("b.bin"));
	free(sheet);
	assert_ok(jb_item_remove(fx->jb, slot(2), "b.bin"));
	assert_null(sheet_beside(fx, slot(2), ".b.cue"));
}

/* Pauses that are not in the file have addresses, too. */
static void
pauses_and_sessions_that_are_not_in_the_file(void **state)
{
	static const char text[] = "FILE \"p.cd-r.bin\" BINARY\n"
				   "  TRACK 01 AUDIO\n"
				   "    PREGAP 00:02:00\n"
				   "    INDEX 01 00:00:00\n"
				   "  TRACK 02 AUDIO\n"
				   "    PREGAP 00:02:00\n"
				   "    INDEX 01 00:00:16\n"
				   "REM SESSION 02\n"
				   "  TRACK 03 AUDIO\n"
				   "    INDEX 01 00:00:32\n";
	struct fixture *fx = *state;
	uint8_t raw[CD_STEP * CD_RAW_SIZE], zero[CD_RAW_SIZE] = {0};
	struct track t;
	struct disc *d;
	char *sheet;

	assert_ok(put_text(fx, slot(1), ".p.cue", text));
	assert_ok(put_samples(fx, slot(1), "p.cd-r.bin", 48, 0));
	sheet = sheet_beside(fx, slot(1), ".p.cue");
	assert_non_null(strstr(sheet, "PREGAP 00:02:00\n    INDEX 01 00:00:16"));
	assert_non_null(strstr(sheet, "REM SESSION 02\n  TRACK 03 AUDIO\n    INDEX 01 00:00:32\n"));
	assert_null(strstr(sheet, "INDEX 00"));
	free(sheet);
	reopen(fx);
	d = load(fx, slot(1));
	assert_string_equal(disc_medium(d)->suffix, "cd-r");
	assert_int_equal(disc_sessions(d), 2);
	assert_true(disc_track(d, 2, &t));
	assert_int_equal(t.start, 16 + 150);
	assert_int_equal(t.pregap, 150);
	assert_true(disc_track(d, 3, &t));
	assert_int_equal(t.session, 2);
	assert_int_equal(t.start, 16 + 150 + 16 + 11400);
	/* Samples come from the places in the file. */
	fill(raw, sizeof(raw), 16 * CD_RAW_SIZE, 0);
	uint8_t is[CD_STEP * CD_RAW_SIZE];
	assert_ok(disc_read_raw(d, 16 + 150, CD_STEP, is, true));
	assert_memory_equal(is, raw, sizeof(raw));
	fill(raw, sizeof(raw), 32 * CD_RAW_SIZE, 0);
	assert_ok(disc_read_raw(d, t.start, CD_STEP, is, true));
	assert_memory_equal(is, raw, sizeof(raw));
	/* A read across the end of the file's part: the last sample, then silence. */
	assert_ok(disc_read_raw(d, 15, 2, is, true));
	fill(raw, CD_RAW_SIZE, 15 * CD_RAW_SIZE, 0);
	assert_memory_equal(is, raw, CD_RAW_SIZE);
	assert_memory_equal(is + CD_RAW_SIZE, zero, CD_RAW_SIZE);
	assert_ok(disc_read_raw(d, t.start - 1, 2, is, true));
	assert_memory_equal(is, zero, CD_RAW_SIZE);
	fill(raw, CD_RAW_SIZE, 32 * CD_RAW_SIZE, 0);
	assert_memory_equal(is + CD_RAW_SIZE, raw, CD_RAW_SIZE);
	release(fx);
}

/* The indices are places in the file. On the disc they are higher after a pause that is not in the file. */
static void
indices_of_a_sheet(void **state)
{
	static const char text[] = "FILE \"i.bin\" BINARY\n"
				   "  TRACK 01 AUDIO\n"
				   "    INDEX 01 00:00:00\n"
				   "    INDEX 02 00:00:10\n"
				   "  TRACK 02 AUDIO\n"
				   "    PREGAP 00:02:00\n"
				   "    INDEX 01 00:00:16\n"
				   "    INDEX 02 00:00:20\n"
				   "    INDEX 03 00:00:31\n";
	struct fixture *fx = *state;
	struct track t;
	struct disc *d;
	char *sheet;

	assert_ok(put_text(fx, slot(1), ".i.cue", text));
	assert_ok(put_samples(fx, slot(1), "i.bin", 32, 0));
	reopen(fx);
	sheet = sheet_beside(fx, slot(1), ".i.cue");
	assert_string_equal(sheet, text);
	free(sheet);
	d = load(fx, slot(1));
	assert_true(disc_track(d, 1, &t));
	assert_int_equal(disc_index_at(d, &t, 9), 1);
	assert_int_equal(disc_index_at(d, &t, 10), 2);
	assert_true(disc_track(d, 2, &t));
	assert_int_equal(disc_index_at(d, &t, 165), 0);
	assert_int_equal(disc_index_at(d, &t, 169), 1);
	assert_int_equal(disc_index_at(d, &t, 170), 2);
	assert_int_equal(disc_index_at(d, &t, 181), 3);
	release(fx);
	assert_ok(put_text(fx, slot(2), ".i.cue", text));
	assert_err(put_samples(fx, slot(2), "i.bin", 31, 0), SHEET_LENGTH);
}

/* A disc that was burned in two sessions can be copied out with its sheet and in again, and is the same
 * disc. */
static void
a_burned_disc_is_inserted_again(void **state)
{
	struct fixture *fx = *state;
	struct track was[3], is;
	char *sheet, *again;
	struct disc *d;

	copy_in(fx, drive(0), "x.cd-r.iso", 0, 0);
	d = hold(fx);
	write_data(d, 0, CD_STEP, 1);
	assert_ok(disc_close(d, 1, 1));
	disc_next_tracks(d, CD_AUDIO, CD_PRE_EMPHASIS, "");
	assert_true(disc_track(d, 2, &was[1]));
	write_samples(d, was[1].start, CD_STEP, 2);
	assert_ok(disc_close(d, 2, 0));
	assert_true(disc_track(d, 3, &was[2]));
	write_samples(d, was[2].start, CD_STEP, 3);
	assert_ok(disc_finalize(d));
	for (unsigned i = 0; i < 3; i++)
		assert_true(disc_track(d, i + 1, &was[i]));
	release(fx);
	await_robot(fx);
	assert_ok(move_by_hand(fx->jb, drive(0), slot(1), NULL));
	sheet = sheet_beside(fx, slot(1), ".x.cue");
	assert_ok(put_text(fx, slot(2), ".x.cue", sheet));
	shell(fx, "cp slots/1/x.bin/image.* copy.bin");
	{
		size_t size = look(fx, slot(1), "x.bin").size;
		char path[200];
		uint8_t *all = malloc(size);
		FILE *f;

		snprintf(path, sizeof(path), "%s/copy.bin", fx->store);
		f = fopen(path, "r");
		assert_non_null(f);
		assert_int_equal(fread(all, 1, size, f), size);
		fclose(f);
		assert_ok(put_file(fx, slot(2), "x.bin", all, size));
		free(all);
	}
	again = sheet_beside(fx, slot(2), ".x.cue");
	assert_string_equal(sheet, again);
	free(sheet);
	free(again);
	d = load(fx, slot(2));
	for (unsigned i = 0; i < 3; i++) {
		assert_true(disc_track(d, i + 1, &is));
		assert_int_equal(is.start, was[i].start);
		assert_int_equal(is.size, was[i].size);
		assert_int_equal(is.mode, was[i].mode);
		assert_int_equal(is.control, was[i].control);
		assert_int_equal(is.session, was[i].session);
	}
	assert_true(holds_data(d, 0, CD_STEP, 1));
	assert_true(holds_samples(d, was[1].start, CD_STEP, 2));
	assert_true(holds_samples(d, was[2].start, CD_STEP, 3));
	release(fx);
}

/* ---- without a sheet, and with a sheet that is not needed ------------------------------------ */

/* Makes an ISO 9660 volume of `sectors` blocks of `unit` bytes, which claims to have `claimed` blocks. */
static uint8_t *
make_volume(uint32_t sectors, uint32_t claimed, size_t unit)
{
	uint8_t *file = calloc(sectors, unit), data[SECTOR_SIZE];

	for (uint32_t lba = 0; lba < sectors; lba++) {
		memset(data, (int)lba, sizeof(data));
		if (lba == 16) {
			memcpy(data, "\001CD001", 6);
			data[80] = (uint8_t)claimed;
			data[81] = data[82] = data[83] = 0;
			data[128] = 0;
			data[129] = 8;
		}
		if (unit == CD_RAW_SIZE)
			cd_sector_mode1(file + lba * unit, (int32_t)lba, data);
		else
			memcpy(file + lba * unit, data, unit);
	}
	return file;
}

static void
one_track_of_data_needs_no_sheet(void **state)
{
	struct fixture *fx = *state;
	uint8_t *file = make_volume(40, 40, CD_RAW_SIZE), sector[SECTOR_SIZE];
	struct disc *d;

	assert_ok(put_file(fx, slot(1), "d.bin", file, (size_t)40 * CD_RAW_SIZE));
	assert_ok(put_file(fx, slot(2), "c.bin", file, (size_t)40 * CD_RAW_SIZE - 1));
	assert_int_equal(look(fx, slot(2), "c.bin").kind, JB_ITEM_INCOMPLETE);
	/* The volume claims to be longer than the file, so the copy is incomplete. */
	assert_ok(put_file(fx, slot(3), "e.bin", file, (size_t)39 * CD_RAW_SIZE));
	assert_int_equal(look(fx, slot(3), "e.bin").kind, JB_ITEM_INCOMPLETE);
	free(file);
	d = load(fx, slot(1));
	assert_true(disc_is_raw(d));
	assert_ok(disc_read(d, 17, 1, sector, true));
	assert_int_equal(sector[5], 17);
	release(fx);
}

/* Raw sectors by what is in them, whatever the name says.  Fails when they pass as 2048-byte sectors. */
static void
content_decides(void **state)
{
	static const char *const names[] = {"a.iso", "a.img", "a.udf", "a", "a.cd-r.iso"};
	struct fixture *fx = *state;
	size_t size = (size_t)40 * CD_RAW_SIZE;
	uint8_t *file = make_volume(40, 40, CD_RAW_SIZE), sector[SECTOR_SIZE];
	struct disc *d;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_ok(put_file(fx, slot(1), names[i], file, size));
		assert_int_equal(look(fx, slot(1), names[i]).kind, JB_ITEM_DISC);
		assert_true(look(fx, slot(1), names[i]).raw);
		free(sheet_beside(fx, slot(1), ".a.cue"));
		reopen(fx);
		d = load(fx, slot(1));
		assert_int_equal(disc_readable_capacity(d), 40);
		assert_ok(disc_read(d, 16, 1, sector, true));
		assert_memory_equal(sector, "\1CD001", 6);
		release(fx);
		assert_ok(jb_item_remove(fx->jb, drive(0), names[i]));
	}
	/* No other medium has such sectors. */
	assert_err(put_file(fx, slot(1), "b.dvd+r.iso", file, size), SHEET_MEDIUM);
	assert_int_equal(look(fx, slot(1), "b.dvd+r.iso").kind, JB_ITEM_INCOMPLETE);
	/* A plain image may begin with the bytes of a sync pattern. */
	free(file);
	file = make_volume(40, 40, SECTOR_SIZE);
	memcpy(file, "\0\377\377\377\377\377\377\377\377\377\377\0\0\2\0\1", 16);
	assert_ok(put_file(fx, slot(2), "c.iso", file, (size_t)40 * SECTOR_SIZE));
	assert_false(look(fx, slot(2), "c.iso").raw);
	assert_int_equal(look(fx, slot(2), "c.iso").kind, JB_ITEM_DISC);
	free(file);
}

/* A sheet beside the file holds for every name, and goes when it has been used. */
static void
a_sheet_beside_any_name(void **state)
{
	struct fixture *fx = *state;

	assert_ok(put_text(fx, slot(1), ".a.cue", AUDIO_SHEET("a.bin")));
	assert_ok(put_samples(fx, slot(1), "a.img", 60, 1));
	assert_int_equal(look(fx, slot(1), "a.img").tracks, 2);
	assert_int_equal(files_in(fx, slot(1)), 1);
	assert_ok(put_text(fx, slot(2), ".b.cue", AUDIO_SHEET("b.iso")));
	assert_ok(put_samples(fx, slot(2), "b.iso", 60, 1));
	assert_int_equal(look(fx, slot(2), "b.iso").tracks, 2);
	reopen(fx);
	assert_int_equal(look(fx, slot(2), "b.iso").tracks, 2);
	/* A disc that replaces one of audio has its tracks, if nothing says something else. */
	assert_ok(put_samples(fx, slot(2), ".b.iso.abcdef", 60, 2));
	assert_ok(jb_item_rename(fx->jb, slot(2), ".b.iso.abcdef", slot(2), "b.iso"));
	assert_int_equal(look(fx, slot(2), "b.iso").tracks, 2);
	assert_content(fx, slot(2), "b.iso", 60 * CD_RAW_SIZE, 2);
}

/* Sectors with 96 bytes of sub-channel data behind them: 49 of them are as long as 51 of 2352 bytes. */
static void
sub_channel_data_is_refused(void **state)
{
	enum { WHOLE = CD_RAW_SIZE + 96, COUNT = 49 };
	struct fixture *fx = *state;
	uint8_t *raw = make_volume(COUNT, COUNT, CD_RAW_SIZE), *file = calloc(COUNT, WHOLE);

	for (size_t i = 0; i < COUNT; i++)
		memcpy(file + i * WHOLE, raw + i * CD_RAW_SIZE, CD_RAW_SIZE);
	assert_err(put_file(fx, slot(1), "a.bin", file, (size_t)COUNT * WHOLE), SHEET_FORM);
	assert_err(put_file(fx, slot(2), "a.iso", file, (size_t)COUNT * WHOLE), SHEET_FORM);
	assert_ok(put_text(fx, slot(3), ".a.cue",
		"FILE a.bin BINARY\nTRACK 01 MODE1/2352\nINDEX 01 00:00:00\n"));
	assert_err(put_file(fx, slot(3), "a.bin", file, (size_t)COUNT * WHOLE), SHEET_FORM);
	assert_int_equal(look(fx, slot(3), "a.bin").kind, JB_ITEM_INCOMPLETE);
	free(raw);
	free(file);
}

static void
an_image_of_2048_stays_what_it_is(void **state)
{
	static const char sheet[] =
		"FILE \"d.bin\" BINARY\nTRACK 01 MODE1/2048\nINDEX 01 00:00:00\n";
	static const char wrong[] =
		"FILE \"e.bin\" BINARY\nTRACK 01 MODE1/2352\nINDEX 01 00:00:00\n";
	static const char two[] = "FILE \"f.bin\" BINARY\nTRACK 01 MODE1/2048\nINDEX 01 00:00:00\n"
				  "TRACK 02 MODE1/2048\nINDEX 01 00:00:20\n";
	struct fixture *fx = *state;
	size_t size = (size_t)40 * SECTOR_SIZE;
	uint8_t *file = make_volume(40, 40, SECTOR_SIZE);

	assert_ok(put_text(fx, slot(1), ".d.cue", sheet));
	assert_ok(put_file(fx, slot(1), "d.bin", file, size));
	assert_false(look(fx, slot(1), "d.bin").raw);
	assert_null(sheet_beside(fx, slot(1), ".d.cue"));
	assert_int_equal(files_in(fx, slot(1)), 1);
	assert_ok(put_text(fx, slot(2), ".e.cue", wrong));
	assert_ok(put_file(fx, slot(2), "e.bin", file, size));
	assert_false(look(fx, slot(2), "e.bin").raw);
	assert_ok(put_text(fx, slot(3), ".f.cue", two));
	assert_ok(put_file(fx, slot(3), "f.bin", file, size));
	assert_false(look(fx, slot(3), "f.bin").raw);
	assert_int_equal(look(fx, slot(3), "f.bin").tracks, 2);
	assert_ok(put_file(fx, slot(4), "g.bin", file, size));
	assert_string_equal(look(fx, slot(4), "g.bin").medium->suffix, "cd-rom");
	/* A BIN of a medium that is not a CD is an ordinary image. */
	assert_ok(put_file(fx, slot(5), "h.dvd+r.bin", file, size - 100));
	assert_string_equal(look(fx, slot(5), "h.dvd+r.bin").medium->suffix, "dvd+r");
	reopen(fx);
	assert_int_equal(look(fx, slot(3), "f.bin").tracks, 2);
	free(file);
}

/* ---- over a blank, and in place of another disc ---------------------------------------------- */

/* A sheet may be copied before the blank: it stays until the blank is recorded. */
static void
a_blank_leaves_the_sheet(void **state)
{
	struct fixture *fx = *state;

	assert_ok(put_text(fx, slot(1), ".a.cue", AUDIO_SHEET("a.cd-r.bin")));
	copy_in(fx, slot(1), "a.cd-r.bin", 0, 0);
	assert_int_equal(look(fx, slot(1), ".a.cue").kind, JB_ITEM_STAGED);
}

static void
a_bin_over_a_blank(void **state)
{
	struct fixture *fx = *state;
	struct jb_file *f;
	struct disc *d;
	uint8_t *raw = malloc((size_t)60 * CD_RAW_SIZE);

	copy_in(fx, slot(1), "a.cd-rw.iso", 0, 0);
	make_samples(raw, 0, 60, 1);
	assert_ok(put_text(fx, slot(1), ".a.cue", AUDIO_SHEET("a.bin")));
	assert_ok(jb_file_open(fx->jb, look(fx, slot(1), "a.cd-rw.iso").id, true, true, &f));
	assert_ok(jb_file_write(f, raw, (size_t)60 * CD_RAW_SIZE, 0));
	assert_ok(jb_file_flush(f, false));
	jb_file_release(f);
	free(raw);
	/* The disc keeps its name, and gets a sheet. */
	assert_true(look(fx, slot(1), "a.cd-rw.iso").raw);
	free(sheet_beside(fx, slot(1), ".a.cue"));
	reopen(fx);
	assert_content(fx, slot(1), "a.cd-rw.iso", 60 * CD_RAW_SIZE, 1);
	d = load(fx, slot(1));
	assert_string_equal(disc_medium(d)->suffix, "cd-rw");
	assert_int_equal(disc_tracks(d), 2);
	assert_true(disc_capacity(d) > 300000);
	release(fx);
}

/* rsync renames its temporary file over the disc; the disc's sheet applies to the new file. */
static void
a_bin_in_place_of_another_disc(void **state)
{
	struct fixture *fx = *state;
	char *sheet;

	assert_ok(put_text(fx, slot(1), ".a.cue", AUDIO_SHEET("a.bin")));
	assert_ok(put_samples(fx, slot(1), "a.bin", 60, 1));
	assert_ok(put_samples(fx, slot(1), ".a.bin.abcdef", 70, 2));
	assert_ok(jb_item_rename(fx->jb, slot(1), ".a.bin.abcdef", slot(1), "a.bin"));
	assert_content(fx, slot(1), "a.bin", 70 * CD_RAW_SIZE, 2);
	sheet = sheet_beside(fx, slot(1), ".a.cue");
	assert_string_equal(sheet, AUDIO_SHEET("a.bin"));
	free(sheet);
	/* A file that does not fit the sheet is refused; the disc and the file stay as they are. */
	assert_ok(put_samples(fx, slot(1), ".a.bin.abcdef", 30, 3));
	assert_err(
		jb_item_rename(fx->jb, slot(1), ".a.bin.abcdef", slot(1), "a.bin"), SHEET_LENGTH);
	assert_content(fx, slot(1), "a.bin", 70 * CD_RAW_SIZE, 2);
	/* A new sheet can replace the old one in the same way. */
	assert_ok(put_text(fx, slot(1), ".a.cue.abcdef",
		"FILE a.bin BINARY\nTRACK 01 AUDIO\nINDEX 01 00:00:00\n"));
	assert_ok(jb_item_rename(fx->jb, slot(1), ".a.cue.abcdef", slot(1), ".a.cue"));
	assert_ok(jb_item_rename(fx->jb, slot(1), ".a.bin.abcdef", slot(1), "a.bin"));
	assert_content(fx, slot(1), "a.bin", 30 * CD_RAW_SIZE, 3);
	assert_int_equal(files_in(fx, slot(1)), 1);
	assert_int_equal(look(fx, slot(1), "a.bin").tracks, 1);
}

/* While the daemon is down, a BIN and its sheet can be put into the store by hand. Quotes in names are
 * allowed. */
static void
put_into_the_store_by_hand(void **state)
{
	struct fixture *fx = *state;
	char *sheet;

	assert_ok(put_text(fx, slot(1), ".a \"b\".cue", AUDIO_SHEET("a ''b''.bin")));
	assert_ok(put_samples(fx, slot(1), "a \"b\".bin", 60, 1));
	sheet = sheet_beside(fx, slot(1), ".a \"b\".cue");
	assert_string_equal(sheet, AUDIO_SHEET("a \"b\".bin"));
	free(sheet);
	jb_close(fx->jb);
	shell(fx, "cp slots/1/*.bin/image.1 slots/2/a.bin");
	shell(fx, "printf 'FILE a.bin BINARY\\nTRACK 01 AUDIO\\nINDEX 01 00:00:00\\n' > "
		  "slots/2/.a.cue");
	open_store(fx, 0, 0, 0);
	assert_content(fx, slot(2), "a.bin", 60 * CD_RAW_SIZE, 1);
	assert_int_equal(look(fx, slot(2), "a.bin").tracks, 1);
	assert_int_equal(entries(fx, "slots/2"), 1);
	assert_int_equal(entries(fx, "incoming"), 0);
}

/* ---- refusals -------------------------------------------------------------------------------- */

#define HEAD "FILE a.bin BINARY\nTRACK 01 AUDIO\nINDEX 01 00:00:00\n"

static const struct {
	const char *sheet, *err;
} refusals[] = {
	{NULL, "SHEET_MISSING"},
	{"", "SHEET_SYNTAX"},
	{"FILE a.wav WAVE\n", "SHEET_SYNTAX"},
	{"FILE a.bin BINARY\n", "SHEET_SYNTAX"},
	{HEAD "INDEX 02 nonsense\n", "SHEET_SYNTAX"},
	{"FILE b.bin BINARY\nTRACK 01 AUDIO\nINDEX 01 00:00:00\n", "SHEET_FILE"},
	{HEAD "TRACK 02 AUDIO\nINDEX 01 00:00:60\n", "SHEET_LENGTH"},
	{HEAD "TRACK 02 AUDIO\nINDEX 01 00:09:00\nTRACK 03 AUDIO\nINDEX 01 00:10:00\n",
		"SHEET_LENGTH"},
	{"FILE a.bin BINARY\nTRACK 01 MODE1/2352\nINDEX 01 00:00:00\n", "SHEET_FORM"},
	{HEAD "TRACK 02 MODE1/2048\nINDEX 01 00:00:40\n", "SHEET_FORM"},
	{HEAD "TRACK 02 MODE2/2352\nINDEX 01 00:00:40\n", "SHEET_FORM"},
	{"FILE a.bin BINARY\nTRACK 01 MODE2/2336\nINDEX 01 00:00:00\n", "SHEET_FORM"},
	{HEAD "TRACK 02 AUDIO\nPREGAP 99:59:00\nINDEX 01 00:00:40\n", "TOO_LARGE"},
};

static void
wrong_sheets_are_refused(void **state)
{
	struct fixture *fx = *state;
	struct jb_item item;

	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		if (refusals[i].sheet != NULL)
			assert_ok(put_text(fx, slot(1), ".a.cue", refusals[i].sheet));
		assert_string_equal(
			jb_err_name(put_samples(fx, slot(1), "a.bin", 60, 1)), refusals[i].err);
		/* Nothing is lost: the file is there, and the sheet can be corrected. */
		item = look(fx, slot(1), "a.bin");
		assert_int_equal(item.kind, JB_ITEM_INCOMPLETE);
		assert_int_equal(item.size, 60 * CD_RAW_SIZE);
		if (refusals[i].sheet != NULL) {
			look(fx, slot(1), ".a.cue");
			assert_ok(jb_item_remove(fx->jb, slot(1), ".a.cue"));
		}
		assert_string_equal(
			jb_err_name(jb_item_complete(fx->jb, item.id)), "SHEET_MISSING");
		assert_ok(put_text(fx, slot(1), ".a.cue", AUDIO_SHEET("a.bin")));
		assert_ok(jb_item_complete(fx->jb, item.id));
		assert_int_equal(look(fx, slot(1), "a.bin").tracks, 2);
		assert_int_equal(files_in(fx, slot(1)), 1);
		assert_ok(jb_item_remove(fx->jb, slot(1), "a.bin"));
	}
}

static void
wrong_names_are_refused(void **state)
{
	struct fixture *fx = *state;
	struct jb_file *f;

	assert_err(jb_file_create(fx->jb, slot(1), "a.cue", 0644, 0, 0, &f, NULL), SHEET_NAME);
	assert_ok(put_text(fx, slot(1), ".a.cue", AUDIO_SHEET("a.bin")));
	assert_err(jb_item_rename(fx->jb, slot(1), ".a.cue", slot(1), "a.cue"), SHEET_NAME);
	assert_ok(put_samples(fx, slot(1), "a.bin", 60, 1));
	assert_err(jb_item_rename(fx->jb, slot(1), "a.bin", slot(1), "a.cue"), SHEET_NAME);
	assert_err(jb_item_remove(fx->jb, slot(1), ".a.cue"), NO_ITEM);
	assert_ok(jb_item_rename(fx->jb, slot(1), "a.bin", slot(2), "a.iso"));
	assert_ok(jb_item_rename(fx->jb, slot(2), "a.iso", slot(1), "a.iso"));
	/* A plain disc may have any name too. */
	copy_in(fx, slot(2), "b.iso", 8192, 1);
	assert_ok(jb_item_rename(fx->jb, slot(2), "b.iso", slot(2), "b.bin"));
	assert_ok(jb_item_rename(fx->jb, slot(2), "b.bin", slot(3), "b.iso"));
}

/* A very long sheet of random bytes does no harm. */
static void
noise_for_a_sheet(void **state)
{
	struct fixture *fx = *state;
	size_t size = 3 << 20;
	uint8_t *noise = malloc(size);

	srand(7);
	for (size_t i = 0; i < size; i++)
		noise[i] = (uint8_t)rand();
	assert_ok(put_file(fx, slot(1), ".a.cue", noise, size));
	assert_err(put_samples(fx, slot(1), "a.bin", 60, 1), SHEET_SYNTAX);
	assert_ok(put_file(fx, slot(2), ".a.cue", noise, 1000));
	assert_err(put_samples(fx, slot(2), "a.bin", 60, 1), SHEET_SYNTAX);
	free(noise);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_sheet_makes_a_disc_of_a_bin),
		TEST(pauses_and_sessions_that_are_not_in_the_file),
		TEST(indices_of_a_sheet),
		TEST(a_burned_disc_is_inserted_again),
		TEST(one_track_of_data_needs_no_sheet),
		TEST(content_decides),
		TEST(a_sheet_beside_any_name),
		TEST(sub_channel_data_is_refused),
		TEST(an_image_of_2048_stays_what_it_is),
		TEST(a_blank_leaves_the_sheet),
		TEST(a_bin_over_a_blank),
		TEST(a_bin_in_place_of_another_disc),
		TEST(put_into_the_store_by_hand),
		TEST(wrong_sheets_are_refused),
		TEST(wrong_names_are_refused),
		TEST(noise_for_a_sheet),
	};

	return cmocka_run_group_tests(tests, folders_in_memory, NULL);
}
