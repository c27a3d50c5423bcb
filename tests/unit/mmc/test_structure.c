/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a disc says about itself besides its sectors: READ DISC STRUCTURE and its features, after various
 * changes of the disc.
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

/* The lead-in of a DVD-R has the end of its last border; the pre-recorded groove has the possible end of
 * the disc. */
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

/* The layer break becomes fixed when something is recorded, even if no program set it. */
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

/* DVD-RAM counts in sectors: primary spares, supplementary spares, and the capacity for these. */
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
	structure(r, DVD, 0x00); /* all spares in the data area */
	assert_int_equal(get_be24(r->data + 9), 0x031000);
	assert_int_equal(get_be24(r->data + 13), 0x265f5f);
	unload(bay);
	load(bay, "bd-re");
	structure(r, BD, SPARES);
	assert_int_equal(get_be32(r->data + 12), 0); /* in clusters */
	format(r, 0x30, 12088320);
	structure(r, BD, SPARES);
	assert_int_equal(get_be32(r->data + 8), 4096);
	assert_int_equal(get_be32(r->data + 12), 4096);
	format(r, 0x31, 0xffffffff);
	structure(r, BD, SPARES);
	assert_int_equal(get_be32(r->data + 12), 0);
	unload(bay);
}

/* A disc that is smaller than usual has no spare areas but those that a format leaves. */
static void
spares_of_small_discs(void **state)
{
	enum { SECTORS = 2441216, SPARED = 2400000 };
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	bay_insert_sized(bay, "D.bd-re.iso", SECTORS);
	run_clear_ua(r);
	format(r, 0x30, 0xffffffff);
	structure(r, BD, SPARES);
	assert_int_equal(get_be32(r->data + 8), 0);
	assert_int_equal(get_be32(r->data + 12), 0);
	format(r, 0x30, SPARED);
	structure(r, BD, SPARES);
	assert_int_equal(get_be32(r->data + 12), (SECTORS - SPARED) / 32);
	unload(bay);
	bay_insert_sized(bay, "D.bd-r.iso", SECTORS);
	run_clear_ua(r);
	bay_write(r, 0, 32);
	run_assert_good(r);
	structure(r, BD, SPARES);
	assert_int_equal(get_be32(r->data + 12), 0);
	unload(bay);
	bay_insert_sized(bay, "D.dvd-ram.iso", 1000000);
	run_clear_ua(r);
	structure(r, DVD, SPARES);
	assert_int_equal(get_be32(r->data + 8), 0);
	assert_int_equal(get_be32(r->data + 12), 0);
	unload(bay);
}

/* A disc with two layers has one information unit per layer. The second layer is read towards the center. */
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

