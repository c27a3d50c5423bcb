/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/recording/cue.h"

#include <ctype.h>
#include <string.h>

#include "changer/cdsector.h"
#include "changer/recording/cue_join.h"
#include "changer/recording/cue_words.h"

enum { MINUTE = 60 * CD_FRAMES };

/* Parses "MM:SS:FF": up to 9999 minutes, 59 seconds, 74 frames.  Stores the time in sectors.
 * Returns false, and leaves *sectors, if s is not such a time. */
static bool
parse_time(struct cue_span s, uint32_t *sectors)
{
	unsigned part[3], max[3] = {9999, 59, CD_FRAMES - 1};

	for (unsigned i = 0; i < 3; i++) {
		struct cue_span digits = {s.at, s.at};

		while (digits.end < s.end && *digits.end != ':')
			digits.end++;
		if ((digits.end < s.end) != (i < 2) || !cue_number(digits, max[i], &part[i]))
			return false;
		s.at = digits.end + (i < 2);
	}
	*sectors = part[0] * MINUTE + part[1] * CD_FRAMES + part[2];
	return true;
}

/* ---- commands -------------------------------------------------------------------------------- */

/* The state between two lines of a sheet. */
struct parser {
	struct cue_sheet *sheet; /* what has been parsed */
	struct cue_join *join;	 /* joins several FILEs; NULL: the sheet may have one */
	struct cue_track *track; /* the last TRACK; NULL: none yet */
	unsigned line;		 /* number of the present line, from 1 */
	uint16_t session;	 /* the last REM SESSION; 1 if there was none */
	int index;		 /* the last INDEX of the track; -1: none yet */
	uint32_t at;		 /* where that INDEX begins, or the last one of the track before */
};

/* Parses the arguments of the command `word`, and stores them in p->sheet.  Returns NULL, or a
 * sentence that says why the sheet is wrong. */
typedef const char *command(struct parser *p, struct cue_span word, struct cue_span args);

/* Adds a warning about the present line to the sheet (cue_warn). */
static void
warn(struct parser *p, const char *what)
{
	cue_warn(p->sheet, p->line, what);
}

/* Copies the characters of a code, without hyphens and blanks, to `to`, which has max + 1 bytes.
 * Returns false if there are more than max, or is() is false for one; `to` may then have a part of
 * them, without a NUL. */
static bool
copy_code(char *to, size_t max, struct cue_span from, int (*is)(int))
{
	size_t n = 0;

	for (; from.at < from.end; from.at++) {
		if (*from.at == '-' || *from.at == ' ')
			continue;
		if (n == max || (unsigned char)*from.at >= 0x80 || !is((unsigned char)*from.at))
			return false;
		to[n++] = *from.at;
	}
	to[n] = '\0';
	return true;
}

/* Takes the media catalog number of CATALOG.  A number of 12 digits is a UPC and gets a leading 0,
 * which makes it an EAN.  Any other length or character drops it, with a warning.  Never fails. */
static const char *
cmd_catalog(struct parser *p, struct cue_span word, struct cue_span args)
{
	char digits[CUE_CATALOG_LEN + 1], *to = p->sheet->catalog;
	struct cue_span rest;
	bool ok = copy_code(digits, CUE_CATALOG_LEN, cue_unquote(args, &rest), isdigit);

	if (ok && strlen(digits) == CUE_CATALOG_LEN) {
		memcpy(to, digits, sizeof(digits));
	} else if (ok && strlen(digits) == CUE_CATALOG_LEN - 1) {
		to[0] = '0';
		memcpy(to + 1, digits, CUE_CATALOG_LEN);
	} else {
		warn(p, "a CATALOG number has 13 digits: it is dropped");
	}
	return NULL;
}

/* Takes the ISRC of the track.  Drops it, with a warning, before the first TRACK or if it does not
 * have 12 letters and digits.  Never fails. */
static const char *
cmd_isrc(struct parser *p, struct cue_span word, struct cue_span args)
{
	char code[CUE_ISRC_LEN + 1];
	struct cue_span rest;

	if (p->track == NULL)
		warn(p, "ISRC stands before the first TRACK: it is dropped");
	else if (!copy_code(code, CUE_ISRC_LEN, cue_unquote(args, &rest), isalnum) ||
		 strlen(code) != CUE_ISRC_LEN)
		warn(p, "an ISRC has 12 letters and digits: it is dropped");
	else
		memcpy(p->track->isrc, code, sizeof(code));
	return NULL;
}

