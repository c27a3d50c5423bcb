/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/lifecycle/damage.h"

#include <stdio.h>
#include <string.h>

#include "changer/insert/why.h"
#include "changer/inventory/finding.h"
#include "changer/inventory/model.h"
#include "changer/inventory/name.h"

/* The name at the mount of what is there in place of an element's folder. */
#define NO_FOLDER "not-a-folder"

/* Returns the sentence for `err`, which makes a cartridge unreadable; name NULL: for an element's directory
 * that cannot be read, whatever err is. */
static const char *
sentence_of(const char *name, enum jb_err err)
{
	if (name == NULL)
		return "the element is no folder in the store, or its folder cannot be read";
	switch (err) {
	case JB_STORE_FORMAT:
		return "disc.json cannot be used, or the image that it names is missing";
	case JB_TRUNCATED:
		return "the image is empty, but its description says that it has data";
	case JB_ELEMENT_FULL:
		return "the store has more than one disc in the element";
	case JB_STORE_READ_ONLY:
		return "an image that was put here by hand becomes a disc when the store is not "
		       "read-only";
	case JB_BAD_NAME:
		return "no disc can have this name, or it is a temporary one";
	case JB_NOT_A_DISC:
		return "this is neither a folder nor a file in the store";
	default:
		return jb_err_text(err);
	}
}

/* Reports why the item, which is in its element, cannot be read: keeps the sentence for `status` (why.h),
 * logs it (finding_report), and raises the event `error`.  Takes the jukebox lock for a moment. */
static void
tell(struct item *it, const char *sentence)
{
	char path[STORE_PATH_MAX];

	why_set(it, JB_UNREADABLE, "%s", sentence);
	finding_report(it->jb,
		it->is_element ? jb_elem_str(it->elem->at, path) : item_path(it, path),
		"not changed", "%s", sentence);
	jb_enter(it->jb);
	event_error(it, JB_UNREADABLE, NULL);
	jb_leave(it->jb);
}

/* Makes the disc in the element unreadable, with size 0, because the element has another one too.  Returns
 * that item; returns NULL, and changes nothing, if the occupant is no disc, there is none, or the element is
 * a drive's. */
static struct item *
doubt(struct element *el) REQUIRES(jb_lock)
{
	struct item *it = el->occupant;

	if (it == NULL || el->drive != NULL || it->kind != JB_ITEM_DISC)
		return NULL;
	it->kind = JB_ITEM_UNREADABLE;
	it->disc.size = 0;
	return it;
}

void
damage_take(struct jukebox *jb, struct element *el, const char *name, enum jb_err err)
{
	const char *sentence = sentence_of(name, err);
	char path[STORE_PATH_MAX];
	struct item **place, *it, *other;

	jb_elem_str(el->at, path);
	if (name != NULL)
		snprintf(path + strlen(path), 32 + JB_NAME_MAX, "/%s", name);
	it = err == JB_BAD_NAME ? NULL : item_new(jb, 0, name == NULL ? NO_FOLDER : name);
	if (it == NULL) {
		finding_report(jb, path, "not changed", "%s", sentence);
		return;
	}
	jb_enter(jb);
	other = doubt(el);
	place = el->occupant == NULL ? &el->occupant : element_staged_place(el);
	if (place != NULL) {
		*place = it;
		it->elem = el;
		it->kind = JB_ITEM_UNREADABLE;
		it->is_element = name == NULL;
	}
	jb_leave(jb);
	if (other != NULL)
		tell(other, sentence);
	if (place != NULL) {
		tell(it, sentence);
		return;
	}
	finding_report(jb, path, "not shown: there are too many", "%s", sentence);
	item_unref(it);
}
