/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Folders: LOOKUP and READDIR; and MKNOD and LINK, which are always refused.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fsctl/attr.h"
#include "fsctl/folder.h"
#include "fsctl/sheet.h"

enum { OFF_DOT = 0, OFF_DOTDOT = 1, OFF_FIRST = 2 };

/* Answers LOOKUP of a file or a sheet in an element: with its entry, or JB_NO_ITEM or JB_NO_ELEMENT. */
static void
answer_lookup(fuse_req_t req, struct jb_elem elem, const char *name)
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

/* A LOOKUP of `name` in the element, which a worker answers. */
struct op_lookup {
	struct op op;
	struct jb_elem elem;
	char name[JB_NAME_MAX + 1];
};

/* Returns true if an import that is under way may bring a file of that name.  For park_linger. */
static bool
lookup_waits(struct fsctl *fs, const struct work_job *job)
{
	const struct op_lookup *l = (const struct op_lookup *)job;

	return jb_import_may_bring(fs->jb, l->elem, l->name);
}

/* Answers LOOKUP in a worker, after it has waited for imports (park_linger), and frees the job. */
static void
lookup_run(struct work_job *job)
{
	struct op_lookup *l = (struct op_lookup *)job;

	park_linger(&l->op, lookup_waits);
	answer_lookup(l->op.req, l->elem, l->name);
	free(l);
}

/* Answers LOOKUP in an element.  A name that an import may bring waits a moment, in a worker, for
 * the end of that, not longer: the kernel holds the lock of the folder meanwhile, so nobody could
 * remove the file and end the import. */
static void
lookup_item(fuse_req_t req, struct jb_elem elem, const char *name)
{
	struct op_lookup *l;

	if (strlen(name) > JB_NAME_MAX || !jb_import_may_bring(fs_of(req)->jb, elem, name)) {
		answer_lookup(req, elem, name);
		return;
	}
	l = op_new(req, sizeof(*l), lookup_run);
	if (l == NULL)
		return;
	l->elem = elem;
	strcpy(l->name, name);
	work_post(&l->op.fs->work, &l->op.job);
}

/* Fills in the entry of a disc, a sheet or a node, by its inode number; or, if `folder` is true,
 * that of the folder that it is in.  Returns JB_NO_ITEM if it is not there any more. */
static enum jb_err
entry_by_ino(struct fsctl *fs, fuse_ino_t ino, bool folder, struct fuse_entry_param *entry)
{
	bool sheet = node_ino_is_sheet(ino);
	struct jb_item item;
	struct node node;

	if (!sheet && !node_ino_is_item(ino)) {
		if (!node_from_ino(fs->jb, ino, &node))
			return JB_NO_ITEM;
		if (folder)
			node = node_parent(&node);
		attr_entry_of_node(fs, &node, entry);
		return JB_OK;
	}
	if (jb_item_by_id(fs->jb, sheet ? node_sheet_id(ino) : node_item_id(ino), &item) != JB_OK)
		return JB_NO_ITEM;
	if (folder && item.folder != 0) {
		if (jb_item_by_id(fs->jb, item.folder, &item) != JB_OK)
			return JB_NO_ITEM;
		folder = false;
	}
	if (folder) {
		if (!node_of_elem(item.elem, &node))
			return JB_NO_ITEM;
		attr_entry_of_node(fs, &node, entry);
		return JB_OK;
	}
	if (sheet)
		return sheet_entry_of(fs, &item, node_sheet_kind(ino), entry);
	attr_entry_of_item(&item, entry);
	return JB_OK;
}

/* Answers LOOKUP of "." and "..", by which the kernel finds a file again whose handle an NFS server has kept
 * (FUSE_EXPORT_SUPPORT).  It makes ESTALE of our ENOENT. */
static void
lookup_by_ino(fuse_req_t req, fuse_ino_t ino, bool folder)
{
	struct fuse_entry_param entry;
	enum jb_err e = entry_by_ino(fs_of(req), ino, folder, &entry);

	if (e == JB_OK)
		fuse_reply_entry(req, &entry);
	else
		fs_error(req, e);
}

