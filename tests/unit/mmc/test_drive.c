/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the golden files (tests/golden) do not show: the thread that a command runs on, effects between
 * nexuses, resets, long and odd reads, the end of the medium, and rules for all rows of a table.
 */
#include "tests/unit/mmc/drive.h"

enum { TYPES = 17 };

/* One disc of each medium. The name and the size decide the medium. */
static const struct {
	const char *name;
	uint32_t sectors;
	uint16_t profile;
} discs[TYPES] = {
	{"CD.iso", 1000, 0x0008},
	{"DVD.iso", 400000, 0x0010},
	{"BD.iso", 5000000, 0x0040},
	{"R.cd-r.iso", 0, 0x0009},
	{"R.cd-rw.iso", 0, 0x000a},
	{"R.dvd-r.iso", 0, 0x0011},
	{"R.dvd-ram.iso", 0, 0x0012},
	{"R.dvd-rw-ro.iso", 0, 0x0013},
	{"R.dvd-rw.iso", 0, 0x0014},
	{"R.dvd-r-dl.iso", 0, 0x0015},
	{"R.dvd+rw.iso", 0, 0x001a},
	{"R.dvd+r.iso", 0, 0x001b},
	{"R.dvd+r-dl.iso", 0, 0x002b},
	{"R.bd-r.iso", 0, 0x0041},
	{"R.bd-r-dl.iso", 0, 0x0041},
	{"R.bd-re.iso", 0, 0x0043},
	{"R.bd-re-dl.iso", 0, 0x0043},
};

/* ---- threads -------------------------------------------------------------------------------- */

/* The first write of a track waits for the store, so it runs on the drive's thread; later ones do not
 * wait. A write with FUA waits. */
static void
writes_wait_only_where_they_must(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];
	static uint8_t data[16 * SECTOR];

	bay_insert(bay, "R.dvd+r.iso", 0);
	run_clear_ua(r);
	bay_write(r, 0, 16);
	run_assert_good(r);
	assert_true(r->pended);
	/* The drive's thread may still hold the strand for a moment. */
	strand_enter(drive_strand(bay->drive));
	strand_leave(drive_strand(bay->drive));
	bay_write(r, 16, 16);
	run_assert_good(r);
	assert_false(r->pended);
	run_cdb(r, data, sizeof(data), 0x2a, 0x08, 0, 0, 0, 32, 0, 0, 16);
	run_assert_good(r);
	assert_true(r->pended);
}

/* These commands do not use the mechanism, so they are answered while another thread holds the strand. */
static void
a_busy_drive_still_answers(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	run_clear_ua(r);
	assert_true(strand_try(drive_strand(bay->drive)));
	run_cdb(r, NULL, 0, 0x12, 0, 0, 0, 36);
	run_assert_good(r);
	run_cdb(r, NULL, 0, 0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8);
	run_assert_good(r);
	run_cdb(r, NULL, 0, 0xbd, 0, 0, 0, 0, 0, 0, 0, 0, 8);
	run_assert_good(r);
	run_cdb(r, NULL, 0, 0x5c, 0, 0, 0, 0, 0, 0, 0, 12);
	run_assert_good(r);
	strand_leave(drive_strand(bay->drive));
}

/* ---- nexuses and resets ----------------------------------------------------------------------- */

static bool
locked(struct bay *bay)
{
	struct drive_view view;

	drive_view(bay->drive, &view);
	return view.locked;
}

static void
a_lost_nexus_lets_go_of_the_tray(void **state)
{
	struct bay *bay = *state;

	run_clear_ua(&bay->r[1]);
	run_cdb(&bay->r[1], NULL, 0, 0x1e, 0, 0, 0, 1);
	run_assert_good(&bay->r[1]);
	assert_true(locked(bay));
	scsi_nexus_free(bay->nexus[1]);
	bay->nexus[1] = NULL;
	assert_false(locked(bay));
}

