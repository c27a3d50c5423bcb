/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading a disc that is inserted by reference. */
#ifndef CHANGER_DISC_LINK_READ_H
#define CHANGER_DISC_LINK_READ_H

#include "changer/err.h"
#include "changer/inventory/lock.h"

struct disc;
struct item;

/* Checks that the open file of a link has not changed, before data that was read from it is used.  Returns
 * JB_OK, also if the disc is not a link.  If the file has changed, marks the link as changed and returns
 * JB_LINK_CHANGED; else returns the error of link_error.  Strand held. */
enum jb_err link_read_is_still(struct disc *d);
/* Opens the file of a link again if it has changed or could not be opened, and gives the disc the new
 * image.  If that fails, the link is as it was.  Does nothing for a disc that is not a link.  Takes the
 * jukebox lock.  Strand held.  [blocks] */
void link_read_again(struct item *it) EXCLUDES(jb_lock);

#endif
