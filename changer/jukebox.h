/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The jukebox: elements, the discs in them, moves, drives and settings.  This is the narrow interface
 * that both faces call: the mount (fsctl/) and the SCSI command sets (changer/smc, target/mmc).  It
 * knows nothing of FUSE, and of SCSI only the numbers of element types (SMC-3).  This header has the
 * jukebox's life and its totals; each header that it includes has another subject.
 *
 * Locks: any thread may call any function, and the function takes the jukebox lock itself, unless its
 * comment says otherwise.  A function marked [blocks] waits for the store or for a strand; call it from
 * worker threads, never from a connection's thread or a FUSE handler.  A string that is returned by
 * pointer is constant for the life of the jukebox; everything else is copied.
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
#include "changer/folder.h"
#include "changer/item.h"
#include "changer/link.h"
#include "changer/medium.h"
#include "changer/move.h"
#include "changer/setting.h"

struct jukebox;

/* ---- life ---------------------------------------------------------------------------------- */

/* The numbers of elements that a new store gets. */
struct jb_layout { /* for a store that does not exist yet */
	unsigned slots, mailslots, drives;
};

/* Opens the store and takes its lock.  In a directory that is missing or empty, makes a new store with
 * that layout.  Reads what is in it, and recovers or deletes what a crash left in incoming/.  Raises the
 * process's limit of open files.  Returns JB_STORE_LOCKED if another daemon serves the store,
 * JB_STORE_FORMAT if it is none of this version, JB_BAD_VALUE if the layout has too many elements,
 * JB_NO_MEMORY, or the store's error; why (256 bytes at least) then has a sentence for the user, except
 * that JB_NO_MEMORY may leave it as it was.  [blocks] */
enum jb_err jb_open(const char *store, const struct jb_layout *layout, struct jukebox **out,
	char *why, size_t why_size);
/* Is told of damage in the store: its path below the store, and a sentence.  Both last for this call only. */
typedef void jb_finding(void *arg, const char *path, const char *sentence);
/* Looks through a store as jb_open does, but serves nothing, makes nothing durable, and writes nothing.  Passes all
 * damage that a start would report to `finding`, and what is in lost+found.  No daemon can open the store meanwhile.
 * Returns JB_STORE_LOCKED if a daemon serves it, JB_STORE_FORMAT if it is no store, JB_NO_MEMORY, or the store's
 * error; why (256 bytes at least) then has a sentence for the user.  [blocks] */
enum jb_err jb_check(const char *store, jb_finding *finding, void *arg, char *why, size_t why_size);
/* Returns true if the store's file system was read-only when it was opened: nothing in it can be changed. */
bool jb_is_read_only(const struct jukebox *jb);
/* Syncs loaded discs and closes the store.  First ends all checks, and runs the jobs that wait for the
 * robot.  Errors are logged.  No file handle may be open and no strand held, and no other thread may use
 * the jukebox.  [blocks] */
void jb_close(struct jukebox *jb);

/* Ends all simulated delays, and allows no new ones.  Call it before jb_close.  Takes no lock; does not
 * wait. */
void jb_interrupt(struct jukebox *jb);

/* Returns the library's UUID as text (36 characters).  All identities derive from it. */
const char *jb_uuid(const struct jukebox *jb);

/* ---- as a whole ---------------------------------------------------------------------------- */

/* Counts of everything in the jukebox, as one snapshot. */
struct jb_totals {
	/* by enum jb_elem_type; full: with a disc */
	unsigned elements[JB_DRIVE + 1], full[JB_DRIVE + 1];
	unsigned discs, by_status[DISC_OTHERS + 1]; /* by enum disc_status */
	unsigned incoming, incomplete, staged;	    /* files that are not discs */
	unsigned sessions;			    /* of all discs, with open ones */
	uint64_t bytes, used; /* of images of discs; of these, allocated in the store */
};
/* Counts everything into *out.  Takes the jukebox lock for that time. */
void jb_totals(struct jukebox *jb, struct jb_totals *out);

struct jb_space {
	/* of the store's file system, as statvfs(3) says; block_size in bytes */
	uint64_t block_size, blocks, blocks_free, blocks_available;
	uint64_t elements, elements_empty; /* without the picker; empty: a disc may come in */
};
/* Stores the space of the store in *out.  Returns an error such as JB_STORE_READ if the system does not
 * say it. */
enum jb_err jb_space(struct jukebox *jb, struct jb_space *out);

/* ---- what the target and the mount keep in the store ------------------------------------------------------ */

/* Stores the text of the reservations of the unit lun, durably, in place of the old one; size 0 deletes
 * it.  Returns the store's error; the old text or the new one is then stored.  [blocks] */
enum jb_err jb_reservations_save(struct jukebox *jb, unsigned lun, const char *text, size_t size);
/* Stores the text with the owners of the mount's files, durably.  [blocks] */
enum jb_err jb_owners_save(struct jukebox *jb, const char *text, size_t size);
/* Reads the text that jb_owners_save stored.  Returns JB_NO_ITEM if there is none.  The caller frees *text.
 * [blocks] */
enum jb_err jb_owners_load(struct jukebox *jb, char **text, size_t *size);
/* Reads the text that jb_reservations_save stored for the unit lun, with a NUL behind it.  Returns
 * JB_NO_ITEM if there is none, JB_NO_MEMORY, or JB_STORE_READ.  The caller frees *text after JB_OK.
 * [blocks] */
enum jb_err jb_reservations_load(struct jukebox *jb, unsigned lun, char **text, size_t *size);

#endif
