/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tree of tree.def and setting.def over a small real jukebox: every row is visited.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "changer/base/log.h"
#include "changer/access.h"
#include "changer/settings/setting.h"
#include "fsctl/tree/node.h"
#include "tests/unit/folder.h"

enum { SLOTS = 12, MAILSLOTS = 2, DRIVES = 3 };

static char dir[64];
static struct jukebox *jb;

static int
open_jukebox(void **state)
{
	const struct jb_layout layout = {SLOTS, MAILSLOTS, DRIVES};
	char store[80], why[256];

	if (folder_make(dir, sizeof(dir)) != 0)
		return -1;
	snprintf(store, sizeof(store), "%s/store", dir);
	if (jb_open(store, &layout, &jb, why, sizeof(why)) != JB_OK) {
		print_error("%s\n", why);
		return -1;
	}
	node_init();
	/* Their ids are 1 and 2, so their paths by id equal their paths by name. */
	return jb_user_add(jb, "1") == JB_OK && jb_user_add(jb, "2") == JB_OK ? 0 : -1;
}

static int
close_jukebox(void **state)
{

	jb_close(jb);
	return folder_remove(dir);
}

static struct node
root(void)
{
	struct node n;

	assert_true(node_from_ino(jb, 1, &n));
	return n;
}

/* Goes down a path name by name, as the kernel does. Returns false if a name does not exist. */
static bool
walk(const char *path, struct node *out)
{
	char copy[NODE_PATH_MAX], *save = NULL;

	*out = root();
	strcpy(copy, path);
	for (char *name = strtok_r(copy, "/", &save); name != NULL;
		name = strtok_r(NULL, "/", &save)) {
		struct node dir_node = *out;

		if (!node_child(jb, &dir_node, name, out))
			return false;
	}
	return true;
}

static void
concrete(const struct node_row *row, unsigned number, char *path)
{
	const char *count = strstr(row->path, "%u");

	if (count == NULL)
		strcpy(path, row->path);
	else
		snprintf(path, NODE_PATH_MAX, "%.*s%u%s", (int)(count - row->path), row->path,
			number, count + 2);
}

static void
test_the_root_is_one(void **state)
{
	struct node n = root();

	assert_int_equal(node_ino(&n), 1);
	assert_string_equal(n.row->path, "");
	assert_true(node_is_dir(&n));
}

static void
test_every_row_is_found_by_its_path(void **state)
{
	const struct node_row *row;

	for (size_t i = 0; (row = node_row_at(i)) != NULL; i++) {
		char path[NODE_PATH_MAX], again[NODE_PATH_MAX];
		struct node n, same;
		unsigned number = strncmp(row->path, "transport", 9) == 0 ? 0 : 2;

		concrete(row, number, path);
		if (!walk(path, &n))
			fail_msg("%s is not there", path);
		assert_ptr_equal(n.row, row);
		assert_string_equal(node_path(&n, again), path);
		assert_true(node_from_ino(jb, node_ino(&n), &same));
		assert_ptr_equal(same.row, n.row);
		assert_int_equal(same.number, n.number);
		assert_false(node_ino_is_item(node_ino(&n)));
		assert_true(strlen(row->doc) > 0);
		assert_int_equal(node_is_dir(&n), !node_is_read(row) && !node_is_written(row) &&
							  row->kind != NODE_EVENTS &&
							  row->kind != NODE_STREAM);
	}
}

/* Counts the settings whose files are rows of tree.def. */
enum {
	STORED = 0
#define JB_SETTING(name, path, check, dflt, doc)
#define JB_SECRET(name, path, doc)
#define JB_STORED(name, path, check, dflt, doc) +1
#include "changer/setting.def"
};

static void
test_every_setting_has_its_file(void **state)
{
	const struct node_row *row;
	unsigned found = 0;

	for (size_t i = 0; (row = node_row_at(i)) != NULL; i++) {
		enum jb_setting s;
		unsigned drive;
		char path[NODE_PATH_MAX];

		if (row->setting < 0)
			continue;
		concrete(row, 1, path);
		assert_true(setting_find(path + strlen("ctl/"), &s, &drive));
		assert_int_equal((int)s, row->setting);
		found++;
	}
	assert_int_equal(found, JB_SETTING_COUNT - STORED);
}

static void
test_numbers_that_are_none(void **state)
{
	static const char *const paths[] = {"slots/0", "slots/13", "slots/07", "slots/+7",
		"slots/ 7", "slots/7x", "slots/-1", "slots/99999999999", "slots/%u", "slots/N",
		"drives/3", "drives/00", "mailslots/0", "mailslots/3", "transport/1",
		"ctl/drives/3", "ctl/drives/3/tray", "ctl/drives/%u/tray", "ctl/none", "none",
		"README/x"};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct node n;

		if (walk(paths[i], &n))
			fail_msg("%s is there", paths[i]);
	}
}

