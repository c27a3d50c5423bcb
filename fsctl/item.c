/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files of an element, by name: CREATE, OPEN, RENAME, UNLINK.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fsctl/attr.h"
#include "fsctl/folder.h"
#include "fsctl/sheet.h"
#include "fsctl/text.h"

/*
 * Stores in *out the element whose folder `parent` is, for a request that puts a file into it.  Returns
 * JB_OK; JB_NO_ELEMENT if the folder is not there any more; JB_IS_FIXED if it is not the folder of an
 * element, or is that of the picker, which holds a disc only during EXCHANGE MEDIUM.
 */
static enum jb_err
target_elem(struct fsctl *fs, fuse_ino_t parent, struct jb_elem *out)
{
	struct node dir;

	if (!node_from_ino(fs->jb, parent, &dir))
		return JB_NO_ELEMENT;
	if (!node_elem(&dir, out) || out->type == JB_PICKER)
		return JB_IS_FIXED;
	return JB_OK;
}

/* Stores in *out the element whose folder `parent` is, for a request that takes a file out of it.  Returns
 * JB_OK; JB_NO_ELEMENT if the folder is not there any more; JB_IS_FIXED if it is not the folder of an
 * element. */
static enum jb_err
source_elem(struct fsctl *fs, fuse_ino_t parent, struct jb_elem *out)
{
	struct node dir;

	if (!node_from_ino(fs->jb, parent, &dir))
		return JB_NO_ELEMENT;
	return node_elem(&dir, out) ? JB_OK : JB_IS_FIXED;
}

/* ---- CREATE, OPEN --------------------------------------------------------------------------- */

/* Answers CREATE with an open handle: of a temporary file of ctl, a part of a folder, or a file in
 * an element.  Refuses with JB_STOPPING if the daemon stops, with the errors of target_elem and
 * jb_file_create, with JB_FILES_FULL or JB_NO_MEMORY. */
void
op_create(
	fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, struct fuse_file_info *fi)
{
	struct fsctl *fs = fs_of(req);
	const struct fuse_ctx *ctx = fuse_req_ctx(req);
	struct fuse_entry_param entry;
	char path[FS_NAME_MAX];
	struct jb_file *file;
	struct jb_item item;
	struct jb_elem elem;
	struct handle *h;
	enum jb_err e;

	if (ctltemp_create(req, parent, name, mode, fi) ||
		folder_create(req, parent, name, mode, fi))
		return;
	h = handle_new(req, 0);
	if (h == NULL) {
		fs_error(req, JB_NO_MEMORY);
		return;
	}
	e = fs->stopping ? JB_STOPPING : target_elem(fs, parent, &elem);
	if (e == JB_OK && !handle_may_stay(req, NULL))
		e = JB_FILES_FULL;
	if (e == JB_OK)
		e = jb_file_create(fs->jb, elem, name, attr_mode(mode), ctx->uid,
			owner_group_in(fs, parent, ctx->gid), &file, &item);
	if (e != JB_OK) {
		handle_free(fs, h); /* without a file: does not block */
		fs_refuse(req, e, "create %s", fs_name_in(fs, parent, name, path));
		return;
	}
	handle_give_file(fs, h, node_item_ino(item.id), file);
	attr_entry_of_item(&item, &entry);
	fi->direct_io = 1;
	fi->fh = (uintptr_t)h;
	if (fuse_reply_create(req, &entry, fi) == -ENOENT)
		handle_abandon(fs, h);
}

/* Returns true if the item is a disc that is not in a drive, and whose data can no longer change.
 * Only then may the kernel keep its cached pages after a close.  Returns false if there is no such
 * item. */
static bool
is_sealed(struct fsctl *fs, fuse_ino_t ino)
{
	struct jb_item item;

	return jb_item_by_id(fs->jb, node_item_id(ino), &item) == JB_OK &&
	       item.kind == JB_ITEM_DISC && item.sealed && item.elem.type != JB_DRIVE;
}

