/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads CloneCD's .ccd, a text with sections of KEY=VALUE, and makes the plan of its disc (plan.h).
 *
 * [Entry N] has a row of the table of contents.  [TRACK N] has the indices of a track.  [CDText] has the
 * packs of CD-TEXT without their CRC.  The .img beside it has raw sectors from address 0 on, without the
 * gaps between sessions.  The .sub has their sub-channels, which are not read.  In this file, a place is a
 * position in the .img, in sectors.
 */
#include <stdlib.h>
#include <string.h>

#include "changer/base/be.h"
#include "changer/cdsector.h"
#include "changer/foreign/codes.h"
#include "changer/foreign/readers.h"
#include "changer/recording/cue_words.h"

enum {
	TRACKS = 100,	  /* rows of an array with track numbers 1 to 99 */
	INDICES = 100,	  /* the same for indices 0 to 99 */
	SESSIONS = 100,	  /* the same for sessions 1 to 99 */
	LEAD_OUT = 0xa2,  /* the point of a lead-out in the table of contents */
	DATA = 0x4,	  /* the control bit of a data track */
	PACK = 18,	  /* bytes of a pack */
	PACK_TEXT = 16,	  /* bytes of a pack without its CRC */
	NONE = INT32_MIN, /* a number that is missing or not valid */
};

struct ccd_track {
	bool is_there; /* true: the table of contents has the track */
	unsigned session, control;
	int64_t start;		/* the address of its index 1, from [Entry N] */
	int64_t index[INDICES]; /* from [TRACK N], in sectors; NONE: there is no such index */
	char isrc[32];
};

struct ccd {
	struct foreign *f;
	struct foreign_plan *plan;
	struct ccd_track tracks[TRACKS];
	int64_t lead_out[SESSIONS]; /* the address of each session's lead-out; 0: not known */
	bool scrambled;		    /* true: the .img has data tracks that are scrambled */
	unsigned npacks;	    /* packs of CD-TEXT so far, without invalid ones */
	uint8_t packs[PLAN_PACKS_MAX * PACK];
	/* the section that is being read */
	char section[16]; /* its name in small letters */
	unsigned number;  /* the number of a track behind its name; 0: none */
	/* the values of an [Entry N]; NONE: not read yet */
	int64_t session, point, control, plba;
};

/* ---- lines ----------------------------------------------------------------------------------- */

/* Returns the number that the text s is: decimal, or hexadecimal with 0x before it.  Returns NONE if it is
 * anything else, or needs more than 32 bits. */
static int64_t
number(struct cue_span s)
{
	char text[32] = "", *end;
	size_t n = (size_t)(s.end - s.at);
	long long v;

	if (n == 0 || n >= sizeof(text))
		return NONE;
	memcpy(text, s.at, n);
	v = strtoll(text, &end, text[0] == '0' && (text[1] | 0x20) == 'x' ? 16 : 10);
	return *end != '\0' || v > INT32_MAX || v < -INT32_MAX ? NONE : v;
}

/* Stores the values of the section that was read, if it is an [Entry N]: as a track, or as the lead-out of
 * a session.  Does nothing for another section, or if the values are not valid. */
static void
end_section(struct ccd *c)
{
	struct ccd_track *t;

	if (strcmp(c->section, "entry") != 0 || c->session < 1 || c->session >= SESSIONS ||
		c->plba == NONE)
		return;
	if (c->point == LEAD_OUT)
		c->lead_out[c->session] = c->plba;
	if (c->point < 1 || c->point >= TRACKS)
		return;
	t = &c->tracks[c->point];
	t->is_there = true;
	t->session = (unsigned)c->session;
	t->control = c->control > 0 ? (unsigned)c->control : 0;
	t->start = c->plba;
}

/* Ends the section before (end_section), and begins a new one.  `name` is the text within its brackets.
 * Stores its word in c->section in small letters, or "" if that is too long.  Stores its number in
 * c->number, or 0 if no track can have it. */
static void
begin_section(struct ccd *c, struct cue_span name)
{
	struct cue_span word = cue_cut_word(&name);
	size_t n = (size_t)(word.end - word.at);
	int64_t v = number(name);

	end_section(c);
	c->session = c->point = c->control = c->plba = NONE;
	c->section[0] = '\0';
	if (n < sizeof(c->section)) {
		for (size_t i = 0; i < n; i++)
			c->section[i] = (char)((unsigned char)word.at[i] | 0x20);
		c->section[n] = '\0';
	}
	c->number = v > 0 && v < TRACKS ? (unsigned)v : 0;
}

