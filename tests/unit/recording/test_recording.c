/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules of DVD+R and of pressed discs, step by step. test_recording_random.c has random steps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "changer/recording/recording.h"

enum { CAPACITY = 2295104, GAP = 2048 };

static struct recording r;

static int
blank_disc(void **state)
{
	recording_init_blank(&r, medium_by_profile(PROFILE_DVD_PLUS_R), 0);
	return 0;
}

static int
done(void **state)
{
	recording_fini(&r);
	return 0;
}

static void
small_disc(uint32_t capacity)
{
	recording_fini(&r);
	recording_init_blank(&r, medium_by_profile(PROFILE_DVD_PLUS_R), capacity);
}

static struct track
track(unsigned number)
{
	struct track t = {.state = TRACK_INVISIBLE};

	assert_true(recording_track(&r, number, &t));
	return t;
}

static void
assert_track(unsigned number, enum track_state state, unsigned session, uint32_t start,
	uint32_t size, uint32_t recorded)
{
	struct track t = track(number);

	assert_int_equal(t.state, state);
	assert_int_equal(t.session, session);
	assert_int_equal(t.start, start);
	assert_int_equal(t.size, size);
	assert_int_equal(t.recorded, recorded);
}

static void
assert_nwa(unsigned number, uint32_t want)
{
	struct track t = track(number);
	uint32_t nwa;

	assert_true(track_nwa(&t, &nwa));
	assert_int_equal(nwa, want);
}

static void
assert_no_nwa(unsigned number)
{
	struct track t = track(number);
	uint32_t nwa;

	assert_false(track_nwa(&t, &nwa));
}

static enum jb_err
may_write(uint32_t lba, uint32_t count)
{
	bool begins;

	return recording_may_write(&r, lba, count, &begins);
}

static void
write_ok(uint32_t lba, uint32_t count)
{
	assert_int_equal(recording_written(&r, lba, count), JB_OK);
}

static void
a_blank_disc(void **state)
{
	uint32_t lba = 0;

	assert_int_equal(recording_status(&r), DISC_BLANK);
	assert_int_equal(recording_last_session_state(&r), SESSION_EMPTY);
	assert_int_equal(recording_sessions(&r), 1);
	assert_int_equal(recording_tracks(&r), 1);
	assert_track(1, TRACK_INVISIBLE, 1, 0, CAPACITY, 0);
	assert_nwa(1, 0);
	assert_int_equal(recording_readable_capacity(&r), 0);
	assert_int_equal(recording_end(&r), 0);
	assert_int_equal(recording_may_read(&r, lba, 1), JB_BLANK);
	assert_int_equal(recording_track_at(&r, CAPACITY - 1), 1);
	assert_int_equal(recording_track_at(&r, CAPACITY), 0);
	assert_int_equal(recording_first_track_of(&r, 1), 1);
	assert_int_equal(recording_first_track_of(&r, 2), 0);
	assert_int_equal(recording_first_track_of(&r, 0), 0);
}

static void
a_disc_once_begun_is_not_blank(void **state)
{
	bool begins;

	assert_int_equal(recording_may_write(&r, 0, 32, &begins), JB_OK);
	assert_true(begins);
	assert_int_equal(recording_begin_track(&r), JB_OK);
	assert_int_equal(recording_status(&r), DISC_APPENDABLE);
	assert_int_equal(recording_last_session_state(&r), SESSION_INCOMPLETE);
	assert_track(1, TRACK_OPEN, 1, 0, CAPACITY, 0);
	/* The next write may begin the track again, in another mode. */
	assert_int_equal(recording_may_write(&r, 0, 32, &begins), JB_OK);
	assert_true(begins);
	/* An empty track stays open: close has no effect or fails. */
	assert_int_equal(recording_close(&r, 1, 1), JB_OK);
	assert_int_equal(recording_close(&r, 2, 0), JB_OK);
	assert_int_equal(recording_close(&r, 6, 0), JB_TRACK_EMPTY);
	assert_track(1, TRACK_OPEN, 1, 0, CAPACITY, 0);
	assert_nwa(1, 0);
}

