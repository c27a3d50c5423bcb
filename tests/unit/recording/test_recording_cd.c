/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules of CD: gaps, packets, sessions at once, modes of tracks; and what a description stores of them.
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

static void
write_sectors(uint32_t lba, uint32_t count)
{
	assert_int_equal(recording_written(&r, lba, count), JB_OK);
}

/* Orange Book: 2 seconds between tracks. Between sessions lead-out, lead-in and pause: 11400 sectors after
 * the first session, 6900 after the others. */
static void
gaps_of_a_cd(void **state)
{
	struct track t;

	blank_disc("cd-r");
	write_sectors(0, 300);
	assert_int_equal(recording_close(&r, 1, 1), JB_OK);
	assert_true(recording_track(&r, 2, &t));
	assert_int_equal(t.start, 450);
	write_sectors(450, 300);
	assert_int_equal(recording_close(&r, 2, 0), JB_OK);
	assert_true(recording_track(&r, 3, &t));
	assert_int_equal(t.start, 750 + 11400);
	write_sectors(t.start, 300);
	assert_int_equal(recording_close(&r, 2, 0), JB_OK);
	assert_true(recording_track(&r, 4, &t));
	assert_int_equal(t.start, 750 + 11400 + 300 + 6900);
	assert_int_equal(recording_may_read(&r, 0, 750 + 11400 + 300), JB_OK);
	assert_int_equal(recording_close(&r, 5, 0), JB_NOT_SUPPORTED);
}

/* Packets have 32 sectors. The 7 sectors between two packets have no addresses. */
static void
packets_of_a_cd_rw(void **state)
{
	struct disc_format format = {.type = 0x10, .blocks = all};
	struct recording out = {0};
	bool erases;

	recording_fini(&r);
	recording_init_blank(&r, medium_by_suffix("cd-rw", 5), 2 * 32 + 7);
	assert_int_equal(recording_format(&r, &format, &out, &erases), JB_OK);
	assert_true(erases);
	assert_string_equal(out.medium->suffix, "cd-rw-packet");
	assert_int_equal(recording_readable_capacity(&out), 64);
	assert_int_equal(recording_status(&out), DISC_COMPLETE);
	recording_fini(&r);
	r = out;
	assert_int_equal(may_write(63, 1), JB_OK);
	assert_int_equal(may_write(63, 2), JB_LBA_RANGE);
	/* A format of another size: whole packets, and no more than fit. */
	format.blocks = 1;
	assert_int_equal(recording_format(&r, &format, &out, &erases), JB_OK);
	assert_int_equal(recording_readable_capacity(&out), 32);
	recording_fini(&out);
	format.blocks = 200;
	assert_int_equal(recording_format(&r, &format, &out, &erases), JB_OK);
	assert_int_equal(recording_readable_capacity(&out), 64);
	recording_fini(&out);
	assert_int_equal(recording_blank(&r, 1, 0, &out, &erases), JB_OK);
	assert_string_equal(out.medium->suffix, "cd-rw");
	assert_int_equal(recording_status(&out), DISC_BLANK);
	assert_int_equal(out.capacity, 2 * 32 + 7);
	recording_fini(&out);
	/* The disc is shorter than one packet. */
	recording_fini(&r);
	recording_init_blank(&r, medium_by_suffix("cd-rw", 5), 31);
	assert_int_equal(recording_format(&r, &format, &out, &erases), JB_NO_FORMAT);
}

