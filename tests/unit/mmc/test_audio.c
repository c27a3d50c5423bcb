/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Audio CDs and mixed CDs: sessions at once with sheets of all forms, tracks at once with mode page 05h,
 * catalog number and recording codes; and how such CDs read.
 */
#include "tests/unit/limit_files.h"
#include "tests/unit/mmc/audio.h"

static void
a_session_of_audio(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	burn_audio(bay, r);
	for (uint32_t lba = 0; lba < 590; lba += 19)
		assert_audio(r, lba);
	/* READ(10), READ(6) and READ CD of data sectors fail on an audio track. */
	bay_read(r, 0, 1);
	run_assert_sense(r, 0x05, 0x64, 0x00);
	run_cdb(r, NULL, 0, 0x08, 0, 0, 0, 1, 0);
	run_assert_sense(r, 0x05, 0x64, 0x00);
	read_cd(r, 2, 0, 1, 0x10, 0);
	run_assert_sense(r, 0x05, 0x64, 0x00);
	read_cd(r, 1, 0, 1, 0x10, 0);
	run_assert_good(r);
	assert_int_equal(r->len, CD_RAW_SIZE);
	read_cd(r, 0, 590, 1, WHOLE, 0);
	run_assert_sense(r, 0x05, 0x21, 0x00);
	/* The table of contents shows index 1 of both tracks as audio; copying is permitted for the first
	 * track. */
	run_cdb(r, NULL, 0, 0x43, 0, 0, 0, 0, 0, 0, 0, 0xff, 0);
	run_assert_good(r);
	assert_memory_equal(r->data,
		((uint8_t[]){0, 0x1a, 1, 2, 0, 0x12, 1, 0, 0, 0, 0, 0, 0, 0x10, 2, 0, 0, 0, 0x02,
			0x26, 0, 0x10, 0xaa, 0, 0, 0, 0x02, 0x4e}),
		28);
	run_cdb(r, NULL, 0, 0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	assert_int_equal(get_be32(r->data), 589);
	run_cdb(r, NULL, 0, 0x52, 1, 0, 0, 0, 2, 0, 0, 48, 0);
	run_assert_good(r);
	assert_int_equal(r->data[5] & 0x0f, 0);
	assert_int_equal(r->data[6] & 0x0f, 0x0f);
	assert_int_equal(get_be32(r->data + 8), 550);
	assert_int_equal(get_be32(r->data + 24), 40);
}

static void
its_sub_channel(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	burn_audio(bay, r);
	assert_memory_equal(q_of(r, 1), ((uint8_t[]){0x21, 1, 1, 0, 0, 1, 0, 0, 0x02, 0x01}), 10);
	/* The relative time of a pause counts down. */
	assert_memory_equal(
		q_of(r, 400), ((uint8_t[]){0x01, 2, 0, 0, 0x02, 0, 0, 0, 0x07, 0x25}), 10);
	assert_int_equal(r->data[15], 0x80);
	assert_memory_equal(q_of(r, 549), ((uint8_t[]){0x01, 2, 0, 0, 0, 1, 0, 0, 0x09, 0x24}), 10);
	assert_memory_equal(q_of(r, 550), ((uint8_t[]){0x01, 2, 1, 0, 0, 0, 0, 0, 0x09, 0x25}), 10);
	assert_int_equal(r->data[15], 0);
	/* Index 2 of track 1 begins after one second. */
	assert_memory_equal(q_of(r, 74), ((uint8_t[]){0x21, 1, 1, 0, 0, 0x74, 0, 0, 2, 0x74}), 10);
	assert_memory_equal(q_of(r, 75), ((uint8_t[]){0x21, 1, 2, 0, 1, 0, 0, 0, 3, 0}), 10);
	assert_int_equal(q_of(r, 399)[2], 2);
	/* Some sectors have the catalog number or a recording code in Q. */
	assert_memory_equal(q_of(r, 141),
		((uint8_t[]){0x22, 0x40, 0x06, 0x38, 0x13, 0x33, 0x93, 0x10, 0, 0x66}), 10);
	assert_memory_equal(q_of(r, 91),
		((uint8_t[]){0x23, 0x51, 0x54, 0x52, 0x4c, 0x26, 0x00, 0x00, 0x10, 0x16}), 10);
	/* READ SUB-CHANNEL returns the same numbers. */
	run_cdb(r, NULL, 0, 0x42, 0, 0x40, 2, 0, 0, 0, 0, 24, 0);
	run_assert_good(r);
	assert_memory_equal(r->data + 8,
		"\x80"
		"4006381333931",
		14);
	run_cdb(r, NULL, 0, 0x42, 0, 0x40, 3, 0, 0, 2, 0, 24, 0);
	run_assert_good(r);
	assert_memory_equal(r->data + 8,
		"\x80"
		"DEABC2600002",
		14);
	/* READ SUB-CHANNEL reports the last address that was read. */
	assert_audio(r, 420);
	run_cdb(r, NULL, 0, 0x42, 0, 0x40, 1, 0, 0, 0, 0, 16, 0);
	run_assert_good(r);
	assert_int_equal(r->data[5], 0x10);
	assert_int_equal(r->data[6], 2);
	assert_int_equal(r->data[7], 0);
	assert_int_equal(get_be32(r->data + 8), 420);
	/* In a pause, a second before its track: the relative LBA is negative, and the time counts down. */
	assert_audio(r, 475);
	run_cdb(r, NULL, 0, 0x42, 0, 0x40, 1, 0, 0, 0, 0, 16, 0);
	run_assert_good(r);
	assert_int_equal(get_be32(r->data + 12), (uint32_t)-75);
	run_cdb(r, NULL, 0, 0x42, 2, 0x40, 1, 0, 0, 0, 0, 16, 0);
	run_assert_good(r);
	assert_memory_equal(r->data + 8, ((uint8_t[]){0, 0, 8, 25, 0, 0, 1, 0}), 8);
	assert_audio(r, 80);
	run_cdb(r, NULL, 0, 0x42, 0, 0x40, 1, 0, 0, 0, 0, 16, 0);
	run_assert_good(r);
	assert_memory_equal(r->data + 5, ((uint8_t[]){0x12, 1, 2, 0, 0, 0, 80}), 7);
}

/* ---- tracks at once -------------------------------------------------------------------------- */

static uint32_t
next_address(struct run *r)
{
	run_cdb(r, NULL, 0, 0x52, 1, 0, 0, 0, 0xff, 0, 0, 48, 0);
	run_assert_good(r);
	assert_int_equal(r->data[7] & 1, 1);
	return get_be32(r->data + 12);
}

/* A data track comes first. It is converted to raw sectors when an audio track follows. */
static void
tracks_of_data_and_audio(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	bay_insert(bay, "D.cd-r.iso", 0);
	run_clear_ua(r);
	select_page(r, TYPE_TAO, MODE_DATA, 8);
	run_assert_good(r);
	bay_write(r, 0, 40);
	run_assert_good(r);
	flush(r);
	select_page(r, TYPE_TAO, CD_PRE_EMPHASIS, 0);
	run_assert_good(r);
	assert_int_equal(next_address(r), 190);
	write_run(r, 190, 230, CD_RAW_SIZE);
	/* Data cannot be written to the audio track. */
	select_page(r, TYPE_TAO, MODE_DATA, 8);
	bay_write(r, 230, 1);
	run_assert_sense(r, 0x05, 0x64, 0x00);
	flush(r);
	run_cdb(r, NULL, 0, 0x5b, 0, 2, 0, 0, 0, 0, 0, 0, 0);
	run_assert_good(r);
	for (int again = 0; again < 2; again++) {
		bay_read(r, 0, 40);
		run_assert_good(r);
		assert_true(sectors_filled(r->data, 0, 40));
		assert_audio(r, 190);
		assert_audio(r, 229);
		bay_read(r, 39, 152);
		run_assert_sense(r, 0x05, 0x64, 0x00);
		run_cdb(r, NULL, 0, 0x43, 0, 0, 0, 0, 0, 0, 0, 0xff, 0);
		assert_int_equal(r->data[5], 0x14);
		assert_int_equal(r->data[13], 0x11);
		bay_restart(bay);
		r = &bay->r[0];
		run_clear_ua(r);
	}
}

static void
block_types(void **state)
{
	static const struct {
		uint8_t type;
		uint16_t size;
		uint16_t at; /* where the sent bytes are in the sector */
		bool plain;  /* READ(10) can read it */
	} rows[] = {
		{9, 2336, 16, false},
		{10, 2048, 24, true},
		{11, 2056, 16, false}, /* its subheader may say form 2 */
		{12, 2324, 24, false},
		{13, 2332, 16, false},
	};
	struct bay *bay = *state;
	struct run *r = &bay->r[0];
	uint8_t want[CD_RAW_SIZE];
	uint32_t lba = 0;

	bay_insert(bay, "D.cd-r.iso", 0);
	run_clear_ua(r);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		select_page(r, TYPE_TAO, MODE_DATA, rows[i].type);
		run_assert_good(r);
		lba = next_address(r);
		write_run(r, (int32_t)lba, (int32_t)lba + 20, rows[i].size);
		flush(r);
		fill(want, (int32_t)lba + 9, rows[i].size);
		read_cd(r, 0, lba + 9, 1, WHOLE, 0);
		run_assert_good(r);
		assert_int_equal(r->data[CD_HEADER + 3], 2);
		/* The EDC of a form 1 sector is where form 2 still has data. */
		assert_memory_equal(
			r->data + rows[i].at, want, rows[i].type == 13 ? 8 + 2048 : rows[i].size);
		bay_read(r, lba + 9, 1);
		assert_true(r->status == SCSI_GOOD || r->status == SCSI_CHECK_CONDITION);
		if (rows[i].plain)
			run_assert_good(r);
	}
}

