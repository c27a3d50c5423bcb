/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A sector of a CD as it lies in the main channel: 2352 bytes (ECMA-130 clause 14, Yellow Book).
 *
 *	audio		2352 samples
 *	mode 1		sync 12, header 4, user data 2048, EDC 4, zeros 8, P parity 172, Q parity 104
 *	mode 2		sync 12, header 4, 2336 bytes
 *	mode 2 form 1	sync 12, header 4, subheader 8, user data 2048, EDC 4, P 172, Q 104
 *	mode 2 form 2	sync 12, header 4, subheader 8, user data 2324, EDC 4 (or zeros)
 *
 * Pure functions, any thread.
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
	CD_SUBHEADER = 16, /* of mode 2: file, channel, submode, coding, and the same again */
	CD_DATA_MODE1 = 16,
	CD_DATA_MODE2 = 24, /* behind the subheader */
	CD_SUBMODE_FORM2 = 0x20,
};

/* What the sectors of a track are.  Tracks of discs that are no CD have the first. */
enum cd_mode {
	CD_MODE1,
	CD_MODE2, /* what its subheaders say, form 1 or form 2, sector by sector */
	CD_AUDIO,
	CD_MODES,
};

/* Minute, second and frame of an address; lba from -150 on.  Past 99:59:74 it starts again. */
void cd_msf(int32_t lba, uint8_t msf[3]);
uint8_t cd_bcd(uint8_t n);

/* Makes a whole sector of mode 1 of its 2048 bytes of user data, which may lie in raw itself. */
void cd_sector_mode1(uint8_t raw[CD_RAW_SIZE], int32_t lba, const uint8_t *data);
/* The same of mode 2 form 1, with a subheader for plain data. */
void cd_sector_mode2_form1(uint8_t raw[CD_RAW_SIZE], int32_t lba, const uint8_t *data);
/* Makes the rest of a sector of mode 2 whose subheader and user data are in raw: EDC and parities by
 * the form that its submode has.  Or of one without forms, whose 2336 bytes are all data. */
void cd_sector_mode2(uint8_t raw[CD_RAW_SIZE], int32_t lba);
void cd_sector_mode2_formless(uint8_t raw[CD_RAW_SIZE], int32_t lba);
/*
 * The 2048 bytes that READ(10) delivers of a raw sector: of mode 1, and of mode 2 form 1.
 * NULL: it has none, because it is audio, form 2, or has no sync pattern.
 */
const uint8_t *cd_sector_user_data(const uint8_t raw[CD_RAW_SIZE]);
/* Are EDC and both parities of a sector of mode 1 right? */
bool cd_sector_is_sound(const uint8_t raw[CD_RAW_SIZE]);

/* CRC of the Q sub-channel: x^16 + x^12 + x^5 + 1, inverted (ECMA-130 22.3.2). */
uint16_t cd_crc16(const uint8_t *data, unsigned size);

#endif
