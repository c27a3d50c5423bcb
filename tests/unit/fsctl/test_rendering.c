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

/* Takes a text of `len` bytes that says `what`. */
static struct rendering *
take(size_t len, int what, bool owner)
{
	char *text = calloc(1, len + 1);

	assert_non_null(text);
	memset(text, 'x', len);
	memcpy(text, &what, sizeof(what));
	return rendering_take(&r, text, len, rendering_hash(text, len), owner, &full);
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
		rendering_put(&r, held[i]);
	assert_int_equal(rendering_bytes(&r), 0);
	rendering_put(&r, NULL);
}

static void
test_states_are_bounded(void **state)
{
	enum { LEN = 1 << 20 };
	struct rendering *held[200], *same;
	size_t n = 0, m;

	while (n < 200 && (held[n] = take(LEN, (int)n, false)) != NULL)
		n++;
	assert_true(full);
	assert_in_range(n, 64, 67);
	/* A text that is there already costs nothing, and the owner has room of its own. */
	same = take(LEN, 3, false);
	assert_ptr_equal(same, held[3]);
	rendering_put(&r, same);
	for (m = n; m < 200 && (held[m] = take(LEN, (int)m, true)) != NULL; m++)
		continue;
	assert_true(full);
	assert_in_range(m - n, 31, 33);
	while (m > 0)
		rendering_put(&r, held[--m]);
	assert_int_equal(rendering_bytes(&r), 0);
	held[0] = take(LEN, 0, false);
	assert_non_null(held[0]);
	assert_false(full);
	rendering_put(&r, held[0]);
}

/* A text that is longer than the bound can still be opened in three states at once. */
static void
test_a_long_text_has_room(void **state)
{
	enum { LEN = 80 << 20 };
	struct rendering *held[4];

	for (int i = 0; i < 3; i++)
		assert_non_null(held[i] = take(LEN, i, false));
	held[3] = take(LEN, 3, false);
	assert_null(held[3]);
	assert_true(full);
	for (int i = 0; i < 3; i++)
		rendering_put(&r, held[i]);
}

static int
begin(void **state)
{
	rendering_init(&r);
	return 0;
}

static int
end(void **state)
{
	rendering_fini(&r);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files_of_one_state_share_a_text),
		cmocka_unit_test(test_states_are_bounded),
		cmocka_unit_test(test_a_long_text_has_room),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
