/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two initiators and the mount use one drive, each in its own thread. One initiator burns, one sends
 * disturbing commands, and the mount moves and reads the disc. At the end there is one disc, in one element,
 * and a restart finds it unchanged. Under ThreadSanitizer this also tests the locks.
 */
#include "tests/unit/by_hand.h"
#include "tests/unit/mmc/drive.h"

#include <stdatomic.h>

enum { BURNS = 400, SLOT = 2 };

struct crew {
	struct bay *bay;
	_Atomic bool stop;
	_Atomic unsigned written, moved;
};

static uint32_t
dice(uint32_t *state, uint32_t sides)
{
	*state = *state * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)(*state >> 8) * sides >> 24);
}

/* Returns the next writable address of the last track, or 0 if there is none. */
static uint32_t
next_address(struct run *r)
{
	run_cdb(r, NULL, 0, 0x51, 0, 0, 0, 0, 0, 0, 0, 34, 0);
	if (r->status != SCSI_GOOD)
		return 0;
	run_cdb(r, NULL, 0, 0x52, 1, 0, 0, 0, r->data[6], 0, 0, 48, 0);
	return r->status == SCSI_GOOD ? get_be32(r->data + 12) : 0;
}

static void *
burn(void *arg)
{
	uint8_t data[16 * SECTOR], cdb[10] = {0x2a};
	struct crew *crew = arg;
	struct run *r = &crew->bay->r[0];
	uint32_t state = 1;

	/* Go on until the other threads have run, too. */
	for (int i = 0; i < BURNS || (crew->moved < 2 && i < 100 * BURNS); i++) {
		uint32_t lba = next_address(r);

		fill_sectors(data, lba, 16);
		put_be32(cdb + 2, lba);
		put_be16(cdb + 7, 16);
		run_bytes(r, cdb, sizeof(cdb), data, sizeof(data));
		crew->written += r->status == SCSI_GOOD;
		bay_read(r, lba, 16);
		/* Another thread may have blanked or written the disc between the write and the read. */
		if (dice(&state, 8) == 0)
			run_cdb(r, NULL, 0, 0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0);
		if (dice(&state, 16) == 0)
			run_cdb(r, NULL, 0, 0x5b, 0, (uint8_t)(1 + dice(&state, 2)), 0, 0, 1, 0, 0,
				0, 0);
	}
	crew->stop = true;
	return NULL;
}

static void *
disturb(void *arg)
{
	static const uint8_t commands[][12] = {
		{0x00},
		{0x03, 0, 0, 0, 18},
		{0x1b, 0, 0, 0, 0x03},
		{0x1b, 0, 0, 0, 0x02},
		{0x1e, 0, 0, 0, 1},
		{0x1e, 0, 0, 0, 0},
		{0x23, 0, 0, 0, 0, 0, 0, 0, 255},
		{0x25},
		{0x28, 0, 0, 0, 0, 0, 0, 0, 32},
		{0x35},
		{0x43, 0, 0, 0, 0, 0, 0, 0, 255},
		{0x46, 0, 0, 0, 0, 0, 0, 16, 0},
		{0x4a, 1, 0, 0, 0x7e, 0, 0, 0, 8},
		{0x51, 0, 0, 0, 0, 0, 0, 0, 34},
		{0x53, 0, 0, 0, 0, 0, 0, 0, 64},
		{0x5a, 0, 0x3f, 0, 0, 0, 0, 4, 0},
		{0x5b, 0, 2},
		{0x5c, 0, 0, 0, 0, 0, 0, 0, 12},
		{0xa1, 1},
		{0xac, 0, 0, 0, 0, 0, 0, 0, 0, 9, 3},
		{0xad, 0, 0, 0, 0, 0, 0, 0xff, 2},
		{0xbb, 0, 0xff, 0xff, 0xff, 0xff},
		{0xbd, 0, 0, 0, 0, 0, 0, 0, 0, 8},
	};
	uint8_t page[60] = {
		[8] = 0x05, [9] = 0x32, [10] = 0, [11] = 0xc5, [12] = 8, [21] = 0x10, [23] = 0x96};
	struct crew *crew = arg;
	struct run *r = &crew->bay->r[1];
	uint32_t state = 2;

	while (!crew->stop) {
		const uint8_t *cdb = commands[dice(&state, sizeof(commands) / sizeof(commands[0]))];

		if (cdb[0] == 0xa1 && dice(&state, 10) != 0)
			continue;
		run_bytes(r, cdb, 12, NULL, 0);
		if (dice(&state, 10) == 0)
			run_cdb(r, page, sizeof(page), 0x55, 0x10, 0, 0, 0, 0, 0, 0, sizeof(page),
				0);
		/* Unlock what it locked, so that the other threads can go on. */
		run_cdb(r, NULL, 0, 0x1e, 0, 0, 0, 0, 0);
	}
	return NULL;
}

