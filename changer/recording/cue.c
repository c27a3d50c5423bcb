/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/recording/cue.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "changer/cdsector.h"

enum { MINUTE = 60 * CD_FRAMES, WORDS_MAX = 8, WORD_MAX = 512 };

static const struct {
	const char *name;
	unsigned size;
} modes[CUE_MODES] = {
	[CUE_AUDIO] = {"AUDIO", 2352},
	[CUE_MODE1_2048] = {"MODE1/2048", 2048},
	[CUE_MODE1_2352] = {"MODE1/2352", 2352},
	[CUE_MODE2_2336] = {"MODE2/2336", 2336},
	[CUE_MODE2_2352] = {"MODE2/2352", 2352},
};

static const struct {
	const char *name;
	uint8_t bit;
} flags[] = {{"PRE", CUE_PRE}, {"DCP", CUE_DCP}, {"4CH", CUE_4CH}};

static const char *const texts[CUE_TEXTS] = {
	[CUE_TITLE] = "TITLE",
	[CUE_PERFORMER] = "PERFORMER",
	[CUE_SONGWRITER] = "SONGWRITER",
	[CUE_COMPOSER] = "COMPOSER",
	[CUE_ARRANGER] = "ARRANGER",
	[CUE_MESSAGE] = "MESSAGE",
};

enum { NFLAGS = sizeof(flags) / sizeof(flags[0]) };

/* ---- words ----------------------------------------------------------------------------------- */

struct words {
	unsigned n;
	char word[WORDS_MAX][WORD_MAX];
};

/* Splits a line into words.  Blanks separate words; within double quotes nothing is special.  Returns
 * NULL, or what is wrong. */
static const char *
split(const char *p, const char *end, struct words *w)
{
	w->n = 0;
	for (;;) {
		bool quoted;
		size_t len = 0;

		while (p < end && isspace((unsigned char)*p))
			p++;
		if (p == end || w->n == WORDS_MAX)
			return NULL;
		quoted = *p == '"';
		p += quoted;
		while (p < end && (quoted ? *p != '"' : !isspace((unsigned char)*p))) {
			if (*p == '\0' || len == WORD_MAX - 1)
				return "a word is too long, or not text";
			w->word[w->n][len++] = *p++;
		}
		if (quoted && p == end)
			return "a quotation mark is not closed";
		p += quoted;
		w->word[w->n++][len] = '\0';
	}
}

/* Parses decimal digits.  Returns false if the word is anything else, or the number is more than max. */
static bool
parse_number(const char *s, unsigned max, unsigned *out)
{
	unsigned n = 0;

	if (*s == '\0')
		return false;
	for (; *s != '\0'; s++) {
		if (*s < '0' || *s > '9' || (n = n * 10 + (unsigned)(*s - '0')) > max)
			return false;
	}
	*out = n;
	return true;
}

/* Parses "MM:SS:FF".  Returns false if s is not such a time. */
static bool
parse_time(const char *s, uint32_t *sectors)
{
	unsigned part[3], max[3] = {9999, 59, CD_FRAMES - 1};
	char digits[8];

	for (unsigned i = 0; i < 3; i++) {
		size_t len = strcspn(s, ":");

		if (len >= sizeof(digits) || (s[len] == ':') != (i < 2))
			return false;
		memcpy(digits, s, len);
		digits[len] = '\0';
		if (!parse_number(digits, max[i], &part[i]))
			return false;
		s += len + (i < 2);
	}
	*sectors = part[0] * MINUTE + part[1] * CD_FRAMES + part[2];
	return true;
}

/* ---- commands -------------------------------------------------------------------------------- */

struct parser {
	struct cue_sheet *sheet;
	struct cue_track *track; /* NULL: no TRACK yet */
	uint16_t session;
	int index;   /* the last INDEX of the track; -1: none yet */
	uint32_t at; /* where that INDEX begins, or the last one of the track before */
};

typedef const char *command(struct parser *p, const struct words *w);

/* Copies a word to `to` if it has len characters that `is` accepts.  Returns NULL, or `why` if it has
 * not. */
static const char *
take_code(char *to, const char *word, size_t len, int (*is)(int), const char *why)
{
	if (strlen(word) != len)
		return why;
	for (const char *c = word; *c != '\0'; c++)
		if (!is((unsigned char)*c))
			return why;
	memcpy(to, word, len + 1);
	return NULL;
}

static const char *
cmd_catalog(struct parser *p, const struct words *w)
{
	return take_code(p->sheet->catalog, w->word[1], CUE_CATALOG_LEN, isdigit,
		"a CATALOG number has 13 digits");
}

static const char *
cmd_isrc(struct parser *p, const struct words *w)
{
	if (p->track == NULL)
		return "ISRC stands before the first TRACK";
	return take_code(p->track->isrc, w->word[1], CUE_ISRC_LEN, isalnum,
		"an ISRC has 12 letters and digits");
}

