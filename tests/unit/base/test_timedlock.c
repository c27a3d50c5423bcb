/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mutex_lock_within(): waits for a mutex for a limited time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "changer/base/timedlock.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void *
try_it(void *arg)
{
	bool *got = arg;

	*got = mutex_lock_within(&mutex, 20);
	if (*got)
		pthread_mutex_unlock(&mutex);
	return NULL;
}

static bool
another_thread_gets_it(void)
{
	pthread_t thread;
	bool got;

	assert_int_equal(pthread_create(&thread, NULL, try_it, &got), 0);
	pthread_join(thread, NULL);
	return got;
}

static void
waits_only_so_long(void **state)
{
	assert_true(mutex_lock_within(&mutex, 1999));
	assert_false(another_thread_gets_it());
	pthread_mutex_unlock(&mutex);
	assert_true(another_thread_gets_it());
	assert_true(mutex_lock_within(&mutex, 0)); /* the mutex is free, so 0 ms are enough */
	pthread_mutex_unlock(&mutex);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waits_only_so_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
