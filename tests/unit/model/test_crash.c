/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kill -9 at every step: every disc is in exactly one element, complete or absent. */
#include "tests/unit/model/crash.h"

/* Returns the number of discs of this name in all elements. *where is the element of the last one. */
static unsigned
find(struct fixture *fx, const char *name, struct jb_elem *where)
{
	unsigned n = 0;
	struct jb_item item;

	for (int t = JB_PICKER; t <= JB_DRIVE; t++) {
		enum jb_elem_type type = (enum jb_elem_type)t;

		for (unsigned i = 0; i < jb_count(fx->jb, type); i++) {
			struct jb_elem e = {type, jb_first_number(type) + i};

			if (jb_item_lookup(fx->jb, e, name, &item) == JB_OK) {
				n++;
				*where = e;
			}
		}
	}
	return n;
}

/* ---- insert ---------------------------------------------------------------------------------- */

static void
nothing(struct fixture *fx)
{
	(void)fx;
}

static void
act_insert(struct fixture *fx)
{
	struct jb_file *f = create(fx, slot(1), "x.iso");

	assert_ok(jb_file_flush(f, false)); /* shells close an empty file first */
	assert_ok(write_pattern(f, 0, 10000, 1));
	assert_ok(jb_file_flush(f, false));
	done();
	jb_file_release(f);
}

static void
check_insert(struct fixture *fx, int acknowledged)
{
	struct jb_item item;

	if (jb_item_lookup(fx->jb, slot(1), "x.iso", &item) != JB_OK) {
		assert_int_equal(acknowledged, 0);
		return;
	}
	/* The first close has promised a file, which was being written again. */
	if (item.kind == JB_ITEM_INCOMPLETE) {
		assert_int_equal(acknowledged, 0);
		return;
	}
	assert_int_equal(item.kind, JB_ITEM_DISC);
	/* The first close was that of an empty file, which is a blank, as with touch. */
	if (item.size == 0)
		assert_int_equal(acknowledged, 0);
	else
		assert_content(fx, slot(1), "x.iso", 10000, 1);
}

static void
crash_in_insert(void **state)
{
	(void)state;
	run_scenario(&(struct scenario){nothing, act_insert, check_insert});
}

/* ---- over a blank ---------------------------------------------------------------------------- */

static void
prepare_blank(struct fixture *fx)
{
	copy_in(fx, slot(1), "b.iso", 0, 0);
}

static void
act_over_blank(struct fixture *fx)
{
	struct jb_file *f;

	assert_ok(jb_file_open(fx->jb, look(fx, slot(1), "b.iso").id, true, true, &f));
	assert_ok(write_pattern(f, 0, 5000, 1));
	assert_ok(jb_file_flush(f, false));
	assert_ok(write_pattern(f, 5000, 10000, 1));
	assert_ok(jb_file_flush(f, false));
	done();
	jb_file_release(f);
}

static void
check_over_blank(struct fixture *fx, int acknowledged)
{
	struct jb_item item = look(fx, slot(1), "b.iso");

	assert_int_equal(item.kind, JB_ITEM_DISC);
	assert_string_equal(item.medium->suffix, "dvd+r");
	if (acknowledged)
		assert_int_equal(item.size, 10000);
	if (item.size == 0) {
		assert_int_equal(item.status, DISC_BLANK);
		return;
	}
	assert_int_equal(item.status, DISC_COMPLETE);
	/* The file was closed twice: after the first close its first half was durable. */
	assert_true(item.size == 5000 || item.size == 10000);
	assert_content(fx, slot(1), "b.iso", item.size, 1);
	assert_int_equal(entries(fx, "slots/1/b.iso"), 2);
}

static void
crash_in_recording_over_a_blank(void **state)
{
	(void)state;
	run_scenario(&(struct scenario){prepare_blank, act_over_blank, check_over_blank});
}

/* ---- a staged file becomes a disc ------------------------------------------------------------ */

static void
prepare_standing(struct fixture *fx)
{
	copy_in(fx, slot(1), "x.iso", 8000, 1);
}

static void
act_replace(struct fixture *fx)
{
	copy_in(fx, slot(1), ".x.iso.a1B2c3", 12000, 2);
	assert_ok(jb_item_rename(fx->jb, slot(1), ".x.iso.a1B2c3", slot(1), "x.iso"));
	done();
}

static void
act_replace_open(struct fixture *fx)
{
	struct jb_file *f = create(fx, slot(1), ".goutputstream-AB12CD");

	assert_ok(write_pattern(f, 0, 12000, 2));
	assert_ok(jb_item_rename(fx->jb, slot(1), ".goutputstream-AB12CD", slot(1), "x.iso"));
	assert_ok(jb_file_flush(f, false));
	done();
	jb_file_release(f);
}

