/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads user data from a disc, and finds out which sectors are recorded.  disc_raw.c has the sectors of a
 * raw disc. */
#include "changer/disc/disc_raw.h"
#include "changer/disc/link_read.h"
#include "changer/inventory/model.h"

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

enum jb_err
disc_recorded_run(const struct disc *d, uint32_t lba, uint32_t count, uint32_t *run)
{
	enum jb_err err = recording_may_read(&d->rec, lba, count);
	/* Binary search: the first *run sectors are all recorded; the first `blank` sectors are not. */
	uint32_t blank = count;

	*run = err == JB_OK ? count : 0;
	while (err == JB_BLANK && blank - *run > 1) {
		uint32_t middle = *run + (blank - *run) / 2;

		if (recording_may_read(&d->rec, lba, middle) == JB_OK)
			*run = middle;
		else
			blank = middle;
	}
	return err;
}

/* Drops the reference to the image `arg`; it is the function `put` of a struct disc_extent. */
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
	/* Formatted sectors that were never written, and the missing part of the last sector, read as
	 * zeros. */
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
