/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of sheets is kept, dropped and told, and what goes in and out beside them. */
#include "tests/unit/model/cd.h"

/* ---- texts ----------------------------------------------------------------------------------- */

#define TEXTS(name) \
	"REM GENRE Klassik\n" \
	"\n" \
	"TITLE \"\xd0\xa0\xd1\x83 \xe2\x80\x9cx\xe2\x80\x9d \xc5\x99\"\n" \
	"GENRE nothing\n" \
	"FILE \"" name "\" BINARY\n" \
	"\tTRACK 07 AUDIO\n" \
	"\t\tTITLE Blue (12\" Mix)\n" \
	"\t\tINDEX 01 00:00:00\n" \
	"\tTRACK 08 AUDIO\n" \
	"\t\tREM between\n" \
	"\t\tINDEX 00 00:00:20\n" \
	"\t\tWHATEVER it is\n" \
	"\t\tINDEX 01 00:00:40\n" \
	"REM the end\n"

static void
assert_sheet(struct fixture *fx, struct jb_elem e, const char *name, const char *text)
{
	char *sheet = sheet_beside(fx, e, name);

	assert_non_null(sheet);
	assert_string_equal(sheet, text);
	free(sheet);
}

/* The sheet that is read is the one that was inserted, line by line. */
static void
no_line_is_lost(void **state)
{
	struct fixture *fx = *state;
	const uint8_t *packs;
	struct disc *d;

	assert_ok(put_text(fx, slot(1), ".a.cue", TEXTS("a.bin")));
	assert_ok(put_samples(fx, slot(1), "a.bin", 60, 1));
	assert_sheet(fx, slot(1), ".a.cue", TEXTS("a.bin"));
	assert_null(sheet_beside(fx, slot(1), ".a.cdt"));
	reopen(fx);
	assert_sheet(fx, slot(1), ".a.cue", TEXTS("a.bin"));
	assert_ok(jb_item_rename(fx->jb, slot(1), "a.bin", slot(2), "b.bin"));
	assert_sheet(fx, slot(2), ".b.cue", TEXTS("b.bin"));
	/* A new BIN in its place keeps them; another sheet does not. */
	assert_ok(put_samples(fx, slot(2), ".b.bin.abcdef", 70, 2));
	assert_ok(jb_item_rename(fx->jb, slot(2), ".b.bin.abcdef", slot(2), "b.bin"));
	assert_sheet(fx, slot(2), ".b.cue", TEXTS("b.bin"));
	d = load(fx, slot(2));
	assert_int_equal(disc_first_number(d), 7);
	assert_int_equal(disc_text(d, &packs), 3 + 3);
	assert_memory_equal(packs + 4, "?? ?x? ?\0", 9);
	release(fx);
	assert_ok(move_by_hand(fx->jb, drive(0), slot(2), NULL));
	assert_ok(put_text(fx, slot(2), ".b.cue.abcdef", AUDIO_SHEET("b.bin")));
	assert_ok(jb_item_rename(fx->jb, slot(2), ".b.cue.abcdef", slot(2), ".b.cue"));
	assert_ok(put_samples(fx, slot(2), ".b.bin.abcdef", 60, 3));
	assert_ok(jb_item_rename(fx->jb, slot(2), ".b.bin.abcdef", slot(2), "b.bin"));
	assert_sheet(fx, slot(2), ".b.cue", AUDIO_SHEET("b.bin"));
}

/* Packs of two languages, of which a sheet says none. */
static void
make_packs(uint8_t packs[5 * CD_TEXT_PACK])
{
	for (unsigned i = 0; i < 5 * CD_TEXT_PACK; i++)
		packs[i] = (uint8_t)(i * 7);
	for (unsigned i = 0; i < 5; i++) {
		packs[i * CD_TEXT_PACK] = (uint8_t)(0x80 + 3 * i);
		packs[i * CD_TEXT_PACK + 3] = (uint8_t)(i / 3 << 4);
	}
}

static void
assert_packs(struct fixture *fx, struct jb_elem e, const char *name)
{
	uint8_t packs[5 * CD_TEXT_PACK];
	enum jb_beside which;
	struct jb_item item;
	char *is = NULL;
	size_t size = 0;

	make_packs(packs);
	assert_ok(jb_beside_lookup(fx->jb, e, name, &item, &which));
	assert_int_equal(which, JB_PACKS);
	assert_ok(jb_beside_text(fx->jb, item.id, which, &is, &size));
	assert_int_equal(size, sizeof(packs));
	assert_memory_equal(is, packs, size);
	free(is);
}

