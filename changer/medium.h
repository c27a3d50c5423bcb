/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The types of optical media, one table row each.  A column is whatever differs between media and is
 * not a command, so a new medium is a new row.
 *
 * All sizes are in logical sectors of 2048 bytes, unless a comment says otherwise.
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
	MEDIUM_REWRITABLE, /* can be blanked or formatted again, and is empty then */
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

/* The effect of a format. */
enum medium_format_does {
	FORMAT_ERASES,	   /* the disc is empty afterwards */
	FORMAT_GROWS,	   /* the formatted area grows and keeps its content */
	FORMAT_SHRINKS,	   /* the formatted area shrinks, if its content still fits */
	FORMAT_BACKGROUND, /* erases; then the drive formats on while the disc is used */
	FORMAT_SPARES,	   /* a blank write-once disc gets spare areas, and stays blank */
};
/* One way to format a medium: a format descriptor (MMC-6 6.23), and its effect. */
struct medium_format {
	uint8_t type;	    /* format type, 6 bits */
	uint8_t sub_types;  /* bit n: sub-type n is accepted (BD) */
	uint8_t pow;	    /* bit n: sub-type n is sequential recording with pseudo-overwrite */
	uint32_t blocks;    /* blocks that the format gives; 0 ends a list */
	uint32_t parameter; /* depends on type, 24 bits; if links is not 0: sectors of a packet */
	uint8_t links;	    /* sectors between two packets, without addresses (CD-RW) */
	enum medium_format_does does; /* its effect on the disc */
	const char *becomes;	      /* suffix of the medium afterwards; NULL: the same medium */
};

/* The gap between two sessions.  It depends on where the earlier session ends. */
struct session_gap {
	uint32_t from;	/* the earlier session ends here or later */
	uint32_t first; /* sectors after the first session; 0 ends a list */
	uint32_t later; /* sectors after each later session */
};

/* A type of optical medium: a row of the table. */
struct medium {
	uint16_t profile;   /* MMC-6 profile number */
	const char *name;   /* as people write it: "DVD+R" */
	const char *suffix; /* in file names, settings and disc.json: "dvd+r" */
	enum medium_family family;
	enum medium_kind kind;	     /* whether, and how often, it can be recorded */
	enum medium_writing writing; /* where it can be written */
	uint8_t layers;		     /* 1 to 3 */
	/* of a usual blank before any format; for pressed types, of the largest plain image */
	uint32_t capacity;
	uint32_t largest; /* see medium_largest; 0: the same as capacity */
	/* sectors in an ECC block: the unit of writing and of track alignment */
	uint16_t ecc_block;
	const struct session_gap *session_gaps; /* ascending; NULL: none */
	uint32_t track_gap;			/* sectors between two tracks of a session */
	uint16_t max_tracks;			/* tracks of a disc, at most */
	uint16_t max_sessions;			/* sessions of a disc, at most */
	bool can_reserve;			/* RESERVE TRACK */
	bool comes_formatted;	/* a blank comes formatted, with the first of its formats */
	bool is_other;		/* if formatted, its disc status is "others": it has no sessions */
	bool has_page_sessions; /* mode page 05h says whether another session may follow */
	/* with write type 2 in page 05h, writing a reserved track ends the session */
	bool has_disc_at_once;
	bool has_test_write;  /* page 05h may ask for a test write, which records nothing */
	bool has_layer_break; /* SEND DISC STRUCTURE format 20h */
	bool has_pwp;	      /* has persistent write protection: SEND DISC STRUCTURE format C0h */
	uint16_t
		close_functions; /* bit n: CLOSE TRACK/SESSION function n is valid, MMC-6 6.3.3.2.3 */
	uint16_t final_functions; /* bit n: that function also finalizes the disc */
	uint8_t blank_types;	  /* bit n: BLANK type n is valid, MMC-6 6.2 */
	/* suffix of the medium after BLANK types 0 and 1; NULL: the same */
	const char *blanks_to;
	const struct medium_format *formats; /* NULL: cannot be formatted */
	/* Bit n: write type n of mode page 05h is accepted (MMC-6 7.5.4). 0: the medium does not use
	 * that page. */
	uint8_t write_types;
	uint32_t first_psn; /* physical sector number of the first data sector (DVD, BD) */
	uint32_t data_area; /* sectors of the data area; 0: the same as capacity */
	uint8_t book_type;  /* READ DISC STRUCTURE 00h, byte 4: disk category << 4 | part version */
	uint8_t disc_size_rate; /* same structure, byte 5: disc size << 4 | maximum rate */
	const char *maker; /* manufacturer id in ADIP or pre-recorded information; NULL: none */
	const char *maker_type; /* media type id that goes with maker */
	uint32_t read_speed;	/* kB/s (1000 bytes): the fastest speed offered */
	/* kB/s, the fastest first, 0 at the end; NULL: not writable */
	const uint32_t *write_speeds;
};

