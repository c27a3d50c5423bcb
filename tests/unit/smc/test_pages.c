/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mode pages and identity of the changer. */
#include "tests/unit/smc/library.h"

static void
sense_10(struct run *r, uint8_t control_page)
{
	run_cdb(r, NULL, 0, 0x5a, 0, control_page, 0, 0, 0, 0, 0, 255);
}

static void
gives_all_pages(void **state)
{
	struct library *lib = *state;
	struct run *r = &lib->r;

	sense_10(r, 0x3f);
	run_assert_good(r);
	run_assert_golden(r, "tests/golden/smc_mode_pages.hex");
	sense_10(r, 0xbf); /* the defaults are the same */
	run_assert_good(r);
	run_assert_golden(r, "tests/golden/smc_mode_pages.hex");
}

/* As mtx asks; ch also asks without DBD. */
static void
answers_mtx_and_ch(void **state)
{
	struct library *lib = *state;
	struct run *r = &lib->r;

	for (uint8_t dbd = 0; dbd <= 0x08; dbd += 0x08) {
		run_cdb(r, NULL, 0, 0x1a, 0x20 | dbd, 0x1d, 0, 136, 0);
		run_assert_good(r);
		assert_int_equal(r->len, 4 + 20);
		assert_memory_equal(r->data, "\x17\0\0\0\x1d\x12", 6);
		assert_int_equal(get_be16(r->data + 4 + 2), 752);
		assert_int_equal(get_be16(r->data + 4 + 4), 1);
		assert_int_equal(get_be16(r->data + 4 + 6), 1024);
		assert_int_equal(get_be16(r->data + 4 + 8), 4);
		assert_int_equal(get_be16(r->data + 4 + 10), 768);
		assert_int_equal(get_be16(r->data + 4 + 12), 2);
		assert_int_equal(get_be16(r->data + 4 + 14), 1);
		assert_int_equal(get_be16(r->data + 4 + 16), 2);
	}
}

static void
no_page_can_be_changed(void **state)
{
	static const uint8_t list[] = {0, 0, 0, 0, 0x1e, 2, 0, 0},
			     other[] = {0, 0, 0, 0, 0x1e, 2, 1, 0};
	struct library *lib = *state;
	struct run *r = &lib->r;

	sense_10(r, 0x7f);
	run_assert_good(r);
	assert_int_equal(r->len, 8 + 20 + 4 + 20);
	for (size_t i = 10; i < r->len; i++) {
		if (i != 28 && i != 29 && i != 32 && i != 33) /* page headers */
			assert_int_equal(r->data[i], 0);
	}
	run_cdb(r, list, sizeof(list), 0x15, 0x10, 0, 0, sizeof(list), 0);
	run_assert_good(r);
	run_cdb(r, other, sizeof(other), 0x15, 0x10, 0, 0, sizeof(other), 0);
	run_assert_sense(r, 5, 0x26, 0);
}

static void
gives_the_subpage(void **state)
{
	struct library *lib = *state;
	struct run *r = &lib->r;

	run_cdb(r, NULL, 0, 0x5a, 0, 0x1f, 0x41, 0, 0, 0, 0, 255);
	run_assert_good(r);
	run_assert_golden(r, "tests/golden/smc_mode_1f41.hex");
	run_cdb(r, NULL, 0, 0x1a, 0, 0x1f, 0xff, 255, 0); /* the page and its subpage */
	run_assert_good(r);
	assert_int_equal(r->len, 4 + 20 + 20);
	assert_memory_equal(r->data + 4, "\x1f\x12", 2);
	assert_memory_equal(r->data + 24, "\x5f\x41\0\x10", 4);
	run_cdb(r, NULL, 0, 0x1a, 0, 0x3f, 0xff, 255, 0);
	assert_int_equal(r->len, 4 + 20 + 4 + 20 + 20);
	run_cdb(r, NULL, 0, 0x1a, 0, 0x5f, 0x41, 255, 0); /* nothing in it can be changed */
	assert_int_equal(r->len, 4 + 20);
	for (size_t i = 8; i < r->len; i++)
		assert_int_equal(r->data[i], 0);
	run_cdb(r, NULL, 0, 0x1a, 0, 0x1f, 0x40, 255, 0);
	run_assert_sense(r, 5, 0x24, 0);
	assert_memory_equal(r->sense + 15, "\xc0\x00\x03", 3);
	run_cdb(r, NULL, 0, 0x1a, 0, 0x1d, 0x41, 255, 0);
	run_assert_sense(r, 5, 0x24, 0);
}