/* Takes the name of FILE.  Fails if name or type is missing, or if the name has more than CUE_FILE_MAX
 * bytes.  Without p->join, fails at a second FILE too, and if the type is not BINARY; with it, begins
 * the FILE there and fails as cue_join_file does. */
static const char *
cmd_file(struct parser *p, struct cue_span word, struct cue_span args)
{
	struct cue_span type, name = cue_file_name(args, &type);
	size_t len = (size_t)(name.end - name.at);

	if (p->join == NULL && p->sheet->file[0] != '\0')
		return "a sheet with several FILEs comes in a folder with all of them";
	if (len == 0 || cue_span_is_empty(type))
		return "FILE has a name and a type";
	if (p->join == NULL && !cue_span_is(type, "BINARY"))
		return "a FILE that is not of type BINARY comes in a folder with its sheet";
	if (len > CUE_FILE_MAX)
		return "the FILE needs a name of at most 255 bytes";
	if (p->sheet->file[0] == '\0')
		memcpy(p->sheet->file, name.at, len);
	return p->join != NULL ? cue_join_file(p->join, p->sheet, name, type) : NULL;
}

/* Checks that the present track has an INDEX 01, at the next TRACK and at the end of the sheet.
 * Returns NULL if it has one, or if there is no track yet; else a sentence. */
static const char *
end_track(const struct parser *p)
{
	return p->track != NULL && p->index < 1 ? "the TRACK before has no INDEX 01" : NULL;
}

/* Returns the mode that the word of a TRACK names; CUE_MODES if it names none. */
static enum cue_mode
mode_of_word(struct cue_span word)
{
	unsigned mode = 0;

	if (cue_span_is(word, "CDI/2352"))
		return CUE_MODE2_2352;
	if (cue_span_is(word, "CDI/2336"))
		return CUE_MODE2_2336;
	while (mode < CUE_MODES && !cue_span_is(word, cue_modes[mode].name))
		mode++;
	return (enum cue_mode)mode;
}

/* Begins a track, in the session of the last REM SESSION.  Fails if the track before has no INDEX
 * 01, if no FILE came before, if the number is not from 1 to 99 or does not follow the one before,
 * or if the mode is not known. */
static const char *
cmd_track(struct parser *p, struct cue_span word, struct cue_span args)
{
	struct cue_sheet *sheet = p->sheet;
	struct cue_span number_word = cue_cut_word(&args), mode_word = cue_cut_word(&args);
	const char *why = end_track(p);
	enum cue_mode mode;
	unsigned number;

	if (why != NULL)
		return why;
	if (sheet->file[0] == '\0')
		return "a TRACK stands before the FILE";
	if (!cue_number(number_word, CUE_TRACKS_MAX, &number) || number == 0)
		return "a TRACK has a number from 1 to 99";
	if (sheet->ntracks > 0 && number != (unsigned)sheet->first + sheet->ntracks)
		return "the numbers of TRACKs have to follow each other";
	mode = mode_of_word(mode_word);
	if (mode == CUE_MODES)
		return "a TRACK is AUDIO, MODE1/2048, MODE1/2352, MODE2/2336 or MODE2/2352";
	if (sheet->ntracks == 0)
		sheet->first = (uint8_t)number;
	p->track = &sheet->tracks[sheet->ntracks++];
	p->track->mode = mode;
	p->track->session = p->session;
	p->index = -1;
	return NULL;
}

/* Takes an INDEX of the track: 00 or 01 first, then each number after the one before.  Fails before
 * the first TRACK, if number or time is not valid, or if the time is before that of the last INDEX.
 * The first INDEX of a track must be later than the last one of the track before.  With p->join, times
 * count from the start of the joined image, and cue_join_index may fail too. */
