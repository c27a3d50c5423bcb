/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reservations that the target keeps in the store. */
#include "tests/unit/model/fixture.h"

static void
assert_kept(struct fixture *fx, unsigned lun, const char *text)
{
	char *got = NULL;
	size_t size = 0;

	if (text == NULL) {
		assert_err(jb_reservations_load(fx->jb, lun, &got, &size), NO_ITEM);
		return;
	}
	assert_ok(jb_reservations_load(fx->jb, lun, &got, &size));
	assert_int_equal(size, strlen(text));
	assert_string_equal(got, text);
	free(got);
}

static void
keeps_reservations(void **state)
{
	struct fixture *fx = *state;

	assert_kept(fx, 0, NULL);
	assert_ok(jb_reservations_save(fx->jb, 0, "one\n", 4));
	assert_ok(jb_reservations_save(fx->jb, 7, "seven\n", 6));
	assert_kept(fx, 0, "one\n");
	assert_ok(jb_reservations_save(fx->jb, 0, "another\n", 8));
	reopen(fx);
	assert_kept(fx, 0, "another\n");
	assert_kept(fx, 7, "seven\n");
	assert_ok(jb_reservations_save(fx->jb, 0, NULL, 0));
	assert_ok(jb_reservations_save(fx->jb, 0, NULL, 0)); /* there is none */
	reopen(fx);
	assert_kept(fx, 0, NULL);
	assert_kept(fx, 7, "seven\n");
}

/* A file is where the directory must be. */
static void
says_what_it_cannot_keep(void **state)
{
	struct fixture *fx = *state;
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/ctl/reservations", fx->store);
	f = fopen(path, "w");
	assert_non_null(f);
	fclose(f);
	assert_int_not_equal(jb_reservations_save(fx->jb, 0, "one\n", 4), JB_OK);
	assert_kept(fx, 0, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(keeps_reservations, setup, teardown),
		cmocka_unit_test_setup_teardown(says_what_it_cannot_keep, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
