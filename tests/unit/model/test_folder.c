/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests folders of parts. */
#include "tests/unit/model/importer.h"

#include <inttypes.h>

#include "changer/base/clock.h"

/* ---- tests ----------------------------------------------------------------------------------- */

static void
becomes_a_disc(void **state)
{
	struct fixture *fx = *state;
	struct jb_attr attr = {.set = JB_ATTR_MTIME, .mtime = {1000, 0}};
	uint64_t folder = make_whole(fx, slot(3), "Album");
	struct jb_item item;

	AWAIT(is_disc(fx, slot(3), "album.iso"));
	assert_content(fx, slot(3), "album.iso", 2 * PART, 7);
	assert_int_equal(joins, 1);
	item = look(fx, slot(3), "album.iso");
	assert_int_equal(item.uid, 1);
	assert_int_equal(item.gid, 2);
	assert_int_equal(item.mode, 0644);
	/* Programs set the times of what they have copied. */
	assert_int_equal(parts_in(fx, folder), 3);
	assert_ok(jb_folder_lookup(fx->jb, folder, "one", &item));
	assert_ok(jb_item_setattr(fx->jb, item.id, &attr));
	assert_ok(jb_item_setattr(fx->jb, folder, &attr));
	assert_int_equal(look(fx, slot(3), "Album").mtime.tv_sec, 1000);
	AWAIT(files_in(fx, slot(3)) == 1);
	assert_absent(fx, slot(3), "Album");
	AWAIT(entries(fx, "incoming") == 0);
	reopen(fx);
	assert_content(fx, slot(3), "album.iso", 2 * PART, 7);
}

static void
rest_keeps_the_folder(void **state)
{
	struct fixture *fx = *state;
	uint64_t folder = make(fx, slot(3), "Album");
	char why[JB_IMPORT_TEXT];
	struct jb_item item;

	put_part(fx, folder, "readme", 0, 1);
	put_part(fx, folder, "one", 0, 7);
	put_sheet(fx, folder, "album.lst", "one\n");
	AWAIT(is_disc(fx, slot(3), "album.iso"));
	put_part(fx, folder, "late", 0, 2);
	sleep(2);
	assert_ok(jb_item_lookup(fx->jb, slot(3), "Album", &item));
	assert_int_equal(parts_in(fx, folder), 2);
	assert_true(has_part(fx, folder, "readme") && has_part(fx, folder, "late"));
	jb_item_why(fx->jb, folder, why);
	assert_non_null(strstr(why, "no sheet names"));
	assert_int_equal(told_err, JB_OK);
	reopen(fx);
	assert_int_equal(parts_in(fx, folder), 2);
	/* The disc may go, and another one come. */
	assert_ok(jb_item_rename(fx->jb, slot(3), "album.iso", slot(4), "album.iso"));
	copy_in(fx, slot(3), "x.iso", 4096, 1);
	assert_ok(jb_folder_unlink(fx->jb, folder, "readme"));
	assert_ok(jb_folder_unlink(fx->jb, folder, "late"));
	assert_ok(jb_folder_remove(fx->jb, slot(3), "Album"));
	AWAIT(entries(fx, "incoming") == 0);
}

static void
files_come_to_a_folder_that_is_done(void **state)
{
	struct fixture *fx = *state;
	uint64_t folder = make_whole(fx, slot(3), "Album");

	AWAIT(is_disc(fx, slot(3), "album.iso"));
	AWAIT(entries(fx, "incoming") == 0);
	put_part(fx, folder, "readme", 0, 1);
	AWAIT(parts_in(fx, folder) == 1 || (sleep(2), 0));
	reopen(fx);
	assert_int_equal(parts_in(fx, folder), 1);
}

