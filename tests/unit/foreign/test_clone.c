/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Images of other burning programs: CloneCD, Nero, Alcohol 120%.
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

/* ---- bytes of a description ------------------------------------------------------------------ */

static uint8_t bytes[1 << 20];
static size_t nbytes;

/* Appends size bytes of a number, the highest one first. */
static void
big(unsigned size, uint64_t v)
{
	while (size-- > 0)
		bytes[nbytes++] = (uint8_t)(v >> 8 * size);
}

static void
little(size_t at, unsigned size, uint64_t v)
{
	for (unsigned i = 0; i < size; i++)
		bytes[at + i] = (uint8_t)(v >> 8 * i);
}

static void
text(const char *s, size_t size)
{
	memset(bytes + nbytes, 0, size);
	memcpy(bytes + nbytes, s, strlen(s));
	nbytes += size;
}

/* Begins the image with the bytes of a track. */
static void
sectors(unsigned track, size_t size)
{
	for (size_t i = 0; i < size; i++)
		bytes[nbytes++] = box_byte(track, i);
}

/* Marks a sector as one of data of that mode. */
static void
mark(uint8_t *raw, uint8_t mode)
{
	memset(raw, 0xff, 12);
	raw[0] = raw[11] = 0;
	raw[15] = mode;
}

/* ---- CloneCD --------------------------------------------------------------------------------- */

#define ENTRY(n, session, point, control, plba) \
	"[Entry " #n "]\r\nSession=" #session "\r\nPoint=" #point \
	"\r\nADR=0x01\r\nControl=" #control "\r\nTrackNo=0\r\nPLBA=" #plba "\r\n"

static const char ccd_mixed[] =
	"[CloneCD]\r\nVersion=3\r\n[Disc]\r\nTocEntries=6\r\nSessions=1\r\n"
	"DataTracksScrambled=0\r\nCATALOG=1234567890123\r\n"
	"[CDText]\r\nEntries=2\r\n"
	"Entry 0=80 00 00 00 41 42 00 43 00 00 00 00 00 00 00 00\r\n"
	"Entry 1=8f 00 01 00 00 01 02 00 00 00 00 00 00 00 00 00\r\n"
	"[Session 1]\r\nPreGapMode=1\r\nPreGapSubC=0\r\n" ENTRY(0, 1, 0xa0, 0x04, 4350) ENTRY(
		1, 1, 0xa1, 0x00, 4350) ENTRY(2, 1, 0xa2, 0x00, 30) ENTRY(3, 1, 0x01, 0x04, 0)
		ENTRY(4, 1, 0x02, 0x00, 15) "[TRACK 1]\r\nMODE=1\r\nINDEX 1=0\r\n"
					    "[TRACK 2]\r\nMODE=0\r\nISRC=DEABC0500001\r\nINDEX "
					    "0=10\r\nINDEX 1=15\r\nINDEX 2=20\r\n";

static void
clonecd_mixed_mode(void **state)
{
	(void)state;
	nbytes = 0;
	sectors(1, (size_t)30 * RAW);
	mark(bytes, 1);
	box_put_text(&box, "C.CCD", ccd_mixed);
	assert_kind(&box, JB_IMPORT_MISSING);
	assert_string_equal(box.result.detail, "C.img");
	box_put(&box, "c.img", bytes, nbytes);
	box_put(&box, "c.sub", bytes, 30 * 96);
	assert_kind(&box, JB_IMPORT_BIN);
	assert_int_equal(box.result.nwarnings, 0);
	assert_true(box.files[2].used);
	assert_int_equal(box.size, nbytes);
	assert_memory_equal(box.image, bytes, nbytes);
	assert_int_equal(box.npacks, 2);
	assert_int_equal(get_be16(box.packs + 16), cd_crc16(box.packs, 16));
	assert_string_equal(box.sheet,
		"CATALOG 1234567890123\nCDTEXTFILE \"C.cdt\"\nTITLE \"AB\"\n"
		"FILE \"C.bin\" BINARY\n"
		"  TRACK 01 MODE1/2352\n    TITLE \"C\"\n    INDEX 01 00:00:00\n"
		"  TRACK 02 AUDIO\n    ISRC DEABC0500001\n"
		"    INDEX 00 00:00:10\n    INDEX 01 00:00:15\n"
		"    INDEX 02 00:00:20\n");
}

