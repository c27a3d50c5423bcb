/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Repair of a disc that start-up has found. */
#ifndef CHANGER_DISC_DISC_REPAIR_H
#define CHANGER_DISC_DISC_REPAIR_H

#include <stdint.h>

struct item;

/* Makes image and recording agree again after a crash or a change by hand.  image_bytes is the size of
 * the image.  Lowers what an unfinished burn has recorded to what the image has, and cuts off the part of
 * the image that the recording does not count.  On a formatted disc the whole image counts as recorded.  A
 * final disc of one track that is not raw gets the size of its image; else, and if a closed track is
 * damaged, the recording stays.  Logs what it finds, and raises the event `error` if writing was cut off.
 * Sets d->size; does not store the description.  No other thread may use the item, or its strand is held. */
void disc_repair(struct item *it, uint64_t image_bytes);

#endif
