/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The .toc files of cdrdao.
 */
#include "tests/unit/foreign/box.h"

#include "changer/base/be.h"

static struct box box;

static int
empty(void **state)
{
	(void)state;
	box_empty(&box);
	return 0;
}

/* As `cdrdao read-cd` writes it: all tracks in one file, with offsets. */
static void
one_file_with_offsets(void **state)
{
	(void)state;
	box_put_text(&box, "d.toc",
		"CD_ROM\n\nCATALOG \"1234567890123\"\n\n"
		"// Track 1\nTRACK MODE1_RAW\nNO COPY\n"
		"DATAFILE \"d.bin\" 00:00:04 // length in bytes: 9408\n\n"
		"// Track 2\nTRACK AUDIO\nCOPY\nNO PRE_EMPHASIS\nTWO_CHANNEL_AUDIO\n"
		"ISRC \"DEABC0500001\"\n"
		"SILENCE 00:02:00\nFILE \"d.bin\" #9408 0 00:00:05\nSTART 00:02:00\n\n"
		"// Track 3\nTRACK AUDIO\nPRE_EMPHASIS\nFOUR_CHANNEL_AUDIO\n"
		"FILE \"d.bin\" #9408 00:00:05 00:00:06\nSTART 00:00:02\nINDEX 00:00:01\nINDEX "
		"00:00:03\n");
	box_put_bytes(&box, "d.bin", 1, (size_t)15 * RAW);
	assert_kind(&box, JB_IMPORT_BIN);
	assert_int_equal(box.result.nwarnings, 0);
	assert_string_equal(box.sheet, "CATALOG 1234567890123\n"
				       "FILE \"d.bin\" BINARY\n"
				       "  TRACK 01 MODE1/2352\n"
				       "    INDEX 01 00:00:00\n"
				       "  TRACK 02 AUDIO\n"
				       "    FLAGS DCP\n"
				       "    ISRC DEABC0500001\n"
				       "    INDEX 00 00:00:04\n"
				       "    INDEX 01 00:02:04\n"
				       "  TRACK 03 AUDIO\n"
				       "    FLAGS PRE 4CH\n"
				       "    INDEX 00 00:02:09\n"
				       "    INDEX 01 00:02:11\n"
				       "    INDEX 02 00:02:12\n"
				       "    INDEX 03 00:02:14\n");
	assert_int_equal(box.size, (size_t)(4 + 150 + 5 + 6) * RAW);
	box_expect(&box, 0, 1, 0, (size_t)4 * RAW);
	for (size_t i = 0; i < (size_t)150 * RAW; i++)
		assert_int_equal(box.image[(size_t)4 * RAW + i], 0);
	/* Audio is stored with its high byte first. */
	for (size_t i = 0; i < (size_t)11 * RAW; i++)
		assert_int_equal(
			box.image[(size_t)154 * RAW + i], box_byte(1, ((size_t)4 * RAW + i) ^ 1));
}

