/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Start-up, first part: finds the elements and the discs in the store.  It reads directories and
 * descriptions, and image data only if a description is missing or does not agree with its image, so ten
 * thousand slots take well under a second.  What cannot be understood is logged and left alone.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "changer/base/log.h"
#include "changer/disc/correct_name.h"
#include "changer/disc/disc_repair.h"
#include "changer/disc/disc_sync.h"
#include "changer/disc/volume_size.h"
#include "changer/drive/drive.h"
#include "changer/insert/classify.h"
#include "changer/inventory/description.h"
#include "changer/inventory/finding.h"
#include "changer/inventory/model.h"
#include "changer/inventory/name.h"
#include "changer/lifecycle/damage.h"
#include "changer/lifecycle/scan.h"
#include "changer/store/store.h"

#define LOST_TEXT \
	"this could not be read, and was moved here: repair and move it back, or delete it"

/* ---- directories ----------------------------------------------------------------------------- */

/* Reads the number of an element of that type from the name of its directory.  Returns false if the name
 * is no such number, also if it has another form, such as 007. */
static bool
element_number(const char *name, enum jb_elem_type type, unsigned *number)
{
	unsigned first = jb_first_number(type);
	char again[16], *end;
	unsigned long n = strtoul(name, &end, 10);

	if (*end != '\0' || n < first || n - first >= element_max(type))
		return false;
	snprintf(again, sizeof(again), "%lu", n);
	*number = (unsigned)n;
	return strcmp(again, name) == 0;
}

/* Reports that `name` in the directory `dir` of an element type is not an element (finding_report). */
static void
report_stranger(struct jukebox *jb, const char *dir, const char *name)
{
	char path[STORE_PATH_MAX];

	finding_report(jb, store_join(dir, name, path), "not changed", "this is not an element");
}

enum jb_err
scan_counts(struct jukebox *jb)
{
	for (unsigned t = JB_PICKER; t < ELEM_TYPES; t++) {
		enum jb_elem_type type = (enum jb_elem_type)t;
		char **names;
		size_t count;
		unsigned number;
		enum jb_err err = store_mkdir(jb->store, jb_elem_dir(type));

		/* The elements of jukebox.json are there nevertheless, and empty. */
		if (err == JB_STORE_READ_ONLY)
			continue;
		if (err == JB_OK)
			err = store_names(jb->store, jb_elem_dir(type), &names, &count);
		if (err == JB_STORE_READ) {
			finding_report(jb, jb_elem_dir(type), "not changed",
				"this is no folder, or it cannot be read");
			continue;
		}
		if (err != JB_OK)
			return err;
		for (size_t i = 0; i < count; i++) {
			if (!element_number(names[i], type, &number))
				report_stranger(jb, jb_elem_dir(type), names[i]);
			else if (number - jb_first_number(type) >= jb->counts[t])
				jb->counts[t] = number - jb_first_number(type) + 1;
		}
		store_free_names(names, count);
	}
	return JB_OK;
}

/* ---- discs: a directory each ----------------------------------------------------------------- */

/* Returns true if the pending description may replace the description *d of the same directory: it has an
 * intent, and is that of the same disc, which is blank, or of another disc that replaces it. */
static bool
may_succeed(const struct description *pending, const struct description *d)
{
	if (!pending->has_intent)
		return false;
	/* A blank disc was written to, or the image of a disc that replaces this one is here already
	 * (commit.c). */
	return (pending->id == d->id && recording_is_unrecorded(&d->own)) ||
	       (pending->intent.replaces == d->id && pending->id != d->id);
}

/*
 * Finishes an insert into the directory dir of the disc whose description is *d.  If there is a pending
 * description, the file was closed without an error but its release was lost.  If it may replace *d
 * (may_succeed) and its image has the size that it says, makes it the disc's description, in the store and in
 * *d; else deletes it, and reports one that cannot be used.  A store that is read-only stays as it is, and
 * only *d changes.  Returns JB_OK also if there is none.  Returns why the new content cannot be read, or
 * cannot become the disc's; then nothing has changed, and nothing in dir may be deleted.
 */