static const char *
cmd_file(struct parser *p, const struct words *w)
{
	if (p->sheet->file[0] != '\0')
		return "only sheets with one FILE are supported";
	if (strcasecmp(w->word[2], "BINARY") != 0)
		return "the FILE has to be of type BINARY";
	if (w->word[1][0] == '\0' || strlen(w->word[1]) > CUE_FILE_MAX)
		return "the FILE needs a name of at most 255 bytes";
	strcpy(p->sheet->file, w->word[1]);
	return NULL;
}

/* Checks that the track is complete, at the next TRACK and at the end of the sheet.  Returns NULL, or
 * what is missing. */
static const char *
end_track(const struct parser *p)
{
	return p->track != NULL && p->index < 1 ? "the TRACK before has no INDEX 01" : NULL;
}

static const char *
cmd_track(struct parser *p, const struct words *w)
{
	struct cue_sheet *sheet = p->sheet;
	const char *why = end_track(p);
	unsigned number, mode = 0;

	if (why != NULL)
		return why;
	if (sheet->file[0] == '\0')
		return "a TRACK stands before the FILE";
	if (!parse_number(w->word[1], CUE_TRACKS_MAX, &number) || number == 0)
		return "a TRACK has a number from 1 to 99";
	if (sheet->ntracks > 0 && number != (unsigned)sheet->first + sheet->ntracks)
		return "the numbers of TRACKs have to follow each other";
	while (mode < CUE_MODES && strcasecmp(w->word[2], modes[mode].name) != 0)
		mode++;
	if (mode == CUE_MODES)
		return "a TRACK is AUDIO, MODE1/2048, MODE1/2352, MODE2/2336 or MODE2/2352";
	if (sheet->ntracks == 0)
		sheet->first = (uint8_t)number;
	p->track = &sheet->tracks[sheet->ntracks++];
	p->track->mode = (enum cue_mode)mode;
	p->track->session = p->session;
	p->index = -1;
	return NULL;
}

static const char *
cmd_index(struct parser *p, const struct words *w)
{
	unsigned number;
	bool opens;
	uint32_t at;

	if (p->track == NULL)
		return "an INDEX stands before the first TRACK";
	if (!parse_number(w->word[1], 99, &number) || !parse_time(w->word[2], &at))
		return "an INDEX has a number up to 99 and a time MM:SS:FF";
	opens = p->index < 0;
	if ((int)number != p->index + 1 && !(opens && number == 1))
		return "the INDEXes of a TRACK have to follow each other";
	if (at < p->at || (opens && p->track > p->sheet->tracks && at == p->at))
		return "an INDEX must be later than the one before it";
	if (opens)
		p->track->start = at;
	if (number <= 1)
		p->track->index1 = at;
	else
		p->sheet->indices[p->sheet->nindices++] = at;
	p->index = (int)number;
	p->at = at;
	return NULL;
}

static const char *
cmd_pregap(struct parser *p, const struct words *w)
{
	if (p->track == NULL || p->index >= 0)
		return "PREGAP must be between TRACK and INDEX";
	return parse_time(w->word[1], &p->track->pregap) ? NULL : "PREGAP has a time MM:SS:FF";
}

static const char *
cmd_flags(struct parser *p, const struct words *w)
{
	if (p->track == NULL)
		return "FLAGS stand before the first TRACK";
	for (unsigned i = 1; i < w->n; i++) {
		unsigned f = 0;

		while (f < NFLAGS && strcasecmp(w->word[i], flags[f].name) != 0)
			f++;
		if (f < NFLAGS)
			p->track->flags |= flags[f].bit;
		else if (strcasecmp(w->word[i], "SCMS") != 0)
			return "FLAGS are PRE, DCP, 4CH and SCMS";
	}
	return NULL;
}

/* Reads "REM SESSION 02".  Ignores all other remarks. */
static const char *
cmd_rem(struct parser *p, const struct words *w)
{
	unsigned session;

	if (w->n < 3 || strcasecmp(w->word[1], "SESSION") != 0)
		return NULL;
	if (!parse_number(w->word[2], CUE_TRACKS_MAX, &session) || session < p->session ||
		session == 0)
		return "the number of REM SESSION must be larger than the one before it";
	p->session = (uint16_t)session;
	return NULL;
}

/* Takes TITLE and the like: of the track that was begun, or of the disc before the first track. */
static const char *
cmd_text(struct parser *p, const struct words *w)
{
	char(*to)[CUE_TEXT_MAX + 1] = p->track != NULL ? p->track->text : p->sheet->text;
	unsigned i = 0;

	while (strcasecmp(w->word[0], texts[i]) != 0)
		i++;
	if (strlen(w->word[1]) > CUE_TEXT_MAX)
		return "a text has at most 159 bytes";
	strcpy(to[i], w->word[1]);
	return NULL;
}

