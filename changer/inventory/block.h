/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Elements of which nobody knows what the store has in them. */
#ifndef CHANGER_INVENTORY_BLOCK_H
#define CHANGER_INVENTORY_BLOCK_H

#include "changer/inventory/lock.h"

struct element;
struct jukebox;

/* Blocks the element until a second look settles it (insert/look.h), or the next start, because what the store has in it is not known: nothing can come in,
 * and item_claim fails.  Logs that, and raises the event `error`.  Does nothing if it is blocked already. */
void block_element(struct jukebox *jb, struct element *el) REQUIRES(jb_lock);

/* Ends the block: it is known again what the store has in the element.  Logs that. */
void block_end(struct jukebox *jb, struct element *el) REQUIRES(jb_lock);

#endif