/* As growisofs: write, close the track, close the session; then the same again. */
static void
two_sessions(void **state)
{
	const uint32_t second = 1008 + GAP;

	write_ok(0, 1000);
	assert_nwa(1, 1000);
	assert_int_equal(recording_readable_capacity(&r), 1000);
	assert_int_equal(recording_close(&r, 1, 1), JB_OK);
	assert_track(1, TRACK_CLOSED, 1, 0, 1000, 1000);
	assert_no_nwa(1);
	assert_int_equal(recording_last_session_state(&r), SESSION_INCOMPLETE);
	/* The next track of the session would begin at the next ECC block. */
	assert_track(2, TRACK_INVISIBLE, 1, 1008, CAPACITY - 1008, 0);
	assert_int_equal(recording_close(&r, 2, 0), JB_OK);
	assert_int_equal(recording_status(&r), DISC_APPENDABLE);
	assert_int_equal(recording_last_session_state(&r), SESSION_EMPTY);
	assert_int_equal(recording_sessions(&r), 2);
	assert_int_equal(recording_tracks(&r), 2);
	assert_track(2, TRACK_INVISIBLE, 2, second, CAPACITY - second, 0);
	assert_int_equal(recording_first_track_of(&r, 2), 2);
	assert_int_equal(recording_readable_capacity(&r), 1000);

	write_ok(second, 500);
	/* The second session counts only when it is closed. */
	assert_int_equal(recording_readable_capacity(&r), 1000);
	assert_int_equal(recording_end(&r), second + 500);
	assert_int_equal(recording_close(&r, 6, 0), JB_OK);
	assert_int_equal(recording_status(&r), DISC_COMPLETE);
	assert_int_equal(recording_last_session_state(&r), SESSION_COMPLETE);
	assert_int_equal(recording_sessions(&r), 2);
	assert_int_equal(recording_tracks(&r), 2);
	assert_track(2, TRACK_CLOSED, 2, second, 500, 500);
	assert_int_equal(recording_readable_capacity(&r), second + 500);
	assert_int_equal(recording_first_track_of(&r, 2), 2);
	assert_int_equal(recording_first_track_of(&r, 3), 0);
}

/* wodim closes only the session (function 2, track 0). */
static void
closing_a_session_closes_its_track(void **state)
{
	write_ok(0, 17);
	assert_int_equal(recording_close(&r, 2, 0), JB_OK);
	assert_track(1, TRACK_CLOSED, 1, 0, 17, 17);
	assert_track(2, TRACK_INVISIBLE, 2, 32 + GAP, CAPACITY - 32 - GAP, 0);
	/* Nothing is recorded in the second session: repeated closes have no effect. */
	assert_int_equal(recording_close(&r, 2, 0), JB_OK);
	assert_int_equal(recording_sessions(&r), 2);
	/* The disc can be finalized later (libburn: function 5, track 1). */
	assert_int_equal(recording_close(&r, 5, 1), JB_OK);
	assert_int_equal(recording_status(&r), DISC_COMPLETE);
	assert_int_equal(recording_sessions(&r), 1);
	assert_int_equal(recording_tracks(&r), 1);
}

static void
a_final_disc_takes_nothing(void **state)
{
	write_ok(0, 32);
	assert_int_equal(recording_close(&r, 6, 0), JB_OK);
	assert_int_equal(may_write(32, 32), JB_NOT_WRITABLE);
	assert_int_equal(may_write(0, 32), JB_NOT_WRITABLE);
	assert_int_equal(recording_written(&r, 32, 32), JB_NOT_WRITABLE);
	assert_int_equal(recording_begin_track(&r), JB_NOT_WRITABLE);
	assert_int_equal(recording_reserve(&r, 16), JB_NOT_WRITABLE);
	assert_int_equal(recording_close(&r, 1, 1), JB_OK);
	assert_int_equal(recording_close(&r, 1, 2), JB_BAD_TRACK);
	assert_int_equal(recording_close(&r, 2, 0), JB_OK);
	assert_int_equal(recording_close(&r, 6, 0), JB_OK);
	assert_int_equal(recording_end(&r), 32);
}

