/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Handles of open files: CREATE, OPEN, writing, close and release.  changer/file.h has the interface.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "changer/base/clock.h"
#include "changer/insert/commit.h"
#include "changer/insert/insert.h"
#include "changer/insert/remove.h"
#include "changer/inventory/model.h"
#include "changer/inventory/name.h"
#include "changer/store/store.h"

enum {
	COPY_MAX = 64 << 20, /* bytes of one jb_file_copy, which no signal interrupts */
	COPY_CHUNK = 1 << 20,
};

struct jb_file {
	struct item *item;
	struct image *image;
	bool writable; /* opened for writing */
	bool pinned;   /* the handle is a user of item->disc.image (item_pin_image) */
};

/* ---- CREATE ---------------------------------------------------------------------------------- */

/* Checks a temporary name of rsync, which has the final name in it.  If the final rename would be refused,
 * refuses here, before a disc is transferred: returns JB_ELEMENT_FULL if the element has another disc,
 * JB_LOADED if that disc is in a drive.  Returns JB_OK for any other name, a sheet's, or an empty element. */
static enum jb_err
admit_rsync(const struct element *el, const char *name) REQUIRES(jb_lock)
{
	const struct item *there = el->occupant;

	if (there == NULL || !name_is_rsync(name) || name_is_rsync_of_sheet(name))
		return JB_OK;
	if (!name_is_rsync_of(name, there->name))
		return JB_ELEMENT_FULL;
	return el->drive != NULL ? JB_LOADED : JB_OK;
}

/* Checks that a file of that name may be created in the element, and sets *place to where to put it: the
 * occupant, or a free place for a staged file.  Returns JB_IS_FIXED for the picker, JB_NO_ELEMENT if the
 * element was removed, JB_STAGING_LIMIT if there are JB_STAGED_MAX staged files, JB_BUSY_WRITER for the name
 * of a staged one, or the errors of name_fits, admit_rsync, element_admits_hand and element_admits. */
static enum jb_err
admit_create(struct jukebox *jb, struct element *el, const char *name, struct item ***place)
	REQUIRES(jb_lock)
{
	if (el->at.type == JB_PICKER)
		return JB_IS_FIXED;
	if (el->gone)
		return JB_NO_ELEMENT;
	if (jb_name_is_staging(name)) {
		*place = element_staged_place(el);
		if (*place == NULL)
			return JB_STAGING_LIMIT;
		return element_item(el, name) != NULL ? JB_BUSY_WRITER : admit_rsync(el, name);
	}
	*place = &el->occupant;
	if (name_fits(name, false) != JB_OK)
		return name_fits(name, false);
	if (element_admits_hand(jb, el) != JB_OK)
		return element_admits_hand(jb, el);
	return element_admits(el);
}

/* Puts the new item into the element, as staged or as incoming by its name; claimed, and with one writer.
 * Returns the errors of admit_create; then it is in no element. */
static enum jb_err
reserve_place(struct item *it, struct element *el) EXCLUDES(jb_lock)
{
	struct item **place;
	enum jb_err err;

	jb_enter(it->jb);
	err = admit_create(it->jb, el, it->name, &place);
	if (err == JB_OK) {
		element_put(el, place, it,
			jb_name_is_staging(it->name) ? JB_ITEM_STAGED : JB_ITEM_INCOMING);
		it->writers = 1;
	}
	jb_leave(it->jb);
	return err;
}

/* Puts the new item into the folder as a part: staged, claimed, and with one writer; the folder counts as
 * looked at (folder_touch).  Returns JB_PARTS_LIMIT if the folder is full, JB_BUSY_WRITER if it has a file of
 * that name; then the item is in no element.  Claim of the folder held. */
static enum jb_err
reserve_part(struct item *it, struct item *folder) EXCLUDES(jb_lock)
{
	struct item **place;
	enum jb_err err = JB_OK;

	jb_enter(it->jb);
	place = folder_place(folder);
	if (place == NULL)
		err = JB_PARTS_LIMIT;
	else if (folder_part(folder, it->name) != NULL)
		err = JB_BUSY_WRITER;
	if (err == JB_OK) {
		element_put(folder->elem, place, it, JB_ITEM_STAGED);
		it->in = folder;
		it->writers = 1;
		folder_touch(folder);
	}
	jb_leave(it->jb);
	return err;
}

