/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Folders of parts (inventory/folder.h) in the store: what changes them, and what is left of them when
 * a disc has been made. */
#ifndef CHANGER_INSERT_FOLDER_H
#define CHANGER_INSERT_FOLDER_H

#include <stdint.h>
#include <time.h>

#include "changer/err.h"
#include "changer/inventory/lock.h"

struct description;
struct element;
struct item;
struct jukebox;

/* Claims the folder, and takes a reference.  Waits for the claim until the deadline, and may release the lock
 * for that time.  Returns JB_NO_ITEM if folder is NULL or not there any more, JB_IN_USE after the deadline,
 * or another error of item_claim; then takes neither.  After JB_OK end with item_let_go. */
enum jb_err folder_take(struct item *folder, const struct timespec *deadline) REQUIRES(jb_lock);
/* Stores the description of a folder or a part, with an intent of that name, durably.  `replaces` is the id
 * of the part of that name which the caller then removes; 0: none.  Memory is not changed.  Returns the
 * store's error.  Claim held; for a part that is being written, also the write side of io.  [blocks] */
enum jb_err folder_describe(struct item *it, const char *name, uint64_t replaces) EXCLUDES(jb_lock);
/* Makes the directory incoming/ID of a folder with its description, durably.  Returns the store's
 * error; then removes the directory.  Claim held.  [blocks] */
enum jb_err folder_make_directory(struct item *folder) EXCLUDES(jb_lock);
/*
 * Notes in the store, durably, that the parts of the folder which are `used` are going to be in the disc with
 * that id.  If a crash comes when the disc is in its element and the parts are still there, the next start
 * removes them (folder_recover_marks).  Returns the store's error.  [blocks]
 */
enum jb_err folder_mark(struct item *folder, uint64_t disc) EXCLUDES(jb_lock);
/* Removes the parts that are in the disc `it` from the store, and the folder if no other part is in it.  In
 * memory they become ghosts (inventory/folder.h), and the folder notes the disc.  Waits without limit for the
 * folder's claim.  Does nothing if the item was not made of a folder, has not become a disc, or the folder is
 * not there any more.  Errors of the store are ignored: then the next start removes the parts (folder_mark).
 * Claim of `it` held.  [blocks] */
void folder_consume(struct item *it) EXCLUDES(jb_lock);
/* Gives a claimed folder the name *name, in the store and in memory; a ghost, in memory only.  *name becomes
 * the old one, and the importer looks at the folder again.  Returns JB_IS_FIXED for a hidden name, or the
 * store's error; then nothing has changed.  [blocks] */
enum jb_err folder_relabel(struct item *folder, char **name) EXCLUDES(jb_lock);
/* Takes ghosts that have lingered out of the inventory, for all folders.  Lowers *next to the time,
 * in milliseconds of clock.h, at which the next ones will have, if that is earlier. */
void folder_sweep(struct jukebox *jb, uint64_t *next) EXCLUDES(jb_lock);

/* For start-up.  Makes the folder or the part that the description in incoming/ID describes.  Folders come
 * first.  Takes recording and link out of *d.  Removes the part that a part replaces, if a crash left both.
 * Returns JB_NO_ELEMENT or JB_FOLDER_THERE if the folder's element is missing or has a folder,
 * JB_STORE_FORMAT if the id is in use, JB_NO_ITEM if the part's folder is not there, JB_PARTS_LIMIT or
 * JB_NO_MEMORY; then the item is not made.  [blocks] */
enum jb_err folder_recover(struct jukebox *jb, struct description *d) EXCLUDES(jb_lock);
/* For start-up, after all discs and parts have been recovered.  Removes the parts that are in a disc of the
 * jukebox by folder_mark, and the folders that have no other part.  [blocks] */
void folder_recover_marks(struct jukebox *jb) EXCLUDES(jb_lock);

#endif
