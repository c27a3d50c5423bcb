/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/base/printable.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Stores the code of the UTF-8 character at p in *code, and returns its length.  Returns 0 if the n bytes
 * at p do not begin with a valid character (RFC 3629).  n must not be 0. */
static size_t
decode(const unsigned char *p, size_t n, uint32_t *code)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t len = p[0] < 0x80 ? 1 : p[0] < 0xc0 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	uint32_t c = len == 1 ? p[0] : p[0] & (0x7fu >> len);

	if (len == 0 || p[0] > 0xf4 || len > n)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	*code = c;
	return c >= least[len] && c <= 0x10ffff && (c & ~0x7ffu) != 0xd800 ? len : 0;
}

/* Returns true if the character is one that is never shown (printable.h). */
static bool
is_hidden(uint32_t code)
{
	static const struct {
		uint32_t from, to;
	} rows[] = {
		{0x00, 0x1f},
		{0x7f, 0x9f},
		{0x061c, 0x061c},
		{0x200e, 0x200f},
		{0x2028, 0x202e},
		{0x2066, 0x2069},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (code >= rows[i].from && code <= rows[i].to)
			return true;
	return false;
}

/* Returns how many of the n bytes at p come before the first character that is never shown; n if there is
 * none.  If `lines` is true, newlines and tabs count as shown.  If the result is less than n, stores the
 * length of that character in *len and its code in *code.  For a byte that is not UTF-8 these are 1 and
 * U+FFFD. */
static size_t
shown(const char *p, size_t n, bool lines, size_t *len, uint32_t *code)
{
	size_t at = 0;

	while (at < n) {
		unsigned char c = (unsigned char)p[at];

		if ((c >= 0x20 && c < 0x7f) || (lines && (c == '\n' || c == '\t'))) {
			at++;
			continue;
		}
		*len = decode((const unsigned char *)p + at, n - at, code);
		if (*len == 0) {
			*len = 1;
			*code = 0xfffd;
			break;
		}
		if (is_hidden(*code))
			break;
		at += *len;
	}
	return at;
}

/* Replaces each character that is never shown by a question mark, in the text itself; if `lines` is true,
 * leaves newlines and tabs.  Returns the new length. */
static size_t
replace(char *text, bool lines)
{
	size_t n = strlen(text), from = 0, to = 0;

	while (from < n) {
		uint32_t code;
		size_t len, good = shown(text + from, n - from, lines, &len, &code);

		memmove(text + to, text + from, good);
		from += good;
		to += good;
		if (from < n) {
			text[to++] = '?';
			from += len;
		}
	}
	text[to] = '\0';
	return to;
}

size_t
printable_line(char *text)
{
	return replace(text, false);
}

size_t
printable_lines(char *text)
{
	return replace(text, true);
}

/* Writes no surrogate pairs, because no character above U+FFFF is hidden. */
int
printable_json(const char *text, size_t size, void *out)
{
	FILE *f = out;

	while (size > 0) {
		uint32_t code;
		size_t len = 0, good = shown(text, size, true, &len, &code);

		if (fwrite(text, 1, good, f) != good)
			return -1;
		if (good < size && fprintf(f, "\\u%04x", (unsigned)code) < 0)
			return -1;
		text += good + (good < size ? len : 0);
		size -= good + (good < size ? len : 0);
	}
	return 0;
}
