/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text files of the mount: prints what they say, and takes what is written to them.  mnt-layout/tree.def
 * has a row for each.
 */
#ifndef FSCTL_TREE_TREE_H
#define FSCTL_TREE_TREE_H

#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include "changer/jukebox.h"
#include "fsctl/tree/lasterror.h"
#include "fsctl/tree/node.h"

/* Writes a text of another part of the program to buf, at most `size` bytes with a NUL; size 0: nothing, and
 * buf may be NULL.  Returns the length of the complete text, without the NUL.  texts_lock is held for
 * reading. */
typedef size_t tree_text(void *arg, char *buf, size_t size);

/* Takes a value that was written to a file of another part of the program.  Returns the error for the
 * program.  texts_lock is held for reading.  [blocks] */
typedef enum jb_err tree_take(void *arg, const char *value);

/* The functions of other parts of the program; each may be NULL. */
struct tree_others {
	tree_text *portals, *sessions;	 /* ctl/target/portals, ctl/target/sessions */
	tree_text *connections;		 /* ctl/target/connections */
	tree_text *metrics;		 /* the target's part of MNT/metrics */
	tree_take *logout, *set_portals; /* ctl/target/logout, ctl/target/portals */
	void *arg;			 /* their first argument */
};

struct tree {
	struct jukebox *jb; /* borrowed */
	pthread_rwlock_t
		texts_lock; /* guards others; locked for reading while one of them is called */
	struct tree_others others;
	struct lasterror lasterror; /* ctl/last-error; it has a lock of its own */
	struct timespec started;    /* when tree_init was called, since 1970; constant */
};

/* Initializes *tree, with a copy of *others, and calls node_init.  Call it before all else in this folder.
 * Aborts on a table whose functions do not fit its modes. */
void tree_init(struct tree *tree, struct jukebox *jb, const struct tree_others *others);
/* Frees what *tree holds.  No thread may use it any more. */
void tree_fini(struct tree *tree);
/* Forgets the functions of other parts, after a wait for those that are running.  None of them is called any
 * more when this returns.  Do not call it from one of them.  [blocks] */
void tree_forget_others(struct tree *tree);
/* Returns the text of another part, which the caller frees; NULL if that part is gone.  Without memory,
 * returns NULL or a text that is cut.  `which` is &tree->others.portals or the like. */
char *tree_other_text(struct tree *tree, tree_text *const *which);
/* Returns how many sessions are logged in: the lines of ctl/target/sessions.  Without memory, it may return
 * less. */
unsigned tree_sessions(struct tree *tree);
/* Passes a value on to another part.  `to` is &tree->others.logout or the like.  Returns JB_STOPPING
 * if that part is gone, or the error of its function.  [blocks] */
enum jb_err tree_pass_on(struct tree *tree, tree_take *const *to, const char *value);

/* Returns the present text of a file, which the caller frees, and its length in *len; printable (printable_lines).
 * The text is "" if node_is_read is false, or its drive or user has gone.  Returns NULL if there is no memory.
 * Any thread; does not block. */
char *tree_show(struct tree *tree, const struct node *node, size_t *len);
/* Takes a value, without its last newline, for the file.  node_is_written must be true.  Returns the error
 * for the program.  Call it from a worker (work.h).  [blocks] */
enum jb_err tree_store(struct tree *tree, const struct node *node, const char *value);
/* Returns true if the value of the file is a list with one entry on each line: the portals, the faults, a user's
 * initiators, or a setting that is a list.  One write may then give a part of it. */
bool tree_is_list(const struct node *node);

#endif
