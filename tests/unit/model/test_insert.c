/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of an insert: all paths through its states.
 */
#include "tests/unit/model/fixture.h"

#include <pthread.h>

#define MIB (1024 * 1024)

static void
copy_becomes_disc(void **state)
{
	struct fixture *fx = *state;
	struct jb_file *f = create(fx, slot(3), "x.iso");
	struct jb_item item;

	assert_int_equal(look(fx, slot(3), "x.iso").kind, JB_ITEM_INCOMING);
	assert_false(status_of(fx, slot(3)).full);
	assert_true(status_of(fx, slot(3)).reserved);
	assert_ok(write_pattern(f, 0, MIB, 1));
	assert_ok(jb_file_flush(f, false));
	assert_int_equal(look(fx, slot(3), "x.iso").kind, JB_ITEM_INCOMING);
	jb_file_release(f);
	item = look(fx, slot(3), "x.iso");
	assert_int_equal(item.kind, JB_ITEM_DISC);
	assert_int_equal(item.status, DISC_COMPLETE);
	assert_int_equal(item.medium->profile, PROFILE_CD_ROM);
	assert_int_equal(item.capacity, MIB / SECTOR_SIZE);
	assert_int_equal(item.uid, 1);
	assert_true(status_of(fx, slot(3)).full);
	assert_string_equal(status_of(fx, slot(3)).label, "x");
	assert_content(fx, slot(3), "x.iso", MIB, 1);
	assert_int_equal(entries(fx, "incoming"), 0);
	reopen(fx);
	assert_int_equal(look(fx, slot(3), "x.iso").id, item.id);
	assert_content(fx, slot(3), "x.iso", MIB, 1);
	assert_false(look(fx, slot(3), "x.iso").recovered);
}

/* Shells and dd flush an empty file first; a group of programs flushes half of the file. */
static void
flush_is_not_the_end(void **state)
{
	struct fixture *fx = *state;
	struct jb_file *f = create(fx, slot(1), "x.iso");

	assert_ok(jb_file_flush(f, false));
	assert_ok(write_pattern(f, 0, 5000, 2));
	assert_ok(jb_file_flush(f, false));
	assert_ok(write_pattern(f, 5000, 10000, 2));
	assert_ok(jb_file_flush(f, false));
	assert_ok(jb_file_flush(f, false));
	jb_file_release(f);
	assert_content(fx, slot(1), "x.iso", 10000, 2);
	/* The last sector is padded with zeros. */
	assert_int_equal(look(fx, slot(1), "x.iso").capacity, 5);
}

static void
last_of_two_writers_commits(void **state)
{
	struct fixture *fx = *state;
	struct jb_file *a = create(fx, slot(1), "x.iso"), *b;

	assert_ok(jb_file_open(fx->jb, look(fx, slot(1), "x.iso").id, true, false, &b));
	assert_ok(write_pattern(a, 0, 4096, 3));
	assert_ok(jb_file_flush(a, false));
	jb_file_release(a);
	assert_int_equal(look(fx, slot(1), "x.iso").kind, JB_ITEM_INCOMING);
	assert_ok(write_pattern(b, 4096, 8192, 3));
	assert_ok(jb_file_flush(b, false));
	jb_file_release(b);
	assert_int_equal(look(fx, slot(1), "x.iso").kind, JB_ITEM_DISC);
	assert_content(fx, slot(1), "x.iso", 8192, 3);
}

static void
touch_makes_blanks(void **state)
{
	static const struct {
		const char *name, *medium, *label;
	} rows[] = {
		{"A1.iso", "dvd+r", "A1"},
		{"A2.dvd+r.iso", "dvd+r", "A2"},
		{"A3.DVD+R", "dvd+r", "A3"},
		{"A4.bd-rom.iso", "dvd+r", "A4"},
		{"A5", "dvd+r", "A5"},
	};
	struct fixture *fx = *state;

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct jb_item item;

		copy_in(fx, slot(i + 1), rows[i].name, 0, 0);
		item = look(fx, slot(i + 1), rows[i].name);
		assert_int_equal(item.kind, JB_ITEM_DISC);
		assert_int_equal(item.status, DISC_BLANK);
		assert_string_equal(item.medium->suffix, rows[i].medium);
		assert_int_equal(item.capacity, item.medium->capacity);
		assert_int_equal(item.size, 0);
		assert_string_equal(status_of(fx, slot(i + 1)).label, rows[i].label);
	}
	reopen(fx);
	assert_int_equal(look(fx, slot(5), "A5").status, DISC_BLANK);
}

