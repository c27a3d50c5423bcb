/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads parts of an image into memory. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "changer/store/image.h"
#include "tests/unit/folder.h"

enum { PAGE = 4096, DATA_AT = 64 << 20, HOLE_AT = 32 << 20 };

struct fixture {
	char folder[64];
	int store;
	struct image *image;
};

/* Makes an image with one page of data after a hole, on disk and not in the page cache. */
static int
setup(void **state)
{
	static struct fixture fx;
	static const char data[PAGE] = "data";

	assert_int_equal(folder_make(fx.folder, sizeof(fx.folder)), 0);
	fx.store = open(fx.folder, O_RDONLY | O_DIRECTORY);
	assert_true(fx.store >= 0);
	assert_int_equal(image_open(fx.store, ".", 0, true, O_CREAT, &fx.image), JB_OK);
	assert_int_equal(image_write(fx.image, data, sizeof(data), DATA_AT), JB_OK);
	assert_int_equal(image_sync(fx.image), JB_OK);
	assert_int_equal(posix_fadvise(fx.image->fd, 0, 0, POSIX_FADV_DONTNEED), 0);
	*state = &fx;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fx = *state;

	image_put(fx->image);
	close(fx->store);
	return folder_remove(fx->folder);
}

static void
data_is_brought_into_memory_and_holes_are_skipped(void **state)
{
	struct fixture *fx = *state;

	assert_int_equal(image_populate(fx->image, 0, DATA_AT + PAGE), JB_OK);
	assert_true(image_is_resident(fx->image, DATA_AT, PAGE));
	assert_false(image_is_resident(fx->image, HOLE_AT, PAGE));
}

static void
stretches_of_a_hole_alone_and_behind_the_end_need_nothing(void **state)
{
	struct fixture *fx = *state;

	assert_int_equal(image_populate(fx->image, HOLE_AT, PAGE), JB_OK);
	assert_int_equal(image_populate(fx->image, DATA_AT + PAGE, PAGE), JB_OK);
	assert_int_equal(image_populate(fx->image, 0, 0), JB_OK);
}

static void
data_within_a_stretch_is_found_from_its_middle_too(void **state)
{
	struct fixture *fx = *state;

	assert_int_equal(image_populate(fx->image, DATA_AT + PAGE / 2, PAGE / 2), JB_OK);
	assert_true(image_is_resident(fx->image, DATA_AT, PAGE));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			data_is_brought_into_memory_and_holes_are_skipped, setup, teardown),
		cmocka_unit_test_setup_teardown(
			stretches_of_a_hole_alone_and_behind_the_end_need_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(
			data_within_a_stretch_is_found_from_its_middle_too, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
