/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Start-up, second part: the directory incoming/, which has one directory for each file that is being
 * inserted.  If the file was closed without an error, its description has an intent: what the release of
 * the file was going to do.  The release was lost when the daemon ended, so recovery does that now.  If the
 * file was still being written, its directory is deleted.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "changer/base/log.h"
#include "changer/insert/commit.h"
#include "changer/insert/folder.h"
#include "changer/insert/remove.h"
#include "changer/inventory/description.h"
#include "changer/inventory/finding.h"
#include "changer/inventory/model.h"
#include "changer/lifecycle/scan.h"
#include "changer/store/store.h"

/* Claims and hides the disc that the item replaces (item_shadow).  Does nothing if that disc is not in
 * el any more or has another name, or if el is a drive. */
static void
shadow_replaced(struct item *it, struct element *el, const struct intent *intent) REQUIRES(jb_lock)
{
	struct item *old = el->occupant;

	if (old != NULL && old->id == intent->replaces && strcmp(old->name, intent->name) == 0 &&
		el->drive == NULL && item_claim(old, NULL) == JB_OK)
		item_shadow(it, old);
}

/*
 * Puts the new item into the element, with the kind INCOMING, and claims it.  If its intent replaces a disc
 * that is there, hides that disc and takes the place of a staged file beside it.  Returns false if there is
 * no free place; then the disc may be hidden, and the caller calls undo_take_element.
 */
static bool
take_element(struct item *it, struct element *el, const struct intent *intent) EXCLUDES(jb_lock)
{
	struct item **place;
	bool taken;

	jb_enter(it->jb);
	if (intent->replaces != 0)
		shadow_replaced(it, el, intent);
	place = it->replaces != NULL ? element_staged_place(el) : &el->occupant;
	taken = place == NULL || *place != NULL;
	if (!taken)
		element_put(el, place, it, JB_ITEM_INCOMING);
	jb_leave(it->jb);
	return !taken;
}

/* Takes an item that could not be inserted out of its element, shows the disc again that it hid, gives that
 * disc's claim back, and drops the caller's reference. */
static void
undo_take_element(struct item *it) EXCLUDES(jb_lock)
{
	jb_enter(it->jb);
	item_reveal_replaced(it);
	item_drop(it);
	jb_leave(it->jb);
	item_unref(it);
}

/*
 * Inserts the file in incoming/ID as the intent in its description *d says.  Returns JB_NO_ELEMENT if
 * that element does not exist, JB_ELEMENT_FULL if the item cannot come into it, JB_STORE_FORMAT if the
 * store has another item with that id, JB_NO_MEMORY, or an error of insert_place; the directory then
 * stays, and the item is dropped.  Takes the content of *d.
 */
static enum jb_err
carry_out(struct jukebox *jb, struct description *d)
{
	struct element *el = element_find(jb, d->intent.elem);
	struct item *it;
	enum jb_err err;

	if (el == NULL)
		return JB_NO_ELEMENT;
	it = item_new(jb, d->id, d->intent.name);
	if (it == NULL)
		return JB_NO_MEMORY;
	if (it->id != d->id) {
		item_unref(it);
		return JB_STORE_FORMAT;
	}
	description_apply(it, d);
	it->recovered = true;
	/* Its size may be right, although its program had not finished it. */
	it->damaged = d->incomplete;
	if (!take_element(it, el, &d->intent)) {
		undo_take_element(it);
		return JB_ELEMENT_FULL;
	}
	err = insert_place(it);
	if (err != JB_OK) {
		undo_take_element(it);
		return err;
	}
	jb_enter(jb);
	item_unclaim(it);
	jb_leave(jb);
	return JB_OK;
}

/* Returns JB_OK if the description has an intent, and the image in dir has the size that the intent says,
 * or any size if the file is incomplete.  Returns JB_STORE_READ if that cannot be found out, JB_NO_ITEM
 * else. */
static enum jb_err
is_whole(struct jukebox *jb, const char *dir, const struct description *d)
{
	char path[STORE_PATH_MAX];
	struct stat st;

	if (!d->has_intent)
		return JB_NO_ITEM;
	if (fstatat(jb->store, store_image_path(dir, d->image, path), &st, AT_SYMLINK_NOFOLLOW) !=
		0)
		return errno == ENOENT ? JB_NO_ITEM : JB_STORE_READ;
	return S_ISREG(st.st_mode) && (d->incomplete || (uint64_t)st.st_size == d->intent.size)
		       ? JB_OK
		       : JB_NO_ITEM;
}