/* A word that begins like a medium's and is none would be a surprise as a DVD+R. */
static void
touch_with_an_unknown_medium(void **state)
{
	static const char *const names[] = {
		"B1.bd-r-tl.iso", "B2.DVD-RWX.iso", "B3.cd-x", "B4.dvd+r9.img"};
	struct fixture *fx = *state;
	struct jb_file *f;

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		f = create(fx, slot(i + 1), names[i]);
		assert_err(jb_file_flush(f, false), NO_SUCH_MEDIUM);
		jb_file_release(f);
		assert_int_equal(look(fx, slot(i + 1), names[i]).kind, JB_ITEM_INCOMPLETE);
		assert_string_equal(status_of(fx, slot(i + 1)).label, "");
	}
	reopen(fx);
	assert_int_equal(look(fx, slot(1), names[0]).kind, JB_ITEM_INCOMPLETE);
	assert_err(jb_item_complete(fx->jb, look(fx, slot(1), names[0]).id), NO_SUCH_MEDIUM);
	/* With another name it is a blank, when the user says so. */
	assert_ok(jb_item_rename(fx->jb, slot(1), names[0], slot(1), "B1.bd-r-xl.iso"));
	assert_ok(jb_item_complete(fx->jb, look(fx, slot(1), "B1.bd-r-xl.iso").id));
	assert_string_equal(look(fx, slot(1), "B1.bd-r-xl.iso").medium->suffix, "bd-r-xl");
	assert_int_equal(look(fx, slot(1), "B1.bd-r-xl.iso").status, DISC_BLANK);
	/* With data, the word is a part of the label. */
	copy_in(fx, slot(5), "Film.dvd-rip.iso", 4096, 1);
	assert_string_equal(status_of(fx, slot(5)).label, "Film.dvd-rip");
}

static void
data_with_media_suffix_is_recorded_medium(void **state)
{
	struct fixture *fx = *state;
	struct jb_item item;

	copy_in(fx, slot(1), "x.dvd+r.iso", 4096, 1);
	item = look(fx, slot(1), "x.dvd+r.iso");
	assert_string_equal(item.medium->suffix, "dvd+r");
	assert_int_equal(item.status, DISC_COMPLETE);
	assert_int_equal(item.capacity, item.medium->capacity);
	/* A pressed type in the name overrides the type by size. The disc is as large as its image. */
	copy_in(fx, slot(2), "y.DVD-ROM.iso", 4096, 1);
	item = look(fx, slot(2), "y.DVD-ROM.iso");
	assert_string_equal(item.medium->suffix, "dvd-rom");
	assert_int_equal(item.status, DISC_COMPLETE);
	assert_int_equal(item.capacity, 2);
	assert_string_equal(status_of(fx, slot(2)).label, "y");
}

static void
killed_writer_leaves_incomplete(void **state)
{
	struct fixture *fx = *state;
	struct jb_file *f = create(fx, slot(2), "x.iso");
	uint64_t id;

	assert_ok(write_pattern(f, 0, 5 * 2048, 1));
	assert_ok(jb_file_flush(f, true));
	jb_file_release(f);
	assert_int_equal(look(fx, slot(2), "x.iso").kind, JB_ITEM_INCOMPLETE);
	assert_false(status_of(fx, slot(2)).full);
	assert_err(jb_move(fx->jb, slot(2), slot(3), NULL), INCOMPLETE);
	assert_err(jb_file_create(fx->jb, slot(2), "y.iso", 0644, 0, 0, &f, NULL), ELEMENT_FULL);
	reopen(fx);
	assert_int_equal(look(fx, slot(2), "x.iso").kind, JB_ITEM_INCOMPLETE);
	id = look(fx, slot(2), "x.iso").id;
	/* Opened and closed again without a write: no change. */
	assert_ok(jb_file_open(fx->jb, id, true, false, &f));
	assert_int_equal(look(fx, slot(2), "x.iso").kind, JB_ITEM_INCOMING);
	assert_ok(jb_file_flush(f, false));
	jb_file_release(f);
	assert_int_equal(look(fx, slot(2), "x.iso").kind, JB_ITEM_INCOMPLETE);
	/* rsync --inplace continues it. */
	assert_ok(jb_file_open(fx->jb, id, true, false, &f));
	assert_ok(write_pattern(f, 5 * 2048, 9 * 2048, 1));
	assert_ok(jb_file_flush(f, false));
	jb_file_release(f);
	assert_int_equal(look(fx, slot(2), "x.iso").kind, JB_ITEM_DISC);
	assert_content(fx, slot(2), "x.iso", 9 * 2048, 1);
	reopen(fx);
	assert_content(fx, slot(2), "x.iso", 9 * 2048, 1);
}

