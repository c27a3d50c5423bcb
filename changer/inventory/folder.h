/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Folders of parts: a folder that a user makes in an element, with a sheet and the files that the sheet
 * names.  insert/folder.c changes folders, insert/import.c makes discs of them.
 *
 * A folder is an item of the kind JB_ITEM_FOLDER, to which el->folder points.  Each part is an item of the
 * kind JB_ITEM_STAGED, whose member `in` is the folder.  In the store each of both is a directory of its own,
 * incoming/ID, whose description says so (struct intent).
 *
 * When a disc has been made of a folder, the store has no longer the parts that are in the disc.  Memory
 * keeps them as ghosts, so that a program can still set their times, until nobody has looked at the folder
 * for FOLDER_LINGER_MS: then they have lingered.
 */
#ifndef CHANGER_INVENTORY_FOLDER_H
#define CHANGER_INVENTORY_FOLDER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "changer/folder.h"
#include "changer/inventory/lock.h"

struct item;
struct jukebox;

enum {
	FOLDER_LINGER_MS = 1000, /* ghosts are shown for so long after the last look at them */
	FOLDER_QUIET_MS =
		2000, /* after so long without a change, a folder without its disc is an error */
};

struct folder {
	LIST_ENTRY(folder) link GUARDED_BY(jb_lock); /* in jb->imports.folders */
	struct item *item;			     /* the folder's own item */
	struct item *part[JB_PARTS_MAX] GUARDED_BY(jb_lock);
	uint64_t touched_ms GUARDED_BY(jb_lock); /* when somebody looked at it or changed it last */
	uint64_t changed_ms GUARDED_BY(jb_lock); /* when it was changed last */
	uint64_t disc GUARDED_BY(jb_lock); /* id of the disc that was made of it last; 0: none */
	uint64_t heir GUARDED_BY(
		jb_lock); /* the disc that takes attributes which the folder gets while it is joined, or is a ghost */
	bool joining GUARDED_BY(jb_lock); /* a disc is being made of it */
	bool waits GUARDED_BY(
		jb_lock); /* a disc is made of it when it has not changed for FOLDER_QUIET_MS */
	bool reported GUARDED_BY(jb_lock); /* no event `error` for it, until it changes */
};

/* Makes the new item a folder without parts, of the kind JB_ITEM_FOLDER, and adds that to
 * jb->imports.  Returns false if memory is missing. */
bool folder_begin(struct item *it) EXCLUDES(jb_lock);
/* Takes the folder out of jb->imports and frees it.  For an item that is freed; f may be NULL. */
void folder_free(struct jukebox *jb, struct folder *f) EXCLUDES(jb_lock);
/* Returns the folder's part of that name; NULL if there is none.  A ghost counts as a part until it
 * has lingered. */
struct item *folder_part(const struct item *folder, const char *name) REQUIRES(jb_lock);
/* Returns a free place for a part; NULL if there are JB_PARTS_MAX parts already, ghosts among them. */
struct item **folder_place(struct item *folder) REQUIRES(jb_lock);
/* Returns the number of parts in it that are not ghosts. */
unsigned folder_count(const struct item *folder) REQUIRES(jb_lock);
/* Returns the sum of the sizes in bytes of the parts that are not ghosts, without that of `except`,
 * which may be NULL. */
uint64_t folder_bytes(const struct item *folder, const struct item *except) REQUIRES(jb_lock);
/* Returns true if nobody has looked at the folder for FOLDER_LINGER_MS: its ghosts are not shown any
 * more. */
bool folder_lingered(const struct item *folder) REQUIRES(jb_lock);
/* Returns true if the folder is not shown any more: it is a ghost, because a disc was made of all
 * that was in it, and nobody has looked at it for FOLDER_LINGER_MS. */
bool folder_is_over(const struct item *folder) REQUIRES(jb_lock);
/* Returns true if no disc may come into the folder's element, because the folder is to become one.
 * Returns false once a disc was made of it. */
bool folder_bars(const struct item *folder) REQUIRES(jb_lock);
/* Records that somebody has looked at the folder, or at the part of a folder.  Does nothing for
 * another item. */
void folder_touch(struct item *it) REQUIRES(jb_lock);
/* Takes a part out of its folder.  Does nothing for an item that is in none. */
void folder_forget(struct item *part) REQUIRES(jb_lock);

#endif
