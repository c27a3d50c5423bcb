/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A store that cannot be written, for tests: no file grows beyond a size, and writing fails there. */
#ifndef TESTS_UNIT_LIMIT_FILES_H
#define TESTS_UNIT_LIMIT_FILES_H

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

#include <cmocka.h>

/* RLIM_INFINITY: it can again. */
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
