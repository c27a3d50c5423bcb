/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CDs in the drive: raw sectors and sub-channels; sessions at once as a test write, and sessions at once that
 * nobody ends.
 */
#include "tests/unit/mmc/drive.h"

#include "changer/cdsector.h"
#include "changer/fault.h"
#include "tests/unit/sound.h"

enum { COUNT = 16, RAW = 0xf8, TYPE_TAO = 1, TYPE_SAO = 2, TEST = 0x10, MODE_1 = 8, XA = 10 };

static void
select_page(struct run *r, uint8_t type, uint8_t block)
{
	const uint8_t page[60] = {
		[8] = 0x05, [9] = 0x32, [10] = type, [11] = 0xc4, [12] = block, [23] = 0x96};

	run_cdb(r, page, sizeof(page), 0x55, 0x10, 0, 0, 0, 0, 0, 0, sizeof(page), 0);
	run_assert_good(r);
}

static void
flush(struct run *r)
{
	run_cdb(r, NULL, 0, 0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}

static void
close_session(struct run *r)
{
	run_cdb(r, NULL, 0, 0x5b, 0, 2, 0, 0, 0, 0, 0, 0, 0);
}

static unsigned
disc_status_byte(struct run *r)
{
	run_cdb(r, NULL, 0, 0x51, 0, 0, 0, 0, 0, 0, 0, 34, 0);
	run_assert_good(r);
	return r->data[2] & 0x0f;
}

static void
read_raw(struct run *r, uint32_t lba, uint8_t main_channel, uint8_t sub)
{
	run_cdb(r, NULL, 0, 0xbe, 0, 0, 0, (uint8_t)(lba >> 8), (uint8_t)lba, 0, 0, 1, main_channel,
		sub, 0);
	run_assert_good(r);
}

/* Raw sectors of mode 1 and mode 2 have sync, header, subheader, EDC and ECC, with the user data of
 * READ(10). */
static void
raw_sectors_are_whole(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];
	uint8_t user[SECTOR], want[CD_RAW_SIZE];

	bay_insert(bay, "D.cd-r.iso", 0);
	run_clear_ua(r);
	select_page(r, TYPE_TAO, MODE_1);
	bay_write(r, 0, COUNT);
	run_assert_good(r);
	flush(r);
	run_assert_good(r);
	select_page(r, TYPE_TAO, XA);
	bay_write(r, COUNT + 150, COUNT);
	run_assert_good(r);
	flush(r);
	run_assert_good(r);

	fill_sectors(user, 3, 1);
	read_raw(r, 3, RAW, 0);
	assert_int_equal(r->len, CD_RAW_SIZE);
	assert_true(sector_is_sound(r->data));
	assert_memory_equal(cd_sector_user_data(r->data), user, SECTOR);
	fill_sectors(user, COUNT + 150, 1);
	read_raw(r, COUNT + 150, RAW, 0);
	cd_sector_mode2_form1(want, COUNT + 150, user);
	assert_int_equal(r->len, CD_RAW_SIZE);
	assert_memory_equal(r->data, want, CD_RAW_SIZE);
	/* The pause before the second track has zeros and the mode of the second track. */
	memset(user, 0, sizeof(user));
	read_raw(r, COUNT + 1, RAW, 0);
	cd_sector_mode2_form1(want, COUNT + 1, user);
	assert_memory_equal(r->data, want, CD_RAW_SIZE);
	fill_sectors(user, COUNT + 150, 1);
	cd_sector_mode2_form1(want, COUNT + 150, user);
	/* The parts of a mode 2 sector come in order: header, subheader, data. */
	read_raw(r, COUNT + 150, 0x70, 0);
	assert_int_equal(r->len, 4 + 8 + SECTOR);
	assert_memory_equal(r->data, want + CD_HEADER, r->len);
}

