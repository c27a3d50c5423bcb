/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sectors of a CD as they are in the main channel: 2352 bytes (ECMA-130 clause 14, Yellow Book).
 *
 *	audio		2352 bytes of samples
 *	mode 1		sync 12, header 4, user data 2048, EDC 4, zeros 8, P parity 172, Q parity 104
 *	mode 2		sync 12, header 4, 2336 bytes
 *	mode 2 form 1	sync 12, header 4, subheader 8, user data 2048, EDC 4, P 172, Q 104
 *	mode 2 form 2	sync 12, header 4, subheader 8, user data 2324, EDC 4 (or zeros)
 *
 * All functions are pure.  Any thread may call them.
 */
#ifndef CHANGER_CDSECTOR_H
#define CHANGER_CDSECTOR_H

#include <stdbool.h>
#include <stdint.h>

enum {
	CD_RAW_SIZE = 2352,
	CD_FRAMES = 75,	      /* sectors in a second */
	CD_LEAD_IN_GAP = 150, /* LBA 0 is at 00:02:00 */
	/* Offsets in a raw sector */
	CD_HEADER = 12,	   /* minute, second, frame in BCD, mode */
	CD_SUBHEADER = 16, /* mode 2: file, channel, submode, coding; then the same four again */
	CD_DATA_MODE1 = 16,
	CD_DATA_MODE2 = 24, /* after the subheader */
	CD_SUBMODE_FORM2 = 0x20,
};

/* The kind of sectors in a track.  A track of a DVD or BD has CD_MODE1. */
enum cd_mode {
	CD_MODE1,
	CD_MODE2, /* the subheader of each sector says whether it has form 1 or form 2 */
	CD_AUDIO,
	CD_MODES,
};

/* Stores the minute, second and frame of an address, which must be -150 or more.  After 99:59:74 the
 * count starts again at 00:00:00. */
void cd_msf(int32_t lba, uint8_t msf[3]);
/* Returns n, which is below 100, in binary coded decimal; of a larger n, its last two decimal digits. */
uint8_t cd_bcd(uint8_t n);

/* Makes a complete sector of mode 1 from 2048 bytes of user data.  data may point into raw. */
void cd_sector_mode1(uint8_t raw[CD_RAW_SIZE], int32_t lba, const uint8_t *data);
/* Makes a complete sector of mode 2 form 1, with a subheader for plain data, from 2048 bytes of user
 * data.  data may point into raw. */
void cd_sector_mode2_form1(uint8_t raw[CD_RAW_SIZE], int32_t lba, const uint8_t *data);
/* Completes a sector of mode 2 whose subheader and user data are in raw: adds sync pattern, header and
 * EDC, and the parities if the submode says that it has form 1. */
void cd_sector_mode2(uint8_t raw[CD_RAW_SIZE], int32_t lba);
/* Completes a sector of mode 2 without forms, whose 2336 bytes in raw are all data: adds sync pattern
 * and header. */
void cd_sector_mode2_formless(uint8_t raw[CD_RAW_SIZE], int32_t lba);
/* Returns the 2048 bytes in raw that READ(10) delivers, of a sector of mode 1 or of mode 2 form 1.
 * Returns NULL if the sector has none: it is form 2, has another mode, or has no sync pattern (audio).
 * Does not check EDC and parities. */
const uint8_t *cd_sector_user_data(const uint8_t raw[CD_RAW_SIZE]);

/* Returns the CRC of the Q sub-channel and of CD-TEXT packs: x^16 + x^12 + x^5 + 1, inverted (ECMA-130
 * 22.3.2). */
uint16_t cd_crc16(const uint8_t *data, unsigned size);

#endif