static void
check_replace(struct fixture *fx, int acknowledged)
{
	struct jb_item item = look(fx, slot(1), "x.iso");

	assert_int_equal(item.kind, JB_ITEM_DISC);
	assert_int_equal(files_in(fx, slot(1)), 1);
	if (acknowledged || item.size == 12000)
		assert_content(fx, slot(1), "x.iso", 12000, 2);
	else
		assert_content(fx, slot(1), "x.iso", 8000, 1);
	assert_int_equal(entries(fx, "slots/1/x.iso"), 2);
}

static void
crash_in_replacement(void **state)
{
	(void)state;
	run_scenario(&(struct scenario){prepare_standing, act_replace, check_replace});
}

static void
crash_in_replacement_by_an_open_file(void **state)
{
	(void)state;
	run_scenario(&(struct scenario){prepare_standing, act_replace_open, check_replace});
}

static void
act_promote(struct fixture *fx)
{
	copy_in(fx, slot(2), ".x.iso.a1B2c3", 12000, 2);
	assert_ok(jb_item_rename(fx->jb, slot(2), ".x.iso.a1B2c3", drive(0), "y.iso"));
	done();
}

static void
check_promote(struct fixture *fx, int acknowledged)
{
	struct jb_item item;

	assert_int_equal(files_in(fx, slot(2)), 0);
	if (acknowledged || jb_item_lookup(fx->jb, drive(0), "y.iso", &item) == JB_OK)
		assert_content(fx, drive(0), "y.iso", 12000, 2);
}

static void
crash_in_promotion(void **state)
{
	(void)state;
	run_scenario(&(struct scenario){nothing, act_promote, check_promote});
}

/* ---- a file that was synced is kept ---------------------------------------------------------- */

static void
act_keep(struct fixture *fx)
{
	struct jb_file *f = create(fx, slot(1), "x.iso");

	assert_ok(write_pattern(f, 0, 4000, 1));
	assert_ok(jb_file_fsync(f));
	done();
	assert_ok(jb_file_flush(f, true));
	jb_file_release(f);
}

static void
check_keep(struct fixture *fx, int acknowledged)
{
	struct jb_item item;

	if (jb_item_lookup(fx->jb, slot(1), "x.iso", &item) != JB_OK) {
		assert_int_equal(acknowledged, 0);
		return;
	}
	assert_int_equal(item.kind, JB_ITEM_INCOMPLETE);
	assert_content(fx, slot(1), "x.iso", 4000, 1);
}

static void
crash_after_a_sync(void **state)
{
	(void)state;
	run_scenario(&(struct scenario){nothing, act_keep, check_keep});
}

/* ---- an incomplete copy is continued --------------------------------------------------------- */

static void
prepare_incomplete(struct fixture *fx)
{
	struct jb_file *f = create(fx, slot(1), "x.iso");

	assert_ok(write_pattern(f, 0, 4000, 1));
	assert_ok(jb_file_flush(f, true));
	jb_file_release(f);
}

static void
act_resume(struct fixture *fx)
{
	struct jb_file *f;

	assert_ok(jb_file_open(fx->jb, look(fx, slot(1), "x.iso").id, true, false, &f));
	assert_ok(write_pattern(f, 4000, 10000, 1));
	assert_ok(jb_file_flush(f, false));
	done();
	jb_file_release(f);
}

static void
check_resume(struct fixture *fx, int acknowledged)
{
	struct jb_item item;

	if (jb_item_lookup(fx->jb, slot(1), "x.iso", &item) != JB_OK) {
		assert_int_equal(acknowledged, 0);
		return;
	}
	if (acknowledged)
		assert_int_equal(item.kind, JB_ITEM_DISC);
	if (item.kind == JB_ITEM_DISC)
		assert_content(fx, slot(1), "x.iso", 10000, 1);
	else
		assert_int_equal(item.kind, JB_ITEM_INCOMPLETE);
}

static void
crash_in_resumption(void **state)
{
	(void)state;
	run_scenario(&(struct scenario){prepare_incomplete, act_resume, check_resume});
}

/* ---- moves ----------------------------------------------------------------------------------- */

static void
prepare_two(struct fixture *fx)
{
	copy_in(fx, slot(1), "a.iso", 8000, 1);
	copy_in(fx, slot(2), "b.iso", 9000, 2);
	assert_ok(jb_move(fx->jb, slot(2), drive(0), NULL));
}

