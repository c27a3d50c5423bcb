/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Temporary files in the folders below MNT/ctl.  Editors, sed -i and Ansible write a file by a temporary name
 * beside it, and rename that over it.  Such a file is in memory only: mode 0600, up to 64 KiB, up to 8 in a
 * folder.  To rename it over a text file writes its content there, with the errors of that write.  It goes when
 * it is renamed or removed, or when nobody has used it for 10 seconds and it is not open.  Folders do not list it.
 *
 * Locks: temps.lock guards all; it is a leaf, and not held during a reply.  Each function but
 * ctltemp_is takes it, so the caller must not hold it.
 */
#ifndef FSCTL_CTLTEMP_H
#define FSCTL_CTLTEMP_H

#include <fuse_lowlevel.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

struct ctl_temp;
struct fsctl;

struct ctl_temps {
	pthread_mutex_t lock; /* leaf; guards the rest */
	LIST_HEAD(, ctl_temp) all;
	uint64_t made; /* the number of files that were ever made: no inode number is used twice */
};

/* Makes an empty list. */
void ctltemp_init(struct ctl_temps *temps);
/* Wipes and frees all files, also open ones.  No handle may use them any more. */
void ctltemp_fini(struct ctl_temps *temps);
/* Returns true if the inode number is that of a temporary file, also of one that was removed.  Takes no
 * lock. */
bool ctltemp_is(uint64_t ino);

/* Each of these functions answers the request, at once or by a worker, and returns true if the request is one
 * for a temporary file; else it returns false and does nothing but to remove files that nobody uses.  If the
 * inode number is that of a file that was removed, the answer is JB_NO_ITEM, if nothing else is said. */

/* Makes a file, open for reading and writing, of the user of the request; of `mode` it gets the bits in 0600.
 * Answers false if the folder cannot have a temporary file of that name.  Refuses with JB_STAGING_LIMIT if
 * the folder has 8 already, or JB_NO_MEMORY. */
bool ctltemp_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
	struct fuse_file_info *fi);
/* Answers with the file's entry, which the kernel must ask for again each time.  Returns false if there is no
 * file of that name. */
bool ctltemp_lookup(fuse_req_t req, fuse_ino_t parent, const char *name);
/* Answers with a new handle; empties the file if O_TRUNC is set. */
bool ctltemp_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
/* Answers with the attributes. */
bool ctltemp_getattr(fuse_req_t req, fuse_ino_t ino);
/* Sets mode (the bits in 0600) and size, where to_set asks for that; new bytes are zero.  Ignores owner and
 * times.  Answers with the attributes, or JB_TOO_LARGE, and changes nothing, for more than 64 KiB. */
bool ctltemp_setattr(fuse_req_t req, fuse_ino_t ino, const struct stat *attr, int to_set);
/* Answers with up to `size` bytes at `off`; with none behind the end, or if the file was removed.  buf has
 * `size` bytes. */
bool ctltemp_read(fuse_req_t req, fuse_ino_t ino, char *buf, size_t size, off_t off);
/* Writes the bytes at `off`, and sets the time of modification.  Answers JB_TOO_LARGE, and writes nothing, if
 * they end behind 64 KiB. */
bool ctltemp_write(fuse_req_t req, fuse_ino_t ino, const char *data, size_t size, off_t off);
/* Removes the file of that name, also if it is open.  Returns false if there is none. */
bool ctltemp_unlink(fuse_req_t req, fuse_ino_t parent, const char *name);
/* If the new name is that of a node, writes the content to it (text_replace), and removes the file if the
 * node has accepted it.  Else gives the file the new name, and removes another temporary file of that name.
 * Refuses with JB_IS_FIXED a new name that neither a node nor a temporary file can have, with JB_STAGING_LIMIT
 * a move into another folder that has 8 files, with the errors of text_replace, or JB_NO_MEMORY; the file then
 * stays.  Returns false if there is no file of the old name. */
bool ctltemp_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t new_parent,
	const char *new_name);
/* Records that a handle of the file was closed, which lets it go 10 seconds after the last one.  Does nothing
 * for an inode number of another kind, or if the file was removed. */
void ctltemp_close(struct fsctl *fs, uint64_t ino);
/* Removes and wipes the file, also if it is open; does nothing if it is not there any more. */
void ctltemp_remove(struct fsctl *fs, uint64_t ino);

#endif