static void
says_what_is_missing(void **state)
{
	struct fixture *fx = *state;
	uint64_t counts[JB_EVENT_COUNT], folder = make(fx, slot(3), "Album");
	char why[JB_IMPORT_TEXT];

	put_part(fx, folder, "one", 0, 7);
	AWAIT(told_err != JB_OK);
	assert_err(told_err, PARTS_NO_SHEET);
	assert_string_equal(told, "insert slots/3/Album (no sheet is in it)");
	put_sheet(fx, folder, "album.lst", "one\ntwo\n");
	AWAIT(told_err != JB_PARTS_NO_SHEET);
	assert_err(told_err, PARTS_MISSING);
	jb_item_why(fx->jb, folder, why);
	assert_string_equal(why, "two is missing");
	jb_event_counts(fx->jb, counts);
	assert_int_equal(counts[JB_EVENT_ERROR], 2);
	put_part(fx, folder, "two", 1, 7);
	AWAIT(is_disc(fx, slot(3), "album.iso"));
}

static void
refuses(void **state)
{
	struct fixture *fx = *state;
	uint64_t folder = make(fx, slot(3), "Album");
	struct jb_file *f;
	struct jb_item item;
	char name[32];

	assert_err(jb_folder_make(fx->jb, slot(3), "B", 0755, 0, 0, &item), FOLDER_THERE);
	assert_err(jb_file_create(fx->jb, slot(3), "x.iso", 0644, 0, 0, &f, NULL), FOLDER_THERE);
	assert_err(jb_folder_make(fx->jb, picker(), "B", 0755, 0, 0, &item), IS_FIXED);
	assert_err(jb_folder_make(fx->jb, slot(99), "B", 0755, 0, 0, &item), NO_ELEMENT);
	copy_in(fx, slot(2), "x.iso", 4096, 1);
	assert_err(jb_folder_make(fx->jb, slot(2), "B", 0755, 0, 0, &item), ELEMENT_FULL);
	assert_err(jb_item_rename(fx->jb, slot(2), "x.iso", slot(3), "x.iso"), FOLDER_THERE);
	jb_mailslots_prevent(fx->jb, true);
	assert_err(jb_folder_make(fx->jb, mailslot(1), "B", 0755, 0, 0, &item), MAILSLOTS_LOCKED);
	jb_mailslots_prevent(fx->jb, false);
	assert_err(jb_folder_remove(fx->jb, slot(2), "x.iso"), NOT_FOLDER);
	assert_err(jb_folder_remove(fx->jb, slot(2), "y"), NO_ITEM);
	assert_err(jb_item_remove(fx->jb, slot(3), "Album"), NOT_A_DISC);
	assert_err(jb_item_rename(fx->jb, slot(3), "Album", slot(4), "Album"), FOLDER_STAYS);
	assert_err(jb_file_open(fx->jb, folder, false, false, &f), NOT_A_DISC);
	assert_err(jb_elem_remove(fx->jb, slot(6)), OK);
	for (unsigned i = 0; i < JB_PARTS_MAX; i++) {
		snprintf(name, sizeof(name), "%u", i);
		put_sheet(fx, folder, name, "");
	}
	assert_err(jb_folder_create(fx->jb, folder, "more", 0644, 0, 0, &f, NULL), PARTS_LIMIT);
	assert_err(jb_folder_remove(fx->jb, slot(3), "Album"), FOLDER_NOT_EMPTY);
	assert_err(jb_folder_unlink(fx->jb, folder, "more"), NO_ITEM);
	for (unsigned i = 0; i < JB_PARTS_MAX; i++) {
		snprintf(name, sizeof(name), "%u", i);
		assert_ok(jb_folder_unlink(fx->jb, folder, name));
	}
	assert_ok(jb_folder_remove(fx->jb, slot(3), "Album"));
	assert_true(is_empty(fx, slot(3)));
	assert_err(jb_folder_create(fx->jb, folder, "more", 0644, 0, 0, &f, NULL), NO_ITEM);
	AWAIT(entries(fx, "incoming") == 0);
}

