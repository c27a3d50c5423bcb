/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Adding and removing elements while the jukebox runs.  Slots, mail slots and drives are added and removed
 * at the end of their range only, so no element's number or address ever changes.
 *
 * Nothing is freed before the jukebox is closed.  A removed element is marked as gone, and is used again
 * when its number is added again.  A thread that still has a pointer to it finds an empty element, into
 * which no disc can come.  A drive can be removed if it is empty and not locked; its strand is held, so no
 * command runs.
 *
 * In the store, an element exists if its directory exists, or if the counts in jukebox.json include it.  To
 * add an element is one mkdir.  To remove one, its count in jukebox.json is lowered first; then one rmdir
 * removes it.  So after a crash an element either exists or does not.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "changer/base/log.h"
#include "changer/drive/drive.h"
#include "changer/inventory/model.h"
#include "changer/inventory/progress.h"
#include "changer/settings/setting_store.h"
#include "changer/store/store.h"

void
jb_watch_drives(struct jukebox *jb, jb_drive_watcher *watcher, void *arg)
{
	pthread_mutex_lock(&jb->layout_lock);
	jb->drive_watcher = watcher;
	jb->drive_watcher_arg = arg;
	pthread_mutex_unlock(&jb->layout_lock);
}

uint64_t
jb_layout_changes(const struct jukebox *jb)
{
	return jb->layout_changes;
}

unsigned
jb_elem_generation(struct jukebox *jb, struct jb_elem e)
{
	struct element *el = element_find(jb, e);

	return el == NULL ? 0 : el->generation;
}

/* All functions below need layout_lock; jb_elem_add and jb_elem_remove take it. */

/* Returns true if elements of that type can be added and removed. */
static bool
can_change(enum jb_elem_type type)
{
	return type != JB_PICKER && element_max(type) > 0;
}

/* Calls the watcher (jb_watch_drives), because the drive at the element was added (there is true) or removed
 * (false).  Returns what the watcher returns; JB_OK if there is no watcher or no drive. */
static enum jb_err
report_watcher(struct jukebox *jb, struct element *el, bool there)
{
	if (el->drive == NULL || jb->drive_watcher == NULL)
		return JB_OK;
	return jb->drive_watcher(jb->drive_watcher_arg, el->drive, there);
}

/* Raises an event of that type about the element. */
static void
report_event(struct jukebox *jb, const struct element *el, enum jb_event_type type)
	REQUIRES(jb_lock)
{
	struct jb_event e;

	event_begin(&e, type, NULL);
	jb_elem_str(el->at, e.elem);
	event_add(jb, &e);
}

/* Makes the element exist from now on (there is true), or not (false), in memory: changes `gone` and the
 * count of its type, counts a change of the layout, and raises the event `element-added` or
 * `element-removed`.  Takes the jukebox lock. */
static void
set_there(struct jukebox *jb, struct element *el, bool there)
{
	jb_enter(jb);
	el->gone = !there;
	if (there)
		jb->counts[el->at.type]++;
	else
		jb->counts[el->at.type]--;
	jb->layout_changes++;
	report_event(jb, el, there ? JB_EVENT_ELEMENT_ADDED : JB_EVENT_ELEMENT_REMOVED);
	jb_leave(jb);
}

/* Returns true if the store has the directory, false if it has not; `otherwise` if that cannot be found
 * out. */
