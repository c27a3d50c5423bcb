/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files in a folder of parts: CREATE, RENAME, UNLINK. */
#include <stdlib.h>
#include <string.h>

#include "changer/insert/folder.h"
#include "changer/insert/insert.h"
#include "changer/insert/remove.h"
#include "changer/inventory/model.h"
#include "changer/inventory/name.h"

/* ---- CREATE ---------------------------------------------------------------------------------- */

/* Makes the directory of a claimed folder again if it is a ghost (inventory/folder.h), so that
 * another part can come into it.  Does nothing for any other folder.  Returns the store's error. */
static enum jb_err
revive(struct item *folder)
{
	enum jb_err err;

	if (!item_is_ghost(folder))
		return JB_OK;
	err = folder_make_directory(folder);
	if (err == JB_OK) {
		jb_enter(folder->jb);
		folder->ghost = false;
		jb_leave(folder->jb);
	}
	return err;
}

enum jb_err
jb_folder_create(struct jukebox *jb, uint64_t folder, const char *name, mode_t mode, uid_t uid,
	gid_t gid, struct jb_file **out, struct jb_item *item)
{
	struct timespec deadline = jb_deadline(CLOSING_WAIT_MS);
	struct item *f;
	enum jb_err err;

	jb_enter(jb);
	f = item_folder_by_id(jb, folder);
	err = folder_take(f, &deadline);
	jb_leave(jb);
	if (err != JB_OK)
		return err;
	err = revive(f);
	if (err == JB_OK)
		err = insert_create_part(f, name, mode, uid, gid, out, item);
	item_let_go(f);
	return err;
}

/* ---- RENAME, UNLINK -------------------------------------------------------------------------- */

/* Waits, until the deadline, for a program that is closing the part of that name, then claims the part.  *out
 * gets a reference, also on an error; it is NULL only if there is no such part.  Returns JB_NO_ITEM if there
 * is none, or it was moved or renamed meanwhile; JB_BEING_INSERTED if a disc is being made of it; or an error
 * of item_claim; then it is not claimed. */
static enum jb_err
take_part(struct item *folder, const char *name, const struct timespec *deadline, struct item **out)
	REQUIRES(jb_lock)
{
	struct item *part = folder_part(folder, name);
	enum jb_err err;

	*out = NULL;
	if (part == NULL)
		return JB_NO_ITEM;
	item_ref(part);
	*out = part;
	item_await_writers(part, deadline);
	err = item_claim(part, deadline);
	if (err == JB_OK && (part->in != folder || strcmp(part->name, name) != 0))
		err = JB_NO_ITEM;
	else if (err == JB_OK && part->used && !part->ghost)
		err = JB_BEING_INSERTED;
	else
		return err;
	item_unclaim(part);
	return err;
}

/* Removes a claimed part: a ghost from the inventory only, any other one as remove_item does, whose errors it
 * returns.  Gives its claim back in any case.  The caller has a reference. */
static enum jb_err
remove_part(struct item *part) EXCLUDES(jb_lock)
{
	if (!item_is_ghost(part))
		return remove_item(part);
	jb_enter(part->jb);
	item_drop(part);
	item_unclaim(part);
	jb_leave(part->jb);
	item_unref(part);
	return JB_OK;
}

/* Removes the part of that name.  Returns an error of take_part or remove_part.  Claim of the folder held. */
static enum jb_err
unlink_part(struct item *folder, const char *name, const struct timespec *deadline)
	EXCLUDES(jb_lock)
{
	struct item *part;
	enum jb_err err;

	jb_enter(folder->jb);
	err = take_part(folder, name, deadline, &part);
	jb_leave(folder->jb);
	if (err == JB_OK)
		err = remove_part(part);
	if (part != NULL)
		item_unref(part);
	return err;
}

/* Gives a claimed part the name *name: first in its description, if it has one, then in memory; *name becomes
 * the old name.  `old` is the part of the new name that the caller then removes, or NULL.  Returns the
 * store's error; then the name stays.  Takes the write side of the part's io. */
static enum jb_err
relabel_part(struct item *part, char **name, const struct item *old) EXCLUDES(jb_lock)
{
	enum jb_err err = JB_OK;
	bool described;

	item_pause(part);
	described = part->insert != NULL ? part->insert->intent : !part->damaged;
	if (described && !item_is_ghost(part))
		err = folder_describe(part, *name, old != NULL ? old->id : 0);
	if (err == JB_OK) {
		jb_enter(part->jb);
		item_swap_name(part, name);
		jb_leave(part->jb);
	}
	item_resume(part);
	return err;
}

