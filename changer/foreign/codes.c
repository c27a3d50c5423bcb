/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/foreign/codes.h"

#include <ctype.h>
#include <string.h>

/* Copies the characters of a code to `to`, without hyphens, blanks and NULs.  `to` has room for max
 * characters and a NUL; `is` tells which characters are valid.  Returns the number of copied characters;
 * SIZE_MAX if there are more than max, or one is not valid. */
static size_t
copy_code(char *to, size_t max, const char *text, size_t size, int (*is)(int))
{
	size_t n = 0;

	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '-' || c == ' ' || c == '\0')
			continue;
		if (n == max || c >= 0x80 || !is(c))
			return SIZE_MAX;
		to[n++] = (char)c;
	}
	to[n] = '\0';
	return n;
}

void
codes_catalog(struct foreign *f, struct foreign_plan *plan, const char *text, size_t size)
{
	char code[CUE_CATALOG_LEN + 1];
	size_t n = copy_code(code, CUE_CATALOG_LEN, text, size, isdigit);

	if (n == CUE_CATALOG_LEN && strspn(code, "0") < n)
		memcpy(plan->sheet->catalog, code, sizeof(code));
	else if (n != 0 && n != CUE_CATALOG_LEN)
		foreign_warn(f, "a catalog number has 13 digits: it is dropped");
}

void
codes_isrc(struct foreign *f, struct cue_track *t, const char *text, size_t size)
{
	char code[CUE_ISRC_LEN + 1];
	size_t n = copy_code(code, CUE_ISRC_LEN, text, size, isalnum);

	if (n == CUE_ISRC_LEN)
		memcpy(t->isrc, code, sizeof(code));
	else if (n != 0)
		foreign_warn(f, "an ISRC has 12 letters and digits: it is dropped");
}

void
codes_text(struct foreign *f, char to[CUE_TEXT_MAX + 1], const char *text)
{
	size_t n = 0, letters = 0;

	for (; *text != '\0'; text++) {
		letters += ((unsigned char)*text & 0xc0) != 0x80;
		if (letters > CUE_TEXT_LETTERS || n == CUE_TEXT_MAX) {
			foreign_warn(f, "a text has at most 159 characters: it is cut");
			break;
		}
		to[n++] = *text;
		if ((unsigned char)*text < ' ')
			to[n - 1] = ' ';
	}
	to[n] = '\0';
}

void
codes_control(struct cue_track *t, unsigned control)
{
	t->flags = control & CUE_DCP;
	if (t->mode == CUE_AUDIO)
		t->flags = control & (CUE_PRE | CUE_DCP | CUE_4CH);
}
