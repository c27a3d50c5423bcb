/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kill -9 at every step of making a disc raw and of inserting a raw disc. Afterwards it is the old disc or
 * the new one, synced data is there, and the start has corrected the name.
 */
#include "tests/unit/model/crash.h"

#include "tests/unit/model/cd.h"

/* Returns true if the disc is raw and named "b.bin"; else checks that it is not raw and has its old name. */
static bool
is_named_raw(struct fixture *fx)
{
	struct jb_item item;

	if (jb_item_lookup(fx->jb, drive(0), "b.bin", &item) == JB_OK) {
		assert_true(item.raw);
		return true;
	}
	item = look(fx, drive(0), "b.cd-r.iso");
	assert_false(item.raw);
	return false;
}

/* ---- a blank --------------------------------------------------------------------------------- */

static void
prepare_blank(struct fixture *fx)
{
	copy_in(fx, drive(0), "b.cd-r.iso", 0, 0);
}

static void
act_first_sample(struct fixture *fx)
{
	struct disc *d = hold(fx);

	disc_next_tracks(d, CD_AUDIO, 0, "");
	write_samples(d, 0, CD_STEP, 1);
	done(); /* 1: something is written */
	assert_ok(disc_sync(d));
	done(); /* 2: durable */
	write_samples(d, CD_STEP, CD_STEP, 1);
	assert_ok(disc_close(d, 2, 0));
	done(); /* 3: closed */
	release(fx);
	await_robot(fx);
}

static void
check_first_sample(struct fixture *fx, int acknowledged)
{
	static const uint32_t durable[] = {0, 0, 1, 2};
	bool raw = is_named_raw(fx);
	struct disc *d = hold(fx);

	assert_int_equal(raw, disc_is_raw(d));
	assert_true(raw || acknowledged == 0);
	assert_true(d->size >= (uint64_t)durable[acknowledged] * CD_STEP * CD_RAW_SIZE);
	assert_int_equal(d->size % CD_RAW_SIZE, 0);
	for (uint32_t lba = 0; lba < d->size / CD_RAW_SIZE; lba += CD_STEP)
		assert_true(holds_samples(d, lba, CD_STEP, 1));
	if (acknowledged >= 1)
		assert_int_equal(disc_status(d), DISC_APPENDABLE);
	release(fx);
	assert_int_equal(entries(fx, "drives/0"), 1);
}

static void
crash_when_a_blank_becomes_raw(void **state)
{
	run_scenario(&(struct scenario){prepare_blank, act_first_sample, check_first_sample});
}

/* ---- a disc with a data track ---------------------------------------------------------------- */

static void
prepare_data(struct fixture *fx)
{
	struct disc *d;

	copy_in(fx, drive(0), "b.cd-r.iso", 0, 0);
	d = hold(fx);
	write_data(d, 0, CD_STEP, 1);
	assert_ok(disc_close(d, 2, 0));
	release(fx);
}

static uint32_t
second_start(struct disc *d)
{
	struct track t;

	assert_true(disc_track(d, 2, &t));
	return t.start;
}

static void
act_convert(struct fixture *fx)
{
	struct disc *d = hold(fx);

	disc_next_tracks(d, CD_AUDIO, 0, "");
	write_samples(d, second_start(d), CD_STEP, 2);
	done(); /* 1: converted to raw */
	assert_ok(disc_sync(d));
	done(); /* 2 */
	release(fx);
	await_robot(fx);
}

static void
check_convert(struct fixture *fx, int acknowledged)
{
	bool raw = is_named_raw(fx);
	struct disc *d = hold(fx);
	uint8_t sector[CD_RAW_SIZE];

	/* The first session is there, whether the disc is raw or not. */
	assert_true(holds_data(d, 0, CD_STEP, 1));
	assert_ok(disc_read_raw(d, 3, 1, sector, true));
	assert_true(sector_is_sound(sector));
	assert_true(raw || acknowledged == 0);
	if (acknowledged == 2)
		assert_true(holds_samples(d, second_start(d), CD_STEP, 2));
	release(fx);
	assert_int_equal(entries(fx, raw ? "drives/0/b.bin" : "drives/0/b.cd-r.iso"), 2);
	assert_int_equal(entries(fx, "drives/0"), 1);
}

