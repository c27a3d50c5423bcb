/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests for folders of parts, and for the files in them.  Workers do all but LOOKUP, because these
 * change the store: durably, but for CREATE, whose file becomes durable when it is closed.
 */
#include "fsctl/folder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fsctl/attr.h"

/* A request for a folder of parts or a part in it; uid and gid are the user of the request. */
struct op_folder {
	struct op op;
	fuse_ino_t parent;
	struct jb_elem elem; /* if parent is an element's folder */
	uint64_t folder;     /* else: id of the folder */
	mode_t mode;	     /* for CREATE and MKDIR */
	uid_t uid;
	gid_t gid;
	struct fuse_file_info fi;
	char name[JB_NAME_MAX + 1], new_name[JB_NAME_MAX + 1];
};

void
folder_told(void *arg, enum jb_err err, const char *what)
{
	struct fsctl *fs = arg;

	if (err == JB_OK)
		park_release(fs);
	else
		lasterror_set(&fs->tree.lasterror, err, what);
}

bool
folder_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct fuse_entry_param entry;
	struct jb_item item;
	enum jb_err e;

	if (!node_ino_is_item(parent))
		return false;
	e = jb_folder_lookup(fs_of(req)->jb, node_item_id(parent), name, &item);
	if (e == JB_OK) {
		attr_entry_of_item(&item, &entry);
		fuse_reply_entry(req, &entry);
	} else {
		fs_error(req, e);
	}
	return true;
}

/* Answers the request with the errno of e, and stores in ctl/last-error "VERB PATH" and the error's
 * sentence. */
static void
refuse(fuse_req_t req, enum jb_err e, const char *verb, fuse_ino_t parent, const char *name)
{
	char path[FS_NAME_MAX];

	fs_refuse(req, e, "%s %s", verb, fs_name_in(fs_of(req), parent, name, path));
}

/*
 * Posts a job to the workers, which calls run(job); that answers the request.  The job gets elem, mode and
 * fi of *with.  ordered: the job runs after those that were posted so before.  If a name is too long, or
 * memory is missing, posts nothing and answers the request with that error.
 */
static void
post(fuse_req_t req, fuse_ino_t parent, const char *name, const char *new_name,
	const struct op_folder *with, bool ordered, void (*run)(struct work_job *job))
{
	struct op_folder *f;

	if (strlen(name) > JB_NAME_MAX || strlen(new_name) > JB_NAME_MAX) {
		refuse(req, JB_NAME_TOO_LONG, "change", parent, name);
		return;
	}
	f = op_new(req, sizeof(*f), run);
	if (f == NULL)
		return;
	f->elem = with->elem;
	f->mode = with->mode;
	f->fi = with->fi;
	f->parent = parent;
	f->folder = node_ino_is_item(parent) ? node_item_id(parent) : 0;
	f->uid = fuse_req_ctx(req)->uid;
	f->gid = fuse_req_ctx(req)->gid;
	strcpy(f->name, name);
	strcpy(f->new_name, new_name);
	if (ordered)
		work_post_ordered(&f->op.fs->work, &f->op.job);
	else
		work_post(&f->op.fs->work, &f->op.job);
}

/* Answers the request with its result, and frees it.  `verb` says in messages what was tried. */
static void
end(struct op_folder *f, enum jb_err e, const char *verb)
{
	if (e == JB_OK)
		fuse_reply_err(f->op.req, 0);
	else
		refuse(f->op.req, e, verb, f->parent, f->name);
	free(f);
}

/* ---- CREATE ---------------------------------------------------------------------------------- */

/* Creates a part, in a worker, and answers the CREATE with an open handle.  Frees the job. */
static void
create_run(struct work_job *job)
{
	struct op_folder *f = (struct op_folder *)job;
	struct fsctl *fs = f->op.fs;
	struct fuse_entry_param entry;
	struct handle *h = handle_new(f->op.req, 0);
	struct jb_file *file;
	struct jb_item item;
	enum jb_err e = h == NULL ? JB_NO_MEMORY
			: handle_may_stay(f->op.req, NULL)
				? jb_folder_create(fs->jb, f->folder, f->name, f->mode, f->uid,
					  f->gid, &file, &item)
				: JB_FILES_FULL;

	if (e != JB_OK) {
		if (h != NULL)
			handle_free(fs, h);
		end(f, e, "create");
		return;
	}
	handle_give_file(fs, h, node_item_ino(item.id), file);
	attr_entry_of_item(&item, &entry);
	f->fi.direct_io = 1;
	f->fi.fh = (uintptr_t)h;
	if (fuse_reply_create(f->op.req, &entry, &f->fi) == -ENOENT)
		handle_abandon(fs, h);
	free(f);
}

