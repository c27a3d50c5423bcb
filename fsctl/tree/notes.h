/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines of MNT/status below an element: what is to be said of the files and folders in it. */
#ifndef FSCTL_TREE_NOTES_H
#define FSCTL_TREE_NOTES_H

#include <stdbool.h>
#include <stdio.h>

#include "changer/jukebox.h"

/* Prints a line "NAME: SENTENCE" about each file of the element for which notes_of has a sentence, indented
 * by `indent` columns; nothing if there is none. */
void notes_print(struct jukebox *jb, struct jb_elem e, int indent, FILE *out);
/* Returns true if notes_print would print a line about a file of the element. */
bool notes_any(struct jukebox *jb, struct jb_elem e);
/* Stores the sentence about one item in buf (JB_IMPORT_TEXT bytes): that a staged file is idle
 * (jb_item.idle), how far an insert is, that a disc is being made of it, or why it is not a disc
 * (jb_item_why) if it is a folder or incomplete; "" for any other item. */
void notes_of(struct jukebox *jb, const struct jb_item *item, char *buf);

#endif