static void
writing_elsewhere_is_refused(void **state)
{
	assert_int_equal(may_write(16, 16), JB_NOT_NWA);
	assert_int_equal(may_write(CAPACITY, 1), JB_LBA_RANGE);
	assert_int_equal(may_write(UINT32_MAX, UINT32_MAX), JB_LBA_RANGE);
	assert_int_equal(may_write(0, CAPACITY + 1), JB_LBA_RANGE);
	assert_int_equal(may_write(0, UINT32_MAX), JB_LBA_RANGE);
	write_ok(0, 64);
	assert_int_equal(may_write(0, 32), JB_NOT_NWA);
	assert_int_equal(may_write(63, 1), JB_NOT_NWA);
	assert_int_equal(may_write(65, 1), JB_NOT_NWA);
	assert_int_equal(may_write(64, CAPACITY - 64), JB_OK);
	assert_int_equal(may_write(64, CAPACITY - 63), JB_LBA_RANGE);
	/* A refused write changes nothing. */
	assert_int_equal(recording_written(&r, 0, 32), JB_NOT_NWA);
	assert_nwa(1, 64);
}

static void
a_write_of_nothing_begins_nothing(void **state)
{
	bool begins;

	assert_int_equal(recording_may_write(&r, 0, 0, &begins), JB_OK);
	assert_false(begins);
	write_ok(0, 0);
	assert_int_equal(recording_status(&r), DISC_BLANK);
}

static void
a_disc_written_full_ends_complete(void **state)
{
	write_ok(0, CAPACITY);
	assert_no_nwa(1);
	assert_int_equal(may_write(CAPACITY, 1), JB_LBA_RANGE);
	assert_int_equal(recording_status(&r), DISC_APPENDABLE);
	assert_int_equal(recording_tracks(&r), 1);
	assert_int_equal(recording_close(&r, 1, 1), JB_OK);
	assert_int_equal(recording_tracks(&r), 1);
	assert_int_equal(recording_status(&r), DISC_APPENDABLE);
	assert_int_equal(recording_begin_track(&r), JB_NO_MORE_TRACKS);
	assert_int_equal(recording_close(&r, 2, 0), JB_OK);
	assert_int_equal(recording_status(&r), DISC_COMPLETE);
	assert_int_equal(recording_sessions(&r), 1);
}

/* Room for the closure and the introduction of a session, but for no sector after them. */
static void
no_room_for_another_session_completes(void **state)
{
	small_disc(64 + GAP);
	write_ok(0, 64);
	assert_int_equal(recording_close(&r, 2, 0), JB_OK);
	assert_int_equal(recording_status(&r), DISC_COMPLETE);
	small_disc(64 + GAP + 1);
	write_ok(0, 64);
	assert_int_equal(recording_close(&r, 2, 0), JB_OK);
	assert_int_equal(recording_status(&r), DISC_APPENDABLE);
	assert_track(2, TRACK_INVISIBLE, 2, 64 + GAP, 1, 0);
}

