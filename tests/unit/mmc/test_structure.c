/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a disc says about itself beside its sectors: READ DISC STRUCTURE and the features that go
 * with it, by what has been done to the disc.
 */
#include "tests/unit/mmc/drive.h"

enum { DVD = 0, BD = 1, SPARES = 0x0a, CURRENT = 0x01 };

static void
structure(struct run *r, uint8_t type, uint8_t format)
{
	run_cdb(r, NULL, 0, 0xad, type, 0, 0, 0, 0, 0, format, 0x20, 0, 0, 0);
	run_assert_good(r);
	assert_int_equal(get_be16(r->data) + 2u, r->len);
}

static bool
is_current(struct run *r, uint16_t feature)
{
	run_cdb(r, NULL, 0, 0x46, 2, (uint8_t)(feature >> 8), (uint8_t)feature, 0, 0, 0, 0, 0x20,
		0);
	run_assert_good(r);
	assert_int_equal(get_be16(r->data + 8), feature);
	return (r->data[10] & CURRENT) != 0;
}

static void
load(struct bay *bay, const char *medium)
{
	char name[64];

	snprintf(name, sizeof(name), "D.%s.iso", medium);
	bay_insert(bay, name, 0);
	run_clear_ua(&bay->r[0]);
}

static void
unload(struct bay *bay)
{
	assert_int_equal(bay_remove(bay), JB_OK);
	run_clear_ua(&bay->r[0]);
}

static void
close_track(struct run *r, uint8_t function, uint8_t track)
{
	run_cdb(r, NULL, 0, 0x5b, 0, function, 0, 0, track, 0, 0, 0, 0);
	run_assert_good(r);
}

static void
protect(struct bay *bay, mode_t mode)
{
	const struct jb_attr tab = {.set = JB_ATTR_MODE, .mode = mode};
	struct jb_item item;

	assert_int_equal(jb_item_lookup(bay->jb, bay_element, bay->disc, &item), JB_OK);
	assert_int_equal(jb_item_setattr(bay->jb, item.id, &tab), JB_OK);
}

/* The lead-in of a DVD-R says where its last border ends, the groove where the disc could. */
static void
borders_of_a_dvd_r(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	load(bay, "dvd-r");
	structure(r, DVD, 0x00);
	assert_int_equal(get_be24(r->data + 9), 0x030000);
	assert_int_equal(get_be24(r->data + 13), 0x26127f);
	bay_write(r, 0, 32);
	run_assert_good(r);
	structure(r, DVD, 0x00);
	assert_int_equal(get_be24(r->data + 13), 0x26127f);
	close_track(r, 1, 1);
	close_track(r, 2, 0);
	structure(r, DVD, 0x00);
	assert_int_equal(get_be24(r->data + 13), 0x03001f);
	structure(r, DVD, 0x10);
	assert_int_equal(get_be24(r->data + 13), 0x26127f);
	unload(bay);
}

/* Settled as soon as something is recorded, if nobody did before. */
static void
the_layer_break_is_settled(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	load(bay, "dvd+r-dl");
	structure(r, DVD, 0x20);
	assert_int_equal(r->data[4], 0);
	assert_int_equal(get_be32(r->data + 8), 2086912);
	bay_write(r, 0, 16);
	run_assert_good(r);
	structure(r, DVD, 0x20);
	assert_int_equal(r->data[4], 0x80);
	unload(bay);
}

static void
format(struct run *r, uint8_t type, uint32_t blocks)
{
	uint8_t list[12] = {0, 0x02, 0, 8, 0, 0, 0, 0, (uint8_t)(type << 2)};

	put_be32(list + 4, blocks);
	run_cdb(r, list, sizeof(list), 0x04, 0x11, 0, 0, 0, 0);
	run_assert_good(r);
}

/* DVD-RAM in sectors: primary ones, supplementary ones, and how many of these there are. */
static void
spares_by_format(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	load(bay, "dvd-ram");
	structure(r, DVD, SPARES);
	assert_int_equal(get_be32(r->data + 4), 12800);
	assert_int_equal(get_be32(r->data + 8), 58368);
	assert_int_equal(get_be32(r->data + 12), 58368);
	format(r, 0x01, 2226976);
	structure(r, DVD, SPARES);
	assert_int_equal(get_be32(r->data + 12), 58368 + 9728);
	format(r, 0x00, 2295072);
	structure(r, DVD, SPARES);
	assert_int_equal(get_be32(r->data + 4), 12800);
	assert_int_equal(get_be32(r->data + 12), 0);
	structure(r, DVD, 0x00); /* the data area has them all */
	assert_int_equal(get_be24(r->data + 9), 0x031000);
	assert_int_equal(get_be24(r->data + 13), 0x265f5f);
	unload(bay);
	load(bay, "bd-re");
	structure(r, BD, SPARES);
	assert_int_equal(get_be32(r->data + 12), 0); /* clusters */
	format(r, 0x30, 12088320);
	structure(r, BD, SPARES);
	assert_int_equal(get_be32(r->data + 8), 4096);
	assert_int_equal(get_be32(r->data + 12), 4096);
	format(r, 0x31, 0xffffffff);
	structure(r, BD, SPARES);
	assert_int_equal(get_be32(r->data + 12), 0);
	unload(bay);
}

