/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "changer/base/log.h"
#include "changer/base/printable.h"

static const struct {
	const char *text, *line, *json;
} rows[] = {
	{"", "", ""},
	{"plain ~", "plain ~", "plain ~"},
	{"Müsli 日本語 \360\237\222\277", "Müsli 日本語 \360\237\222\277",
		"Müsli 日本語 \360\237\222\277"},
	{"a\033[2Jb\177", "a?[2Jb?", "a\\u001b[2Jb\\u007f"},
	{"a\302\233"
	 "31mb",
		"a?31mb", "a\\u009b31mb"}, /* CSI in eight bits */
	{"\302\200\302\205\302\237\302\240", "???\302\240", "\\u0080\\u0085\\u009f\302\240"},
	{"a\342\200\256gpj.exe", "a?gpj.exe", "a\\u202egpj.exe"}, /* right-to-left override */
	{"\330\234\342\200\216\342\200\217\342\200\252\342\200\255", "?????",
		"\\u061c\\u200e\\u200f\\u202a\\u202d"},
	{"\342\201\246\342\201\251\342\200\250\342\200\251", "????",
		"\\u2066\\u2069\\u2028\\u2029"},
	{"\342\200\215\342\200\257", "\342\200\215\342\200\257",
		"\342\200\215\342\200\257"},			  /* U+200D, U+202F */
	{"\377\300\200x\355\240\200\342\200", "???x?????", NULL}, /* not UTF-8 */
	{"\364\220\200\200\360\217\277\277", "????????", NULL},
};

static void
test_rows(void **state)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = strdup(rows[i].text), *json = NULL;
		size_t len;
		FILE *out = open_memstream(&json, &len);

		assert_int_equal(printable_line(text), strlen(rows[i].line));
		assert_string_equal(text, rows[i].line);
		assert_int_equal(printable_json(rows[i].text, strlen(rows[i].text), out), 0);
		fclose(out);
		if (rows[i].json != NULL)
			assert_string_equal(json, rows[i].json);
		free(json);
		free(text);
	}
}

static void
test_lines_stay_lines(void **state)
{
	char text[] = "a\tb\n\r\302\205\n";

	assert_int_equal(printable_lines(text), 7);
	assert_string_equal(text, "a\tb\n??\n");
}

/* The log goes to terminals: none of these characters is in it. */
static void
test_the_log(void **state)
{
	char tail[4096];

	log_level = LOG_LEVEL_INFO;
	log_write(LOG_LEVEL_INFO, "test", "x\302\233y\342\200\256z\377\n.");
	log_tail(tail, sizeof(tail));
	assert_non_null(strstr(tail, "test: x?y?z??.\n"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_lines_stay_lines),
		cmocka_unit_test(test_the_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
