/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules of media by the columns of the medium table: overwriting, spare areas and pseudo-overwrite,
 * formats, blanking, two layers. test_recording.c has those of DVD+R.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "changer/recording/recording.h"
#include "changer/recording/recording_json.h"

static const uint32_t all = 0xffffffff;
static struct recording r;

static void
blank_disc(const char *suffix)
{
	recording_fini(&r);
	recording_init_blank(&r, medium_by_suffix(suffix, strlen(suffix)), 0);
}

static int
done(void **state)
{
	recording_fini(&r);
	return 0;
}

static enum jb_err
may_write(uint32_t lba, uint32_t count)
{
	bool begins;

	return recording_may_write(&r, lba, count, &begins);
}

/* Formats the disc, as disc_format() does. Returns true if the format erases it. */
static bool
format(uint8_t type, uint8_t sub_type, uint32_t blocks, bool restart)
{
	struct disc_format f = {type, sub_type, blocks, restart};
	struct recording out = {0};
	bool erases;

	assert_int_equal(recording_format(&r, &f, &out, &erases), JB_OK);
	recording_fini(&r);
	r = out;
	return erases;
}

static enum jb_err
try_format(uint8_t type, uint8_t sub_type, uint32_t blocks, bool restart)
{
	struct disc_format f = {type, sub_type, blocks, restart};
	struct recording out = {0};
	bool erases;
	enum jb_err err = recording_format(&r, &f, &out, &erases);

	if (err == JB_OK)
		recording_fini(&out);
	return err;
}

static enum jb_err
blank(unsigned type, unsigned track)
{
	struct recording out = {0};
	bool erases;
	enum jb_err err = recording_blank(&r, type, track, &out, &erases);

	if (err != JB_OK)
		return err;
	recording_fini(&r);
	r = out;
	return JB_OK;
}

static void
assert_formatted(uint16_t profile, uint32_t size, uint32_t recorded)
{
	struct track t;

	assert_int_equal(r.medium->profile, profile);
	assert_true(recording_is_formatted(&r));
	assert_int_equal(recording_status(&r), r.medium->is_other ? DISC_OTHERS : DISC_COMPLETE);
	assert_int_equal(recording_last_session_state(&r), SESSION_COMPLETE);
	assert_int_equal(recording_sessions(&r), 1);
	assert_int_equal(recording_tracks(&r), 1);
	assert_true(recording_track(&r, 1, &t));
	assert_int_equal(t.state, TRACK_FORMATTED);
	assert_int_equal(t.size, size);
	assert_int_equal(t.recorded, recorded);
	assert_int_equal(recording_readable_capacity(&r), size);
	assert_int_equal(recording_end(&r), recorded);
	assert_int_equal(recording_is_unrecorded(&r), recorded == 0);
	assert_false(recording_is_sealed(&r));
	assert_int_equal(recording_may_read(&r, 0, 1), JB_OK);
	assert_int_equal(recording_may_read(&r, size - 1, 1), JB_OK);
	assert_int_equal(recording_may_read(&r, size, 1), JB_LBA_RANGE);
	assert_int_equal(may_write(size - 1, 1), JB_OK);
	assert_int_equal(may_write(size - 1, 2), JB_LBA_RANGE);
}

static void
a_dvd_ram_is_written_anywhere(void **state)
{
	blank_disc("dvd-ram");
	assert_formatted(PROFILE_DVD_RAM, 2236704, 0);
	assert_int_equal(recording_written(&r, 1000, 10), JB_OK);
	assert_int_equal(recording_written(&r, 5, 10), JB_OK);
	assert_formatted(PROFILE_DVD_RAM, 2236704, 1010);
	/* Programs send CLOSE although nothing is to be closed. */
	assert_int_equal(recording_close(&r, 1, 1), JB_OK);
	assert_int_equal(recording_close(&r, 2, 0), JB_OK);
	assert_int_equal(recording_close(&r, 5, 0), JB_NOT_SUPPORTED);
	assert_int_equal(recording_finalize(&r), JB_NOT_SUPPORTED);
	assert_int_equal(recording_reserve(&r, 16), JB_NOT_SUPPORTED);
	assert_int_equal(blank(0, 0), JB_NOT_SUPPORTED);
	assert_true(format(0x00, 0, 2236704, false));
	assert_formatted(PROFILE_DVD_RAM, 2236704, 0);
	assert_int_equal(try_format(0x26, 0, all, false), JB_NO_FORMAT);
}

