/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the text files of the mount say, one function per name in the SHOW column of tree.def, and
 * the words in which discs are described everywhere.
 */
#ifndef FSCTL_SHOW_H
#define FSCTL_SHOW_H

#include "fsctl/fsctl.h"
#include "fsctl/node.h"

node_show show_README, show_STATUS, show_METRICS, show_JSON, show_ERROR, show_LOG, show_PORTALS,
	show_SESSIONS, show_STATE, show_PROFILE, show_TRAY, show_LOCKED, show_EJECT, show_SETTING,
	show_PROGRESS, show_CURRENT_SPEED, show_FAULT;

/* What a drive does, or what is done to the disc in it. */
void show_progress(struct jukebox *jb, unsigned drive, struct drive_progress *out);
/* "burning" and the like, and how far it is. */
const char *show_work(enum drive_work work);
unsigned show_percent(const struct drive_progress *p);

/* "blank", "appendable", "complete"; of other files "incoming", "incomplete", "staged". */
const char *show_item_state(const struct jb_item *item);
/* What write-protects it: "off", "tab", "persistent" or "tab persistent". */
const char *show_protection(const struct jb_item *item);

/*
 * The file of an element that matters most: its disc, else one being inserted or incomplete;
 * temporary files do not count.  False: there is none.
 */
bool show_find_item(struct jukebox *jb, struct jb_elem e, struct jb_item *out);

/* A text that another part of the program has, &fs->options.portals and the like.  The caller frees
 * it; NULL: there is none. */
char *show_other_text(struct fsctl *fs, fsctl_text *const *which);

/* "running 43%", "ok 2026-11-24T15:04:05Z"; "": it was never asked for.  buf: SHOW_CHECK_MAX, which
 * it returns. */
enum { SHOW_CHECK_MAX = 48 };
const char *show_verification(const struct jb_check *check, char *buf);

#endif
