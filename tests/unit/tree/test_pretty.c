/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text in columns of a terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fsctl/tree/pretty.h"

static void
test_widths(void **state)
{
	assert_int_equal(pretty_width(""), 0);
	assert_int_equal(pretty_width("abc"), 3);
	assert_int_equal(pretty_width("M\u00fcsli"), 5);
	/* A wide character takes two columns, a combining mark none. */
	assert_int_equal(pretty_width("\u65e5\u672c\u8a9e"), 6);
	assert_int_equal(pretty_width("e\u0301a"), 2);
	/* bytes that are not UTF-8 */
	assert_int_equal(pretty_width("\xff\xfe"), 2);
	assert_int_equal(pretty_width("\xe6\x97"), 2);
}

static void
test_words_are_wrapped(void **state)
{
	char *out = NULL, *line, *save;
	size_t len;
	FILE *f = open_memstream(&out, &len);
	char text[600] = "";

	for (unsigned i = 0; i < 60; i++)
		strcat(text, "word ");
	strcat(text, "end");
	fputs("    ", f);
	pretty_wrap(f, text, 4);
	fclose(f);
	assert_true(out[len - 1] == '\n');
	for (line = strtok_r(out, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save)) {
		assert_true(strlen(line) <= PRETTY_COLUMNS);
		assert_memory_equal(line, "    ", 4);
		assert_true(line[4] != ' ');
	}
	free(out);
}

static void
test_numbers(void **state)
{
	char buf[PRETTY_SIZE];

	assert_string_equal(pretty_size(0, buf), "0 B");
	assert_string_equal(pretty_size(999, buf), "999 B");
	assert_string_equal(pretty_size(1000, buf), "1.0 kB");
	assert_string_equal(pretty_size(4700372992, buf), "4.7 GB");
	assert_string_equal(pretty_size(999999999, buf), "999.9 MB");
	assert_string_equal(pretty_size(UINT64_MAX, buf), "18.4 EB");
	assert_string_equal(pretty_time(59, buf), "59 s");
	assert_string_equal(pretty_time(60, buf), "1 min");
	assert_string_equal(pretty_time(3 * 3600 + 12 * 60 + 5, buf), "3 h 12 min");
	assert_string_equal(pretty_time(86400 * 400, buf), "400 d 0 h");
	assert_string_equal(pretty_plural(1), "");
	assert_string_equal(pretty_plural(0), "s");
}

static void
test_bars(void **state)
{
	char *out = NULL;
	size_t len;
	FILE *f = open_memstream(&out, &len);

	pretty_bar(f, 0, 0, 4);
	pretty_bar(f, 1, 2, 4);
	pretty_bar(f, 2, 2, 4);
	fclose(f);
	assert_string_equal(out, "[....][##..][####]");
	free(out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_widths),
		cmocka_unit_test(test_words_are_wrapped),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_bars),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
