/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Deleting directories of the store in the background, in the housekeeping strand.
 */
#ifndef CHANGER_INSERT_REMOVE_H
#define CHANGER_INSERT_REMOVE_H

#include <stdint.h>

#include "changer/err.h"
#include "changer/inventory/lock.h"

struct item;
struct jukebox;

/* Has the directory and the files in it deleted soon, and returns at once.  dir is a path in the store
 * under which no other function looks for anything, such as store_trash_path's, and which a power cut does not
 * change.  Does nothing if the store is
 * read-only or memory is missing; then the next start deletes the directory, if it is in incoming/. */
void remove_later(struct jukebox *jb, const char *dir);
/* Renames incoming/ID to its trash name, so that no start carries out an intent in it, and has it deleted
 * soon, after the new name is durable.  Does nothing if it cannot be renamed. */
void remove_incoming(struct jukebox *jb, uint64_t id);
/* Removes a claimed item, durably, gives its claim back, and drops the inventory's reference.  The caller has
 * a reference of its own.  Moves an unreadable item to lost+found instead of deleting it, and then reads what
 * is left in its element again (jb->read_again).  Returns JB_MEDIUM_LOCKED if it is in a locked drive,
 * JB_MAILSLOTS_LOCKED, or the store's error; then it stays in the inventory, without the claim.  Returns
 * JB_NOT_DURABLE if it was removed, but a power cut may bring it back.  [blocks] */
enum jb_err remove_item(struct item *it) EXCLUDES(jb_lock);

#endif
