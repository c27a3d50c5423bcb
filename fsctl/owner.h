/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Owner, group and mode of the folders and files that are not discs.  chown, chgrp and chmod set those of one node,
 * and they are kept in the store.  A node for which nothing was set follows the nearest folder above it for which
 * something was; but the root is followed by none.  Without such a folder, the owner is that of the mount, and the
 * mode that of tree.def.  The kernel compares them with the user of each request (default_permissions).
 */
#ifndef FSCTL_OWNER_H
#define FSCTL_OWNER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "fsctl/tree/node.h"

struct fsctl;

struct owner {
	uid_t uid;
	gid_t gid;
	mode_t mode; /* permissions, and for folders also set-group-id and the sticky bit */
};

struct owners {
	pthread_mutex_t saving; /* held over a change and its store; taken before lock */
	pthread_mutex_t lock; /* leaf; guards the rest; a holder of `saving` may read without it */
	struct owner own;     /* the owner of the mount; its mode is not used */
	struct owner_row *rows; /* by ascending inode number */
	size_t n, room;		/* the number of rows, and for how many there is room */
	bool unread; /* true: owner_load could not read the store's file, which must not be replaced; constant then */
};

/* Makes a table that is empty but for the folders slots, mailslots, drives and transport, which get `mode`
 * until chmod sets another one; mode 0: completely empty.  uid and gid are the owner of the mount.  Call
 * node_init (tree_init) before.  Without memory, such a folder keeps the mode of tree.def. */
void owner_init(struct owners *o, uid_t uid, gid_t gid, mode_t mode);
/* Reads what the store keeps.  Leaves out, with a warning in the log, lines that it cannot read and nodes
 * that are gone, and then stores the table without them.  If the file cannot be read, warns, and owner_set
 * refuses all changes: they would replace the file.  Call it at start, before requests are served.  [blocks] */
void owner_load(struct fsctl *fs);
/* Frees the table, and destroys its locks. */
void owner_fini(struct owners *o);

/* Stores owner, group and mode of the node in *out: those that were set for it, or those that follow from the
 * nearest folder for which something was set, or else those of the mount and tree.def.  Takes fs->owners.lock
 * for a moment. */
void owner_of(struct fsctl *fs, const struct node *node, struct owner *out);
/* Returns the group of a new file that a user with the group `gid` makes in the folder, an inode number: the
 * folder's group if its set-group-id bit is set; else gid, also if there is no such folder. */
gid_t owner_group_in(struct fsctl *fs, uint64_t folder, gid_t gid);
/* Sets owner, group and mode of the node, durably.  Lets the kernel ask again for the attributes of all nodes
 * below it, if it is a folder but not the root.  Does not check who asks, nor the bits of the mode.  Returns
 * JB_IS_FIXED for a user of ctl/access/users, JB_TOO_MANY_OWNERS if the table is full, JB_NO_MEMORY, JB_STORE_READ
 * if the store's table could not be read, or an error of the store; the table is then as before.  Call it in a worker, without a lock.  [blocks] */
enum jb_err owner_set(struct fsctl *fs, const struct node *node, const struct owner *owner);
/* Forgets what was set for the folder of the element, and for its folder below ctl/ and all that is in it,
 * because the element was removed; and stores the table if it has changed.  If that fails, only warns.
 * [blocks] */
void owner_forget(struct fsctl *fs, struct jb_elem elem);

#endif
