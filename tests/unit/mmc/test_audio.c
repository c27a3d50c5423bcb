/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CDs of audio and mixed ones: sessions at once by sheets of all forms, tracks at once by mode page
 * 05h, CD-TEXT in the lead-in, catalog number and recording codes; and how they read.
 */
#include "tests/unit/mmc/drive.h"

#include "changer/cdsector.h"

enum {
	WHOLE = 0xf8,
	TYPE_TAO = 1,
	TYPE_SAO = 2,
	TEST_WRITE = 0x10,
	ROUND = 100 * 60 * 75,
	MODE_DATA = 4,
	LEAD_IN = -11660, /* as the ATIP has it */
};

static void
select_page(struct run *r, uint8_t type, uint8_t mode, uint8_t block)
{
	const uint8_t page[60] = {[8] = 0x05,
		[9] = 0x32,
		[10] = type,
		[11] = 0xc0 | mode,
		[12] = block,
		[23] = 0x96,
		[56] = 1, /* subheader: file 1, channel 0, form 1, coding 0 */
		[58] = 0x08};

	run_cdb(r, page, sizeof(page), 0x55, 0x10, 0, 0, 0, 0, 0, 0, sizeof(page), 0);
}

static void
flush(struct run *r)
{
	run_cdb(r, NULL, 0, 0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	run_assert_good(r);
}

static void
send_sheet(struct run *r, const uint8_t *sheet, size_t size)
{
	run_cdb(r, sheet, size, 0x5d, 0, 0, 0, 0, 0, (uint8_t)(size >> 16), (uint8_t)(size >> 8),
		(uint8_t)size, 0);
}

/* Bytes that differ from sector to sector, and by where they are in it; of none are all zero. */
static void
fill(uint8_t *to, int32_t lba, size_t size)
{
	for (size_t i = 0; i < size; i++)
		to[i] = (uint8_t)((lba + 1000) * 7 + (int32_t)(i * 3) + (int32_t)(i >> 8));
}

/* WRITE(10) of blocks of that size. */
static void
write_blocks(struct run *r, int32_t lba, uint32_t count, size_t size)
{
	static uint8_t data[32 * CD_RAW_SIZE];
	uint8_t cdb[10] = {0x2a};

	assert_in_range(count, 0, 32);
	for (uint32_t i = 0; i < count; i++)
		fill(data + i * size, lba + (int32_t)i, size);
	put_be32(cdb + 2, (uint32_t)lba);
	put_be16(cdb + 7, (uint16_t)count);
	run_bytes(r, cdb, sizeof(cdb), data, count * size);
}

static void
write_run(struct run *r, int32_t lba, int32_t end, size_t size)
{
	for (int32_t n; lba < end; lba += n) {
		n = end - lba < 30 ? end - lba : 30;
		write_blocks(r, lba, (uint32_t)n, size);
		run_assert_good(r);
	}
}

static void
read_cd(struct run *r, uint8_t type, uint32_t lba, uint8_t count, uint8_t main_channel, uint8_t sub)
{
	run_cdb(r, NULL, 0, 0xbe, (uint8_t)(type << 2), 0, 0, (uint8_t)(lba >> 8), (uint8_t)lba, 0,
		0, count, main_channel, sub, 0);
}

static void
assert_audio(struct run *r, uint32_t lba)
{
	uint8_t want[CD_RAW_SIZE];

	read_cd(r, 0, lba, 1, WHOLE, 0);
	run_assert_good(r);
	fill(want, (int32_t)lba, sizeof(want));
	assert_int_equal(r->len, sizeof(want));
	assert_memory_equal(r->data, want, sizeof(want));
}

static const uint8_t *
q_of(struct run *r, uint32_t lba)
{
	read_cd(r, 0, lba, 1, 0, 2);
	run_assert_good(r);
	assert_int_equal(r->len, 16);
	assert_int_equal(get_be16(r->data + 10), cd_crc16(r->data, 10));
	return r->data;
}

/*
 * Two tracks, of 400 sectors and, behind a pause of 150, of 40, with all that a sheet can say:
 * catalog number, recording codes, copy permission, further indices.
 */
// clang-format off
static const uint8_t audio_sheet[] = {
	0x02, '4', '0', '0', '6', '3', '8', '1', // catalog
	0x02, '3', '3', '3', '9', '3', '1', 0,
	0x01, 0, 0, 0x01, 0, 0, 0, 0, // lead-in
	0x23, 1, 'D', 'E', 'A', 'B', 'C', '2',
	0x23, 1, '6', '0', '0', '0', '0', '1',
	0x21, 1, 0, 0x00, 0, 0, 0, 0,
	0x21, 1, 1, 0x00, 0, 0, 2, 0,
	0x21, 1, 2, 0x00, 0, 0, 3, 0,
	0x03, 2, 'D', 'E', 'A', 'B', 'C', '2',
	0x03, 2, '6', '0', '0', '0', '0', '2',
	0x01, 2, 0, 0x00, 0, 0, 7, 25,
	0x01, 2, 1, 0x00, 0, 0, 9, 25,
	0x01, 0xaa, 1, 0x01, 0, 0, 9, 65,
};
// clang-format on

static void
burn_audio(struct bay *bay, struct run *r)
{
	bay_insert(bay, "D.cd-r.iso", 0);
	run_clear_ua(r);
	select_page(r, TYPE_SAO, 0, 0);
	run_assert_good(r);
	send_sheet(r, audio_sheet, sizeof(audio_sheet));
	run_assert_good(r);
	write_run(r, -150, 590, CD_RAW_SIZE);
	flush(r);
}

static void
a_session_of_audio(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	burn_audio(bay, r);
	for (uint32_t lba = 0; lba < 590; lba += 19)
		assert_audio(r, lba);
	/* READ(10) and sectors of data are not to be had. */
	bay_read(r, 0, 1);
	run_assert_sense(r, 0x05, 0x64, 0x00);
	read_cd(r, 2, 0, 1, 0x10, 0);
	run_assert_sense(r, 0x05, 0x64, 0x00);
	read_cd(r, 1, 0, 1, 0x10, 0);
	run_assert_good(r);
	assert_int_equal(r->len, CD_RAW_SIZE);
	read_cd(r, 0, 590, 1, WHOLE, 0);
	run_assert_sense(r, 0x05, 0x21, 0x00);
	/* The table of contents: index 1 of both, no data bit; copying permitted of the first. */
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
	/* The pause runs down. */
	assert_memory_equal(
		q_of(r, 400), ((uint8_t[]){0x01, 2, 0, 0, 0x02, 0, 0, 0, 0x07, 0x25}), 10);
	assert_int_equal(r->data[15], 0x80);
	assert_memory_equal(q_of(r, 549), ((uint8_t[]){0x01, 2, 0, 0, 0, 1, 0, 0, 0x09, 0x24}), 10);
	assert_memory_equal(q_of(r, 550), ((uint8_t[]){0x01, 2, 1, 0, 0, 0, 0, 0, 0x09, 0x25}), 10);
	assert_int_equal(r->data[15], 0);
	/* Catalog number and recording codes among them. */
	assert_memory_equal(q_of(r, 141),
		((uint8_t[]){0x22, 0x40, 0x06, 0x38, 0x13, 0x33, 0x93, 0x10, 0, 0x66}), 10);
	assert_memory_equal(q_of(r, 91),
		((uint8_t[]){0x23, 0x51, 0x54, 0x52, 0x4c, 0x26, 0x00, 0x00, 0x10, 0x16}), 10);
	/* As READ SUB-CHANNEL has them. */
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
	/* Where it read last. */
	assert_audio(r, 420);
	run_cdb(r, NULL, 0, 0x42, 0, 0x40, 1, 0, 0, 0, 0, 16, 0);
	run_assert_good(r);
	assert_int_equal(r->data[5], 0x10);
	assert_int_equal(r->data[6], 2);
	assert_int_equal(r->data[7], 0);
	assert_int_equal(get_be32(r->data + 8), 420);
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

/* Data first, which is converted when audio follows. */
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
	/* Data has no place in it. */
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
		uint16_t at; /* where the sector has what was sent */
		bool plain;  /* READ(10) delivers it */
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
		/* Form 1 has its EDC where form 2 still has data. */
		assert_memory_equal(
			r->data + rows[i].at, want, rows[i].type == 13 ? 8 + 2048 : rows[i].size);
		bay_read(r, lba + 9, 1);
		assert_true(r->status == SCSI_GOOD || r->status == SCSI_CHECK_CONDITION);
		if (rows[i].plain)
			run_assert_good(r);
	}
}

