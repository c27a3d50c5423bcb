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

/* Lock and unlock the drive's progress_lock.  No other lock may be taken in between. */
void progress_enter(struct drive *d) ACQUIRES(progress_lock);
void progress_leave(struct drive *d) RELEASES(progress_lock);

/* Returns true if the tray is shut and PREVENT keeps it so.  Any thread; without the strand it may change at
 * once. */
bool drive_is_locked(const struct drive *d);
/* Returns how many sectors are formatted by now, at most all. */
uint32_t formatting_done(const struct formatting *f);
/* Sets the format that goes on in the background from now on; total 0: none. */
void drive_formats(struct drive *d, const struct formatting *f);
/* Returns how many formats in the background have ended.  Any thread, no lock. */
uint64_t drive_formats_ended(struct drive *d);

#endif
