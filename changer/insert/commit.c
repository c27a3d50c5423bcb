/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commit of an insert.  The content was written, synced and described before (insert.c).  The commit
 * renames incoming/ID into the element, or the new description over that of a blank disc or of a disc that is
 * replaced.  The store comes first, then the inventory.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "changer/base/log.h"
#include "changer/disc/correct_name.h"
#include "changer/disc/disc_sync.h"
#include "changer/drive/drive.h"
#include "changer/insert/classify.h"
#include "changer/insert/commit.h"
#include "changer/insert/folder.h"
#include "changer/insert/insert.h"
#include "changer/insert/remove.h"
#include "changer/insert/why.h"
#include "changer/inventory/block.h"
#include "changer/inventory/description.h"
#include "changer/inventory/model.h"
#include "changer/inventory/name.h"
#include "changer/store/store.h"

/* Returns true if another disc in any element has a label that initiators cannot tell from the item's: its
 * first VOLUME_TAG characters, which is all that a volume tag has, are the same.  Returns false if the item
 * has no label. */
static bool
has_twin(const struct item *it) REQUIRES(jb_lock)
{
	enum { VOLUME_TAG = 32 };
	const char *label = it->name + strlen(it->name) + 1;

	for (unsigned t = JB_PICKER; label[0] != '\0' && t < ELEM_TYPES; t++) {
		for (unsigned i = 0; i < it->jb->counts[t]; i++) {
			const struct item *other =
				element_at(it->jb, (enum jb_elem_type)t, i)->occupant;
			const char *its;

			if (other == NULL || other == it || other->kind != JB_ITEM_DISC)
				continue;
			its = other->name + strlen(other->name) + 1;
			if (strncmp(label, its, VOLUME_TAG) == 0)
				return true;
		}
	}
	return false;
}

/* Reports that the item has become a disc: counts a change in a mail slot, raises the event
 * `insert`, and asks for its hash if the setting says so.  If its label looks like another disc's to
 * initiators, logs that and raises the event `error` too, as a warning. */
static void
report_inserted(struct item *it) REQUIRES(jb_lock)
{
	element_changed_by_hand(it->jb, it->elem);
	event_item(it, JB_EVENT_INSERT, NULL);
	verify_queue_completed(it);
	if (!has_twin(it))
		return;
	log_warn("store", "%s: %s", it->name, jb_err_text(JB_SAME_TAG));
	event_error(it, JB_SAME_TAG, NULL);
}

/* Makes the new content the item's own, in memory only: its kind, its recording, its image and its sizes.
 * Moves the content of *rec into the item.  Returns the image of the old content if that is open, which the
 * caller must put after it has released the lock; else NULL.  Claim held. */
static struct image *
adopt_content(struct item *it, struct recording *rec, bool incomplete) REQUIRES(jb_lock)
{
	struct insert *ins = it->insert;
	struct image *old = NULL;

	it->kind = incomplete ? JB_ITEM_INCOMPLETE : JB_ITEM_DISC;
	it->disc.origin = description_origin_of(rec);
	it->truncated = false;
	if (ins != NULL) {
		it->disc.image_number = ins->image_number;
		/* Readers of the old content have its image open: the disc must use the new one. */
		if (it->disc.image != NULL && it->disc.image != ins->image) {
			old = it->disc.image;
			it->disc.image = image_get(ins->image);
		}
		disc_state_assign(&it->disc, rec, ins->size, ins->blocks);
	} else {
		disc_state_assign(&it->disc, rec, it->disc.size, it->disc.blocks);
	}
	return old;
}

/*
 * Ends the writing to a blank disc.  If keep_new is true, renames the pending description over the old one,
 * which commits, and deletes the old image.  Else deletes the pending description and the new image, so that
 * the disc stays blank; stores its description if only its attributes have changed.  Errors of these steps
 * change nothing else.  Clears `damaged`.  For new content, takes *rec into the disc and raises the event
 * `finalized`.  At the end, corrects the disc's name (correct_name.h).  If the rename fails, the disc stays
 * blank in memory with its old name, both images stay, and the next start makes it the new disc; its element
 * is blocked until then.  Claim held.
 */
