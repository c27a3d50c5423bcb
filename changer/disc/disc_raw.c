/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads and writes sectors of CDs in both forms.  A raw disc has whole sectors of 2352 bytes in its image
 * (cdsector.h); any other disc has 2048 bytes of user data for each sector.  This file takes the user data
 * out of raw sectors, makes whole sectors from user data, and makes a disc raw.
 *
 * The image of a raw disc has zeros where nothing was written: in gaps, and at the end of a track that was
 * padded when it was closed.  In a data track such a sector reads as user data of zeros.
 */
#include <string.h>

#include "changer/disc/correct_name.h"
#include "changer/disc/disc_change.h"
#include "changer/disc/disc_raw.h"
#include "changer/disc/link_read.h"
#include "changer/inventory/model.h"

enum { CHUNK = 16 }; /* sectors that are converted at once */

static const uint8_t zeros[CD_RAW_SIZE];

/* Returns true if the sector is all zeros: nothing was written there. */
static bool
is_unwritten(const uint8_t *raw)
{
	return memcmp(raw, zeros, CD_RAW_SIZE) == 0;
}

/* Makes a whole sector of that mode, with the address lba, from 2048 bytes of user data.  Mode 2 gets
 * form 1; any other mode, also audio, becomes mode 1. */
static void
make_sector(uint8_t *raw, enum cd_mode mode, uint32_t lba, const uint8_t *data)
{
	if (mode == CD_MODE2)
		cd_sector_mode2_form1(raw, (int32_t)lba, data);
	else
		cd_sector_mode1(raw, (int32_t)lba, data);
}

/* Returns count, but CHUNK at most. */
static uint32_t
limit_to_chunk(uint32_t count)
{
	return count < CHUNK ? count : CHUNK;
}

/* Reads `count` whole sectors of a raw disc from its image.  Sectors that the image does not have become
 * zeros, which are silence.  Returns an error of image_read; JB_WOULD_BLOCK if may_block is false and it
 * would have to wait. */
