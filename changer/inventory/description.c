/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * disc.json, the description of a cartridge: see jukeboxd-store(5).
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "changer/base/json_text.h"
#include "changer/base/log.h"
#include "changer/inventory/description.h"
#include "changer/inventory/model.h"
#include "changer/inventory/name.h"
#include "changer/recording/recording_json.h"
#include "changer/store/store.h"

enum { DESCRIPTION_VERSION = 1 };

void
description_of(const struct item *it, struct description *d)
{
	memset(d, 0, sizeof(*d));
	d->id = it->id;
	d->incomplete = it->kind == JB_ITEM_INCOMPLETE;
	d->truncated = it->truncated;
	d->image = it->disc.image_number;
	d->has_source = it->has_source;
	d->source = it->source;
	d->recovered = it->recovered;
	d->origin = (enum jb_origin)it->disc.origin;
	d->mode = it->mode;
	d->uid = it->uid;
	d->gid = it->gid;
	d->atime_ns = it->atime_ns;
	d->mtime_ns = it->mtime_ns;
	d->ctime_ns = it->ctime_ns;
	d->rec = &it->disc.rec;
	d->link = it->link;
	if (digest_is_valid(&it->disc))
		d->digest = it->disc.digest;
}

void
description_apply(struct item *it, struct description *d)
{
	it->kind = d->incomplete ? JB_ITEM_INCOMPLETE : JB_ITEM_DISC;
	it->truncated = d->truncated;
	it->disc.image_number = d->image;
	it->has_source = d->has_source;
	it->source = d->source;
	it->recovered = d->recovered;
	it->disc.origin = d->origin;
	it->disc.digest = d->digest;
	it->disc.digest.content = it->disc.content;
	it->mode = d->mode;
	it->uid = d->uid;
	it->gid = d->gid;
	it->atime_ns = d->atime_ns;
	it->mtime_ns = d->mtime_ns;
	it->ctime_ns = d->ctime_ns;
	recording_fini(&it->disc.rec);
	it->disc.rec = d->own;
	memset(&d->own, 0, sizeof(d->own));
	link_free(it->link);
	it->link = d->link;
	d->link = NULL;
}

void
description_fini(struct description *d)
{
	recording_fini(&d->own);
	link_free(d->link);
	d->link = NULL;
}

/* ---- where content comes from ---------------------------------------------------------------- */

static const char *const origins[] = {
	[JB_ORIGIN_BLANK] = "blank",
	[JB_ORIGIN_INSERTED] = "inserted",
	[JB_ORIGIN_BURNED] = "burned",
};

enum { NORIGINS = sizeof(origins) / sizeof(origins[0]) };

const char *
jb_origin_name(enum jb_origin origin)
{
	return (unsigned)origin < NORIGINS ? origins[origin] : NULL;
}

/* Returns the origin of that name.  Returns JB_ORIGIN_UNKNOWN if name is NULL, or no origin has it. */
static enum jb_origin
origin_by_name(const char *name)
{
	for (unsigned i = 0; name != NULL && i < NORIGINS; i++)
		if (origins[i] != NULL && strcmp(origins[i], name) == 0)
			return (enum jb_origin)i;
	return JB_ORIGIN_UNKNOWN;
}

enum jb_origin
description_origin_of(const struct recording *rec)
{
	return recording_is_unrecorded(rec) ? JB_ORIGIN_BLANK : JB_ORIGIN_INSERTED;
}

/* ---- out ------------------------------------------------------------------------------------- */

/* Makes a JSON text of a time in nanoseconds since the epoch: seconds with nine decimals.  Returns NULL if
 * memory is missing. */
static json_t *
json_time(int64_t ns)
{
	char text[48];
	int64_t s = ns / 1000000000, rest = ns % 1000000000;

	if (rest < 0) {
		s--;
		rest += 1000000000;
	}
	snprintf(text, sizeof(text), "%" PRId64 ".%09" PRId64, s, rest);
	return json_string(text);
}

