/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json_text prints as json_dumps does; tests/inject lets each piece of its memory fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "changer/base/json_text.h"

static void
test_prints_what_jansson_prints(void **state)
{
	json_t *o = json_object(), *list = json_array();

	(void)state;
	json_object_set_new(o, "list", list);
	json_object_set_new(o, "text", json_string("a \"b\"\n\303\274"));
	for (int n = 0; n < 300; n++) {
		for (unsigned indent = 0; indent < 3; indent++) {
			char *text = json_text(o, indent),
			     *same = json_dumps(o, JSON_INDENT(indent));

			assert_non_null(text);
			assert_string_equal(text, same);
			free(text);
			free(same);
		}
		json_array_append_new(list, json_integer(n));
	}
	json_decref(o);
}

static void
test_nothing_is_no_text(void **state)
{
	(void)state;
	assert_null(json_text(NULL, 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_prints_what_jansson_prints),
		cmocka_unit_test(test_nothing_is_no_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
