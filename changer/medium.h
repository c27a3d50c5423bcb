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
	MEDIUM_PRESSED, /* read only */
	MEDIUM_WRITE_ONCE,
	MEDIUM_REWRITABLE, /* can be blanked or formatted again, and then holds nothing */
};

enum medium_writing {
	WRITES_NEVER,
	WRITES_IN_ORDER, /* at the next writable address of a track */
	WRITES_ANYWHERE, /* at any address, once the disc is formatted */
};

/* Profile numbers, MMC-6 5.3.1 table "Profile List". */
enum {
	PROFILE_NONE = 0x0000,
	PROFILE_CD_ROM = 0x0008,
	PROFILE_CD_R = 0x0009,
	PROFILE_CD_RW = 0x000a,
	PROFILE_DVD_ROM = 0x0010,
	PROFILE_DVD_R = 0x0011,
	PROFILE_DVD_RAM = 0x0012,
	PROFILE_DVD_RW_RO = 0x0013, /* restricted overwrite */
	PROFILE_DVD_RW = 0x0014,    /* sequential recording */
	PROFILE_DVD_R_DL = 0x0015,  /* sequential recording */
	PROFILE_DVD_PLUS_RW = 0x001a,
	PROFILE_DVD_PLUS_R = 0x001b,
	PROFILE_DVD_PLUS_R_DL = 0x002b,
	PROFILE_BD_ROM = 0x0040,
	PROFILE_BD_R = 0x0041, /* sequential recording mode */
	PROFILE_BD_RE = 0x0043,
};

/* How a medium can be formatted: a format descriptor of MMC-6 6.23, and what it does. */
enum medium_format_does {
	FORMAT_ERASES,	   /* the disc is empty afterwards */
	FORMAT_GROWS,	   /* the formatted area becomes larger, and keeps what it holds */
	FORMAT_SHRINKS,	   /* the same, smaller, if what it holds fits */
	FORMAT_BACKGROUND, /* erases; the drive then goes on by itself while the disc is used */
	FORMAT_SPARES,	   /* a blank write-once disc gets spare areas and stays empty */
};
struct medium_format {
	uint8_t type;	    /* format type, 6 bits */
	uint8_t sub_types;  /* bit n: sub-type n is taken (BD) */
	uint8_t pow;	    /* bit n: sub-type n is sequential recording with pseudo-overwrite */
	uint32_t blocks;    /* that it gives; 0 ends a list */
	uint32_t parameter; /* type dependent, 24 bits; with links, sectors of a packet */
	uint8_t links;	    /* sectors between two packets, which have no addresses (CD-RW) */
	enum medium_format_does does;
	const char *becomes; /* suffix of what it then is; NULL: what it was */
};

/* What a drive puts between two sessions, by where the earlier one ends. */
struct session_gap {
	uint32_t from;	/* holds for ends from here on */
	uint32_t first; /* sectors behind the first session; 0 ends a list */
	uint32_t later; /* sectors behind each other one */
};

struct medium {
	uint16_t profile;   /* MMC-6 profile number */
	const char *name;   /* as people write it: "DVD+R" */
	const char *suffix; /* in file names, settings and disc.json: "dvd+r" */
	enum medium_family family;
	enum medium_kind kind;
	enum medium_writing writing;
	uint8_t layers;
	uint32_t capacity;  /* of a blank; pressed: the largest image taken for this type */
	uint16_t ecc_block; /* sectors in an ECC block: blocking factor, alignment of tracks */
	const struct session_gap *session_gaps; /* ascending; NULL: none */
	uint32_t track_gap;			/* sectors between two tracks of a session */
	uint16_t max_tracks;
	uint16_t max_sessions;
	bool can_reserve;	/* RESERVE TRACK */
	bool comes_formatted;	/* a blank is formatted, by its first format */
	bool is_other;		/* formatted, its status is "others": it knows no sessions */
	bool has_page_sessions; /* mode page 05h says whether the session closed is the last */
	bool has_disc_at_once; /* a reserved track written with page 05h's type 2 ends the session */
	bool has_test_write;   /* page 05h may ask that nothing is recorded */
	bool has_layer_break;  /* SEND DISC STRUCTURE format 20h */
	bool has_pwp; /* its surface can say that it is write-protected: format C0h of the same */
	uint16_t
		close_functions; /* bit n: CLOSE TRACK/SESSION function n is valid, MMC-6 6.3.3.2.3 */
	uint16_t final_functions; /* bit n: that function also finalizes the disc */
	uint8_t blank_types;	  /* bit n: BLANK type n is valid, MMC-6 6.2 */
	const char *blanks_to;	  /* suffix of what it is after types 0 and 1; NULL: what it was */
	const struct medium_format *formats; /* NULL: cannot be formatted */
	/* bit n: write type n of mode page 05h is accepted, MMC-6 7.5.4; 0: the page is not of it */
	uint8_t write_types;
	uint32_t first_psn; /* physical sector number of the data area's beginning (DVD, BD) */
	uint32_t data_area; /* sectors of all of it; 0: the capacity */
	uint8_t book_type;  /* READ DISC STRUCTURE 00h, byte 4: disk category << 4 | part version */
	uint8_t disc_size_rate; /* same, byte 5: disc size << 4 | maximum rate */
	const char *maker; /* manufacturer id of ADIP or pre-recorded information; NULL: none */
	const char *maker_type;	      /* media type id beside it */
	uint32_t read_speed;	      /* kB/s (1000 bytes), the fastest offered */
	const uint32_t *write_speeds; /* likewise, the fastest first, ended by 0; NULL: none */
};

/* The rows; NULL past the last. */
const struct medium *medium_row(size_t i);
/* The first row of that profile: single layer, where two layers have the same. */
const struct medium *medium_by_profile(uint16_t profile);
/* The row of that suffix, which there must be, or m itself when it is NULL. */
const struct medium *medium_become(const struct medium *m, const char *suffix);
/* By suffix, in any case of letters; NULL: no such medium. */
const struct medium *medium_by_suffix(const char *suffix, size_t len);
/* The pressed type that an image of that many sectors is (DESIGN 4). */
const struct medium *medium_for_image(uint64_t sectors);
bool medium_writable(const struct medium *m);
/* One of the + formats of DVD, whose groove carries ADIP. */
bool medium_is_plus(const struct medium *m);
/* The i-th way to format it; NULL past the last. */
const struct medium_format *medium_format(const struct medium *m, size_t i);
/* The fastest that it is written at; 0: never. */
uint32_t medium_write_speed(const struct medium *m);
/* Sectors between a closed session that ends at that sector and the next one's first track. */
uint32_t medium_session_gap(const struct medium *m, uint64_t end, bool first);
/* The blocks that a format gives on a disc of that capacity. */
uint32_t medium_format_blocks(const struct medium_format *f, uint32_t capacity);
/* Sectors of the fixed packets that it can be formatted for; 0: of none. */
uint32_t medium_packet(const struct medium *m);
/* The most blocks that a format of it gives; 0: it cannot be formatted. */
uint32_t medium_formatted_max(const struct medium *m);

#endif
