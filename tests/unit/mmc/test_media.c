/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules for every writable medium: the end of the medium, the write-protect tab, test write, write and
 * verify, the offered formats, speeds; and the progress of a background format.
 */
#include "tests/unit/mmc/drive.h"

#include <sched.h>

#include "changer/base/clock.h"

enum { COUNT = 32, TYPE_SAO = 2 };

static uint64_t now_ms = 1000;

static uint64_t
own_time(void)
{
	return now_ms;
}

static void
format(struct run *r, uint8_t type, uint32_t blocks, uint8_t parameter)
{
	uint8_t list[12] = {0, 0x02, 0, 8, 0, 0, 0, 0, (uint8_t)(type << 2), 0, 0, parameter};

	put_be32(list + 4, blocks);
	run_cdb(r, list, sizeof(list), 0x04, 0x11, 0, 0, 0, 0);
}

/* Puts a blank of this medium into the drive; formats it if it must be formatted before writes. */
static void
load_blank(struct bay *bay, const struct medium *m)
{
	struct run *r = &bay->r[0];
	char name[64];

	snprintf(name, sizeof(name), "D.%s.iso", m->suffix);
	bay_insert(bay, name, 0);
	run_clear_ua(r);
	if (m->writing == WRITES_ANYWHERE && !m->comes_formatted) {
		bay_write(r, 0, COUNT);
		run_assert_sense(r, 0x05, 0x30, 0x10);
		format(r, m->formats[0].type, 0xffffffff, 0);
		run_assert_good(r);
	}
}

static void
for_each_blank(struct bay *bay, void (*check)(struct bay *bay, const struct medium *m))
{
	const struct medium *m;

	run_clear_ua(&bay->r[0]);
	for (size_t i = 0; (m = medium_row(i)) != NULL; i++) {
		if (!medium_writable(m))
			continue;
		load_blank(bay, m);
		check(bay, m);
		assert_int_equal(bay_remove(bay), JB_OK);
		run_clear_ua(&bay->r[0]);
	}
}

