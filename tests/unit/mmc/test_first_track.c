/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CDs whose first track has another number than 1: every answer calls their tracks by the same numbers. */
#include "tests/unit/mmc/audio.h"

enum { FIRST = 7, ENTRY = 8, TRACK_OF_ENTRY = 1 };

/* The audio sheet, whose tracks have the numbers from `first` on. */
static void
number_sheet(uint8_t sheet[sizeof(audio_sheet)], uint8_t first)
{
	memcpy(sheet, audio_sheet, sizeof(audio_sheet));
	for (size_t i = 3; i + 1 < sizeof(audio_sheet) / ENTRY; i++)
		sheet[i * ENTRY + TRACK_OF_ENTRY] += (uint8_t)(first - 1);
}

static void
burn_numbered(struct bay *bay, struct run *r, uint8_t first)
{
	uint8_t sheet[sizeof(audio_sheet)];

	number_sheet(sheet, first);
	bay_insert(bay, "D.cd-r.iso", 0);
	run_clear_ua(r);
	select_page(r, TYPE_SAO, 0, 0);
	send_sheet(r, sheet, sizeof(sheet));
	run_assert_good(r);
	write_run(r, -150, 590, CD_RAW_SIZE);
	flush(r);
}

static void
assert_first_session(struct run *r)
{
	static const uint8_t toc[] = {0, 0x1a, 7, 8, 0, 0x12, 7, 0, 0, 0, 0, 0, 0, 0x10, 8, 0, 0, 0,
		2, 0x26, 0, 0x10, 0xaa, 0, 0, 0, 2, 0x4e};

	run_cdb(r, NULL, 0, 0x43, 0, 0, 0, 0, 0, 0, 0, 0xff, 0);
	run_assert_good(r);
	assert_int_equal(r->len, sizeof(toc));
	assert_memory_equal(r->data, toc, sizeof(toc));
	/* From a number on; those before the first one are the first one. */
	run_cdb(r, NULL, 0, 0x43, 0, 0, 0, 0, 0, 3, 0, 0xff, 0);
	assert_int_equal(r->len, sizeof(toc));
	run_cdb(r, NULL, 0, 0x43, 0, 0, 0, 0, 0, 8, 0, 0xff, 0);
	assert_int_equal(r->len, sizeof(toc) - 8);
	assert_int_equal(r->data[6], 8);
	run_cdb(r, NULL, 0, 0x43, 0, 0, 0, 0, 0, 9, 0, 0xff, 0);
	run_assert_sense(r, 0x05, 0x24, 0x00);
	run_cdb(r, NULL, 0, 0x43, 0, 1, 0, 0, 0, 0, 0, 12, 0);
	assert_int_equal(r->data[6], 7);
	/* Points A0h and A1h, then those of the tracks */
	run_cdb(r, NULL, 0, 0x43, 2, 2, 0, 0, 0, 1, 0, 0xff, 0);
	run_assert_good(r);
	assert_int_equal(r->data[4 + 8], 7);
	assert_int_equal(r->data[4 + 11 + 8], 8);
	assert_int_equal(r->data[4 + 3 * 11 + 3], 7);
	assert_int_equal(r->data[4 + 4 * 11 + 3], 8);
	/* The Q sub-channel, and an ISRC by number */
	assert_int_equal(q_of(r, 0)[1], 0x07);
	assert_int_equal(q_of(r, 560)[1], 0x08);
	run_cdb(r, NULL, 0, 0x42, 0, 0x40, 3, 0, 0, 8, 0, 24, 0);
	run_assert_good(r);
	assert_memory_equal(r->data + 9, "DEABC2600002", 12);
	run_cdb(r, NULL, 0, 0x42, 0, 0x40, 3, 0, 0, 2, 0, 24, 0);
	assert_int_equal(r->data[8], 0);
	run_cdb(r, NULL, 0, 0x42, 0, 0x40, 1, 0, 0, 0, 0, 16, 0);
	assert_int_equal(r->data[6], 8);
}

/* READ TRACK INFORMATION by number: which track it answers for, and where that begins. */
static void
assert_track(struct run *r, uint8_t number, uint32_t start)
{
	run_cdb(r, NULL, 0, 0x52, 1, 0, 0, 0, number, 0, 0, 48, 0);
	run_assert_good(r);
	assert_int_equal(r->data[2], number);
	assert_int_equal(r->data[32], 0);
	assert_int_equal(get_be32(r->data + 8), start);
}

/* First, first of the last session and last track in READ DISC INFORMATION. */
static void
assert_disc(struct run *r, uint8_t first, uint8_t first_of_last, uint8_t last)
{
	run_cdb(r, NULL, 0, 0x51, 0, 0, 0, 0, 0, 0, 0, 34, 0);
	run_assert_good(r);
	assert_int_equal(r->data[3], first);
	assert_int_equal(r->data[5], first_of_last);
	assert_int_equal(r->data[6], last);
}

