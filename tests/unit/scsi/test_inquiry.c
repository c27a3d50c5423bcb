/* SPDX-License-Identifier: GPL-2.0-or-later */
/* INQUIRY: standard data and vital product data, byte for byte. */
#include "tests/unit/scsi/dummy.h"

static void
gives_standard_data(void **state)
{
	struct fixture *f = *state;

	run_cdb(&f->a, NULL, 0, 0x12, 0x60, 0, 1, 0, 0); /* with a SCSI-2 LUN field */
	run_assert_good(&f->a);
	run_assert_golden(&f->a, "tests/golden/scsi_inquiry_standard.hex");
}

static void
gives_product_data(void **state)
{
	static const struct {
		uint8_t page;
		const char *path;
	} rows[] = {
		{0x00, "tests/golden/scsi_inquiry_vpd00.hex"},
		{0x80, "tests/golden/scsi_inquiry_vpd80.hex"},
		{0x83, "tests/golden/scsi_inquiry_vpd83.hex"},
	};
	struct fixture *f = *state;

	for (unsigned i = 0; i < 3; i++) {
		run_cdb(&f->a, NULL, 0, 0x12, 1, rows[i].page, 1, 0, 0);
		run_assert_good(&f->a);
		run_assert_golden(&f->a, rows[i].path);
	}
}

/* Any allocation length gives the beginning of the same data (SPC-4 4.2.5.6). */
static void
cuts_to_the_allocation_length(void **state)
{
	static const uint8_t pages[][2] = {{0, 0}, {1, 0x00}, {1, 0x80}, {1, 0x83}};
	struct fixture *f = *state;
	uint8_t whole[256];
	size_t len;

	for (unsigned p = 0; p < 4; p++) {
		run_cdb(&f->a, NULL, 0, 0x12, pages[p][0], pages[p][1], 1, 0, 0);
		len = f->a.len;
		memcpy(whole, f->a.data, len);
		for (uint8_t n = 0; n < 128; n++) {
			run_cdb(&f->a, NULL, 0, 0x12, pages[p][0], pages[p][1], 0, n, 0);
			run_assert_good(&f->a);
			assert_int_equal(f->a.len, n < len ? n : len);
			assert_memory_equal(f->a.data, whole, f->a.len);
		}
	}
}

static void
refuses_pages_that_do_not_exist(void **state)
{
	static const uint8_t rows[][3] = {{0x02, 0x00, 1}, {0x00, 0x80, 2}, {0x01, 0xb1, 2}};
	struct fixture *f = *state;

	for (unsigned i = 0; i < 3; i++) {
		run_cdb(&f->a, NULL, 0, 0x12, rows[i][0], rows[i][1], 0, 255, 0);
		run_assert_sense(&f->a, 5, 0x24, 0);
		assert_int_equal(f->a.sense[15], 0xc0);
		assert_int_equal(f->a.sense[17], rows[i][2]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(gives_standard_data),
		TEST(gives_product_data),
		TEST(cuts_to_the_allocation_length),
		TEST(refuses_pages_that_do_not_exist),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
