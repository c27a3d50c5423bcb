/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words for the states of discs and the work of drives, the same in all files of the mount.
 */
#ifndef FSCTL_TREE_WORDS_H
#define FSCTL_TREE_WORDS_H

#include "changer/jukebox.h"

/* Stores the work of a drive in *out.  If it is idle but its disc is being hashed or verified, the work is
 * DRIVE_VERIFYING.  DRIVE_IDLE if there is no such drive.  Takes the jukebox lock for moments. */
void words_progress(struct jukebox *jb, unsigned drive, struct drive_progress *out);
/* Returns the word for the work of a drive: "idle", "burning" and others. */
const char *words_work(enum drive_work work);
/* Returns how much of the work is done, in percent, rounded down; 0 if the total is not known. */
unsigned words_percent(const struct drive_progress *p);

/* Returns the word for the state of a disc: "blank", "appendable", "complete", "random-access"; or
 * "truncated", "changed", "missing", which go before those; or of another file: "incoming",
 * "incomplete", "staged"; or "folder" for a folder of parts. */
const char *words_item_state(const struct jb_item *item);
/* Returns what write-protects a disc: "off", "tab" (no permission to write), "persistent"
 * (jb_item.pwp) or "tab persistent". */
const char *words_protection(const struct jb_item *item);

/*
 * Stores the disc of an element in *out; if there is none, a file that is being inserted or is
 * incomplete; or else a folder of parts.  Ignores temporary files.  Returns false, and out->kind is
 * JB_ITEM_STAGED, if there is none of them.
 */
bool words_find_item(struct jukebox *jb, struct jb_elem e, struct jb_item *out);

/* The bytes of the text of words_verification, with its NUL. */
enum { WORDS_CHECK_MAX = 48 };
/* Writes the state of a verification: "waiting", "running 43%", "ok 2026-11-24T15:04:05Z", "failed
 * ..."; or "" if none was ever requested.  If one is requested anew, the last result is not shown.  buf has
 * WORDS_CHECK_MAX bytes.  Returns buf. */
const char *words_verification(const struct jb_check *check, char *buf);

#endif
