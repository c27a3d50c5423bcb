/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The nodes of the mount and their inode numbers.  A node is a file or folder that is not a disc; it is a row
 * of the table and the number of an element.  An item is a disc, or a file that may become one.  A node's
 * inode number is made from its row and number, an item's from its id, which stays the same over moves and
 * restarts.  So there is no table of open nodes, and no lock here.
 */
#ifndef FSCTL_TREE_NODE_H
#define FSCTL_TREE_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "changer/jukebox.h"

/* The column KIND of mnt-layout/tree.def. */
enum node_kind { NODE_DIR, NODE_ELEMENT, NODE_TEXT, NODE_REPORT, NODE_EVENTS, NODE_STREAM };

struct node_row {
	const char
		*path; /* below the mount; %u stands for the number of an element, or for a user */
	enum node_kind kind;
	mode_t mode;	 /* permissions, until a user sets others (owner.h) */
	const char *doc; /* its description in README */
	int setting;	 /* an enum jb_setting; -1: the file is not a setting */
};

struct node {
	const struct node_row *row;
	unsigned number; /* what %u in the path stands for: element number or user id; 0: no %u */
};

enum {
	NODE_PATH_MAX = 96, /* bytes of a path of node_path, with its NUL */
	NODE_ROW_BITS =
		8, /* the low bits of an inode number: row + 1; the rest is the node's number */
};

/* Builds the tree from the table.  Call it before all else here, while no other thread uses the tree. */
void node_init(void);
/* Returns row `i` of the table, or NULL behind the last row. */
const struct node_row *node_row_at(size_t i);

/* Returns true if the inode number is an item's: a disc's or another file's that the model keeps.  The item
 * need not exist.  Like all functions here that get no jukebox, it takes no lock. */
bool node_ino_is_item(uint64_t ino);
/* Returns the inode number of the item with that id. */
uint64_t node_item_ino(uint64_t item_id);
/* Returns the id of the item with that inode number; node_ino_is_item must be true. */
uint64_t node_item_id(uint64_t ino);
/* Returns true if the inode number is that of a file beside a disc: its sheet or its packs (sheet.c).  The
 * disc need not exist. */
bool node_ino_is_sheet(uint64_t ino);
/* Returns the inode number by which FUSE knows that file beside the disc with that id.  For a sheet it is
 * lower than the disc's, unless the id is below JB_ID_MIN, so that programs which copy files in the order of
 * inode numbers (cp -r) copy the sheet first.  For packs it is higher; node_sheet_shown has the low one. */
uint64_t node_sheet_ino(uint64_t item_id, enum jb_beside which);
/* Returns the id of the disc whose sheet, or packs, have that inode number; node_ino_is_sheet must be
 * true. */
uint64_t node_sheet_id(uint64_t ino);
/* Returns JB_PACKS or JB_SHEET: the kind of the file with that inode number; node_ino_is_sheet must be
 * true. */
enum jb_beside node_sheet_kind(uint64_t ino);
/* Returns the number that stat(2) and READDIR show for that file beside the disc with that id.  It must be
 * lower than the disc's, because programs that copy in the order of these numbers (cp -r) must copy the file
 * before the disc.  For a sheet it is node_sheet_ino.  For packs, whose node_sheet_ino is not lower, it is the
 * sheet's number with its lowest bit inverted.  Only if the id is below JB_ID_MIN is it higher. */
uint64_t node_sheet_shown(uint64_t item_id, enum jb_beside which);

/* Returns the inode number of a node; 1 for the root. */
uint64_t node_ino(const struct node *node);
/* Stores the node with that inode number in *out.  Returns false, and leaves *out, if there is no such node,
 * or its element or user does not exist (any more). */
bool node_from_ino(struct jukebox *jb, uint64_t ino, struct node *out);
/* Returns true if the node is a folder. */
bool node_is_dir(const struct node *node);
/* Returns true if the row is a text file that can be read; see tree_show. */
bool node_is_read(const struct node_row *row);
/* Returns true if the row is a text file that can be written; see tree_store. */
bool node_is_written(const struct node_row *row);
/* Stores the element that a folder shows in *out.  Returns false, and leaves *out, if the node is not the
 * folder of an element; a drive's folder below ctl/ is not either. */
bool node_elem(const struct node *node, struct jb_elem *out);
/* Stores the folder of an element, which need not exist.  Returns false, and leaves *out, if e has no
 * type, as in the jb_item of a removed item. */
bool node_of_elem(struct jb_elem e, struct node *out);
/* Returns true if the children of the folder are users. */
bool node_holds_users(const struct node *node);
/* Sets *id to the node's number, always.  Returns true if that is the id of a user: the node is the user's
 * folder or in it. */
bool node_user(const struct node *node, unsigned *id);
/* Writes the path, such as "ctl/drives/0/vendor", to buf (NODE_PATH_MAX bytes).  A user has its id
 * there, not its name; fs_name has the name.  Returns buf. */
char *node_path(const struct node *node, char *buf);

/* Returns FUSE's generation of the node: that of its element (jb_elem_generation), which changes when the
 * element is removed and added again, or 0 if the element does not exist; 1 for a node without an element. */
uint64_t node_generation(struct jukebox *jb, const struct node *node);
/* Stores the element that would have this name in the folder `dir` in *out; it need not exist.  Its number is
 * UINT_MAX if the name is not a number.  Returns false, and leaves *out, if `dir` does not hold elements. */
bool node_element_named(const struct node *dir, const char *name, struct jb_elem *out);
/* Returns true if the node belongs to an element or user, and so may be removed at any time. */
bool node_may_go(const struct node *node);

/* Returns true if the inode number is that of the element's folder, or of one below ctl/ that belongs to it.
 * The element need not exist. */
bool node_is_of(uint64_t ino, struct jb_elem elem);

/* Returns the folder that the node is in; the root for the root. */
struct node node_parent(const struct node *node);
/* Stores the child of the folder `dir` with that name in *out; also one that is not listed.  Returns false if
 * there is none, or `dir` is no folder; *out has no meaning then. */
bool node_child(struct jukebox *jb, const struct node *dir, const char *name, struct node *out);
/* Stores child `nth` of those that are listed, counted from 0, in *out, and its name in `name` (JB_NAME_MAX +
 * 1 bytes).  ctl/stream is not listed, and items are no children.  The order stays the same while elements
 * are added.  Returns false behind the last child; *out and `name` have no meaning then. */
bool node_child_at(
	struct jukebox *jb, const struct node *dir, uint64_t nth, struct node *out, char *name);

#endif
