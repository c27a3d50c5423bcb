/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a drive is doing, with its formats in the background. */
#ifndef CHANGER_INVENTORY_PROGRESS_H
#define CHANGER_INVENTORY_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "changer/inventory/disc_state.h"

struct drive;

/* Returns true if a nexus prevents removal and the tray is closed.  Strand held. */
bool drive_is_locked(const struct drive *d);
/* Returns how many sectors are formatted by now, at most all. */
uint32_t formatting_done(const struct formatting *f);
/* Sets the format that goes on in the background from now on; total 0: none. */
void drive_formats(struct drive *d, const struct formatting *f);
/* Returns how many formats in the background have ended.  Any thread, no lock. */
uint64_t drive_formats_ended(struct drive *d);

#endif
