/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Folders of parts (changer/folder.h) in the elements.  The inode number of a folder is that of its item.
 *
 * Each folder_ function that returns bool answers the request and returns true if the request is one for a folder
 * of parts, or in it; else it returns false.
 */
#ifndef FSCTL_FOLDER_H
#define FSCTL_FOLDER_H

#include "fsctl/fs.h"

bool folder_lookup(fuse_req_t req, fuse_ino_t parent, const char *name);
bool folder_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
	struct fuse_file_info *fi);
bool folder_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t new_parent,
	const char *new_name);
bool folder_unlink(fuse_req_t req, fuse_ino_t parent, const char *name);
bool folder_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode);
bool folder_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name);
/* The function of jb_set_import that is told of failures; arg is the struct fsctl. */
void folder_told(void *arg, enum jb_err err, const char *what);

#endif