static enum jb_err
finish_pending(struct jukebox *jb, const char *dir, struct description *d)
{
	char path[STORE_PATH_MAX];
	struct description pending;
	struct stat st;
	enum jb_err err = description_load(jb, dir, PENDING_FILE, &pending);
	bool may, there;

	if (err != JB_OK && err != JB_STORE_FORMAT)
		return err == JB_NO_ITEM ? JB_OK : err;
	if (err == JB_STORE_FORMAT)
		finding_report(jb, store_join(dir, PENDING_FILE, path), "deleted",
			"the description of its new content cannot be used");
	may = err == JB_OK && may_succeed(&pending, d);
	there = may && fstatat(jb->store, store_image_path(dir, pending.image, path), &st,
			       AT_SYMLINK_NOFOLLOW) == 0;
	err = may && !there && errno != ENOENT ? jb_err_from_errno(errno, JB_STORE_READ) : JB_OK;
	if (!there || (uint64_t)st.st_size != pending.intent.size) {
		description_fini(&pending);
		if (err == JB_OK && !store_is_read_only())
			(void)store_unlink(jb->store, store_join(dir, PENDING_FILE, path));
		return err;
	}
	if (!store_is_read_only())
		err = description_keep_promise(jb, dir);
	if (err != JB_OK) {
		description_fini(&pending);
		return err;
	}
	description_fini(d);
	*d = pending;
	d->rec = &d->own;
	d->recovered = true;
	d->has_intent = false;
	if (!store_is_read_only())
		(void)description_store(jb, dir, d);
	log_info("store", "%s: recovered: its insert had been cut off", dir);
	return JB_OK;
}

/* Deletes the image of that number, unless the store is read-only.  Returns true if it was there and is
 * deleted, or stays only because the store is read-only; else false. */
