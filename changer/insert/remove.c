/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Removing items.  The directory of an item is renamed to a trash name in incoming/, and both directories
 * are synced: this is quick and durable.  Deleting its files may take long, so the housekeeping strand does
 * it later.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
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

/* Has a directory of the store deleted by the housekeeping strand. */
struct remove_job {
	struct strand_job job;
	struct jukebox *jb;
	bool settles; /* true: the name of the directory may not be durable yet */
	char dir[STORE_PATH_MAX];
};

/* Deletes all files in a directory of the store.  Logs what cannot be deleted, such as a directory
 * that somebody has made there by hand, and leaves it.  Does nothing if the directory cannot be opened. */
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

/* Deletes the job's directory with the files in it, and frees the job.  If its trash name may not be durable,
 * syncs incoming/ first: else a power cut could give it its old name back, with only some of its files.  If that
 * fails, leaves the directory to the next start.  Runs in the housekeeping strand. */
static void
run_removal(struct strand_job *job)
{
	struct remove_job *t = (struct remove_job *)job;

	if (!t->settles || store_sync_dir(t->jb->store, INCOMING_DIR) == JB_OK) {
		empty_directory(t->jb->store, t->dir);
		(void)store_rmdir(t->jb->store, t->dir);
	}
	free(t);
}

/* Has the directory deleted soon, as remove_later does.  settles: see struct remove_job. */
static void
post_removal(struct jukebox *jb, const char *dir, bool settles)
{
	struct remove_job *t = store_is_read_only() ? NULL : calloc(1, sizeof(*t));

	if (t == NULL)
		return;
	t->job.run = run_removal;
	t->jb = jb;
	t->settles = settles;
	snprintf(t->dir, sizeof(t->dir), "%s", dir);
	strand_post(&jb->housekeeping, &t->job);
}

void
remove_later(struct jukebox *jb, const char *dir)
{
	post_removal(jb, dir, false);
}

void
remove_incoming(struct jukebox *jb, uint64_t id)
{
	char from[STORE_PATH_MAX], to[STORE_PATH_MAX];

	if (store_rename(jb->store, store_incoming_path(id, from), store_trash_path(id, to)) ==
		JB_OK)
		post_removal(jb, to, true);
}

/* Renames the item's directory to its trash name, durably, and has it deleted soon.  Sets *moved and
 * returns an error as item_move does; after JB_NOT_DURABLE the next start deletes it.  Claim held. */
static enum jb_err
remove_directory(struct item *it, bool *moved)
{
	char from[STORE_PATH_MAX], to[STORE_PATH_MAX], where[32];
	struct jukebox *jb = it->jb;
	enum jb_err err;

	item_path(it, from);
	store_trash_path(it->id, to);
	jb_elem_str(it->elem->at, where);
	err = item_move(it, it->elem,
		&(struct item_paths){.from = from,
			.from_dir = it->at_incoming ? INCOMING_DIR : where,
			.to = to,
			.to_dir = INCOMING_DIR},
		moved);
	if (err == JB_OK)
		remove_later(jb, to);
	return err;
}

/* Prints the folder lost+found/ID to dir, and the path of the item in it to path; both have STORE_PATH_MAX
 * bytes.  If a cartridge with that id and name is there already, the folder is ID-2, and so on. */