/* Answers an OPEN for writing that comes from the mover, the process that repeats changes of
 * initiators so that inotify reports them (helpers/mover.h).  Gives it a handle without a file, and
 * does not call the jukebox. */
static void
open_nothing(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct handle *h = handle_new(req, ino);

	if (h == NULL) {
		fs_error(req, JB_NO_MEMORY);
		return;
	}
	fi->direct_io = 1;
	fi->fh = (uintptr_t)h;
	if (fuse_reply_open(req, fi) == -ENOENT)
		handle_free(fs_of(req), h);
}

/* Answers OPEN of an item: with a handle, or the errors of jb_file_open, JB_FILES_FULL, JB_NO_MEMORY, or
 * JB_STOPPING for a writer if the daemon stops. */
static void
open_item(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct fsctl *fs = fs_of(req);
	bool truncate = (fi->flags & O_TRUNC) != 0;
	bool writable = (fi->flags & O_ACCMODE) != O_RDONLY || truncate;
	char name[FS_NAME_MAX];
	struct jb_file *file;
	struct handle *h;
	enum jb_err e;

	if (writable && replay_is_helper(&fs->replay, fuse_req_ctx(req)->pid)) {
		open_nothing(req, ino, fi);
		return;
	}
	h = handle_new(req, ino);
	if (h == NULL) {
		fs_error(req, JB_NO_MEMORY);
		return;
	}
	/* A writer is refused before it truncates the file. */
	if (writable && fs->stopping)
		e = JB_STOPPING;
	else if (writable && !handle_may_stay(req, NULL))
		e = JB_FILES_FULL;
	else
		e = jb_file_open(fs->jb, node_item_id(ino), writable, truncate, &file);
	if (e != JB_OK) {
		handle_free(fs, h); /* without a file: does not block */
		fs_refuse(req, e, "open %s%s", fs_name(fs, ino, name),
			writable ? " for writing" : "");
		return;
	}
	handle_give_file(fs, h, ino, file);
	if (!writable && !handle_may_stay(req, h)) {
		handle_abandon(fs, h);
		fs_refuse(req, JB_FILES_FULL, "open %s", fs_name(fs, ino, name));
		return;
	}
	fi->direct_io = writable || jb_file_changing(file);
	fi->keep_cache = !fi->direct_io && is_sealed(fs, ino);
	fi->fh = (uintptr_t)h;
	if (fuse_reply_open(req, fi) == -ENOENT)
		handle_abandon(fs, h);
}

/* An OPEN for reading that waits for an import. */
struct op_open {
	struct op op;
	uint64_t ino;
	struct fuse_file_info fi;
};

/* Returns true if the content of the file is still being made by an import (changer/import.h).  For
 * park_op. */
static bool
open_waits(struct fsctl *fs, const struct work_job *job)
{
	const struct op_open *o = (const struct op_open *)job;
	struct jb_item item;

	return jb_item_by_id(fs->jb, node_item_id(o->ino), &item) == JB_OK &&
	       item.kind == JB_ITEM_INCOMING && item.importing;
}

/* Answers an OPEN that open_later has taken over, and frees the job; or, if the import goes on, lets
 * the job wait again (park_op) and returns. */
static void
open_run(struct work_job *job)
{
	struct op_open *o = (struct op_open *)job;

	if (park_op(&o->op, open_waits))
		return;
	if (fuse_req_interrupted(o->op.req))
		fuse_reply_err(o->op.req, EINTR);
	else
		open_item(o->op.req, o->ino, &o->fi);
	free(o);
}

/* Takes over an OPEN for reading of a file that is being imported: posts a job that answers it when the
 * import has ended, or a signal interrupts it (EINTR).  Returns true if it did, or has answered that
 * memory is missing; false for any other OPEN. */
