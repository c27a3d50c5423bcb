/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of a disc's content, in words.
 */
#include <stdio.h>
#include <time.h>

#include "fsctl/show.h"

const char *
show_verification(const struct jb_check *check, char *buf)
{
	time_t at = (time_t)(check->verdict_ns / 1000000000);
	const char *word = check->verdict == JB_VERDICT_GOOD ? "ok" : "failed";
	char date[32];
	struct tm tm;

	buf[0] = '\0';
	if (check->verify_asked && check->running) {
		snprintf(buf, SHOW_CHECK_MAX, "running %u%%", check->percent);
	} else if (check->verify_asked) {
		snprintf(buf, SHOW_CHECK_MAX, "waiting");
	} else if (check->verdict != JB_VERDICT_NONE) {
		gmtime_r(&at, &tm);
		strftime(date, sizeof(date), "%FT%TZ", &tm);
		snprintf(buf, SHOW_CHECK_MAX, "%s %s", word, date);
	}
	return buf;
}
