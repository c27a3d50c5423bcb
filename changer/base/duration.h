/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Spans of time as users write them: "250ms", "1.5s", "2m", "0".
 */
#ifndef CHANGER_BASE_DURATION_H
#define CHANGER_BASE_DURATION_H

#include <stdbool.h>

enum { DURATION_MAX_MS = 600 * 1000, DURATION_TEXT_MAX = 16 };

/* At most DURATION_MAX_MS, in whole milliseconds; a number without a unit is 0 or wrong. */
bool duration_parse(const char *text, unsigned *ms);
/* In the one form that is shown: "0", whole seconds as "2s", else "250ms". */
void duration_print(unsigned ms, char buf[DURATION_TEXT_MAX]);

#endif
