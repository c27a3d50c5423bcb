/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes a disc of a folder, in the thread of import.c.
 *
 * When the importer says that a sheet and all that it names are there, a new item, the disc, comes
 * into the same element, and the importer joins the parts into its image.  Then the disc is committed
 * as any other insert.
 *
 * In the store, the folder notes first which disc it becomes (folder_mark); then the disc's
 * description commits; then the parts go.  So a crash leaves the folder, or the disc, or both with
 * that note.
 */
#include "changer/insert/folder_join.h"

#include <string.h>

#include "changer/base/clock.h"
#include "changer/insert/batch.h"
#include "changer/insert/folder.h"
#include "changer/insert/insert.h"
#include "changer/insert/remove.h"
#include "changer/insert/why.h"
#include "changer/inventory/model.h"
#include "changer/recording/recording.h"

/* Puts all parts of the folder that are not damaged into the batch.  Returns JB_NO_ITEM if the
 * folder is not there any more, or a program has a file of it open for writing, whose close asks again;
 * JB_IN_USE if a part is claimed; JB_NO_MEMORY.  After an error the batch has some parts, and the
 * caller ends it.  Clears folder->waits. */
static enum jb_err
gather(struct item *folder, struct batch *b) EXCLUDES(jb_lock)
{
	enum jb_err err;

	b->n = 0;
	jb_enter(folder->jb);
	folder->folder->waits = false;
	err = folder->elem != NULL ? JB_OK : JB_NO_ITEM;
	for (unsigned i = 0; err == JB_OK && i < JB_PARTS_MAX; i++) {
		struct item *part = folder->folder->part[i];

		if (part == NULL || part->ghost)
			continue;
		if (part->insert != NULL)
			err = JB_NO_ITEM;
		else if (part->busy)
			err = JB_IN_USE;
		else if (!part->damaged && !batch_add(b, part))
			err = JB_NO_MEMORY;
	}
	jb_leave(folder->jb);
	return err;
}

/* Returns true if all parts of the batch are still in the folder with the names that they had when it was
 * gathered, nobody writes or has claimed one, and the folder is still in its element. */
static bool
is_unchanged(const struct item *folder, const struct batch *b) REQUIRES(jb_lock)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->part[i]->in != folder || b->part[i]->insert != NULL || b->part[i]->busy ||
			strcmp(b->part[i]->name, b->name[i]) != 0)
			return false;
	return folder->elem != NULL;
}

/* If `on` is true, marks the parts of the batch that the importer uses; if it is false, clears that mark of
 * all parts but ghosts.  Sets folder->joining to `on`, and wakes threads that wait. */
static void
use_parts(struct item *folder, struct batch *b, bool on) REQUIRES(jb_lock)
{
	for (size_t i = 0; i < b->n; i++)
		b->part[i]->used = on ? b->file[i].used : b->part[i]->ghost;
	folder->folder->joining = on;
	jb_changed(folder->jb);
}

/* Gives the disc the owner and the permissions (of 0666) of the folder, and the latest mtime of the parts of
 * the batch that are used.  Does nothing if a program has set attributes of the disc
 * (insert->attrs_changed). */
static void
inherit(struct item *folder, const struct batch *b, struct item *disc) REQUIRES(jb_lock)
{
	if (disc->insert != NULL && disc->insert->attrs_changed)
		return;
	disc->mode = folder->mode & 0666;
	disc->uid = folder->uid;
	disc->gid = folder->gid;
	for (size_t i = 0, used = 0; i < b->n; i++)
		if (b->file[i].used && (used++ == 0 || b->part[i]->mtime_ns > disc->mtime_ns))
			disc->mtime_ns = b->part[i]->mtime_ns;
}

/* Puts the new disc into the folder's element, claimed until its file is made, marks the parts as used, and
 * makes the disc's file.  Returns JB_IN_USE if the folder has changed; JB_ELEMENT_FULL, JB_ELEMENT_RESERVED
 * or an error of element_admits_hand if the element takes no disc; or an error of the store.  After an error
 * the disc is in no element, and no part is marked. */
