/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines of MNT/status below an element: what is to be said of the files and folders in it. */
#ifndef FSCTL_TREE_NOTES_H
#define FSCTL_TREE_NOTES_H

#include <stdbool.h>
#include <stdio.h>

#include "changer/jukebox.h"

/* Prints the lines about the files of the element, each indented by `indent` columns. */
void notes_print(struct jukebox *jb, struct jb_elem e, int indent, FILE *out);
/* Returns true if there is a line about a file of the element. */
bool notes_any(struct jukebox *jb, struct jb_elem e);
/* Stores the sentence about one item in buf (JB_IMPORT_TEXT bytes); "" if there is nothing to say. */
void notes_of(struct jukebox *jb, const struct jb_item *item, char *buf);

#endif
