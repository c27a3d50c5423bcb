/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The texts of open files: shared in one state, and bounded over all states. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "fsctl/rendering.h"

static struct renderings r;
static bool full;
static uid_t user = 1000; /* who takes texts, and gives them back */

/* Takes a text of `len` bytes that says `what`. */
static struct rendering *
take(size_t len, int what, bool owner)
{
	char *text = calloc(1, len + 1);

	assert_non_null(text);
	memset(text, 'x', len);
	memcpy(text, &what, sizeof(what));
	return rendering_take(&r, text, len, rendering_hash(text, len), user, owner, &full);
}

static void
test_files_of_one_state_share_a_text(void **state)
{
	struct rendering *held[400];

	for (size_t i = 0; i < 400; i++)
		held[i] = take(2200000, 7, false);
	for (size_t i = 0; i < 400; i++)
		assert_ptr_equal(held[i], held[0]);
	assert_in_range(rendering_bytes(&r), 2200000, 2201000);
	for (size_t i = 0; i < 400; i++)
		rendering_put(&r, held[i], user);
	assert_int_equal(rendering_bytes(&r), 0);
	rendering_put(&r, NULL, user);
}

static struct rendering *held[200];
static uid_t by[200]; /* who holds it */

/* Takes texts of `len` bytes for the user, each one of another state, until no more are given.  Returns how many are
 * held then; n are before. */
static size_t
take_all(size_t n, size_t len, bool owner)
{
	for (; n < 200 && (held[n] = take(len, (int)n, owner)) != NULL; n++)
		by[n] = user;
	assert_true(full);
	return n;
}

static void
put_all(size_t n)
{
	while (n-- > 0)
		rendering_put(&r, held[n], by[n]);
	assert_int_equal(rendering_bytes(&r), 0);
}

static void
test_states_are_bounded(void **state)
{
	enum { LEN = 1 << 20 };
	struct rendering *same;
	size_t n, m;

	/* One user has half of it, the next ones half of the rest. */
	n = take_all(0, LEN, false);
	assert_in_range(n, 33, 36);
	user++;
	m = take_all(n, LEN, false);
	assert_in_range(m - n, 16, 18);
	for (unsigned i = 0; i < 10; i++, user++)
		m = take_all(m, LEN, false);
	assert_in_range(m, 64, 67);
	/* A text that is there already costs nothing, and the owner has room of its own. */
	same = take(LEN, 3, false);
	assert_ptr_equal(same, held[3]);
	rendering_put(&r, same, user);
	n = take_all(m, LEN, true);
	assert_in_range(n - m, 31, 33);
	put_all(n);
	held[0] = take(LEN, 0, false);
	assert_non_null(held[0]);
	assert_false(full);
	rendering_put(&r, held[0], user);
}

/* A text that one user holds when the one who took it first has given it back counts for that one. */
static void
test_a_shared_text_counts_for_its_holder(void **state)
{
	enum { LEN = 1 << 20 };
	size_t n = take_all(0, LEN, false);

	for (size_t i = 0; i < n; i++) {
		by[i] = user + 1 + (i % 4 != 0);
		user = by[i];
		assert_ptr_equal(take(LEN, (int)i, false), held[i]);
		user = 1000;
		rendering_put(&r, held[i], user);
	}
	assert_non_null(held[n] = take(LEN, (int)n, false));
	by[n] = user;
	put_all(n + 1);
}

/* A text that is longer than the bound can still be opened in three states at once, and by one user in two. */
static void
test_a_long_text_has_room(void **state)
{
	enum { LEN = 80 << 20 };

	assert_int_equal(take_all(0, LEN, false), 2);
	user++;
	assert_int_equal(take_all(2, LEN, false), 3);
	put_all(3);
}

static int
begin(void **state)
{
	user = 1000;
	rendering_init(&r);
	return 0;
}

static int
end(void **state)
{
	rendering_fini(&r);
	return 0;
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_files_of_one_state_share_a_text),
		T(test_states_are_bounded),
		T(test_a_shared_text_counts_for_its_holder),
		T(test_a_long_text_has_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
