/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Repair of a disc that start-up has found. */
#ifndef CHANGER_DISC_DISC_REPAIR_H
#define CHANGER_DISC_DISC_REPAIR_H

#include <stdint.h>

struct item;

/* Makes image and recording agree again after a crash or a change by hand.  image_bytes is the size of
 * the image.  No other thread may use the item, or its strand is held. */
void disc_repair(struct item *it, uint64_t image_bytes);

#endif