static void
reserved_tracks(void **state)
{
	uint64_t left;

	assert_int_equal(recording_reserve(&r, 100), JB_OK);
	assert_int_equal(recording_reserve(&r, 16), JB_OK);
	assert_track(1, TRACK_RESERVED, 1, 0, 112, 0);
	assert_track(2, TRACK_RESERVED, 1, 112, 16, 0);
	assert_track(3, TRACK_INVISIBLE, 1, 128, CAPACITY - 128, 0);
	assert_int_equal(recording_status(&r), DISC_APPENDABLE);
	assert_int_equal(recording_last_session_state(&r), SESSION_INCOMPLETE);
	assert_int_equal(recording_may_read(&r, 0, 1), JB_BLANK);

	assert_true(recording_end_is_known(&r, &left));
	assert_int_equal(left, 128);
	/* Each reserved track has its own next writable address. */
	write_ok(0, 10);
	assert_true(recording_end_is_known(&r, &left));
	assert_int_equal(left, 118);
	/* The track behind them takes all the room that is left. */
	write_ok(128, 32);
	assert_false(recording_end_is_known(&r, &left));
	assert_nwa(1, 10);
	assert_nwa(2, 112);
	assert_nwa(3, 160);
	assert_int_equal(may_write(10, 103), JB_LBA_RANGE);
	assert_int_equal(may_write(10, 102), JB_OK);
	/* The unwritten part of a reserved track is blank. */
	assert_int_equal(recording_may_read(&r, 0, 10), JB_OK);
	assert_int_equal(recording_may_read(&r, 0, 11), JB_BLANK);
	assert_int_equal(recording_may_read(&r, 120, 1), JB_BLANK);
	assert_int_equal(recording_may_read(&r, 120, 20), JB_BLANK);
	assert_int_equal(recording_may_read(&r, 128, 32), JB_OK);
	assert_int_equal(recording_may_read(&r, 128, 33), JB_LBA_RANGE);

	assert_int_equal(recording_close(&r, 2, 0), JB_TRACK_INCOMPLETE);
	assert_int_equal(recording_close(&r, 6, 0), JB_TRACK_INCOMPLETE);
	assert_int_equal(recording_close(&r, 1, 2), JB_TRACK_EMPTY);
	assert_int_equal(recording_close(&r, 1, 1), JB_OK);
	assert_track(1, TRACK_CLOSED, 1, 0, 112, 112);
	assert_int_equal(recording_may_read(&r, 0, 112), JB_OK);
	/* A track that is written to its end needs no close. */
	write_ok(112, 16);
	assert_int_equal(recording_close(&r, 2, 0), JB_OK);
	assert_track(2, TRACK_CLOSED, 1, 112, 16, 16);
	assert_track(3, TRACK_CLOSED, 1, 128, 32, 32);
	assert_int_equal(recording_sessions(&r), 2);
}

static void
a_reservation_that_cannot_be(void **state)
{
	assert_int_equal(recording_reserve(&r, 0), JB_NOT_SUPPORTED);
	assert_int_equal(recording_reserve(&r, CAPACITY + 1), JB_LBA_RANGE);
	assert_int_equal(recording_reserve(&r, UINT32_MAX), JB_LBA_RANGE);
	write_ok(0, 16);
	assert_int_equal(recording_reserve(&r, 16), JB_NO_MORE_TRACKS);
	assert_int_equal(recording_close(&r, 1, 1), JB_OK);
	assert_int_equal(recording_reserve(&r, CAPACITY - 16), JB_OK);
	assert_int_equal(recording_reserve(&r, 16), JB_NO_MORE_TRACKS);
	assert_int_equal(recording_tracks(&r), 2);
}

static void
a_begun_track_may_become_a_reserved_one(void **state)
{
	assert_int_equal(recording_begin_track(&r), JB_OK);
	assert_int_equal(recording_reserve(&r, 20), JB_OK);
	assert_track(1, TRACK_RESERVED, 1, 0, 32, 0);
	assert_track(2, TRACK_INVISIBLE, 1, 32, CAPACITY - 32, 0);
}

/* As wodim: it reserves the sectors that it then writes, and closes the session. */
static void
a_reservation_is_rounded_up_to_ecc_blocks(void **state)
{
	assert_int_equal(recording_reserve(&r, 1001), JB_OK);
	assert_track(1, TRACK_RESERVED, 1, 0, 1008, 0);
	write_ok(0, 992);
	assert_int_equal(recording_close(&r, 2, 0), JB_TRACK_INCOMPLETE);
	write_ok(992, 9);
	assert_int_equal(recording_close(&r, 2, 0), JB_OK);
	/* Only the written sectors remain. */
	assert_track(1, TRACK_CLOSED, 1, 0, 1001, 1001);
	assert_int_equal(recording_end(&r), 1001);
	assert_int_equal(recording_readable_capacity(&r), 1001);
	assert_track(2, TRACK_INVISIBLE, 2, 1008 + GAP, CAPACITY - 1008 - GAP, 0);
}

