/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Extended attributes: the properties of a disc, as user.jukebox.NAME.  A get_ function prints a value, a
 * set_ function takes one.  They can be read and written but are not listed, so that cp -a and rsync -X do
 * not copy them to other files.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

#include "fsctl/fs.h"
#include "fsctl/tree/words.h"

enum { VALUE_MAX = 8192 }; /* longer than any value */

/* Prints the value, without a newline.  Returns false if the item does not have the attribute; what was
 * printed has no meaning then.  Called in a handler. */
typedef bool attribute_get(struct jukebox *jb, const struct jb_item *item, FILE *out);
/* Sets the value of the item with that id, or removes it.  Returns the error for the program.  Called in a
 * worker.  [blocks] */
typedef enum jb_err attribute_set(struct jukebox *jb, uint64_t id, const char *value);

/* Prints the suffix of the medium, such as "dvd+r".  Returns false if the item has no medium. */
static bool
get_profile(struct jukebox *jb, const struct jb_item *item, FILE *out)
{
	if (item->medium != NULL)
		fputs(item->medium->suffix, out);
	return item->medium != NULL;
}

/* Prints the word of words_item_state.  Returns true always. */
static bool
get_state(struct jukebox *jb, const struct jb_item *item, FILE *out)
{
	fputs(words_item_state(item), out);
	return true;
}

/* Prints the first JB_LABEL_MAX bytes of the label in the item's name.  Returns true always. */
static bool
get_barcode(struct jukebox *jb, const struct jb_item *item, FILE *out)
{
	char label[JB_NAME_MAX + 1];

	jb_name_label(item->name, label);
	fprintf(out, "%.*s", JB_LABEL_MAX, label);
	return true;
}

/* Prints the number of sessions.  Returns false if the item has no medium. */
static bool
get_sessions(struct jukebox *jb, const struct jb_item *item, FILE *out)
{
	fprintf(out, "%u", item->sessions);
	return item->medium != NULL;
}

/* Prints the number of tracks.  Returns false if the item has no medium. */
static bool
get_tracks(struct jukebox *jb, const struct jb_item *item, FILE *out)
{
	fprintf(out, "%u", item->tracks);
	return item->medium != NULL;
}

enum { TRACKS_MAX = 99 }; /* no more tracks are printed */

/* Returns true if the item has the medium of a CD. */
static bool
is_cd(const struct jb_item *item)
{
	return item->medium != NULL && item->medium->family == MEDIUM_CD;
}

/* Prints a line for each track: its number, session, first sector, number of sectors; for a CD also its
 * mode.  Returns false if there is no track. */
static bool
get_toc(struct jukebox *jb, const struct jb_item *item, FILE *out)
{
	struct track tracks[TRACKS_MAX];
	unsigned n = jb_item_track_list(jb, item->id, tracks, TRACKS_MAX);

	for (unsigned i = 0; i < n; i++)
		fprintf(out, "%s%u %u %u %u%s%s", i == 0 ? "" : "\n", i + 1, tracks[i].session,
			tracks[i].start, tracks[i].size, is_cd(item) ? " " : "",
			is_cd(item) ? cd_mode_name(tracks[i].mode) : "");
	return n > 0;
}

/* Prints the mode of each track of a CD: "mode1 audio audio".  Returns false if it is not a CD or has no
 * track. */
static bool
get_modes(struct jukebox *jb, const struct jb_item *item, FILE *out)
{
	struct track tracks[TRACKS_MAX];
	unsigned n = is_cd(item) ? jb_item_track_list(jb, item->id, tracks, TRACKS_MAX) : 0;

	for (unsigned i = 0; i < n; i++)
		fprintf(out, "%s%s", i == 0 ? "" : " ", cd_mode_name(tracks[i].mode));
	return n > 0;
}

/* Prints the capacity in bytes.  Returns false if the item has no medium. */
static bool
get_capacity(struct jukebox *jb, const struct jb_item *item, FILE *out)
{
	fprintf(out, "%llu", (unsigned long long)item->capacity * SECTOR_SIZE);
	return item->medium != NULL;
}

