/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Attributes of files for LOOKUP, GETATTR and READDIR (attr.c). */
#ifndef FSCTL_ATTR_H
#define FSCTL_ATTR_H

#include "fsctl/fs.h"

enum { FS_FIXED_TIMEOUT = 60 }; /* seconds for which the kernel may keep the entries of folders */

/* Returns the inode number that stat(2) reports.  MNT/events has another one after each start, so that
 * programs that follow it by its name read the new file from its beginning. */
uint64_t attr_ino(const struct fsctl *fs, const struct node *node);
/* Fills in the attributes of that file beside a raw disc: those of the disc, but for its size, and
 * without permission to write.  Returns JB_NO_ITEM if the disc has none, JB_NO_MEMORY. */
enum jb_err attr_of_sheet(
	struct fsctl *fs, const struct jb_item *item, enum jb_beside which, struct stat *st);
/* Fills in an item's entry for LOOKUP, CREATE and SYMLINK.  The kernel must ask for it again each time. */
void attr_entry_of_item(const struct jb_item *item, struct fuse_entry_param *e);
/* Fills in a node's entry for LOOKUP and MKDIR, with the times for which the kernel may keep it. */
void attr_entry_of_node(struct fsctl *fs, const struct node *node, struct fuse_entry_param *e);
/* Returns the type of an item for stat(2): S_IFDIR for a folder of parts, S_IFLNK for a link, else
 * S_IFREG. */
static inline mode_t
attr_type(const struct jb_item *item)
{
	if (item->kind == JB_ITEM_FOLDER)
		return S_IFDIR;
	return item->link == JB_LINK_NONE ? S_IFREG : S_IFLNK;
}
/* Returns the permission bits without set-user-id and set-group-id: the daemon never keeps these, which
 * FUSE_HANDLE_KILLPRIV_V2 requires (init.c). */
static inline mode_t
attr_mode(mode_t mode)
{
	return mode & 0777;
}

#endif
