/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files of an element, as the mount shows them.  Locks are as jukebox.h says.
 */
#ifndef CHANGER_ITEM_H
#define CHANGER_ITEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "changer/cdsector.h"
#include "changer/element.h"
#include "changer/err.h"
#include "changer/link.h"
#include "changer/medium.h"
#include "changer/track.h"

enum { JB_STAGED_MAX = 4 }; /* temporary files beside a disc */

enum jb_item_kind {
	JB_ITEM_DISC,
	JB_ITEM_INCOMING,   /* being inserted: a program has it open for writing */
	JB_ITEM_INCOMPLETE, /* whoever wrote it was killed, failed or stopped early; no disc */
	JB_ITEM_STAGED,	    /* a temporary name; never a disc */
};

enum jb_origin { /* what a disc's content comes from */
	JB_ORIGIN_UNKNOWN,
	JB_ORIGIN_BLANK,    /* nothing is on it */
	JB_ORIGIN_INSERTED, /* an image that was copied in */
	JB_ORIGIN_BURNED,   /* an initiator has written to it */
};
/* "burned"; NULL: it is not known. */
const char *jb_origin_name(enum jb_origin origin);

#define JB_ID_MIN (UINT64_C(1) << 42) /* what is below stays free for the mount's own nodes */

struct jb_item {
	uint64_t id; /* stable over moves and restarts, never reused: the inode number */
	enum jb_item_kind kind;
	struct jb_elem elem;
	char name[JB_NAME_MAX + 1];
	uint64_t size;	 /* bytes */
	uint64_t blocks; /* of 512 bytes, really used */
	mode_t mode;	 /* permission bits */
	uid_t uid;
	gid_t gid;
	struct timespec atime, mtime, ctime;
	/* of discs and incomplete ones: */
	const struct medium *medium;
	uint32_t capacity;
	enum disc_status status;
	unsigned sessions, tracks;
	bool sealed;	/* nothing can change what it holds, by recording, blanking or formatting */
	bool recovered; /* inserted at start-up, its release having been lost in a crash */
	enum jb_origin origin;
	bool bad;	   /* its last verification has failed; see check.h */
	bool truncated;	   /* its image is shorter than it should be */
	enum jb_link link; /* JB_LINK_NONE: the image is in the store */
	size_t target_len; /* of a link: bytes of its target */
	int64_t nwa;	   /* next writable address, in sectors; -1: it has none */
	bool raw; /* a CD whose image has sectors of 2352 bytes; a sheet stands beside it */
	bool pwp; /* its surface says that it is write-protected, whatever the mode says */
};

/*
 * The sheet beside a raw disc: hidden, made from what is recorded, never stored.  It has the disc's
 * owner and times.  jb_sheet_lookup finds the disc by the sheet's name in its element.
 */
enum jb_err jb_sheet_lookup(
	struct jukebox *jb, struct jb_elem e, const char *name, struct jb_item *out);
/* Its name; false: the disc has none.  buf: JB_NAME_MAX + 1. */
bool jb_sheet_name(const struct jb_item *item, char *buf);
/* The sheet; *text is the caller's to free. */
enum jb_err jb_sheet_text(struct jukebox *jb, uint64_t id, char **text, size_t *size);
/* The tracks that something is recorded in, up to max; how many there are; 0: it is blank, or a pressed
 * DVD or BD.  Of several that are not closed, the size of all but the last, and on a raw CD of that
 * too, is what it was when they were begun or changed last. */
unsigned jb_item_track_list(struct jukebox *jb, uint64_t id, struct track *out, unsigned max);
const char *cd_mode_name(enum cd_mode mode); /* "audio" */
/* Sectors of its image. */
uint64_t jb_item_sectors(const struct jb_item *item);

/* How name is treated: a temporary one (DESIGN 2, staging names), or a disc's. */
bool jb_name_is_staging(const char *name);
/* The label in a disc's name: less an image suffix, less a media suffix.  buf: JB_NAME_MAX + 1. */
void jb_name_label(const char *name, char *buf);

enum jb_err jb_item_lookup(
	struct jukebox *jb, struct jb_elem e, const char *name, struct jb_item *out);
enum jb_err jb_item_by_id(struct jukebox *jb, uint64_t id, struct jb_item *out);
/* Calls each for every file of the element, under no lock; stops when that returns false. */
enum jb_err jb_item_list(struct jukebox *jb, struct jb_elem e,
	bool (*each)(void *arg, const struct jb_item *item), void *arg);
/* Have programs closed a file of the element that is still to become a disc, or not? */
bool jb_elem_is_settling(struct jukebox *jb, struct jb_elem e);
/* Waits for that, a second at most.  [blocks] */
void jb_elem_settle(struct jukebox *jb, struct jb_elem e);

/*
 * RENAME of a file, all its forms: relabel, promotion of a temporary name to a disc (also over the
 * standing one), robot move.  It fails where the target stands, but for that promotion.  [blocks]
 */
enum jb_err jb_item_rename(struct jukebox *jb, struct jb_elem from, const char *name,
	struct jb_elem to, const char *new_name);
/* UNLINK.  Quick: the data is given back later, by the jukebox's own thread.  [blocks] */
enum jb_err jb_item_remove(struct jukebox *jb, struct jb_elem e, const char *name);

enum {
	JB_ATTR_MODE = 1,
	JB_ATTR_UID = 2,
	JB_ATTR_GID = 4,
	JB_ATTR_ATIME = 8,
	JB_ATTR_MTIME = 16,
};
struct jb_attr {
	unsigned set; /* which of the others count */
	mode_t mode;
	uid_t uid;
	gid_t gid;
	struct timespec atime, mtime;
};
/* chmod, chown, utimens, also after the last close.  chmod a-w is the write-protect tab. [blocks] */
enum jb_err jb_item_setattr(struct jukebox *jb, uint64_t id, const struct jb_attr *attr);

/* Type of a blank out of drives, by its word in file names, which gives it that type's capacity; and
 * its capacity, in bytes, as "4G" or "25 GB" too.  [blocks] */
enum jb_err jb_item_set_profile(struct jukebox *jb, uint64_t id, const char *profile);
enum jb_err jb_item_set_capacity(struct jukebox *jb, uint64_t id, const char *size);
/* Persistent write protection, also of a disc in a drive: "persistent" or "off".  [blocks] */
enum jb_err jb_item_set_protection(struct jukebox *jb, uint64_t id, const char *value);

/* The user overrules: an incomplete file is a disc as it is. [blocks] */
enum jb_err jb_item_complete(struct jukebox *jb, uint64_t id);

#endif
