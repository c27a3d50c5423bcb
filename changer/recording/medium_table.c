/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of media; struct medium (changer/medium.h) explains the columns. */
#include "changer/medium.h"

/* Bit n of a set of functions or types. */
#define BIT(n) (1u << (n))

enum {
	/* Speeds in kB/s.  At 1x: CD 75 sectors of 2352 bytes a second, DVD 11.08 Mbit/s, BD 35.965
	 * Mbit/s.  All stay below 65536, because mode page 2Ah has 16 bits for a speed. */
	CD_48X = 8467,
	DVD_16X = 22160,
	BD_12X = 53946,

	/* The data area of a DVD begins at physical sector 030000h (ECMA-267, ECMA-349), of a DVD-RAM
	 * at 031000h (ECMA-330).  On a BD it begins at physical ADIP address 020000h, which counts
	 * units of 8 sectors. */
	DVD_FIRST_PSN = 0x030000,
	DVD_RAM_FIRST_PSN = 0x031000,
	BD_FIRST_PSN = 0x020000 * 8,

	/* 79:59:74 is the last possible start of the lead-out in the groove of 80-minute blanks.  The
	 * second number is what remains of it in packets of 32 sectors with links of 7 sectors. */
	CD_SECTORS = 359849,
	CD_RW_FORMATTED = 295264,
	/* Blanks of 90 and 99 minutes are on sale: the last address that minutes, seconds and frames in
	 * two decimal digits can name is 99:59:74. */
	CD_LARGEST = 100 * 60 * 75 - 150,
	/* The data area of DVD-R and DVD-RW has 2298496 sectors, 030000h to 26127Fh.  Drives offer the
	 * second number of them. */
	DVD_R_DATA_AREA = 2298496,
	DVD_R_SECTORS = 2297888,
	/* The data area of DVD-RAM ends at 265F5Fh.  It begins with a primary spare area.  Guard bands
	 * between its 35 zones take a part of it.  A format chooses the size of the supplementary spare
	 * area. */
	DVD_RAM_DATA_AREA = 2314080,
	DVD_RAM_NO_SPARES = 2295072,
	DVD_RAM_DEFAULT = 2236704,
	/* step by which drives offer to grow the supplementary spare area */
	DVD_RAM_EXPANSION = 9728,
	BD_LAYER = 12219392,
	/* BD XL: three layers of 33.4 GB, and four of 32 GB. */
	BD_XL = 48878592,
	BD_XL_LARGEST = 62500864,
	/* Sectors of a BD with spare areas.  BD_SPARE: the default, one layer.  BD_INNER_SPARE: the
	 * inner spare area of the first layer, 256 MB.  Large: with large spare areas, on BD-RE and on
	 * BD-R. */
	BD_SPARE = 11826176,
	BD_INNER_SPARE = 131072,
	BD_RE_SPARE_LARGE = 11564032,
	BD_R_SPARE_LARGE = 5796864,
	BD_R_DL_SPARE_LARGE = 12183552,
	BD_R_XL_SPARE_LARGE = BD_XL / 2,
	/* Spare areas of one layer in clusters, the unit of format type 00h. */
	BD_SPARE_CLUSTERS = (BD_LAYER - BD_SPARE) / 32,

	/* Lead-out, lead-in, and the pause before the first track.  The lead-out of the first session
	 * lasts 90 seconds, later ones 30 (Orange Book; MMC-6 4.2). */
	CD_GAP = 6750 + 4500 + 150,
	CD_LATER_GAP = 2250 + 4500 + 150,
	CD_PAUSE = 150,

	/* The closure zone that ends a session and the intro zone that begins the next one have 1024
	 * sectors each (ECMA-349). */
	DVD_PLUS_R_BORDER = 2048,
	/* The linking area before the border-out. */
	DVD_R_LINK = 16,
};

/* ---- between sessions -------------------------------------------------------------------------- */

/* Lead-out, lead-in and pause. */
static const struct session_gap cd_gaps[] = {
	{.from = 0, .first = CD_GAP, .later = CD_LATER_GAP},
	{.first = 0},
};

