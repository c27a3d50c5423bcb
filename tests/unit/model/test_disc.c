/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A disc in a drive: reads, extents, burning, and its state after a restart.
 */
#include "tests/unit/model/fixture.h"

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

static void
assert_sectors(struct disc *d, uint32_t lba, uint32_t count, unsigned seed)
{
	size_t size = (size_t)count * SECTOR_SIZE;
	uint8_t *is = malloc(size), *should = malloc(size);

	fill(should, size, (uint64_t)lba * SECTOR_SIZE, seed);
	assert_ok(disc_read(d, lba, count, is, true));
	assert_memory_equal(is, should, size);
	free(is);
	free(should);
}

static void
reads_with_padding(void **state)
{
	struct fixture *fx = *state;
	uint8_t sector[SECTOR_SIZE], zero[SECTOR_SIZE] = {0};
	struct disc_extent x;
	struct disc *d;

	copy_in(fx, drive(0), "x.iso", 2 * SECTOR_SIZE + 100, 1);
	d = hold(fx);
	assert_int_equal(disc_readable_capacity(d), 3);
	assert_int_equal(disc_status(d), DISC_COMPLETE);
	assert_sectors(d, 0, 2, 1);
	assert_ok(disc_read(d, 2, 1, sector, true));
	assert_memory_equal(sector + 100, zero, SECTOR_SIZE - 100);
	assert_err(disc_read(d, 3, 1, sector, true), LBA_RANGE);
	assert_err(disc_read(d, 2, 2, sector, true), LBA_RANGE);
	assert_err(disc_write(d, 0, 1, sector), NOT_WRITABLE);
	/* A last sector that is not complete: only a part of it is in the file. */
	assert_ok(disc_extent(d, 1, 2, true, &x));
	assert_int_equal(x.length, 2 * SECTOR_SIZE);
	assert_int_equal(x.stored, SECTOR_SIZE + 100);
	x.put(x.arg);
	assert_ok(disc_extent(d, 0, 2, true, &x));
	assert_int_equal(x.stored, 2 * SECTOR_SIZE);
	assert_int_equal(x.offset, 0);
	assert_int_equal(x.length, 2 * SECTOR_SIZE);
	assert_int_equal(pread(x.fd, sector, SECTOR_SIZE, 0), SECTOR_SIZE);
	assert_err(disc_extent(d, 3, 1, true, NULL), LBA_RANGE);
	release(fx);
	/* An extent stays valid after the disc has left the drive. */
	assert_ok(jb_item_remove(fx->jb, drive(0), "x.iso"));
	assert_int_equal(pread(x.fd, sector, SECTOR_SIZE, 0), SECTOR_SIZE);
	x.put(x.arg);
}

static void
cached_reads_do_not_block(void **state)
{
	struct fixture *fx = *state;
	uint8_t *buf = malloc(64 * SECTOR_SIZE);
	struct disc_extent x;
	enum jb_err err;
	struct disc *d;

	copy_in(fx, drive(0), "x.iso", 64 * SECTOR_SIZE, 1);
	d = hold(fx);
	assert_sectors(d, 0, 64, 1);
	err = disc_read(d, 0, 64, buf, false);
	/* Not every file system reports whether a read would block. */
	assert_true(err == JB_OK || err == JB_WOULD_BLOCK);
	assert_ok(disc_extent(d, 0, 64, true, &x));
	x.put(x.arg);
	err = disc_extent(d, 0, 64, false, &x);
	assert_true(err == JB_OK || err == JB_WOULD_BLOCK);
	if (err == JB_OK)
		x.put(x.arg);
	release(fx);
	free(buf);
}

static void
burn_and_append(void **state)
{
	struct fixture *fx = *state;
	struct track t;
	struct disc *d;
	uint32_t nwa = 0;
	uint8_t sector[SECTOR_SIZE];
	struct disc_extent x;

	copy_in(fx, slot(1), "b.iso", 0, 0);
	assert_ok(jb_move(fx->jb, slot(1), drive(0), NULL));
	d = hold(fx);
	assert_int_equal(disc_status(d), DISC_BLANK);
	assert_err(disc_read(d, 0, 1, sector, true), BLANK);
	assert_err(disc_extent(d, 0, 1, true, &x), BLANK);
	assert_err(disc_write(d, 160, 1, sector), NOT_NWA);
	burn(d, 0, 64, 1);
	burn(d, 64, 32, 1);
	assert_int_equal(d->size, 96 * SECTOR_SIZE);
	assert_int_equal(look(fx, drive(0), "b.iso").size, 96 * SECTOR_SIZE);
	assert_int_equal(look(fx, drive(0), "b.iso").status, DISC_APPENDABLE);
	assert_sectors(d, 0, 96, 1);
	assert_ok(disc_extent(d, 0, 96, true, &x));
	x.put(x.arg);
	assert_ok(disc_sync(d));
	release(fx);
	reopen(fx);
	d = hold(fx);
	assert_int_equal(disc_status(d), DISC_APPENDABLE);
	assert_true(disc_track(d, disc_tracks(d), &t) && track_nwa(&t, &nwa));
	assert_int_equal(nwa, 96);
	burn(d, 96, 32, 1);
	assert_ok(disc_close(d, 1, 1));
	assert_ok(disc_close(d, 2, 0));
	assert_int_equal(disc_status(d), DISC_APPENDABLE);
	assert_int_equal(disc_readable_capacity(d), 128);
	/* a second session */
	assert_true(disc_track(d, disc_tracks(d), &t) && track_nwa(&t, &nwa));
	assert_true(nwa > 128);
	burn(d, nwa, 16, 2);
	assert_ok(disc_close(d, 1, 2));
	release(fx);
	assert_ok(jb_move(fx->jb, drive(0), slot(2), NULL));
	reopen(fx);
	assert_ok(jb_move(fx->jb, slot(2), drive(0), NULL));
	d = hold(fx);
	assert_sectors(d, 0, 128, 1);
	assert_sectors(d, nwa, 16, 2);
	assert_ok(disc_close(d, 6, 0));
	assert_int_equal(disc_status(d), DISC_COMPLETE);
	assert_err(disc_write(d, nwa + 16, 1, sector), NOT_WRITABLE);
	release(fx);
	assert_int_equal(look(fx, drive(0), "b.iso").status, DISC_COMPLETE);
	assert_int_equal(look(fx, drive(0), "b.iso").sessions, 2);
}