/* What there is no such thing of. */
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
	select_page(r, TYPE_TAO, MODE_DATA, 0); /* raw sectors of data */
	run_assert_sense(r, 0x05, 0x26, 0x00);
	assert_int_equal(bay_remove(bay), JB_OK);
	bay_insert(bay, "D.dvd-r.iso", 0);
	run_clear_ua(r);
	select_page(r, 0, 0, 0);
	run_assert_sense(r, 0x05, 0x26, 0x00);
}

/* ---- sessions at once ------------------------------------------------------------------------- */

/* As READ TRACK INFORMATION has it for the write type: an appended one begins with its pause, too. */
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
	assert_int_equal((int32_t)next_address(r), -150);
	select_page(r, TYPE_TAO, MODE_DATA, 8);
	assert_int_equal(next_address(r), 0);
	bay_write(r, 0, 10);
	flush(r);
	/* In a session that is begun it is a track that comes next. */
	select_page(r, TYPE_SAO, 0, 0);
	assert_int_equal(next_address(r), 160);
	run_cdb(r, NULL, 0, 0x5b, 0, 2, 0, 0, 0, 0, 0, 0, 0);
	run_assert_good(r);
	nwa = next_address(r);
	assert_int_equal(nwa, 10 + 11400 - 150);
	send_sheet(r, sheet, sizeof(sheet));
	run_assert_good(r);
	write_run(r, (int32_t)nwa, (int32_t)nwa + 190, SECTOR);
	write_blocks(r, (int32_t)nwa + 190, 1, SECTOR);
	run_assert_sense(r, 0x05, 0x21, 0x00);
	flush(r);
	run_cdb(r, NULL, 0, 0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	assert_int_equal(get_be32(r->data), nwa + 189);
}