static bool
open_later(fuse_req_t req, fuse_ino_t ino, const struct fuse_file_info *fi)
{
	const struct op_open look = {.ino = ino};
	struct op_open *o;

	if ((fi->flags & O_ACCMODE) != O_RDONLY || fi->flags & O_TRUNC ||
		!open_waits(fs_of(req), &look.op.job))
		return false;
	o = op_new(req, sizeof(*o), open_run);
	if (o == NULL)
		return true;
	o->ino = ino;
	o->fi = *fi;
	park_let_interrupt(&o->op);
	work_post(&o->op.fs->work, &o->op.job);
	return true;
}

/* Answers OPEN of an item, a sheet, a temporary file of ctl or a node.  Lets the mover open anything
 * for writing without a file (open_nothing).  Refuses with JB_NO_ELEMENT if there is no such node. */
void
op_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct fsctl *fs = fs_of(req);
	struct node node;

	if (node_ino_is_item(ino) && open_later(req, ino, fi))
		return;
	if (node_ino_is_item(ino))
		open_item(req, ino, fi);
	else if (node_ino_is_sheet(ino))
		sheet_open(req, ino, fi);
	else if (ctltemp_open(req, ino, fi))
		return;
	else if (fi->flags & O_ACCMODE && replay_is_helper(&fs->replay, fuse_req_ctx(req)->pid))
		open_nothing(req, ino, fi);
	else if (node_from_ino(fs->jb, ino, &node))
		text_open(req, &node, fi);
	else
		fs_error(req, JB_NO_ELEMENT);
}

/* ---- RENAME, UNLINK ------------------------------------------------------------------------- */

/* A RENAME or, without the new names, an UNLINK: names, inode numbers of the folders, and their
 * elements. */
struct op_name {
	struct op op;
	fuse_ino_t parent, new_parent;
	struct jb_elem from, to;
	char name[JB_NAME_MAX + 1], new_name[JB_NAME_MAX + 1];
};

/* Requests from the initiators, by an eject request, that they unlock the drive `from`, if the error
 * `e` is JB_MEDIUM_LOCKED: a user wanted the disc.  Else does nothing. */
static void
pass_wish_on(struct fsctl *fs, enum jb_err e, struct jb_elem from)
{
	struct drive *drive = from.type == JB_DRIVE ? jb_drive(fs->jb, from.number) : NULL;

	/* The drive may have been removed meanwhile. */
	if (e == JB_MEDIUM_LOCKED && drive != NULL)
		drive_request_eject(drive);
}

/* Carries out a RENAME of a user, and answers it.  Runs as an ordered job (work.h).  If it is refused
 * because a drive is locked, lets the drive ask its initiators to unlock it (pass_wish_on). */
static void
rename_run(struct work_job *job)
{
	struct op_name *r = (struct op_name *)job;
	struct fsctl *fs = r->op.fs;
	char from[FS_NAME_MAX], to[FS_NAME_MAX];
	enum jb_err e = jb_item_rename(fs->jb, r->from, r->name, r->to, r->new_name);

	e = sheet_error(fs, r->from, r->name, e);
	if (e == JB_OK) {
		fuse_reply_err(r->op.req, 0);
	} else {
		pass_wish_on(fs, e, r->from);
		fs_refuse(r->op.req, e, "move %s to %s", fs_name_in(fs, r->parent, r->name, from),
			fs_name_in(fs, r->new_parent, r->new_name, to));
	}
	free(r);
}

/* Carries out the RENAME of the mover, by which an initiator's move is committed (replay_rename),
 * and answers it.  It is not an ordered job, so it does not wait for the moves of users. */
static void
replay_run(struct work_job *job)
{
	struct op_name *r = (struct op_name *)job;

	fs_error(r->op.req, replay_rename(&r->op.fs->replay, r->from, r->name, r->to, r->new_name));
	free(r);
}

/* Copies a name to `to`, which has JB_NAME_MAX + 1 bytes.  Returns JB_NAME_TOO_LONG if it does not
 * fit. */
static enum jb_err
copy_name(char *to, const char *name)
{
	if (strlen(name) > JB_NAME_MAX)
		return JB_NAME_TOO_LONG;
	strcpy(to, name);
	return JB_OK;
}

