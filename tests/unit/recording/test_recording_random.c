/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random operations on small discs, compared with a map of the written sectors and with the rules of sessions
 * and tracks. Also disc.json, intact and mutated.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "changer/recording/recording.h"
#include "changer/recording/recording_json.h"
#include "changer/store/store.h"

enum { CAPACITY_MAX = 20000, ROUNDS = 300, STEPS = 120 };

static uint32_t seed;

/* The generator of Numerical Recipes: the same numbers on every machine. */
static uint32_t
dice(uint32_t sides)
{
	seed = seed * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)(seed >> 8) * sides >> 24);
}

struct disc_model {
	struct recording r;
	uint8_t written[CAPACITY_MAX]; /* of each sector */
	unsigned closed_sessions;
	bool final;
};

static struct disc_model disc;

/* ---- invariants ------------------------------------------------------------------------------ */

static void
check_tracks(const struct recording *r)
{
	struct track t, before = {.state = TRACK_CLOSED};
	unsigned n, sessions = recording_sessions(r);

	for (n = 1; recording_track(r, n, &t); n++) {
		assert_int_equal(t.start % r->medium->ecc_block, 0);
		assert_true(t.size > 0);
		assert_true((uint64_t)t.start + t.size <= r->capacity);
		assert_true(t.recorded <= t.size);
		assert_true(n == 1 ? t.start == 0 : t.start >= before.start + before.size);
		assert_true(t.session == before.session || t.session == before.session + 1);
		assert_true(t.session <= sessions);
		if (t.session != before.session && n > 1)
			assert_true(t.start - before.start - before.size >=
				    medium_session_gap(r->medium, before.start + before.size,
					    before.session == 1));
		if (t.session <= r->closed_sessions)
			assert_int_equal(t.state, TRACK_CLOSED);
		if (t.state == TRACK_CLOSED)
			assert_int_equal(t.recorded, t.size);
		assert_int_equal(recording_track_at(r, t.start), n);
		assert_int_equal(recording_track_at(r, t.start + t.size - 1), n);
		before = t;
	}
	assert_int_equal(n - 1, recording_tracks(r));
	assert_false(recording_track(r, 0, &t));
	/* Only the last track may be open or invisible. */
	for (unsigned i = 1; i + 1 < n; i++) {
		assert_true(recording_track(r, i, &t));
		assert_true(t.state == TRACK_CLOSED || t.state == TRACK_RESERVED);
	}
}

static void
check_state(const struct recording *r)
{
	struct track t;
	unsigned ntracks = recording_tracks(r), nsessions = recording_sessions(r);

	switch (recording_status(r)) {
	case DISC_BLANK:
		assert_int_equal(recording_end(r), 0);
		assert_int_equal(recording_last_session_state(r), SESSION_EMPTY);
		break;
	case DISC_APPENDABLE:
		assert_true(ntracks >= 1 && nsessions >= 1);
		/* Something can still be written or closed. */
		assert_true(recording_track(r, ntracks, &t));
		assert_int_equal(t.session, nsessions);
		assert_int_equal(recording_last_session_state(r),
			t.state == TRACK_INVISIBLE &&
					recording_first_track_of(r, t.session) == ntracks
				? SESSION_EMPTY
				: SESSION_INCOMPLETE);
		break;
	default:
		assert_int_equal(recording_status(r), DISC_COMPLETE);
		assert_int_equal(recording_last_session_state(r), SESSION_COMPLETE);
		for (unsigned n = 1; recording_track(r, n, &t); n++)
			assert_int_equal(t.state, TRACK_CLOSED);
	}
	for (unsigned s = 1; s <= nsessions; s++)
		assert_int_not_equal(recording_first_track_of(r, s), 0);
	assert_int_equal(recording_first_track_of(r, nsessions + 1), 0);
	assert_true(recording_readable_capacity(r) <= recording_end(r));
}

