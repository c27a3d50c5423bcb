/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the size that an image should have from its volume descriptors: ISO 9660 (ECMA-119) or UDF
 * (ECMA-167).  So an image of which the end is missing can be found. */
#include <string.h>

#include "changer/base/log.h"
#include "changer/disc/volume_size.h"
#include "changer/inventory/finding.h"
#include "changer/inventory/model.h"

enum {
	VOLUME_SECTOR = 16, /* ECMA-119 6.7.1: where the volume descriptors begin */
	SPACE_SIZE = 80,    /* ECMA-119 8.4.8: both byte orders, the little-endian one first */
	BLOCK_SIZE = 128,   /* ECMA-119 8.4.12: both byte orders, as SPACE_SIZE */

	ANCHOR_SECTOR = 256, /* UDF 2.2.3: the anchor volume descriptor pointer */
	/* Tag identifiers, ECMA-167 3/7.2.1. */
	TAG_ANCHOR = 2,
	TAG_PARTITION = 5,
	TAG_TERMINATING = 8,
	/* in an anchor, ECMA-167 3/10.2: length and start of the main sequence */
	SEQUENCE_LENGTH = 16,
	SEQUENCE_START = 20,
	ACCESS_TYPE = 184, /* in a partition descriptor, ECMA-167 3/10.5 */
	PARTITION_START = 188,
	PARTITION_LENGTH = 192,
	ACCESS_READ_ONLY = 1,
	SEQUENCE_MAX = 32, /* looks at this many descriptors at most */
};

/* Returns the 16-bit number at p, whose first byte is the lowest one. */
static uint32_t
get_le16(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8;
}

/* Returns the 32-bit number at p, whose first byte is the lowest one. */
static uint32_t
get_le32(const uint8_t *p)
{
	return get_le16(p) | get_le16(p + 2) << 16;
}

/* The image whose volume is read. */
struct source {
	const struct image *image; /* borrowed */
	bool raw;		   /* true: sectors of 2352 bytes */
};

/* Reads the user data of a sector.  Returns true; the data is zeros if the sector is past the image's end,
 * or is a raw sector without user data.  Zeros are no descriptor.  Returns false if the image cannot be
 * read. */
static bool
read_sector(const struct source *from, uint64_t sector, uint8_t buf[SECTOR_SIZE])
{
	uint8_t whole[CD_RAW_SIZE];
	const uint8_t *data;

	if (!from->raw)
		return image_read(from->image, buf, SECTOR_SIZE, sector * SECTOR_SIZE, true) ==
		       JB_OK;
	if (image_read(from->image, whole, sizeof(whole), sector * CD_RAW_SIZE, true) != JB_OK)
		return false;
	data = cd_sector_user_data(whole);
	if (data == NULL)
		memset(buf, 0, SECTOR_SIZE);
	else
		memcpy(buf, data, SECTOR_SIZE);
	return true;
}

/* Returns the size of the ISO 9660 volume in bytes; 0 if there is none, or the image cannot be read. */
static uint64_t
iso_size(const struct source *from)
{
	uint8_t sector[SECTOR_SIZE];

	/* ECMA-119 8.4: type 1, "CD001". */
	if (!read_sector(from, VOLUME_SECTOR, sector) || memcmp(sector, "\001CD001", 6) != 0)
		return 0;
	return (uint64_t)get_le32(sector + SPACE_SIZE) * get_le16(sector + BLOCK_SIZE);
}

/* Returns true if the sector is a UDF descriptor with that tag identifier and a correct checksum.  The
 * checksum is the sum of the tag's 16 bytes but itself (ECMA-167 3/7.2). */
static bool
is_tagged(const uint8_t *sector, unsigned tag)
{
	uint8_t sum = 0;

	for (unsigned i = 0; i < 16; i++)
		sum = (uint8_t)(sum + (i == 4 ? 0 : sector[i]));
	return get_le16(sector) == tag && sum == sector[4];
}

/* Returns the end of the UDF volume in bytes; 0 if there is none or the image cannot be read.  Counts
 * read-only partitions only, because on a medium that is written in pieces, the partition is as large as
 * the medium from the start.  Looks at SEQUENCE_MAX descriptors at most. */
static uint64_t
udf_size(const struct source *from)
{
	uint8_t sector[SECTOR_SIZE];
	uint32_t start, count;
	uint64_t size = 0, end;

	if (!read_sector(from, ANCHOR_SECTOR, sector) || !is_tagged(sector, TAG_ANCHOR))
		return 0;
	count = get_le32(sector + SEQUENCE_LENGTH) / SECTOR_SIZE;
	start = get_le32(sector + SEQUENCE_START);
	for (uint32_t i = 0; i < count && i < SEQUENCE_MAX; i++) {
		if (!read_sector(from, (uint64_t)start + i, sector) ||
			is_tagged(sector, TAG_TERMINATING))
			break;
		if (!is_tagged(sector, TAG_PARTITION) ||
			get_le32(sector + ACCESS_TYPE) != ACCESS_READ_ONLY)
			continue;
		end = ((uint64_t)get_le32(sector + PARTITION_START) +
			      get_le32(sector + PARTITION_LENGTH)) *
		      SECTOR_SIZE;
		size = end > size ? end : size;
	}
	return size;
}

bool
volume_size_is_longer(const struct image *image, bool raw, uint64_t size)
{
	const struct source from = {image, raw};
	uint64_t data = raw ? size / CD_RAW_SIZE * SECTOR_SIZE : size;

	return iso_size(&from) > data || udf_size(&from) > data;
}

bool
volume_size_is_there(const struct image *image)
{
	const struct source from = {image, false};

	return iso_size(&from) > 0 || udf_size(&from) > 0;
}

/* Returns true if a part of the image is missing: it has `bytes` bytes, and the description counts
 * `described` sectors.  Usually that is so if the image has fewer sectors.  But a user may have replaced
 * the image of a final disc that is not raw and has one track.  There the image is cut if its volume is
 * larger than the image, or if it has fewer sectors and no volume.  Returns false if the image cannot be
 * opened. */
static bool
is_cut(struct item *it, uint64_t described, uint64_t bytes)
{
	const struct recording *rec = &it->disc.rec;
	struct image *image;
	bool cut;

	if (!rec->final || rec->ntracks != 1 || rec->raw)
		return recording_sectors(rec, bytes) < described;
	if (item_open_image(it, &image) != JB_OK)
		return false;
	cut = volume_size_is_longer(image, false, bytes) ||
	      (recording_sectors(rec, bytes) < described && !volume_size_is_there(image));
	image_put(image);
	return cut;
}

void
volume_size_notice(struct item *it, uint64_t described, uint64_t bytes)
{
	char where[STORE_PATH_MAX];

	if (it->kind != JB_ITEM_DISC || recording_sectors(&it->disc.rec, bytes) == described)
		return;
	it->truncated = is_cut(it, described, bytes);
	if (!it->truncated)
		return;
	finding_report(it->jb, item_path(it, where), NULL, "%s", jb_err_text(JB_TRUNCATED));
	event_error(it, JB_TRUNCATED, NULL);
}
