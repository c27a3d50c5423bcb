/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A second look at elements that are blocked (inventory/block.h), when the store may work again. */
#ifndef CHANGER_INSERT_LOOK_H
#define CHANGER_INSERT_LOOK_H

#include "changer/inventory/lock.h"

struct jukebox;

/* Looks at each blocked element: syncs its directory in the store, and compares that with memory.  If both
 * agree, ends the block.  If a disc is in another element than memory says, moves it there in memory, raises
 * the event of a move, and ends the block; not if one of both elements is a drive's.  Any other element stays
 * blocked, also one whose occupant is claimed.  Does nothing if no element is blocked.  The operations that
 * change elements call it first, without a claim.  [blocks] */
void look_again(struct jukebox *jb) EXCLUDES(jb_lock);

#endif
