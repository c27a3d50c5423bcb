/* SPDX-License-Identifier: GPL-2.0-or-later */
/* BINs and their sheets, from files to discs, and what is refused. */
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
	/* The file that was written has done its duty; what is there now is made from the disc. */
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

/* What is not in the file has addresses all the same. */
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
	/* Samples of the file by its places. */
	fill(raw, sizeof(raw), 16 * CD_RAW_SIZE, 0);
	uint8_t is[CD_STEP * CD_RAW_SIZE];
	assert_ok(disc_read_raw(d, 16 + 150, CD_STEP, is, true));
	assert_memory_equal(is, raw, sizeof(raw));
	fill(raw, sizeof(raw), 32 * CD_RAW_SIZE, 0);
	assert_ok(disc_read_raw(d, t.start, CD_STEP, is, true));
	assert_memory_equal(is, raw, sizeof(raw));
	/* Over the border of what is there: the last sample, then silence. */
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

/* By the sheet's places in the file; the disc's addresses are others behind a pause that is not in it. */
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

/* What is burned in two sessions can be copied as it is, and is the same disc. */
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

/* ---- without a sheet, and with one that is not needed ---------------------------------------- */

/* A volume of ISO 9660 that says that it has so many sectors; unit: of the file. */
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
	/* Its volume is longer than that: somebody has not copied all of it. */
	assert_ok(put_file(fx, slot(3), "e.bin", file, (size_t)39 * CD_RAW_SIZE));
	assert_int_equal(look(fx, slot(3), "e.bin").kind, JB_ITEM_INCOMPLETE);
	free(file);
	d = load(fx, slot(1));
	assert_true(disc_is_raw(d));
	assert_ok(disc_read(d, 17, 1, sector, true));
	assert_int_equal(sector[5], 17);
	release(fx);
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
	/* One of another medium is none of ours. */
	assert_ok(put_file(fx, slot(5), "h.dvd+r.bin", file, size - 100));
	assert_string_equal(look(fx, slot(5), "h.dvd+r.bin").medium->suffix, "dvd+r");
	reopen(fx);
	assert_int_equal(look(fx, slot(3), "f.bin").tracks, 2);
	free(file);
}

/* ---- over a blank, and over another disc ----------------------------------------------------- */

/* A sheet may come before the blank is there: it waits for what is recorded. */
static void
a_blank_leaves_the_sheet(void **state)
{
	struct fixture *fx = *state;

	assert_ok(put_text(fx, slot(1), ".a.cue", AUDIO_SHEET("a.cd-r.bin")));
	copy_in(fx, slot(1), "a.cd-r.bin", 0, 0);
	assert_int_equal(look(fx, slot(1), ".a.cue").kind, JB_ITEM_STAGED);
}

static void
over_a_blank(void **state)
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
	assert_absent(fx, slot(1), "a.cd-rw.iso");
	assert_true(look(fx, slot(1), "a.bin").raw);
	reopen(fx);
	assert_content(fx, slot(1), "a.bin", 60 * CD_RAW_SIZE, 1);
	d = load(fx, slot(1));
	assert_string_equal(disc_medium(d)->suffix, "cd-rw");
	assert_int_equal(disc_tracks(d), 2);
	assert_true(disc_capacity(d) > 300000);
	release(fx);
}

/* rsync renames over a standing disc; the sheet beside it is the one that holds. */
static void
over_another_disc(void **state)
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
	/* One that it does not fit leaves the disc, and the new file, as they are. */
	assert_ok(put_samples(fx, slot(1), ".a.bin.abcdef", 30, 3));
	assert_err(
		jb_item_rename(fx->jb, slot(1), ".a.bin.abcdef", slot(1), "a.bin"), SHEET_LENGTH);
	assert_content(fx, slot(1), "a.bin", 70 * CD_RAW_SIZE, 2);
	/* Another sheet comes before it, in the same way. */
	assert_ok(put_text(fx, slot(1), ".a.cue.abcdef",
		"FILE a.bin BINARY\nTRACK 01 AUDIO\nINDEX 01 00:00:00\n"));
	assert_ok(jb_item_rename(fx->jb, slot(1), ".a.cue.abcdef", slot(1), ".a.cue"));
	assert_ok(jb_item_rename(fx->jb, slot(1), ".a.bin.abcdef", slot(1), "a.bin"));
	assert_content(fx, slot(1), "a.bin", 30 * CD_RAW_SIZE, 3);
	assert_int_equal(files_in(fx, slot(1)), 1);
	assert_int_equal(look(fx, slot(1), "a.bin").tracks, 1);
}

/* While the daemon is down, both can be put into the store, too; the name may be any. */
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
	{HEAD "TRACK 02 AUDIO\nPREGAP 80:00:00\nINDEX 01 00:00:40\n", "TOO_LARGE"},
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
		/* Nothing is lost: the sheet can be put right, and the file is there. */
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
	assert_err(jb_item_rename(fx->jb, slot(1), "a.bin", slot(2), "a.iso"), RAW_NAME);
	assert_err(jb_item_remove(fx->jb, slot(1), ".a.cue"), NO_ITEM);
	/* What a plain disc is called is all the same. */
	copy_in(fx, slot(2), "b.iso", 8192, 1);
	assert_ok(jb_item_rename(fx->jb, slot(2), "b.iso", slot(2), "b.bin"));
	assert_ok(jb_item_rename(fx->jb, slot(2), "b.bin", slot(3), "b.iso"));
}

/* A sheet as long as it likes, or of noise, does no harm. */
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
		TEST(an_image_of_2048_stays_what_it_is),
		TEST(a_blank_leaves_the_sheet),
		TEST(over_a_blank),
		TEST(over_another_disc),
		TEST(put_into_the_store_by_hand),
		TEST(wrong_sheets_are_refused),
		TEST(wrong_names_are_refused),
		TEST(noise_for_a_sheet),
	};

	return cmocka_run_group_tests(tests, folders_in_memory, NULL);
}
