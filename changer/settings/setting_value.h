/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The values that settings have now, in memory, and what a change of one needs. */
#ifndef CHANGER_SETTINGS_SETTING_VALUE_H
#define CHANGER_SETTINGS_SETTING_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#include "changer/setting.h"

/* Returns the index of the value in jb->settings.  `drive` must be below JB_DRIVES_MAX; every drive that can
 * exist has its place there.  Ignores `drive` for a setting that does not belong to a drive: it is in the
 * places of drive 0. */
size_t setting_place(enum jb_setting s, unsigned drive);
/* Returns true if the setting does not belong to a drive, or that drive exists now.  Takes no lock. */
bool setting_is_there(const struct jukebox *jb, enum jb_setting s, unsigned drive);
/* Takes layout_lock.  Only one thread at a time changes a setting or a user, and writes it to the
 * store.  [blocks] */
void setting_enter(struct jukebox *jb);
/* Releases layout_lock. */
void setting_leave(struct jukebox *jb);
/* Makes the directories above the file `path`, which begins with "ctl/", if they are missing, and syncs each
 * of them; ctl/ itself must be durable already.  Stores the path of the last one, which holds the file, in
 * dir (STORE_PATH_MAX bytes).  `store` is the store's descriptor.  Returns the store's error.  [blocks] */
enum jb_err setting_make_folders(int store, const char *path, char *dir);
/* Copies the value of a setting that does not belong to a drive; a secret too.  Returns false with "" in buf
 * if the value is not set.  Does not return defaults.  The caller wipes buf if it may hold a secret. */
bool setting_copy(struct jukebox *jb, enum jb_setting s, char buf[JB_TEXT_MAX]);
/* Overwrites a text with zeros and frees it.  text may be NULL. */
void setting_wipe(char *text);

#endif