/* Makes a JSON text of an id: 16 hexadecimal digits.  It is no JSON number, because many programs
 * read those as doubles and would lose bits.  Returns NULL if memory is missing. */
static json_t *
json_id(uint64_t id)
{
	char text[24];

	snprintf(text, sizeof(text), "%016" PRIx64, id);
	return json_string(text);
}

/* Makes a JSON text of the bits 0777 of a mode, such as "0644".  Returns NULL if memory is missing. */
static json_t *
json_mode(mode_t mode)
{
	char text[8];

	snprintf(text, sizeof(text), "0%03o", (unsigned)(mode & 0777));
	return json_string(text);
}

/* Makes a JSON text of an element, such as "slots/3".  Returns NULL if memory is missing. */
static json_t *
json_elem(struct jb_elem e)
{
	char text[32];

	return json_string(jb_elem_str(e, text));
}

/* Puts the member "insert" into the object: the intent, by which the next start inserts the content
 * after a crash.  Leaves out `replaces` and `folder` if they are 0.  Returns false if memory is
 * missing. */
static bool
put_intent(json_t *json, const struct intent *intent)
{
	json_t *o = json_object();
	int bad = json_object_set_new(json, "insert", o);

	bad |= json_object_set_new(o, "element", json_elem(intent->elem));
	bad |= json_object_set_new(o, "name", json_string(intent->name));
	bad |= json_object_set_new(o, "size", json_integer((json_int_t)intent->size));
	if (intent->replaces != 0)
		bad |= json_object_set_new(o, "replaces", json_id(intent->replaces));
	if (intent->folder != 0)
		bad |= json_object_set_new(o, "folder", json_id(intent->folder));
	return bad == 0;
}

static const char *const verdicts[] = {
	[JB_VERDICT_GOOD] = "ok",
	[JB_VERDICT_BAD] = "failed",
};

/* Puts the member "link" into the object.  Returns false if memory is missing. */
static bool
put_link(json_t *json, const struct link *l)
{
	json_t *o = json_object();
	int bad = json_object_set_new(json, "link", o);

	bad |= json_object_set_new(o, "target", json_string(l->target));
	bad |= json_object_set_new(o, "device", json_integer((json_int_t)l->device));
	bad |= json_object_set_new(o, "inode", json_integer((json_int_t)l->inode));
	bad |= json_object_set_new(o, "size", json_integer((json_int_t)l->size));
	bad |= json_object_set_new(o, "mtime", json_time(l->mtime_ns));
	return bad == 0;
}

/* Puts the member "hash" into the object; without "verified" if no verification has had a verdict.
 * Returns false if memory is missing. */
static bool
put_digest(json_t *json, const struct digest *digest)
{
	json_t *o = json_object();
	int bad = json_object_set_new(json, "hash", o);

	bad |= json_object_set_new(o, "sha256", json_string(digest->sha256));
	bad |= json_object_set_new(o, "size", json_integer((json_int_t)digest->size));
	bad |= json_object_set_new(o, "mtime", json_time(digest->mtime_ns));
	if (digest->verdict != JB_VERDICT_NONE) {
		bad |= json_object_set_new(o, "verified", json_string(verdicts[digest->verdict]));
		bad |= json_object_set_new(o, "verified-at", json_time(digest->verdict_ns));
	}
	return bad == 0;
}

/* Returns the text of disc.json for d, which the caller frees; NULL if memory is missing.  Leaves
 * out what d does not have: an unknown origin, a digest of "", a source, an intent.  A link has the
 * member "link", and no "image". */
