/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MODE SENSE and MODE SELECT with 6 and 10 byte CDBs. */
#include "tests/unit/scsi/dummy.h"

#define ASSERT_DATA(r, bytes) \
	do { \
		run_assert_good(r); \
		assert_int_equal((r)->len, sizeof(bytes) - 1); \
		assert_memory_equal((r)->data, bytes, (r)->len); \
	} while (0)

static void
senses_pages(void **state)
{
	struct fixture *f = *state;
	struct run *r = &f->a;

	f->dummy.value = 0x05;
	run_cdb(r, NULL, 0, 0x1a, 0, 0x01, 0, 255, 0); /* current */
	ASSERT_DATA(r, "\x07\x33\0\0\x01\x02\x05\x55");
	run_cdb(r, NULL, 0, 0x1a, 0x08, 0x41, 0, 255, 0); /* DBD, changeable */
	ASSERT_DATA(r, "\x07\x33\0\0\x01\x02\x0f\x00");
	run_cdb(r, NULL, 0, 0x1a, 0, 0x81, 0xff, 255, 0); /* default, every subpage */
	ASSERT_DATA(r, "\x07\x33\0\0\x01\x02\x01\x55");
	run_cdb(r, NULL, 0, 0x5a, 0x10, 0x01, 0, 0, 0, 0, 1, 0); /* LLBAA */
	ASSERT_DATA(r, "\x00\x0a\x33\0\0\0\0\0\x01\x02\x05\x55");
	run_cdb(r, NULL, 0, 0x5a, 0, 0x3f, 0xff, 0, 0, 0, 1, 0); /* all */
	ASSERT_DATA(r, "\x00\x16\x33\0\0\0\0\0\x01\x02\x05\x55\x1c\x0a\0\0\0\0\0\0\0\0\0\x77");
}

static void
cuts_but_tells_the_whole_length(void **state)
{
	struct fixture *f = *state;
	struct run *r = &f->a;

	run_cdb(r, NULL, 0, 0x1a, 0, 0x3f, 0, 4, 0);
	ASSERT_DATA(r, "\x13\x33\0\0");
	run_cdb(r, NULL, 0, 0x5a, 0, 0x3f, 0, 0, 0, 0, 0, 8);
	ASSERT_DATA(r, "\x00\x16\x33\0\0\0\0\0");
	run_cdb(r, NULL, 0, 0x1a, 0, 0x3f, 0, 0, 0);
	ASSERT_DATA(r, "");
}

static void
refuses_pages_that_are_not(void **state)
{
	struct fixture *f = *state;
	struct run *r = &f->a;

	run_cdb(r, NULL, 0, 0x1a, 0, 0x02, 0, 255, 0);
	run_assert_sense(r, 5, 0x24, 0);
	assert_memory_equal(r->sense + 15, "\xc0\x00\x02", 3);
	run_cdb(r, NULL, 0, 0x5a, 0, 0x01, 0x01, 0, 0, 0, 0, 255);
	run_assert_sense(r, 5, 0x24, 0);
	assert_memory_equal(r->sense + 15, "\xc0\x00\x03", 3);
	run_cdb(r, NULL, 0, 0x1a, 0, 0xc1, 0, 255, 0); /* saved */
	run_assert_sense(r, 5, 0x39, 0);
}

static void
select_6(struct run *r, uint8_t flags, const void *list, size_t len)
{
	run_cdb(r, list, len, 0x15, flags, 0, 0, (uint8_t)len, 0);
}

static void
select_10(struct run *r, const void *list, size_t len)
{
	run_cdb(r, list, len, 0x55, 0x10, 0, 0, 0, 0, 0, (uint8_t)(len >> 8), (uint8_t)len);
}

static void
selects_and_tells_the_others(void **state)
{
	struct fixture *f = *state;

	run_clear_ua(&f->b);
	select_6(&f->a, 0x10, "\0\0\0\0\x81\x02\x03\x55", 8); /* PS is ignored */
	run_assert_good(&f->a);
	assert_int_equal(f->dummy.value, 0x03);
	run_cdb(&f->a, NULL, 0, 0x00);
	run_assert_good(&f->a);
	run_cdb(&f->b, NULL, 0, 0x00);
	run_assert_sense(&f->b, 6, 0x2a, 0x01);
	/* Two pages after a block descriptor; the first cannot be changed, but is sent unchanged. */
	select_10(&f->a,
		"\0\0\0\0\0\0\0\x08\0\0\0\0\0\0\x08\0"
		"\x1c\x0a\0\0\0\0\0\0\0\0\0\x77\x01\x02\x04\x55",
		32);
	run_assert_good(&f->a);
	assert_int_equal(f->dummy.value, 0x04);
	run_clear_ua(&f->b);
	select_10(&f->a, "\0\0\0\0\0\0\0\0\x01\x02\x04\x55", 12); /* no change */
	run_assert_good(&f->a);
	run_cdb(&f->b, NULL, 0, 0x00);
	run_assert_good(&f->b);
	/* As old systems send it, without PF and without a page: with blocks of 2048 bytes, or of none. */
	select_6(&f->a, 0, "\0\0\0\x08\x01\0\x10\0\0\0\x08\0", 12);
	run_assert_good(&f->a);
	select_6(&f->a, 0, "\0\0\0\x08\0\0\0\0\0\0\0\0", 12);
	run_assert_good(&f->a);
	select_6(&f->a, 0x10, NULL, 0); /* an empty list is no error */
	run_assert_good(&f->a);
	select_6(&f->a, 0x10, "\0\0\0\0", 4);
	run_assert_good(&f->a);
}

