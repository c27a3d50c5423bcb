/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsctl/tree/words.h"

#include <stdio.h>
#include <time.h>

const char *
words_item_state(const struct jb_item *item)
{
	switch (item->kind) {
	case JB_ITEM_INCOMING:
		return "incoming";
	case JB_ITEM_INCOMPLETE:
		return "incomplete";
	case JB_ITEM_STAGED:
		return "staged";
	case JB_ITEM_FOLDER:
		return "folder";
	case JB_ITEM_UNREADABLE:
		return "unreadable";
	case JB_ITEM_DISC:
		break;
	}
	if (item->truncated)
		return "truncated";
	if (item->link == JB_LINK_IS_CHANGED)
		return "changed";
	if (item->link == JB_LINK_IS_MISSING)
		return "missing";
	switch (item->status) {
	case DISC_BLANK:
		return "blank";
	case DISC_APPENDABLE:
		return "appendable";
	case DISC_COMPLETE:
		return "complete";
	case DISC_OTHERS:
		break;
	}
	return "random-access"; /* as READ DISC INFORMATION calls rewritable discs without sessions */
}

const char *
words_protection(const struct jb_item *item)
{
	static const char *const names[2][2] = {{"off", "persistent"}, {"tab", "tab persistent"}};

	return names[(item->mode & 0222) == 0][item->pwp];
}

/* Copies the item to *arg, a struct jb_item, unless it is staged; a folder only if *arg has no item
 * yet (its kind is JB_ITEM_STAGED).  Returns false, to stop, for a disc, else true; for
 * jb_item_list. */
static bool
keep_item(void *arg, const struct jb_item *item)
{
	struct jb_item *out = arg;

	if (item->kind != JB_ITEM_STAGED &&
		(item->kind != JB_ITEM_FOLDER || out->kind == JB_ITEM_STAGED))
		*out = *item;
	return item->kind != JB_ITEM_DISC;
}

bool
words_find_item(struct jukebox *jb, struct jb_elem e, struct jb_item *out)
{
	out->kind = JB_ITEM_STAGED;
	jb_item_list(jb, e, keep_item, out);
	return out->kind != JB_ITEM_STAGED;
}

const char *
words_verification(const struct jb_check *check, char *buf)
{
	time_t at = (time_t)(check->verdict_ns / 1000000000);
	const char *word = check->verdict == JB_VERDICT_GOOD ? "ok" : "failed";
	char date[32];
	struct tm tm;

	buf[0] = '\0';
	if (check->verify_asked && check->running) {
		snprintf(buf, WORDS_CHECK_MAX, "running %u%%", check->percent);
	} else if (check->verify_asked) {
		snprintf(buf, WORDS_CHECK_MAX, "waiting");
	} else if (check->verdict != JB_VERDICT_NONE) {
		gmtime_r(&at, &tm);
		strftime(date, sizeof(date), "%FT%TZ", &tm);
		snprintf(buf, WORDS_CHECK_MAX, "%s %s", word, date);
	}
	return buf;
}

const char *
words_work(enum drive_work work)
{
	static const char *const names[] = {
		[DRIVE_IDLE] = "idle",
		[DRIVE_BURNING] = "burning",
		[DRIVE_FORMATTING] = "formatting",
		[DRIVE_BLANKING] = "blanking",
		[DRIVE_VERIFYING] = "verifying",
	};

	return names[work];
}

void
words_progress(struct jukebox *jb, unsigned drive, struct drive_progress *out)
{
	struct drive *d = jb_drive(jb, drive);
	struct jb_check check;
	struct jb_item item;

	*out = (struct drive_progress){.work = DRIVE_IDLE};
	if (d != NULL)
		drive_progress(d, out);
	if (out->work != DRIVE_IDLE ||
		!words_find_item(jb, (struct jb_elem){JB_DRIVE, drive}, &item) ||
		jb_item_check(jb, item.id, &check) != JB_OK || !check.running)
		return;
	out->work = DRIVE_VERIFYING; /* hashing reads the disc in the same way */
	out->total = jb_item_sectors(&item);
	out->done = out->total * check.percent / 100;
}

unsigned
words_percent(const struct drive_progress *p)
{
	return p->total == 0 ? 0 : (unsigned)(p->done * 100 / p->total);
}