/* A capacity that is set by hand may end inside an ECC block. */
static void
a_reservation_up_to_a_capacity_within_a_block(void **state)
{
	small_disc(1001);
	assert_int_equal(recording_reserve(&r, 1001), JB_OK);
	assert_track(1, TRACK_RESERVED, 1, 0, 1001, 0);
	write_ok(0, 1001);
	assert_int_equal(recording_close(&r, 2, 0), JB_OK);
	assert_int_equal(recording_status(&r), DISC_COMPLETE);
}

static void
closing_an_empty_begun_track_with_its_session(void **state)
{
	write_ok(0, 16);
	assert_int_equal(recording_close(&r, 1, 1), JB_OK);
	assert_int_equal(recording_begin_track(&r), JB_OK);
	assert_int_equal(recording_tracks(&r), 2);
	assert_int_equal(recording_close(&r, 2, 0), JB_OK);
	assert_track(2, TRACK_INVISIBLE, 2, 16 + GAP, CAPACITY - 16 - GAP, 0);
	/* An empty track alone in its session, when the disc is finalized. */
	assert_int_equal(recording_begin_track(&r), JB_OK);
	assert_int_equal(recording_close(&r, 6, 0), JB_OK);
	assert_int_equal(recording_tracks(&r), 1);
	assert_int_equal(recording_sessions(&r), 1);
}

static void
close_functions_are_those_of_the_medium(void **state)
{
	write_ok(0, 16);
	for (unsigned f = 0; f < 64; f++)
		if (f != 1 && f != 2 && f != 5 && f != 6)
			assert_int_equal(recording_close(&r, f, 1), JB_NOT_SUPPORTED);
	assert_int_equal(recording_close(&r, UINT32_MAX, 1), JB_NOT_SUPPORTED);
	assert_int_equal(recording_close(&r, 1, 0), JB_BAD_TRACK);
	assert_int_equal(recording_close(&r, 1, 2), JB_BAD_TRACK);
	assert_int_equal(recording_close(&r, 1, UINT32_MAX), JB_BAD_TRACK);
	assert_int_equal(recording_close(&r, 1, 1), JB_OK);
	assert_int_equal(recording_close(&r, 1, 1), JB_OK); /* again */
	assert_int_equal(recording_close(&r, 1, 2), JB_OK); /* the invisible track */
	assert_int_equal(recording_close(&r, 1, 3), JB_BAD_TRACK);
}

static void
tracks_come_to_an_end(void **state)
{
	unsigned n;
	uint32_t lba = 0;

	for (n = 1; recording_track_at(&r, lba) == n; n++) {
		write_ok(lba, 16);
		assert_int_equal(recording_close(&r, 1, n), JB_OK);
		lba += 16;
	}
	assert_int_equal(n - 1, r.medium->max_tracks);
	assert_int_equal(may_write(lba, 16), JB_NO_MORE_TRACKS);
	assert_int_equal(may_write(lba + 16, 16), JB_NOT_NWA);
	assert_int_equal(recording_begin_track(&r), JB_NO_MORE_TRACKS);
	assert_int_equal(recording_reserve(&r, 16), JB_NO_MORE_TRACKS);
	assert_int_equal(recording_status(&r), DISC_APPENDABLE);
	assert_int_equal(recording_close(&r, 2, 0), JB_OK);
	assert_int_equal(recording_status(&r), DISC_COMPLETE);
}

static void
gaps_are_read_as_they_are(void **state)
{
	write_ok(0, 10);
	assert_int_equal(recording_close(&r, 2, 0), JB_OK);
	assert_int_equal(recording_may_read(&r, 0, 10), JB_OK);
	assert_int_equal(recording_may_read(&r, 10, 1), JB_LBA_RANGE);
	write_ok(16 + GAP, 16);
	assert_int_equal(recording_may_read(&r, 0, 32 + GAP), JB_OK);
	assert_int_equal(recording_may_read(&r, 10, GAP), JB_OK);
	assert_int_equal(recording_may_read(&r, 10, 32 + GAP), JB_LBA_RANGE);
	assert_int_equal(recording_may_read(&r, UINT32_MAX, UINT32_MAX), JB_LBA_RANGE);
	assert_int_equal(recording_track_at(&r, 9), 1);
	assert_int_equal(recording_track_at(&r, 10), 0);
	assert_int_equal(recording_track_at(&r, 16 + GAP), 2);
}

