/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Edge cases of writing: verify, formats that continue, and the state after a restart of the daemon.
 */
#include "tests/unit/mmc/drive.h"

static void
format(struct run *r, uint8_t type, uint32_t blocks, uint8_t parameter)
{
	uint8_t list[12] = {0, 0x02, 0, 8, 0, 0, 0, 0, (uint8_t)(type << 2), 0, 0, parameter};

	put_be32(list + 4, blocks);
	run_cdb(r, list, sizeof(list), 0x04, 0x11, 0, 0, 0, 0);
}

static void
assert_filled(struct run *r, uint32_t lba, uint32_t count)
{
	bay_read(r, lba, count);
	run_assert_good(r);
	assert_true(sectors_filled(r->data, lba, count));
}

/* A second format of a DVD+RW continues the first: the disc keeps its data, even if fewer blocks are asked
 * for. */
static void
a_format_that_goes_on_keeps_the_disc(void **state)
{
	static const uint32_t blocks[] = {16, 0, 0xffffffff, 2295104};
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	bay_insert(bay, "D.dvd+rw.iso", 0);
	run_clear_ua(r);
	format(r, 0x26, 0xffffffff, 0);
	run_assert_good(r);
	bay_write(r, 1000, 32);
	run_assert_good(r);
	for (unsigned i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		format(r, 0x26, blocks[i], 1);
		run_assert_good(r);
		assert_filled(r, 1000, 32);
		run_cdb(r, NULL, 0, 0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0);
		run_assert_good(r);
		assert_int_equal(get_be32(r->data), 2295103);
		bay_restart(bay);
		run_clear_ua(r);
		assert_filled(r, 1000, 32);
	}
}

/* With BYTCHK the drive compares the disc with the sent data. */
static void
verify_compares(void **state)
{
	static uint8_t data[40 * SECTOR];
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	bay_insert(bay, "D.dvd+r.iso", 0);
	run_clear_ua(r);
	fill_sectors(data, 0, 40);
	run_cdb(r, data, sizeof(data), 0x2e, 0x02, 0, 0, 0, 0, 0, 0, 40, 0);
	run_assert_good(r);
	assert_filled(r, 0, 40);
	run_cdb(r, data, sizeof(data), 0x2f, 0x02, 0, 0, 0, 0, 0, 0, 40, 0);
	run_assert_good(r);
	assert_int_equal(r->task.out_want, sizeof(data));
	/* Without BYTCHK no data is sent. */
	run_cdb(r, NULL, 0, 0x2f, 0, 0, 0, 0, 0, 0, 0, 40, 0);
	run_assert_good(r);
	assert_int_equal(r->task.out_want, 0);
	data[39 * SECTOR + 5] ^= 1;
	run_cdb(r, data, sizeof(data), 0x2f, 0x02, 0, 0, 0, 0, 0, 0, 40, 0);
	run_assert_sense(r, 0x0e, 0x1d, 0x00);
	assert_int_equal(r->sense[0], 0xf0);
	assert_int_equal(get_be32(r->sense + 3), 39);
	run_cdb(r, data, 39 * SECTOR, 0x2f, 0x02, 0, 0, 0, 0, 0, 0, 39, 0);
	run_assert_good(r);
	run_cdb(r, data, 39 * SECTOR, 0x2f, 0x02, 0, 0, 0, 0, 0, 0, 40, 0);
	run_assert_sense(r, 0x05, 0x24, 0x00);
	run_cdb(r, data, sizeof(data), 0x2f, 0x02, 0, 0, 1, 0, 0, 0, 40, 0);
	run_assert_sense(r, 0x05, 0x21, 0x00);
}