static void
refuses_lists(void **state)
{
	/* sense[15..17] is 0 if there is no field pointer */
	static const struct {
		const char *list;
		uint8_t len, asc, sks, pointer;
	} rows[] = {
		{"\0\0\0", 3, 0x1a, 0, 0},			     /* half a header */
		{"\0\0\0\0\x01", 5, 0x1a, 0, 0},		     /* half a page header */
		{"\0\0\0\0\x01\x02\x03", 7, 0x1a, 0, 0},	     /* half a page */
		{"\0\0\0\x08\0\0\0\0", 8, 0x1a, 0, 0},		     /* half a descriptor */
		{"\0\0\0\x07\0\0\0\0\0\0\0", 11, 0x26, 0x80, 3},     /* odd descriptor */
		{"\0\0\0\x08\0\0\0\0\0\0\x02\0", 12, 0x26, 0x80, 9}, /* blocks of 512 */
		{"\0\0\0\0\x02\x02\x00\x00", 8, 0x26, 0x80, 4},	     /* unknown page */
		{"\0\0\0\0\x01\x02\x01\x55\0", 9, 0x1a, 0, 0},	     /* rest after a page */
		{"\0\0\0\0\x41\x02\0\0", 8, 0x26, 0x80, 4},	     /* subpage format */
		{"\0\0\0\0\x41\x00\0\0", 8, 0x26, 0x80, 4},	     /* the same with subpage 0 */
		{"\0\0\0\0\x01\x01\x03", 7, 0x26, 0x80, 5},	     /* wrong length */
		{"\0\0\0\0\x01\x02\x13\x55", 8, 0x26, 0x80, 6},	     /* unchangeable bit */
		{"\0\0\0\0\x01\x02\x03\x54", 8, 0x26, 0x80, 7},	     /* unchangeable byte */
		{"\0\0\0\0\x01\x02\x0e\x55", 8, 0x26, 0x80, 6},	     /* accepts() refuses */
		{"\0\0\0\0\x01\x02\x03\x55\x01\x02\x0e\x55", 12, 0x26, 0x80,
			10}, /* the second page */
		{"\0\0\0\0\x01\x02\x03\x55\x1c\x0a\0\0\0\0\0\0\0\0\0\0", 20, 0x26, 0x80, 19},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		select_6(&f->a, 0x10, rows[i].list, rows[i].len);
		run_assert_sense(&f->a, 5, rows[i].asc, 0);
		assert_int_equal(f->a.sense[15], rows[i].sks);
		assert_int_equal(f->a.sense[17], rows[i].pointer);
		assert_int_equal(f->dummy.value, 0x01);
	}
	select_10(&f->a, "\0\0\0\0\0\0\0", 7);
	run_assert_sense(&f->a, 5, 0x1a, 0);
	select_10(&f->a, "\0\0\0\0\0\0\0\x08\0\0\0\0\0\0\x02\0", 16); /* blocks of 512 */
	run_assert_sense(&f->a, 5, 0x26, 0);
	assert_int_equal(f->a.sense[15], 0x80);
	assert_int_equal(f->a.sense[17], 13);
	select_6(&f->a, 0x11, "\0\0\0\0\x01\x02\x03\x55", 8); /* SP */
	run_assert_sense(&f->a, 5, 0x24, 0);
	assert_int_equal(f->dummy.value, 0x01);
	/* The transport has less data than the CDB says. */
	run_cdb(&f->a, "\0\0\0\0", 4, 0x15, 0x10, 0, 0, 8, 0);
	run_assert_sense(&f->a, 5, 0x1a, 0);
	assert_int_equal(f->a.task.out_want, 8);
	/* The transport has more data than the CDB says: the rest is ignored. */
	run_cdb(&f->a, "\0\0\0\0\x01\x02\x03\x55", 8, 0x15, 0x10, 0, 0, 4, 0);
	run_assert_good(&f->a);
	assert_int_equal(f->a.task.out_want, 4);
	assert_int_equal(f->dummy.value, 0x01);
	run_cdb(&f->a, "\0", 1, 0x00); /* a command without data-out */
	assert_int_equal(f->a.task.out_want, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(senses_pages),
		TEST(cuts_but_tells_the_whole_length),
		TEST(refuses_pages_that_are_not),
		TEST(selects_and_tells_the_others),
		TEST(refuses_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