/* Formats with more spare blocks, or with none. */
static void
spares_of_a_dvd_ram(void **state)
{
	blank_disc("dvd-ram");
	assert_int_equal(recording_written(&r, 1000, 10), JB_OK);
	assert_false(format(0x01, 0, 2226976, false));
	assert_formatted(PROFILE_DVD_RAM, 2226976, 1010);
	/* Fewer blocks need more spares; recorded data is never cut off. */
	assert_false(format(0x01, 0, 2217248, false));
	assert_formatted(PROFILE_DVD_RAM, 2217248, 1010);
	assert_int_equal(try_format(0x01, 0, 2226976, false), JB_NO_FORMAT);
	assert_int_equal(recording_written(&r, 2217000, 10), JB_OK);
	assert_int_equal(try_format(0x01, 0, 2216992, false), JB_NO_FORMAT);
	assert_int_equal(try_format(0x00, 0, 2295088, false), JB_NO_FORMAT);
	assert_true(format(0x00, 0, 2295072, false));
	assert_formatted(PROFILE_DVD_RAM, 2295072, 0);
}

static void
unformatted_takes_nothing(void **state)
{
	blank_disc("bd-re");
	assert_int_equal(recording_status(&r), DISC_BLANK);
	assert_int_equal(recording_tracks(&r), 1);
	assert_int_equal(recording_readable_capacity(&r), 0);
	assert_int_equal(may_write(0, 32), JB_NOT_FORMATTED);
	assert_int_equal(recording_written(&r, 0, 32), JB_NOT_FORMATTED);
	assert_int_equal(recording_may_read(&r, 0, 1), JB_BLANK);
	assert_true(format(0x30, 2, 12088320, false));
	assert_formatted(PROFILE_BD_RE, 12088320, 0);
	assert_true(format(0x31, 0, all, false));
	assert_formatted(PROFILE_BD_RE, 12219392, 0);
	/* As many spare blocks as the initiator asks for, in whole clusters. */
	assert_true(format(0x30, 0, 11900001, false));
	assert_formatted(PROFILE_BD_RE, 11900032, 0);
	assert_int_equal(try_format(0x30, 0, 12219392, false), JB_NO_FORMAT);
	blank_disc("bd-re-dl");
	assert_true(format(0x00, 0, 0, false));
	assert_formatted(PROFILE_BD_RE, 2 * 11826176, 0);
	assert_int_equal(r.medium->layers, 2);
}

static void
dvd_rw_changes_its_profile(void **state)
{
	blank_disc("dvd-rw");
	assert_int_equal(recording_written(&r, 0, 100), JB_OK);
	assert_int_equal(recording_close(&r, 2, 0), JB_OK);
	assert_true(format(0x15, 0, 1600, false));
	assert_formatted(PROFILE_DVD_RW_RO, 1600, 0);
	assert_int_equal(recording_written(&r, 0, 100), JB_OK);
	/* The last formatted part is extended and keeps its data. */
	assert_false(format(0x13, 0, 0, false));
	assert_formatted(PROFILE_DVD_RW_RO, 2297888, 100);
	assert_int_equal(blank(2, 1), JB_NOT_SUPPORTED);
	assert_int_equal(blank(1, 0), JB_OK);
	assert_int_equal(r.medium->profile, PROFILE_DVD_RW);
	assert_int_equal(recording_status(&r), DISC_BLANK);
	assert_true(r.minimal);
	assert_int_equal(recording_written(&r, 0, 16), JB_OK);
	assert_false(r.minimal);
	assert_int_equal(blank(0, 0), JB_OK);
	assert_false(r.minimal);
	assert_int_equal(try_format(0x13, 0, 0, false), JB_NO_FORMAT);
}

