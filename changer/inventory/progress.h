/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a drive is doing, its background formats among it.
 */
#ifndef CHANGER_INVENTORY_PROGRESS_H
#define CHANGER_INVENTORY_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "changer/inventory/disc_state.h"

struct drive;

/* Strand held. */
bool drive_is_locked(const struct drive *d);
/* How far it is by now: sectors, at most all. */
uint32_t formatting_done(const struct formatting *f);
/* What goes on with the drive's disc in the background from now on; total 0: nothing. */
void drive_formats(struct drive *d, const struct formatting *f);
/* How many have come to their end.  Any thread, no lock. */
uint64_t drive_formats_ended(struct drive *d);

#endif
