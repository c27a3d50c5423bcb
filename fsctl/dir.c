/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Folders: LOOKUP and READDIR, and the refusals of what cannot be made in them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fsctl/fs.h"

enum { OFF_DOT = 0, OFF_DOTDOT = 1, OFF_FIRST = 2 };

static void
lookup_item(fuse_req_t req, struct jb_elem elem, const char *name)
{
	struct fuse_entry_param entry;
	struct jb_item item;
	enum jb_err e = jb_item_lookup(fs_of(req)->jb, elem, name, &item);

	if (e == JB_OK)
		attr_entry_of_item(&item, &entry);
	else if (e == JB_NO_ITEM)
		e = sheet_entry(fs_of(req), elem, name, &entry);
	if (e == JB_OK)
		fuse_reply_entry(req, &entry);
	else
		fs_error(req, e);
}

void
op_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct fsctl *fs = fs_of(req);
	struct fuse_entry_param entry;
	struct node dir, child;
	struct jb_elem elem;

	if (node_ino_is_item(parent) || !node_from_ino(fs->jb, parent, &dir)) {
		fs_error(req, JB_NO_ELEMENT);
		return;
	}
	if (node_elem(&dir, &elem)) {
		lookup_item(req, elem, name);
		return;
	}
	if (!node_child(fs->jb, &dir, name, &child)) {
		fs_error(req, JB_NO_ITEM);
		return;
	}
	attr_entry_of_node(fs, &child, &entry);
	fuse_reply_entry(req, &entry);
}

/* ---- READDIR -------------------------------------------------------------------------------- */

/*
 * The files of an element are listed from a copy, taken at the first read and at each rewind, so
 * that a program which removes what it lists (rm -r) misses none.  Other folders need no copy: the
 * position in them is an element's number.
 */
struct dir_handle {
	struct node node;
	pthread_mutex_t lock; /* threads of a program may share a directory stream */
	size_t count, room;
	struct dir_entry {
		uint64_t ino;
		mode_t type;
		char *name;
	} * entries;
};

static void
forget_entries(struct dir_handle *d)
{
	for (size_t i = 0; i < d->count; i++)
		free(d->entries[i].name);
	d->count = 0;
}

static bool
keep_name(struct dir_handle *d, uint64_t ino, mode_t type, const char *of)
{
	char *name;

	if (d->count == d->room) {
		size_t room = d->room == 0 ? 8 : 2 * d->room;
		struct dir_entry *more = reallocarray(d->entries, room, sizeof(*more));

		if (more == NULL)
			return false;
		d->entries = more;
		d->room = room;
	}
	name = strdup(of);
	if (name == NULL)
		return false;
	d->entries[d->count++] = (struct dir_entry){ino, type, name};
	return true;
}

static bool
keep_item(void *arg, const struct jb_item *item)
{
	return keep_name(arg, node_item_ino(item->id), attr_type(item), item->name);
}

/* The sheet of a raw disc, which goes before it; not where a program puts another one. */
static bool
keep_sheet(void *arg, const struct jb_item *item)
{
	struct dir_handle *d = arg;
	char name[JB_NAME_MAX + 1];

	if (!jb_sheet_name(item, name))
		return true;
	for (size_t i = 0; i < d->count; i++)
		if (strcmp(d->entries[i].name, name) == 0)
			return true;
	return keep_name(d, node_sheet_ino(item->id), S_IFREG, name);
}

void
op_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct fsctl *fs = fs_of(req);
	struct dir_handle *d;
	struct node node;

	if (!node_from_ino(fs->jb, ino, &node)) {
		fs_error(req, JB_NO_ELEMENT);
		return;
	}
	d = calloc(1, sizeof(*d));
	if (d == NULL) {
		fs_error(req, JB_NO_MEMORY);
		return;
	}
	d->node = node;
	pthread_mutex_init(&d->lock, NULL);
	fi->fh = (uintptr_t)d;
	if (fuse_reply_open(req, fi) == -ENOENT) {
		pthread_mutex_destroy(&d->lock);
		free(d);
	}
}

void
op_releasedir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct dir_handle *d = (struct dir_handle *)(uintptr_t)fi->fh;

	forget_entries(d);
	free(d->entries);
	pthread_mutex_destroy(&d->lock);
	free(d);
	fuse_reply_err(req, 0);
}

/* The entry at a position past the two dots; false: the end. */
static bool
entry_at(struct fsctl *fs, struct dir_handle *d, uint64_t nth, struct stat *st, char *name)
{
	struct node child;

	if (d->node.row->kind == NODE_ELEMENT) {
		if (nth >= d->count)
			return false;
		st->st_ino = d->entries[nth].ino;
		st->st_mode = d->entries[nth].type;
		snprintf(name, JB_NAME_MAX + 1, "%s", d->entries[nth].name);
		return true;
	}
	if (!node_child_at(fs->jb, &d->node, nth, &child, name))
		return false;
	st->st_ino = node_ino(&child);
	st->st_mode = node_is_dir(&child) ? S_IFDIR : S_IFREG;
	return true;
}

static size_t
fill(fuse_req_t req, struct dir_handle *d, char *buf, size_t size, uint64_t off)
{
	struct fsctl *fs = fs_of(req);
	struct node parent = node_parent(&d->node);
	size_t used = 0;

	for (;; off++) {
		char name[JB_NAME_MAX + 1];
		struct stat st = {.st_mode = S_IFDIR};
		size_t n;

		if (off < OFF_FIRST) {
			st.st_ino = node_ino(off == OFF_DOT ? &d->node : &parent);
			strcpy(name, off == OFF_DOT ? "." : "..");
		} else if (!entry_at(fs, d, off - OFF_FIRST, &st, name)) {
			return used;
		}
		n = fuse_add_direntry(req, buf + used, size - used, name, &st, (off_t)off + 1);
		if (n > size - used)
			return used;
		used += n;
	}
}

void
op_readdir(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off, struct fuse_file_info *fi)
{
	struct dir_handle *d = (struct dir_handle *)(uintptr_t)fi->fh;
	struct jb_elem elem;
	char *buf = malloc(size);

	if (buf == NULL) {
		fs_error(req, JB_NO_MEMORY);
		return;
	}
	pthread_mutex_lock(&d->lock);
	if (off == 0 && node_elem(&d->node, &elem)) {
		forget_entries(d);
		jb_item_list(fs_of(req)->jb, elem, keep_item, d);
		jb_item_list(fs_of(req)->jb, elem, keep_sheet, d);
	}
	size = fill(req, d, buf, size, (uint64_t)off);
	pthread_mutex_unlock(&d->lock);
	fuse_reply_buf(req, buf, size);
	free(buf);
}

/* ---- what cannot be made -------------------------------------------------------------------- */

/* In an element's folder only discs can be, elsewhere nothing can be added. */
static enum jb_err
why_not(fuse_req_t req, fuse_ino_t parent, enum jb_err in_element)
{
	struct node dir;
	struct jb_elem elem;

	if (node_from_ino(fs_of(req)->jb, parent, &dir) && node_elem(&dir, &elem))
		return in_element;
	return JB_IS_FIXED;
}

void
op_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, dev_t rdev)
{
	char path[FS_NAME_MAX];

	fs_refuse(req, why_not(req, parent, JB_NOT_A_DISC), "make the special file %s",
		fs_name_in(fs_of(req), parent, name, path));
}

void
op_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t parent, const char *name)
{
	char path[FS_NAME_MAX];

	fs_refuse(req, why_not(req, parent, JB_HARD_LINK), "make the link %s",
		fs_name_in(fs_of(req), parent, name, path));
}