/* The subpage can be sent back unchanged, and is refused in every other form. */
static void
selects_the_subpage(void **state)
{
	struct library *lib = *state;
	struct run *r = &lib->r;
	uint8_t list[4 + 20];

	run_cdb(r, NULL, 0, 0x1a, 0, 0x1f, 0x41, 255, 0);
	memcpy(list, r->data, sizeof(list));
	list[0] = 0;
	run_cdb(r, list, sizeof(list), 0x15, 0x10, 0, 0, sizeof(list), 0);
	run_assert_good(r);
	list[4 + 6] ^= 0x01;
	run_cdb(r, list, sizeof(list), 0x15, 0x10, 0, 0, sizeof(list), 0);
	run_assert_sense(r, 5, 0x26, 0);
	assert_memory_equal(r->sense + 15, "\x80\x00\x0a", 3);
	list[4 + 3] = 0x0f; /* too short: the rest is not a page */
	run_cdb(r, list, sizeof(list), 0x15, 0x10, 0, 0, sizeof(list), 0);
	run_assert_sense(r, 5, 0x26, 0);
	assert_memory_equal(r->sense + 15, "\x80\x00\x06", 3);
	list[4 + 3] = 0x11; /* longer than the list */
	run_cdb(r, list, sizeof(list), 0x15, 0x10, 0, 0, sizeof(list), 0);
	run_assert_sense(r, 5, 0x1a, 0);
	run_cdb(r, list, 4 + 3, 0x15, 0x10, 0, 0, 4 + 3, 0); /* half a header */
	run_assert_sense(r, 5, 0x1a, 0);
	list[4 + 1] = 0x40; /* another subpage */
	list[4 + 3] = 0x10;
	run_cdb(r, list, sizeof(list), 0x15, 0x10, 0, 0, sizeof(list), 0);
	run_assert_sense(r, 5, 0x26, 0);
	assert_memory_equal(r->sense + 15, "\x80\x00\x04", 3);
}

/* A library without mail slots offers no moves to them. */
static void
offers_no_moves_to_missing_mail_slots(void **state)
{
	struct library *lib = library_open(3, 0, 1);
	struct run *r = &lib->r;

	run_cdb(r, NULL, 0, 0x1a, 0, 0x1d, 0, 255, 0);
	assert_memory_equal(r->data + 4 + 10, "\0\0\0\0", 4);
	run_cdb(r, NULL, 0, 0x1a, 0, 0x1f, 0, 255, 0);
	assert_memory_equal(
		r->data + 4, "\x1f\x12\x0a\x03\x0a\x0a\0\x0a\0\0\0\0\0\x0a\0\x0a\0\0\0\0", 20);
	run_cdb(r, NULL, 0, 0x1a, 0, 0x1f, 0x41, 255, 0);
	assert_memory_equal(r->data + 4, "\x5f\x41\0\x10\0\0\x04\0", 8); /* no mail slots */
	library_close(lib);
}

/* After a change of the layout MODE SENSE returns the new one and clears the unit attention, because mtx
 * begins with MODE SENSE. Other commands get the unit attention. */
static void
tells_of_another_layout(void **state)
{
	struct library *lib = *state;
	struct run *r = &lib->r;

	assert_int_equal(jb_elem_add(lib->jb, (struct jb_elem){JB_SLOT, 5}), JB_OK);
	run_cdb(r, NULL, 0, 0x00);
	run_assert_sense(r, 6, 0x2a, 0x01);
	run_cdb(r, NULL, 0, 0x00);
	run_assert_good(r);
	assert_int_equal(jb_elem_add(lib->jb, (struct jb_elem){JB_DRIVE, 2}), JB_OK);
	assert_int_equal(jb_elem_remove(lib->jb, (struct jb_elem){JB_MAILSLOT, 2}), JB_OK);
	run_cdb(r, NULL, 0, 0x1a, 0, 0x1d, 0, 255, 0);
	run_assert_good(r);
	assert_memory_equal(r->data + 4, "\x1d\x12\x02\xf0\0\1\4\0\0\5\3\0\0\1\0\1\0\3", 18);
	run_cdb(r, NULL, 0, 0x00);
	run_assert_good(r);
	assert_int_equal(jb_setting_set(lib->jb, JB_SET_CHANGER_FIRST_SLOT, 0, "2000"), JB_OK);
	run_cdb(r, NULL, 0, 0x00);
	run_assert_sense(r, 6, 0x2a, 0x01);
	/* Other settings cause no unit attention. */
	assert_int_equal(jb_setting_set(lib->jb, JB_SET_CHANGER_SERIAL, 0, "X"), JB_OK);
	run_cdb(r, NULL, 0, 0x00);
	run_assert_good(r);
}