/* Refuses POSTGAP, because the FILE has to hold all of the disc. */
static const char *
cmd_postgap(struct parser *p, const struct words *w)
{
	return "POSTGAP is not supported: the FILE must contain all of the disc";
}

static const struct {
	const char *name;
	unsigned words; /* the command must have this many at least */
	command *run;
} commands[] = {
	{"CATALOG", 2, cmd_catalog},
	{"FILE", 3, cmd_file},
	{"TRACK", 3, cmd_track},
	{"INDEX", 3, cmd_index},
	{"PREGAP", 2, cmd_pregap},
	{"POSTGAP", 2, cmd_postgap},
	{"FLAGS", 1, cmd_flags},
	{"ISRC", 2, cmd_isrc},
	{"REM", 1, cmd_rem},
	{"TITLE", 2, cmd_text},
	{"PERFORMER", 2, cmd_text},
	{"SONGWRITER", 2, cmd_text},
	{"COMPOSER", 2, cmd_text},
	{"ARRANGER", 2, cmd_text},
	{"MESSAGE", 2, cmd_text},
};

/* Parses one line and carries out its command.  Returns NULL, or what is wrong. */
static const char *
run_line(struct parser *p, const char *begin, const char *end)
{
	struct words w;
	const char *why;

	/* Words after the eighth belong to remarks. */
	why = split(begin, end, &w);
	if (w.n == 0 || (why != NULL && strcasecmp(w.word[0], "REM") == 0))
		return why == NULL || w.n > 0 ? NULL : why;
	if (why != NULL)
		return why;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcasecmp(w.word[0], commands[i].name) != 0)
			continue;
		return w.n < commands[i].words ? "something is missing" : commands[i].run(p, &w);
	}
	return "there is no such command";
}

const char *
cue_parse(const char *text, size_t size, struct cue_sheet *out, unsigned *line)
{
	static const char bom[] = "\xef\xbb\xbf";
	struct parser p = {.sheet = out, .session = 1};
	const char *end = text + size, *why = NULL;

	memset(out, 0, sizeof(*out));
	*line = 1;
	if (size > CUE_SHEET_MAX)
		return "a sheet has at most 64 KiB";
	if (size >= 3 && memcmp(text, bom, 3) == 0)
		text += 3;
	for (; text < end && why == NULL; ++*line) {
		const char *eol = memchr(text, '\n', (size_t)(end - text));

		if (eol == NULL)
			eol = end;
		why = run_line(&p, text, eol);
		if (why != NULL)
			return why;
		text = eol < end ? eol + 1 : end;
	}
	why = end_track(&p);
	return why == NULL && out->ntracks == 0 ? "there is no TRACK" : why;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* Prints a line with a word and a time. */
static void
print_time(FILE *out, const char *what, uint32_t sectors)
{
	fprintf(out, "    %s %02u:%02u:%02u\n", what, sectors / MINUTE, sectors / CD_FRAMES % 60,
		sectors % CD_FRAMES);
}

/* Prints a text in double quotes.  A quotation mark cannot be in it; two apostrophes take its place. */
static void
print_quoted(FILE *out, const char *indent, const char *what, const char *text)
{
	fprintf(out, "%s%s \"", indent, what);
	for (; *text != '\0'; text++)
		fputs(*text == '"' ? "''" : (char[2]){*text, '\0'}, out);
	fputc('"', out);
}

/* Prints a line for each text that is not empty. */
static void
print_texts(FILE *out, const char *indent, const char text[CUE_TEXTS][CUE_TEXT_MAX + 1])
{
	for (unsigned i = 0; i < CUE_TEXTS; i++) {
		if (text[i][0] == '\0')
			continue;
		print_quoted(out, indent, texts[i], text[i]);
		fputc('\n', out);
	}
}

unsigned
cue_indices(const struct cue_sheet *sheet, unsigned track, unsigned *first)
{
	unsigned end;

	*first = 0;
	while (*first < sheet->nindices && sheet->indices[*first] < sheet->tracks[track].index1)
		++*first;
	for (end = *first; end < sheet->nindices; end++)
		if (track + 1 < sheet->ntracks &&
			sheet->indices[end] >= sheet->tracks[track + 1].start)
			break;
	return end - *first;
}

/* Prints the lines of track number i, from 0. */
static void
print_track(FILE *out, const struct cue_sheet *sheet, unsigned i)
{
	const struct cue_track *t = &sheet->tracks[i];
	unsigned first, n = cue_indices(sheet, i, &first);
	char index[16];

	fprintf(out, "  TRACK %02u %s\n", sheet->first + i, modes[t->mode].name);
	print_texts(out, "    ", t->text);
	if (t->flags != 0) {
		fputs("    FLAGS", out);
		for (unsigned f = 0; f < NFLAGS; f++)
			if (t->flags & flags[f].bit)
				fprintf(out, " %s", flags[f].name);
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