/* Data, then audio: blocks are as large as the forms of their tracks and pauses say. */
static const uint8_t mixed_sheet[] = {0x41, 0, 0, 0x14, 0, 0, 0, 0, 0x41, 1, 0, 0x10, 0, 0, 0, 0,
	0x41, 1, 1, 0x10, 0, 0, 2, 0, 0x01, 2, 0, 0x00, 0, 0, 2, 40, 0x01, 2, 1, 0x00, 0, 0, 4, 40,
	0x01, 0xaa, 1, 0x01, 0, 0, 5, 0};

static void
a_mixed_session(void **state)
{
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
	/* Whole sectors go over a border of tracks; parts of them, which differ, do not. */
	read_cd(r, 0, 38, 4, WHOLE, 0);
	run_assert_good(r);
	assert_int_equal(r->len, 4 * CD_RAW_SIZE);
	assert_true(cd_sector_is_sound(r->data + CD_RAW_SIZE));
	read_cd(r, 0, 38, 4, 0x10, 0);
	run_assert_sense(r, 0x05, 0x64, 0x00);
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

/* A sheet of one track of 40 sectors, of a form. */
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
			same; /* so much from there in the block is there in the sector */
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
			assert_true(cd_sector_is_sound(r->data));
		assert_int_equal(bay_remove(bay), JB_OK);
	}
	bay_insert(bay, "D.cd-r.iso", 0);
	run_clear_ua(r);
	select_page(r, TYPE_SAO, 0, 0);
	/* All others; those of no size are for what the drive makes. */
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

/* The host goes on behind a pause of form 01h, which the drive makes. */
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

/* Cut off in a pause: what was flushed is there, and the rest can be closed. */
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

/* CD Extra: audio, and a session of data behind it, where the file system is looked for. */
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
	/* The lead-ins: of audio, and of XA. */
	run_cdb(r, NULL, 0, 0x43, 2, 2, 0, 0, 0, 1, 0, 0xff, 0);
	run_assert_good(r);
	assert_memory_equal(r->data + 4, ((uint8_t[]){1, 0x12, 0, 0xa0, 0, 0, 0, 0, 1, 0, 0}), 11);
	assert_memory_equal(
		r->data + 4 + 5 * 11, ((uint8_t[]){2, 0x14, 0, 0xa0, 0, 0, 0, 0, 3, 0x20, 0}), 11);
}

/* ---- CD-TEXT ---------------------------------------------------------------------------------- */

static void
make_pack(uint8_t pack[CD_TEXT_PACK], unsigned n)
{
	fill(pack, (int32_t)n, CD_TEXT_PACK);
	pack[0] = (uint8_t)(0x80 | n % 16);
	pack[2] = (uint8_t)n;
	pack[3] = (uint8_t)(n >> 8);
}

