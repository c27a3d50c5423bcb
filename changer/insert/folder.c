/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Folders of parts in the store: MKDIR and RMDIR; what is left of them when a disc has been made; and their
 * recovery.  part.c has the files in them.
 *
 * The claim of a folder's item belongs to the operation that changes the folder in the store.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "changer/base/clock.h"
#include "changer/base/log.h"
#include "changer/insert/folder.h"
#include "changer/insert/insert.h"
#include "changer/insert/remove.h"
#include "changer/inventory/description.h"
#include "changer/inventory/model.h"
#include "changer/inventory/name.h"
#include "changer/store/store.h"

#define MARK_FILE \
	"joined" /* in the directory of a folder: the disc, and its parts that are in it */

enum jb_err
folder_describe(struct item *it, const char *name, uint64_t replaces)
{
	char dir[STORE_PATH_MAX];
	struct description d;
	struct recording rec;
	enum jb_err err;

	recording_init_blank(&rec, medium_by_profile(PROFILE_DVD_PLUS_R), 0);
	insert_describe(it, &rec, false, &d);
	d.intent.size = it->insert != NULL ? it->insert->size : it->disc.size;
	d.intent.replaces = replaces;
	snprintf(d.intent.name, sizeof(d.intent.name), "%s", name);
	err = description_store(it->jb, item_path(it, dir), &d);
	recording_fini(&rec);
	return err;
}

enum jb_err
folder_make_directory(struct item *folder)
{
	char dir[STORE_PATH_MAX];
	struct jukebox *jb = folder->jb;
	enum jb_err err = store_mkdir(jb->store, store_incoming_path(folder->id, dir));

	if (err == JB_OK)
		err = folder_describe(folder, folder->name, 0);
	if (err == JB_OK)
		err = store_sync_dir(jb->store, INCOMING_DIR);
	if (err != JB_OK)
		remove_incoming(jb, folder->id);
	return err;
}

enum jb_err
folder_take(struct item *folder, const struct timespec *deadline) REQUIRES(jb_lock)
{
	enum jb_err err = folder == NULL ? JB_NO_ITEM : item_claim(folder, deadline);

	if (err == JB_OK)
		item_ref(folder);
	return err;
}

/* Takes the parts that are ghosts (inventory/folder.h) out of the folder and the inventory.  Does nothing to
 * the folder itself.  Claim of the folder held. */
static void
drop_ghosts(struct item *folder) EXCLUDES(jb_lock)
{
	struct item *part;

	do {
		part = NULL;
		jb_enter(folder->jb);
		for (unsigned i = 0; part == NULL && i < JB_PARTS_MAX; i++)
			if (folder->folder->part[i] != NULL && folder->folder->part[i]->ghost)
				part = folder->folder->part[i];
		if (part != NULL)
			item_drop(part);
		jb_leave(folder->jb);
		if (part != NULL)
			item_unref(part);
	} while (part != NULL);
}

/* ---- MKDIR, RMDIR --------------------------------------------------------------------------- */

/* Checks that a folder may have the name.  Returns JB_IS_FIXED for a hidden one (".x"), because programs
 * rename files into hidden folders and out of them (rsync --delay-updates); else JB_OK. */
static enum jb_err
folder_name_fits(const char *name)
{
	return name[0] == '.' ? JB_IS_FIXED : JB_OK;
}

/* Checks that a folder may be made in the element, as a file may be created there.  Returns JB_IS_FIXED for
 * the picker; the error of folder_name_fits; JB_BUSY_WRITER if the name is taken; the errors of
 * element_admits_hand and element_admits; JB_FOLDER_THERE. */
static enum jb_err
admit_folder(struct jukebox *jb, struct element *el, const char *name) REQUIRES(jb_lock)
{
	enum jb_err err = el->at.type == JB_PICKER ? JB_IS_FIXED : folder_name_fits(name);

	if (err != JB_OK)
		return err;
	if (element_item(el, name) != NULL)
		return JB_BUSY_WRITER;
	err = element_admits_hand(jb, el);
	if (err == JB_OK)
		err = element_admits(el);
	return err == JB_OK && el->folder != NULL ? JB_FOLDER_THERE : err;
}

static enum jb_err remove_folder(struct item *folder) EXCLUDES(jb_lock);

/* Takes the element's folder out of it, with its parts, if the folder is a ghost (inventory/folder.h).  Does
 * nothing if there is no folder, it is no ghost, or it is claimed. */
static void
drop_ghost_folder(struct jukebox *jb, struct element *el) EXCLUDES(jb_lock)
{
	struct item *folder;

	jb_enter(jb);
	folder = el->folder;
	if (folder != NULL && folder->ghost && !folder->busy) {
		folder->busy = true;
		item_ref(folder);
	} else {
		folder = NULL;
	}
	jb_leave(jb);
	if (folder == NULL)
		return;
	(void)remove_folder(folder);
	item_unref(folder);
}