static void
act_moves(struct fixture *fx)
{
	assert_ok(jb_move(fx->jb, drive(0), slot(3), NULL));
	done();
	assert_ok(move_by_hand(fx->jb, slot(1), drive(0), "a2.iso"));
	done();
	assert_ok(jb_item_rename(fx->jb, drive(0), "a2.iso", drive(0), "a.iso"));
	done();
}

static void
check_moves(struct fixture *fx, int acknowledged)
{
	struct jb_elem a = {0}, b = {0};

	assert_int_equal(find(fx, "a.iso", &a) + find(fx, "a2.iso", &a), 1);
	assert_int_equal(find(fx, "b.iso", &b), 1);
	assert_content(fx, b, "b.iso", 9000, 2);
	if (acknowledged >= 1)
		assert_int_equal(b.type, JB_SLOT);
	if (acknowledged >= 2)
		assert_int_equal(a.type, JB_DRIVE);
	if (acknowledged >= 3)
		assert_content(fx, a, "a.iso", 8000, 1);
	if (a.type == JB_DRIVE)
		assert_int_equal(status_of(fx, a).source, status_of(fx, slot(1)).address);
}

static void
crash_in_moves(void **state)
{
	(void)state;
	run_scenario(&(struct scenario){prepare_two, act_moves, check_moves});
}

static void
act_exchange(struct fixture *fx)
{
	assert_ok(jb_exchange(fx->jb, slot(1), drive(0), slot(1), NULL));
	done();
}

static void
check_exchange(struct fixture *fx, int acknowledged)
{
	struct jb_elem a = {0}, b = {0};

	assert_int_equal(find(fx, "a.iso", &a), 1);
	assert_int_equal(find(fx, "b.iso", &b), 1);
	assert_content(fx, a, "a.iso", 8000, 1);
	assert_content(fx, b, "b.iso", 9000, 2);
	if (acknowledged) {
		assert_int_equal(a.type, JB_DRIVE);
		assert_int_equal(b.type, JB_SLOT);
	}
}

static void
crash_in_exchange(void **state)
{
	(void)state;
	run_scenario(&(struct scenario){prepare_two, act_exchange, check_exchange});
}

static void
act_remove(struct fixture *fx)
{
	assert_ok(jb_item_remove(fx->jb, slot(1), "a.iso"));
	done();
	assert_ok(jb_item_remove(fx->jb, drive(0), "b.iso"));
	done();
}

static void
check_remove(struct fixture *fx, int acknowledged)
{
	struct jb_elem a = slot(1), b = drive(0);
	unsigned na = find(fx, "a.iso", &a), nb = find(fx, "b.iso", &b);

	assert_true(na <= 1 && nb <= 1 && na <= nb);
	if (na == 1)
		assert_content(fx, slot(1), "a.iso", 8000, 1);
	if (nb == 1)
		assert_content(fx, drive(0), "b.iso", 9000, 2);
	if (acknowledged >= 1)
		assert_int_equal(na, 0);
	if (acknowledged >= 2)
		assert_int_equal(nb, 0);
}

static void
crash_in_removal(void **state)
{
	(void)state;
	run_scenario(&(struct scenario){prepare_two, act_remove, check_remove});
}

static void
act_attributes(struct fixture *fx)
{
	struct jb_attr attr = {.set = JB_ATTR_MODE, .mode = 0444};

	assert_ok(jb_item_setattr(fx->jb, look(fx, slot(1), "a.iso").id, &attr));
	done();
	assert_ok(jb_setting_set(fx->jb, JB_SET_DRIVE_VENDOR, 1, "ACME"));
	done();
}

static void
check_attributes(struct fixture *fx, int acknowledged)
{
	char buf[JB_TEXT_MAX];
	mode_t mode = look(fx, slot(1), "a.iso").mode;

	assert_content(fx, slot(1), "a.iso", 8000, 1);
	assert_true(mode == 0644 || mode == 0444);
	if (acknowledged >= 1)
		assert_int_equal(mode, 0444);
	jb_setting_get(fx->jb, JB_SET_DRIVE_VENDOR, 1, buf);
	if (acknowledged >= 2)
		assert_string_equal(buf, "ACME");
	else
		assert_true(strcmp(buf, "ACME") == 0 || strcmp(buf, "JUKEBOXD") == 0);
}

static void
crash_in_attributes(void **state)
{
	(void)state;
	run_scenario(&(struct scenario){prepare_two, act_attributes, check_attributes});
}

/* ---- burning --------------------------------------------------------------------------------- */

enum { BURN_STEP = 32 }; /* sectors */

static void
prepare_burn(struct fixture *fx)
{
	copy_in(fx, drive(0), "b.iso", 0, 0);
}

