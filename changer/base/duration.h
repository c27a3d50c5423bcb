/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Durations as users write them: "250ms", "1.5s", "2m", "0".
 */
#ifndef CHANGER_BASE_DURATION_H
#define CHANGER_BASE_DURATION_H

#include <stdbool.h>

enum { DURATION_MAX_MS = 600 * 1000, DURATION_TEXT_MAX = 16 };

/* Parses a duration: a number with at most three decimals and a unit (ms, s or m); 0 needs no unit.  Stores
 * the milliseconds in *ms and returns true.  Returns false, and stores nothing, if the text is not valid,
 * is not a whole number of milliseconds, or is more than DURATION_MAX_MS. */
bool duration_parse(const char *text, unsigned *ms);
/* Prints a duration to buf: 0 as "0", whole seconds as "2s", any other value as "250ms". */
void duration_print(unsigned ms, char buf[DURATION_TEXT_MAX]);

#endif