static enum jb_err
begin_disc(struct item *folder, struct batch *b, struct item *disc) EXCLUDES(jb_lock)
{
	struct jukebox *jb = folder->jb;
	struct element *el;
	enum jb_err err = JB_OK;

	jb_enter(jb);
	el = folder->elem;
	if (!is_unchanged(folder, b))
		err = JB_IN_USE;
	else if (el->gone || el->reserved || el->occupant != NULL)
		err = el->occupant != NULL ? JB_ELEMENT_FULL : JB_ELEMENT_RESERVED;
	else
		err = element_admits_hand(jb, el);
	if (err == JB_OK) {
		element_put(el, &el->occupant, disc, JB_ITEM_INCOMING);
		disc->importing = true;
		inherit(folder, b, disc);
		use_parts(folder, b, true);
	}
	jb_leave(jb);
	if (err != JB_OK)
		return err;
	err = insert_make_file(disc);
	if (err != JB_OK) {
		jb_enter(jb);
		use_parts(folder, b, false);
		jb_leave(jb);
	}
	return err;
}

/* Stores the folder's note of the disc (folder_mark), then the disc's data and description, durably.  Returns
 * JB_INCOMPLETE if the image is shorter than its volume, why no disc can have the image, or an error of the
 * store.  Claim of the disc held. */
static enum jb_err
write_down(struct item *folder, struct item *disc) EXCLUDES(jb_lock)
{
	struct recording rec = {0};
	bool incomplete = false;
	enum jb_err err = folder_mark(folder, disc->id);

	if (err == JB_OK)
		err = insert_write_down(disc, &rec, &incomplete);
	recording_fini(&rec);
	return err == JB_OK && incomplete ? JB_INCOMPLETE : err;
}

/* Takes a disc that could not be made out of its element and out of the store, and drops the
 * inventory's reference.  Claim held; this function gives it back. */
static void
drop_disc(struct item *disc) EXCLUDES(jb_lock)
{
	jb_enter(disc->jb);
	item_drop(disc);
	jb_leave(disc->jb);
	insert_end(disc);
	jb_enter(disc->jb);
	item_unclaim(disc);
	jb_leave(disc->jb);
	remove_incoming(disc->jb, disc->id);
	item_unref(disc);
}

/* Joins the folder's parts into the new disc, and commits it.  The caller has a reference of its own to the
 * disc.  Returns JB_OK if b->result says what came of it: the disc is there if batch_has_image, else it was
 * dropped.  Returns JB_NO_ITEM if a user has removed the disc meanwhile, or an error of begin_disc,
 * batch_fill or write_down; then the disc is not in the inventory. */
static enum jb_err
join(struct item *folder, struct batch *b, struct item *disc) EXCLUDES(jb_lock)
{
	struct jukebox *jb = folder->jb;
	enum jb_err err = begin_disc(folder, b, disc), claimed;

	if (err != JB_OK) {
		item_unref(disc); /* the reference of the inventory, where it is not */
		return err;
	}
	err = batch_fill(disc->insert->image, disc->insert->beside, b, disc);
	jb_enter(jb);
	claimed = item_claim(disc, NULL);
	disc->importing = false;
	/* Programs set the attributes of a folder when they have copied all that is in it. */
	inherit(folder, b, disc);
	folder->folder->heir = disc->id;
	jb_leave(jb);
	/* A user has removed the disc; its item is out of the inventory. */
	if (claimed != JB_OK) {
		insert_end(disc);
		err = JB_NO_ITEM;
	}
	if (err == JB_OK && batch_has_image(&b->result))
		err = write_down(folder, disc);
	if (claimed == JB_OK && err == JB_OK && batch_has_image(&b->result))
		batch_commit(folder, disc, &b->result);
	else if (claimed == JB_OK)
		drop_disc(disc);
	jb_enter(jb);
	use_parts(folder, b, false);
	jb_leave(jb);
	return err;
}

