/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a file that was written is: a blank, an image, a BIN.
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

/* What an image of that size would be: a recording, and whether it is incomplete. */
enum jb_err classify_image(struct item *it, const struct image *image, uint64_t size,
	struct recording *rec, bool *incomplete);

/* Is the item a BIN, by its name, or a blank CD that a sheet has been put beside? */
bool classify_is_bin(struct item *it) EXCLUDES(jb_lock);
/* *plain: it is an image of 2048-byte sectors like any other, and nothing has been judged yet. */
enum jb_err classify_bin(struct item *it, const struct image *image, uint64_t size,
	struct recording *rec, bool *plain, bool *incomplete) EXCLUDES(jb_lock);
/* The claimed item is a disc: the sheet that was put beside it for that has done its duty. */
void classify_consume_sheet(struct item *it) EXCLUDES(jb_lock);

#endif
