/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsctl/attr.h"
#include "fsctl/ctltemp.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "changer/base/clock.h"
#include "fsctl/text.h"

enum {
	SIZE_MAX_TEMP = 64 << 10, /* the most bytes of a file */
	FOLDER_MAX = 8,		  /* the most files that are made in a folder */
	UNUSED_MS = 10000, /* a file that was not used for this time goes, if it is not open */
	MARK = (1 << NODE_ROW_BITS) - 1, /* the low bits of an inode number, which no row has */
};

struct ctl_temp {
	LIST_ENTRY(ctl_temp) link; /* in ctl_temps.all */
	uint64_t ino, parent;	   /* the inode numbers of the file and of its folder */
	uid_t uid;		   /* the user that made it */
	gid_t gid;
	mode_t mode;	  /* bits of 0600 */
	unsigned opens;	  /* the number of handles */
	uint64_t used_ms; /* when a request found it last, by clock_ms */
	int64_t mtime_ns; /* when it was made or written last, since 1970 */
	size_t len;	  /* its size in bytes */
	char *data;	  /* SIZE_MAX_TEMP bytes and a NUL */
	char name[JB_NAME_MAX + 1];
};

void
ctltemp_init(struct ctl_temps *temps)
{
	pthread_mutex_init(&temps->lock, NULL);
	LIST_INIT(&temps->all);
	temps->made = 0;
}

/* Takes the file off the list, wipes its content, which may be a secret, and frees it.  The lock must be
 * held, or no thread may use the list any more. */
static void
forget(struct ctl_temp *t)
{
	LIST_REMOVE(t, link);
	explicit_bzero(t->data, SIZE_MAX_TEMP);
	free(t->data);
	free(t);
}

void
ctltemp_fini(struct ctl_temps *temps)
{
	while (!LIST_EMPTY(&temps->all))
		forget(LIST_FIRST(&temps->all));
	pthread_mutex_destroy(&temps->lock);
}

bool
ctltemp_is(uint64_t ino)
{
	return !node_ino_is_item(ino) && !node_ino_is_sheet(ino) && (ino & MARK) == MARK;
}

/* ---- the list: hold the lock ------------------------------------------------------------------ */

/* Returns the file with that inode number, and notes that it is used now; NULL if there is none.  The pointer
 * is valid while the lock is held. */
static struct ctl_temp *
by_ino(struct ctl_temps *temps, uint64_t ino)
{
	struct ctl_temp *t;

	LIST_FOREACH(t, &temps->all, link)
	if (t->ino == ino) {
		t->used_ms = clock_ms();
		return t;
	}
	return NULL;
}

/* Returns the file of that name in the folder, and notes that it is used now; NULL if there is none.  The
 * pointer is valid while the lock is held. */
static struct ctl_temp *
by_name(struct ctl_temps *temps, uint64_t parent, const char *name)
{
	struct ctl_temp *t;

	LIST_FOREACH(t, &temps->all, link)
	if (t->parent == parent && strcmp(t->name, name) == 0) {
		t->used_ms = clock_ms();
		return t;
	}
	return NULL;
}

/* Returns true if the folder has FOLDER_MAX files. */
static bool
is_full(struct ctl_temps *temps, uint64_t parent)
{
	const struct ctl_temp *t;
	unsigned there = 0;

	LIST_FOREACH(t, &temps->all, link)
	there += t->parent == parent;
	return there >= FOLDER_MAX;
}

/* Makes the file len bytes long, SIZE_MAX_TEMP at most, and sets its time of modification; what is
 * behind that reads as zeros later. */
static void
cut(struct ctl_temp *t, size_t len)
{
	memset(t->data + len, 0, SIZE_MAX_TEMP - len);
	t->len = len;
	t->mtime_ns = clock_wall_ns();
}

/* Removes all files that are not open and that no request has used for UNUSED_MS. */
static void
sweep(struct ctl_temps *temps)
{
	struct ctl_temp *t = LIST_FIRST(&temps->all), *next;

	for (; t != NULL; t = next) {
		next = LIST_NEXT(t, link);
		if (t->opens == 0 && clock_ms() - t->used_ms > UNUSED_MS)
			forget(t);
	}
}

