/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bytes of a CUE sheet as UTF-8: encodings, and the ends of lines. */
#include <stdlib.h>
#include <string.h>

#include "changer/recording/cue.h"

enum { CTRL_Z = 0x1a, REPLACEMENT = 0xfffd };

/* Windows-1252 where it is not ISO 8859-1: 80h to 9Fh.  0: not used. */
static const uint16_t windows[32] = {0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
	0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d, 0, 0, 0x2018, 0x2019, 0x201c, 0x201d,
	0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178};

/* Appends the character c as UTF-8, up to four bytes, without a NUL.  Returns the place behind it. */
static char *
put_char(char *to, uint32_t c)
{
	if (c < 0x80) {
		*to++ = (char)c;
	} else if (c < 0x800) {
		*to++ = (char)(0xc0 | c >> 6);
		*to++ = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		*to++ = (char)(0xe0 | c >> 12);
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
		*to++ = (char)(0x80 | (c & 0x3f));
	} else {
		*to++ = (char)(0xf0 | c >> 18);
		*to++ = (char)(0x80 | (c >> 12 & 0x3f));
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
		*to++ = (char)(0x80 | (c & 0x3f));
	}
	return to;
}

/* Returns the length of the UTF-8 character at p (RFC 3629); 0 if it is not valid or does not end
 * before `end`.  p must be before end. */
static size_t
utf8_length(const uint8_t *p, const uint8_t *end)
{
	size_t n = *p < 0x80   ? 1
		   : *p < 0xc2 ? 0
		   : *p < 0xe0 ? 2
		   : *p < 0xf0 ? 3
		   : *p < 0xf5 ? 4
			       : 0;

	if (n == 0 || (size_t)(end - p) < n)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	/* The shortest form only, no surrogates, nothing above U+10FFFF */
	if ((*p == 0xe0 && p[1] < 0xa0) || (*p == 0xed && p[1] >= 0xa0) ||
		(*p == 0xf0 && p[1] < 0x90) || (*p == 0xf4 && p[1] >= 0x90))
		return 0;
	return n;
}

/* Returns true if all bytes from p to before `end` are valid UTF-8; also if there are none. */
static bool
is_utf8(const uint8_t *p, const uint8_t *end)
{
	size_t n;

	while (p < end && (n = utf8_length(p, end)) > 0)
		p += n;
	return p == end;
}

/* Appends a line and a newline.  If the line is not valid UTF-8, reads it as Windows-1252; bytes
 * that it does not use become U+FFFD.  A NUL becomes a blank.  `to` has room for three bytes for
 * each byte, and one.  Returns the place behind the newline. */
static char *
put_line(char *to, const uint8_t *p, const uint8_t *end)
{
	bool utf8 = is_utf8(p, end);

	for (; p < end; p++) {
		if (*p == 0)
			*to++ = ' ';
		else if (utf8 || *p < 0x80)
			*to++ = (char)*p;
		else if (*p >= 0xa0 || windows[*p - 0x80] == 0)
			to = put_char(to, *p >= 0xa0 ? *p : REPLACEMENT);
		else
			to = put_char(to, windows[*p - 0x80]);
	}
	*to++ = '\n';
	return to;
}

/* Makes UTF-8 of `size` bytes of UTF-16, whose high byte comes first if big is true.  Single
 * surrogates become U+FFFD; an odd last byte is dropped.  `to` has room for three bytes for each
 * two.  Returns the place behind what it has made, without a NUL. */
static char *
put_utf16(char *to, const uint8_t *p, size_t size, bool big)
{
	for (size_t i = 0; i + 1 < size; i += 2) {
		uint32_t c = (uint32_t)p[i + !big] << 8 | p[i + big], low;

		if (c >= 0xd800 && c < 0xdc00 && i + 3 < size) {
			low = (uint32_t)p[i + 2 + !big] << 8 | p[i + 2 + big];
			if (low >= 0xdc00 && low < 0xe000) {
				c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
				i += 2;
			}
		}
		to = put_char(to, c >= 0xd800 && c < 0xe000 ? REPLACEMENT : c);
	}
	return to;
}

/* Splits the bytes into lines, which end with LF, CR, or CR and LF, and appends each (put_line).
 * Stops at a Ctrl-Z.  Ends the text with a NUL, and returns the NUL's place. */
static char *
put_lines(char *to, const uint8_t *p, const uint8_t *end)
{
	const uint8_t *stop = memchr(p, CTRL_Z, (size_t)(end - p));

	if (stop != NULL)
		end = stop;
	while (p < end) {
		const uint8_t *eol = p;

		while (eol < end && *eol != '\n' && *eol != '\r')
			eol++;
		to = put_line(to, p, eol);
		p = eol < end ? eol + 1 : end;
		if (p < end && *eol == '\r' && *p == '\n')
			p++;
	}
	*to = '\0';
	return to;
}

char *
cue_text(const char *bytes, size_t size)
{
	const uint8_t *p = (const uint8_t *)bytes;
	char *utf16 = NULL, *text = malloc(3 * size + 2);

	if (text == NULL)
		return NULL;
	if (size >= 2 && ((p[0] == 0xff && p[1] == 0xfe) || (p[0] == 0xfe && p[1] == 0xff))) {
		utf16 = malloc(3 * size / 2 + 3);
		if (utf16 == NULL) {
			free(text);
			return NULL;
		}
		size = (size_t)(put_utf16(utf16, p + 2, size - 2, p[0] == 0xfe) - utf16);
		p = (const uint8_t *)utf16;
		free(text);
		text = malloc(3 * size + 2);
	} else if (size >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
		p += 3;
		size -= 3;
	}
	if (text != NULL)
		put_lines(text, p, p + size);
	free(utf16);
	return text;
}
