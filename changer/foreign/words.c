/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/foreign/words.h"

#include <ctype.h>
#include <string.h>

#include "changer/cdsector.h"

/* Goes to the beginning of the next word: skips blanks, and remarks, which begin with two slashes and go to
 * the line's end. */
static void
skip_blanks(struct words *w)
{
	for (;;) {
		if (*w->at == '\n')
			w->line++;
		if (isspace((unsigned char)*w->at))
			w->at++;
		else if (w->at[0] == '/' && w->at[1] == '/')
			w->at += strcspn(w->at, "\n");
		else
			return;
	}
}

/* Appends the byte c to the present word, which has *n bytes.  If latin is true, c is a character of ISO
 * 8859-1 and becomes UTF-8.  Drops a NUL, and a byte for which there is no room. */
static void
append(struct words *w, size_t *n, unsigned char c, bool latin)
{
	if (*n + 2 >= sizeof(w->text))
		return;
	if (latin && c >= 0x80) {
		w->text[(*n)++] = (char)(0xc0 | c >> 6);
		w->text[(*n)++] = (char)(0x80 | (c & 0x3f));
	} else if (c != '\0') {
		w->text[(*n)++] = (char)c;
	}
}

/* Reads three octal digits at p, and stores their value in *c.  Returns false if there are not three, or
 * they are above 377. */
static bool
octal(const char *p, unsigned char *c)
{
	unsigned value = 0;

	for (unsigned i = 0; i < 3; i++) {
		if (p[i] < '0' || p[i] > '7')
			return false;
		value = value * 8 + (unsigned)(p[i] - '0');
	}
	*c = (unsigned char)value;
	return value < 256;
}

/* Reads a string from behind its first quotation mark to behind its last one, or to the end of the text.  A
 * backslash may be before a quotation mark or a backslash, which then is part of the string.  It may also
 * be before three octal digits, which are a character of ISO 8859-1. */
static void
read_string(struct words *w)
{
	size_t n = 0;
	unsigned char c;

	w->kind = WORDS_STRING;
	while (*w->at != '\0' && *w->at != '"') {
		if (*w->at == '\n')
			w->line++;
		if (*w->at == '\\' && octal(w->at + 1, &c)) {
			append(w, &n, c, true);
			w->at += 4;
			continue;
		}
		if (*w->at == '\\' && (w->at[1] == '"' || w->at[1] == '\\'))
			w->at++;
		append(w, &n, (unsigned char)*w->at++, false);
	}
	if (*w->at == '"')
		w->at++;
	w->text[n] = '\0';
}

void
words_next(struct words *w)
{
	static const char signs[] = "{},";
	size_t n = 0;

	skip_blanks(w);
	w->text[0] = '\0';
	if (*w->at == '\0') {
		w->kind = WORDS_END;
	} else if (*w->at == '"') {
		w->at++;
		read_string(w);
	} else if (strchr(signs, *w->at) != NULL) {
		w->kind = WORDS_SIGN;
		w->text[0] = *w->at++;
		w->text[1] = '\0';
	} else {
		w->kind = WORDS_NAME;
		while (*w->at != '\0' && *w->at != '"' && !isspace((unsigned char)*w->at) &&
			strchr(signs, *w->at) == NULL)
			append(w, &n, (unsigned char)*w->at++, false);
		w->text[n] = '\0';
	}
}

void
words_begin(struct words *w, const char *text)
{
	w->at = text;
	w->line = 1;
	words_next(w);
}

bool
words_is(const struct words *w, const char *name)
{
	return (w->kind == WORDS_NAME || w->kind == WORDS_SIGN) && strcmp(w->text, name) == 0;
}

bool
words_take(struct words *w, const char *name)
{
	if (!words_is(w, name))
		return false;
	words_next(w);
	return true;
}

void
words_split(struct words *w, char sign)
{
	const char *found = w->kind == WORDS_NAME ? strchr(w->text, sign) : NULL;
	size_t keep;

	if (found == NULL)
		return;
	keep = found > w->text ? (size_t)(found - w->text) : 1;
	w->at -= strlen(w->text) - keep;
	w->text[keep] = '\0';
}

/* Reads the decimal digits at *p to *number, and moves *p behind them.  Returns false if there are none, or
 * the number is above max; *p may then have moved. */
static bool
read_digits(const char **p, uint64_t max, uint64_t *number)
{
	uint64_t n = 0;

	if (**p < '0' || **p > '9')
		return false;
	for (; **p >= '0' && **p <= '9'; ++*p) {
		n = n * 10 + (uint64_t)(**p - '0');
		if (n > max)
			return false;
	}
	*number = n;
	return true;
}

bool
words_number(struct words *w, uint64_t max, uint64_t *number)
{
	const char *p = w->text;

	if (w->kind != WORDS_NAME || !read_digits(&p, max, number) || *p != '\0')
		return false;
	words_next(w);
	return true;
}

bool
words_time(struct words *w, uint64_t *sectors)
{
	enum { MINUTES_MAX = 9999, SECOND = CD_FRAMES, MINUTE = 60 * SECOND };
	const char *p = w->text;
	uint64_t m, s, f;

	if (w->kind != WORDS_NAME || !read_digits(&p, MINUTES_MAX, &m) || *p++ != ':' ||
		!read_digits(&p, 59, &s) || *p++ != ':' || !read_digits(&p, CD_FRAMES - 1, &f) ||
		*p != '\0')
		return false;
	*sectors = m * MINUTE + s * SECOND + f;
	words_next(w);
	return true;
}