/* A lead-in of so many packs over and over, as 24 symbols of six bits for each, in blocks of 96. */
static void
write_lead_in(struct run *r, int32_t from, unsigned packs)
{
	static uint8_t data[32 * 96];
	uint8_t pack[CD_TEXT_PACK], cdb[10] = {0x2a};
	unsigned next = 0;

	for (int32_t lba = from, n; lba < -150; lba += n) {
		n = -150 - lba < 32 ? -150 - lba : 32;
		for (int32_t i = 0; i < n * 4; i++) {
			uint8_t *to = data + i * 24;

			make_pack(pack, next++ % packs);
			for (unsigned k = 0; k < 6; k++) {
				uint32_t three = get_be24(pack + 3 * k);

				for (unsigned m = 0; m < 4; m++)
					to[4 * k + m] = three >> (18 - 6 * m) & 0x3f;
			}
		}
		put_be32(cdb + 2, (uint32_t)lba);
		put_be16(cdb + 7, (uint16_t)n);
		run_bytes(r, cdb, sizeof(cdb), data, (size_t)n * 96);
		run_assert_good(r);
	}
}

static void
begin_with_text(struct bay *bay, struct run *r)
{
	uint8_t sheet[sizeof(audio_sheet)];

	memcpy(sheet, audio_sheet, sizeof(sheet));
	sheet[19] = 0x41;
	bay_insert(bay, "D.cd-r.iso", 0);
	run_clear_ua(r);
	select_page(r, TYPE_SAO, 0, 0);
	send_sheet(r, sheet, sizeof(sheet));
	run_assert_good(r);
}

static void
assert_text(struct run *r, unsigned packs)
{
	uint8_t pack[CD_TEXT_PACK];

	run_cdb(r, NULL, 0, 0x43, 0, 5, 0, 0, 0, 0, 0xff, 0xff, 0);
	run_assert_good(r);
	assert_int_equal(get_be16(r->data), 2 + packs * CD_TEXT_PACK);
	assert_int_equal(r->len, 4 + packs * CD_TEXT_PACK);
	for (unsigned n = 0; n < packs; n++) {
		make_pack(pack, n);
		assert_memory_equal(r->data + 4 + (size_t)n * CD_TEXT_PACK, pack, CD_TEXT_PACK);
	}
}

/* Byte for byte, from one pack to all that there is room for; also after a restart. */
static void
text_in_the_lead_in(void **state)
{
	static const unsigned packs[] = {1, 3, 4, 17, 255, 2048};
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	for (size_t i = 0; i < sizeof(packs) / sizeof(packs[0]); i++) {
		begin_with_text(bay, r);
		write_lead_in(r, LEAD_IN, packs[i]);
		write_run(r, -150, 590, CD_RAW_SIZE);
		flush(r);
		assert_text(r, packs[i]);
		if (i == 3) {
			bay_restart(bay);
			r = &bay->r[0];
			run_clear_ua(r);
			assert_text(r, packs[i]);
		}
		assert_int_equal(bay_remove(bay), JB_OK);
	}
}

/* More than the format has numbers for is cut; what is no pack is nothing. */
static void
text_that_is_wrong(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];
	uint8_t nothing[96] = {0};
	uint8_t cdb[10] = {0x2a};

	begin_with_text(bay, r);
	/* Not before the lead-in, nor with blocks of another size; it goes on to the pause. */
	put_be32(cdb + 2, (uint32_t)(LEAD_IN - 1));
	put_be16(cdb + 7, 1);
	run_bytes(r, cdb, sizeof(cdb), nothing, sizeof(nothing));
	assert_int_equal(r->status, SCSI_CHECK_CONDITION);
	put_be32(cdb + 2, (uint32_t)-151);
	put_be16(cdb + 7, 2);
	run_bytes(r, cdb, sizeof(cdb), nothing, sizeof(nothing));
	assert_int_equal(r->status, SCSI_CHECK_CONDITION);
	put_be16(cdb + 7, 1);
	run_bytes(r, cdb, sizeof(cdb), nothing, sizeof(nothing) - 1);
	assert_int_equal(r->status, SCSI_CHECK_CONDITION);
	run_bytes(r, cdb, sizeof(cdb), nothing, sizeof(nothing));
	run_assert_good(r);
	write_run(r, -150, 590, CD_RAW_SIZE);
	flush(r);
	run_cdb(r, NULL, 0, 0x43, 0, 5, 0, 0, 0, 0, 0xff, 0xff, 0);
	run_assert_sense(r, 0x05, 0x24, 0x00);
	assert_int_equal(bay_remove(bay), JB_OK);

	begin_with_text(bay, r);
	write_lead_in(r, LEAD_IN, 3000);
	write_run(r, -150, 590, CD_RAW_SIZE);
	flush(r);
	assert_text(r, CD_TEXT_PACKS_MAX);
}

