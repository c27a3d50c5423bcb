/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHANGER_BASE_JSON_TEXT_H
#define CHANGER_BASE_JSON_TEXT_H

#include <jansson.h>
#include <stddef.h>

/*
 * Converts JSON to text and back, and notices when memory is missing.  Jansson 2.14 does not always:
 * json_dumps may leave out a key and return the rest, and json_loadb may leave out a character of a string.
 */

/* Returns the text of the value, with a NUL; each level is indented by `indent` blanks.  The caller frees the
 * text.  Returns NULL if memory is missing. */
char *json_text(const json_t *json, unsigned indent);
/* Returns the value of the text, which has size bytes; the caller ends with json_decref.  flags are those
 * of json_loadb.  Returns NULL with errno 0 if the text is not valid JSON, or NULL with errno ENOMEM if
 * memory is missing. */
json_t *json_text_load(const char *text, size_t size, size_t flags);

#endif
