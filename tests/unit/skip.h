/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A test that cannot be run here says why.  Include it behind cmocka.h. */
#ifndef TESTS_UNIT_SKIP_H
#define TESTS_UNIT_SKIP_H

#include <stdio.h>

/* Skips the test that calls it.  tests/run-check reads the line, for cmocka's own gives no reason. */
#define skip_because(reason) \
	do { \
		printf("# skipped: %s\n", reason); \
		fflush(stdout); \
		skip(); \
	} while (0)

#endif