/* Returns true if the store has no directory for the folder of a part, with the description *d. */
static bool
is_folder_gone(struct jukebox *jb, const struct description *d)
{
	char dir[STORE_PATH_MAX];
	struct stat st;

	return fstatat(jb->store, store_incoming_path(d->intent.folder, dir), &st,
		       AT_SYMLINK_NOFOLLOW) != 0 &&
	       errno == ENOENT;
}

/* Returns why carry_out cannot insert the file in a store that is read-only: JB_NO_ELEMENT, JB_ELEMENT_FULL
 * if the element has an item that the intent does not replace, else JB_STORE_READ_ONLY.  Changes nothing. */
static enum jb_err
cannot_carry_out(struct jukebox *jb, const struct description *d) EXCLUDES(jb_lock)
{
	struct element *el = element_find(jb, d->intent.elem);
	enum jb_err err = JB_STORE_READ_ONLY;

	if (el == NULL)
		return JB_NO_ELEMENT;
	jb_enter(jb);
	if (el->occupant != NULL && el->occupant->id != d->intent.replaces)
		err = JB_ELEMENT_FULL;
	jb_leave(jb);
	return err;
}

/* Reports as damage that the file in the directory incoming/ID cannot be inserted because of err, and stays
 * there.  For JB_STORE_READ_ONLY only logs it, since a start of a writable store will insert the file. */
static void
report_waiting(struct jukebox *jb, const char *dir, const struct intent *intent, enum jb_err err)
{
	char where[32];

	jb_elem_str(intent->elem, where);
	if (err == JB_STORE_READ_ONLY)
		log_info("store", "%s: is inserted as %s/%s when the store is not read-only", dir,
			where, intent->name);
	else
		finding_report(jb, dir, "not changed", "cannot be inserted as %s/%s: %s", where,
			intent->name, jb_err_text(err));
}

/* Logs that an insert was not finished, and has its directory incoming/ID deleted in the background.  Does
 * nothing if the store is read-only. */
static void
sweep_directory(struct jukebox *jb, const char *dir)
{
	if (!store_is_read_only())
		log_info("store", "%s: an insert was not finished: its data is deleted", dir);
	remove_later(jb, dir);
}

/* Reports a directory incoming/ID that cannot be read because of err, and is left alone. */
static void
report_unreadable(struct jukebox *jb, const char *dir, enum jb_err err)
{
	if (err == JB_STORE_FORMAT)
		finding_report(
			jb, dir, "not changed", "the description of an insert cannot be used");
	else
		finding_report(jb, dir, "not changed", "cannot be read: %s", jb_err_text(err));
}

/* Inserts the file in the directory incoming/ID, or deletes the directory if the file was still being
 * written, or is a part whose folder is gone.  If the file cannot be read or inserted, reports why and leaves
 * the directory alone.  If `folders` is true, handles only a folder of parts, else only what is none. */
static void
recover_directory(struct jukebox *jb, const char *dir, uint64_t id, bool folders)
{
	struct description d;
	bool folder, part;
	char where[32];
	enum jb_err err = description_load(jb, dir, DISC_FILE, &d);

	folder = err == JB_OK && d.has_intent && d.intent.folder == id;
	if (folder != folders) {
		description_fini(&d);
		return;
	}
	/* A description is never there in part, so one that cannot be used was damaged, or is of a later version. */
	if (err == JB_OK && d.id != id)
		err = JB_STORE_FORMAT;
	if (err == JB_OK && !folder)
		err = is_whole(jb, dir, &d);
	if (err != JB_OK) {
		description_fini(&d);
		if (err == JB_NO_ITEM)
			sweep_directory(jb, dir);
		else
			report_unreadable(jb, dir, err);
		return;
	}
	part = d.intent.folder != 0;
	if (store_is_read_only())
		err = part ? JB_STORE_READ_ONLY : cannot_carry_out(jb, &d);
	else
		err = part ? folder_recover(jb, &d) : carry_out(jb, &d);
	if (part && err == JB_NO_ITEM && is_folder_gone(jb, &d)) {
		log_info("store", "%s: its folder is not there any more: deleted", dir);
		remove_later(jb, dir);
		err = JB_OK;
	}
	description_fini(&d);
	jb_elem_str(d.intent.elem, where);
	if (err == JB_OK && part)
		return;
	if (err == JB_OK)
		log_info("store", "%s/%s: recovered: its insert had been cut off", where,
			d.intent.name);
	else
		report_waiting(jb, dir, &d.intent, err);
}