/* Catalog number and recording code come from mode page 05h. Without their valid bits there are none. */
static void
numbers_of_tracks_at_once(void **state)
{
	uint8_t page[60] = {[8] = 0x05, [9] = 0x32, [10] = TYPE_TAO, [11] = 0xc0};
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	bay_insert(bay, "D.cd-r.iso", 0);
	run_clear_ua(r);
	memcpy(page + 8 + 16,
		"\x80"
		"4006381333931",
		14);
	memcpy(page + 8 + 32,
		"\x80"
		"DEABC2600001",
		13);
	for (uint8_t track = 1; track <= 2; track++) {
		uint32_t lba = next_address(r);

		run_cdb(r, page, sizeof(page), 0x55, 0x10, 0, 0, 0, 0, 0, 0, sizeof(page), 0);
		run_assert_good(r);
		write_run(r, (int32_t)lba, (int32_t)lba + 20, CD_RAW_SIZE);
		flush(r);
		page[8 + 16] = page[8 + 32] = 0;
	}
	run_cdb(r, NULL, 0, 0x42, 0, 0x40, 2, 0, 0, 0, 0, 24, 0);
	run_assert_good(r);
	assert_memory_equal(r->data + 8,
		"\x80"
		"4006381333931",
		14);
	run_cdb(r, NULL, 0, 0x42, 0, 0x40, 3, 0, 0, 1, 0, 24, 0);
	assert_memory_equal(r->data + 8,
		"\x80"
		"DEABC2600001",
		14);
	run_cdb(r, NULL, 0, 0x42, 0, 0x40, 3, 0, 0, 2, 0, 24, 0);
	assert_int_equal(r->data[8], 0);
}

