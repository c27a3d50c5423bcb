/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kill -9 at every step of changing a rewritable disc. Afterwards it is the old disc or the new one, and
 * synced data is there.
 */
#include "tests/unit/model/crash.h"

enum { HELD = 32 };

/* Writes sectors whose bytes depend on the address and on `seed`. */
static void
write_sectors(struct disc *d, uint32_t lba, uint32_t count, unsigned seed)
{
	uint8_t buf[HELD * SECTOR_SIZE];

	fill(buf, (size_t)count * SECTOR_SIZE, (uint64_t)lba * SECTOR_SIZE, seed);
	assert_ok(disc_write(d, lba, count, buf));
}

static bool
holds(struct disc *d, uint32_t lba, uint32_t count, unsigned seed)
{
	uint8_t is[HELD * SECTOR_SIZE], should[HELD * SECTOR_SIZE];
	size_t size = (size_t)count * SECTOR_SIZE;

	fill(should, size, (uint64_t)lba * SECTOR_SIZE, seed);
	return disc_read(d, lba, count, is, true) == JB_OK && memcmp(is, should, size) == 0;
}

/* ---- BLANK ----------------------------------------------------------------------------------- */

static void
prepare_burned(struct fixture *fx)
{
	struct disc *d;

	copy_in(fx, drive(0), "b.dvd-rw.iso", 0, 0);
	d = hold(fx);
	write_sectors(d, 0, HELD, 1);
	assert_ok(disc_finalize(d));
	release(fx);
}

static void
act_blank(struct fixture *fx)
{
	struct disc *d = hold(fx);

	assert_ok(disc_blank(d, 1, 0));
	done(); /* 1 */
	write_sectors(d, 0, HELD, 2);
	assert_ok(disc_sync(d));
	done(); /* 2 */
	release(fx);
}

static void
check_blank(struct fixture *fx, int acknowledged)
{
	struct disc *d = hold(fx);

	assert_string_equal(disc_medium(d)->suffix, "dvd-rw");
	if (disc_status(d) == DISC_COMPLETE) {
		assert_int_equal(acknowledged, 0);
		assert_true(holds(d, 0, HELD, 1));
	} else if (disc_status(d) == DISC_BLANK) {
		assert_in_range(acknowledged, 0, 1);
		assert_true(disc_minimally_blanked(d));
		assert_int_equal(d->size, 0);
	} else {
		assert_true(acknowledged >= 1);
		assert_true(d->size == 0 || holds(d, 0, HELD, 2));
	}
	if (acknowledged == 2)
		assert_true(holds(d, 0, HELD, 2));
	release(fx);
	assert_int_equal(entries(fx, "drives/0/b.dvd-rw.iso"), 2);
}

static void
crash_in_blanking(void **state)
{
	run_scenario(&(struct scenario){prepare_burned, act_blank, check_blank});
}

/* ---- FORMAT UNIT ----------------------------------------------------------------------------- */

static void
act_format(struct fixture *fx)
{
	struct disc *d = hold(fx);

	assert_ok(disc_format(d, &(struct disc_format){.type = 0x15}));
	done(); /* 1 */
	release(fx);
}

static void
check_format(struct fixture *fx, int acknowledged)
{
	struct disc *d = hold(fx);
	uint8_t sector[SECTOR_SIZE], zero[SECTOR_SIZE] = {0};

	if (strcmp(disc_medium(d)->suffix, "dvd-rw") == 0) {
		assert_int_equal(acknowledged, 0);
		assert_int_equal(disc_status(d), DISC_COMPLETE);
		assert_true(holds(d, 0, HELD, 1));
	} else {
		assert_string_equal(disc_medium(d)->suffix, "dvd-rw-ro");
		assert_int_equal(d->size, 0);
		assert_ok(disc_read(d, 0, 1, sector, true));
		assert_memory_equal(sector, zero, SECTOR_SIZE);
	}
	release(fx);
	assert_int_equal(entries(fx, "drives/0/b.dvd-rw.iso"), 2);
}

static void
crash_in_formatting(void **state)
{
	run_scenario(&(struct scenario){prepare_burned, act_format, check_format});
}

/* ---- blanking a part ------------------------------------------------------------------------- */

static void
prepare_two_sessions(struct fixture *fx)
{
	struct track t;
	struct disc *d;

	copy_in(fx, drive(0), "b.dvd-rw.iso", 0, 0);
	d = hold(fx);
	write_sectors(d, 0, HELD, 1);
	assert_ok(disc_close(d, 2, 0));
	assert_true(disc_track(d, 2, &t));
	write_sectors(d, t.start, HELD, 2);
	assert_ok(disc_close(d, 2, 0));
	release(fx);
}

static void
act_blank_session(struct fixture *fx)
{
	struct disc *d = hold(fx);

	assert_ok(disc_blank(d, 6, 0));
	done(); /* 1 */
	release(fx);
}

static void
check_blank_session(struct fixture *fx, int acknowledged)
{
	struct disc *d = hold(fx);
	struct track t;

	assert_true(holds(d, 0, HELD, 1));
	assert_true(disc_track(d, 2, &t));
	if (t.state == TRACK_CLOSED) {
		assert_int_equal(acknowledged, 0);
		assert_true(holds(d, t.start, HELD, 2));
	} else {
		assert_int_equal(t.state, TRACK_INVISIBLE);
		assert_int_equal(d->size, HELD * SECTOR_SIZE);
	}
	release(fx);
}