/* Answers LOOKUP: of "." and ".." by the inode number; else by the name, of a part of a folder, of
 * an item or a sheet in an element, of a node, or of a temporary file of ctl.  Refuses with
 * JB_NO_ITEM if there is none, JB_NO_ELEMENT if the folder is not there any more. */
void
op_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct fsctl *fs = fs_of(req);
	struct fuse_entry_param entry;
	struct node dir, child;
	struct jb_elem elem;

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
		lookup_by_ino(req, parent, name[1] == '.');
		return;
	}
	if (folder_lookup(req, parent, name))
		return;
	if (!node_from_ino(fs->jb, parent, &dir)) {
		fs_error(req, JB_NO_ELEMENT);
		return;
	}
	if (node_elem(&dir, &elem)) {
		lookup_item(req, elem, name);
		return;
	}
	if (!node_child(fs->jb, &dir, name, &child)) {
		if (ctltemp_lookup(req, parent, name))
			return;
		fs_error(req, JB_NO_ITEM);
		return;
	}
	attr_entry_of_node(fs, &child, &entry);
	fuse_reply_entry(req, &entry);
}

/* ---- READDIR -------------------------------------------------------------------------------- */

/*
 * An open folder.  The files of an element, and those of a folder of parts (folder.h), are copied at
 * the first READDIR and at each rewind, and listed from the copy.  So a program that removes what it
 * lists (rm -r) misses no file.  Other folders need no copy, because the position in them is the
 * number of an element.
 */
struct dir_handle {
	struct node node;     /* for a folder of parts, that of its element */
	uint64_t folder;      /* id of a folder of parts; 0: it is none */
	pthread_mutex_t lock; /* threads of a program may share a directory stream */
	bool lost;	      /* true: there was no memory for all of the copy */
	size_t count, room;
	struct dir_entry {
		uint64_t ino;
		mode_t type;
		char *name;
	} * entries;
};

/* Frees the copied entries. */
static void
forget_entries(struct dir_handle *d)
{
	for (size_t i = 0; i < d->count; i++)
		free(d->entries[i].name);
	d->count = 0;
	d->lost = false;
}

/* Adds an entry to the copy; `of` is its name, which is copied.  If there is no memory, notes that in d->lost and
 * returns false. */
static bool
keep_name(struct dir_handle *d, uint64_t ino, mode_t type, const char *of)
{
	char *name;

	if (d->count == d->room) {
		size_t room = d->room == 0 ? 8 : 2 * d->room;
		struct dir_entry *more = reallocarray(d->entries, room, sizeof(*more));

		d->lost = d->lost || more == NULL;
		if (more == NULL)
			return false;
		d->entries = more;
		d->room = room;
	}
	name = strdup(of);
	d->lost = d->lost || name == NULL;
	if (name == NULL)
		return false;
	d->entries[d->count++] = (struct dir_entry){ino, type, name};
	return true;
}

/* Adds the files beside a raw disc, for jb_item_list; arg is the struct dir_handle.  All of them are
 * added before the discs, because programs copy in this order, and they must be copied first.
 * Returns false, to stop, if there is no memory. */
static bool
keep_sheet(void *arg, const struct jb_item *item)
{
	char name[JB_NAME_MAX + 1];
	bool ok = true;

	for (unsigned i = 0; ok && i < JB_BESIDES; i++) {
		enum jb_beside which = (enum jb_beside)i;

		if (jb_beside_name(item, which, name))
			ok = keep_name(arg, node_sheet_shown(item->id, which), S_IFREG, name);
	}
	return ok;
}

/* Adds a file, for jb_item_list and jb_folder_list; arg is the struct dir_handle.  If it has the
 * name of a sheet, it takes the place of the sheet.  Returns false, to stop, if there is no memory. */