static void
parts_of_a_dvd_rw_are_blanked(void **state)
{
	struct track t;

	blank_disc("dvd-rw");
	assert_int_equal(blank(6, 0), JB_BAD_TRACK);
	assert_int_equal(blank(5, 0), JB_BAD_TRACK);
	assert_int_equal(blank(3, 0), JB_BAD_TRACK);
	assert_int_equal(recording_written(&r, 0, 100), JB_OK);
	assert_int_equal(recording_close(&r, 2, 0), JB_OK);
	assert_true(recording_track(&r, 2, &t));
	assert_int_equal(t.start, 112 + 28688);
	assert_int_equal(recording_reserve(&r, 160), JB_OK);
	assert_int_equal(blank(3, 1), JB_BAD_TRACK);
	assert_int_equal(blank(3, 2), JB_OK);
	assert_int_equal(r.ntracks, 1);
	assert_int_equal(recording_written(&r, 112 + 28688, 16), JB_OK);
	assert_int_equal(blank(3, 2), JB_BAD_TRACK);
	assert_int_equal(blank(5, 0), JB_BAD_TRACK);
	assert_int_equal(blank(2, 2), JB_OK);
	assert_int_equal(r.ntracks, 1);
	assert_int_equal(recording_written(&r, 112 + 28688, 16), JB_OK);
	assert_int_equal(recording_finalize(&r), JB_OK);
	assert_true(r.final);
	/* A disc that can be blanked is never sealed. */
	assert_false(recording_is_sealed(&r));
	assert_int_equal(blank(5, 0), JB_OK);
	assert_false(r.final);
	assert_int_equal(r.closed_sessions, 1);
	assert_int_equal(blank(6, 0), JB_OK);
	assert_int_equal(r.ntracks, 1);
	assert_int_equal(blank(6, 0), JB_OK);
	assert_int_equal(recording_status(&r), DISC_BLANK);
	assert_int_equal(blank(4, 0), JB_NOT_SUPPORTED);
	assert_int_equal(blank(8, 0), JB_NOT_SUPPORTED);
	blank_disc("dvd-r");
	assert_int_equal(blank(0, 0), JB_NOT_SUPPORTED);
	assert_int_equal(try_format(0x15, 0, 0, false), JB_NO_FORMAT);
}

static void
dvd_plus_rw_is_formatted_in_the_background(void **state)
{
	blank_disc("dvd+rw");
	assert_int_equal(r.background, BACKGROUND_NONE);
	assert_int_equal(try_format(0x26, 0, all, true), JB_NO_FORMAT);
	assert_true(format(0x26, 0, all, false));
	assert_formatted(PROFILE_DVD_PLUS_RW, 2295104, 0);
	assert_int_equal(r.background, BACKGROUND_RUNNING);
	assert_int_equal(recording_written(&r, 0, 100), JB_OK);
	assert_int_equal(recording_close(&r, 0, 0), JB_OK);
	assert_int_equal(r.background, BACKGROUND_STOPPED);
	r.background_done = 7;
	assert_false(format(0x26, 0, all, true));
	assert_formatted(PROFILE_DVD_PLUS_RW, 2295104, 100);
	assert_int_equal(r.background, BACKGROUND_RUNNING);
	assert_int_equal(r.background_done, 7);
	assert_int_equal(recording_close(&r, 2, 0), JB_OK);
	assert_int_equal(r.background, BACKGROUND_STOPPED);
}

static void
bd_r_with_spare_areas(void **state)
{
	struct track t;

	blank_disc("bd-r");
	assert_int_equal(try_format(0x32, 2, all, false), JB_NO_FORMAT);
	assert_false(format(0x32, 1, 11826176, false));
	assert_int_equal(r.spare, SPARE_SRM);
	/* Not blank any more, although nothing is recorded. */
	assert_int_equal(recording_status(&r), DISC_APPENDABLE);
	assert_int_equal(recording_last_session_state(&r), SESSION_EMPTY);
	assert_true(recording_is_unrecorded(&r));
	assert_int_equal(recording_readable_capacity(&r), 0);
	assert_true(recording_track(&r, 1, &t));
	assert_int_equal(t.size, 11826176);
	assert_int_equal(try_format(0x32, 1, all, false), JB_NOT_WRITABLE);
	assert_int_equal(recording_written(&r, 0, 100), JB_OK);
	assert_int_equal(may_write(0, 1), JB_NOT_NWA);
	assert_int_equal(recording_close(&r, 1, 1), JB_OK);
	assert_int_equal(recording_close(&r, 2, 0), JB_OK);
	/* The next session begins at the next cluster. */
	assert_true(recording_track(&r, 2, &t));
	assert_int_equal(t.start, 128);
	assert_int_equal(recording_close(&r, 6, 0), JB_OK);
	assert_int_equal(recording_status(&r), DISC_COMPLETE);
	assert_true(recording_is_sealed(&r));
}

