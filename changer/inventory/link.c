/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Discs inserted by reference; see link.h.  The store has a description with the target and what
 * the file was like, and no image.
 */
#include "changer/link.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "changer/base/log.h"
#include "changer/inventory/model.h"

/* ---- records --------------------------------------------------------------------------------- */

struct link *
link_new(const char *target)
{
	struct link *l = calloc(1, sizeof(*l));

	if (l == NULL || (l->target = strdup(target)) == NULL) {
		free(l);
		return NULL;
	}
	l->state = JB_LINK_UNCHECKED;
	return l;
}

void
link_free(struct link *l)
{
	if (l != NULL)
		free(l->target);
	free(l);
}

static enum jb_err
look_at(int fd, struct link *now)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return JB_LINK_NO_FILE;
	now->device = st.st_dev;
	now->inode = st.st_ino;
	now->size = (uint64_t)st.st_size;
	now->mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	return JB_OK;
}

/* Device numbers of network file systems, btrfs and LVM differ from one boot to the next, so that
 * the device is on record, but the same inode, size and time on another are the same file. */
static bool
is_same(const struct link *a, const struct link *b)
{
	return a->inode == b->inode && a->size == b->size && a->mtime_ns == b->mtime_ns;
}

enum jb_err
link_error(const struct item *it)
{
	if (it->link == NULL)
		return JB_OK;
	switch ((enum jb_link)it->link->state) {
	case JB_LINK_IS_CHANGED:
		return JB_LINK_CHANGED;
	case JB_LINK_IS_MISSING:
		return JB_LINK_MISSING;
	case JB_LINK_UNCHECKED:
		return JB_IN_USE;
	default:
		return it->disc.image == NULL && it->elem != NULL && it->elem->drive != NULL
			       ? JB_LINK_MISSING
			       : JB_OK;
	}
}

/* The first time that it is noticed is told of. */
static void
set_state(struct item *it, enum jb_link state)
{
	enum jb_link old = (enum jb_link)atomic_exchange(&it->link->state, (unsigned)state);
	enum jb_err err = link_error(it);

	if (old == state || state == JB_LINK_GOOD)
		return;
	log_warn("store", "%s -> %s: %s", it->name, it->link->target, jb_err_text(err));
	event_error(it, err, NULL);
}

/* ---- opening --------------------------------------------------------------------------------- */

void
jb_set_opener(struct jukebox *jb, jb_opener *opener, void *arg)
{
	jb_enter(jb);
	jb->opener = NULL;
	while (jb->opener_users > 0)
		(void)jb_wait_until(jb, NULL);
	jb->opener = opener;
	jb->opener_arg = arg;
	if (opener != NULL)
		check_links(jb);
	jb_leave(jb);
}

static enum jb_err
open_outside(struct jukebox *jb, const char *path, const struct jb_caller *caller, int *fd)
	EXCLUDES(jb_lock)
{
	enum jb_err err;
	jb_opener *opener;
	void *arg;

	*fd = -1;
	jb_enter(jb);
	opener = jb->opener;
	arg = jb->opener_arg;
	jb->opener_users += opener != NULL;
	jb_leave(jb);
	if (opener == NULL)
		return JB_IN_USE;
	err = opener(arg, path, caller, fd);
	jb_enter(jb);
	jb->opener_users--;
	jb_changed(jb);
	jb_leave(jb);
	return err;
}

enum jb_err
link_open(struct item *it, struct image **out)
{
	struct link now;
	int fd;
	enum jb_err err = open_outside(it->jb, it->link->target, NULL, &fd);

	/* Nobody has tried: nothing is known of the file. */
	if (err == JB_IN_USE)
		return err;
	if (err == JB_OK)
		err = look_at(fd, &now);
	if (err != JB_OK) {
		set_state(it, JB_LINK_IS_MISSING);
		err = JB_LINK_MISSING;
	} else if (!is_same(it->link, &now)) {
		set_state(it, JB_LINK_IS_CHANGED);
		err = JB_LINK_CHANGED;
	} else {
		err = image_adopt(fd, out);
		fd = err == JB_OK ? -1 : fd;
		if (err == JB_OK)
			set_state(it, JB_LINK_GOOD);
	}
	if (fd >= 0)
		close(fd);
	return err;
}

enum jb_err
link_is_still(struct disc *d)
{
	struct item *it = disc_item(d);
	struct link now;

	if (it->link == NULL || it->link->state != JB_LINK_GOOD || d->image == NULL)
		return link_error(it);
	if (look_at(d->image->fd, &now) == JB_OK && is_same(it->link, &now))
		return JB_OK;
	set_state(it, JB_LINK_IS_CHANGED);
	return JB_LINK_CHANGED;
}

/* Strand held. */
void
link_reload(struct item *it)
{
	struct image *image = NULL, *old;

	if (it->link == NULL || (link_is_still(&it->disc) == JB_OK))
		return;
	if (link_open(it, &image) != JB_OK)
		return;
	jb_enter(it->jb);
	old = it->disc.image;
	it->disc.image = image;
	jb_leave(it->jb);
	image_put(old);
}

