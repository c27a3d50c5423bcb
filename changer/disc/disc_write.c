/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes sectors to a disc.  A write that begins a track makes the start of the track durable first.  The
 * sectors themselves become durable with the next sync (disc_sync.c). */

#include "changer/base/clock.h"
#include "changer/disc/disc_edit.h"
#include "changer/disc/disc_raw.h"
#include "changer/disc/disc_sync.h"
#include "changer/disc/disc_report.h"
#include "changer/inventory/model.h"

/* ---- reports --------------------------------------------------------------------------------- */

/* Reports the drive as burning, with its progress.  Raises the event `burn` too, but at most once a second;
 * always if begins is true, which means that the write has begun a track. */
static void
report_burn(struct disc *d, bool begins)
{
	enum { REPORT_MS = 1000 };
	uint64_t now = clock_ms();
	uint64_t done = recording_sectors(&d->rec, d->size), left;
	struct item *it = disc_state_item(d);

	if (it->elem != NULL && it->elem->drive != NULL)
		drive_works(it->elem->drive, DRIVE_BURNING, done,
			recording_end_is_known(&d->rec, &left) ? done + left : 0);
	if (!begins && d->reported_ms != 0 && now - d->reported_ms < REPORT_MS)
		return;
	d->reported_ms = now;
	event_item(disc_state_item(d), JB_EVENT_BURN, disc_state_acts_for(d));
}

enum jb_err
disc_has_room(struct disc *d, uint32_t end)
{
	if (end <= recording_limit(&d->rec))
		return JB_OK;
	disc_report_full(d);
	return JB_LBA_RANGE;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* Begins a track in *rec, for disc_edit; arg is not used.  Returns the errors of recording_begin_track. */
static enum jb_err
edit_begin_track(struct recording *rec, const void *arg)
{
	return recording_begin_track(rec);
}

/* Counts `length` more bytes that were written, up to the offset `end` in the image.  When at least
 * WRITEBACK_STEP bytes have been counted, asks the kernel to write them to the device, and counts from 0
 * again.  Does not wait for the device. */
static void
start_writeback(struct disc *d, uint64_t end, uint64_t length)
{
	d->kick_length += length;
	if (d->kick_length < WRITEBACK_STEP)
		return;
	image_kick(d->image, end > d->kick_length ? end - d->kick_length : 0, d->kick_length);
	d->kick_length = 0;
}

/* Writes `count` sectors to the image: place is the position of the first one in the image, in sectors, and
 * lba its address.  If whole is true, data has 2352 bytes for each, and the disc must be raw.  If whole is
 * false, data has 2048 bytes for each; on a raw disc they are converted.  Returns the store's error. */
static enum jb_err
write_sectors(
	struct disc *d, uint32_t lba, uint32_t place, uint32_t count, const void *data, bool whole)
{
	uint32_t size = recording_sector_size(&d->rec);

	if (d->rec.raw && !whole)
		return disc_write_user_data(d, lba, place, count, data);
	return image_write_sparse(d->image, data, (size_t)count * size, (uint64_t)place * size);
}

/* Checks that `count` sectors from lba on may be written, writes them, and records them.  If they begin a
 * track, that is made durable first.  If whole is true, data has sectors of 2352 bytes, and the disc is
 * made raw first; else it has user data.  If the sectors do not fit before the end of the disc, raises the
 * event `full`.  If count is 0, only checks.  Does not check the write protection.  Returns the errors of
 * disc_write, or of disc_write_raw. */
static enum jb_err
write_checked(struct disc *d, uint32_t lba, uint32_t count, const void *data, bool whole)
{
	uint32_t size, place, run = count;
	bool begins = false;
	enum jb_err err = recording_may_write(&d->rec, lba, count, &begins);

	if (err == JB_LBA_RANGE && lba <= recording_limit(&d->rec) &&
		(uint64_t)lba + count > recording_limit(&d->rec))
		disc_report_full(d);
	if (err != JB_OK || count == 0)
		return err;
	/* Audio has no form with user data. */
	if (!whole && recording_mode_at(&d->rec, lba) == CD_AUDIO)
		return JB_TRACK_MODE;
	/* The start of the track is durable before its first sector is written, so after a crash the
	 * disc is not blank. */
	if (begins)
		err = disc_edit(d, edit_begin_track, NULL, whole);
	else if (whole)
		err = disc_become_raw(d);
	if (err != JB_OK)
		return err;
	size = recording_sector_size(&d->rec);
	(void)recording_place(&d->rec, lba, &place, &run);
	d->unsynced = true;
	err = write_sectors(d, lba, place, count, data, whole);
	if (err == JB_OK)
		err = recording_written(&d->rec, lba, count);
	if (err != JB_OK)
		return err;
	disc_changed(d);
	report_burn(d, begins);
	start_writeback(d, ((uint64_t)place + count) * size, (uint64_t)count * size);
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
	return disc_report_store(d, write_checked(d, lba, count, data, false));
}

enum jb_err
disc_write_raw(struct disc *d, uint32_t lba, uint32_t count, const void *data)
{
	enum jb_err err = disc_protection(d);

	if (err != JB_OK)
		return err;
	return disc_report_store(d, write_checked(d, lba, count, data, true));
}