static void
commit_over(struct item *it, struct recording *rec, bool keep_new)
{
	struct jukebox *jb = it->jb;
	char dir[STORE_PATH_MAX], from[STORE_PATH_MAX], to[STORE_PATH_MAX];
	unsigned stale = keep_new ? it->disc.image_number : it->insert->image_number;
	struct image *old = NULL;
	enum jb_err err = JB_OK;

	item_path(it, dir);
	store_join(dir, PENDING_FILE, from);
	if (keep_new) {
		err = description_keep_promise(jb, dir);
		if (err != JB_OK)
			stale = 0;
	} else {
		err = store_unlink(jb->store, from);
	}
	/* A touch of the blank disc: only its times are new. */
	if (!keep_new && it->insert->attrs_changed)
		err = disc_describe(it);
	if (stale != 0)
		(void)store_unlink(jb->store, store_image_path(dir, stale, to));
	jb_enter(jb);
	it->kind = JB_ITEM_DISC;
	it->damaged = false;
	if (keep_new && err == JB_OK)
		old = adopt_content(it, rec, false);
	else if (keep_new)
		block_element(jb, it->elem);
	if (keep_new && err == JB_OK) {
		event_item(it, JB_EVENT_FINALIZED, NULL);
		verify_queue_completed(it);
	}
	jb_leave(jb);
	image_put(old);
	if (!keep_new || err == JB_OK)
		correct_name_apply(it);
}

/* Puts the item in memory where the disc is that it replaces: it becomes the occupant, and gets that disc's
 * element and source.  The old disc is gone from the store; only open handles keep it in memory.  Raises the
 * event `remove` for it.  Both claims are held; this function gives the old disc's back. */
static void
forget_replaced(struct item *it)
{
	struct item *old = it->replaces;
	struct element *el;

	jb_enter(it->jb);
	el = old->elem;
	event_item(old, JB_EVENT_REMOVE, NULL);
	element_forget(it);
	item_drop(old);
	it->elem = el;
	el->occupant = it;
	it->at_incoming = false;
	it->has_source = old->has_source;
	it->source = old->source;
	item_reveal_replaced(it);
	jb_leave(it->jb);
	item_unref(old);
}

/*
 * Undoes the first steps of replace_old_disc in the directory dir, because of err, which it returns: moves
 * the image from `to` back to `from`, and then deletes the new description.  If the image cannot be moved
 * back, the description stays, and the next start completes the replacement.  Undoes nothing if the store no
 * longer has the old disc's description, because that could not be restored, or if it cannot be read.
 */
static enum jb_err
undo_replacement(
	struct item *it, const char *dir, const char *from, const char *to, enum jb_err err)
{
	char pending[STORE_PATH_MAX];
	int store = it->jb->store;
	struct description d;
	bool is_old =
		description_load(it->jb, dir, DISC_FILE, &d) == JB_OK && d.id == it->replaces->id;

	description_fini(&d);
	if (!is_old)
		return err;
	if (it->link == NULL && store_look(store, from, to) == STORE_AT_TO)
		(void)store_rename(store, to, from);
	if (it->link != NULL || store_look(store, from, to) == STORE_AT_FROM)
		(void)store_unlink(store, store_join(dir, PENDING_FILE, pending));
	return err;
}

/*
 * Replaces the old disc, it->replaces, in the store and then in memory.  Moves the new image into the
 * directory of the old disc, under the next image number, then renames the new description over the
 * old one, which commits.  A link has no image to move.  *d is the item's description; its image
 * number and source are set here.  Returns the store's error; then the old disc stays, and the new
 * image is in incoming/ID again.  Both claims are held; if this succeeds, the old disc's is given
 * back.
 */