/* Claim held. */
void
link_check(struct item *it)
{
	struct drive *d = item_enter_drive(it);
	struct image *image = NULL;
	enum jb_link before = (enum jb_link)it->link->state;

	if (d != NULL) {
		link_reload(it);
		jb_enter(it->jb);
		if (before != JB_LINK_GOOD && it->link->state == JB_LINK_GOOD)
			drive_medium_came(d);
		jb_leave(it->jb);
		strand_leave(&d->strand);
	} else if (link_open(it, &image) == JB_OK) {
		image_put(image);
	}
}

/* ---- SYMLINK --------------------------------------------------------------------------------- */

/* A path that names the file whoever looks, and that a description can hold. */
static enum jb_err
check_target(const char *target)
{
	json_t *text = json_string(target);
	bool good = text != NULL && target[0] == '/' && strlen(target) < JB_TARGET_MAX;

	json_decref(text);
	return good ? JB_OK : JB_LINK_TARGET;
}

static enum jb_err
take_place_in(struct item *it, struct element *el) EXCLUDES(jb_lock)
{
	enum jb_err err;

	jb_enter(it->jb);
	err = el->at.type == JB_PICKER ? JB_IS_FIXED : element_admits_hand(it->jb, el);
	if (err == JB_OK)
		err = element_admits(el);
	if (err == JB_OK) {
		el->occupant = it;
		it->elem = el;
		it->kind = JB_ITEM_INCOMING;
		it->at_incoming = true;
		it->busy = true;
	}
	jb_leave(it->jb);
	return err;
}

/* The file as its caller may open it is the item's image from now on; one user of it is ours. */
static enum jb_err
open_for(struct item *it, const struct jb_caller *caller)
{
	struct image *image;
	int fd;
	enum jb_err err = open_outside(it->jb, it->link->target, caller, &fd);

	if (err == JB_OK)
		err = look_at(fd, it->link);
	if (err == JB_OK && it->link->size == 0)
		err = JB_LINK_NO_FILE;
	if (err == JB_OK)
		err = image_adopt(fd, &image);
	if (err != JB_OK) {
		if (fd >= 0)
			close(fd);
		return err;
	}
	it->link->state = JB_LINK_GOOD;
	jb_enter(it->jb);
	it->disc.image = image;
	it->pins++;
	it->mtime_ns = it->link->mtime_ns;
	jb_leave(it->jb);
	return JB_OK;
}

/* Nothing of it is acknowledged before all of it is durable, so what a crash leaves is swept. */
static enum jb_err
insert_link(struct item *it, const struct jb_caller *caller)
{
	char dir[STORE_PATH_MAX];
	enum jb_err err = open_for(it, caller);

	if (err != JB_OK)
		return err;
	err = store_mkdir(it->jb->store, store_incoming_path(it->id, dir));
	if (err == JB_OK)
		err = insert_place(it);
	if (err != JB_OK) {
		trash_incoming(it->jb, it->id);
	} else if (it->kind == JB_ITEM_INCOMPLETE) {
		log_warn("store", "%s: the file is incomplete and so no disc", it->name);
		event_error(it, JB_INCOMPLETE, NULL);
	}
	item_unpin_image(it);
	return err;
}

static struct item *
new_item(struct jukebox *jb, const char *name, const char *target, const struct jb_caller *caller)
{
	struct item *it = item_new(jb, 0, name);

	if (it == NULL)
		return NULL;
	it->link = link_new(target);
	if (it->link == NULL) {
		item_unref(it);
		return NULL;
	}
	it->mode = 0444;
	it->uid = caller->uid;
	it->gid = caller->gid;
	return it;
}

enum jb_err
jb_item_link(struct jukebox *jb, struct jb_elem e, const char *name, const char *target,
	const struct jb_caller *caller, struct jb_item *item)
{
	struct element *el = element_find(jb, e);
	enum jb_err err = name_check(name);
	struct item *it;

	if (err == JB_OK && jb_name_is_staging(name))
		err = JB_NOT_STAGING;
	if (err == JB_OK)
		err = name_fits(name, false);
	if (err == JB_OK)
		err = check_target(target);
	if (err == JB_OK && el == NULL)
		err = JB_NO_ELEMENT;
	if (err != JB_OK)
		return err;
	it = new_item(jb, name, target, caller);
	if (it == NULL)
		return JB_NO_MEMORY;
	err = take_place_in(it, el);
	if (err == JB_OK) {
		err = insert_link(it, caller);
		jb_enter(jb);
		if (err != JB_OK)
			item_drop(it);
		else
			item_fill(it, item);
		item_unclaim(it);
		jb_leave(jb);
	}
	if (err != JB_OK)
		item_unref(it);
	return err;
}

enum jb_err
jb_item_target(struct jukebox *jb, uint64_t id, char *buf)
{
	struct item *it;
	bool found;

	jb_enter(jb);
	it = item_by_id(jb, id);
	found = it != NULL && it->link != NULL;
	if (found)
		strcpy(buf, it->link->target);
	jb_leave(jb);
	return found ? JB_OK : JB_NO_ITEM;
}