/* Stores the attributes of the file in *st. */
static void
fill_stat(const struct ctl_temp *t, struct stat *st)
{
	enum { NS = 1000000000 };

	memset(st, 0, sizeof(*st));
	st->st_ino = t->ino;
	st->st_mode = S_IFREG | t->mode;
	st->st_nlink = 1;
	st->st_uid = t->uid;
	st->st_gid = t->gid;
	st->st_size = (off_t)t->len;
	st->st_mtim = (struct timespec){t->mtime_ns / NS, t->mtime_ns % NS};
	st->st_atim = st->st_ctim = st->st_mtim;
}

/* Stores the file's entry in *entry, which the kernel must ask for again each time. */
static void
fill_entry(const struct ctl_temp *t, struct fuse_entry_param *entry)
{
	memset(entry, 0, sizeof(*entry));
	entry->ino = t->ino;
	entry->generation = 1;
	fill_stat(t, &entry->attr);
}

/* ---- which names ------------------------------------------------------------------------------ */

/* Returns true if a temporary file may have that name in the folder: one of staging.def, or the name of a
 * text file there that can be written and more, as tray.0000000002.  Returns false for the name of a node, in
 * the folder of users, and in a folder that is not ctl/ or below it.  Takes no lock. */
static bool
may_have(struct fsctl *fs, fuse_ino_t parent, const char *name)
{
	char path[NODE_PATH_MAX], stem[JB_NAME_MAX + 1];
	struct node dir, child;
	size_t len = strlen(name);

	if (len > JB_NAME_MAX || !node_from_ino(fs->jb, parent, &dir) ||
		dir.row->kind != NODE_DIR || node_holds_users(&dir) ||
		node_child(fs->jb, &dir, name, &child))
		return false;
	node_path(&dir, path);
	if (strncmp(path, "ctl", 3) != 0)
		return false;
	if (jb_name_is_staging(name))
		return true;
	for (memcpy(stem, name, len + 1); len > 1; len--) {
		stem[len - 1] = '\0';
		/* With a letter or digit behind it, it is a wrong name and not a temporary one. */
		if (!isalnum((unsigned char)name[len - 1]) &&
			node_child(fs->jb, &dir, stem, &child) && node_is_written(child.row))
			return true;
	}
	return false;
}

/* ---- requests --------------------------------------------------------------------------------- */

/* Makes an empty file, which is open once, and stores its entry in *entry.  Returns false if it could not,
 * with JB_STAGING_LIMIT in *e if the folder has FOLDER_MAX files, else JB_NO_MEMORY.  Does not check the
 * name.  The lock must be held. */
static bool
make(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, enum jb_err *e,
	struct fuse_entry_param *entry)
{
	struct ctl_temps *temps = &fs_of(req)->temps;
	struct ctl_temp *t;

	*e = is_full(temps, parent) ? JB_STAGING_LIMIT : JB_NO_MEMORY;
	if (*e == JB_STAGING_LIMIT)
		return false;
	t = calloc(1, sizeof(*t));
	if (t != NULL)
		t->data = calloc(1, SIZE_MAX_TEMP + 1);
	if (t == NULL || t->data == NULL) {
		free(t);
		return false;
	}
	t->ino = ++temps->made << NODE_ROW_BITS | MARK;
	t->parent = parent;
	t->uid = fuse_req_ctx(req)->uid;
	t->gid = fuse_req_ctx(req)->gid;
	t->mode = attr_mode(mode) & 0600;
	t->opens = 1;
	t->used_ms = clock_ms();
	t->mtime_ns = clock_wall_ns();
	strcpy(t->name, name);
	LIST_INSERT_HEAD(&temps->all, t, link);
	fill_entry(t, entry);
	return true;
}

bool
ctltemp_create(
	fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, struct fuse_file_info *fi)
{
	struct fsctl *fs = fs_of(req);
	struct fuse_entry_param entry;
	char path[FS_NAME_MAX];
	struct handle *h;
	enum jb_err e;
	bool made;

	if (!may_have(fs, parent, name))
		return false;
	pthread_mutex_lock(&fs->temps.lock);
	sweep(&fs->temps);
	made = make(req, parent, name, mode, &e, &entry);
	pthread_mutex_unlock(&fs->temps.lock);
	if (!made) {
		fs_refuse(req, e, "create %s", fs_name_in(fs, parent, name, path));
		return true;
	}
	h = handle_new(req, entry.ino);
	if (h == NULL) {
		ctltemp_remove(fs, entry.ino);
		fs_error(req, JB_NO_MEMORY);
		return true;
	}
	fi->direct_io = 1;
	fi->fh = (uintptr_t)h;
	if (fuse_reply_create(req, &entry, fi) == -ENOENT) {
		ctltemp_close(fs, entry.ino);
		handle_free(fs, h);
	}
	return true;
}

