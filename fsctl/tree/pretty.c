/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsctl/tree/pretty.h"

#include <locale.h>
#include <pthread.h>
#include <string.h>
#include <wchar.h>

/* ---- columns -------------------------------------------------------------------------------- */

/* A locale for UTF-8, since the daemon runs in the locale "C".  C.UTF-8 is a part of glibc. */
static locale_t utf8;

/* Makes the locale for UTF-8; for pthread_once.  Leaves `utf8` at 0 if it cannot be made: then each byte
 * beyond ASCII takes one column. */
static void
find_locale(void)
{
	utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

/* Returns the number of bytes of the first character of a text that is not empty, in the locale of the
 * thread, and stores the columns that it takes; 1 and 1 for a byte that is not a character, 1 column for one
 * without a width. */
static size_t
next_char(const char *text, unsigned *columns)
{
	mbstate_t state;
	wchar_t c;
	size_t n;
	int width;

	memset(&state, 0, sizeof(state));
	n = mbrtowc(&c, text, strlen(text), &state);
	*columns = 1;
	if (n == 0 || n > strlen(text)) /* (size_t)-1 and -2 too: not a character */
		return 1;
	width = wcwidth(c);
	if (width >= 0)
		*columns = (unsigned)width;
	return n;
}

unsigned
pretty_width(const char *text)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	locale_t before = (locale_t)0;
	unsigned columns = 0;

	pthread_once(&once, find_locale);
	if (utf8 != (locale_t)0)
		before = uselocale(utf8);
	while (*text != '\0') {
		unsigned width;

		text += next_char(text, &width);
		columns += width;
	}
	if (before != (locale_t)0)
		uselocale(before);
	return columns;
}

void
pretty_wrap(FILE *out, const char *text, unsigned indent)
{
	unsigned at = indent;

	for (bool first = true; *text != '\0'; first = false) {
		char word[512];
		size_t n = strcspn(text, " ");
		unsigned width;

		snprintf(word, sizeof(word), "%.*s", (int)n, text);
		width = pretty_width(word);
		if (!first && at + 1 + width > PRETTY_COLUMNS) {
			fprintf(out, "\n%*s", (int)indent, "");
			at = indent;
		} else if (!first) {
			fputc(' ', out);
			at++;
		}
		fputs(word, out);
		at += width;
		text += n;
		text += strspn(text, " ");
	}
	fputc('\n', out);
}

/* ---- numbers -------------------------------------------------------------------------------- */

const char *
pretty_size(uint64_t bytes, char *buf)
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
	unsigned u = 1;
	uint64_t tenths;

	if (bytes < 1000) {
		snprintf(buf, PRETTY_SIZE, "%u B", (unsigned)bytes);
		return buf;
	}
	for (tenths = bytes / 100; tenths >= 10000; u++)
		tenths /= 1000;
	snprintf(buf, PRETTY_SIZE, "%u.%u %s", (unsigned)(tenths / 10), (unsigned)(tenths % 10),
		units[u]);
	return buf;
}

const char *
pretty_time(uint64_t s, char *buf)
{
	enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };

	if (s < MINUTE)
		snprintf(buf, PRETTY_SIZE, "%u s", (unsigned)s);
	else if (s < HOUR)
		snprintf(buf, PRETTY_SIZE, "%u min", (unsigned)(s / MINUTE));
	else if (s < DAY)
		snprintf(buf, PRETTY_SIZE, "%u h %u min", (unsigned)(s / HOUR),
			(unsigned)(s % HOUR / MINUTE));
	else
		snprintf(buf, PRETTY_SIZE, "%u d %u h", (unsigned)(s / DAY),
			(unsigned)(s % DAY / HOUR));
	return buf;
}

void
pretty_bar(FILE *out, uint64_t done, uint64_t total, unsigned columns)
{
	unsigned full = total == 0 ? 0 : (unsigned)(done * columns / total);

	fputc('[', out);
	for (unsigned i = 0; i < columns; i++)
		fputc(i < full ? '#' : '.', out);
	fputc(']', out);
}

const char *
pretty_plural(unsigned n)
{
	return n == 1 ? "" : "s";
}
