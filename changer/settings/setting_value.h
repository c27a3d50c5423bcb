/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The values that settings have now, and what changing one needs.
 */
#ifndef CHANGER_SETTINGS_SETTING_VALUE_H
#define CHANGER_SETTINGS_SETTING_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#include "changer/setting.h"

/* Where the value is among those of the jukebox.  There is room for all drives that can be; settings of
 * the jukebox are kept with drive 0's. */
size_t setting_place(enum jb_setting s, unsigned drive);
/* False: it is one of a drive, and there is no such drive. */
bool setting_is_there(const struct jukebox *jb, enum jb_setting s, unsigned drive);
/* layout_lock: one setting or user is changed at a time, and the store is written meanwhile. */
void setting_enter(struct jukebox *jb);
void setting_leave(struct jukebox *jb);
/* The directories of a path below ctl/; dir, of STORE_PATH_MAX, gets that of the last one. */
enum jb_err setting_make_folders(int store, const char *path, char *dir);
/* Of a secret too; false: it is not set. */
bool setting_copy(struct jukebox *jb, enum jb_setting s, char buf[JB_TEXT_MAX]);
/* Forgets a secret, or any text; NULL-safe. */
void setting_wipe(char *text);

#endif
