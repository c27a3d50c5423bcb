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
	pthread_mutex_t lock;	/* leaf; guards the rest */
	struct owner own;	/* the owner of the mount */
	struct owner_row *rows; /* by ascending inode number */
	size_t n, room;
};

/* Makes an empty table.  uid and gid are the owner of the mount; mode is that of slots, mailslots, drives and
 * transport until chmod sets another one; 0: none. */
void owner_init(struct owners *o, uid_t uid, gid_t gid, mode_t mode);
/* Reads what the store keeps.  Leaves out lines that it cannot read, and elements that are gone.  [blocks] */
void owner_load(struct fsctl *fs);
/* Frees the table. */
void owner_fini(struct owners *o);

/* Fills in owner, group and mode of the node. */
void owner_of(struct fsctl *fs, const struct node *node, struct owner *out);
/* Returns the group of a new file in the folder, which a user with that group makes: the folder's, if its
 * set-group-id bit is set. */
gid_t owner_group_in(struct fsctl *fs, uint64_t folder, gid_t gid);
/* Sets owner, group and mode of the node, durably, and lets the kernel ask again for all that follow it.  Returns
 * JB_IS_FIXED for a user of ctl/access/users, JB_TOO_MANY_OWNERS, JB_NO_MEMORY, or an error of the store.  [blocks] */
enum jb_err owner_set(struct fsctl *fs, const struct node *node, const struct owner *owner);
/* Forgets what was set for the element and its folder below ctl/, because the element was removed.  [blocks] */
void owner_forget(struct fsctl *fs, struct jb_elem elem);

#endif