/* What of CD-TEXT a sheet cannot say goes in and out beside it. */
static void
packs_go_beside_the_sheet(void **state)
{
	static const char text[] = "CDTEXTFILE \"a.cdt\"\n" AUDIO_SHEET("a.bin");
	static const struct {
		size_t before, after;
	} rows[] = {{0, 0}, {4, 0}, {0, 1}};
	struct fixture *fx = *state;
	uint8_t file[4 + 5 * CD_TEXT_PACK + 1] = {0};
	uint64_t number = 0;
	struct jb_event e;

	make_packs(file + 4);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_ok(put_file(fx, slot(1), ".a.cdt", file + 4 - rows[i].before,
			rows[i].before + 5 * CD_TEXT_PACK + rows[i].after));
		assert_ok(put_text(fx, slot(1), ".a.cue", text));
		assert_ok(put_samples(fx, slot(1), "a.bin", 60, 1));
		assert_int_equal(files_in(fx, slot(1)), 1);
		assert_packs(fx, slot(1), ".a.cdt");
		assert_sheet(fx, slot(1), ".a.cue", text);
		reopen(fx);
		assert_packs(fx, slot(1), ".a.cdt");
		assert_ok(jb_item_rename(fx->jb, slot(1), "a.bin", slot(2), "b.bin"));
		assert_packs(fx, slot(2), ".b.cdt");
		assert_sheet(fx, slot(2), ".b.cue", "CDTEXTFILE \"b.cdt\"\n" AUDIO_SHEET("b.bin"));
		assert_err(jb_item_remove(fx->jb, slot(2), ".b.cdt"), NO_ITEM);
		assert_ok(jb_item_remove(fx->jb, slot(2), "b.bin"));
		assert_null(sheet_beside(fx, slot(2), ".b.cdt"));
	}
	for (; jb_event_get(fx->jb, number, &e); number = e.number + 1)
		assert_int_not_equal(e.type, JB_EVENT_WARNING);
	/* Into the store by hand; a BIN over it keeps them. */
	jb_close(fx->jb);
	shell(fx, "head -c 141120 /dev/zero > slots/3/c.bin");
	shell(fx, "printf 'CDTEXTFILE a.cdt\\nFILE c.bin BINARY\\nTRACK 01 AUDIO\\nINDEX 01 "
		  "00:00:00\\n' > "
		  "slots/3/.c.cue");
	shell(fx, "printf '\\200%017d' 0 > slots/3/.c.cdt");
	open_store(fx, 0, 0, 0);
	assert_sheet(fx, slot(3), ".c.cue",
		"CDTEXTFILE \"c.cdt\"\nFILE c.bin BINARY\nTRACK 01 AUDIO\nINDEX 01 00:00:00\n");
	assert_sheet(fx, slot(3), ".c.cdt",
		"\x80"
		"00000000000000000");
	assert_int_equal(entries(fx, "slots/3"), 1);
	assert_ok(put_samples(fx, slot(3), ".c.bin.abcdef", 70, 2));
	assert_ok(jb_item_rename(fx->jb, slot(3), ".c.bin.abcdef", slot(3), "c.bin"));
	assert_sheet(fx, slot(3), ".c.cdt",
		"\x80"
		"00000000000000000");
}

/* ---- warnings -------------------------------------------------------------------------------- */

/* The next warning from event *number on; NULL: none.  *number is then the one after it. */
static const char *
next_warning(struct fixture *fx, uint64_t *number)
{
	static struct jb_event e;

	while (jb_event_get(fx->jb, *number, &e)) {
		*number = e.number + 1;
		if (e.type == JB_EVENT_WARNING)
			return e.warning;
	}
	return NULL;
}