/* Formatted Q and raw P-W sub-channels have the same Q. Its CRC is right. */
static void
sub_channels_agree(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];
	uint8_t q[12];

	bay_insert(bay, "CD.iso", 1000);
	run_clear_ua(r);
	read_raw(r, 299, 0, 2);
	assert_int_equal(r->len, 16);
	memcpy(q, r->data, sizeof(q));
	assert_int_equal(get_be16(q + 10), cd_crc16(q, 10));
	assert_memory_equal(
		q, ((uint8_t[]){0x41, 0x01, 0x01, 0, 0x03, 0x74, 0, 0, 0x05, 0x74}), 10);
	read_raw(r, 299, 0, 1);
	assert_int_equal(r->len, 96);
	for (unsigned bit = 0; bit < 96; bit++)
		assert_int_equal(r->data[bit], q[bit / 8] & 0x80 >> bit % 8 ? 0x40 : 0);
	/* Sub-channels come after the sector that they belong to. */
	read_raw(r, 299, RAW, 2);
	assert_int_equal(r->len, CD_RAW_SIZE + 16);
	assert_memory_equal(r->data + CD_RAW_SIZE, q, sizeof(q));
	/* More sectors than a reply can hold. */
	run_cdb(r, NULL, 0, 0xbe, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, RAW, 0, 0);
	assert_int_equal(r->status, SCSI_CHECK_CONDITION);
}

/* Sends a sheet with one track of COUNT sectors. */
static void
send_sheet(struct run *r)
{
	const uint8_t sheet[32] = {0x41, 0, 0, 0x14, 0, 0, 0, 0, 0x41, 1, 0, 0x10, 0, 0, 0, 0, 0x41,
		1, 1, 0x10, 0, 0, 2, 0, 0x41, 0xaa, 1, 0x14, 0, 0, 2, COUNT};

	run_cdb(r, sheet, sizeof(sheet), 0x5d, 0, 0, 0, 0, 0, 0, 0, sizeof(sheet), 0);
}

static void
write_pause(struct run *r)
{
	for (int lba = -150; lba < 0; lba += 10) {
		bay_write(r, (uint32_t)lba, 10);
		run_assert_good(r);
	}
}

static unsigned
bad_address(const struct run *r)
{
	assert_int_equal(r->sense[0], 0xf0);
	return get_be32(r->sense + 3);
}

/* The first pause has negative addresses.  A rule for sectors hits none of them, but it hits its sectors in
 * a write that begins before them. */
static void
faults_in_the_first_pause(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	bay_insert(bay, "D.cd-r.iso", 0);
	run_clear_ua(r);
	select_page(r, TYPE_SAO, MODE_1);
	send_sheet(r);
	run_assert_good(r);
	assert_int_equal(jb_fault_set(bay->jb, bay_element,
				 "write 1000-\nwrite 5 hardware-error count 1\nslow 60s 5-"),
		JB_OK);
	for (int lba = -150; lba < -10; lba += 10) {
		bay_write(r, (uint32_t)lba, 10);
		run_assert_good(r);
	}
	assert_int_equal(
		jb_fault_set(bay->jb, bay_element, "write 5 hardware-error\nwrite count 1"), JB_OK);
	bay_write(r, (uint32_t)-10, 20); /* of two bad sectors the first one is reported */
	run_assert_sense(r, 0x03, 0x0c, 0x00);
	assert_int_equal(bad_address(r), (uint32_t)-10);
	bay_write(r, (uint32_t)-10, 20);
	run_assert_sense(r, 0x04, 0x09, 0x01);
	assert_int_equal(bad_address(r), 5);
	assert_int_equal(jb_fault_set(bay->jb, bay_element, "clear"), JB_OK);
	bay_write(r, 5, COUNT - 5);
	run_assert_good(r);
	flush(r);
	run_assert_good(r);
	bay_read(r, 0, COUNT);
	run_assert_good(r);
	assert_true(sectors_filled(r->data, 0, COUNT));
}

/* A READ CD for user data of one type ends at the first sector of another, also if the last one is of the
 * first type again. */
static void
a_type_is_expected_of_all_sectors(void **state)
{
	static const uint8_t blocks[] = {MODE_1, XA, MODE_1};
	enum { NEXT = COUNT + 150, TYPE_MODE_1 = 2 << 2 };
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	bay_insert(bay, "D.cd-r.iso", 0);
	run_clear_ua(r);
	for (unsigned i = 0; i < sizeof(blocks); i++) {
		select_page(r, TYPE_TAO, blocks[i]);
		bay_write(r, i * NEXT, COUNT);
		run_assert_good(r);
		flush(r);
		run_assert_good(r);
	}
	run_cdb(r, NULL, 0, 0xbe, TYPE_MODE_1, 0, 0, 0, 0, 0, (2 * NEXT + COUNT) >> 8,
		(2 * NEXT + COUNT) & 0xff, 0x10, 0, 0);
	run_assert_sense(r, 0x05, 0x64, 0x00);
	assert_int_equal(bad_address(r), COUNT);
	assert_int_equal(r->len, COUNT * SECTOR);
	run_cdb(r, NULL, 0, 0xbe, TYPE_MODE_1, 0, 0, (2 * NEXT) >> 8, (2 * NEXT) & 0xff, 0, 0,
		COUNT, 0x10, 0, 0);
	run_assert_good(r);
	assert_true(sectors_filled(r->data, 2 * NEXT, COUNT));
}