static void
a_reset_lets_go_of_the_tray_and_of_settings(void **state)
{
	static const uint8_t page[60] = {[8] = 0x05,
		[9] = 0x32,
		[10] = 0x42,
		[11] = 0x04,
		[12] = 0x08,
		[21] = 0x10,
		[23] = 0x96};
	struct bay *bay = *state;
	struct run *r = &bay->r[0];
	uint32_t read, write;

	bay_insert(bay, "R.dvd+r.iso", 0);
	for (unsigned i = 0; i < NEXUSES; i++) {
		run_clear_ua(&bay->r[i]);
		run_cdb(&bay->r[i], NULL, 0, 0x1e, 0, 0, 0, 1);
		run_assert_good(&bay->r[i]);
	}
	run_cdb(r, page, sizeof(page), 0x55, 0x10, 0, 0, 0, 0, 0, 0, sizeof(page));
	run_assert_good(r);
	run_clear_ua(&bay->r[1]); /* 2A/01, mode parameters changed */
	run_cdb(&bay->r[1], NULL, 0, 0xbb, 0, 0x15, 0xa4, 0x15, 0xa4);
	run_assert_good(&bay->r[1]);
	drive_speeds(bay->drive, &read, &write);
	assert_int_equal(read, 5540);
	assert_int_equal(write, 5540);
	assert_true(scsi_nexus_reset_lu(bay->nexus[2], bay->r[2].lun));
	drive_speeds(bay->drive, &read, &write);
	assert_int_equal(read, 22160);
	assert_int_equal(write, 22160);
	assert_false(locked(bay));
	run_cdb(r, NULL, 0, 0x00);
	run_assert_sense(r, 0x06, 0x29, 0x00);
	run_cdb(r, NULL, 0, 0x5a, 0, 0x05, 0, 0, 0, 0, 0, 60);
	run_assert_good(r);
	assert_int_equal(r->data[10], 0x40); /* incremental again */
	run_cdb(r, NULL, 0, 0x5a, 0, 0x2a, 0, 0, 0, 0, 0, 60);
	run_assert_good(r);
	assert_int_equal(get_be16(r->data + 8 + 28), 22160); /* the fastest again */
}

/* The mount shows what the drive tells in mode page 2Ah, whatever was chosen under another setting. */
static void
speeds_are_those_of_the_mount(void **state)
{
	static const struct {
		const char *setting;
		uint16_t chosen; /* by SET CD SPEED; 0: nothing is sent */
		uint32_t read, write;
	} rows[] = {
		{"8310", 0xffff, 8310, 8310},
		{"0", 0, 22160, 22160},
		{"6000", 0, 6000, 5540},
		{"1385", 0, 1385, 5540},
		{"8310", 11080, 8310, 8310},
		{"0", 0, 11080, 11080},
		{"0", 9000, 9000, 8310},
	};
	struct bay *bay = *state;
	struct run *r = &bay->r[0];
	uint32_t read, write;

	bay_insert(bay, "R.dvd+r.iso", 0);
	run_clear_ua(r);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t cdb[12] = {0xbb};

		bay_set(bay, JB_SET_DRIVE_SPEED, rows[i].setting);
		put_be16(cdb + 2, rows[i].chosen);
		put_be16(cdb + 4, rows[i].chosen);
		if (rows[i].chosen != 0) {
			run_bytes(r, cdb, sizeof(cdb), NULL, 0);
			run_assert_good(r);
		}
		drive_speeds(bay->drive, &read, &write);
		assert_int_equal(read, rows[i].read);
		assert_int_equal(write, rows[i].write);
		run_cdb(r, NULL, 0, 0x5a, 0, 0x2a, 0, 0, 0, 0, 0, 60);
		run_assert_good(r);
		assert_int_equal(get_be16(r->data + 8 + 14), read);
		assert_int_equal(get_be16(r->data + 8 + 28), write);
	}
}

/* The nexus that closes a session gets only an event: a unit attention between two CLOSEs would make
 * programs give up. The other nexuses get the unit attention. */
static void
a_closed_session_is_told_to_the_others(void **state)
{
	struct bay *bay = *state;

	bay_insert(bay, "R.dvd+r.iso", 0);
	for (unsigned i = 0; i < NEXUSES; i++)
		run_clear_ua(&bay->r[i]);
	bay_write(&bay->r[0], 0, 16);
	run_assert_good(&bay->r[0]);
	run_cdb(&bay->r[0], NULL, 0, 0x5b, 0, 1, 0, 0, 1); /* a track only: nothing to report */
	run_assert_good(&bay->r[0]);
	run_cdb(&bay->r[1], NULL, 0, 0x00);
	run_assert_good(&bay->r[1]);
	run_cdb(&bay->r[0], NULL, 0, 0x5b, 0, 2);
	run_assert_good(&bay->r[0]);
	run_cdb(&bay->r[0], NULL, 0, 0x00);
	run_assert_good(&bay->r[0]);
	for (unsigned i = 1; i < NEXUSES; i++) {
		run_cdb(&bay->r[i], NULL, 0, 0x25);
		run_assert_sense(&bay->r[i], 0x06, 0x28, 0x00);
		run_cdb(&bay->r[i], NULL, 0, 0x25);
		run_assert_good(&bay->r[i]);
		assert_int_equal(get_be32(bay->r[i].data), 15);
	}
}

