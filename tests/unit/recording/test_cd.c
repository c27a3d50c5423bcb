/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Raw sectors, CUE sheets and CD-TEXT: what is made is right, and what is read is what was made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "changer/base/be.h"
#include "changer/cdsector.h"
#include "changer/recording/cdtext.h"
#include "changer/recording/cue.h"
#include "tests/unit/sound.h"

/* ---- sectors --------------------------------------------------------------------------------- */

static void
make_data(uint8_t data[2048])
{
	for (unsigned i = 0; i < 2048; i++)
		data[i] = (uint8_t)(i * 31 + i / 256);
}

static void
test_mode1(void **state)
{
	/* EDC, the ends of P and Q: as another implementation of ECMA-130 has them, too (chdman
	 * takes the parities of such sectors for computable, and leaves them out). */
	uint8_t raw[CD_RAW_SIZE], data[2048];

	make_data(data);
	cd_sector_mode1(raw, 16, data);
	assert_memory_equal(raw + CD_HEADER, ((uint8_t[]){0x00, 0x02, 0x16, 0x01}), 4);
	assert_memory_equal(raw + CD_DATA_MODE1, data, sizeof(data));
	assert_ptr_equal(cd_sector_user_data(raw), raw + CD_DATA_MODE1);
	assert_true(sector_is_sound(raw));
	for (unsigned at = CD_HEADER; at < CD_RAW_SIZE; at += 97) {
		raw[at] ^= 0x10;
		assert_false(sector_is_sound(raw));
		raw[at] ^= 0x10;
	}
	assert_true(sector_is_sound(raw));
}

/* A sector of zeros has zeros for everything but what its header brings in. */
static void
test_parities_are_linear(void **state)
{
	uint8_t a[CD_RAW_SIZE], b[CD_RAW_SIZE], both[CD_RAW_SIZE], zero[CD_RAW_SIZE];
	uint8_t x[2048], y[2048], z[2048];

	make_data(x);
	for (unsigned i = 0; i < 2048; i++) {
		y[i] = (uint8_t)(i * i >> 3);
		z[i] = x[i] ^ y[i];
	}
	cd_sector_mode1(a, 7, x);
	cd_sector_mode1(b, 7, y);
	cd_sector_mode1(both, 7, z);
	cd_sector_mode1(zero, 7, (uint8_t[2048]){0});
	for (unsigned i = 2064; i < CD_RAW_SIZE; i++)
		assert_int_equal(both[i], a[i] ^ b[i] ^ zero[i]);
}

static void
test_mode2(void **state)
{
	uint8_t raw[CD_RAW_SIZE], again[CD_RAW_SIZE], data[2048];

	make_data(data);
	cd_sector_mode2_form1(raw, 0, data);
	assert_ptr_equal(cd_sector_user_data(raw), raw + CD_DATA_MODE2);
	assert_memory_equal(raw + CD_DATA_MODE2, data, sizeof(data));
	/* But for the address the sector is the same elsewhere. */
	cd_sector_mode2_form1(again, 4711, data);
	assert_memory_equal(raw + CD_SUBHEADER, again + CD_SUBHEADER, CD_RAW_SIZE - CD_SUBHEADER);
	assert_int_not_equal(memcmp(raw, again, CD_RAW_SIZE), 0);
	raw[CD_SUBHEADER + 2] |= CD_SUBMODE_FORM2;
	assert_null(cd_sector_user_data(raw));
	memset(raw, 0x55, sizeof(raw)); /* audio */
	assert_null(cd_sector_user_data(raw));
}

static void
test_msf(void **state)
{
	static const struct {
		int32_t lba;
		uint8_t msf[3];
	} rows[] = {{-150, {0, 0, 0}}, {0, {0, 2, 0}}, {-1, {0, 1, 74}}, {359849, {79, 59, 74}},
		{4350, {1, 0, 0}}};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t msf[3];

		cd_msf(rows[i].lba, msf);
		assert_memory_equal(msf, rows[i].msf, 3);
	}
	assert_int_equal(cd_bcd(59), 0x59);
}

