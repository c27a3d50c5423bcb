/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The jukebox lock, and the order of all that keeps data in order.
 *
 * Three things do:
 *
 *  - The jukebox lock (jb_lock) guards the inventory.  Nothing blocks while holding it.
 *  - A claim (item->busy, set under the lock) belongs to the one operation that changes an item:
 *    a move, a removal, a change of its attributes, the commit of its insert.  It may be kept over
 *    I/O.  Claims are taken before strands, and who holds a strand waits for no claim.
 *  - A drive's strand keeps the disc in that drive still.
 *
 * The fields of an item that are marked [still] change only under the lock, by the holder of its
 * claim, who also holds the strand if the item is in a drive, and the write side of insert->io if
 * the item is being written.  So each of the four is enough to read them.
 *
 * Order: claim, strands (see strand.h), insert->io, jukebox lock.
 */
#ifndef CHANGER_INVENTORY_LOCK_H
#define CHANGER_INVENTORY_LOCK_H

#include <stdbool.h>
#include <time.h>

#include "changer/base/lock.h"

struct jukebox;

LOCK_CLASS(jb_lock);

void jb_enter(struct jukebox *jb) ACQUIRES(jb_lock);
void jb_leave(struct jukebox *jb) RELEASES(jb_lock);
/* Waits for jb_changed until a time of clock_gettime(CLOCK_MONOTONIC); false: it has come. */
bool jb_wait_until(struct jukebox *jb, const struct timespec *end) REQUIRES(jb_lock);
/* The time in so many milliseconds. */
struct timespec jb_deadline(unsigned ms);
/* Wakes who waits: claims, writers or jobs have changed. */
void jb_changed(struct jukebox *jb) REQUIRES(jb_lock);

#endif
