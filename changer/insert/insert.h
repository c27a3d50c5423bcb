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
/* Creates a file in a claimed folder of parts, and opens it, as jb_folder_create does, with the same
 * errors. */
enum jb_err insert_create_part(struct item *folder, const char *name, mode_t mode, uid_t uid,
	gid_t gid, struct jb_file **out, struct jb_item *item) EXCLUDES(jb_lock);
/* Frees the insert and its reference to the image.  ins may be NULL. */
void insert_free(struct insert *ins);
/* Ends the insert of an item without a commit, and frees it.  Claim held, or the item is out of the
 * inventory. */
void insert_end(struct item *disc) EXCLUDES(jb_lock);
/*
 * Returns how many bytes the item's new content may have if it gets that name.  For a disc this is
 * its capacity.  For any other item it is the capacity of the largest disc of the medium in the name,
 * or of a BD-ROM if the name has none.  A sector of a CD counts 2352 bytes, because the file may be a
 * BIN.
 */
uint64_t insert_limit(const struct item *it, const char *name);
/* Syncs the written data, and stores a description with an intent if the content can be a disc.
 * Takes the write side of io.  Returns JB_OK; why data was lost, which each later flush returns
 * again; why data could not be made durable; or why the content is no disc.  [blocks] */
enum jb_err insert_flush(struct item *it);
/*
 * Begins a change of the content that ends before the offset `end`; a writer must call it first.
 * Withdraws the intent, durably, and notes that the content changes.  On JB_OK the read side of io is
 * held, and the caller must call insert_end_write.  Returns JB_TOO_LARGE if the medium does not hold
 * `end` bytes, or not those of all parts of the item's folder; the file then becomes incomplete.  Else
 * returns the store's error.  [blocks]
 */
enum jb_err insert_begin_write(struct item *it, uint64_t end);
/* Ends what insert_begin_write began, and releases io.  If the size is below `end`, raises it to
 * `end`.  If failed is true, leaves the size, and the file becomes incomplete.  Sets mtime and
 * ctime; may raise the event `insert-progress`, and start write-back. */
void insert_end_write(struct item *it, uint64_t end, bool failed);
/* Records that data was written up to the offset `end`.  If a larger size was set before, more data
 * must follow now. */
void insert_wrote(struct insert *ins, uint64_t end);
/* Records that the size is going to be set without data, before ins->size changes.  ahead: space was
 * reserved for data (fallocate), so data must follow.  A size that truncate sets may also be that of a
 * hole at the end, which cp --sparse makes so. */
void insert_set_size(struct insert *ins, uint64_t size, bool ahead);
/* Fills *d with the description of the item after its commit, as a disc with the recording rec, or as an
 * incomplete file.  An item in an element gets an intent, whose size the caller sets: by it the
 * next start also keeps an incomplete file.  *d borrows rec and the item's texts.  Keep the item still (lock.h). */
void insert_describe(struct item *it, const struct recording *rec, bool incomplete,
	struct description *d) EXCLUDES(jb_lock);
/* Stores in the file's directory the description by which the next start keeps it as an incomplete one.  Returns
 * the store's error.  Claim held.  [blocks] */
enum jb_err insert_store_kept(struct item *it) EXCLUDES(jb_lock);
/* Does the same for a file that stays in incoming/, as far as it is needed: if that description cannot be stored,
 * because the store is full for one, returns JB_OK all the same if the next start cannot make a disc of the file. */
enum jb_err insert_stay_incomplete(struct item *it) EXCLUDES(jb_lock);
/* Deletes that file, DISC_FILE or PENDING_FILE, in the item's directory, durably: its intent is not carried out.
 * One that is not there is not an error.  Returns the store's error.  Claim held, or the write side of io.
 * [blocks] */
enum jb_err insert_drop_description(struct item *it, const char *file);
/* Syncs the image of a file that is being written.  If it has no intent, stores that it is to be kept as an
 * incomplete file.  Returns the store's error.  Takes the write side of io.  [blocks] */
enum jb_err insert_fsync(struct item *it);
/* Syncs the content, classifies it into *rec and *incomplete, and stores a description with an intent
 * unless it is incomplete.  Updates the size; if written data was lost, the file is damaged.  A part
 * of a folder only gets its description.  Nothing is stored for another staged file, a removed file,
 * or for a blank disc to which nothing was written.  Returns the store's error, or why the content is
 * no disc.  *rec must be zero; the caller frees it, whatever is returned.  Hold the write side of io,
 * or the claim when no writer is left.  [blocks] */
enum jb_err insert_write_down(struct item *it, struct recording *rec, bool *incomplete);

#endif
