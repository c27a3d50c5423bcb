/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sessions and tracks, and what describes a disc that is to be made.  Terms and numbers are those of
 * MMC-6, as in disc.h.
 */
#ifndef CHANGER_TRACK_H
#define CHANGER_TRACK_H

#include <stdbool.h>
#include <stdint.h>

#include "changer/cdsector.h"
#include "changer/medium.h"

/* READ DISC INFORMATION byte 2, disc status (MMC-6 6.22.3.1.4) */
enum disc_status { DISC_BLANK = 0, DISC_APPENDABLE = 1, DISC_COMPLETE = 2, DISC_OTHERS = 3 };
/* The same byte, state of last session */
enum session_state { SESSION_EMPTY = 0, SESSION_INCOMPLETE = 1, SESSION_COMPLETE = 3 };

enum track_state {
	TRACK_INVISIBLE, /* not begun: where the next one will be */
	TRACK_OPEN,	 /* written to, not closed; grows */
	TRACK_RESERVED,	 /* of reserved size, perhaps partly written */
	TRACK_CLOSED,
	TRACK_FORMATTED, /* may be written anywhere; recorded is up to the last sector written */
};

enum { CD_INDICES_MAX = 99 }; /* of a track, by number (ECMA-130 22.3.3.2) */
enum { CD_CATALOG_LEN = 13, CD_ISRC_LEN = 12, CD_TEXT_PACK = 18, CD_TEXT_PACKS_MAX = 2048 };

/* Control bits of the Q sub-channel that a track may have, beside "data" (MMC-6 4.2.3.4). */
enum {
	CD_PRE_EMPHASIS = 0x1,
	CD_COPY_PERMITTED = 0x2,
	CD_FOUR_CHANNELS = 0x8,
	CD_CONTROL_BITS = 0xb,
};

struct track {
	enum track_state state;
	enum cd_mode mode;
	uint8_t control; /* CD_CONTROL_BITS */
	uint16_t session;
	uint32_t start;	   /* first LBA; of a CD, where index 1 is */
	uint32_t size;	   /* sectors: recorded when closed, reserved, else all up to the end */
	uint32_t pregap;   /* sectors before start that belong to it as index 0 (CD) */
	uint32_t recorded; /* sectors written, from the pregap's begin on */
	uint32_t shift; /* its sectors are so many places ahead of their addresses in the image */
	char isrc[CD_ISRC_LEN + 1]; /* "": none (CD) */
};

/* What a session at once is going to hold (CD). */
struct disc_layout {
	const struct track *tracks; /* start, size, mode, control, pregap and isrc of each */
	unsigned ntracks;
	const uint32_t *indices; /* where indices 2 and on of them begin, ascending */
	unsigned nindices;
};

/* Its first sector in the image; what follows its last one. */
static inline uint32_t
track_first(const struct track *t)
{
	return t->start - t->pregap;
}
static inline uint64_t
track_end(const struct track *t)
{
	return (uint64_t)t->start + t->size;
}

/* A write to it begins it: it is the invisible one, or one that nothing came of. */
static inline bool
track_begins(const struct track *t)
{
	return t->state == TRACK_INVISIBLE || (t->state == TRACK_OPEN && t->recorded == 0);
}

/* READ DISC INFORMATION byte 7, background format status (MMC-6 6.22.3.1.9) */
enum background {
	BACKGROUND_NONE = 0, /* not formatted, or no medium that is formatted in the background */
	BACKGROUND_STOPPED = 1,
	BACKGROUND_RUNNING = 2,
	BACKGROUND_COMPLETE = 3,
};

/* What a blank write-once disc was formatted to (BD-R). */
enum spare_format {
	SPARE_NONE,
	SPARE_SRM, /* sequential recording */
	SPARE_POW, /* the same with pseudo-overwrite: what is recorded may be written again */
};

/* FORMAT UNIT, MMC-6 6.5: what its format descriptor says. */
struct disc_format {
	uint8_t type, sub_type;
	uint32_t blocks; /* 0 or FFFFFFFFh: as many as there can be */
	bool restart;	 /* goes on with a format in the background that was stopped */
};

/* The next writable address of a track; false: it has none. */
bool track_nwa(const struct track *t, uint32_t *nwa);
/* A reservation is rounded up to whole ECC blocks, and blocks are written whole: so a reserved track is
 * full once its last block is begun.  wodim reserves exactly what it is going to write. */
bool track_is_full(const struct track *t, const struct medium *m);

#endif
