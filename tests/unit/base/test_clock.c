/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "changer/base/clock.h"

static uint64_t
fake_ms(void)
{
	return 42;
}

static int64_t
fake_wall_ns(void)
{
	return -43;
}

static void
the_system_s_clocks(void **state)
{
	uint64_t before = clock_ms();
	int64_t wall = clock_wall_ns();
	time_t now = time(NULL);

	assert_true(clock_ms() >= before);
	/* Both clocks show the same day; clock_wall_ns() counts nanoseconds. */
	assert_true(wall / 1000000000 - now < 86400 && now - wall / 1000000000 < 86400);
}

static void
a_test_s_clocks(void **state)
{
	clock_source_ms = fake_ms;
	clock_source_wall_ns = fake_wall_ns;
	assert_int_equal(clock_ms(), 42);
	assert_true(clock_wall_ns() == -43);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_system_s_clocks),
		cmocka_unit_test(a_test_s_clocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