/* A sheet that does not fit raises the event `full` in the name of the initiator that sent it. */
static void
events_name_who_sent_the_sheet(void **state)
{
	const uint8_t sheet[32] = {0x41, 0, 0, 0x14, 0, 0, 0, 0, 0x41, 1, 0, 0x10, 0, 0, 0, 0, 0x41,
		1, 1, 0x10, 0, 0, 2, 0, 0x41, 0xaa, 1, 0x14, 0, 99, 2, 0};
	struct bay *bay = *state;
	struct run *r = &bay->r[0];
	struct jb_event e = {.number = 0};
	uint64_t number;

	bay_insert(bay, "D.cd-r.iso", 0);
	run_clear_ua(r);
	select_page(r, TYPE_SAO, MODE_1);
	run_cdb(r, sheet, sizeof(sheet), 0x5d, 0, 0, 0, 0, 0, 0, 0, sizeof(sheet), 0);
	assert_int_equal(r->status, SCSI_CHECK_CONDITION);
	number = jb_event_oldest(bay->jb);
	do
		assert_true(jb_event_get(bay->jb, number++, &e));
	while (e.type != JB_EVENT_FULL);
	assert_string_equal(e.initiator, "iqn.2026-01.test:host");
}

/* 0 sectors are no error (SBC-3), on a blank disc too. */
static void
no_sectors_are_read_from_a_blank(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	bay_insert(bay, "D.cd-r.iso", 0);
	run_clear_ua(r);
	bay_read(r, 0, 0);
	run_assert_good(r);
	assert_int_equal(r->len, 0);
	bay_read(r, 1, 0);
	run_assert_sense(r, 0x05, 0x21, 0x00);
	bay_read(r, 0, 1);
	assert_int_equal(r->status, SCSI_CHECK_CONDITION);
}

static void
a_test_at_once_leaves_a_blank(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	bay_insert(bay, "D.cd-r.iso", 0);
	run_clear_ua(r);
	select_page(r, TYPE_SAO | TEST, MODE_1);
	send_sheet(r);
	run_assert_good(r);
	write_pause(r);
	bay_write(r, 0, COUNT);
	run_assert_good(r);
	bay_write(r, COUNT, 1);
	run_assert_sense(r, 0x05, 0x21, 0x00);
	flush(r);
	run_assert_good(r);
	close_session(r);
	run_assert_good(r);
	assert_int_equal(disc_status_byte(r), 0);
	/* The sheet was only for the test write. */
	select_page(r, TYPE_SAO, MODE_1);
	bay_write(r, 0, 1);
	run_assert_sense(r, 0x05, 0x2c, 0x00);
}

/* The tracks of an unfinished session are reserved: they can be written to their end or closed as they
 * are. */
static void
a_session_that_nobody_ends(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	bay_insert(bay, "D.cd-r.iso", 0);
	run_clear_ua(r);
	select_page(r, TYPE_SAO, MODE_1);
	send_sheet(r);
	run_assert_good(r);
	write_pause(r);
	bay_write(r, 0, COUNT / 2);
	run_assert_good(r);
	flush(r);
	run_assert_good(r);
	bay_restart(bay);
	run_clear_ua(r);
	assert_int_equal(disc_status_byte(r), 1 | 1 << 2); /* appendable, session incomplete */
	bay_read(r, 0, COUNT / 2);
	run_assert_good(r);
	assert_true(sectors_filled(r->data, 0, COUNT / 2));
	close_session(r);
	assert_int_equal(r->status, SCSI_CHECK_CONDITION);
	run_cdb(r, NULL, 0, 0x5b, 0, 1, 0, 0, 1, 0, 0, 0, 0);
	run_assert_good(r);
	close_session(r);
	run_assert_good(r);
	bay_read(r, 0, COUNT);
	run_assert_good(r);
	assert_true(sectors_filled(r->data, 0, COUNT / 2));
}

