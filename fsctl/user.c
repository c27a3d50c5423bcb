/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsctl/attr.h"
#include "fsctl/user.h"

#include <stdlib.h>
#include <string.h>

#include "changer/access.h"

struct op_user {
	struct op op;	 /* first */
	uint64_t parent; /* the inode number of the folder of users */
	char name[];	 /* of the user */
};

/* Returns true if the inode number `parent` is that of the folder of users, ctl/access/users. */
static bool
is_users(fuse_req_t req, fuse_ino_t parent)
{
	struct node node;

	return !node_ino_is_item(parent) && node_from_ino(fs_of(req)->jb, parent, &node) &&
	       node_holds_users(&node);
}

/* Refuses the request with the error `e` (fs_refuse).  `what`, "make" or "remove", says in the message what
 * was tried. */
static void
refuse(const struct op_user *u, enum jb_err e, const char *what)
{
	char path[FS_NAME_MAX];

	fs_refuse(u->op.req, e, "%s the user %s", what,
		fs_name_in(u->op.fs, u->parent, u->name, path));
}

/* Adds the user, in a worker, and answers the MKDIR: with the entry of its folder, or an error of
 * jb_user_add, or JB_NO_SETTING if the user was removed meanwhile.  Frees the job. */
static void
mkdir_run(struct work_job *job)
{
	struct op_user *u = (struct op_user *)job;
	struct fuse_entry_param entry;
	struct fsctl *fs = u->op.fs;
	enum jb_err e = jb_user_add(fs->jb, u->name);
	struct node parent, child;

	if (e == JB_OK && (!node_from_ino(fs->jb, u->parent, &parent) ||
				  !node_child(fs->jb, &parent, u->name, &child)))
		e = JB_NO_SETTING; /* the user was removed meanwhile */
	if (e == JB_OK) {
		attr_entry_of_node(fs, &child, &entry);
		fuse_reply_entry(u->op.req, &entry);
	} else {
		refuse(u, e, "make");
	}
	free(u);
}

/* Removes the user, in a worker, and answers the RMDIR: with success or an error of jb_user_remove.  Frees
 * the job. */
static void
rmdir_run(struct work_job *job)
{
	struct op_user *u = (struct op_user *)job;
	enum jb_err e = jb_user_remove(u->op.fs->jb, u->name);

	if (e == JB_OK)
		fuse_reply_err(u->op.req, 0);
	else
		refuse(u, e, "remove");
	free(u);
}

/* Lets a worker answer the request by `run`, if `parent` is the folder of users; if there is no memory for
 * that, answers it here.  Returns true then.  Returns false, and does nothing, if it is not. */
static bool
post(fuse_req_t req, fuse_ino_t parent, const char *name, void (*run)(struct work_job *job))
{
	size_t len = strlen(name);
	struct op_user *u;

	if (!is_users(req, parent))
		return false;
	u = op_new(req, sizeof(*u) + len + 1, run);
	if (u == NULL)
		return true;
	u->parent = parent;
	memcpy(u->name, name, len);
	work_post(&fs_of(req)->work, &u->op.job);
	return true;
}

bool
user_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	return post(req, parent, name, mkdir_run);
}

bool
user_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	return post(req, parent, name, rmdir_run);
}
