/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Extended attributes: what a disc is, as user.jukebox.NAME.  They are read and written but not
 * listed, so that cp -a and rsync -X do not carry them to other files.
 */
#include <errno.h>
#include <string.h>

#include "fsctl/fs.h"
#include "fsctl/show.h"

static void
get_profile(const struct jb_item *item, FILE *out)
{
	if (item->medium != NULL)
		fputs(item->medium->suffix, out);
}

static void
get_state(const struct jb_item *item, FILE *out)
{
	fputs(show_item_state(item), out);
}

static void
get_barcode(const struct jb_item *item, FILE *out)
{
	char label[JB_NAME_MAX + 1];

	jb_name_label(item->name, label);
	fprintf(out, "%.*s", JB_LABEL_MAX, label);
}

static void
get_sessions(const struct jb_item *item, FILE *out)
{
	fprintf(out, "%u", item->sessions);
}

static void
get_tracks(const struct jb_item *item, FILE *out)
{
	fprintf(out, "%u", item->tracks);
}

static void
get_capacity(const struct jb_item *item, FILE *out)
{
	fprintf(out, "%llu", (unsigned long long)item->capacity * SECTOR_SIZE);
}

static const struct attribute {
	const char *name;
	void (*get)(const struct jb_item *item, FILE *out);
} attributes[] = {
	{"user.jukebox.profile", get_profile},
	{"user.jukebox.state", get_state},
	{"user.jukebox.barcode", get_barcode},
	{"user.jukebox.sessions", get_sessions},
	{"user.jukebox.tracks", get_tracks},
	{"user.jukebox.capacity", get_capacity},
};

static const struct attribute *
find(const char *name)
{
	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++)
		if (strcmp(attributes[i].name, name) == 0)
			return &attributes[i];
	return NULL;
}

void
op_getxattr(fuse_req_t req, fuse_ino_t ino, const char *name, size_t size)
{
	const struct attribute *a = find(name);
	char value[2 * JB_NAME_MAX] = "";
	struct jb_item item;
	size_t len;
	FILE *out;
	enum jb_err e;

	if (a == NULL || !node_ino_is_item(ino)) {
		/* ACLs are not kept at all; other attributes a file could have, and has not. */
		fuse_reply_err(req, strncmp(name, "system.", 7) == 0 ? EOPNOTSUPP : ENODATA);
		return;
	}
	e = jb_item_by_id(fs_of(req)->jb, node_item_id(ino), &item);
	out = e == JB_OK ? fmemopen(value, sizeof(value), "w") : NULL;
	if (out == NULL) {
		fs_error(req, e == JB_OK ? JB_NO_MEMORY : e);
		return;
	}
	a->get(&item, out);
	fclose(out);
	len = strlen(value);
	if (size == 0)
		fuse_reply_xattr(req, len);
	else if (size < len)
		fuse_reply_err(req, ERANGE);
	else
		fuse_reply_buf(req, value, len);
}

void
op_listxattr(fuse_req_t req, fuse_ino_t ino, size_t size)
{
	if (size == 0)
		fuse_reply_xattr(req, 0);
	else
		fuse_reply_buf(req, NULL, 0);
}

/* EOPNOTSUPP is what cp -a, mv, install and rsync take for "this file system has none". */
void
op_setxattr(
	fuse_req_t req, fuse_ino_t ino, const char *name, const char *value, size_t size, int flags)
{
	char path[FS_NAME_MAX];

	if (find(name) == NULL)
		fs_error(req, JB_NO_ATTRIBUTE);
	else
		fs_refuse(req, JB_NOT_SUPPORTED, "set %s of %s", name,
			fs_name(fs_of(req), ino, path));
}

void
op_removexattr(fuse_req_t req, fuse_ino_t ino, const char *name)
{
	fs_error(req, JB_NO_ATTRIBUTE);
}
