/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RENAME of a file in all its forms: relabel, temporary name to temporary name, promotion of a
 * temporary name to a disc, robot move.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "changer/base/clock.h"
#include "changer/inventory/model.h"

/* ---- promotion: a temporary name becomes a disc's -------------------------------------------- */

/* What an insert must pass, it passes again.  *old: the standing disc to replace, or NULL. */
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
	if (target != to->occupant || target->insert != NULL || target->at_incoming)
		return JB_BUSY_WRITER;
	if (it->elem != to)
		return JB_WOULD_SWAP;
	if (to->drive != NULL)
		return JB_LOADED;
	/* A link has no tab: nothing is lost with it but the reference. */
	if (target->link == NULL && disc_protected(&target->disc))
		return disc_protection(&target->disc);
	*old = target;
	return JB_OK;
}

/* From one element's temporary files to another's, in memory only: the store has no name of it. */
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

/* Swaps the item's name with *name. */
static void
swap_name(struct item *it, char **name) REQUIRES(jb_lock)
{
	char *old = it->name;

	it->name = *name;
	*name = old;
}

/* The item has its new name and is INCOMING: if nobody writes it any more, it is placed now. */
static enum jb_err
finish_promotion(struct item *it, char **name, struct element *from) EXCLUDES(jb_lock)
{
	struct jukebox *jb = it->jb;
	struct element *el = it->elem;
	bool replaces = it->replaces != NULL;
	enum jb_err err = insert_place(it);

	jb_enter(jb);
	if (err == JB_OK && !replaces) {
		element_forget(it);
		it->elem = el;
		el->occupant = it;
	}
	if (err != JB_OK) {
		it->kind = JB_ITEM_STAGED;
		swap_name(it, name);
		if (it->replaces != NULL) {
			it->replaces->shadowed = false;
			item_unclaim(it->replaces);
			it->replaces = NULL;
		}
		(void)move_staged(it, from);
	}
	if (!replaces)
		el->reserved = false;
	jb_leave(jb);
	return err;
}

/* Still being written (gio renames before it closes): its release commits it in the new place. */
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

/* The claimed staged item.  name: its new one, which is exchanged for the old one on success. */
static enum jb_err
promote(struct item *it, struct element *to, char **name, const struct timespec *deadline)
	EXCLUDES(jb_lock)
{
	struct jukebox *jb = it->jb;
	struct element *from = it->elem;
	struct item *old;
	bool open = false;
	enum jb_err err;

	insert_pause(it);
	jb_enter(jb);
	err = admit_promotion(it, to, *name, &old);
	if (err == JB_OK)
		err = move_staged(it, to);
	if (err == JB_OK && old != NULL) {
		err = item_claim(old, deadline);
		/* It may have changed while it was waited for. */
		if (err == JB_OK && (to->occupant != old || old->insert != NULL ||
					    strcmp(old->name, *name) != 0)) {
			item_unclaim(old);
			err = JB_IN_USE;
		}
	}
	if (err == JB_OK) {
		open = it->insert != NULL;
		it->kind = JB_ITEM_INCOMING;
		it->replaces = old;
		if (old != NULL)
			old->shadowed = true;
		swap_name(it, name);
		if (open)
			promote_open(it);
		else if (old == NULL)
			to->reserved = true;
	}
	jb_leave(jb);
	insert_resume(it);
	if (err == JB_OK && !open)
		err = finish_promotion(it, name, from);
	return err;
}

static enum jb_err
rename_staged(struct item *it, struct element *to, char **name, const struct timespec *deadline)
	EXCLUDES(jb_lock)
{
	struct jukebox *jb = it->jb;
	enum jb_err err;

	if (!jb_name_is_staging(*name))
		return promote(it, to, name, deadline);
	insert_pause(it);
	jb_enter(jb);
	err = element_item(to, *name) != NULL ? JB_BUSY_WRITER : move_staged(it, to);
	if (err == JB_OK)
		swap_name(it, name);
	jb_leave(jb);
	insert_resume(it);
	return err;
}

/* ---- relabel --------------------------------------------------------------------------------- */

enum jb_err
item_relabel(struct item *it, char **name, const char *initiator)
{
	struct jukebox *jb = it->jb;
	struct drive *d = item_enter_drive(it);
	char from[STORE_PATH_MAX], to[STORE_PATH_MAX], where[32];
	enum jb_err err = JB_OK;

	if (!it->at_incoming) {
		jb_elem_str(it->elem->at, where);
		store_item_path(it, from);
		store_join(where, *name, to);
		err = store_rename(jb->store, from, to);
		if (err == JB_OK) {
			err = store_sync_dir(jb->store, where);
			if (err != JB_OK)
				(void)store_rename(jb->store, to, from);
		}
	}
	if (err == JB_OK) {
		jb_enter(jb);
		swap_name(it, name);
		it->ctime_ns = clock_wall_ns();
		if (it->kind == JB_ITEM_DISC)
			event_relabel(it, *name, initiator);
		jb_leave(jb);
	}
	if (d != NULL)
		strand_leave(&d->strand);
	return err;
}

/* ---- all of them ----------------------------------------------------------------------------- */

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
		err = it->kind == JB_ITEM_STAGED ? rename_staged(it, to, &made, &deadline)
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
