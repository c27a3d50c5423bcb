/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Renaming a staged file to another temporary name, or to a disc's name.  The second is a promotion: the
 * file becomes a disc.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "changer/insert/commit.h"
#include "changer/insert/insert.h"
#include "changer/insert/promote.h"
#include "changer/inventory/model.h"
#include "changer/store/store.h"

/* ---- promotion ------------------------------------------------------------------------------- */

/*
 * Checks that the staged item may become the disc new_name in the element `to`, as when a disc is created.
 * Sets *old to the disc there that it must replace, or to NULL.  Returns JB_IS_FIXED for the picker,
 * JB_TOO_LARGE if the content is larger than insert_limit, or the errors of element_admits_hand and
 * element_admits.  If an item has the name already, returns JB_UNREADABLE if that one cannot be read,
 * JB_BUSY_WRITER if it is being inserted, staged or a folder, JB_WOULD_SWAP if the staged item is in another
 * element, JB_LOADED if `to` is a drive, or why the old disc is protected, unless it is a link.
 */
static enum jb_err
admit_promotion(struct item *it, struct element *to, const char *new_name, struct item **old)
	REQUIRES(jb_lock)
{
	struct item *target = element_item(to, new_name);
	uint64_t size = it->insert != NULL ? it->insert->size : it->disc.size;

	*old = NULL;
	if (to->at.type == JB_PICKER)
		return JB_IS_FIXED;
	if (element_admits_hand(it->jb, to) != JB_OK)
		return element_admits_hand(it->jb, to);
	if (size > insert_limit(it, new_name))
		return JB_TOO_LARGE;
	if (target == NULL)
		return element_admits(to);
	if (target->kind == JB_ITEM_UNREADABLE)
		return JB_UNREADABLE;
	if (target != to->occupant || target->insert != NULL || target->at_incoming)
		return JB_BUSY_WRITER;
	if (it->elem != to)
		return JB_WOULD_SWAP;
	if (to->drive != NULL)
		return JB_LOADED;
	/* A link may be replaced although it is protected: its file is not lost. */
	if (target->link == NULL && disc_protected(&target->disc))
		return disc_protection(&target->disc);
	*old = target;
	return JB_OK;
}

/* Moves the staged item to the element `to`, in memory only: its directory in the store is incoming/ID, which
 * names no element.  Returns JB_OK, and does nothing, if it is there already; JB_IS_FIXED for the picker,
 * JB_NO_ELEMENT if `to` was removed, JB_STAGING_LIMIT if it has JB_STAGED_MAX staged files.  Claim held. */
static enum jb_err
move_staged(struct item *it, struct element *to) REQUIRES(jb_lock)
{
	struct item **place;

	if (it->elem == to)
		return JB_OK;
	if (to->at.type == JB_PICKER)
		return JB_IS_FIXED;
	if (to->gone)
		return JB_NO_ELEMENT;
	place = element_staged_place(to);
	if (place == NULL)
		return JB_STAGING_LIMIT;
	element_forget(it);
	*place = it;
	it->elem = to;
	return JB_OK;
}

/* Makes the promoted item, which no program writes, a disc in the store, then the occupant of its
 * element, and ends the reservation that promote made there.  If it fails, undoes the promotion: the
 * item is staged in the element `from` (or where it is, if there is no room any more), with its old
 * name, *name is again the new one, and its description with the intent is deleted.  Returns the errors of
 * insert_place.  Claim held. */
static enum jb_err
finish_promotion(struct item *it, char **name, struct element *from) EXCLUDES(jb_lock)
{
	struct jukebox *jb = it->jb;
	struct element *el = it->elem;
	bool replaces = it->replaces != NULL;
	enum jb_err err = insert_place(it);

	/* The next start must not carry out what has failed. */
	if (err != JB_OK)
		(void)insert_drop_description(it, DISC_FILE);
	jb_enter(jb);
	if (err == JB_OK && !replaces) {
		element_forget(it);
		it->elem = el;
		el->occupant = it;
	}
	if (err != JB_OK) {
		it->kind = JB_ITEM_STAGED;
		item_swap_name(it, name);
		item_reveal_replaced(it);
		(void)move_staged(it, from);
	}
	if (!replaces) {
		el->reserved = false;
		import_queue_freed(el);
	}
	jb_leave(jb);
	return err;
}

/* Promotes an item that a program is still writing (gio renames before it closes).  The item becomes the
 * occupant at once, unless it replaces a disc.  Sets insert->max by its new name, and clears insert->intent,
 * so that the next close describes it.  The release of the last writer commits it there.  Claim and the write
 * side of io are held. */
static void
promote_open(struct item *it) REQUIRES(jb_lock)
{
	struct element *el = it->elem;

	it->insert->max = insert_limit(it, it->name);
	it->insert->intent = false;
	if (it->replaces == NULL) {
		element_forget(it);
		it->elem = el;
		el->occupant = it;
	}
}

/* Makes a disc of the staged item, as promote_rename says.  Returns the errors of admit_promotion,
 * move_staged and finish_promotion; JB_IN_USE if the old disc's claim does not come by the deadline,
 * or that disc has changed.  Claim held. */
static enum jb_err
promote(struct item *it, struct element *to, char **name, const struct timespec *deadline)
	EXCLUDES(jb_lock)
{
	struct jukebox *jb = it->jb;
	struct element *from = it->elem;
	struct item *old;
	bool open = false;
	enum jb_err err;

	item_pause(it);
	jb_enter(jb);
	err = admit_promotion(it, to, *name, &old);
	if (err == JB_OK)
		err = move_staged(it, to);
	if (err == JB_OK && old != NULL) {
		err = item_claim(old, deadline);
		/* The old disc may have changed while this thread waited for its claim. */
		if (err == JB_OK && (to->occupant != old || old->insert != NULL ||
					    strcmp(old->name, *name) != 0)) {
			item_unclaim(old);
			err = JB_IN_USE;
		}
	}
	if (err == JB_OK) {
		open = it->insert != NULL;
		it->kind = JB_ITEM_INCOMING;
		if (old != NULL)
			item_shadow(it, old);
		item_swap_name(it, name);
		if (open)
			promote_open(it);
		else if (old == NULL)
			to->reserved = true;
	}
	jb_leave(jb);
	item_resume(it);
	if (err == JB_OK && !open)
		err = finish_promotion(it, name, from);
	return err;
}

enum jb_err
promote_rename(struct item *it, struct element *to, char **name, const struct timespec *deadline)
{
	struct jukebox *jb = it->jb;
	enum jb_err err;

	if (!jb_name_is_staging(*name))
		return promote(it, to, name, deadline);
	item_pause(it);
	jb_enter(jb);
	err = element_item(to, *name) != NULL ? JB_BUSY_WRITER : move_staged(it, to);
	if (err == JB_OK)
		item_swap_name(it, name);
	jb_leave(jb);
	item_resume(it);
	return err;
}