/* Checks that the map and the recording agree on which sectors are written and which can be read. */
static void
check_map(const struct disc_model *d)
{
	const struct recording *r = &d->r;
	struct track t;
	uint32_t recorded = 0, mapped = 0, end = 0;

	for (unsigned n = 1; recording_track(r, n, &t); n++)
		recorded += t.recorded;
	for (uint32_t lba = 0; lba < r->capacity; lba++) {
		if (!d->written[lba])
			continue;
		mapped++;
		end = lba + 1;
	}
	assert_int_equal(recorded, mapped);
	assert_int_equal(recording_end(r), end);
	for (int i = 0; i < 20; i++) {
		uint32_t lba = dice(r->capacity);
		unsigned n = recording_track_at(r, lba);
		enum jb_err err = recording_may_read(r, lba, 1);

		if (d->written[lba])
			assert_int_equal(err, JB_OK);
		else if (n != 0 || lba >= end)
			assert_true(err == JB_BLANK || err == JB_LBA_RANGE);
		else
			assert_int_equal(err, JB_OK); /* a gap */
	}
}

static void
check_round_trip(const struct recording *r)
{
	json_t *json = json_object();
	struct recording back;

	assert_true(recording_to_json(r, json));
	assert_true(recording_from_json(&back, json));
	assert_ptr_equal(back.medium, r->medium);
	assert_int_equal(back.capacity, r->capacity);
	assert_int_equal(back.final, r->final);
	assert_int_equal(back.closed_sessions, r->closed_sessions);
	assert_int_equal(back.ntracks, r->ntracks);
	for (unsigned i = 0; i < r->ntracks; i++) {
		assert_int_equal(back.tracks[i].state, r->tracks[i].state);
		assert_int_equal(back.tracks[i].session, r->tracks[i].session);
		assert_int_equal(back.tracks[i].start, r->tracks[i].start);
		assert_int_equal(back.tracks[i].size, r->tracks[i].size);
		assert_int_equal(back.tracks[i].recorded, r->tracks[i].recorded);
	}
	recording_fini(&back);
	json_decref(json);
}

/* Checks that nothing that was recorded or closed disappeared. */
static void
check_progress(struct disc_model *d)
{
	assert_true(d->r.closed_sessions >= d->closed_sessions);
	assert_true(d->r.final || !d->final);
	d->closed_sessions = d->r.closed_sessions;
	d->final = d->r.final;
}

/* ---- random steps ---------------------------------------------------------------------------- */

/* Returns an address that can usually be written. */
static uint32_t
some_lba(const struct recording *r)
{
	struct track t;
	uint32_t nwa;

	if (dice(8) != 0 && recording_track(r, 1 + dice(recording_tracks(r) + 1), &t) &&
		track_nwa(&t, &nwa))
		return nwa;
	return dice(r->capacity + 64);
}

static void
random_write(struct disc_model *d)
{
	struct recording *r = &d->r;
	uint32_t lba = some_lba(r), count = dice(6) == 0 ? dice(r->capacity) : dice(70);
	unsigned tracks = r->ntracks;
	bool begins, anew = tracks > 0 && track_begins(&r->tracks[tracks - 1]);
	enum jb_err err = recording_may_write(r, lba, count, &begins);

	if (err == JB_OK && begins && dice(2) == 0) {
		assert_int_equal(recording_begin_track(r), JB_OK);
		assert_int_equal(r->ntracks, tracks + (anew ? 0 : 1));
	}
	assert_int_equal(recording_written(r, lba, count), err);
	if (err != JB_OK)
		return;
	for (uint32_t i = 0; i < count; i++) {
		assert_int_equal(d->written[lba + i], 0);
		d->written[lba + i] = 1;
	}
}