bool
ctltemp_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct fsctl *fs = fs_of(req);
	struct fuse_entry_param entry;
	struct ctl_temp *t;

	pthread_mutex_lock(&fs->temps.lock);
	sweep(&fs->temps);
	t = by_name(&fs->temps, parent, name);
	if (t != NULL)
		fill_entry(t, &entry);
	pthread_mutex_unlock(&fs->temps.lock);
	if (t != NULL)
		fuse_reply_entry(req, &entry);
	return t != NULL;
}

bool
ctltemp_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct fsctl *fs = fs_of(req);
	struct handle *h;
	struct ctl_temp *t;

	if (!ctltemp_is(ino))
		return false;
	h = handle_new(req, ino);
	pthread_mutex_lock(&fs->temps.lock);
	t = by_ino(&fs->temps, ino);
	if (t != NULL && h != NULL) {
		t->opens++;
		if (fi->flags & O_TRUNC)
			cut(t, 0);
	}
	pthread_mutex_unlock(&fs->temps.lock);
	fi->direct_io = 1;
	fi->fh = (uintptr_t)h;
	if (h == NULL) {
		fs_error(req, JB_NO_MEMORY);
	} else if (t == NULL) {
		handle_free(fs, h);
		fs_error(req, JB_NO_ITEM);
	} else if (fuse_reply_open(req, fi) == -ENOENT) {
		ctltemp_close(fs, ino);
		handle_free(fs, h);
	}
	return true;
}

void
ctltemp_close(struct fsctl *fs, uint64_t ino)
{
	struct ctl_temp *t;

	if (!ctltemp_is(ino))
		return;
	pthread_mutex_lock(&fs->temps.lock);
	t = by_ino(&fs->temps, ino);
	if (t != NULL)
		t->opens--;
	pthread_mutex_unlock(&fs->temps.lock);
}

void
ctltemp_remove(struct fsctl *fs, uint64_t ino)
{
	struct ctl_temp *t;

	pthread_mutex_lock(&fs->temps.lock);
	t = by_ino(&fs->temps, ino);
	if (t != NULL)
		forget(t);
	pthread_mutex_unlock(&fs->temps.lock);
}

bool
ctltemp_getattr(fuse_req_t req, fuse_ino_t ino)
{
	return ctltemp_setattr(req, ino, NULL, 0);
}

/* Answers SETATTR of a temporary file.  Ignores owner and times, because programs copy them from the
 * file that they are going to replace. */
bool
ctltemp_setattr(fuse_req_t req, fuse_ino_t ino, const struct stat *attr, int to_set)
{
	struct fsctl *fs = fs_of(req);
	enum jb_err e = JB_NO_ITEM;
	struct ctl_temp *t;
	struct stat st;

	if (!ctltemp_is(ino))
		return false;
	pthread_mutex_lock(&fs->temps.lock);
	t = by_ino(&fs->temps, ino);
	if (t != NULL)
		e = to_set & FUSE_SET_ATTR_SIZE && attr->st_size > SIZE_MAX_TEMP ? JB_TOO_LARGE
										 : JB_OK;
	if (e == JB_OK && to_set & FUSE_SET_ATTR_MODE)
		t->mode = attr_mode(attr->st_mode) & 0600;
	if (e == JB_OK && to_set & FUSE_SET_ATTR_SIZE)
		cut(t, (size_t)attr->st_size);
	if (e == JB_OK)
		fill_stat(t, &st);
	pthread_mutex_unlock(&fs->temps.lock);
	if (e == JB_OK)
		fuse_reply_attr(req, &st, 0);
	else
		fs_error(req, e);
	return true;
}

bool
ctltemp_read(fuse_req_t req, fuse_ino_t ino, char *buf, size_t size, off_t off)
{
	struct fsctl *fs = fs_of(req);
	struct ctl_temp *t;
	size_t n = 0;

	if (!ctltemp_is(ino))
		return false;
	pthread_mutex_lock(&fs->temps.lock);
	t = by_ino(&fs->temps, ino);
	if (t != NULL && off >= 0 && (size_t)off < t->len) {
		n = t->len - (size_t)off < size ? t->len - (size_t)off : size;
		memcpy(buf, t->data + off, n);
	}
	pthread_mutex_unlock(&fs->temps.lock);
	fuse_reply_buf(req, buf, n);
	return true;
}