bool
folder_create(
	fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, struct fuse_file_info *fi)
{
	struct op_folder with = {.mode = attr_mode(mode), .fi = *fi};

	if (!node_ino_is_item(parent))
		return false;
	if (fs_of(req)->stopping)
		refuse(req, JB_STOPPING, "create", parent, name);
	else
		post(req, parent, name, "", &with, false, create_run);
	return true;
}

/* ---- RENAME, UNLINK ------------------------------------------------------------------------- */

/* Renames a part, in a worker, answers the RENAME, and frees the job. */
static void
rename_run(struct work_job *job)
{
	struct op_folder *f = (struct op_folder *)job;

	end(f, jb_folder_rename(f->op.fs->jb, f->folder, f->name, f->new_name), "rename");
}

bool
folder_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t new_parent,
	const char *new_name)
{
	static const struct op_folder nothing;

	if (!node_ino_is_item(parent) && !node_ino_is_item(new_parent))
		return false;
	if (parent != new_parent)
		refuse(req, JB_FOLDER_STAYS, "move", parent, name);
	else
		post(req, parent, name, new_name, &nothing, true, rename_run);
	return true;
}

/* Removes a part, in a worker, answers the UNLINK, and frees the job. */
static void
unlink_run(struct work_job *job)
{
	struct op_folder *f = (struct op_folder *)job;

	end(f, jb_folder_unlink(f->op.fs->jb, f->folder, f->name), "remove");
}

bool
folder_unlink(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	static const struct op_folder nothing;

	if (!node_ino_is_item(parent))
		return false;
	post(req, parent, name, "", &nothing, true, unlink_run);
	return true;
}

/* ---- MKDIR, RMDIR --------------------------------------------------------------------------- */

/* Stores in *elem the element whose folder `parent` is, and returns true.  Returns false if it is not the
 * folder of an element. */
static bool
is_element(fuse_req_t req, fuse_ino_t parent, struct jb_elem *elem)
{
	struct node dir;

	return !node_ino_is_item(parent) && node_from_ino(fs_of(req)->jb, parent, &dir) &&
	       node_elem(&dir, elem);
}

/* Makes a folder of parts, in a worker, answers the MKDIR, and frees the job. */
static void
mkdir_run(struct work_job *job)
{
	struct op_folder *f = (struct op_folder *)job;
	struct fuse_entry_param entry;
	struct jb_item item;
	enum jb_err e =
		jb_folder_make(f->op.fs->jb, f->elem, f->name, f->mode, f->uid, f->gid, &item);

	if (e != JB_OK) {
		end(f, e, "make the folder");
		return;
	}
	attr_entry_of_item(&item, &entry);
	fuse_reply_entry(f->op.req, &entry);
	free(f);
}

bool
folder_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode)
{
	struct op_folder with = {.mode = attr_mode(mode)};

	if (node_ino_is_item(parent))
		refuse(req, JB_PARTS_ONLY, "make the folder", parent, name);
	else if (!is_element(req, parent, &with.elem))
		return false;
	else if (fs_of(req)->stopping)
		refuse(req, JB_STOPPING, "make the folder", parent, name);
	else
		post(req, parent, name, "", &with, false, mkdir_run);
	return true;
}

/* Removes a folder of parts, in a worker, answers the RMDIR, and frees the job. */
static void
rmdir_run(struct work_job *job)
{
	struct op_folder *f = (struct op_folder *)job;

	end(f, jb_folder_remove(f->op.fs->jb, f->elem, f->name), "remove the folder");
}

bool
folder_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct op_folder with = {.mode = 0};

	if (node_ino_is_item(parent))
		refuse(req, JB_NOT_FOLDER, "remove the folder", parent, name);
	else if (!is_element(req, parent, &with.elem))
		return false;
	else
		post(req, parent, name, "", &with, true, rmdir_run);
	return true;
}
