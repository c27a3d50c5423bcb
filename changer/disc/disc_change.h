/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Durable changes of what a disc is. */
#ifndef CHANGER_DISC_DISC_CHANGE_H
#define CHANGER_DISC_DISC_CHANGE_H

#include "changer/err.h"

struct disc;
struct image;
struct recording;

/*
 * Makes the disc what *rec says, durably.  *rec is a changed copy of its recording.  First makes the image
 * as long as *rec needs and syncs its sectors.  Sets the origin and the times of the disc, and removes its
 * hash.  On success *rec is empty (its content was taken over).
 *
 * On an error the disc is as it was, except after a failed sync: then it goes back to its last durable
 * state.  An error of the store is reported too (disc_report_store).  Strand held.
 */
enum jb_err disc_change(struct disc *d, struct recording *rec);
/* Writes the content of a disc's new image `to`, from the disc's present content.  *rec is the recording
 * that the disc will have.  Returns JB_OK, or an error: the disc then keeps the old image. */
typedef enum jb_err disc_fill(struct disc *d, const struct recording *rec, struct image *to);
/*
 * Gives the disc a new image file and makes it what *rec says, durably.  First syncs the disc.  Then calls
 * fill to write the new image; if fill is NULL, the new image is empty.  Sets the times of the disc, and
 * its origin if nothing is recorded.  Then deletes the old image file.  On success *rec is empty (its
 * content was taken over).
 *
 * On an error the disc is as it was.  If it is then not known which description is in the store, both image
 * files stay until the next description is stored.  Does not report the error.  Strand held.
 */
enum jb_err disc_replace_image(struct disc *d, struct recording *rec, disc_fill *fill);

#endif
