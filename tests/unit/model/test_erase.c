/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A rewritable disc in a drive is formatted or blanked: while others have it open, over time, with the tab
 * set, and across restarts.
 */
#include "tests/unit/model/fixture.h"

#include <fcntl.h>

#include "changer/base/clock.h"
#include "changer/inventory/model.h"

static void
burn(struct disc *d, uint32_t lba, uint32_t count, unsigned seed)
{
	uint8_t *data = malloc((size_t)count * SECTOR_SIZE);

	fill(data, (size_t)count * SECTOR_SIZE, (uint64_t)lba * SECTOR_SIZE, seed);
	assert_ok(disc_write(d, lba, count, data));
	free(data);
}

/* A file handle that was open before still reads the old disc; a new one reads the new disc. */
static void
readers_keep_the_old_content(void **state)
{
	struct fixture *fx = *state;
	uint8_t is[SECTOR_SIZE], should[SECTOR_SIZE];
	struct jb_file *before, *after;
	struct jb_item item;
	struct disc *d;

	copy_in(fx, drive(0), "b.dvd-rw.iso", 8 * SECTOR_SIZE, 1);
	item = look(fx, drive(0), "b.dvd-rw.iso");
	assert_int_equal(item.status, DISC_COMPLETE);
	assert_false(item.sealed);
	assert_ok(jb_file_open(fx->jb, item.id, false, false, &before));
	assert_true(jb_file_changing(before));
	d = hold(fx);
	assert_ok(disc_blank(d, 0, 0));
	burn(d, 0, 16, 2);
	release(fx);
	assert_ok(jb_file_open(fx->jb, item.id, false, false, &after));
	fill(should, SECTOR_SIZE, 0, 1);
	assert_int_equal(pread(jb_file_fd(before), is, SECTOR_SIZE, 0), SECTOR_SIZE);
	assert_memory_equal(is, should, SECTOR_SIZE);
	fill(should, SECTOR_SIZE, 0, 2);
	assert_int_equal(pread(jb_file_fd(after), is, SECTOR_SIZE, 0), SECTOR_SIZE);
	assert_memory_equal(is, should, SECTOR_SIZE);
	jb_file_release(before);
	jb_file_release(after);
	item = look(fx, drive(0), "b.dvd-rw.iso");
	assert_int_equal(item.size, 16 * SECTOR_SIZE);
	assert_int_equal(item.status, DISC_APPENDABLE);
	assert_int_equal(entries(fx, "drives/0/b.dvd-rw.iso"), 2);
	assert_ok(jb_move(fx->jb, drive(0), slot(1), NULL));
	reopen(fx);
	assert_content(fx, slot(1), "b.dvd-rw.iso", 16 * SECTOR_SIZE, 2);
}

static void
the_tab_stops_all_of_it(void **state)
{
	struct fixture *fx = *state;
	const struct jb_attr tab = {.set = JB_ATTR_MODE, .mode = 0444};
	struct disc *d;

	copy_in(fx, drive(0), "b.dvd-rw.iso", 8 * SECTOR_SIZE, 1);
	assert_ok(jb_item_setattr(fx->jb, look(fx, drive(0), "b.dvd-rw.iso").id, &tab));
	d = hold(fx);
	assert_err(disc_blank(d, 0, 0), PROTECTED);
	assert_err(disc_format(d, &(struct disc_format){.type = 0}), PROTECTED);
	assert_err(disc_finalize(d), PROTECTED);
	assert_err(disc_set_layer_break(d, 16), PROTECTED);
	release(fx);
	assert_content(fx, drive(0), "b.dvd-rw.iso", 8 * SECTOR_SIZE, 1);
}

static void
formatted_reads_zeros_and_stays_sparse(void **state)
{
	struct fixture *fx = *state;
	uint8_t is[SECTOR_SIZE], zero[SECTOR_SIZE] = {0};
	struct disc_extent x;
	struct jb_item item;
	struct disc *d;

	copy_in(fx, drive(0), "b.bd-re-dl.iso", 0, 0);
	d = hold(fx);
	assert_err(disc_read(d, 0, 1, is, true), BLANK);
	assert_err(disc_write(d, 0, 1, zero), NOT_FORMATTED);
	assert_ok(disc_format(d, &(struct disc_format){.type = 0x31}));
	assert_int_equal(disc_readable_capacity(d), 24438784);
	assert_ok(disc_read(d, 24438783, 1, is, true));
	assert_memory_equal(is, zero, SECTOR_SIZE);
	assert_ok(disc_extent(d, 0, 1, true, &x));
	assert_int_equal(x.length, SECTOR_SIZE);
	assert_int_equal(x.stored, 0);
	x.put(x.arg);
	burn(d, 24438783, 1, 5);
	assert_ok(disc_sync(d));
	assert_ok(disc_read(d, 0, 1, is, true));
	assert_memory_equal(is, zero, SECTOR_SIZE);
	release(fx);
	item = look(fx, drive(0), "b.bd-re-dl.iso");
	assert_int_equal(item.size, (uint64_t)24438784 * SECTOR_SIZE);
	assert_true(item.blocks * 512 < 1 << 20);
	reopen(fx);
	d = hold(fx);
	assert_ok(disc_read(d, 24438783, 1, is, true));
	assert_memory_not_equal(is, zero, SECTOR_SIZE);
	release(fx);
}