static void
all_files_of_a_folder_fit_on_a_disc(void **state)
{
	uint64_t half = 0;
	struct fixture *fx = *state;
	uint64_t folder = make(fx, slot(3), "Album");
	struct jb_file *one = begin_part(fx, folder, "one"), *two = begin_part(fx, folder, "two");

	/* The largest medium that there is has more than 100 GB. */
	for (half = 1 << 30; jb_file_write(one, "x", 1, half * 2) == JB_OK; half *= 2)
		;
	assert_err(jb_file_write(two, "x", 1, half), TOO_LARGE);
	assert_ok(jb_file_write(two, "x", 1, 0));
	jb_file_release(one);
	jb_file_release(two);
}

/* In the middle of a copy the file that is meant may still come. */
static void
guess_waits_until_nothing_changes(void **state)
{
	struct fixture *fx = *state;
	uint64_t folder = make(fx, slot(3), "Album"), began;
	char why[JB_IMPORT_TEXT];

	put_sheet(fx, folder, "album.lst", "?two\n");
	put_part(fx, folder, "one", 0, 1);
	AWAIT((jb_item_why(fx->jb, folder, why), why[0] != '\0' && strstr(why, "no ") == NULL));
	assert_string_equal(why, "?two is missing");
	assert_absent(fx, slot(3), "album.iso");
	put_part(fx, folder, "?two", 0, 7);
	AWAIT(is_disc(fx, slot(3), "album.iso"));
	assert_content(fx, slot(3), "album.iso", PART, 7);
	folder = make(fx, slot(4), "Album");
	put_part(fx, folder, "one", 0, 1);
	began = clock_ms();
	put_sheet(fx, folder, "album.lst", "?two\n");
	AWAIT(is_disc(fx, slot(4), "album.iso"));
	assert_in_range(clock_ms() - began, FOLDER_QUIET_MS - 100, 30000);
	assert_content(fx, slot(4), "album.iso", PART, 1);
	assert_int_equal(told_err, JB_OK);
}

/* Both names would be in one element. */
static void
folder_named_like_its_disc(void **state)
{
	struct fixture *fx = *state;
	char why[JB_IMPORT_TEXT] = "";
	uint64_t folder;

	folder = make_whole(fx, slot(3), "album.iso");
	AWAIT(told_err != JB_OK);
	assert_err(told_err, FOREIGN);
	jb_item_why(fx->jb, folder, why);
	assert_string_equal(why, "the folder has the name of its disc: rename it");
	assert_int_equal(parts_in(fx, folder), 3);
	assert_ok(jb_item_rename(fx->jb, slot(3), "album.iso", slot(3), "album"));
	AWAIT(is_disc(fx, slot(3), "album.iso"));
	assert_content(fx, slot(3), "album.iso", 2 * PART, 7);
}

/* cp -a sets owner and mode of a folder behind all that is in it, when the disc is being made or is there. */
static void
disc_has_what_its_folder_gets_later(void **state)
{
	const struct jb_attr mine = {.set = JB_ATTR_UID | JB_ATTR_MODE | JB_ATTR_MTIME,
		.uid = 77,
		.mode = 0750,
		.mtime = {1000, 0}};
	struct fixture *fx = *state;
	struct jb_item item;
	uint64_t folder;

	for (unsigned later = 0; later < 2; later++) {
		held = !later;
		folder = make_whole(fx, slot(3), "Album");
		AWAIT(jb_item_lookup(fx->jb, slot(3), "album.iso", &item) == JB_OK);
		if (later)
			AWAIT(is_disc(fx, slot(3), "album.iso") && parts_in(fx, folder) == 3);
		assert_ok(jb_item_setattr(fx->jb, folder, &mine));
		held = false;
		AWAIT(is_disc(fx, slot(3), "album.iso"));
		reopen(fx);
		item = look(fx, slot(3), "album.iso");
		assert_int_equal(item.uid, 77);
		assert_int_equal(item.gid, 2);
		assert_int_equal(item.mode & 0777, 0640);
		assert_int_not_equal(item.mtime.tv_sec, 1000);
		assert_ok(jb_item_remove(fx->jb, slot(3), "album.iso"));
		jb_set_import(fx->jb, import_list, hear, NULL);
	}
	/* But not if somebody has chosen others for the disc. */
	held = true;
	folder = make_whole(fx, slot(3), "Album");
	AWAIT(jb_item_lookup(fx->jb, slot(3), "album.iso", &item) == JB_OK);
	AWAIT(jb_item_setattr(fx->jb, item.id, &mine) == JB_OK);
	held = false;
	AWAIT(is_disc(fx, slot(3), "album.iso"));
	assert_int_equal(look(fx, slot(3), "album.iso").uid, 77);
	assert_int_equal(look(fx, slot(3), "album.iso").mtime.tv_sec, 1000);
}