static void
crash_in_blanking_a_session(void **state)
{
	run_scenario(
		&(struct scenario){prepare_two_sessions, act_blank_session, check_blank_session});
}

/* ---- the same on the other rewritable media ---------------------------------------------------- */

static const struct again {
	const char *medium;
	bool formats;
	unsigned blank_type;
	struct disc_format format;
} * again;

static enum jb_err
rewrite(struct disc *d)
{
	return again->formats ? disc_format(d, &again->format)
			      : disc_blank(d, again->blank_type, 0);
}

static const char *
again_name(void)
{
	static char name[32];

	snprintf(name, sizeof(name), "b.%s.iso", again->medium);
	return name;
}

static void
prepare_again(struct fixture *fx)
{
	struct disc *d;

	copy_in(fx, drive(0), again_name(), 0, 0);
	d = hold(fx);
	if (again->formats && disc_status(d) == DISC_BLANK)
		assert_ok(rewrite(d));
	write_sectors(d, 0, HELD, 1);
	assert_ok(disc_sync(d));
	release(fx);
}

static void
act_again(struct fixture *fx)
{
	struct disc *d = hold(fx);

	assert_ok(rewrite(d));
	done(); /* 1 */
	release(fx);
}

/* Checks that it is the whole old disc or the whole new disc, with one image. */
static void
check_again(struct fixture *fx, int acknowledged)
{
	struct disc *d = hold(fx);
	char dir[64];

	if (d->size > 0) {
		assert_int_equal(acknowledged, 0);
		assert_true(holds(d, 0, HELD, 1));
	} else {
		assert_true(disc_is_unrecorded(d));
		assert_true(again->formats || disc_status(d) == DISC_BLANK);
	}
	release(fx);
	snprintf(dir, sizeof(dir), "drives/0/%s", again_name());
	assert_int_equal(entries(fx, dir), 2);
}

static void
crash_in_rewriting(void **state)
{
	static const struct again rows[] = {
		{.medium = "cd-rw", .blank_type = 0},
		{.medium = "cd-rw", .blank_type = 1},
		{.medium = "dvd+rw",
			.formats = true,
			.format = {.type = 0x26, .blocks = UINT32_MAX}},
		{.medium = "dvd-ram", .formats = true, .format = {.type = 0x00}},
		{.medium = "bd-re", .formats = true, .format = {.type = 0x30}},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		again = &rows[i];
		run_scenario(&(struct scenario){prepare_again, act_again, check_again});
	}
}

/* ---- overwriting ----------------------------------------------------------------------------- */

static void
prepare_formatted(struct fixture *fx)
{
	struct disc *d;

	copy_in(fx, drive(0), "r.dvd-ram.iso", 0, 0);
	d = hold(fx);
	write_sectors(d, 0, HELD, 1);
	assert_ok(disc_sync(d));
	release(fx);
}

static void
act_overwrite(struct fixture *fx)
{
	struct disc *d = hold(fx);

	write_sectors(d, 16, 16, 2);
	write_sectors(d, 1000, 16, 2);
	assert_ok(disc_sync(d));
	done(); /* 1 */
	write_sectors(d, 0, 16, 3);
	write_sectors(d, 2000, 16, 3);
	assert_ok(disc_sync(d));
	done(); /* 2 */
	release(fx);
}

static void
check_overwrite(struct fixture *fx, int acknowledged)
{
	struct disc *d = hold(fx);
	uint8_t sector[SECTOR_SIZE], zero[SECTOR_SIZE] = {0};

	assert_int_equal(disc_status(d), DISC_OTHERS);
	assert_int_equal(disc_readable_capacity(d), 2236704);
	/* What was not written again stays; the rest is old or new. */
	assert_true(holds(d, 0, 16, acknowledged == 2 ? 3 : 1) || holds(d, 0, 16, 3));
	assert_true(holds(d, 16, 16, 2) || (acknowledged == 0 && holds(d, 16, 16, 1)));
	if (acknowledged >= 1)
		assert_true(holds(d, 1000, 16, 2));
	if (acknowledged == 2)
		assert_true(holds(d, 2000, 16, 3));
	assert_ok(disc_read(d, 500, 1, sector, true));
	assert_memory_equal(sector, zero, SECTOR_SIZE);
	assert_ok(disc_read(d, 2236703, 1, sector, true));
	assert_memory_equal(sector, zero, SECTOR_SIZE);
	release(fx);
}

static void
crash_in_overwriting(void **state)
{
	run_scenario(&(struct scenario){prepare_formatted, act_overwrite, check_overwrite});
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(crash_in_blanking),
		cmocka_unit_test(crash_in_formatting),
		cmocka_unit_test(crash_in_blanking_a_session),
		cmocka_unit_test(crash_in_rewriting),
		cmocka_unit_test(crash_in_overwriting),
	};

	return cmocka_run_group_tests(tests, share_progress, NULL);
}