static void
texts_and_first_track(void **state)
{
	(void)state;
	box_put_text(&box, "t.toc",
		"CD_DA\nFIRST_TRACK_NO 7\nCD_TEXT {\n  LANGUAGE_MAP {\n    0: EN 1 : 8\n  }\n"
		"  LANGUAGE 0 {\n    TITLE \"A \\\"B\\\" \\344\\\\\"\n    GENRE { 0, 10, 32 }\n    "
		"PERFORMER \"P\"\n"
		"    SIZE_INFO { 0, 1,\n 2}\n  }\n  LANGUAGE 1 { TITLE \"Zwei\" }\n}\n"
		"TRACK AUDIO\nCD_TEXT { LANGUAGE 0 { TITLE \"T\" ISRC \"DE-ABC-05-00001\" } }\n"
		"AUDIOFILE \"t.raw\" SWAP 0\n");
	box_put_bytes(&box, "t.raw", 1, (size_t)3 * RAW);
	assert_kind(&box, JB_IMPORT_BIN);
	assert_string_equal(box.sheet,
		"CDTEXTFILE \"t.cdt\"\nTITLE \"A \"B\" \xc3\xa4\\\"\nPERFORMER \"P\"\n"
		"FILE \"t.bin\" BINARY\n  TRACK 07 AUDIO\n    TITLE \"T\"\n"
		"    INDEX 01 00:00:00\n");
	box_expect(&box, 0, 1, 0, (size_t)3 * RAW);
	assert_int_equal(box.result.nwarnings, 0);
	/* TITLE, PERFORMER, GENRE, ISRC and three of sizes; TITLE and three of sizes */
	assert_int_equal(box.npacks, 1 + 1 + 1 + 2 + 3 + 1 + 3);
	for (unsigned i = 0; i < box.npacks; i++)
		assert_int_equal(
			get_be16(box.packs + i * 18 + 16), cd_crc16(box.packs + i * 18, 16));
	assert_memory_equal(box.packs, "\x80\0\0\0A \"B\" \xe4\\\0T\0\0", 16);
	assert_memory_equal(box.packs + 2 * 18, "\x87\0\2\0\0\12\40\0", 8);
	assert_memory_equal(box.packs + 3 * 18, "\x8e\0\3\0\0DE-ABC-05-0", 16);
	assert_memory_equal(box.packs + 4 * 18,
		"\x8e\7\4\13"
		"0001\0",
		9);
	assert_memory_equal(box.packs + 5 * 18, "\x8f\0\5\0\0\7\7\0\1\1\0\0\0\0\0\1", 16);
	assert_memory_equal(box.packs + 6 * 18, "\x8f\1\6\0\0\0\0\0\0\0\2\3\7\3\0\0", 16);
	assert_memory_equal(box.packs + 7 * 18, "\x8f\2\7\0\0\0\0\0\11\10\0\0\0\0\0\0", 16);
	assert_memory_equal(box.packs + 8 * 18, "\x80\0\0\x10Zwei\0\0", 10);
}

static void
data_of_each_mode(void **state)
{
	static const struct {
		const char *mode;
		unsigned size;
	} rows[] = {{"MODE1", 2048}, {"MODE2_FORM1", 2048}, {"MODE2_FORM2", 2324}, {"MODE2", 2336},
		{"MODE2_FORM_MIX", 2336}, {"MODE1_RAW", RAW}, {"MODE2_RAW RW_RAW", 2448}};
	uint8_t raw[RAW];
	char text[200];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		box_empty(&box);
		snprintf(text, sizeof(text),
			"CD_ROM_XA\nTRACK %s\nDATAFILE \"m\" // all\nZERO 00:00:02\n",
			rows[i].mode);
		box_put_text(&box, "m.toc", text);
		box_put_bytes(&box, "m", 1, (size_t)3 * rows[i].size);
		assert_kind(&box, JB_IMPORT_BIN);
		assert_int_equal(box.size, (size_t)5 * RAW);
		memset(raw, 0, sizeof(raw));
		switch (i) {
		case 0:
			cd_sector_mode1(raw, 1, box.data[1] + 2048);
			break;
		case 1:
			cd_sector_mode2_form1(raw, 1, box.data[1] + 2048);
			break;
		case 2:
			raw[18] = raw[22] = 0x20;
			memcpy(raw + 24, box.data[1] + 2324, 2324);
			cd_sector_mode2(raw, 1);
			break;
		case 3:
		case 4:
			memcpy(raw + 16, box.data[1] + 2336, 2336);
			cd_sector_mode2_formless(raw, 1);
			break;
		default:
			memcpy(raw, box.data[1] + rows[i].size, RAW);
		}
		assert_memory_equal(box.image + RAW, raw, RAW);
		/* Zeros are whole sectors of the track's mode. */
		assert_int_equal(box.image[4 * RAW + 1], 0xff);
		assert_int_equal(box.image[4 * RAW + 15], i == 0 || i == 5 ? 1 : 2);
	}
}

static void
languages_with_and_without_blanks(void **state)
{
	static const char *const maps[] = {
		"0:EN 1:8", "0 : EN 1 : 8", "0: EN\n1 :8", "0:EN,1:8", "0 EN 1 8"};

	(void)state;
	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
		char toc[300];

		snprintf(toc, sizeof(toc),
			"CD_DA CD_TEXT { LANGUAGE_MAP { %s } LANGUAGE 0 { TITLE \"E\" }\n"
			"LANGUAGE 1 { TITLE \"Z\" } }\nTRACK AUDIO FILE \"t.raw\" 0\n",
			maps[i]);
		box_empty(&box);
		box_put_text(&box, "t.toc", toc);
		box_put_bytes(&box, "t.raw", 1, (size_t)3 * RAW);
		if (i == 3) {
			assert_kind(&box, JB_IMPORT_REFUSED);
			continue;
		}
		assert_kind(&box, JB_IMPORT_BIN);
		assert_int_equal(box.npacks, 8);
		/* the last pack of sizes has the codes of the languages */
		assert_memory_equal(box.packs + 3 * 18 + 4, "\0\0\0\0\x09\x08", 6);
	}
}