enum jb_err
insert_make_file(struct item *it)
{
	char dir[STORE_PATH_MAX];
	struct image *image = NULL;
	struct insert *ins = NULL;
	enum jb_err err = store_mkdir(it->jb->store, store_incoming_path(it->id, dir));

	if (err == JB_OK)
		err = image_open(it->jb->store, dir, 1, true, O_CREAT | O_EXCL, &image);
	if (err == JB_OK) {
		ins = insert_new(it, image, 1);
		if (ins == NULL) {
			image_put(image);
			err = JB_NO_MEMORY;
		}
	}
	if (err != JB_OK)
		remove_incoming(it->jb, it->id);
	jb_enter(it->jb);
	it->insert = ins;
	if (err != JB_OK)
		item_drop(it);
	item_unclaim(it);
	jb_leave(it->jb);
	return err;
}

/* Creates a file in the element; if el is NULL, in the folder, which is claimed.  *out becomes a writable
 * handle, and *item (NULL: none) the new item.  Of mode, takes the bits 0777.  Returns the errors of
 * name_check, reserve_place or reserve_part, JB_NO_MEMORY, or the store's; then *out and *item stay. */
static enum jb_err
create_in(struct jukebox *jb, struct element *el, struct item *folder, const char *name,
	mode_t mode, uid_t uid, gid_t gid, struct jb_file **out, struct jb_item *item)
{
	enum jb_err err = name_check(name);
	struct jb_file *f;
	struct item *it;

	if (err != JB_OK)
		return err;
	f = calloc(1, sizeof(*f));
	it = f == NULL ? NULL : item_new(jb, 0, name);
	if (it == NULL) {
		free(f);
		return JB_NO_MEMORY;
	}
	/* The kernel leaves it to the file system to clear the set-user-id bits. */
	it->mode = mode & 0777;
	it->uid = uid;
	it->gid = gid;
	err = el != NULL ? reserve_place(it, el) : reserve_part(it, folder);
	if (err == JB_OK)
		err = insert_make_file(it);
	if (err != JB_OK) {
		free(f);
		item_unref(it);
		return err;
	}
	f->item = it;
	f->writable = true;
	f->image = image_get(it->insert->image);
	jb_enter(jb);
	item_ref(it);
	if (item != NULL)
		item_fill(it, item);
	jb_leave(jb);
	*out = f;
	return JB_OK;
}

enum jb_err
jb_file_create(struct jukebox *jb, struct jb_elem e, const char *name, mode_t mode, uid_t uid,
	gid_t gid, struct jb_file **out, struct jb_item *item)
{
	struct element *el = element_find(jb, e);

	if (el == NULL)
		return JB_NO_ELEMENT;
	jb->look_again(jb);
	return create_in(jb, el, NULL, name, mode, uid, gid, out, item);
}

enum jb_err
insert_create_part(struct item *folder, const char *name, mode_t mode, uid_t uid, gid_t gid,
	struct jb_file **out, struct jb_item *item)
{
	return create_in(folder->jb, NULL, folder, name, mode, uid, gid, out, item);
}

/* ---- OPEN ------------------------------------------------------------------------------------ */

/* Checks that the item may be opened for writing.  A disc must be blank (else JB_RECORDED), not protected
 * (else why, by disc_protection), and not in a drive (else JB_LOADED_CLOSED).  Claim held. */
static enum jb_err
may_write(struct item *it)
{
	if (it->kind != JB_ITEM_DISC)
		return JB_OK;
	if (!it->disc.unrecorded)
		return JB_RECORDED;
	if (disc_protected(&it->disc))
		return disc_protection(&it->disc);
	return it->elem->drive != NULL ? JB_LOADED_CLOSED : JB_OK;
}

/* Stores that the file is incomplete (insert_stay_incomplete), since a failed commit may have left an intent,
 * then renames its directory back to incoming/ID, unless it is there, and clears `damaged`.  After a crash
 * the next start shows it as incomplete again.  Returns the store's error; then `damaged` stays.  The caller
 * sets it->at_incoming.  Claim held. */