/* The tracks of a session at once are where the cue sheet puts them. */
static void
a_session_is_laid_out(void **state)
{
	struct track tracks[3] = {
		{.start = 0, .size = 100}, {.start = 100, .size = 50}, {.start = 300, .size = 10}};
	struct track t;

	blank_disc("cd-rw");
	tracks[0].start = 1;
	assert_int_equal(
		recording_lay_out(&r, &(struct disc_layout){.tracks = tracks, .ntracks = 3}),
		JB_LBA_RANGE);
	tracks[0].start = 0;
	tracks[1].start = 99;
	assert_int_equal(
		recording_lay_out(&r, &(struct disc_layout){.tracks = tracks, .ntracks = 3}),
		JB_LBA_RANGE);
	tracks[1].start = 100;
	tracks[2].size = r.capacity;
	assert_int_equal(
		recording_lay_out(&r, &(struct disc_layout){.tracks = tracks, .ntracks = 3}),
		JB_LBA_RANGE);
	tracks[2].size = 10;
	assert_int_equal(
		recording_lay_out(&r, &(struct disc_layout){.tracks = tracks, .ntracks = 0}),
		JB_LBA_RANGE);
	assert_int_equal(recording_status(&r), DISC_BLANK);
	assert_int_equal(
		recording_lay_out(&r, &(struct disc_layout){.tracks = tracks, .ntracks = 3}),
		JB_OK);
	assert_int_equal(recording_status(&r), DISC_APPENDABLE);
	assert_int_equal(
		recording_lay_out(&r, &(struct disc_layout){.tracks = tracks, .ntracks = 3}),
		JB_LBA_RANGE);
	write_sectors(0, 100);
	assert_int_equal(may_write(99, 1), JB_NOT_NWA);
	assert_int_equal(may_write(100, 51), JB_LBA_RANGE);
	write_sectors(100, 50);
	assert_int_equal(recording_close(&r, 2, 0), JB_TRACK_INCOMPLETE);
	write_sectors(300, 10);
	assert_int_equal(recording_close(&r, 2, 0), JB_OK);
	assert_int_equal(recording_end(&r), 310);
	assert_true(recording_track(&r, 4, &t));
	assert_int_equal(t.start, 310 + 11400);
	tracks[0].start = t.start;
	assert_int_equal(
		recording_lay_out(&r, &(struct disc_layout){.tracks = tracks, .ntracks = 1}),
		JB_OK);
	assert_int_equal(recording_finalize(&r), JB_TRACK_INCOMPLETE);
	write_sectors(t.start, 100);
	assert_int_equal(recording_finalize(&r), JB_OK);
	assert_int_equal(
		recording_lay_out(&r, &(struct disc_layout){.tracks = tracks, .ntracks = 1}),
		JB_NOT_WRITABLE);
}

static json_t *
described(void)
{
	json_t *json = json_object();

	assert_true(recording_to_json(&r, json));
	return json;
}

/* Indices above 1 are stored with their track and disappear with it. */
static void
indices_of_a_session(void **state)
{
	static const uint32_t wrong[] = {10, 9}, between[] = {160}, lbas[] = {10, 90, 170};
	const struct track tracks[2] = {
		{.start = 0, .size = 150}, {.start = 170, .size = 50, .pregap = 10}};
	struct disc_layout layout = {tracks, 2, wrong, 2, 0};
	struct recording back = {0};
	const uint32_t *is;
	json_t *json;

	blank_disc("cd-rw");
	assert_int_equal(recording_lay_out(&r, &layout), JB_LBA_RANGE);
	layout = (struct disc_layout){tracks, 2, between, 1, 0};
	assert_int_equal(recording_lay_out(&r, &layout), JB_LBA_RANGE);
	assert_int_equal(recording_status(&r), DISC_BLANK);
	layout = (struct disc_layout){tracks, 2, lbas, 3, 0};
	assert_int_equal(recording_lay_out(&r, &layout), JB_OK);
	json = described();
	assert_true(recording_from_json(&back, json));
	json_decref(json);
	assert_int_equal(recording_indices(&back, &back.tracks[0], &is), 2);
	assert_memory_equal(is, lbas, 8);
	assert_int_equal(recording_index_at(&back, &back.tracks[0], 9), 1);
	assert_int_equal(recording_index_at(&back, &back.tracks[0], 10), 2);
	assert_int_equal(recording_index_at(&back, &back.tracks[0], 149), 3);
	assert_int_equal(recording_index_at(&back, &back.tracks[1], 169), 0);
	assert_int_equal(recording_index_at(&back, &back.tracks[1], 170), 2);
	recording_fini(&back);
	/* What is recorded later in this place has none of them. */
	write_sectors(0, 150);
	write_sectors(160, 60);
	assert_int_equal(recording_close(&r, 2, 0), JB_OK);
	assert_int_equal(recording_blank(&r, 6, 0, &back, &(bool){false}), JB_OK);
	recording_fini(&r);
	r = back;
	write_sectors(0, 250);
	assert_int_equal(recording_indices(&r, &r.tracks[0], &is), 0);
	json = described();
	assert_null(json_object_get(json_array_get(json_object_get(json, "tracks"), 0), "indices"));
	json_decref(json);
}

