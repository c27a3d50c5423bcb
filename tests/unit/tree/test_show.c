/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text files: what they show and what writes to them do, over a real jukebox without a mount.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "changer/base/log.h"
#include "fsctl/tree/tree.h"
#include "tests/unit/folder.h"

static char dir[64];
static struct tree tree;

static bool rude; /* true: an initiator has a name with a control character */

static size_t
sessions(void *arg, char *buf, size_t size)
{
	if (rude)
		return (size_t)snprintf(buf, size, "iqn.\302\2332J 127.0.0.1:1 now\n");
	return (size_t)snprintf(buf, size, "iqn.a 127.0.0.1:1 now\niqn.b 127.0.0.1:2 now\n");
}

static int
open_jukebox(void **state)
{
	const struct jb_layout layout = {8, 0, 2};
	const struct tree_others others = {.sessions = sessions};
	struct jukebox *jb;
	char store[80], why[256];

	if (folder_make(dir, sizeof(dir)) != 0)
		return -1;
	snprintf(store, sizeof(store), "%s/store", dir);
	if (jb_open(store, &layout, &jb, why, sizeof(why)) != JB_OK) {
		print_error("%s\n", why);
		return -1;
	}
	tree_init(&tree, jb, &others);
	return 0;
}

static int
close_jukebox(void **state)
{
	tree_fini(&tree);
	jb_close(tree.jb);
	return folder_remove(dir);
}

static struct node
node_at(const char *pattern, unsigned number)
{
	const struct node_row *row;

	for (size_t i = 0; (row = node_row_at(i)) != NULL; i++)
		if (strcmp(row->path, pattern) == 0)
			return (struct node){row, number};
	fail_msg("no row %s", pattern);
	return (struct node){NULL, 0};
}

/* Returns the text of a file; the caller frees it. */
static char *
text_of(const char *pattern, unsigned number)
{
	struct node n = node_at(pattern, number);
	size_t len;
	char *text = tree_show(&tree, &n, &len);

	assert_non_null(text);
	assert_int_equal(strlen(text), len);
	return text;
}

static void
assert_text(const char *pattern, unsigned number, const char *want)
{
	char *text = text_of(pattern, number);

	assert_string_equal(text, want);
	free(text);
}

static enum jb_err
store(const char *pattern, unsigned number, const char *value)
{
	struct node n = node_at(pattern, number);

	return tree_store(&tree, &n, value);
}

static void
make_blank(unsigned slot, const char *name)
{
	struct jb_elem e = {JB_SLOT, slot};
	struct jb_file *file;
	struct jb_item item;

	assert_int_equal(jb_file_create(tree.jb, e, name, 0644, 0, 0, &file, &item), JB_OK);
	assert_int_equal(jb_file_flush(file, false), JB_OK);
	jb_file_release(file);
}

static void
test_every_text_can_be_printed(void **state)
{
	const struct node_row *row;

	for (size_t i = 0; (row = node_row_at(i)) != NULL; i++)
		if (node_is_read(row))
			free(text_of(row->path, strstr(row->path, "%u") == NULL ? 0 : 1));
}

static void
test_drive_texts_follow_the_drive(void **state)
{
	struct jb_elem slot = {JB_SLOT, 1}, drive = {JB_DRIVE, 1};

	assert_text("ctl/drives/%u/state", 1, "empty\n");
	assert_text("ctl/drives/%u/profile", 1, "none\n");
	assert_text("ctl/drives/%u/tray", 1, "closed\n");
	assert_text("ctl/drives/%u/locked", 1, "0\n");
	make_blank(1, "A1.dvd+r.iso");
	assert_int_equal(
		jb_item_rename(tree.jb, slot, "A1.dvd+r.iso", drive, "A1.dvd+r.iso"), JB_OK);
	assert_text("ctl/drives/%u/state", 1, "blank\n");
	assert_text("ctl/drives/%u/profile", 1, "dvd+r\n");
	assert_int_equal(store("ctl/drives/%u/tray", 1, "open"), JB_OK);
	assert_text("ctl/drives/%u/tray", 1, "open\n");
	assert_text("ctl/drives/%u/state", 1, "open\n");
	assert_int_equal(store("ctl/drives/%u/tray", 1, "close"), JB_OK);
	assert_text("ctl/drives/%u/tray", 1, "closed\n");
	assert_int_equal(store("ctl/drives/%u/tray", 1, "ajar"), JB_BAD_VALUE);
	assert_int_equal(
		jb_item_rename(tree.jb, drive, "A1.dvd+r.iso", slot, "A1.dvd+r.iso"), JB_OK);
}

