/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making durable what was written to a disc.  Strand or claim held. */
#ifndef CHANGER_DISC_DISC_SYNC_H
#define CHANGER_DISC_DISC_SYNC_H

#include <stdbool.h>
#include <stdint.h>

#include "changer/base/lock.h"
#include "changer/err.h"

struct disc;
struct item;

/* Stores the description of the item as it is now, durably.  First syncs the sectors that the description
 * counts as recorded.  Does not clear the disc's `changed`.  Returns the store's error. */
enum jb_err disc_describe(struct item *it);
/* Notes that the recording in memory has changed: sets `changed`, so the description must be stored,
 * counts new content, sets the times to now and the origin, raises the size to what is recorded, and
 * updates the copy for other threads.  Must be called after each change of the recording in memory. */
void disc_changed(struct disc *d);

/* Syncs the sectors, if any are not durable.  If the image has less than `end` bytes, makes it that long
 * first; end 0 leaves it.  If the sync fails, the disc goes back to its last durable state, and the error
 * (JB_STORE_WRITE or a similar one) is returned.  After such a failure that could not be handled, returns
 * JB_STORE_WRITE and tries again. */
enum jb_err disc_sync_data(struct disc *d, uint64_t end);
/* Syncs the sectors that are not durable yet, as disc_sync_data does; does nothing if there are none.
 * Call it before the description of a disc that may be written to is stored. */
enum jb_err disc_sync_written(struct disc *d);
/* Updates the state of a format in the background, which advances with time.  At its end sets
 * BACKGROUND_COMPLETE, and calls disc_changed so that it will be stored.  Does nothing if no format is
 * running. */
void disc_run_background(struct disc *d);
/* Copies the state of the format in the background to the drive, for threads that do not hold the strand.
 * Does nothing if the disc is in no drive.  Call it after each change of the state. */
void disc_report_background(struct disc *d);

#endif
