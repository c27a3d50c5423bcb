/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MKDIR and RMDIR: add and remove slots, mail slots and drives.  Users are in user.c,
 * folders in elements in folder.c.
 */
#include <stdlib.h>
#include <string.h>

#include "fsctl/attr.h"
#include "fsctl/folder.h"
#include "fsctl/user.h"

struct op_layout {
	struct op op;	 /* first */
	uint64_t parent; /* the inode number of the folder */
	struct node dir; /* that folder */
	struct jb_elem
		elem; /* the element that is added or removed; number UINT_MAX: name is not a number */
	char name[]; /* its name in the folder */
};

/* Returns JB_LAYOUT_KEPT if ctl/changer/layout does not allow to add elements (add is true: it is neither
 * "open" nor "grow") or to remove them (add is false: it is not "open"); else JB_OK.  Programs that tidy up
 * (rsync --delete, find -empty -delete) remove empty folders, and must not remove hardware. */
static enum jb_err
may_change(struct fsctl *fs, bool add)
{
	char layout[JB_TEXT_MAX];

	jb_setting_get(fs->jb, JB_SET_CHANGER_LAYOUT, 0, layout);
	return strcmp(layout, "open") == 0 || (add && strcmp(layout, "grow") == 0) ? JB_OK
										   : JB_LAYOUT_KEPT;
}

/* Adds an element, in a worker, and answers the MKDIR: with the entry of its folder, or an error of
 * may_change or jb_elem_add, or JB_NO_ELEMENT if the element was removed meanwhile.  Frees the job. */
static void
mkdir_run(struct work_job *job)
{
	struct op_layout *l = (struct op_layout *)job;
	struct fsctl *fs = l->op.fs;
	struct fuse_entry_param entry;
	char path[FS_NAME_MAX];
	struct node made;
	enum jb_err e = may_change(fs, true);

	if (e == JB_OK)
		e = jb_elem_add(fs->jb, l->elem);
	if (e == JB_OK && !node_child(fs->jb, &l->dir, l->name, &made))
		e = JB_NO_ELEMENT; /* the element was removed meanwhile */
	if (e == JB_OK) {
		attr_entry_of_node(fs, &made, &entry);
		fuse_reply_entry(l->op.req, &entry);
	} else {
		fs_refuse(l->op.req, e, "make the folder %s",
			fs_name_in(fs, l->parent, l->name, path));
	}
	free(l);
}

/* Removes an element, in a worker, forgets the owner that was set for it, and answers the RMDIR: with
 * success, or an error of may_change or jb_elem_remove.  Frees the job. */
static void
rmdir_run(struct work_job *job)
{
	struct op_layout *l = (struct op_layout *)job;
	struct fsctl *fs = l->op.fs;
	char path[FS_NAME_MAX];
	enum jb_err e = may_change(fs, false);

	if (e == JB_OK)
		e = jb_elem_remove(fs->jb, l->elem);
	if (e == JB_OK)
		owner_forget(fs, l->elem);
	if (e == JB_OK)
		fuse_reply_err(l->op.req, 0);
	else
		fs_refuse(l->op.req, e, "remove the folder %s",
			fs_name_in(fs, l->parent, l->name, path));
	free(l);
}

/* Files a job for the element that `name` stands for in the folder `parent`; `run` answers the request.
 * Refuses the request with JB_NO_ELEMENT if `parent` is not a node that exists, with JB_IS_FIXED if it does
 * not hold elements.  `what` is "make" or "remove", for the message. */
static void
change_layout(fuse_req_t req, fuse_ino_t parent, const char *name, const char *what,
	void (*run)(struct work_job *job))
{
	struct fsctl *fs = fs_of(req);
	char path[FS_NAME_MAX];
	struct op_layout *l;
	struct jb_elem elem;
	struct node dir;
	enum jb_err e = JB_IS_FIXED;

	if (node_ino_is_item(parent) || !node_from_ino(fs->jb, parent, &dir)) {
		fs_error(req, JB_NO_ELEMENT);
		return;
	}
	if (node_element_named(&dir, name, &elem))
		e = JB_OK;
	if (e != JB_OK) {
		fs_refuse(req, e, "%s the folder %s", what, fs_name_in(fs, parent, name, path));
		return;
	}
	l = op_new(req, sizeof(*l) + strlen(name) + 1, run);
	if (l == NULL)
		return;
	l->parent = parent;
	l->dir = dir;
	l->elem = elem;
	strcpy(l->name, name);
	work_post(&fs->work, &l->op.job);
}

/* Answers MKDIR: adds a user in the folder of users, a folder of parts in an element, and else an element,
 * with the errors of user_mkdir, folder_mkdir and change_layout.  `mode` counts for a folder of parts
 * only. */
void
op_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode)
{
	if (!user_mkdir(req, parent, name) && !folder_mkdir(req, parent, name, mode))
		change_layout(req, parent, name, "make", mkdir_run);
}

/* Answers RMDIR: removes a user, a folder of parts or an element, as op_mkdir adds it. */
void
op_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	if (!user_rmdir(req, parent, name) && !folder_rmdir(req, parent, name))
		change_layout(req, parent, name, "remove", rmdir_run);
}