static enum jb_err
resume_incomplete(struct item *it)
{
	char from[STORE_PATH_MAX], to[STORE_PATH_MAX];
	enum jb_err err = insert_stay_incomplete(it);

	if (err == JB_OK && !it->at_incoming)
		err = store_rename(
			it->jb->store, item_path(it, from), store_incoming_path(it->id, to));
	if (err == JB_OK)
		it->damaged = false;
	return err;
}

/* Gives an item that no program writes an insert.  A blank disc gets a new image; a staged or incomplete file
 * goes on with its own.  The item's kind becomes INCOMING, unless it is staged, and its mark `imported` is
 * cleared.  Of a blank disc or a staged file, first deletes the description with the intent that a failed
 * insert may have left.  Returns JB_NO_MEMORY or the store's error; the kind is then what it was, but an
 * incomplete file may be at incoming/ID now.  Claim held. */
static enum jb_err
begin_insert(struct item *it) EXCLUDES(jb_lock)
{
	struct jukebox *jb = it->jb;
	bool over = it->kind == JB_ITEM_DISC, resumed = it->kind == JB_ITEM_INCOMPLETE;
	unsigned number = it->disc.image_number + (over ? 1 : 0);
	char dir[STORE_PATH_MAX];
	struct image *image;
	struct insert *ins;
	enum jb_err err = resumed ? resume_incomplete(it) : JB_OK;

	/* An insert that failed may have left its intent, which is not about what is written now. */
	if (over || (it->kind == JB_ITEM_STAGED && it->in == NULL))
		err = insert_drop_description(it, over ? PENDING_FILE : DISC_FILE);
	if (err != JB_OK)
		return err;
	if (resumed) {
		jb_enter(jb);
		it->at_incoming = true;
		it->kind = JB_ITEM_INCOMING;
		jb_leave(jb);
	}
	err = image_open(
		jb->store, item_path(it, dir), number, true, over ? O_CREAT | O_TRUNC : 0, &image);
	ins = err == JB_OK ? insert_new(it, image, number) : NULL;
	if (err == JB_OK && ins == NULL) {
		image_put(image);
		err = JB_NO_MEMORY;
	}
	jb_enter(jb);
	if (err == JB_OK) {
		ins->over = over;
		ins->resumed = resumed;
		/* A part that was closed is described already.  The first write withdraws that. */
		ins->intent = it->in != NULL && !it->damaged;
		ins->dirty = ins->intent;
		/* The new content has not been imported. */
		it->imported = false;
		it->insert = ins;
		if (it->kind != JB_ITEM_STAGED)
			it->kind = JB_ITEM_INCOMING;
	} else if (resumed) {
		it->kind = JB_ITEM_INCOMPLETE;
	}
	jb_leave(jb);
	return err;
}

/* Sets the size of the file in bytes, which the caller has open for writing, also to a smaller one.  With 0,
 * the file counts as new: forgets that it is damaged or has lost data.  Returns the errors of
 * insert_begin_write; or the store's, and then the size stays and the file is marked as damaged. */
static enum jb_err
cut_file(struct item *it, uint64_t size)
{
	enum jb_err err = insert_begin_write(it, size);

	if (err != JB_OK)
		return err;
	if (ftruncate(it->insert->image->fd, (off_t)size) != 0)
		err = jb_err_from_errno(errno, JB_STORE_WRITE);
	insert_end_write(it, 0, err != JB_OK);
	if (err != JB_OK)
		return err;
	insert_set_size(it->insert, size, false);
	it->insert->size = size;
	/* The content is gone, so earlier errors do not matter any more. */
	if (size == 0) {
		it->damaged = false;
		it->insert->lost = JB_OK;
	}
	return JB_OK;
}

/* Gives f a reference to the image that programs write to, makes f writable and one more writer of its item,
 * and clears it->closing.  Makes the insert if there is none.  Returns the errors of may_write and
 * begin_insert; then f has not changed.  Claim held. */
