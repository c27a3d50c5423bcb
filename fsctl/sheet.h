/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sheets of raw discs, which are files of the mount alone (sheet.c). */
#ifndef FSCTL_SHEET_H
#define FSCTL_SHEET_H

#include "fsctl/fs.h"

/* Fills in the entry of a sheet for LOOKUP.  Returns JB_NO_ITEM if there is no such sheet. */
enum jb_err sheet_entry(
	struct fsctl *fs, struct jb_elem elem, const char *name, struct fuse_entry_param *out);
/* Fills in the entry of that file beside a disc.  Returns JB_NO_ITEM if the disc has none. */
enum jb_err sheet_entry_of(struct fsctl *fs, const struct jb_item *item, enum jb_beside which,
	struct fuse_entry_param *out);
/* Answers OPEN of a sheet. */
void sheet_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
/* Returns JB_SHEET_FOLLOWS if `e` is JB_NO_ITEM and `name` is a sheet; else `e`. */
enum jb_err sheet_error(struct fsctl *fs, struct jb_elem elem, const char *name, enum jb_err e);

#endif