static void
crash_in_conversion(void **state)
{
	run_scenario(&(struct scenario){prepare_data, act_convert, check_convert});
}

/* ---- a session at once ----------------------------------------------------------------------- */

static void
act_lay_out(struct fixture *fx)
{
	const struct track tracks[] = {
		{.start = 0, .size = CD_STEP, .mode = CD_AUDIO, .isrc = "DEA471600001"},
		{.start = CD_STEP + 4, .size = CD_STEP, .pregap = 4, .mode = CD_AUDIO},
	};
	static const uint32_t indices[] = {5, CD_STEP + 6};
	struct disc *d = hold(fx);

	assert_ok(disc_set_catalog(d, "4006381333931"));
	assert_ok(disc_lay_out(d, &(struct disc_layout){tracks, 2, indices, 2, 7}));
	done(); /* 1: laid out */
	write_samples(d, 0, CD_STEP, 1);
	write_samples(d, CD_STEP, CD_STEP, 1);
	write_samples(d, 2 * CD_STEP, 4, 1);
	assert_ok(disc_close(d, 2, 0));
	done(); /* 2: closed */
	release(fx);
	await_robot(fx);
}

static void
check_lay_out(struct fixture *fx, int acknowledged)
{
	bool raw = is_named_raw(fx);
	struct disc *d = hold(fx);
	struct track t;

	if (acknowledged >= 1) {
		assert_true(raw);
		assert_string_equal(disc_catalog(d), "4006381333931");
		assert_true(disc_track(d, 2, &t));
		assert_int_equal(t.pregap, 4);
		assert_int_equal(disc_first_number(d), 7);
		assert_int_equal(disc_index_at(d, &t, CD_STEP + 5), 1);
		assert_int_equal(disc_index_at(d, &t, CD_STEP + 6), 2);
		assert_true(disc_track(d, 1, &t));
		assert_string_equal(t.isrc, "DEA471600001");
		assert_int_equal(disc_index_at(d, &t, 5), 2);
	}
	if (acknowledged == 2) {
		assert_true(disc_track(d, 2, &t));
		assert_int_equal(t.state, TRACK_CLOSED);
		assert_true(holds_samples(d, 0, CD_STEP, 1));
		assert_true(holds_samples(d, CD_STEP, CD_STEP, 1));
	}
	release(fx);
}

static void
crash_in_a_session_at_once(void **state)
{
	run_scenario(&(struct scenario){prepare_blank, act_lay_out, check_lay_out});
}

/* ---- a raw disc is blanked ------------------------------------------------------------------- */

static void
prepare_sound(struct fixture *fx)
{
	struct disc *d;

	copy_in(fx, drive(0), "b.cd-rw.iso", 0, 0);
	d = hold(fx);
	disc_next_tracks(d, CD_AUDIO, 0, "");
	write_samples(d, 0, CD_STEP, 1);
	assert_ok(disc_close(d, 2, 0));
	release(fx);
	await_robot(fx);
}

static void
act_blank(struct fixture *fx)
{
	struct disc *d = hold(fx);

	assert_ok(disc_blank(d, 1, 0));
	done(); /* 1: blank */
	release(fx);
	await_robot(fx);
	d = hold(fx);
	write_data(d, 0, CD_STEP, 2);
	assert_ok(disc_sync(d));
	done(); /* 2: durable */
	release(fx);
}

static void
check_blank(struct fixture *fx, int acknowledged)
{
	struct jb_item item;
	bool raw = jb_item_lookup(fx->jb, drive(0), "b.bin", &item) == JB_OK;
	struct disc *d;

	if (!raw)
		item = look(fx, drive(0), "b.iso");
	assert_int_equal(item.raw, raw);
	assert_true(!raw || acknowledged == 0);
	d = hold(fx);
	if (raw)
		assert_true(holds_samples(d, 0, CD_STEP, 1));
	else if (acknowledged == 2)
		assert_true(holds_data(d, 0, CD_STEP, 2));
	release(fx);
	assert_int_equal(entries(fx, "drives/0"), 1);
}

static void
crash_when_a_raw_disc_is_blanked(void **state)
{
	run_scenario(&(struct scenario){prepare_sound, act_blank, check_blank});
}