/*
 * Border-out and the border-in after it.  They have about the same width in millimetres everywhere, so
 * they have more sectors further out.  The number grows at physical sectors 0B2600h and 165700h
 * (ECMA-359).  After the first session, real discs have 28688 sectors, with linking, in the first zone,
 * and 37904 in the second.  The numbers for the third zone, and for later sessions (12 MB and more),
 * are in proportion.
 */
static const struct session_gap dvd_r_gaps[] = {
	{.from = 0, .first = 0x7000 + DVD_R_LINK, .later = 0x1800 + DVD_R_LINK},
	{.from = 0x0b2600 - DVD_FIRST_PSN,
		.first = 0x9400 + DVD_R_LINK,
		.later = 0x2000 + DVD_R_LINK},
	{.from = 0x165700 - DVD_FIRST_PSN,
		.first = 0xb800 + DVD_R_LINK,
		.later = 0x2800 + DVD_R_LINK},
	{.first = 0},
};

/* Closure zone and intro zone. */
static const struct session_gap dvd_plus_r_gaps[] = {
	{.from = 0, .first = DVD_PLUS_R_BORDER, .later = DVD_PLUS_R_BORDER},
	{.first = 0},
};

/* ---- speeds ------------------------------------------------------------------------------------ */

static const uint32_t cd_r_speeds[] = {CD_48X, 7056, 5645, 4234, 2822, 1411, 706, 0}; /* to 4x */
static const uint32_t cd_rw_speeds[] = {4234, 2822, 1764, 706, 0};	     /* 24x, 16x, 10x, 4x */
static const uint32_t dvd_speeds[] = {DVD_16X, 16620, 11080, 8310, 5540, 0}; /* 16x to 4x */
static const uint32_t dvd_r_dl_speeds[] = {11080, 8310, 5540, 2770, 0};	     /* 8x, 6x, 4x, 2x */
static const uint32_t dvd_rw_speeds[] = {8310, 5540, 2770, 0};		     /* 6x, 4x, 2x */
static const uint32_t dvd_ram_speeds[] = {6925, 4155, 2770, 0};		     /* 5x, 3x, 2x */
static const uint32_t dvd_plus_slow_speeds[] = {11080, 8310, 5540, 3324, 0}; /* 8x to 2.4x */
static const uint32_t bd_r_speeds[] = {BD_12X, 44956, 35965, 26973, 17982, 0}; /* 12x to 4x */
static const uint32_t bd_r_dl_speeds[] = {26973, 17982, 8991, 0};	       /* 6x, 4x, 2x */
static const uint32_t bd_r_xl_speeds[] = {17982, 8991, 0};		       /* 4x, 2x */
static const uint32_t bd_re_speeds[] = {8991, 4495, 0};			       /* 2x, 1x */

/* ---- formats (MMC-6 6.5, 6.23) ---------------------------------------------------------------- */

/* Fixed packets.  The links between them (run-out, link block, run-in) have no addresses (MMC-6 4.2,
 * addressing method 2). */
static const struct medium_format cd_rw_formats[] = {
	{.type = 0x10,
		.blocks = CD_RW_FORMATTED,
		.parameter = 32,
		.links = 7,
		.becomes = "cd-rw-packet"},
	{.blocks = 0},
};

/* Full formats with spare areas, which erase; then those that keep the data. */
static const struct medium_format dvd_ram_formats[] = {
	{.type = 0x00, .blocks = DVD_RAM_DEFAULT, .parameter = 0x800},
	{.type = 0x00, .blocks = DVD_RAM_NO_SPARES, .parameter = 0x800},
	/* Enlarges the supplementary spare area at the cost of the formatted area's end. */
	{.type = 0x01,
		.blocks = DVD_RAM_DEFAULT - DVD_RAM_EXPANSION,
		.parameter = 0x800,
		.does = FORMAT_SHRINKS},
	{.type = 0x01,
		.blocks = DVD_RAM_DEFAULT - 2 * DVD_RAM_EXPANSION,
		.parameter = 0x800,
		.does = FORMAT_SHRINKS},
	{.blocks = 0},
};

/* Full, full by ECC blocks, quick.  Each makes the disc one for restricted overwrite.  A real drive's
 * quick format prepares only a part; here the whole disc is ready, because nothing has to be written
 * for it. */
