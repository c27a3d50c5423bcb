/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The values of settings, in memory and in the store.
 */
#ifndef CHANGER_SETTINGS_SETTING_STORE_H
#define CHANGER_SETTINGS_SETTING_STORE_H

#include <stdbool.h>

#include "changer/setting.h"

struct drive;

enum jb_err setting_load_all(struct jukebox *jb);
void setting_free_all(struct jukebox *jb);
/* A drive that is there, at start or again, is as its settings say.  Nobody else has it yet. */
void setting_apply_to_drive(struct drive *d);
/* layout_lock: one setting or user is changed at a time, and the store is written meanwhile. */
void setting_enter(struct jukebox *jb);
void setting_leave(struct jukebox *jb);
/* The directories of a path below ctl/; dir, of STORE_PATH_MAX, gets that of the last one. */
enum jb_err setting_make_folders(int store, const char *path, char *dir);
/* Of a secret too; false: it is not set. */
bool setting_copy(struct jukebox *jb, enum jb_setting s, char buf[JB_TEXT_MAX]);

#endif