static enum jb_err
open_writable(struct jb_file *f) EXCLUDES(jb_lock)
{
	struct item *it = f->item;
	enum jb_err err = may_write(it);

	if (err == JB_OK && it->insert == NULL)
		err = begin_insert(it);
	if (err != JB_OK)
		return err;
	f->image = image_get(it->insert->image);
	f->writable = true;
	jb_enter(it->jb);
	it->writers++;
	jb_leave(it->jb);
	it->closing = false;
	return JB_OK;
}

/* Gives f the item's image for reading: the one that programs write to if there is one, else the disc's,
 * which f pins.  Returns the errors of item_pin_image.  Claim held. */
static enum jb_err
open_readable(struct jb_file *f) EXCLUDES(jb_lock)
{
	struct item *it = f->item;
	enum jb_err err;

	if (it->insert != NULL) {
		f->image = image_get(it->insert->image);
		return JB_OK;
	}
	err = item_pin_image(it, &f->image);
	f->pinned = err == JB_OK;
	return err;
}

/* Does what open_readable does if the image is open already.  This needs no claim, so it does not wait for a
 * move.  Returns false, and leaves f, if neither a program writes the item nor its disc's image is open. */
static bool
share_open_image(struct jb_file *f) REQUIRES(jb_lock)
{
	struct item *it = f->item;

	if (it->insert != NULL) {
		f->image = image_get(it->insert->image);
	} else if (it->disc.image != NULL) {
		f->image = image_get(it->disc.image);
		f->pinned = true;
		it->pins++;
	}
	return f->image != NULL;
}

/* Gives f its image.  Returns the errors of open_writable or open_readable.  Claim held; this function gives
 * it back, also after an error. */
static enum jb_err
open_claimed(struct jb_file *f, bool writable) EXCLUDES(jb_lock)
{
	enum jb_err err = writable ? open_writable(f) : open_readable(f);

	jb_enter(f->item->jb);
	item_unclaim(f->item);
	jb_leave(f->item->jb);
	return err;
}

/* Returns JB_OK if the item is one that programs open.  Returns JB_UNREADABLE for one that cannot be read;
 * JB_NOT_A_DISC for a folder, and for a link, which the kernel follows itself; JB_NO_ITEM for a part that is
 * in a disc now; JB_BEING_INSERTED if the file would be opened for writing and a disc is being made of it, or
 * it is that disc. */
static enum jb_err
may_open(const struct item *it, bool writable) REQUIRES(jb_lock)
{
	if (it->kind == JB_ITEM_UNREADABLE)
		return JB_UNREADABLE;
	if (it->link != NULL || it->folder != NULL)
		return JB_NOT_A_DISC;
	if (it->ghost)
		return JB_NO_ITEM;
	return writable && (it->used || it->importing) ? JB_BEING_INSERTED : JB_OK;
}

enum jb_err
jb_file_open(struct jukebox *jb, uint64_t id, bool writable, bool truncate, struct jb_file **out)
{
	struct timespec deadline = jb_deadline(CLOSING_WAIT_MS);
	/* A file that was just closed is about to become a disc, which a second cp must not write to. */
	struct timespec release = jb_deadline(RELEASE_WAIT_MS);
	struct jb_file *f = calloc(1, sizeof(*f));
	bool shared;
	enum jb_err err;

	if (f == NULL)
		return JB_NO_MEMORY;
	if (writable)
		jb->look_again(jb);
	jb_enter(jb);
	f->item = item_by_id(jb, id);
	err = f->item == NULL ? JB_NO_ITEM : may_open(f->item, writable);
	if (err != JB_OK) {
		jb_leave(jb);
		free(f);
		return err;
	}
	item_ref(f->item);
	if (writable && f->item->kind == JB_ITEM_INCOMING)
		item_await_writers(f->item, &release);
	shared = !writable && share_open_image(f);
	err = shared ? JB_OK : item_claim(f->item, &deadline);
	/* While this waited, its writer may have released it, and a disc is made of it now. */
	if (err == JB_OK && !shared) {
		err = may_open(f->item, writable);
		if (err != JB_OK)
			item_unclaim(f->item);
	}
	jb_leave(jb);
	if (err == JB_OK && !shared)
		err = open_claimed(f, writable);
	if (err != JB_OK) {
		item_unref(f->item);
		free(f);
		return err;
	}
	if (writable && truncate)
		err = cut_file(f->item, 0);
	if (err != JB_OK)
		jb_file_release(f);
	else
		*out = f;
	return err;
}