/* The first session says by which number the tracks are called; later ones do not. */
static void
the_number_of_the_first_track(void **state)
{
	struct track tracks[93];
	struct disc_layout layout = {.tracks = tracks, .ntracks = 93, .first_number = 8};
	struct recording back = {0};
	json_t *json;

	for (unsigned i = 0; i < 93; i++)
		tracks[i] = (struct track){.start = i * 4, .size = 4};
	blank_disc("cd-rw");
	assert_int_equal(recording_lay_out(&r, &layout), JB_LBA_RANGE);
	assert_int_equal(recording_first_number(&r), 1);
	layout.first_number = 100;
	layout.ntracks = 1;
	assert_int_equal(recording_lay_out(&r, &layout), JB_LBA_RANGE);
	layout.first_number = 7;
	layout.ntracks = 92;
	assert_int_equal(recording_lay_out(&r, &layout), JB_OK);
	assert_int_equal(recording_first_number(&r), 7);
	json = described();
	assert_true(recording_from_json(&back, json));
	json_decref(json);
	assert_int_equal(recording_first_number(&back), 7);
	recording_fini(&back);
	for (unsigned i = 0; i < 92; i++)
		write_sectors(i * 4, 4);
	assert_int_equal(recording_close(&r, 2, 0), JB_OK);
	assert_false(r.final);
	/* There is room for one more. */
	tracks[0].start = 92 * 4 + 11400;
	layout = (struct disc_layout){.tracks = tracks, .ntracks = 1, .first_number = 3};
	assert_int_equal(recording_lay_out(&r, &layout), JB_OK);
	assert_int_equal(recording_first_number(&r), 7);
	assert_int_equal(recording_tracks(&r), 93);
	write_sectors(tracks[0].start, 4);
	assert_int_equal(recording_close(&r, 2, 0), JB_OK);
	assert_true(r.final);
	/* A disc that is blanked begins anew. */
	assert_int_equal(recording_blank(&r, 0, 0, &back, &(bool){false}), JB_OK);
	recording_fini(&r);
	r = back;
	write_sectors(0, 10);
	assert_int_equal(recording_first_number(&r), 1);
	json = described();
	assert_null(json_object_get(json, "first-track"));
	json_decref(json);
}

/* The mode of a track is the next mode at the time when the track is begun. It stays with the track. */
static void
the_mode_of_a_track_is_kept(void **state)
{
	struct recording back = {0};
	json_t *json = json_object();
	struct track t;

	blank_disc("cd-r");
	r.next_mode = CD_MODE2;
	write_sectors(0, 300);
	r.next_mode = CD_MODE1;
	assert_int_equal(recording_close(&r, 1, 1), JB_OK);
	write_sectors(450, 300);
	assert_true(recording_to_json(&r, json));
	assert_true(recording_from_json(&back, json));
	assert_true(recording_track(&back, 1, &t) && t.mode == CD_MODE2);
	assert_true(recording_track(&back, 2, &t) && t.mode == CD_MODE1);
	recording_fini(&back);
	json_decref(json);
}

/* ---- descriptions ---------------------------------------------------------------------------- */

static bool
load(const char *text)
{
	json_t *json = json_loads(text, 0, NULL);
	bool good;

	assert_non_null(json);
	recording_fini(&r);
	good = recording_from_json(&r, json);
	json_decref(json);
	return good;
}

#define DISC(tracks, more) \
	"{\"profile\": \"cd-rom\", \"capacity\": 1000, \"final\": true, \"sessions\": 1, " more \
	"\"tracks\": [" tracks "]}"
#define TRACK(start, size, recorded, more) \
	"{\"session\": 1, \"start\": " #start ", \"size\": " #size ", \"recorded\": " #recorded \
	", \"state\": \"closed\"" more "}"
#define RAW "\"raw\": true, "