/* A reader at the mount sees what has been recorded so far. */
static void
read_while_burning(void **state)
{
	struct fixture *fx = *state;
	struct jb_file *f;
	struct disc *d;

	copy_in(fx, drive(0), "b.iso", 0, 0);
	assert_ok(jb_file_open(fx->jb, look(fx, drive(0), "b.iso").id, false, false, &f));
	assert_true(jb_file_changing(f));
	d = hold(fx);
	burn(d, 0, 32, 1);
	release(fx);
	assert_content(fx, drive(0), "b.iso", 32 * SECTOR_SIZE, 1);
	jb_file_release(f);
}

static void
unsynced_is_cut_off(void **state)
{
	struct fixture *fx = *state;
	struct disc *d;

	copy_in(fx, drive(0), "b.iso", 0, 0);
	d = hold(fx);
	burn(d, 0, 32, 1);
	release(fx);
	jb_close(fx->jb);
	/* as if more had been written than the description says */
	shell(fx, "head -c 1000000 /dev/zero >> drives/0/b.iso/image.1");
	open_store(fx, 0, 0, 0);
	assert_int_equal(look(fx, drive(0), "b.iso").size, 32 * SECTOR_SIZE);
	assert_content(fx, drive(0), "b.iso", 32 * SECTOR_SIZE, 1);
	/* and as if the device had lost some of it */
	jb_close(fx->jb);
	shell(fx, "truncate -s 32768 drives/0/b.iso/image.1");
	open_store(fx, 0, 0, 0);
	assert_content(fx, drive(0), "b.iso", 32768, 1);
	assert_int_equal(look(fx, drive(0), "b.iso").status, DISC_APPENDABLE);
	d = hold(fx);
	burn(d, 16, 16, 1);
	assert_sectors(d, 0, 32, 1);
	release(fx);
}

static void
reserve(void **state)
{
	struct fixture *fx = *state;
	struct track t;
	struct disc *d;

	copy_in(fx, drive(0), "b.iso", 0, 0);
	d = hold(fx);
	assert_ok(disc_reserve_track(d, 100));
	assert_true(disc_track(d, 1, &t));
	assert_int_equal(t.state, TRACK_RESERVED);
	assert_int_equal(t.size, 112);
	assert_int_equal(disc_first_track_of(d, 1), 1);
	burn(d, 0, 16, 1);
	assert_int_equal(disc_track_at(d, 5), 1);
	release(fx);
	reopen(fx);
	d = hold(fx);
	assert_true(disc_track(d, 1, &t));
	assert_int_equal(t.state, TRACK_RESERVED);
	assert_int_equal(t.recorded, 16);
	release(fx);
}

static void
write_protect_tab(void **state)
{
	struct fixture *fx = *state;
	struct jb_attr attr = {.set = JB_ATTR_MODE, .mode = 0444};
	uint8_t sector[SECTOR_SIZE] = {0};
	struct disc *d;

	copy_in(fx, drive(0), "b.iso", 0, 0);
	assert_ok(jb_item_setattr(fx->jb, look(fx, drive(0), "b.iso").id, &attr));
	d = hold(fx);
	assert_true(disc_protected(d));
	assert_err(disc_write(d, 0, 1, sector), PROTECTED);
	assert_err(disc_reserve_track(d, 16), PROTECTED);
	assert_err(disc_close(d, 6, 0), PROTECTED);
	release(fx);
	reopen(fx);
	attr.mode = 0644;
	assert_ok(jb_item_setattr(fx->jb, look(fx, drive(0), "b.iso").id, &attr));
	d = hold(fx);
	assert_ok(disc_write(d, 0, 1, sector));
	release(fx);
}

