/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHANGER_BASE_JSON_TEXT_H
#define CHANGER_BASE_JSON_TEXT_H

#include <jansson.h>
#include <stddef.h>

/*
 * Jansson 2.14 does not look at all of its own failures to get memory: json_dumps leaves a key out and returns the
 * rest, and json_loadb leaves a character out of a string.  These functions do not return such a result.
 */

/* Returns the text of the value, whose lines are indented by so many blanks; the caller frees it.  Returns NULL if
 * memory is missing. */
char *json_text(const json_t *json, unsigned indent);
/* Returns the value of the text, which has size bytes; the flags are those of json_loadb.  Returns NULL if the text
 * is not valid, errno is 0 then; or if memory is missing, errno is ENOMEM then. */
json_t *json_text_load(const char *text, size_t size, size_t flags);

#endif