/* Of two layers a unit each; the second is read inwards. */
static void
disc_information_of_bd(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];
	const uint8_t *unit;

	load(bay, "bd-re-dl");
	structure(r, BD, 0x00);
	assert_int_equal(r->len, 4 + 4096);
	unit = r->data + 4;
	for (unsigned layer = 0; layer < 2; layer++, unit += 112) {
		assert_memory_equal(unit, "DI\1", 3);
		assert_int_equal(unit[3], 2 << 3 | layer);
		assert_int_equal(unit[5], layer);
		assert_memory_equal(unit + 8, "BDW\x11\x24", 5);
		assert_memory_equal(unit + 100, "JUKEBXW05", 9);
	}
	unit = r->data + 4;
	assert_int_equal(get_be32(unit + 24), 0x00020000);
	assert_int_equal(get_be32(unit + 28), 0x00194e7e);
	assert_int_equal(get_be32(unit + 112 + 24), 0x01e6b181);
	assert_int_equal(get_be32(unit + 112 + 28), 0x01fdffff);
	assert_int_equal(unit[2 * 112], 0);
	unload(bay);
	load(bay, "bd-r");
	structure(r, BD, 0x00);
	assert_memory_equal(r->data + 4 + 8, "BDR\x01\x12", 5);
	unload(bay);
}

/* Told, where a disc may be protected: on DVD-RAM in the status of the cartridge too. */
static void
protection_is_told(void **state)
{
	static const struct {
		const char *medium;
		uint8_t type;
		bool feature;
	} media[] = {{"dvd-ram", DVD, true}, {"dvd+rw", DVD, true}, {"dvd-r", DVD, false},
		{"bd-r", BD, true}, {"bd-re", BD, true}};
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	for (size_t i = 0; i < sizeof(media) / sizeof(media[0]); i++) {
		load(bay, media[i].medium);
		assert_int_equal(is_current(r, 0x0004), media[i].feature);
		structure(r, media[i].type, 0xc0);
		assert_int_equal(r->data[4], 0);
		protect(bay, 0444);
		run_clear_ua(r);
		structure(r, media[i].type, 0xc0);
		assert_int_equal(r->data[4], 0x06);
		if (i == 0) {
			structure(r, DVD, 0x09);
			assert_int_equal(r->data[4], 0x86);
			structure(r, DVD, 0x0b);
			assert_int_equal(get_be32(r->data + 4), 0);
		}
		protect(bay, 0644);
		unload(bay);
	}
}

/* A BD-R can be formatted as long as it is blank. */
static void
a_bd_r_is_formattable_once(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	load(bay, "bd-r");
	assert_true(is_current(r, 0x0023));
	bay_write(r, 0, 32);
	run_assert_good(r);
	assert_false(is_current(r, 0x0023));
	unload(bay);
	load(bay, "dvd-rw");
	bay_write(r, 0, 32);
	run_assert_good(r);
	assert_true(is_current(r, 0x0023));
	unload(bay);
}

static void
last_session_page(struct run *r)
{
	const uint8_t page[60] = {
		[8] = 0x05, [9] = 0x32, [10] = 2, [11] = 4, [12] = 8, [23] = 0x96};

	run_cdb(r, page, sizeof(page), 0x55, 0x10, 0, 0, 0, 0, 0, 0, sizeof(page), 0);
	run_assert_good(r);
}

static unsigned
disc_status_of(struct run *r)
{
	run_cdb(r, NULL, 0, 0x51, 0, 0, 0, 0, 0, 0, 0, 34, 0);
	run_assert_good(r);
	return r->data[2] & 3;
}

/* Mode page 05h as wodim -atip leaves it is not the wish of a program that closes its track, as those
 * do that know the medium; wodim itself closes the session only. */
static void
the_page_of_another_program(void **state)
{
	static const char *const media[] = {"dvd+r", "dvd+r-dl", "bd-r"};
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	for (size_t i = 0; i < sizeof(media) / sizeof(media[0]); i++) {
		load(bay, media[i]);
		last_session_page(r);
		bay_write(r, 0, 32);
		run_assert_good(r);
		close_track(r, 1, 1);
		close_track(r, 2, 0);
		assert_int_equal(disc_status_of(r), 1);
		unload(bay);
		load(bay, media[i]);
		last_session_page(r);
		bay_write(r, 0, 32);
		run_assert_good(r);
		close_track(r, 2, 0);
		assert_int_equal(disc_status_of(r), 2);
		unload(bay);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(borders_of_a_dvd_r),
		TEST(the_layer_break_is_settled),
		TEST(spares_by_format),
		TEST(disc_information_of_bd),
		TEST(protection_is_told),
		TEST(a_bd_r_is_formattable_once),
		TEST(the_page_of_another_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