static void
nothing_changes_while_a_disc_is_made(void **state)
{
	struct fixture *fx = *state;
	uint64_t folder;
	struct jb_item item;
	struct jb_file *f;

	held = true;
	folder = make_whole(fx, slot(3), "Album");
	AWAIT(jb_item_lookup(fx->jb, slot(3), "album.iso", &item) == JB_OK);
	assert_int_equal(item.kind, JB_ITEM_INCOMING);
	assert_true(status_of(fx, slot(3)).reserved);
	assert_err(jb_file_open(fx->jb, item.id, true, false, &f), BEING_INSERTED);
	assert_err(
		jb_item_rename(fx->jb, slot(3), "album.iso", slot(4), "album.iso"), BEING_INSERTED);
	assert_err(jb_folder_unlink(fx->jb, folder, "one"), BEING_INSERTED);
	assert_err(jb_folder_rename(fx->jb, folder, "one", "three"), BEING_INSERTED);
	assert_ok(jb_folder_lookup(fx->jb, folder, "one", &item));
	assert_err(jb_file_open(fx->jb, item.id, true, false, &f), BEING_INSERTED);
	put_part(fx, folder, "readme", 0, 1);
	held = false;
	AWAIT(is_disc(fx, slot(3), "album.iso"));
}

static void
removing_the_disc_ends_its_making(void **state)
{
	struct fixture *fx = *state;
	uint64_t folder;
	struct jb_item item;

	held = true;
	folder = make_whole(fx, slot(3), "Album");
	AWAIT(jb_item_lookup(fx->jb, slot(3), "album.iso", &item) == JB_OK);
	assert_ok(jb_item_remove(fx->jb, slot(3), "album.iso"));
	AWAIT(told_err != JB_OK);
	assert_int_equal(parts_in(fx, folder), 3);
	assert_absent(fx, slot(3), "album.iso");
	held = false;
	assert_ok(jb_folder_rename(fx->jb, folder, "album.lst", "again.lst"));
	AWAIT(is_disc(fx, slot(3), "again.iso"));
}

/* A program that only reads a part, or changes its attributes, has its claim for a moment. */
static void
a_claimed_part_only_delays(void **state)
{
	struct fixture *fx = *state;
	uint64_t folder = make(fx, slot(3), "Album");
	struct timespec deadline = jb_deadline(1000);
	struct jb_item item;
	struct item *part;

	put_part(fx, folder, "one", 0, 7);
	assert_ok(jb_folder_lookup(fx->jb, folder, "one", &item));
	jb_enter(fx->jb);
	part = item_by_id(fx->jb, item.id);
	assert_ok(item_claim(part, &deadline));
	jb_leave(fx->jb);
	put_sheet(fx, folder, "album.lst", "one\n");
	usleep(100000);
	assert_absent(fx, slot(3), "album.iso");
	jb_enter(fx->jb);
	item_unclaim(part);
	jb_leave(fx->jb);
	AWAIT(is_disc(fx, slot(3), "album.iso"));
}

/* Stops the importer as jb_item_remove does, which then fails. */
static void
a_removal_that_fails_only_delays(void **state)
{
	struct fixture *fx = *state;
	struct jb_item item;

	held = true;
	make_whole(fx, slot(3), "Album");
	AWAIT(jb_item_lookup(fx->jb, slot(3), "album.iso", &item) == JB_OK);
	jb_enter(fx->jb);
	fx->jb->imports.watch.stop = true;
	jb_leave(fx->jb);
	held = false;
	AWAIT(is_disc(fx, slot(3), "album.iso"));
}

