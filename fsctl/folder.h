/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Folders of parts in the elements: a part is a file of which, with others, a disc is made
 * (changer/folder.h).  The inode number of a folder is that of its item.
 *
 * Each of the functions that return bool takes over a request that concerns such a folder: it answers the
 * request, or posts a job that does, and returns true.  Any other request it leaves alone, and returns
 * false.
 */
#ifndef FSCTL_FOLDER_H
#define FSCTL_FOLDER_H

#include "fsctl/fs.h"

/* Takes over a LOOKUP of a part: its parent is a folder of parts.  Answers it at once. */
bool folder_lookup(fuse_req_t req, fuse_ino_t parent, const char *name);
/* Takes over the CREATE of a part.  Refuses it with JB_STOPPING if the daemon stops. */
bool folder_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
	struct fuse_file_info *fi);
/* Takes over a RENAME out of a folder of parts, or into one.  Refuses it with JB_FOLDER_STAYS unless
 * both names are in one folder. */
bool folder_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t new_parent,
	const char *new_name);
/* Takes over the UNLINK of a part. */
bool folder_unlink(fuse_req_t req, fuse_ino_t parent, const char *name);
/* Takes over a MKDIR in an element's folder, which makes a folder of parts, or in a folder of parts,
 * which is refused with JB_PARTS_ONLY. */
bool folder_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode);
/* Takes over the RMDIR of a folder of parts; one in a folder of parts is refused with JB_NOT_FOLDER. */
bool folder_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name);
/* For jb_set_import, which calls it when an import ends.  After a failure, stores it in ctl/last-error;
 * `what` names the folder or file, and says why.  err JB_OK: lets the requests that wait for imports go on.
 * arg is the struct fsctl. */
void folder_told(void *arg, enum jb_err err, const char *what);

#endif
