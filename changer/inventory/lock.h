/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The jukebox lock, claims and strands: what protects the data, and in which order to take it (base/lock.h).
 *
 *  - The jukebox lock (jb_lock) guards the inventory.  Nothing may block while a thread holds it.
 *  - A claim (item->busy, set under the lock) belongs to the one operation that changes an item: a move,
 *    a removal, a change of its attributes, the commit of its insert.  It may be held over I/O.  A thread
 *    that holds a strand must not wait for a claim.
 *  - A drive's strand keeps the disc in that drive still.
 *
 * "Still" means that nobody else changes the item.  A field with the mark [still] changes only under
 * the lock, by the thread that has the item's claim.  That thread also holds the strand if the item is
 * in a drive, and the write side of insert->io if the item is being written.  So any one of these four
 * is enough to read the field: lock, claim, strand, insert->io.
 *
 * For the order of all of them see base/lock.h.
 */
#ifndef CHANGER_INVENTORY_LOCK_H
#define CHANGER_INVENTORY_LOCK_H

#include <stdbool.h>
#include <time.h>

#include "changer/base/lock.h"

struct jukebox;

LOCK_CLASS(jb_lock);
/* Guards the end of a loading, and the format in the background, of one drive.  A leaf; see progress.h. */
LOCK_CLASS(progress_lock);

/* Takes the jukebox lock. */
void jb_enter(struct jukebox *jb) ACQUIRES(jb_lock);
/* Releases the jukebox lock. */
void jb_leave(struct jukebox *jb) RELEASES(jb_lock);
/* Waits for a call of jb_changed, but not longer than until `end`, a time of CLOCK_MONOTONIC; NULL:
 * without limit.  Returns false when that time has come.  It may return true without a change, so
 * look again. */
bool jb_wait_until(struct jukebox *jb, const struct timespec *end) REQUIRES(jb_lock);
/* Returns the time that is ms milliseconds from now, for jb_wait_until. */
struct timespec jb_deadline(unsigned ms);
/* Wakes all threads in jb_wait_until.  Call it when claims, writers or jobs have changed. */
void jb_changed(struct jukebox *jb) REQUIRES(jb_lock);

#endif
