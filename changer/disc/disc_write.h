/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A disc that is written to: what becomes durable when, and what is told of it.
 */
#ifndef CHANGER_DISC_DISC_WRITE_H
#define CHANGER_DISC_DISC_WRITE_H

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
/* Tells who looks after the jukebox that the store cannot keep what is burned, if err is that; gives
 * err back.  Strand held. */
enum jb_err disc_tell_store(struct disc *d, enum jb_err err);
/* There is more to record than the medium holds: told once a load. */
void disc_tell_full(struct disc *d);

/* Makes the sectors durable, of an image that is at least so many bytes long. */
enum jb_err disc_sync_data(struct disc *d, uint64_t end);
/* Before a description is stored of a disc that may be written to: what it tells of is durable first. */
enum jb_err disc_sync_written(struct disc *d);

#endif
