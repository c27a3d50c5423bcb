/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Durable changes of what a disc is.
 */
#ifndef CHANGER_DISC_DISC_CHANGE_H
#define CHANGER_DISC_DISC_CHANGE_H

#include "changer/err.h"

struct disc;
struct image;
struct recording;

/* Makes durable that the disc is what *rec says, a changed copy of its recording, with all sectors that
 * it tells of; *rec is empty then.  An error leaves the disc as it was.  Strand held. */
enum jb_err disc_change(struct disc *d, struct recording *rec);
/* A new image beside the old one, which fill (NULL: nothing) writes from what the disc holds, and then
 * *rec and that image are the disc: the rename of its description is the commit.  *rec is empty then.
 * An error leaves the disc as it was. */
typedef enum jb_err disc_fill(struct disc *d, const struct recording *rec, struct image *to);
enum jb_err disc_replace_image(struct disc *d, struct recording *rec, disc_fill *fill);

#endif
