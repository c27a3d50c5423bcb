/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files of the mount that are no discs: what they say, and what is done with what is written to
 * them, by the rows of tree.def.
 */
#ifndef FSCTL_TREE_TREE_H
#define FSCTL_TREE_TREE_H

#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include "changer/jukebox.h"
#include "fsctl/tree/lasterror.h"
#include "fsctl/tree/node.h"

/* Text that another part of the program has; fills buf, returns the length that all would have. */
typedef size_t tree_text(void *arg, char *buf, size_t size);

/* Takes what was written to a file for another part of the program.  [blocks] */
typedef enum jb_err tree_take(void *arg, const char *value);

/* Those other parts; each may be NULL. */
struct tree_others {
	tree_text *portals, *sessions;	 /* ctl/target/portals, ctl/target/sessions */
	tree_text *metrics;		 /* those of the target, for metrics */
	tree_take *logout, *set_portals; /* ctl/target/logout, ctl/target/portals */
	void *arg;
};

struct tree {
	struct jukebox *jb;	     /* borrowed */
	pthread_rwlock_t texts_lock; /* guards others; read: one of them is being asked */
	struct tree_others others;
	struct lasterror lasterror;
	struct timespec started;
};

/* Before all else of this folder, node.h too. */
void tree_init(struct tree *tree, struct jukebox *jb, const struct tree_others *others);
void tree_fini(struct tree *tree);
/* The other parts are not called any more once this returns. */
void tree_forget_others(struct tree *tree);
/* Asks one of them for its text, &tree->others.portals and the like.  The caller frees it; NULL: there is
 * none. */
char *tree_other_text(struct tree *tree, tree_text *const *which);
/* Passes a value on to one of them; JB_STOPPING: it is gone. */
enum jb_err tree_pass_on(struct tree *tree, tree_take *const *to, const char *value);

/* Prints what the file says now, which is nothing where node_is_read is false.  Any thread; does not
 * block. */
void tree_show(struct tree *tree, const struct node *node, FILE *out);
/* Takes a value, without its newline, for a file of which node_is_written is true.  A worker's thread;
 * may block. */
enum jb_err tree_store(struct tree *tree, const struct node *node, const char *value);
/* Whether its value is a list, one entry a line. */
bool tree_is_list(const struct node *node);

#endif
