/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/iscsi/peer.h"

static void
test_pairs(void **state)
{
	static const char list[] = "A=1\0\0\0Key.2-x=a=b\0X#q=\0";
	const char *p = list;
	size_t left = sizeof(list) - 1;
	struct text_pair pair;

	assert_int_equal(text_next(&p, &left, &pair), TEXT_PAIR);
	assert_true(text_equal(pair.key, pair.key_len, "A"));
	assert_true(text_equal(pair.value, pair.value_len, "1"));
	assert_int_equal(text_next(&p, &left, &pair), TEXT_PAIR);
	assert_true(text_equal(pair.key, pair.key_len, "Key.2-x"));
	assert_true(text_equal(pair.value, pair.value_len, "a=b"));
	assert_int_equal(text_next(&p, &left, &pair), TEXT_PAIR);
	assert_true(text_equal(pair.key, pair.key_len, "X#q"));
	assert_int_equal(pair.value_len, 0);
	assert_int_equal(text_next(&p, &left, &pair), TEXT_END);
	assert_int_equal(text_next(&p, &left, &pair), TEXT_END);
}

static void
test_not_pairs(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} bad[] = {
		{"A=1", 3},   /* no NUL at the end */
		{"A", 2},     /* no value */
		{"=1", 3},    /* no key */
		{"1A=1", 5},  /* begins with a digit */
		{"A B=1", 6}, /* space */
		{"A\x80=1", 5},
	};
	char key_too_long[80], value_too_long[400];
	struct text_pair pair;
	const char *p;
	size_t left;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		p = bad[i].bytes;
		left = bad[i].len;
		assert_int_equal(text_next(&p, &left, &pair), TEXT_BAD);
	}
	memset(key_too_long, 'k', sizeof(key_too_long));
	memcpy(key_too_long + TEXT_KEY_MAX + 1, "=1", 3);
	p = key_too_long;
	left = sizeof(key_too_long);
	assert_int_equal(text_next(&p, &left, &pair), TEXT_BAD);
	memset(value_too_long, 'v', sizeof(value_too_long));
	memcpy(value_too_long, "K=", 2);
	value_too_long[2 + TEXT_VALUE_MAX + 1] = '\0';
	p = value_too_long;
	left = sizeof(value_too_long);
	assert_int_equal(text_next(&p, &left, &pair), TEXT_BAD);
	value_too_long[2 + TEXT_VALUE_MAX] = '\0';
	p = value_too_long;
	left = 2 + TEXT_VALUE_MAX + 1;
	assert_int_equal(text_next(&p, &left, &pair), TEXT_PAIR);
}

static void
test_numbers(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		uint64_t value;
	} rows[] = {
		{"0", true, 0},
		{"262144", true, 262144},
		{"0x10", true, 16},
		{"0XfF", true, 255},
		{"18446744073709551615", true, UINT64_MAX},
		{"18446744073709551616", false, 0},
		{"0x10000000000000000", false, 0},
		{"", false, 0},
		{"0x", false, 0},
		{"-1", false, 0},
		{"+1", false, 0},
		{"1 ", false, 0},
		{"12a", false, 0},
		{"0xg", false, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t value = 0;

		assert_int_equal(
			text_number(rows[i].text, strlen(rows[i].text), &value), rows[i].ok);
		assert_true(value == rows[i].value);
	}
}

static void
test_elements(void **state)
{
	const char *p = "CRC32C,,None", *element;
	size_t left = strlen(p), len;

	assert_true(text_element(&p, &left, &element, &len));
	assert_true(text_equal(element, len, "CRC32C"));
	assert_true(text_element(&p, &left, &element, &len));
	assert_int_equal(len, 0);
	assert_true(text_element(&p, &left, &element, &len));
	assert_true(text_equal(element, len, "None"));
	assert_false(text_element(&p, &left, &element, &len));
}

static void
test_out_is_bounded(void **state)
{
	char buf[10];
	struct text_out out = {.buf = buf, .cap = sizeof(buf)};

	text_add_key(&out, "A", "12");
	assert_int_equal(out.len, 5);
	assert_memory_equal(buf, "A=12", 5);
	text_add_key(&out, "Bc", "1");
	assert_int_equal(out.len, 10);
	assert_false(out.overflow);
	text_add_key(&out, "", "");
	assert_true(out.overflow);
	assert_int_equal(out.len, 10);
}

/* Any bytes: the pairs lie within the list, and the list ends. */
static void
test_mutations(void **state)
{
	static const char list[] =
		NAMES "SessionType=Normal\0HeaderDigest=CRC32C,None\0MaxBurstLength=262144\0";
	unsigned short seed[3] = {1, 2, 3};

	for (int round = 0; round < 20000; round++) {
		size_t len = (size_t)nrand48(seed) % sizeof(list);
		char *copy = malloc(len + 1);
		const char *p = copy;
		size_t left = len;
		struct text_pair pair;

		memcpy(copy, list, len);
		for (int i = 0; i < 3 && len > 0; i++)
			copy[(size_t)nrand48(seed) % len] = (char)nrand48(seed);
		while (text_next(&p, &left, &pair) == TEXT_PAIR) {
			assert_true(pair.key >= copy && pair.key + pair.key_len < pair.value);
			assert_true(pair.value + pair.value_len < copy + len);
			assert_true(left < len);
		}
		free(copy);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_not_pairs),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_elements),
		cmocka_unit_test(test_out_is_bounded),
		cmocka_unit_test(test_mutations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