static uint32_t
capacity_of(struct run *r)
{
	run_cdb(r, NULL, 0, 0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	run_assert_good(r);
	return get_be32(r->data) + 1;
}

static void
check_end(struct bay *bay, const struct medium *m)
{
	struct run *r = &bay->r[0];
	uint32_t end = m->capacity, at;

	if (m->writing == WRITES_ANYWHERE)
		end = capacity_of(r);
	if (m->can_reserve) {
		uint8_t cdb[10] = {0x53};

		put_be32(cdb + 5, end - COUNT - m->track_gap);
		run_bytes(r, cdb, sizeof(cdb), NULL, 0);
		run_assert_good(r);
	}
	at = end - COUNT;
	bay_write(r, at, COUNT);
	run_assert_good(r);
	bay_write(r, end, COUNT);
	run_assert_sense(r, 0x05, 0x21, 0x00);
	bay_write(r, end - 1, 2);
	assert_int_equal(r->status, SCSI_CHECK_CONDITION);
	bay_read(r, at, COUNT);
	run_assert_good(r);
	assert_true(sectors_filled(r->data, at, COUNT));
}

static void
the_end_of_every_medium(void **state)
{
	for_each_blank(*state, check_end);
}

static void
check_tab(struct bay *bay, const struct medium *m)
{
	const struct jb_attr tab = {.set = JB_ATTR_MODE, .mode = 0444};
	struct run *r = &bay->r[0];
	struct jb_item item;

	assert_int_equal(jb_item_lookup(bay->jb, bay_element, bay->disc, &item), JB_OK);
	assert_int_equal(jb_item_setattr(bay->jb, item.id, &tab), JB_OK);
	bay_write(r, 0, COUNT);
	run_assert_sense(r, 0x07, 0x27, 0x00);
	if (m->formats != NULL) {
		format(r, m->formats[0].type, 0xffffffff, 0);
		run_assert_sense(r, 0x07, 0x27, 0x00);
	}
	if (m->blank_types != 0) {
		run_cdb(r, NULL, 0, 0xa1, 0x11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
		run_assert_sense(r, 0x07, 0x27, 0x00);
	}
	run_cdb(r, NULL, 0, 0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	run_assert_good(r);
	/* udev's cdrom_id sends this. */
	if (m->family == MEDIUM_DVD) {
		run_cdb(r, NULL, 0, 0xad, 0, 0, 0, 0, 0, 0, 0xc0, 0, 8, 0, 0);
		run_assert_good(r);
		assert_int_equal(r->data[4] & 0x02, 0x02);
	}
}

static void
the_tab_of_every_medium(void **state)
{
	for_each_blank(*state, check_tab);
}

/* Checks that a test write records nothing: either it is refused, or the drive discards the data (CD,
 * DVD-R, DVD-RW). */
static void
check_test_write(struct bay *bay, const struct medium *m)
{
	uint8_t page[60] = {
		[8] = 0x05, [9] = 0x32, [11] = 0xc5, [12] = 8, [21] = 0x10, [23] = 0x96};
	struct run *r = &bay->r[0];

	/* BD has no test write. Page 05h has no meaning there; the drive accepts track at once, which
	 * wodim sends. */
	if (m->write_types == 0) {
		page[10] = 1;
		run_cdb(r, page, sizeof(page), 0x55, 0x10, 0, 0, 0, 0, 0, 0, sizeof(page));
		run_assert_good(r);
		page[10] |= 0x10;
		run_cdb(r, page, sizeof(page), 0x55, 0x10, 0, 0, 0, 0, 0, 0, sizeof(page));
		run_assert_sense(r, 0x05, 0x26, 0x00);
		bay_write(r, 0, COUNT);
		run_assert_good(r);
	}
	for (unsigned type = 0; type < 8 && m->write_types != 0; type++) {
		page[10] = (uint8_t)type;
		run_cdb(r, page, sizeof(page), 0x55, 0x10, 0, 0, 0, 0, 0, 0, sizeof(page));
		if (m->write_types & 1u << type)
			run_assert_good(r);
		else
			run_assert_sense(r, 0x05, 0x26, 0x00);
		page[10] |= 0x10;
		run_cdb(r, page, sizeof(page), 0x55, 0x10, 0, 0, 0, 0, 0, 0, sizeof(page));
		if (!m->has_test_write || !(m->write_types & 1u << type)) {
			run_assert_sense(r, 0x05, 0x26, 0x00);
			continue;
		}
		run_assert_good(r);
		if (type == TYPE_SAO && m->family == MEDIUM_CD) /* needs a cue sheet: test_cd.c */
			continue;
		if (m->can_reserve) { /* wodim reserves, and goes on if that fails */
			run_cdb(r, NULL, 0, 0x53, 0, 0, 0, 0, 0, 0, 0, 32, 0);
			run_assert_good(r);
		}
		bay_write(r, 0, COUNT);
		run_assert_good(r);
		bay_write(r, COUNT + 1, COUNT);
		run_assert_sense(r, 0x05, 0x21, 0x02);
		bay_write(r, COUNT, COUNT);
		run_assert_good(r);
		run_cdb(r, NULL, 0, 0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0);
		run_assert_good(r);
		run_cdb(r, NULL, 0, 0x5b, 0, 2, 0, 0, 0, 0, 0, 0, 0);
		run_assert_good(r);
		run_cdb(r, NULL, 0, 0x51, 0, 0, 0, 0, 0, 0, 0, 34, 0);
		run_assert_good(r);
		assert_int_equal(r->data[2] & 0x0f, 0); /* blank */
	}
}

static void
no_test_write_of_any_medium(void **state)
{
	for_each_blank(*state, check_test_write);
}

static void
check_write_and_verify(struct bay *bay, const struct medium *m)
{
	static uint8_t data[COUNT * SECTOR];
	struct run *r = &bay->r[0];

	fill_sectors(data, 0, COUNT);
	run_cdb(r, data, sizeof(data), 0x2e, 0, 0, 0, 0, 0, 0, 0, COUNT, 0);
	run_assert_good(r);
	bay_read(r, 0, COUNT);
	run_assert_good(r);
	assert_true(sectors_filled(r->data, 0, COUNT));
	/* Too little data, and an address beyond the disc. */
	run_cdb(r, data, SECTOR, 0x2e, 0, 0, 0, 0, COUNT, 0, 0, COUNT, 0);
	run_assert_sense(r, 0x05, 0x24, 0x00);
	run_cdb(r, data, sizeof(data), 0x2e, 0, 0x7f, 0, 0, 0, 0, 0, COUNT, 0);
	run_assert_sense(r, 0x05, 0x21, 0x00);
}

/* FORMAT UNIT makes a medium without test write. The drive must ignore the test write bit that page 05h
 * still has. */
static void
a_format_ends_tests(void **state)
{
	static const char *const names[] = {"D.dvd-rw.iso", "D.cd-rw.iso"};
	static const uint8_t page[60] = {
		[8] = 0x05, [9] = 0x32, [10] = 0x52, [11] = 0xc5, [12] = 8, [21] = 16, [23] = 150};
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		bay_insert(bay, names[i], 0);
		run_clear_ua(r);
		run_cdb(r, page, sizeof(page), 0x55, 0x10, 0, 0, 0, 0, 0, 0, sizeof(page), 0);
		run_assert_good(r);
		format(r, 0x10, 0, 0);
		run_assert_good(r);
		bay_write(r, 0, 32);
		run_assert_good(r);
		bay_read(r, 0, 32);
		run_assert_good(r);
		assert_true(sectors_filled(r->data, 0, 32));
		assert_int_equal(bay_remove(bay), JB_OK);
	}
}

static void
every_medium_is_verified(void **state)
{
	for_each_blank(*state, check_write_and_verify);
}

/* Checks that FORMAT UNIT accepts every descriptor that READ FORMAT CAPACITIES returns. */
static void
check_formats(struct bay *bay, const struct medium *m)
{
	struct run *r = &bay->r[0];
	uint8_t offered[256];
	size_t len;

	run_cdb(r, NULL, 0, 0x23, 0, 0, 0, 0, 0, 0, 0, 0xff, 0);
	run_assert_good(r);
	len = r->len;
	memcpy(offered, r->data, len);
	assert_int_equal(len, offered[3] + 4u);
	assert_int_equal(get_be24(offered + 9), SECTOR);
	if (m->writing == WRITES_ANYWHERE)
		assert_true(len >= 20);
	for (size_t at = 12; at < len; at += 8) {
		struct run *again = &bay->r[0];
		uint8_t list[12] = {0, 0x02, 0, 8};

		memcpy(list + 4, offered + at, 8);
		run_cdb(again, list, sizeof(list), 0x04, 0x11, 0, 0, 0, 0);
		/* A BD-R can be formatted once only. */
		if (m->kind == MEDIUM_WRITE_ONCE && at > 12)
			run_assert_sense(again, 0x05, 0x30, 0x05);
		else
			run_assert_good(again);
		if (m->writing == WRITES_ANYWHERE)
			assert_int_equal(capacity_of(r), get_be32(offered + at));
	}
}

static void
offered_formats_are_accepted(void **state)
{
	for_each_blank(*state, check_formats);
}

/* A CD-RW of any capacity is offered as many whole packets as a format gives it, and may ask for them. */
static void
packets_of_any_capacity(void **state)
{
	static const struct {
		uint32_t capacity, formatted;
	} rows[] = {
		{300000, 246144}, {359847, 295264}, {449850, 369088}, {71, 64}, {70, 32}, {31, 0}};
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bay_insert_sized(bay, "D.cd-rw.iso", rows[i].capacity);
		run_clear_ua(r);
		run_cdb(r, NULL, 0, 0x23, 0, 0, 0, 0, 0, 0, 0, 0xff, 0);
		run_assert_good(r);
		assert_int_equal(r->len, rows[i].formatted == 0 ? 12 : 20);
		if (rows[i].formatted == 0) { /* smaller than a packet */
			assert_int_equal(bay_remove(bay), JB_OK);
			continue;
		}
		assert_int_equal(get_be32(r->data + 12), rows[i].formatted);
		format(r, 0x10, 369088 + 1, 0);
		run_assert_sense(r, 0x05, 0x26, 0x00);
		format(r, 0x10, rows[i].formatted, 0);
		run_assert_good(r);
		assert_int_equal(capacity_of(r), rows[i].formatted);
		assert_int_equal(bay_remove(bay), JB_OK);
	}
}

/* Blanks that are half as large as usual */
static void
formats_of_small_discs(void **state)
{
	struct bay *bay = *state;
	const struct medium *m;

	for (size_t i = 0; (m = medium_row(i)) != NULL; i++) {
		char name[64];

		if (!medium_writable(m))
			continue;
		snprintf(name, sizeof(name), "D.%s.iso", m->suffix);
		bay_insert_sized(bay, name, m->capacity / 2 / 32 * 32);
		run_clear_ua(&bay->r[0]);
		check_formats(bay, m);
		assert_int_equal(bay_remove(bay), JB_OK);
	}
}

/* Returns the number that a page of the documentation has of a medium: the one behind `before`, its word and
 * `between`.  0: none. */
static unsigned long long
documented(const char *path, const char *before, const char *suffix, const char *between)
{
	char line[512], begin[128];
	unsigned long long n = 0;
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	snprintf(begin, sizeof(begin), "%s%s%s", before, suffix, between);
	while (n == 0 && fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, begin, strlen(begin)) == 0)
			n = strtoull(line + strlen(begin), NULL, 10);
	fclose(f);
	return n;
}

