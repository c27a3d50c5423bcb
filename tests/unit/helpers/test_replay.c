/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Both ends of an initiator's move: the thread that makes the move, and the FUSE handler that receives the
 * helper's RENAME. The helper is real, but it renames in an ordinary folder, not in the jukebox. So each test
 * calls the handler itself, at the time that it chooses.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "changer/base/log.h"
#include "fsctl/helpers/kinds.h"
#include "fsctl/helpers/replay.h"
#include "tests/unit/folder.h"

static char dir[64];
static struct jukebox *jb;
static struct replay replay;
static struct nursery *nursery;

static struct jb_elem
slot(unsigned n)
{
	return (struct jb_elem){JB_SLOT, n};
}

static const struct jb_elem drive = {JB_DRIVE, 0};

static int
setup(void **state)
{
	const struct jb_layout layout = {8, 0, 1};
	char store[80], why[256];
	struct jb_file *f;
	struct jb_item item;
	struct stat st;

	nursery = nursery_start(helper_kinds); /* must start while the process has one thread */
	if (nursery == NULL || folder_make(dir, sizeof(dir)) != 0 || stat(dir, &st) != 0)
		return -1;
	snprintf(store, sizeof(store), "%s/store", dir);
	memset(&replay, 0, sizeof(replay));
	if (jb_open(store, &layout, &jb, why, sizeof(why)) != JB_OK ||
		jb_file_create(jb, slot(1), "a.iso", 0644, 0, 0, &f, &item) != JB_OK)
		return -1;
	jb_file_release(f);
	return replay_init(&replay, jb, nursery) && replay_start(&replay, dir, st.st_dev) ? 0 : -1;
}

static int
teardown(void **state)
{

	replay_fini(&replay);
	jb_close(jb);
	nursery_stop(nursery);
	return folder_remove(dir);
}

static bool
holds(struct jb_elem e, const char *name)
{
	struct jb_item item;

	return jb_item_lookup(jb, e, name, &item) == JB_OK;
}

static void
test_no_rename_comes(void **state)
{
	assert_int_equal(jb_move(jb, slot(1), drive, "iqn.a"), JB_OK);
	assert_true(holds(drive, "a.iso"));
	/* The RENAME came late: the disc is already at its destination, so the handler answers JB_OK to
	 * the kernel. */
	assert_int_equal(replay_rename(&replay, slot(1), "a.iso", drive, "a.iso"), JB_OK);
	assert_true(holds(drive, "a.iso"));
	/* No move was requested from or to these. */
	assert_int_equal(replay_rename(&replay, slot(2), "a.iso", drive, "a.iso"), JB_NO_ITEM);
	assert_int_equal(replay_rename(&replay, slot(1), "b.iso", drive, "a.iso"), JB_NO_ITEM);
	assert_int_equal(replay_rename(&replay, slot(1), "a.iso", slot(2), "a.iso"), JB_NO_ITEM);
	assert_int_equal(replay_rename(&replay, slot(1), "a.iso", drive, "b.iso"), JB_NO_ITEM);
	assert_int_equal(replay_rename(&replay, drive, "a.iso", slot(1), "a.iso"), JB_NO_ITEM);
	assert_true(holds(drive, "a.iso"));
}

static void
test_a_late_rename_finds_another_disc(void **state)
{
	struct jb_file *f;
	struct jb_item item;

	assert_int_equal(jb_move(jb, slot(1), slot(2), "iqn.a"), JB_OK);
	assert_int_equal(jb_item_rename(jb, slot(2), "a.iso", slot(3), "a.iso"), JB_OK);
	assert_int_equal(replay_rename(&replay, slot(1), "a.iso", slot(2), "a.iso"), JB_NO_ITEM);
	assert_int_equal(jb_file_create(jb, slot(2), "a.iso", 0644, 0, 0, &f, &item), JB_OK);
	jb_file_release(f);
	assert_int_equal(replay_rename(&replay, slot(1), "a.iso", slot(2), "a.iso"), JB_NO_ITEM);
	assert_true(holds(slot(2), "a.iso") && holds(slot(3), "a.iso"));
}

/* Plays the handler: repeats the RENAME until a move is waiting for it. */
static void *
handle(void *arg)
{
	enum jb_err *result = arg;

	do {
		usleep(1000);
		*result = replay_rename(&replay, slot(1), "a.iso", slot(5), "a.iso");
	} while (*result == JB_NO_ITEM);
	return NULL;
}

static void
test_the_handler_commits(void **state)
{
	enum jb_err result = JB_OK;
	char log[8192];
	pthread_t thread;

	/* The helper is stopped: only the handler can make this move. */
	assert_int_equal(jb_move(jb, slot(1), slot(2), "iqn.a"), JB_OK);
	assert_int_equal(jb_move(jb, slot(2), slot(1), "iqn.a"), JB_OK);
	assert_true(replay.helper.pid > 0);
	kill(replay.helper.pid, SIGSTOP);
	assert_int_equal(pthread_create(&thread, NULL, handle, &result), 0);
	assert_int_equal(jb_move(jb, slot(1), slot(5), "iqn.a"), JB_OK);
	pthread_join(thread, NULL);
	assert_int_equal(result, JB_OK);
	assert_true(holds(slot(5), "a.iso"));
	log_tail(log, sizeof(log));
	assert_null(strstr(log, "to slots/5"));
	kill(replay.helper.pid, SIGCONT);
}

/* An error that the handler meets is what jb_move() returns. */
static void
test_a_move_that_fails(void **state)
{
	struct drive *d = jb_drive(jb, 0);

	assert_int_equal(jb_move(jb, slot(1), drive, "iqn.a"), JB_OK);
	drive_prevent_for(d, true, "iqn.a");
	assert_int_equal(jb_move(jb, drive, slot(1), "iqn.a"), JB_MEDIUM_LOCKED);
	drive_prevent_for(d, false, "iqn.a");
	assert_int_equal(jb_move(jb, drive, slot(1), "iqn.a"), JB_OK);
	assert_true(holds(slot(1), "a.iso"));
}

static void
test_moves_after_the_stop_need_no_rename(void **state)
{
	replay_stop(&replay);
	assert_int_equal(jb_move(jb, slot(1), drive, "iqn.a"), JB_OK);
	assert_int_equal(replay_rename(&replay, slot(1), "a.iso", drive, "a.iso"), JB_NO_ITEM);
	replay_stop(&replay);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_no_rename_comes, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_a_late_rename_finds_another_disc, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_handler_commits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_move_that_fails, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_moves_after_the_stop_need_no_rename, setup, teardown),
	};

	log_level = LOG_LEVEL_ERR;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
