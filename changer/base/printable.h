/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes text from outside (names, labels, initiators) safe for terminals, by replacing characters that are
 * never shown.  These are: control characters (U+0000 to U+001F, U+007F to U+009F); characters that change
 * the direction of text (U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069); the separators U+2028
 * and U+2029, which some programs take for the end of a line; and bytes that are not UTF-8. */
#ifndef CHANGER_BASE_PRINTABLE_H
#define CHANGER_BASE_PRINTABLE_H

#include <stddef.h>

/* Replaces each character that is never shown by one question mark, in the text itself.  Returns the new
 * length, which is not more than the old one. */
size_t printable_line(char *text);
/* Does what printable_line does, but leaves newlines and tabs. */
size_t printable_lines(char *text);
/* Writes `size` bytes of a JSON text to the FILE `out`; for json_dump_callback.  Writes \uXXXX for each
 * character that is never shown, except newlines and tabs.  Such characters are only in JSON strings, so
 * the meaning stays.  The bytes must begin and end with whole characters.  Returns 0; or -1 if writing to
 * `out` fails. */
int printable_json(const char *text, size_t size, void *out);

#endif
