/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "changer/base/secret.h"

/* Returns true if the kernel leaves the memory at p out of core dumps ("dd" in /proc/self/smaps). */
static bool
is_left_out(const void *p)
{
	FILE *f = fopen("/proc/self/smaps", "re");
	unsigned long long from, to, at = (uintptr_t)p;
	bool here = false, out = false;
	char line[512];

	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "%llx-%llx ", &from, &to) == 2)
			here = from <= at && at < to;
		else if (here && strncmp(line, "VmFlags:", 8) == 0)
			out = strstr(line, " dd") != NULL;
	}
	fclose(f);
	return out;
}

static void
test_dumps_do_not_have_it(void **state)
{
	char *secret = secret_copy("a secret of alice"), *none = secret_copy("");
	char *heap = strdup("a secret of alice");

	assert_string_equal(secret, "a secret of alice");
	assert_string_equal(none, "");
	assert_true(is_left_out(secret));
	assert_true(is_left_out(none));
	assert_false(is_left_out(heap));
	secret_free(secret);
	secret_free(none);
	secret_free(NULL);
	free(heap);
}

static void
test_lengths(void **state)
{
	static char text[3 * 4096];

	memset(text, 'x', sizeof(text) - 1);
	for (size_t cut = 1; cut < sizeof(text); cut += 4095) {
		char *copy = secret_copy(text + cut);

		assert_string_equal(copy, text + cut);
		secret_free(copy);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dumps_do_not_have_it),
		cmocka_unit_test(test_lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
