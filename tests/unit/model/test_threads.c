/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Several threads at once: whatever they do, at the end every disc is in one element. Under ThreadSanitizer
 * this also tests the locks.
 */
#include "tests/unit/model/fixture.h"

#include <pthread.h>
#include <stdatomic.h>

enum { DISCS = 4, MOVERS = 4, ROUNDS = 60 };

struct crew {
	struct fixture *fx;
	_Atomic unsigned moved, read, burnt;
	_Atomic bool stop;
};

static unsigned
next_random(unsigned *state)
{
	*state = *state * 1103515245 + 12345;
	return *state >> 16;
}

static struct jb_elem
some_element(unsigned *seed)
{
	unsigned n = next_random(seed) % 8;

	return n < 6 ? slot(n + 1) : drive(n - 6);
}

static void
expect_one_of(enum jb_err err, const enum jb_err *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (err == list[i])
			return;
	fail_msg("unexpected: %s", jb_err_name(err));
}

static void *
move_about(void *arg)
{
	static const enum jb_err expected[] = {JB_OK, JB_ELEMENT_EMPTY, JB_ELEMENT_FULL,
		JB_ELEMENT_RESERVED, JB_IN_USE, JB_NO_ITEM, JB_BEING_INSERTED, JB_WOULD_SWAP};
	struct crew *crew = arg;
	unsigned seed = (unsigned)(uintptr_t)&seed;

	for (int i = 0; i < ROUNDS; i++) {
		struct jb_elem from = some_element(&seed), to = some_element(&seed);
		enum jb_err err;

		if (next_random(&seed) % 4 == 0)
			err = jb_exchange(crew->fx->jb, from, to, from, NULL);
		else
			err = jb_move(crew->fx->jb, from, to, NULL);
		if (err == JB_NO_ELEMENT) /* an exchange with itself */
			continue;
		expect_one_of(err, expected, sizeof(expected) / sizeof(expected[0]));
		if (err == JB_OK)
			crew->moved++;
	}
	return NULL;
}

static void *
look_about(void *arg)
{
	struct crew *crew = arg;
	struct jukebox *jb = crew->fx->jb;
	unsigned seed = 7;
	struct jb_item item;
	struct jb_elem_status st;
	struct jb_space sp;
	struct drive_view view;
	char name[16];

	while (!crew->stop) {
		struct jb_elem e = some_element(&seed);
		struct jb_file *f;

		assert_ok(jb_elem_status(jb, e, &st));
		drive_view(jb_drive(jb, 0), &view);
		assert_ok(jb_space(jb, &sp));
		snprintf(name, sizeof(name), "d%u.iso", next_random(&seed) % DISCS);
		if (jb_item_lookup(jb, e, name, &item) != JB_OK)
			continue;
		assert_ok(jb_item_by_id(jb, item.id, &item));
		if (jb_file_open(jb, item.id, false, false, &f) == JB_OK) {
			char byte;

			if (item.size > 0)
				assert_int_equal(pread(jb_file_fd(f), &byte, 1, 0), 1);
			jb_file_release(f);
			crew->read++;
		}
	}
	return NULL;
}

static void *
use_drive(void *arg)
{
	struct crew *crew = arg;
	struct drive *d = jb_drive(crew->fx->jb, 0);
	uint8_t data[16 * SECTOR_SIZE] = {1};

	while (!crew->stop) {
		struct disc *disc;
		struct track t;
		uint32_t nwa;

		strand_enter(drive_strand(d));
		if (drive_disc(d, &disc) == JB_OK && disc_tracks(disc) > 0 &&
			disc_track(disc, disc_tracks(disc), &t) && track_nwa(&t, &nwa)) {
			assert_ok(disc_write(disc, nwa, 16, data));
			if (crew->burnt % 8 == 7)
				assert_ok(disc_sync(disc));
			crew->burnt++;
		}
		strand_leave(drive_strand(d));
	}
	return NULL;
}

static void *
change_attributes(void *arg)
{
	struct crew *crew = arg;
	unsigned seed = 9;
	char name[16];

	while (!crew->stop) {
		struct jb_attr attr = {.set = JB_ATTR_UID, .uid = next_random(&seed)};
		struct jb_item item;

		snprintf(name, sizeof(name), "d%u.iso", next_random(&seed) % DISCS);
		if (jb_item_lookup(crew->fx->jb, some_element(&seed), name, &item) == JB_OK)
			assert_ok(jb_item_setattr(crew->fx->jb, item.id, &attr));
	}
	return NULL;
}

static unsigned
discs_of(struct fixture *fx, const char *name)
{
	struct jb_item item;
	unsigned n = 0;

	for (unsigned i = 1; i <= 6; i++)
		n += jb_item_lookup(fx->jb, slot(i), name, &item) == JB_OK;
	for (unsigned i = 0; i < 2; i++)
		n += jb_item_lookup(fx->jb, drive(i), name, &item) == JB_OK;
	return n;
}

