/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kill -9 at every step of changing the layout and the settings. */
#include "tests/unit/model/crash.h"

static void
nothing(struct fixture *fx)
{
	(void)fx;
}

/* ---- the layout ------------------------------------------------------------------------------ */

/* Removes elements that jukebox.json counts, adds them again, then adds more. */
static void
act_layout(struct fixture *fx)
{
	assert_ok(jb_elem_remove(fx->jb, slot(6)));
	done();
	assert_ok(jb_elem_remove(fx->jb, drive(1)));
	done();
	assert_ok(jb_elem_add(fx->jb, slot(6)));
	done();
	assert_ok(jb_elem_add(fx->jb, slot(7)));
	done();
}

static void
check_layout(struct fixture *fx, int acknowledged)
{
	static const unsigned slots[] = {6, 5, 5, 6, 7}, drives[] = {2, 2, 1, 1, 1};
	unsigned s = jb_count(fx->jb, JB_SLOT), d = jb_count(fx->jb, JB_DRIVE);
	int next = acknowledged < 4 ? acknowledged + 1 : 4;

	/* The layout after the last acknowledged call, or after the next one. */
	assert_true((s == slots[acknowledged] && d == drives[acknowledged]) ||
		    (s == slots[next] && d == drives[next]));
}

static void
crash_in_layout(void **state)
{
	(void)state;
	run_scenario(&(struct scenario){nothing, act_layout, check_layout});
}

/* ---- settings -------------------------------------------------------------------------------- */

static void
act_settings(struct fixture *fx)
{
	assert_ok(jb_setting_set(fx->jb, JB_SET_DRIVE_VENDOR, 1, "ONE"));
	done();
	assert_ok(jb_setting_set(fx->jb, JB_SET_DRIVE_VENDOR, 1, "TWO"));
	done();
	assert_ok(jb_setting_set(fx->jb, JB_SET_CHANGER_FIRST_SLOT, 0, "2000"));
	done();
	assert_ok(jb_setting_set(fx->jb, JB_SET_DRIVE_SERIAL, 1, "S"));
	done();
	assert_ok(jb_setting_set(fx->jb, JB_SET_DRIVE_SERIAL, 1, ""));
	done();
}

static void
check_settings(struct fixture *fx, int acknowledged)
{
	static const char *const vendors[] = {"JUKEBOXD", "ONE", "TWO", "TWO", "TWO", "TWO"};
	static const char *const slots[] = {"1024", "1024", "1024", "2000", "2000", "2000"};
	char vendor[JB_TEXT_MAX], first[JB_TEXT_MAX], serial[JB_TEXT_MAX];
	int next = acknowledged < 5 ? acknowledged + 1 : 5;

	jb_setting_get(fx->jb, JB_SET_DRIVE_VENDOR, 1, vendor);
	jb_setting_get(fx->jb, JB_SET_CHANGER_FIRST_SLOT, 0, first);
	jb_setting_get(fx->jb, JB_SET_DRIVE_SERIAL, 1, serial);
	assert_true(
		strcmp(vendor, vendors[acknowledged]) == 0 || strcmp(vendor, vendors[next]) == 0);
	assert_true(strcmp(first, slots[acknowledged]) == 0 || strcmp(first, slots[next]) == 0);
	if (acknowledged == 4)
		assert_true(strcmp(serial, "S") == 0 || strlen(serial) == 14);
	else if (acknowledged != 3)
		assert_int_equal(strlen(serial), 14);
}

static void
crash_in_settings(void **state)
{
	(void)state;
	run_scenario(&(struct scenario){nothing, act_settings, check_settings});
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(crash_in_layout),
		cmocka_unit_test(crash_in_settings),
	};

	return cmocka_run_group_tests(tests, share_progress, NULL);
}
