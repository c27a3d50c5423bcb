/* SPDX-License-Identifier: GPL-2.0-or-later */
/* LOG SENSE of the changer. */
#include "tests/unit/smc/library.h"

static void
sense(struct run *r, uint8_t page, uint16_t pointer, uint16_t allocation)
{
	run_cdb(r, NULL, 0, 0x4d, 0, page, 0, 0, (uint8_t)(pointer >> 8), (uint8_t)pointer,
		(uint8_t)(allocation >> 8), (uint8_t)allocation, 0);
}

static void
lists_its_pages(void **state)
{
	struct library *lib = *state;

	sense(&lib->r, 0x40, 0, 255);
	run_assert_good(&lib->r);
	assert_int_equal(lib->r.len, 6);
	assert_memory_equal(lib->r.data, "\0\0\0\x02\0\x2e", 6);
}

static void
has_every_flag(void **state)
{
	struct library *lib = *state;
	struct run *r = &lib->r;

	sense(r, 0x6e, 0, 0x1000);
	run_assert_good(r);
	run_assert_golden(r, "tests/golden/smc_log_tapealert.hex");
	sense(r, 0x6e, 0, 4); /* cut, with its full length */
	assert_int_equal(r->len, 4);
	assert_int_equal(get_be16(r->data + 2), 0x140);
	sense(r, 0x6e, 64, 255); /* from a parameter on */
	assert_int_equal(r->len, 4 + 5);
	assert_int_equal(get_be16(r->data + 4), 64);
}

static void
refuses_the_rest(void **state)
{
	struct library *lib = *state;
	struct run *r = &lib->r;

	sense(r, 0x6e, 65, 255);
	run_assert_sense(r, 5, 0x24, 0);
	sense(r, 0x4d, 0, 255);
	run_assert_sense(r, 5, 0x24, 0);
	run_cdb(r, NULL, 0, 0x4d, 1, 0x6e, 0, 0, 0, 0, 0, 255, 0);
	run_assert_sense(r, 5, 0x24, 0);
	run_cdb(r, NULL, 0, 0x4d, 0, 0x6e, 0xff, 0, 0, 0, 0, 255, 0);
	run_assert_sense(r, 5, 0x24, 0);
	run_cdb(r, NULL, 0, 0x4c, 2, 0x6e, 0, 0, 0, 0, 0, 0, 0); /* LOG SELECT */
	run_assert_sense(r, 5, 0x20, 0);
}

/* A crash in the middle of an exchange has left a disc in the picker. */
static void
tells_of_a_stray_disc(void **state)
{
	const struct jb_layout layout = {.slots = 4, .mailslots = 2, .drives = 2};
	struct library *lib = *state;
	char from[128], to[128], why[256] = "";

	library_insert(lib, JB_SLOT, 1, "X.iso");
	run_end(&lib->r);
	scsi_nexus_free(lib->nexus);
	scsi_device_free(lib->device);
	smc_free(lib->changer);
	jb_close(lib->jb);
	snprintf(from, sizeof(from), "%s/slots/1/X.iso", lib->path);
	snprintf(to, sizeof(to), "%s/transport/0/X.iso", lib->path);
	assert_int_equal(rename(from, to), 0);
	assert_int_equal(jb_open(lib->path, &layout, &lib->jb, why, sizeof(why)), JB_OK);
	lib->device = scsi_device_new();
	lib->changer = smc_new(lib->jb, 0, library_drive_lu, lib);
	scsi_device_add(lib->device, lib->changer);
	lib->nexus = run_nexus(lib->device, "iqn.2026-01.test:host");
	run_begin(&lib->r, lib->nexus, 0);
	run_clear_ua(&lib->r);
	for (unsigned twice = 0; twice < 2; twice++) { /* a state: it stays */
		sense(&lib->r, 0x6e, 0x0c, 0x1000);
		assert_int_equal(get_be16(lib->r.data + 4), 0x0c);
		assert_int_equal(lib->r.data[8], 1);
		assert_int_equal(lib->r.data[13], 0);
	}
	sense(&lib->r, 0xee, 0x0c, 0x1000); /* default values */
	assert_int_equal(lib->r.data[8], 0);
	library_move(lib, JB_PICKER, 0, JB_SLOT, 2);
	sense(&lib->r, 0x6e, 0x0c, 0x1000);
	assert_int_equal(lib->r.data[8], 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lists_its_pages),
		TEST(has_every_flag),
		TEST(refuses_the_rest),
		TEST(tells_of_a_stray_disc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