/* The folder's disc is there when a second sheet comes. */
static void
a_disc_that_leaves_lets_the_next_one_come(void **state)
{
	struct fixture *fx = *state;
	uint64_t folder = make(fx, slot(3), "Album");

	put_part(fx, folder, "readme", 0, 1);
	put_part(fx, folder, "one", 0, 7);
	put_sheet(fx, folder, "album.lst", "one\n");
	AWAIT(is_disc(fx, slot(3), "album.iso"));
	put_sheet(fx, folder, "second.lst", "readme\n");
	AWAIT(told_err != JB_OK);
	assert_err(told_err, ELEMENT_FULL);
	assert_ok(jb_item_rename(fx->jb, slot(3), "album.iso", slot(4), "album.iso"));
	AWAIT(is_disc(fx, slot(3), "second.iso"));
	folder = make(fx, slot(5), "More");
	put_part(fx, folder, "readme", 0, 1);
	put_part(fx, folder, "one", 0, 7);
	put_sheet(fx, folder, "album.lst", "one\n");
	AWAIT(is_disc(fx, slot(5), "album.iso"));
	told_err = JB_OK;
	put_sheet(fx, folder, "second.lst", "readme\n");
	AWAIT(told_err != JB_OK);
	assert_ok(jb_item_remove(fx->jb, slot(5), "album.iso"));
	AWAIT(is_disc(fx, slot(5), "second.iso"));
}

static void
a_folder_that_is_done_gives_way(void **state)
{
	struct fixture *fx = *state;

	make_whole(fx, slot(3), "Album");
	AWAIT(is_disc(fx, slot(3), "album.iso"));
	AWAIT(entries(fx, "incoming") == 0);
	assert_ok(jb_item_rename(fx->jb, slot(3), "album.iso", slot(4), "album.iso"));
	make_whole(fx, slot(3), "Next");
	AWAIT(is_disc(fx, slot(3), "album.iso"));
}

static void
an_unlocked_mail_slot_takes_its_disc(void **state)
{
	struct fixture *fx = *state;
	uint64_t folder = make(fx, mailslot(1), "Album");

	put_part(fx, folder, "one", 0, 7);
	jb_mailslots_prevent(fx->jb, true);
	put_sheet(fx, folder, "album.lst", "one\n");
	AWAIT(told_err == JB_MAILSLOTS_LOCKED);
	jb_mailslots_prevent(fx->jb, false);
	AWAIT(is_disc(fx, mailslot(1), "album.iso"));
}

/* An import that takes long keeps the thread from its queue. */
static void
removed_folders_leave_the_queue(void **state)
{
	struct fixture *fx = *state;
	struct jb_item item;
	bool empty;

	held = true;
	make_whole(fx, slot(3), "Album");
	AWAIT(jb_item_lookup(fx->jb, slot(3), "album.iso", &item) == JB_OK);
	(void)make(fx, slot(4), "B");
	assert_ok(jb_folder_remove(fx->jb, slot(4), "B"));
	jb_enter(fx->jb);
	empty = TAILQ_EMPTY(&fx->jb->imports.queue);
	jb_leave(fx->jb);
	assert_true(empty);
	held = false;
	AWAIT(is_disc(fx, slot(3), "album.iso"));
}

static void
stops_while_a_disc_is_made(void **state)
{
	struct fixture *fx = *state;
	struct jb_item item;

	held = true;
	make_whole(fx, slot(3), "Album");
	AWAIT(jb_item_lookup(fx->jb, slot(3), "album.iso", &item) == JB_OK);
	reopen(fx);
	held = false;
	assert_int_equal(look(fx, slot(3), "Album").kind, JB_ITEM_FOLDER);
	jb_set_import(fx->jb, import_list, hear, NULL);
	AWAIT(is_disc(fx, slot(3), "album.iso"));
	assert_content(fx, slot(3), "album.iso", 2 * PART, 7);
}