/* RESERVE TRACK uses mode page 05h as it is at that time. */
static void
a_reserved_track(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	bay_insert(bay, "D.cd-r.iso", 0);
	run_clear_ua(r);
	select_page(r, TYPE_TAO, 0, 0);
	run_cdb(r, NULL, 0, 0x53, 0, 0, 0, 0, 0, 0, 0, 60, 0);
	run_assert_good(r);
	select_page(r, TYPE_TAO, MODE_DATA, 8);
	bay_write(r, 0, 1);
	run_assert_sense(r, 0x05, 0x64, 0x00);
	select_page(r, TYPE_TAO, 0, 0);
	write_run(r, 0, 60, CD_RAW_SIZE);
	run_cdb(r, NULL, 0, 0x5b, 0, 1, 0, 0, 1, 0, 0, 0, 0);
	run_assert_good(r);
	run_cdb(r, NULL, 0, 0x5b, 0, 2, 0, 0, 0, 0, 0, 0, 0);
	run_assert_good(r);
	assert_audio(r, 59);
	run_cdb(r, NULL, 0, 0x43, 0, 0, 0, 0, 0, 0, 0, 0xff, 0);
	assert_int_equal(r->data[5], 0x10);
}

/* Write parameters that no CD-R or no DVD-R has. */
static void
pages_that_are_refused(void **state)
{
	static const uint8_t none[] = {1, 2, 3, 4, 5, 6, 7, 14, 15};
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	bay_insert(bay, "D.cd-r.iso", 0);
	run_clear_ua(r);
	for (size_t i = 0; i < sizeof(none); i++) {
		select_page(r, TYPE_TAO, 0, none[i]);
		run_assert_sense(r, 0x05, 0x26, 0x00);
		select_page(r, TYPE_SAO, 0, none[i]);
		run_assert_sense(r, 0x05, 0x26, 0x00);
	}
	select_page(r, TYPE_TAO, MODE_DATA, 0); /* raw data sectors */
	run_assert_sense(r, 0x05, 0x26, 0x00);
	remove_d(bay);
	bay_insert(bay, "D.dvd-r.iso", 0);
	run_clear_ua(r);
	select_page(r, 0, 0, 0);
	run_assert_sense(r, 0x05, 0x26, 0x00);
}

