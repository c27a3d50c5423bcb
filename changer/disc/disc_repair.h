/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Repair of a disc that start-up has found. */
#ifndef CHANGER_DISC_DISC_REPAIR_H
#define CHANGER_DISC_DISC_REPAIR_H

#include <stdint.h>

struct item;

/*
 * Makes the image and the recording of an item agree again after a crash or a change by hand.  image_bytes
 * is the size of the image.
 *
 * If a burn was cut off, the recording then counts no more sectors than the image has.  The image is cut to
 * what the recording counts; in a read-only store only d->size says so.  On a formatted disc all sectors of
 * the image count as recorded.  A final disc that is not raw and has one track gets the size of its image.
 * Any other final disc, and a disc whose closed track is damaged, keeps its recording.
 *
 * Reports what it finds (finding_report), and raises the event `error` if writing was cut off.  Sets
 * d->size; does not store the description.  For an item that is not a disc only sets d->size.  No other
 * thread may use the item, or the strand of its drive is held.
 */
void disc_repair(struct item *it, uint64_t image_bytes);

#endif