static void
bd_r_with_pseudo_overwrite(void **state)
{
	blank_disc("bd-r-dl");
	assert_false(format(0x00, 0, 0, false));
	assert_int_equal(r.spare, SPARE_POW);
	assert_int_equal(r.capacity, 2 * 11826176);
	assert_int_equal(may_write(32, 1), JB_NOT_NWA);
	assert_int_equal(recording_written(&r, 0, 100), JB_OK);
	assert_int_equal(recording_written(&r, 10, 10), JB_OK);
	assert_int_equal(recording_end(&r), 100);
	/* A write beyond the recorded part continues the open track. */
	assert_int_equal(recording_written(&r, 90, 20), JB_OK);
	assert_int_equal(recording_end(&r), 110);
	assert_int_equal(may_write(111, 1), JB_NOT_NWA);
	assert_int_equal(recording_close(&r, 1, 1), JB_OK);
	assert_int_equal(may_write(16, 1), JB_OK);
	assert_int_equal(may_write(109, 1), JB_OK);
	assert_int_equal(may_write(109, 2), JB_NOT_NWA);
	assert_int_equal(recording_written(&r, 128, 32), JB_OK);
	assert_int_equal(recording_finalize(&r), JB_OK);
	assert_int_equal(may_write(16, 1), JB_NOT_WRITABLE);
}

static void
a_layer_break_is_set_once(void **state)
{
	blank_disc("dvd+r-dl");
	assert_int_equal(recording_set_layer_break(&r, 0), JB_LBA_RANGE);
	assert_int_equal(recording_set_layer_break(&r, 17), JB_LBA_RANGE);
	assert_int_equal(recording_set_layer_break(&r, 2086912 + 16), JB_LBA_RANGE);
	assert_int_equal(recording_set_layer_break(&r, 160000), JB_OK);
	assert_int_equal(r.layer_break, 160000);
	assert_int_equal(recording_set_layer_break(&r, 160016), JB_NOT_WRITABLE);
	blank_disc("dvd+r-dl");
	assert_int_equal(recording_written(&r, 0, 16), JB_OK);
	assert_int_equal(recording_set_layer_break(&r, 160000), JB_NOT_WRITABLE);
	blank_disc("dvd+r");
	assert_int_equal(recording_set_layer_break(&r, 160000), JB_NOT_SUPPORTED);
}

static void
images_of_every_medium(void **state)
{
	const struct medium *m;

	for (size_t i = 0; (m = medium_row(i)) != NULL; i++) {
		recording_fini(&r);
		assert_int_equal(recording_init_image(&r, m, 0, 1000), JB_OK);
		assert_int_equal(recording_end(&r), 1000);
		assert_false(recording_is_unrecorded(&r));
		assert_int_equal(recording_may_read(&r, 999, 1), JB_OK);
		if (m->writing == WRITES_ANYWHERE)
			assert_formatted(m->profile, m->formats[0].blocks, 1000);
		else
			assert_int_equal(recording_status(&r), DISC_COMPLETE);
		recording_fini(&r);
		assert_int_equal(recording_init_image(&r, m, 0, m->capacity + 1), JB_TOO_LARGE);
	}
	/* The largest size of any format that fits; and a disc that is smaller than its formats. */
	m = medium_by_suffix("bd-re", 5);
	assert_int_equal(recording_init_image(&r, m, 0, 12000000), JB_OK);
	assert_formatted(PROFILE_BD_RE, 12088320, 12000000);
	recording_fini(&r);
	assert_int_equal(recording_init_image(&r, m, 3200, 1000), JB_OK);
	assert_formatted(PROFILE_BD_RE, 3200, 1000);
}

