/* SPDX-License-Identifier: GPL-2.0-or-later */
/* READ ELEMENT STATUS, byte for byte. */
#include "tests/unit/smc/library.h"

enum { VOLTAG = 0x10, DVCID = 0x01, ANY = 0, PICKER = 1, SLOT = 2, MAILSLOT = 3, DRIVE = 4 };

static void
read_status(struct run *r, uint8_t flags_type, uint16_t start, uint16_t number, uint8_t flags,
	uint32_t allocation)
{
	run_cdb(r, NULL, 0, 0xb8, flags_type, (uint8_t)(start >> 8), (uint8_t)start,
		(uint8_t)(number >> 8), (uint8_t)number, flags, (uint8_t)(allocation >> 16),
		(uint8_t)(allocation >> 8), (uint8_t)allocation);
}

/* Checks a report's header: first element, number of elements, bytes of the report. */
static void
assert_report(const struct run *r, uint16_t first, uint16_t number, uint32_t bytes)
{
	run_assert_good(r);
	assert_int_equal(get_be16(r->data), first);
	assert_int_equal(get_be16(r->data + 2), number);
	assert_int_equal(get_be24(r->data + 5), bytes);
	assert_int_equal(r->len, 8 + bytes);
}

/* Fills slot 1 ("ALPHA"), slot 4, mail slot 2 and drive 0. The disc in drive 0 came from slot 2. */
static void
fill(struct library *lib)
{
	library_insert(lib, JB_SLOT, 1, "ALPHA.iso");
	library_insert(lib, JB_SLOT, 2, "BETA.iso");
	library_insert(lib, JB_SLOT, 4, "A-LABEL-OF-MORE-THAN-THIRTY-TWO-CHARACTERS.iso");
	library_insert(lib, JB_MAILSLOT, 2,
		"Gr\xc3\xb6\xc3\x9f"
		"e.iso");
	library_move(lib, JB_SLOT, 2, JB_DRIVE, 0);
}

static void
reports_an_empty_library(void **state)
{
	struct library *lib = *state;

	read_status(&lib->r, ANY, 0, 0xffff, 0, 0xffff);
	run_assert_good(&lib->r);
	run_assert_golden(&lib->r, "tests/golden/smc_status_empty.hex");
}

static void
reports_discs_with_volume_tags(void **state)
{
	struct library *lib = *state;

	fill(lib);
	read_status(&lib->r, VOLTAG | ANY, 0, 0xffff, 0, 0xffff);
	run_assert_good(&lib->r);
	run_assert_golden(&lib->r, "tests/golden/smc_status_full.hex");
}

static void
identifies_drives(void **state)
{
	struct library *lib = *state;

	fill(lib);
	read_status(&lib->r, DRIVE, 0, 0xffff, DVCID, 0xffff);
	run_assert_good(&lib->r);
	run_assert_golden(&lib->r, "tests/golden/smc_status_dvcid.hex");
}

/* The CDBs that mtx 1.3.12 and Linux's ch send (with a SCSI-2 LUN field), and the fields that they read. */
static void
answers_mtx_and_ch(void **state)
{
	struct library *lib = *state;
	struct run *r = &lib->r;

	fill(lib);
	read_status(r, 0x20 | VOLTAG | SLOT, 1024, 4, 0, 8 + 8 + 4 * 52);
	run_assert_good(r);
	assert_int_equal(r->len, 8 + 8 + 4 * 52);
	read_status(r, 0x20 | VOLTAG | DRIVE, 1, 1, 0, 255);
	run_assert_good(r);
	assert_int_equal(get_be16(r->data + 16), 1);
	assert_int_equal(r->data[16 + 6], 0x11); /* LU valid, LUN 1 */
	assert_int_equal(r->data[16 + 9], 0x80);
	assert_int_equal(get_be16(r->data + 16 + 10), 1025);
	assert_memory_equal(r->data + 16 + 12, "BETA        ", 12);
	read_status(r, 0x20 | VOLTAG | PICKER, 752, 1, 0, 255);
	run_assert_good(r);
	assert_int_equal(get_be16(r->data + 16), 752);
}