static char *
print_description(const struct description *d)
{
	char image[32];
	char *text = NULL;
	json_t *json = json_object();
	int bad = json == NULL;

	snprintf(image, sizeof(image), "image.%u", d->image);
	bad |= json_object_set_new(json, "format", json_integer(DESCRIPTION_VERSION));
	bad |= json_object_set_new(json, "id", json_id(d->id));
	if (d->link == NULL)
		bad |= json_object_set_new(json, "image", json_string(image));
	else
		bad |= !put_link(json, d->link);
	bad |= json_object_set_new(json, "incomplete", json_boolean(d->incomplete));
	if (d->truncated)
		bad |= json_object_set_new(json, "truncated", json_true());
	bad |= json_object_set_new(json, "recovered", json_boolean(d->recovered));
	if (d->origin != JB_ORIGIN_UNKNOWN)
		bad |= json_object_set_new(json, "origin", json_string(jb_origin_name(d->origin)));
	if (d->has_source)
		bad |= json_object_set_new(json, "source", json_elem(d->source));
	bad |= json_object_set_new(json, "mode", json_mode(d->mode));
	bad |= json_object_set_new(json, "uid", json_integer((json_int_t)d->uid));
	bad |= json_object_set_new(json, "gid", json_integer((json_int_t)d->gid));
	bad |= json_object_set_new(json, "atime", json_time(d->atime_ns));
	bad |= json_object_set_new(json, "mtime", json_time(d->mtime_ns));
	bad |= json_object_set_new(json, "ctime", json_time(d->ctime_ns));
	if (bad == 0 && recording_to_json(d->rec, json) &&
		(d->digest.sha256[0] == '\0' || put_digest(json, &d->digest)) &&
		(!d->has_intent || put_intent(json, &d->intent)))
		text = json_text(json, 1);
	json_decref(json);
	return text;
}

enum jb_err
description_prepare(struct jukebox *jb, const char *dir, const struct description *d)
{
	char path[STORE_PATH_MAX];
	char *text = print_description(d);
	enum jb_err err;

	if (text == NULL)
		return JB_NO_MEMORY;
	err = store_write_file(jb->store, store_join(dir, PENDING_FILE, path), text, strlen(text));
	free(text);
	return err;
}

enum jb_err
description_publish(struct jukebox *jb, const char *dir)
{
	char from[STORE_PATH_MAX], to[STORE_PATH_MAX];

	return store_rename_file(jb->store, dir, store_join(dir, PENDING_FILE, from),
		store_join(dir, DISC_FILE, to), 0644);
}

enum jb_err
description_keep_promise(struct jukebox *jb, const char *dir)
{
	char from[STORE_PATH_MAX], to[STORE_PATH_MAX];
	enum jb_err err = JB_STORE_WRITE;

	store_join(dir, PENDING_FILE, from);
	store_join(dir, DISC_FILE, to);
	for (unsigned tries = 0; tries < 2 && err != JB_OK; tries++)
		err = store_rename(jb->store, from, to);
	/* It may have been made, and have reported an error all the same. */
	if (err != JB_OK && faccessat(jb->store, from, F_OK, AT_SYMLINK_NOFOLLOW) != 0 &&
		errno == ENOENT)
		err = JB_OK;
	if (err == JB_OK)
		(void)store_sync_dir(jb->store, dir);
	return err;
}

enum jb_err
description_store(struct jukebox *jb, const char *dir, const struct description *d)
{
	enum jb_err err = description_prepare(jb, dir, d);

	return err == JB_OK ? description_publish(jb, dir) : err;
}

enum jb_err
description_follow(const struct item *it, const char *dir, const char *name)
{
	struct description d;
	enum jb_err err = description_load(it->jb, dir, DISC_FILE, &d);

	if (err != JB_OK)
		return err == JB_NO_ITEM ? JB_OK : err;
	d.mode = it->mode;
	d.uid = it->uid;
	d.gid = it->gid;
	d.atime_ns = it->atime_ns;
	d.mtime_ns = it->mtime_ns;
	d.ctime_ns = it->ctime_ns;
	snprintf(d.intent.name, sizeof(d.intent.name), "%s", name);
	err = description_store(it->jb, dir, &d);
	description_fini(&d);
	return err;
}

/* ---- in -------------------------------------------------------------------------------------- */

/* Reads a time from the member `key` to *ns.  Returns false, and leaves *ns, if it is missing, is
 * not a number, or is more than 9000000000 seconds from the epoch. */
