/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "changer/medium.h"

/* Returns the most blocks of the medium's formats, or 0 if it cannot be formatted. */
static uint32_t
formatted_max(const struct medium *m)
{
	const struct medium_format *f;
	uint32_t max = 0;

	for (size_t i = 0; (f = medium_format(m, i)) != NULL; i++)
		if (f->blocks > max)
			max = f->blocks;
	return max;
}

static void
rows_are_found_by_their_keys(void **state)
{
	const struct medium *m;
	size_t i;

	for (i = 0; (m = medium_row(i)) != NULL; i++) {
		/* On BD two layers have the profile of one layer, and CD-RW with packets has that of
		 * CD-RW. medium_by_profile() returns the first of such rows. */
		if (medium_by_profile(m->profile) != m)
			assert_true(m->layers >= 2 || medium_packet(m) != 0);
		assert_ptr_equal(medium_become(m, NULL), m);
		assert_ptr_equal(medium_become(medium_row(0), m->suffix), m);
		assert_ptr_equal(medium_by_suffix(m->suffix, strlen(m->suffix)), m);
	}
	assert_int_equal(i, 20);
	assert_null(medium_row(i + 1));
	assert_null(medium_row(SIZE_MAX));
	assert_null(medium_by_profile(PROFILE_NONE));
	assert_null(medium_by_profile(0xffff));
}

static void
suffixes_in_any_case_but_whole(void **state)
{
	const struct medium *m = medium_by_profile(PROFILE_DVD_PLUS_R);

	assert_ptr_equal(medium_by_suffix("DVD+R", 5), m);
	assert_ptr_equal(medium_by_suffix("Dvd+r.iso", 5), m);
	assert_null(medium_by_suffix("dvd+r", 4));
	assert_null(medium_by_suffix("dvd+rx", 6));
	assert_string_equal(medium_by_suffix("dvd+rw", 6)->name, "DVD+RW");
	assert_null(medium_by_suffix("", 0));
}

static void
every_format_is_consistent(const struct medium *m)
{
	const struct medium_format *f;

	for (size_t i = 0; (f = medium_format(m, i)) != NULL; i++) {
		assert_true(f->type < 64);
		assert_true(f->blocks <= m->capacity);
		assert_int_equal(f->blocks % m->ecc_block, 0);
		assert_int_equal(f->links != 0, medium_packet(m) != 0);
		assert_int_equal(medium_format_blocks(f, m->capacity), f->blocks);
		assert_true(medium_format_blocks(f, m->capacity / 2) <= m->capacity / 2);
		assert_int_equal(f->pow & f->sub_types, f->pow);
		assert_non_null(medium_become(m, f->becomes));
		if (f->does == FORMAT_ERASES)
			assert_int_equal(medium_become(m, f->becomes)->writing, WRITES_ANYWHERE);
		assert_int_equal(medium_become(m, f->becomes)->layers, m->layers);
		assert_true(f->blocks <= formatted_max(m));
	}
	assert_int_equal(formatted_max(m) != 0, m->formats != NULL);
}

/* Checks that the speeds begin with the fastest, and that mode page 2Ah has room for them. */
static void
assert_speeds(const uint32_t *speeds)
{
	size_t n = 0;

	for (; speeds[n] != 0; n++) {
		assert_true(speeds[n] <= UINT16_MAX);
		assert_true(n == 0 || speeds[n] < speeds[n - 1]);
	}
	assert_in_range(n, 1, 8);
}