static const struct medium_format dvd_rw_formats[] = {
	{.type = 0x00, .blocks = DVD_R_SECTORS, .parameter = 0x800, .becomes = "dvd-rw-ro"},
	{.type = 0x10, .blocks = DVD_R_SECTORS, .parameter = 0x10, .becomes = "dvd-rw-ro"},
	{.type = 0x15, .blocks = DVD_R_SECTORS, .parameter = 0x10, .becomes = "dvd-rw-ro"},
	{.blocks = 0},
};

/* The formats of a disc for restricted overwrite, which it stays.  Type 13h grows it. */
static const struct medium_format dvd_rw_ro_formats[] = {
	{.type = 0x00, .blocks = DVD_R_SECTORS, .parameter = 0x800},
	{.type = 0x10, .blocks = DVD_R_SECTORS, .parameter = 0x10},
	{.type = 0x13, .blocks = DVD_R_SECTORS, .parameter = 0x10, .does = FORMAT_GROWS},
	{.type = 0x15, .blocks = DVD_R_SECTORS, .parameter = 0x10},
	{.blocks = 0},
};

/* The only format, which runs in the background. */
static const struct medium_format dvd_plus_rw_formats[] = {
	{.type = 0x26, .blocks = 2295104, .does = FORMAT_BACKGROUND},
	{.blocks = 0},
};

/* BD-R sub-types: 0 is sequential recording with pseudo-overwrite, 1 without.  Sub-type 2, random
 * recording, would be another profile, which no program for Linux supports. */
#define BD_R_FORMAT(number, sectors, spares) \
	{ \
		.type = (number), .sub_types = BIT(0) | BIT(1), .pow = BIT(0), \
		.blocks = (sectors), .parameter = (spares), .does = FORMAT_SPARES, \
	}
/* The default spare areas of that many layers, which have `sectors` in all. */
#define BD_SPARED(layers, sectors) ((sectors) - (layers) * (BD_LAYER - BD_SPARE))
#define BD_R_FORMATS(layers, sectors, large) \
	BD_R_FORMAT(0x00, BD_SPARED(layers, sectors), (layers)*BD_SPARE_CLUSTERS), \
		BD_R_FORMAT(0x32, BD_SPARED(layers, sectors), 0), BD_R_FORMAT(0x32, large, 0), \
		BD_R_FORMAT(0x32, (sectors)-BD_INNER_SPARE, 0), {.blocks = 0},

static const struct medium_format bd_r_formats[] = {BD_R_FORMATS(1, BD_LAYER, BD_R_SPARE_LARGE)};
static const struct medium_format bd_r_dl_formats[] = {
	BD_R_FORMATS(2, 2 * BD_LAYER, BD_R_DL_SPARE_LARGE)};
static const struct medium_format bd_r_xl_formats[] = {BD_R_FORMATS(3, BD_XL, BD_R_XL_SPARE_LARGE)};

/* BD-RE sub-types: whether and how the disc is certified.  Sectors are never bad here. */
#define BD_RE_FORMAT(number, sectors, spares) \
	{ \
		.type = (number), .sub_types = BIT(0) | BIT(1) | BIT(2) | BIT(3), \
		.blocks = (sectors), .parameter = (spares), \
	}
#define BD_RE_FORMATS(layers, sectors) \
	BD_RE_FORMAT(0x00, BD_SPARED(layers, sectors), (layers)*BD_SPARE_CLUSTERS), \
		BD_RE_FORMAT(0x30, BD_SPARED(layers, sectors), 0), \
		BD_RE_FORMAT(0x30, (sectors) - (layers) * (BD_LAYER - BD_RE_SPARE_LARGE), 0), \
		BD_RE_FORMAT(0x30, (sectors)-BD_INNER_SPARE, 0), \
		BD_RE_FORMAT(0x31, sectors, 0x800), {.blocks = 0},

static const struct medium_format bd_re_formats[] = {BD_RE_FORMATS(1, BD_LAYER)};
static const struct medium_format bd_re_dl_formats[] = {BD_RE_FORMATS(2, 2 * BD_LAYER)};
static const struct medium_format bd_re_xl_formats[] = {BD_RE_FORMATS(3, BD_XL)};

