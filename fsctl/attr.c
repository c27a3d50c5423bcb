/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The attributes of nodes and items: GETATTR, SETATTR, STATFS.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "changer/base/clock.h"
#include "fsctl/attr.h"
#include "fsctl/text.h"

enum { PAGE = 4096, NS = 1000000000 };

/* Returns the present time of the wall clock (clock_wall_ns). */
static struct timespec
now(void)
{
	int64_t ns = clock_wall_ns();

	return (struct timespec){ns / NS, ns % NS};
}

/* Fills in all attributes of an item. */
static void
of_item(const struct jb_item *item, struct stat *st)
{
	memset(st, 0, sizeof(*st));
	st->st_ino = node_item_ino(item->id);
	st->st_mode = attr_type(item) | attr_mode(item->mode);
	/* A folder of parts has no folders in it. */
	st->st_nlink = item->kind == JB_ITEM_FOLDER ? 2 : 1;
	st->st_uid = item->uid;
	st->st_gid = item->gid;
	st->st_size = (off_t)item->size;
	st->st_blocks = (blkcnt_t)item->blocks;
	if (item->link != JB_LINK_NONE) { /* a symbolic link, as in other file systems */
		st->st_mode = S_IFLNK | 0777;
		st->st_size = (off_t)item->target_len;
		st->st_blocks = 0;
	}
	st->st_blksize = PAGE;
	st->st_atim = item->atime;
	st->st_mtim = item->mtime;
	st->st_ctim = item->ctime;
}

uint64_t
attr_ino(const struct fsctl *fs, const struct node *node)
{
	uint64_t start = (uint64_t)fs->tree.started.tv_sec * 100 +
			 (uint64_t)fs->tree.started.tv_nsec / (NS / 100);

	if (node->row->kind != NODE_EVENTS)
		return node_ino(node);
	/* The number of the row stays in the low bits, and all is below JB_ID_MIN. */
	return node_ino(node) | (start << NODE_ROW_BITS & (JB_ID_MIN - 1));
}

/* Fills in all attributes of a node.  The size of a text is its present length, for programs such as
 * tail and wc. */
static void
of_node(struct fsctl *fs, const struct node *node, struct stat *st)
{
	bool dir = node_is_dir(node);
	struct owner owner;

	owner_of(fs, node, &owner);
	memset(st, 0, sizeof(*st));
	st->st_ino = attr_ino(fs, node);
	st->st_mode = (dir ? S_IFDIR : S_IFREG) | owner.mode;
	st->st_nlink = 1; /* tells find(1) not to rely on it */
	st->st_uid = owner.uid;
	st->st_gid = owner.gid;
	st->st_blksize = PAGE;
	st->st_mtim = fs->tree.started;
	if (!dir) {
		text_stat(fs, node, st);
		st->st_blocks = (st->st_size + 511) / 512;
	}
	st->st_atim = st->st_ctim = st->st_mtim;
}

void
attr_entry_of_item(const struct jb_item *item, struct fuse_entry_param *e)
{
	memset(e, 0, sizeof(*e));
	e->ino = node_item_ino(item->id);
	e->generation = 1; /* ids are never used twice */
	of_item(item, &e->attr);
}

/* Fills in a node's entry.  Allows the kernel to keep the entry for FS_FIXED_TIMEOUT, because only
 * mkdir and rmdir of that node change it.  It may not keep that of ctl/drives/N, which comes and
 * goes with another folder, drives/N. */
void
attr_entry_of_node(struct fsctl *fs, const struct node *node, struct fuse_entry_param *e)
{
	bool goes_elsewhere = node->row->kind == NODE_DIR && node_may_go(node);

	memset(e, 0, sizeof(*e));
	e->ino = node_ino(node);
	e->generation = node_generation(fs->jb, node);
	of_node(fs, node, &e->attr);
	e->entry_timeout = goes_elsewhere ? 0 : FS_FIXED_TIMEOUT;
	e->attr_timeout = node_is_dir(node) ? FS_FIXED_TIMEOUT : 0;
}

enum jb_err
attr_of_sheet(struct fsctl *fs, const struct jb_item *item, enum jb_beside which, struct stat *st)
{
	char *text;
	size_t size;
	enum jb_err e = jb_beside_text(fs->jb, item->id, which, &text, &size);

	if (e != JB_OK)
		return e;
	free(text);
	of_item(item, st);
	st->st_ino = node_sheet_shown(item->id, which);
	st->st_mode = S_IFREG | (item->mode & 0444);
	st->st_size = (off_t)size;
	st->st_blocks = ((blkcnt_t)size + 511) / 512;
	return JB_OK;
}

/* Fills in the attributes of the sheet or packs with that inode number.  Returns JB_NO_ITEM if there
 * are none. */
