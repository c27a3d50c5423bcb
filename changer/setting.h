/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Settings: setting.def lists them.  Locks are as jukebox.h says.
 */
#ifndef CHANGER_SETTING_H
#define CHANGER_SETTING_H

#include <stdbool.h>

#include "changer/err.h"

struct jukebox;

enum { JB_TEXT_MAX = 4096 }; /* bytes of a setting's value, with its NUL */

enum jb_setting {
#define JB_SETTING(name, path, check, dflt, doc) JB_SET_##name,
#include "changer/setting.def"
#undef JB_SETTING
	JB_SETTING_COUNT
};

/* The setting at a path such as "drives/0/vendor", and its drive's number. */
bool jb_setting_find(struct jukebox *jb, const char *path, enum jb_setting *out, unsigned *drive);
/* drive: its number for per-drive settings, else ignored.  buf: JB_TEXT_MAX; which it returns. */
const char *jb_setting_get(struct jukebox *jb, enum jb_setting s, unsigned drive, char *buf);
/* A list, of which one write may give a part (setting.def). */
bool jb_setting_is_list(enum jb_setting s);
bool jb_setting_bool(struct jukebox *jb, enum jb_setting s, unsigned drive);
/* Checks, applies and stores; durable when it returns.  [blocks] */
enum jb_err jb_setting_set(
	struct jukebox *jb, enum jb_setting s, unsigned drive, const char *value);

#endif
