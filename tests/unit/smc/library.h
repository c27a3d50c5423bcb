/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A jukebox in its own folder with a changer at LUN 0, over the real model: 4 slots, 2 mail slots and 2
 * drives at the default addresses. The drives' logical units have an identity but no commands. Drive 0 has
 * LUN 1, drive 1 has LUN 9.
 */
#ifndef TESTS_UNIT_SMC_LIBRARY_H
#define TESTS_UNIT_SMC_LIBRARY_H

#include "changer/base/be.h"
#include "changer/base/log.h"
#include "changer/scsi/spc.h"
#include "changer/smc/smc.h"
#include "tests/unit/by_hand.h"
#include "tests/unit/folder.h"
#include "tests/unit/scsi_run.h"

struct library {
	char path[64];
	struct jukebox *jb;
	struct scsi_device *device;
	struct scsi_lu *changer, drive[2];
	struct scsi_nexus *nexus;
	struct run r;
};

static inline void
library_drive_identity(struct scsi_lu *lu, struct scsi_identity *out)
{
	static const struct scsi_identity first = {
		.vendor = "ACME", .product = "DRIVE", .serial = "D-1"};
	static const struct scsi_identity second = {
		.vendor = "ACME", .product = "DRIVE", .serial = "D-22"};

	*out = lu->lun == 1 ? first : second;
}

static const struct scsi_lu_type library_drive_type = {
	.type = SCSI_TYPE_MMC,
	.identity = library_drive_identity,
};

static inline struct scsi_lu *
library_drive_lu(void *arg, unsigned drive)
{
	struct library *lib = arg;

	return drive < 2 ? &lib->drive[drive] : NULL;
}

static inline struct library *
library_open(unsigned slots, unsigned mailslots, unsigned drives)
{
	struct library *lib = calloc(1, sizeof(*lib));
	const struct jb_layout layout = {.slots = slots, .mailslots = mailslots, .drives = drives};
	char why[256] = "";

	assert_non_null(lib);
	log_level = LOG_LEVEL_ERR;
	assert_int_equal(folder_make(lib->path, sizeof(lib->path)), 0);
	if (jb_open(lib->path, &layout, &lib->jb, why, sizeof(why)) != JB_OK)
		fail_msg("jb_open: %s", why);
	lib->device = scsi_device_new();
	lib->changer = smc_new(lib->jb, 0, library_drive_lu, lib);
	scsi_device_add(lib->device, lib->changer);
	lu_init(&lib->drive[0], &library_drive_type, 1, jb_robot_strand(lib->jb), NULL);
	lu_init(&lib->drive[1], &library_drive_type, 9, jb_robot_strand(lib->jb), NULL);
	lib->nexus = run_nexus(lib->device, "iqn.2026-01.test:host");
	run_begin(&lib->r, lib->nexus, 0);
	run_clear_ua(&lib->r);
	return lib;
}

static inline void
library_close(struct library *lib)
{
	run_end(&lib->r);
	scsi_nexus_free(lib->nexus);
	scsi_device_free(lib->device);
	smc_free(lib->changer);
	jb_close(lib->jb);
	folder_remove(lib->path);
	free(lib);
}

static inline int
library_setup(void **state)
{
	*state = library_open(4, 2, 2);
	return 0;
}

static inline int
library_teardown(void **state)
{
	library_close(*state);
	return 0;
}

/* Inserts a blank disc at the mount. The changer's unit attention for it stays pending. */
static inline void
library_hand_insert(struct library *lib, enum jb_elem_type type, unsigned number, const char *name)
{
	struct jb_elem e = {type, number};
	struct jb_file *f;
	struct jb_item item;

	assert_int_equal(
		jb_file_create(lib->jb, e, name, 0644, getuid(), getgid(), &f, &item), JB_OK);
	assert_int_equal(jb_file_flush(f, false), JB_OK);
	jb_file_release(f);
}

/* Inserts a blank disc and clears the unit attention. */
static inline void
library_insert(struct library *lib, enum jb_elem_type type, unsigned number, const char *name)
{
	library_hand_insert(lib, type, number, name);
	run_clear_ua(&lib->r);
}

static inline void
library_move(struct library *lib, enum jb_elem_type from, unsigned from_number,
	enum jb_elem_type to, unsigned to_number)
{
	struct jb_elem a = {from, from_number}, b = {to, to_number};

	assert_int_equal(move_by_hand(lib->jb, a, b, NULL), JB_OK);
	run_clear_ua(&lib->r);
}

/* Returns the label of the disc in an element, or "" if the element is empty. */
static inline const char *
library_label(struct library *lib, enum jb_elem_type type, unsigned number)
{
	static struct jb_elem_status status;
	struct jb_elem e = {type, number};

	assert_int_equal(jb_elem_status(lib->jb, e, &status), JB_OK);
	return status.full ? status.label : "";
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, library_setup, library_teardown)

#endif
