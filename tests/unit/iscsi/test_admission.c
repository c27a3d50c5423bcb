/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The admission table: how room is shared between sources, what has to go, and how wrong logins are slowed.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "target/iscsi/admission.h"

enum { ENTRIES = 12000 };

static struct admission table;
static struct admission_entry entries[ENTRIES];

static struct admission_source
v4(const char *text)
{
	struct sockaddr_in in = {.sin_family = AF_INET};

	assert_int_equal(inet_pton(AF_INET, text, &in.sin_addr), 1);
	return admission_source((struct sockaddr *)&in, false);
}

static struct admission_source
v6(const char *text)
{
	struct sockaddr_in6 in = {.sin6_family = AF_INET6};

	assert_int_equal(inet_pton(AF_INET6, text, &in.sin6_addr), 1);
	return admission_source((struct sockaddr *)&in, false);
}

static int
reset(void **state)
{
	admission_init(&table);
	memset(entries, 0, sizeof(entries));
	return 0;
}

/* Enters entry `i` at the time i + 1; at most 4 logins, 8 in all. */
static struct admission_entry *
enter(unsigned i, const char *from)
{
	struct admission_entry *victim;

	entries[i].source = v4(from);
	admission_heard(&entries[i], i + 1);
	assert_true(admission_enter(&table, &entries[i], 4, 4, 8, &victim));
	return victim;
}

static void
test_sources(void **state)
{
	struct admission_source a = v6("2001:db8::1"), b = v6("2001:db8::2:1"),
				c = v6("2001:db8:0:1::1");
	struct admission_source d = v4("10.0.0.1"), e = v4("10.0.0.2");

	assert_memory_equal(&a, &b, sizeof(a));
	assert_memory_not_equal(&a, &c, sizeof(a));
	assert_memory_not_equal(&d, &e, sizeof(d));
}

static void
test_the_source_with_most_gives_way(void **state)
{
	for (unsigned i = 0; i < 3; i++)
		assert_null(enter(i, "10.0.0.1"));
	assert_null(enter(3, "10.0.0.2"));
	/* The oldest one of 10.0.0.1, although it was heard of later than the second. */
	admission_heard(&entries[0], 100);
	assert_ptr_equal(enter(4, "10.0.0.3"), &entries[1]);
	assert_int_equal(entries[1].kind, ADMISSION_ENDING);
	assert_int_equal(table.count[ADMISSION_LOGIN], 4);
	/* A newcomer of that source does not take from others. */
	assert_ptr_equal(enter(5, "10.0.0.1"), &entries[2]);
	assert_ptr_equal(enter(6, "10.0.0.1"), &entries[5]);
	admission_leave(&table, &entries[1]);
	assert_int_equal(table.count[ADMISSION_ENDING], 2);
}

static void
test_strangers_have_a_share(void **state)
{
	struct admission_entry *victim;

	for (unsigned i = 0; i < 5; i++) {
		assert_true(admission_enter(&table, &entries[i], 64, 2, 100, &victim));
		assert_ptr_equal(victim, i < 2 ? NULL : &entries[i - 2]);
	}
	assert_int_equal(table.count[ADMISSION_LOGIN], 2);
}

static void
test_sessions_do_not_give_way_to_logins(void **state)
{
	struct admission_entry *victim;

	for (unsigned i = 0; i < 8; i++) {
		assert_null(enter(i, "10.0.0.1"));
		assert_true(admission_begin(
			&table, &entries[i], ADMISSION_SESSION, UINT32_MAX, &victim));
		assert_null(victim);
	}
	entries[8].source = v4("10.0.0.2");
	assert_false(admission_enter(&table, &entries[8], 4, 4, 8, &victim));
	assert_null(victim);
	assert_int_equal(table.count[ADMISSION_LOGIN], 0);
	admission_leave(&table, &entries[0]);
	assert_null(enter(8, "10.0.0.2"));
	/* All is full, but one has not logged in. */
	assert_ptr_equal(enter(9, "10.0.0.3"), &entries[8]);
	assert_false(admission_begin(&table, &entries[8], ADMISSION_SESSION, UINT32_MAX, &victim));
}

