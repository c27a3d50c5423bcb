/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Links: SYMLINK inserts a disc by reference, READLINK returns the path of its file.
 */
#include <stdlib.h>
#include <string.h>

#include "fsctl/attr.h"
#include "fsctl/fs.h"

/* A SYMLINK `name` in the element, with that target and the rights of caller. */
struct op_link {
	struct op op;
	fuse_ino_t parent;
	struct jb_elem elem;
	struct jb_caller caller;
	char name[JB_NAME_MAX + 1];
	char target[JB_TARGET_MAX];
};

/* Returns true if the program that makes the link was interrupted; arg is the request. */
static bool
gave_up(void *arg)
{
	return fuse_req_interrupted(arg);
}

/* Does SYMLINK, in a worker for links, answers it, and frees the job.  Waits for a slow file system
 * as long as the program does. */
static void
symlink_run(struct work_job *job)
{
	struct op_link *l = (struct op_link *)job;
	struct fsctl *fs = l->op.fs;
	struct fuse_entry_param entry;
	char path[FS_NAME_MAX];
	struct jb_item item;
	enum jb_err e = jb_item_link(fs->jb, l->elem, l->name, l->target, &l->caller, &item);

	if (e == JB_OK) {
		attr_entry_of_item(&item, &entry);
		fuse_reply_entry(l->op.req, &entry);
	} else {
		fs_refuse(l->op.req, e, "make the link %s to %s",
			fs_name_in(fs, l->parent, l->name, path), l->target);
	}
	free(l);
}

/* Returns why a link cannot be made; or JB_OK, and the element in *elem.  Does not look at the file
 * that it leads to. */
static enum jb_err
why_none(struct fsctl *fs, fuse_ino_t parent, const char *name, const char *target,
	struct jb_elem *elem)
{
	struct node dir;

	if (node_ino_is_item(parent))
		return JB_PARTS_ONLY;
	if (!node_from_ino(fs->jb, parent, &dir))
		return JB_NO_ELEMENT;
	if (!node_elem(&dir, elem))
		return JB_IS_FIXED;
	if (fs->stopping)
		return JB_STOPPING;
	if (strlen(name) > JB_NAME_MAX)
		return JB_NAME_TOO_LONG;
	return strlen(target) >= JB_TARGET_MAX ? JB_LINK_TARGET : JB_OK;
}

/* Answers SYMLINK, which inserts a disc by reference: a worker for links does it (symlink_run).
 * Refuses with the errors of why_none. */
void
op_symlink(fuse_req_t req, const char *target, fuse_ino_t parent, const char *name)
{
	const struct fuse_ctx *ctx = fuse_req_ctx(req);
	struct fsctl *fs = fs_of(req);
	char path[FS_NAME_MAX];
	struct jb_elem elem;
	enum jb_err e = why_none(fs, parent, name, target, &elem);
	struct op_link *l;

	if (e != JB_OK) {
		fs_refuse(req, e, "make the link %s", fs_name_in(fs, parent, name, path));
		return;
	}
	l = op_new(req, sizeof(*l), symlink_run);
	if (l == NULL)
		return;
	l->parent = parent;
	l->elem = elem;
	l->caller = (struct jb_caller){.uid = ctx->uid,
		.gid = ctx->gid,
		.pid = ctx->pid,
		.gave_up = gave_up,
		.gave_up_arg = req};
	strcpy(l->name, name);
	strcpy(l->target, target);
	work_post(&fs->links, &l->op.job);
}

/* Answers READLINK with the path of the link's file.  Refuses with JB_NO_ITEM if the item is not a
 * link, or JB_NO_MEMORY. */
void
op_readlink(fuse_req_t req, fuse_ino_t ino)
{
	struct fsctl *fs = fs_of(req);
	char *target = malloc(JB_TARGET_MAX);
	enum jb_err e = JB_NO_MEMORY;

	if (target != NULL)
		e = jb_item_target(fs->jb, node_item_id(ino), target);
	if (e == JB_OK)
		fuse_reply_readlink(req, target);
	else
		fs_error(req, e);
	free(target);
}