/* Compares two tracks member by member, because the padding may differ. */
static void
assert_same_track(const struct track *a, const struct track *b)
{
	assert_int_equal(a->state, b->state);
	assert_int_equal(a->mode, b->mode);
	assert_int_equal(a->control, b->control);
	assert_int_equal(a->session, b->session);
	assert_int_equal(a->start, b->start);
	assert_int_equal(a->size, b->size);
	assert_int_equal(a->pregap, b->pregap);
	assert_int_equal(a->recorded, b->recorded);
	assert_int_equal(a->shift, b->shift);
	assert_string_equal(a->isrc, b->isrc);
}

/* Checks that the recording is the same after it was written to disc.json and read. */
static void
assert_kept(void)
{
	json_t *json = json_object();
	struct recording again = {0};

	assert_true(recording_to_json(&r, json));
	assert_true(recording_from_json(&again, json));
	assert_ptr_equal(again.medium, r.medium);
	assert_int_equal(again.capacity, r.capacity);
	assert_int_equal(again.final, r.final);
	assert_int_equal(again.minimal, r.minimal);
	assert_int_equal(again.spare, r.spare);
	assert_int_equal(again.background,
		r.background == BACKGROUND_RUNNING ? BACKGROUND_STOPPED : r.background);
	assert_int_equal(again.background_done, r.background_done);
	assert_int_equal(again.layer_break, r.layer_break);
	assert_int_equal(again.closed_sessions, r.closed_sessions);
	assert_int_equal(again.ntracks, r.ntracks);
	for (unsigned i = 0; i < r.ntracks; i++)
		assert_same_track(&again.tracks[i], &r.tracks[i]);
	recording_fini(&again);
	json_decref(json);
}

static void
the_description_keeps_all_of_it(void **state)
{
	const struct medium *m;

	for (size_t i = 0; (m = medium_row(i)) != NULL; i++) {
		if (!medium_writable(m))
			continue;
		blank_disc(m->suffix);
		assert_kept();
		if (recording_written(&r, 0, 100) == JB_OK)
			assert_kept();
	}
	blank_disc("dvd+rw");
	format(0x26, 0, all, false);
	r.background_done = 1000;
	assert_kept();
	blank_disc("bd-r");
	format(0x32, 0, all, false);
	assert_kept();
	blank_disc("dvd-rw");
	assert_int_equal(blank(1, 0), JB_OK);
	assert_kept();
	blank_disc("dvd+r-dl");
	assert_int_equal(recording_set_layer_break(&r, 160000), JB_OK);
	assert_kept();
}

static void
nonsense_is_refused(void **state)
{
	static const char *const bad[] = {
		/* a formatted track on a medium without formats, and an open track on a medium with
		 * formats */
		"{\"profile\": \"dvd+r\", \"capacity\": 1600, \"final\": false, \"sessions\": 1, "
		"\"tracks\": [{\"session\": 1, \"start\": 0, \"size\": 1600, \"recorded\": 0, "
		"\"state\": \"formatted\"}]}",
		"{\"profile\": \"dvd+rw\", \"capacity\": 1600, \"final\": false, \"sessions\": 0, "
		"\"tracks\": [{\"session\": 1, \"start\": 0, \"size\": 1600, \"recorded\": 0, "
		"\"state\": \"open\"}]}",
		/* formatted and final */
		"{\"profile\": \"dvd+rw\", \"capacity\": 1600, \"final\": true, \"sessions\": 1, "
		"\"tracks\": [{\"session\": 1, \"start\": 0, \"size\": 1600, \"recorded\": 0, "
		"\"state\": \"formatted\"}]}",
		/* larger than the disc */
		"{\"profile\": \"dvd+rw\", \"capacity\": 1600, \"final\": false, \"sessions\": 1, "
		"\"tracks\": [{\"session\": 1, \"start\": 0, \"size\": 1616, \"recorded\": 0, "
		"\"state\": \"formatted\"}]}",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		json_t *json = json_loads(bad[i], 0, NULL);
		struct recording out = {0};

		assert_non_null(json);
		assert_false(recording_from_json(&out, json));
		json_decref(json);
	}
}

/* ---- random steps ---------------------------------------------------------------------------- */

static uint32_t seed;

static uint32_t
any(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)seed * n >> 32);
}

