/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/recording/cue_words.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

const struct cue_mode_word cue_modes[CUE_MODES] = {
	[CUE_AUDIO] = {"AUDIO", 2352},
	[CUE_MODE1_2048] = {"MODE1/2048", 2048},
	[CUE_MODE1_2352] = {"MODE1/2352", 2352},
	[CUE_MODE2_2336] = {"MODE2/2336", 2336},
	[CUE_MODE2_2352] = {"MODE2/2352", 2352},
};

const struct cue_flag_word cue_flags[CUE_FLAGS] = {
	{"PRE", CUE_PRE}, {"DCP", CUE_DCP}, {"4CH", CUE_4CH}};

const char *const cue_text_words[CUE_TEXTS] = {
	[CUE_TITLE] = "TITLE",
	[CUE_PERFORMER] = "PERFORMER",
	[CUE_SONGWRITER] = "SONGWRITER",
	[CUE_COMPOSER] = "COMPOSER",
	[CUE_ARRANGER] = "ARRANGER",
	[CUE_MESSAGE] = "MESSAGE",
};

/* ---- words ----------------------------------------------------------------------------------- */

/* Returns the length of the blank at the beginning of s; 0 if there is none.  White space, a NUL
 * and a no-break space (two bytes of UTF-8) are blanks. */
static size_t
blank(struct cue_span s)
{
	if (s.at < s.end && (isspace((unsigned char)*s.at) || *s.at == '\0'))
		return 1;
	return s.end - s.at >= 2 && memcmp(s.at, "\xc2\xa0", 2) == 0 ? 2 : 0;
}

struct cue_span
cue_trim(struct cue_span s)
{
	size_t n;

	while ((n = blank(s)) > 0)
		s.at += n;
	for (;;) {
		if (s.at < s.end && blank((struct cue_span){s.end - 1, s.end}) > 0)
			s.end--;
		else if (s.end - s.at >= 2 && blank((struct cue_span){s.end - 2, s.end}) == 2)
			s.end -= 2;
		else
			return s;
	}
}

struct cue_span
cue_cut_word(struct cue_span *s)
{
	struct cue_span word;

	*s = cue_trim(*s);
	word = (struct cue_span){s->at, s->at};
	while (word.end < s->end && blank((struct cue_span){word.end, s->end}) == 0)
		word.end++;
	s->at = word.end;
	*s = cue_trim(*s);
	return word;
}

bool
cue_span_is(struct cue_span s, const char *word)
{
	size_t len = (size_t)(s.end - s.at);

	return strlen(word) == len && strncasecmp(s.at, word, len) == 0;
}

bool
cue_span_is_empty(struct cue_span s)
{
	return s.at == s.end;
}

struct cue_span
cue_unquote(struct cue_span s, struct cue_span *rest)
{
	const char *mark;

	*rest = (struct cue_span){s.end, s.end};
	if (cue_span_is_empty(s) || *s.at != '"')
		return s;
	s.at++;
	mark = cue_span_is_empty(s) ? NULL : memrchr(s.at, '"', (size_t)(s.end - s.at));
	if (mark == NULL)
		return s;
	*rest = cue_trim((struct cue_span){mark + 1, s.end});
	s.end = mark;
	return s;
}

bool
cue_number(struct cue_span s, unsigned max, unsigned *out)
{
	unsigned n = 0;

	if (cue_span_is_empty(s))
		return false;
	for (; s.at < s.end; s.at++) {
		if (*s.at < '0' || *s.at > '9' || (n = n * 10 + (unsigned)(*s.at - '0')) > max)
			return false;
	}
	*out = n;
	return true;
}

struct cue_span
cue_file_name(struct cue_span args, struct cue_span *type)
{
	struct cue_span name = cue_unquote(args, type);

	if (!cue_span_is_empty(*type) || name.at == name.end)
		return name;
	/* Without quotation marks around it, the name ends before the last word. */
	*type = (struct cue_span){name.end, name.end};
	while (type->at > name.at && blank((struct cue_span){type->at - 1, type->end}) == 0)
		type->at--;
	return cue_trim((struct cue_span){name.at, type->at});
}
