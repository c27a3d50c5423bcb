/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing to a disc, and making durable what was written: first the sectors, then the description
 * that tells of them.
 */
#include <errno.h>
#include <unistd.h>

#include "changer/base/clock.h"
#include "changer/base/log.h"
#include "changer/disc/disc_change.h"
#include "changer/disc/disc_erase.h"
#include "changer/disc/disc_raw.h"
#include "changer/disc/disc_repair.h"
#include "changer/disc/disc_write.h"
#include "changer/inventory/description.h"
#include "changer/inventory/model.h"
#include "changer/store/store.h"

/* ---- telling --------------------------------------------------------------------------------- */

/* At most once a second, but for the first sector of a track. */
static void
tell_burn(struct disc *d, bool begins)
{
	enum { TELL_MS = 1000 };
	uint64_t now = clock_ms();
	struct item *it = disc_state_item(d);

	if (it->elem != NULL && it->elem->drive != NULL)
		drive_works(it->elem->drive, DRIVE_BURNING, recording_sectors(&d->rec, d->size),
			d->capacity);

	if (!begins && d->told_ms != 0 && now - d->told_ms < TELL_MS)
		return;
	d->told_ms = now;
	event_item(disc_state_item(d), JB_EVENT_BURN, disc_state_acts_for(d));
}

/* Where the medium ends for those who write to it. */
static uint64_t
end_of_medium(const struct disc *d)
{
	return recording_is_formatted(&d->rec) ? d->rec.tracks[0].size : d->rec.capacity;
}

/* Once a load: programs that try again and again have the answer to their command. */
void
disc_tell_full(struct disc *d)
{
	uint64_t end = end_of_medium(d);

	if (d->told_full)
		return;
	d->told_full = true;
	log_warn("drive", "%s: a burn has more to write than the medium holds, %llu sectors",
		disc_state_item(d)->name, (unsigned long long)end);
	event_item(disc_state_item(d), JB_EVENT_FULL, disc_state_acts_for(d));
}

enum jb_err
disc_has_room(struct disc *d, uint32_t end)
{
	if (end <= end_of_medium(d))
		return JB_OK;
	disc_tell_full(d);
	return JB_LBA_RANGE;
}

/* ---- writing --------------------------------------------------------------------------------- */

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

static enum jb_err
begin(struct recording *rec, const void *arg)
{
	return recording_begin_track(rec);
}

/* Begins to have the device write what has come together behind that many bytes. */
static void
kick(struct disc *d, uint64_t end, uint64_t length)
{
	d->kick_length += length;
	if (d->kick_length < WRITEBACK_STEP)
		return;
	image_kick(d->image, end > d->kick_length ? end - d->kick_length : 0, d->kick_length);
	d->kick_length = 0;
}

/* The caller's data, in sectors of one form or the other, into the image, which has its own. */
static enum jb_err
write_sectors(struct disc *d, uint32_t lba, uint32_t count, const void *data, bool whole)
{
	uint32_t size = recording_sector_size(&d->rec);

	if (d->rec.raw && !whole)
		return disc_write_user_data(d, lba, count, data);
	return image_write_sparse(d->image, data, (size_t)count * size, (uint64_t)lba * size);
}

static enum jb_err
write_data(struct disc *d, uint32_t lba, uint32_t count, const void *data, bool whole)
{
	uint32_t size;
	bool begins = false;
	enum jb_err err = recording_may_write(&d->rec, lba, count, &begins);

	if (err == JB_LBA_RANGE && lba <= end_of_medium(d) &&
		(uint64_t)lba + count > end_of_medium(d))
		disc_tell_full(d);
	if (err != JB_OK || count == 0)
		return err;
	/* Sound has no form in which it would be user data. */
	if (!whole && recording_mode_at(&d->rec, lba) == CD_AUDIO)
		return JB_TRACK_MODE;
	/* The track is durably begun before anything is written to it, so that a crash leaves a disc
	 * that says it was written to. */
	if (begins)
		err = disc_edit(d, begin, NULL, whole);
	else if (whole)
		err = disc_become_raw(d);
	if (err != JB_OK)
		return err;
	size = recording_sector_size(&d->rec);
	d->unsynced = true;
	err = write_sectors(d, lba, count, data, whole);
	if (err == JB_OK)
		err = recording_written(&d->rec, lba, count);
	if (err != JB_OK)
		return err;
	disc_changed(d);
	tell_burn(d, begins);
	kick(d, ((uint64_t)lba + count) * size, (uint64_t)count * size);
	return JB_OK;
}

enum jb_err
disc_may_write(const struct disc *d, uint32_t lba, uint32_t count)
{
	enum jb_err err = disc_protection(d);
	bool begins;

	return err != JB_OK ? err : recording_may_write(&d->rec, lba, count, &begins);
}

enum jb_err
disc_write(struct disc *d, uint32_t lba, uint32_t count, const void *data)
{
	enum jb_err err = disc_protection(d);

	if (err != JB_OK)
		return err;
	return disc_tell_store(d, write_data(d, lba, count, data, false));
}

enum jb_err
disc_write_raw(struct disc *d, uint32_t lba, uint32_t count, const void *data)
{
	enum jb_err err = disc_protection(d);

	if (err != JB_OK)
		return err;
	return disc_tell_store(d, write_data(d, lba, count, data, true));
}

/* The image is as long as what is recorded of it, sparse if need be. */
static enum jb_err
extend_image(struct disc *d, uint64_t end)
{
	uint64_t size;
	enum jb_err err = image_stat(d->image, &size, NULL);

	if (err != JB_OK || size >= end)
		return err;
	if (ftruncate(d->image->fd, (off_t)end) != 0)
		return jb_err_from_errno(errno, JB_STORE_WRITE);
	d->unsynced = true;
	return JB_OK;
}

/*
 * The kernel drops the pages that it could not write, and the next sync would succeed without them
 * (fsync(2), "EIO").  So the disc goes back to what was durable last, as after a crash: recorded up
 * to there, and appendable.
 */
static void
fall_back(struct disc *d)
{
	struct item *it = disc_state_item(d);
	char dir[STORE_PATH_MAX];
	struct description durable = {.rec = NULL};
	uint64_t size;

	if (!d->lost) {
		log_err("store", "%s: what was written since the last sync is lost", it->name);
		event_error(it, JB_STORE_WRITE, disc_state_acts_for(d));
	}
	d->lost = true;
	/* Every later sync tries again, whether the device would take it or not.  A description of
	 * another image is what a change that failed has left. */
	if (description_load(it->jb, item_path(it, dir), DISC_FILE, &durable) != JB_OK ||
		durable.image != d->image_number) {
		description_fini(&durable);
		return;
	}
	disc_state_assign(d, &durable.own, recording_bytes(&durable.own), d->blocks);
	disc_tell_background(d);
	d->unsynced = d->changed = d->lost = false;
	if (image_stat(d->image, &size, NULL) == JB_OK)
		disc_repair(it, size);
}

enum jb_err
disc_sync_data(struct disc *d, uint64_t end)
{
	uint64_t blocks;
	enum jb_err err = end > 0 ? disc_tell_store(d, extend_image(d, end)) : JB_OK;

	/* A disc by reference has no image while its file is missing, and nothing to sync ever. */
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
	return d->unsynced ? disc_sync_data(d, recording_bytes(&d->rec)) : JB_OK;
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
	return disc_tell_store(d, err);
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