/* Returns the next writable address of a track, an address in the track, or any address. */
static uint32_t
any_address(void)
{
	struct track t;
	uint32_t nwa;

	if (any(4) != 0 && recording_track(&r, 1 + any(recording_tracks(&r)), &t)) {
		if (track_nwa(&t, &nwa))
			return nwa;
		return t.start + any(t.size);
	}
	return any(r.capacity + 100);
}

static void
become(enum jb_err err, struct recording *out)
{
	if (err != JB_OK)
		return;
	recording_fini(&r);
	r = *out;
}

static void
do_anything(void)
{
	static const uint8_t types[] = {0x00, 0x01, 0x10, 0x13, 0x15, 0x26, 0x30, 0x31, 0x32, 0x3f};
	struct disc_format f = {types[any(sizeof(types))], (uint8_t)any(4),
		any(2) ? any(r.capacity + 100) : 0, any(2) == 0};
	struct recording out = {0};
	bool erases;

	switch (any(12)) {
	case 0:
		(void)recording_reserve(&r, any(2000));
		break;
	case 1:
	case 2:
		(void)recording_close(&r, any(9), any(r.ntracks + 2));
		break;
	case 3:
		if (any(20) == 0)
			(void)recording_finalize(&r);
		break;
	case 4:
		if (any(10) == 0)
			become(recording_format(&r, &f, &out, &erases), &out);
		break;
	case 5:
		become(recording_blank(&r, any(9), any(r.ntracks + 2), &out, &erases), &out);
		break;
	case 6:
		(void)recording_set_layer_break(&r, any(2000) * 16);
		break;
	case 7:
		(void)recording_cut(&r, recording_end(&r));
		break;
	default:
		(void)recording_written(&r, any_address(), any(300));
		break;
	}
}

static void
assert_sound(void)
{
	struct track t, before = {.start = 0};
	uint32_t end = recording_end(&r);

	assert_true(end <= r.capacity);
	assert_true(recording_readable_capacity(&r) <= r.capacity);
	assert_true(recording_tracks(&r) <= r.medium->max_tracks);
	assert_true(recording_sessions(&r) <= r.medium->max_sessions);
	for (unsigned n = 1; recording_track(&r, n, &t); n++) {
		assert_true(t.size > 0 && t.recorded <= t.size);
		assert_true((uint64_t)t.start + t.size <= r.capacity);
		assert_true(t.start >= before.start + before.size);
		assert_true(t.session >= before.session);
		before = t;
	}
	if (recording_is_unrecorded(&r))
		assert_int_equal(end, 0);
	if (r.final)
		assert_int_equal(recording_status(&r), DISC_COMPLETE);
	if (recording_may_read(&r, 0, 1) == JB_OK)
		assert_true(recording_is_formatted(&r) || end > 0);
}

static void
random_operations_on_every_medium(void **state)
{
	const struct medium *m;

	for (size_t i = 0; (m = medium_row(i)) != NULL; i++) {
		for (unsigned round = 0; medium_writable(m) && round < 40; round++) {
			seed = (uint32_t)(i * 1000 + round);
			recording_fini(&r);
			recording_init_blank(&r, m, 3200 + any(40000) / 32 * 32);
			for (unsigned n = 0; n < 200; n++) {
				do_anything();
				assert_sound();
				if (n % 8 == 0)
					assert_kept();
			}
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_dvd_ram_is_written_anywhere, done),
		cmocka_unit_test_teardown(spares_of_a_dvd_ram, done),
		cmocka_unit_test_teardown(unformatted_takes_nothing, done),
		cmocka_unit_test_teardown(dvd_rw_changes_its_profile, done),
		cmocka_unit_test_teardown(parts_of_a_dvd_rw_are_blanked, done),
		cmocka_unit_test_teardown(dvd_plus_rw_is_formatted_in_the_background, done),
		cmocka_unit_test_teardown(bd_r_with_spare_areas, done),
		cmocka_unit_test_teardown(bd_r_with_pseudo_overwrite, done),
		cmocka_unit_test_teardown(a_layer_break_is_set_once, done),
		cmocka_unit_test_teardown(images_of_every_medium, done),
		cmocka_unit_test_teardown(the_description_keeps_all_of_it, done),
		cmocka_unit_test_teardown(nonsense_is_refused, done),
		cmocka_unit_test_teardown(random_operations_on_every_medium, done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
