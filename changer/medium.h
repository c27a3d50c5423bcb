/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The types of optical media, one table row each (DESIGN 4).  Everything that differs between
 * media and is not a command is a column here, so a new medium is a new row.
 *
 * Unit of all sizes: logical sectors of 2048 bytes.
 */
#ifndef CHANGER_MEDIUM_H
#define CHANGER_MEDIUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SECTOR_SIZE = 2048 };

enum medium_family { MEDIUM_CD, MEDIUM_DVD, MEDIUM_BD };

enum medium_kind {
	MEDIUM_PRESSED,	   /* read only */
	MEDIUM_WRITE_ONCE, /* written at the next writable address only */
	MEDIUM_REWRITABLE,
};

/* Profile numbers, MMC-6 5.3.1 table "Profile List". */
enum {
	PROFILE_NONE = 0x0000,
	PROFILE_CD_ROM = 0x0008,
	PROFILE_DVD_ROM = 0x0010,
	PROFILE_DVD_PLUS_R = 0x001b,
	PROFILE_BD_ROM = 0x0040,
};

struct medium {
	uint16_t profile;   /* MMC-6 profile number */
	const char *name;   /* as people write it: "DVD+R" */
	const char *suffix; /* in file names, settings and disc.json: "dvd+r" */
	enum medium_family family;
	enum medium_kind kind;
	uint8_t layers;
	uint32_t capacity;    /* of a blank; pressed: the largest image taken for this type */
	uint16_t ecc_block;   /* sectors in an ECC block: blocking factor, alignment of tracks */
	uint32_t session_gap; /* sectors between a closed session and the next one's first track */
	uint16_t max_tracks;
	uint16_t max_sessions;
	bool can_reserve; /* RESERVE TRACK */
	uint16_t
		close_functions; /* bit n: CLOSE TRACK/SESSION function n is valid, MMC-6 6.3.3.2.3 */
	uint16_t final_functions; /* bit n: that function also finalizes the disc */
	uint8_t write_types; /* bit n: write type n of mode page 05h is accepted, MMC-6 7.5.4 */
	uint32_t first_psn;  /* physical sector number of LBA 0 (DVD, BD) */
	uint8_t book_type; /* READ DISC STRUCTURE 00h, byte 4: disk category << 4 | part version */
	uint8_t disc_size_rate; /* same, byte 5: disc size << 4 | maximum rate */
	const char *maker; /* manufacturer id of ADIP or pre-recorded information; NULL: none */
	const char *maker_type; /* media type id beside it */
	uint32_t read_speed;	/* kB/s (1000 bytes), the fastest offered */
	uint32_t write_speed;	/* likewise; 0: never written */
};

/* The rows; NULL past the last. */
const struct medium *medium_row(size_t i);
const struct medium *medium_by_profile(uint16_t profile);
/* By suffix, in any case of letters; NULL: no such medium. */
const struct medium *medium_by_suffix(const char *suffix, size_t len);
/* The pressed type that an image of that many sectors is (DESIGN 4). */
const struct medium *medium_for_image(uint64_t sectors);
bool medium_writable(const struct medium *m);

#endif