/* What places no track makes no disc incomplete: it is dropped, and told once. */
static void
optional_lines_refuse_no_disc(void **state)
{
	static const char *const lines[] = {"CATALOG 12345\n", "ISRC nonsense\n", "WHATEVER\n"};
	struct fixture *fx = *state;
	uint64_t number = 0;
	char text[512];

	for (unsigned i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		snprintf(text, sizeof(text), "%s%s", lines[i], AUDIO_SHEET("a.bin"));
		assert_ok(put_text(fx, slot(1), ".a.cue", text));
		assert_ok(put_samples(fx, slot(1), "a.bin", 60, 1));
		assert_int_equal(look(fx, slot(1), "a.bin").kind, JB_ITEM_DISC);
		assert_int_equal(
			strncmp(next_warning(fx, &number), "line 1 of its sheet: ", 21), 0);
		assert_null(next_warning(fx, &number));
		assert_ok(jb_item_remove(fx->jb, slot(1), "a.bin"));
	}
	/* A pause between two sessions, where there is already more.  Two seconds of it are usual. */
	for (unsigned i = 2; i < 4; i++) {
		snprintf(text, sizeof(text),
			"%sREM SESSION 02\nTRACK 03 AUDIO\nPREGAP 00:0%u:00\nINDEX 01 00:00:50\n",
			AUDIO_SHEET("a.bin"), i);
		assert_ok(put_text(fx, slot(1), ".a.cue", text));
		assert_ok(put_samples(fx, slot(1), "a.bin", 60, 1));
		assert_int_equal(look(fx, slot(1), "a.bin").kind, JB_ITEM_DISC);
		if (i > 2)
			assert_non_null(strstr(next_warning(fx, &number), "PREGAP"));
		assert_null(next_warning(fx, &number));
		assert_ok(jb_item_remove(fx->jb, slot(1), "a.bin"));
	}
	/* A CDTEXTFILE that is not there, or is something else; the texts are the CD-TEXT then. */
	for (unsigned i = 0; i < 3; i++) {
		if (i > 0)
			assert_ok(put_file(fx, slot(1), ".a.cdt", text, 18 * i + 18 * i % 5));
		assert_ok(put_text(fx, slot(1), ".a.cue", "CDTEXTFILE x\n" AUDIO_SHEET("a.bin")));
		assert_ok(put_samples(fx, slot(1), "a.bin", 60, 1));
		assert_non_null(strstr(
			next_warning(fx, &number), i == 0 ? "is not beside" : "has no packs"));
		assert_null(next_warning(fx, &number));
		assert_null(sheet_beside(fx, slot(1), ".a.cdt"));
		assert_int_equal(files_in(fx, slot(1)), 1);
		assert_ok(jb_item_remove(fx->jb, slot(1), "a.bin"));
	}
	/* A file that is no disc yet warns when it becomes one. */
	assert_err(put_samples(fx, slot(1), "a.bin", 60, 1), SHEET_MISSING);
	assert_ok(put_text(fx, slot(1), ".a.cue", AUDIO_SHEET("a.bin") "ISRC\n"));
	assert_null(next_warning(fx, &number));
	assert_ok(jb_item_complete(fx->jb, look(fx, slot(1), "a.bin").id));
	assert_non_null(strstr(next_warning(fx, &number), "ISRC"));
	assert_null(next_warning(fx, &number));
}

/* UTF-16, as Windows writes it; lines that end with a carriage return alone. */
static void
sheets_of_other_systems(void **state)
{
	struct fixture *fx = *state;
	const char *text = AUDIO_SHEET("a.bin");
	char bytes[1024] = {(char)0xff, (char)0xfe};
	size_t n = strlen(text);

	for (size_t i = 0; i < n; i++)
		bytes[2 + 2 * i] = text[i];
	assert_ok(put_file(fx, slot(1), ".a.cue", bytes, 2 + 2 * n));
	assert_ok(put_samples(fx, slot(1), "a.bin", 60, 1));
	for (size_t i = 0; i < n; i++)
		bytes[i] = text[i] == '\n' ? '\r' : text[i];
	bytes[n] = 0x1a;
	assert_ok(put_file(fx, slot(2), ".a.cue", bytes, n + 1));
	assert_ok(put_samples(fx, slot(2), "a.bin", 60, 1));
	for (unsigned i = 1; i <= 2; i++) {
		char *sheet = sheet_beside(fx, slot(i), ".a.cue");

		assert_string_equal(sheet, text);
		free(sheet);
	}
}

/* ---- what the BIN is ------------------------------------------------------------------------- */

