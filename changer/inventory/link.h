/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Discs that are inserted by reference: what is known of the file, and opening it. */
#ifndef CHANGER_INVENTORY_LINK_H
#define CHANGER_INVENTORY_LINK_H

#include <stdatomic.h>

#include "changer/inventory/lock.h"
#include "changer/link.h"
#include "changer/store/image.h"

struct item;

struct link {			      /* of a disc that is inserted by reference */
	char *target;		      /* absolute path; owned */
	uint64_t device, inode, size; /* of the file when it was inserted */
	int64_t mtime_ns;
	_Atomic unsigned state; /* enum jb_link */
};

/* Makes a record of a link to target, which it copies, with the state JB_LINK_UNCHECKED.  Returns
 * NULL if memory is missing. */
struct link *link_new(const char *target);
/* Frees a record of a link, which may be NULL. */
void link_free(struct link *l);
/* Returns JB_OK if the disc is not a link, or its file was good at the last check.  Else returns
 * JB_LINK_CHANGED; JB_LINK_MISSING, also if the disc is in a drive and its file is not open; or
 * JB_IN_USE if the file was not checked yet. */
enum jb_err link_error(const struct item *it);
/* Opens the file, if it is still the one that was inserted, as an image, to which *out gets a reference.
 * Sets the state of the link.  Returns JB_LINK_MISSING if it cannot be opened, JB_LINK_CHANGED if it is
 * another one or has changed, JB_IN_USE if there is no opener, or JB_NO_MEMORY; the state stays after the
 * last two.  On an error leaves *out.  Raises the event `error` for a state that is new and not good
 * (link_set_state).  Claim or strand held.  [blocks] */
enum jb_err link_open(struct item *it, struct image **out) EXCLUDES(jb_lock);
/* Stores identity, size and time of the open file in *now, and leaves target and state there.
 * Returns JB_LINK_NO_FILE if it is not a regular file. */
enum jb_err link_look_at(int fd, struct link *now);
/* Returns true if both records are of the same file, and it has not changed: inode, size and time
 * are equal. */
bool link_is_same(const struct link *a, const struct link *b);
/* Sets the state of the item's link.  If the state has changed and is not JB_LINK_GOOD, logs a
 * warning and raises the event `error` with link_error.  The item must be kept still (lock.h). */
void link_set_state(struct item *it, enum jb_link state);
/* Calls the opener for the file at `path` (jb_opener in changer/link.h).  On success the caller
 * closes *fd; else *fd is -1.  Returns the opener's error, or JB_IN_USE if there is no opener.
 * [blocks] */
enum jb_err link_open_outside(struct jukebox *jb, const char *path, const struct jb_caller *caller,
	int *fd) EXCLUDES(jb_lock);

#endif