static void
renames(void **state)
{
	struct fixture *fx = *state;
	uint64_t folder = make(fx, slot(3), "Album"), one;
	struct jb_item item;

	put_part(fx, folder, ".one.XyZ123", 0, 7);
	put_part(fx, folder, "two", 0, 7);
	assert_ok(jb_folder_lookup(fx->jb, folder, ".one.XyZ123", &item));
	one = item.id;
	assert_ok(jb_folder_rename(fx->jb, folder, ".one.XyZ123", "two"));
	assert_int_equal(parts_in(fx, folder), 1);
	assert_err(jb_folder_rename(fx->jb, folder, "one", "two"), NO_ITEM);
	assert_ok(jb_folder_rename(fx->jb, folder, "two", "one"));
	/* A folder is never hidden. */
	assert_err(jb_item_rename(fx->jb, slot(3), "Album", slot(3), ".Album"), IS_FIXED);
	assert_ok(jb_item_rename(fx->jb, slot(3), "Album", slot(3), "Other"));
	assert_absent(fx, slot(3), "Album");
	reopen(fx);
	assert_int_equal(look(fx, slot(3), "Other").id, folder);
	assert_ok(jb_folder_lookup(fx->jb, folder, "one", &item));
	assert_int_equal(item.id, one);
	assert_int_equal(item.size, PART);
}

static void
only_closed_files_outlive_the_daemon(void **state)
{
	struct fixture *fx = *state;
	uint64_t folder = make(fx, slot(3), "Album");
	struct jb_file *f, *g;

	put_part(fx, folder, "one", 0, 7);
	f = begin_part(fx, folder, "killed");
	assert_ok(jb_file_write(f, "x", 1, 0));
	assert_ok(jb_file_flush(f, true));
	jb_file_release(f);
	g = begin_part(fx, folder, "open");
	assert_ok(jb_file_write(g, "x", 1, 0));
	assert_int_equal(parts_in(fx, folder), 3);
	jb_file_release(g);
	reopen(fx);
	assert_true(has_part(fx, folder, "one"));
	assert_int_equal(parts_in(fx, folder), 1);
	assert_int_equal(look(fx, slot(3), "Album").mode, 0755);
}

static uint64_t
part_id(struct fixture *fx, uint64_t folder, const char *name)
{
	struct jb_item item;

	assert_ok(jb_folder_lookup(fx->jb, folder, name, &item));
	return item.id;
}

static void
part_that_is_cut_outlives_the_daemon(void **state)
{
	struct fixture *fx = *state;
	uint64_t folder = make(fx, slot(3), "Album");
	struct jb_item item;

	put_part(fx, folder, "one", 0, 7);
	assert_ok(jb_file_truncate(fx->jb, part_id(fx, folder, "one"), 5));
	reopen(fx);
	assert_ok(jb_folder_lookup(fx->jb, folder, "one", &item));
	assert_int_equal(item.size, 5);
}

static void
half_written_part_is_not_taken_for_the_old_one(void **state)
{
	struct fixture *fx = *state;
	uint64_t folder = make(fx, slot(3), "Album");
	struct jb_file *f;

	put_part(fx, folder, "one", 0, 7);
	put_part(fx, folder, "two", 0, 7);
	assert_ok(jb_file_open(fx->jb, part_id(fx, folder, "two"), true, false, &f));
	jb_file_release(f);
	assert_ok(jb_file_open(fx->jb, part_id(fx, folder, "one"), true, false, &f));
	assert_ok(jb_file_write(f, "x", 1, 0));
	jb_file_release(f);
	reopen(fx);
	assert_false(has_part(fx, folder, "one"));
	assert_true(has_part(fx, folder, "two"));
}

struct opening {
	struct jukebox *jb;
	uint64_t id;
	enum jb_err err;
};

