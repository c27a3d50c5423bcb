/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Budgets: what open files of users hold, and how much of it a user may have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "fsctl/budget.h"

enum { MOST = 64 };

static void
test_a_good_counts_once_for_each_user(void **state)
{
	struct budget b = {.size = 0};
	struct budget_good one = {.size = 5}, two = {.size = 7};

	assert_true(budget_hold(&b, &one, 1));
	assert_true(budget_hold(&b, &one, 1));
	assert_true(budget_hold(&b, &one, 2));
	assert_true(budget_hold(&b, &two, 2));
	assert_int_equal(b.size, 12);
	assert_int_equal(budget_files(&one, 1), 2);
	assert_int_equal(budget_files(&two, 1), 0);
	assert_int_equal(budget_users(&one), 2);
	/* The first one has gone: the other one still has it. */
	budget_drop(&b, &one, 1);
	budget_drop(&b, &one, 1);
	assert_int_equal(b.size, 12);
	budget_drop(&b, &one, 2);
	assert_int_equal(b.size, 7);
	assert_int_equal(budget_users(&one), 0);
	budget_drop(&b, &two, 2);
	assert_int_equal(b.size, 0);
	assert_true(SLIST_EMPTY(&b.accounts));
}

/* Each user leaves a part for the next one. */
static void
test_a_user_has_half_of_what_others_leave(void **state)
{
	static struct budget_good goods[MOST];
	static const unsigned has[] = {33, 16, 8, 4, 2, 1};
	struct budget b = {.size = 0};
	unsigned n = 0, first;

	for (uid_t uid = 0; uid < sizeof(has) / sizeof(has[0]); uid++) {
		for (first = n; budget_allows(&b, uid, MOST, false); n++) {
			goods[n].size = 1;
			assert_true(budget_hold(&b, &goods[n], uid));
		}
		assert_int_equal(n - first, has[uid]);
	}
	/* A good that others hold costs nothing more, but counts for the user. */
	assert_true(budget_allows(&b, 7, MOST, true));
	assert_false(budget_allows(&b, 0, MOST, true));
	while (n > 0) {
		n--;
		for (uid_t uid = 0; uid < sizeof(has) / sizeof(has[0]); uid++)
			budget_drop(&b, &goods[n], uid);
	}
	assert_int_equal(b.size, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_good_counts_once_for_each_user),
		cmocka_unit_test(test_a_user_has_half_of_what_others_leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
