/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A disc: its sectors in the image, what is recorded of it in the description.  recording.h has
 * the rules.  Here is what it is and how it is read; disc_write.c and disc_change.c have the order in
 * which things become durable.
 */
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "changer/base/clock.h"
#include "changer/base/log.h"
#include "changer/disc/disc_raw.h"
#include "changer/disc/disc_write.h"
#include "changer/disc/link_read.h"
#include "changer/inventory/model.h"

/* ---- what it is ------------------------------------------------------------------------------ */

const struct medium *
disc_medium(const struct disc *d)
{
	return d->rec.medium;
}

uint32_t
disc_capacity(const struct disc *d)
{
	return d->rec.capacity;
}

enum disc_status
disc_status(const struct disc *d)
{
	return recording_status(&d->rec);
}

enum session_state
disc_last_session_state(const struct disc *d)
{
	return recording_last_session_state(&d->rec);
}

unsigned
disc_sessions(const struct disc *d)
{
	return recording_sessions(&d->rec);
}

unsigned
disc_tracks(const struct disc *d)
{
	return recording_tracks(&d->rec);
}

bool
disc_track(const struct disc *d, unsigned number, struct track *out)
{
	return recording_track(&d->rec, number, out);
}

unsigned
disc_track_at(const struct disc *d, uint32_t lba)
{
	return recording_track_at(&d->rec, lba);
}

unsigned
disc_first_track_of(const struct disc *d, unsigned session)
{
	return recording_first_track_of(&d->rec, session);
}

uint32_t
disc_readable_capacity(const struct disc *d)
{
	return recording_readable_capacity(&d->rec);
}

bool
disc_is_unrecorded(const struct disc *d)
{
	return recording_is_unrecorded(&d->rec);
}

enum spare_format
disc_spare_format(const struct disc *d)
{
	return d->rec.spare;
}

bool
disc_minimally_blanked(const struct disc *d)
{
	return d->rec.minimal;
}

uint32_t
disc_layer_break(const struct disc *d)
{
	return d->rec.layer_break;
}

bool
disc_tab_is_set(const struct disc *d)
{
	return (disc_state_const_item(d)->mode & (S_IWUSR | S_IWGRP | S_IWOTH)) == 0;
}

bool
disc_pwp(const struct disc *d)
{
	return d->pwp;
}

enum jb_err
disc_protection(const struct disc *d)
{
	if (disc_tab_is_set(d))
		return JB_PROTECTED;
	return disc_pwp(d) ? JB_PERSISTENT : JB_OK;
}

bool
disc_protected(const struct disc *d)
{
	return disc_protection(d) != JB_OK;
}

const char *
disc_label(const struct disc *d)
{
	const char *name = disc_state_const_item(d)->name;

	return name + strlen(name) + 1;
}

bool
disc_is_raw(const struct disc *d)
{
	return d->rec.raw;
}

const char *
disc_catalog(const struct disc *d)
{
	return d->rec.catalog;
}

unsigned
disc_index_at(const struct disc *d, const struct track *t, uint32_t lba)
{
	return recording_index_at(&d->rec, t, lba);
}

unsigned
disc_text(const struct disc *d, const uint8_t **packs)
{
	*packs = d->rec.text;
	return d->rec.ntext;
}

uint64_t
disc_size(const struct disc *d)
{
	return d->size;
}

/* ---- reading --------------------------------------------------------------------------------- */

enum jb_err
disc_read(struct disc *d, uint32_t lba, uint32_t count, void *buf, bool may_block)
{
	enum jb_err err = recording_may_read(&d->rec, lba, count);

	if (err == JB_OK)
		err = link_read_is_still(d);
	if (err != JB_OK)
		return err;
	if (d->rec.raw)
		return disc_read_user_data(d, lba, count, buf, may_block);
	return image_read(
		d->image, buf, (size_t)count * SECTOR_SIZE, (uint64_t)lba * SECTOR_SIZE, may_block);
}

static void
put_extent(void *arg)
{
	image_put(arg);
}

enum jb_err
disc_extent(struct disc *d, uint32_t lba, uint32_t count, bool may_block, struct disc_extent *out)
{
	uint64_t offset = (uint64_t)lba * SECTOR_SIZE, length = (uint64_t)count * SECTOR_SIZE;
	uint64_t stored;
	enum jb_err err = recording_may_read(&d->rec, lba, count);

	if (err == JB_OK && d->rec.raw)
		err = JB_NOT_SUPPORTED;
	if (err == JB_OK)
		err = link_read_is_still(d);
	if (err != JB_OK)
		return err;
	/* What was formatted and never written, or a last sector that is not whole, reads as zeros. */
	stored = offset < d->size ? d->size - offset : 0;
	if (stored > length)
		stored = length;
	if (stored > 0 && !image_is_resident(d->image, offset, stored)) {
		if (!may_block)
			return JB_WOULD_BLOCK;
		err = image_populate(d->image, offset, stored);
		if (err != JB_OK)
			return err;
	}
	*out = (struct disc_extent){
		.fd = d->image->fd,
		.offset = offset,
		.length = length,
		.stored = stored,
		.put = put_extent,
		.arg = image_get(d->image),
	};
	return JB_OK;
}

/* ---- events ---------------------------------------------------------------------------------- */

/*
 * An initiator hears of it by sense data alone, and only a person can make room.  Programs that try
 * again and again are told of now and then.
 */
enum jb_err
disc_tell_store(struct disc *d, enum jb_err err)
{
	enum { TELL_MS = 10000 };
	uint64_t now = clock_ms();
	struct item *it = disc_state_item(d);

	if (err != JB_STORE_FULL && err != JB_STORE_WRITE && err != JB_STORE_READ_ONLY)
		return err;
	if (d->told_store_ms != 0 && now - d->told_store_ms < TELL_MS)
		return err;
	d->told_store_ms = now;
	log_err("store", "%s: cannot be recorded: %s", it->name, jb_err_text(err));
	event_error(it, err, disc_state_acts_for(d));
	return err;
}