/* MODE SENSE tells of another layout only by its answer: if it is refused, the unit attention stays. */
static void
a_refused_mode_sense_tells_nothing(void **state)
{
	struct library *lib = *state;
	struct scsi_nexus *other;
	struct run holder, *r = &lib->r;

	assert_int_equal(jb_elem_add(lib->jb, (struct jb_elem){JB_SLOT, 5}), JB_OK);
	run_cdb(r, NULL, 0, 0x1a, 0, 0x3e, 0, 255, 0); /* no such page */
	run_assert_sense(r, 5, 0x24, 0);
	run_cdb(r, NULL, 0, 0x00);
	run_assert_sense(r, 6, 0x2a, 0x01);
	run_cdb(r, NULL, 0, 0x00);
	run_assert_good(r);
	other = run_nexus(lib->device, "iqn.2026-01.test:other");
	run_begin(&holder, other, 0);
	run_clear_ua(&holder);
	run_cdb(&holder, NULL, 0, 0x16, 0, 0, 0, 0, 0); /* RESERVE */
	run_assert_good(&holder);
	assert_int_equal(jb_elem_add(lib->jb, (struct jb_elem){JB_SLOT, 6}), JB_OK);
	run_cdb(r, NULL, 0, 0x1a, 0, 0x1d, 0, 255, 0);
	assert_int_equal(r->status, SCSI_RESERVATION_CONFLICT);
	run_end(&holder);
	scsi_nexus_free(other); /* ends RESERVE */
	run_cdb(r, NULL, 0, 0x00);
	run_assert_sense(r, 6, 0x2a, 0x01);
}

static void
identifies_itself(void **state)
{
	struct library *lib = *state;
	struct run *r = &lib->r;
	uint8_t naa[8];

	assert_int_equal(jb_setting_set(lib->jb, JB_SET_CHANGER_SERIAL, 0, "SN-1"), JB_OK);
	assert_int_equal(jb_setting_set(lib->jb, JB_SET_CHANGER_PRODUCT, 0, "SHELF"), JB_OK);
	run_cdb(r, NULL, 0, 0x12, 0, 0, 0, 56, 0); /* mtx's length */
	run_assert_good(r);
	assert_int_equal(r->len, 56);
	assert_memory_equal(
		r->data, "\x08\x80\x06\x12\x5b\0\0\x02JUKEBOXDSHELF           1   ", 36);
	run_cdb(r, NULL, 0, 0x12, 1, 0x80, 0, 255, 0);
	assert_memory_equal(r->data, "\x08\x80\0\x04SN-1", 8);
	run_cdb(r, NULL, 0, 0x12, 1, 0x83, 0, 255, 0);
	assert_int_equal(r->len, 4 + (4 + 28) + (4 + 8) + (4 + 4));
	assert_memory_equal(r->data + 36, "\x01\x03\0\x08", 4);
	memcpy(naa, r->data + 40, 8);
	assert_int_equal(naa[0] >> 4, 3);
	assert_int_equal(naa[7], 0); /* the LUN */
	assert_true((get_be64(naa) & UINT64_C(0x0fffffffffffff00)) != 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(gives_all_pages),
		TEST(answers_mtx_and_ch),
		TEST(no_page_can_be_changed),
		TEST(gives_the_subpage),
		TEST(selects_the_subpage),
		cmocka_unit_test(offers_no_moves_to_missing_mail_slots),
		TEST(tells_of_another_layout),
		TEST(a_refused_mode_sense_tells_nothing),
		TEST(identifies_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
