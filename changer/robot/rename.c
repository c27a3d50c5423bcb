/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Renames by a user of the mount: another label for a disc, a temporary name that becomes another temporary
 * name or a disc, and a move to another element.
 */
#include <stdlib.h>
#include <string.h>

#include "changer/insert/folder.h"
#include "changer/insert/promote.h"
#include "changer/inventory/model.h"
#include "changer/inventory/name.h"
#include "changer/inventory/progress.h"
#include "changer/robot/robot.h"

/*
 * Claims the item of that name in el.  First waits, until the deadline, for a program that is closing its
 * file.  Returns JB_NO_ITEM if there is none, or if it was moved or renamed meanwhile; JB_BEING_INSERTED if
 * it is not a disc yet; JB_UNREADABLE; or an error of item_claim; then it is not claimed.  *out gets a
 * reference, also on an error; if there is no such item, *out stays as it is.
 */
static enum jb_err
claim_by_name(struct element *el, const char *name, const struct timespec *deadline,
	struct item **out) REQUIRES(jb_lock)
{
	struct item *it = element_item(el, name);
	enum jb_err err;

	if (it == NULL)
		return JB_NO_ITEM;
	item_ref(it);
	*out = it;
	item_await_writers(it, deadline);
	err = item_claim(it, deadline);
	if (err != JB_OK)
		return err;
	if (it->elem != el || strcmp(it->name, name) != 0)
		err = JB_NO_ITEM;
	else if (it->kind == JB_ITEM_INCOMING)
		err = JB_BEING_INSERTED;
	else if (it->kind == JB_ITEM_UNREADABLE)
		err = JB_UNREADABLE;
	if (err != JB_OK)
		item_unclaim(it);
	return err;
}

/* Waits, until the deadline, for a program that is closing the file `name` in el; does nothing if there is no
 * such file, and returns at the deadline whether it is closed or not.  Its close(2) may have returned a
 * moment before a rename replaces it: `echo ... > FILE; sed -i ... FILE`. */
static void
await_closing(struct jukebox *jb, struct element *el, const char *name,
	const struct timespec *deadline) EXCLUDES(jb_lock)
{
	struct item *it;

	jb_enter(jb);
	it = element_item(el, name);
	if (it != NULL) {
		item_ref(it);
		item_await_writers(it, deadline);
	}
	jb_leave(jb);
	if (it != NULL)
		item_unref(it);
}

/* Exchanges the name of a claimed item for *name, for a user, in the store and in memory.  Returns
 * JB_MEDIUM_LOCKED if it is a disc in a locked drive, else the result of item_relabel. */
static enum jb_err
relabel_by_hand(struct item *it, char **name) EXCLUDES(jb_lock)
{
	struct drive *d = it->kind == JB_ITEM_DISC ? it->elem->drive : NULL;

	if (d != NULL && drive_is_locked(d))
		return JB_MEDIUM_LOCKED;
	return item_relabel(it, name, NULL);
}

/* Renames a staged file (one with a temporary name), whose claim is held (promote_rename).  A
 * temporary file may replace another one, as rename(2) does; that one is removed only now that no
 * other thread can change the first one.  Returns the errors of jb_item_remove, except JB_NO_ITEM,
 * and of promote_rename. */
static enum jb_err
rename_staged(struct item *it, struct element *to, char **name, const struct timespec *deadline)
	EXCLUDES(jb_lock)
{
	enum jb_err err = JB_NO_ITEM;

	if (jb_name_is_staging(*name))
		err = jb_item_remove(it->jb, to->at, *name);
	/* After JB_NOT_DURABLE it is removed all the same. */
	return err == JB_OK || err == JB_NO_ITEM || err == JB_NOT_DURABLE
		       ? promote_rename(it, to, name, deadline)
		       : err;
}

