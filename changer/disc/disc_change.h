/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Durable changes of what a disc is. */
#ifndef CHANGER_DISC_DISC_CHANGE_H
#define CHANGER_DISC_DISC_CHANGE_H

#include "changer/err.h"

struct disc;
struct image;
struct recording;

/* Makes the disc what *rec, a changed copy of its recording, says, durably.  First syncs all sectors that
 * *rec counts as recorded; a shorter image is made longer.  Sets the origin and the times of the disc,
 * and drops its hash.  On success *rec is empty.  On an error, which is also reported
 * (disc_report_store), the disc is as it was; but if the sync failed, it goes back to its last durable
 * state.  Strand held. */
enum jb_err disc_change(struct disc *d, struct recording *rec);
/* Writes the new image `to` from the disc's old content; *rec is the recording that the disc will have.
 * An error means that the disc keeps the old one. */
typedef enum jb_err disc_fill(struct disc *d, const struct recording *rec, struct image *to);
/* Gives the disc a new image, and makes it what *rec says, durably.  First syncs the disc.  fill writes
 * the new image; fill NULL leaves it empty.  The rename of the description is the commit; then the old
 * image is deleted.  Sets the times of the disc, and its origin if nothing is recorded.  On success *rec
 * is empty.  On an error the disc is as it was; if it cannot be known which description is in the store,
 * both images stay until the next one is stored.  Strand held. */
enum jb_err disc_replace_image(struct disc *d, struct recording *rec, disc_fill *fill);

#endif