/* A disc that is swapped between two polls gives one unit attention. */
static void
a_swap_is_one_unit_attention(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	bay_insert(bay, "CD.iso", 1000);
	run_clear_ua(r);
	run_cdb(r, NULL, 0, 0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8);
	assert_int_equal(bay_remove(bay), JB_OK);
	bay_insert(bay, "DVD.iso", 400000);
	run_cdb(r, NULL, 0, 0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8);
	assert_int_equal(r->data[4], 3);
	assert_int_equal(r->data[5], 0);
	run_cdb(r, NULL, 0, 0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8);
	assert_int_equal(r->data[4], 2);
	assert_int_equal(r->data[5], 2);
	run_cdb(r, NULL, 0, 0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8);
	assert_int_equal(r->data[4], 0);
	run_cdb(r, NULL, 0, 0x00);
	run_assert_sense(r, 0x06, 0x28, 0x00);
	run_cdb(r, NULL, 0, 0x00);
	run_assert_good(r);
}

/* Windows accepts a drive as MMC only if the length of GET CONFIGURATION is a multiple of 4. If one
 * feature is asked for, only that one may be returned. */
static void
configurations_are_as_windows_wants(void **state)
{
	static const char *const loaded[] = {NULL, "CD.iso", "B.dvd+r.iso"};
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	for (unsigned i = 0; i < sizeof(loaded) / sizeof(loaded[0]); i++) {
		if (loaded[i] != NULL)
			bay_insert(bay, loaded[i], i == 1 ? 1000 : 0);
		for (uint8_t rt = 0; rt < 2; rt++) {
			run_cdb(r, NULL, 0, 0x46, rt, 0, 0, 0, 0, 0, 0xff, 0xfc);
			run_assert_good(r);
			assert_true(r->len > 8 && r->len % 4 == 0);
			assert_int_equal(get_be32(r->data), r->len - 4);
		}
		for (unsigned feature = 0; feature < 0x120; feature++) {
			run_cdb(r, NULL, 0, 0x46, 2, (uint8_t)(feature >> 8), (uint8_t)feature, 0,
				0, 0, 1, 0);
			run_assert_good(r);
			assert_true(r->len >= 8 && r->len % 4 == 0);
			if (r->len == 8)
				continue;
			assert_int_equal(get_be16(r->data + 8), feature);
			assert_int_equal(r->len, 8 + 4 + r->data[11]);
		}
		if (loaded[i] != NULL)
			assert_int_equal(bay_remove(bay), JB_OK);
	}
}

/* ---- reading and writing ---------------------------------------------------------------------- */

/* The longest READ(10) needs no buffer: the data is an extent of the image file. */
static void
a_large_read_is_a_stretch_of_the_image(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	bay_insert(bay, "DVD.iso", 400000);
	run_clear_ua(r);
	bay_read(r, 0, 0xffff);
	run_assert_good(r);
	assert_int_equal(r->len, 0xffffu * SECTOR);
	assert_int_equal(r->task.extent.length, r->len);
	assert_null(r->task.big);
	assert_true(sectors_filled(r->data, 0, 64));
}

/* An image that ends inside a sector: the rest of the sector reads as zeros, in reads of any length. */
static void
an_odd_end_reads_as_zeros(void **state)
{
	static const uint8_t zeros[SECTOR];
	static uint8_t data[40 * SECTOR];
	struct bay *bay = *state;
	struct run *r = &bay->r[0];
	struct jb_file *f;
	struct jb_item item;

	fill_sectors(data, 0, 40);
	assert_int_equal(jb_file_create(bay->jb, bay_element, "ODD.iso", 0644, getuid(), getgid(),
				 &f, &item),
		JB_OK);
	assert_int_equal(jb_file_write(f, data, 39 * SECTOR + 100, 0), JB_OK);
	assert_int_equal(jb_file_flush(f, false), JB_OK);
	jb_file_release(f);
	run_clear_ua(r);
	run_cdb(r, NULL, 0, 0x25);
	run_assert_good(r);
	assert_int_equal(get_be32(r->data), 39);
	for (uint32_t count = 1; count <= 40; count += 39) {
		bay_read(r, 40 - count, count);
		run_assert_good(r);
		assert_int_equal(r->len, count * SECTOR);
		assert_memory_equal(
			r->data, data + (40 - count) * SECTOR, (count - 1) * SECTOR + 100);
		assert_memory_equal(r->data + r->len - SECTOR + 100, zeros, SECTOR - 100);
	}
}