/* Closes something at random. Closing pads reserved tracks, so the map is updated. */
static void
random_close(struct disc_model *d)
{
	static const unsigned functions[] = {1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 0, 5, 6};
	struct recording *r = &d->r;
	unsigned f = functions[dice(sizeof(functions) / sizeof(functions[0]))];
	unsigned number = dice(recording_tracks(r) + 3);
	enum jb_err err;
	struct track t;

	/* Finalizing ends the life of a disc, so it is rare. */
	if (f >= 5 && dice(4) != 0)
		return;
	err = recording_close(r, f, number);
	if (f == 0)
		assert_int_equal(err, JB_NOT_SUPPORTED);
	if (err != JB_OK || f != 1 || !recording_track(r, number, &t) || t.state != TRACK_CLOSED)
		return;
	memset(d->written + t.start, 1, t.size);
}

static void
random_cut(struct disc_model *d)
{
	struct recording *r = &d->r;
	uint32_t at = dice(r->capacity + 1);
	struct track t;

	if (!recording_cut(r, at))
		return;
	for (unsigned n = 1; recording_track(r, n, &t); n++)
		memset(d->written + t.start + t.recorded, 0, t.size - t.recorded);
}

static void
random_step(struct disc_model *d)
{
	switch (dice(20)) {
	case 0:
	case 1:
		recording_reserve(&d->r, dice(4) == 0 ? dice(CAPACITY_MAX) : dice(200));
		break;
	case 2:
	case 3:
	case 4:
	case 5:
		random_close(d);
		break;
	case 6:
		if (dice(4) == 0)
			random_cut(d);
		break;
	case 7:
		if (dice(4) == 0)
			recording_begin_track(&d->r);
		break;
	default:
		random_write(d);
	}
}

static void
random_operations(void **state)
{
	unsigned complete = 0, sessions = 0;

	seed = 20260101;
	for (int round = 0; round < ROUNDS; round++) {
		memset(&disc, 0, sizeof(disc));
		recording_init_blank(&disc.r, medium_by_profile(PROFILE_DVD_PLUS_R),
			1 + dice(dice(3) == 0 ? 100 : CAPACITY_MAX));
		for (int step = 0; step < STEPS; step++) {
			random_step(&disc);
			check_tracks(&disc.r);
			check_state(&disc.r);
			check_progress(&disc);
			if (step % 8 == 0) {
				check_map(&disc);
				check_round_trip(&disc.r);
			}
		}
		complete += disc.r.final;
		sessions += disc.r.closed_sessions;
		recording_fini(&disc.r);
	}
	/* The walk reached different states: some discs are complete and some not, with several sessions. */
	assert_in_range(complete, ROUNDS / 10, ROUNDS - ROUNDS / 10);
	assert_true(sessions > ROUNDS);
}

/* ---- disc.json ------------------------------------------------------------------------------- */

static const char good[] =
	"{\"profile\": \"dvd+r\", \"capacity\": 10000, \"final\": false, \"sessions\": 1, "
	"\"tracks\": ["
	"{\"session\": 1, \"start\": 0, \"size\": 100, \"recorded\": 100, \"state\": \"closed\"},"
	"{\"session\": 2, \"start\": 2160, \"size\": 160, \"recorded\": 5, \"state\": "
	"\"reserved\"},"
	"{\"session\": 2, \"start\": 2320, \"size\": 7680, \"recorded\": 7, \"state\": \"open\"}]}";

static bool
loads(json_t *json)
{
	struct recording back;

	if (!recording_from_json(&back, json))
		return false;
	/* Any accepted text must give a disc that works. */
	check_state(&back);
	recording_fini(&back);
	return true;
}

static void
json_is_read(void **state)
{
	json_t *json = json_loads(good, 0, NULL);
	struct recording back;

	assert_non_null(json);
	assert_true(recording_from_json(&back, json));
	assert_int_equal(back.ntracks, 3);
	assert_int_equal(back.tracks[1].state, TRACK_RESERVED);
	assert_int_equal(back.tracks[2].recorded, 7);
	check_tracks(&back);
	recording_fini(&back);
	json_decref(json);
}