static void
descriptions_that_are_right(void **state)
{
	uint32_t place, run = 50;

	assert_true(load(DISC(TRACK(0, 10, 10, ", \"xa\": true"), "")));
	assert_int_equal(r.tracks[0].mode, CD_MODE2);
	assert_true(load(DISC(TRACK(0, 10, 10, ", \"mode\": \"audio\""), RAW)));
	assert_int_equal(recording_bytes(&r), 10 * CD_RAW_SIZE);
	assert_int_equal(recording_sectors(&r, 10 * CD_RAW_SIZE + 1), 11);
	assert_true(load(DISC(TRACK(0, 10, 10, "") ", " TRACK(30, 10, 30,
				      ", \"mode\": \"audio\", \"pregap\": 20, \"shift\": 15"),
		RAW)));
	/* The first 15 of the pause's 20 sectors are not in the image. */
	assert_int_equal(recording_bytes(&r), 25 * CD_RAW_SIZE);
	assert_false(recording_place(&r, 10, &place, &run));
	assert_int_equal(run, 15);
	run = 50;
	assert_true(recording_place(&r, 25, &place, &run));
	assert_int_equal(place, 10);
	assert_int_equal(run, 15);
	assert_true(load(
		DISC(TRACK(0, 10, 10, ""), RAW "\"sheet\": [\"REM \\u00f6\", \"\", \"X\"], ")));
	assert_string_equal(r.sheet, "REM \xc3\xb6\n\nX\n");
	assert_true(load(DISC(TRACK(0, 10, 10, ""), RAW "\"sheet\": [\"REM\", 5], ")));
	assert_null(r.sheet);
	assert_true(load(DISC(TRACK(0, 10, 10, ""), RAW "\"sheet\": \"REM\", ")));
	assert_null(r.sheet);
	assert_true(load(DISC(TRACK(0, 10, 10, ""), RAW "\"sheet\": [], ")));
	assert_null(r.sheet);
	assert_true(load(DISC(TRACK(0, 10, 10, ""), "\"sheet\": [\"REM\"], ")));
	assert_null(r.sheet);
	assert_true(load(DISC(TRACK(0, 10, 10, ""), "\"first-track\": 99, ")));
	assert_int_equal(recording_first_number(&r), 99);
	/* A member that makes no sense counts as missing. */
	assert_true(load(
		DISC(TRACK(0, 10, 10, "") ", " TRACK(10, 10, 10, ""), "\"first-track\": 99, ")));
	assert_int_equal(recording_first_number(&r), 1);
	assert_true(load(DISC(TRACK(0, 10, 10, ""), "\"first-track\": 0, ")));
	assert_int_equal(recording_first_number(&r), 1);
	assert_true(load(DISC(TRACK(0, 10, 10, ""), "\"first-track\": \"7\", ")));
	assert_int_equal(recording_first_number(&r), 1);
	assert_true(load(DISC(TRACK(0, 10, 10, ", \"isrc\": \"abc\", \"control\": 99"),
		"\"catalog\": \"1\", \"cd-text\": \"xyz\", ")));
	assert_int_equal(r.ntext, 0);
	assert_string_equal(r.catalog, "");
	assert_int_equal(r.tracks[0].control, 0);
	assert_true(load(DISC(
		TRACK(0, 10, 10, ""), "\"cd-text\": \"8000000000000000000000000000000000zz\", ")));
	assert_true(load(DISC(
		TRACK(0, 10, 10, ""), "\"cd-text\": \"80000102030405060708090a0b0c0d0e0f10\", ")));
	assert_int_equal(r.ntext, 1);
	assert_int_equal(r.text[17], 0x10);
}

