/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "changer/base/log.h"
#include "fsctl/tree/lasterror.h"

static struct lasterror last;

static void
test_nothing_was_refused_yet(void **state)
{
	char text[LASTERROR_MAX];

	lasterror_init(&last);
	assert_string_equal(lasterror_get(&last, text), "");
}

static void
test_every_error_says_what_why_and_errno(void **state)
{
	char text[LASTERROR_MAX], want[LASTERROR_MAX];

	lasterror_init(&last);
	for (enum jb_err e = JB_WOULD_BLOCK + 1; e < JB_ERR_COUNT; e++) {
		lasterror_set(&last, e, "move slots/1/a.iso to slots/2/a.iso");
		snprintf(want, sizeof(want), "move slots/1/a.iso to slots/2/a.iso: %s (%s)",
			jb_err_text(e), strerrorname_np(jb_err_errno(e)));
		assert_string_equal(lasterror_get(&last, text), want);
	}
}

static void
test_names_cannot_forge_lines(void **state)
{
	char text[LASTERROR_MAX];

	lasterror_init(&last);
	lasterror_set(&last, JB_BAD_NAME, "create slots/1/a\nb\033[2J\x7f.iso");
	assert_null(strpbrk(lasterror_get(&last, text), "\n\033\x7f"));
	assert_non_null(strstr(text, "create slots/1/a?b?[2J?.iso: "));
	/* bytes that are not UTF-8 would make ctl/last-error and the log unreadable as text */
	lasterror_set(&last, JB_BAD_NAME, "create slots/1/\xff.iso");
	assert_non_null(strstr(lasterror_get(&last, text), "create slots/1/?.iso: "));
	lasterror_set(&last, JB_BAD_NAME, "create slots/1/\303\244\n.iso");
	assert_non_null(strstr(lasterror_get(&last, text), "create slots/1/\303\244?.iso: "));
}

static void
test_long_names_are_cut(void **state)
{
	char what[3 * LASTERROR_MAX], text[LASTERROR_MAX];

	lasterror_init(&last);
	memset(what, 'x', sizeof(what) - 1);
	what[sizeof(what) - 1] = '\0';
	lasterror_set(&last, JB_BAD_NAME, what);
	assert_int_equal(strlen(lasterror_get(&last, text)), LASTERROR_MAX - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_was_refused_yet),
		cmocka_unit_test(test_every_error_says_what_why_and_errno),
		cmocka_unit_test(test_names_cannot_forge_lines),
		cmocka_unit_test(test_long_names_are_cut),
	};

	log_level = LOG_LEVEL_ERR;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
