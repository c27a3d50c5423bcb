/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A second look at elements that are blocked (inventory/block.h), when the store may work again. */
#ifndef CHANGER_INSERT_LOOK_H
#define CHANGER_INSERT_LOOK_H

#include "changer/inventory/lock.h"

struct jukebox;

/* Looks at each blocked element: syncs its part of the store, and compares that with memory.  If both agree, or memory
 * can follow, the element is blocked no more.  A disc that is found in another element than memory has it moves there,
 * unless one of both is a drive's.  What cannot be settled stays blocked.  The operations that change elements call
 * this first; if nothing is blocked, it does nothing.  [blocks] */
void look_again(struct jukebox *jb) EXCLUDES(jb_lock);

#endif