static bool
get_time(const json_t *json, const char *key, int64_t *ns)
{
	const char *text = json_string_value(json_object_get(json, key));
	enum { DIGITS = 9 };
	char digits[DIGITS + 1] = "";
	long long s, rest = 0;

	if (text == NULL || sscanf(text, "%lld.%9[0-9]", &s, digits) < 1 || s < -9000000000LL ||
		s > 9000000000LL)
		return false;
	for (int i = 0, end = (int)strlen(digits); i < DIGITS; i++)
		rest = rest * 10 + (i < end ? digits[i] - '0' : 0);
	*ns = (int64_t)s * 1000000000 + rest;
	return true;
}

/* Reads an id, 16 hexadecimal digits, from the member `key` to *id.  Returns false if it is missing
 * or not valid (0, or more than 62 bits); *id has no meaning then. */
static bool
get_id(const json_t *json, const char *key, uint64_t *id)
{
	const char *text = json_string_value(json_object_get(json, key));
	char *end;

	if (text == NULL || strlen(text) != 16)
		return false;
	*id = strtoull(text, &end, 16);
	return *end == '\0' && *id != 0 && *id >> 62 == 0;
}

/* Reads an element, such as "slots/3", from the member `key` to *e.  Returns false if it is missing
 * or not valid; *e has no meaning then.  Does not check that the jukebox has this element. */
static bool
get_elem(const json_t *json, const char *key, struct jb_elem *e)
{
	const char *text = json_string_value(json_object_get(json, key));
	unsigned number;
	char again[32];

	if (text == NULL)
		return false;
	for (unsigned t = JB_PICKER; t < ELEM_TYPES; t++) {
		const char *dir = jb_elem_dir((enum jb_elem_type)t);
		size_t n = strlen(dir);

		if (strncmp(text, dir, n) != 0 || sscanf(text + n, "/%5u", &number) != 1)
			continue;
		*e = (struct jb_elem){(enum jb_elem_type)t, number};
		return strcmp(jb_elem_str(*e, again), text) == 0;
	}
	return false;
}

/* Reads the member "insert".  Returns false if it is missing, or its element, name or size is not
 * valid.  Then *intent has no meaning.  `replaces` and `folder` become 0 if they are missing or not
 * valid. */
static bool
get_intent(const json_t *json, struct intent *intent)
{
	const json_t *o = json_object_get(json, "insert");
	const char *name = json_string_value(json_object_get(o, "name"));
	json_int_t size = json_integer_value(json_object_get(o, "size"));

	memset(intent, 0, sizeof(*intent));
	if (name == NULL || name_check(name) != JB_OK || size < 0 ||
		!get_elem(o, "element", &intent->elem))
		return false;
	strncpy(intent->name, name, sizeof(intent->name) - 1);
	intent->size = (uint64_t)size;
	if (!get_id(o, "replaces", &intent->replaces))
		intent->replaces = 0;
	if (!get_id(o, "folder", &intent->folder))
		intent->folder = 0;
	return true;
}

/* Reads the member "hash" to *digest.  If it is missing or not valid, clears *digest, which says
 * that the disc has none: it can be computed again. */
static void
get_digest(const json_t *json, struct digest *digest)
{
	const json_t *o = json_object_get(json, "hash");
	const char *text = json_string_value(json_object_get(o, "sha256"));
	const char *verified = json_string_value(json_object_get(o, "verified"));
	json_int_t size = json_integer_value(json_object_get(o, "size"));

	memset(digest, 0, sizeof(*digest));
	if (text == NULL || strlen(text) != JB_HASH_TEXT - 1 ||
		strspn(text, "0123456789abcdef") != JB_HASH_TEXT - 1 || size <= 0 ||
		!get_time(o, "mtime", &digest->mtime_ns))
		return;
	memcpy(digest->sha256, text, JB_HASH_TEXT);
	digest->size = (uint64_t)size;
	for (unsigned v = JB_VERDICT_GOOD; verified != NULL && v <= JB_VERDICT_BAD; v++)
		if (strcmp(verified, verdicts[v]) == 0 &&
			get_time(o, "verified-at", &digest->verdict_ns))
			digest->verdict = (enum jb_verdict)v;
}

