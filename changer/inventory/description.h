/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The description of a disc, disc.json: what the store knows about a disc apart from its image. */
#ifndef CHANGER_INVENTORY_DESCRIPTION_H
#define CHANGER_INVENTORY_DESCRIPTION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "changer/inventory/disc_state.h"
#include "changer/item.h"
#include "changer/recording/recording.h"

struct item;
struct jukebox;
struct link;

struct intent { /* what the release of the last writable handle is going to do */
	struct jb_elem elem;
	char name[JB_NAME_MAX + 1]; /* the name that it gets there */
	uint64_t size;		    /* bytes of the content */
	uint64_t replaces;	    /* id of the disc that the new one replaces; 0: none */
	/* id of the folder of which it is a part; its own id: it is that folder; 0: none of both */
	uint64_t folder;
};

struct description { /* the content of disc.json */
	uint64_t id;
	/* incomplete: it is not a disc.  truncated: its image is shorter than it should be.
	 * recovered: a start of the daemon inserted it after a crash.  has_source, has_intent:
	 * source, intent is set. */
	bool incomplete, truncated, has_source, recovered, has_intent;
	enum jb_origin origin;
	unsigned image; /* the N of its file image.N */
	mode_t mode;
	uid_t uid;
	gid_t gid;
	int64_t atime_ns, mtime_ns, ctime_ns;
	struct jb_elem source; /* the element from which the robot moved it last */
	struct intent intent;
	struct digest digest; /* sha256 "": none */
	/* borrowed; after description_load, owned; NULL: the image is in the store */
	struct link *link;
	const struct recording *rec; /* borrowed; after description_load, points to own */
	struct recording own;
};

/* Fills *d with what the item is now.  Sets no intent, and leaves out a digest that is out of date.
 * *d borrows from the item.  Claim held, or another of the four ways (lock.h) to keep the item
 * still; or the item is being inserted. */
void description_of(const struct item *it, struct description *d);
/* Writes the description to DISC_FILE in the directory dir, durably.  After a crash there is the old
 * description or the new one.  Returns JB_NO_MEMORY or the store's error; then the old one is there, and
 * PENDING_FILE may be left. */
enum jb_err description_store(struct jukebox *jb, const char *dir, const struct description *d);
/* Does the first half of description_store: writes the description to PENDING_FILE in dir, synced.
 * Does not sync dir.  Returns JB_NO_MEMORY or the store's error. */
enum jb_err description_prepare(struct jukebox *jb, const char *dir, const struct description *d);
/* Does the second half of description_store: renames PENDING_FILE to DISC_FILE in dir, and syncs dir.
 * Returns the store's error, as store_rename_file does; then DISC_FILE has its old content again. */
enum jb_err description_publish(struct jukebox *jb, const char *dir);
/* Does what description_publish does, for a description that the close of a file has promised: tries the
 * rename twice, and does not undo it if dir cannot be synced, because the next start would rename it too.
 * Returns JB_OK if it was renamed; an error if PENDING_FILE is still there, or that cannot be found out. */
enum jb_err description_keep_promise(struct jukebox *jb, const char *dir);
/* Reads a description from file in dir.  On success the caller ends with description_fini.  Returns
 * JB_NO_ITEM if there is no such file, JB_STORE_FORMAT if it is not a valid description,
 * JB_NO_MEMORY, or the store's error; then *d owns nothing. */
enum jb_err description_load(
	struct jukebox *jb, const char *dir, const char *file, struct description *d);
/* Writes the name into the intent of the description in dir, the item's directory incoming/ID, and the
 * attributes (mode, owner, times) that the item has now.  Leaves all else in it, and the item.  Returns
 * JB_OK, and does nothing, if dir has no description; or an error of description_load or description_store.
 * Claim held. */
enum jb_err description_follow(const struct item *it, const char *dir, const char *name);
/* Gives a description that was loaded to the item: its recording and its link move there, and the
 * rest is copied.  The kind becomes JB_ITEM_INCOMPLETE or JB_ITEM_DISC.  Leaves id, name, element
 * and sizes of the item, and the copy of disc_state_publish. */
void description_apply(struct item *it, struct description *d);
/* Frees what a description that was loaded owns.  Leaves what description_apply has moved away. */
void description_fini(struct description *d);

/* Returns the origin of the content of a file that has just been classified: JB_ORIGIN_BLANK if
 * nothing is recorded, else JB_ORIGIN_INSERTED. */
enum jb_origin description_origin_of(const struct recording *rec);

#endif