static void
look(struct crew *crew, struct jb_elem e)
{
	struct jukebox *jb = crew->bay->jb;
	struct jb_elem_status st;
	struct jb_item item;
	struct jb_file *f;
	char byte;

	assert_int_equal(jb_elem_status(jb, e, &st), JB_OK);
	if (jb_item_lookup(jb, e, crew->bay->disc, &item) != JB_OK)
		return;
	assert_int_equal(item.kind, JB_ITEM_DISC);
	if (jb_file_open(jb, item.id, false, false, &f) == JB_OK) {
		assert_true(pread(jb_file_fd(f), &byte, 1, 0) >= 0);
		jb_file_release(f);
	}
}

static void *
mount_side(void *arg)
{
	const struct jb_elem slot = {JB_SLOT, SLOT};
	struct crew *crew = arg;
	struct jukebox *jb = crew->bay->jb;
	uint32_t state = 3;
	struct jb_item item;

	while (!crew->stop) {
		struct jb_attr tab = {
			.set = JB_ATTR_MODE, .mode = dice(&state, 8) == 0 ? 0444 : 0644};

		look(crew, bay_element);
		look(crew, slot);
		if (jb_item_lookup(jb, bay_element, crew->bay->disc, &item) == JB_OK)
			(void)jb_item_setattr(jb, item.id, &tab);
		if (dice(&state, 20) == 0 && jb_move(jb, bay_element, slot, NULL) == JB_OK) {
			look(crew, slot);
			assert_int_equal(move_by_hand(jb, slot, bay_element, NULL), JB_OK);
			crew->moved++;
		}
	}
	return NULL;
}

static void
together(struct bay *bay, const char *name)
{
	struct crew crew = {.bay = bay};
	pthread_t threads[3];
	struct jb_item before, after;

	bay_insert(bay, name, 0);
	assert_int_equal(pthread_create(&threads[0], NULL, burn, &crew), 0);
	assert_int_equal(pthread_create(&threads[1], NULL, disturb, &crew), 0);
	assert_int_equal(pthread_create(&threads[2], NULL, mount_side, &crew), 0);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_true(crew.written > 0);
	run_cdb(&bay->r[2], NULL, 0, 0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	assert_int_equal(jb_item_lookup(bay->jb, bay_element, name, &before), JB_OK);
	bay_restart(bay);
	assert_int_equal(jb_item_lookup(bay->jb, bay_element, name, &after), JB_OK);
	assert_int_equal(after.kind, JB_ITEM_DISC);
	assert_int_equal(after.size, before.size);
	assert_int_equal(after.tracks, before.tracks);
	assert_int_equal(after.sessions, before.sessions);
	assert_int_equal(bay_remove(bay), JB_OK);
}

static void
two_initiators_and_the_mount(void **state)
{
	struct bay *bay = *state;

	together(bay, "D.dvd-rw.iso");
	together(bay, "D.dvd+r.iso");
	together(bay, "D.bd-r.iso");
	together(bay, "D.dvd-ram.iso");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(two_initiators_and_the_mount),
	};

	return cmocka_run_group_tests(tests, folders_in_memory, NULL);
}