static enum jb_err
sheet_by_ino(struct fsctl *fs, uint64_t ino, struct stat *st)
{
	struct jb_item item;
	enum jb_err e = jb_item_by_id(fs->jb, node_sheet_id(ino), &item);

	return e == JB_OK ? attr_of_sheet(fs, &item, node_sheet_kind(ino), st) : e;
}

/* Answers GETATTR of a temporary file of ctl, a sheet, a node or an item; also of a removed file
 * that is still open (handle_stat).  Of a report, gives the size that it had when the process opened
 * it.  Refuses with JB_NO_ITEM or JB_NO_ELEMENT if there is none. */
void
op_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct fsctl *fs = fs_of(req);
	struct jb_item item;
	struct node node;
	struct stat st;
	enum jb_err e;

	if (ctltemp_getattr(req, ino))
		return;
	if (node_ino_is_sheet(ino)) {
		e = sheet_by_ino(fs, ino, &st);
		if (e == JB_OK)
			fuse_reply_attr(req, &st, 0);
		else
			fs_error(req, e);
		return;
	}
	if (!node_ino_is_item(ino)) {
		if (!node_from_ino(fs->jb, ino, &node)) {
			fs_error(req, JB_NO_ELEMENT);
			return;
		}
		of_node(fs, &node, &st);
		if (node.row->kind == NODE_REPORT)
			handle_stat_report(fs, ino, fuse_req_ctx(req)->pid, &st);
		fuse_reply_attr(req, &st, node_is_dir(&node) ? FS_FIXED_TIMEOUT : 0);
		return;
	}
	e = jb_item_by_id(fs->jb, node_item_id(ino), &item);
	if (e == JB_OK)
		of_item(&item, &st);
	else if (!handle_stat(fs, ino, &st)) {
		fs_error(req, e);
		return;
	}
	fuse_reply_attr(req, &st, 0);
}

/* ---- SETATTR -------------------------------------------------------------------------------- */

/* A SETATTR of an item: the new size if `truncate`, and the other attributes in attr.set. */
struct op_setattr {
	struct op op;
	uint64_t ino;
	bool truncate;
	uint64_t size;
	struct jb_attr attr;
};

/* Does SETATTR of an item, in a worker: size first, then the other attributes; and answers it.  If
 * the second fails, the size stays set.  Frees the job. */
static void
setattr_run(struct work_job *job)
{
	struct op_setattr *s = (struct op_setattr *)job;
	struct fsctl *fs = s->op.fs;
	uint64_t id = node_item_id(s->ino);
	char name[FS_NAME_MAX];
	struct jb_item item;
	struct stat st;
	enum jb_err e = JB_OK;

	if (s->truncate)
		e = jb_file_truncate(fs->jb, id, s->size);
	if (e == JB_OK && s->attr.set != 0)
		e = jb_item_setattr(fs->jb, id, &s->attr);
	if (e == JB_OK)
		e = jb_item_by_id(fs->jb, id, &item);
	if (e == JB_OK) {
		of_item(&item, &st);
		fuse_reply_attr(s->op.req, &st, 0);
	} else {
		fs_refuse(s->op.req, e, "%s %s", s->truncate ? "set the size of" : "change",
			fs_name(fs, s->ino, name));
	}
	free(s);
}

/* Fills in *a with the attributes that SETATTR asks for, except the size. */
static void
collect_attr(struct jb_attr *a, const struct stat *attr, int to_set)
{
	if (to_set & FUSE_SET_ATTR_MODE) {
		a->set |= JB_ATTR_MODE;
		a->mode = attr_mode(attr->st_mode);
	}
	if (to_set & FUSE_SET_ATTR_UID) {
		a->set |= JB_ATTR_UID;
		a->uid = attr->st_uid;
	}
	if (to_set & FUSE_SET_ATTR_GID) {
		a->set |= JB_ATTR_GID;
		a->gid = attr->st_gid;
	}
	if (to_set & (FUSE_SET_ATTR_ATIME | FUSE_SET_ATTR_ATIME_NOW)) {
		a->set |= JB_ATTR_ATIME;
		a->atime = to_set & FUSE_SET_ATTR_ATIME_NOW ? now() : attr->st_atim;
	}
	if (to_set & (FUSE_SET_ATTR_MTIME | FUSE_SET_ATTR_MTIME_NOW)) {
		a->set |= JB_ATTR_MTIME;
		a->mtime = to_set & FUSE_SET_ATTR_MTIME_NOW ? now() : attr->st_mtim;
	}
}

/* A change of a node's owner, group and mode. */
struct op_chown {
	struct op op;
	struct node node;
	struct owner owner;
};

