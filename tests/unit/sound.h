/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checks mode 1 sectors of a raw CD. */
#ifndef TESTS_UNIT_SOUND_H
#define TESTS_UNIT_SOUND_H

#include <string.h>

#include "changer/cdsector.h"

static inline unsigned
from_bcd(uint8_t n)
{
	return (n >> 4) * 10u + (n & 15);
}

/* Returns true if the sync pattern, the mode, the EDC and both parities fit the sector's address and user
 * data. */
static inline bool
sector_is_sound(const uint8_t raw[CD_RAW_SIZE])
{
	const uint8_t *msf = raw + CD_HEADER;
	unsigned frames = (from_bcd(msf[0]) * 60 + from_bcd(msf[1])) * 75 + from_bcd(msf[2]);
	uint8_t made[CD_RAW_SIZE];

	cd_sector_mode1(made, (int32_t)frames - 150, raw + CD_DATA_MODE1);
	return memcmp(made, raw, sizeof(made)) == 0;
}

#endif