/* Prints the next writable address, in sectors, as burning programs do.  Returns false if there is none. */
static bool
get_nwa(struct jukebox *jb, const struct jb_item *item, FILE *out)
{
	fprintf(out, "%lld", (long long)item->nwa);
	return item->nwa >= 0;
}

/* Prints where the content comes from, in the words of jb_origin_name; for a disc by reference, the target of
 * its link.  Returns false if that is not known. */
static bool
get_origin(struct jukebox *jb, const struct jb_item *item, FILE *out)
{
	const char *name = jb_origin_name(item->origin);
	char *target;

	if (item->link != JB_LINK_NONE) {
		target = malloc(JB_TARGET_MAX);
		name = target != NULL && jb_item_target(jb, item->id, target) == JB_OK ? "" : NULL;
		if (name != NULL)
			fputs(target, out);
		free(target);
		return name != NULL;
	}
	if (name != NULL)
		fputs(name, out);
	return name != NULL;
}

/* Prints the hash, and returns true, if it is known.  Else returns false: the file does not have the
 * attribute, so that programs which compare it never see another word. */
static bool
get_sha256(struct jukebox *jb, const struct jb_item *item, FILE *out)
{
	struct jb_check check;

	if (jb_item_check(jb, item->id, &check) != JB_OK)
		return false;
	fputs(check.sha256, out);
	return check.sha256[0] != '\0';
}

/* Prints the state of the verification (words_verification).  Returns false if none was ever requested, or
 * the item has gone. */
static bool
get_verify(struct jukebox *jb, const struct jb_item *item, FILE *out)
{
	struct jb_check check;
	char text[WORDS_CHECK_MAX];

	if (jb_item_check(jb, item->id, &check) != JB_OK)
		return false;
	fputs(words_verification(&check, text), out);
	return text[0] != '\0';
}

/* Takes "compute", which starts to hash the content; "stop", which stops that and a verification; or else the
 * hash that the content should have.  Returns the errors of jb_item_hash, jb_item_check_stop or
 * jb_item_set_hash. */
static enum jb_err
set_sha256(struct jukebox *jb, uint64_t id, const char *value)
{
	if (strcmp(value, "compute") == 0)
		return jb_item_hash(jb, id);
	if (strcmp(value, "stop") == 0)
		return jb_item_check_stop(jb, id);
	return jb_item_set_hash(jb, id, value);
}

/* Takes "start" or "stop".  Returns JB_BAD_VERIFY for another value, or the errors of jb_item_verify or
 * jb_item_check_stop. */
static enum jb_err
set_verify(struct jukebox *jb, uint64_t id, const char *value)
{
	if (strcmp(value, "start") == 0)
		return jb_item_verify(jb, id);
	return strcmp(value, "stop") == 0 ? jb_item_check_stop(jb, id) : JB_BAD_VERIFY;
}

/* Removes the hash that the content should have.  Ignores the value.  Returns the errors of
 * jb_item_set_hash. */
static enum jb_err
remove_sha256(struct jukebox *jb, uint64_t id, const char *value)
{
	return jb_item_set_hash(jb, id, NULL);
}

/* Returns JB_LABEL_IS_NAME for every value, because the label is a part of the file's name. */
static enum jb_err
set_barcode(struct jukebox *jb, uint64_t id, const char *value)
{
	return JB_LABEL_IS_NAME;
}

/* Prints what write-protects the disc (words_protection).  Returns false if the item has no medium. */
static bool
get_protection(struct jukebox *jb, const struct jb_item *item, FILE *out)
{
	fputs(words_protection(item), out);
	return item->medium != NULL;
}

/* Takes "complete", which makes a disc of an incomplete file as it is.  Returns JB_BAD_STATE for another
 * value, or the errors of jb_item_complete. */
static enum jb_err
set_state(struct jukebox *jb, uint64_t id, const char *value)
{
	return strcmp(value, "complete") == 0 ? jb_item_complete(jb, id) : JB_BAD_STATE;
}

