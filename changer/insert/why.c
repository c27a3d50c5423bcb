/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/insert/why.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "changer/base/clock.h"
#include "changer/base/log.h"
#include "changer/inventory/model.h"

void
why_set(struct item *it, enum jb_err err, const char *fmt, ...)
{
	char text[JB_IMPORT_TEXT];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	jb_enter(it->jb);
	free(it->why);
	it->why = err == JB_OK ? NULL : strdup(text);
	it->why_err = err;
	jb_leave(it->jb);
}

void
why_tell(struct item *it, enum jb_err err, const char *reason)
{
	struct imports *q = &it->jb->imports;
	char text[JB_NAME_MAX + JB_IMPORT_TEXT + 64], where[32];
	jb_import_told *told;
	void *arg;

	jb_enter(it->jb);
	snprintf(text, sizeof(text), "insert %s/%s (%s)",
		it->elem == NULL ? "" : jb_elem_str(it->elem->at, where), it->name, reason);
	told = q->told;
	arg = q->arg;
	q->users += told != NULL;
	event_error(it, err, NULL);
	jb_leave(it->jb);
	log_warn("store", "cannot %s: %s", text, jb_err_text(err));
	if (told == NULL)
		return;
	told(arg, err, text);
	jb_enter(it->jb);
	q->users--;
	jb_changed(it->jb);
	jb_leave(it->jb);
}

void
why_report(struct item *it)
{
	char reason[JB_IMPORT_TEXT];
	enum jb_err err;

	jb_enter(it->jb);
	err = it->why_err;
	snprintf(reason, sizeof(reason), "%s", it->why != NULL ? it->why : jb_err_text(err));
	jb_leave(it->jb);
	why_tell(it, err, reason);
}

/* Returns true if a program is writing a file of the folder. */
static bool
is_being_filled(const struct folder *f) REQUIRES(jb_lock)
{
	for (unsigned i = 0; i < JB_PARTS_MAX; i++)
		if (f->part[i] != NULL && f->part[i]->insert != NULL)
			return true;
	return false;
}

void
why_report_quiet(struct jukebox *jb, uint64_t *next)
{
	struct item *found;

	do {
		struct folder *f;

		found = NULL;
		jb_enter(jb);
		LIST_FOREACH(f, &jb->imports.folders, link)
		{
			uint64_t end = f->changed_ms + FOLDER_QUIET_MS;

			if (f->item->elem == NULL || f->item->why == NULL || f->reported ||
				f->waits || is_being_filled(f))
				continue;
			if (end > clock_ms()) {
				*next = end < *next ? end : *next;
			} else if (found == NULL) {
				found = f->item;
				f->reported = true;
				item_ref(found);
			}
		}
		jb_leave(jb);
		if (found != NULL) {
			why_report(found);
			item_unref(found);
		}
	} while (found != NULL);
}

void
why_rest(struct item *folder, const char *text)
{
	why_set(folder, JB_PARTS_NO_SHEET, "%s", text);
	jb_enter(folder->jb);
	/* A change that came meanwhile is looked at next, and what comes of it is reported. */
	if (!folder->import_asked)
		folder->folder->reported = true;
	jb_leave(folder->jb);
}

void
why_refuse(struct item *it, const struct jb_import_result *r)
{
	bool made;

	jb_enter(it->jb);
	made = it->folder != NULL && it->folder->disc != 0;
	jb_leave(it->jb);
	switch (r->kind) {
	case JB_IMPORT_NO_SHEET:
		if (made)
			why_rest(it, WHY_REST);
		else
			why_set(it, JB_PARTS_NO_SHEET, "no sheet is in it");
		break;
	case JB_IMPORT_MISSING:
		why_set(it, JB_PARTS_MISSING, "%s is missing", r->detail);
		break;
	default:
		why_set(it, r->err != JB_OK ? r->err : JB_INCOMPLETE, "%s", r->detail);
		break;
	}
}

/* Takes the first staged file out of the queue of idle files, with the queue's reference, if it has
 * waited for STAGED_IDLE_MS or is not idle any more.  Else returns NULL, and lowers *next to the time
 * when it will have.  Returns NULL, and leaves *next, if the queue is empty. */
static struct item *
take_idle(struct jukebox *jb, uint64_t *next) REQUIRES(jb_lock)
{
	struct item *it = TAILQ_FIRST(&jb->imports.idle);
	uint64_t end = it == NULL ? 0 : it->closed_ms + STAGED_IDLE_MS;

	if (it == NULL)
		return NULL;
	if (item_is_idle(it) && end > clock_ms()) {
		*next = end < *next ? end : *next;
		return NULL;
	}
	TAILQ_REMOVE(&jb->imports.idle, it, idle_link);
	it->idle_asked = false;
	return it;
}

void
why_report_idle(struct jukebox *jb, uint64_t *next)
{
	struct item *it;

	do {
		jb_enter(jb);
		it = take_idle(jb, next);
		if (it != NULL && item_is_idle(it)) {
			log_warn("store", "%s: it " JB_IDLE_TEXT, it->name);
			event_warning(it, "it " JB_IDLE_TEXT);
		}
		jb_leave(jb);
		if (it != NULL)
			item_unref(it);
	} while (it != NULL);
}