/* What a blank holds is one number, at the mount, at the drive and in the documentation. */
static void
a_blank_holds_what_is_said(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];
	const struct medium *m;

	run_clear_ua(r);
	for (size_t i = 0; (m = medium_row(i)) != NULL; i++) {
		uint32_t holds = medium_blank_holds(m);
		struct jb_item item;
		char name[64];

		if (!medium_writable(m))
			continue;
		snprintf(name, sizeof(name), "D.%s.iso", m->suffix);
		bay_insert(bay, name, 0);
		run_clear_ua(r);
		assert_int_equal(jb_item_lookup(bay->jb, bay_element, bay->disc, &item), JB_OK);
		assert_int_equal(item.capacity, holds);
		run_cdb(r, NULL, 0, 0x23, 0, 0, 0, 0, 0, 0, 0, 255);
		run_assert_good(r);
		assert_int_equal(get_be32(r->data + 4), holds);
		assert_int_equal(
			documented("README", "    ", m->suffix, " "), (uint64_t)holds * SECTOR);
		assert_int_equal(
			documented("mnt-layout/jukeboxfs.5", ".It Li ", m->suffix, " Ta "), holds);
		assert_int_equal(bay_remove(bay), JB_OK);
	}
}

/* Mode page 2Ah lists two write speeds at least.  With one, the length of the mode data is 2Ah, and programs
 * that search for the page take it for its code. */