/* ---- sessions at once ------------------------------------------------------------------------- */

/* The address of the next session, from READ TRACK INFORMATION, depends on the write type. An appended
 * session at once begins with its pause. */
static void
where_a_session_begins(void **state)
{
	static const uint8_t sheet[] = {0x41, 0, 0, 0x14, 0, 0, 0, 0, 0x41, 1, 0, 0x10, 0, 0, 0, 0,
		0x41, 1, 1, 0x10, 0, 0, 2, 0, 0x41, 0xaa, 1, 0x14, 0, 0, 2, 40};
	struct bay *bay = *state;
	struct run *r = &bay->r[0];
	uint32_t nwa;

	bay_insert(bay, "D.cd-r.iso", 0);
	run_clear_ua(r);
	select_page(r, TYPE_SAO, 0, 0);
	assert_int_equal(next_address(r), 0);
	send_sheet(r, sheet, sizeof(sheet));
	run_assert_good(r);
	assert_int_equal((int32_t)next_address(r), -150);
	select_page(r, TYPE_TAO, MODE_DATA, 8);
	assert_int_equal(next_address(r), 0);
	bay_write(r, 0, 10);
	flush(r);
	/* In an open session the next address is that of a track. */
	select_page(r, TYPE_SAO, 0, 0);
	assert_int_equal(next_address(r), 160);
	run_cdb(r, NULL, 0, 0x5b, 0, 2, 0, 0, 0, 0, 0, 0, 0);
	run_assert_good(r);
	assert_int_equal(next_address(r), 10 + 11400);
	send_sheet(r, sheet, sizeof(sheet));
	run_assert_good(r);
	nwa = next_address(r);
	assert_int_equal(nwa, 10 + 11400 - 150);
	write_run(r, (int32_t)nwa, (int32_t)nwa + 190, SECTOR);
	write_blocks(r, (int32_t)nwa + 190, 1, SECTOR);
	run_assert_sense(r, 0x05, 0x21, 0x00);
	flush(r);
	run_cdb(r, NULL, 0, 0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	assert_int_equal(get_be32(r->data), nwa + 189);
}

/* Appends a session as cdrdao does: the times in the sheet are those of the disc, and the first pause
 * begins at the next writable address. */
static void
a_session_whose_pause_is_in_its_track(void **state)
{
	uint8_t sheet[] = {0x41, 0, 0, 0x14, 0, 0, 0, 0, 0x41, 2, 0, 0x10, 0, 0, 0, 0, 0x41, 2, 1,
		0x10, 0, 0, 0, 0, 0x41, 0xaa, 1, 0x14, 0, 0, 0, 0};
	/* Page 05h says that no session follows; cdrdao uses another multi-session value than other
	 * programs. */
	const uint8_t page[60] = {[8] = 0x05, [9] = 0x32, [10] = TYPE_SAO, [11] = 0x40};
	struct bay *bay = *state;
	struct run *r = &bay->r[0];
	uint32_t nwa;

	bay_insert(bay, "D.cd-r.iso", 0);
	run_clear_ua(r);
	select_page(r, TYPE_TAO, MODE_DATA, 8);
	bay_write(r, 0, 10);
	flush(r);
	run_cdb(r, NULL, 0, 0x5b, 0, 2, 0, 0, 0, 0, 0, 0, 0);
	run_assert_good(r);
	nwa = next_address(r);
	for (unsigned i = 1; i < 4; i++)
		cd_msf((int32_t)nwa + (i == 1 ? 0 : i == 2 ? 150 : 190), sheet + 8 * i + 5);
	run_cdb(r, page, sizeof(page), 0x55, 0x10, 0, 0, 0, 0, 0, 0, sizeof(page), 0);
	run_assert_good(r);
	send_sheet(r, sheet, sizeof(sheet));
	run_assert_good(r);
	write_run(r, (int32_t)nwa, (int32_t)nwa + 150, SECTOR);
	bay_write(r, nwa + 150, 40);
	run_assert_good(r);
	flush(r);
	bay_read(r, nwa + 150, 40);
	run_assert_good(r);
	assert_true(sectors_filled(r->data, nwa + 150, 40));
	run_cdb(r, NULL, 0, 0x43, 0, 1, 0, 0, 0, 0, 0, 12, 0);
	run_assert_good(r);
	assert_int_equal(get_be32(r->data + 8), nwa + 150);
	run_cdb(r, NULL, 0, 0x51, 0, 0, 0, 0, 0, 0, 0, 34, 0);
	assert_int_equal(r->data[2] & 0x0f, 0x0e);
}

static void
a_mixed_session(void **state)
{
	uint8_t data[4 * SECTOR];
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	bay_insert(bay, "D.cd-r.iso", 0);
	run_clear_ua(r);
	select_page(r, TYPE_SAO, 0, 0);
	send_sheet(r, mixed_sheet, sizeof(mixed_sheet));
	run_assert_good(r);
	write_run(r, -150, 0, SECTOR);
	bay_write(r, 0, 40);
	run_assert_good(r);
	write_run(r, 40, 225, CD_RAW_SIZE);
	flush(r);
	bay_read(r, 0, 40);
	run_assert_good(r);
	assert_true(sectors_filled(r->data, 0, 40));
	for (uint32_t lba = 40; lba < 225; lba += 17)
		assert_audio(r, lba);
	/* Whole sectors can be read across a border of tracks. Parts of sectors cannot, because they
	 * differ. */
	read_cd(r, 0, 38, 4, WHOLE, 0);
	run_assert_good(r);
	assert_int_equal(r->len, 4 * CD_RAW_SIZE);
	assert_true(sector_is_sound(r->data + CD_RAW_SIZE));
	assert_ends_at_40(r);
	/* Only user data can be compared, which audio does not have. */
	fill_sectors(data, 38, 4);
	run_cdb(r, data, sizeof(data), 0x2f, 0x02, 0, 0, 0, 38, 0, 0, 4, 0);
	assert_cut(r, 40, 0);
	read_cd(r, 0, 38, 2, 0x10, 0);
	run_assert_good(r);
	assert_int_equal(r->len, 2 * SECTOR);
	run_cdb(r, NULL, 0, 0x44, 0, 0, 0, 0, 39, 0, 0, 8, 0);
	run_assert_good(r);
	assert_int_equal(r->data[0], 1);
	run_cdb(r, NULL, 0, 0x44, 0, 0, 0, 0, 40, 0, 0, 8, 0);
	run_assert_sense(r, 0x05, 0x64, 0x00);
	run_cdb(r, NULL, 0, 0x2f, 0, 0, 0, 0, 0, 0, 0, 225, 0);
	run_assert_good(r);
}

/* Sends a sheet with one track of 40 sectors of the given data form. */
static void
send_form(struct run *r, uint8_t form)
{
	uint8_t control = form < 0x10 ? 0x01 : 0x41;
	const uint8_t sheet[] = {control, 0, 0, 0x14, 0, 0, 0, 0, control, 1, 0, form, 0, 0, 0, 0,
		control, 1, 1, form, 0, 0, 2, 0, control, 0xaa, 1, 0x14, 0, 0, 2, 40};

	send_sheet(r, sheet, sizeof(sheet));
}

static void
data_forms(void **state)
{
	static const struct {
		uint8_t form, mode;
		uint16_t size, from, at,
			same; /* bytes that agree: `from` in the block, `at` in the sector */
	} rows[] = {
		{0x00, 0, 2352, 0, 0, 2352},
		{0x10, 1, 2048, 0, 16, 2048},
		{0x11, 1, 2352, 16, 16, 2048},
		{0x12, 1, 2048, 0, 16, 2048},
		{0x13, 1, 2352, 16, 16, 2048},
		{0x20, 2, 2336, 0, 16, 8 + 2048},
		{0x21, 2, 2352, 16, 16, 8 + 2048},
		{0x22, 2, 2336, 0, 16, 8 + 2048},
		{0x23, 2, 2352, 16, 16, 8 + 2048},
		{0x30, 2, 2336, 0, 16, 2336},
		{0x31, 2, 2352, 16, 16, 2336},
	};
	struct bay *bay = *state;
	struct run *r = &bay->r[0];
	uint8_t sent[CD_RAW_SIZE];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bay_insert(bay, "D.cd-r.iso", 0);
		run_clear_ua(r);
		select_page(r, TYPE_SAO, 0, 0);
		run_assert_good(r);
		send_form(r, rows[i].form);
		run_assert_good(r);
		write_run(r, -150, 40, rows[i].size);
		flush(r);
		read_cd(r, 0, 17, 1, WHOLE, 0);
		run_assert_good(r);
		assert_int_equal(r->len, CD_RAW_SIZE);
		fill(sent, 17, rows[i].size);
		assert_memory_equal(r->data + rows[i].at, sent + rows[i].from, rows[i].same);
		if (rows[i].mode != 0)
			assert_int_equal(r->data[CD_HEADER + 3], rows[i].mode);
		if (rows[i].mode == 1)
			assert_true(sector_is_sound(r->data));
		remove_d(bay);
	}
	bay_insert(bay, "D.cd-r.iso", 0);
	run_clear_ua(r);
	select_page(r, TYPE_SAO, 0, 0);
	/* All other forms are refused, because the host cannot send such blocks. */
	for (unsigned form = 0; form < 256; form++) {
		bool taken = false;

		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			taken = taken || rows[i].form == form;
		if (taken)
			continue;
		send_form(r, (uint8_t)form);
		run_assert_sense(r, 0x05, 0x26, 0x00);
	}
}

