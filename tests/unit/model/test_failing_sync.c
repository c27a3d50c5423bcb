/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The store's device fails while a disc is burned: the disc keeps what was durable, and the burn can go on
 * from there. The kernel drops pages that it could not write, so after a failed sync a later sync must not
 * count them as written.
 */
#include "tests/unit/model/fixture.h"

#include <errno.h>
#include <sys/syscall.h>

#include "changer/inventory/model.h"
#include "tests/unit/limit_files.h"

static _Atomic bool device_fails;
static _Atomic int folder_syncs = -1; /* how many directory syncs still succeed; -1: all */

/* Replaces the function of the C library. */
int
fdatasync(int fd)
{
	if (device_fails) {
		errno = EIO;
		return -1;
	}
	return (int)syscall(SYS_fdatasync, fd);
}

int
fsync(int fd)
{
	struct stat st;

	if (folder_syncs >= 0 && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		if (folder_syncs == 0) {
			errno = EIO;
			return -1;
		}
		folder_syncs--;
	}
	return (int)syscall(SYS_fsync, fd);
}

static void
burn(struct disc *d, uint32_t lba, uint32_t count, uint8_t byte)
{
	uint8_t data[16 * SECTOR_SIZE];

	assert_in_range(count, 1, 16);
	memset(data, byte, (size_t)count * SECTOR_SIZE);
	assert_ok(disc_write(d, lba, count, data));
}

static void
assert_bytes(struct disc *d, uint32_t lba, uint32_t count, uint8_t byte)
{
	uint8_t is[16 * SECTOR_SIZE], should[16 * SECTOR_SIZE];

	assert_in_range(count, 1, 16);
	memset(should, byte, sizeof(should));
	assert_ok(disc_read(d, lba, count, is, true));
	assert_memory_equal(is, should, (size_t)count * SECTOR_SIZE);
}

static void
fail_to_sync(struct disc *d)
{
	device_fails = true;
	assert_err(disc_sync(d), STORE_WRITE);
	device_fails = false;
}

static uint64_t
image_size(struct disc *d)
{
	uint64_t size;

	assert_ok(image_stat(d->image, &size, NULL));
	return size;
}

static void
a_burn_goes_on_where_it_was_durable(void **state)
{
	struct fixture *fx = *state;
	struct track t;
	struct disc *d;
	uint32_t nwa = 0;

	copy_in(fx, drive(0), "b.dvd+r.iso", 0, 0);
	d = hold(fx);
	burn(d, 0, 16, 1);
	assert_ok(disc_sync(d));
	burn(d, 16, 16, 2);
	fail_to_sync(d);
	assert_true(disc_track(d, 1, &t) && track_nwa(&t, &nwa));
	assert_int_equal(nwa, 16);
	assert_int_equal(image_size(d), 16 * SECTOR_SIZE);
	assert_int_equal(d->size, 16 * SECTOR_SIZE);
	assert_bytes(d, 0, 16, 1);
	assert_err(disc_write(d, 32, 16, "never looked at"), NOT_NWA);
	burn(d, 16, 8, 3);
	assert_ok(disc_close(d, 2, 0));
	release(fx);
	reopen(fx);
	d = hold(fx);
	assert_int_equal(disc_readable_capacity(d), 24);
	assert_bytes(d, 0, 16, 1);
	assert_bytes(d, 16, 8, 3);
	release(fx);
}

/* Lost data does not come back in the padding of a track. */
static void
padding_is_zeros(void **state)
{
	struct fixture *fx = *state;
	struct disc *d;

	copy_in(fx, drive(0), "b.dvd-r.iso", 0, 0);
	d = hold(fx);
	assert_ok(disc_reserve_track(d, 64));
	burn(d, 0, 16, 1);
	assert_ok(disc_sync(d));
	burn(d, 16, 16, 2);
	fail_to_sync(d);
	assert_ok(disc_close(d, 1, 1));
	assert_bytes(d, 0, 16, 1);
	for (uint32_t lba = 16; lba < 64; lba += 16)
		assert_bytes(d, lba, 16, 0);
	release(fx);
}

/* On a disc that can be written anywhere, short reads and long reads return the same. */
static void
reads_agree(void **state)
{
	struct fixture *fx = *state;
	struct disc_extent x;
	struct disc *d;

	copy_in(fx, drive(0), "b.dvd-ram.iso", 0, 0);
	d = hold(fx);
	burn(d, 0, 16, 1);
	assert_ok(disc_sync(d));
	burn(d, 100, 16, 2);
	fail_to_sync(d);
	assert_int_equal(d->size, image_size(d));
	assert_bytes(d, 0, 16, 1);
	assert_bytes(d, 100, 16, 2);
	assert_ok(disc_extent(d, 100, 16, true, &x));
	assert_int_equal(x.stored, x.length);
	x.put(x.arg);
	burn(d, 100, 16, 3);
	assert_ok(disc_sync(d));
	release(fx);
	reopen(fx);
	d = hold(fx);
	assert_bytes(d, 100, 16, 3);
	release(fx);
}