bool
ctltemp_write(fuse_req_t req, fuse_ino_t ino, const char *data, size_t size, off_t off)
{
	struct fsctl *fs = fs_of(req);
	enum jb_err e = JB_NO_ITEM;
	struct ctl_temp *t;

	if (!ctltemp_is(ino))
		return false;
	pthread_mutex_lock(&fs->temps.lock);
	t = by_ino(&fs->temps, ino);
	if (t != NULL)
		e = size > SIZE_MAX_TEMP || off < 0 || (size_t)off > SIZE_MAX_TEMP - size
			    ? JB_TOO_LARGE
			    : JB_OK;
	if (e == JB_OK) {
		memcpy(t->data + off, data, size);
		t->len = t->len > (size_t)off + size ? t->len : (size_t)off + size;
		t->mtime_ns = clock_wall_ns();
	}
	pthread_mutex_unlock(&fs->temps.lock);
	if (e == JB_OK)
		fuse_reply_write(req, size);
	else
		fs_error(req, e);
	return true;
}

bool
ctltemp_unlink(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct fsctl *fs = fs_of(req);
	struct ctl_temp *t;

	pthread_mutex_lock(&fs->temps.lock);
	t = by_name(&fs->temps, parent, name);
	if (t != NULL)
		forget(t);
	pthread_mutex_unlock(&fs->temps.lock);
	if (t != NULL)
		fuse_reply_err(req, 0);
	return t != NULL;
}

/* Renames the file in memory, and removes another temporary file of the new name, also if it is open.
 * Returns JB_OK; JB_IS_FIXED if no temporary file may have the new name (may_have); JB_NO_ITEM if the
 * file has gone; JB_STAGING_LIMIT if it comes from another folder and the new one is full.  An error
 * changes nothing.  Takes the lock. */
static enum jb_err
rename_temp(struct fsctl *fs, fuse_ino_t parent, const char *name, fuse_ino_t new_parent,
	const char *new_name)
{
	struct ctl_temp *t, *old;
	enum jb_err e = JB_OK;

	if (!may_have(fs, new_parent, new_name))
		return JB_IS_FIXED;
	pthread_mutex_lock(&fs->temps.lock);
	old = by_name(&fs->temps, new_parent, new_name);
	t = by_name(&fs->temps, parent, name);
	if (t == NULL)
		e = JB_NO_ITEM;
	else if (parent != new_parent && old == NULL && is_full(&fs->temps, new_parent))
		e = JB_STAGING_LIMIT;
	if (e == JB_OK && old != NULL && old != t)
		forget(old);
	if (e == JB_OK) {
		t->parent = new_parent;
		strcpy(t->name, new_name);
	}
	pthread_mutex_unlock(&fs->temps.lock);
	return e;
}

bool
ctltemp_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t new_parent,
	const char *new_name)
{
	struct fsctl *fs = fs_of(req);
	char from[FS_NAME_MAX], to[FS_NAME_MAX], *data = NULL;
	struct node dir, node;
	struct ctl_temp *t;
	uint64_t ino = 0;
	size_t len = 0;
	enum jb_err e;

	pthread_mutex_lock(&fs->temps.lock);
	t = by_name(&fs->temps, parent, name);
	if (t != NULL) {
		ino = t->ino;
		len = t->len;
		data = malloc(len + 1);
		if (data != NULL)
			memcpy(data, t->data, len);
	}
	pthread_mutex_unlock(&fs->temps.lock);
	if (t == NULL)
		return false;
	if (data == NULL)
		fs_error(req, JB_NO_MEMORY);
	else if (node_from_ino(fs->jb, new_parent, &dir) &&
		 node_child(fs->jb, &dir, new_name, &node))
		text_replace(req, &node, data, len, ctltemp_remove, ino);
	else if ((e = rename_temp(fs, parent, name, new_parent, new_name)) == JB_OK)
		fuse_reply_err(req, 0);
	else
		fs_refuse(req, e, "move %s to %s", fs_name_in(fs, parent, name, from),
			fs_name_in(fs, new_parent, new_name, to));
	if (data != NULL)
		explicit_bzero(data, len);
	free(data);
	return true;
}