/* Carries out a rename that moves no disc.  A staged file gets a temporary name or a disc's name, in
 * any element `to` (rename_staged).  A folder of parts or another item gets a new name in its own
 * element; `from` is then equal to `to`.  Returns JB_WOULD_SWAP if another item of that element has
 * the new name, JB_NO_MEMORY, or an error of claim_by_name, rename_staged or relabel_by_hand.  A disc
 * that was renamed counts as a change by hand in a mail slot. */
static enum jb_err
rename_within(struct jukebox *jb, struct element *from, const char *name, struct element *to,
	const char *new_name) EXCLUDES(jb_lock)
{
	struct timespec deadline = jb_deadline(CLOSING_WAIT_MS);
	struct item *it = NULL;
	char *made = name_make(new_name);
	bool staged = false;
	enum jb_err err;

	if (made == NULL)
		return JB_NO_MEMORY;
	await_closing(jb, to, new_name, &deadline);
	jb_enter(jb);
	err = claim_by_name(from, name, &deadline, &it);
	if (err == JB_OK && it->kind != JB_ITEM_STAGED && element_item(to, new_name) != NULL) {
		item_unclaim(it);
		err = JB_WOULD_SWAP;
	}
	jb_leave(jb);
	if (err == JB_OK) {
		staged = it->kind == JB_ITEM_STAGED;
		err = it->folder != NULL ? folder_relabel(it, &made)
		      : staged		 ? rename_staged(it, to, &made, &deadline)
					 : relabel_by_hand(it, &made);
		jb_enter(jb);
		if (err == JB_OK && !staged && it->kind == JB_ITEM_DISC && it->elem == from &&
			from == to)
			element_changed_by_hand(jb, to);
		item_unclaim(it);
		jb_leave(jb);
	}
	if (it != NULL)
		item_unref(it);
	free(made);
	return err;
}

/*
 * Returns true if a staged file must not get the new name, because that is the name of a disc's sheet
 * (jb_beside_lookup).  The sheet follows from the disc, so an editor that saved it would only seem to have
 * changed the disc.  rsync is an exception, except in a drive: it replaces the disc after the sheet.
 */
static bool
hides_sheet(struct jukebox *jb, const struct element *el, const char *name, const char *new_name)
	EXCLUDES(jb_lock)
{
	enum jb_beside which;
	struct jb_item disc;

	return !(name_is_rsync_of_sheet(name) && el->drive == NULL) &&
	       jb_beside_lookup(jb, el->at, new_name, &disc, &which) == JB_OK;
}

enum jb_err
jb_item_rename(struct jukebox *jb, struct jb_elem from, const char *name, struct jb_elem to,
	const char *new_name)
{
	struct element *source = element_find(jb, from), *target = element_find(jb, to);
	struct item *it;
	bool staged, raw, folder;
	enum jb_err err = name_check(new_name);

	if (err != JB_OK)
		return err;
	if (source == NULL || target == NULL)
		return JB_NO_ELEMENT;
	jb->look_again(jb);
	jb_enter(jb);
	it = element_item(source, name);
	staged = it != NULL && it->kind == JB_ITEM_STAGED;
	raw = it != NULL && it->disc.raw;
	folder = it != NULL && it->folder != NULL;
	if (it == NULL)
		err = JB_NO_ITEM;
	jb_leave(jb);
	if (err != JB_OK || (source == target && strcmp(name, new_name) == 0))
		return err;
	if (folder)
		return source == target ? rename_within(jb, source, name, target, new_name)
					: JB_FOLDER_STAYS;
	if (staged && hides_sheet(jb, target, name, new_name))
		return JB_SHEET_FOLLOWS;
	if (!staged && jb_name_is_staging(new_name))
		return JB_NOT_STAGING;
	if (!jb_name_is_staging(new_name) && name_fits(new_name, raw) != JB_OK)
		return name_fits(new_name, raw);
	if (staged || source == target)
		return rename_within(jb, source, name, target, new_name);
	return robot_move_named(jb, from, name, to, new_name);
}