/* Returns true if the folder has that name. */
static bool
is_named(struct item *folder, const char *name) EXCLUDES(jb_lock)
{
	bool same;

	jb_enter(folder->jb);
	same = strcmp(folder->name, name) == 0;
	jb_leave(folder->jb);
	return same;
}

/* Makes a disc of the folder, after the importer has said in b->result that it can be one.  Returns JB_IN_USE
 * or JB_STOPPING if the caller must try again.  Keeps any other result for users (why.h), also that the
 * folder has the name of its disc, which returns JB_OK and makes none. */
static enum jb_err
make_disc(struct item *folder, struct batch *b) EXCLUDES(jb_lock)
{
	char name[JB_NAME_MAX + 1];
	enum jb_err err = batch_disc_name(&b->result, name);
	struct item *disc = err == JB_OK ? item_new(folder->jb, 0, name) : NULL;

	if (err == JB_OK && disc == NULL)
		err = JB_NO_MEMORY;
	if (err == JB_OK && is_named(folder, name)) {
		why_set(folder, JB_FOREIGN, "the folder has the name of its disc: rename it");
		item_unref(disc);
		return JB_OK;
	}
	if (disc != NULL) {
		jb_enter(folder->jb);
		item_ref(disc);
		jb_leave(folder->jb);
		err = join(folder, b, disc);
		item_unref(disc);
	}
	if (err == JB_OK && batch_has_image(&b->result) && item_is_ghost(folder))
		why_set(folder, JB_OK, "%s", "");
	else if (err == JB_OK && batch_has_image(&b->result))
		why_rest(folder, WHY_REST);
	else if (err == JB_OK)
		why_refuse(folder, &b->result);
	else if (err == JB_NO_ITEM)
		why_set(folder, JB_BEING_INSERTED, "its disc was removed");
	else if (err != JB_STOPPING && err != JB_IN_USE)
		why_set(folder, err, "%s", jb_err_text(err));
	return err;
}

/* Returns true if the importer has only guessed which file is meant, and the folder has changed within
 * FOLDER_QUIET_MS: then sets folder->waits, so that folder_join_quiet asks again, and keeps for users which
 * file is missing.  Else returns false, and clears folder->waits. */
static bool
must_wait(struct item *folder, const struct jb_import_result *r) EXCLUDES(jb_lock)
{
	struct folder *f = folder->folder;
	bool waits;

	jb_enter(folder->jb);
	waits = f->waits = r->guessed && clock_ms() - f->changed_ms < FOLDER_QUIET_MS;
	jb_leave(folder->jb);
	if (waits)
		why_set(folder, JB_PARTS_MISSING, "%s is missing", r->detail);
	return waits;
}

void
folder_join_quiet(struct jukebox *jb, uint64_t *next)
{
	struct folder *f;

	jb_enter(jb);
	LIST_FOREACH(f, &jb->imports.folders, link)
	{
		uint64_t end = f->changed_ms + FOLDER_QUIET_MS;

		if (!f->waits || f->item->elem == NULL)
			continue;
		if (end > clock_ms())
			*next = end < *next ? end : *next;
		else if (!f->item->import_asked)
			import_queue_ask(f->item);
	}
	jb_leave(jb);
}

bool
folder_join(struct item *folder, struct batch *b)
{
	enum jb_err err = gather(folder, b);

	if (err != JB_OK) {
		batch_end(b);
		return err == JB_IN_USE;
	}
	if (b->n == 0) {
		why_rest(folder, "no whole file is in it");
		return false;
	}
	err = batch_open(b);
	if (err == JB_OK)
		err = batch_run(folder, b, NULL);
	if (err == JB_OK && batch_has_image(&b->result)) {
		if (!must_wait(folder, &b->result))
			err = make_disc(folder, b);
	} else if (err == JB_OK) {
		why_refuse(folder, &b->result);
	} else if (err != JB_STOPPING) {
		why_set(folder, err, "%s", jb_err_text(err));
	}
	batch_end(b);
	return err == JB_STOPPING || err == JB_IN_USE;
}