static void
test_discovery_gives_way_to_discovery(void **state)
{
	struct admission_entry *victim;

	for (unsigned i = 0; i < 3; i++) {
		assert_null(enter(i, i < 2 ? "10.0.0.1" : "10.0.0.2"));
		assert_true(admission_begin(&table, &entries[i], ADMISSION_DISCOVERY, 2, &victim));
		assert_ptr_equal(victim, i < 2 ? NULL : &entries[0]);
	}
	assert_int_equal(table.count[ADMISSION_DISCOVERY], 2);
}

/* Ten thousand silent connections of four sources, and one login of a fifth. */
static void
test_a_flood(void **state)
{
	static const char *const from[] = {"10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"};
	struct admission_entry *victim;

	entries[0].source = v4("10.0.0.5");
	admission_heard(&entries[0], 1);
	assert_true(admission_enter(&table, &entries[0], 64, 64, 1024, &victim));
	for (unsigned i = 1; i <= 10000; i++) {
		entries[i].source = v4(from[i % 4]);
		admission_heard(&entries[i], i);
		assert_true(admission_enter(&table, &entries[i], 64, 64, 1024, &victim));
		assert_ptr_not_equal(victim, &entries[0]);
		if (victim != NULL)
			admission_leave(&table, victim);
		assert_true(table.count[ADMISSION_LOGIN] <= 64);
	}
	assert_true(admission_begin(&table, &entries[0], ADMISSION_SESSION, UINT32_MAX, &victim));
}

static void
test_what_is_due(void **state)
{
	uint64_t next;

	for (unsigned i = 0; i < 3; i++)
		assert_null(enter(i, "10.0.0.1"));
	assert_null(admission_due(&table, 1000, &next));
	assert_int_equal(next, 0);
	entries[0].end_ms = 50;
	entries[1].end_ms = 70;
	assert_ptr_equal(admission_due(&table, 50, &next), &entries[0]);
	assert_null(admission_due(&table, 50, &next));
	assert_int_equal(next, 70);
	assert_ptr_equal(admission_due(&table, 71, &next), &entries[1]);
	assert_null(admission_due(&table, 71, &next));
	assert_int_equal(next, 0);
}

static void
test_wrong_logins_are_slowed(void **state)
{
	struct admission_source a = v4("10.0.0.1"), b = v4("10.0.0.2"), many;

	for (unsigned i = 0; i < ADMISSION_FREE; i++)
		assert_int_equal(admission_wrong(&table, &a, 5000, 100), 0);
	for (unsigned i = 1; i <= 5; i++)
		assert_int_equal(admission_wrong(&table, &a, 5000, 100), i * 100);
	assert_int_equal(admission_wrong(&table, &b, 5000, 100), 0);
	assert_true(admission_may_try(&table, &a, 5000, 100, 600));
	assert_false(admission_may_try(&table, &a, 5000, 100, 599));
	assert_true(admission_may_try(&table, &b, 5000, 100, 0));
	assert_true(admission_may_try(&table, &a, 5500, 100, 100));
	assert_int_equal(admission_wrong(&table, &a, 9000, 100), 0);
	assert_int_equal(admission_wrong(&table, &a, 9000, 0), 0);
	/* Other sources do not push one out that owes more. */
	for (unsigned i = 0; i < 3 * ADMISSION_GUESSERS; i++) {
		char text[16] = "10.1.0.0";

		many = v4(text);
		many.bytes[3] = (uint8_t)(i >> 8);
		many.bytes[4] = (uint8_t)i;
		admission_wrong(&table, &many, 9000, 1);
	}
	for (unsigned i = 0; i < ADMISSION_FREE - 1; i++)
		assert_int_equal(admission_wrong(&table, &a, 9000, 100), 0);
	assert_int_equal(admission_wrong(&table, &a, 9000, 100), 100);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, reset)
	const struct CMUnitTest tests[] = {
		TEST(test_sources),
		TEST(test_the_source_with_most_gives_way),
		TEST(test_strangers_have_a_share),
		TEST(test_sessions_do_not_give_way_to_logins),
		TEST(test_discovery_gives_way_to_discovery),
		TEST(test_a_flood),
		TEST(test_what_is_due),
		TEST(test_wrong_logins_are_slowed),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