static const struct attribute {
	const char *name; /* behind user.jukebox. */
	attribute_get *get;
	attribute_set *set;    /* NULL: it cannot be set */
	attribute_set *remove; /* called with NULL as the value; NULL: it cannot be removed */
} attributes[] = {
	{"barcode", get_barcode, set_barcode, NULL},
	{"capacity", get_capacity, jb_item_set_capacity, NULL},
	{"modes", get_modes, NULL, NULL},
	{"nwa", get_nwa, NULL, NULL},
	{"origin", get_origin, NULL, NULL},
	{"profile", get_profile, jb_item_set_profile, NULL},
	{"protection", get_protection, jb_item_set_protection, NULL},
	{"sessions", get_sessions, NULL, NULL},
	{"sha256", get_sha256, set_sha256, remove_sha256},
	{"state", get_state, set_state, NULL},
	{"toc", get_toc, NULL, NULL},
	{"tracks", get_tracks, NULL, NULL},
	{"verify", get_verify, set_verify, NULL},
};

/* Returns the attribute with the name user.jukebox.NAME or trusted.jukebox.NAME; NULL if there is none.  A
 * symbolic link cannot have user.* attributes (xattr(7)), so discs by reference need the second name, which
 * the kernel allows only to root. */
static const struct attribute *
find(const char *name)
{
	static const char *const prefixes[] = {"user.jukebox.", "trusted.jukebox."};
	const char *rest = NULL;

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			rest = name + strlen(prefixes[i]);
	for (size_t i = 0; rest != NULL && i < sizeof(attributes) / sizeof(attributes[0]); i++)
		if (strcmp(attributes[i].name, rest) == 0)
			return &attributes[i];
	return NULL;
}

/* Prints the value, and a NUL, to buf, which has `room` bytes.  Returns its length without the NUL, or
 * -errno: -ENODATA if the item does not have the attribute, -ENOMEM, or that of JB_NO_ITEM if the item has
 * gone. */
static int
get_value(struct fsctl *fs, const struct attribute *a, fuse_ino_t ino, char *buf, size_t room)
{
	struct jb_item item;
	enum jb_err e = jb_item_by_id(fs->jb, node_item_id(ino), &item);
	FILE *out;
	bool there;

	if (e != JB_OK)
		return -jb_err_errno(e);
	out = fmemopen(buf, room, "w");
	if (out == NULL)
		return -ENOMEM;
	there = a->get(fs->jb, &item, out);
	fclose(out);
	return there ? (int)strlen(buf) : -ENODATA;
}

/* Answers GETXATTR with the value, or for size 0 with its length.  Answers ENODATA if the file is not an item
 * or does not have the attribute, EOPNOTSUPP for system.* (ACLs), ERANGE if size is too small, or an error of
 * get_value.  Such errors do not go to ctl/last-error. */
void
op_getxattr(fuse_req_t req, fuse_ino_t ino, const char *name, size_t size)
{
	const struct attribute *a = find(name);
	char value[VALUE_MAX] = "";
	int len;

	if (a == NULL || !node_ino_is_item(ino)) {
		/* EOPNOTSUPP: there are no ACLs at all.  ENODATA: the file does not have the attribute. */
		fuse_reply_err(req, strncmp(name, "system.", 7) == 0 ? EOPNOTSUPP : ENODATA);
		return;
	}
	len = get_value(fs_of(req), a, ino, value, sizeof(value));
	if (len < 0)
		fuse_reply_err(req, -len);
	else if (size == 0)
		fuse_reply_xattr(req, (size_t)len);
	else if (size < (size_t)len)
		fuse_reply_err(req, ERANGE);
	else
		fuse_reply_buf(req, value, (size_t)len);
}

/* Answers LISTXATTR with an empty list for all files. */
void
op_listxattr(fuse_req_t req, fuse_ino_t ino, size_t size)
{
	if (size == 0)
		fuse_reply_xattr(req, 0);
	else
		fuse_reply_buf(req, NULL, 0);
}

struct op_setxattr {
	struct op op; /* first */
	uint64_t ino; /* the inode number of an item */
	const struct attribute *attribute;
	bool remove;		 /* true: the attribute is removed; false: it is set */
	char value[JB_TEXT_MAX]; /* the new value; "" if remove is true */
};

/* Sets or removes an attribute, in a worker, and answers the request: with success, or the error of its set
 * or remove function.  Frees the job. */
