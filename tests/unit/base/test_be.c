/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "changer/base/be.h"

static const uint8_t bytes[] = {0x00, 0xf1, 0xe2, 0xd3, 0xc4, 0xb5, 0xa6, 0x97, 0x88, 0x00};

/* Reads at an even and at an odd address: alignment must not matter. */
static void
numbers_are_read(void **state)
{
	assert_int_equal(get_be16(bytes + 1), 0xf1e2);
	assert_int_equal(get_be24(bytes + 1), 0xf1e2d3);
	assert_true(get_be32(bytes + 1) == 0xf1e2d3c4u);
	assert_true(get_be64(bytes + 1) == 0xf1e2d3c4b5a69788ull);
	assert_int_equal(get_be16(bytes), 0x00f1);
	assert_true(get_be64(bytes) == 0x00f1e2d3c4b5a697ull);
}

static void
numbers_are_written_and_nothing_beside(void **state)
{
	uint8_t b[10];

	memset(b, 0, sizeof(b));
	put_be16(b + 1, 0xf1e2);
	assert_memory_equal(b, ((uint8_t[]){0, 0xf1, 0xe2, 0, 0, 0, 0, 0, 0, 0}), sizeof(b));
	put_be24(b + 1, 0xf1e2d3);
	assert_memory_equal(b, ((uint8_t[]){0, 0xf1, 0xe2, 0xd3, 0, 0, 0, 0, 0, 0}), sizeof(b));
	put_be32(b + 1, 0xf1e2d3c4u);
	assert_memory_equal(b, ((uint8_t[]){0, 0xf1, 0xe2, 0xd3, 0xc4, 0, 0, 0, 0, 0}), sizeof(b));
	put_be64(b + 1, 0xf1e2d3c4b5a69788ull);
	assert_memory_equal(b, bytes, sizeof(b));
}

static void
only_24_bits_are_written(void **state)
{
	uint8_t b[4] = {0};

	put_be24(b, 0xffabcdefu);
	assert_memory_equal(b, ((uint8_t[]){0xab, 0xcd, 0xef, 0}), sizeof(b));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_read),
		cmocka_unit_test(numbers_are_written_and_nothing_beside),
		cmocka_unit_test(only_24_bits_are_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
