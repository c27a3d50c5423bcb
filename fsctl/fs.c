/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How requests are refused, and how they get to a worker.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "changer/access.h"
#include "fsctl/fs.h"

void *
op_new(fuse_req_t req, size_t size, void (*run)(struct work_job *job))
{
	struct op *op = calloc(1, size);

	if (op == NULL) {
		fs_error(req, JB_NO_MEMORY);
		return NULL;
	}
	op->job.run = run;
	op->fs = fs_of(req);
	op->req = req;
	return op;
}

void
fs_error(fuse_req_t req, enum jb_err e)
{
	fuse_reply_err(req, jb_err_errno(e));
}

/* Refuses the request.  Sets ctl/last-error before the reply, so that it has the reason as soon as
 * the program fails. */
void
fs_refuse(fuse_req_t req, enum jb_err e, const char *fmt, ...)
{
	char what[2 * FS_NAME_MAX + 64];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	lasterror_set(&fs_of(req)->tree.lasterror, e, what);
	fs_error(req, e);
}

/* Writes the path of an item, such as "slots/3/x.iso", to buf (FS_NAME_MAX bytes); of a part, with
 * its folder.  Returns buf. */
static char *
item_name(struct fsctl *fs, const struct jb_item *item, char *buf)
{
	struct jb_item folder;
	char elem[32];

	jb_elem_str(item->elem, elem);
	if (item->folder != 0 && jb_item_by_id(fs->jb, item->folder, &folder) == JB_OK)
		snprintf(buf, FS_NAME_MAX, "%s/%s/%s", elem, folder.name, item->name);
	else
		snprintf(buf, FS_NAME_MAX, "%s/%s", elem, item->name);
	return buf;
}

/* Does what node_path does, but writes the name of a user instead of its id, and buf has FS_NAME_MAX
 * bytes. */
static char *
path_name(struct fsctl *fs, const struct node *node, char *buf)
{
	char user[JB_USER_NAME_MAX + 1];
	const char *hole = strstr(node->row->path, "%u");
	unsigned id;

	if (hole == NULL || !node_user(node, &id) || !jb_user_name(fs->jb, id, user)) {
		char path[NODE_PATH_MAX];

		snprintf(buf, FS_NAME_MAX, "%s", node_path(node, path));
	} else {
		snprintf(buf, FS_NAME_MAX, "%.*s%s%s", (int)(hole - node->row->path),
			node->row->path, user, hole + 2);
	}
	return buf;
}

char *
fs_name(struct fsctl *fs, uint64_t ino, char *buf)
{
	struct jb_item item = {.name = "a sheet"};
	char sheet[JB_NAME_MAX + 1];
	struct node node;

	if (node_ino_is_item(ino)) {
		if (jb_item_by_id(fs->jb, node_item_id(ino), &item) == JB_OK)
			return item_name(fs, &item, buf);
		snprintf(buf, FS_NAME_MAX, "a file that was removed");
	} else if (node_ino_is_sheet(ino)) {
		if (jb_item_by_id(fs->jb, node_sheet_id(ino), &item) == JB_OK &&
			jb_beside_name(&item, node_sheet_kind(ino), sheet))
			snprintf(item.name, sizeof(item.name), "%s", sheet);
		item_name(fs, &item, buf);
	} else if (node_from_ino(fs->jb, ino, &node)) {
		path_name(fs, &node, buf);
	} else {
		snprintf(buf, FS_NAME_MAX, "an element that was removed");
	}
	return buf;
}

char *
fs_name_in(struct fsctl *fs, uint64_t parent, const char *name, char *buf)
{
	char path[FS_NAME_MAX];

	path[0] = '\0';
	fs_name(fs, parent, path);
	snprintf(buf, FS_NAME_MAX, "%s%s%s", path, path[0] == '\0' ? "" : "/", name);
	return buf;
}