enum jb_err
jb_folder_make(struct jukebox *jb, struct jb_elem e, const char *name, mode_t mode, uid_t uid,
	gid_t gid, struct jb_item *out)
{
	struct element *el = element_find(jb, e);
	enum jb_err err = name_check(name);
	struct item *it;

	if (err != JB_OK || el == NULL)
		return err != JB_OK ? err : JB_NO_ELEMENT;
	jb->look_again(jb);
	it = item_new(jb, 0, name);
	if (it == NULL || !folder_begin(it)) {
		if (it != NULL)
			item_unref(it);
		return JB_NO_MEMORY;
	}
	it->mode = mode & 0777;
	it->uid = uid;
	it->gid = gid;
	jb_enter(jb);
	err = admit_folder(jb, el, name);
	if (err == JB_FOLDER_THERE) {
		jb_leave(jb);
		drop_ghost_folder(jb, el);
		jb_enter(jb);
		err = admit_folder(jb, el, name);
	}
	if (err == JB_OK)
		element_put(el, &el->folder, it, JB_ITEM_FOLDER);
	jb_leave(jb);
	if (err == JB_OK) {
		err = folder_make_directory(it);
		jb_enter(jb);
		if (err != JB_OK)
			item_drop(it);
		else
			import_queue_changed(it);
		item_fill(it, out);
		item_unclaim(it);
		jb_leave(jb);
	}
	if (err != JB_OK)
		item_unref(it);
	return err;
}

/* Checks that a claimed folder can be removed.  Returns JB_BEING_INSERTED if a disc is being made of
 * it, JB_FOLDER_NOT_EMPTY if it has parts that are not ghosts. */
static enum jb_err
may_remove(const struct item *folder) REQUIRES(jb_lock)
{
	if (folder->folder->joining)
		return JB_BEING_INSERTED;
	return folder_count(folder) > 0 ? JB_FOLDER_NOT_EMPTY : JB_OK;
}

/* Removes a claimed folder without parts, with its ghosts: from the store, unless it is a ghost
 * itself, and from the inventory.  Returns the store's error.  Gives the claim back.  The caller has
 * a reference. */
static enum jb_err
remove_folder(struct item *folder) EXCLUDES(jb_lock)
{
	bool ghost;

	drop_ghosts(folder);
	jb_enter(folder->jb);
	ghost = folder->ghost;
	if (ghost) {
		item_drop(folder);
		item_unclaim(folder);
	}
	jb_leave(folder->jb);
	if (!ghost)
		return remove_item(folder);
	item_unref(folder);
	return JB_OK;
}

enum jb_err
jb_folder_remove(struct jukebox *jb, struct jb_elem e, const char *name)
{
	struct timespec deadline = jb_deadline(CLOSING_WAIT_MS);
	struct element *el = element_find(jb, e);
	struct item *folder;
	enum jb_err err;

	if (el == NULL)
		return JB_NO_ELEMENT;
	jb_enter(jb);
	folder = element_item(el, name);
	if (folder != NULL && folder->folder == NULL) {
		jb_leave(jb);
		return JB_NOT_FOLDER;
	}
	err = folder_take(folder, &deadline);
	if (err == JB_OK) {
		err = may_remove(folder);
		if (err != JB_OK)
			item_unclaim(folder);
		jb_leave(jb);
		if (err == JB_OK)
			err = remove_folder(folder);
		item_unref(folder);
		return err;
	}
	jb_leave(jb);
	return err;
}

enum jb_err
folder_relabel(struct item *folder, char **name)
{
	enum jb_err err = folder_name_fits(*name);

	if (err == JB_OK && !item_is_ghost(folder))
		err = folder_describe(folder, *name, 0);
	if (err != JB_OK)
		return err;
	jb_enter(folder->jb);
	item_swap_name(folder, name);
	import_queue_changed(folder);
	jb_leave(folder->jb);
	return JB_OK;
}

/* ---- when the disc is there ------------------------------------------------------------------ */

enum jb_err
folder_mark(struct item *folder, uint64_t disc)
{
	char dir[STORE_PATH_MAX], path[STORE_PATH_MAX], pending[STORE_PATH_MAX];
	char text[17 * (JB_PARTS_MAX + 1) + 1];
	size_t n = (size_t)snprintf(text, sizeof(text), "%016" PRIx64 "\n", disc);

	jb_enter(folder->jb);
	for (unsigned i = 0; i < JB_PARTS_MAX; i++)
		if (folder->folder->part[i] != NULL && folder->folder->part[i]->used)
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%016" PRIx64 "\n",
				folder->folder->part[i]->id);
	jb_leave(folder->jb);
	store_incoming_path(folder->id, dir);
	return store_replace_file(folder->jb->store, dir, store_join(dir, MARK_FILE, path),
		store_join(dir, MARK_FILE ".new", pending), text, n);
}