/* Returns row i of the table of media, from 0; NULL past the last row. */
const struct medium *medium_row(size_t i);
/* Returns the first row with that profile; NULL if there is none.  If media with one, two and more
 * layers share a profile, the first row has one layer. */
const struct medium *medium_by_profile(uint16_t profile);
/* Returns the row with that suffix; NULL if there is none.  Returns m itself if suffix is NULL. */
const struct medium *medium_become(const struct medium *m, const char *suffix);
/* Returns the row with that suffix of len bytes, in upper or lower case; NULL if there is none. */
const struct medium *medium_by_suffix(const char *suffix, size_t len);
/* Returns the smallest pressed type whose capacity holds an image of that many sectors: CD-ROM or
 * DVD-ROM; else BD-ROM, without a check that it fits. */
const struct medium *medium_for_image(uint64_t sectors);
/* Returns the most sectors that a disc of this type can have: a user may choose the capacity of a
 * blank up to this, and a pressed disc of raw sectors may have as many. */
uint32_t medium_largest(const struct medium *m);
/* Returns true if the medium can be recorded; false for a pressed one. */
bool medium_writable(const struct medium *m);
/* Returns true for DVD+R and DVD+RW, with one or two layers, whose groove carries ADIP; false for
 * all others. */
bool medium_is_plus(const struct medium *m);
/* Returns row i, from 0, of the medium's formats; NULL past the last one, or if the medium cannot be
 * formatted. */
const struct medium_format *medium_format(const struct medium *m, size_t i);
/* Returns the fastest write speed in kB/s; 0 if the medium is read-only. */
uint32_t medium_write_speed(const struct medium *m);
/* Returns the fastest write speed in kB/s that is not above the limit, 0: no limit; the slowest one if all
 * are above it; 0 if the medium is read-only. */
uint32_t medium_write_speed_within(const struct medium *m, uint32_t limit);
/* Returns how many sectors are between a closed session, which ends at the address `end`, and the
 * first track of the next session; 0 if the medium has no such gap.  first is true if the closed
 * session is the first one of the disc. */
uint32_t medium_session_gap(const struct medium *m, uint64_t end, bool first);
/* Returns how many sectors a new blank of the medium holds: its capacity, or what the first of its
 * formats gives if it comes formatted. */
uint32_t medium_blank_holds(const struct medium *m);
/* Returns the capacity with which a blank of the medium holds that many sectors.  `sectors` must be
 * at least one ECC block; for a medium with links, what is left over a whole number of packets is
 * dropped.  Does not check that it is at most medium_largest. */
uint32_t medium_capacity_to_hold(const struct medium *m, uint32_t sectors);
/* Returns the blocks that the format gives on a disc of that capacity: the number in its row, but
 * at most the capacity; for a format with links, as many as fit in whole packets, 0 if not one
 * packet fits. */
uint32_t medium_format_blocks(const struct medium_format *f, uint32_t capacity);
/* Returns how many sectors the fixed packets of the medium's first format have; 0 if it has no
 * packets, or the medium has no format. */
uint32_t medium_packet(const struct medium *m);

#endif