static void
burn(struct disc *d, uint32_t lba)
{
	uint8_t data[BURN_STEP * SECTOR_SIZE];

	fill(data, sizeof(data), (uint64_t)lba * SECTOR_SIZE, 3);
	assert_ok(disc_write(d, lba, BURN_STEP, data));
}

static void
act_burn(struct fixture *fx)
{
	struct disc *d = hold(fx);

	burn(d, 0);
	done(); /* 1: something is written */
	assert_ok(disc_sync(d));
	done(); /* 2: one step is durable */
	burn(d, BURN_STEP);
	burn(d, 2 * BURN_STEP);
	assert_ok(disc_sync(d));
	done(); /* 3: three steps are durable */
	burn(d, 3 * BURN_STEP);
	assert_ok(disc_close(d, 1, 1));
	assert_ok(disc_close(d, 2, 0));
	done(); /* 4: the session is closed */
	release(fx);
}

static void
check_burn(struct fixture *fx, int acknowledged)
{
	static const uint32_t durable[] = {0, 0, 1, 3, 4};
	struct jb_item item = look(fx, drive(0), "b.iso");
	uint32_t sectors = (uint32_t)(item.size / SECTOR_SIZE);

	assert_int_equal(item.kind, JB_ITEM_DISC);
	assert_int_equal(item.size % SECTOR_SIZE, 0);
	assert_true(sectors >= durable[acknowledged] * BURN_STEP);
	assert_content(fx, drive(0), "b.iso", item.size, 3);
	/* A disc with durable data is appendable: not blank, not complete. */
	if (acknowledged >= 1)
		assert_int_equal(item.status, DISC_APPENDABLE);
	else
		assert_int_not_equal(item.status, DISC_COMPLETE);
	if (acknowledged == 4)
		assert_int_equal(sectors, 4 * BURN_STEP);
}

/* Also checks that the disc takes the next write where its last track ends. */
static void
check_appendable(struct fixture *fx, int acknowledged)
{
	struct drive *d = jb_drive(fx->jb, 0);
	struct disc *disc;
	struct track t;
	uint32_t nwa;

	check_burn(fx, acknowledged);
	strand_enter(drive_strand(d));
	disc = disc_in(fx, 0);
	assert_true(disc_track(disc, disc_tracks(disc), &t));
	assert_true(track_nwa(&t, &nwa));
	if (disc_sessions(disc) == 1)
		assert_int_equal(nwa, disc->size / SECTOR_SIZE);
	strand_leave(drive_strand(d));
}

static void
crash_in_burn(void **state)
{
	(void)state;
	run_scenario(&(struct scenario){prepare_burn, act_burn, check_appendable});
}

/* ---- start-up -------------------------------------------------------------------------------- */

/* An image without its cartridge, which the child puts into a slot by hand. */
static void
prepare_loose(struct fixture *fx)
{
	copy_in(fx, slot(1), "x.iso", 10000, 1);
	jb_close(fx->jb);
	shell(fx, "mkdir hand && mv slots/1/x.iso/image.1 hand/z.iso && rm -r slots/1/x.iso");
	open_store(fx, 0, 0, 0);
}

static void
act_start(struct fixture *fx)
{
	store_step_hook = NULL;
	jb_close(fx->jb);
	shell(fx, "[ ! -e hand/z.iso ] || mv hand/z.iso slots/3/");
	store_step_hook = die_at_step;
	open_store(fx, 0, 0, 0);
	done();
}

static void
check_start(struct fixture *fx, int acknowledged)
{
	(void)acknowledged;
	assert_content(fx, slot(3), "z.iso", 10000, 1);
	assert_int_equal(look(fx, slot(3), "z.iso").kind, JB_ITEM_DISC);
}

static void
crash_in_start(void **state)
{
	(void)state;
	run_scenario(&(struct scenario){prepare_loose, act_start, check_start});
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(crash_in_insert),
		cmocka_unit_test(crash_in_recording_over_a_blank),
		cmocka_unit_test(crash_in_replacement),
		cmocka_unit_test(crash_in_replacement_by_an_open_file),
		cmocka_unit_test(crash_in_promotion),
		cmocka_unit_test(crash_after_a_sync),
		cmocka_unit_test(crash_in_resumption),
		cmocka_unit_test(crash_in_moves),
		cmocka_unit_test(crash_in_exchange),
		cmocka_unit_test(crash_in_removal),
		cmocka_unit_test(crash_in_attributes),
		cmocka_unit_test(crash_in_burn),
		cmocka_unit_test(crash_in_start),
	};

	return cmocka_run_group_tests(tests, share_progress, NULL);
}