static void
test_node_numbers_that_are_none(void **state)
{
	struct node n, slot;

	assert_true(walk("slots/12", &slot));
	assert_false(node_from_ino(jb, 0, &n));
	assert_false(node_from_ino(jb, node_ino(&slot) + (1 << 8), &n));
	assert_false(node_from_ino(jb, 255, &n));
	assert_false(node_from_ino(jb, UINT64_MAX >> 2, &n));
	assert_false(node_from_ino(jb, 1 + (1 << 8), &n));
}

static void
test_items_have_numbers_of_their_own(void **state)
{
	assert_true(node_ino_is_item(node_item_ino(1)));
	assert_int_equal(node_item_id(node_item_ino(123456789)), 123456789);
}

static void
assert_lists(const char *path, unsigned want)
{
	struct node dir_node, child, found;
	char name[JB_NAME_MAX + 1];
	unsigned n;

	assert_true(walk(path, &dir_node));
	for (n = 0; node_child_at(jb, &dir_node, n, &child, name); n++) {
		struct node up = node_parent(&child);

		assert_true(node_child(jb, &dir_node, name, &found));
		assert_int_equal(node_ino(&found), node_ino(&child));
		assert_int_equal(node_ino(&up), node_ino(&dir_node));
	}
	assert_int_equal(n, want);
}

static void
test_folders_list_what_can_be_found(void **state)
{
	assert_lists("slots", SLOTS);
	assert_lists("mailslots", MAILSLOTS);
	assert_lists("drives", DRIVES);
	assert_lists("transport", 1);
	assert_lists("ctl/drives", DRIVES);
	assert_lists("", 10);
	assert_lists("slots/1", 0);
	assert_lists("ctl/access/users", 2);
	assert_lists("ctl/access/users/1", 2);
}

static void
test_users(void **state)
{
	struct node users, first, again, secret;
	unsigned id;

	assert_true(walk("ctl/access/users", &users));
	assert_true(node_holds_users(&users));
	assert_int_equal(jb_user_add(jb, "alice"), JB_OK);
	assert_true(walk("ctl/access/users/alice/secret", &secret));
	assert_true(walk("ctl/access/users/alice", &first));
	assert_false(node_holds_users(&first));
	assert_true(node_user(&secret, &id));
	assert_false(node_user(&users, &id));
	assert_false(walk("ctl/access/users/Alice", &again));
	assert_false(walk("ctl/access/users/3", &again));
	assert_int_equal(jb_user_remove(jb, "alice"), JB_OK);
	assert_false(walk("ctl/access/users/alice", &again));
	assert_false(node_from_ino(jb, node_ino(&secret), &again));
	/* A new user of the same name is another node. */
	assert_int_equal(jb_user_add(jb, "alice"), JB_OK);
	assert_false(node_from_ino(jb, node_ino(&first), &again));
	assert_true(walk("ctl/access/users/alice", &again));
	assert_int_not_equal(node_ino(&again), node_ino(&first));
	assert_int_equal(jb_user_remove(jb, "alice"), JB_OK);
}

static void
test_elements(void **state)
{
	struct jb_elem e;
	struct node n;

	assert_true(walk("drives/2", &n));
	assert_true(node_elem(&n, &e));
	assert_int_equal(e.type, JB_DRIVE);
	assert_int_equal(e.number, 2);
	assert_true(walk("slots/12", &n));
	assert_true(node_elem(&n, &e));
	assert_int_equal(e.type, JB_SLOT);
	assert_int_equal(e.number, 12);
	assert_true(walk("ctl/drives/2", &n));
	assert_false(node_elem(&n, &e));
}

/* The file of a disc that was removed may still be open, and a directory may be the current one of a process. */
static void
a_removed_item_is_in_no_element(void **state)
{
	struct jb_elem none = {0};
	struct node n = root();

	assert_false(node_of_elem(none, &n));
	assert_true(node_of_elem((struct jb_elem){JB_SLOT, 3}, &n));
	assert_int_equal(n.number, 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_removed_item_is_in_no_element),
		cmocka_unit_test(test_the_root_is_one),
		cmocka_unit_test(test_every_row_is_found_by_its_path),
		cmocka_unit_test(test_every_setting_has_its_file),
		cmocka_unit_test(test_numbers_that_are_none),
		cmocka_unit_test(test_node_numbers_that_are_none),
		cmocka_unit_test(test_items_have_numbers_of_their_own),
		cmocka_unit_test(test_folders_list_what_can_be_found),
		cmocka_unit_test(test_users),
		cmocka_unit_test(test_elements),
	};

	log_level = LOG_LEVEL_WARN;
	return cmocka_run_group_tests(tests, open_jukebox, close_jukebox);
}
