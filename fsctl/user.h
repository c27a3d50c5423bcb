/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ctl/access/users: mkdir adds a user, rmdir removes a user and its secret.
 */
#ifndef FSCTL_USER_H
#define FSCTL_USER_H

#include "fsctl/fs.h"

/* Both return false if the request is not about the folder of a user.  Else they return true, and the
 * request has been answered, or a worker will answer it. */
bool user_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name);
bool user_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name);

#endif