static void
killed_then_copied_again(void **state)
{
	struct fixture *fx = *state;
	struct jb_file *f = create(fx, slot(2), "x.iso");

	assert_ok(write_pattern(f, 0, 5 * 2048, 1));
	assert_ok(jb_file_flush(f, true));
	jb_file_release(f);
	assert_ok(jb_file_open(fx->jb, look(fx, slot(2), "x.iso").id, true, true, &f));
	assert_int_equal(look(fx, slot(2), "x.iso").size, 0);
	assert_ok(write_pattern(f, 0, 3 * 2048, 7));
	assert_ok(jb_file_flush(f, false));
	jb_file_release(f);
	assert_content(fx, slot(2), "x.iso", 3 * 2048, 7);
	assert_int_equal(look(fx, slot(2), "x.iso").kind, JB_ITEM_DISC);
}

static void
killed_touch_is_no_blank(void **state)
{
	struct fixture *fx = *state;
	struct jb_file *f = create(fx, slot(2), "x.iso");

	assert_ok(jb_file_flush(f, true));
	jb_file_release(f);
	assert_int_equal(look(fx, slot(2), "x.iso").kind, JB_ITEM_INCOMPLETE);
}

/* An image that is shorter than its volume claims (ECMA-119 8.4). */
static void
shorter_than_volume_is_incomplete(void **state)
{
	struct fixture *fx = *state;
	uint8_t pvd[2048] = "\001CD001\001";

	for (unsigned sectors = 19; sectors <= 21; sectors++) {
		struct jb_file *f = create(fx, slot(1), "v.iso");

		pvd[80] = 20; /* volume space size */
		pvd[129] = 8; /* of 2048 bytes each */
		assert_ok(write_pattern(f, 0, sectors * 2048, 1));
		assert_ok(jb_file_write(f, pvd, sizeof(pvd), 16 * 2048));
		assert_ok(jb_file_flush(f, false));
		jb_file_release(f);
		assert_int_equal(look(fx, slot(1), "v.iso").kind,
			sectors < 20 ? JB_ITEM_INCOMPLETE : JB_ITEM_DISC);
		assert_ok(jb_item_remove(fx->jb, slot(1), "v.iso"));
	}
}

static void
user_overrules_incomplete(void **state)
{
	struct fixture *fx = *state;
	struct jb_file *f = create(fx, slot(2), "x.iso");
	uint64_t id;

	assert_ok(write_pattern(f, 0, 5 * 2048, 1));
	assert_ok(jb_file_flush(f, true));
	id = look(fx, slot(2), "x.iso").id;
	assert_err(jb_item_complete(fx->jb, id), BEING_INSERTED);
	jb_file_release(f);
	assert_ok(jb_item_complete(fx->jb, id));
	assert_int_equal(look(fx, slot(2), "x.iso").kind, JB_ITEM_DISC);
	assert_ok(jb_item_complete(fx->jb, id));
	reopen(fx);
	assert_int_equal(look(fx, slot(2), "x.iso").kind, JB_ITEM_DISC);
	assert_ok(jb_move(fx->jb, slot(2), drive(0), NULL));
}