static enum jb_err
replace_old_disc(struct item *it, struct description *d)
{
	struct item *old = it->replaces;
	struct jukebox *jb = it->jb;
	unsigned number = old->disc.image_number + 1;
	char in[STORE_PATH_MAX], dir[STORE_PATH_MAX], from[STORE_PATH_MAX], to[STORE_PATH_MAX];
	enum jb_err err;

	item_path(it, in);
	item_path(old, dir);
	store_image_path(in, d->image, from);
	store_image_path(dir, number, to);
	d->image = number;
	d->has_source = old->has_source;
	d->source = old->source;
	/*
	 * The description must be here before the image.  If a crash comes after the image's rename, the
	 * next start finds both here and commits (lifecycle/scan.c).  If it comes before, the
	 * image and the intent are still in incoming/ID.
	 */
	err = description_prepare(jb, dir, d);
	if (err == JB_OK)
		err = store_sync_dir(jb->store, dir);
	if (err == JB_OK && it->link == NULL)
		err = store_rename(jb->store, from, to);
	if (err != JB_OK)
		return undo_replacement(it, dir, from, to, err);
	err = store_sync_dir(jb->store, dir);
	if (err == JB_OK)
		err = description_publish(jb, dir);
	if (err != JB_OK)
		return undo_replacement(it, dir, from, to, err);
	/* The new disc is committed.  An error from here on undoes nothing. */
	(void)store_unlink(jb->store, store_image_path(dir, old->disc.image_number, from));
	remove_incoming(jb, it->id);
	if (it->insert != NULL)
		it->insert->image_number = number;
	else
		it->disc.image_number = number;
	forget_replaced(it);
	return JB_OK;
}

/* Renames the item's directory from incoming/ID into its element, durably.  If that fails and nothing has
 * changed, tries once more, because the close has promised the insert.  Returns JB_OK if it was renamed, also
 * if that is not durable (JB_NOT_DURABLE), since the next start would do the same; else an error of
 * item_move.  Changes no memory.  Claim held. */
static enum jb_err
rename_into_place(struct item *it)
{
	bool moved = false;
	enum jb_err err = JB_STORE_WRITE;
	char from[STORE_PATH_MAX], to[STORE_PATH_MAX], where[32];

	jb_elem_str(it->elem->at, where);
	store_incoming_path(it->id, from);
	store_join(where, it->name, to);
	for (unsigned tries = 0; tries < 2 && !moved && err != JB_UNSETTLED; tries++)
		err = item_move(it, it->elem,
			&(struct item_paths){
				.from = from, .from_dir = INCOMING_DIR, .to = to, .to_dir = where},
			&moved);
	return moved ? JB_OK : err;
}

/* Puts the item into its element, in the store and then in memory, and a disc into the element's drive
 * if there is one.  Its data and description must be durable in incoming/ID.  A disc raises the event
 * `insert`.  On success, the content of *rec moves into the item.  Returns the store's error or that
 * of item_pin_image; then the directory is still incoming/ID.  Claim held; takes the drive's strand. */
static enum jb_err
take_place(struct item *it, struct recording *rec, bool incomplete) EXCLUDES(jb_lock)
{
	struct drive *d = incomplete ? NULL : it->elem->drive;
	struct image *old = NULL;
	enum jb_err err = JB_OK;

	if (d != NULL) {
		strand_enter(&d->strand);
		err = item_pin_image(it, NULL);
	}
	if (err == JB_OK) {
		err = rename_into_place(it);
		if (err != JB_OK && d != NULL)
			item_unpin_image(it);
	}
	jb_enter(it->jb);
	if (err == JB_OK) {
		it->at_incoming = false;
		old = adopt_content(it, rec, incomplete);
		if (d != NULL)
			drive_put_disc(d, it, NULL);
		if (!incomplete) {
			report_inserted(it);
		}
	}
	jb_leave(it->jb);
	image_put(old);
	if (d != NULL)
		strand_leave(&d->strand);
	return err;
}

/*
 * Gives up the replacement of a disc, because of err, which is logged and raises the event `error`.  Shows
 * the old disc again, and drops the new item with the inventory's reference.  If err is JB_INCOMPLETE,
 * removes the new content.  Otherwise the store has failed: the content stays in incoming/ID, and the next
 * start carries out its intent.
 */
static void
abandon_replacement(struct item *it, enum jb_err err)
{
	why_tell(it->replaces, err, "the disc was not replaced");
	jb_enter(it->jb);
	item_reveal_replaced(it);
	item_drop(it);
	jb_leave(it->jb);
	if (err == JB_INCOMPLETE)
		remove_incoming(it->jb, it->id);
	item_unref(it);
}

