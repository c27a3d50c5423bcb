/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ctl/access/users: mkdir makes a user, rmdir removes it with its secret.
 */
#ifndef FSCTL_USER_H
#define FSCTL_USER_H

#include "fsctl/fs.h"

/* True: the request is about a user's folder, and is or will be answered. */
bool user_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name);
bool user_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name);

#endif