static bool
has_directory(struct jukebox *jb, const char *dir, bool otherwise)
{
	if (faccessat(jb->store, dir, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return true;
	return errno == ENOENT ? false : otherwise;
}

/* Makes the directory of an element, durably.  Returns the store's error; *there is then true if there is a
 * directory all the same, because it cannot be removed again: the next start would find the element. */
static enum jb_err
make_directory(struct jukebox *jb, const struct element *el, bool *there)
{
	char dir[32];
	enum jb_err err = store_mkdir(jb->store, jb_elem_str(el->at, dir));
	bool made = err == JB_OK;

	if (err == JB_OK)
		err = store_sync_dir(jb->store, jb_elem_dir(el->at.type));
	*there = err == JB_OK ||
		 (store_rmdir(jb->store, dir) != JB_OK && has_directory(jb, dir, made));
	return err;
}

/* Removes the element's directory, durably.  Returns the store's error; *there is then false if the directory
 * is gone all the same, because it cannot be made again. */
static enum jb_err
remove_directory(struct jukebox *jb, const struct element *el, bool *there)
{
	char dir[32];
	enum jb_err err = store_rmdir(jb->store, jb_elem_str(el->at, dir));
	bool removed = err == JB_OK;

	if (err == JB_OK)
		err = store_sync_dir(jb->store, jb_elem_dir(el->at.type));
	*there = false;
	if (err != JB_OK && store_mkdir(jb->store, dir) == JB_OK) {
		/* The sync may fail again, which sets the store in doubt. */
		(void)store_sync_dir(jb->store, jb_elem_dir(el->at.type));
		*there = true;
	} else if (err != JB_OK) {
		*there = has_directory(jb, dir, !removed);
	}
	return err;
}

/* ---- adding ---------------------------------------------------------------------------------- */

/* Checks that e can be added; the errors are those of jb_elem_add. */
static enum jb_err
may_add(struct jukebox *jb, struct jb_elem e)
{
	unsigned counts[ELEM_TYPES], first[ELEM_TYPES];

	if (!can_change(e.type))
		return JB_IS_FIXED;
	if (e.number != jb_first_number(e.type) + jb->counts[e.type])
		return JB_NOT_NEXT;
	if (jb->counts[e.type] >= element_max(e.type))
		return JB_TOO_MANY;
	for (unsigned t = 0; t < ELEM_TYPES; t++)
		first[t] = jb->first_address[t];
	element_counts(jb, counts);
	counts[e.type]++;
	return element_ranges_fit(first, counts) ? JB_OK : JB_OVERLAP;
}

/* Makes the element and its drive in memory, and raises the element's generation.  A drive that was removed
 * is used again, with its tray closed and without fault rules; takes its strand.  Returns JB_NO_MEMORY or an
 * error of drive_make. */
static enum jb_err
prepare_element(struct jukebox *jb, struct jb_elem e)
{
	unsigned index = e.number - jb_first_number(e.type);
	enum jb_err err = element_make(jb, e.type, index);
	struct drive *d;

	if (err != JB_OK || e.type != JB_DRIVE)
		return err;
	d = jb->drives[index];
	if (d == NULL)
		return drive_make(jb, index);
	strand_enter(&d->strand);
	d->tray_open = false;
	d->faults.n = 0;
	strand_leave(&d->strand);
	return JB_OK;
}

/* Adds the element in memory and in the store, and raises the event `element-added`.  If the watcher refuses,
 * removes it again, with `element-removed`, and returns the watcher's error.  Returns an error of may_add,
 * JB_NO_MEMORY or the store's error if it was not added; JB_NOT_DURABLE if it was, but a power cut may take
 * it away. */
static enum jb_err
add_element(struct jukebox *jb, struct jb_elem e)
{
	struct element *el;
	unsigned elements = 0;
	bool there;
	enum jb_err err = may_add(jb, e), made;

	if (err == JB_OK)
		err = prepare_element(jb, e);
	if (err != JB_OK)
		return err;
	el = element_at(jb, e.type, e.number - jb_first_number(e.type));
	made = make_directory(jb, el, &there);
	if (!there)
		return made;
	for (unsigned t = 0; t < ELEM_TYPES; t++)
		elements += jb->counts[t];
	item_index_grow(jb, elements + 1);
	set_there(jb, el, true);
	if (el->drive != NULL) {
		strand_enter(&el->drive->strand);
		setting_apply_to_drive(el->drive);
		strand_leave(&el->drive->strand);
	}
	err = report_watcher(jb, el, true);
	if (err != JB_OK) {
		set_there(jb, el, false);
		(void)remove_directory(jb, el, &there);
		return err;
	}
	return made == JB_OK ? JB_OK : JB_NOT_DURABLE;
}

enum jb_err
jb_elem_add(struct jukebox *jb, struct jb_elem e)
{
	enum jb_err err;

	pthread_mutex_lock(&jb->layout_lock);
	err = add_element(jb, e);
	pthread_mutex_unlock(&jb->layout_lock);
	return err;
}

/* ---- removing -------------------------------------------------------------------------------- */

/* Returns JB_ELEMENT_NOT_EMPTY if an item is in the element, JB_ELEMENT_RESERVED if one is on its way
 * into it; else JB_OK. */
static enum jb_err
is_empty(const struct element *el) REQUIRES(jb_lock)
{
	if (el->reserved)
		return JB_ELEMENT_RESERVED;
	/* A folder that is only shown for a while is in the store no more. */
	if (el->occupant != NULL || (el->folder != NULL && !el->folder->ghost))
		return JB_ELEMENT_NOT_EMPTY;
	for (unsigned i = 0; i < JB_STAGED_MAX; i++)
		if (el->staged[i] != NULL)
			return JB_ELEMENT_NOT_EMPTY;
	return JB_OK;
}

/* Marks the element as gone, so that no disc can come into it any more.  Returns why it cannot, as
 * is_empty does; then nothing has changed. */
static enum jb_err
close_element(struct jukebox *jb, struct element *el)
{
	enum jb_err err;

	jb_enter(jb);
	err = is_empty(el);
	if (err == JB_OK)
		el->gone = true;
	jb_leave(jb);
	return err;
}

/* Undoes close_element. */
static void
reopen_element(struct jukebox *jb, struct element *el)
{
	jb_enter(jb);
	el->gone = false;
	jb_leave(jb);
}

/* Lowers the count of that type in jukebox.json, durably, if it includes the last element; otherwise the next
 * start would make the element again.  Returns JB_OK, also if the count was low enough, or the store's error;
 * then it stays. */
static enum jb_err
lower_floor(struct jukebox *jb, enum jb_elem_type type)
{
	unsigned floors[ELEM_TYPES];
	enum jb_err err;

	if (jb->floors[type] < jb->counts[type])
		return JB_OK;
	for (unsigned t = 0; t < ELEM_TYPES; t++)
		floors[t] = jb->floors[t];
	floors[type] = jb->counts[type] - 1;
	err = store_keep_counts(
		jb->store, jb->uuid, floors[JB_SLOT], floors[JB_MAILSLOT], floors[JB_DRIVE]);
	if (err == JB_OK)
		jb->floors[type] = floors[type];
	return err;
}

/* Removes the element, which close_element has closed, from the store and from memory, raises the event
 * `element-removed`, and calls the watcher.  Returns JB_MEDIUM_LOCKED if its drive is locked, or an error of
 * the store; then it is still there.  Returns JB_NOT_DURABLE if the element was removed, but a power cut may
 * bring it back.  If it is a drive's, the strand must be held. */
static enum jb_err
remove_element(struct jukebox *jb, struct element *el)
{
	enum jb_err err = JB_OK;
	bool there;

	if (el->drive != NULL && drive_is_locked(el->drive))
		err = JB_MEDIUM_LOCKED;
	if (err == JB_OK)
		err = lower_floor(jb, el->at.type);
	if (err != JB_OK)
		return err;
	err = remove_directory(jb, el, &there);
	if (there)
		return err;
	el->open = false;
	set_there(jb, el, false);
	/* The element is gone already, so the watcher cannot refuse. */
	(void)report_watcher(jb, el, false);
	return err == JB_OK ? JB_OK : JB_NOT_DURABLE;
}

/* Removes e if it is the last element of its type: see jb_elem_remove for the errors. */
static enum jb_err
remove_last(struct jukebox *jb, struct jb_elem e)
{
	struct element *el = element_find(jb, e);
	enum jb_err err;

	if (el == NULL)
		return JB_NO_ELEMENT;
	if (!can_change(e.type))
		return JB_IS_FIXED;
	if (e.number - jb_first_number(e.type) != jb->counts[e.type] - 1)
		return JB_NOT_LAST;
	err = close_element(jb, el);
	if (err != JB_OK)
		return err;
	if (el->drive != NULL)
		strand_enter(&el->drive->strand);
	err = remove_element(jb, el);
	if (el->drive != NULL)
		strand_leave(&el->drive->strand);
	if (err != JB_OK && err != JB_NOT_DURABLE)
		reopen_element(jb, el);
	return err;
}

enum jb_err
jb_elem_remove(struct jukebox *jb, struct jb_elem e)
{
	enum jb_err err;

	pthread_mutex_lock(&jb->layout_lock);
	err = remove_last(jb, e);
	pthread_mutex_unlock(&jb->layout_lock);
	return err;
}