/* Sets owner and mode of a node, in a worker, answers the request, and frees the job. */
static void
chown_run(struct work_job *job)
{
	struct op_chown *c = (struct op_chown *)job;
	struct fsctl *fs = c->op.fs;
	enum jb_err e = owner_set(fs, &c->node, &c->owner);
	char name[FS_NAME_MAX];
	struct stat st;

	if (e == JB_OK) {
		of_node(fs, &c->node, &st);
		fuse_reply_attr(c->op.req, &st, 0);
	} else {
		fs_refuse(c->op.req, e, "change %s", fs_name(fs, node_ino(&c->node), name));
	}
	free(c);
}

/* Fills in the owner and mode that SETATTR asks for; what it does not ask for stays.  A node has no
 * set-user-ID bit, and a file only permissions.  Returns false if they are those of now. */
static bool
wants_owner(struct fsctl *fs, const struct node *node, const struct stat *attr, int to_set,
	struct owner *out)
{
	struct owner is;

	owner_of(fs, node, &is);
	*out = is;
	if (to_set & FUSE_SET_ATTR_MODE)
		out->mode = attr->st_mode & (node_is_dir(node) ? 03777 : 0777);
	if (to_set & FUSE_SET_ATTR_UID)
		out->uid = attr->st_uid;
	if (to_set & FUSE_SET_ATTR_GID)
		out->gid = attr->st_gid;
	return out->mode != is.mode || out->uid != is.uid || out->gid != is.gid;
}

/*
 * Answers SETATTR of a node.  Times may be set and are ignored; rsync -a and tar do that to folders.
 * Truncating a text has no effect: a WRITE follows with its value.  A worker sets owner and mode, if
 * they change.  Refuses with JB_IS_FIXED the size of a file that cannot be written.
 */
static void
setattr_node(fuse_req_t req, fuse_ino_t ino, const struct stat *attr, int to_set)
{
	struct fsctl *fs = fs_of(req);
	char name[FS_NAME_MAX];
	struct owner owner;
	struct op_chown *c;
	struct node node;
	struct stat st;

	if (!node_from_ino(fs->jb, ino, &node)) {
		fs_error(req, JB_NO_ELEMENT);
		return;
	}
	if (to_set & FUSE_SET_ATTR_SIZE && !node_is_written(node.row)) {
		fs_refuse(req, JB_IS_FIXED, "change %s", fs_name(fs, ino, name));
		return;
	}
	if (!wants_owner(fs, &node, attr, to_set, &owner)) {
		of_node(fs, &node, &st);
		fuse_reply_attr(req, &st, 0);
		return;
	}
	c = op_new(req, sizeof(*c), chown_run);
	if (c == NULL)
		return;
	c->node = node;
	c->owner = owner;
	work_post(&fs->work, &c->op.job);
}

/* Answers SETATTR of a temporary file of ctl, a node or an item; a worker does the last two if they
 * change anything.  Refuses to change a sheet (JB_SHEET_FOLLOWS).  For the mover, changes nothing
 * and answers as GETATTR. */
void
op_setattr(fuse_req_t req, fuse_ino_t ino, struct stat *attr, int to_set, struct fuse_file_info *fi)
{
	struct op_setattr *s;
	char name[FS_NAME_MAX];

	if (ctltemp_setattr(req, ino, attr, to_set))
		return;
	if (node_ino_is_sheet(ino)) {
		fs_refuse(req, JB_SHEET_FOLLOWS, "change %s", fs_name(fs_of(req), ino, name));
		return;
	}
	if (!node_ino_is_item(ino)) {
		setattr_node(req, ino, attr, to_set);
		return;
	}
	/* The mover sets a time only so that inotify reports it (helpers/replay.h). */
	if (replay_is_helper(&fs_of(req)->replay, fuse_req_ctx(req)->pid)) {
		op_getattr(req, ino, fi);
		return;
	}
	s = op_new(req, sizeof(*s), setattr_run);
	if (s == NULL)
		return;
	s->ino = ino;
	s->truncate = (to_set & FUSE_SET_ATTR_SIZE) != 0;
	s->size = (uint64_t)attr->st_size;
	collect_attr(&s->attr, attr, to_set);
	work_post(&s->op.fs->work, &s->op.job);
}

/* Reports, for df(1), the space of the store's file system, and the elements as its files. */
void
op_statfs(fuse_req_t req, fuse_ino_t ino)
{
	struct statvfs sv = {.f_namemax = JB_NAME_MAX};
	struct jb_space space;
	enum jb_err e = jb_space(fs_of(req)->jb, &space);

	if (e != JB_OK) {
		fs_error(req, e);
		return;
	}
	sv.f_bsize = sv.f_frsize = space.block_size;
	sv.f_blocks = space.blocks;
	sv.f_bfree = space.blocks_free;
	sv.f_bavail = space.blocks_available;
	sv.f_files = space.elements;
	sv.f_ffree = sv.f_favail = space.elements_empty;
	fuse_reply_statfs(req, &sv);
}