/* ---- the media -------------------------------------------------------------------------------- */

/* Columns that are equal for all recordable media of a family.  The row has the others.  Write types of a
 * CD: track at once and session at once; not packets, not raw. */
#define CD_WRITE_TYPES (BIT(1) | BIT(2))
#define CD_RECORDABLE \
	.family = MEDIUM_CD, .writing = WRITES_IN_ORDER, .layers = 1, .ecc_block = 1, \
	.capacity = CD_SECTORS, .largest = CD_LARGEST, .session_gaps = cd_gaps, \
	.track_gap = CD_PAUSE, .max_tracks = 99, .max_sessions = 99, .can_reserve = true, \
	.has_page_sessions = true, .has_test_write = true, .close_functions = BIT(1) | BIT(2), \
	.write_types = CD_WRITE_TYPES, .read_speed = CD_48X
#define DVD_RECORDABLE \
	.family = MEDIUM_DVD, .ecc_block = 16, .read_speed = DVD_16X, .maker = "JUKEBOXD"
#define BD_RECORDABLE \
	.family = MEDIUM_BD, .ecc_block = 32, .first_psn = BD_FIRST_PSN, .read_speed = BD_12X, \
	.maker = "JUKEBX"
/* One track covers the whole formatted disc. */
#define OVERWRITABLE \
	.kind = MEDIUM_REWRITABLE, .writing = WRITES_ANYWHERE, .max_tracks = 1, .max_sessions = 1

