/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Helpers for the tests of raw discs: sectors that hold their own addresses, on discs in a drive and in
 * files. */
#ifndef TESTS_UNIT_MODEL_CD_H
#define TESTS_UNIT_MODEL_CD_H

#include "tests/unit/model/fixture.h"

#include "changer/cdsector.h"
#include "changer/inventory/model.h"
#include "tests/unit/sound.h"

enum { CD_STEP = 16 };

/* Two tracks of 20 sectors, with a pause of 20 between them; the rest of the BIN is the second one's. */
#define AUDIO_SHEET(name) \
	"CATALOG 4006381333931\n" \
	"TITLE \"All\"\n" \
	"FILE \"" name "\" BINARY\n" \
	"  TRACK 01 AUDIO\n" \
	"    TITLE \"One\"\n" \
	"    ISRC DEA471600001\n" \
	"    INDEX 01 00:00:00\n" \
	"  TRACK 02 AUDIO\n" \
	"    TITLE \"Two\"\n" \
	"    FLAGS DCP\n" \
	"    INDEX 00 00:00:20\n" \
	"    INDEX 01 00:00:40\n"

/* Waits until the robot's thread has done everything that was posted to it before. */
static void UNUSED_OK
await_robot(struct fixture *fx)
{
	struct strand *robot = jb_robot_strand(fx->jb);

	strand_enter(robot);
	strand_leave(robot);
}

static void UNUSED_OK
make_samples(uint8_t *raw, uint32_t lba, uint32_t count, unsigned seed)
{
	fill(raw, (size_t)count * CD_RAW_SIZE, (uint64_t)lba * CD_RAW_SIZE, seed);
}

static void UNUSED_OK
write_samples(struct disc *d, uint32_t lba, uint32_t count, unsigned seed)
{
	uint8_t raw[CD_STEP * CD_RAW_SIZE];

	assert_true(count <= CD_STEP);
	make_samples(raw, lba, count, seed);
	assert_ok(disc_write_raw(d, lba, count, raw));
}

static void UNUSED_OK
write_data(struct disc *d, uint32_t lba, uint32_t count, unsigned seed)
{
	uint8_t data[CD_STEP * SECTOR_SIZE];

	assert_true(count <= CD_STEP);
	fill(data, (size_t)count * SECTOR_SIZE, (uint64_t)lba * SECTOR_SIZE, seed);
	assert_ok(disc_write(d, lba, count, data));
}

static bool UNUSED_OK
holds_samples(struct disc *d, uint32_t lba, uint32_t count, unsigned seed)
{
	uint8_t is[CD_STEP * CD_RAW_SIZE], should[CD_STEP * CD_RAW_SIZE];

	make_samples(should, lba, count, seed);
	return disc_read_raw(d, lba, count, is, true) == JB_OK &&
	       memcmp(is, should, (size_t)count * CD_RAW_SIZE) == 0;
}

static bool UNUSED_OK
holds_data(struct disc *d, uint32_t lba, uint32_t count, unsigned seed)
{
	uint8_t is[CD_STEP * SECTOR_SIZE], should[CD_STEP * SECTOR_SIZE];

	fill(should, (size_t)count * SECTOR_SIZE, (uint64_t)lba * SECTOR_SIZE, seed);
	return disc_read(d, lba, count, is, true) == JB_OK &&
	       memcmp(is, should, (size_t)count * SECTOR_SIZE) == 0;
}

/* Copies a file (a sheet or a BIN) into an element as cp does. Returns the first error of write and close. */
static UNUSED_OK enum jb_err
put_file(struct fixture *fx, struct jb_elem e, const char *name, const void *data, size_t size)
{
	struct jb_file *f = create(fx, e, name);
	enum jb_err err = jb_file_write(f, data, size, 0);

	if (err == JB_OK)
		err = jb_file_flush(f, false);
	jb_file_release(f);
	return err;
}

static UNUSED_OK enum jb_err
put_text(struct fixture *fx, struct jb_elem e, const char *name, const char *text)
{
	return put_file(fx, e, name, text, strlen(text));
}

/* Copies a BIN of `count` sectors of samples into an element. */
static UNUSED_OK enum jb_err
put_samples(struct fixture *fx, struct jb_elem e, const char *name, uint32_t count, unsigned seed)
{
	uint8_t *raw = malloc((size_t)count * CD_RAW_SIZE);
	enum jb_err err;

	make_samples(raw, 0, count, seed);
	err = put_file(fx, e, name, raw, (size_t)count * CD_RAW_SIZE);
	free(raw);
	return err;
}

/* Returns the text of the sheet beside a disc, or NULL if there is none. The caller frees it. */
static UNUSED_OK char *
sheet_beside(struct fixture *fx, struct jb_elem e, const char *name)
{
	enum jb_beside which;
	char *text = NULL;
	struct jb_item item;
	size_t size;

	if (jb_beside_lookup(fx->jb, e, name, &item, &which) != JB_OK)
		return NULL;
	assert_ok(jb_beside_text(fx->jb, item.id, which, &text, &size));
	return text;
}

/* The disc of that element, in drive 0. */
static UNUSED_OK struct disc *
load(struct fixture *fx, struct jb_elem from)
{
	assert_ok(move_by_hand(fx->jb, from, drive(0), NULL));
	return hold(fx);
}

#endif