/* A BIN that ends within a sector counts as if zeros followed. */
static void
a_part_of_a_sector_is_padded(void **state)
{
	struct fixture *fx = *state;
	uint8_t *raw = malloc((size_t)60 * CD_RAW_SIZE), is[CD_RAW_SIZE];
	size_t size = (size_t)60 * CD_RAW_SIZE - 1000;
	uint64_t number = 0;
	struct disc *d;

	make_samples(raw, 0, 60, 1);
	assert_ok(put_text(fx, slot(1), ".a.cue", AUDIO_SHEET("a.bin")));
	assert_ok(put_file(fx, slot(1), "a.bin", raw, size));
	assert_non_null(strstr(next_warning(fx, &number), "ends within a sector"));
	assert_null(next_warning(fx, &number));
	assert_int_equal(look(fx, slot(1), "a.bin").size, size);
	for (unsigned round = 0; round < 2; round++) {
		assert_false(look(fx, slot(1), "a.bin").truncated);
		d = load(fx, slot(1));
		assert_int_equal(disc_readable_capacity(d), 60);
		assert_ok(disc_read_raw(d, 59, 1, is, true));
		memset(raw + size, 0, 1000);
		assert_memory_equal(is, raw + (size_t)59 * CD_RAW_SIZE, CD_RAW_SIZE);
		release(fx);
		assert_ok(move_by_hand(fx->jb, drive(0), slot(1), NULL));
		reopen(fx);
	}
	/* Sectors of 2448 bytes are no such BIN. */
	assert_ok(put_text(fx, slot(2), ".a.cue", AUDIO_SHEET("a.bin")));
	assert_err(put_file(fx, slot(2), "a.bin", raw, (size_t)50 * 2448), SHEET_LENGTH);
	free(raw);
}

static void
silence_behind_a_track(void **state)
{
	static const char text[] = "FILE \"a.bin\" BINARY\n"
				   "  TRACK 01 AUDIO\n"
				   "    INDEX 01 00:00:00\n"
				   "    POSTGAP 00:00:50\n"
				   "  TRACK 02 AUDIO\n"
				   "    INDEX 01 00:00:20\n";
	struct fixture *fx = *state;
	uint64_t number = 0;
	struct track t;
	struct disc *d;

	assert_ok(put_text(fx, slot(1), ".a.cue", text));
	assert_ok(put_samples(fx, slot(1), "a.bin", 60, 1));
	assert_null(next_warning(fx, &number));
	assert_sheet(fx, slot(1), ".a.cue",
		"FILE \"a.bin\" BINARY\n"
		"  TRACK 01 AUDIO\n"
		"    INDEX 01 00:00:00\n"
		"  TRACK 02 AUDIO\n"
		"    PREGAP 00:00:50\n"
		"    INDEX 01 00:00:20\n");
	d = load(fx, slot(1));
	assert_true(disc_track(d, 2, &t));
	assert_int_equal(t.start, 70);
	assert_int_equal(t.pregap, 50);
	assert_true(holds_samples(d, 0, CD_STEP, 1));
	release(fx);
	assert_ok(put_text(fx, slot(2), ".a.cue",
		"FILE a.bin BINARY\nTRACK 01 AUDIO\nINDEX 01 00:00:00\nPOSTGAP 00:02:00\n"));
	assert_ok(put_samples(fx, slot(2), "a.bin", 60, 1));
	assert_non_null(strstr(next_warning(fx, &number), "POSTGAP"));
}

/* The header of a sector is believed, where the sheet says another mode. */
static void
headers_are_believed(void **state)
{
	static const struct {
		const char *mode;
		bool warns;
	} rows[] = {{"MODE1/2352", true}, {"MODE2/2352", false}, {"CDI/2352", false}};
	struct fixture *fx = *state;
	uint8_t *raw = malloc((size_t)20 * CD_RAW_SIZE), data[SECTOR_SIZE] = {1};
	uint64_t number = 0;
	char text[128];

	for (int32_t lba = 0; lba < 20; lba++)
		cd_sector_mode2_form1(raw + (size_t)lba * CD_RAW_SIZE, lba, data);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(text, sizeof(text),
			"FILE \"a.bin\" BINARY\n  TRACK 01 %s\n    INDEX 01 00:00:00\n",
			rows[i].mode);
		assert_ok(put_text(fx, slot(1), ".a.cue", text));
		assert_ok(put_file(fx, slot(1), "a.bin", raw, (size_t)20 * CD_RAW_SIZE));
		if (rows[i].warns)
			assert_non_null(strstr(next_warning(fx, &number), "MODE2/2352"));
		assert_null(next_warning(fx, &number));
		assert_sheet(fx, slot(1), ".a.cue",
			"FILE \"a.bin\" BINARY\n  TRACK 01 MODE2/2352\n    INDEX 01 00:00:00\n");
		assert_ok(jb_item_remove(fx->jb, slot(1), "a.bin"));
	}
	free(raw);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(no_line_is_lost),
		TEST(packs_go_beside_the_sheet),
		TEST(optional_lines_refuse_no_disc),
		TEST(sheets_of_other_systems),
		TEST(a_part_of_a_sector_is_padded),
		TEST(silence_behind_a_track),
		TEST(headers_are_believed),
	};

	return cmocka_run_group_tests(tests, folders_in_memory, NULL);
}