static void
nothing_is_guessed_for_one_of_several(void **state)
{
	(void)state;
	box_put_text(&box, "g.toc",
		"CD_DA\nTRACK AUDIO\nFILE \"a.raw\" 0 00:00:03\n"
		"TRACK AUDIO\nFILE \"a.raw\" 00:00:03\n");
	box_put_bytes(&box, "x.raw", 1, (size_t)6 * RAW);
	assert_kind(&box, JB_IMPORT_MISSING); /* the second time it is used already */
	box_empty(&box);
	box_put_text(&box, "g.toc", "CD_DA\nTRACK AUDIO\nFILE \"a.raw\" 0\n");
	box_put_bytes(&box, "x.raw", 1, (size_t)6 * RAW);
	assert_kind(&box, JB_IMPORT_BIN);
	assert_true(box.result.guessed);
	box_empty(&box);
	box_put_text(&box, "g.toc",
		"CD_DA\nTRACK AUDIO\nFILE \"a.raw\" 0\nTRACK AUDIO\nFILE \"b.raw\" 0\n");
	box_put_bytes(&box, "x.raw", 1, (size_t)6 * RAW);
	box_put_bytes(&box, "a.raw", 1, (size_t)6 * RAW);
	assert_kind(&box, JB_IMPORT_MISSING);
	assert_string_equal(box.result.detail, "b.raw");
}

static void
one_data_track_is_an_iso(void **state)
{
	(void)state;
	box_put_text(&box, "i.toc", "CD_ROM\nTRACK MODE1\nDATAFILE \"i.iso\"\n");
	box_put_bytes(&box, "i.iso", 1, 3 * 2048);
	assert_kind(&box, JB_IMPORT_ISO);
	box_expect(&box, 0, 1, 0, 3 * 2048);
}

static void
refuses(void **state)
{
	static const struct {
		const char *toc, *why;
	} rows[] = {
		{"", "it describes no track"},
		{"CD_DA\nHELLO", "line 2 of b.toc: there is no such word"},
		{"TRACK AUDIO\nFILE \"b.bin\" 0 1:0:0", "b.bin is too short for its tracks: copy "
							"it again, or correct what describes it"},
		{"TRACK AUDIO\nFILE \"b.bin\" 9999999", "b.bin is too short for its tracks: copy "
							"it again, or correct what describes it"},
		{"TRACK AUDIO\nFILE \"b.bin\" 0 100\nSILENCE 0:0:1",
			"line 3 of b.toc: each part of a track, but the last one, has whole "
			"sectors"},
		{"TRACK AUDIO\nSILENCE 9000:0:0",
			"it is longer than any CD: leave some tracks out"},
		{"TRACK AUDIO\nFILE \"b.bin\" 0\nSTART 1:0:0",
			"a TRACK begins behind the end of the FILE, or has no sectors"},
		{"TRACK AUDIO\nFIFO \"x\" 10",
			"line 2 of b.toc: a FIFO cannot be read: name a file"},
		{"CD_TEXT { LANGUAGE 0 {",
			"line 2 of b.toc: an item of CD-TEXT has a name, such as TITLE"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		box_empty(&box);
		box_put_text(&box, "b.toc", rows[i].toc);
		box_put_bytes(&box, "b.bin", 1, (size_t)3 * RAW);
		assert_kind(&box, JB_IMPORT_REFUSED);
		assert_string_equal(box.result.detail, rows[i].why);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(one_file_with_offsets, empty),
		cmocka_unit_test_teardown(texts_and_first_track, empty),
		cmocka_unit_test_teardown(nothing_is_guessed_for_one_of_several, empty),
		cmocka_unit_test_teardown(languages_with_and_without_blanks, empty),
		cmocka_unit_test_teardown(data_of_each_mode, empty),
		cmocka_unit_test_teardown(one_data_track_is_an_iso, empty),
		cmocka_unit_test_teardown(refuses, empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