/* One member is changed to an impossible value. */
static void
json_that_lies_is_refused(void **state)
{
	static const struct {
		int track; /* -1: the disc itself */
		const char *key, *value;
	} lies[] = {
		{-1, "profile", "\"floppy\""},
		{-1, "profile", "27"},
		{-1, "profile", "null"},
		{-1, "profile", "\"cd-rom\""},
		{-1, "capacity", "0"},
		{-1, "capacity", "-1"},
		{-1, "capacity", "9999"},
		{-1, "capacity", "4294967296"},
		{-1, "capacity", "1e4"},
		{-1, "capacity", "\"10000\""},
		{-1, "final", "true"},
		{-1, "final", "0"},
		{-1, "sessions", "0"},
		{-1, "sessions", "2"},
		{-1, "sessions", "3"},
		{-1, "sessions", "192"},
		{-1, "sessions", "65537"},
		{-1, "tracks", "[]"},
		{-1, "tracks", "{}"},
		{-1, "tracks", "[1]"},
		{-1, "tracks", "null"},
		{0, "session", "0"},
		{0, "session", "2"},
		{0, "start", "16"},
		{0, "start", "-16"},
		{0, "size", "3000"},
		{0, "size", "0"},
		{0, "recorded", "99"},
		{0, "recorded", "101"},
		{0, "state", "\"open\""},
		{0, "state", "\"reserved\""},
		{0, "state", "\"invisible\""},
		{0, "state", "1"},
		{1, "session", "1"},
		{1, "session", "3"},
		{1, "start", "2400"},
		{1, "start", "99"},
		{1, "size", "4294967295"},
		{1, "state", "\"open\""},
		{1, "state", "\"closed\""},
		{2, "session", "3"},
		{2, "start", "10000"},
		{2, "size", "7681"},
		{2, "size", "7679"},
		{2, "recorded", "7681"},
		{2, "recorded", "-1"},
	};

	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		json_t *json = json_loads(good, 0, NULL), *at = json;

		if (lies[i].track >= 0)
			at = json_array_get(json_object_get(json, "tracks"), (size_t)lies[i].track);
		json_object_set_new(
			at, lies[i].key, json_loads(lies[i].value, JSON_DECODE_ANY, NULL));
		if (loads(json))
			fail_msg("track %d: %s %s is taken", lies[i].track, lies[i].key,
				lies[i].value);
		json_decref(json);
	}
}

static void
json_that_lacks_a_member_is_refused(void **state)
{
	static const char *const members[] = {"profile", "capacity", "final", "sessions", "tracks"};
	static const char *const of_track[] = {"session", "start", "size", "recorded", "state"};

	for (size_t i = 0; i < 5; i++) {
		json_t *json = json_loads(good, 0, NULL);
		json_t *track = json_array_get(json_object_get(json, "tracks"), 1);

		json_object_del(track, of_track[i]);
		assert_false(loads(json));
		json_decref(json);
		json = json_loads(good, 0, NULL);
		json_object_del(json, members[i]);
		assert_false(loads(json));
		json_decref(json);
	}
	assert_false(loads(NULL));
}

static void
json_of_a_session_without_tracks_is_refused(void **state)
{
	json_t *json = json_loads(good, 0, NULL);

	json_array_remove(json_object_get(json, "tracks"), 2);
	json_array_remove(json_object_get(json, "tracks"), 1);
	assert_true(loads(json));
	json_object_set_new(json, "sessions", json_integer(2));
	assert_false(loads(json));
	json_object_set_new(json, "final", json_true());
	assert_false(loads(json));
	json_object_set_new(json, "sessions", json_integer(1));
	assert_true(loads(json));
	json_decref(json);
}

