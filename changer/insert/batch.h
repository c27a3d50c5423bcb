/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files that the importer reads at once: the parts of a folder, or one file.  It is used by one thread. */
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
	size_t n;
	struct item *part[JB_PARTS_MAX]; /* references */
	struct image *image[JB_PARTS_MAX];
	char *name[JB_PARTS_MAX]; /* copies: a part may get another name at any time */
	struct jb_import_file file[JB_PARTS_MAX];
	struct jb_import_result result; /* of the last batch_run */
};

/* Adds an item.  Returns false if memory is missing. */
bool batch_add(struct batch *b, struct item *part) REQUIRES(jb_lock);
/* Opens all files for the importer.  Returns the store's error. */
enum jb_err batch_open(struct batch *b) EXCLUDES(jb_lock);
/* Closes the files and empties the batch. */
void batch_end(struct batch *b) EXCLUDES(jb_lock);

/* Calls the importer for the item `of`.  out NULL: it only looks.  Returns JB_STOPPING if there is no importer, or
 * what it returns; on JB_OK b->result says what came of it. */
enum jb_err batch_run(struct item *of, struct batch *b, const struct jb_import_out *out)
	EXCLUDES(jb_lock);
/* Does what batch_run does, and has the importer write the image.  Its sheet and packs, by which the disc is to be
 * classified, come into beside[]. */
enum jb_err batch_fill(struct image *image, struct insert_beside beside[JB_BESIDES],
	struct batch *b, struct item *of) EXCLUDES(jb_lock);
/* Returns true if the importer has made the image of a disc, or would. */
bool batch_has_image(const struct jb_import_result *r);
/* Returns JB_OK if a disc can have that name, else why not. */
enum jb_err batch_check_name(const char *name, bool raw);
/* Stores the name of the disc in buf (JB_NAME_MAX + 1 bytes).  Returns an error if no disc can have it. */
enum jb_err batch_disc_name(const struct jb_import_result *r, char *buf);
/* Commits the disc, whose description is stored, and removes the parts of the folder (NULL: none) that it was made
 * of.  Raises the event `warning` for each warning of r.  Claim of the disc held; this function gives it back. */
void batch_commit(struct item *folder, struct item *disc, const struct jb_import_result *r)
	EXCLUDES(jb_lock);

#endif
