/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kill -9 at every step of inserting, moving and removing a link, and of setting attributes of a blank.
 */
#include "tests/unit/model/crash.h"

#include <fcntl.h>

static enum jb_err
opener(void *arg, const char *path, const struct jb_caller *caller, int *fd)
{
	(void)arg;
	(void)caller;
	*fd = open(path, O_RDONLY | O_CLOEXEC);
	return *fd >= 0 ? JB_OK : JB_LINK_DANGLES;
}

static const struct jb_caller root = {.uid = 0};

static const char *
outside(struct fixture *fx, char path[128])
{
	snprintf(path, 128, "%s/o.iso", fx->dir);
	return path;
}

static void
prepare_outside(struct fixture *fx)
{
	shell(fx, "head -c 65536 /dev/zero > ../o.iso");
}

static void
act_link(struct fixture *fx)
{
	struct jb_item item;
	char path[128];

	jb_set_opener(fx->jb, opener, NULL);
	assert_ok(jb_item_link(fx->jb, slot(1), "x.iso", outside(fx, path), &root, &item));
	done();
}

static void
check_link(struct fixture *fx, int acknowledged)
{
	struct jb_item item;
	char path[128];
	bool there = jb_item_lookup(fx->jb, slot(1), "x.iso", &item) == JB_OK;

	assert_true(there || !acknowledged);
	assert_int_equal(files_in(fx, slot(1)), there);
	assert_int_equal(entries(fx, "slots/1"), there);
	assert_int_equal(access(outside(fx, path), F_OK), 0);
	if (!there)
		return;
	assert_int_equal(item.kind, JB_ITEM_DISC);
	assert_int_equal(item.size, 65536);
	assert_int_equal(item.link, JB_LINK_UNCHECKED);
}

static void
crash_in_link(void **state)
{
	(void)state;
	run_scenario(&(struct scenario){prepare_outside, act_link, check_link});
}

static void
prepare_link(struct fixture *fx)
{
	struct jb_item item;
	char path[128];

	prepare_outside(fx);
	jb_set_opener(fx->jb, opener, NULL);
	assert_ok(jb_item_link(fx->jb, slot(1), "x.iso", outside(fx, path), &root, &item));
}

static void
act_move_and_remove(struct fixture *fx)
{
	jb_set_opener(fx->jb, opener, NULL);
	assert_ok(jb_move(fx->jb, slot(1), drive(0), NULL));
	done();
	assert_ok(jb_item_remove(fx->jb, drive(0), "x.iso"));
	done();
}

static void
check_moved(struct fixture *fx, int acknowledged)
{
	unsigned here = files_in(fx, slot(1)), there = files_in(fx, drive(0));
	char path[128];

	assert_int_equal(access(outside(fx, path), F_OK), 0);
	if (acknowledged == 0)
		assert_int_equal(here + there, 1);
	else
		assert_int_equal(here, 0);
	if (acknowledged == 2)
		assert_int_equal(there, 0);
}

static void
crash_in_moving_a_link(void **state)
{
	(void)state;
	run_scenario(&(struct scenario){prepare_link, act_move_and_remove, check_moved});
}

static void
prepare_blank(struct fixture *fx)
{
	copy_in(fx, slot(1), "x.dvd+r.iso", 0, 0);
}

static void
act_capacity(struct fixture *fx)
{
	assert_ok(jb_item_set_capacity(fx->jb, look(fx, slot(1), "x.dvd+r.iso").id, "64K"));
	done();
}

static void
check_capacity(struct fixture *fx, int acknowledged)
{
	struct jb_item item = look(fx, slot(1), "x.dvd+r.iso");

	assert_int_equal(item.kind, JB_ITEM_DISC);
	assert_int_equal(item.status, DISC_BLANK);
	assert_true(item.capacity == 32 || (!acknowledged && item.capacity == 2295104));
}

static void
crash_in_setting_a_capacity(void **state)
{
	(void)state;
	run_scenario(&(struct scenario){prepare_blank, act_capacity, check_capacity});
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(crash_in_link),
		cmocka_unit_test(crash_in_moving_a_link),
		cmocka_unit_test(crash_in_setting_a_capacity),
	};

	return cmocka_run_group_tests(tests, share_progress, NULL);
}