static void
setxattr_run(struct work_job *job)
{
	struct op_setxattr *s = (struct op_setxattr *)job;
	const struct attribute *a = s->attribute;
	struct fsctl *fs = s->op.fs;
	uint64_t id = node_item_id(s->ino);
	char name[FS_NAME_MAX];
	enum jb_err e = s->remove ? a->remove(fs->jb, id, NULL) : a->set(fs->jb, id, s->value);

	if (e == JB_OK)
		fuse_reply_err(s->op.req, 0);
	else if (s->remove)
		fs_refuse(s->op.req, e, "remove user.jukebox.%s of %s", a->name,
			fs_name(fs, s->ino, name));
	else
		fs_refuse(s->op.req, e, "set user.jukebox.%s of %s to '%s'", a->name,
			fs_name(fs, s->ino, name), s->value);
	free(s);
}

/* Returns 0 if the flags of setxattr(2) allow to set the attribute of that item: XATTR_CREATE if it does not have the
 * attribute, XATTR_REPLACE if it has.  Else returns EEXIST, ENODATA, or another errno of get_value. */
static int
check_flags(struct fsctl *fs, const struct attribute *a, fuse_ino_t ino, int flags)
{
	char value[VALUE_MAX] = "";
	int len = flags == 0 ? 0 : get_value(fs, a, ino, value, sizeof(value));

	if (flags == 0)
		return 0;
	if (len < 0 && len != -ENODATA)
		return -len;
	if (flags & XATTR_CREATE)
		return len >= 0 ? EEXIST : 0;
	return len >= 0 ? 0 : ENODATA;
}

/* Answers SETXATTR of an attribute of an item by a worker (setxattr_run).  Answers JB_NO_ATTRIBUTE (EOPNOTSUPP),
 * without an entry in ctl/last-error, for all other attributes and for files that are not items: cp -a, mv,
 * install and rsync then go on without attributes.  Answers JB_NO_MEMORY in the same way.  Refuses with
 * JB_FIXED_ATTRIBUTE an attribute that cannot be set, and with JB_BAD_VALUE a value that is too long or has a
 * NUL.  Answers with the error of check_flags, also without an entry, if the flags forbid it. */
void
op_setxattr(
	fuse_req_t req, fuse_ino_t ino, const char *name, const char *value, size_t size, int flags)
{
	const struct attribute *a = node_ino_is_item(ino) ? find(name) : NULL;
	struct op_setxattr *s;
	char path[FS_NAME_MAX];
	int error;

	if (a == NULL) {
		fs_error(req, JB_NO_ATTRIBUTE);
		return;
	}
	if (a->set == NULL || size >= sizeof(s->value) || memchr(value, '\0', size) != NULL) {
		fs_refuse(req, a->set == NULL ? JB_FIXED_ATTRIBUTE : JB_BAD_VALUE, "set %s of %s",
			name, fs_name(fs_of(req), ino, path));
		return;
	}
	error = check_flags(fs_of(req), a, ino, flags);
	if (error != 0) {
		fuse_reply_err(req, error);
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

/* Answers REMOVEXATTR by a worker.  Answers JB_NO_ATTRIBUTE, without an entry in ctl/last-error, if the file
 * is not an item or there is no such attribute.  Refuses with JB_FIXED_ATTRIBUTE one that cannot be set, with
 * JB_KEPT_ATTRIBUTE one that can be set but not removed. */
void
op_removexattr(fuse_req_t req, fuse_ino_t ino, const char *name)
{
	const struct attribute *a = node_ino_is_item(ino) ? find(name) : NULL;
	struct op_setxattr *s;
	char path[FS_NAME_MAX];

	if (a == NULL) {
		fs_error(req, JB_NO_ATTRIBUTE);
		return;
	}
	if (a->remove == NULL) {
		fs_refuse(req, a->set == NULL ? JB_FIXED_ATTRIBUTE : JB_KEPT_ATTRIBUTE,
			"remove %s of %s", name, fs_name(fs_of(req), ino, path));
		return;
	}
	s = op_new(req, sizeof(*s), setxattr_run);
	if (s == NULL)
		return;
	s->ino = ino;
	s->attribute = a;
	s->remove = true;
	work_post(&s->op.fs->work, &s->op.job);
}