/* The check value of this CRC, as catalogues of them have it. */
static void
test_crc(void **state)
{
	assert_int_equal(cd_crc16((const uint8_t *)"123456789", 9), 0xce3c);
}

/* ---- sheets ---------------------------------------------------------------------------------- */

static const char mixed[] = "CATALOG 0123456789012\r\n"
			    "TITLE \"All of it\"\n"
			    "REM COMMENT \"anything, even \xff\n"
			    "FILE \"my disc.bin\" BINARY\n"
			    "  TRACK 01 MODE1/2352\n"
			    "    INDEX 01 00:00:00\n"
			    "  TRACK 02 AUDIO\n"
			    "    FLAGS DCP PRE\n"
			    "    ISRC ABCDE1234567\n"
			    "    TITLE \"Second\"\n"
			    "    PERFORMER \"J\xc3\xb6rg\"\n"
			    "    INDEX 00 00:10:00\n"
			    "    INDEX 01 00:12:00\n"
			    "    INDEX 02 00:14:10\n"
			    "REM SESSION 02\n"
			    "  TRACK 03 AUDIO\n"
			    "    PREGAP 00:02:00\n"
			    "    INDEX 01 01:00:74";

static struct cue_sheet sheet;

/* Bytes of a file, and what is wrong in which line. */
static const char *
parse_bytes(const char *bytes, size_t size, unsigned *line)
{
	char *text = cue_text(bytes, size);
	const char *why;

	assert_non_null(text);
	why = cue_parse(text, strlen(text), &sheet, line);
	free(text);
	return why;
}

static const char *
parse(const char *text)
{
	unsigned line;

	return parse_bytes(text, strlen(text), &line);
}

static void
test_sheet(void **state)
{
	assert_null(parse(mixed));
	assert_string_equal(sheet.file, "my disc.bin");
	assert_string_equal(sheet.catalog, "0123456789012");
	assert_string_equal(sheet.text[CUE_TITLE], "All of it");
	assert_int_equal(sheet.first, 1);
	assert_int_equal(sheet.ntracks, 3);
	assert_int_equal(sheet.tracks[0].mode, CUE_MODE1_2352);
	assert_int_equal(sheet.tracks[1].flags, CUE_DCP | CUE_PRE);
	assert_int_equal(sheet.tracks[1].start, 750);
	assert_int_equal(sheet.tracks[1].index1, 900);
	assert_string_equal(sheet.tracks[1].isrc, "ABCDE1234567");
	assert_int_equal(sheet.tracks[1].session, 1);
	assert_int_equal(sheet.tracks[2].session, 2);
	assert_int_equal(sheet.tracks[2].pregap, 150);
	assert_int_equal(sheet.tracks[2].start, 60 * 75 + 74);
}

static void
test_sheet_round_trip(void **state)
{
	struct cue_sheet first;
	char *text = NULL;
	size_t size = 0;
	unsigned line;
	FILE *out;

	assert_null(parse(mixed));
	first = sheet;
	out = open_memstream(&text, &size);
	cue_print(&first, NULL, out);
	assert_int_equal(fclose(out), 0);
	assert_null(cue_parse(text, size, &sheet, &line));
	assert_memory_equal(&sheet, &first, sizeof(sheet));
	free(text);
}

#define HEAD "FILE x.bin BINARY\nTRACK 01 AUDIO\n"
#define ONE HEAD "INDEX 01 00:00:00\n"

