/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A jukebox in its own folder with one drive at LUN 1, over the real model, and discs for it. The drive's
 * identity is fixed, so that replies can be compared byte by byte.
 */
#ifndef TESTS_UNIT_MMC_DRIVE_H
#define TESTS_UNIT_MMC_DRIVE_H

#include "changer/base/be.h"
#include "changer/base/log.h"
#include "target/mmc/mmc.h"
#include "tests/unit/by_hand.h"
#include "tests/unit/folder.h"
#include "tests/unit/scsi_run.h"

enum { NEXUSES = 3, SECTOR = 2048 };

struct bay {
	char path[64];
	struct jukebox *jb;
	struct scsi_device *device;
	struct scsi_lu *lu;
	struct drive *drive;
	struct scsi_nexus *nexus[NEXUSES];
	struct run r[NEXUSES];
	char disc[64]; /* name of the disc in the drive, or "" */
};

static inline void
bay_set(struct bay *bay, enum jb_setting setting, const char *value)
{
	assert_int_equal(jb_setting_set(bay->jb, setting, 0, value), JB_OK);
}

static inline void
bay_serve(struct bay *bay)
{
	char why[256] = "";
	const struct jb_layout layout = {.slots = 2, .drives = 1};

	if (jb_open(bay->path, &layout, &bay->jb, why, sizeof(why)) != JB_OK)
		fail_msg("jb_open: %s", why);
	bay->drive = jb_drive(bay->jb, 0);
	bay->device = scsi_device_new();
	bay->lu = mmc_new(bay->drive, 1);
	scsi_device_add(bay->device, bay->lu);
	for (unsigned i = 0; i < NEXUSES; i++) {
		bay->nexus[i] = run_nexus(bay->device, "iqn.2026-01.test:host");
		run_begin(&bay->r[i], bay->nexus[i], 1);
	}
}

static inline void
bay_stop(struct bay *bay)
{
	for (unsigned i = 0; i < NEXUSES; i++) {
		run_end(&bay->r[i]);
		scsi_nexus_free(bay->nexus[i]);
	}
	scsi_device_free(bay->device);
	mmc_free(bay->lu);
	jb_close(bay->jb);
}

static inline struct bay *
bay_open(void)
{
	struct bay *bay = calloc(1, sizeof(*bay));

	assert_non_null(bay);
	log_level = LOG_LEVEL_ERR;
	assert_int_equal(folder_make(bay->path, sizeof(bay->path)), 0);
	bay_serve(bay);
	bay_set(bay, JB_SET_DRIVE_VENDOR, "JUKEBOXD");
	bay_set(bay, JB_SET_DRIVE_PRODUCT, "BD/DVD BURNER");
	bay_set(bay, JB_SET_DRIVE_REVISION, "1");
	bay_set(bay, JB_SET_DRIVE_SERIAL, "0123456789");
	return bay;
}

/* Stops the jukebox and opens its store again, as a restart of the daemon does. */
static inline void
bay_restart(struct bay *bay)
{
	bay_stop(bay);
	bay_serve(bay);
}

static inline void
bay_close(struct bay *bay)
{
	bay_stop(bay);
	folder_remove(bay->path);
	free(bay);
}

static inline int
bay_setup(void **state)
{
	*state = bay_open();
	return 0;
}

static inline int
bay_teardown(void **state)
{
	bay_close(*state);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bay_setup, bay_teardown)

static const struct jb_elem bay_element = {JB_DRIVE, 0};

/* Fills sectors: each 8 bytes are the address of the sector and a counter, so a sector at a wrong address
 * shows. */
static inline void
fill_sectors(uint8_t *buf, uint32_t lba, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		for (unsigned n = 0; n < SECTOR / 8; n++) {
			put_be32(buf + (size_t)i * SECTOR + n * 8, lba + i);
			put_be32(buf + (size_t)i * SECTOR + n * 8 + 4, n);
		}
	}
}

static inline bool
sectors_filled(const uint8_t *buf, uint32_t lba, uint32_t count)
{
	uint8_t want[SECTOR];

	for (uint32_t i = 0; i < count; i++) {
		fill_sectors(want, lba + i, 1);
		if (memcmp(buf + (size_t)i * SECTOR, want, SECTOR) != 0)
			return false;
	}
	return true;
}

/* Puts a disc into the drive at the mount: a blank if `sectors` is 0, else an image of that many sectors.
 * The first 64 sectors of an image are filled, the rest is a hole. */
static inline void
bay_insert(struct bay *bay, const char *name, uint32_t sectors)
{
	enum { FILLED = 64 };
	static uint8_t data[FILLED * SECTOR];
	uint32_t n = sectors < FILLED ? sectors : FILLED;
	struct jb_file *f;
	struct jb_item item;

	fill_sectors(data, 0, n);
	assert_int_equal(
		jb_file_create(bay->jb, bay_element, name, 0644, getuid(), getgid(), &f, &item),
		JB_OK);
	if (sectors > 0) {
		assert_int_equal(jb_file_write(f, data, (size_t)n * SECTOR, 0), JB_OK);
		assert_int_equal(
			jb_file_truncate(bay->jb, item.id, (uint64_t)sectors * SECTOR), JB_OK);
	}
	assert_int_equal(jb_file_flush(f, false), JB_OK);
	jb_file_release(f);
	snprintf(bay->disc, sizeof(bay->disc), "%s", name);
}

/* Puts a blank whose capacity is that many sectors into the drive. */
static inline void
bay_insert_sized(struct bay *bay, const char *name, uint32_t sectors)
{
	const struct jb_elem slot = {JB_SLOT, 1};
	struct jb_file *f;
	struct jb_item item;
	char size[32];

	assert_int_equal(
		jb_file_create(bay->jb, slot, name, 0644, getuid(), getgid(), &f, &item), JB_OK);
	assert_int_equal(jb_file_flush(f, false), JB_OK);
	jb_file_release(f);
	snprintf(size, sizeof(size), "%llu", (unsigned long long)sectors * SECTOR);
	assert_int_equal(jb_item_set_capacity(bay->jb, item.id, size), JB_OK);
	assert_int_equal(move_by_hand(bay->jb, slot, bay_element, NULL), JB_OK);
	snprintf(bay->disc, sizeof(bay->disc), "%s", name);
}

static inline enum jb_err
bay_remove(struct bay *bay)
{
	return jb_item_remove(bay->jb, bay_element, bay->disc);
}

/* Sends WRITE(10) with filled sectors. */
static inline void
bay_write(struct run *r, uint32_t lba, uint32_t count)
{
	static uint8_t data[64 * SECTOR];
	uint8_t cdb[10] = {0x2a};

	assert_in_range(count, 0, 64);
	fill_sectors(data, lba, count);
	put_be32(cdb + 2, lba);
	put_be16(cdb + 7, (uint16_t)count);
	run_bytes(r, cdb, sizeof(cdb), data, (size_t)count * SECTOR);
}

static inline void
bay_read(struct run *r, uint32_t lba, uint32_t count)
{
	uint8_t cdb[10] = {0x28};

	put_be32(cdb + 2, lba);
	put_be16(cdb + 7, (uint16_t)count);
	run_bytes(r, cdb, sizeof(cdb), NULL, 0);
}

#endif