/* An address past the end is refused before anything is compared, and also if there is nothing to do. */
static void
past_the_end_comes_first(void **state)
{
	static uint8_t data[4 * SECTOR];
	struct bay *bay = *state;
	struct run *r = &bay->r[0];
	uint8_t past[4], at[4], before[4];
	uint32_t end;

	bay_insert(bay, "D.dvd-ram.iso", 0);
	run_clear_ua(r);
	run_cdb(r, NULL, 0, 0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	run_assert_good(r);
	end = get_be32(r->data) + 1;
	put_be32(past, end + 1);
	put_be32(at, end);
	put_be32(before, end - 2);
	/* The two sectors before the end have zeros: the data differs already in the first one. */
	memset(data, 0xff, sizeof(data));
	run_cdb(r, data, sizeof(data), 0x2f, 0x02, before[0], before[1], before[2], before[3], 0, 0,
		4, 0);
	run_assert_sense(r, 0x05, 0x21, 0x00);
	run_cdb(r, data, 2 * SECTOR, 0x2f, 0x02, before[0], before[1], before[2], before[3], 0, 0,
		2, 0);
	run_assert_sense(r, 0x0e, 0x1d, 0x00);
	for (unsigned i = 0; i < 3; i++) {
		static const uint8_t opcodes[] = {0x2a, 0x2e, 0x2f};

		run_cdb(r, NULL, 0, opcodes[i], 0, past[0], past[1], past[2], past[3], 0, 0, 0, 0);
		run_assert_sense(r, 0x05, 0x21, 0x00);
		run_cdb(r, NULL, 0, opcodes[i], 0, at[0], at[1], at[2], at[3], 0, 0, 0, 0);
		run_assert_good(r);
	}
}

/* A test write records nothing, so VERIFY has nothing to compare with. */
static void
a_test_is_not_verified(void **state)
{
	static uint8_t data[4 * SECTOR];
	uint8_t page[60] = {[8] = 0x05,
		[9] = 0x32,
		[10] = 0x10,
		[11] = 0xc5,
		[12] = 8,
		[21] = 0x10,
		[23] = 0x96};
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	bay_insert(bay, "D.dvd-r.iso", 0);
	run_clear_ua(r);
	run_cdb(r, page, sizeof(page), 0x55, 0x10, 0, 0, 0, 0, 0, 0, sizeof(page), 0);
	run_assert_good(r);
	run_cdb(r, data, sizeof(data), 0x2e, 0, 0, 0, 0, 0, 0, 0, 4, 0);
	run_assert_good(r);
	run_cdb(r, data, sizeof(data), 0x2e, 0, 0, 0, 0, 9, 0, 0, 4, 0);
	run_assert_sense(r, 0x05, 0x21, 0x02);
}

/* Two reserved tracks that are full but not closed can be read across their border. */
static void
full_reserved_tracks_are_read_across(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	bay_insert(bay, "D.dvd-r.iso", 0);
	run_clear_ua(r);
	for (unsigned i = 0; i < 2; i++) {
		run_cdb(r, NULL, 0, 0x53, 0, 0, 0, 0, 0, 0, 0, 32, 0);
		run_assert_good(r);
	}
	bay_write(r, 0, 32);
	run_assert_good(r);
	assert_filled(r, 0, 32);
	bay_write(r, 32, 16);
	run_assert_good(r);
	assert_filled(r, 16, 32);
	bay_read(r, 16, 33);
	run_assert_sense(r, 0x05, 0x21, 0x00);
}

/* CLOSE during a test write closes nothing, but makes earlier writes durable. */
static void
a_close_in_a_test_is_durable(void **state)
{
	uint8_t page[60] = {[8] = 0x05,
		[9] = 0x32,
		[10] = 0x10,
		[11] = 0xc5,
		[12] = 8,
		[21] = 0x10,
		[23] = 0x96};
	struct bay *bay = *state, copy = {.jb = NULL};
	struct run *r = &bay->r[0];
	char command[160];

	bay_insert(bay, "D.dvd-r.iso", 0);
	run_clear_ua(r);
	bay_write(r, 0, 32);
	run_assert_good(r);
	run_cdb(r, page, sizeof(page), 0x55, 0x10, 0, 0, 0, 0, 0, 0, sizeof(page), 0);
	run_assert_good(r);
	run_cdb(r, NULL, 0, 0x5b, 0, 1, 0, 0, 1, 0, 0, 0, 0);
	run_assert_good(r);
	/* A copy of the store that another daemon opens is what a crash would leave. */
	snprintf(copy.path, sizeof(copy.path), "%.40s.copy", bay->path);
	snprintf(command, sizeof(command), "cp -a %.50s %.50s", bay->path, copy.path);
	assert_int_equal(system(command), 0);
	bay_serve(&copy);
	run_clear_ua(&copy.r[0]);
	assert_filled(&copy.r[0], 0, 32);
	bay_stop(&copy);
	folder_remove(copy.path);
}

/* A request for more raw sectors than the drive assembles at once is an error in the CDB, not a drive
 * fault. */
static void
too_many_raw_sectors_are_refused(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	bay_insert(bay, "CD.iso", 300000);
	run_clear_ua(r);
	run_cdb(r, NULL, 0, 0xbe, 0, 0, 0, 0, 0, 0x04, 0, 0, 0xf8, 0, 0);
	run_assert_sense(r, 0x05, 0x24, 0x00);
	run_cdb(r, NULL, 0, 0xbe, 0, 0, 0, 0, 0, 0x0f, 0, 0, 0xf8, 0, 0);
	run_assert_sense(r, 0x05, 0x21, 0x00);
	run_cdb(r, NULL, 0, 0xbe, 0, 0, 0, 0, 0, 0, 0, 1, 0xf8, 0, 0);
	run_assert_good(r);
	assert_int_equal(r->len, 2352);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_format_that_goes_on_keeps_the_disc),
		TEST(verify_compares),
		TEST(past_the_end_comes_first),
		TEST(a_test_is_not_verified),
		TEST(full_reserved_tracks_are_read_across),
		TEST(a_close_in_a_test_is_durable),
		TEST(too_many_raw_sectors_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
