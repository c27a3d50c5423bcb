/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Start-up: what was found in the store is made durable before it is served. */
#ifndef CHANGER_LIFECYCLE_SETTLE_H
#define CHANGER_LIFECYCLE_SETTLE_H

#include "changer/err.h"

struct jukebox;

/* Makes durable what the last owner of the store has left, and what was put in by hand (store_settle).  An
 * element whose part of the store cannot be synced is blocked (block_element).  Returns the store's error if
 * something else cannot be synced, or JB_NO_MEMORY.  The elements must be there; no other thread may use the
 * inventory yet.  [blocks] */
enum jb_err settle_found(struct jukebox *jb);

#endif
