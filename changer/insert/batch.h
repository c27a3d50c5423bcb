/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files that the importer (the function of jb_set_import) reads at once: the parts of a folder, or
 * one file.  It is used by one thread. */
#ifndef CHANGER_INSERT_BATCH_H
#define CHANGER_INSERT_BATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "changer/err.h"
#include "changer/folder.h"
#include "changer/import.h"
#include "changer/inventory/item.h"
#include "changer/inventory/lock.h"

struct image;

struct batch {
	size_t n;			   /* number of files; the same in all arrays */
	struct item *part[JB_PARTS_MAX];   /* references */
	struct image *image[JB_PARTS_MAX]; /* open after batch_open, else NULL */
	char *name[JB_PARTS_MAX];	   /* copies: a part may get another name at any time */
	struct jb_import_file file[JB_PARTS_MAX]; /* for the importer; set by batch_open */
	struct jb_import_result result;		  /* of the last batch_run */
};

/* Adds an item, with a reference and a copy of its name.  Returns false if memory is missing.  The
 * caller adds at most JB_PARTS_MAX. */
bool batch_add(struct batch *b, struct item *part) REQUIRES(jb_lock);
/* Opens all files for the importer.  Returns the errors of item_open_image; then those that are open
 * stay so until batch_end. */
enum jb_err batch_open(struct batch *b) EXCLUDES(jb_lock);
/* Closes the files, drops the references, and empties the batch. */
void batch_end(struct batch *b) EXCLUDES(jb_lock);

/* Calls the importer for the item `of`, which shows its progress meanwhile.  out NULL: it only looks.  Clears
 * b->result first.  Returns JB_STOPPING if there is no importer or the thread of imports must end, or the
 * importer's error; on JB_OK, b->result says what came of it.  [blocks] */
enum jb_err batch_run(struct item *of, struct batch *b, const struct jb_import_out *out)
	EXCLUDES(jb_lock);
/* Does what batch_run does, and has the importer write the image.  If that is a BIN, stores its sheet and its
 * packs of CD-TEXT in beside[], for the classification; the caller frees their texts, also after an error.
 * Leaves an element of beside[] if there is no such text.  Returns an error of batch_run; JB_NO_MEMORY,
 * JB_SHEET_SYNTAX if a text is too large, or JB_STORE_READ. */
enum jb_err batch_fill(struct image *image, struct insert_beside beside[JB_BESIDES],
	struct batch *b, struct item *of) EXCLUDES(jb_lock);
/* Returns true if the importer has made the image of a disc, or would. */
bool batch_has_image(const struct jb_import_result *r);
/* Checks that a disc can have that name; raw says that its image has raw sectors (a BIN).  Returns JB_OK,
 * JB_NOT_STAGING if it is a temporary name, or the errors of name_check and name_fits. */
enum jb_err batch_check_name(const char *name, bool raw);
/* Stores the name of the disc, STEM.bin or STEM.iso, in buf (JB_NAME_MAX + 1 bytes).  Returns
 * JB_NAME_TOO_LONG or the errors of batch_check_name. */
enum jb_err batch_disc_name(const struct jb_import_result *r, char *buf);
/* Commits the disc, whose description is stored, and removes the parts of the folder (NULL: none)
 * that it was made of.  If it has become a disc, logs each warning of r, and raises the event
 * `warning` for it.  Claim of the disc held; this function gives it back. */
void batch_commit(struct item *folder, struct item *disc, const struct jb_import_result *r)
	EXCLUDES(jb_lock);

#endif
