/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading a disc that is inserted by reference. */
#ifndef CHANGER_DISC_LINK_READ_H
#define CHANGER_DISC_LINK_READ_H

#include "changer/err.h"
#include "changer/inventory/lock.h"

struct disc;
struct item;

/* Checks that the open file of a link has not changed, before data that was read from it is used.  Returns
 * JB_OK if it has not, or if the disc is not a link.  If the file has changed now, sets the link's state to
 * that (link_set_state), and returns JB_LINK_CHANGED.  If the link was not good before, returns its error
 * (link_error).  Strand held. */
enum jb_err link_read_is_still(struct disc *d);
/* Opens the file of a link again if it has changed or is not open, and gives the disc the new image.  If
 * the file cannot be opened, the disc keeps its image.  Sets the state of the link (link_open).  Does
 * nothing for a disc that is not a link.  Takes the jukebox lock.  Strand held.  [blocks] */
void link_read_again(struct item *it) EXCLUDES(jb_lock);

#endif