/* Rules for every row, also for rows that are added later. */
static void
every_row_is_consistent(void **state)
{
	const struct medium *m;

	for (size_t i = 0; (m = medium_row(i)) != NULL; i++) {
		bool writable = medium_writable(m);

		assert_non_null(m->name);
		assert_true(m->layers >= 1);
		assert_true(m->capacity > 0);
		/* A power of two, because every write divides by it. */
		assert_true(m->ecc_block > 0 && (m->ecc_block & (m->ecc_block - 1)) == 0);
		if (writable && medium_packet(m) == 0)
			assert_int_equal(m->capacity % m->ecc_block, 0);
		assert_true(m->max_tracks >= 1 && m->max_sessions >= 1);
		assert_true((m->close_functions & m->final_functions) == m->final_functions);
		assert_true(m->read_speed > 0 && m->read_speed <= UINT16_MAX);
		assert_int_equal(medium_write_speed(m) != 0, writable);
		if (writable)
			assert_speeds(m->write_speeds);
		assert_true(m->data_area == 0 || m->data_area >= m->capacity);
		assert_int_equal(m->close_functions != 0, writable);
		assert_int_equal(m->maker != NULL, m->maker_type != NULL);
		/* The maker of a CD is given by the address of the lead-in. */
		assert_int_equal(m->maker != NULL, writable && m->family != MEDIUM_CD);
		assert_int_equal(m->first_psn != 0, m->family != MEDIUM_CD);
		assert_int_equal(m->book_type != 0, m->family == MEDIUM_DVD);
		assert_int_equal(m->writing != WRITES_NEVER, writable);
		if (m->writing == WRITES_ANYWHERE) {
			assert_int_equal(m->kind, MEDIUM_REWRITABLE);
			assert_non_null(medium_format(m, 0));
			assert_int_equal(m->final_functions, 0);
		}
		/* A rewritable medium can become blank again. */
		if (m->kind == MEDIUM_REWRITABLE)
			assert_true(m->blank_types != 0 || m->formats != NULL);
		every_format_is_consistent(m);
	}
}

static void
dvd_plus_r_is_what_the_standard_says(void **state)
{
	const struct medium *m = medium_by_profile(PROFILE_DVD_PLUS_R);

	assert_int_equal(m->capacity, 2295104);
	assert_int_equal(m->first_psn + m->capacity - 1, 0x26053f);
	assert_int_equal(m->ecc_block, 16);
	assert_int_equal(m->close_functions, 1 << 1 | 1 << 2 | 1 << 5 | 1 << 6);
	assert_int_equal(m->final_functions, 1 << 5 | 1 << 6);
	assert_int_equal(m->write_types, 1 << 0 | 1 << 2);
	assert_true(m->can_reserve);
	assert_int_equal(strlen(m->maker), 8);
	assert_int_equal(strlen(m->maker_type), 3);
}

/* Sectors of blanks and of formats, as real drives report them. */
static void
capacities_are_those_of_real_media(void **state)
{
	static const struct {
		const char *suffix;
		uint32_t blank, formatted;
	} media[] = {
		{"cd-r", 359849, 0},
		{"cd-rw", 359849, 295264},
		{"cd-rw-packet", 359849, 295264},
		{"dvd-r", 2297888, 0},
		{"dvd-r-dl", 4171712, 0},
		{"dvd-rw", 2297888, 2297888},
		{"dvd-rw-ro", 2297888, 2297888},
		{"dvd-ram", 2295072, 2295072},
		{"dvd+r", 2295104, 0},
		{"dvd+r-dl", 4173824, 0},
		{"dvd+rw", 2295104, 2295104},
		{"bd-r", 12219392, 12088320},
		{"bd-r-dl", 24438784, 24307712},
		{"bd-re", 12219392, 12219392},
		{"bd-re-dl", 24438784, 24438784},
	};

	for (size_t i = 0; i < sizeof(media) / sizeof(media[0]); i++) {
		const struct medium *m = medium_by_suffix(media[i].suffix, strlen(media[i].suffix));

		assert_non_null(m);
		assert_int_equal(m->capacity, media[i].blank);
		assert_int_equal(formatted_max(m), media[i].formatted);
	}
}

