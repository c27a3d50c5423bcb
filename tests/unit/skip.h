/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lets a test that cannot run on this machine say why. Include it after cmocka.h. */
#ifndef TESTS_UNIT_SKIP_H
#define TESTS_UNIT_SKIP_H

#include <stdio.h>

/* Skips the calling test and prints the reason for tests/run-check, because cmocka prints none. */
#define skip_because(reason) \
	do { \
		printf("# skipped: %s\n", reason); \
		fflush(stdout); \
		skip(); \
	} while (0)

#endif
