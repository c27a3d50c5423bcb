/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text that may come from outside (names, labels, initiators), made safe for terminals.  The characters that
 * are never shown are control characters (U+0000 to U+001F, U+007F to U+009F), those that change the
 * direction of text (U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069), the separators U+2028 and
 * U+2029, which some programs take for the end of a line, and bytes that are not UTF-8.
 */
#ifndef CHANGER_BASE_PRINTABLE_H
#define CHANGER_BASE_PRINTABLE_H

#include <stddef.h>

/* Replaces, in place, each character that is not shown by one question mark.  Returns the new length, which
 * is not above the old one. */
size_t printable_line(char *text);
/* Does what printable_line does, but leaves newlines and tabs. */
size_t printable_lines(char *text);
/* Writes a part of a JSON text to the FILE `out`, with \uXXXX for each character that is not shown except
 * newlines and tabs: such characters are only in strings, so the JSON means what it meant.  The part must
 * begin and end with whole characters.  Returns 0, or -1 if `out` fails; for json_dump_callback. */
int printable_json(const char *text, size_t size, void *out);

#endif