/* Indices above 1 are of the track that they stand in; one may begin where the one before does. */
static void
test_indices(void **state)
{
	char *text = NULL;
	size_t size = 0;
	unsigned line, first;
	FILE *out;

	assert_null(parse(ONE "INDEX 02 00:00:00\nINDEX 03 00:00:10\nTRACK 02 AUDIO\n"
			      "INDEX 00 00:00:11\nINDEX 01 00:00:20\nTRACK 03 AUDIO\n"
			      "INDEX 01 00:00:30\nINDEX 02 00:00:31\n"));
	for (unsigned round = 0; round < 2; round++) {
		assert_int_equal(cue_indices(&sheet, 0, &first), 2);
		assert_int_equal(sheet.indices[first], 0);
		assert_int_equal(sheet.indices[first + 1], 10);
		assert_int_equal(cue_indices(&sheet, 1, &first), 0);
		assert_int_equal(cue_indices(&sheet, 2, &first), 1);
		assert_int_equal(sheet.indices[first], 31);
		if (round > 0)
			break;
		out = open_memstream(&text, &size);
		cue_print(&sheet, NULL, out);
		assert_int_equal(fclose(out), 0);
		assert_non_null(strstr(text, "    INDEX 01 00:00:30\n    INDEX 02 00:00:31\n"));
		assert_null(cue_parse(text, size, &sheet, &line));
		free(text);
	}
}

static void
test_bad_sheets(void **state)
{
	static const struct {
		const char *text;
		unsigned line;
		const char *why; /* part of it */
	} rows[] = {
		{"", 1, "no TRACK"},
		{"TRACK 01 AUDIO", 1, "before the FILE"},
		{"FILE x.wav WAVE", 1, "BINARY"},
		{"FILE x.bin", 1, "a name and a type"},
		{"FILE \"\" BINARY", 1, "a name and a type"},
		{"FILE", 1, "a name and a type"},
		{"FILE x.bin BINARY\nFILE y.bin BINARY", 2, "several FILEs"},
		{"FILE x.bin BINARY\nTRACK 00 AUDIO", 2, "1 to 99"},
		{"FILE x.bin BINARY\nTRACK 100 AUDIO", 2, "1 to 99"},
		{"FILE x.bin BINARY\nTRACK 1 CDG", 2, "MODE1/2048"},
		{HEAD, 3, "no INDEX 01"},
		{HEAD "TRACK 02 AUDIO", 3, "no INDEX 01"},
		{ONE "TRACK 03 AUDIO", 4, "follow each other"},
		{ONE "TRACK 02 AUDIO\nINDEX 01 00:00:00", 5, "grow"},
		{HEAD "INDEX 01 00:60:00", 3, "MM:SS:FF"},
		{HEAD "INDEX 01 00:00:75", 3, "MM:SS:FF"},
		{HEAD "INDEX 01 0:0", 3, "MM:SS:FF"},
		{HEAD "INDEX 01 4294967296:00:00", 3, "MM:SS:FF"},
		{HEAD "INDEX 02 00:00:00", 3, "follow each other"},
		{ONE "INDEX 03 00:00:10", 4, "follow each other"},
		{ONE "INDEX 02 00:00:10\nINDEX 03 00:00:09", 5, "grow"},
		{ONE "INDEX 02 00:00:10\nTRACK 02 AUDIO\nINDEX 01 00:00:10", 6, "grow"},
		{HEAD "INDEX 00 00:01:00\nINDEX 01 00:00:00", 4, "grow"},
		{ONE "POSTGAP 00:99:00", 4, "POSTGAP"},
		{HEAD "POSTGAP 00:02:00", 3, "POSTGAP"},
		{"POSTGAP 00:02:00", 1, "POSTGAP"},
		{ONE "PREGAP 00:02:00", 4, "PREGAP"},
		{ONE "REM SESSION 0", 4, "growing"},
		{ONE "PREGAP", 4, "PREGAP"},
		{HEAD "INDEX", 3, "MM:SS:FF"},
		{HEAD "INDEX 01", 3, "MM:SS:FF"},
		{"FILE x.bin BINARY\nTRACK", 2, "1 to 99"},
		{"FILE x.bin BINARY\nTRACK 1", 2, "MODE1/2048"},
		{"INDEX 01 00:00:00", 1, "before the first"},
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned line;
		const char *why = parse_bytes(rows[i].text, strlen(rows[i].text), &line);

		assert_non_null(why);
		if (strstr(why, rows[i].why) == NULL)
			fail_msg("\"%s\" says \"%s\"", rows[i].text, why);
		assert_int_equal(line, rows[i].line);
	}
}