static void
descriptions_that_lie(void **state)
{
	/* Audio in an image that is not raw. */
	assert_false(load(DISC(TRACK(0, 10, 10, ", \"mode\": \"audio\""), "")));
	/* Places that go back, that are before the image, or that an image cannot have. */
	assert_false(load(DISC(TRACK(0, 10, 10, ", \"shift\": 1"), RAW)));
	assert_false(
		load(DISC(TRACK(0, 10, 10, "") ", " TRACK(10, 10, 10, ", \"shift\": 11"), RAW)));
	assert_false(
		load(DISC(TRACK(0, 10, 10, "") ", " TRACK(10, 10, 10, ", \"shift\": 5"), RAW)));
	assert_false(load(DISC(TRACK(0, 10, 10, "") ", " TRACK(30, 10, 10, ", \"shift\": 5"), "")));
	assert_false(
		load(DISC(TRACK(0, 10, 10, "") ", " TRACK(30, 10, 10, ", \"shift\": -5"), RAW)));
	/* A pause that is longer than the part before it. */
	assert_false(load(DISC(TRACK(0, 10, 11, ", \"pregap\": 1"), RAW)));
	assert_false(
		load(DISC(TRACK(0, 10, 10, "") ", " TRACK(30, 10, 31, ", \"pregap\": 21"), RAW)));
	assert_false(
		load(DISC(TRACK(0, 10, 10, "") ", " TRACK(30, 10, 10, ", \"pregap\": 20"), RAW)));
	/* Only CDs are raw. */
	assert_false(
		load("{\"profile\": \"dvd-rom\", \"capacity\": 1000, \"final\": true, "
		     "\"sessions\": 1, \"raw\": true, \"tracks\": [" TRACK(0, 10, 10, "") "]}"));
	assert_false(
		load("{\"profile\": \"dvd-rom\", \"capacity\": 1000, \"final\": true, "
		     "\"sessions\": 1, \"tracks\": [" TRACK(0, 10, 10, ", \"xa\": true") "]}"));
}

/* Recording beyond the capacity: as far as r.overburn and the largest CD allow; the description keeps it. */
static void
more_than_the_capacity(void **state)
{
	struct recording again = {0}, out = {0};
	json_t *json = json_object();
	bool erases;
	uint32_t nwa;

	recording_fini(&r);
	recording_init_blank(&r, medium_by_suffix("cd-rw", 5), 1000);
	assert_int_equal(may_write(0, 1001), JB_LBA_RANGE);
	r.overburn = 100;
	assert_int_equal(may_write(0, 1101), JB_LBA_RANGE);
	write_sectors(0, 1000);
	assert_false(recording_nwa(&r, &nwa)); /* no room, by what the drive says */
	r.overburn = 0;
	assert_int_equal(may_write(1000, 1), JB_LBA_RANGE);
	r.overburn = 100;
	write_sectors(1000, 60);
	assert_int_equal(recording_room(&r), 1060);
	assert_int_equal(r.capacity, 1000);
	assert_true(recording_to_json(&r, json));
	assert_true(recording_from_json(&again, json));
	assert_int_equal(recording_end(&again), 1060);
	again.overburn = 100;
	assert_int_equal(recording_written(&again, 1060, 40), JB_OK);
	assert_int_equal(recording_written(&again, 1100, 1), JB_LBA_RANGE);
	assert_int_equal(recording_close(&again, 2, 0), JB_OK);
	assert_int_equal(recording_room(&again), 1100);
	assert_false(recording_nwa(&again, &nwa));
	json_object_clear(json);
	assert_true(recording_to_json(&again, json));
	recording_fini(&again);
	assert_true(recording_from_json(&again, json));
	assert_int_equal(recording_end(&again), 1100);
	/* Without the member the track would be too long. */
	json_object_del(json, "overburned");
	assert_false(recording_from_json(&out, json));
	/* A blanked disc holds what it held at first. */
	assert_int_equal(recording_blank(&again, 0, 0, &out, &erases), JB_OK);
	assert_int_equal(recording_room(&out), 1000);
	recording_fini(&out);
	/* So does one without its last session. */
	assert_int_equal(recording_blank(&again, 6, 0, &out, &erases), JB_OK);
	assert_int_equal(recording_room(&out), 1000);
	recording_fini(&out);
	recording_fini(&again);
	json_decref(json);
	recording_fini(&r);
	recording_init_blank(&r, medium_by_suffix("cd-r", 4), 449850);
	r.overburn = 0xffffffff;
	assert_int_equal(recording_limit(&r), 449850);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(gaps_of_a_cd, done),
		cmocka_unit_test_teardown(packets_of_a_cd_rw, done),
		cmocka_unit_test_teardown(a_session_is_laid_out, done),
		cmocka_unit_test_teardown(indices_of_a_session, done),
		cmocka_unit_test_teardown(the_number_of_the_first_track, done),
		cmocka_unit_test_teardown(the_mode_of_a_track_is_kept, done),
		cmocka_unit_test_teardown(more_than_the_capacity, done),
		cmocka_unit_test_teardown(descriptions_that_are_right, done),
		cmocka_unit_test_teardown(descriptions_that_lie, done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