/* The drive makes a pause of form 01h; the host continues to write after it. */
static void
a_pause_that_the_drive_makes(void **state)
{
	uint8_t sheet[sizeof(mixed_sheet)];
	struct bay *bay = *state;
	struct run *r = &bay->r[0];
	const uint8_t silence[CD_RAW_SIZE] = {0};

	memcpy(sheet, mixed_sheet, sizeof(sheet));
	sheet[11] = 0x14;
	sheet[27] = 0x01;
	bay_insert(bay, "D.cd-r.iso", 0);
	run_clear_ua(r);
	select_page(r, TYPE_SAO, 0, 0);
	send_sheet(r, sheet, sizeof(sheet));
	run_assert_good(r);
	bay_write(r, 0, 40);
	run_assert_good(r);
	write_blocks(r, 40, 1, CD_RAW_SIZE);
	assert_int_equal(r->status, SCSI_CHECK_CONDITION);
	write_run(r, 190, 225, CD_RAW_SIZE);
	flush(r);
	assert_audio(r, 190);
	read_cd(r, 0, 189, 1, WHOLE, 0);
	run_assert_good(r);
	assert_memory_equal(r->data, silence, sizeof(silence));
	assert_int_equal(q_of(r, 100)[2], 0);
}

static void
a_test_leaves_a_blank(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	bay_insert(bay, "D.cd-r.iso", 0);
	run_clear_ua(r);
	select_page(r, TYPE_SAO | TEST_WRITE, 0, 0);
	send_sheet(r, audio_sheet, sizeof(audio_sheet));
	run_assert_good(r);
	write_run(r, -150, 590, CD_RAW_SIZE);
	flush(r);
	select_page(r, TYPE_TAO | TEST_WRITE, 0, 0);
	run_assert_good(r);
	write_run(r, 0, 100, CD_RAW_SIZE);
	flush(r);
	run_cdb(r, NULL, 0, 0x51, 0, 0, 0, 0, 0, 0, 0, 34, 0);
	run_assert_good(r);
	assert_int_equal(r->data[2] & 0x0f, 0);
}

