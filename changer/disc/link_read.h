/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading a disc that is inserted by reference. */
#ifndef CHANGER_DISC_LINK_READ_H
#define CHANGER_DISC_LINK_READ_H

#include "changer/err.h"
#include "changer/inventory/lock.h"

struct disc;
struct item;

/* Checks that the open file has not changed, before data that was read from it is used.  Returns JB_OK,
 * also if the disc is not a link; else JB_LINK_CHANGED or what link_error returns.  Strand held. */
enum jb_err link_read_is_still(struct disc *d);
/* Opens the file again if the last check or attempt failed.  Strand held.  [blocks] */
void link_read_again(struct item *it) EXCLUDES(jb_lock);

#endif
