/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls the functions of other parts of the program, for the files of the mount.
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
	/* The text may grow between two calls. */
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

unsigned
tree_sessions(struct tree *tree)
{
	char *text = tree_other_text(tree, &tree->others.sessions);
	unsigned n = 0;

	for (const char *p = text; p != NULL && (p = strchr(p, '\n')) != NULL; p++)
		n++;
	free(text);
	return n;
}

/* Passes a value on to another part of the program.  Holds texts_lock during the call, so that
 * tree_forget_others waits for its end. */
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
