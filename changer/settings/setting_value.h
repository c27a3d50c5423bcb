/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The values that settings have now, in memory, and what a change of one needs. */
#ifndef CHANGER_SETTINGS_SETTING_VALUE_H
#define CHANGER_SETTINGS_SETTING_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#include "changer/setting.h"

/* Returns the index of the value in jb->settings.  Every drive that can exist has its place there.
 * Settings that do not belong to a drive are in the places of drive 0. */
size_t setting_place(enum jb_setting s, unsigned drive);
/* Returns true if the setting does not belong to a drive, or its drive exists. */
bool setting_is_there(const struct jukebox *jb, enum jb_setting s, unsigned drive);
/* Takes layout_lock.  Only one thread at a time changes a setting or a user, and writes it to the
 * store.  [blocks] */
void setting_enter(struct jukebox *jb);
/* Releases layout_lock. */
void setting_leave(struct jukebox *jb);
/* Makes the directories of a path below ctl/, durably.  Stores the path of the last one in dir, which
 * has STORE_PATH_MAX bytes. */
enum jb_err setting_make_folders(int store, const char *path, char *dir);
/* Copies a value that is set; a secret too.  Returns false if the value is not set.  Does not return
 * defaults. */
bool setting_copy(struct jukebox *jb, enum jb_setting s, char buf[JB_TEXT_MAX]);
/* Overwrites a text with zeros and frees it.  text may be NULL. */
void setting_wipe(char *text);

#endif