/* A line that places no track never makes a sheet wrong: what cannot be used is dropped or cut, and told. */
static void
test_optional_lines(void **state)
{
	static const struct {
		const char *line, *isrc, *catalog, *warning; /* part of it; NULL: none */
	} rows[] = {
		{"ISRC US-S1Z-99-00001", "USS1Z9900001", "", NULL},
		{"ISRC \"uss1z9900001\"", "uss1z9900001", "", NULL},
		{"ISRC USS1Z990000123", "", "", "ISRC"},
		{"ISRC USS1Z_900001", "", "", "ISRC"},
		{"ISRC \"\"", "", "", "ISRC"},
		{"ISRC", "", "", "ISRC"},
		{"ISRC 123", "", "", "ISRC"},
		{"CATALOG 036000291452", "", "0036000291452", NULL},
		{"CATALOG \"4006381333931\"", "", "4006381333931", NULL},
		{"CATALOG 400-6381-333931", "", "4006381333931", NULL},
		{"CATALOG 12345678901234", "", "", "13 digits"},
		{"CATALOG 12345", "", "", "13 digits"},
		{"CATALOG 40063813339x1", "", "", "13 digits"},
		{"CATALOG", "", "", "13 digits"},
		{"CATALOG \"\"", "", "", "13 digits"},
		{"FLAGS DATA SCMS", "", "", NULL},
		{"FLAGS LOUD", "", "", "FLAGS"},
		{"FLAGS", "", "", NULL},
		{"CDTEXTFILE \"x.cdt\"", "", "", NULL},
		{"DISC_ID B40B1A0C", "", "", NULL},
		{"GENRE Rock", "", "", NULL},
		{"UPC_EAN 036000291452", "", "", NULL},
		{"; a remark", "", "", NULL},
		{";remark", "", "", NULL},
		{"REM SESSION two", "", "", NULL},
		{"REM", "", "", NULL},
		{"REM DATE \"", "", "", NULL},
		{"NONSENSE 1", "", "", "no such command"},
		{"\xc2\xa0", "", "", NULL},
		{"\xc2\xa0 FLAGS\xc2\xa0PRE\xc2\xa0", "", "", NULL},
		{"\xa0", "", "", NULL},
		{"TITLE", "", "", NULL},
		{"TITLE \"", "", "", NULL},
	};
	char text[512];

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(text, sizeof(text), ONE "%s\n", rows[i].line);
		if (parse(text) != NULL)
			fail_msg("\"%s\" makes the sheet wrong", rows[i].line);
		assert_string_equal(sheet.tracks[0].isrc, rows[i].isrc);
		assert_string_equal(sheet.catalog, rows[i].catalog);
		if (sheet.nwarnings != (rows[i].warning != NULL))
			fail_msg("\"%s\" gives %u warnings", rows[i].line, sheet.nwarnings);
		if (rows[i].warning != NULL) {
			assert_int_equal(sheet.warnings[0].line, 4);
			assert_non_null(strstr(sheet.warnings[0].what, rows[i].warning));
		}
	}
	assert_null(parse("ISRC USS1Z9900001\nFLAGS PRE\n" ONE));
	assert_int_equal(sheet.nwarnings, 2);
	assert_int_equal(sheet.warnings[0].line, 1);
	assert_int_equal(sheet.warnings[1].line, 2);
	/* More than are kept. */
	assert_null(parse("A\nB\nC\nD\nE\nF\nG\nH\nI\nJ\nK\nL\nM\nN\nO\nP\nQ\nR\n" ONE));
	assert_int_equal(sheet.nwarnings, CUE_WARNINGS_MAX);
}

