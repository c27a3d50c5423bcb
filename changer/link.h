/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Discs inserted by reference: the image is a file somewhere else, which is read and never
 * written.  It is opened by an opener that main.c sets, because opening may wait for what is
 * outside, or for the mount itself, and because the one who inserts must be allowed to read it.
 *
 * The file is known by its inode, size and time of modification, which are checked again when the
 * disc is loaded, at each start, and by every read.  Where they differ the disc is CHANGED, where
 * it cannot be opened MISSING: a drive that holds it is not ready until the tray was opened and
 * closed, or the disc loaded again, with the file in its place.
 */
#ifndef CHANGER_LINK_H
#define CHANGER_LINK_H

#include <stdint.h>
#include <sys/types.h>

#include "changer/err.h"

struct jukebox;
struct jb_elem;
struct jb_item;

enum jb_link {
	JB_LINK_NONE,	   /* the disc has an image of its own */
	JB_LINK_UNCHECKED, /* since the start */
	JB_LINK_GOOD,
	JB_LINK_IS_CHANGED,
	JB_LINK_IS_MISSING,
};

enum {
	JB_TARGET_MAX = 4096, /* bytes of a link's target, with its NUL */
	JB_OPEN_MS = 450,     /* that an opener may take */
};

/* Who asks for a file to be opened. */
struct jb_caller {
	uid_t uid;
	gid_t gid;
	pid_t pid; /* whose other groups count too; 0: none */
};

/*
 * Opens a regular file for reading; caller NULL: with the daemon's own rights.  JB_LINK_*; may take
 * JB_OPEN_MS.  *fd: the caller's.  Any thread.
 */
typedef enum jb_err jb_opener(void *arg, const char *path, const struct jb_caller *caller, int *fd);
/* The first one has all links checked.  NULL: there is none; the one before is not called any more
 * once this returns.  [blocks] */
void jb_set_opener(struct jukebox *jb, jb_opener *opener, void *arg);

/* SYMLINK in an element; *item: as it is then.  The target is as the mount will show it.  [blocks] */
enum jb_err jb_item_link(struct jukebox *jb, struct jb_elem e, const char *name, const char *target,
	const struct jb_caller *caller, struct jb_item *item);
/* READLINK; buf: JB_TARGET_MAX.  JB_NO_ITEM: it is none. */
enum jb_err jb_item_target(struct jukebox *jb, uint64_t id, char *buf);

#endif
