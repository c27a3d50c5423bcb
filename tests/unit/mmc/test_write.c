/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The edges of writing: what is verified, formats that go on, and what a restart of the daemon finds
 * of it.
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

/* A DVD+RW whose format goes on keeps what it holds, also if fewer blocks are asked for. */
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_format_that_goes_on_keeps_the_disc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
