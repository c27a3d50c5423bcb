/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What tree.c finds behind the names in the columns SHOW and STORE of tree.def, and for settings.  NONE
 * stands for nothing.
 */
#ifndef FSCTL_TREE_ROWS_H
#define FSCTL_TREE_ROWS_H

#include "fsctl/tree/tree.h"

typedef void row_show(struct tree *tree, const struct node *node, FILE *out);
typedef enum jb_err row_store(struct tree *tree, const struct node *node, const char *value);

#define TREE(path, kind, mode, show, store, doc) \
	row_show show_##show; \
	row_store store_##store;
#include "mnt-layout/tree.def"
#undef TREE
row_show show_SETTING;
row_store store_SETTING;

#endif
