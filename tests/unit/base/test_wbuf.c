/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "changer/base/wbuf.h"

enum { WHOLE = 42 };

/* Appends one value of each kind: 1 + 2 + 3 + 4 + 8 + 3 + 5 + 6 + 4 + 6 bytes. */
static void
append_all(struct wbuf *w)
{
	wb_u8(w, 0x01);
	wb_be16(w, 0x0203);
	wb_be24(w, 0x040506);
	wb_be32(w, 0x0708090au);
	wb_be64(w, 0x0b0c0d0e0f101112ull);
	wb_zero(w, 3);
	wb_bytes(w, "bytes", 5);
	wb_pad_str(w, "pad", 6, ' ');
	wb_pad_str(w, "is too long", 4, ' ');
	wb_pad_str(w, "", 6, 0);
}

static const uint8_t whole[WHOLE] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18,
	0, 0, 0, 'b', 'y', 't', 'e', 's', 'p', 'a', 'd', ' ', ' ', ' ', 'i', 's', ' ', 't', 0, 0, 0,
	0, 0, 0};

static void
everything_is_appended(void **state)
{
	uint8_t b[WHOLE + 1];
	struct wbuf w;

	memset(b, 0xee, sizeof(b));
	wbuf_init(&w, b, sizeof(b));
	assert_int_equal(wbuf_stored(&w), 0);
	append_all(&w);
	assert_int_equal(w.len, WHOLE);
	assert_int_equal(wbuf_stored(&w), WHOLE);
	assert_memory_equal(b, whole, WHOLE);
	assert_int_equal(b[WHOLE], 0xee);
}

/* For every capacity: the buffer holds the same bytes up to it, nothing is written after it, and `len`
 * counts all bytes. */
static void
any_cut_keeps_the_count(void **state)
{
	for (size_t cap = 0; cap <= WHOLE; cap++) {
		uint8_t b[WHOLE + 8];
		struct wbuf w;

		memset(b, 0xee, sizeof(b));
		wbuf_init(&w, b, cap);
		append_all(&w);
		assert_int_equal(w.len, WHOLE);
		assert_int_equal(wbuf_stored(&w), cap);
		assert_memory_equal(b, whole, cap);
		for (size_t i = cap; i < sizeof(b); i++)
			assert_int_equal(b[i], 0xee);
	}
}

static void
without_a_buffer_it_counts(void **state)
{
	struct wbuf w;

	wbuf_init(&w, NULL, 0);
	append_all(&w);
	wb_patch_be32(&w, 0, 1);
	assert_int_equal(w.len, WHOLE);
	assert_int_equal(wbuf_stored(&w), 0);
}

static void
patches_overwrite_in_place(void **state)
{
	uint8_t b[12];
	struct wbuf w;

	wbuf_init(&w, b, sizeof(b));
	wb_zero(&w, sizeof(b));
	wb_patch_u8(&w, 0, 0x11);
	wb_patch_be16(&w, 1, 0x2233);
	wb_patch_be24(&w, 3, 0x445566);
	wb_patch_be32(&w, 6, 0x778899aau);
	assert_int_equal(w.len, sizeof(b));
	assert_memory_equal(b,
		((uint8_t[]){0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0, 0}),
		sizeof(b));
}

/* A length field that crosses the end of a cut reply is cut, too. */
static void
patches_are_cut_too(void **state)
{
	uint8_t b[8] = {0};
	struct wbuf w;

	wbuf_init(&w, b, 4);
	wb_zero(&w, 8);
	wb_patch_be32(&w, 2, 0x11223344u);
	wb_patch_be32(&w, 4, 0xffffffffu);
	wb_patch_u8(&w, 1000, 0xff);
	assert_memory_equal(b, ((uint8_t[]){0, 0, 0x11, 0x22, 0, 0, 0, 0}), sizeof(b));
	assert_int_equal(w.len, 8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_is_appended),
		cmocka_unit_test(any_cut_keeps_the_count),
		cmocka_unit_test(without_a_buffer_it_counts),
		cmocka_unit_test(patches_overwrite_in_place),
		cmocka_unit_test(patches_are_cut_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