static void
images(void **state)
{
	const struct medium *rom = medium_by_profile(PROFILE_CD_ROM);
	struct recording image = {.medium = NULL};

	assert_int_equal(recording_init_image(&image, rom, 0, 360001), JB_TOO_LARGE);
	assert_int_equal(recording_init_image(&image, rom, 0, 0), JB_INCOMPLETE);
	assert_int_equal(recording_init_image(&image, r.medium, 100, 101), JB_TOO_LARGE);
	assert_null(image.medium);

	assert_int_equal(recording_init_image(&r, rom, 0, 1234), JB_OK);
	assert_int_equal(r.capacity, 1234);
	assert_int_equal(recording_status(&r), DISC_COMPLETE);
	assert_track(1, TRACK_CLOSED, 1, 0, 1234, 1234);
	assert_int_equal(recording_readable_capacity(&r), 1234);
	assert_int_equal(recording_may_read(&r, 1233, 1), JB_OK);
	assert_int_equal(recording_may_read(&r, 1233, 2), JB_LBA_RANGE);
	assert_int_equal(may_write(1234, 1), JB_NOT_WRITABLE);
	assert_int_equal(recording_close(&r, 1, 1), JB_NOT_SUPPORTED);
	assert_int_equal(recording_close(&r, 2, 0), JB_NOT_SUPPORTED);
	assert_int_equal(recording_reserve(&r, 1), JB_NOT_SUPPORTED);

	/* Recorded in one piece: the capacity of the blank stays. */
	assert_int_equal(
		recording_init_image(&image, medium_by_profile(PROFILE_DVD_PLUS_R), 5000, 1234),
		JB_OK);
	assert_int_equal(image.capacity, 5000);
	assert_int_equal(recording_readable_capacity(&image), 1234);
	recording_fini(&image);
}

static void
what_a_crash_leaves(void **state)
{
	write_ok(0, 100);
	assert_int_equal(recording_close(&r, 2, 0), JB_OK);
	write_ok(112 + GAP, 64);
	/* The image holds all, a part or nothing of the open track. */
	assert_true(recording_cut(&r, UINT64_MAX));
	assert_track(2, TRACK_OPEN, 2, 112 + GAP, CAPACITY - 112 - GAP, 64);
	assert_true(recording_cut(&r, 112 + GAP + 5));
	assert_nwa(2, 112 + GAP + 5);
	assert_true(recording_cut(&r, 100));
	assert_nwa(2, 112 + GAP);
	assert_int_equal(recording_status(&r), DISC_APPENDABLE);
	/* A closed track is never cut. */
	assert_false(recording_cut(&r, 99));
	assert_track(1, TRACK_CLOSED, 1, 0, 100, 100);
}

int
main(void)
{
#define STEP(f) cmocka_unit_test_setup_teardown(f, blank_disc, done)
	const struct CMUnitTest tests[] = {
		STEP(a_blank_disc),
		STEP(a_disc_once_begun_is_not_blank),
		STEP(two_sessions),
		STEP(closing_a_session_closes_its_track),
		STEP(a_final_disc_takes_nothing),
		STEP(writing_elsewhere_is_refused),
		STEP(a_write_of_nothing_begins_nothing),
		STEP(a_disc_written_full_ends_complete),
		STEP(no_room_for_another_session_completes),
		STEP(reserved_tracks),
		STEP(a_reservation_that_cannot_be),
		STEP(a_begun_track_may_become_a_reserved_one),
		STEP(a_reservation_is_rounded_up_to_ecc_blocks),
		STEP(a_reservation_up_to_a_capacity_within_a_block),
		STEP(closing_an_empty_begun_track_with_its_session),
		STEP(close_functions_are_those_of_the_medium),
		STEP(tracks_come_to_an_end),
		STEP(gaps_are_read_as_they_are),
		STEP(images),
		STEP(what_a_crash_leaves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