/* A text ends at the last quotation mark of its line, or at the end of the line. */
static void
test_quotation_marks(void **state)
{
	static const struct {
		const char *line, *title;
	} rows[] = {
		{"TITLE \"Blue Monday (12\" Mix)\"", "Blue Monday (12\" Mix)"},
		{"TITLE \"12\"\"", "12\""},
		{"TITLE \"\"Heroes\"\"", "\"Heroes\""},
		{"TITLE Blue Monday", "Blue Monday"},
		{"TITLE Blue  Monday \t ", "Blue  Monday"},
		{"title  \" a \"", " a "},
		{"TITLE \"Blue Monday", "Blue Monday"},
		{"TITLE Blue \"Monday\"", "Blue \"Monday\""},
		{"TITLE \"\"", ""},
	};
	char text[256];

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(text, sizeof(text), "%s\n" ONE, rows[i].line);
		assert_null(parse(text));
		assert_string_equal(sheet.text[CUE_TITLE], rows[i].title);
		assert_int_equal(sheet.nwarnings, 0);
	}
	assert_null(
		parse("FILE my disc (12\" mix).bin  BINARY\nTRACK 01 AUDIO\nINDEX 01 00:00:00"));
	assert_string_equal(sheet.file, "my disc (12\" mix).bin");
	assert_null(parse("FILE \"a \"b\" c.bin\" binary\nTRACK 01 AUDIO\nINDEX 01 00:00:00"));
	assert_string_equal(sheet.file, "a \"b\" c.bin");
	assert_null(parse("FILE \"x y.bin BINARY\nTRACK 01 AUDIO\nINDEX 01 00:00:00"));
	assert_string_equal(sheet.file, "x y.bin");
}

/* Bytes of files, as UTF-8 with one newline a line. */
static void
test_encodings(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
		const char *text;
	} rows[] = {
#define BYTES(bytes) bytes, sizeof(bytes) - 1
		{BYTES(""), ""},
		{BYTES("a\nb"), "a\nb\n"},
		{BYTES("a\r\nb\r\n"), "a\nb\n"},
		{BYTES("a\rb\r"), "a\nb\n"},
		{BYTES("a\r\rb\n\n"), "a\n\nb\n\n"},
		{BYTES("a\n\x1a\x1a\x1a"), "a\n"},
		{BYTES("a\x1a"
		       "b"),
			"a\n"},
		{BYTES("a\0b"), "a b\n"},
		{BYTES("\xef\xbb\xbf\xc5\x99"), "\xc5\x99\n"},
		{BYTES("\xe9\n\xc3\xa9\n"), "\xc3\xa9\n\xc3\xa9\n"},
		{BYTES("\x93"
		       "A\x94\x81"),
			"\xe2\x80\x9c"
			"A\xe2\x80\x9d\xef\xbf\xbd\n"},
		{BYTES("\xff\xfe"
		       "a\0\x59\x01\r\0\n\0b\0"),
			"a\xc5\x99\nb\n"},
		{BYTES("\xfe\xff\0a\x01\x59\0\n"), "a\xc5\x99\n"},
		{BYTES("\xfe\xff\xd8\x3d\xde\x00"), "\xf0\x9f\x98\x80\n"},
		{BYTES("\xfe\xff\xd8\x3d\0a\xde"), "\xef\xbf\xbd"
						   "a\n"},
		{BYTES("\xff\xfe"), ""},
		{BYTES("\xc0\x80"), "\xc3\x80\xe2\x82\xac\n"},
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = cue_text(rows[i].bytes, rows[i].size);

		assert_non_null(text);
		assert_string_equal(text, rows[i].text);
		free(text);
	}
}