static void
test_eject_of_a_locked_drive_is_a_wish(void **state)
{
	struct jb_elem slot = {JB_SLOT, 2}, drive = {JB_DRIVE, 0};

	make_blank(2, "B2.iso");
	assert_int_equal(jb_item_rename(tree.jb, slot, "B2.iso", drive, "B2.iso"), JB_OK);
	drive_prevent_for(jb_drive(tree.jb, 0), true, NULL);
	assert_text("ctl/drives/%u/locked", 0, "1\n");
	assert_text("ctl/drives/%u/eject", 0, "0\n");
	assert_int_equal(store("ctl/drives/%u/eject", 0, "1"), JB_MEDIUM_LOCKED);
	assert_text("ctl/drives/%u/eject", 0, "1\n");
	assert_text("ctl/drives/%u/tray", 0, "closed\n");
	assert_int_equal(store("ctl/drives/%u/tray", 0, "open"), JB_MEDIUM_LOCKED);
	assert_int_equal(store("ctl/drives/%u/eject", 0, "force"), JB_OK);
	assert_text("ctl/drives/%u/tray", 0, "open\n");
	drive_prevent_for(jb_drive(tree.jb, 0), false, NULL);
	assert_int_equal(store("ctl/drives/%u/tray", 0, "close"), JB_OK);
	assert_int_equal(store("ctl/drives/%u/eject", 0, "1"), JB_OK);
	assert_text("ctl/drives/%u/tray", 0, "open\n");
	assert_int_equal(store("ctl/drives/%u/tray", 0, "close"), JB_OK);
	assert_int_equal(jb_item_rename(tree.jb, drive, "B2.iso", slot, "B2.iso"), JB_OK);
}

static void
test_settings_are_read_back(void **state)
{
	assert_int_equal(store("ctl/changer/vendor", 0, "ACME"), JB_OK);
	assert_text("ctl/changer/vendor", 0, "ACME\n");
	assert_int_equal(store("ctl/drives/%u/product", 1, "SECOND"), JB_OK);
	assert_text("ctl/drives/%u/product", 1, "SECOND\n");
	assert_text("ctl/drives/%u/product", 0, "BD/DVD BURNER\n");
	assert_int_equal(store("ctl/changer/vendor", 0, "MUCH TOO LONG"), JB_BAD_VALUE);
	assert_text("ctl/changer/vendor", 0, "ACME\n");
}

static void
test_status_json_is_complete(void **state)
{
	char *text = text_of("status.json", 0);
	json_t *o = json_loads(text, 0, NULL);
	json_t *slot, *drive;

	assert_non_null(o);
	assert_string_equal(json_string_value(json_object_get(o, "uuid")), jb_uuid(tree.jb));
	assert_int_equal(json_array_size(json_object_get(o, "slots")), 8);
	assert_int_equal(json_array_size(json_object_get(o, "drives")), 2);
	slot = json_array_get(json_object_get(o, "slots"), 1);
	assert_int_equal(json_integer_value(json_object_get(slot, "number")), 2);
	assert_true(json_is_true(json_object_get(slot, "full")));
	slot = json_object_get(slot, "disc");
	assert_string_equal(json_string_value(json_object_get(slot, "name")), "B2.iso");
	assert_string_equal(json_string_value(json_object_get(slot, "label")), "B2");
	assert_string_equal(json_string_value(json_object_get(slot, "state")), "blank");
	drive = json_array_get(json_object_get(o, "drives"), 0);
	assert_true(json_is_null(json_object_get(drive, "disc")));
	assert_string_equal(json_string_value(json_object_get(drive, "tray")), "closed");
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(o, "target"), "sessions")), 2);
	assert_null(strstr(text, "iqn.b")); /* everybody may read this file */
	assert_string_equal(json_string_value(json_object_get(
				    json_object_get(o, "settings"), "changer/vendor")),
		"ACME");
	drive = json_object_get(drive, "work");
	assert_string_equal(json_string_value(json_object_get(drive, "doing")), "idle");
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(o, "totals"), "discs")), 2);
	json_decref(o);
	free(text);
}