/* Stores the value of a key of an [Entry N].  Ignores a key that is not known. */
static void
take_entry(struct ccd *c, struct cue_span key, int64_t value)
{
	const struct {
		const char *key;
		int64_t *to;
	} rows[] = {{"Session", &c->session}, {"Point", &c->point}, {"Control", &c->control},
		{"PLBA", &c->plba}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (cue_span_is(key, rows[i].key))
			*rows[i].to = value;
}

/* Stores the value of a key of a [TRACK N]: ISRC, or INDEX with its number.  Ignores other keys. */
static void
take_track(struct ccd *c, struct cue_span key, struct cue_span value)
{
	struct ccd_track *t = &c->tracks[c->number];
	struct cue_span word = cue_cut_word(&key);
	size_t n = (size_t)(value.end - value.at);
	int64_t i = number(key);

	if (cue_span_is(word, "ISRC") && n < sizeof(t->isrc)) {
		memcpy(t->isrc, value.at, n);
		t->isrc[n] = '\0';
	} else if (cue_span_is(word, "INDEX") && i >= 0 && i < INDICES) {
		t->index[i] = number(value);
	}
}

/* Appends a pack of CD-TEXT to c->packs, from its bytes in hexadecimal, and adds its CRC.  Drops it if it
 * is not valid, or there are PLAN_PACKS_MAX packs. */
static void
take_pack(struct ccd *c, struct cue_span value)
{
	uint8_t *pack = &c->packs[(size_t)c->npacks * PACK];
	unsigned n = 0;

	if (c->npacks == PLAN_PACKS_MAX)
		return;
	for (; !cue_span_is_empty(value) && n < PACK_TEXT; n++) {
		struct cue_span word = cue_cut_word(&value);
		char hex[3] = "", *end;

		memcpy(hex, word.at, word.end - word.at == 2 ? 2 : 0);
		pack[n] = (uint8_t)strtoul(hex, &end, 16);
		if (end != hex + 2)
			return;
	}
	put_be16(pack + PACK_TEXT, cd_crc16(pack, PACK_TEXT));
	c->npacks += n == PACK_TEXT;
}

/* Reads a line: the name of a section, or KEY=VALUE.  Ignores any other line. */
static void
take_line(struct ccd *c, struct cue_span line)
{
	struct cue_span key, value, word;
	const char *equals;

	line = cue_trim(line);
	if (!cue_span_is_empty(line) && *line.at == '[') {
		const char *end = memchr(line.at, ']', (size_t)(line.end - line.at));

		begin_section(c, (struct cue_span){line.at + 1, end != NULL ? end : line.end});
		return;
	}
	equals =
		cue_span_is_empty(line) ? NULL : memchr(line.at, '=', (size_t)(line.end - line.at));
	if (equals == NULL)
		return;
	key = cue_trim((struct cue_span){line.at, equals});
	value = cue_trim((struct cue_span){equals + 1, line.end});
	if (strcmp(c->section, "entry") == 0)
		take_entry(c, key, number(value));
	else if (strcmp(c->section, "track") == 0)
		take_track(c, key, value);
	else if (strcmp(c->section, "disc") == 0 && cue_span_is(key, "CATALOG"))
		codes_catalog(c->f, c->plan, value.at, (size_t)(value.end - value.at));
	else if (strcmp(c->section, "disc") == 0 && cue_span_is(key, "DataTracksScrambled"))
		c->scrambled = number(value) == 1;
	word = key;
	if (strcmp(c->section, "cdtext") == 0 && cue_span_is(cue_cut_word(&word), "Entry"))
		take_pack(c, value);
}

/* ---- tracks ---------------------------------------------------------------------------------- */

/* Returns how many sectors of pause the .img has before the track.  first is true for the first track of
 * its session, first_of_disc for that of the disc.  If the .ccd is not valid, the result may be below 0. */
static int64_t
pause_of(const struct ccd_track *t, bool first, bool first_of_disc)
{
	if (first_of_disc)
		return t->start;
	if (t->index[1] == NONE || (t->index[0] == NONE && !first))
		return 0;
	return t->index[1] - (t->index[0] != NONE ? t->index[0] : 0);
}

/* Returns the form of the track's sectors.  For a data track, the header of its first sector, at `place` in
 * the .img, says whether it is mode 1 or 2.  If that sector cannot be read, returns the form of mode 1. */
static enum plan_form
form_of(struct ccd *c, unsigned img, const struct ccd_track *t, uint64_t place)
{
	uint8_t head[CD_HEADER + 4];

	if ((t->control & DATA) == 0)
		return PLAN_AUDIO;
	if (c->f->read(c->f->arg, img, place * CD_RAW_SIZE, head, sizeof(head)) == sizeof(head) &&
		head[1] == 0xff && head[CD_HEADER + 3] == 2)
		return PLAN_MODE2_RAW;
	return PLAN_MODE1_RAW;
}

/* Adds the track's indices from 2 on to the sheet; index1 is the place of its index 1.  Stops at the first
 * one that is not behind the index before it, or not in the track. */
static void
add_indices(struct ccd *c, const struct ccd_track *t, uint32_t index1)
{
	struct cue_sheet *sheet = c->plan->sheet;
	int64_t last = index1;

	for (unsigned i = 2; i < INDICES && t->index[i] != NONE && t->index[1] != NONE; i++) {
		int64_t at = index1 + t->index[i] - t->index[1];

		if (at <= last || at >= c->plan->sectors || sheet->nindices == CUE_INDICES_MAX)
			break;
		sheet->indices[sheet->nindices++] = (uint32_t)at;
		last = at;
	}
}

/* Adds track n to the plan, with its pause, its data, its codes and its indices.  Its data ends before the
 * address `end`.  `before` is the track before it; NULL if it is the first one.  Returns true; or false
 * after refusing the files. */
static bool
add_track(struct ccd *c, unsigned img, unsigned n, const struct ccd_track *before, int64_t end)
{
	const struct ccd_track *t = &c->tracks[n];
	uint64_t place = c->plan->sectors;
	bool opens = before == NULL || before->session != t->session;
	int64_t pause = pause_of(t, opens, before == NULL), size = end - t->start;
	enum plan_form form;
	struct cue_track *cue;

	if (pause < 0 || size <= 0)
		return foreign_refuse(c->f, "track %u ends before it begins", n);
	form = form_of(c, img, t, place + (uint64_t)pause);
	if (!plan_track(c->f, c->plan, form, &cue))
		return false;
	cue->session = (uint16_t)t->session;
	codes_control(cue, t->control);
	codes_isrc(c->f, cue, t->isrc, strlen(t->isrc));
	if (!plan_add(c->f, c->plan, img, form, 0, place * CD_RAW_SIZE, (uint64_t)pause))
		return false;
	plan_index1(c->plan);
	if (!plan_add(c->f, c->plan, img, form, 0, (place + (uint64_t)pause) * CD_RAW_SIZE,
		    (uint64_t)size))
		return false;
	add_indices(c, t, cue->index1);
	return true;
}

/* Returns the address where track n ends: where the pause of the next track in its session begins, or else
 * the lead-out of its session.  Returns 0 if that is not known. */
static int64_t
end_of(const struct ccd *c, unsigned n)
{
	const struct ccd_track *t = &c->tracks[n], *next = t + 1;

	if (n + 1 < TRACKS && next->is_there && next->session == t->session)
		return next->start - pause_of(next, false, false);
	return c->lead_out[t->session];
}

/* Adds all tracks to the plan.  Returns true.  Returns false after refusing the files, if there is no
 * track, or if their numbers or sessions do not follow each other. */
static bool
add_tracks(struct ccd *c, unsigned img)
{
	const struct ccd_track *before = NULL;
	unsigned n = 1;

	while (n < TRACKS && !c->tracks[n].is_there)
		n++;
	if (n == TRACKS)
		return foreign_refuse(c->f, "the .ccd has no tracks");
	c->plan->sheet->first = (uint8_t)n;
	for (; n < TRACKS && c->tracks[n].is_there; n++) {
		if (before != NULL && c->tracks[n].session < before->session)
			return foreign_refuse(c->f,
				"track %u is in an earlier session than the one before it", n);
		if (!add_track(c, img, n, before, end_of(c, n)))
			return false;
		before = &c->tracks[n];
	}
	for (; n < TRACKS; n++)
		if (c->tracks[n].is_there)
			return foreign_refuse(
				c->f, "the tracks of the .ccd do not follow each other");
	return true;
}

/* Reads the text of the .ccd into *c, and makes the plan; img is the index of the .img in c->f->files.
 * Returns true; or false after refusing the files. */
static bool
read_lines(struct ccd *c, const char *text, unsigned img)
{
	for (unsigned i = 0; i < TRACKS; i++)
		for (unsigned k = 0; k < INDICES; k++)
			c->tracks[i].index[k] = NONE;
	for (const char *end; *text != '\0'; text = end + (*end != '\0')) {
		end = strchrnul(text, '\n');
		take_line(c, (struct cue_span){text, end});
	}
	end_section(c);
	if (c->scrambled)
		return foreign_refuse(
			c->f, "its data tracks are scrambled: read the disc again, not so");
	if (c->npacks > 0)
		plan_packs(c->f, c->plan, c->packs, (size_t)c->npacks * PACK);
	return add_tracks(c, img);
}

bool
read_ccd(struct foreign *f, unsigned sheet, struct foreign_plan *plan)
{
	struct ccd *c = calloc(1, sizeof(*c));
	char *bytes = NULL, *text = NULL;
	unsigned img, sub;
	size_t size;
	bool ok = false;

	if (!foreign_find_beside(f, sheet, ".img", &img)) {
		foreign_miss_beside(f, sheet, ".img");
	} else if ((bytes = foreign_read_all(f, sheet, FOREIGN_SHEET_MAX, &size)) != NULL) {
		/* Marks the .sub as used.  It is not read: the .ccd says what is needed of it. */
		(void)foreign_find_beside(f, sheet, ".sub", &sub);
		text = cue_text(bytes, size);
		if (c == NULL || text == NULL) {
			foreign_refuse(f, "memory is missing");
		} else {
			c->f = f;
			c->plan = plan;
			ok = read_lines(c, text, img);
		}
	}
	free(c);
	free(bytes);
	free(text);
	return ok;
}
