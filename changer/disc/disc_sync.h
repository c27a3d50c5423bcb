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

/* Stores the description of the item as it is in memory now, durably.  First syncs the sectors that the
 * description counts as recorded.  Does not clear the disc's flag `changed`.  Returns the error of the sync
 * or of the store. */
enum jb_err disc_describe(struct item *it);
/* Notes that the recording in memory has changed.  Sets `changed`, so that the next sync stores the
 * description.  Counts new content (disc.content), sets the times to now, sets the origin, raises d->size
 * to what is recorded, and updates the copy for other threads.  Must be called after each change of the
 * recording in memory. */
void disc_changed(struct disc *d);

/* Syncs the sectors if any may not be durable (d->unsynced).  Before that, makes the image at least `end`
 * bytes long; if end is 0, leaves its length.  If the sync fails, the disc goes back to its last durable
 * state, and the store's error is returned.  If going back failed at an earlier sync, returns
 * JB_STORE_WRITE and tries to go back again. */
enum jb_err disc_sync_data(struct disc *d, uint64_t end);
/* Syncs the sectors that are not durable yet, as disc_sync_data does, with its errors.  Does nothing if
 * there are none.  Call it before a description is stored while the disc may be written to. */
enum jb_err disc_sync_written(struct disc *d);
/* Updates the recording's state of a format in the background, which advances with time.  When the format
 * is over, sets BACKGROUND_COMPLETE and calls disc_changed.  Does nothing if no format is running. */
void disc_run_background(struct disc *d);
/* Copies the state of the format in the background to the disc's drive, where threads without the strand
 * read it.  Does nothing if the disc is in no drive.  Call it after each change of the state. */
void disc_report_background(struct disc *d);

#endif
