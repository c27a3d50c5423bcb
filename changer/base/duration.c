/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/base/duration.h"

#include <stdio.h>
#include <string.h>

enum { DIGITS_MAX = 6 };

/* Reads the decimal digits at *p and returns their value; stores their number in *count, and moves *p
 * behind them.  If there are none, returns 0 with *count = 0.  Stops after DIGITS_MAX + 1 digits, so the
 * caller sees that there are too many. */
static unsigned
digits(const char **p, unsigned *count)
{
	unsigned n = 0;

	for (*count = 0; **p >= '0' && **p <= '9' && *count <= DIGITS_MAX; (*p)++, (*count)++)
		n = n * 10 + (unsigned)(**p - '0');
	return n;
}

/* Returns the milliseconds of the unit "ms", "s" or "m"; 0 if name is anything else. */
static unsigned
unit_ms(const char *name)
{
	static const struct {
		const char *name;
		unsigned ms;
	} units[] = {{"ms", 1}, {"s", 1000}, {"m", 60 * 1000}};

	for (unsigned i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(name, units[i].name) == 0)
			return units[i].ms;
	return 0;
}

bool
duration_parse(const char *text, unsigned *ms)
{
	unsigned whole, part = 0, count, scale = 1, unit;
	unsigned long long all;

	whole = digits(&text, &count);
	if (count == 0 || count > DIGITS_MAX)
		return false;
	if (*text == '\0' && whole == 0) {
		*ms = 0;
		return true;
	}
	if (*text == '.') {
		text++;
		part = digits(&text, &count);
		if (count == 0 || count > 3)
			return false;
		while (count-- > 0)
			scale *= 10;
	}
	unit = unit_ms(text);
	all = (unsigned long long)whole * unit + (unsigned long long)part * unit / scale;
	if (unit == 0 || all > DURATION_MAX_MS || (unsigned long long)part * unit % scale != 0)
		return false;
	*ms = (unsigned)all;
	return true;
}

void
duration_print(unsigned ms, char buf[DURATION_TEXT_MAX])
{
	if (ms == 0)
		snprintf(buf, DURATION_TEXT_MAX, "0");
	else if (ms % 1000 == 0)
		snprintf(buf, DURATION_TEXT_MAX, "%us", ms / 1000);
	else
		snprintf(buf, DURATION_TEXT_MAX, "%ums", ms);
}
