/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The nodes of the mount and their numbers.  A node number is made of what it stands for and is
 * never a path: a row of the table below and an element number, or the id of an item (a disc, or a
 * file that may become one), which is stable over moves and restarts.  So there is no table of
 * live nodes, nothing to forget, and no lock here.
 */
#ifndef FSCTL_TREE_NODE_H
#define FSCTL_TREE_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "changer/jukebox.h"

enum node_kind { NODE_DIR, NODE_ELEMENT, NODE_TEXT, NODE_REPORT, NODE_EVENTS, NODE_STREAM };

struct node_row {
	const char *path; /* below the mount; %u: the number of an element */
	enum node_kind kind;
	mode_t mode;
	const char *doc;
	int setting; /* of enum jb_setting; -1: none */
};

struct node {
	const struct node_row *row;
	unsigned number; /* the element's, or the id of a user; 0 where the path has no %u */
};

enum { NODE_PATH_MAX = 96 };

/* To be called before all else here, once. */
void node_init(void);
/* The rows in order; NULL past the last. */
const struct node_row *node_row_at(size_t i);

bool node_ino_is_item(uint64_t ino);
uint64_t node_item_ino(uint64_t item_id);
uint64_t node_item_id(uint64_t ino);
/* The sheet beside a raw disc, by the disc's id.  Its number is below the disc's, so that programs
 * which copy files in that order (cp -r) copy it first. */
bool node_ino_is_sheet(uint64_t ino);
uint64_t node_sheet_ino(uint64_t item_id);
uint64_t node_sheet_id(uint64_t ino);

uint64_t node_ino(const struct node *node);
/* False: there is no such node (any more). */
bool node_from_ino(struct jukebox *jb, uint64_t ino, struct node *out);
bool node_is_dir(const struct node *node);
/* Whether it is a text that says something, or takes a value; tree.h has what is done for that. */
bool node_is_read(const struct node_row *row);
bool node_is_written(const struct node_row *row);
/* The element that an ELEMENT folder shows; false: the node is none. */
bool node_elem(const struct node *node, struct jb_elem *out);
/* True: its children are users. */
bool node_holds_users(const struct node *node);
/* The user that the node belongs to, by id; false: none. */
bool node_user(const struct node *node, unsigned *id);
/* "ctl/drives/0/vendor", but of users "ctl/access/users/7/secret" (fs_name); buf of NODE_PATH_MAX, which it returns. */
char *node_path(const struct node *node, char *buf);

/* Another one when the element of that number is another one: FUSE's generation. */
uint64_t node_generation(struct jukebox *jb, const struct node *node);
/* The element that a folder for elements would hold under that name; false: it would hold none. */
bool node_element_named(const struct node *dir, const char *name, struct jb_elem *out);
/* True: it is there as long as the element of its number, and so may go at any time. */
bool node_may_go(const struct node *node);

struct node node_parent(const struct node *node);
bool node_child(struct jukebox *jb, const struct node *dir, const char *name, struct node *out);
/* The nth child in an order that stays while elements are added; name: JB_NAME_MAX + 1 bytes. */
bool node_child_at(
	struct jukebox *jb, const struct node *dir, uint64_t nth, struct node *out, char *name);

#endif