static void
recording_over_a_blank(void **state)
{
	struct fixture *fx = *state;
	struct jb_item blank, item;
	struct jb_file *f;

	copy_in(fx, slot(1), "b.iso", 0, 0);
	blank = look(fx, slot(1), "b.iso");
	assert_ok(jb_file_open(fx->jb, blank.id, true, true, &f));
	assert_int_equal(look(fx, slot(1), "b.iso").kind, JB_ITEM_INCOMING);
	assert_ok(write_pattern(f, 0, 7 * 2048 + 5, 4));
	assert_int_equal(look(fx, slot(1), "b.iso").size, 7 * 2048 + 5);
	assert_ok(jb_file_flush(f, false));
	jb_file_release(f);
	item = look(fx, slot(1), "b.iso");
	assert_int_equal(item.kind, JB_ITEM_DISC);
	assert_int_equal(item.id, blank.id);
	assert_int_equal(item.status, DISC_COMPLETE);
	assert_ptr_equal(item.medium, blank.medium);
	assert_int_equal(item.capacity, blank.capacity);
	assert_content(fx, slot(1), "b.iso", 7 * 2048 + 5, 4);
	assert_int_equal(entries(fx, "slots/1/b.iso"), 2);
	reopen(fx);
	assert_content(fx, slot(1), "b.iso", 7 * 2048 + 5, 4);
	assert_int_equal(look(fx, slot(1), "b.iso").status, DISC_COMPLETE);
}

static void
blank_stays_blank(void **state)
{
	struct fixture *fx = *state;
	struct jb_item blank;
	struct jb_file *f;

	copy_in(fx, slot(1), "b.iso", 0, 0);
	blank = look(fx, slot(1), "b.iso");
	/* touch of an existing blank */
	assert_ok(jb_file_open(fx->jb, blank.id, true, false, &f));
	assert_ok(jb_file_flush(f, false));
	assert_ok(jb_item_setattr(fx->jb, blank.id,
		&(struct jb_attr){.set = JB_ATTR_MTIME, .mtime = {1000000000, 0}}));
	jb_file_release(f);
	reopen(fx);
	assert_int_equal(look(fx, slot(1), "b.iso").status, DISC_BLANK);
	assert_int_equal(look(fx, slot(1), "b.iso").mtime.tv_sec, 1000000000);
	/* a cp that was killed: the blank stays */
	assert_ok(jb_file_open(fx->jb, blank.id, true, true, &f));
	assert_ok(write_pattern(f, 0, 4096, 4));
	assert_ok(jb_file_flush(f, true));
	jb_file_release(f);
	assert_int_equal(look(fx, slot(1), "b.iso").kind, JB_ITEM_DISC);
	assert_int_equal(look(fx, slot(1), "b.iso").status, DISC_BLANK);
	assert_int_equal(look(fx, slot(1), "b.iso").size, 0);
	assert_int_equal(entries(fx, "slots/1/b.iso"), 2);
	/* and takes a recording after that */
	assert_ok(jb_file_open(fx->jb, blank.id, true, true, &f));
	assert_ok(write_pattern(f, 0, 4096, 5));
	assert_ok(jb_file_flush(f, false));
	jb_file_release(f);
	assert_content(fx, slot(1), "b.iso", 4096, 5);
}

static void
larger_than_the_medium(void **state)
{
	struct fixture *fx = *state;
	struct jb_file *f;
	uint64_t capacity;
	uint8_t byte[2048] = {1};

	copy_in(fx, slot(1), "b.iso", 0, 0);
	capacity = (uint64_t)look(fx, slot(1), "b.iso").capacity * SECTOR_SIZE;
	assert_ok(jb_file_open(fx->jb, look(fx, slot(1), "b.iso").id, true, false, &f));
	assert_err(jb_file_write(f, byte, 2048, capacity - 1), TOO_LARGE);
	jb_file_release(f);
	assert_int_equal(look(fx, slot(1), "b.iso").status, DISC_BLANK);
	f = create(fx, slot(2), "c.dvd+r.iso");
	assert_err(jb_file_write(f, byte, 2048, capacity), TOO_LARGE);
	jb_file_release(f);
	assert_int_equal(look(fx, slot(2), "c.dvd+r.iso").kind, JB_ITEM_INCOMPLETE);
	f = create(fx, slot(3), "d.iso");
	assert_err(jb_file_write(f, byte, 2048, UINT64_MAX - 3), TOO_LARGE);
	jb_file_release(f);
}

