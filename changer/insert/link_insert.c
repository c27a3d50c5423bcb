/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inserting a disc by reference: SYMLINK in an element.
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "changer/base/log.h"
#include "changer/insert/commit.h"
#include "changer/insert/remove.h"
#include "changer/inventory/model.h"
#include "changer/inventory/name.h"
#include "changer/store/store.h"

/* Checks that target is an absolute path of less than JB_TARGET_MAX bytes in valid UTF-8, so that a
 * description can hold it.  Returns JB_LINK_TARGET if not, or JB_NO_MEMORY. */
static enum jb_err
check_target(const char *target)
{
	json_t *text;
	bool good;

	errno = 0;
	text = json_string(target);
	if (text == NULL && errno == ENOMEM)
		return JB_NO_MEMORY;
	good = text != NULL && target[0] == '/' && strlen(target) < JB_TARGET_MAX;
	json_decref(text);
	return good ? JB_OK : JB_LINK_TARGET;
}

/* Puts the new item into the element, and claims it: as its occupant, or beside it if the name is
 * temporary.  Returns JB_IS_FIXED for the picker, JB_MAILSLOTS_LOCKED, or the errors of
 * element_admits; for a temporary name JB_NO_ELEMENT, JB_STAGING_LIMIT, or JB_BUSY_WRITER if the name
 * is taken. */
static enum jb_err
take_place_in(struct item *it, struct element *el) EXCLUDES(jb_lock)
{
	struct item **place;
	bool staged;
	enum jb_err err;

	jb_enter(it->jb);
	/* ln -sf takes such a name only where another disc is. */
	staged = el->occupant != NULL && name_is_link_staging(it->name);
	place = staged ? element_staged_place(el) : &el->occupant;
	err = el->at.type == JB_PICKER ? JB_IS_FIXED : JB_OK;
	if (err == JB_OK && staged && el->gone)
		err = JB_NO_ELEMENT;
	else if (err == JB_OK && staged && place == NULL)
		err = JB_STAGING_LIMIT;
	else if (err == JB_OK && staged && element_item(el, it->name) != NULL)
		err = JB_BUSY_WRITER;
	if (err == JB_OK && !staged)
		err = element_admits_hand(it->jb, el);
	if (err == JB_OK && !staged)
		err = element_admits(el);
	if (err == JB_OK)
		element_put(el, place, it, staged ? JB_ITEM_STAGED : JB_ITEM_INCOMING);
	jb_leave(it->jb);
	return err;
}

/* Opens the link's file with the rights of caller, and makes it the item's image.  Records its identity
 * in it->link.  The item's image gets one user, which insert_link drops.  Returns the
 * opener's error, JB_LINK_NO_FILE if it is empty or not a regular file, or JB_NO_MEMORY.  Claim held. */
static enum jb_err
open_target(struct item *it, const struct jb_caller *caller)
{
	struct image *image;
	int fd;
	enum jb_err err = link_open_outside(it->jb, it->link->target, caller, &fd);

	if (err == JB_OK)
		err = link_look_at(fd, it->link);
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

/* Makes a disc of the link's file, durably: stores its description in incoming/ID, and renames that
 * directory into the element.  A link with a temporary name only gets its directory; a rename will
 * make it a disc (promote.c).  If it fails, removes the directory and returns the errors of
 * open_target or insert_place.  A file that is incomplete is logged, and raises the event `error`.  If
 * the daemon crashes before the rename, incoming/ID has no image, so the next start deletes it.  Claim
 * held. */
static enum jb_err
insert_link(struct item *it, const struct jb_caller *caller)
{
	char dir[STORE_PATH_MAX];
	enum jb_err err = open_target(it, caller);

	if (err != JB_OK)
		return err;
	err = store_mkdir(it->jb->store, store_incoming_path(it->id, dir));
	if (err == JB_OK && it->kind != JB_ITEM_STAGED)
		err = insert_place(it);
	if (err != JB_OK) {
		remove_incoming(it->jb, it->id);
	} else if (it->kind == JB_ITEM_INCOMPLETE) {
		log_warn("store", "%s: the file is incomplete, so it is not a disc", it->name);
		event_error(it, JB_INCOMPLETE, NULL);
	}
	item_unpin_image(it);
	return err;
}

/* Makes an item with a link to target, which belongs to the caller's user and is read-only.  Returns NULL
 * if memory is missing. */
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

	jb->look_again(jb);
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
