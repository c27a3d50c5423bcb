/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints CUE sheets. */
#include <stdio.h>
#include <string.h>

#include "changer/cdsector.h"
#include "changer/recording/cue.h"
#include "changer/recording/cue_words.h"

enum { MINUTE = 60 * CD_FRAMES, CD_INDEX_LAST = 99 };

/* ---- what places the tracks ------------------------------------------------------------------ */

/* Prints a line: the indent, the word `what`, and the time as MM:SS:FF. */
static void
print_time(FILE *out, struct cue_span indent, const char *what, uint32_t sectors)
{
	fprintf(out, "%.*s%s %02u:%02u:%02u\n", (int)(indent.end - indent.at), indent.at, what,
		sectors / MINUTE, sectors / CD_FRAMES % 60, sectors % CD_FRAMES);
}

/* The sheet that is printed, and which lines of the present track have been printed. */
struct places {
	const struct cue_sheet *sheet; /* what is printed */
	FILE *out;
	/* how many TRACKs were printed; the last of them is the present track */
	unsigned tracks;
	bool pregap;   /* true: the present track needs no PREGAP any more */
	unsigned next; /* number of the next INDEX of the present track */
};

/* Prints the PREGAP of the present track, which must exist, if it has one that is not printed yet. */
static void
print_pregap(struct places *p, struct cue_span indent)
{
	const struct cue_track *t = &p->sheet->tracks[p->tracks - 1];

	if (!p->pregap && t->pregap != 0)
		print_time(p->out, indent, "PREGAP", t->pregap);
	p->pregap = true;
}

/* Prints the PREGAP of the present track and its INDEXes up to number `last`, as far as they are
 * not printed yet.  Leaves out INDEX 00 if it is at the same place as INDEX 01, and numbers that
 * the track does not have.  The present track must exist. */
static void
print_indices(struct places *p, unsigned last, struct cue_span indent)
{
	const struct cue_track *t = &p->sheet->tracks[p->tracks - 1];
	unsigned first, n = cue_indices(p->sheet, p->tracks - 1, &first);
	char word[24];

	print_pregap(p, indent);
	for (; p->next <= last && p->next < n + 2; p->next++) {
		snprintf(word, sizeof(word), "INDEX %02u", p->next);
		if (p->next >= 2)
			print_time(p->out, indent, word, p->sheet->indices[first + p->next - 2]);
		else if (p->next == 1)
			print_time(p->out, indent, word, t->index1);
		else if (t->start != t->index1)
			print_time(p->out, indent, word, t->start);
	}
}

/* Prints the PREGAP and the INDEXes of the present track that are not printed yet.  Does nothing
 * before the first track. */
static void
end_places(struct places *p)
{
	static const char blanks[] = "    ";

	if (p->tracks > 0)
		print_indices(p, CD_INDEX_LAST, (struct cue_span){blanks, blanks + 4});
}

/* Makes the next track of the sheet the present one, with nothing of it printed.  The caller prints
 * its TRACK. */
static void
begin_places(struct places *p)
{
	p->tracks++;
	p->pregap = false;
	p->next = 0;
}

/* ---- a sheet from scratch -------------------------------------------------------------------- */

/* Prints a line, such as TITLE, for each text that is not empty, with the text between quotation
 * marks. */
static void
print_texts(FILE *out, const char *indent, const char text[CUE_TEXTS][CUE_TEXT_MAX + 1])
{
	/* Quotation marks in a text stay: it ends at the last one of the line. */
	for (unsigned i = 0; i < CUE_TEXTS; i++)
		if (text[i][0] != '\0')
			fprintf(out, "%s%s \"%s\"\n", indent, cue_text_words[i], text[i]);
}

/* Prints all lines of the next track: REM SESSION if the track begins another session, TRACK,
 * texts, FLAGS, ISRC, PREGAP and INDEXes.  Makes it the present one. */
static void
print_track(struct places *p)
{
	const struct cue_sheet *sheet = p->sheet;
	const struct cue_track *t = &sheet->tracks[p->tracks];
	FILE *out = p->out;

	if (p->tracks > 0 && t->session != t[-1].session)
		fprintf(out, "REM SESSION %02u\n", t->session);
	fprintf(out, "  TRACK %02u %s\n", sheet->first + p->tracks, cue_modes[t->mode].name);
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
	begin_places(p);
	end_places(p);
}

/* Prints a line CDTEXTFILE with that name of a file. */
static void
print_packs(FILE *out, const char *packs)
{
	fprintf(out, "CDTEXTFILE \"%s\"\n", packs);
}

void
cue_print(const struct cue_sheet *sheet, const char *packs, FILE *out)
{
	struct places p = {.sheet = sheet, .out = out};

	if (sheet->catalog[0] != '\0')
		fprintf(out, "CATALOG %s\n", sheet->catalog);
	if (packs != NULL)
		print_packs(out, packs);
	print_texts(out, "", sheet->text);
	fprintf(out, "FILE \"%s\" BINARY\n", sheet->file);
	while (p.tracks < sheet->ntracks)
		print_track(&p);
}

/* ---- the lines of a sheet that was inserted -------------------------------------------------- */

/* The state between two lines of a sheet that is printed again (cue_print_lines). */
struct lines {
	struct places places; /* the new sheet, and how far it is printed */
	/* name for a CDTEXTFILE that is not printed yet; NULL: none */
	const char *packs;
	bool file; /* true: FILE was printed */
};