static void
assert_page_2a(struct run *r)
{
	run_cdb(r, NULL, 0, 0x5a, 0x08, 0x2a, 0, 0, 0, 0, 0, 255, 0);
	run_assert_good(r);
	assert_int_equal(get_be16(r->data) + 2, r->len);
	assert_int_not_equal(r->data[1], 0x2a);
	assert_int_equal(r->data[8], 0x2a);
	assert_in_range(get_be16(r->data + 8 + 30), 2, 8);
	assert_int_equal(r->len, 8 + 32 + 4 * get_be16(r->data + 8 + 30));
	run_cdb(r, NULL, 0, 0x1a, 0, 0x2a, 0, 128, 0);
	run_assert_good(r);
	assert_int_equal(r->data[0] + 1, r->len);
}

static void
check_speeds(struct bay *bay, const struct medium *m)
{
	struct run *r = &bay->r[0];

	run_cdb(r, NULL, 0, 0xac, 0, 0, 0, 0, 0, 0, 0, 0, 20, 0x03, 0);
	run_assert_good(r);
	assert_int_equal((r->len - 8) % 16, 0);
	assert_true(r->len >= 24);
	for (size_t i = 0; i < (r->len - 8) / 16; i++)
		assert_int_equal(get_be32(r->data + 8 + i * 16 + 12), m->write_speeds[i]);
	assert_int_equal(m->write_speeds[(r->len - 8) / 16], 0);
	assert_page_2a(r);
	bay_set(bay, JB_SET_DRIVE_SPEED, "176");
	assert_page_2a(r);
	bay_set(bay, JB_SET_DRIVE_SPEED, "0");
	run_cdb(r, NULL, 0, 0x5c, 0, 0, 0, 0, 0, 0, 0, 12, 0);
	run_assert_good(r);
	run_cdb(r, NULL, 0, 0x54, 1, 0, 0, 0, 0, 0, 0, 0, 0);
	run_assert_good(r);
}

static void
speeds_of_every_medium(void **state)
{
	for_each_blank(*state, check_speeds);
}

static void
assert_progress(struct run *r, int done)
{
	/* The drive's thread may hold the strand for a moment; then there is no progress to report. */
	for (unsigned tries = 0; tries < 1000; tries++) {
		run_cdb(r, NULL, 0, 0x03, 0, 0, 0, 18, 0);
		run_assert_good(r);
		if (done < 0 || r->data[12] != 0)
			break;
		sched_yield();
	}
	assert_int_equal(r->data[2], 0); /* NO SENSE: the disc is usable */
	assert_int_equal(r->data[12], done < 0 ? 0 : 0x04);
	assert_int_equal(r->data[13], done < 0 ? 0 : 0x04);
	assert_int_equal(r->data[15], done < 0 ? 0 : 0x80);
	assert_int_equal(get_be16(r->data + 16), done < 0 ? 0 : done);
}

