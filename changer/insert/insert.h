/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * New content of an item while programs write it: struct insert (inventory/item.h).
 *
 * The description of the content (disc.json) may contain an intent.  It says into which element, and under
 * which name, the next start of the daemon must insert the content, if a crash came after the last close and
 * before the release.
 */
#ifndef CHANGER_INSERT_INSERT_H
#define CHANGER_INSERT_INSERT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "changer/err.h"
#include "changer/inventory/lock.h"

struct description;
struct jb_file;
struct jb_item;
struct image;
struct insert;
struct item;
struct recording;

/*
 * Makes the insert for new content in an open image, which is the file image.N of the item; N is
 * image_number.  On success the insert owns the caller's reference to the image, and the caller stores
 * the insert in it->insert.  What the image has already counts as written.  Returns NULL if memory is
 * missing; then the caller keeps the reference.
 */
struct insert *insert_new(struct item *it, struct image *image, unsigned image_number);
/* Makes the new item's directory incoming/ID with an empty image, and its insert.  If it fails,
 * removes the directory, drops the item, and returns the store's error or JB_NO_MEMORY.  Claim held;
 * this function gives it back, also after an error. */
enum jb_err insert_make_file(struct item *it) EXCLUDES(jb_lock);
/* Creates a file in a claimed folder of parts, and opens it.  *out is then a writable handle, and *item
 * (NULL: none) the new item.  Returns an error of name_check, JB_PARTS_LIMIT if the folder is full,
 * JB_BUSY_WRITER if it has a file of that name, JB_NO_MEMORY, or the store's error; then *out and *item
 * stay. */
enum jb_err insert_create_part(struct item *folder, const char *name, mode_t mode, uid_t uid,
	gid_t gid, struct jb_file **out, struct jb_item *item) EXCLUDES(jb_lock);
/* Frees the insert and its reference to the image.  ins may be NULL. */
void insert_free(struct insert *ins);
/* Ends the insert of an item without a commit: clears it->insert and frees it.  Leaves the item's kind and
 * its files.  Does nothing if there is no insert.  Claim held, or the item is out of the inventory. */
void insert_end(struct item *disc) EXCLUDES(jb_lock);
/*
 * Returns how many bytes the item's new content may have if it gets that name.  For a disc this is
 * its capacity.  For any other item it is the capacity of the largest disc of the medium in the name,
 * or of a BD-ROM if the name has none.  A sector of a CD counts 2352 bytes, because the file may be a
 * BIN.  Takes no lock.
 */
uint64_t insert_limit(const struct item *it, const char *name);
/* Syncs the written data, and stores a description with an intent if the content can be a disc.
 * Stores nothing if the intent is stored and nothing has changed since.  Takes the write side of io.  Returns
 * JB_OK; why data was lost, which each later flush returns again; why data could not be made durable; or why
 * the content is no disc.  The result is also in insert->flushed: after an error, the commit makes the file
 * incomplete.  [blocks] */
enum jb_err insert_flush(struct item *it);
/*
 * Begins a change of the content that ends before the offset `end`; a writer must call it first.
 * Withdraws the intent, durably, and notes that the content changes.  On JB_OK the read side of io is
 * held, and the caller must call insert_end_write.  Returns JB_TOO_LARGE, and marks the item as damaged, if
 * the medium does not hold `end` bytes, or not those of all parts of the item's folder.  Returns the store's
 * error if the intent cannot be withdrawn.  After an error io is not held.  [blocks]
 */
enum jb_err insert_begin_write(struct item *it, uint64_t end);
/* Ends what insert_begin_write began, and releases io.  If the size is below `end`, raises it to
 * `end`.  If failed is true, leaves the size, and marks the item as damaged.  In both cases sets mtime and
 * ctime, and may raise the event `insert-progress` and start write-back.  The size never becomes less. */
void insert_end_write(struct item *it, uint64_t end, bool failed);
/* Records that data was written up to the offset `end`: raises insert->written to it.  If a larger size was
 * set before (insert_set_size), data must now follow up to that size, or the file is incomplete. */
void insert_wrote(struct insert *ins, uint64_t end);
/* Records that the size is going to be set without data.  Call it before ins->size changes; does nothing if
 * the size is the same.  A smaller size also cuts insert->written.  ahead is true if space was reserved for
 * data (fallocate): then the file is incomplete until data reaches the size.  If it is false, the size may be
 * that of a hole at the end, which cp --sparse makes, and only a later insert_wrote demands data. */
void insert_set_size(struct insert *ins, uint64_t size, bool ahead);
/* Fills *d with the description of the item after its commit, as a disc with the recording rec, or as an
 * incomplete file.  An item in an element gets an intent, also an incomplete one; the caller sets the
 * intent's size.  *d borrows rec and the item's texts.  Keep the item still (lock.h). */
void insert_describe(struct item *it, const struct recording *rec, bool incomplete,
	struct description *d) EXCLUDES(jb_lock);
/* Stores in the file's directory the description by which the next start keeps it as an incomplete one.
 * Returns the store's error.  Claim held.  [blocks] */
enum jb_err insert_store_kept(struct item *it) EXCLUDES(jb_lock);
/* Does what insert_store_kept does, for a file that stays in incoming/.  If that fails, returns JB_OK all the
 * same if the stored description says already that the file is incomplete, or if there is none: then the next
 * start makes no disc of it.  Else returns the store's error.  Claim held.  [blocks] */
enum jb_err insert_stay_incomplete(struct item *it) EXCLUDES(jb_lock);
/* Deletes the file (DISC_FILE or PENDING_FILE) in the item's directory, durably, so that no start carries out
 * the intent in it.  A file that does not exist is not an error.  Leaves the flags of the insert.  Returns
 * the store's error.  Claim held, or the write side of io.  [blocks] */
enum jb_err insert_drop_description(struct item *it, const char *file);
/* Syncs the image of a file that is being written.  If no intent is stored, stores durably that the next
 * start keeps it as an incomplete file; not for a staged file, a part, a replacement or a blank disc.
 * Returns the store's error.  Takes the write side of io.  [blocks] */
enum jb_err insert_fsync(struct item *it);
/* Syncs the content, classifies it into *rec and *incomplete, and stores a description with an intent.  An
 * incomplete file is described as one instead.  Updates the size; if written data was lost, marks the item as
 * damaged.  A part of a folder only gets its description.  Nothing is stored for another staged file, a
 * removed file, or a blank disc to which nothing was written.  Returns the store's error, or why the content
 * is no disc.  *rec must be zero and *incomplete false; both stay so if nothing is classified.  The caller
 * frees *rec, whatever is returned.  Hold the write side of io, or the claim when no writer is left.
 * [blocks] */
enum jb_err insert_write_down(struct item *it, struct recording *rec, bool *incomplete);

#endif
