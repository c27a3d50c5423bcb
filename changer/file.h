/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Open files.  Locks are as jukebox.h says.
 */
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
 * One open file description.  Inserting is a state machine per file (fuse.md section 2):
 *
 *	INCOMING  --last writable handle released-->  DISC | INCOMPLETE
 *
 * flush makes what was written durable, together with the intent to insert it, so that close means
 * something; release commits: it only renames and syncs directories.
 */
struct jb_file;

/* CREATE in an element.  The handle is writable.  */
enum jb_err jb_file_create(struct jukebox *jb, struct jb_elem e, const char *name, mode_t mode,
	uid_t uid, gid_t gid, struct jb_file **out, struct jb_item *item);
/* OPEN.  Writable ones: of incoming and staged files, of incomplete ones, and of blank discs out
 * of drives; what is recorded, loaded or protected is refused. */
enum jb_err jb_file_open(
	struct jukebox *jb, uint64_t id, bool writable, bool truncate, struct jb_file **out);
bool jb_file_writable(const struct jb_file *f);
/* True: its data may change under a reader, so pages must not be kept. */
bool jb_file_changing(const struct jb_file *f);
/* For reading; borrowed until release. */
int jb_file_fd(const struct jb_file *f);
/* All or nothing.  May block as long as one write of that size to the store does. */
enum jb_err jb_file_write(struct jb_file *f, const void *data, size_t size, uint64_t offset);
/* [blocks] */
enum jb_err jb_file_truncate(struct jukebox *jb, uint64_t id, uint64_t size);
/* fallocate(2) mode, offset and length.  [blocks] */
enum jb_err jb_file_allocate(struct jb_file *f, int mode, uint64_t offset, uint64_t length);
/* Copies a stretch within the store, shared where its file system can; *copied may be less. [blocks] */
enum jb_err jb_file_copy(struct jb_file *in, uint64_t in_offset, struct jb_file *out,
	uint64_t out_offset, size_t length, size_t *copied);
/* close(2) of one descriptor; killed: the process is dying of a signal.  [blocks] */
enum jb_err jb_file_flush(struct jb_file *f, bool killed);
/* [blocks] */
enum jb_err jb_file_fsync(struct jb_file *f);
/* Frees the handle; after the last writable one commits the insert.  [blocks] */
void jb_file_release(struct jb_file *f);

#endif
