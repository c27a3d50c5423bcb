/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Elements of which nobody knows what the store has in them. */
#ifndef CHANGER_INVENTORY_BLOCK_H
#define CHANGER_INVENTORY_BLOCK_H

#include "changer/inventory/lock.h"

struct element;
struct jukebox;

/* Blocks the element, because it is not known what the store has in it, until a second look settles that
 * (insert/look.h), or until the next start: nothing can come in, and item_claim fails for its items.  Logs
 * that, and raises the event `error`.  Does nothing if it is blocked already. */
void block_element(struct jukebox *jb, struct element *el) REQUIRES(jb_lock);

/* Ends the block of an element, once it is known what the store has in it.  Logs that. */
void block_end(struct jukebox *jb, struct element *el) REQUIRES(jb_lock);

#endif
