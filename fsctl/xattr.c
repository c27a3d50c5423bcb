/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Extended attributes: what a disc is, as user.jukebox.NAME.  They are read and written but not
 * listed, so that cp -a and rsync -X do not carry them to other files.
 */
#include <errno.h>
#include <stdlib.h>
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

/* The only state that a user can give: an incomplete file is a disc as it is. */
static enum jb_err
set_state(struct jukebox *jb, uint64_t id, const char *value)
{
	return strcmp(value, "complete") == 0 ? jb_item_complete(jb, id) : JB_BAD_VALUE;
}

static const struct attribute {
	const char *name;
	void (*get)(const struct jb_item *item, FILE *out);
	enum jb_err (*set)(struct jukebox *jb, uint64_t id, const char *value); /* NULL: fixed */
} attributes[] = {
	{"user.jukebox.profile", get_profile, NULL},
	{"user.jukebox.state", get_state, set_state},
	{"user.jukebox.barcode", get_barcode, NULL},
	{"user.jukebox.sessions", get_sessions, NULL},
	{"user.jukebox.tracks", get_tracks, NULL},
	{"user.jukebox.capacity", get_capacity, NULL},
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

struct op_setxattr {
	struct op op;
	uint64_t ino;
	const struct attribute *attribute;
	char value[JB_TEXT_MAX];
};

static void
setxattr_run(struct work_job *job)
{
	struct op_setxattr *s = (struct op_setxattr *)job;
	struct fsctl *fs = s->op.fs;
	char name[FS_NAME_MAX];
	enum jb_err e = s->attribute->set(fs->jb, node_item_id(s->ino), s->value);

	if (e == JB_OK)
		fuse_reply_err(s->op.req, 0);
	else
		fs_refuse(s->op.req, e, "set %s of %s to '%s'", s->attribute->name,
			fs_name(fs, s->ino, name), s->value);
	free(s);
}

/* EOPNOTSUPP is what cp -a, mv, install and rsync take for "this file system has none". */
void
op_setxattr(
	fuse_req_t req, fuse_ino_t ino, const char *name, const char *value, size_t size, int flags)
{
	const struct attribute *a = node_ino_is_item(ino) ? find(name) : NULL;
	struct op_setxattr *s;
	char path[FS_NAME_MAX];

	if (a == NULL) {
		fs_error(req, JB_NO_ATTRIBUTE);
		return;
	}
	if (a->set == NULL || size >= sizeof(s->value)) {
		fs_refuse(req, JB_NOT_SUPPORTED, "set %s of %s", name,
			fs_name(fs_of(req), ino, path));
		return;
	}
	s = op_new(req, sizeof(*s), setxattr_run);
	if (s == NULL)
		return;
	s->ino = ino;
	s->attribute = a;
	memcpy(s->value, value, size); /* op_new has zeroed what ends it */
	work_post(&s->op.fs->work, &s->op.job);
}

void
op_removexattr(fuse_req_t req, fuse_ino_t ino, const char *name)
{
	fs_error(req, JB_NO_ATTRIBUTE);
}
