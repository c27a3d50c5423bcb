/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading a disc inserted by reference.
 */
#ifndef CHANGER_DISC_LINK_READ_H
#define CHANGER_DISC_LINK_READ_H

#include "changer/err.h"
#include "changer/inventory/lock.h"

struct disc;
struct item;

/* Before what is read of it is believed: is the open file still as it was?  Strand held. */
enum jb_err link_read_is_still(struct disc *d);
/* Tries again what has failed.  Strand held.  [blocks] */
void link_read_again(struct item *it) EXCLUDES(jb_lock);

#endif