/* A formatted blank that was never written takes an image, as any blank does. */
static void
an_image_over_a_formatted_blank(void **state)
{
	struct fixture *fx = *state;
	struct jb_file *f;
	struct jb_item item;

	copy_in(fx, slot(1), "r.dvd-ram.iso", 0, 0);
	item = look(fx, slot(1), "r.dvd-ram.iso");
	assert_int_equal(item.status, DISC_OTHERS);
	assert_int_equal(item.size, 0);
	assert_ok(jb_file_open(fx->jb, item.id, true, true, &f));
	assert_ok(write_pattern(f, 0, 5 * SECTOR_SIZE, 1));
	assert_ok(jb_file_flush(f, false));
	jb_file_release(f);
	item = look(fx, slot(1), "r.dvd-ram.iso");
	assert_string_equal(item.medium->suffix, "dvd-ram");
	assert_int_equal(item.status, DISC_OTHERS);
	assert_content(fx, slot(1), "r.dvd-ram.iso", 5 * SECTOR_SIZE, 1);
	assert_err(jb_file_open(fx->jb, item.id, true, false, &f), RECORDED);
}

/* An image that was replaced by hand while the daemon was down is the content of the disc. */
static void
an_image_changed_by_hand(void **state)
{
	struct fixture *fx = *state;
	struct jb_item item;

	copy_in(fx, slot(1), "r.dvd-ram.iso", 5 * SECTOR_SIZE, 1);
	jb_close(fx->jb);
	shell(fx, "truncate -s 40960 slots/1/r.dvd-ram.iso/image.1");
	open_store(fx, 0, 0, 0);
	item = look(fx, slot(1), "r.dvd-ram.iso");
	assert_int_equal(item.size, 40960);
	assert_int_equal(item.status, DISC_OTHERS);
}

static _Atomic uint64_t now_ms;

static uint64_t
own_time(void)
{
	return now_ms;
}

static void
the_background_takes_its_time(void **state)
{
	struct fixture *fx = *state;
	uint64_t (*real)(void) = clock_source_ms;
	uint32_t done, all, before;
	struct disc *d;

	copy_in(fx, drive(0), "b.dvd+rw.iso", 0, 0);
	now_ms = 1000;
	clock_source_ms = own_time;
	d = hold(fx);
	assert_int_equal(disc_background(d, &done, &all), BACKGROUND_NONE);
	assert_ok(disc_format(d, &(struct disc_format){.type = 0x26, .blocks = 0xffffffff}));
	assert_int_equal(disc_background(d, &done, &all), BACKGROUND_RUNNING);
	assert_int_equal(done, 0);
	assert_int_equal(all, 2295104);
	now_ms += 10000;
	assert_int_equal(disc_background(d, &done, &all), BACKGROUND_RUNNING);
	assert_int_equal(done, all / 4);
	assert_ok(disc_close(d, 0, 0));
	assert_int_equal(disc_background(d, &before, &all), BACKGROUND_STOPPED);
	now_ms += 100000;
	assert_int_equal(disc_background(d, &done, &all), BACKGROUND_STOPPED);
	assert_int_equal(done, before);
	assert_ok(disc_format(d, &(struct disc_format){.type = 0x26, .restart = true}));
	now_ms += 1000;
	/* Out of the drive a format does not go on. */
	assert_ok(drive_open_tray(jb_drive(fx->jb, 0), false));
	now_ms += 1000000;
	assert_ok(drive_close_tray(jb_drive(fx->jb, 0)));
	assert_int_equal(disc_background(d, &done, &all), BACKGROUND_STOPPED);
	assert_int_equal(done, before + all / 40);
	release(fx);
	reopen(fx);
	d = hold(fx);
	assert_int_equal(disc_background(d, &done, &all), BACKGROUND_STOPPED);
	assert_int_equal(done, before + all / 40);
	assert_ok(disc_format(d, &(struct disc_format){.type = 0x26, .restart = true}));
	now_ms += 10000000;
	assert_int_equal(disc_background(d, &done, &all), BACKGROUND_COMPLETE);
	release(fx);
	reopen(fx);
	assert_int_equal(disc_background(hold(fx), &done, &all), BACKGROUND_COMPLETE);
	release(fx);
	clock_source_ms = real;
}

static void
a_full_store_leaves_the_old_disc(void **state)
{
	struct fixture *fx = *state;
	struct disc *d;

	copy_in(fx, drive(0), "b.dvd-rw.iso", 8 * SECTOR_SIZE, 1);
	d = hold(fx);
	/* A directory at the temporary name makes the description unwritable. */
	shell(fx, "mkdir drives/0/b.dvd-rw.iso/disc.json.new");
	assert_int_not_equal(disc_blank(d, 0, 0), JB_OK);
	assert_int_equal(disc_status(d), DISC_COMPLETE);
	shell(fx, "rmdir drives/0/b.dvd-rw.iso/disc.json.new");
	release(fx);
	assert_content(fx, drive(0), "b.dvd-rw.iso", 8 * SECTOR_SIZE, 1);
	reopen(fx);
	assert_content(fx, drive(0), "b.dvd-rw.iso", 8 * SECTOR_SIZE, 1);
	assert_int_equal(entries(fx, "drives/0/b.dvd-rw.iso"), 2);
	d = hold(fx);
	assert_ok(disc_blank(d, 0, 0));
	release(fx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(readers_keep_the_old_content),
		TEST(the_tab_stops_all_of_it),
		TEST(formatted_reads_zeros_and_stays_sparse),
		TEST(an_image_over_a_formatted_blank),
		TEST(an_image_changed_by_hand),
		TEST(the_background_takes_its_time),
		TEST(a_full_store_leaves_the_old_disc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