/*
 * Commits the content of an item in incoming/ID: puts it into its element, or replaces it->replaces with it.
 * If described is false, the description in incoming/ID is not up to date, and is stored first.  On success,
 * the content of *rec moves into the item, and a disc raises the event `insert`.  Returns JB_INCOMPLETE if an
 * incomplete file would replace a disc, or the error of replace_old_disc, take_place or the store; then
 * memory has not changed.  Claim held.
 */
static enum jb_err
place(struct item *it, struct recording *rec, bool incomplete, bool described)
{
	char dir[STORE_PATH_MAX];
	struct description d;
	struct image *old;
	enum jb_err err = JB_OK;

	insert_describe(it, rec, incomplete, &d);
	d.intent.size = it->insert != NULL ? it->insert->size : it->disc.size;
	if (it->replaces != NULL) {
		err = incomplete ? JB_INCOMPLETE : replace_old_disc(it, &d);
		if (err != JB_OK)
			return err;
		jb_enter(it->jb);
		old = adopt_content(it, rec, false);
		report_inserted(it);
		jb_leave(it->jb);
		image_put(old);
		return JB_OK;
	}
	if (!described)
		err = description_store(it->jb, item_path(it, dir), &d);
	return err == JB_OK ? take_place(it, rec, incomplete) : err;
}

/* Makes the item an incomplete file, because place has failed: in memory, and in its description, so that the
 * next start makes no disc of it.  If that description cannot be stored (insert_stay_incomplete), blocks the
 * element.  The mount shows the item in its element, while its directory stays incoming/ID.  Moves the
 * content of *rec into the item.  Claim held. */
static void
leave_at_incoming(struct item *it, struct recording *rec)
{
	enum jb_err err = insert_stay_incomplete(it);
	struct image *old;

	jb_enter(it->jb);
	old = adopt_content(it, rec, true);
	if (err != JB_OK)
		block_element(it->jb, it->elem);
	jb_leave(it->jb);
	image_put(old);
}

/* Commits an item in incoming/ID by place, and deals with its errors: gives up a replacement (then only the
 * caller's references keep the item), or leaves the item at incoming/ID as an incomplete file.  Reports the
 * error of a file that would have been a disc with why_tell, because no program gets it.  Logs an incomplete
 * file that is in its element, and raises the event `error` for it.  Claim held. */
static void
commit_fresh(struct item *it, struct recording *rec, bool incomplete, bool described)
{
	bool replaces = it->replaces != NULL;
	enum jb_err err = place(it, rec, incomplete, described);

	if (err != JB_OK && replaces) {
		abandon_replacement(it, err);
		return;
	}
	if (err != JB_OK) {
		if (!incomplete)
			why_tell(it, err,
				"it could not be put into its element, so it is incomplete");
		leave_at_incoming(it, rec);
	} else if (it->kind == JB_ITEM_INCOMPLETE) {
		log_warn("store", "%s: the file is incomplete, so it is not a disc", it->name);
		event_error(it, JB_INCOMPLETE, NULL);
	}
}

/* Classifies the written content once more and commits it: over the blank disc, or as a new disc or
 * incomplete file.  If the description is not up to date, stores it first.  Marks the item as damaged if its
 * last flush failed or the description cannot be stored; then it becomes incomplete, or the blank disc stays
 * blank, which is logged.  Claim held, and no writer is left. */
static void
commit_content(struct item *it)
{
	struct insert *ins = it->insert;
	struct recording rec = {0};
	bool incomplete = false;

	/* A program whose close failed still has its source, so its file must not become a disc. */
	if (ins->flushed != JB_OK)
		it->damaged = true;
	if (!ins->intent || ins->dirty || ins->attrs_changed) {
		if (insert_write_down(it, &rec, &incomplete) != JB_OK)
			it->damaged = true;
		recording_fini(&rec);
		memset(&rec, 0, sizeof(rec));
	}
	(void)classify_image(it, ins->image, ins->size, &rec, &incomplete);
	if (ins->over) {
		if (incomplete)
			log_warn("store", "%s: the recording failed, so the disc is still blank",
				it->name);
		commit_over(it, &rec, !incomplete && ins->size > 0 && ins->intent);
	} else {
		commit_fresh(it, &rec, incomplete, ins->intent && !incomplete);
	}
	recording_fini(&rec);
}