static void
json_of_too_many_tracks_is_refused(void **state)
{
	json_t *json = json_loads(good, 0, NULL), *tracks = json_array();
	char text[128];

	for (int i = 0; i < 154; i++) {
		snprintf(text, sizeof(text),
			"{\"session\":1,\"start\":%d,\"size\":16,\"recorded\":16,\"state\":"
			"\"closed\"}",
			16 * i);
		if (i == 153) {
			json_object_set(json, "tracks", tracks);
			assert_true(loads(json));
		}
		json_array_append_new(tracks, json_loads(text, 0, NULL));
	}
	json_object_set_new(json, "tracks", tracks);
	assert_false(loads(json));
	json_decref(json);
}

/* A disc without room is complete, even if the file says that it is not. */
static void
json_of_a_full_disc_is_complete(void **state)
{
	json_t *json = json_loads("{\"profile\": \"dvd+r\", \"capacity\": 100, \"final\": false, "
				  "\"sessions\": 1, \"tracks\": [{\"session\": 1, \"start\": 0, "
				  "\"size\": 99, \"recorded\": 99, \"state\": \"closed\"}]}",
		0, NULL);
	struct recording back;

	assert_true(recording_from_json(&back, json));
	assert_int_equal(recording_status(&back), DISC_COMPLETE);
	recording_fini(&back);
	json_decref(json);
}

/* A description with the most tracks of a medium is short enough to be read again. Each track is about one
 * ECC block. A longer file would be ignored. */
static void
json_of_all_tracks_is_short_enough(void **state)
{
	const struct medium *m;

	for (size_t i = 0; (m = medium_row(i)) != NULL; i++) {
		uint32_t size = m->capacity / (m->max_tracks + 1u) - m->track_gap - m->ecc_block;
		struct recording r;
		json_t *json;
		char *text;

		if (m->writing != WRITES_IN_ORDER)
			continue;
		json = json_object();
		recording_init_blank(&r, m, 0);
		for (unsigned n = 0; n < m->max_tracks; n++) {
			struct track t;

			assert_true(recording_track(&r, n + 1, &t));
			assert_int_equal(recording_written(&r, t.start, size), JB_OK);
			assert_int_equal(recording_close(&r, 1, n + 1), JB_OK);
		}
		assert_int_equal(recording_tracks(&r), m->max_tracks);
		assert_true(recording_to_json(&r, json));
		text = json_dumps(json, JSON_INDENT(1));
		assert_non_null(text);
		assert_in_range(strlen(text), 1, STORE_FILE_MAX - 64 * 1024);
		free(text);
		json_decref(json);
		recording_fini(&r);
	}
}

/* Random bytes of the text are changed: the text is refused, or gives a disc that works. */
static void
mutated_json_never_makes_a_broken_disc(void **state)
{
	unsigned taken = 0, refused = 0;

	seed = 7;
	for (int i = 0; i < 20000; i++) {
		char text[sizeof(good)];
		json_t *json;

		memcpy(text, good, sizeof(good));
		for (uint32_t n = 1 + dice(3); n > 0; n--)
			text[dice(sizeof(good) - 1)] = "0123456789-,:truefals{}[]\""[dice(26)];
		json = json_loads(text, JSON_DECODE_ANY, NULL);
		if (json == NULL)
			continue;
		if (loads(json))
			taken++;
		else
			refused++;
		json_decref(json);
	}
	assert_true(taken > 100 && refused > 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_operations),
		cmocka_unit_test(json_is_read),
		cmocka_unit_test(json_that_lies_is_refused),
		cmocka_unit_test(json_that_lacks_a_member_is_refused),
		cmocka_unit_test(json_of_a_session_without_tracks_is_refused),
		cmocka_unit_test(json_of_too_many_tracks_is_refused),
		cmocka_unit_test(json_of_a_full_disc_is_complete),
		cmocka_unit_test(json_of_all_tracks_is_short_enough),
		cmocka_unit_test(mutated_json_never_makes_a_broken_disc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