static bool
keep_item(void *arg, const struct jb_item *item)
{
	struct dir_handle *d = arg;
	uint64_t ino = node_item_ino(item->id);

	for (size_t i = 0; i < d->count; i++)
		if (strcmp(d->entries[i].name, item->name) == 0) {
			d->entries[i].ino = ino;
			d->entries[i].type = attr_type(item);
			return true;
		}
	return keep_name(d, ino, attr_type(item), item->name);
}

/* Frees the open folder. */
static void
forget_dir(struct dir_handle *d)
{
	forget_entries(d);
	free(d->entries);
	pthread_mutex_destroy(&d->lock);
	free(d);
}

/* Answers OPENDIR.  If the program was killed meanwhile, frees the open folder. */
static void
open_dir(fuse_req_t req, struct dir_handle *d, struct fuse_file_info *fi)
{
	fi->fh = (uintptr_t)d;
	if (fuse_reply_open(req, fi) == -ENOENT)
		forget_dir(d);
}

/* An OPENDIR of the element's folder, which a worker answers. */
struct op_opendir {
	struct op op;
	struct dir_handle *d;
	struct jb_elem elem;
	struct fuse_file_info fi;
};

/* Waits, in a worker, until the files of the element that programs have closed are discs
 * (jb_elem_settle), and answers OPENDIR.  Frees the job. */
static void
opendir_run(struct work_job *job)
{
	struct op_opendir *o = (struct op_opendir *)job;

	jb_elem_settle(o->op.fs->jb, o->elem);
	open_dir(o->op.req, o->d, &o->fi);
	free(o);
}

/* Opens the folder of an element after the files in it that were closed have become discs.  A worker
 * waits for that: close(2) returns before the RELEASE that does it, and the program that lists the
 * folder next must see the result.  If there is no memory for the job, answers that, and frees d. */
static void
open_settled(fuse_req_t req, struct dir_handle *d, struct jb_elem elem, struct fuse_file_info *fi)
{
	struct op_opendir *o = op_new(req, sizeof(*o), opendir_run);

	if (o == NULL) {
		forget_dir(d);
		return;
	}
	o->d = d;
	o->elem = elem;
	o->fi = *fi;
	work_post(&o->op.fs->work, &o->op.job);
}

/* Answers OPENDIR with a new struct dir_handle in fi->fh.  For the folder of an element, first waits
 * in a worker for files that were closed (open_settled).  Refuses with JB_NO_ELEMENT if the folder
 * is not there any more, or JB_NO_MEMORY. */
void
op_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct fsctl *fs = fs_of(req);
	struct dir_handle *d;
	struct jb_elem elem;
	struct jb_item item;
	struct node node;

	if (node_ino_is_item(ino) && jb_item_by_id(fs->jb, node_item_id(ino), &item) == JB_OK) {
		if (!node_of_elem(item.elem, &node)) {
			fs_error(req, JB_NO_ITEM);
			return;
		}
	} else if (!node_from_ino(fs->jb, ino, &node)) {
		fs_error(req, JB_NO_ELEMENT);
		return;
	}
	d = calloc(1, sizeof(*d));
	if (d == NULL) {
		fs_error(req, JB_NO_MEMORY);
		return;
	}
	d->node = node;
	d->folder = node_ino_is_item(ino) ? node_item_id(ino) : 0;
	pthread_mutex_init(&d->lock, NULL);
	if (d->folder == 0 && node_elem(&node, &elem) && jb_elem_is_settling(fs->jb, elem))
		open_settled(req, d, elem, fi);
	else
		open_dir(req, d, fi);
}

/* Answers RELEASEDIR: frees the open folder. */
void
op_releasedir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	forget_dir((struct dir_handle *)(uintptr_t)fi->fh);
	fuse_reply_err(req, 0);
}