/* A failed read sends no data, and its INFORMATION is the first address of the read: Linux takes sectors
 * before INFORMATION as good. */
static void
a_failed_read_names_its_first_address(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	bay_insert(bay, "CD.iso", 1000);
	run_clear_ua(r);
	bay_read(r, 990, 20);
	run_assert_sense(r, 0x05, 0x21, 0x00);
	assert_int_equal(r->sense[0], 0xf0);
	assert_int_equal(get_be32(r->sense + 3), 990);
	assert_int_equal(r->len, 0);
}

/* Of a reserved track that has a blank rest, and another track behind it: what is recorded is sent. */
static void
a_read_into_a_blank_names_its_address(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	bay_insert(bay, "R.dvd+r.iso", 0);
	run_clear_ua(r);
	run_cdb(r, NULL, 0, 0x53, 0, 0, 0, 0, 0, 0, 0, 64);
	run_assert_good(r);
	bay_write(r, 0, 32);
	run_assert_good(r);
	bay_write(r, 64, 16);
	run_assert_good(r);
	for (uint32_t lba = 0; lba <= 16; lba++) { /* the longer ones are stretches of the image */
		bay_read(r, lba, 64);
		run_assert_sense(r, 0x05, 0x64, 0x00);
		assert_int_equal(r->sense[0], 0xf0);
		assert_int_equal(get_be32(r->sense + 3), 32);
		assert_int_equal(r->len, (32 - lba) * SECTOR);
		assert_true(sectors_filled(r->data, lba, 32 - lba));
	}
	bay_read(r, 32, 32);
	run_assert_sense(r, 0x05, 0x64, 0x00);
	assert_int_equal(get_be32(r->sense + 3), 32);
	assert_int_equal(r->len, 0);
}

/* Two reserved tracks move the next writable address to the end of the disc. A write that is one sector
 * too long fails, and the sectors before it do not change. */
static void
a_burn_ends_with_the_medium(void **state)
{
	enum { CAPACITY = 2295104, LAST = CAPACITY - 16 };
	static uint8_t data[17 * SECTOR];
	struct bay *bay = *state;
	struct run *r = &bay->r[0];
	uint8_t reserve[10] = {0x53}, write[10] = {0x2a};

	bay_insert(bay, "R.dvd+r.iso", 0);
	run_clear_ua(r);
	put_be32(reserve + 5, LAST);
	run_bytes(r, reserve, sizeof(reserve), NULL, 0);
	run_assert_good(r);
	put_be32(write + 2, LAST);
	put_be16(write + 7, 17);
	run_bytes(r, write, sizeof(write), data, 17 * SECTOR);
	run_assert_sense(r, 0x05, 0x21, 0x00);
	bay_write(r, LAST, 16);
	run_assert_good(r);
	bay_write(r, CAPACITY, 1);
	run_assert_sense(r, 0x05, 0x21, 0x00);
	bay_read(r, LAST, 16);
	run_assert_good(r);
	assert_true(sectors_filled(r->data, LAST, 16));
	run_cdb(r, NULL, 0, 0x52, 1, 0, 0, 0, 2, 0, 0, 48);
	run_assert_good(r);
	assert_int_equal(r->data[7], 0x02);	     /* no next writable address */
	assert_int_equal(get_be32(r->data + 16), 0); /* no free blocks */
	assert_int_equal(get_be32(r->data + 28), CAPACITY - 1);
}

static void
a_write_protected_disc_stays_as_it_is(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];
	struct jb_item item;
	struct jb_attr attr = {.set = JB_ATTR_MODE, .mode = 0444};

	bay_insert(bay, "R.dvd+r.iso", 0);
	assert_int_equal(jb_item_lookup(bay->jb, bay_element, "R.dvd+r.iso", &item), JB_OK);
	assert_int_equal(jb_item_setattr(bay->jb, item.id, &attr), JB_OK);
	run_clear_ua(r);
	bay_write(r, 0, 16);
	run_assert_sense(r, 0x07, 0x27, 0x00);
	run_cdb(r, NULL, 0, 0x53, 0, 0, 0, 0, 0, 0, 0, 16);
	run_assert_sense(r, 0x07, 0x27, 0x00);
	run_cdb(r, NULL, 0, 0x51, 0, 0, 0, 0, 0, 0, 0, 34);
	run_assert_good(r);
	assert_int_equal(r->data[2], 0x00);
}

