/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Temporary files in the folders below MNT/ctl.  Editors, sed -i and Ansible write a file by a temporary name
 * beside it, and rename that over it.  Such a file is in memory only: mode 0600, up to 64 KiB, up to 8 in a
 * folder.  To rename it over a text file writes its content there, with the errors of that write.  It goes when
 * it is renamed or removed, or when nobody has used it for 10 seconds and it is not open.  Folders do not list it.
 *
 * Locks: temps.lock guards all; it is a leaf, and not held during a reply.
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
	pthread_mutex_t lock;
	LIST_HEAD(, ctl_temp) all;
	uint64_t made; /* the number of files that were ever made */
};

void ctltemp_init(struct ctl_temps *temps);
/* Frees all files. */
void ctltemp_fini(struct ctl_temps *temps);
/* Returns true if the inode number is that of a temporary file, there or not. */
bool ctltemp_is(uint64_t ino);

/* Each answers the request and returns true if it is one for a temporary file; else returns false. */
bool ctltemp_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
	struct fuse_file_info *fi);
bool ctltemp_lookup(fuse_req_t req, fuse_ino_t parent, const char *name);
bool ctltemp_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
bool ctltemp_getattr(fuse_req_t req, fuse_ino_t ino);
bool ctltemp_setattr(fuse_req_t req, fuse_ino_t ino, const struct stat *attr, int to_set);
bool ctltemp_read(fuse_req_t req, fuse_ino_t ino, char *buf, size_t size, off_t off);
bool ctltemp_write(fuse_req_t req, fuse_ino_t ino, const char *data, size_t size, off_t off);
bool ctltemp_unlink(fuse_req_t req, fuse_ino_t parent, const char *name);
bool ctltemp_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t new_parent,
	const char *new_name);
/* Records that a handle of the file was closed.  Does nothing for an inode number of another kind. */
void ctltemp_close(struct fsctl *fs, uint64_t ino);
/* Removes the file, if it is still there. */
void ctltemp_remove(struct fsctl *fs, uint64_t ino);

#endif
