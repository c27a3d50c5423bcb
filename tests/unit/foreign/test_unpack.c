/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that are packed by gzip, xz and zstd.
 */
#include "tests/unit/foreign/box.h"

#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

enum { SIZE = 700000 };

static struct box box;
static uint8_t plain[SIZE], packed[SIZE + 10000];

static int
setup(void **state)
{
	uint32_t n = 1;

	(void)state;
	for (size_t i = 0; i < SIZE; i++) {
		n = n * 1103515245 + 12345;
		plain[i] = i % 3 != 0 ? (uint8_t)(n >> 28) : 0;
	}
	return 0;
}

static int
empty(void **state)
{
	(void)state;
	box_empty(&box);
	return 0;
}

/* These pack size bytes at `from` into `packed`, from byte `at` on.  They return where that ends. */
static size_t
gzip(const uint8_t *from, size_t size, size_t at)
{
	z_stream z = {.avail_in = (uInt)size};

	z.next_in = (Bytef *)(uintptr_t)from;
	z.next_out = packed + at;
	z.avail_out = (uInt)(sizeof(packed) - at);
	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return sizeof(packed) - z.avail_out;
}

static size_t
xz(const uint8_t *from, size_t size, size_t at)
{
	assert_int_equal(lzma_easy_buffer_encode(0, LZMA_CHECK_CRC32, NULL, from, size, packed, &at,
				 sizeof(packed)),
		LZMA_OK);
	return at;
}

static size_t
zstd(const uint8_t *from, size_t size, size_t at)
{
	size_t n = ZSTD_compress(packed + at, sizeof(packed) - at, from, size, 1);

	assert_false(ZSTD_isError(n));
	return at + n;
}

static const struct {
	const char *name;
	size_t (*pack)(const uint8_t *from, size_t size, size_t at);
} rows[] = {{"x.iso.gz", gzip}, {"x.iso.XZ", xz}, {"x.iso.zst", zstd}};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static void
unpacks(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ROWS; i++) {
		size_t n = rows[i].pack(plain, SIZE, 0);

		box_empty(&box);
		box_put(&box, rows[i].name, packed, n);
		assert_kind(&box, JB_IMPORT_UNPACKED);
		assert_string_equal(box.result.stem, "x.iso");
		assert_int_equal(box.result.bytes, SIZE);
		assert_int_equal(box.size, SIZE);
		assert_memory_equal(box.image, plain, SIZE);
		assert_true(box.files[0].used);
	}
}

static void
unpacks_several_members(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ROWS; i++) {
		size_t n = rows[i].pack(plain, 1000, 0);

		n = rows[i].pack(plain + 1000, 5000, n);
		n = rows[i].pack(plain, 0, n);
		box_empty(&box);
		box_put(&box, rows[i].name, packed, n);
		assert_kind(&box, JB_IMPORT_UNPACKED);
		assert_int_equal(box.size, 6000);
		assert_memory_equal(box.image, plain, 6000);
	}
}

/* Imports the first n bytes of `packed`, and returns true if that is refused. */
static bool
refused(const char *name, size_t n)
{
	box_empty(&box);
	box_put(&box, name, packed, n);
	return box_import(&box) == JB_IMPORT_REFUSED || box.result.kind == JB_IMPORT_REFUSED;
}

/* gzip(1) ignores them too. */
static void
zeros_behind_gzip_are_ignored(void **state)
{
	size_t n = gzip(plain, 1000, 0);

	(void)state;
	memset(packed + n, 0, 300000);
	box_put(&box, "x.iso.gz", packed, n + 300000);
	assert_kind(&box, JB_IMPORT_UNPACKED);
	assert_int_equal(box.size, 1000);
	assert_memory_equal(box.image, plain, 1000);
	packed[n + 299999] = 'x';
	assert_true(refused("x.iso.gz", n + 300000));
}

static void
refuses_what_is_cut_or_damaged(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ROWS; i++) {
		size_t n = rows[i].pack(plain, 400, 0);

		for (size_t cut = 0; cut < n; cut++)
			if (!refused(rows[i].name, cut))
				fail_msg("%s is taken with %zu of %zu bytes", rows[i].name, cut, n);
		memset(packed + n, 'x', 30);
		assert_true(refused(rows[i].name, n + 30));
		/* One byte is wrong: it must not crash, and only gzip's name and time may be so. */
		for (size_t at = 0; at < n; at++) {
			packed[at] ^= 0x55;
			refused(rows[i].name, n);
			packed[at] ^= 0x55;
		}
		box_empty(&box);
		box_put_text(&box, rows[i].name, "no such thing");
		assert_kind(&box, JB_IMPORT_REFUSED);
	}
}

static void
a_bomb_ends_at_the_limit(void **state)
{
	struct jb_import_result result = {.kind = JB_IMPORT_NO_SHEET};
	struct foreign f = {
		.files = box.files, .nfiles = 1, .read = box_read, .arg = &box, .result = &result};

	(void)state;
	for (unsigned i = 0; i < ROWS; i++) {
		size_t n = rows[i].pack(plain, SIZE, 0);

		box_empty(&box);
		box_put(&box, rows[i].name, packed, n);
		memset(&result, 0, sizeof(result));
		assert_true(unpack_file(&f, 0, SIZE, box_write, &box));
		assert_false(unpack_file(&f, 0, SIZE - 1, box_write, &box));
		assert_int_equal(result.kind, JB_IMPORT_REFUSED);
		assert_non_null(strstr(result.detail, "more in it than any disc holds"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(unpacks, empty),
		cmocka_unit_test_teardown(unpacks_several_members, empty),
		cmocka_unit_test_teardown(zeros_behind_gzip_are_ignored, empty),
		cmocka_unit_test_teardown(refuses_what_is_cut_or_damaged, empty),
		cmocka_unit_test_teardown(a_bomb_ends_at_the_limit, empty),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
