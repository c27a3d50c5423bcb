/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The progress of a drive: its current work, and its format in the background. */
#ifndef CHANGER_INVENTORY_PROGRESS_H
#define CHANGER_INVENTORY_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "changer/base/lock.h"
#include "changer/inventory/disc_state.h"
#include "changer/inventory/lock.h"

struct drive;

/* Takes the drive's progress_lock.  The thread may take no other lock before it releases this one. */
void progress_enter(struct drive *d) ACQUIRES(progress_lock);
/* Releases the drive's progress_lock. */
void progress_leave(struct drive *d) RELEASES(progress_lock);

/* Returns true if the tray is closed and a nexus prevents the removal of the disc.  Any thread;
 * without the strand, the answer may be out of date at once. */
bool drive_is_locked(const struct drive *d);
/* Returns how many sectors the format has formatted by now, at most all.  Reads only the clock. */
uint32_t formatting_done(const struct formatting *f);
/* Sets the format that goes on in the background from now on, after it has counted an earlier one
 * that has ended.  f->total 0: no format goes on. */
void drive_formats(struct drive *d, const struct formatting *f);
/* Returns how many formats in the background have ended, also if the last one ends just now.  Any
 * thread; needs no lock, and takes progress_lock only while a format goes on. */
uint64_t drive_formats_ended(struct drive *d);

#endif
