/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsctl/tree/tree.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "changer/base/printable.h"
#include "fsctl/tree/rows.h"

/* The functions of each row, in the order of node_row_at. */
static const struct row {
	row_show *show;	  /* NULL: node_is_read is false */
	row_store *store; /* NULL: node_is_written is false */
} rows[] = {
#define show_NONE NULL
#define store_NONE NULL
#define TREE(path, kind, mode, show, store, doc) {show_##show, store_##store},
#include "mnt-layout/tree.def"
#undef TREE
#define JB_SETTING(name, path, check, dflt, doc) {show_SETTING, store_SETTING},
#define JB_SECRET(name, path, doc) {NULL, store_SETTING},
#define JB_STORED(name, path, check, dflt, doc)
#include "changer/setting.def"
#undef JB_SETTING
};

void
tree_init(struct tree *tree, struct jukebox *jb, const struct tree_others *others)
{
	node_init();
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert((rows[i].show != NULL) == node_is_read(node_row_at(i)));
		assert((rows[i].store != NULL) == node_is_written(node_row_at(i)));
	}
	memset(tree, 0, sizeof(*tree));
	tree->jb = jb;
	tree->others = *others;
	pthread_rwlock_init(&tree->texts_lock, NULL);
	lasterror_init(&tree->lasterror);
	clock_gettime(CLOCK_REALTIME, &tree->started);
}

void
tree_fini(struct tree *tree)
{
	pthread_rwlock_destroy(&tree->texts_lock);
}

/* Returns the functions of the node. */
static const struct row *
row_of(const struct node *node)
{
	return &rows[node->row - node_row_at(0)];
}

char *
tree_show(struct tree *tree, const struct node *node, size_t *len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len);

	if (out == NULL)
		return NULL;
	if (row_of(node)->show != NULL)
		row_of(node)->show(tree, node, out);
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	*len = printable_lines(text);
	return text;
}

enum jb_err
tree_store(struct tree *tree, const struct node *node, const char *value)
{
	return row_of(node)->store(tree, node, value);
}

bool
tree_is_list(const struct node *node)
{
	return row_of(node)->store == store_PORTALS || row_of(node)->store == store_FAULT ||
	       row_of(node)->store == store_USER_INITIATORS ||
	       (node->row->setting >= 0 && jb_setting_is_list((enum jb_setting)node->row->setting));
}
