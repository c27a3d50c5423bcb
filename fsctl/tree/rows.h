/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The functions that the columns SHOW and STORE of mnt-layout/tree.def name, and those for settings.  The
 * functions for NONE are declared but do not exist.
 */
#ifndef FSCTL_TREE_ROWS_H
#define FSCTL_TREE_ROWS_H

#include "fsctl/tree/tree.h"

/* Prints the text of a file, with a newline behind each line; nothing if its drive has gone, or there is no
 * memory.  Any thread; does not block. */
typedef void row_show(struct tree *tree, const struct node *node, FILE *out);
/* Takes a value that was written to a file, without its last newline.  Returns the error for the program.
 * Called in a worker.  [blocks] */
typedef enum jb_err row_store(struct tree *tree, const struct node *node, const char *value);

#define TREE(path, kind, mode, show, store, doc) \
	row_show show_##show; \
	row_store store_##store;
#include "mnt-layout/tree.def"
#undef TREE
row_show show_SETTING;
row_store store_SETTING;

#endif