/* ---- BIN and sheet --------------------------------------------------------------------------- */

#define SHEET \
	"FILE \"b.bin\" BINARY\n" \
	"  TRACK 01 AUDIO\n" \
	"    INDEX 01 00:00:00\n" \
	"  TRACK 02 AUDIO\n" \
	"    PREGAP 00:02:00\n" \
	"    INDEX 01 00:00:16\n"

enum { SECTORS = 2 * CD_STEP };

static void
prepare_nothing(struct fixture *fx)
{
}

static void
act_insert(struct fixture *fx)
{
	uint8_t raw[SECTORS * CD_RAW_SIZE];
	struct jb_file *f;

	assert_ok(put_text(fx, slot(1), ".b.cue", SHEET));
	make_samples(raw, 0, SECTORS, 1);
	f = create(fx, slot(1), "b.bin");
	assert_ok(jb_file_write(f, raw, sizeof(raw), 0));
	assert_ok(jb_file_flush(f, false));
	done(); /* 1: close has returned */
	jb_file_release(f);
	done(); /* 2: it is in the slot */
}

static void
check_inserted(struct fixture *fx, const char *name, const char *profile)
{
	struct jb_item item = look(fx, slot(1), name);
	char *sheet = sheet_beside(fx, slot(1), ".b.cue");

	assert_int_equal(item.kind, JB_ITEM_DISC);
	assert_true(item.raw);
	assert_int_equal(item.tracks, 2);
	assert_string_equal(item.medium->suffix, profile);
	assert_content(fx, slot(1), name, SECTORS * CD_RAW_SIZE, 1);
	assert_non_null(strstr(sheet, name));
	assert_string_equal(strstr(sheet, "BINARY"), strstr(SHEET, "BINARY"));
	free(sheet);
}

static void
check_insert(struct fixture *fx, int acknowledged)
{
	struct jb_item item;

	if (jb_item_lookup(fx->jb, slot(1), "b.bin", &item) == JB_OK)
		check_inserted(fx, "b.bin", "cd-rom");
	else
		assert_int_equal(acknowledged, 0);
	assert_absent(fx, slot(1), ".b.cue");
}

static void
crash_in_an_insert(void **state)
{
	run_scenario(&(struct scenario){prepare_nothing, act_insert, check_insert});
}

static void
prepare_slot_blank(struct fixture *fx)
{
	copy_in(fx, slot(1), "b.cd-r.iso", 0, 0);
}

static void
act_over(struct fixture *fx)
{
	uint8_t raw[SECTORS * CD_RAW_SIZE];
	struct jb_file *f;

	assert_ok(put_text(fx, slot(1), ".b.cue", SHEET));
	make_samples(raw, 0, SECTORS, 1);
	assert_ok(jb_file_open(fx->jb, look(fx, slot(1), "b.cd-r.iso").id, true, true, &f));
	assert_ok(jb_file_write(f, raw, sizeof(raw), 0));
	assert_ok(jb_file_flush(f, false));
	done(); /* 1 */
	jb_file_release(f);
	done(); /* 2 */
}

static void
check_over(struct fixture *fx, int acknowledged)
{
	if (look(fx, slot(1), "b.cd-r.iso").raw) {
		check_inserted(fx, "b.cd-r.iso", "cd-r");
	} else {
		assert_int_equal(acknowledged, 0);
		assert_int_equal(look(fx, slot(1), "b.cd-r.iso").status, DISC_BLANK);
	}
	assert_int_equal(files_in(fx, slot(1)), 1);
	assert_int_equal(entries(fx, "slots/1"), 1);
}

static void
crash_in_an_insert_over_a_blank(void **state)
{
	run_scenario(&(struct scenario){prepare_slot_blank, act_over, check_over});
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(crash_when_a_blank_becomes_raw),
		cmocka_unit_test(crash_in_conversion),
		cmocka_unit_test(crash_in_a_session_at_once),
		cmocka_unit_test(crash_when_a_raw_disc_is_blanked),
		cmocka_unit_test(crash_in_an_insert),
		cmocka_unit_test(crash_in_an_insert_over_a_blank),
	};

	return cmocka_run_group_tests(tests, share_progress, NULL);
}