/* The lines of a sheet that was inserted, with what places its tracks as it is now. */
static void
test_lines(void **state)
{
	static const char lines[] = "REM GENRE \"Klassik\"\n"
				    "; a remark\n"
				    "TITLE \"Ruslan \xd0\xb8 \xe2\x80\x9cL\xe2\x80\x9d\"\n"
				    "\n"
				    "  FILE \"x.bin\" BINARY\n"
				    "\tTRACK 07 AUDIO\n"
				    "\t\tREM between\n"
				    "\t\tISRC US-S1Z-99-00001\n"
				    "\t\tINDEX 01 00:00:00\n"
				    "\t\tINDEX 02 00:00:10\n"
				    "  REM SESSION 02\n"
				    "  TRACK 08 AUDIO\n"
				    "    PREGAP 00:02:00\n"
				    "    INDEX 00 00:00:20\n"
				    "    UNKNOWN word\n"
				    "    INDEX 01 00:00:30\n"
				    "REM at the end\n";
	static const struct {
		const char *lines, *packs, *part, *instead;
	} rows[] = {
		{lines, NULL, "", ""},
		/* A PREGAP that lacks, a time and a type that are others */
		{lines, NULL, "    PREGAP 00:02:00\n    INDEX 00", "    INDEX 00"},
		{lines, NULL, "INDEX 02 00:00:10", "INDEX 02 00:00:11"},
		{lines, NULL, "TRACK 08 AUDIO", "TRACK 08 MODE1/2352"},
		{lines, NULL, "TRACK 07 AUDIO", "TRACK 01 AUDIO"},
		{lines, NULL, "FILE \"x.bin\" BINARY", "FILE y.bin WAVE"},
	};
	struct cue_sheet now;
	char text[1024], *printed = NULL;
	size_t size = 0;
	FILE *out;

	assert_null(parse(lines));
	now = sheet;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *at = strstr(lines, rows[i].part);

		snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - lines), lines, rows[i].instead,
			at + strlen(rows[i].part));
		out = open_memstream(&printed, &size);
		cue_print_lines(&now, text, NULL, out);
		assert_int_equal(fclose(out), 0);
		assert_string_equal(printed, lines);
		free(printed);
	}
	/* Lines that somebody has spoilt: more tracks, fewer tracks, none. */
	static const char *const spoilt[] = {"TRACK 09 AUDIO\nINDEX 01 00:01:00\n",
		"INDEX 01 00:00:00\nPREGAP 00:00:01\nFILE\nTRACK\nINDEX\n", ""};
	for (unsigned i = 0; i < 3; i++) {
		snprintf(text, sizeof(text), "%s%s", i == 0 ? lines : "", spoilt[i]);
		out = open_memstream(&printed, &size);
		cue_print_lines(&now, text, "x.cdt", out);
		assert_int_equal(fclose(out), 0);
		assert_non_null(strstr(printed, "CDTEXTFILE \"x.cdt\"\n"));
		assert_null(parse(printed));
		assert_true(sheet.names_packs);
		assert_int_equal(sheet.ntracks, 2);
		assert_int_equal(sheet.first, 7);
		assert_int_equal(sheet.tracks[1].index1, 30);
		assert_int_equal(sheet.tracks[1].pregap, 150);
		free(printed);
	}
}

/* Whatever is in a file, reading it ends. */
static void
test_noise(void **state)
{
	char text[sizeof(mixed)];
	unsigned line;

	srand(1);
	for (unsigned i = 0; i < 20000; i++) {
		memcpy(text, mixed, sizeof(mixed));
		for (unsigned n = 0; n < 1 + i % 4; n++)
			text[(unsigned)rand() % sizeof(text)] = (char)rand();
		(void)parse_bytes(text, (unsigned)rand() % sizeof(text), &line);
		assert_true(sheet.ntracks <= CUE_TRACKS_MAX);
	}
}

/* ---- CD-TEXT --------------------------------------------------------------------------------- */

static void
forget_texts(struct cue_sheet *s)
{
	memset(s->text, 0, sizeof(s->text));
	for (unsigned i = 0; i < s->ntracks; i++)
		memset(s->tracks[i].text, 0, sizeof(s->tracks[i].text));
}