/* Returns true if the written content must be imported before it can be a disc: its name says so, it is not
 * empty, was not imported yet, is neither a replacement nor on a blank disc, and its last flush stored a
 * description, by which the next start finds it again. */
static bool
is_for_import(const struct item *it)
{
	const struct insert *ins = it->insert;

	return !it->imported && name_is_import(it->name) && it->replaces == NULL && !ins->over &&
	       ins->intent && !ins->dirty && ins->flushed == JB_OK && ins->size > 0;
}

void
insert_commit(struct item *it)
{
	struct insert *ins = it->insert;
	bool import = it->elem != NULL && it->kind != JB_ITEM_STAGED && is_for_import(it);

	if (it->elem != NULL && it->kind != JB_ITEM_STAGED && !import) {
		commit_content(it);
		classify_report(it);
		classify_consume_sheet(it);
		folder_consume(it);
	}
	jb_enter(it->jb);
	if (it->kind == JB_ITEM_STAGED || it->elem == NULL || import) {
		it->disc.size = ins->size;
		it->disc.blocks = ins->blocks;
	}
	it->insert = NULL;
	it->closing = false;
	it->importing = import;
	if (import)
		import_queue_ask(it);
	import_queue_changed(it);
	import_queue_idle(it);
	item_unclaim(it);
	jb_leave(it->jb);
	insert_free(ins);
}

/* Leaves the item, which is closed and in incoming/, to the thread that imports: its kind becomes
 * INCOMING, and it gets into that thread's queue.  Stores its description with the intent before, as
 * for a disc with that recording.  Returns the store's error; then the item has not changed.  Claim
 * held. */
static enum jb_err
leave_to_import(struct item *it, const struct recording *rec)
{
	char dir[STORE_PATH_MAX];
	struct description d;
	enum jb_err err;

	insert_describe(it, rec, false, &d);
	d.intent.size = it->disc.size;
	err = description_store(it->jb, item_path(it, dir), &d);
	if (err == JB_OK)
		err = store_sync_dir(it->jb->store, INCOMING_DIR);
	if (err != JB_OK)
		return err;
	jb_enter(it->jb);
	it->kind = JB_ITEM_INCOMING;
	it->importing = true;
	import_queue_ask(it);
	jb_leave(it->jb);
	return JB_OK;
}

enum jb_err
insert_place(struct item *it)
{
	struct recording rec = {0};
	struct image *image;
	bool incomplete = false;
	uint64_t size = 0, blocks = 0;
	enum jb_err err = item_open_image(it, &image);

	if (err != JB_OK)
		return err;
	if (it->link == NULL)
		err = image_sync(image);
	if (err == JB_OK)
		err = image_stat(image, &size, &blocks);
	it->disc.size = size;
	it->disc.blocks = blocks;
	if (err == JB_OK)
		err = classify_image(it, image, size, &rec, &incomplete);
	image_put(image);
	/* A start shows an incomplete file as such, whatever it would be if it were whole. */
	if (err != JB_OK && incomplete && it->recovered && it->damaged)
		err = JB_OK;
	if (err == JB_OK && !incomplete && !it->imported && it->link == NULL && size > 0 &&
		it->replaces == NULL && name_is_import(it->name)) {
		err = leave_to_import(it, &rec);
		recording_fini(&rec);
		return err;
	}
	if (err == JB_OK)
		err = place(it, &rec, incomplete, false);
	if (err == JB_OK) {
		classify_report(it);
		classify_consume_sheet(it);
	}
	recording_fini(&rec);
	return err;
}

/* ---- what the user overrules ----------------------------------------------------------------- */

/* Makes an incomplete file, whose directory is in its element, a disc with the recording *rec: stores its
 * description, and puts it into the element's drive if there is one.  Raises the event `insert`.  Returns
 * the store's error; then the item stays incomplete.  Claim held. */