static void
truncate_and_allocate(void **state)
{
	struct fixture *fx = *state;
	struct jb_file *f = create(fx, slot(1), "x.iso");
	uint64_t id = look(fx, slot(1), "x.iso").id;

	assert_ok(jb_file_truncate(fx->jb, id, 8192));
	assert_int_equal(look(fx, slot(1), "x.iso").size, 8192);
	assert_ok(jb_file_allocate(f, 0, 0, 16384));
	assert_int_equal(look(fx, slot(1), "x.iso").size, 16384);
	assert_ok(jb_file_truncate(fx->jb, id, 4096));
	assert_err(jb_file_allocate(f, 0x08, 0, 4096), NOT_SUPPORTED);
	assert_ok(jb_file_flush(f, false));
	jb_file_release(f);
	assert_int_equal(look(fx, slot(1), "x.iso").size, 4096);
	assert_int_equal(look(fx, slot(1), "x.iso").status, DISC_COMPLETE);
	assert_err(jb_file_truncate(fx->jb, id, 0), RECORDED);
	/* truncate(2) of a blank, without a handle */
	copy_in(fx, slot(2), "b.iso", 0, 0);
	id = look(fx, slot(2), "b.iso").id;
	assert_ok(jb_file_truncate(fx->jb, id, 0));
	assert_int_equal(look(fx, slot(2), "b.iso").status, DISC_BLANK);
	assert_ok(jb_file_truncate(fx->jb, id, 4096));
	assert_int_equal(look(fx, slot(2), "b.iso").status, DISC_COMPLETE);
}

static void
copy_within_the_store(void **state)
{
	struct fixture *fx = *state;
	struct jb_file *in, *out;
	size_t copied = 0, done = 0;

	copy_in(fx, slot(1), "x.iso", 3 * MIB + 7, 9);
	assert_ok(jb_file_open(fx->jb, look(fx, slot(1), "x.iso").id, false, false, &in));
	out = create(fx, slot(2), "y.iso");
	do {
		assert_ok(jb_file_copy(in, done, out, done, 100 * MIB, &copied));
		done += copied;
	} while (copied > 0);
	assert_int_equal(done, 3 * MIB + 7);
	assert_ok(jb_file_flush(out, false));
	jb_file_release(out);
	jb_file_release(in);
	assert_content(fx, slot(2), "y.iso", 3 * MIB + 7, 9);
}

static void
remove_while_writing(void **state)
{
	struct fixture *fx = *state;
	struct jb_file *f = create(fx, slot(1), "x.iso");

	assert_ok(write_pattern(f, 0, 8192, 1));
	assert_ok(jb_file_flush(f, false));
	assert_ok(jb_item_remove(fx->jb, slot(1), "x.iso"));
	assert_absent(fx, slot(1), "x.iso");
	/* The handle stays valid, but its close inserts nothing. */
	assert_ok(write_pattern(f, 8192, 16384, 1));
	assert_ok(jb_file_flush(f, false));
	copy_in(fx, slot(1), "x.iso", 2048, 6);
	jb_file_release(f);
	assert_content(fx, slot(1), "x.iso", 2048, 6);
	reopen(fx);
	assert_content(fx, slot(1), "x.iso", 2048, 6);
	assert_int_equal(entries(fx, "incoming"), 0);
}

static void
remove_while_reading(void **state)
{
	struct fixture *fx = *state;
	struct jb_file *f;
	uint8_t is[2048], should[2048];

	copy_in(fx, slot(1), "x.iso", 8192, 6);
	assert_ok(jb_file_open(fx->jb, look(fx, slot(1), "x.iso").id, false, false, &f));
	assert_false(jb_file_writable(f));
	assert_false(jb_file_changing(f));
	assert_ok(jb_item_remove(fx->jb, slot(1), "x.iso"));
	fill(should, 2048, 4096, 6);
	assert_int_equal(pread(jb_file_fd(f), is, 2048, 4096), 2048);
	assert_memory_equal(is, should, 2048);
	jb_file_release(f);
	assert_false(status_of(fx, slot(1)).full);
}

