/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decides what disc a written file is: a blank one, an image of 2048-byte sectors, or a BIN, which is an
 * image of a CD's raw sectors.
 */
#ifndef CHANGER_INSERT_CLASSIFY_H
#define CHANGER_INSERT_CLASSIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "changer/err.h"
#include "changer/inventory/lock.h"

struct image;
struct item;
struct recording;

/*
 * Stores in *rec the recording of a disc that has this image of size bytes.  Sets *incomplete to true if the
 * item is no disc: it is damaged, it is shorter than its volume or than the size that was set for it, it was
 * incomplete and has not been written to again, or aria2's control file is beside it (only then sets
 * it->awaits, else clears it).  If no disc can have the image, returns why (JB_TOO_LARGE, JB_SHEET_...,
 * JB_NO_SUCH_MEDIUM, JB_NO_MEMORY, the store's error); *incomplete is then true, and *rec is a blank, so that
 * the mount can show the file.  *rec must be zero; the caller frees it.  Claim held, or the write side of
 * insert->io.  [blocks]
 */
enum jb_err classify_image(struct item *it, const struct image *image, uint64_t size,
	struct recording *rec, bool *incomplete);

/* Returns true if classify_bin must classify the item, whose image has size bytes.  The name alone says so if
 * it ends in .bin and the medium is a CD with tracks.  Else the content does: the item has a sheet, its image
 * begins with raw sectors, or it is new data without a volume for a raw disc.  [blocks] */
bool classify_is_bin(struct item *it, const struct image *image, uint64_t size) EXCLUDES(jb_lock);
/*
 * Classifies a BIN: by the sheet beside it, or by its content if there is no sheet.  Stores the
 * recording in *rec, which must be zero.  If the file is an image of 2048-byte sectors, sets *plain to
 * true and leaves *rec; else sets *plain to false.  Sets *incomplete to true if the BIN is shorter
 * than its volume; else leaves it.  Returns JB_SHEET_MISSING if the BIN needs a sheet; another
 * JB_SHEET_... or JB_TOO_LARGE if the sheet does not fit; JB_NO_MEMORY; the store's error if the sheet
 * cannot be read.  Keeps the sheet in it->insert
 * for a later call, and the warnings in it->warnings for classify_report.  Claim held, or the write
 * side of insert->io.  [blocks]
 */
enum jb_err classify_bin(struct item *it, const struct image *image, uint64_t size,
	struct recording *rec, bool *plain, bool *incomplete) EXCLUDES(jb_lock);
/* Logs what the last classification of the item dropped, cut or believed, and raises the event
 * `warning` for each, if the item has become a disc.  Forgets these warnings in any case.  Claim
 * held. */
void classify_report(struct item *it) EXCLUDES(jb_lock);
/* Removes the files beside the item, its sheet and its packs of CD-TEXT, if the item has become a
 * recorded disc.  Does nothing for any other item.  An error is ignored: then the file stays.  Claim
 * held.  [blocks] */
void classify_consume_sheet(struct item *it) EXCLUDES(jb_lock);

#endif