static void
numbers_from_seven_on(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];
	uint32_t next;

	burn_numbered(bay, r, FIRST);
	assert_first_session(r);
	assert_disc(r, 7, 9, 9);
	assert_track(r, 7, 0);
	assert_track(r, 8, 550);
	run_cdb(r, NULL, 0, 0x52, 1, 0, 0, 0, 1, 0, 0, 48, 0);
	run_assert_sense(r, 0x05, 0x24, 0x00);
	run_cdb(r, NULL, 0, 0x52, 0, 0, 0, 0, 3, 0, 0, 48, 0); /* by address */
	assert_int_equal(r->data[2], 7);
	run_cdb(r, NULL, 0, 0x52, 1, 0, 0, 0, 0xff, 0, 0, 48, 0);
	assert_int_equal(r->data[2], 9);
	next = get_be32(r->data + 12);
	/* After a restart too; a later session goes on from there, by tracks and by a sheet. */
	bay_restart(bay);
	r = &bay->r[0];
	run_clear_ua(r);
	assert_first_session(r);
	select_page(r, TYPE_TAO, MODE_DATA, 8);
	write_run(r, (int32_t)next, (int32_t)next + 20, SECTOR);
	flush(r);
	assert_track(r, 9, next);
	run_cdb(r, NULL, 0, 0x5b, 0, 1, 0, 0, 9, 0, 0, 0, 0); /* closed already */
	run_assert_good(r);
	run_cdb(r, NULL, 0, 0x5b, 0, 1, 0, 0, 3, 0, 0, 0, 0);
	assert_int_equal(r->status, SCSI_CHECK_CONDITION);
	run_cdb(r, NULL, 0, 0x5b, 0, 2, 0, 0, 0, 0, 0, 0, 0);
	run_assert_good(r);
	assert_disc(r, 7, 10, 10);
	run_cdb(r, NULL, 0, 0x43, 0, 0, 0, 0, 0, 0, 0, 0xff, 0);
	assert_memory_equal(r->data + 2, ((uint8_t[]){7, 9}), 2);
	remove_d(bay);
}

/* A track has number 99 at most. */
static void
numbers_up_to_the_last(void **state)
{
	uint8_t sheet[sizeof(audio_sheet)];
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	burn_numbered(bay, r, 98);
	run_cdb(r, NULL, 0, 0x43, 0, 0, 0, 0, 0, 0, 0, 0xff, 0);
	run_assert_good(r);
	assert_memory_equal(r->data + 2, ((uint8_t[]){98, 99}), 2);
	/* There is no number for another one. */
	assert_disc(r, 98, 98, 99);
	select_page(r, TYPE_TAO, MODE_DATA, 8);
	write_blocks(r, 590 + 11400, 1, SECTOR);
	assert_int_equal(r->status, SCSI_CHECK_CONDITION);
	remove_d(bay);
	bay_insert(bay, "D.cd-r.iso", 0);
	run_clear_ua(r);
	select_page(r, TYPE_SAO, 0, 0);
	number_sheet(sheet, 99);
	send_sheet(r, sheet, sizeof(sheet));
	run_assert_sense(r, 0x05, 0x26, 0x00);
	number_sheet(sheet, 100);
	send_sheet(r, sheet, sizeof(sheet));
	run_assert_sense(r, 0x05, 0x26, 0x00);
	remove_d(bay);
}

/* A CD-RW that is blanked begins with 1 again. */
static void
blanked(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];
	uint8_t sheet[sizeof(audio_sheet)];

	number_sheet(sheet, FIRST);
	bay_insert(bay, "D.cd-rw.iso", 0);
	run_clear_ua(r);
	select_page(r, TYPE_SAO, 0, 0);
	send_sheet(r, sheet, sizeof(sheet));
	write_run(r, -150, 590, CD_RAW_SIZE);
	flush(r);
	assert_disc(r, 7, 9, 9);
	run_cdb(r, NULL, 0, 0xa1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	run_assert_good(r);
	assert_disc(r, 1, 1, 1);
	select_page(r, TYPE_TAO, MODE_DATA, 8);
	write_run(r, 0, 20, SECTOR);
	flush(r);
	assert_track(r, 1, 0);
	assert_disc(r, 1, 1, 2);
	assert_int_equal(jb_item_remove(bay->jb, bay_element, "D.iso"), JB_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(numbers_from_seven_on),
		TEST(numbers_up_to_the_last),
		TEST(blanked),
	};

	return cmocka_run_group_tests_name("mmc first track", tests, NULL, NULL);
}