/* Blocks and parameter of each format, as real drives report them. */
static void
formats_are_those_of_real_media(void **state)
{
	static const struct {
		const char *suffix;
		uint8_t type;
		uint32_t blocks, parameter;
	} formats[] = {
		{"dvd-ram", 0x00, 2236704, 0x800},
		{"dvd-ram", 0x00, 2295072, 0x800},
		{"dvd-ram", 0x01, 2226976, 0x800},
		{"dvd-ram", 0x01, 2217248, 0x800},
		{"bd-r", 0x00, 11826176, 0x3000},
		{"bd-r", 0x32, 11826176, 0},
		{"bd-r", 0x32, 5796864, 0},
		{"bd-r", 0x32, 12088320, 0},
		{"bd-r-dl", 0x00, 23652352, 0x6000},
		{"bd-r-dl", 0x32, 23652352, 0},
		{"bd-r-dl", 0x32, 12183552, 0},
		{"bd-r-dl", 0x32, 24307712, 0},
		{"bd-re", 0x00, 11826176, 0x3000},
		{"bd-re", 0x30, 11826176, 0},
		{"bd-re", 0x30, 11564032, 0},
		{"bd-re", 0x30, 12088320, 0},
		{"bd-re", 0x31, 12219392, 0x800},
	};
	const char *suffix = "";
	size_t n = 0;

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		const struct medium *m =
			medium_by_suffix(formats[i].suffix, strlen(formats[i].suffix));
		const struct medium_format *f;

		n = strcmp(suffix, formats[i].suffix) == 0 ? n + 1 : 0;
		suffix = formats[i].suffix;
		f = medium_format(m, n);
		assert_non_null(f);
		assert_int_equal(f->type, formats[i].type);
		assert_int_equal(f->blocks, formats[i].blocks);
		assert_int_equal(f->parameter, formats[i].parameter);
	}
}

static void
gaps_between_sessions(void **state)
{
	const struct medium *cd = medium_by_profile(PROFILE_CD_R);
	const struct medium *minus = medium_by_profile(PROFILE_DVD_R);
	const struct medium *plus = medium_by_profile(PROFILE_DVD_PLUS_R);

	assert_int_equal(medium_session_gap(cd, 300, true), 11400);
	assert_int_equal(medium_session_gap(cd, 300, false), 6900);
	/* The values of three real discs: two in the first zone and one in the second. */
	assert_int_equal(medium_session_gap(minus, 132800, true), 161488 - 132800);
	assert_int_equal(medium_session_gap(minus, 145680, true), 174368 - 145680);
	assert_int_equal(medium_session_gap(minus, 0xe6120 - 0x30000, true), 37904);
	assert_int_equal(medium_session_gap(minus, 0xb25ff - 0x30000, true), 28688);
	assert_int_equal(medium_session_gap(minus, 0xb2600 - 0x30000, true), 37904);
	assert_true(medium_session_gap(minus, 2000000, true) > 37904);
	assert_true(medium_session_gap(minus, 2000000, false) < 28688);
	assert_int_equal(medium_session_gap(plus, 899648, true), 901696 - 899648);
	assert_int_equal(medium_session_gap(plus, 2000000, false), 2048);
	assert_int_equal(medium_session_gap(medium_by_profile(PROFILE_BD_R), 256, true), 0);
}

static void
images_are_pressed_by_size(void **state)
{
	assert_int_equal(medium_for_image(1)->profile, PROFILE_CD_ROM);
	assert_int_equal(medium_for_image(360000)->profile, PROFILE_CD_ROM);
	assert_int_equal(medium_for_image(360001)->profile, PROFILE_DVD_ROM);
	assert_int_equal(medium_for_image(4173824)->profile, PROFILE_DVD_ROM);
	assert_int_equal(medium_for_image(4173825)->profile, PROFILE_BD_ROM);
	assert_int_equal(medium_for_image(UINT64_MAX)->profile, PROFILE_BD_ROM);
	assert_false(medium_writable(medium_for_image(1)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_found_by_their_keys),
		cmocka_unit_test(suffixes_in_any_case_but_whole),
		cmocka_unit_test(every_row_is_consistent),
		cmocka_unit_test(dvd_plus_r_is_what_the_standard_says),
		cmocka_unit_test(capacities_are_those_of_real_media),
		cmocka_unit_test(formats_are_those_of_real_media),
		cmocka_unit_test(gaps_between_sessions),
		cmocka_unit_test(images_are_pressed_by_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