/* Sectors that were written but not synced are there after a normal stop of the daemon, and the burn can
 * go on. */
static void
a_partly_burned_disc_goes_on_after_a_restart(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	bay_insert(bay, "R.dvd+r.iso", 0);
	run_clear_ua(r);
	bay_write(r, 0, 16);
	run_assert_good(r);
	bay_restart(bay);
	run_clear_ua(r);
	run_cdb(r, NULL, 0, 0x52, 1, 0, 0, 0, 1, 0, 0, 48);
	run_assert_good(r);
	assert_int_equal(r->data[7], 0x03);
	assert_int_equal(get_be32(r->data + 12), 16);
	bay_write(r, 16, 16);
	run_assert_good(r);
	run_cdb(r, NULL, 0, 0x5b, 0, 6);
	run_assert_good(r);
	bay_read(r, 0, 32);
	run_assert_good(r);
	assert_true(sectors_filled(r->data, 0, 32));
}

/* ---- rules over all rows ----------------------------------------------------------------------- */

/* For every medium: lengths are multiples of four, because Windows accepts no other drive as MMC; and the
 * features that programs look for are there. */
static void
configuration_holds_for_every_medium(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	run_clear_ua(r);
	for (unsigned i = 0; i < TYPES; i++) {
		unsigned current_profiles = 0;
		bool random_readable = false;

		bay_insert(bay, discs[i].name, discs[i].sectors);
		run_clear_ua(r);
		run_cdb(r, NULL, 0, 0x46, 0, 0, 0, 0, 0, 0, 0xff, 0xff);
		run_assert_good(r);
		assert_int_equal(get_be32(r->data), r->len - 4);
		assert_int_equal(get_be16(r->data + 6), discs[i].profile);
		assert_int_equal(get_be32(r->data) % 4, 0);
		for (size_t at = 8, last = 0; at < r->len; at += 4u + r->data[at + 3]) {
			uint16_t code = get_be16(r->data + at);

			assert_int_equal(r->data[at + 3] % 4, 0);
			assert_true(at == 8 || code > last);
			last = code;
			for (size_t p = 0; code == 0 && p < r->data[at + 3]; p += 4)
				current_profiles += r->data[at + 4 + p + 2] & 1;
			random_readable =
				random_readable || (code == 0x10 && (r->data[at + 2] & 1));
		}
		assert_int_equal(current_profiles, 1);
		assert_true(random_readable);
		assert_int_equal(bay_remove(bay), JB_OK);
	}
}

/* Every medium in the medium table has a disc in `discs`. */
static void
every_medium_has_a_disc_in_this_file(void **state)
{
	const struct medium *m;

	for (size_t i = 0; (m = medium_row(i)) != NULL; i++) {
		bool tried = false;

		for (unsigned k = 0; k < TYPES; k++)
			tried = tried || discs[k].profile == m->profile;
		if (!tried)
			fail_msg("no disc of %s", m->name);
	}
}

/* Linux's sr reads page 2Ah with MODE SENSE(6) and 128 bytes. If the page is missing or the reply is
 * longer, it takes the drive for SCSI-1. QEMU asks for all pages with 255 bytes. */
static void
capabilities_fit_for_every_medium(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	run_clear_ua(r);
	for (unsigned i = 0; i < TYPES; i++) {
		bay_insert(bay, discs[i].name, discs[i].sectors);
		run_clear_ua(r);
		run_cdb(r, NULL, 0, 0x1a, 0, 0x2a, 0, 128);
		run_assert_good(r);
		assert_int_equal(r->len, r->data[0] + 1);
		assert_int_equal(r->data[3], 0); /* no block descriptor */
		assert_int_equal(r->data[5], r->len - 4 - 2);
		assert_true(get_be16(r->data + 4 + 30) >= 1);	 /* a write speed */
		assert_true(get_be16(r->data + 4 + 28) >= 1385); /* that of DVD */
		assert_int_equal(r->data[4 + 6] >> 5, 1);	 /* a tray */
		run_cdb(r, NULL, 0, 0x1a, 0x08, 0x3f, 0, 255);
		run_assert_good(r);
		assert_int_equal(r->len, r->data[0] + 1);
		assert_int_equal(bay_remove(bay), JB_OK);
	}
}