static enum jb_err
become_disc(struct item *it, struct recording *rec) EXCLUDES(jb_lock)
{
	struct drive *d = it->elem->drive;
	char dir[STORE_PATH_MAX];
	struct description desc;
	enum jb_err err = JB_OK;

	if (d != NULL) {
		strand_enter(&d->strand);
		err = item_pin_image(it, NULL);
	}
	if (err == JB_OK) {
		insert_describe(it, rec, false, &desc);
		desc.has_intent = false;
		err = description_store(it->jb, item_path(it, dir), &desc);
		if (err != JB_OK && d != NULL)
			item_unpin_image(it);
	}
	if (err == JB_OK) {
		jb_enter(it->jb);
		it->kind = JB_ITEM_DISC;
		it->disc.origin = description_origin_of(rec);
		disc_state_assign(&it->disc, rec, it->disc.size, it->disc.blocks);
		if (d != NULL)
			drive_put_disc(d, it, NULL);
		report_inserted(it);
		jb_leave(it->jb);
	}
	if (d != NULL)
		strand_leave(&d->strand);
	return err;
}

/* Clears the mark `truncated` (the disc's image is too short), also in its description.  If that cannot be
 * stored, returns the error, and the mark stays.  Takes the strand of the disc's drive.  Claim held. */
static enum jb_err
take_truncated(struct item *it)
{
	struct drive *d = item_enter_drive(it);
	enum jb_err err;

	it->truncated = false;
	err = disc_describe(it);
	if (err != JB_OK)
		it->truncated = true;
	if (d != NULL)
		strand_leave(&d->strand);
	return err;
}

/* Does what jb_item_complete does, for a claimed item: makes a disc of an incomplete file, and clears
 * `damaged`; clears the mark `truncated` of a disc.  Returns JB_OK for a disc without that mark;
 * JB_UNREADABLE if the item cannot be read; JB_BEING_INSERTED for any other kind (still written, staged, a
 * folder); why no disc can have its image; or the store's error.  On an error the item stays what it was. */
static enum jb_err
complete_claimed(struct item *it)
{
	struct recording rec = {0};
	struct image *image;
	bool incomplete;
	enum jb_err err;

	if (it->kind == JB_ITEM_DISC)
		return it->truncated ? take_truncated(it) : JB_OK;
	if (it->kind == JB_ITEM_UNREADABLE)
		return JB_UNREADABLE;
	if (it->kind != JB_ITEM_INCOMPLETE)
		return JB_BEING_INSERTED;
	err = item_open_image(it, &image);
	if (err != JB_OK)
		return err;
	/* The user overrules `incomplete`, but the image must fit on the medium. */
	err = classify_image(it, image, it->disc.size, &rec, &incomplete);
	image_put(image);
	if (err == JB_OK)
		err = it->at_incoming ? place(it, &rec, false, false) : become_disc(it, &rec);
	if (err == JB_OK) {
		it->damaged = false;
		classify_report(it);
		classify_consume_sheet(it);
	}
	recording_fini(&rec);
	return err;
}

enum jb_err
jb_item_complete(struct jukebox *jb, uint64_t id)
{
	struct item *it;
	enum jb_err err;

	jb->look_again(jb);
	err = item_take(jb, id, &it);
	if (err != JB_OK)
		return err;
	err = complete_claimed(it);
	item_let_go(it);
	return err;
}

void
jb_item_control_removed(struct jukebox *jb, struct jb_elem e, const char *removed)
{
	static const char end[] = ".aria2";
	size_t len = strlen(removed);
	char name[JB_NAME_MAX + 1];
	struct element *el = element_find(jb, e);
	uint64_t id = 0;
	struct item *it;

	if (el == NULL || len < sizeof(end) || strcmp(removed + len - strlen(end), end) != 0)
		return;
	snprintf(name, sizeof(name), "%.*s", (int)(len - strlen(end)), removed);
	jb_elem_settle(jb, e);
	jb_enter(jb);
	it = element_item(el, name);
	if (it != NULL && it->kind == JB_ITEM_INCOMPLETE && it->awaits)
		id = it->id;
	jb_leave(jb);
	if (id != 0)
		(void)jb_item_complete(jb, id);
}