/* Any allocation length gives whole descriptors from the beginning of the same report. */
static void
sends_whole_descriptors(void **state)
{
	struct library *lib = *state;
	struct run *r = &lib->r;
	static uint8_t whole[4096];
	size_t len, ends[16], n = 0;

	fill(lib);
	read_status(r, VOLTAG | ANY, 0, 0xffff, 0, 0xffff);
	len = r->len;
	assert_in_range(len, 1, sizeof(whole));
	memcpy(whole, r->data, len);
	for (size_t at = 8; at < len;) { /* where a report may end: after headers and descriptors */
		size_t page_end = at + 8 + get_be24(whole + at + 5);

		for (ends[n++] = at += 8; at < page_end; ends[n++] = at)
			at += 52;
	}
	assert_int_equal(n, 4 + 9);
	assert_int_equal(ends[n - 1], len);
	for (size_t allocation = 0; allocation <= len + 1; allocation++) {
		size_t want = allocation < 8 ? allocation : 8;

		for (size_t i = 0; i < n && ends[i] <= allocation; i++)
			want = ends[i];
		read_status(r, VOLTAG | ANY, 0, 0xffff, 0, (uint32_t)allocation);
		run_assert_good(r);
		assert_int_equal(r->len, want);
		assert_memory_equal(r->data, whole, want);
	}
}

static void
selects_elements(void **state)
{
	struct library *lib = *state;
	struct run *r = &lib->r;

	read_status(r, SLOT, 1026, 0xffff, 0, 0xffff);
	assert_report(r, 1026, 2, 8 + 2 * 16);
	read_status(r, SLOT, 0, 3, 0, 0xffff);
	assert_report(r, 1024, 3, 8 + 3 * 16);
	read_status(r, SLOT, 1028, 1, 0, 0xffff); /* beyond the last slot */
	assert_report(r, 0, 0, 0);
	read_status(r, SLOT, 1024, 0, 0, 0xffff);
	assert_report(r, 0, 0, 0);
	read_status(r, ANY, 2, 3, 0, 0xffff); /* drive 1, the picker, mail slot 1 */
	assert_report(r, 2, 3, 3 * (8 + 16));
	assert_int_equal(r->data[8], DRIVE);
	assert_int_equal(get_be16(r->data + 16), 2);
	assert_int_equal(r->data[32], PICKER);
	assert_int_equal(get_be16(r->data + 40), 752);
	assert_int_equal(r->data[56], MAILSLOT);
	assert_int_equal(get_be16(r->data + 64), 768);
	read_status(r, ANY, 753, 0xffff, 0, 0xffff);
	assert_report(r, 768, 6, 8 + 2 * 16 + 8 + 4 * 16);
	read_status(r, ANY, 0xffff, 0xffff, 0, 0xffff);
	assert_report(r, 0, 0, 0);
	read_status(r, 5, 0, 0xffff, 0, 0xffff);
	run_assert_sense(r, 5, 0x24, 0);
	assert_memory_equal(r->sense + 15, "\xc0\x00\x01", 3);
}

/* Every type, with and without volume tags and identifiers, cut at every byte: the beginning of the whole
 * report. */
static void
cuts_every_form(void **state)
{
	enum { FORMS = 5 * 2 * 2 * 2 };
	struct library *lib = *state;
	struct run *r = &lib->r;
	static uint8_t whole[4096];

	fill(lib);
	for (unsigned form = 0; form < FORMS; form++) {
		uint8_t flags_type = (uint8_t)(form % 5 | (form / 5 & 1 ? VOLTAG : 0) | 0xe0);
		uint8_t flags = (uint8_t)((form / 10 & 1 ? DVCID : 0) | (form / 20 & 1 ? 0x02 : 0));
		size_t len, ends[16], n = 0;

		read_status(r, flags_type, 0, 0xffff, flags, 0xffff);
		run_assert_good(r);
		len = r->len;
		assert_int_equal(len, 8 + get_be24(r->data + 5));
		assert_in_range(len, 1, sizeof(whole));
		memcpy(whole, r->data, len);
		for (size_t at = 8; at < len;) {
			size_t page_end = at + 8 + get_be24(whole + at + 5);
			size_t each = get_be16(whole + at + 2);

			for (ends[n++] = at += 8; at < page_end; ends[n++] = at)
				at += each;
		}
		assert_int_equal(ends[n - 1], len);
		for (size_t allocation = 0; allocation <= len; allocation++) {
			size_t want = allocation < 8 ? allocation : 8;

			for (size_t i = 0; i < n && ends[i] <= allocation; i++)
				want = ends[i];
			read_status(r, flags_type, 0, 0xffff, flags, (uint32_t)allocation);
			run_assert_good(r);
			assert_int_equal(r->len, want);
			assert_memory_equal(r->data, whole, want);
		}
	}
}

