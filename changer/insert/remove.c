/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Removal.  To remove a disc is to rename its cartridge out of its element, which is quick and
 * durable; to give its space back may take long, and is done later by the jukebox's own thread.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "changer/base/log.h"
#include "changer/drive/drive.h"
#include "changer/insert/remove.h"
#include "changer/inventory/model.h"
#include "changer/inventory/progress.h"
#include "changer/store/store.h"

struct remove_job {
	struct strand_job job;
	struct jukebox *jb;
	char dir[STORE_PATH_MAX];
};

/* A cartridge holds files only; whatever else somebody has put there stays, and is reported. */
static void
empty_directory(int store, const char *path)
{
	int fd = openat(store, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *de;

	if (dir == NULL) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((de = readdir(dir)) != NULL)
		if (strcmp(de->d_name, ".") != 0 && strcmp(de->d_name, "..") != 0 &&
			unlinkat(fd, de->d_name, 0) != 0)
			log_warn("store", "cannot remove %s/%s: %s", path, de->d_name,
				strerror(errno));
	closedir(dir);
}

static void
run(struct strand_job *job)
{
	struct remove_job *t = (struct remove_job *)job;

	empty_directory(t->jb->store, t->dir);
	(void)store_rmdir(t->jb->store, t->dir);
	free(t);
}

void
remove_later(struct jukebox *jb, const char *dir)
{
	struct remove_job *t = calloc(1, sizeof(*t));

	/* Without memory it stays, and is swept at the next start. */
	if (t == NULL)
		return;
	t->job.run = run;
	t->jb = jb;
	snprintf(t->dir, sizeof(t->dir), "%s", dir);
	strand_post(&jb->housekeeping, &t->job);
}

void
remove_incoming(struct jukebox *jb, uint64_t id)
{
	char from[STORE_PATH_MAX], to[STORE_PATH_MAX];

	/* Under another name, so that an intent that is still in it is not carried out. */
	if (store_rename(jb->store, store_incoming_path(id, from), store_trash_path(id, to)) ==
		JB_OK)
		remove_later(jb, to);
}

/* The claimed item's directory goes, durably. */
static enum jb_err
remove_directory(struct item *it)
{
	char from[STORE_PATH_MAX], to[STORE_PATH_MAX], where[32];
	struct jukebox *jb = it->jb;
	enum jb_err err;

	item_path(it, from);
	store_trash_path(it->id, to);
	err = store_rename(jb->store, from, to);
	if (err == JB_OK)
		err = store_sync_dir(jb->store, INCOMING_DIR);
	if (err == JB_OK && !it->at_incoming)
		err = store_sync_dir(jb->store, jb_elem_str(it->elem->at, where));
	if (err == JB_OK)
		remove_later(jb, to);
	return err;
}

static enum jb_err
remove_claimed(struct item *it)
{
	struct drive *d = item_enter_drive(it);
	enum jb_err err = JB_OK;

	if (d != NULL && drive_is_locked(d))
		err = JB_MEDIUM_LOCKED;
	else if (it->kind == JB_ITEM_DISC)
		err = element_admits_hand(it->jb, it->elem);
	item_pause(it);
	if (err == JB_OK)
		err = remove_directory(it);
	jb_enter(it->jb);
	if (err == JB_OK) {
		if (d != NULL)
			drive_take_disc(d);
		if (it->kind == JB_ITEM_DISC) {
			element_changed_by_hand(it->jb, it->elem);
			event_item(it, JB_EVENT_REMOVE, NULL);
		}
		item_reveal_replaced(it);
		item_drop(it);
	}
	jb_leave(it->jb);
	item_resume(it);
	jb_enter(it->jb);
	item_unclaim(it);
	jb_leave(it->jb);
	if (d != NULL)
		strand_leave(&d->strand);
	if (d != NULL && err == JB_OK)
		item_unpin_image(it);
	return err;
}

/*
 * The write-protect tab does not stop this, as it does not stop somebody with a real disc in his
 * hand; who may remove is what the directory's permissions say, as everywhere.
 */
enum jb_err
jb_item_remove(struct jukebox *jb, struct jb_elem e, const char *name)
{
	struct timespec deadline = jb_deadline(CLOSING_WAIT_MS);
	struct element *el = element_find(jb, e);
	struct item *it;
	enum jb_err err;

	if (el == NULL)
		return JB_NO_ELEMENT;
	jb_enter(jb);
	it = element_item(el, name);
	if (it == NULL) {
		jb_leave(jb);
		return JB_NO_ITEM;
	}
	item_ref(it);
	err = item_claim(it, &deadline);
	/* It may have been renamed or moved while its claim was waited for. */
	if (err == JB_OK && (it->elem != el || strcmp(it->name, name) != 0)) {
		item_unclaim(it);
		err = JB_NO_ITEM;
	}
	jb_leave(jb);
	if (err == JB_OK) {
		err = remove_claimed(it);
		/* The table's own reference. */
		if (err == JB_OK)
			item_unref(it);
	}
	item_unref(it);
	return err;
}