bool
jb_file_writable(const struct jb_file *f)
{
	return f->writable;
}

bool
jb_file_changing(const struct jb_file *f)
{
	/* A handle that is not pinned is of a file that programs write, or wrote when it was opened. */
	return !f->pinned || !f->item->disc.sealed;
}

int
jb_file_fd(const struct jb_file *f)
{
	return f->image->fd;
}

/* ---- writing --------------------------------------------------------------------------------- */

enum jb_err
jb_file_write(struct jb_file *f, const void *data, size_t size, uint64_t offset)
{
	enum jb_err err;

	if (!f->writable)
		return JB_RECORDED;
	if (offset > INT64_MAX - size)
		return JB_TOO_LARGE;
	err = insert_begin_write(f->item, offset + size);
	if (err != JB_OK)
		return err;
	err = image_write(f->image, data, size, offset);
	if (err == JB_OK)
		insert_wrote(f->item->insert, offset + size);
	insert_end_write(f->item, offset + size, err != JB_OK);
	return err;
}

enum jb_err
jb_file_truncate(struct jukebox *jb, uint64_t id, uint64_t size)
{
	struct jb_file *f;
	enum jb_err err = jb_file_open(jb, id, true, false, &f);

	if (err != JB_OK)
		return err;
	err = size > INT64_MAX ? JB_TOO_LARGE : cut_file(f->item, size);
	/* No close follows, and the commit does not describe a part. */
	if (err == JB_OK && f->item->in != NULL)
		err = insert_flush(f->item);
	jb_file_release(f);
	return err;
}

enum jb_err
jb_file_allocate(struct jb_file *f, int mode, uint64_t offset, uint64_t length)
{
	uint64_t size;
	enum jb_err err;

	if (!f->writable)
		return JB_RECORDED;
	if ((mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE)) != 0)
		return JB_NOT_SUPPORTED;
	if (length > INT64_MAX || offset > INT64_MAX - length)
		return JB_TOO_LARGE;
	err = insert_begin_write(f->item, offset + length);
	if (err != JB_OK)
		return err;
	if (fallocate(f->image->fd, mode, (off_t)offset, (off_t)length) != 0)
		err = errno == EOPNOTSUPP ? JB_NOT_SUPPORTED
					  : jb_err_from_errno(errno, JB_STORE_WRITE);
	if (err != JB_OK || image_stat(f->image, &size, NULL) != JB_OK)
		size = 0;
	if (err == JB_OK && mode == 0 && size > f->item->insert->size)
		insert_set_size(f->item->insert, size, true);
	else if (err == JB_OK && (mode & FALLOC_FL_ZERO_RANGE) != 0)
		insert_wrote(f->item->insert, offset + length);
	/* A program whose mode is not supported writes instead, so the file is not damaged. */
	insert_end_write(f->item, size, err != JB_OK && err != JB_NOT_SUPPORTED);
	return err;
}

/* Does what copy_range does by reading and writing, for a file system that cannot copy.  Adds to *copied,
 * also before an error.  Returns JB_OK at the end of the file, JB_NO_MEMORY, or a read's or write's error. */
static enum jb_err
copy_by_hand(int in, uint64_t in_offset, const struct image *out, uint64_t out_offset,
	size_t length, size_t *copied)
{
	char *buf = malloc(COPY_CHUNK);
	enum jb_err err = JB_OK;

	if (buf == NULL)
		return JB_NO_MEMORY;
	while (*copied < length && err == JB_OK) {
		size_t want = length - *copied < COPY_CHUNK ? length - *copied : COPY_CHUNK;
		ssize_t n = pread(in, buf, want, (off_t)(in_offset + *copied));

		if (n < 0)
			err = jb_err_from_errno(errno, JB_STORE_READ);
		if (n <= 0)
			break;
		err = image_write(out, buf, (size_t)n, out_offset + *copied);
		if (err == JB_OK)
			*copied += (size_t)n;
	}
	free(buf);
	return err;
}