/* Claims the part of that name as take_part does, with a reference in *out.  Returns JB_OK with *out NULL if
 * there is none; another error of take_part, also with *out NULL, if it cannot be claimed. */
static enum jb_err
take_replaced(struct item *folder, const char *name, const struct timespec *deadline,
	struct item **out) EXCLUDES(jb_lock)
{
	enum jb_err err;

	jb_enter(folder->jb);
	err = take_part(folder, name, deadline, out);
	jb_leave(folder->jb);
	if (err == JB_OK || *out == NULL)
		return JB_OK;
	item_unref(*out);
	*out = NULL;
	return err == JB_NO_ITEM ? JB_OK : err;
}

/* Gives the claimed part the name *name (*name becomes the old one), and removes the claimed part `old` of
 * that name, unless it is NULL.  After a crash there are both, or the part with its new name and not the
 * other one.  Returns an error of relabel_part; or of remove_part, and then the part has its old name again,
 * except after JB_NOT_DURABLE.  Gives the claim of old back, also after an error. */
static enum jb_err
replace_part(struct item *part, char **name, struct item *old) EXCLUDES(jb_lock)
{
	enum jb_err err = relabel_part(part, name, old);

	if (old == NULL)
		return err;
	if (err != JB_OK) {
		jb_enter(old->jb);
		item_unclaim(old);
		jb_leave(old->jb);
		return err;
	}
	err = remove_part(old);
	/* The old name again, unless the other part is gone. */
	if (err != JB_OK && err != JB_NOT_DURABLE)
		(void)relabel_part(part, name, NULL);
	return err;
}

/* Renames the part `name` to new_name, and replaces a part of that name.  Returns JB_NO_MEMORY, or an error
 * of take_part, take_replaced or replace_part.  Claim of the folder held. */
static enum jb_err
rename_part(struct item *folder, const char *name, const char *new_name,
	const struct timespec *deadline) EXCLUDES(jb_lock)
{
	char *made = name_make(new_name);
	struct item *part = NULL, *old = NULL;
	enum jb_err err = JB_NO_MEMORY;

	if (made == NULL)
		return err;
	jb_enter(folder->jb);
	err = take_part(folder, name, deadline, &part);
	jb_leave(folder->jb);
	if (err == JB_OK) {
		err = take_replaced(folder, new_name, deadline, &old);
		if (err == JB_OK)
			err = replace_part(part, &made, old);
		jb_enter(folder->jb);
		item_unclaim(part);
		jb_leave(folder->jb);
	}
	if (old != NULL)
		item_unref(old);
	if (part != NULL)
		item_unref(part);
	free(made);
	return err;
}

/* Removes the part `name` of the folder with that id; if new_name is not NULL, renames it instead, and does
 * nothing if both names are equal.  On success, has the importer look at the folder again.  Returns
 * JB_NO_ITEM if there is no such folder or part, or an error of folder_take, unlink_part or rename_part. */
static enum jb_err
change(struct jukebox *jb, uint64_t id, const char *name, const char *new_name) EXCLUDES(jb_lock)
{
	struct timespec deadline = jb_deadline(CLOSING_WAIT_MS);
	struct item *folder;
	bool there;
	enum jb_err err;

	jb_enter(jb);
	folder = item_folder_by_id(jb, id);
	err = folder_take(folder, &deadline);
	there = err == JB_OK && folder_part(folder, name) != NULL;
	jb_leave(jb);
	if (err != JB_OK)
		return err;
	if (!there) {
		err = JB_NO_ITEM;
	} else if (new_name == NULL) {
		err = unlink_part(folder, name, &deadline);
	} else if (strcmp(name, new_name) != 0) {
		err = rename_part(folder, name, new_name, &deadline);
	}
	jb_enter(jb);
	if (err == JB_OK)
		import_queue_changed(folder);
	jb_leave(jb);
	item_let_go(folder);
	return err;
}

enum jb_err
jb_folder_unlink(struct jukebox *jb, uint64_t folder, const char *name)
{
	return change(jb, folder, name, NULL);
}

enum jb_err
jb_folder_rename(struct jukebox *jb, uint64_t folder, const char *name, const char *new_name)
{
	enum jb_err err = name_check(new_name);

	return err == JB_OK ? change(jb, folder, name, new_name) : err;
}