/* ---- anything --------------------------------------------------------------------------------- */

static uint32_t
any(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* Sheets with any bytes changed, and any writes by those that are taken. */
static void
any_sheet(void **state)
{
	static uint8_t data[8 * CD_RAW_SIZE];
	struct bay *bay = *state;
	struct run *r = &bay->r[0];
	uint32_t seed = 4711, taken = 0;

	bay_insert(bay, "D.cd-rw.iso", 0);
	run_clear_ua(r);
	for (unsigned i = 0; i < 500; i++) {
		uint8_t sheet[sizeof(audio_sheet)], cdb[10] = {0x2a};
		const uint8_t *from = any(&seed) % 2 ? audio_sheet : mixed_sheet;
		size_t size = from == audio_sheet ? sizeof(audio_sheet) : sizeof(mixed_sheet);

		memcpy(sheet, from, size);
		for (uint32_t n = any(&seed) % 3; n > 0; n--)
			sheet[any(&seed) % size] =
				any(&seed) % 2 ? (uint8_t)any(&seed) : (uint8_t)(any(&seed) % 4);
		select_page(r, TYPE_SAO | (any(&seed) % 2 ? TEST_WRITE : 0), 0, 0);
		send_sheet(r, sheet, size);
		if (r->status != SCSI_GOOD)
			continue;
		taken++;
		for (uint32_t n = any(&seed) % 8, lba = (uint32_t)-150; n > 0; n--) {
			uint32_t count = any(&seed) % 8;

			put_be32(cdb + 2, any(&seed) % 4 ? lba : any(&seed) - 12000);
			put_be16(cdb + 7, (uint16_t)count);
			run_bytes(r, cdb, sizeof(cdb), data,
				count * (any(&seed) % 4 ? CD_RAW_SIZE : 96));
			if (r->status == SCSI_GOOD)
				lba += count;
		}
		flush(r);
		run_cdb(r, NULL, 0, 0xa1, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
		run_assert_good(r);
	}
	assert_in_range(taken, 20, 480);
}

/* READ CD in every way: what is answered is as long as the parts that were asked for. */
static void
any_read(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];
	uint32_t seed = 99, good = 0;

	bay_insert(bay, "D.cd-r.iso", 0);
	run_clear_ua(r);
	select_page(r, TYPE_SAO, 0, 0);
	send_sheet(r, mixed_sheet, sizeof(mixed_sheet));
	write_run(r, -150, 0, SECTOR);
	bay_write(r, 0, 40);
	write_run(r, 40, 225, CD_RAW_SIZE);
	flush(r);
	for (unsigned i = 0; i < 4000; i++) {
		uint32_t lba = any(&seed) % 240, count = any(&seed) % 6;
		uint8_t cdb[12] = {0xbe, (uint8_t)(any(&seed) % 8 << 2)};

		put_be32(cdb + 2, lba);
		cdb[8] = (uint8_t)count;
		cdb[9] = (uint8_t)(any(&seed) & 0xfe);
		cdb[10] = (uint8_t)(any(&seed) % 8);
		run_bytes(r, cdb, sizeof(cdb), NULL, 0);
		if (r->status != SCSI_GOOD)
			continue;
		good++;
		assert_true(r->len <= count * (CD_RAW_SIZE + 296u + 96u));
		if (count > 0)
			assert_int_equal(r->len % count, 0);
	}
	assert_in_range(good, 100, 3900);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_session_of_audio),
		TEST(its_sub_channel),
		TEST(tracks_of_data_and_audio),
		TEST(block_types),
		TEST(pages_that_are_refused),
		TEST(where_a_session_begins),
		TEST(a_mixed_session),
		TEST(data_forms),
		TEST(a_pause_that_the_drive_makes),
		TEST(a_test_leaves_a_blank),
		TEST(a_session_that_nobody_ends),
		TEST(data_behind_audio),
		TEST(text_in_the_lead_in),
		TEST(text_that_is_wrong),
		TEST(any_sheet),
		TEST(any_read),
	};

	return cmocka_run_group_tests_name("mmc audio", tests, NULL, NULL);
}