/* Sheets with one wrong entry, and sheets of all lengths. */
static void
wrong_sheets_are_refused(void **state)
{
	static const struct {
		uint8_t at, value;
	} wrong[] = {
		{0, 0x42},	     /* ADR of the lead-in */
		{1, 1},		     /* no lead-in */
		{8, 0x01},	     /* audio */
		{11, 0x00},	     /* form of audio */
		{11, 0x15},	     /* unknown form */
		{11, 0x20},	     /* other mode than its track */
		{11, 0xd0},	     /* with sub-channels */
		{3, 0xfc},	     /* no form; wodim sends it for mode 2 form 1 */
		{19, 0xff}, {17, 2}, /* skips a track number after a pause */
		{18, 2},	     /* index of no track */
		{22, 1},	     /* pause not 150 sectors long */
		{25, 2},	     /* no lead-out */
		{30, 1},	     /* lead-out before the track */
		{31, 0},	     /* empty track */
		{30, 60},	     /* lead-out at second 60 */
		{31, 75},	     /* lead-out at frame 75 */
	};
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	bay_insert(bay, "D.cd-r.iso", 0);
	run_clear_ua(r);
	select_page(r, TYPE_SAO, MODE_1);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		uint8_t sheet[32] = {0x41, 0, 0, 0x14, 0, 0, 0, 0, 0x41, 1, 0, 0x10, 0, 0, 0, 0,
			0x41, 1, 1, 0x10, 0, 0, 2, 0, 0x41, 0xaa, 1, 0x14, 0, 0, 2, COUNT};

		sheet[wrong[i].at] = wrong[i].value;
		run_cdb(r, sheet, sizeof(sheet), 0x5d, 0, 0, 0, 0, 0, 0, 0, sizeof(sheet), 0);
		if (r->status != SCSI_CHECK_CONDITION)
			fail_msg("byte %u as %02x is taken", wrong[i].at, wrong[i].value);
		run_assert_sense(r, 0x05, 0x26, 0x00);
	}
	for (uint8_t size = 1; size < 32; size++) {
		const uint8_t sheet[32] = {0x41, 0, 0, 0x14, 0, 0, 0, 0, 0x41, 1, 0, 0x10, 0, 0, 0,
			0, 0x41, 1, 1, 0x10, 0, 0, 2, 0, 0x41, 0xaa, 1, 0x14, 0, 0, 2, COUNT};

		run_cdb(r, sheet, size, 0x5d, 0, 0, 0, 0, 0, 0, 0, size, 0);
		assert_int_equal(r->status, SCSI_CHECK_CONDITION);
	}
	send_sheet(r);
	run_assert_good(r);
	assert_int_equal(disc_status_byte(r), 0);
}

/* Puts a blank CD-R of that many sectors into the drive. */
static void
insert_small(struct bay *bay, const char *name, uint32_t sectors)
{
	const struct jb_elem slot = {JB_SLOT, 1};
	struct jb_file *f;
	struct jb_item item;
	char size[32];

	assert_int_equal(jb_file_create(bay->jb, slot, name, 0644, 0, 0, &f, &item), JB_OK);
	assert_int_equal(jb_file_flush(f, false), JB_OK);
	jb_file_release(f);
	snprintf(size, sizeof(size), "%u", sectors * SECTOR);
	assert_int_equal(jb_item_set_capacity(bay->jb, item.id, size), JB_OK);
	assert_int_equal(jb_item_rename(bay->jb, slot, name, bay_element, name), JB_OK);
	run_clear_ua(&bay->r[0]);
}

static void
assert_reads(struct run *r, uint32_t lba, uint8_t count)
{
	static uint8_t want[64 * SECTOR];

	run_cdb(r, NULL, 0, 0x28, 0, 0, 0, (uint8_t)(lba >> 8), (uint8_t)lba, 0, 0, count, 0);
	run_assert_good(r);
	fill_sectors(want, lba, count);
	assert_memory_equal(r->data, want, (size_t)count * SECTOR);
}