static void
test_cdtext(void **state)
{
	static uint8_t packs[256 * CDTEXT_PACK];
	struct cdtext_loss loss;
	struct cue_sheet was;
	size_t n;

	assert_null(parse(mixed));
	was = sheet;
	n = cdtext_from_sheet(&sheet, packs, &loss);
	/* Titles: 10 + 1 + 7 + 1 bytes; performers: 1 + 1 + 5 + 1; three of sizes. */
	assert_int_equal(n, 2 + 1 + 3);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(packs[i * CDTEXT_PACK + 2], i);
		assert_int_equal(get_be16(packs + i * CDTEXT_PACK + 16),
			cd_crc16(packs + i * CDTEXT_PACK, 16));
	}
	assert_memory_equal(packs, ((uint8_t[]){0x80, 0, 0, 0}), 4);
	/* The second pack of titles begins within that of track 2, behind its first character. */
	assert_memory_equal(packs + CDTEXT_PACK, ((uint8_t[]){0x80, 2, 1, 1}), 4);
	assert_memory_equal(packs + 2 * CDTEXT_PACK + 4, "\0\0J\xf6rg\0", 7);
	assert_memory_equal(
		packs + 3 * CDTEXT_PACK, ((uint8_t[]){0x8f, 0, 3, 0, 0, 1, 3, 0, 2, 1}), 10);
	forget_texts(&sheet);
	cdtext_to_sheet(packs, n, &sheet);
	assert_memory_equal(&sheet, &was, sizeof(sheet));
	/* A pack that was damaged is left out. */
	forget_texts(&sheet);
	packs[2 * CDTEXT_PACK + 5] ^= 1;
	cdtext_to_sheet(packs, n, &sheet);
	assert_string_equal(sheet.tracks[1].text[CUE_TITLE], "Second");
	assert_string_equal(sheet.tracks[1].text[CUE_PERFORMER], "");
	forget_texts(&sheet);
	assert_int_equal(cdtext_from_sheet(&sheet, packs, &loss), 0);
}

/* If a block has no room for all texts, the least important types are left out, and at last texts are cut. */
static void
test_cdtext_too_long(void **state)
{
	static uint8_t packs[256 * CDTEXT_PACK];
	struct cdtext_loss loss;
	size_t n;

	assert_null(parse(ONE));
	for (unsigned i = 1; i < CUE_TRACKS_MAX; i++)
		sheet.tracks[sheet.ntracks++] = sheet.tracks[0];
	for (unsigned i = 0; i < CUE_TRACKS_MAX; i++) {
		memset(sheet.tracks[i].text[CUE_TITLE], 'x', 14);
		memset(sheet.tracks[i].text[CUE_PERFORMER], 'y', 14);
	}
	/* 2 types of 1 + 99 * 15 bytes are 124 packs each. */
	n = cdtext_from_sheet(&sheet, packs, &loss);
	assert_int_equal(n, 2 * 124 + 3);
	assert_false(loss.cut || loss.left_out[CUE_PERFORMER] || loss.replaced);
	strcpy(sheet.text[CUE_MESSAGE], "hello");
	strcpy(sheet.tracks[5].text[CUE_COMPOSER], "somebody");
	n = cdtext_from_sheet(&sheet, packs, &loss);
	assert_int_equal(n, 2 * 124 + 3);
	assert_true(loss.left_out[CUE_MESSAGE] && loss.left_out[CUE_COMPOSER]);
	assert_false(loss.left_out[CUE_SONGWRITER] || loss.left_out[CUE_PERFORMER] || loss.cut);
	for (unsigned i = 0; i < CUE_TRACKS_MAX; i++)
		memset(sheet.tracks[i].text[CUE_TITLE], 'x', CUE_TEXT_LETTERS);
	n = cdtext_from_sheet(&sheet, packs, &loss);
	assert_in_range(n, 245, 256);
	assert_true(loss.left_out[CUE_PERFORMER] && loss.cut);
	assert_int_equal(packs[(n - 1) * CDTEXT_PACK + 2], n - 1);
	forget_texts(&sheet);
	cdtext_to_sheet(packs, n, &sheet);
	assert_int_equal(strlen(sheet.tracks[98].text[CUE_TITLE]), 29);
}