/* A close that could not extend the image closes nothing. When it can, the disc is complete. */
static void
an_image_is_as_long_as_its_tracks(void **state)
{
	struct fixture *fx = *state;
	struct track t;
	struct disc *d;

	copy_in(fx, drive(0), "b.dvd-r.iso", 0, 0);
	d = hold(fx);
	assert_ok(disc_reserve_track(d, 640));
	burn(d, 0, 16, 1);
	assert_ok(disc_sync(d));
	limit_files(64 * SECTOR_SIZE);
	assert_int_not_equal(disc_close(d, 1, 1), JB_OK);
	limit_files(RLIM_INFINITY);
	assert_ok(disc_sync(d));
	assert_int_equal(image_size(d), 16 * SECTOR_SIZE);
	assert_true(disc_track(d, 1, &t));
	assert_int_equal(t.state, TRACK_RESERVED);
	assert_int_equal(t.recorded, 16);
	assert_ok(disc_close(d, 1, 1));
	assert_int_equal(image_size(d), 640 * SECTOR_SIZE);
	assert_int_equal(disc_tracks(d), 2);
	release(fx);
	reopen(fx);
	d = hold(fx);
	assert_bytes(d, 0, 16, 1);
	assert_bytes(d, 624, 16, 0);
	release(fx);
}

static bool
described(struct fixture *fx, const char *what)
{
	char command[200];

	snprintf(command, sizeof(command), "grep -q '%s' %s/drives/0/*/disc.json", what, fx->store);
	return system(command) == 0;
}

/* A description that is stored during a burn has only what is durable. */
static void
a_description_tells_of_what_is_durable(void **state)
{
	const struct jb_attr attr = {.set = JB_ATTR_MODE, .mode = 0600};
	struct fixture *fx = *state;
	struct jb_item item;
	struct disc *d;

	copy_in(fx, drive(0), "b.dvd+r.iso", 0, 0);
	item = look(fx, drive(0), "b.dvd+r.iso");
	d = hold(fx);
	burn(d, 0, 16, 1);
	assert_ok(disc_sync(d));
	burn(d, 16, 16, 2);
	release(fx);
	assert_ok(jb_item_setattr(fx->jb, item.id, &attr));
	assert_true(described(fx, "recorded\": 32"));
	d = hold(fx);
	assert_false(d->unsynced);
	burn(d, 32, 16, 3);
	release(fx);
	device_fails = true;
	assert_err(jb_item_setattr(fx->jb, item.id, &attr), STORE_WRITE);
	device_fails = false;
	assert_true(described(fx, "recorded\": 32"));
	d = hold(fx);
	assert_int_equal(d->size, 32 * SECTOR_SIZE);
	burn(d, 32, 16, 4);
	release(fx);
}

/* What a failed sync lost stays lost, even if the description cannot be read then. */
static void
no_later_sync_takes_it_for_written(void **state)
{
	struct fixture *fx = *state;
	struct disc *d;

	copy_in(fx, drive(0), "b.dvd+r.iso", 0, 0);
	d = hold(fx);
	burn(d, 0, 16, 1);
	assert_ok(disc_sync(d));
	burn(d, 16, 16, 2);
	shell(fx, "mv drives/0/b.dvd+r.iso/disc.json ../away");
	fail_to_sync(d);
	assert_err(disc_sync(d), STORE_WRITE);
	shell(fx, "mv ../away drives/0/b.dvd+r.iso/disc.json");
	assert_err(disc_sync(d), STORE_WRITE);
	assert_int_equal(d->size, 16 * SECTOR_SIZE);
	burn(d, 16, 16, 3);
	assert_ok(disc_sync(d));
	assert_bytes(d, 16, 16, 3);
	release(fx);
}

/* After a failed change the description on the device may name the new image. So this image must not be
 * changed before another description is stored. */
static void
a_change_that_failed_is_tried_again(void **state)
{
	static const uint8_t sound[CD_RAW_SIZE] = {1};
	struct fixture *fx = *state;
	struct track t;
	struct disc *d;

	copy_in(fx, drive(0), "b.cd-r.iso", 0, 0);
	d = hold(fx);
	burn(d, 0, 16, 1);
	assert_ok(disc_close(d, 2, 0));
	assert_true(disc_track(d, 2, &t));
	disc_next_tracks(d, CD_AUDIO, 0, "");
	folder_syncs = 1; /* of the image's name; that of the description's name fails */
	assert_err(disc_write_raw(d, t.start, 1, sound), STORE_WRITE);
	folder_syncs = -1;
	assert_bytes(d, 0, 16, 1);
	/* There is room for a description, but not for the image. */
	limit_files(8 * CD_RAW_SIZE);
	assert_int_not_equal(disc_write_raw(d, t.start, 1, sound), JB_OK);
	limit_files(RLIM_INFINITY);
	release(fx);
	shell(fx, "cp -a . ../crashed");
	strcat(fx->store, "/../crashed");
	reopen(fx);
	d = hold(fx);
	assert_bytes(d, 0, 16, 1);
	release(fx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_burn_goes_on_where_it_was_durable),
		TEST(padding_is_zeros),
		TEST(reads_agree),
		TEST(an_image_is_as_long_as_its_tracks),
		TEST(a_description_tells_of_what_is_durable),
		TEST(no_later_sync_takes_it_for_written),
		TEST(a_change_that_failed_is_tried_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
