/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commit of an insert: a file that was written becomes a disc.
 */
#ifndef CHANGER_INSERT_COMMIT_H
#define CHANGER_INSERT_COMMIT_H

#include "changer/err.h"
#include "changer/inventory/lock.h"

struct item;

/* Commits the item's insert after the release of its last writer.  The item becomes a disc, or an
 * incomplete file, which is logged and raises the event `error`.  A blank disc to which writing failed
 * stays blank; a disc that could not be replaced stays.  A staged or removed file only gets its size.
 * A file that must be imported (name_is_import) becomes that later: it gets into the queue of imports.
 * A part of a folder has the folder looked at again.  Frees it->insert.  Claim held; this function
 * gives it back.  [blocks] */
void insert_commit(struct item *it) EXCLUDES(jb_lock);
/* Makes a disc of an item in incoming/ that has no insert, in the element and with the name that it has in
 * memory.  Replaces it->replaces if that is set.  An incomplete image comes to the element as an incomplete
 * file, but never replaces a disc: then returns JB_INCOMPLETE.  A file that must be imported stays in
 * incoming/, described, and gets into the queue of imports.  Takes the sizes of the image into the item, also
 * if a later step fails.  After any error the item's directory is still incoming/ID, and the caller undoes
 * what it changed in memory.  Returns the store's error, or why no disc can have the image; but an incomplete
 * file that a start has found is put into its element whatever it would be.  Claim held.  [blocks] */
enum jb_err insert_place(struct item *it) EXCLUDES(jb_lock);

#endif
