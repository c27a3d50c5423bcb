/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints CUE sheets. */
#include <string.h>

#include "changer/cdsector.h"
#include "changer/recording/cue.h"
#include "changer/recording/cue_words.h"

enum { MINUTE = 60 * CD_FRAMES };

static void
print_time(FILE *out, const char *what, uint32_t sectors)
{
	fprintf(out, "    %s %02u:%02u:%02u\n", what, sectors / MINUTE, sectors / CD_FRAMES % 60,
		sectors % CD_FRAMES);
}

/* Prints a text in double quotes.  Quotation marks in it stay: the text ends at the last one of the line. */
static void
print_quoted(FILE *out, const char *indent, const char *what, const char *text)
{
	fprintf(out, "%s%s \"%s\"", indent, what, text);
}

static void
print_texts(FILE *out, const char *indent, const char text[CUE_TEXTS][CUE_TEXT_MAX + 1])
{
	for (unsigned i = 0; i < CUE_TEXTS; i++) {
		if (text[i][0] == '\0')
			continue;
		print_quoted(out, indent, cue_text_words[i], text[i]);
		fputc('\n', out);
	}
}

static void
print_track(FILE *out, const struct cue_sheet *sheet, unsigned i)
{
	const struct cue_track *t = &sheet->tracks[i];
	unsigned first, n = cue_indices(sheet, i, &first);
	char index[16];

	fprintf(out, "  TRACK %02u %s\n", sheet->first + i, cue_modes[t->mode].name);
	print_texts(out, "    ", t->text);
	if (t->flags != 0) {
		fputs("    FLAGS", out);
		for (unsigned f = 0; f < CUE_FLAGS; f++)
			if (t->flags & cue_flags[f].bit)
				fprintf(out, " %s", cue_flags[f].name);
		fputc('\n', out);
	}
	if (t->isrc[0] != '\0')
		fprintf(out, "    ISRC %s\n", t->isrc);
	if (t->pregap != 0)
		print_time(out, "PREGAP", t->pregap);
	if (t->start != t->index1)
		print_time(out, "INDEX 00", t->start);
	print_time(out, "INDEX 01", t->index1);
	for (unsigned k = 0; k < n; k++) {
		snprintf(index, sizeof(index), "INDEX %02u", k + 2);
		print_time(out, index, sheet->indices[first + k]);
	}
}

void
cue_print(const struct cue_sheet *sheet, FILE *out)
{
	if (sheet->catalog[0] != '\0')
		fprintf(out, "CATALOG %s\n", sheet->catalog);
	print_texts(out, "", sheet->text);
	print_quoted(out, "", "FILE", sheet->file);
	fputs(" BINARY\n", out);
	for (unsigned i = 0; i < sheet->ntracks; i++) {
		const struct cue_track *t = &sheet->tracks[i];

		if (i > 0 && t->session != t[-1].session)
			fprintf(out, "REM SESSION %02u\n", t->session);
		print_track(out, sheet, i);
	}
}
