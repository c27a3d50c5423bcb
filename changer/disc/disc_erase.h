/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A new image in the place of the old one, and formats in the background.
 */
#ifndef CHANGER_DISC_DISC_ERASE_H
#define CHANGER_DISC_DISC_ERASE_H

#include "changer/err.h"

struct disc;
struct image;
struct recording;

/* A new image beside the old one, which fill (NULL: nothing) writes from what the disc holds, and then
 * *rec and that image are the disc: the rename of its description is the commit.  *rec is empty then.
 * An error leaves the disc as it was. */
typedef enum jb_err disc_fill(struct disc *d, const struct recording *rec, struct image *to);
enum jb_err disc_replace_image(struct disc *d, struct recording *rec, disc_fill *fill);
/* disc_erase.c: brings the state of a format in the background up to date. */
void disc_run_background(struct disc *d);
/* After a change of that state: tells the drive, for those who do not hold its strand. */
void disc_tell_background(struct disc *d);

#endif
