/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the mount have from other parts of the program.
 */
#include <stdlib.h>
#include <string.h>

#include "fsctl/tree/tree.h"

void
tree_forget_others(struct tree *tree)
{
	pthread_rwlock_wrlock(&tree->texts_lock);
	memset(&tree->others, 0, sizeof(tree->others));
	pthread_rwlock_unlock(&tree->texts_lock);
}

char *
tree_other_text(struct tree *tree, tree_text *const *which)
{
	size_t len, size = 0;
	char *buf = NULL;

	pthread_rwlock_rdlock(&tree->texts_lock);
	/* What it would need may grow between two calls. */
	while (*which != NULL && (len = (*which)(tree->others.arg, buf, size)) >= size) {
		char *more = realloc(buf, len + 1);

		if (more == NULL)
			break;
		buf = more;
		size = len + 1;
	}
	pthread_rwlock_unlock(&tree->texts_lock);
	return buf;
}

/* The lock keeps who answers from going meanwhile (tree_forget_others). */
enum jb_err
tree_pass_on(struct tree *tree, tree_take *const *to, const char *value)
{
	enum jb_err e = JB_STOPPING;

	pthread_rwlock_rdlock(&tree->texts_lock);
	if (*to != NULL)
		e = (*to)(tree->others.arg, value);
	pthread_rwlock_unlock(&tree->texts_lock);
	return e;
}