/* The protection is reported for media that can be protected; on DVD-RAM in the cartridge status, too. */
static void
protection_is_told(void **state)
{
	static const struct {
		const char *medium;
		uint8_t type;
		bool feature;
	} media[] = {{"dvd-ram", DVD, true}, {"dvd+rw", DVD, true}, {"dvd-r", DVD, false},
		{"dvd-rw", DVD, true}, {"dvd-rw-ro", DVD, true}, {"bd-r", BD, true},
		{"bd-re", BD, true}};
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

/* ---- persistent write protection --------------------------------------------------------------- */

static void
send_pwp(struct run *r, uint8_t type, bool on)
{
	const uint8_t list[8] = {0, 6, 0, 0, on ? 0x02 : 0};

	run_cdb(r, list, sizeof(list), 0xbf, type, 0, 0, 0, 0, 0, 0xc0, 0, sizeof(list), 0, 0);
}

/* Returns the status byte of format C0h. */
static uint8_t
protection(struct run *r, uint8_t type)
{
	structure(r, type, 0xc0);
	return r->data[4];
}

static bool
mode_says_protected(struct run *r)
{
	run_cdb(r, NULL, 0, 0x5a, 8, 0x01, 0, 0, 0, 0, 0, 20, 0);
	run_assert_good(r);
	return (r->data[3] & 0x80) != 0;
}

static bool
feature_says_spwp(struct run *r)
{
	assert_true(is_current(r, 0x0004));
	return (r->data[12] & 0x0f) == 0x02;
}

static void
blank(struct run *r)
{
	run_cdb(r, NULL, 0, 0xa1, 0x11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}

/* Checks that commands that change the disc fail with PERSISTENT WRITE PROTECT and that reads work. */
static void
assert_persistent(struct bay *bay, const struct medium *m)
{
	const uint8_t list[12] = {0, 2, 0, 8, 0, 0, 0, 0, (uint8_t)(m->formats[0].type << 2)};
	struct run *r = &bay->r[0];

	assert_int_equal(protection(r, DVD), 0x02);
	assert_true(mode_says_protected(r));
	assert_false(is_current(r, 0x0020));
	bay_write(r, 0, 16);
	run_assert_sense(r, 0x07, 0x27, 0x04);
	run_cdb(r, list, sizeof(list), 0x04, 0x11, 0, 0, 0, 0);
	run_assert_sense(r, 0x07, 0x27, 0x04);
	run_cdb(r, NULL, 0, 0x5b, 0, 2, 0, 0, 0, 0, 0, 0, 0);
	run_assert_sense(r, 0x07, 0x27, 0x04);
	if (m->blank_types != 0) {
		blank(r);
		run_assert_sense(r, 0x07, 0x27, 0x04);
	}
	if (m->can_reserve) {
		run_cdb(r, NULL, 0, 0x53, 0, 0, 0, 0, 0, 0, 0, 32, 0);
		run_assert_sense(r, 0x07, 0x27, 0x04);
	}
	run_cdb(r, NULL, 0, 0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	run_assert_good(r);
	bay_read(r, 0, 16);
	run_assert_good(r);
	assert_true(sectors_filled(r->data, 0, 16));
}

static void
pwp_of(struct bay *bay, const struct medium *m)
{
	struct run *r = &bay->r[0];

	load(bay, m->suffix);
	run_clear_ua(&bay->r[1]);
	if (m->writing == WRITES_ANYWHERE && !m->comes_formatted)
		format(r, m->formats[0].type, 0xffffffff);
	bay_write(r, 0, 16);
	run_assert_good(r);
	assert_true(feature_says_spwp(r));
	assert_int_equal(protection(r, DVD), 0);
	run_clear_ua(&bay->r[1]);
	send_pwp(r, DVD, true);
	run_assert_good(r);
	/* Other nexuses get the unit attention of a new medium; the nexus that set the protection does
	 * not. */
	run_cdb(&bay->r[1], NULL, 0, 0x00, 0, 0, 0, 0, 0);
	run_assert_sense(&bay->r[1], 0x06, 0x28, 0x00);
	assert_persistent(bay, m);
	/* Setting it again changes nothing and raises no unit attention. */
	send_pwp(r, DVD, true);
	run_assert_good(r);
	run_cdb(&bay->r[1], NULL, 0, 0x00, 0, 0, 0, 0, 0);
	run_assert_good(&bay->r[1]);
	bay_restart(bay);
	run_clear_ua(r);
	assert_persistent(bay, m);
	/* While the tab is set, the protection cannot be changed. */
	protect(bay, 0444);
	assert_int_equal(protection(r, DVD), 0x06);
	send_pwp(r, DVD, false);
	run_assert_sense(r, 0x07, 0x27, 0x00);
	bay_write(r, 0, 16);
	run_assert_sense(r, 0x07, 0x27, 0x00);
	protect(bay, 0644);
	assert_persistent(bay, m);
	send_pwp(r, DVD, false);
	run_assert_good(r);
	assert_int_equal(protection(r, DVD), 0);
	assert_false(mode_says_protected(r));
	if (m->writing == WRITES_ANYWHERE && m->profile != PROFILE_DVD_RW_RO)
		assert_true(is_current(r, 0x0020));
	bay_write(r, 16, 16);
	run_assert_good(r);
	unload(bay);
}

static void
pwp_of_every_medium(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];
	const struct medium *m;
	unsigned with = 0;

	for (size_t i = 0; (m = medium_row(i)) != NULL; i++) {
		uint8_t type = m->family == MEDIUM_BD ? BD : DVD;

		if (m->has_pwp) {
			pwp_of(bay, m);
			with++;
			continue;
		}
		if (!medium_writable(m))
			continue;
		load(bay, m->suffix);
		send_pwp(r, type, true);
		run_assert_sense(r, 0x05, 0x24, 0x00);
		bay_write(r, 0, 1);
		assert_int_not_equal(r->key, 0x07);
		if (m->family == MEDIUM_BD)
			assert_false(feature_says_spwp(r));
		unload(bay);
	}
	assert_int_equal(with, 4);
}

static void
short_parameter_lists_are_refused(void **state)
{
	const uint8_t list[8] = {0, 6, 0, 0, 0x02};
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	load(bay, "dvd-ram");
	run_cdb(r, list, 4, 0xbf, 0, 0, 0, 0, 0, 0, 0xc0, 0, 4, 0, 0);
	run_assert_sense(r, 0x05, 0x1a, 0x00);
	run_cdb(r, list, 4, 0xbf, 0, 0, 0, 0, 0, 0, 0xc0, 0, 8, 0, 0);
	run_assert_sense(r, 0x05, 0x1a, 0x00);
	assert_int_equal(protection(r, DVD), 0);
	unload(bay);
}

static void
load_any(struct bay *bay, const struct medium *m)
{
	char name[64];

	snprintf(name, sizeof(name), "D.%s.iso", m->suffix);
	bay_insert(bay, name,
		medium_writable(m)	  ? 0
		: m->family == MEDIUM_BD  ? 4200000
		: m->family == MEDIUM_DVD ? 400000
					  : 400);
	run_clear_ua(&bay->r[0]);
}

/* ---- the list ------------------------------------------------------------------------------------ */

/* Checks the list (format FFh) of a medium: a format code is answered if and only if the list has it as
 * readable, with the length in the list; it can be sent if and only if the list has it as sendable. */
static void
compare_list(struct bay *bay, const struct medium *m)
{
	static uint8_t zeros[64];
	uint8_t flags[256] = {0};
	uint16_t length[256] = {0};
	struct run *r = &bay->r[0];

	structure(r, DVD, 0xff);
	for (size_t at = 4; at + 4 <= r->len; at += 4) {
		assert_int_equal(flags[r->data[at]], 0);
		flags[r->data[at]] = r->data[at + 1];
		length[r->data[at]] = get_be16(r->data + at + 2);
	}
	for (unsigned type = DVD; type <= BD; type++) {
		for (unsigned code = 0; code < 0xff; code++) {
			bool its =
				(type == BD) == (m->family == MEDIUM_BD) && m->family != MEDIUM_CD;

			run_cdb(r, NULL, 0, 0xad, (uint8_t)type, 0, 0, 0, 0, 0, (uint8_t)code, 0x20,
				0, 0, 0);
			if (its && flags[code] & 0x40) {
				run_assert_good(r);
				assert_int_equal(r->len, length[code]);
			} else {
				assert_int_equal(r->key, 0x05);
			}
			run_cdb(r, zeros, sizeof(zeros), 0xbf, (uint8_t)type, 0, 0, 0, 0, 0,
				(uint8_t)code, 0, sizeof(zeros), 0, 0);
			if (its && flags[code] & 0x80)
				assert_true(r->status == SCSI_GOOD || r->asc != 0x24);
			else
				run_assert_sense(r, 0x05, 0x24, 0x00);
		}
	}
	if (m->family == MEDIUM_CD)
		for (unsigned code = 0; code < 0xff; code++)
			assert_int_equal(flags[code], 0);
}

static void
the_list_says_what_is_answered(void **state)
{
	struct bay *bay = *state;
	const struct medium *m;

	for (size_t i = 0; (m = medium_row(i)) != NULL; i++) {
		load_any(bay, m);
		compare_list(bay, m);
		unload(bay);
	}
}

/* ---- features --------------------------------------------------------------------------------- */

/* The features that MMC-6 makes mandatory for each profile, besides those of all removable media. They are
 * current on a blank or an image of the profile.  But 0021h, which
 * means packets on CD, is not current on a CD that refuses them: hosts would rely on it. */
static const struct {
	uint16_t profile, features[8];
} mandatory[] = {
	{PROFILE_CD_ROM, {0x0010, 0x001e}},
	{PROFILE_CD_R, {0x0010, 0x001e, 0x002d}},
	{PROFILE_CD_RW, {0x0010, 0x001d, 0x001e, 0x0023, 0x002d, 0x0037}},
	{PROFILE_DVD_ROM, {0x0010, 0x001f}},
	{PROFILE_DVD_R, {0x0010, 0x001f, 0x0021, 0x002f}},
	{PROFILE_DVD_R_DL, {0x0010, 0x001f, 0x0021, 0x002f}},
	{PROFILE_DVD_RW, {0x0010, 0x001f, 0x0021, 0x0023, 0x002f}},
	{PROFILE_DVD_RW_RO, {0x0010, 0x001f, 0x0023, 0x0026, 0x002c}},
	{PROFILE_DVD_RAM, {0x0010, 0x001f, 0x0020, 0x0023, 0x0024}},
	{PROFILE_DVD_PLUS_RW, {0x0010, 0x001f, 0x0020, 0x0023, 0x002a}},
	{PROFILE_DVD_PLUS_R, {0x0010, 0x001f, 0x002b}},
	{PROFILE_DVD_PLUS_R_DL, {0x0010, 0x001f, 0x003b}},
	{PROFILE_BD_ROM, {0x0010, 0x0040}},
	{PROFILE_BD_R, {0x0010, 0x0021, 0x0040, 0x0041}},
	{PROFILE_BD_RE, {0x0010, 0x0020, 0x0023, 0x0024, 0x0040, 0x0041}},
};

static void
check_features(struct run *r, const struct medium *m)
{
	static const uint16_t of_all[] = {
		0x0000, 0x0001, 0x0002, 0x0003, 0x0100, 0x0105, 0x0107, 0x0108};
	unsigned found = 0;

	for (size_t i = 0; i < sizeof(of_all) / sizeof(of_all[0]); i++)
		assert_true(is_current(r, of_all[i]));
	assert_int_equal(get_be16(r->data + 6), m->profile);
	for (size_t i = 0; i < sizeof(mandatory) / sizeof(mandatory[0]); i++) {
		if (mandatory[i].profile != m->profile)
			continue;
		found++;
		for (size_t n = 0; n < 8 && mandatory[i].features[n] != 0; n++)
			if (!is_current(r, mandatory[i].features[n]))
				fail_msg("%s: %04x is not current", m->name,
					mandatory[i].features[n]);
	}
	assert_int_equal(found, 1);
	if (m->family == MEDIUM_CD)
		assert_int_equal(is_current(r, 0x0021), m->writing == WRITES_ANYWHERE);
}

static void
every_profile_has_its_features(void **state)
{
	struct bay *bay = *state;
	const struct medium *m;

	for (size_t i = 0; (m = medium_row(i)) != NULL; i++) {
		load_any(bay, m);
		check_features(&bay->r[0], m);
		unload(bay);
	}
}

/* A BD-R can be formatted while it is blank. */
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

/* wodim -atip leaves its own mode page 05h. It must not affect a program that closes its tracks, as
 * programs do for this medium. wodim itself closes only the session. */
static void
a_mode_page_left_by_wodim_is_ignored(void **state)
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
		TEST(spares_of_small_discs),
		TEST(disc_information_of_bd),
		TEST(protection_is_told),
		TEST(pwp_of_every_medium),
		TEST(short_parameter_lists_are_refused),
		TEST(the_list_says_what_is_answered),
		TEST(every_profile_has_its_features),
		TEST(a_bd_r_is_formattable_once),
		TEST(a_mode_page_left_by_wodim_is_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
