/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHANGER_BASE_JSON_TEXT_H
#define CHANGER_BASE_JSON_TEXT_H

#include <jansson.h>

/* Returns the text of the value, whose lines are indented by so many blanks; the caller frees it.  Returns NULL if
 * memory is missing.  It stands for json_dumps: that one leaves a key out if memory is missing for it alone, and
 * returns the rest (Jansson 2.14). */
char *json_text(const json_t *json, unsigned indent);

#endif