/* Volume tags of every length up to one that is cut, and characters that are not ASCII. */
static void
reports_tags_of_all_lengths(void **state)
{
	struct library *lib = library_open(36, 0, 1);
	struct run *r = &lib->r;

	for (unsigned n = 1; n <= 36; n++) {
		char name[64];

		snprintf(name, sizeof(name), "%.*s.iso", (int)n,
			"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghij");
		library_insert(lib, JB_SLOT, n, name);
	}
	read_status(r, VOLTAG | SLOT, 0, 0xffff, 0, 0xffff);
	assert_report(r, 1024, 36, 8 + 36 * 52);
	for (unsigned n = 1; n <= 36; n++) {
		const uint8_t *tag = r->data + 16 + (n - 1) * 52 + 12;
		unsigned sent = n < 32 ? n : 32;

		assert_memory_equal(tag, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghij", sent);
		for (unsigned i = sent; i < 32; i++)
			assert_int_equal(tag[i], ' ');
		assert_memory_equal(tag + 32, "\0\0\0\0", 4);
	}
	library_close(lib);
}

/* Volume tags and identifiers together. The drive at LUN 9 is identified only by its identifier, because
 * LUN 9 does not fit. */
static void
identifies_drives_with_tags(void **state)
{
	struct library *lib = *state;

	fill(lib);
	library_insert(lib, JB_DRIVE, 1, "DELTA.iso");
	read_status(&lib->r, VOLTAG | DRIVE, 0, 0xffff, DVCID, 0xffff);
	run_assert_good(&lib->r);
	run_assert_golden(&lib->r, "tests/golden/smc_status_dvcid_voltag.hex");
}

/* PREVENT on a drive, an open mail slot and discs that were inserted by hand: every flag occurs. */
static void
reports_all_flags(void **state)
{
	struct library *lib = *state;
	struct run *r = &lib->r;
	struct jb_elem mail = {JB_MAILSLOT, 1};

	fill(lib);
	drive_prevent_for(jb_drive(lib->jb, 0), true, NULL);
	library_move(lib, JB_SLOT, 4, JB_MAILSLOT, 1);
	assert_int_equal(jb_mailslot_open(lib->jb, mail, true), JB_OK);
	run_clear_ua(r);
	read_status(r, ANY, 0, 0xffff, 0, 0xffff);
	run_assert_good(r);
	run_assert_golden(r, "tests/golden/smc_status_flags.hex");
	drive_prevent_for(jb_drive(lib->jb, 0), false, NULL);
}

/* CURDATA may be set and changes nothing. */
static void
accepts_curdata(void **state)
{
	struct library *lib = *state;

	read_status(&lib->r, ANY, 0, 0xffff, 0x02, 0xffff);
	run_assert_golden(&lib->r, "tests/golden/smc_status_empty.hex");
}

/* A report that is longer than a transport's buffer. */
static void
reports_many_slots(void **state)
{
	struct library *lib = library_open(1000, 0, 1);
	struct run *r = &lib->r;

	library_insert(lib, JB_SLOT, 1000, "LAST.iso");
	read_status(r, VOLTAG | SLOT, 0, 0xffff, 0, 0xffffff);
	assert_report(r, 1024, 1000, 8 + 1000 * 52);
	assert_int_equal(get_be16(r->data + 16 + 999 * 52), 2023);
	assert_memory_equal(r->data + 16 + 999 * 52 + 12, "LAST ", 5);
	read_status(r, MAILSLOT, 0, 0xffff, 0, 0xffff);
	assert_report(r, 0, 0, 0);
	library_close(lib);
}

/* Renames a disc back and forth while reports are made: each report has the disc once. */
struct mover {
	struct library *lib;
	bool stop;
	unsigned moves;
};

static void *
run_mover(void *arg)
{
	struct mover *m = arg;
	struct jb_elem ends[2] = {{JB_SLOT, 1}, {JB_MAILSLOT, 2}};

	for (unsigned i = 0; !__atomic_load_n(&m->stop, __ATOMIC_ACQUIRE); i++) {
		if (move_by_hand(m->lib->jb, ends[i & 1], ends[!(i & 1)], NULL) == JB_OK)
			__atomic_add_fetch(&m->moves, 1, __ATOMIC_RELEASE);
	}
	return NULL;
}

static unsigned
count_full(const struct run *r)
{
	unsigned full = 0;

	for (size_t at = 8; at < r->len;) {
		size_t page_end = at + 8 + get_be24(r->data + at + 5);
		size_t len = get_be16(r->data + at + 2);

		for (at += 8; at < page_end; at += len)
			full += r->data[at + 2] & 1;
	}
	return full;
}

static void
a_report_has_a_moving_disc_once(void **state)
{
	struct library *lib = *state;
	struct mover m = {.lib = lib};
	unsigned reports = 0, full = 1;
	pthread_t thread;

	library_insert(lib, JB_SLOT, 1, "X.iso");
	assert_int_equal(pthread_create(&thread, NULL, run_mover, &m), 0);
	while (full == 1 && (reports < 500 || __atomic_load_n(&m.moves, __ATOMIC_ACQUIRE) < 50)) {
		read_status(&lib->r, VOLTAG | ANY, 0, 0xffff, 0, 0xffff);
		if (lib->r.status != SCSI_GOOD) /* a unit attention for the moves */
			continue;
		reports++;
		full = count_full(&lib->r);
	}
	__atomic_store_n(&m.stop, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	assert_int_equal(full, 1);
}

/* Adds and removes elements while reports are made: each report is of one layout. */
static void *
run_builder(void *arg)
{
	struct mover *m = arg;
	const struct jb_elem ends[] = {{JB_SLOT, 5}, {JB_MAILSLOT, 3}};

	while (!__atomic_load_n(&m->stop, __ATOMIC_ACQUIRE)) {
		for (unsigned i = 0; i < 2; i++)
			assert_int_equal(jb_elem_add(m->lib->jb, ends[i]), JB_OK);
		for (unsigned i = 0; i < 2; i++)
			assert_int_equal(jb_elem_remove(m->lib->jb, ends[i]), JB_OK);
		__atomic_add_fetch(&m->moves, 1, __ATOMIC_RELEASE);
	}
	return NULL;
}

static void
follows_the_layout(void **state)
{
	struct library *lib = *state;
	struct mover m = {.lib = lib};
	struct run *r = &lib->r;
	unsigned reports = 0;
	pthread_t thread;
	bool whole = true;

	library_insert(lib, JB_SLOT, 1, "X.iso");
	assert_int_equal(pthread_create(&thread, NULL, run_builder, &m), 0);
	while (whole && (reports < 300 || __atomic_load_n(&m.moves, __ATOMIC_ACQUIRE) < 20)) {
		read_status(r, VOLTAG | ANY, 0, 0xffff, DVCID, 0xffff);
		if (r->status != SCSI_GOOD) /* a unit attention for the change */
			continue;
		reports++;
		whole = r->len == 8U + get_be24(r->data + 5) && count_full(r) == 1;
	}
	__atomic_store_n(&m.stop, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	assert_true(whole);
}

/* Slots up to the last address, FFFFh. */
static void
reaches_the_last_address(void **state)
{
	struct library *lib = *state;
	struct run *r = &lib->r;

	assert_int_equal(jb_setting_set(lib->jb, JB_SET_CHANGER_FIRST_SLOT, 0, "65532"), JB_OK);
	library_insert(lib, JB_SLOT, 4, "X.iso");
	read_status(r, SLOT, 65535, 1, 0, 0xffff);
	run_assert_good(r);
	assert_int_equal(r->len, 8 + 8 + 16);
	assert_int_equal(get_be16(r->data + 16), 65535);
	assert_int_equal(r->data[18] & 1, 1);
	read_status(r, ANY, 65534, 0xffff, 0x02, 0xffff); /* with CURDATA */
	run_assert_good(r);
	assert_int_equal(get_be16(r->data), 65534);
	assert_int_equal(get_be16(r->data + 2), 2);
	assert_int_equal(r->len, 8 + 8 + 2 * 16);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reports_an_empty_library),
		TEST(reports_discs_with_volume_tags),
		TEST(identifies_drives),
		TEST(answers_mtx_and_ch),
		TEST(sends_whole_descriptors),
		TEST(selects_elements),
		TEST(cuts_every_form),
		cmocka_unit_test(reports_tags_of_all_lengths),
		TEST(identifies_drives_with_tags),
		TEST(reports_all_flags),
		TEST(accepts_curdata),
		cmocka_unit_test(reports_many_slots),
		TEST(a_report_has_a_moving_disc_once),
		TEST(follows_the_layout),
		TEST(reaches_the_last_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
