/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The jukebox: elements, the discs in them, moves, drives and settings.  This is the narrow API
 * that both faces call, the mount (fsctl/) and the SCSI command sets (changer/smc, target/mmc).
 * It knows neither FUSE nor SCSI beyond the numbers that the element types have in SMC-3.  Here are
 * its life and its totals; each header that is included here has another subject.
 *
 * Locks: every function may be called from any thread and takes the jukebox lock itself, unless
 * its comment says otherwise.  Functions marked [blocks] wait for the store or for a strand and
 * are for worker threads, never for a connection's thread or a FUSE handler.
 * Strings returned by pointer are constant for the life of the jukebox; all else is copied out.
 */
#ifndef CHANGER_JUKEBOX_H
#define CHANGER_JUKEBOX_H

#include <stddef.h>
#include <stdint.h>

#include "changer/base/strand.h"
#include "changer/check.h"
#include "changer/disc.h"
#include "changer/drive.h"
#include "changer/element.h"
#include "changer/err.h"
#include "changer/event.h"
#include "changer/file.h"
#include "changer/item.h"
#include "changer/link.h"
#include "changer/medium.h"
#include "changer/move.h"
#include "changer/setting.h"

struct jukebox;

/* ---- life ---------------------------------------------------------------------------------- */

struct jb_layout { /* of a store that does not exist yet */
	unsigned slots, mailslots, drives;
};

/*
 * Opens the store, or makes a new one of that layout in a directory that is missing or empty.
 * Takes its lock, picks up what is there, recovers or sweeps incoming/ (DESIGN 3).  why: what was
 * wrong, for the user, at least 256 bytes.  [blocks]
 */
enum jb_err jb_open(const char *store, const struct jb_layout *layout, struct jukebox **out,
	char *why, size_t why_size);
/* Syncs loaded discs and lets the store go.  No handle may be open, no strand held.  [blocks] */
void jb_close(struct jukebox *jb);

/* Simulated times end, and there are none from now on: before a stop. */
void jb_interrupt(struct jukebox *jb);

/* The library's UUID as text (36 characters); all identities derive from it. */
const char *jb_uuid(const struct jukebox *jb);

/* ---- as a whole ---------------------------------------------------------------------------- */

/* All that the jukebox holds, counted as one picture. */
struct jb_totals {
	unsigned elements[JB_DRIVE + 1], full[JB_DRIVE + 1]; /* by enum jb_elem_type */
	unsigned discs, by_status[DISC_OTHERS + 1];	     /* by enum disc_status */
	unsigned incoming, incomplete, staged;		     /* files that are no disc (yet) */
	unsigned sessions;				     /* of all discs */
	uint64_t bytes, used; /* recorded on discs, and what they really take up in the store */
};
void jb_totals(struct jukebox *jb, struct jb_totals *out);

struct jb_space {
	uint64_t block_size, blocks, blocks_free, blocks_available; /* of the store's file system */
	uint64_t elements, elements_empty;
};
enum jb_err jb_space(struct jukebox *jb, struct jb_space *out);

/* ---- what the target keeps in the store ------------------------------------------------------ */

/* The text of a unit's reservations, durable when it returns; size 0: none any more.  [blocks] */
enum jb_err jb_reservations_keep(struct jukebox *jb, unsigned lun, const char *text, size_t size);
/* JB_NO_ITEM: nothing is kept.  *text is the caller's to free.  [blocks] */
enum jb_err jb_reservations_kept(struct jukebox *jb, unsigned lun, char **text, size_t *size);

#endif