static void
turn_into_rom(void **state)
{
	struct fixture *fx = *state;
	struct disc *d;

	copy_in(fx, drive(0), "b.iso", 0, 0);
	d = hold(fx);
	assert_err(disc_turn_into_rom(d), BLANK);
	burn(d, 0, 32, 1);
	assert_ok(disc_turn_into_rom(d));
	release(fx);
	reopen(fx);
	d = hold(fx);
	assert_int_equal(disc_medium(d)->profile, PROFILE_DVD_ROM);
	assert_int_equal(disc_status(d), DISC_COMPLETE);
	assert_int_equal(disc_capacity(d), 32);
	assert_sectors(d, 0, 32, 1);
	release(fx);
	assert_content(fx, drive(0), "b.iso", 32 * SECTOR_SIZE, 1);
}

/* A pressed CD has the tracks, their modes and the lead-in of the disc that it was. */
static void
turn_into_cd_rom(void **state)
{
	static const uint8_t packs[CD_TEXT_PACK] = {0x80};
	struct fixture *fx = *state;
	const uint8_t *text;
	struct disc *d;
	struct track t;

	copy_in(fx, drive(0), "b.cd-r.iso", 0, 0);
	d = hold(fx);
	assert_ok(disc_set_text(d, packs, 1));
	assert_ok(disc_set_catalog(d, "4006381333931"));
	disc_next_tracks(d, CD_MODE2, 0, "");
	burn(d, 0, 32, 1);
	assert_ok(disc_close(d, 1, 1));
	disc_next_tracks(d, CD_MODE1, 0, "");
	burn(d, 182, 32, 1);
	assert_ok(disc_turn_into_rom(d));
	release(fx);
	reopen(fx);
	d = hold(fx);
	assert_int_equal(disc_medium(d)->profile, PROFILE_CD_ROM);
	assert_int_equal(disc_status(d), DISC_COMPLETE);
	assert_int_equal(disc_tracks(d), 2);
	assert_true(disc_track(d, 1, &t));
	assert_int_equal(t.mode, CD_MODE2);
	assert_int_equal(t.size, 32);
	assert_true(disc_track(d, 2, &t));
	assert_int_equal(t.mode, CD_MODE1);
	assert_int_equal(t.start, 182);
	assert_int_equal(disc_text(d, &text), 1);
	assert_string_equal(disc_catalog(d), "4006381333931");
	assert_sectors(d, 0, 32, 1);
	assert_sectors(d, 182, 32, 1);
	release(fx);
}

static int64_t
fixed_time(void)
{
	return INT64_C(1234567890123456789);
}

static void
mtime_follows_recording(void **state)
{
	struct fixture *fx = *state;
	int64_t (*real)(void) = clock_source_wall_ns;
	struct disc *d;

	copy_in(fx, drive(0), "b.iso", 0, 0);
	clock_source_wall_ns = fixed_time;
	d = hold(fx);
	burn(d, 0, 16, 1);
	release(fx);
	clock_source_wall_ns = real;
	reopen(fx);
	assert_int_equal(look(fx, drive(0), "b.iso").mtime.tv_sec, 1234567890);
	assert_int_equal(look(fx, drive(0), "b.iso").mtime.tv_nsec, 123456789);
}

/* An image that was replaced by hand changes the size of the disc, and nothing else. */
static void
another_image_on_the_same_disc(void **state)
{
	struct fixture *fx = *state;
	struct disc *d;
	struct track t;

	copy_in(fx, drive(0), "m.cd-r.iso", 0, 0);
	d = hold(fx);
	disc_next_tracks(d, CD_MODE2, 0, "");
	burn(d, 0, 32, 1);
	assert_ok(disc_set_catalog(d, "4006381333931"));
	assert_ok(disc_finalize(d));
	release(fx);
	copy_in(fx, slot(1), "p.dvd-rw.iso", 32 * SECTOR_SIZE, 1);
	assert_ok(
		jb_item_set_protection(fx->jb, look(fx, slot(1), "p.dvd-rw.iso").id, "persistent"));
	jb_close(fx->jb);
	shell(fx, "truncate -s 131072 drives/0/m.cd-r.iso/image.* slots/1/p.dvd-rw.iso/image.*");
	open_store(fx, 0, 0, 0);
	d = hold(fx);
	assert_int_equal(disc_readable_capacity(d), 64);
	assert_true(disc_track(d, 1, &t));
	assert_int_equal(t.mode, CD_MODE2);
	assert_int_equal(t.size, 64);
	assert_string_equal(disc_catalog(d), "4006381333931");
	release(fx);
	assert_int_equal(look(fx, slot(1), "p.dvd-rw.iso").size, 131072);
	assert_true(look(fx, slot(1), "p.dvd-rw.iso").pwp);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reads_with_padding),
		TEST(cached_reads_do_not_block),
		TEST(burn_and_append),
		TEST(read_while_burning),
		TEST(unsynced_is_cut_off),
		TEST(reserve),
		TEST(write_protect_tab),
		TEST(turn_into_rom),
		TEST(turn_into_cd_rom),
		TEST(mtime_follows_recording),
		TEST(another_image_on_the_same_disc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
