/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making durable what was written to a disc.
 */
#ifndef CHANGER_DISC_DISC_SYNC_H
#define CHANGER_DISC_DISC_SYNC_H

#include <stdbool.h>
#include <stdint.h>

#include "changer/base/lock.h"
#include "changer/err.h"

struct disc;
struct item;

/* Stores what the item is now; of a disc that is written to, with the sectors that it tells of. */
enum jb_err disc_describe(struct item *it);
/* After each change of the recording: times, sizes, and that a description is due. */
void disc_changed(struct disc *d);

/* Makes the sectors durable, of an image that is at least so many bytes long. */
enum jb_err disc_sync_data(struct disc *d, uint64_t end);
/* Before a description is stored of a disc that may be written to: what it tells of is durable first. */
enum jb_err disc_sync_written(struct disc *d);
/* Brings the state of a format in the background up to date. */
void disc_run_background(struct disc *d);
/* After a change of that state: tells the drive, for those who do not hold its strand. */
void disc_tell_background(struct disc *d);

#endif
