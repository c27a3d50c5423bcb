/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sheets of raw discs, which are files of the mount alone (sheet.c). */
#ifndef FSCTL_SHEET_H
#define FSCTL_SHEET_H

#include "fsctl/fs.h"

/* Fills in the entry of a sheet, or of packs, of that name in the element for LOOKUP.  Returns
 * JB_NO_ITEM if there are none. */
enum jb_err sheet_entry(
	struct fsctl *fs, struct jb_elem elem, const char *name, struct fuse_entry_param *out);
/* Fills in the entry of that file beside a disc.  Returns JB_NO_ITEM if the disc has none. */
enum jb_err sheet_entry_of(struct fsctl *fs, const struct jb_item *item, enum jb_beside which,
	struct fuse_entry_param *out);
/* Answers OPEN of a sheet or packs: with a handle that has the text as it is now.  Refuses to open
 * it for writing with JB_SHEET_FOLLOWS. */
void sheet_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
/* Returns JB_SHEET_FOLLOWS if `e` is JB_NO_ITEM and `name` is a sheet, or packs, in the element;
 * else `e`. */
enum jb_err sheet_error(struct fsctl *fs, struct jb_elem elem, const char *name, enum jb_err e);

#endif