static void
progress_of_a_format(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];
	uint64_t (*real)(void) = clock_source_ms;

	run_clear_ua(r);
	assert_progress(r, -1);
	bay_insert(bay, "D.dvd+rw.iso", 0);
	run_clear_ua(r);
	assert_progress(r, -1);
	clock_source_ms = own_time;
	format(r, 0x26, 0xffffffff, 0);
	run_assert_good(r);
	assert_progress(r, 0);
	now_ms += 20000;
	assert_progress(r, 0x8000);
	/* If the strand is held, REQUEST SENSE does not wait and reports no progress. */
	strand_enter(drive_strand(bay->drive));
	assert_progress(r, -1);
	strand_leave(drive_strand(bay->drive));
	now_ms += 30000;
	assert_progress(r, -1);
	run_cdb(r, NULL, 0, 0x51, 0, 0, 0, 0, 0, 0, 0, 34, 0);
	assert_int_equal(r->data[7] & 3, 3);
	clock_source_ms = real;
}

static void
assert_background(struct bay *bay, enum drive_work work, uint64_t done)
{
	struct drive_progress p;

	drive_progress(bay->drive, &p);
	assert_int_equal(p.work, work);
	assert_true(p.background == (work == DRIVE_FORMATTING));
	assert_int_equal(p.done, done);
	assert_int_equal(p.total, work == DRIVE_FORMATTING ? 2295104 : 0);
}

/* Checks the next event of class Media. It is reported although the strand is held. */
static void
assert_media_event(struct bay *bay, unsigned nexus, uint8_t event)
{
	struct run *r = &bay->r[nexus];

	strand_enter(drive_strand(bay->drive));
	run_cdb(r, NULL, 0, 0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8, 0);
	strand_leave(drive_strand(bay->drive));
	run_assert_good(r);
	assert_int_equal(r->data[2], 4);
	assert_int_equal(r->data[4], event);
}

/* The end of a background format is an event of its own; each nexus gets it once. */
static void
end_of_a_format(void **state)
{
	enum { NONE = 0, NEW = 2, COMPLETED = 5, QUARTER = 2295104 / 4 };
	struct bay *bay = *state;
	struct run *r = &bay->r[0];
	uint64_t (*real)(void) = clock_source_ms;

	clock_source_ms = own_time;
	bay_insert(bay, "D.dvd+rw.iso", 0);
	for (unsigned n = 0; n < 2; n++) {
		run_clear_ua(&bay->r[n]);
		assert_media_event(bay, n, NEW);
	}
	assert_background(bay, DRIVE_IDLE, 0);
	format(r, 0x26, 0xffffffff, 0);
	run_assert_good(r);
	assert_background(bay, DRIVE_FORMATTING, 0);
	now_ms += 10000;
	assert_background(bay, DRIVE_FORMATTING, QUARTER);
	for (unsigned n = 0; n < 2; n++) {
		assert_media_event(bay, n, NEW);
		assert_media_event(bay, n, NONE);
	}
	/* A stopped format never ends, however long it waits. */
	run_cdb(r, NULL, 0, 0x5b, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	run_assert_good(r);
	now_ms += 100000;
	assert_background(bay, DRIVE_IDLE, 0);
	assert_media_event(bay, 0, NONE);
	format(r, 0x26, 0xffffffff, 1);
	run_assert_good(r);
	assert_background(bay, DRIVE_FORMATTING, QUARTER);
	assert_media_event(bay, 0, NEW);
	assert_media_event(bay, 1, NEW);
	now_ms += 30000;
	for (unsigned n = 0; n < 2; n++) {
		assert_media_event(bay, n, COMPLETED);
		assert_media_event(bay, n, NONE);
	}
	assert_background(bay, DRIVE_IDLE, 0);
	run_cdb(r, NULL, 0, 0x51, 0, 0, 0, 0, 0, 0, 0, 34, 0);
	assert_int_equal(r->data[7] & 3, 3);
	/* If the disc is ejected before the format ends, there is no end event. */
	format(r, 0x26, 0xffffffff, 0);
	run_assert_good(r);
	assert_media_event(bay, 0, NEW);
	run_cdb(r, NULL, 0, 0x1b, 0, 0, 0, 2);
	now_ms += 100000;
	assert_media_event(bay, 0, 3);
	run_cdb(r, NULL, 0, 0x1b, 0, 0, 0, 3);
	assert_media_event(bay, 0, NEW);
	assert_media_event(bay, 0, NONE);
	run_clear_ua(r);
	run_cdb(r, NULL, 0, 0x51, 0, 0, 0, 0, 0, 0, 0, 34, 0);
	assert_int_equal(r->data[7] & 3, 1);
	clock_source_ms = real;
}

/* ---- types of blanking ----------------------------------------------------------------------- */

/* Checks that BLANK refuses each type that the medium's row does not have; most rows have none. */
static void
check_blank_types(struct bay *bay, const struct medium *m)
{
	struct run *r = &bay->r[0];

	for (uint8_t type = 0; type < 8; type++) {
		if (m->blank_types & 1U << type)
			continue;
		run_cdb(r, NULL, 0, 0xa1, type, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
		run_assert_sense(r, 0x05, 0x24, 0x00);
		assert_int_equal(r->sense[15] & 0xc0, 0xc0);  /* in the CDB: */
		assert_int_equal(get_be16(r->sense + 16), 1); /* byte 1 */
	}
	/* No medium blanks the tail of a track or unclosed packets. */
	assert_false(m->blank_types & (1U << 4 | 1U << 7));
	assert_int_equal((m->blank_types & 3U) != 0, m->profile == PROFILE_CD_RW ||
							     m->profile == PROFILE_DVD_RW ||
							     m->profile == PROFILE_DVD_RW_RO);
}

static void
types_of_blanking(void **state)
{
	for_each_blank(*state, check_blank_types);
}

/* ---- random commands ------------------------------------------------------------------------- */

static uint32_t seed = 1;

static uint32_t
any(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)seed * n >> 32);
}