/*
 * close_functions (MMC-6 6.3.3.2.3): 1 track, 2 session, 5 and 6 finalize; 0 stops a format in the
 * background; 4 closes a session of two layers with an extended lead-out.  Media that can be
 * overwritten have nothing to close, but programs and kernels send these functions to them.
 * write_types: 0 packet/incremental, 2 session at once.  DVD-RAM and the + formats do not need page
 * 05h (MMC-6 7.5), but growisofs, wodim and cdrecord set it for every DVD.  disc_size_rate (READ DISC
 * STRUCTURE 00h byte 5): 120 mm, maximum rate not specified.
 */
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
		.largest = CD_LARGEST,
		/* CD error correction spreads over frames and not over blocks of sectors, so each
		 * sector can be read by itself. */
		.ecc_block = 1,
		.max_tracks = 99, /* two decimal digits in the Q sub-channel */
		.max_sessions = 99,
		.read_speed = CD_48X,
	},
	{
		CD_RECORDABLE,
		.profile = PROFILE_CD_R,
		.name = "CD-R",
		.suffix = "cd-r",
		.kind = MEDIUM_WRITE_ONCE,
		.write_speeds = cd_r_speeds,
	},
	{
		CD_RECORDABLE,
		.profile = PROFILE_CD_RW,
		.name = "CD-RW",
		.suffix = "cd-rw",
		.kind = MEDIUM_REWRITABLE,
		/* 0 all, 1 all minimally, 2 a track, 3 unreserve, 5 unclose and 6 erase a session;
		 * 4, the tail of a track, is of packets. */
		.blank_types = BIT(0) | BIT(1) | BIT(2) | BIT(3) | BIT(5) | BIT(6),
		.formats = cd_rw_formats,
		.write_speeds = cd_rw_speeds,
	},
	{
		OVERWRITABLE,
		.profile = PROFILE_CD_RW,
		.name = "CD-RW PKT",
		.suffix = "cd-rw-packet",
		.family = MEDIUM_CD,
		.layers = 1,
		.capacity = CD_SECTORS,
		.ecc_block = 32, /* the packet */
		.comes_formatted = true,
		.close_functions = BIT(1) | BIT(2),
		.blank_types = BIT(0) | BIT(1),
		.blanks_to = "cd-rw",
		.formats = cd_rw_formats,
		.write_types = CD_WRITE_TYPES,
		.read_speed = CD_48X,
		.write_speeds = cd_rw_speeds,
	},
	{
		.profile = PROFILE_DVD_ROM,
		.name = "DVD-ROM",
		.suffix = "dvd-rom",
		.family = MEDIUM_DVD,
		.kind = MEDIUM_PRESSED,
		.layers = 1,
		/* As large as DVD+R DL, the largest writable DVD, so that every image of a DVD fits. */
		.capacity = 4173824,
		.ecc_block = 16,
		.max_tracks = 1,
		.max_sessions = 1,
		.first_psn = DVD_FIRST_PSN,
		/* READ DISC STRUCTURE 00h, byte 4: disk category 0 (DVD-ROM), part version 1. */
		.book_type = 0x01,
		/* Byte 5: 120 mm, 10.08 Mbit/s. */
		.disc_size_rate = 0x02,
		.read_speed = DVD_16X,
	},
	{
		.profile = PROFILE_BD_ROM,
		.name = "BD-ROM",
		.suffix = "bd-rom",
		.family = MEDIUM_BD,
		.kind = MEDIUM_PRESSED,
		.layers = 1,
		/* Everything that is larger than a DVD.  The limit is not the largest disc on sale: it
		 * is where initiators with signed 32-bit addresses must give up. */
		.capacity = 0x7fffffff,
		.ecc_block = 32, /* a cluster of 64 KiB */
		.max_tracks = 1,
		.max_sessions = 1,
		.first_psn = BD_FIRST_PSN,
		.read_speed = BD_12X,
	},
	{
		DVD_RECORDABLE,
		.profile = PROFILE_DVD_R,
		.name = "DVD-R",
		.suffix = "dvd-r",
		.kind = MEDIUM_WRITE_ONCE,
		.writing = WRITES_IN_ORDER,
		.layers = 1,
		.capacity = DVD_R_SECTORS,
		.session_gaps = dvd_r_gaps,
		/* the RZones for which the recording management data has room */
		.max_tracks = 2302,
		.max_sessions = 2302,
		.can_reserve = true,
		.has_page_sessions = true,
		.has_disc_at_once = true,
		.has_test_write = true,
		.close_functions = BIT(1) | BIT(2),
		.write_types = BIT(0) | BIT(2),
		.first_psn = DVD_FIRST_PSN,
		.data_area = DVD_R_DATA_AREA,
		.book_type = 0x25, /* disk category 2, part version 5 */
		.disc_size_rate = 0x0f,
		.maker_type = "R02",
		.write_speeds = dvd_speeds,
	},
	{
		DVD_RECORDABLE,
		.profile = PROFILE_DVD_R_DL,
		.name = "DVD-R DL",
		.suffix = "dvd-r-dl",
		.kind = MEDIUM_WRITE_ONCE,
		.writing = WRITES_IN_ORDER,
		.layers = 2,
		.capacity = 4171712,
		.session_gaps = dvd_r_gaps,
		.max_tracks = 2302,
		.max_sessions = 2302,
		.can_reserve = true,
		.has_page_sessions = true,
		.has_disc_at_once = true,
		.has_test_write = true,
		.has_layer_break = true,
		.close_functions = BIT(1) | BIT(2),
		.write_types = BIT(0) | BIT(2),
		.first_psn = DVD_FIRST_PSN,
		.book_type = 0x26,
		.disc_size_rate = 0x0f,
		.maker_type = "R03",
		.write_speeds = dvd_r_dl_speeds,
	},
	{
		DVD_RECORDABLE,
		.profile = PROFILE_DVD_RW,
		.name = "DVD-RW",
		.suffix = "dvd-rw",
		.kind = MEDIUM_REWRITABLE,
		.writing = WRITES_IN_ORDER,
		.layers = 1,
		.has_pwp = true,
		.capacity = DVD_R_SECTORS,
		.session_gaps = dvd_r_gaps,
		.max_tracks = 2302,
		.max_sessions = 2302,
		.can_reserve = true,
		.has_page_sessions = true,
		.has_disc_at_once = true,
		.has_test_write = true,
		.close_functions = BIT(1) | BIT(2),
		/* 0 all, 1 all minimally, 2 a track, 3 unreserve, 5 unclose and 6 erase a session;
		 * 4, the tail of a track, is of packets on CD-RW. */
		.blank_types = BIT(0) | BIT(1) | BIT(2) | BIT(3) | BIT(5) | BIT(6),
		.formats = dvd_rw_formats,
		.write_types = BIT(0) | BIT(2),
		.first_psn = DVD_FIRST_PSN,
		.data_area = DVD_R_DATA_AREA,
		.book_type = 0x32, /* disk category 3, part version 2 */
		.disc_size_rate = 0x0f,
		.maker_type = "W01",
		.write_speeds = dvd_rw_speeds,
	},
	{
		DVD_RECORDABLE,
		OVERWRITABLE,
		.profile = PROFILE_DVD_RW_RO,
		.name = "DVD-RW RO",
		.suffix = "dvd-rw-ro",
		.layers = 1,
		.has_pwp = true,
		.capacity = DVD_R_SECTORS,
		.comes_formatted = true,
		.close_functions = BIT(1) | BIT(2),
		.blank_types = BIT(0) | BIT(1),
		.blanks_to = "dvd-rw",
		.formats = dvd_rw_ro_formats,
		.write_types = BIT(0) | BIT(2),
		.first_psn = DVD_FIRST_PSN,
		.data_area = DVD_R_DATA_AREA,
		.book_type = 0x32,
		.disc_size_rate = 0x0f,
		.maker_type = "W01",
		.write_speeds = dvd_rw_speeds,
	},
	{
		DVD_RECORDABLE,
		OVERWRITABLE,
		.profile = PROFILE_DVD_RAM,
		.name = "DVD-RAM",
		.suffix = "dvd-ram",
		.layers = 1,
		.has_pwp = true,
		.capacity = DVD_RAM_NO_SPARES,
		.comes_formatted = true,
		.is_other = true,
		.close_functions = BIT(1) | BIT(2),
		.formats = dvd_ram_formats,
		.write_types = BIT(0) | BIT(2),
		.first_psn = DVD_RAM_FIRST_PSN,
		.data_area = DVD_RAM_DATA_AREA,
		.book_type = 0x16, /* disk category 1, part version 6 */
		.disc_size_rate = 0x0f,
		.maker_type = "A01",
		.write_speeds = dvd_ram_speeds,
	},
	{
		DVD_RECORDABLE,
		.profile = PROFILE_DVD_PLUS_R,
		.name = "DVD+R",
		.suffix = "dvd+r",
		.kind = MEDIUM_WRITE_ONCE,
		.writing = WRITES_IN_ORDER,
		.layers = 1,
		/* Physical sectors 030000h to 26053Fh (ECMA-349). */
		.capacity = 2295104,
		.session_gaps = dvd_plus_r_gaps,
		/* The disc's table of contents has room for this many.  Its fragments are our tracks
		 * (MMC-6 4.3, DVD+R). */
		.max_tracks = 153,
		.max_sessions = 191,
		.can_reserve = true,
		.close_functions = BIT(1) | BIT(2) | BIT(5) | BIT(6),
		.final_functions = BIT(5) | BIT(6),
		.write_types = BIT(0) | BIT(2),
		.first_psn = DVD_FIRST_PSN,
		.book_type = 0xa1, /* disk category Ah, part version 1 */
		.disc_size_rate = 0x0f,
		.maker_type = "R01", /* after the maker, in ADIP bytes 19 to 29 */
		.write_speeds = dvd_speeds,
	},
	{
		DVD_RECORDABLE,
		.profile = PROFILE_DVD_PLUS_R_DL,
		.name = "DVD+R DL",
		.suffix = "dvd+r-dl",
		.kind = MEDIUM_WRITE_ONCE,
		.writing = WRITES_IN_ORDER,
		.layers = 2,
		.capacity = 4173824,
		.session_gaps = dvd_plus_r_gaps,
		.max_tracks = 153,
		.max_sessions = 191,
		.can_reserve = true,
		.has_layer_break = true,
		.close_functions = BIT(1) | BIT(2) | BIT(4) | BIT(5) | BIT(6),
		.final_functions = BIT(5) | BIT(6),
		.write_types = BIT(0) | BIT(2),
		.first_psn = DVD_FIRST_PSN,
		.book_type = 0xe1, /* disk category Eh */
		.disc_size_rate = 0x0f,
		.maker_type = "R10",
		.write_speeds = dvd_plus_slow_speeds,
	},
	{
		DVD_RECORDABLE,
		OVERWRITABLE,
		.profile = PROFILE_DVD_PLUS_RW,
		.name = "DVD+RW",
		.suffix = "dvd+rw",
		.layers = 1,
		.has_pwp = true,
		.capacity = 2295104,
		.close_functions = BIT(0) | BIT(1) | BIT(2),
		.formats = dvd_plus_rw_formats,
		.write_types = BIT(0) | BIT(2),
		.first_psn = DVD_FIRST_PSN,
		.book_type = 0x92, /* disk category 9, part version 2 */
		.disc_size_rate = 0x0f,
		.maker_type = "W11",
		.write_speeds = dvd_plus_slow_speeds,
	},
	{
		BD_RECORDABLE,
		.profile = PROFILE_BD_R,
		.name = "BD-R",
		.suffix = "bd-r",
		.kind = MEDIUM_WRITE_ONCE,
		.writing = WRITES_IN_ORDER,
		.layers = 1,
		.capacity = BD_LAYER,
		.max_tracks = 7927, /* entries in the sequential recording range information */
		.max_sessions = 7927,
		.can_reserve = true,
		.close_functions = BIT(1) | BIT(2) | BIT(6),
		.final_functions = BIT(6),
		.formats = bd_r_formats,
		.maker_type = "R04",
		.write_speeds = bd_r_speeds,
	},
	{
		BD_RECORDABLE,
		.profile = PROFILE_BD_R,
		.name = "BD-R DL",
		.suffix = "bd-r-dl",
		.kind = MEDIUM_WRITE_ONCE,
		.writing = WRITES_IN_ORDER,
		.layers = 2,
		.capacity = 2 * BD_LAYER,
		.max_tracks = 7927,
		.max_sessions = 7927,
		.can_reserve = true,
		.close_functions = BIT(1) | BIT(2) | BIT(6),
		.final_functions = BIT(6),
		.formats = bd_r_dl_formats,
		.maker_type = "R05",
		.write_speeds = bd_r_dl_speeds,
	},
	{
		BD_RECORDABLE,
		.profile = PROFILE_BD_R,
		.name = "BD-R XL",
		.suffix = "bd-r-xl",
		.kind = MEDIUM_WRITE_ONCE,
		.writing = WRITES_IN_ORDER,
		.layers = 3,
		.capacity = BD_XL,
		.largest = BD_XL_LARGEST,
		.max_tracks = 7927,
		.max_sessions = 7927,
		.can_reserve = true,
		.close_functions = BIT(1) | BIT(2) | BIT(6),
		.final_functions = BIT(6),
		.formats = bd_r_xl_formats,
		.maker_type = "R06",
		.write_speeds = bd_r_xl_speeds,
	},
	{
		BD_RECORDABLE,
		OVERWRITABLE,
		.profile = PROFILE_BD_RE,
		.name = "BD-RE",
		.suffix = "bd-re",
		.layers = 1,
		.capacity = BD_LAYER,
		.close_functions = BIT(1) | BIT(2),
		.formats = bd_re_formats,
		.maker_type = "W04",
		.write_speeds = bd_re_speeds,
	},
	{
		BD_RECORDABLE,
		OVERWRITABLE,
		.profile = PROFILE_BD_RE,
		.name = "BD-RE DL",
		.suffix = "bd-re-dl",
		.layers = 2,
		.capacity = 2 * BD_LAYER,
		.close_functions = BIT(1) | BIT(2),
		.formats = bd_re_dl_formats,
		.maker_type = "W05",
		.write_speeds = bd_re_speeds,
	},
	{
		BD_RECORDABLE,
		OVERWRITABLE,
		.profile = PROFILE_BD_RE,
		.name = "BD-RE XL",
		.suffix = "bd-re-xl",
		.layers = 3,
		.capacity = BD_XL,
		.close_functions = BIT(1) | BIT(2),
		.formats = bd_re_xl_formats,
		.maker_type = "W06",
		.write_speeds = bd_re_speeds,
	},
};

enum { NROWS = sizeof(rows) / sizeof(rows[0]) };

const struct medium *
medium_row(size_t i)
{
	return i < NROWS ? &rows[i] : NULL;
}