/* Makes ghosts of the parts that are used, and of the folder if it has no others: the caller removes
 * them from the store.  Stores their ids in gone[], and returns their number.  Claim of the folder
 * held, or start-up. */
static unsigned
make_ghosts(struct item *folder, uint64_t gone[JB_PARTS_MAX + 1]) EXCLUDES(jb_lock)
{
	struct folder *f = folder->folder;
	unsigned n = 0;

	jb_enter(folder->jb);
	for (unsigned i = 0; i < JB_PARTS_MAX; i++) {
		if (f->part[i] == NULL || !f->part[i]->used || f->part[i]->ghost)
			continue;
		f->part[i]->ghost = true;
		gone[n++] = f->part[i]->id;
	}
	if (folder_count(folder) == 0) {
		folder->ghost = true;
		gone[n++] = folder->id;
	}
	folder_touch(folder);
	jb_leave(folder->jb);
	return n;
}

void
folder_consume(struct item *it)
{
	struct item *folder = it->made_of;
	uint64_t gone[JB_PARTS_MAX + 1];
	char from[STORE_PATH_MAX], to[STORE_PATH_MAX];
	struct jukebox *jb = it->jb;
	struct timespec deadline;
	unsigned n;
	enum jb_err err;

	if (folder == NULL || it->kind != JB_ITEM_DISC)
		return;
	do {
		deadline = jb_deadline(CLOSING_WAIT_MS);
		jb_enter(jb);
		err = item_claim(folder, &deadline);
		if (err == JB_OK)
			folder->folder->disc = it->id;
		jb_leave(jb);
	} while (err == JB_IN_USE);
	if (err != JB_OK)
		return;
	n = make_ghosts(folder, gone);
	for (unsigned i = 0; i < n; i++)
		(void)store_rename(jb->store, store_incoming_path(gone[i], from),
			store_trash_path(gone[i], to));
	(void)store_sync_dir(jb->store, INCOMING_DIR);
	for (unsigned i = 0; i < n; i++)
		remove_later(jb, store_trash_path(gone[i], to));
	jb_enter(jb);
	item_unclaim(folder);
	jb_leave(jb);
}

/* Returns a folder whose ghosts have lingered, claimed and with a reference; NULL if there is none.
 * Lowers *next to the time at which the ghosts of another folder will have, if that is earlier. */
static struct item *
take_lingered(struct jukebox *jb, uint64_t *next) EXCLUDES(jb_lock)
{
	struct item *found = NULL;
	struct folder *f;

	jb_enter(jb);
	LIST_FOREACH(f, &jb->imports.folders, link)
	{
		bool ghosts = f->item->ghost;
		uint64_t end = f->touched_ms + FOLDER_LINGER_MS;

		for (unsigned i = 0; !ghosts && i < JB_PARTS_MAX; i++)
			ghosts = f->part[i] != NULL && f->part[i]->ghost;
		if (!ghosts || f->item->elem == NULL)
			continue;
		if (found == NULL && folder_lingered(f->item) && !f->item->busy)
			found = f->item;
		else if (end < *next)
			*next = end;
	}
	if (found != NULL) {
		found->busy = true;
		item_ref(found);
	}
	jb_leave(jb);
	return found;
}

void
folder_sweep(struct jukebox *jb, uint64_t *next)
{
	struct item *folder;

	while ((folder = take_lingered(jb, next)) != NULL) {
		if (item_is_ghost(folder)) {
			(void)remove_folder(folder);
			item_unref(folder);
		} else {
			drop_ghosts(folder);
			item_let_go(folder);
		}
	}
}

/* ---- start-up ------------------------------------------------------------------------------- */

/* Puts the item of a description into its place: a folder into the element, a part into its folder.
 * The item is claimed then.  Returns JB_NO_ELEMENT, JB_FOLDER_THERE, JB_PARTS_LIMIT, or JB_NO_ITEM
 * if its folder is not there. */
static enum jb_err
put_back(struct item *it, const struct intent *intent) REQUIRES(jb_lock)
{
	struct element *el = element_find(it->jb, intent->elem);
	struct item **place;
	struct item *folder;

	if (it->folder != NULL) {
		if (el == NULL || el->folder != NULL)
			return el == NULL ? JB_NO_ELEMENT : JB_FOLDER_THERE;
		element_put(el, &el->folder, it, JB_ITEM_FOLDER);
		return JB_OK;
	}
	folder = item_folder_by_id(it->jb, intent->folder);
	place = folder == NULL ? NULL : folder_place(folder);
	if (place == NULL)
		return folder == NULL ? JB_NO_ITEM : JB_PARTS_LIMIT;
	element_put(folder->elem, place, it, JB_ITEM_STAGED);
	it->in = folder;
	return JB_OK;
}