/* Sends a random row of the command table with random bytes; most of them are meaningful. */
static void
send_anything(struct bay *bay)
{
	const struct scsi_lu_type *type = bay->lu->type;
	const struct scsi_cmd *cmd = &type->cmds[any((uint32_t)type->ncmds)];
	static uint8_t out[64 * SECTOR];
	uint8_t cdb[SCSI_CDB_MAX] = {cmd->opcode};
	size_t len = cmd->dir == SCSI_DIR_OUT ? any(2) ? 12 : any(sizeof(out)) : 0;

	if (cmd->opcode == 0x5f) /* reservations would end the rest */
		return;
	for (unsigned i = 1; i < cmd->cdb_len; i++)
		cdb[i] = any(3) != 0 ? 0 : (uint8_t)(any(2) ? any(4) : any(256));
	if (cmd->service_action >= 0)
		cdb[1] = (uint8_t)cmd->service_action;
	cdb[cmd->cdb_len - 1] = 0;
	for (size_t i = 0; i < len && i < 64; i++)
		out[i] = (uint8_t)(any(2) ? any(256) : any(3));
	run_bytes(&bay->r[0], cdb, cmd->cdb_len, len > 0 ? out : NULL, len);
}

static void
check_nonsense(struct bay *bay, const struct medium *m)
{
	struct jb_item item;

	for (unsigned n = 0; n < 1500; n++) {
		send_anything(bay);
		/* START STOP UNIT and PREVENT are among the commands, so load the tray again. */
		if (n % 50 == 0)
			run_cdb(&bay->r[0], NULL, 0, 0x1b, 0, 0, 0, 0x03, 0);
	}
	/* Whatever the disc is now, the store can be opened again with it. */
	bay_restart(bay);
	assert_int_equal(jb_item_lookup(bay->jb, bay_element, bay->disc, &item), JB_OK);
	assert_int_equal(item.kind, JB_ITEM_DISC);
	assert_int_equal(item.medium->family, m->family);
	run_clear_ua(&bay->r[0]);
}

static void
nonsense_does_no_harm(void **state)
{
	for_each_blank(*state, check_nonsense);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_end_of_every_medium),
		TEST(the_tab_of_every_medium),
		TEST(no_test_write_of_any_medium),
		TEST(a_format_ends_tests),
		TEST(every_medium_is_verified),
		TEST(offered_formats_are_accepted),
		TEST(packets_of_any_capacity),
		TEST(formats_of_small_discs),
		TEST(a_blank_holds_what_is_said),
		TEST(speeds_of_every_medium),
		TEST(progress_of_a_format),
		TEST(end_of_a_format),
		TEST(types_of_blanking),
		TEST(nonsense_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