/* install, wget and python set mode and times after the close. */
static void
attributes_can_be_set_after_the_close(void **state)
{
	struct fixture *fx = *state;
	struct jb_attr attr = {
		.set = JB_ATTR_MODE | JB_ATTR_UID | JB_ATTR_MTIME,
		.mode = 06755,
		.uid = 77,
		.mtime = {1000000000, 123456789},
	};
	struct jb_file *f = create(fx, slot(1), "x.iso");

	assert_ok(write_pattern(f, 0, 8192, 1));
	assert_ok(jb_file_flush(f, false));
	assert_ok(jb_item_setattr(fx->jb, look(fx, slot(1), "x.iso").id, &attr));
	jb_file_release(f);
	for (int i = 0; i < 2; i++) {
		struct jb_item item = look(fx, slot(1), "x.iso");

		assert_int_equal(item.mode, 0755);
		assert_int_equal(item.uid, 77);
		assert_int_equal(item.mtime.tv_sec, 1000000000);
		assert_int_equal(item.mtime.tv_nsec, 123456789);
		reopen(fx);
	}
	attr.set = JB_ATTR_GID;
	attr.gid = 99;
	assert_ok(jb_item_setattr(fx->jb, look(fx, slot(1), "x.iso").id, &attr));
	reopen(fx);
	assert_int_equal(look(fx, slot(1), "x.iso").gid, 99);
	assert_int_equal(look(fx, slot(1), "x.iso").mode, 0755);
	assert_err(jb_item_setattr(fx->jb, 4711, &attr), NO_ITEM);
}

static void
insert_into_a_drive(void **state)
{
	struct fixture *fx = *state;
	struct drive_view before, after;

	drive_view(jb_drive(fx->jb, 0), &before);
	strand_enter(drive_strand(jb_drive(fx->jb, 0)));
	assert_ok(drive_open_tray(jb_drive(fx->jb, 0), false));
	strand_leave(drive_strand(jb_drive(fx->jb, 0)));
	copy_in(fx, drive(0), "x.iso", 8192, 1);
	drive_view(jb_drive(fx->jb, 0), &after);
	assert_true(after.has_disc);
	assert_false(after.tray_open);
	assert_int_equal(after.media_arrivals, before.media_arrivals + 1);
	assert_true(after.media_changes > before.media_changes);
	strand_enter(drive_strand(jb_drive(fx->jb, 0)));
	assert_int_equal(disc_in(fx, 0)->size, 8192);
	strand_leave(drive_strand(jb_drive(fx->jb, 0)));
	assert_ok(jb_item_remove(fx->jb, drive(0), "x.iso"));
	drive_view(jb_drive(fx->jb, 0), &before);
	assert_false(before.has_disc);
	assert_true(before.media_changes > after.media_changes);
}

static void *
close_later(void *arg)
{
	struct jb_file *f = arg;

	usleep(50000);
	jb_file_release(f);
	return NULL;
}

/* close(2) has returned, but the RELEASE is still to come: a move waits for it. */
static void
move_waits_for_the_release(void **state)
{
	struct fixture *fx = *state;
	struct jb_file *f = create(fx, slot(1), "x.iso");
	pthread_t thread;

	assert_ok(write_pattern(f, 0, 8192, 1));
	assert_err(jb_move(fx->jb, slot(1), drive(0), NULL), BEING_INSERTED);
	assert_ok(jb_file_flush(f, false));
	pthread_create(&thread, NULL, close_later, f);
	assert_ok(jb_item_rename(fx->jb, slot(1), "x.iso", drive(0), "x.iso"));
	pthread_join(thread, NULL);
	assert_content(fx, drive(0), "x.iso", 8192, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(copy_becomes_disc),
		TEST(flush_is_not_the_end),
		TEST(last_of_two_writers_commits),
		TEST(touch_makes_blanks),
		TEST(touch_with_an_unknown_medium),
		TEST(data_with_media_suffix_is_recorded_medium),
		TEST(killed_writer_leaves_incomplete),
		TEST(killed_then_copied_again),
		TEST(killed_touch_is_no_blank),
		TEST(shorter_than_volume_is_incomplete),
		TEST(user_overrules_incomplete),
		TEST(recording_over_a_blank),
		TEST(blank_stays_blank),
		TEST(larger_than_the_medium),
		TEST(truncate_and_allocate),
		TEST(copy_within_the_store),
		TEST(remove_while_writing),
		TEST(remove_while_reading),
		TEST(attributes_can_be_set_after_the_close),
		TEST(insert_into_a_drive),
		TEST(move_waits_for_the_release),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