static void *
open_for_writing(void *arg)
{
	struct opening *o = arg;
	struct jb_file *f;

	o->err = jb_file_open(o->jb, o->id, true, false, &f);
	if (o->err == JB_OK)
		jb_file_release(f);
	return NULL;
}

/* A program waits to open a part, and then a disc is made of it. */
static void
open_that_waited_finds_a_part_in_use(void **state)
{
	struct fixture *fx = *state;
	uint64_t folder = make(fx, slot(3), "Album");
	struct opening o = {.jb = fx->jb};
	struct item *part;
	pthread_t thread;

	put_part(fx, folder, "one", 0, 7);
	o.id = part_id(fx, folder, "one");
	assert_ok(item_take(fx->jb, o.id, &part));
	assert_int_equal(pthread_create(&thread, NULL, open_for_writing, &o), 0);
	for (int i = 0; i < 20; i++)
		nap();
	jb_enter(fx->jb);
	part->used = true;
	jb_leave(fx->jb);
	item_let_go(part);
	pthread_join(thread, NULL);
	assert_err(o.err, BEING_INSERTED);
	jb_enter(fx->jb);
	part->used = false;
	jb_leave(fx->jb);
	assert_ok(jb_folder_unlink(fx->jb, folder, "one"));
}

/* Runs the command in the directory of an item in the store, while the daemon is not there. */
static void
shell_in(struct fixture *fx, uint64_t id, const char *command)
{
	char all[200];

	snprintf(all, sizeof(all), "cd incoming/%016" PRIx64 " && %s", id, command);
	jb_close(fx->jb);
	shell(fx, all);
	open_store(fx, 0, 0, 0);
}

static void
parts_wait_for_a_folder_that_cannot_be_put_back(void **state)
{
	struct fixture *fx = *state;
	uint64_t folder = make(fx, slot(3), "Album");

	put_part(fx, folder, "one", 0, 7);
	shell_in(fx, folder, "sed -i s,slots/3,slots/99, disc.json");
	assert_true(is_empty(fx, slot(3)));
	shell_in(fx, folder, "sed -i s,slots/99,slots/3, disc.json");
	assert_true(has_part(fx, folder, "one"));
}

static void
part_that_cannot_be_read_is_left_alone(void **state)
{
	struct fixture *fx = *state;
	uint64_t one, folder = make(fx, slot(3), "Album");

	put_part(fx, folder, "one", 0, 7);
	one = part_id(fx, folder, "one");
	shell_in(fx, one, "mv disc.json d && ln -s d disc.json");
	assert_false(has_part(fx, folder, "one"));
	shell_in(fx, one, "mv d disc.json");
	assert_true(has_part(fx, folder, "one"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(becomes_a_disc),
		TEST(rest_keeps_the_folder),
		TEST(files_come_to_a_folder_that_is_done),
		TEST(says_what_is_missing),
		TEST(refuses),
		TEST(all_files_of_a_folder_fit_on_a_disc),
		TEST(guess_waits_until_nothing_changes),
		TEST(folder_named_like_its_disc),
		TEST(disc_has_what_its_folder_gets_later),
		TEST(nothing_changes_while_a_disc_is_made),
		TEST(removing_the_disc_ends_its_making),
		TEST(a_claimed_part_only_delays),
		TEST(a_removal_that_fails_only_delays),
		TEST(a_disc_that_leaves_lets_the_next_one_come),
		TEST(a_folder_that_is_done_gives_way),
		TEST(an_unlocked_mail_slot_takes_its_disc),
		TEST(removed_folders_leave_the_queue),
		TEST(stops_while_a_disc_is_made),
		TEST(renames),
		TEST(only_closed_files_outlive_the_daemon),
		TEST(part_that_is_cut_outlives_the_daemon),
		TEST(half_written_part_is_not_taken_for_the_old_one),
		TEST(open_that_waited_finds_a_part_in_use),
		TEST(parts_wait_for_a_folder_that_cannot_be_put_back),
		TEST(part_that_cannot_be_read_is_left_alone),
	};

	return cmocka_run_group_tests(tests, share_progress, NULL);
}
