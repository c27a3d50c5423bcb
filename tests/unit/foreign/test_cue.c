/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CUE sheets with several FILEs, of all types.
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

static void
put_le32(uint8_t *p, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

/* Makes a WAVE file: a chunk that nobody knows, the format, and the samples of a track. */
static void
put_wave(const char *name, unsigned track, uint32_t bytes, uint32_t rate, uint32_t claimed)
{
	static const uint8_t junk[] = {'j', 'u', 'n', 'k', 3, 0, 0, 0, 1, 2, 3, 0};
	static const uint8_t fmt[] = {'f', 'm', 't', ' ', 16, 0, 0, 0, 1, 0, 2, 0};
	size_t head = 12 + sizeof(junk) + 24 + 8;
	uint8_t *w = calloc(1, head + bytes), *p = w;

	assert_non_null(w);
	memcpy(p, "RIFF", 4);
	put_le32(p + 4, (uint32_t)(head - 8 + claimed));
	memcpy(p + 8, "WAVE", 4);
	p += 12;
	memcpy(p, junk, sizeof(junk));
	p += sizeof(junk);
	memcpy(p, fmt, sizeof(fmt));
	put_le32(p + 12, rate);
	put_le32(p + 16, rate * 4);
	p[20] = 4;
	p[22] = 16;
	p += 24;
	memcpy(p, "data", 4);
	put_le32(p + 4, claimed);
	for (uint32_t i = 0; i < bytes; i++)
		p[8 + i] = box_byte(track, i);
	box_put(&box, name, w, head + bytes);
	free(w);
}

/* ---- several files --------------------------------------------------------------------------- */

static void
one_bin_for_each_track(void **state)
{
	(void)state;
	box_put_text(&box, "Game.cue",
		"REM a remark\n"
		"FILE \"Game (Track 1).bin\" BINARY\n"
		"  TRACK 01 MODE1/2352\n"
		"    INDEX 01 00:00:00\n"
		"FILE \"Game (Track 2).bin\" BINARY\n"
		"  TRACK 02 AUDIO\n"
		"    TITLE \"Zwei\"\n"
		"    INDEX 00 00:00:00\n"
		"    INDEX 01 00:02:00\n"
		"FILE \"Game (Track 3).bin\" BINARY\n"
		"  TRACK 03 AUDIO\n"
		"    INDEX 00 00:00:00\n"
		"    INDEX 01 00:00:10\n"
		"    INDEX 02 00:00:12\n");
	box_put_bytes(&box, "Game (Track 1).bin", 1, (size_t)20 * RAW);
	box_put_bytes(&box, "Game (Track 2).bin", 2, (size_t)200 * RAW);
	box_put_bytes(&box, "Game (Track 3).bin", 3, (size_t)15 * RAW);
	box_put_text(&box, "readme.txt", "x");
	assert_kind(&box, JB_IMPORT_BIN);
	assert_int_equal(box.size, (size_t)235 * RAW);
	box_expect(&box, 0, 1, 0, (size_t)20 * RAW);
	box_expect(&box, (size_t)20 * RAW, 2, 0, (size_t)200 * RAW);
	box_expect(&box, (size_t)220 * RAW, 3, 0, (size_t)15 * RAW);
	assert_string_equal(box.result.stem, "Game");
	assert_int_equal(box.result.nwarnings, 0);
	assert_string_equal(box.sheet, "REM a remark\n"
				       "FILE \"Game.bin\" BINARY\n"
				       "  TRACK 01 MODE1/2352\n"
				       "    INDEX 01 00:00:00\n"
				       "  TRACK 02 AUDIO\n"
				       "    TITLE \"Zwei\"\n"
				       "    INDEX 00 00:00:20\n"
				       "    INDEX 01 00:02:20\n"
				       "  TRACK 03 AUDIO\n"
				       "    INDEX 00 00:02:70\n"
				       "    INDEX 01 00:03:05\n"
				       "    INDEX 02 00:03:07\n");
	for (unsigned i = 0; i < 4; i++)
		assert_true(box.files[i].used);
	assert_false(box.files[4].used);
}

static void
a_pause_is_in_the_file_before(void **state)
{
	(void)state;
	box_put_text(&box, "a.cue",
		"FILE 1.wav WAVE\nTRACK 01 AUDIO\nINDEX 01 00:00:00\n"
		"TRACK 02 AUDIO\nINDEX 00 00:00:08\n"
		"FILE 2.wav WAVE\nINDEX 01 00:00:00\n");
	put_wave("1.wav", 1, 10 * RAW, 44100, 10 * RAW);
	put_wave("2.wav", 2, 5 * RAW - 100, 44100, 5 * RAW - 100);
	assert_kind(&box, JB_IMPORT_BIN);
	assert_int_equal(box.size, (size_t)15 * RAW);
	box_expect(&box, 0, 1, 0, (size_t)10 * RAW);
	box_expect(&box, (size_t)10 * RAW, 2, 0, (size_t)5 * RAW - 100);
	for (size_t i = box.size - 100; i < box.size; i++)
		assert_int_equal(box.image[i], 0);
	assert_int_equal(box.result.nwarnings, 1);
	assert_string_equal(box.result.warnings[0], "2.wav ends within a sector: zeros follow");
	assert_string_equal(box.sheet, "FILE \"a.bin\" BINARY\nTRACK 01 AUDIO\nINDEX 01 00:00:00\n"
				       "TRACK 02 AUDIO\nINDEX 00 00:00:08\nINDEX 01 00:00:10\n");
}

static void
user_data_becomes_raw_sectors(void **state)
{
	uint8_t raw[RAW];

	(void)state;
	box_put_text(&box, "m.cue",
		"FILE m.bin BINARY\nTRACK 01 MODE1/2048\nINDEX 01 00:00:00\n"
		"TRACK 02 AUDIO\nPREGAP 00:02:00\nINDEX 01 00:00:04\n"
		"TRACK 03 CDI/2336\nPREGAP 00:00:01\nINDEX 01 00:00:06\n");
	box_put_bytes(&box, "m.bin", 1, 4 * 2048 + 2 * RAW + 3 * 2336);
	assert_kind(&box, JB_IMPORT_BIN);
	assert_int_equal(box.size, (size_t)9 * RAW);
	for (unsigned i = 0; i < 4; i++) {
		cd_sector_mode1(raw, (int32_t)i, box.data[1] + (size_t)i * 2048);
		assert_memory_equal(box.image + (size_t)i * RAW, raw, RAW);
	}
	box_expect(&box, (size_t)4 * RAW, 1, 4 * 2048, (size_t)2 * RAW);
	for (unsigned i = 0; i < 3; i++) {
		/* 6 sectors before it are in the file, 151 are not. */
		memcpy(raw + 16, box.data[1] + 4 * 2048 + 2 * RAW + (size_t)i * 2336, 2336);
		cd_sector_mode2_formless(raw, (int32_t)(6 + 151 + i));
		assert_memory_equal(box.image + (size_t)(6 + i) * RAW, raw, RAW);
	}
	assert_string_equal(box.sheet, "FILE m.bin BINARY\nTRACK 01 MODE1/2352\nINDEX 01 00:00:00\n"
				       "TRACK 02 AUDIO\nPREGAP 00:02:00\nINDEX 01 00:00:04\n"
				       "TRACK 03 MODE2/2352\nPREGAP 00:00:01\nINDEX 01 00:00:06\n");
}

static void
motorola_samples_are_swapped(void **state)
{
	(void)state;
	box_put_text(&box, "s.cue", "FILE s.raw MOTOROLA\nTRACK 01 AUDIO\nINDEX 01 00:00:00\n");
	box_put_bytes(&box, "s.raw", 1, (size_t)3 * RAW);
	assert_kind(&box, JB_IMPORT_BIN);
	for (size_t i = 0; i < box.size; i++)
		assert_int_equal(box.image[i], box_byte(1, i ^ 1));
}

static void
subchannels_are_dropped(void **state)
{
	uint8_t *data;

	(void)state;
	box_put_text(&box, "s.cue",
		"FILE s.bin BINARY\nTRACK 01 MODE1/2352\nINDEX 01 00:00:00\n"
		"TRACK 02 AUDIO\nINDEX 01 00:00:10\n");
	/* as many as a file of 2352-byte sectors could have too */
	box_put_bytes(&box, "s.bin", 1, (size_t)49 * 2448);
	data = box.data[1];
	for (size_t i = 0; i < 10; i++) {
		memset(data + i * 2448, 0xff, 12);
		data[i * 2448] = data[i * 2448 + 11] = 0;
	}
	assert_kind(&box, JB_IMPORT_BIN);
	assert_int_equal(box.size, (size_t)49 * RAW);
	for (size_t i = 0; i < 49; i++)
		assert_memory_equal(box.image + i * RAW, data + i * 2448, RAW);
	assert_int_equal(box.result.nwarnings, 1);
	assert_string_equal(box.sheet, "FILE s.bin BINARY\nTRACK 01 MODE1/2352\nINDEX 01 00:00:00\n"
				       "TRACK 02 AUDIO\nINDEX 01 00:00:10\n");
}

static void
a_file_that_is_named_again_goes_on(void **state)
{
	(void)state;
	box_put_text(&box, ".g.cue",
		"FILE g.bin BINARY\nTRACK 01 AUDIO\nINDEX 01 00:00:00\n"
		"FILE g.bin BINARY\nTRACK 02 AUDIO\nINDEX 01 00:00:02\n");
	box_put_bytes(&box, "g.bin", 1, (size_t)5 * RAW);
	assert_kind(&box, JB_IMPORT_BIN);
	assert_int_equal(box.size, (size_t)5 * RAW);
	assert_string_equal(box.result.stem, "g");
	assert_string_equal(box.sheet, "FILE g.bin BINARY\nTRACK 01 AUDIO\nINDEX 01 00:00:00\n"
				       "TRACK 02 AUDIO\nINDEX 01 00:00:02\n");
}

static void
a_postgap_is_a_pause_before_the_next_track(void **state)
{
	(void)state;
	box_put_text(&box, "p.cue",
		"FILE 1.bin BINARY\nTRACK 01 AUDIO\nINDEX 01 00:00:00\nPOSTGAP 00:01:00\n"
		"FILE 2.bin BINARY\nTRACK 02 AUDIO\nINDEX 01 00:00:00\nPOSTGAP 00:01:00\n");
	box_put_bytes(&box, "1.bin", 1, (size_t)3 * RAW);
	box_put_bytes(&box, "2.bin", 2, (size_t)3 * RAW);
	assert_kind(&box, JB_IMPORT_BIN);
	assert_string_equal(box.sheet, "FILE \"p.bin\" BINARY\nTRACK 01 AUDIO\nINDEX 01 00:00:00\n"
				       "TRACK 02 AUDIO\nPREGAP 00:01:00\nINDEX 01 00:00:03\n");
	assert_int_equal(box.result.nwarnings, 1);
}

static void
one_track_of_2048_is_an_iso(void **state)
{
	(void)state;
	box_put_text(&box, "i.cue", "FILE i.img BINARY\nTRACK 01 MODE1/2048\nINDEX 01 00:00:00\n");
	box_put_bytes(&box, "i.img", 1, 5 * 2048);
	assert_kind(&box, JB_IMPORT_ISO);
	assert_int_equal(box.size, 5 * 2048);
	box_expect(&box, 0, 1, 0, 5 * 2048);
}

static void
packs_come_with_it(void **state)
{
	uint8_t packs[2 * 18 + 4] = {0};

	(void)state;
	packs[4] = 0x80;
	packs[4 + 18] = 0x8f;
	box_put_text(&box, "t.cue",
		"CDTEXTFILE \"T.CDT\"\nFILE t.bin BINARY\nTRACK 01 AUDIO\nINDEX 01 00:00:00\n");
	box_put_bytes(&box, "t.bin", 1, (size_t)3 * RAW);
	assert_kind(&box, JB_IMPORT_MISSING);
	assert_string_equal(box.result.detail, "T.CDT");
	box_put(&box, "t.cdt", packs, sizeof(packs));
	assert_kind(&box, JB_IMPORT_BIN);
	assert_int_equal(box.npacks, 2);
	assert_memory_equal(box.packs, packs + 4, 36);
	assert_string_equal(box.sheet,
		"CDTEXTFILE \"t.cdt\"\nFILE t.bin BINARY\nTRACK 01 AUDIO\nINDEX 01 00:00:00\n");
}

/* ---- names ----------------------------------------------------------------------------------- */

/* Imports a sheet that names `named`, where `there` is.  Returns the kind. */
static enum jb_import_kind
with_names(const char *named, const char *there, const char *other)
{
	static char text[600];

	box_empty(&box);
	snprintf(text, sizeof(text), "FILE \"%s\" BINARY\nTRACK 01 AUDIO\nINDEX 01 00:00:00\n",
		named);
	box_put_text(&box, "x.cue", text);
	box_put_bytes(&box, there, 1, (size_t)3 * RAW);
	if (other != NULL)
		box_put_bytes(&box, other, 2, (size_t)3 * RAW);
	return box_import(&box);
}

static void
a_file_is_found_by_what_is_meant(void **state)
{
	(void)state;
	assert_int_equal(with_names("C:\\rips\\A.BIN", "a.bin", "b.bin"), JB_IMPORT_BIN);
	assert_int_equal(box.result.nwarnings, 0);
	assert_int_equal(with_names("/home/me/a.bin", "a.bin", "b.bin"), JB_IMPORT_BIN);
	assert_int_equal(with_names("a.bin", "a.img", "b.bin"), JB_IMPORT_BIN);
	assert_string_equal(box.result.warnings[0],
		"x.cue names a.bin, which is not there: a.img is taken for it");
	assert_int_equal(with_names("y.bin", "x.bin", "cover.jpg"), JB_IMPORT_BIN);
	assert_int_equal(box.result.nwarnings, 1);
	assert_int_equal(with_names("y.bin", "a.bin", "b.bin"), JB_IMPORT_MISSING);
	assert_string_equal(box.result.detail, "y.bin");
	assert_int_equal(with_names("y.bin", "y.jpg", NULL), JB_IMPORT_MISSING);
}

/* In the middle of a copy another image may be there, and the one that is meant come later. */
static void
a_guess_is_told(void **state)
{
	(void)state;
	assert_int_equal(with_names("y.bin", "x.bin", NULL), JB_IMPORT_BIN);
	assert_true(box.result.guessed);
	assert_string_equal(box.result.detail, "y.bin");
	assert_int_equal(with_names("y.bin", "Y.bin", "x.bin"), JB_IMPORT_BIN);
	assert_false(box.result.guessed);
	/* Nothing is guessed for one of several files, unless it has the name with another suffix. */
	box_empty(&box);
	box_put_text(&box, "x.cue",
		"FILE 1.bin BINARY\nTRACK 01 AUDIO\nINDEX 01 00:00:00\n"
		"FILE 2.bin BINARY\nTRACK 02 AUDIO\nINDEX 01 00:00:00\n");
	box_put_bytes(&box, "1.bin", 1, (size_t)3 * RAW);
	box_put_bytes(&box, "bonus.bin", 1, (size_t)3 * RAW);
	assert_kind(&box, JB_IMPORT_MISSING);
	assert_string_equal(box.result.detail, "2.bin");
	box_put_bytes(&box, "2.img", 2, (size_t)3 * RAW);
	assert_kind(&box, JB_IMPORT_BIN);
	assert_true(box.result.guessed);
}

static void
nothing_to_import(void **state)
{
	(void)state;
	assert_kind(&box, JB_IMPORT_NO_SHEET);
	box_put_bytes(&box, "x.iso", 1, 2048);
	assert_kind(&box, JB_IMPORT_NO_SHEET);
	assert_false(box.files[0].used);
}

/* ---- what cannot be a disc ------------------------------------------------------------------- */

static void
refuses_sheets(void **state)
{
	static const struct {
		const char *sheet, *why;
	} rows[] = {
		{"", "line 1 of b.cue: there is no TRACK"},
		{"FILE b.bin BINARY\nFILE w.wav BINARY\n", "line 2 of b.cue: a FILE has no INDEX"},
		{"FILE b.bin FLAC\n", "line 1 of b.cue: a FILE is of type BINARY, MOTOROLA or "
				      "WAVE: decode others to WAVE files"},
		{"FILE b.bin WAVE\n", "b.bin is no WAVE file: decode it to one"},
		{"FILE b.bin BINARY\nTRACK 01 CDG\nINDEX 01 00:00:00\n",
			"line 2 of b.cue: a TRACK is AUDIO, MODE1/2048, MODE1/2352, MODE2/2336 or "
			"MODE2/2352"},
		{"FILE b.bin BINARY\nTRACK 01 AUDIO\nINDEX 01 00:00:00\nTRACK 02 AUDIO\nINDEX 01 "
		 "00:00:03\n",
			"line 6 of b.cue: a TRACK begins behind the end of its FILE"},
		{"FILE b.bin BINARY\nTRACK 01 AUDIO\nINDEX 01 00:00:03\n",
			"a TRACK begins behind the end of the FILE, or has no sectors"},
		{"FILE b.bin BINARY\nTRACK 01 AUDIO\nINDEX 01 00:00:00\nTRACK 02 AUDIO\nINDEX 01 "
		 "00:00:09\n"
		 "FILE w.wav BINARY\nTRACK 03 AUDIO\nINDEX 01 00:00:00\n",
			"line 6 of b.cue: a TRACK begins behind the end of its FILE"},
		{"FILE b.bin BINARY\nTRACK 01 AUDIO\nPREGAP 9999:00:00\nINDEX 01 00:00:00\n",
			"it is longer than any CD: leave some tracks out"},
		{"FILE w.wav BINARY\nTRACK 01 MODE1/2352\nINDEX 01 00:00:00\n",
			"line 3 of b.cue: a TRACK of data cannot be in a WAVE file"},
		{"FILE r.wav WAVE\n",
			"r.wav is not as on a CD: convert it to 44100 Hz, 16 bit, stereo, PCM"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		box_empty(&box);
		box_put_text(&box, "b.cue", rows[i].sheet);
		box_put_bytes(&box, "b.bin", 1, (size_t)3 * RAW);
		put_wave("w.wav", 1, 3 * RAW, 44100, 3 * RAW);
		put_wave("r.wav", 1, 3 * RAW, 48000, 3 * RAW);
		assert_kind(&box, JB_IMPORT_REFUSED);
		assert_string_equal(box.result.detail, rows[i].why);
		assert_int_equal(box.result.err, JB_FOREIGN);
	}
}

static void
a_wave_that_a_pipe_has_made(void **state)
{
	(void)state;
	box_put_text(&box, "w.cue", "FILE w.wav WAVE\nTRACK 01 AUDIO\nINDEX 01 00:00:00\n");
	put_wave("w.wav", 1, 3 * RAW, 44100, UINT32_MAX);
	assert_kind(&box, JB_IMPORT_BIN);
	box_expect(&box, 0, 1, 0, (size_t)3 * RAW);
	assert_string_equal(box.result.warnings[0], "w.wav is shorter than its header says");
}

static void
a_wave_that_does_not_know_its_size(void **state)
{
	(void)state;
	box_put_text(&box, "w.cue", "FILE w.wav WAVE\nTRACK 01 AUDIO\nINDEX 01 00:00:00\n");
	put_wave("w.wav", 1, 3 * RAW, 44100, 0);
	assert_kind(&box, JB_IMPORT_BIN);
	assert_int_equal(box.size, (size_t)3 * RAW);
	box_expect(&box, 0, 1, 0, (size_t)3 * RAW);
	assert_string_equal(
		box.result.warnings[0], "w.wav does not say how long it is: all of it is taken");
	/* One without samples knows that. */
	put_le32(box.data[1] + 4, (uint32_t)box.files[1].size - 8);
	assert_kind(&box, JB_IMPORT_REFUSED);
	assert_non_null(strstr(box.result.detail, "has no samples"));
}

/* Sectors of audio with sub-channels; the words of a title say nothing about them. */
static void
a_title_is_no_mode(void **state)
{
	(void)state;
	box_put_text(&box, "t.cue",
		"TITLE \"Best of 1024/2048\"\nREM 2352/2336\nFILE t.bin BINARY\n"
		"TRACK 01 AUDIO\nINDEX 01 00:00:00\n");
	box_put_bytes(&box, "t.bin", 1, (size_t)3 * 2448);
	assert_kind(&box, JB_IMPORT_BIN);
	assert_int_equal(box.size, (size_t)3 * RAW);
	box_expect(&box, (size_t)RAW, 1, 2448, RAW);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(one_bin_for_each_track, empty),
		cmocka_unit_test_teardown(a_pause_is_in_the_file_before, empty),
		cmocka_unit_test_teardown(user_data_becomes_raw_sectors, empty),
		cmocka_unit_test_teardown(motorola_samples_are_swapped, empty),
		cmocka_unit_test_teardown(subchannels_are_dropped, empty),
		cmocka_unit_test_teardown(a_file_that_is_named_again_goes_on, empty),
		cmocka_unit_test_teardown(a_postgap_is_a_pause_before_the_next_track, empty),
		cmocka_unit_test_teardown(one_track_of_2048_is_an_iso, empty),
		cmocka_unit_test_teardown(packs_come_with_it, empty),
		cmocka_unit_test_teardown(a_file_is_found_by_what_is_meant, empty),
		cmocka_unit_test_teardown(a_guess_is_told, empty),
		cmocka_unit_test_teardown(nothing_to_import, empty),
		cmocka_unit_test_teardown(refuses_sheets, empty),
		cmocka_unit_test_teardown(a_wave_that_a_pipe_has_made, empty),
		cmocka_unit_test_teardown(a_wave_that_does_not_know_its_size, empty),
		cmocka_unit_test_teardown(a_title_is_no_mode, empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
