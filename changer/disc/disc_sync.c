/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes durable what was written to a disc: first the sectors in the image, then the description
 * (description.h), whose recording counts them.  Two flags of struct disc say what is not durable yet:
 * `unsynced` for sectors, `changed` for the recording. */
#include <errno.h>
#include <unistd.h>

#include "changer/base/clock.h"
#include "changer/base/log.h"
#include "changer/disc/disc_repair.h"
#include "changer/disc/disc_sync.h"
#include "changer/disc/disc_report.h"
#include "changer/inventory/description.h"
#include "changer/inventory/model.h"
#include "changer/inventory/progress.h"
#include "changer/store/store.h"

void
disc_changed(struct disc *d)
{
	struct item *it = disc_state_item(d);
	uint64_t end = recording_bytes(&d->rec);

	if (end > d->size)
		d->size = end;
	it->mtime_ns = it->ctime_ns = clock_wall_ns();
	d->changed = true;
	d->content++;
	d->origin = recording_is_unrecorded(&d->rec) ? JB_ORIGIN_BLANK : JB_ORIGIN_BURNED;
	disc_state_publish(d);
}

/* ---- format in the background (DVD+RW) ----------------------------------------------------- */

/* Computes the progress from the time alone, because the sectors of an image need no formatting.  A program
 * that stops the format, or does not wait for its end, sees the same as with a real drive. */
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
disc_report_background(struct disc *d)
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

/* ---- syncing ------------------------------------------------------------------------------- */

/* Makes the image at least `end` bytes long.  If that changes it, the new part is a hole, and d->unsynced
 * is set.  Returns JB_STORE_READ_ONLY if the image would have to grow but is open for reading only; or the
 * store's error. */
static enum jb_err
extend_image(struct disc *d, uint64_t end)
{
	uint64_t size;
	enum jb_err err = image_stat(d->image, &size, NULL);

	if (err != JB_OK || size >= end)
		return err;
	if (!d->image->writable)
		return JB_STORE_READ_ONLY;
	if (ftruncate(d->image->fd, (off_t)end) != 0)
		return jb_err_from_errno(errno, JB_STORE_WRITE);
	d->unsynced = true;
	return JB_OK;
}

/* Takes the disc back to its last durable state after a failed sync: loads the description from the store,
 * and makes the disc what that says.  The first time, logs an error and raises the event `error`.  The data
 * is lost for good: the kernel drops pages that it could not write, so the next sync would succeed without
 * them (fsync(2), "EIO").  If the description cannot be loaded or names another image, d->lost stays set,
 * and the next sync fails too and tries this again. */
static void
fall_back(struct disc *d)
{
	struct item *it = disc_state_item(d);
	char dir[STORE_PATH_MAX];
	struct description durable = {.rec = NULL};
	uint64_t size;

	if (!d->lost) {
		log_err("store", "%s: the data that was written since the last sync is lost",
			it->name);
		event_error(it, JB_STORE_WRITE, disc_state_acts_for(d));
	}
	d->lost = true;
	/* If a change has failed, it may have left a description that names another image. */
	if (description_load(it->jb, item_path(it, dir), DISC_FILE, &durable) != JB_OK ||
		durable.image != d->image_number) {
		description_fini(&durable);
		return;
	}
	disc_state_assign(d, &durable.own, recording_bytes(&durable.own), d->blocks);
	disc_report_background(d);
	d->unsynced = d->changed = d->lost = false;
	if (image_stat(d->image, &size, NULL) == JB_OK)
		disc_repair(it, size);
}

enum jb_err
disc_sync_data(struct disc *d, uint64_t end)
{
	uint64_t blocks;
	enum jb_err err = end > 0 ? disc_report_store(d, extend_image(d, end)) : JB_OK;

	/* A disc that is a link may have no image, but it is never written, so never unsynced. */
	if (err != JB_OK || !d->unsynced)
		return err;
	err = d->lost ? JB_STORE_WRITE : image_sync(d->image);
	if (err != JB_OK) {
		fall_back(d);
		return err;
	}
	d->unsynced = false;
	if (image_stat(d->image, NULL, &blocks) == JB_OK)
		d->blocks = blocks;
	return JB_OK;
}

enum jb_err
disc_sync_written(struct disc *d)
{
	/* If the recording has not changed, an image that was too short at start-up stays so. */
	return d->unsynced ? disc_sync_data(d, d->changed ? recording_bytes(&d->rec) : 0) : JB_OK;
}

enum jb_err
disc_sync(struct disc *d)
{
	enum jb_err err = disc_sync_data(d, d->changed ? recording_bytes(&d->rec) : 0);

	if (err != JB_OK)
		return err;
	disc_run_background(d);
	if (!d->changed)
		return JB_OK;
	err = disc_describe(disc_state_item(d));
	if (err == JB_OK)
		d->changed = false;
	return disc_report_store(d, err);
}

enum jb_err
disc_describe(struct item *it)
{
	char dir[STORE_PATH_MAX];
	struct description d;
	enum jb_err err = disc_sync_written(&it->disc);

	if (err != JB_OK)
		return err;
	description_of(it, &d);
	return description_store(it->jb, item_path(it, dir), &d);
}

enum jb_err
disc_leave(struct disc *d)
{
	d->full_reported = false;
	d->store_reported_ms = 0;
	disc_run_background(d);
	if (d->rec.background == BACKGROUND_RUNNING) {
		recording_stop_background(&d->rec);
		disc_report_background(d);
		disc_changed(d);
	}
	return disc_sync(d);
}
