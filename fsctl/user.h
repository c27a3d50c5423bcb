/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ctl/access/users: mkdir adds a user, rmdir removes a user and its secret.
 */
#ifndef FSCTL_USER_H
#define FSCTL_USER_H

#include "fsctl/fs.h"

/* Adds the user `name`, without a secret, if `parent` is the folder of users.  Returns true if so; the
 * request has then been answered, or a worker will answer it, with an error of jb_user_add if there is one.
 * Returns false, and does nothing, for any other folder. */
bool user_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name);
/* Removes the user `name` and its secret if `parent` is the folder of users.  Returns as user_mkdir does; the
 * errors are those of jb_user_remove. */
bool user_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name);

#endif
