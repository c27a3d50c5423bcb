/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file that was written becomes a disc.
 */
#ifndef CHANGER_INSERT_COMMIT_H
#define CHANGER_INSERT_COMMIT_H

#include "changer/err.h"
#include "changer/inventory/lock.h"

struct item;

/* The last writer has gone; claim held, which it gives back. */
void insert_commit(struct item *it) EXCLUDES(jb_lock);
/* A staged item without writers becomes the disc that its name and element now say, or fails and
 * stays what it is; claim held. */
enum jb_err insert_place(struct item *it) EXCLUDES(jb_lock);

#endif
