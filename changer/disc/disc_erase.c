/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Formatting and blanking a disc: recording_format.c says what it becomes; here it becomes that.
 *
 * A disc that loses what it holds gets a new and empty image beside the old one.  The rename of its
 * description, which names the new image, is the commit; what a crash leaves of the other image is
 * swept at start-up (scan.c).
 */
#include <fcntl.h>
#include <string.h>

#include "changer/base/clock.h"
#include "changer/disc/correct_name.h"
#include "changer/disc/disc_change.h"
#include "changer/disc/disc_erase.h"
#include "changer/disc/disc_write.h"
#include "changer/inventory/description.h"
#include "changer/inventory/model.h"
#include "changer/inventory/progress.h"
#include "changer/store/store.h"

/* ---- format in the background (DVD+RW) ------------------------------------------------------- */

/*
 * There is nothing to be done to the sectors of an image, so all that goes on is time.  A format
 * that is not waited for, and programs that stop it, find what they find with a drive.
 */
void
disc_run_background(struct disc *d)
{
	struct recording *r = &d->rec;

	if (r->background != BACKGROUND_RUNNING)
		return;
	r->background_done = formatting_done(&d->formatting);
	if (r->background_done < d->formatting.total)
		return;
	r->background = BACKGROUND_COMPLETE;
	r->background_done = 0;
	disc_changed(d);
}

void
disc_tell_background(struct disc *d)
{
	static const struct formatting none;
	struct item *it = disc_state_item(d);

	if (it->elem != NULL && it->elem->drive != NULL)
		drive_formats(it->elem->drive,
			d->rec.background == BACKGROUND_RUNNING ? &d->formatting : &none);
}

enum background
disc_background(struct disc *d, uint32_t *done, uint32_t *all)
{
	disc_run_background(d);
	*done = d->rec.background_done;
	*all = recording_is_formatted(&d->rec) ? d->rec.tracks[0].size : 0;
	return d->rec.background;
}

enum jb_err
disc_leave(struct disc *d)
{
	d->told_full = false;
	d->told_store_ms = 0;
	disc_run_background(d);
	if (d->rec.background == BACKGROUND_RUNNING) {
		recording_stop_background(&d->rec);
		disc_tell_background(d);
		disc_changed(d);
	}
	return disc_sync(d);
}

/* ---- becoming another disc ------------------------------------------------------------------- */

/* The new description and its image are there; *named: it is the disc's. */
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
	/* The image's name has to be there before the description that says it. */
	if (err == JB_OK)
		err = store_sync_dir(jb->store, dir);
	return err == JB_OK ? description_publish(jb, dir) : err;
}

static void
adopt(struct item *it, struct recording *rec, unsigned number, struct image *image)
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
	image_put(old); /* those who have the old disc's file open keep it */
}

enum jb_err
disc_replace_image(struct disc *d, struct recording *rec, disc_fill *fill)
{
	struct item *it = disc_state_item(d);
	unsigned old = d->image_number, number = old + 1;
	char dir[STORE_PATH_MAX], path[STORE_PATH_MAX];
	struct image *image;
	/* The description may still be that of a change to an image of that number which failed. */
	enum jb_err err = disc_sync(d);

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
		/* Which of the two the description names may not be known: both stay, until the next
		 * one is stored. */
		image_put(image);
		d->changed = true;
		return err;
	}
	adopt(it, rec, number, image);
	(void)store_unlink(it->jb->store, store_image_path(dir, old, path));
	return JB_OK;
}

/* The same image, cut to what is still recorded. */
static enum jb_err
keep_content(struct disc *d, struct recording *rec)
{
	uint64_t end = recording_bytes(rec);
	bool cut = end < d->size && rec->ntracks < d->rec.ntracks;
	struct item *it = disc_state_item(d);
	char dir[STORE_PATH_MAX], path[STORE_PATH_MAX];
	enum jb_err err;

	err = disc_change(d, rec);
	if (err == JB_OK && cut)
		d->size = end;
	/* What the description does not tell of any more is of no use to it. */
	if (err == JB_OK && cut)
		err = store_truncate(it->jb->store,
			store_image_path(item_path(it, dir), d->image_number, path), end);
	return err;
}

static enum jb_err
become(struct disc *d, struct recording *rec, bool erases, enum jb_event_type event)
{
	enum jb_err err = erases ? disc_replace_image(d, rec, NULL) : keep_content(d, rec);

	recording_fini(rec);
	if (disc_tell_store(d, err) == JB_OK) {
		event_item(disc_state_item(d), event, disc_state_acts_for(d));
		correct_name_schedule(d);
	}
	return err;
}

enum jb_err
disc_format(struct disc *d, const struct disc_format *format)
{
	struct recording rec = {0};
	struct formatting before = d->formatting;
	bool erases;
	enum jb_err err = disc_protection(d);

	if (err != JB_OK)
		return err;
	disc_run_background(d);
	err = recording_format(&d->rec, format, &rec, &erases);
	if (err != JB_OK)
		return err;
	d->formatting = (struct formatting){
		.done = rec.background_done,
		.total = rec.ntracks > 0 ? rec.tracks[0].size : 0,
		.from_ms = clock_ms(),
	};
	err = become(d, &rec, erases, JB_EVENT_FORMAT);
	if (err != JB_OK)
		d->formatting = before;
	disc_tell_background(d);
	return err;
}

enum jb_err
disc_blank(struct disc *d, unsigned type, unsigned track)
{
	struct recording rec = {0};
	bool erases;
	enum jb_err err = disc_protection(d);

	if (err != JB_OK)
		return err;
	err = recording_blank(&d->rec, type, track, &rec, &erases);
	return err == JB_OK ? become(d, &rec, erases, JB_EVENT_BLANK) : err;
}
