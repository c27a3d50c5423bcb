/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Raw sectors: what is made is right, and what is read is what was made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "changer/base/be.h"
#include "changer/cdsector.h"

/* ---- sectors --------------------------------------------------------------------------------- */

static void
make_data(uint8_t data[2048])
{
	for (unsigned i = 0; i < 2048; i++)
		data[i] = (uint8_t)(i * 31 + i / 256);
}

static void
test_mode1(void **state)
{
	/* EDC, the ends of P and Q: as another implementation of ECMA-130 has them, too (chdman
	 * takes the parities of such sectors for computable, and leaves them out). */
	uint8_t raw[CD_RAW_SIZE], data[2048];

	make_data(data);
	cd_sector_mode1(raw, 16, data);
	assert_memory_equal(raw + CD_HEADER, ((uint8_t[]){0x00, 0x02, 0x16, 0x01}), 4);
	assert_memory_equal(raw + CD_DATA_MODE1, data, sizeof(data));
	assert_ptr_equal(cd_sector_user_data(raw), raw + CD_DATA_MODE1);
	assert_true(cd_sector_is_sound(raw));
	for (unsigned at = CD_HEADER; at < CD_RAW_SIZE; at += 97) {
		raw[at] ^= 0x10;
		assert_false(cd_sector_is_sound(raw));
		raw[at] ^= 0x10;
	}
	assert_true(cd_sector_is_sound(raw));
}

/* A sector of zeros has zeros for everything but what its header brings in. */
static void
test_parities_are_linear(void **state)
{
	uint8_t a[CD_RAW_SIZE], b[CD_RAW_SIZE], both[CD_RAW_SIZE], zero[CD_RAW_SIZE];
	uint8_t x[2048], y[2048], z[2048];

	make_data(x);
	for (unsigned i = 0; i < 2048; i++) {
		y[i] = (uint8_t)(i * i >> 3);
		z[i] = x[i] ^ y[i];
	}
	cd_sector_mode1(a, 7, x);
	cd_sector_mode1(b, 7, y);
	cd_sector_mode1(both, 7, z);
	cd_sector_mode1(zero, 7, (uint8_t[2048]){0});
	for (unsigned i = 2064; i < CD_RAW_SIZE; i++)
		assert_int_equal(both[i], a[i] ^ b[i] ^ zero[i]);
}

static void
test_mode2(void **state)
{
	uint8_t raw[CD_RAW_SIZE], again[CD_RAW_SIZE], data[2048];

	make_data(data);
	cd_sector_mode2_form1(raw, 0, data);
	assert_ptr_equal(cd_sector_user_data(raw), raw + CD_DATA_MODE2);
	assert_memory_equal(raw + CD_DATA_MODE2, data, sizeof(data));
	/* But for the address the sector is the same elsewhere. */
	cd_sector_mode2_form1(again, 4711, data);
	assert_memory_equal(raw + CD_SUBHEADER, again + CD_SUBHEADER, CD_RAW_SIZE - CD_SUBHEADER);
	assert_int_not_equal(memcmp(raw, again, CD_RAW_SIZE), 0);
	raw[CD_SUBHEADER + 2] |= CD_SUBMODE_FORM2;
	assert_null(cd_sector_user_data(raw));
	memset(raw, 0x55, sizeof(raw)); /* audio */
	assert_null(cd_sector_user_data(raw));
}

static void
test_msf(void **state)
{
	static const struct {
		int32_t lba;
		uint8_t msf[3];
	} rows[] = {{-150, {0, 0, 0}}, {0, {0, 2, 0}}, {-1, {0, 1, 74}}, {359849, {79, 59, 74}},
		{4350, {1, 0, 0}}};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t msf[3];

		cd_msf(rows[i].lba, msf);
		assert_memory_equal(msf, rows[i].msf, 3);
	}
	assert_int_equal(cd_bcd(59), 0x59);
}

/* The check value of this CRC, as catalogues of them have it. */
static void
test_crc(void **state)
{
	assert_int_equal(cd_crc16((const uint8_t *)"123456789", 9), 0xce3c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mode1),
		cmocka_unit_test(test_parities_are_linear),
		cmocka_unit_test(test_mode2),
		cmocka_unit_test(test_msf),
		cmocka_unit_test(test_crc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