/* Each page can be sent back as it was read. A byte that is not changeable must not be changed. */
static void
pages_can_be_sent_back_as_read(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];
	uint8_t page[256];

	run_clear_ua(r);
	for (size_t i = 0; i < bay->lu->type->npages; i++) {
		uint8_t code = bay->lu->type->pages[i].code;
		size_t len;

		run_cdb(r, NULL, 0, 0x5a, 0x08, code, 0, 0, 0, 0, 0, 255);
		run_assert_good(r);
		len = r->len;
		assert_int_equal(len, get_be16(r->data) + 2u);
		memcpy(page, r->data, len);
		put_be16(page, 0); /* reserved in MODE SELECT */
		page[8] |= 0x80;   /* PS, which is ignored */
		run_cdb(r, page, len, 0x55, 0x10, 0, 0, 0, 0, 0, 0, (uint8_t)len);
		run_assert_good(r);
		run_cdb(r, NULL, 0, 0x5a, 0x08, code, 0, 0, 0, 0, 0, 255);
		run_assert_good(r);
		assert_int_equal(r->data[8], page[8] & 0x3f);
		run_cdb(r, NULL, 0, 0x5a, 0x08, 0x80 | code, 0, 0, 0, 0, 0, 255);
		run_assert_good(r);
		assert_int_equal(r->len, len); /* default values: same length */
		run_cdb(r, NULL, 0, 0x5a, 0x08, 0x40 | code, 0, 0, 0, 0, 0, 255);
		run_assert_good(r);
		assert_int_equal(r->len, len); /* changeable values: same length */
	}
}

/* wodim and libburn try every write type with every block type. The drive must accept exactly those of the
 * medium. */
static void
write_types_are_those_of_the_medium(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];
	uint8_t page[60] = {[8] = 0x05, [9] = 0x32, [11] = 0xc5, [21] = 0x10, [23] = 0x96};

	bay_insert(bay, "R.dvd+r.iso", 0);
	run_clear_ua(r);
	for (unsigned type = 0; type < 16; type++) {
		for (unsigned block = 0; block < 16; block++) {
			unsigned types = medium_by_profile(PROFILE_DVD_PLUS_R)->write_types;
			bool can = block == 8 && (types & 1u << type) != 0;

			page[10] = (uint8_t)type;
			page[12] = (uint8_t)block;
			run_cdb(r, page, sizeof(page), 0x55, 0x10, 0, 0, 0, 0, 0, 0, sizeof(page));
			if (can)
				run_assert_good(r);
			else
				run_assert_sense(r, 0x05, 0x26, 0x00);
		}
	}
}

/* The identities of two drives, and of a drive and its changer, must differ. */
static void
identity_is_of_the_drive_and_the_library(void **state)
{
	struct bay *bay = *state, *other = bay_open();
	struct scsi_identity a, b;

	memset(&a, 0, sizeof(a));
	memset(&b, 0, sizeof(b));
	bay->lu->type->identity(bay->lu, &a);
	other->lu->type->identity(other->lu, &b);
	assert_int_equal(a.naa[0] >> 4, 3);
	assert_int_equal(b.naa[0] >> 4, 3);
	assert_memory_not_equal(a.naa, b.naa, sizeof(a.naa));
	memcpy(b.naa, a.naa, sizeof(b.naa));
	bay_restart(bay);
	bay->lu->type->identity(bay->lu, &a);
	assert_memory_equal(a.naa, b.naa, sizeof(a.naa));
	bay_close(other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(writes_wait_only_where_they_must),
		TEST(a_busy_drive_still_answers),
		TEST(a_lost_nexus_lets_go_of_the_tray),
		TEST(a_reset_lets_go_of_the_tray_and_of_settings),
		TEST(speeds_are_those_of_the_mount),
		TEST(a_closed_session_is_told_to_the_others),
		TEST(a_swap_is_one_unit_attention),
		TEST(configurations_are_as_windows_wants),
		TEST(a_large_read_is_a_stretch_of_the_image),
		TEST(an_odd_end_reads_as_zeros),
		TEST(a_failed_read_names_its_first_address),
		TEST(a_read_into_a_blank_names_its_address),
		TEST(a_burn_ends_with_the_medium),
		TEST(a_write_protected_disc_stays_as_it_is),
		TEST(a_partly_burned_disc_goes_on_after_a_restart),
		TEST(configuration_holds_for_every_medium),
		TEST(every_medium_has_a_disc_in_this_file),
		TEST(capabilities_fit_for_every_medium),
		TEST(pages_can_be_sent_back_as_read),
		TEST(write_types_are_those_of_the_medium),
		TEST(identity_is_of_the_drive_and_the_library),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
