/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsctl/owner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "changer/base/log.h"
#include "fsctl/fs.h"

enum { OWNERS_MAX = 4096 }; /* so that the store can read their text again */

struct owner_row {
	uint64_t ino; /* the inode number of a node */
	struct owner owner;
	bool kept; /* true: a user has set it, and it is in the store; false: an option of the daemon has */
};

/* ---- the table: hold o->lock ------------------------------------------------------------------ */

/* Returns the index of the row with that inode number, or of the one before which it belongs; o->n if it
 * belongs behind all rows. */
static size_t
place_of(const struct owners *o, uint64_t ino)
{
	size_t low = 0, high = o->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (o->rows[mid].ino < ino)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Returns the row with that inode number; NULL if there is none.  The pointer is valid until the next put or
 * drop. */
static struct owner_row *
find(const struct owners *o, uint64_t ino)
{
	size_t i = place_of(o, ino);

	return i < o->n && o->rows[i].ino == ino ? &o->rows[i] : NULL;
}

/* Removes the row with that inode number, if there is one. */
static void
drop(struct owners *o, uint64_t ino)
{
	size_t i = place_of(o, ino);

	if (i == o->n || o->rows[i].ino != ino)
		return;
	memmove(&o->rows[i], &o->rows[i + 1], (o->n - i - 1) * sizeof(*o->rows));
	o->n--;
}

/* Adds a copy of the row, or replaces the one with that inode number.  Returns false, and changes nothing, if
 * there is no memory.  Does not check OWNERS_MAX. */
static bool
put(struct owners *o, const struct owner_row *row)
{
	size_t i = place_of(o, row->ino), room = o->room == 0 ? 8 : 2 * o->room;
	struct owner_row *rows = o->rows;

	if (i < o->n && rows[i].ino == row->ino) {
		rows[i] = *row;
		return true;
	}
	if (o->n == o->room) {
		rows = reallocarray(rows, room, sizeof(*rows));
		if (rows == NULL)
			return false;
		o->rows = rows;
		o->room = room;
	}
	memmove(&rows[i + 1], &rows[i], (o->n - i) * sizeof(*rows));
	rows[i] = *row;
	o->n++;
	return true;
}

/* ---- what holds for a node -------------------------------------------------------------------- */

/*
 * Returns the mode of a node for which nothing was set, below a folder with the mode `folder`.  The owner, group and
 * others may do what both the row allows to its owner and the folder allows to them.  Others get nothing if the row
 * gives them nothing: names of users, and secrets.  A folder gets set-group-id and the sticky bit of `folder` too.
 */
static mode_t
follow(const struct node *node, mode_t folder)
{
	mode_t own = node->row->mode, bits = own >> 6 & 7;
	mode_t others = (own & 7) != 0 ? bits & folder & 7 : 0;

	return (bits & folder >> 6) << 6 | (bits & folder >> 3 & 7) << 3 | others |
	       (node_is_dir(node) ? folder & (S_ISGID | S_ISVTX) : 0);
}

/* Returns true if the node is the root. */
static bool
is_root(const struct node *node)
{
	return node->row->path[0] == '\0';
}

void
owner_of(struct fsctl *fs, const struct node *node, struct owner *out)
{
	struct owners *o = &fs->owners;
	struct node at = *node;
	struct owner_row *row;

	pthread_mutex_lock(&o->lock);
	*out = o->own;
	out->mode = node->row->mode;
	row = find(o, node_ino(node));
	if (row != NULL)
		*out = row->owner;
	/* Most jukeboxes have an empty table. */
	while (row == NULL && o->n > 0 && !is_root(&at)) {
		at = node_parent(&at);
		row = is_root(&at) ? NULL : find(o, node_ino(&at));
		if (row != NULL)
			*out = (struct owner){
				row->owner.uid, row->owner.gid, follow(node, row->owner.mode)};
	}
	pthread_mutex_unlock(&o->lock);
}

gid_t
owner_group_in(struct fsctl *fs, uint64_t folder, gid_t gid)
{
	struct node node;
	struct owner owner;

	if (!node_from_ino(fs->jb, folder, &node))
		return gid;
	owner_of(fs, &node, &owner);
	return (owner.mode & S_ISGID) != 0 ? owner.gid : gid;
}

/* ---- the store -------------------------------------------------------------------------------- */

/* Prints the rows that a user has set, one a line, "MODE UID GID /PATH"; leaves out nodes that are gone.
 * Returns an allocated text and its length in *size, or NULL if there is no memory.  fs->owners.saving must
 * be held. */
static char *
print(struct fsctl *fs, size_t *size)
{
	struct owners *o = &fs->owners;
	char *text = NULL, path[NODE_PATH_MAX];
	FILE *f = open_memstream(&text, size);
	struct node node;

	if (f == NULL)
		return NULL;
	for (size_t i = 0; i < o->n; i++) {
		const struct owner_row *r = &o->rows[i];

		if (r->kept && node_from_ino(fs->jb, r->ino, &node))
			fprintf(f, "%04o %u %u /%s\n", (unsigned)r->owner.mode, r->owner.uid,
				r->owner.gid, node_path(&node, path));
	}
	if (fclose(f) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

/* Stores the rows that a user has set, durably, in place of those in the store.  Returns JB_NO_MEMORY or the
 * store's error.  fs->owners.saving must be held. */
static enum jb_err
save(struct fsctl *fs)
{
	size_t size;
	char *text = print(fs, &size);
	enum jb_err e = text == NULL ? JB_NO_MEMORY : jb_owners_save(fs->jb, text, size);

	free(text);
	return e;
}

/* Stores the node with that path below the mount in *out; the root for "/".  Writes NULs over the slashes of
 * the path.  Returns false if there is no such node. */
static bool
find_path(struct fsctl *fs, char *path, struct node *out)
{
	struct node at = {node_row_at(0), 0};
	char *rest = NULL;

	for (char *name = strtok_r(path, "/", &rest); name != NULL;
		name = strtok_r(NULL, "/", &rest)) {
		if (!node_child(fs->jb, &at, name, out))
			return false;
		at = *out;
	}
	*out = at;
	return true;
}

/* Adds the row that a line of the store has, with the bits of its mode that the node can have.  Returns false
 * if the line has another form, its node is gone, or there is no memory.  fs->owners.lock is not needed at
 * start. */
static bool
take_line(struct fsctl *fs, const char *line)
{
	char path[NODE_PATH_MAX];
	struct owner_row row = {.kept = true};
	struct node node;
	unsigned mode, uid, gid;

	if (sscanf(line, "%o %u %u %95s", &mode, &uid, &gid, path) != 4 ||
		!find_path(fs, path, &node))
		return false;
	row.ino = node_ino(&node);
	row.owner = (struct owner){uid, gid, mode & (node_is_dir(&node) ? 03777 : 0777)};
	return put(&fs->owners, &row);
}

void
owner_load(struct fsctl *fs)
{
	char *text, *line, *rest = NULL;
	size_t size;
	bool all = true;
	enum jb_err e = jb_owners_load(fs->jb, &text, &size);

	if (e == JB_NO_ITEM)
		return;
	if (e != JB_OK) {
		fs->owners.unread = true;
		log_warn("mount",
			"ctl/owners cannot be read, so no owner or mode can be set until it can, "
			"and jukeboxd is started again: %s",
			jb_err_text(e));
		return;
	}
	for (line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
		if (take_line(fs, line))
			continue;
		all = false;
		log_warn("mount", "ctl/owners: left out: %s", line);
	}
	free(text);
	/* An element of that number that comes later must not find what was set for another one. */
	if (!all)
		(void)save(fs);
}

/* ---- changes ---------------------------------------------------------------------------------- */

/* Lets the kernel ask again for the attributes of all nodes below the folder; not for those of the folder
 * itself, nor for items.  Call it without a lock. */
static void
refresh_below(struct fsctl *fs, const struct node *folder)
{
	char name[JB_NAME_MAX + 1];
	struct node child;

	for (uint64_t i = 0; node_child_at(fs->jb, folder, i, &child, name); i++) {
		(void)fuse_lowlevel_notify_inval_inode(fs->se, node_ino(&child), -1, 0);
		if (child.row->kind == NODE_DIR)
			refresh_below(fs, &child);
	}
}

enum jb_err
owner_set(struct fsctl *fs, const struct node *node, const struct owner *owner)
{
	struct owners *o = &fs->owners;
	struct owner_row row = {node_ino(node), *owner, true}, before;
	enum jb_err e = JB_OK;
	struct owner_row *old;
	unsigned id;
	bool had;

	if (node_user(node, &id))
		return JB_IS_FIXED;
	if (o->unread)
		return JB_STORE_READ;
	pthread_mutex_lock(&o->saving);
	pthread_mutex_lock(&o->lock);
	old = find(o, row.ino);
	had = old != NULL;
	before = had ? *old : row;
	if (!had && o->n >= OWNERS_MAX)
		e = JB_TOO_MANY_OWNERS;
	else if (!put(o, &row))
		e = JB_NO_MEMORY;
	pthread_mutex_unlock(&o->lock);
	if (e == JB_OK) {
		e = save(fs);
		pthread_mutex_lock(&o->lock);
		if (e != JB_OK && had)
			(void)put(o, &before);
		else if (e != JB_OK)
			drop(o, row.ino);
		pthread_mutex_unlock(&o->lock);
	}
	pthread_mutex_unlock(&o->saving);
	if (e == JB_OK && node_is_dir(node) && !is_root(node))
		refresh_below(fs, node);
	return e;
}

void
owner_forget(struct fsctl *fs, struct jb_elem elem)
{
	struct owners *o = &fs->owners;
	size_t before;

	pthread_mutex_lock(&o->saving);
	pthread_mutex_lock(&o->lock);
	before = o->n;
	for (size_t i = o->n; i > 0; i--)
		if (node_is_of(o->rows[i - 1].ino, elem))
			drop(o, o->rows[i - 1].ino);
	pthread_mutex_unlock(&o->lock);
	if (o->n != before && (o->unread || save(fs) != JB_OK))
		log_warn("mount", "ctl/owners still has what was set for a removed element");
	pthread_mutex_unlock(&o->saving);
}

/* ---- life ------------------------------------------------------------------------------------- */

void
owner_init(struct owners *o, uid_t uid, gid_t gid, mode_t mode)
{
	static const char *const folders[] = {"slots", "mailslots", "drives", "transport"};

	memset(o, 0, sizeof(*o));
	pthread_mutex_init(&o->saving, NULL);
	pthread_mutex_init(&o->lock, NULL);
	o->own = (struct owner){uid, gid, 0};
	for (size_t f = 0; mode != 0 && f < sizeof(folders) / sizeof(folders[0]); f++) {
		struct owner_row row = {.owner = {uid, gid, mode}};
		size_t i = 0;

		while (strcmp(node_row_at(i)->path, folders[f]) != 0)
			i++;
		row.ino = node_ino(&(struct node){node_row_at(i), 0});
		(void)put(o, &row);
	}
}

void
owner_fini(struct owners *o)
{
	pthread_mutex_destroy(&o->saving);
	pthread_mutex_destroy(&o->lock);
	free(o->rows);
}
