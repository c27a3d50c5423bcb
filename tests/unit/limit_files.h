/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes the store unwritable for tests: no file can grow beyond a size, and writing beyond it fails
 * (EFBIG). */
#ifndef TESTS_UNIT_LIMIT_FILES_H
#define TESTS_UNIT_LIMIT_FILES_H

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

#include <cmocka.h>

/* Limits the size of every file to `bytes`. RLIM_INFINITY removes the limit. */
static inline void
limit_files(rlim_t bytes)
{
	struct rlimit limit;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

#endif
