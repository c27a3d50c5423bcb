/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Start-up: reads the store, and repairs what a crash left.  jb_open calls scan_counts first, then makes the
 * elements and drives, then calls scan_store.  No other thread may use the inventory yet.
 */
#ifndef CHANGER_LIFECYCLE_SCAN_H
#define CHANGER_LIFECYCLE_SCAN_H

#include "changer/err.h"

struct element;
struct jukebox;

/* Raises the counts of elements so that they include each element that has a directory.  Makes the
 * directories of the element types that are missing.  Reports a name that is no element, and a type's
 * directory that cannot be read, and goes on.  Returns another error of the store, or JB_NO_MEMORY. */
enum jb_err scan_counts(struct jukebox *jb);
/* Makes the directories that are missing, finds the discs in all elements, and calls recover_incoming.
 * Returns an error of the store; a disc that is not valid is no error. */
enum jb_err scan_store(struct jukebox *jb);
/* Handles one name in an element's directory: puts the disc of a directory into the element, and makes a disc
 * of an image file that somebody put there by hand.  Returns JB_OK, and does nothing, for the hidden name of
 * a sheet.  Returns JB_BAD_NAME if no disc can have the name, or a file has that of a sheet beside a disc;
 * JB_ELEMENT_FULL if the element has an occupant already; JB_NOT_A_DISC if it is neither a directory nor a
 * file; JB_STORE_READ_ONLY for an image file in a store that is read-only (JB_OK in a check); or what makes
 * the disc invalid. */
enum jb_err scan_entry(struct jukebox *jb, struct element *el, const char *name);
/* Inserts or deletes each file in incoming/ (recover.c).  Returns an error of the store if incoming/
 * cannot be read. */
enum jb_err recover_incoming(struct jukebox *jb);
/* Makes a disc of the image file `name`, which somebody put into the element's directory by hand
 * (recover.c).  Returns JB_ELEMENT_FULL if the element cannot take it, JB_NO_MEMORY, an error of the
 * store, or why the image cannot be a disc. */
enum jb_err recover_loose_file(struct jukebox *jb, struct element *el, const char *name);

#endif