/* A session that stops in a pause: what was flushed can be read, and the rest can be closed. */
static void
a_session_that_nobody_ends(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	bay_insert(bay, "D.cd-r.iso", 0);
	run_clear_ua(r);
	select_page(r, TYPE_SAO, 0, 0);
	send_sheet(r, audio_sheet, sizeof(audio_sheet));
	write_run(r, -150, 430, CD_RAW_SIZE);
	flush(r);
	bay_restart(bay);
	r = &bay->r[0];
	run_clear_ua(r);
	assert_audio(r, 0);
	assert_audio(r, 399);
	assert_audio(r, 429);
	for (uint8_t track = 1; track <= 2; track++) {
		run_cdb(r, NULL, 0, 0x5b, 0, 1, 0, 0, track, 0, 0, 0, 0);
		assert_true(r->status == SCSI_GOOD || track == 1);
	}
	run_cdb(r, NULL, 0, 0x5b, 0, 2, 0, 0, 0, 0, 0, 0, 0);
	run_assert_good(r);
	assert_audio(r, 399);
	read_cd(r, 0, 560, 1, WHOLE, 0);
	run_assert_good(r);
}

/* CD Extra: an audio session, then a data session. The file system is looked for in the last session. */
static void
data_behind_audio(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];
	uint32_t nwa;

	burn_audio(bay, r);
	select_page(r, TYPE_TAO, MODE_DATA, 10);
	nwa = next_address(r);
	assert_int_equal(nwa, 590 + 11400);
	bay_write(r, nwa, 20);
	run_assert_good(r);
	flush(r);
	run_cdb(r, NULL, 0, 0x5b, 0, 2, 0, 0, 0, 0, 0, 0, 0);
	run_assert_good(r);
	run_cdb(r, NULL, 0, 0x43, 0, 1, 0, 0, 0, 0, 0, 12, 0);
	run_assert_good(r);
	assert_int_equal(r->data[3], 2);
	assert_int_equal(r->data[5], 0x14);
	assert_int_equal(r->data[6], 3);
	assert_int_equal(get_be32(r->data + 8), nwa);
	bay_read(r, nwa, 20);
	run_assert_good(r);
	assert_true(sectors_filled(r->data, nwa, 20));
	assert_audio(r, 580);
	/* The lead-ins: the first is audio, the second is XA. */
	run_cdb(r, NULL, 0, 0x43, 2, 2, 0, 0, 0, 1, 0, 0xff, 0);
	run_assert_good(r);
	assert_memory_equal(r->data + 4, ((uint8_t[]){1, 0x12, 0, 0xa0, 0, 0, 0, 0, 1, 0, 0}), 11);
	assert_memory_equal(
		r->data + 4 + 5 * 11, ((uint8_t[]){2, 0x14, 0, 0xa0, 0, 0, 0, 0, 3, 0x20, 0}), 11);
}