/*
 * Answers RENAME, of users and of the mover: of a temporary file of ctl as ctltemp_rename does, of a part of a
 * folder as folder_rename does; else a job answers it (rename_run, replay_run).  Refuses with JB_BAD_RENAME
 * flags other than RENAME_NOREPLACE, with the errors of source_elem and target_elem, or JB_NAME_TOO_LONG or
 * JB_NO_MEMORY.  For RENAME_NOREPLACE nothing needs to be done: the kernel has checked that the target does
 * not exist.  Without it a file with a temporary name replaces a disc of the new name (jb_item_rename).
 */
void
op_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t new_parent,
	const char *new_name, unsigned flags)
{
	struct fsctl *fs = fs_of(req);
	char from[FS_NAME_MAX], to[FS_NAME_MAX];
	bool replayed = replay_is_helper(&fs->replay, fuse_req_ctx(req)->pid);
	struct op_name *r;
	enum jb_err e;

	if ((flags & ~(unsigned)RENAME_NOREPLACE) == 0 &&
		(ctltemp_rename(req, parent, name, new_parent, new_name) ||
			folder_rename(req, parent, name, new_parent, new_name)))
		return;
	r = op_new(req, sizeof(*r), replayed ? replay_run : rename_run);
	if (r == NULL)
		return;
	r->parent = parent;
	r->new_parent = new_parent;
	e = (flags & ~(unsigned)RENAME_NOREPLACE) != 0 ? JB_BAD_RENAME : JB_OK;
	if (e == JB_OK)
		e = source_elem(fs, parent, &r->from);
	if (e == JB_OK)
		e = (replayed ? source_elem : target_elem)(fs, new_parent, &r->to);
	if (e == JB_OK)
		e = copy_name(r->name, name);
	if (e == JB_OK)
		e = copy_name(r->new_name, new_name);
	if (e != JB_OK) {
		free(r);
		fs_refuse(req, e, "move %s to %s", fs_name_in(fs, parent, name, from),
			fs_name_in(fs, new_parent, new_name, to));
		return;
	}
	if (replayed)
		work_post(&fs->work, &r->op.job);
	else
		work_post_ordered(&fs->work, &r->op.job);
}

/* Carries out an UNLINK, in a worker, and answers it.  If it is refused because a drive is locked, lets
 * the drive ask its initiators to unlock it (pass_wish_on).  If it removes NAME.aria2, looks whether the
 * disc beside it is complete now. */
static void
unlink_run(struct work_job *job)
{
	struct op_name *r = (struct op_name *)job;
	struct fsctl *fs = r->op.fs;
	char path[FS_NAME_MAX];
	enum jb_err e = jb_item_remove(fs->jb, r->from, r->name);

	e = sheet_error(fs, r->from, r->name, e);
	if (e == JB_OK) {
		jb_item_control_removed(fs->jb, r->from, r->name);
		fuse_reply_err(r->op.req, 0);
	} else {
		pass_wish_on(fs, e, r->from);
		fs_refuse(r->op.req, e, "remove %s", fs_name_in(fs, r->parent, r->name, path));
	}
	free(r);
}

/* Answers UNLINK: of a temporary file of ctl or a part of a folder; else an ordered job does it
 * (unlink_run).  Refuses with the errors of source_elem, or JB_NAME_TOO_LONG. */
void
op_unlink(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct fsctl *fs = fs_of(req);
	char path[FS_NAME_MAX];
	struct op_name *r;
	enum jb_err e;

	if (ctltemp_unlink(req, parent, name) || folder_unlink(req, parent, name))
		return;
	r = op_new(req, sizeof(*r), unlink_run);
	if (r == NULL)
		return;
	r->parent = parent;
	e = source_elem(fs, parent, &r->from);
	if (e == JB_OK)
		e = copy_name(r->name, name);
	if (e != JB_OK) {
		free(r);
		fs_refuse(req, e, "remove %s", fs_name_in(fs, parent, name, path));
		return;
	}
	work_post_ordered(&fs->work, &r->op.job);
}