/* A line of the old sheet, split. */
struct line {
	/* the line without its newline; the blanks before its first word; that word; what follows it */
	struct cue_span all, indent, word, args;
};

/* Prints the bytes of s; nothing if it is empty. */
static void
print_span(FILE *out, struct cue_span s)
{
	if (!cue_span_is_empty(s))
		fwrite(s.at, 1, (size_t)(s.end - s.at), out);
}

/* Prints the old line with a newline. */
static void
print_as_it_is(struct lines *l, const struct line *line)
{
	print_span(l->places.out, line->all);
	fputc('\n', l->places.out);
}

/* Prints the new CDTEXTFILE in place of the old line, once; if none is due, prints the old line as
 * it is. */
static void
line_cdtextfile(struct lines *l, const struct line *line)
{
	if (l->packs == NULL) {
		print_as_it_is(l, line);
		return;
	}
	print_span(l->places.out, line->indent);
	print_packs(l->places.out, l->packs);
	l->packs = NULL;
}

/* Prints FILE, once, after a CDTEXTFILE that is still due.  Keeps the old line if it names the same
 * BINARY file.  A second FILE is left out. */
static void
line_file(struct lines *l, const struct line *line)
{
	const struct cue_sheet *sheet = l->places.sheet;
	struct cue_span type, name = cue_file_name(line->args, &type);

	/* Somebody may have spoilt the lines in the description by hand. */
	if (l->file)
		return;
	l->file = true;
	if (l->packs != NULL)
		line_cdtextfile(l, &(struct line){.word = line->word});
	if (cue_span_is(type, "BINARY") && strlen(sheet->file) == (size_t)(name.end - name.at) &&
		memcmp(name.at, sheet->file, strlen(sheet->file)) == 0) {
		print_as_it_is(l, line);
		return;
	}
	print_span(l->places.out, line->indent);
	fprintf(l->places.out, "FILE \"%s\" BINARY\n", sheet->file);
}

/* Prints what is left of the track before, FILE if it is still missing, and the TRACK of the next
 * track.  Keeps the old line if it has the same number and mode.  If the sheet has no more tracks,
 * leaves the line out. */
static void
line_track(struct lines *l, const struct line *line)
{
	const struct cue_sheet *sheet = l->places.sheet;
	unsigned i = l->places.tracks, number;
	struct cue_span args = line->args, first;

	end_places(&l->places);
	line_file(l, &(struct line){.args = {line->word.at, line->word.at}});
	if (i >= sheet->ntracks)
		return;
	begin_places(&l->places);
	first = cue_cut_word(&args);
	if (cue_number(first, CUE_TRACKS_MAX, &number) && number == sheet->first + i &&
		cue_span_is(cue_cut_word(&args), cue_modes[sheet->tracks[i].mode].name)) {
		print_as_it_is(l, line);
		return;
	}
	print_span(l->places.out, line->indent);
	fprintf(l->places.out, "TRACK %02u %s\n", sheet->first + i,
		cue_modes[sheet->tracks[i].mode].name);
}

/* Prints, in place of an old INDEX, the PREGAP and the INDEXes up to its number that are not
 * printed yet.  Leaves the line out before the first TRACK, or if it has no valid number. */
static void
line_index(struct lines *l, const struct line *line)
{
	struct cue_span args = line->args;
	unsigned number;

	if (l->places.tracks > 0 && cue_number(cue_cut_word(&args), CD_INDEX_LAST, &number))
		print_indices(&l->places, number, line->indent);
}

/* Prints, in place of an old PREGAP, the one of the present track.  Leaves the line out before the
 * first TRACK, if the track has no pregap, or if it was printed. */
static void
line_pregap(struct lines *l, const struct line *line)
{
	if (l->places.tracks > 0)
		print_pregap(&l->places, line->indent);
}

/* Leaves the old line out: the pause of a POSTGAP is printed as the PREGAP of the next track. */
static void
line_postgap(struct lines *l, const struct line *line)
{
}

/* Prints what replaces the old line `all`: by the function for its first word, or the line as it
 * is. */
static void
print_line(struct lines *l, struct cue_span all)
{
	static const struct {
		const char *word;
		void (*print)(struct lines *l, const struct line *line);
	} rows[] = {{"FILE", line_file}, {"TRACK", line_track}, {"INDEX", line_index},
		{"PREGAP", line_pregap}, {"POSTGAP", line_postgap},
		{"CDTEXTFILE", line_cdtextfile}};
	struct line line = {.all = all, .args = all};

	line.word = cue_cut_word(&line.args);
	line.indent = (struct cue_span){all.at, line.word.at};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (cue_span_is(line.word, rows[i].word)) {
			rows[i].print(l, &line);
			return;
		}
	print_as_it_is(l, &line);
}

void
cue_print_lines(const struct cue_sheet *sheet, const char *lines, const char *packs, FILE *out)
{
	struct lines l = {.places = {.sheet = sheet, .out = out}, .packs = packs};

	for (const char *end; *lines != '\0'; lines = end + (*end != '\0')) {
		end = strchrnul(lines, '\n');
		print_line(&l, (struct cue_span){lines, end});
	}
	end_places(&l.places);
	line_file(&l, &(struct line){.args = {lines, lines}, .indent = {lines, lines}});
	while (l.places.tracks < sheet->ntracks)
		print_track(&l.places);
}