/* The first write to a reserved track of another form converts the disc to raw sectors. This write runs on
 * the drive's thread, because it waits for the store. */
static void
a_reserved_track_that_has_the_disc_copied(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	bay_insert(bay, "D.cd-r.iso", 0);
	run_clear_ua(r);
	select_page(r, TYPE_TAO, MODE_DATA, 8);
	run_assert_good(r);
	write_run(r, 0, 30, SECTOR);
	flush(r);
	select_page(r, TYPE_TAO, MODE_DATA, 13);
	run_assert_good(r);
	run_cdb(r, NULL, 0, 0x53, 0, 0, 0, 0, 0, 0, 0, 60, 0, 0);
	run_assert_good(r);
	write_blocks(r, 180, 16, 2332);
	run_assert_good(r);
	assert_true(r->pended);
}

/* If the end of a session at once cannot be stored, the next SYNCHRONIZE CACHE ends it. */
static void
a_session_end_that_fails_is_repeated(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	write_audio(bay, r);
	limit_files(0);
	run_cdb(r, NULL, 0, 0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	limit_files(RLIM_INFINITY);
	run_assert_sense(r, 0x03, 0x0c, 0x00);
	run_cdb(r, NULL, 0, 0x51, 0, 0, 0, 0, 0, 0, 0, 34, 0);
	assert_int_equal(r->data[2], 0x05); /* disc appendable, last session not complete */
	flush(r);
	run_cdb(r, NULL, 0, 0x51, 0, 0, 0, 0, 0, 0, 0, 34, 0);
	assert_int_equal(r->data[2], 0x01);
	assert_audio(r, 589);
	/* READ(10) of more raw sectors than the drive assembles in one reply. */
	bay_read(r, 0, 3000);
	run_assert_sense(r, 0x05, 0x24, 0x00);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_session_of_audio),
		TEST(its_sub_channel),
		TEST(tracks_of_data_and_audio),
		TEST(block_types),
		TEST(a_reserved_track),
		TEST(numbers_of_tracks_at_once),
		TEST(pages_that_are_refused),
		TEST(where_a_session_begins),
		TEST(a_session_whose_pause_is_in_its_track),
		TEST(a_mixed_session),
		TEST(data_forms),
		TEST(a_pause_that_the_drive_makes),
		TEST(a_test_leaves_a_blank),
		TEST(a_session_that_nobody_ends),
		TEST(data_behind_audio),
		TEST(a_reserved_track_that_has_the_disc_copied),
		TEST(a_session_end_that_fails_is_repeated),
	};

	return cmocka_run_group_tests_name("mmc audio", tests, NULL, NULL);
}
