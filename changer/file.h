/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Open files in the elements.  For locks and [blocks] see jukebox.h. */
#ifndef CHANGER_FILE_H
#define CHANGER_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "changer/element.h"
#include "changer/err.h"

struct jb_item;

/*
 * One open file description.  An insert is a state machine per file:
 *
 *	INCOMING  --last writable handle released-->  DISC | INCOMPLETE
 *
 * Call flush when a program closes its file, and release when the kernel drops the handle.  flush makes
 * the data durable, and a note that it is to be inserted (the "intent"), so after close(2) a crash
 * loses nothing.  release commits the insert; it only renames and syncs directories.
 */
struct jb_file;

/* Creates a file in the element (CREATE), incoming, or staged if its name is temporary.  The handle is
 * writable.  *item is the new file; item may be NULL.  Nothing is durable yet.  Returns JB_NAME_TOO_LONG
 * or JB_BAD_NAME if the name is not valid; JB_SHEET_NAME if it ends in .cue; JB_NO_ELEMENT; JB_IS_FIXED
 * for the picker; JB_ELEMENT_FULL or JB_ELEMENT_RESERVED if the element is not free; JB_LOADED if rsync
 * would replace a disc in a drive; JB_MAILSLOTS_LOCKED; JB_STAGING_LIMIT or JB_BUSY_WRITER for a
 * temporary name; JB_NO_MEMORY; or the store's error.  The caller ends with jb_file_release. */
enum jb_err jb_file_create(struct jukebox *jb, struct jb_elem e, const char *name, mode_t mode,
	uid_t uid, gid_t gid, struct jb_file **out, struct jb_item *item);
/*
 * Opens a file (OPEN).  writable is allowed for a file that is incoming, staged or incomplete, and for a
 * blank disc that is not in a drive and not protected; an incomplete file or a blank disc is then
 * incoming.  Else returns JB_RECORDED if something is recorded on it, JB_LOADED_CLOSED if it is in a
 * drive, JB_PROTECTED or JB_PERSISTENT if it is protected; these are EACCES.  truncate empties the file,
 * if writable is true.  Returns JB_NO_ITEM if there is no such file, JB_NOT_A_DISC if it is a link,
 * JB_IN_USE if another operation has it for a second.  The caller ends with jb_file_release.  [blocks]
 */
enum jb_err jb_file_open(
	struct jukebox *jb, uint64_t id, bool writable, bool truncate, struct jb_file **out);
/* Returns true if the handle was opened for writing. */
bool jb_file_writable(const struct jb_file *f);
/* Returns true if the data may change while a program reads it: the file is being written, or an
 * initiator may still record the disc.  Then pages of it must not stay in the kernel's cache. */
bool jb_file_changing(const struct jb_file *f);
/* Returns the descriptor of the image for reading, borrowed until release.  Of a raw disc, it has sectors
 * of 2352 bytes. */
int jb_file_fd(const struct jb_file *f);
/* Writes all or nothing, and withdraws the intent to insert the file.  Takes as long as one write of that
 * size to the store.  Returns JB_RECORDED if the handle is not writable, JB_TOO_LARGE if the medium does
 * not hold so much, or the store's error; after the last two, the file will be incomplete. */
enum jb_err jb_file_write(struct jb_file *f, const void *data, size_t size, uint64_t offset);
/* Sets the size of a file, which must be one that jb_file_open opens writable.  Opens and releases it, so
 * if no program writes it, that inserts it again.  Returns the errors of jb_file_open and jb_file_write.
 * [blocks] */
enum jb_err jb_file_truncate(struct jukebox *jb, uint64_t id, uint64_t size);
/* Does fallocate(2) with that mode, offset and length.  Returns JB_NOT_SUPPORTED if the store's file
 * system or jukeboxd does not know the mode; the file is then not damaged.  Else returns the errors of
 * jb_file_write.  [blocks] */
enum jb_err jb_file_allocate(struct jb_file *f, int mode, uint64_t offset, uint64_t length);
/* Copies length bytes from one file of the store to another one, and shares the blocks if the file system
 * can.  *copied may be less than length: at the end of `in`, or after 64 MiB.  `out` must be writable,
 * else returns JB_RECORDED.  Returns the errors of jb_file_write; *copied counts what was copied before.
 * [blocks] */
enum jb_err jb_file_copy(struct jb_file *in, uint64_t in_offset, struct jb_file *out,
	uint64_t out_offset, size_t length, size_t *copied);
/* Does what close(2) of one descriptor needs: makes the data durable, with the intent to insert it, and
 * marks the file as closing.  If killed is true, a signal ends the process: nothing is synced, and the
 * file becomes incomplete.  Does nothing for a handle that is not writable.  Returns why the data is not
 * durable or the file is not a disc, for close(2) to report; data that was lost is reported at each
 * close.  [blocks] */
enum jb_err jb_file_flush(struct jb_file *f, bool killed);
/* Makes the data durable, but not the intent to insert it: only jb_file_flush does that.  If it fails, a
 * file that is written will be incomplete.  Returns the store's error.  [blocks] */
enum jb_err jb_file_fsync(struct jb_file *f);
/* Frees the handle.  Commits the insert if it was the last writable handle of the file: the file becomes
 * a disc, or incomplete.  Errors of that are logged.  Waits while another operation has the file.
 * [blocks] */
void jb_file_release(struct jb_file *f);

#endif
