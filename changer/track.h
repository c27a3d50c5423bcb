/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sessions, tracks, and descriptions of a disc that is to be made.  Terms and numbers are those of
 * MMC-6. */
#ifndef CHANGER_TRACK_H
#define CHANGER_TRACK_H

#include <stdbool.h>
#include <stdint.h>

#include "changer/cdsector.h"
#include "changer/medium.h"

/* READ DISC INFORMATION byte 2: disc status (MMC-6 6.22.3.1.4). */
enum disc_status { DISC_BLANK = 0, DISC_APPENDABLE = 1, DISC_COMPLETE = 2, DISC_OTHERS = 3 };
/* READ DISC INFORMATION byte 2: state of last session. */
enum session_state { SESSION_EMPTY = 0, SESSION_INCOMPLETE = 1, SESSION_COMPLETE = 3 };

enum track_state {
	TRACK_INVISIBLE, /* not begun: where the next track will be */
	TRACK_OPEN,	 /* written to, not closed; grows */
	TRACK_RESERVED,	 /* its size is reserved; it may be partly written */
	TRACK_CLOSED,
	TRACK_FORMATTED, /* may be written anywhere; recorded ends at the last sector written */
};

enum { CD_NUMBER_MAX = 99 };  /* the number of a track (ECMA-130 22.3.3.1) */
enum { CD_INDICES_MAX = 99 }; /* index numbers of a track (ECMA-130 22.3.3.2) */
enum { CD_CATALOG_LEN = 13, CD_ISRC_LEN = 12, CD_TEXT_PACK = 18, CD_TEXT_PACKS_MAX = 2048 };

/* Control bits of the Q sub-channel that a track may have, apart from "data" (MMC-6 4.2.3.4). */
enum {
	CD_PRE_EMPHASIS = 0x1,
	CD_COPY_PERMITTED = 0x2,
	CD_FOUR_CHANNELS = 0x8,
	CD_CONTROL_BITS = 0xb,
};

/* A track of a disc.  The invisible track has only a state, a session, a start, a size and a
 * shift. */
struct track {
	enum track_state state;
	enum cd_mode mode; /* of all its sectors */
	uint8_t control;   /* CD_CONTROL_BITS */
	uint16_t session;  /* its number, from 1 */
	uint32_t start;	   /* first LBA; on a CD, the address of index 1 */
	/* in sectors: recorded, if closed; reserved; else all the room that is left */
	uint32_t size;
	uint32_t pregap;   /* sectors of index 0, before start (CD) */
	uint32_t recorded; /* sectors written, counted from the start of the pregap */
	/* the image has its sectors this many places before their addresses; 0 unless a BIN lacks gaps */
	uint32_t shift;
	char isrc[CD_ISRC_LEN + 1]; /* "": none (CD) */
};

/* The tracks of a session that is going to be recorded at once (CD).  All pointers are borrowed. */
struct disc_layout {
	const struct track *tracks; /* of each: start, size, mode, control, pregap and isrc */
	unsigned ntracks;	    /* 1 or more */
	const uint32_t *indices;    /* addresses of indices 2 and up of all tracks, ascending */
	unsigned nindices;
	unsigned first_number; /* the number of the first track of a blank disc; 0: 1 */
};

/* Returns the first address of the track, with its pregap. */
static inline uint32_t
track_first(const struct track *t)
{
	return t->start - t->pregap;
}
/* Returns the address after the last sector of the track, recorded or not. */
static inline uint64_t
track_end(const struct track *t)
{
	return (uint64_t)t->start + t->size;
}

/* Returns true if the next write begins the track: the track is invisible, or it is open and nothing
 * is recorded in it. */
static inline bool
track_begins(const struct track *t)
{
	return t->state == TRACK_INVISIBLE || (t->state == TRACK_OPEN && t->recorded == 0);
}

/* READ DISC INFORMATION byte 7: background format status (MMC-6 6.22.3.1.9). */
enum background {
	BACKGROUND_NONE = 0, /* not formatted, or the medium has no format in the background */
	BACKGROUND_STOPPED = 1,
	BACKGROUND_RUNNING = 2,
	BACKGROUND_COMPLETE = 3,
};

/* The format of a blank write-once disc (BD-R). */
enum spare_format {
	SPARE_NONE,
	SPARE_SRM, /* sequential recording */
	/* sequential recording with pseudo-overwrite: recorded sectors may be written again */
	SPARE_POW,
};

/* A format that is wanted, as the format descriptor of FORMAT UNIT says it (MMC-6 6.5). */
struct disc_format {
	/* as in struct medium_format; sub_type: 0 is accepted for every format */
	uint8_t type, sub_type;
	uint32_t blocks; /* 0 or FFFFFFFFh: as many as possible */
	bool restart;	 /* continue a format in the background that was stopped */
};

/* Stores the next writable address of the track.  Returns false, and leaves *nwa, if the track is closed,
 * formatted or full. */
bool track_nwa(const struct track *t, uint32_t *nwa);
/* Returns true if nothing more can be written to the reserved track: its last ECC block is begun.  A
 * reservation is rounded up to whole blocks, and blocks are written whole.  (wodim reserves exactly as
 * many sectors as it is going to write.)  Returns false if nothing is recorded in it. */
bool track_is_full(const struct track *t, const struct medium *m);

#endif
