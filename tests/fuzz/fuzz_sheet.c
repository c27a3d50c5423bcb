/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CUE sheets, with one FILE or several, and the packs of CD-TEXT: the first byte says which. */
#include "tests/fuzz/fuzz.h"

#include "changer/recording/cdtext.h"
#include "changer/recording/cue_join.h"

static struct cue_sheet sheet, again;

/* Each FILE has a size that depends on its name. */
static const char *
find(void *arg, const char *name, enum cue_file_type *type, uint64_t *bytes)
{
	unsigned sum = 0;

	(void)arg;
	for (const char *p = name; *p != '\0'; p++)
		sum = sum * 31 + (uint8_t)*p;
	*bytes = (uint64_t)(sum % 5000) * 2352 + (sum & 0x10000 ? 7 : 0);
	if (sum & 0x20000)
		*type = CUE_WAVE;
	return sum % 97 == 0 ? "it is missing" : NULL;
}

/* Prints the sheet and parses what was printed: its tracks are where they were. */
static void
print_and_parse(const char *lines)
{
	unsigned line, postgaps = 0;
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (lines == NULL)
		cue_print(&sheet, NULL, out);
	else
		cue_print_lines(&sheet, lines, NULL, out);
	fclose(out);
	for (unsigned i = 0; i < sheet.ntracks; i++)
		postgaps += sheet.tracks[i].postgap;
	FUZZ_CHECK(size > CUE_SHEET_MAX || cue_parse(text, size, &again, &line) == NULL);
	if (size <= CUE_SHEET_MAX && postgaps == 0) {
		FUZZ_CHECK(again.ntracks == sheet.ntracks && again.first == sheet.first);
		for (unsigned i = 0; i < sheet.ntracks; i++) {
			FUZZ_CHECK(again.tracks[i].mode == sheet.tracks[i].mode);
			FUZZ_CHECK(again.tracks[i].start == sheet.tracks[i].start);
			FUZZ_CHECK(again.tracks[i].index1 == sheet.tracks[i].index1);
		}
	}
	free(text);
}

static void
parse(struct feed *f, bool joined)
{
	struct cue_join join = {.find = find};
	size_t size;
	uint8_t *bytes = feed_copy(f, f->left, &size);
	char *text = cue_text((char *)bytes, size);
	const char *wrong;
	unsigned line;

	FUZZ_CHECK(text != NULL);
	wrong = joined ? cue_parse_joined(text, strlen(text), &join, &sheet, &line)
		       : cue_parse(text, strlen(text), &sheet, &line);
	FUZZ_CHECK(sheet.nwarnings <= CUE_WARNINGS_MAX && join.npieces <= CUE_PIECES_MAX);
	if (wrong == NULL && !joined) {
		FUZZ_CHECK(sheet.ntracks >= 1 && sheet.ntracks <= CUE_TRACKS_MAX);
		print_and_parse(NULL);
		print_and_parse(text);
	}
	free(text);
	free(bytes);
}

/* Corrects the code at the end of a pack (MMC-3 annex J). */
static void
correct_code(uint8_t pack[CDTEXT_PACK])
{
	unsigned code = 0;

	for (unsigned i = 0; i < (CDTEXT_PACK - 2) * 8; i++) {
		unsigned bit = pack[i / 8] >> (7 - i % 8) & 1;

		code = (code << 1 ^ ((code >> 15 ^ bit) & 1 ? 0x1021 : 0)) & 0xffff;
	}
	pack[CDTEXT_PACK - 2] = (uint8_t)(~code >> 8);
	pack[CDTEXT_PACK - 1] = (uint8_t)~code;
}

static void
take_packs(struct feed *f, uint8_t ntracks)
{
	static uint8_t packs[256 * CDTEXT_PACK];
	struct cdtext_loss loss;
	size_t size, n;
	uint8_t *bytes = feed_copy(f, f->left, &size);

	memset(&sheet, 0, sizeof(sheet));
	sheet.first = 1;
	sheet.ntracks = (uint8_t)(1 + ntracks % CUE_TRACKS_MAX);
	n = size / CDTEXT_PACK < CDTEXT_PACKS_MAX ? size / CDTEXT_PACK : CDTEXT_PACKS_MAX;
	for (size_t i = 0; i < n && (ntracks & 1); i++)
		correct_code(bytes + i * CDTEXT_PACK);
	cdtext_to_sheet(bytes, n, &sheet);
	n = cdtext_from_sheet(&sheet, packs, &loss);
	FUZZ_CHECK(n <= 256);
	cdtext_to_sheet(packs, n, &sheet);
	free(bytes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct feed f = {data, size};
	uint8_t first = feed_u8(&f);

	switch (first % 4) {
	case 3:
		take_packs(&f, first / 4);
		break;
	default:
		parse(&f, first % 4 == 1);
		break;
	}
	return 0;
}