static const char *
cmd_index(struct parser *p, struct cue_span word, struct cue_span args)
{
	struct cue_span number_word = cue_cut_word(&args), time = cue_cut_word(&args);
	unsigned number;
	bool opens;
	uint32_t at, start;
	const char *why;

	if (p->track == NULL)
		return "an INDEX stands before the first TRACK";
	if (!cue_number(number_word, 99, &number) || !parse_time(time, &at))
		return "an INDEX has a number up to 99 and a time MM:SS:FF";
	opens = p->index < 0;
	at += p->join != NULL ? p->join->base : 0;
	if ((int)number != p->index + 1 && !(opens && number == 1))
		return "the INDEXes of a TRACK have to follow each other";
	if (at < p->at || (opens && p->track > p->sheet->tracks && at == p->at))
		return "the times of INDEXes have to grow";
	start = at;
	why = p->join != NULL ? cue_join_index(p->join, p->sheet, at, opens, &start) : NULL;
	if (why != NULL)
		return why;
	if (opens)
		p->track->start = start;
	if (number <= 1)
		p->track->index1 = at;
	else
		p->sheet->indices[p->sheet->nindices++] = at;
	p->index = (int)number;
	p->at = at;
	return NULL;
}

/* Takes the PREGAP of the track.  Fails if it does not stand between TRACK and the first INDEX, or
 * is not a time. */
static const char *
cmd_pregap(struct parser *p, struct cue_span word, struct cue_span args)
{
	if (p->track == NULL || p->index >= 0)
		return "PREGAP stands between TRACK and INDEX";
	return parse_time(cue_cut_word(&args), &p->track->pregap) ? NULL
								  : "PREGAP has a time MM:SS:FF";
}

/* Sets the control bits of PRE, DCP and 4CH for the track.  Ignores SCMS and DATA, for which a
 * track has no bit of its own.  Drops other words, and FLAGS before the first TRACK, with a
 * warning.  Never fails. */
static const char *
cmd_flags(struct parser *p, struct cue_span word, struct cue_span args)
{
	if (p->track == NULL) {
		warn(p, "FLAGS stand before the first TRACK: they are dropped");
		return NULL;
	}
	while (!cue_span_is_empty(args)) {
		struct cue_span flag = cue_cut_word(&args);
		unsigned f = 0;

		while (f < CUE_FLAGS && !cue_span_is(flag, cue_flags[f].name))
			f++;
		if (f < CUE_FLAGS)
			p->track->flags |= cue_flags[f].bit;
		else if (!cue_span_is(flag, "SCMS") && !cue_span_is(flag, "DATA"))
			warn(p, "FLAGS are PRE, DCP, 4CH, SCMS and DATA: another one is dropped");
	}
	return NULL;
}

/* Takes the number of "REM SESSION 02" for the tracks that follow.  Fails if it is 0 or smaller
 * than the one before.  Ignores all other remarks. */
static const char *
cmd_rem(struct parser *p, struct cue_span word, struct cue_span args)
{
	struct cue_span first = cue_cut_word(&args), number = cue_cut_word(&args);
	unsigned session;

	if (!cue_span_is(first, "SESSION") || !cue_number(number, CUE_TRACKS_MAX, &session))
		return NULL;
	if (session < p->session || session == 0)
		return "REM SESSION has a growing number";
	p->session = (uint16_t)session;
	return NULL;
}

/* Takes the text of the track, or of the disc before the first TRACK, for the type that word names;
 * replaces an earlier one.  Cuts it after CUE_TEXT_LETTERS characters, with a warning.  Never
 * fails. */
static const char *
cmd_text(struct parser *p, struct cue_span word, struct cue_span args)
{
	char(*to)[CUE_TEXT_MAX + 1] = p->track != NULL ? p->track->text : p->sheet->text;
	struct cue_span rest, text = cue_unquote(args, &rest);
	unsigned i = 0, letters = 0;
	size_t len = 0;

	while (!cue_span_is(word, cue_text_words[i]))
		i++;
	for (; text.at < text.end; text.at++) {
		letters += ((unsigned char)*text.at & 0xc0) != 0x80;
		if (letters > CUE_TEXT_LETTERS || len == CUE_TEXT_MAX)
			break;
		if (*text.at != '\0')
			to[i][len++] = *text.at;
	}
	to[i][len] = '\0';
	if (text.at < text.end)
		warn(p, "a text has at most 159 characters: it is cut in the CD-TEXT");
	return NULL;
}