/* Returns the last address at which a lead-out may begin, by the ATIP. */
static unsigned
atip_lead_out(struct run *r)
{
	run_cdb(r, NULL, 0, 0x43, 2, 4, 0, 0, 0, 0, 0, 64, 0);
	run_assert_good(r);
	return (r->data[12] * 60u + r->data[13]) * 75 + r->data[14] - 150;
}

/* A track at once goes on beyond the capacity, as far as the setting says.  What the drive says of the disc stays
 * as it was; what is recorded can be read, also after a restart. */
static void
a_track_is_overburned(void **state)
{
	enum { NOMINAL = 512, BEYOND = 100 };
	struct bay *bay = *state;
	struct run *r = &bay->r[0];
	struct jb_item item;

	insert_small(bay, "D.cd-r.iso", NOMINAL);
	select_page(r, TYPE_TAO, MODE_1);
	for (uint32_t lba = 0; lba < NOMINAL; lba += 64) {
		bay_write(r, lba, 64);
		run_assert_good(r);
	}
	bay_write(r, NOMINAL, 1);
	run_assert_sense(r, 0x05, 0x21, 0x00);
	bay_set(bay, JB_SET_DRIVE_OVERBURN, "100");
	bay_write(r, NOMINAL, 64);
	run_assert_good(r);
	flush(r); /* ends the track, durably */
	run_assert_good(r);
	run_cdb(r, NULL, 0, 0x52, 1, 0, 0, 0, 1, 0, 0, 48, 0);
	run_assert_good(r);
	assert_int_equal(get_be32(r->data + 24), NOMINAL + 64); /* the track's size */
	close_session(r);
	run_assert_good(r);
	assert_int_equal(atip_lead_out(r), NOMINAL);
	bay_restart(bay);
	r = &bay->r[0];
	run_clear_ua(r);
	assert_int_equal(atip_lead_out(r), NOMINAL);
	assert_reads(r, NOMINAL - 8, 32);
	assert_reads(r, NOMINAL + 32, 32);
	run_cdb(r, NULL, 0, 0x28, 0, 0, 0, (NOMINAL + 64) >> 8, 64, 0, 0, 1, 0);
	run_assert_sense(r, 0x05, 0x21, 0x00);
	assert_int_equal(jb_item_lookup(bay->jb, bay_element, "D.cd-r.iso", &item), JB_OK);
	assert_int_equal(item.capacity, NOMINAL + 64);
}

/* A write in which the allowed end lies is refused as a whole; one up to it is taken.  A crash, or a disc that is
 * left open, keeps what was flushed. */
static void
overburning_ends_where_the_setting_says(void **state)
{
	enum { NOMINAL = 64 };
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	bay_set(bay, JB_SET_DRIVE_OVERBURN, "10");
	insert_small(bay, "D.cd-r.iso", NOMINAL);
	select_page(r, TYPE_TAO, MODE_1);
	bay_write(r, 0, 60);
	run_assert_good(r);
	bay_write(r, 60, 15);
	run_assert_sense(r, 0x05, 0x21, 0x00);
	bay_write(r, 60, 14);
	run_assert_good(r);
	bay_write(r, NOMINAL + 10, 1);
	run_assert_sense(r, 0x05, 0x21, 0x00);
	bay_restart(bay);
	r = &bay->r[0];
	run_clear_ua(r);
	assert_reads(r, 50, 24);
}

/* A session at once whose lead-out is beyond the capacity. */
static void
a_session_is_overburned(void **state)
{
	enum { NOMINAL = COUNT - 4 };
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	insert_small(bay, "D.cd-r.iso", NOMINAL);
	select_page(r, TYPE_SAO, MODE_1);
	send_sheet(r);
	run_assert_sense(r, 0x05, 0x21, 0x00);
	bay_set(bay, JB_SET_DRIVE_OVERBURN, "on");
	send_sheet(r);
	run_assert_good(r);
	write_pause(r);
	bay_write(r, 0, COUNT);
	run_assert_good(r);
	flush(r);
	run_assert_good(r);
	assert_int_equal(atip_lead_out(r), NOMINAL);
	assert_int_equal(disc_status_byte(r), 0x0e);
	bay_restart(bay);
	r = &bay->r[0];
	run_clear_ua(r);
	assert_reads(r, 0, COUNT);
}