static void
lost_paths(const struct item *it, char *dir, char *path)
{
	char id[32];

	snprintf(id, sizeof(id), "%016" PRIx64, it->id);
	for (unsigned n = 2;; n++) {
		store_join(LOST_DIR, id, dir);
		store_join(dir, it->name, path);
		if (faccessat(it->jb->store, path, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
			return;
		snprintf(id, sizeof(id), "%016" PRIx64 "-%u", it->id, n);
	}
}

/*
 * Moves what cannot be read as a disc to lost+found/ID/NAME, durably, and never deletes it: a person may
 * repair it.  Makes a new folder of the element if there was none.  Sets *moved and returns an error as
 * item_move does, or the store's error with *moved false; also, with *moved true, if that new folder cannot
 * be made.  Claim held.
 */
static enum jb_err
put_aside(struct item *it, bool *moved) EXCLUDES(jb_lock)
{
	char from[STORE_PATH_MAX], to[STORE_PATH_MAX], to_dir[STORE_PATH_MAX], where[32];
	const char *from_dir = jb_elem_str(it->elem->at, where);
	enum jb_err made, err = store_mkdir(it->jb->store, LOST_DIR);

	lost_paths(it, to_dir, to);
	item_path(it, from);
	if (it->is_element) {
		snprintf(from, sizeof(from), "%s", where);
		from_dir = jb_elem_dir(it->elem->at.type);
	}
	if (err == JB_OK)
		err = store_mkdir(it->jb->store, to_dir);
	if (err == JB_OK)
		err = store_sync_dir(it->jb->store, LOST_DIR);
	if (err == JB_OK)
		err = store_sync_dir(it->jb->store, ".");
	*moved = false;
	if (err == JB_OK)
		err = item_move(it, it->elem,
			&(struct item_paths){
				.from = from, .from_dir = from_dir, .to = to, .to_dir = to_dir},
			moved);
	if (!*moved)
		return err;
	log_info("store", "%s is now %s", from, to);
	if (!it->is_element)
		return err;
	/* What comes into the element is not durable without its folder. */
	made = store_mkdir(it->jb->store, where);
	if (made == JB_OK)
		made = store_sync_dir(it->jb->store, from_dir);
	return err == JB_OK ? made : err;
}

/* Removes the item from the store, then from its element and its drive.  Returns JB_MEDIUM_LOCKED if the
 * drive is locked, JB_MAILSLOTS_LOCKED, or an error of remove_directory or put_aside. *removed is true if the
 * item is gone, also after some errors (JB_NOT_DURABLE).  A disc or an unreadable item raises the event
 * `remove`, and counts as a change in a mail slot.  A disc that the item would replace is shown again.  Takes
 * the strand of a disc's drive.  Claim held; this function gives it back, also after an error.  The caller
 * drops the references. */
static enum jb_err
remove_claimed(struct item *it, bool *removed)
{
	struct drive *d = item_enter_drive(it);
	enum jb_err err = JB_OK;

	*removed = false;
	if (d != NULL && drive_is_locked(d))
		err = JB_MEDIUM_LOCKED;
	else if (it->kind == JB_ITEM_DISC || it->kind == JB_ITEM_UNREADABLE)
		err = element_admits_hand(it->jb, it->elem);
	item_pause(it);
	if (err == JB_OK)
		err = it->kind == JB_ITEM_UNREADABLE ? put_aside(it, removed)
						     : remove_directory(it, removed);
	jb_enter(it->jb);
	if (*removed) {
		if (d != NULL)
			drive_take_disc(d);
		if (it->kind == JB_ITEM_DISC || it->kind == JB_ITEM_UNREADABLE) {
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
	if (d != NULL && *removed)
		item_unpin_image(it);
	return err;
}

enum jb_err
remove_item(struct item *it)
{
	struct jukebox *jb = it->jb;
	struct element *el = it->kind == JB_ITEM_UNREADABLE ? it->elem : NULL;
	bool removed;
	enum jb_err err = remove_claimed(it, &removed);

	/* Drops the reference that the item had since item_new. */
	if (removed)
		item_unref(it);
	if (removed && el != NULL)
		jb->read_again(jb, el);
	return err;
}

/* Does not look at the protection of a disc: a person can take any disc away.  The mount checks the
 * permissions of the directory.  Also stops an import of the item. */
enum jb_err
jb_item_remove(struct jukebox *jb, struct jb_elem e, const char *name)
{
	struct timespec deadline = jb_deadline(CLOSING_WAIT_MS);
	struct element *el = element_find(jb, e);
	struct item *it;
	enum jb_err err;

	if (el == NULL)
		return JB_NO_ELEMENT;
	jb->look_again(jb);
	jb_enter(jb);
	it = element_item(el, name);
	if (it == NULL || it->folder != NULL) {
		jb_leave(jb);
		return it == NULL ? JB_NO_ITEM : JB_NOT_A_DISC;
	}
	item_ref(it);
	err = item_claim(it, &deadline);
	/* The item may have been renamed or moved while this thread waited for its claim. */
	if (err == JB_OK && (it->elem != el || strcmp(it->name, name) != 0)) {
		item_unclaim(it);
		err = JB_NO_ITEM;
	}
	/* An import of it has no use any more. */
	if (err == JB_OK && jb->imports.of == it)
		jb->imports.watch.stop = true;
	jb_leave(jb);
	if (err == JB_OK)
		err = remove_item(it);
	item_unref(it);
	return err;
}
