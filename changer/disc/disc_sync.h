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

/* Stores the description of the item as it is now.  First syncs the sectors that the description counts
 * as recorded. */
enum jb_err disc_describe(struct item *it);
/* Updates times, sizes and the copy for other threads, and notes that the description must be stored.
 * Must be called after each change of the recording in memory. */
void disc_changed(struct disc *d);

/* Syncs the sectors.  If the image has less than `end` bytes, makes it that long first.  If the sync
 * fails, the disc goes back to its last durable state, and the error (JB_STORE_WRITE or a similar one)
 * is returned. */
enum jb_err disc_sync_data(struct disc *d, uint64_t end);
/* Syncs the sectors that are not durable yet.  Call it before the description of a disc that may be
 * written to is stored. */
enum jb_err disc_sync_written(struct disc *d);
/* Updates the state of a format in the background: it advances with time. */
void disc_run_background(struct disc *d);
/* Copies the state of the format in the background to the drive, for threads that do not hold the
 * strand.  Call it after each change of the state. */
void disc_report_background(struct disc *d);

#endif