static void
everything_at_once(void **state)
{
	struct fixture *fx = *state;
	struct crew crew = {.fx = fx};
	pthread_t movers[MOVERS], others[3];
	char name[16];

	for (unsigned i = 0; i < DISCS; i++) {
		snprintf(name, sizeof(name), "d%u.iso", i);
		copy_in(fx, slot(i + 1), name, i % 2 == 0 ? 0 : 10000, i);
	}
	pthread_create(&others[0], NULL, look_about, &crew);
	pthread_create(&others[1], NULL, use_drive, &crew);
	pthread_create(&others[2], NULL, change_attributes, &crew);
	for (unsigned i = 0; i < MOVERS; i++)
		pthread_create(&movers[i], NULL, move_about, &crew);
	for (unsigned i = 0; i < MOVERS; i++)
		pthread_join(movers[i], NULL);
	crew.stop = true;
	for (unsigned i = 0; i < 3; i++)
		pthread_join(others[i], NULL);
	assert_true(crew.moved > 0);
	for (int again = 0; again < 2; again++) {
		for (unsigned i = 0; i < DISCS; i++) {
			snprintf(name, sizeof(name), "d%u.iso", i);
			assert_int_equal(discs_of(fx, name), 1);
		}
		for (unsigned i = 1; i <= 6; i++)
			assert_false(status_of(fx, slot(i)).reserved);
		assert_false(status_of(fx, picker()).full);
		reopen(fx);
	}
}

/* ---- one slot, many users of it -------------------------------------------------------------- */

static void *
insert_here(void *arg)
{
	struct crew *crew = arg;
	struct jb_file *f;
	char name[32];

	snprintf(name, sizeof(name), "by-%lx.iso", (unsigned long)pthread_self());
	for (int i = 0; i < 20; i++) {
		enum jb_err err = jb_file_create(crew->fx->jb, slot(1), name, 0644, 0, 0, &f, NULL);

		if (err != JB_OK) {
			assert_true(err == JB_ELEMENT_RESERVED || err == JB_ELEMENT_FULL);
			continue;
		}
		assert_ok(write_pattern(f, 0, 5000, 1));
		assert_ok(jb_file_flush(f, false));
		jb_file_release(f);
		assert_content(crew->fx, slot(1), name, 5000, 1);
		assert_ok(jb_item_remove(crew->fx->jb, slot(1), name));
		crew->moved++;
	}
	return NULL;
}

static void
one_slot_for_many(void **state)
{
	struct fixture *fx = *state;
	struct crew crew = {.fx = fx};
	pthread_t threads[MOVERS];

	for (unsigned i = 0; i < MOVERS; i++)
		pthread_create(&threads[i], NULL, insert_here, &crew);
	for (unsigned i = 0; i < MOVERS; i++)
		pthread_join(threads[i], NULL);
	assert_true(crew.moved > 0);
	assert_int_equal(files_in(fx, slot(1)), 0);
	reopen(fx);
	assert_int_equal(entries(fx, "incoming"), 0);
}

/* ---- two writers of one file ----------------------------------------------------------------- */

struct half {
	struct jb_file *f;
	uint64_t from, to;
};

static void *
write_half(void *arg)
{
	struct half *h = arg;

	for (uint64_t at = h->from; at < h->to; at += 4096) {
		assert_ok(write_pattern(h->f, at, at + 4096, 5));
		if (at % 65536 == 0)
			assert_ok(jb_file_flush(h->f, false));
	}
	assert_ok(jb_file_flush(h->f, false));
	jb_file_release(h->f);
	return NULL;
}

static void
two_writers(void **state)
{
	struct fixture *fx = *state;
	struct half halves[2] = {{NULL, 0, 1 << 18}, {NULL, 1 << 18, 1 << 19}};
	pthread_t threads[2];

	halves[0].f = create(fx, slot(1), ".x");
	assert_ok(jb_file_open(fx->jb, look(fx, slot(1), ".x").id, true, false, &halves[1].f));
	for (unsigned i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, write_half, &halves[i]);
	/* and another one renames the file meanwhile, as gio does */
	assert_ok(jb_item_rename(fx->jb, slot(1), ".x", slot(1), "x"));
	for (unsigned i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	assert_content(fx, slot(1), "x", 1 << 19, 5);
	assert_int_equal(look(fx, slot(1), "x").kind, JB_ITEM_DISC);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(everything_at_once),
		TEST(one_slot_for_many),
		TEST(two_writers),
	};

	return cmocka_run_group_tests(tests, folders_in_memory, NULL);
}