static void
clonecd_two_sessions(void **state)
{
	(void)state;
	nbytes = 0;
	sectors(1, (size_t)50 * RAW);
	mark(bytes + (size_t)20 * RAW, 2);
	box_put_text(&box, "s.ccd",
		ENTRY(0, 1, 0xa2, 0, 20) ENTRY(1, 1, 1, 0, 0) ENTRY(2, 2, 0xa2, 4, 11450)
			ENTRY(3, 2, 2, 4, 11420));
	box_put(&box, "s.img", bytes, nbytes);
	assert_kind(&box, JB_IMPORT_BIN);
	assert_string_equal(box.sheet,
		"FILE \"s.bin\" BINARY\n  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n"
		"REM SESSION 02\n  TRACK 02 MODE2/2352\n    INDEX 01 00:00:20\n");
	assert_int_equal(box.size, nbytes);
}

static void
clonecd_refuses(void **state)
{
	static const struct {
		const char *ccd, *why;
	} rows[] = {
		{"", "the .ccd has no tracks"},
		{ENTRY(0, 1, 1, 0, 0), "track 1 ends before it begins"},
		{ENTRY(0, 1, 0xa2, 0, 40) ENTRY(1, 1, 1, 0, 0),
			"r.img is too short for its tracks: copy it again, or correct what "
			"describes it"},
		{ENTRY(0, 1, 0xa2, 0, 4) ENTRY(1, 1, 1, 0, 0) ENTRY(2, 1, 3, 0, 2),
			"the tracks of the .ccd do not follow each other"},
		{"[Disc]\nDataTracksScrambled=1\n",
			"its data tracks are scrambled: read the disc again, not so"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		box_empty(&box);
		box_put_text(&box, "r.ccd", rows[i].ccd);
		box_put_bytes(&box, "r.img", 1, (size_t)30 * RAW);
		assert_kind(&box, JB_IMPORT_REFUSED);
		assert_string_equal(box.result.detail, rows[i].why);
	}
}

/* ---- Nero ------------------------------------------------------------------------------------ */

static void
nero_end(size_t chunks, bool old)
{
	text("END!", 4);
	big(4, 0);
	text(old ? "NERO" : "NER5", 4);
	big(old ? 4 : 8, chunks);
}

static void
cue_row(unsigned control, unsigned track, unsigned index, bool old, int32_t lba)
{
	big(1, control << 4 | 1);
	big(1, track);
	big(1, index);
	big(1, 0);
	if (old) {
		uint8_t msf[3];

		cd_msf(lba, msf);
		big(4, (uint32_t)(msf[0] << 16 | msf[1] << 8 | msf[2]));
	} else {
		big(4, (uint32_t)lba);
	}
}

/* A disc of two audio tracks, each with its pause in the file. */
static void
nero_dao(bool old)
{
	unsigned width = old ? 4 : 8;
	size_t chunks;

	nbytes = 0;
	sectors(1, (size_t)(150 + 10) * RAW);
	sectors(2, (size_t)(5 + 20) * RAW);
	chunks = nbytes;
	text(old ? "CUES" : "CUEX", 4);
	big(4, 8 * 7);
	cue_row(0, 0, 0, old, -150);
	cue_row(1, 1, 0, old, -150);
	cue_row(1, 1, 1, old, 0);
	cue_row(2, 2, 0, old, 10);
	cue_row(2, 2, 1, old, 15);
	cue_row(2, 2, 2, old, 18);
	cue_row(0, 0xaa, 1, old, 35);
	text(old ? "DAOI" : "DAOX", 4);
	big(4, 22 + 2 * (18 + 3 * width));
	big(4, 0);
	text("1234567890123", 14);
	big(4, 1 << 8 | 2);
	text("DEABC0500001", 12);
	big(2, RAW);
	big(4, 7u << 24);
	big(width, 0);
	big(width, (size_t)150 * RAW);
	big(width, (size_t)160 * RAW);
	text("", 12);
	big(2, RAW);
	big(4, 7u << 24);
	big(width, (size_t)160 * RAW);
	big(width, (size_t)165 * RAW);
	big(width, (size_t)185 * RAW);
	text("SINF", 4);
	big(4, 4);
	big(4, 2);
	text("MTYP", 4);
	big(4, 4);
	big(4, 1);
	nero_end(chunks, old);
}

static void
nero_disc_at_once(void **state)
{
	(void)state;
	for (unsigned old = 0; old < 2; old++) {
		box_empty(&box);
		nero_dao(old);
		box_put(&box, "n.nrg", bytes, nbytes);
		assert_kind(&box, JB_IMPORT_BIN);
		assert_int_equal(box.result.nwarnings, 0);
		assert_int_equal(box.size, (size_t)35 * RAW);
		box_expect(&box, 0, 1, (size_t)150 * RAW, (size_t)10 * RAW);
		box_expect(&box, (size_t)10 * RAW, 2, 0, (size_t)25 * RAW);
		assert_string_equal(box.sheet, "CATALOG 1234567890123\nFILE \"n.bin\" BINARY\n"
					       "  TRACK 01 AUDIO\n    FLAGS PRE\n    ISRC "
					       "DEABC0500001\n    INDEX 01 00:00:00\n"
					       "  TRACK 02 AUDIO\n    FLAGS DCP\n    INDEX 00 "
					       "00:00:10\n    INDEX 01 00:00:15\n"
					       "    INDEX 02 00:00:18\n");
	}
}

/* Adds the chunk of a track that is written alone. */
static void
etn(bool old, uint64_t offset, uint64_t size, uint32_t mode, uint32_t lba)
{
	text(old ? "ETNF" : "ETN2", 4);
	big(4, old ? 20 : 32);
	big(old ? 4 : 8, offset);
	big(old ? 4 : 8, size);
	big(4, mode);
	big(4, lba);
	big(old ? 4 : 8, 0);
	text("SINF", 4);
	big(4, 4);
	big(4, 1);
}

static void
nero_track_at_once(void **state)
{
	size_t chunks;

	(void)state;
	for (unsigned old = 0; old < 2; old++) {
		box_empty(&box);
		nbytes = 0;
		sectors(1, 10 * 2048);
		chunks = nbytes;
		etn(old, 0, 10 * 2048, 0, 0);
		nero_end(chunks, old);
		box_put(&box, "n.NRG", bytes, nbytes);
		assert_kind(&box, JB_IMPORT_ISO);
		assert_string_equal(box.result.stem, "n");
		assert_int_equal(box.size, 10 * 2048);
		box_expect(&box, 0, 1, 0, 10 * 2048);
	}
	/* two sessions */
	box_empty(&box);
	nbytes = 0;
	sectors(1, 10 * 2048);
	sectors(2, 5 * 2336);
	chunks = nbytes;
	etn(false, 0, 10 * 2048, 0, 0);
	etn(false, 10 * 2048, 5 * 2336, 3, 11410);
	nero_end(chunks, false);
	box_put(&box, "n.nrg", bytes, nbytes);
	assert_kind(&box, JB_IMPORT_BIN);
	assert_string_equal(box.sheet,
		"FILE \"n.bin\" BINARY\n  TRACK 01 MODE1/2352\n    INDEX 01 00:00:00\n"
		"REM SESSION 02\n  TRACK 02 MODE2/2352\n    INDEX 01 00:00:10\n");
	/* 02:32:10 + 2 s, the address of the second session */
	assert_memory_equal(box.image + (size_t)10 * RAW + 12, "\x02\x34\x10\x02", 4);
}

static void
nero_drops_subchannels(void **state)
{
	size_t chunks;

	(void)state;
	nbytes = 0;
	sectors(1, (size_t)3 * 2448);
	chunks = nbytes;
	etn(false, 0, (size_t)3 * 2448, 0x10, 0);
	nero_end(chunks, false);
	box_put(&box, "n.nrg", bytes, nbytes);
	assert_kind(&box, JB_IMPORT_BIN);
	for (unsigned i = 0; i < 3; i++)
		box_expect(&box, (size_t)i * RAW, 1, (size_t)i * 2448, RAW);
}

/* ---- Alcohol 120% ---------------------------------------------------------------------------- */

/* Makes a description with one session of n tracks. */
static void
mds_head(unsigned medium, unsigned n)
{
	memset(bytes, 0, 4096);
	memcpy(bytes, "MEDIA DESCRIPTOR\1\3", 18);
	little(18, 2, medium);
	little(20, 2, 1);
	little(80, 4, 88);
	bytes[88 + 8] = 1;
	bytes[88 + 10] = (uint8_t)(n + 3);
	bytes[88 + 11] = 3;
	little(88 + 20, 4, 112);
	for (unsigned i = 0; i < 3; i++)
		bytes[112 + i * 80 + 4] = (uint8_t)(0xa0 + i);
	nbytes = 112 + (size_t)(n + 3) * 80 + n * 8;
}

static void
mds_track(unsigned i, unsigned n, uint8_t mode, uint8_t control, unsigned size, uint64_t offset,
	uint32_t pause, uint32_t length)
{
	size_t row = 112 + (size_t)(i + 3) * 80, extra = 112 + (size_t)(n + 3) * 80 + i * 8;

	bytes[row] = mode;
	bytes[row + 1] = size == 2448 ? 8 : 0;
	bytes[row + 2] = control | 0x10;
	bytes[row + 4] = (uint8_t)(i + 1);
	little(row + 12, 4, extra);
	little(row + 16, 2, size);
	little(row + 40, 8, offset);
	little(row + 48, 4, 1);
	little(extra, 4, pause);
	little(extra + 4, 4, length);
}

static void
alcohol_cd(void **state)
{
	(void)state;
	mds_head(0, 2);
	mds_track(0, 2, 0xaa, 4, 2352, 0, 150, 10);
	mds_track(1, 2, 0xa9, 2, 2448, (size_t)10 * RAW, 150, 5);
	box_put(&box, "a.mds", bytes, nbytes);
	assert_kind(&box, JB_IMPORT_MISSING);
	assert_string_equal(box.result.detail, "a.mdf");
	box_put_bytes(&box, "A.MDF", 1, (size_t)10 * RAW + (size_t)5 * 2448);
	assert_kind(&box, JB_IMPORT_BIN);
	assert_string_equal(box.sheet,
		"FILE \"a.bin\" BINARY\n  TRACK 01 MODE1/2352\n    INDEX 01 00:00:00\n"
		"  TRACK 02 AUDIO\n    FLAGS DCP\n    PREGAP 00:02:00\n    INDEX 01 00:00:10\n");
	assert_int_equal(box.size, (size_t)15 * RAW);
	box_expect(&box, 0, 1, 0, (size_t)11 * RAW);
	box_expect(&box, (size_t)11 * RAW, 1, (size_t)10 * RAW + 2448, RAW);
}

static void
alcohol_dvd(void **state)
{
	(void)state;
	mds_head(0x10, 1);
	mds_track(0, 1, 0x02, 4, 2048, 0, 0, 0);
	box_put(&box, "d.mds", bytes, nbytes);
	box_put_bytes(&box, "d.mdf", 1, 20 * 2048);
	assert_kind(&box, JB_IMPORT_ISO);
	assert_int_equal(box.size, 20 * 2048);
	box_expect(&box, 0, 1, 0, 20 * 2048);
}

/* ---- wrong bytes ----------------------------------------------------------------------------- */

/* Imports a file at each length, and with random bytes changed.  Nothing may crash, or make an image of another
 * size than was said (box_import looks). */
static void
spoil(const char *name, const char *other, size_t size)
{
	uint32_t random = 1;

	box_put_bytes(&box, other, 1, (size_t)30 * RAW);
	box_put(&box, name, bytes, size);
	for (size_t n = size > 600 ? size - 600 : 0; n < size; n++) {
		box.files[1].size = n;
		box_import(&box);
	}
	box.files[1].size = size;
	for (unsigned i = 0; i < 500; i++) {
		size_t from = size > 600 ? size - 600 : 0;

		memcpy(box.data[1], bytes, size);
		for (unsigned k = 0; k < 1 + i % 4; k++) {
			random = random * 1103515245 + 12345;
			box.data[1][from + (random >> 8) % (size - from)] = (uint8_t)(random >> 24);
		}
		box_import(&box);
	}
	box_empty(&box);
}

static void
wrong_bytes_are_survived(void **state)
{
	(void)state;
	nero_dao(false);
	spoil("x.nrg", "unused", nbytes);
	nero_dao(true);
	spoil("x.nrg", "unused", nbytes);
	mds_head(0, 2);
	mds_track(0, 2, 0xaa, 4, 2352, 0, 150, 10);
	mds_track(1, 2, 0xa9, 2, 2448, (size_t)10 * RAW, 150, 5);
	spoil("x.mds", "x.mdf", nbytes);
	memcpy(bytes, ccd_mixed, sizeof(ccd_mixed) - 1);
	spoil("x.ccd", "x.img", sizeof(ccd_mixed) - 1);
}

static void
wrong_words_are_survived(void **state)
{
	static const char cue[] =
		"CATALOG 1234567890123\nFILE \"x.bin\" BINARY\nTRACK 01 MODE1/2352\n"
		"FLAGS DCP\nINDEX 01 00:00:00\nTRACK 02 AUDIO\nPREGAP 00:00:02\n"
		"INDEX 01 00:00:05\nINDEX 02 00:00:07\nPOSTGAP 00:00:01\n"
		"FILE \"x.bin\" MOTOROLA\nTRACK 03 AUDIO\nINDEX 00 00:00:00\nINDEX 01 00:00:01\n";
	static const char toc[] =
		"CD_DA\nCATALOG \"1234567890123\"\nCD_TEXT { LANGUAGE_MAP { 0 : EN }\n"
		"LANGUAGE 0 { TITLE \"x\\344\" GENRE { 1, 2 } } }\nTRACK AUDIO\nNO COPY\n"
		"PREGAP 0:0:2\nFILE \"x.bin\" #588 0 0:0:3\nINDEX 0:0:1\nTRACK MODE1\n"
		"DATAFILE \"x.bin\" 20480\nZERO 0:0:2\n";

	(void)state;
	memcpy(bytes, cue, sizeof(cue) - 1);
	spoil("x.cue", "x.bin", sizeof(cue) - 1);
	memcpy(bytes, toc, sizeof(toc) - 1);
	spoil("x.toc", "x.bin", sizeof(toc) - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(clonecd_mixed_mode, empty),
		cmocka_unit_test_teardown(clonecd_two_sessions, empty),
		cmocka_unit_test_teardown(clonecd_refuses, empty),
		cmocka_unit_test_teardown(nero_disc_at_once, empty),
		cmocka_unit_test_teardown(nero_track_at_once, empty),
		cmocka_unit_test_teardown(nero_drops_subchannels, empty),
		cmocka_unit_test_teardown(alcohol_cd, empty),
		cmocka_unit_test_teardown(alcohol_dvd, empty),
		cmocka_unit_test_teardown(wrong_bytes_are_survived, empty),
		cmocka_unit_test_teardown(wrong_words_are_survived, empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
