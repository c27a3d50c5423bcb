/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Discs that are inserted by reference: the image is a file outside the store, which is read and never
 * written.  An opener opens it (main.c sets one), because opening may wait for the outside world or
 * even for the mount itself, and because the user who inserts the link must have the right to read the
 * file.
 *
 * The file is identified by inode, size and time of modification.  They are checked again when the disc
 * is loaded, at each start, and by every read.  If they differ, the link is CHANGED; if the file cannot
 * be opened, it is MISSING.  A drive with such a disc is not ready, until the file is back in its place
 * and the tray is opened and closed, or the disc is loaded again.
 */
#ifndef CHANGER_LINK_H
#define CHANGER_LINK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "changer/err.h"

struct jukebox;
struct jb_elem;
struct jb_item;

enum jb_link {
	JB_LINK_NONE,	   /* not a link: the disc has an image of its own */
	JB_LINK_UNCHECKED, /* not checked since the start */
	JB_LINK_GOOD,
	JB_LINK_IS_CHANGED,
	JB_LINK_IS_MISSING,
};

enum {
	JB_TARGET_MAX = 4096, /* bytes of a link's target, with its NUL */
	JB_OPEN_MS = 450,     /* an opener may take this long when no caller is given */
};

/* The process that wants a file opened. */
struct jb_caller {
	uid_t uid;
	gid_t gid;
	pid_t pid; /* its supplementary groups count too; 0: none */
	/* Returns true if the process does not wait for the file any more.  NULL: it waits. */
	bool (*gave_up)(void *arg);
	void *gave_up_arg;
};

/* Opens a regular file for reading, with the rights of the caller, or the daemon's if caller is NULL.
 * Returns JB_OK and *fd, which the jukebox closes; or an error such as JB_LINK_DANGLES, JB_LINK_DENIED or
 * JB_LINK_LATE.  May take JB_OPEN_MS; for a caller, as long as that waits.  Any thread; no lock is held. */
typedef enum jb_err jb_opener(void *arg, const char *path, const struct jb_caller *caller, int *fd);
/* Sets the function that opens the files behind links, and requests a check of all links.  NULL: links
 * cannot be opened any more, and nothing is checked.  Waits until the old opener is not in use any more.
 * Takes the jukebox lock.  [blocks] */
void jb_set_opener(struct jukebox *jb, jb_opener *opener, void *arg);

/* Makes a link (SYMLINK): a disc with that name in the element, whose image is the file at `target`.
 * Durable on return.  The mount shows that path as it is given.  caller is the process that must have the
 * right to read the file.  *item is the new item.  A temporary name of ln -sf, beside another disc, makes
 * a staged link.  Returns JB_NOT_STAGING for another temporary name; JB_LINK_TARGET if the target is not
 * an absolute path in UTF-8; JB_LINK_NO_FILE if it is empty or not a regular file; an error of the
 * opener, or JB_IN_USE without one; or an error of jb_file_create.  [blocks] */
enum jb_err jb_item_link(struct jukebox *jb, struct jb_elem e, const char *name, const char *target,
	const struct jb_caller *caller, struct jb_item *item);
/* Copies the target of a link (READLINK) to buf, which has JB_TARGET_MAX bytes.  Returns JB_NO_ITEM, and
 * leaves buf, if there is no such item or it is not a link. */
enum jb_err jb_item_target(struct jukebox *jb, uint64_t id, char *buf);

#endif