static void
assert_has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("\"%s\" is not in:\n%s", part, text);
}

static void
test_status_shows_discs_and_sums_up_empty_slots(void **state)
{
	char *text = text_of("status", 0);

	assert_has(text, "8 slots, 0 mail slots, 2 drives; 2 discs");
	assert_has(text, " 3-8 ");
	assert_has(text, "B2");
	assert_has(text, "blank");
	assert_has(text, "4.7 GB");
	/* With the blanks of its column, because the uuid of the library may contain these digits. */
	assert_null(strstr(text, " 4-8 "));
	free(text);
}

/* A name with U+202E or U+2028 cannot turn a line round, and an initiator's name with the eight-bit CSI
 * does not reach the terminal. */
static void
test_no_text_controls_a_terminal(void **state)
{
	static const char name[] = "A\342\200\256B\342\200\250C.iso";
	char *text;
	json_t *o;

	make_blank(5, name);
	text = text_of("status", 0);
	assert_has(text, "A?B?C");
	assert_null(strstr(text, "\342\200\256"));
	free(text);
	text = text_of("status.json", 0);
	assert_has(text, "\"A\\u202eB\\u2028C.iso\"");
	assert_null(strstr(text, "\342\200\256"));
	o = json_loads(text, 0, NULL);
	assert_string_equal(
		json_string_value(json_object_get(
			json_object_get(json_array_get(json_object_get(o, "slots"), 4), "disc"),
			"name")),
		name);
	json_decref(o);
	free(text);
	rude = true;
	assert_text("ctl/target/sessions", 0, "iqn.?2J 127.0.0.1:1 now\n");
	rude = false;
}

/* Everybody may read the pictures; whoever is logged in, and where, is for those who administer. */
static void
test_status_names_no_initiator(void **state)
{
	char *text = text_of("status", 0);

	assert_has(text, "\n2 sessions logged in, see ctl/target/sessions\n");
	assert_null(strstr(text, "iqn.a"));
	free(text);
	assert_int_equal(node_at("ctl/target/sessions", 0).row->mode, 0440);
	assert_int_equal(node_at("ctl/log", 0).row->mode, 0440);
	assert_int_equal(node_at("ctl/last-error", 0).row->mode, 0444);
}

static void
test_readme_names_every_row(void **state)
{
	const struct node_row *row;
	char *text = text_of("README", 0);

	for (size_t i = 1; (row = node_row_at(i)) != NULL; i++)
		assert_has(text, row->doc);
	assert_has(text, "  ctl/drives/N/finalize-as-rom");
	free(text);
}

static void
test_other_texts_are_passed_on(void **state)
{
	char wanted[256];

	assert_text("ctl/target/sessions", 0, "iqn.a 127.0.0.1:1 now\niqn.b 127.0.0.1:2 now\n");
	assert_text("ctl/target/portals", 0, "");
	tree_forget_others(&tree);
	assert_text("ctl/target/sessions", 0, "");
	assert_text("ctl/last-error", 0, "");
	lasterror_set(&tree.lasterror, JB_ELEMENT_FULL, "create slots/1/x");
	snprintf(wanted, sizeof(wanted), "create slots/1/x: %s (EBUSY)\n",
		jb_err_text(JB_ELEMENT_FULL));
	assert_text("ctl/last-error", 0, wanted);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_text_can_be_printed),
		cmocka_unit_test(test_drive_texts_follow_the_drive),
		cmocka_unit_test(test_eject_of_a_locked_drive_is_a_wish),
		cmocka_unit_test(test_settings_are_read_back),
		cmocka_unit_test(test_status_json_is_complete),
		cmocka_unit_test(test_status_shows_discs_and_sums_up_empty_slots),
		cmocka_unit_test(test_no_text_controls_a_terminal),
		cmocka_unit_test(test_status_names_no_initiator),
		cmocka_unit_test(test_readme_names_every_row),
		cmocka_unit_test(test_other_texts_are_passed_on),
	};

	log_level = LOG_LEVEL_ERR;
	return cmocka_run_group_tests(tests, open_jukebox, close_jukebox);
}