/* Copies length bytes from the descriptor `in` to the image out.  *copied must be 0; it counts the copied
 * bytes, also after an error.  Fewer than length are copied at the end of the file, or if the file system
 * stops early.  Returns the store's error. */
static enum jb_err
copy_range(int in, uint64_t in_offset, const struct image *out, uint64_t out_offset, size_t length,
	size_t *copied)
{
	off_t from = (off_t)in_offset, to = (off_t)out_offset;
	ssize_t n = copy_file_range(in, &from, out->fd, &to, length, 0);

	if (n >= 0) {
		*copied = (size_t)n;
		return JB_OK;
	}
	if (errno == EXDEV || errno == EINVAL || errno == EOPNOTSUPP || errno == ENOSYS)
		return copy_by_hand(in, in_offset, out, out_offset, length, copied);
	return jb_err_from_errno(errno, JB_STORE_WRITE);
}

enum jb_err
jb_file_copy(struct jb_file *in, uint64_t in_offset, struct jb_file *out, uint64_t out_offset,
	size_t length, size_t *copied)
{
	uint64_t size;
	enum jb_err err;

	*copied = 0;
	if (!out->writable)
		return JB_RECORDED;
	err = image_stat(in->image, &size, NULL);
	if (err != JB_OK || in_offset >= size)
		return err;
	if (length > COPY_MAX)
		length = COPY_MAX;
	if (length > size - in_offset)
		length = (size_t)(size - in_offset);
	if (out_offset > INT64_MAX - length)
		return JB_TOO_LARGE;
	err = insert_begin_write(out->item, out_offset + length);
	if (err != JB_OK)
		return err;
	err = copy_range(in->image->fd, in_offset, out->image, out_offset, length, copied);
	if (*copied > 0)
		insert_wrote(out->item->insert, out_offset + *copied);
	insert_end_write(out->item, *copied > 0 ? out_offset + *copied : 0, err != JB_OK);
	return err;
}

/* ---- the end --------------------------------------------------------------------------------- */

enum jb_err
jb_file_flush(struct jb_file *f, bool killed)
{
	struct item *it = f->item;
	enum jb_err err = JB_OK;

	if (!f->writable)
		return JB_OK;
	it->closed_ms = clock_ms();
	it->closing = true;
	if (killed)
		it->damaged = true;
	else
		err = insert_flush(it);
	jb_enter(it->jb);
	jb_changed(it->jb);
	jb_leave(it->jb);
	return err;
}

enum jb_err
jb_file_fsync(struct jb_file *f)
{
	enum jb_err err = f->writable ? insert_fsync(f->item) : image_sync(f->image);

	if (err != JB_OK && f->writable)
		f->item->damaged = true;
	return err;
}

void
jb_file_release(struct jb_file *f)
{
	struct item *it = f->item;
	bool last = false;

	jb_enter(it->jb);
	if (f->writable && --it->writers == 0) {
		/* Waits without limit: an operation that has the claim does not wait for a release. */
		while (it->busy)
			(void)jb_wait_until(it->jb, NULL);
		/* If another program has opened the file in that time, its release will commit. */
		last = it->writers == 0;
		it->busy = last;
	}
	jb_changed(it->jb);
	jb_leave(it->jb);
	if (last)
		insert_commit(it);
	if (f->pinned)
		item_unpin_image(it);
	image_put(f->image);
	item_unref(it);
	free(f);
}

enum jb_err
jb_space(struct jukebox *jb, struct jb_space *out)
{
	struct statvfs fs;

	if (fstatvfs(jb->store, &fs) != 0)
		return jb_err_from_errno(errno, JB_STORE_READ);
	*out = (struct jb_space){
		.block_size = fs.f_frsize,
		.blocks = fs.f_blocks,
		.blocks_free = fs.f_bfree,
		.blocks_available = fs.f_bavail,
	};
	jb_enter(jb);
	for (unsigned t = JB_SLOT; t < ELEM_TYPES; t++) {
		out->elements += jb->counts[t];
		for (unsigned i = 0; i < jb->counts[t]; i++)
			if (element_admits(element_at(jb, (enum jb_elem_type)t, i)) == JB_OK)
				out->elements_empty++;
	}
	jb_leave(jb);
	return JB_OK;
}