/* CD-TEXT is in ISO 8859-1; a letter that it does not have is a question mark, and told. */
static void
test_cdtext_letters(void **state)
{
	static uint8_t packs[256 * CDTEXT_PACK];
	struct cdtext_loss loss;

	assert_null(parse("TITLE \"J\xf6rg\x80\"\n" ONE));
	assert_true(cdtext_from_sheet(&sheet, packs, &loss) > 3);
	assert_memory_equal(packs + 4, "J\xf6rg?\0", 7);
	assert_true(loss.replaced);
	assert_null(parse("TITLE \"J\xc3\xb6rg \xe2\x82\xac\"\n" ONE));
	assert_true(cdtext_from_sheet(&sheet, packs, &loss) > 3);
	assert_memory_equal(packs + 4, "J\xf6rg ?\0", 8);
	assert_null(parse("TITLE \"J\xc3\xb6rg\"\n" ONE));
	assert_true(cdtext_from_sheet(&sheet, packs, &loss) > 3);
	assert_false(loss.replaced);
}

/* A text of 200 letters is cut to those that CD-TEXT has, between two of them. */
static void
test_cdtext_long_text(void **state)
{
	static uint8_t packs[256 * CDTEXT_PACK];
	struct cdtext_loss loss;
	char text[800];
	size_t n = (size_t)sprintf(text, ONE "TITLE \"");

	for (unsigned i = 0; i < 200; i++)
		n += (size_t)sprintf(text + n, "\xc3\xb6");
	strcpy(text + n, "\"");
	assert_null(parse(text));
	assert_int_equal(sheet.nwarnings, 1);
	assert_int_equal(sheet.warnings[0].line, 4);
	assert_int_equal(strlen(sheet.tracks[0].text[CUE_TITLE]), 2 * CUE_TEXT_LETTERS);
	assert_int_equal(cdtext_from_sheet(&sheet, packs, &loss), 14 + 3);
	assert_false(loss.cut || loss.replaced);
}

/* A tab stands for the text of the track before. */
static void
test_cdtext_tab(void **state)
{
	uint8_t pack[CDTEXT_PACK] = {0x81, 0, 0, 0, 'a', 0, 'b', 0, '\t', 0};

	assert_null(parse(mixed));
	forget_texts(&sheet);
	put_be16(pack + 16, cd_crc16(pack, 16));
	cdtext_to_sheet(pack, 1, &sheet);
	assert_string_equal(sheet.text[CUE_PERFORMER], "a");
	assert_string_equal(sheet.tracks[0].text[CUE_PERFORMER], "b");
	assert_string_equal(sheet.tracks[1].text[CUE_PERFORMER], "b");
	assert_string_equal(sheet.tracks[2].text[CUE_PERFORMER], "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mode1),
		cmocka_unit_test(test_parities_are_linear),
		cmocka_unit_test(test_mode2),
		cmocka_unit_test(test_msf),
		cmocka_unit_test(test_crc),
		cmocka_unit_test(test_sheet),
		cmocka_unit_test(test_sheet_round_trip),
		cmocka_unit_test(test_indices),
		cmocka_unit_test(test_bad_sheets),
		cmocka_unit_test(test_optional_lines),
		cmocka_unit_test(test_quotation_marks),
		cmocka_unit_test(test_encodings),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_noise),
		cmocka_unit_test(test_cdtext),
		cmocka_unit_test(test_cdtext_too_long),
		cmocka_unit_test(test_cdtext_tab),
		cmocka_unit_test(test_cdtext_letters),
		cmocka_unit_test(test_cdtext_long_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
