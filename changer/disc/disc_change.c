/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes durable changes of what a disc is.  A function here changes a copy of the disc's recording and
 * stores a description (description.h) with that copy.  Only then the copy becomes the disc's recording in
 * memory.  So if the store is full or cannot be written, the disc stays as it was, and no later sync stores
 * the failed change.
 *
 * A disc that loses its content gets a new, empty image file beside the old one.  The description names the
 * image that counts, so the rename of the new description is the moment of the change.  After a crash
 * start-up deletes the image that the description does not name (scan.c).
 */
#include <assert.h>
#include <fcntl.h>
#include <string.h>

#include "changer/base/clock.h"
#include "changer/disc/disc_change.h"
#include "changer/disc/disc_sync.h"
#include "changer/disc/disc_report.h"
#include "changer/inventory/description.h"
#include "changer/inventory/model.h"
#include "changer/store/store.h"

/* Stores the description `desc` in place of the disc's.  Returns the store's error.  After some errors it
 * is not known which description is in the store.  Then sets d->changed, so that the next sync stores the
 * disc's state in memory. */
static enum jb_err
store_change(struct disc *d, const struct description *desc)
{
	struct item *it = disc_state_item(d);
	char dir[STORE_PATH_MAX];
	enum jb_err err = description_prepare(it->jb, item_path(it, dir), desc);

	if (err != JB_OK)
		return err;
	err = description_publish(it->jb, dir);
	/*
	 * The new description may be in the store all the same, so the old one must be stored again.
	 */
	if (err != JB_OK)
		d->changed = true;
	return err;
}

/* Syncs the sectors first, then stores the description, and only then changes the disc in memory.  If the
 * description cannot be stored, an image that the sync made longer stays so, as after a crash. */
enum jb_err
disc_change(struct disc *d, struct recording *rec)
{
	struct item *it = disc_state_item(d);
	struct description desc;
	uint64_t end = recording_bytes(rec);
	enum jb_err err;

	assert(disc_state_is_still(d));
	err = disc_sync_data(d, end);
	if (err != JB_OK)
		return err;
	description_of(it, &desc);
	desc.rec = rec;
	desc.origin = recording_is_unrecorded(rec) ? JB_ORIGIN_BLANK : JB_ORIGIN_BURNED;
	desc.mtime_ns = desc.ctime_ns = clock_wall_ns();
	memset(&desc.digest, 0, sizeof(desc.digest));
	err = store_change(d, &desc);
	if (err != JB_OK)
		return disc_report_store(d, err);
	it->mtime_ns = it->ctime_ns = desc.mtime_ns;
	d->origin = desc.origin;
	d->changed = false;
	disc_state_assign(d, rec, end > d->size ? end : d->size, d->blocks);
	return JB_OK;
}

/* Sets the disc's time of change too.  Keeps the hash, because the content does not change. */
enum jb_err
disc_set_pwp(struct disc *d, bool on)
{
	struct item *it = disc_state_item(d);
	struct recording rec;
	struct description desc;
	enum jb_err err;

	if (disc_tab_is_set(d))
		return JB_PROTECTED;
	if (!d->rec.medium->has_pwp)
		return JB_NOT_SUPPORTED;
	if (d->rec.pwp == on)
		return JB_OK;
	err = d->unsynced || d->changed ? disc_sync(d) : JB_OK;
	if (err != JB_OK)
		return err;
	rec = d->rec; /* borrows the tracks */
	rec.pwp = on;
	description_of(it, &desc);
	desc.rec = &rec;
	desc.ctime_ns = clock_wall_ns();
	err = store_change(d, &desc);
	if (err != JB_OK)
		return disc_report_store(d, err);
	d->rec.pwp = on;
	it->ctime_ns = desc.ctime_ns;
	disc_state_publish(d);
	return JB_OK;
}

/* ---- another image ------------------------------------------------------------------------- */

/* Syncs the new image file, and stores a description with that image's `number` and with *rec.  Does not
 * change the item in memory.  Returns the store's error.  After an error it is not known whether the disc
 * has the new description, so the caller must delete neither image. */
static enum jb_err
store_new(struct item *it, const struct recording *rec, unsigned number, struct image *image)
{
	struct jukebox *jb = it->jb;
	char dir[STORE_PATH_MAX];
	struct description d;
	enum jb_err err = image_sync(image);

	if (err != JB_OK)
		return err;
	item_path(it, dir);
	description_of(it, &d);
	d.rec = rec;
	d.image = number;
	if (recording_is_unrecorded(rec))
		d.origin = JB_ORIGIN_BLANK;
	d.mtime_ns = d.ctime_ns = clock_wall_ns();
	err = description_prepare(jb, dir, &d);
	/* The directory entry of the image must be durable before the description that names it. */
	if (err == JB_OK)
		err = store_sync_dir(jb->store, dir);
	return err == JB_OK ? description_publish(jb, dir) : err;
}

/* Makes `image`, with its number, and *rec the disc's own in memory, after store_new.  *rec is then empty.
 * Takes over the caller's reference to `image`, and drops the one to the old image.  Takes the jukebox
 * lock. */
static void
adopt_image(struct item *it, struct recording *rec, unsigned number, struct image *image)
{
	struct disc *d = &it->disc;
	struct image *old;
	uint64_t blocks = 0, size;

	(void)image_stat(image, NULL, &blocks);
	it->mtime_ns = it->ctime_ns = clock_wall_ns();
	jb_enter(it->jb);
	old = d->image;
	d->image = image;
	d->image_number = number;
	if (recording_is_unrecorded(rec))
		d->origin = JB_ORIGIN_BLANK;
	size = recording_bytes(rec);
	disc_state_assign(d, rec, size, blocks);
	d->unsynced = d->changed = false;
	d->kick_length = 0;
	jb_leave(it->jb);
	image_put(old); /* handles that are open on the old image keep it */
}

enum jb_err
disc_replace_image(struct disc *d, struct recording *rec, disc_fill *fill)
{
	struct item *it = disc_state_item(d);
	unsigned old = d->image_number, number = old + 1;
	char dir[STORE_PATH_MAX], path[STORE_PATH_MAX];
	struct image *image;
	enum jb_err err;

	assert(disc_state_is_still(d));
	/* A change that failed may have left a description with that image number, so the current one
	 * is stored first. */
	err = disc_sync(d);
	if (err == JB_OK)
		err = image_open(
			it->jb->store, item_path(it, dir), number, true, O_CREAT | O_TRUNC, &image);
	if (err != JB_OK)
		return err;
	err = fill == NULL ? JB_OK : fill(d, rec, image);
	if (err != JB_OK) {
		image_put(image);
		(void)store_unlink(it->jb->store, store_image_path(dir, number, path));
		return err;
	}
	err = store_new(it, rec, number, image);
	if (err != JB_OK) {
		/* It may be unknown which image the description in the store names.  Both stay until
		 * the next description is stored. */
		image_put(image);
		d->changed = true;
		return err;
	}
	adopt_image(it, rec, number, image);
	(void)store_unlink(it->jb->store, store_image_path(dir, old, path));
	return JB_OK;
}