/* Removes the part that a part with the intent replaces (intent->replaces), from the inventory and the store,
 * if a crash has left both (replace_part).  Does nothing if that id has no description in incoming/, or one
 * with another folder or name. */
static void
finish_replacement(struct jukebox *jb, const struct intent *intent)
{
	char dir[STORE_PATH_MAX];
	struct description d;
	struct item *old;
	bool same;

	if (description_load(jb, store_incoming_path(intent->replaces, dir), DISC_FILE, &d) !=
		JB_OK)
		return;
	same = d.has_intent && d.id == intent->replaces && d.intent.folder == intent->folder &&
	       strcmp(d.intent.name, intent->name) == 0;
	description_fini(&d);
	if (!same)
		return;
	jb_enter(jb);
	old = item_by_id(jb, intent->replaces);
	if (old != NULL && (old->in == NULL || old->in->id != intent->folder))
		old = NULL;
	if (old != NULL)
		item_drop(old);
	jb_leave(jb);
	remove_incoming(jb, intent->replaces);
	if (old != NULL)
		item_unref(old);
}

enum jb_err
folder_recover(struct jukebox *jb, struct description *d)
{
	struct item *it = item_new(jb, d->id, d->intent.name);
	enum jb_err err = JB_OK;

	if (it == NULL)
		return JB_NO_MEMORY;
	if (it->id != d->id)
		err = JB_STORE_FORMAT;
	else if (d->intent.folder == d->id && !folder_begin(it))
		err = JB_NO_MEMORY;
	if (err == JB_OK && it->folder == NULL && d->intent.replaces != 0)
		finish_replacement(jb, &d->intent);
	if (err == JB_OK) {
		description_apply(it, d);
		it->disc.size = d->intent.size;
		it->disc.blocks = (d->intent.size + 511) / 512;
		jb_enter(jb);
		err = put_back(it, &d->intent);
		if (err == JB_OK)
			item_unclaim(it);
		jb_leave(jb);
	}
	if (err != JB_OK)
		item_unref(it);
	return err;
}

/* Reads the folder's mark (MARK_FILE), notes the disc in the folder, and marks the parts that are in the disc
 * as used.  Returns true if that disc is in an element; returns false, and changes nothing, if it is not, or
 * there is no mark that can be read. */
static bool
read_mark(struct item *folder) EXCLUDES(jb_lock)
{
	char dir[STORE_PATH_MAX], path[STORE_PATH_MAX];
	struct jukebox *jb = folder->jb;
	struct item *disc;
	char *text, *at, *end;
	size_t size;

	store_incoming_path(folder->id, dir);
	if (store_read_file(jb->store, store_join(dir, MARK_FILE, path), &text, &size) != JB_OK)
		return false;
	jb_enter(jb);
	disc = item_by_id(jb, strtoull(text, &at, 16));
	if (disc != NULL && (disc->elem == NULL || disc->kind != JB_ITEM_DISC))
		disc = NULL;
	if (disc != NULL)
		folder->folder->disc = folder->folder->heir = disc->id;
	for (uint64_t id; disc != NULL && (id = strtoull(at, &end, 16)) != 0 && end != at;
		at = end) {
		struct item *part = item_by_id(jb, id);

		if (part != NULL && part->in == folder)
			part->used = true;
	}
	jb_leave(jb);
	free(text);
	return disc != NULL;
}

/* Returns folder number n, from 0, of the list of all folders; NULL behind the last one.  Takes no
 * reference. */
static struct item *
nth_folder(struct jukebox *jb, unsigned n) EXCLUDES(jb_lock)
{
	struct folder *f;

	jb_enter(jb);
	LIST_FOREACH(f, &jb->imports.folders, link)
	if (n-- == 0)
		break;
	jb_leave(jb);
	return f == NULL ? NULL : f->item;
}

void
folder_recover_marks(struct jukebox *jb)
{
	uint64_t gone[JB_PARTS_MAX + 1], next = 0;
	struct item *folder;

	for (unsigned at = 0; (folder = nth_folder(jb, at)) != NULL; at++) {
		unsigned n = read_mark(folder) ? make_ghosts(folder, gone) : 0;

		for (unsigned i = 0; i < n; i++)
			remove_incoming(jb, gone[i]);
		jb_enter(jb);
		folder->folder->touched_ms -= FOLDER_LINGER_MS;
		jb_leave(jb);
	}
	folder_sweep(jb, &next);
}
