/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Durable changes of what a disc is. */
#ifndef CHANGER_DISC_DISC_CHANGE_H
#define CHANGER_DISC_DISC_CHANGE_H

#include "changer/err.h"

struct disc;
struct image;
struct recording;

/* Makes the disc what *rec says, durably.  *rec is a changed copy of the disc's recording.  First
 * syncs all sectors that *rec counts as recorded.  On success *rec is empty.  On an error the disc
 * is as it was.  Strand held. */
enum jb_err disc_change(struct disc *d, struct recording *rec);
/* Writes the new image `to` from the disc's old content; *rec is what the disc will be. */
typedef enum jb_err disc_fill(struct disc *d, const struct recording *rec, struct image *to);
/* Gives the disc a new image, and makes it what *rec says, durably.  fill writes the new image; fill
 * NULL leaves it empty.  The rename of the description is the commit.  On success *rec is empty.
 * On an error the disc is as it was.  Strand held. */
enum jb_err disc_replace_image(struct disc *d, struct recording *rec, disc_fill *fill);

#endif