/* Takes the POSTGAP of the track.  Fails before INDEX 01, or if it is not a time. */
static const char *
cmd_postgap(struct parser *p, struct cue_span word, struct cue_span args)
{
	if (p->track == NULL || p->index < 1)
		return "POSTGAP stands behind INDEX 01";
	return parse_time(cue_cut_word(&args), &p->track->postgap) ? NULL
								   : "POSTGAP has a time MM:SS:FF";
}

/* Notes that the sheet has a CDTEXTFILE; ignores its name.  Never fails. */
static const char *
cmd_cdtextfile(struct parser *p, struct cue_span word, struct cue_span args)
{
	p->sheet->names_packs = true;
	return NULL;
}

/* Ignores a line that only people and players use.  Never fails. */
static const char *
cmd_remark(struct parser *p, struct cue_span word, struct cue_span args)
{
	return NULL;
}

static const struct {
	const char *name;
	command *run;
} commands[] = {
	{"CATALOG", cmd_catalog},
	{"FILE", cmd_file},
	{"TRACK", cmd_track},
	{"INDEX", cmd_index},
	{"PREGAP", cmd_pregap},
	{"POSTGAP", cmd_postgap},
	{"FLAGS", cmd_flags},
	{"ISRC", cmd_isrc},
	{"REM", cmd_rem},
	{"TITLE", cmd_text},
	{"PERFORMER", cmd_text},
	{"SONGWRITER", cmd_text},
	{"COMPOSER", cmd_text},
	{"ARRANGER", cmd_text},
	{"MESSAGE", cmd_text},
	{"CDTEXTFILE", cmd_cdtextfile},
	{"DISC_ID", cmd_remark},
	{"GENRE", cmd_remark},
	{"UPC_EAN", cmd_remark},
};

/* Runs the command of a line, in upper or lower case.  Returns what the command returns; NULL for
 * an empty line or one that begins with a semicolon, and for an unknown command, which is dropped
 * with a warning. */
static const char *
run_line(struct parser *p, struct cue_span line)
{
	struct cue_span word = cue_cut_word(&line);

	if (cue_span_is_empty(word) || *word.at == ';')
		return NULL;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (cue_span_is(word, commands[i].name))
			return commands[i].run(p, word, line);
	warn(p, "there is no such command: the line is dropped");
	return NULL;
}

/* Does the work of cue_parse; and of cue_parse_joined, if join is not NULL. */
static const char *
parse(const char *text, size_t size, struct cue_join *join, struct cue_sheet *out, unsigned *line)
{
	struct parser p = {.sheet = out, .join = join, .session = 1, .line = 1};
	const char *end = text + size, *why = NULL;

	memset(out, 0, sizeof(*out));
	for (; text < end && why == NULL; p.line++) {
		const char *eol = memchr(text, '\n', (size_t)(end - text));

		if (eol == NULL)
			eol = end;
		why = run_line(&p, (struct cue_span){text, eol});
		if (why != NULL)
			break;
		text = eol < end ? eol + 1 : end;
	}
	*line = p.line;
	if (why == NULL)
		why = end_track(&p);
	if (why == NULL && join != NULL && join->nfiles > 0)
		why = cue_join_end(join, out);
	if (why == NULL && p.track != NULL && p.track->postgap != 0)
		cue_warn(out, 0, "no track follows the last POSTGAP: it is dropped");
	return why == NULL && out->ntracks == 0 ? "there is no TRACK" : why;
}

const char *
cue_parse(const char *text, size_t size, struct cue_sheet *out, unsigned *line)
{
	return parse(text, size, NULL, out, line);
}

const char *
cue_parse_joined(
	const char *text, size_t size, struct cue_join *join, struct cue_sheet *out, unsigned *line)
{
	return parse(text, size, join, out, line);
}

void
cue_warn(struct cue_sheet *sheet, unsigned line, const char *what)
{
	if (sheet->nwarnings < CUE_WARNINGS_MAX)
		sheet->warnings[sheet->nwarnings++] = (struct cue_warning){line, what};
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
