/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words in which discs, and what is done to them, are described everywhere.
 */
#ifndef FSCTL_TREE_WORDS_H
#define FSCTL_TREE_WORDS_H

#include "changer/jukebox.h"

/* What a drive does, or what is done to the disc in it. */
void words_progress(struct jukebox *jb, unsigned drive, struct drive_progress *out);
/* "burning" and the like, and how far it is. */
const char *words_work(enum drive_work work);
unsigned words_percent(const struct drive_progress *p);

/* "blank", "appendable", "complete"; of other files "incoming", "incomplete", "staged". */
const char *words_item_state(const struct jb_item *item);
/* What write-protects it: "off", "tab", "persistent" or "tab persistent". */
const char *words_protection(const struct jb_item *item);

/*
 * The file of an element that matters most: its disc, else one being inserted or incomplete;
 * temporary files do not count.  False: there is none.
 */
bool words_find_item(struct jukebox *jb, struct jb_elem e, struct jb_item *out);

/* "running 43%", "ok 2026-11-24T15:04:05Z"; "": it was never asked for.  buf: WORDS_CHECK_MAX, which
 * it returns. */
enum { WORDS_CHECK_MAX = 48 };
const char *words_verification(const struct jb_check *check, char *buf);

#endif
