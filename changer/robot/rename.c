/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RENAME of a file in all its forms: relabel, temporary name to temporary name, promotion of a
 * temporary name to a disc, robot move.
 */
#include <stdlib.h>
#include <string.h>

#include "changer/insert/promote.h"
#include "changer/inventory/model.h"
#include "changer/inventory/name.h"
#include "changer/inventory/progress.h"
#include "changer/robot/robot.h"

/* Claims the file of that name, whose writers have had their time to close it. */
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
	if (err != JB_OK)
		item_unclaim(it);
	return err;
}

/* What the new name stands for already may have been closed a moment ago: sed -i after echo. */
static void
await_standing(struct jukebox *jb, struct element *el, const char *name,
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

/* A locked drive holds its disc as it is. */
static enum jb_err
relabel_by_hand(struct item *it, char **name) EXCLUDES(jb_lock)
{
	struct drive *d = it->kind == JB_ITEM_DISC ? it->elem->drive : NULL;

	if (d != NULL && drive_is_locked(d))
		return JB_MEDIUM_LOCKED;
	return item_relabel(it, name, NULL);
}

static enum jb_err
rename_within(struct jukebox *jb, struct element *from, const char *name, struct element *to,
	const char *new_name) EXCLUDES(jb_lock)
{
	struct timespec deadline = jb_deadline(CLOSING_WAIT_MS);
	struct item *it = NULL;
	char *made = name_make(new_name);
	enum jb_err err;

	if (made == NULL)
		return JB_NO_MEMORY;
	await_standing(jb, to, new_name, &deadline);
	jb_enter(jb);
	err = claim_by_name(from, name, &deadline, &it);
	if (err == JB_OK && it->kind != JB_ITEM_STAGED && element_item(to, new_name) != NULL) {
		item_unclaim(it);
		err = JB_WOULD_SWAP;
	}
	jb_leave(jb);
	if (err == JB_OK) {
		err = it->kind == JB_ITEM_STAGED ? promote_rename(it, to, &made, &deadline)
						 : relabel_by_hand(it, &made);
		jb_enter(jb);
		if (err == JB_OK && it->kind == JB_ITEM_DISC && it->elem == from && from == to &&
			!jb_name_is_staging(name))
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
 * Would the file stand where the sheet of a disc is, whose text is another one?  An editor would
 * believe that it has changed the disc; only rsync goes on to replace that.
 */
static bool
hides_sheet(struct jukebox *jb, const struct element *el, const char *name, const char *new_name)
	EXCLUDES(jb_lock)
{
	struct jb_item disc;

	return !(name_is_rsync_of_sheet(name) && el->drive == NULL) &&
	       jb_sheet_lookup(jb, el->at, new_name, &disc) == JB_OK;
}

enum jb_err
jb_item_rename(struct jukebox *jb, struct jb_elem from, const char *name, struct jb_elem to,
	const char *new_name)
{
	struct element *source = element_find(jb, from), *target = element_find(jb, to);
	struct item *it;
	bool staged, raw;
	enum jb_err err = name_check(new_name);

	if (err != JB_OK)
		return err;
	if (source == NULL || target == NULL)
		return JB_NO_ELEMENT;
	jb_enter(jb);
	it = element_item(source, name);
	staged = it != NULL && it->kind == JB_ITEM_STAGED;
	raw = it != NULL && it->disc.raw;
	if (it == NULL)
		err = JB_NO_ITEM;
	jb_leave(jb);
	if (err != JB_OK || (source == target && strcmp(name, new_name) == 0))
		return err;
	if (staged && hides_sheet(jb, target, name, new_name))
		return JB_SHEET_FOLLOWS;
	/* As rename(2) has it, a temporary file may take the place of another. */
	if (staged && jb_name_is_staging(new_name)) {
		err = jb_item_remove(jb, to, new_name);
		if (err != JB_OK && err != JB_NO_ITEM)
			return err;
	}
	if (!staged && jb_name_is_staging(new_name))
		return JB_NOT_STAGING;
	if (!jb_name_is_staging(new_name) && name_fits(new_name, raw) != JB_OK)
		return name_fits(new_name, raw);
	if (staged || source == target)
		return rename_within(jb, source, name, target, new_name);
	return robot_move_named(jb, from, name, to, new_name);
}
