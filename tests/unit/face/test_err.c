/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "changer/err.h"

static void
every_row_says_what_and_why(void **state)
{
	for (unsigned e = 0; e < JB_ERR_COUNT; e++) {
		const char *name = jb_err_name((enum jb_err)e), *text = jb_err_text((enum jb_err)e);

		assert_non_null(name);
		assert_non_null(text);
		assert_true(strlen(name) > 0);
		/* The text follows "cp: ", so it begins without a capital and ends without a full stop. */
		assert_true(strlen(text) >= 5);
		assert_false(isupper((unsigned char)text[0]));
		assert_int_not_equal(text[strlen(text) - 1], '.');
		assert_null(strchr(text, '\n'));
	}
}

static void
names_are_unique(void **state)
{
	for (unsigned a = 0; a < JB_ERR_COUNT; a++)
		for (unsigned b = a + 1; b < JB_ERR_COUNT; b++)
			assert_string_not_equal(
				jb_err_name((enum jb_err)a), jb_err_name((enum jb_err)b));
}

/* mktemp, rsync and mv do not report EEXIST and EXDEV as errors: they try again or copy. */
static void
errnos_are_fit_for_programs(void **state)
{
	assert_int_equal(jb_err_errno(JB_OK), 0);
	for (unsigned e = 1; e < JB_ERR_COUNT; e++) {
		int no = jb_err_errno((enum jb_err)e);

		assert_true(no > 0);
		assert_int_not_equal(no, EEXIST);
		assert_int_not_equal(no, EXDEV);
		assert_non_null(strerrorname_np(no));
	}
}

/* Every failure has an ASC and a sense key from NOT READY to DATA PROTECT, but not UNIT ATTENTION (SPC-4
 * 4.5.6). */
static void
senses_are_valid(void **state)
{
	struct jb_sense none = jb_err_sense(JB_OK);

	assert_int_equal(none.key | none.asc | none.ascq, 0);
	for (unsigned e = 1; e < JB_ERR_COUNT; e++) {
		struct jb_sense s = jb_err_sense((enum jb_err)e);

		assert_in_range(s.key, 0x02, 0x07);
		assert_int_not_equal(s.key, 0x06); /* UNIT ATTENTION is not a failure */
		assert_int_not_equal(s.asc, 0);
		assert_true(s.asc < 0x80); /* 80h and above are vendor specific */
	}
}

static void
rows_are_those_of_the_table(void **state)
{
	assert_string_equal(jb_err_name(JB_OK), "OK");
	assert_string_equal(jb_err_name(JB_ELEMENT_FULL), "ELEMENT_FULL");
	assert_int_equal(jb_err_errno(JB_ELEMENT_FULL), EBUSY);
	assert_int_equal(jb_err_sense(JB_ELEMENT_FULL).key, 0x05);
	assert_int_equal(jb_err_sense(JB_ELEMENT_FULL).asc, 0x3b);
	assert_int_equal(jb_err_sense(JB_ELEMENT_FULL).ascq, 0x0d);
	assert_int_equal(jb_err_errno(JB_WOULD_BLOCK), EAGAIN);
}

static void
store_errors_are_translated(void **state)
{
	assert_int_equal(jb_err_from_errno(ENOSPC, JB_STORE_WRITE), JB_STORE_FULL);
	assert_int_equal(jb_err_from_errno(EDQUOT, JB_STORE_WRITE), JB_STORE_FULL);
	assert_int_equal(jb_err_from_errno(EMFILE, JB_STORE_READ), JB_NO_DESCRIPTORS);
	assert_int_equal(jb_err_from_errno(ENFILE, JB_STORE_READ), JB_NO_DESCRIPTORS);
	assert_int_equal(jb_err_from_errno(EFBIG, JB_STORE_WRITE), JB_STORE_FILE_SIZE);
	assert_int_equal(jb_err_from_errno(EROFS, JB_STORE_WRITE), JB_STORE_READ_ONLY);
	assert_int_equal(jb_err_from_errno(ENOMEM, JB_STORE_READ), JB_NO_MEMORY);
	assert_int_equal(jb_err_from_errno(EIO, JB_STORE_WRITE), JB_STORE_WRITE);
	assert_int_equal(jb_err_from_errno(EIO, JB_STORE_READ), JB_STORE_READ);
	assert_int_equal(jb_err_from_errno(EEXIST, JB_STORE_WRITE), JB_STORE_WRITE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_says_what_and_why),
		cmocka_unit_test(names_are_unique),
		cmocka_unit_test(errnos_are_fit_for_programs),
		cmocka_unit_test(senses_are_valid),
		cmocka_unit_test(rows_are_those_of_the_table),
		cmocka_unit_test(store_errors_are_translated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
