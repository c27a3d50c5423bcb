/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/medium.h"

#include <string.h>
#include <strings.h>

/* Bit n of a set of CLOSE TRACK/SESSION functions or of write types. */
#define BIT(n) (1u << (n))

enum {
	/* Speeds in kB/s, of the data rates at 1x: CD 75 sectors of 2352 bytes a second, DVD 11.08
	 * Mbit/s, BD 35.965 Mbit/s.  All stay below 65536: mode page 2Ah has 16 bits for them. */
	CD_48X = 8467,
	DVD_16X = 22160,
	BD_12X = 53946,

	/* LBA 0 of DVD is physical sector 030000h (ECMA-267, ECMA-349).  On BD the data zone
	 * begins at the physical ADIP address 020000h, which counts units of 8 sectors. */
	DVD_FIRST_PSN = 0x030000,
	BD_FIRST_PSN = 0x020000 * 8,
};

static const struct medium rows[] = {
	{
		.profile = PROFILE_CD_ROM,
		.name = "CD-ROM",
		.suffix = "cd-rom",
		.family = MEDIUM_CD,
		.kind = MEDIUM_PRESSED,
		.layers = 1,
		/* 80 minutes of 60 seconds of 75 sectors. */
		.capacity = 360000,
		/* The error correction of CD spreads over frames, not blocks of sectors: any sector
		 * can be read by itself. */
		.ecc_block = 1,
		.session_gap = 0,
		.max_tracks = 99, /* two decimal digits in the Q sub-channel */
		.max_sessions = 1,
		.can_reserve = false,
		.close_functions = 0,
		.final_functions = 0,
		.write_types = 0,
		.first_psn = 0,
		.book_type = 0,
		.disc_size_rate = 0,
		.maker = NULL,
		.maker_type = NULL,
		.read_speed = CD_48X,
		.write_speed = 0,
	},
	{
		.profile = PROFILE_DVD_ROM,
		.name = "DVD-ROM",
		.suffix = "dvd-rom",
		.family = MEDIUM_DVD,
		.kind = MEDIUM_PRESSED,
		.layers = 1,
		/* As DVD+R DL, the largest writable DVD, so that every image of one fits. */
		.capacity = 4173824,
		.ecc_block = 16,
		.session_gap = 0,
		.max_tracks = 1,
		.max_sessions = 1,
		.can_reserve = false,
		.close_functions = 0,
		.final_functions = 0,
		.write_types = 0,
		.first_psn = DVD_FIRST_PSN,
		/* READ DISC STRUCTURE 00h, byte 4: disk category 0 (DVD-ROM), part version 1. */
		.book_type = 0x01,
		/* Byte 5: 120 mm, 10.08 Mbit/s. */
		.disc_size_rate = 0x02,
		.maker = NULL,
		.maker_type = NULL,
		.read_speed = DVD_16X,
		.write_speed = 0,
	},
	{
		.profile = PROFILE_BD_ROM,
		.name = "BD-ROM",
		.suffix = "bd-rom",
		.family = MEDIUM_BD,
		.kind = MEDIUM_PRESSED,
		.layers = 1,
		/* Whatever is larger than a DVD, with no regard to the largest disc on sale: up to
		 * where initiators that keep addresses in signed 32-bit integers must give up. */
		.capacity = 0x7fffffff,
		.ecc_block = 32, /* a cluster of 64 KiB */
		.session_gap = 0,
		.max_tracks = 1,
		.max_sessions = 1,
		.can_reserve = false,
		.close_functions = 0,
		.final_functions = 0,
		.write_types = 0,
		.first_psn = BD_FIRST_PSN,
		.book_type = 0, /* BD has disc information units in its place */
		.disc_size_rate = 0,
		.maker = NULL,
		.maker_type = NULL,
		.read_speed = BD_12X,
		.write_speed = 0,
	},
	{
		.profile = PROFILE_DVD_PLUS_R,
		.name = "DVD+R",
		.suffix = "dvd+r",
		.family = MEDIUM_DVD,
		.kind = MEDIUM_WRITE_ONCE,
		.layers = 1,
		/* Physical sectors 030000h to 26053Fh (ECMA-349). */
		.capacity = 2295104,
		.ecc_block = 16,
		/* The closure zone that ends a session and the intro zone that begins the next one,
		 * 1024 sectors each (ECMA-349). */
		.session_gap = 2048,
		/* What the disc's table of contents has room for; its fragments are our tracks
		 * (MMC-6 4.3, DVD+R). */
		.max_tracks = 153,
		.max_sessions = 191,
		.can_reserve = true,
		/* MMC-6 6.3.3.2.3: 1 track, 2 session, 5 and 6 finalize.  0 stops a background
		 * format and 3 closes a border, neither of which DVD+R has; 4 is for dual layer. */
		.close_functions = BIT(1) | BIT(2) | BIT(5) | BIT(6),
		.final_functions = BIT(5) | BIT(6),
		/* 0 packet/incremental and 2 session at once.  DVD+R needs no page 05h at all, but
		 * growisofs and wodim set it up for every DVD. */
		.write_types = BIT(0) | BIT(2),
		.first_psn = DVD_FIRST_PSN,
		/* Disk category Ah (DVD+R), part version 1. */
		.book_type = 0xa1,
		/* 120 mm, maximum rate not specified. */
		.disc_size_rate = 0x0f,
		/* ADIP bytes 19 to 26 and 27 to 29. */
		.maker = "JUKEBOXD",
		.maker_type = "R01",
		.read_speed = DVD_16X,
		.write_speed = DVD_16X,
	},
};

enum { NROWS = sizeof(rows) / sizeof(rows[0]) };

const struct medium *
medium_row(size_t i)
{
	return i < NROWS ? &rows[i] : NULL;
}

const struct medium *
medium_by_profile(uint16_t profile)
{
	for (size_t i = 0; i < NROWS; i++)
		if (rows[i].profile == profile)
			return &rows[i];
	return NULL;
}

const struct medium *
medium_by_suffix(const char *suffix, size_t len)
{
	for (size_t i = 0; i < NROWS; i++)
		if (strlen(rows[i].suffix) == len && strncasecmp(rows[i].suffix, suffix, len) == 0)
			return &rows[i];
	return NULL;
}

const struct medium *
medium_for_image(uint64_t sectors)
{
	static const uint16_t by_size[] = {PROFILE_CD_ROM, PROFILE_DVD_ROM};

	for (size_t i = 0; i < sizeof(by_size) / sizeof(by_size[0]); i++) {
		const struct medium *m = medium_by_profile(by_size[i]);

		if (sectors <= m->capacity)
			return m;
	}
	return medium_by_profile(PROFILE_BD_ROM);
}

bool
medium_writable(const struct medium *m)
{
	return m->kind != MEDIUM_PRESSED;
}
