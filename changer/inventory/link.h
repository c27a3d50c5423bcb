/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Discs inserted by reference: the record of the file, and opening it.
 */
#ifndef CHANGER_INVENTORY_LINK_H
#define CHANGER_INVENTORY_LINK_H

#include <stdatomic.h>

#include "changer/inventory/lock.h"
#include "changer/link.h"
#include "changer/store/image.h"

struct item;

struct link { /* of a disc inserted by reference */
	char *target;
	uint64_t device, inode, size; /* of the file, when it was inserted */
	int64_t mtime_ns;
	_Atomic unsigned state; /* enum jb_link */
};

struct link *link_new(const char *target);
void link_free(struct link *l);
/* JB_OK, or why the file behind the disc cannot be read, as far as it is known. */
enum jb_err link_error(const struct item *it);
/* Opens the file, which has to be the one that was inserted.  Claim or strand held.  [blocks] */
enum jb_err link_open(struct item *it, struct image **out) EXCLUDES(jb_lock);
/* What the open file is like now, into *now.  JB_LINK_NO_FILE: it is no regular file. */
enum jb_err link_look_at(int fd, struct link *now);
/* Are both records of the same file, unchanged? */
bool link_is_same(const struct link *a, const struct link *b);
/* Keeps what is known of the file from now on, and tells the first time that it is no good. */
void link_set_state(struct item *it, enum jb_link state);
/* Has the opener open path; *fd: the caller's, or -1.  JB_IN_USE: there is no opener.  [blocks] */
enum jb_err link_open_outside(struct jukebox *jb, const char *path, const struct jb_caller *caller,
	int *fd) EXCLUDES(jb_lock);

#endif