/* Stores number, type and name (JB_NAME_MAX + 1 bytes) of entry `nth` behind "." and "..".  Returns
 * false behind the last one. */
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
	st->st_ino = attr_ino(fs, &child);
	st->st_mode = node_is_dir(&child) ? S_IFDIR : S_IFREG;
	return true;
}

/* Fills buf with entries from position `off` on, as many as it holds.  Returns the number of bytes;
 * 0 behind the last entry, or if buf has no room for one. */
static size_t
fill(fuse_req_t req, struct dir_handle *d, char *buf, size_t size, uint64_t off)
{
	struct fsctl *fs = fs_of(req);
	struct node parent = node_parent(&d->node);
	uint64_t own = d->folder != 0 ? node_item_ino(d->folder) : node_ino(&d->node);
	uint64_t up = node_ino(d->folder != 0 ? &d->node : &parent);
	size_t used = 0;

	for (;; off++) {
		char name[JB_NAME_MAX + 1];
		struct stat st = {.st_mode = S_IFDIR};
		size_t n;

		if (off < OFF_FIRST) {
			st.st_ino = off == OFF_DOT ? own : up;
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

/* Copies the files of an element, or of a folder of parts, anew.  Does nothing for other folders. */
static void
copy_entries(struct jukebox *jb, struct dir_handle *d)
{
	struct jb_elem elem;

	if (d->folder != 0) {
		forget_entries(d);
		d->lost = jb_folder_list(jb, d->folder, keep_item, d) == JB_NO_MEMORY || d->lost;
	} else if (node_elem(&d->node, &elem)) {
		forget_entries(d);
		jb_item_list(jb, elem, keep_sheet, d);
		jb_item_list(jb, elem, keep_item, d);
	}
}

/* Answers READDIR with the entries from position `off` on.  At position 0, copies the files of an
 * element, or of a folder of parts, anew; fails with JB_NO_MEMORY if some of them could not be copied.  Takes the
 * lock of the open folder, so threads that share it take turns. */
void
op_readdir(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off, struct fuse_file_info *fi)
{
	struct dir_handle *d = (struct dir_handle *)(uintptr_t)fi->fh;
	char *buf = malloc(size);
	bool lost;

	if (buf == NULL) {
		fs_error(req, JB_NO_MEMORY);
		return;
	}
	pthread_mutex_lock(&d->lock);
	if (off == 0)
		copy_entries(fs_of(req)->jb, d);
	lost = d->lost;
	if (!lost)
		size = fill(req, d, buf, size, (uint64_t)off);
	pthread_mutex_unlock(&d->lock);
	if (lost)
		fs_error(req, JB_NO_MEMORY);
	else
		fuse_reply_buf(req, buf, size);
	free(buf);
}

/* ---- MKNOD, LINK ---------------------------------------------------------------------------- */

/* Returns why the file cannot be made: `in_element` in the folder of an element, JB_PARTS_ONLY in a
 * folder of parts, JB_IS_FIXED elsewhere.  Never JB_OK. */
static enum jb_err
why_not(fuse_req_t req, fuse_ino_t parent, enum jb_err in_element)
{
	struct node dir;
	struct jb_elem elem;

	if (node_ino_is_item(parent))
		return JB_PARTS_ONLY;
	if (node_from_ino(fs_of(req)->jb, parent, &dir) && node_elem(&dir, &elem))
		return in_element;
	return JB_IS_FIXED;
}

/* Refuses MKNOD with why_not: JB_NOT_A_DISC in the folder of an element. */
void
op_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, dev_t rdev)
{
	char path[FS_NAME_MAX];

	fs_refuse(req, why_not(req, parent, JB_NOT_A_DISC), "make the special file %s",
		fs_name_in(fs_of(req), parent, name, path));
}

/* Refuses LINK with why_not: JB_HARD_LINK in the folder of an element. */
void
op_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t parent, const char *name)
{
	char path[FS_NAME_MAX];

	fs_refuse(req, why_not(req, parent, JB_HARD_LINK), "make the link %s",
		fs_name_in(fs_of(req), parent, name, path));
}