/* Reads the member "link"; *out becomes NULL if there is none.  Returns false if its target is not
 * an absolute path of less than JB_TARGET_MAX bytes, it has no time, or memory is missing. */
static bool
get_link(const json_t *json, struct link **out)
{
	const json_t *o = json_object_get(json, "link");
	const char *target = json_string_value(json_object_get(o, "target"));
	int64_t mtime_ns;

	*out = NULL;
	if (o == NULL)
		return true;
	if (target == NULL || target[0] != '/' || strlen(target) >= JB_TARGET_MAX ||
		!get_time(o, "mtime", &mtime_ns) || (*out = link_new(target)) == NULL)
		return false;
	(*out)->device = (uint64_t)json_integer_value(json_object_get(o, "device"));
	(*out)->inode = (uint64_t)json_integer_value(json_object_get(o, "inode"));
	(*out)->size = (uint64_t)json_integer_value(json_object_get(o, "size"));
	(*out)->mtime_ns = mtime_ns;
	return true;
}

/* Reads the object of disc.json to *d, which must be zero; json may be NULL.  Returns false if it is
 * not a valid description; then d may own a link already.  Members that may be missing get a
 * default, such as 0644 for the mode. */
static bool
parse_description(const json_t *json, struct description *d)
{
	const char *image = json_string_value(json_object_get(json, "image"));
	const char *mode = json_string_value(json_object_get(json, "mode"));

	if (json_integer_value(json_object_get(json, "format")) != DESCRIPTION_VERSION ||
		!get_id(json, "id", &d->id) || !get_link(json, &d->link) ||
		(image == NULL) != (d->link != NULL))
		return false;
	d->image = image == NULL ? 1 : store_image_number(image);
	d->incomplete = json_is_true(json_object_get(json, "incomplete"));
	d->truncated = json_is_true(json_object_get(json, "truncated"));
	d->recovered = json_is_true(json_object_get(json, "recovered"));
	d->origin = origin_by_name(json_string_value(json_object_get(json, "origin")));
	d->has_source = get_elem(json, "source", &d->source);
	d->mode = mode == NULL ? 0644 : (mode_t)strtoul(mode, NULL, 8) & 0777;
	d->uid = (uid_t)json_integer_value(json_object_get(json, "uid"));
	d->gid = (gid_t)json_integer_value(json_object_get(json, "gid"));
	/* A description that was written by hand may lack the times. */
	if (!get_time(json, "mtime", &d->mtime_ns))
		d->mtime_ns = 0;
	if (!get_time(json, "atime", &d->atime_ns))
		d->atime_ns = d->mtime_ns;
	if (!get_time(json, "ctime", &d->ctime_ns))
		d->ctime_ns = d->mtime_ns;
	d->has_intent = get_intent(json, &d->intent);
	get_digest(json, &d->digest);
	return d->image != 0 && recording_from_json(&d->own, json);
}

enum jb_err
description_load(struct jukebox *jb, const char *dir, const char *file, struct description *d)
{
	char path[STORE_PATH_MAX];
	char *text;
	size_t size;
	json_t *json;
	bool good;
	enum jb_err err = store_read_file(jb->store, store_join(dir, file, path), &text, &size);

	memset(d, 0, sizeof(*d));
	if (err != JB_OK)
		return err;
	json = json_text_load(text, size, JSON_REJECT_DUPLICATES);
	err = errno == ENOMEM ? JB_NO_MEMORY : JB_STORE_FORMAT;
	free(text);
	errno = 0;
	good = parse_description(json, d);
	if (json != NULL && errno == ENOMEM)
		err = JB_NO_MEMORY;
	json_decref(json);
	d->rec = &d->own;
	if (!good)
		description_fini(d);
	return good ? JB_OK : err;
}