static bool
sweep_image(int store, const char *dir, unsigned number)
{
	char path[STORE_PATH_MAX];

	store_image_path(dir, number, path);
	return faccessat(store, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0 &&
	       (store_is_read_only() || store_unlink(store, path) == JB_OK);
}

/* Deletes the images that a crash may have left beside the one with that number, the number in the
 * description.  The next image has new content that was not finished; if there is one, reports that and
 * raises the event `error` (JB_CUT_OFF).  The image before has content that was replaced; logs that it was
 * deleted. */
static void
sweep_images(const struct item *it, const char *dir, unsigned number)
{
	if (sweep_image(it->jb->store, dir, number + 1)) {
		finding_report(it->jb, dir, NULL,
			"writing its new content was cut off: the disc is as before");
		event_error(it, JB_CUT_OFF, NULL);
	}
	if (number > 1 && sweep_image(it->jb->store, dir, number - 1))
		log_info("store", "%s: the image of its old content was still there: deleted",
			it->name);
}

/* Stores the description of an item that start-up has changed, unless the store is read-only.  Returns the
 * store's error. */
static enum jb_err
keep_description(struct item *it)
{
	return store_is_read_only() ? JB_OK : disc_describe(it);
}

/* Classifies image.1 in a directory that somebody made by hand, takes the result into the item, and stores
 * its description.  The item becomes a disc, or an incomplete file.  Returns JB_STORE_FORMAT if there is no
 * image.1, or an error of classify_image or the store. */
static enum jb_err
describe_by_image(struct item *it, const char *dir)
{
	struct image *image;
	struct recording rec = {0};
	bool incomplete = false;
	uint64_t size = 0, blocks = 0;
	enum jb_err err;

	if (faccessat(it->jb->store, store_image_path(dir, 1, (char[STORE_PATH_MAX]){0}), R_OK,
		    0) != 0)
		return JB_STORE_FORMAT;
	err = image_open(it->jb->store, dir, 1, false, 0, &image);
	if (err != JB_OK)
		return err;
	err = image_stat(image, &size, &blocks);
	if (err == JB_OK)
		err = classify_image(it, image, size, &rec, &incomplete);
	image_put(image);
	if (err != JB_OK) {
		recording_fini(&rec);
		return err;
	}
	it->kind = incomplete ? JB_ITEM_INCOMPLETE : JB_ITEM_DISC;
	it->disc.origin = description_origin_of(&rec);
	disc_state_assign(&it->disc, &rec, size, blocks);
	return keep_description(it);
}

/* Gives the description of a link to the item: its size, mode 0444, and its hash unless that is of another
 * size or time.  Does not open the file that it refers to, because start-up must not wait for anything
 * outside the store.  Takes the content of *d.  Returns JB_OK. */
static enum jb_err
load_link(struct item *it, struct description *d)
{
	uint64_t size = d->link->size;

	description_apply(it, d);
	if (!digest_fits(&it->disc.digest, it->link->size, it->link->mtime_ns))
		it->disc.digest.sha256[0] = '\0';
	it->mode = 0444;
	it->disc.size = size;
	disc_state_publish(&it->disc);
	return JB_OK;
}

/*
 * Gives the description *d, which was loaded from dir, to the item, and repairs the disc if its image does
 * not agree.  Deletes images that a crash has left (sweep_images), and forgets a hash that is not of this
 * image.  Returns JB_STORE_FORMAT if there is no image, JB_TRUNCATED if the image of recorded content is
 * empty.  If the item got another id than *d has, stores that, and returns the store's error.  Takes or frees
 * the content of *d.
 */
static enum jb_err
load_cartridge(struct item *it, const char *dir, struct description *d)
{
	char path[STORE_PATH_MAX];
	struct stat st;
	bool renumbered = it->id != d->id;
	uint64_t described;
	enum jb_err err;

	if (d->link != NULL) {
		err = load_link(it, d);
		return err == JB_OK && renumbered ? keep_description(it) : err;
	}

	if (fstatat(it->jb->store, store_image_path(dir, d->image, path), &st,
		    AT_SYMLINK_NOFOLLOW) != 0 ||
		!S_ISREG(st.st_mode)) {
		description_fini(d);
		return JB_STORE_FORMAT;
	}
	if (st.st_size == 0 && d->own.final && recording_bytes(&d->own) > 0) {
		description_fini(d);
		return JB_TRUNCATED;
	}
	sweep_images(it, dir, d->image);
	described = recording_sectors(&d->own, recording_bytes(&d->own));
	description_apply(it, d);
	it->disc.blocks = (uint64_t)st.st_blocks;
	if (!digest_fits(&it->disc.digest, (uint64_t)st.st_size,
		    (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec))
		it->disc.digest.sha256[0] = '\0';
	disc_repair(it, (uint64_t)st.st_size);
	volume_size_notice(it, described, (uint64_t)st.st_size);
	/* Somebody copied the directory of a disc by hand: the copy is another disc, with an id of its own. */
	return renumbered ? keep_description(it) : JB_OK;
}

/* Makes an item of the directory ELEMENT/NAME, and puts it into the element, which has no occupant, and a
 * disc into the element's drive if there is one.  Finishes an insert that was cut off (finish_pending),
 * describes an image without a description, and corrects the disc's name.  Returns why it cannot; then the
 * element stays empty and the directory is there for a person to look at. */
static enum jb_err
scan_cartridge(struct jukebox *jb, struct element *el, const char *name)
{
	char where[32], dir[STORE_PATH_MAX];
	struct description d;
	struct item *it;
	enum jb_err err, loaded;

	store_join(jb_elem_str(el->at, where), name, dir);
	loaded = description_load(jb, dir, DISC_FILE, &d);
	if (loaded != JB_OK && loaded != JB_NO_ITEM)
		return loaded;
	err = loaded == JB_OK ? finish_pending(jb, dir, &d) : JB_OK;
	if (err != JB_OK) {
		description_fini(&d);
		return err;
	}
	it = item_new(jb, loaded == JB_OK ? d.id : 0, name);
	if (it == NULL) {
		description_fini(&d);
		return JB_NO_MEMORY;
	}
	it->elem = el;
	err = loaded == JB_OK ? load_cartridge(it, dir, &d) : describe_by_image(it, dir);
	if (err == JB_OK)
		correct_name_apply_at_start(it);
	if (err == JB_OK && el->drive != NULL && it->kind == JB_ITEM_DISC)
		err = item_pin_image(it, NULL);
	/* The last owner may have written to it, and died before it synced that. */
	if (it->disc.image != NULL)
		it->disc.unsynced = it->disc.image->writable;
	jb_enter(jb);
	if (err == JB_OK) {
		el->occupant = it;
		if (el->drive != NULL && it->kind == JB_ITEM_DISC)
			drive_put_disc(el->drive, it, NULL);
	} else {
		it->elem = NULL;
	}
	jb_leave(jb);
	if (err != JB_OK)
		item_unref(it);
	return err;
}

enum jb_err
scan_entry(struct jukebox *jb, struct element *el, const char *name)
{
	char where[32], path[STORE_PATH_MAX];
	struct stat st;
	bool taken;

	/* This belongs to a BIN file in this directory, which reads it (classify_bin.c). */
	if (name[0] == '.' && name_is_beside(name))
		return JB_OK;
	if (name_check(name) != JB_OK || name[0] == '.')
		return JB_BAD_NAME;
	store_join(jb_elem_str(el->at, where), name, path);
	if (fstatat(jb->store, path, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return JB_STORE_READ;
	jb_enter(jb);
	taken = el->occupant != NULL;
	jb_leave(jb);
	/* A disc of an earlier version may have a name that is a temporary one now.  It stays a disc.  A file that is
	 * none, such as the sheet of the disc that is there, does not make that one doubtful. */
	if (!S_ISDIR(st.st_mode) && (jb_name_is_staging(name) || (taken && name_is_beside(name))))
		return JB_BAD_NAME;
	if (taken)
		return JB_ELEMENT_FULL;
	if (S_ISDIR(st.st_mode))
		return scan_cartridge(jb, el, name);
	if (!S_ISREG(st.st_mode))
		return JB_NOT_A_DISC;
	if (!store_is_read_only())
		return recover_loose_file(jb, el, name);
	/* That is no damage: a start makes a disc of it. */
	return jb->finding != NULL ? JB_OK : JB_STORE_READ_ONLY;
}

/* Reads the directory of the element, or makes it if it is missing and the store is not read-only.  Shows
 * what is not valid there, or a directory that cannot be read, as unreadable (damage_take).  Returns an error
 * only if the directory cannot be made. */
static enum jb_err
scan_element(struct jukebox *jb, struct element *el)
{
	char where[32];
	char **names;
	size_t count;
	enum jb_err err;

	jb_elem_str(el->at, where);
	/* A missing directory is made.  It has no names to read. */
	if (faccessat(jb->store, where, F_OK, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT)
		return store_is_read_only() ? JB_OK : store_mkdir(jb->store, where);
	err = store_names(jb->store, where, &names, &count);
	if (err != JB_OK) {
		damage_take(jb, el, NULL, err);
		return JB_OK;
	}
	for (size_t i = 0; i < count; i++) {
		err = scan_entry(jb, el, names[i]);
		if (err != JB_OK)
			damage_take(jb, el, names[i], err);
	}
	store_free_names(names, count);
	return JB_OK;
}

/* Reports each entry of each folder in lost+found, where rm (remove.c) or a file system check has put it; and
 * each entry of lost+found that is no folder.  Does nothing if lost+found cannot be read. */
static void
report_lost(struct jukebox *jb)
{
	char dir[STORE_PATH_MAX], path[STORE_PATH_MAX];
	char **ids, **names;
	size_t nids, count;

	/* That of a file system is closed to all but root, and mostly empty. */
	if (faccessat(jb->store, LOST_DIR, R_OK | X_OK, AT_SYMLINK_NOFOLLOW) != 0 ||
		store_names(jb->store, LOST_DIR, &ids, &nids) != JB_OK)
		return;
	for (size_t i = 0; i < nids; i++) {
		struct stat st;

		store_join(LOST_DIR, ids[i], dir);
		if (fstatat(jb->store, dir, &st, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		if (!S_ISDIR(st.st_mode)) {
			finding_report(jb, dir, NULL, "%s", LOST_TEXT);
			continue;
		}
		if (store_names(jb->store, dir, &names, &count) != JB_OK)
			continue;
		for (size_t n = 0; n < count; n++)
			finding_report(jb, store_join(dir, names[n], path), NULL, "%s", LOST_TEXT);
		store_free_names(names, count);
	}
	store_free_names(ids, nids);
}

/* Syncs the directory of the elements of that type.  Returns the store's error; JB_OK, and does nothing, if
 * it is no folder, which scan_counts has reported. */
static enum jb_err
sync_type(struct jukebox *jb, enum jb_elem_type type)
{
	struct stat st;

	if (fstatat(jb->store, jb_elem_dir(type), &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		!S_ISDIR(st.st_mode))
		return JB_OK;
	return store_sync_dir(jb->store, jb_elem_dir(type));
}

enum jb_err
scan_store(struct jukebox *jb)
{
	enum jb_err err = store_mkdir(jb->store, INCOMING_DIR);

	if (err == JB_OK)
		err = store_mkdir(jb->store, "ctl");
	if (err == JB_STORE_READ_ONLY)
		err = JB_OK;
	for (unsigned t = JB_PICKER; t < ELEM_TYPES && err == JB_OK; t++) {
		for (unsigned i = 0; i < jb->counts[t] && err == JB_OK; i++)
			err = scan_element(jb, element_at(jb, (enum jb_elem_type)t, i));
		if (err == JB_OK)
			err = sync_type(jb, (enum jb_elem_type)t);
	}
	report_lost(jb);
	if (err == JB_OK)
		err = store_sync_dir(jb->store, ".");
	return err == JB_OK ? recover_incoming(jb) : err;
}