static enum jb_err
read_image(struct disc *d, uint32_t lba, uint32_t count, uint8_t *out, bool may_block)
{
	enum jb_err err = JB_OK;

	while (err == JB_OK && count > 0) {
		uint32_t n = count, place;

		if (recording_place(&d->rec, lba, &place, &n))
			err = image_read(d->image, out, (size_t)n * CD_RAW_SIZE,
				(uint64_t)place * CD_RAW_SIZE, may_block);
		else
			memset(out, 0, (size_t)n * CD_RAW_SIZE);
		lba += n;
		count -= n;
		out += (size_t)n * CD_RAW_SIZE;
	}
	return err;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* Copies the user data of `count` whole sectors at raw to out, 2048 bytes each; lba is the address of the
 * first one.  If a sector is all zeros, its user data is zeros too, except in an audio track.  Returns
 * JB_TRACK_MODE at the first sector without user data; the data of the sectors before it is in out. */
static enum jb_err
take_user_data(const struct disc *d, uint32_t lba, uint32_t count, const uint8_t *raw, uint8_t *out)
{
	for (uint32_t i = 0; i < count; i++, raw += CD_RAW_SIZE, out += SECTOR_SIZE) {
		bool belongs = recording_track_at(&d->rec, lba + i) != 0;
		const uint8_t *data = NULL;

		if (!belongs || recording_mode_at(&d->rec, lba + i) != CD_AUDIO)
			data = is_unwritten(raw) ? zeros : cd_sector_user_data(raw);
		if (data == NULL)
			return JB_TRACK_MODE;
		memcpy(out, data, SECTOR_SIZE);
	}
	return JB_OK;
}

enum jb_err
disc_read_user_data(struct disc *d, uint32_t lba, uint32_t count, void *buf, bool may_block)
{
	uint8_t raw[CHUNK * CD_RAW_SIZE], *out = buf;
	enum jb_err err = JB_OK;

	while (err == JB_OK && count > 0) {
		uint32_t n = limit_to_chunk(count);

		err = read_image(d, lba, n, raw, may_block);
		if (err == JB_OK)
			err = take_user_data(d, lba, n, raw, out);
		lba += n;
		count -= n;
		out += (size_t)n * SECTOR_SIZE;
	}
	return err;
}

/* Reads whole sectors of a raw disc.  If a sector in a data track is all zeros, makes it a valid sector
 * with user data of zeros.  Returns the errors of read_image. */
static enum jb_err
read_stored_sectors(struct disc *d, uint32_t lba, uint32_t count, uint8_t *out, bool may_block)
{
	enum jb_err err = read_image(d, lba, count, out, may_block);

	for (uint32_t i = 0; err == JB_OK && i < count; i++, out += CD_RAW_SIZE) {
		enum cd_mode mode = recording_mode_at(&d->rec, lba + i);

		if (mode != CD_AUDIO && is_unwritten(out))
			make_sector(out, mode, lba + i, zeros);
	}
	return err;
}

/* Reads whole sectors of a disc that is not raw.  Makes each from its user data, its address and the mode
 * of its track.  Returns an error of image_read. */
static enum jb_err
read_made_sectors(struct disc *d, uint32_t lba, uint32_t count, uint8_t *out, bool may_block)
{
	uint8_t data[CHUNK * SECTOR_SIZE];
	enum jb_err err = JB_OK;

	while (err == JB_OK && count > 0) {
		uint32_t n = limit_to_chunk(count);

		err = image_read(d->image, data, (size_t)n * SECTOR_SIZE,
			(uint64_t)lba * SECTOR_SIZE, may_block);
		for (uint32_t i = 0; err == JB_OK && i < n; i++, out += CD_RAW_SIZE)
			make_sector(out, recording_mode_at(&d->rec, lba + i), lba + i,
				data + (size_t)i * SECTOR_SIZE);
		lba += n;
		count -= n;
	}
	return err;
}

enum jb_err
disc_read_raw(struct disc *d, uint32_t lba, uint32_t count, void *buf, bool may_block)
{
	enum jb_err err = recording_may_read(&d->rec, lba, count);

	if (err == JB_OK && d->rec.medium->family != MEDIUM_CD)
		err = JB_NOT_SUPPORTED;
	if (err == JB_OK)
		err = link_read_is_still(d);
	if (err != JB_OK)
		return err;
	return d->rec.raw ? read_stored_sectors(d, lba, count, buf, may_block)
			  : read_made_sectors(d, lba, count, buf, may_block);
}

/* ---- writing --------------------------------------------------------------------------------- */

enum jb_err
disc_write_user_data(struct disc *d, uint32_t lba, uint32_t place, uint32_t count, const void *data)
{
	uint8_t raw[CHUNK * CD_RAW_SIZE];
	const uint8_t *in = data;
	enum jb_err err = JB_OK;

	while (err == JB_OK && count > 0) {
		uint32_t n = limit_to_chunk(count);

		for (uint32_t i = 0; i < n; i++, in += SECTOR_SIZE)
			make_sector(raw + (size_t)i * CD_RAW_SIZE,
				recording_mode_at(&d->rec, lba + i), lba + i, in);
		err = image_write(
			d->image, raw, (size_t)n * CD_RAW_SIZE, (uint64_t)place * CD_RAW_SIZE);
		lba += n;
		place += n;
		count -= n;
	}
	return err;
}

/* ---- becoming raw ---------------------------------------------------------------------------- */

/* Writes the recorded sectors of the track, as whole sectors, to the new image `to`.  Reads them from the
 * disc, which is not raw yet.  Returns an error of image_read or image_write.  [blocks] */
static enum jb_err
convert_track(struct disc *d, const struct track *t, struct image *to)
{
	uint8_t raw[CHUNK * CD_RAW_SIZE];
	uint32_t lba = track_first(t), left = t->recorded;
	enum jb_err err = JB_OK;

	while (err == JB_OK && left > 0) {
		uint32_t n = limit_to_chunk(left);

		err = read_made_sectors(d, lba, n, raw, true);
		if (err == JB_OK)
			err = image_write(
				to, raw, (size_t)n * CD_RAW_SIZE, (uint64_t)lba * CD_RAW_SIZE);
		lba += n;
		left -= n;
	}
	return err;
}

/* Writes the sectors of all tracks of *rec, as whole sectors, to the new image; it is a disc_fill
 * (disc_change.h).  Returns the errors of convert_track.  [blocks] */
static enum jb_err
convert_all_tracks(struct disc *d, const struct recording *rec, struct image *to)
{
	enum jb_err err = JB_OK;

	for (unsigned i = 0; err == JB_OK && i < rec->ntracks; i++)
		err = convert_track(d, &rec->tracks[i], to);
	return err;
}

/* Makes the disc raw, durably.  If something is recorded, writes a converted image and replaces the old one
 * by it; otherwise only changes the recording.  Returns JB_NO_MEMORY, or the errors of disc_change or
 * disc_replace_image. */
static enum jb_err
convert_image(struct disc *d)
{
	struct recording rec = {0};
	enum jb_err err = recording_copy(&d->rec, &rec);

	if (err != JB_OK)
		return err;
	rec.raw = true;
	/* If nothing is recorded, the image is empty and stays. */
	err = recording_end(&rec) == 0 ? disc_change(d, &rec)
				       : disc_replace_image(d, &rec, convert_all_tracks);
	recording_fini(&rec);
	return err;
}

enum jb_err
disc_become_raw(struct disc *d)
{
	enum jb_err err;

	if (d->rec.raw)
		return JB_OK;
	if (d->rec.medium->family != MEDIUM_CD || d->rec.medium->writing == WRITES_ANYWHERE)
		return JB_NOT_SUPPORTED;
	err = convert_image(d);
	if (err == JB_OK)
		correct_name_schedule(d);
	return err;
}

enum jb_err
disc_make_raw(struct disc *d, struct recording *rec)
{
	enum jb_err err;

	if (rec->raw)
		return JB_OK;
	if (recording_end(rec) == 0 && rec->medium->family == MEDIUM_CD &&
		rec->medium->writing == WRITES_IN_ORDER) {
		rec->raw = true;
		return JB_OK;
	}
	err = disc_become_raw(d);
	if (err != JB_OK)
		return err;
	recording_fini(rec);
	return recording_copy(&d->rec, rec);
}