/* An ISRC before the lead-out, or behind it, is of no track. */
static void
an_isrc_needs_a_track(void **state)
{
	enum { ENTRY = 8, ISRC = 2 * ENTRY, SIZE = 4 * ENTRY };
	static const uint8_t plain[SIZE] = {0x41, 0, 0, 0x14, 0, 0, 0, 0, 0x41, 1, 0, 0x10, 0, 0, 0,
		0, 0x41, 1, 1, 0x10, 0, 0, 2, 0, 0x41, 0xaa, 1, 0x14, 0, 0, 2, COUNT};
	uint8_t isrc[] = "\x43\1DEABC2\x43\1"
			 "600001",
		sheet[SIZE + ISRC];
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	bay_insert(bay, "D.cd-r.iso", 0);
	run_clear_ua(r);
	select_page(r, TYPE_SAO, MODE_1);
	for (size_t at = SIZE; at >= ENTRY; at -= ENTRY) {
		isrc[1] = isrc[1 + ENTRY] = at >= SIZE - ENTRY ? 2 : 1;
		memcpy(sheet, plain, at);
		memcpy(sheet + at, isrc, ISRC);
		memcpy(sheet + at + ISRC, plain + at, SIZE - at);
		run_cdb(r, sheet, sizeof(sheet), 0x5d, 0, 0, 0, 0, 0, 0, 0, sizeof(sheet), 0);
		if (at < SIZE - ENTRY)
			run_assert_good(r);
		else
			run_assert_sense(r, 0x05, 0x26, 0x00);
	}
}

/* Only recording changes the numbers of a disc; a format that is refused, or that fails, does not. */
static void
a_failed_format_sets_no_catalog(void **state)
{
	static const uint8_t list[12] = {0, 2, 0, 8, 0xff, 0xff, 0xff, 0xff, 0x10 << 2};
	static const uint8_t unknown[12] = {0, 2, 0, 8, 0xff, 0xff, 0xff, 0xff, 0x3f << 2};
	uint8_t page[60] = {[8] = 0x05, [9] = 0x32, [10] = TYPE_TAO, [11] = 0xc4, [12] = 8};
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	bay_insert(bay, "D.cd-rw.iso", 0);
	run_clear_ua(r);
	memcpy(page + 8 + 16,
		"\x80"
		"4006381333931",
		14);
	run_cdb(r, page, sizeof(page), 0x55, 0x10, 0, 0, 0, 0, 0, 0, sizeof(page), 0);
	run_assert_good(r);
	run_cdb(r, unknown, sizeof(unknown), 0x04, 0x11, 0, 0, 0, 0);
	assert_int_equal(r->status, SCSI_CHECK_CONDITION);
	assert_int_equal(jb_fault_set(bay->jb, bay_element, "format"), JB_OK);
	run_cdb(r, list, sizeof(list), 0x04, 0x11, 0, 0, 0, 0);
	assert_int_equal(r->status, SCSI_CHECK_CONDITION);
	run_cdb(r, NULL, 0, 0x42, 0, 0x40, 2, 0, 0, 0, 0, 24, 0);
	run_assert_good(r);
	assert_int_equal(r->data[8], 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(raw_sectors_are_whole, bay_setup, bay_teardown),
		cmocka_unit_test_setup_teardown(sub_channels_agree, bay_setup, bay_teardown),
		cmocka_unit_test_setup_teardown(
			a_test_at_once_leaves_a_blank, bay_setup, bay_teardown),
		cmocka_unit_test_setup_teardown(
			a_session_that_nobody_ends, bay_setup, bay_teardown),
		cmocka_unit_test_setup_teardown(a_track_is_overburned, bay_setup, bay_teardown),
		cmocka_unit_test_setup_teardown(
			overburning_ends_where_the_setting_says, bay_setup, bay_teardown),
		cmocka_unit_test_setup_teardown(a_session_is_overburned, bay_setup, bay_teardown),
		cmocka_unit_test_setup_teardown(wrong_sheets_are_refused, bay_setup, bay_teardown),
		TEST(faults_in_the_first_pause),
		TEST(a_type_is_expected_of_all_sectors),
		TEST(events_name_who_sent_the_sheet),
		TEST(no_sectors_are_read_from_a_blank),
		TEST(an_isrc_needs_a_track),
		TEST(a_failed_format_sets_no_catalog),
	};

	return cmocka_run_group_tests_name("mmc cd", tests, NULL, NULL);
}
