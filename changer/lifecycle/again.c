/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/lifecycle/again.h"

#include <stdio.h>

#include "changer/inventory/model.h"
#include "changer/lifecycle/damage.h"
#include "changer/lifecycle/scan.h"

/* Takes the element's only item out of the inventory if it is unreadable, and reserves the element, so that
 * nothing else comes in.  Returns the item; the caller drops the inventory's reference to it, and ends the
 * reservation.  Returns NULL, and changes nothing, if the element has not exactly one item, is a drive's,
 * reserved or blocked, or the item is claimed, not unreadable, or in place of the element's folder
 * (is_element). */
static struct item *
take_unreadable(struct jukebox *jb, struct element *el) EXCLUDES(jb_lock)
{
	struct item *it = NULL;
	unsigned items = 0;

	jb_enter(jb);
	for (unsigned i = 0; i < JB_STAGED_MAX; i++) {
		if (el->staged[i] == NULL)
			continue;
		it = el->staged[i];
		items++;
	}
	if (el->occupant != NULL) {
		it = el->occupant;
		items++;
	}
	if (items != 1 || it->kind != JB_ITEM_UNREADABLE || it->is_element || it->busy ||
		el->drive != NULL || el->reserved || el->blocked) {
		it = NULL;
	} else {
		item_drop(it);
		el->reserved = true;
	}
	jb_leave(jb);
	return it;
}

void
again_read(struct jukebox *jb, struct element *el)
{
	struct item *it = take_unreadable(jb, el);
	char name[JB_NAME_MAX + 1];
	enum jb_err err;

	if (it == NULL)
		return;
	snprintf(name, sizeof(name), "%s", it->name);
	/* The last reference, mostly: then the disc can have its id again. */
	item_unref(it);
	err = scan_entry(jb, el, name);
	if (err != JB_OK)
		damage_take(jb, el, name, err);
	jb_enter(jb);
	el->reserved = false;
	if (err == JB_OK && el->occupant != NULL && el->occupant->kind == JB_ITEM_DISC)
		event_item(el->occupant, JB_EVENT_INSERT, NULL);
	jb_changed(jb);
	jb_leave(jb);
}
