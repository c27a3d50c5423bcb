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

/* Creates a file in the element (CREATE).  The handle is writable.  *item is the new file.  The
 * caller ends with jb_file_release. */
enum jb_err jb_file_create(struct jukebox *jb, struct jb_elem e, const char *name, mode_t mode,
	uid_t uid, gid_t gid, struct jb_file **out, struct jb_item *item);
/*
 * Opens a file (OPEN).  writable is allowed for a file that is incoming, staged or incomplete, and for a
 * blank disc that is not in a drive and not protected.  Else returns JB_RECORDED if something is recorded
 * on it, JB_LOADED_CLOSED if it is in a drive, JB_PROTECTED or JB_PERSISTENT if it is protected; these are
 * EACCES.  Returns JB_NO_ITEM if there is no such file, JB_NOT_A_DISC if it is a link.  The caller ends
 * with jb_file_release.  [blocks]
 */
enum jb_err jb_file_open(
	struct jukebox *jb, uint64_t id, bool writable, bool truncate, struct jb_file **out);
/* Returns true if the handle may write. */
bool jb_file_writable(const struct jb_file *f);
/* Returns true if the data may change while a program reads it.  Then pages of it must not stay in
 * the kernel's cache. */
bool jb_file_changing(const struct jb_file *f);
/* Returns the descriptor for reading, borrowed until release. */
int jb_file_fd(const struct jb_file *f);
/* Writes all or nothing.  Takes as long as one write of that size to the store.  Returns JB_RECORDED if
 * the handle is not writable, JB_TOO_LARGE if the medium does not hold so much. */
enum jb_err jb_file_write(struct jb_file *f, const void *data, size_t size, uint64_t offset);
/* Sets the size of a file, which must be one that jb_file_open opens writable.  [blocks] */
enum jb_err jb_file_truncate(struct jukebox *jb, uint64_t id, uint64_t size);
/* Does fallocate(2) with that mode, offset and length.  Returns JB_NOT_SUPPORTED if the store's file
 * system or jukeboxd does not know the mode.  [blocks] */
enum jb_err jb_file_allocate(struct jb_file *f, int mode, uint64_t offset, uint64_t length);
/* Copies length bytes from one file of the store to another one, and shares the blocks if the file
 * system can.  *copied may be less than length.  [blocks] */
enum jb_err jb_file_copy(struct jb_file *in, uint64_t in_offset, struct jb_file *out,
	uint64_t out_offset, size_t length, size_t *copied);
/* Does what close(2) of one descriptor needs: makes the data durable.  If killed is true, a signal
 * ends the process, and the file becomes incomplete.  Returns why the data is not durable, for
 * close(2) to report.  [blocks] */
enum jb_err jb_file_flush(struct jb_file *f, bool killed);
/* Makes the data durable.  [blocks] */
enum jb_err jb_file_fsync(struct jb_file *f);
/* Frees the handle.  Commits the insert if it was the last writable handle of the file.  [blocks] */
void jb_file_release(struct jb_file *f);

#endif