/* Handles one name in incoming/: recovers incoming/ID, as recover_directory does.  If folders is false, also
 * has incoming/trash-ID deleted, and reports any other name, which stays. */
static void
recover_entry(struct jukebox *jb, const char *name, bool folders)
{
	char dir[STORE_PATH_MAX], again[STORE_PATH_MAX];
	uint64_t id = strtoull(name, NULL, 16);

	store_join(INCOMING_DIR, name, dir);
	if (strcmp(store_incoming_path(id, again), dir) == 0)
		recover_directory(jb, dir, id, folders);
	else if (folders)
		return;
	else if (strncmp(name, "trash-", 6) == 0)
		remove_later(jb, dir);
	else
		finding_report(jb, dir, "not changed", "this was not made by jukeboxd");
}

enum jb_err
recover_incoming(struct jukebox *jb)
{
	char **names;
	size_t count;
	enum jb_err err;

	if (store_is_read_only() && faccessat(jb->store, INCOMING_DIR, F_OK, 0) != 0)
		return JB_OK;
	err = store_names(jb->store, INCOMING_DIR, &names, &count);
	if (err == JB_STORE_READ && jb->finding != NULL) {
		finding_report(jb, INCOMING_DIR, NULL, "this is no folder, or it cannot be read");
		return JB_OK;
	}
	if (err != JB_OK)
		return err;
	/* A part looks for its folder. */
	for (unsigned pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < count; i++)
			recover_entry(jb, names[i], pass == 0);
	store_free_names(names, count);
	folder_recover_marks(jb);
	return JB_OK;
}

/* ---- an image file in an element's directory -------------------------------------------------- */

/* Moves the file at `path`, whose state is *st, to incoming/ID/image.1, durably.  Before that, stores
 * a description there with the intent to insert the file into el.  Without that intent, recovery
 * after a crash would delete the file.  Returns an error of the store; what was done then stays. */
static enum jb_err
move_to_incoming(struct item *it, struct element *el, const char *path, const struct stat *st)
{
	char dir[STORE_PATH_MAX], image[STORE_PATH_MAX];
	struct jukebox *jb = it->jb;
	struct description d;
	struct recording rec;
	enum jb_err err = store_mkdir(jb->store, store_incoming_path(it->id, dir));

	description_of(it, &d);
	/* A description must have a recording.  It does not matter which, because recovery classifies the image
	 * again. */
	recording_init_blank(&rec, medium_by_profile(PROFILE_DVD_PLUS_R), 0);
	d.rec = &rec;
	d.has_intent = true;
	d.intent = (struct intent){.elem = el->at, .size = (uint64_t)st->st_size};
	strncpy(d.intent.name, it->name, sizeof(d.intent.name) - 1);
	if (err == JB_OK)
		err = description_store(jb, dir, &d);
	if (err == JB_OK)
		err = store_sync_dir(jb->store, INCOMING_DIR);
	if (err == JB_OK)
		err = store_rename(jb->store, path, store_image_path(dir, 1, image));
	if (err == JB_OK)
		err = store_sync_dir(jb->store, dir);
	recording_fini(&rec);
	return err;
}

enum jb_err
recover_loose_file(struct jukebox *jb, struct element *el, const char *name)
{
	static const struct intent insert = {.replaces = 0};
	char where[32], path[STORE_PATH_MAX];
	struct stat st;
	struct item *it = item_new(jb, 0, name);
	enum jb_err err;

	if (it == NULL)
		return JB_NO_MEMORY;
	store_join(jb_elem_str(el->at, where), name, path);
	if (fstatat(jb->store, path, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		item_unref(it);
		return JB_STORE_READ;
	}
	it->mode = st.st_mode & 0777;
	it->uid = st.st_uid;
	it->gid = st.st_gid;
	it->mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	err = move_to_incoming(it, el, path, &st);
	if (err == JB_OK)
		err = take_element(it, el, &insert) ? insert_place(it) : JB_ELEMENT_FULL;
	if (err != JB_OK) {
		undo_take_element(it);
		return err;
	}
	jb_enter(jb);
	item_unclaim(it);
	jb_leave(jb);
	log_info("store", "%s: an image that was put here by hand is now a disc", path);
	return JB_OK;
}
