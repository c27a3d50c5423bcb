/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Settings.  setting.def lists them.  For locks and [blocks] see jukebox.h. */
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

/* Copies the value to buf, which has JB_TEXT_MAX bytes.  Returns buf.  Ignores `drive` for a setting
 * that does not belong to a drive. */
const char *jb_setting_get(struct jukebox *jb, enum jb_setting s, unsigned drive, char *buf);
/* Returns true if the value is a list (setting.def).  One write may then give a part of it. */
bool jb_setting_is_list(enum jb_setting s);
/* Returns true if the value is "1".  The setting must be a boolean. */
bool jb_setting_bool(struct jukebox *jb, enum jb_setting s, unsigned drive);
/*
 * Checks the value, applies it and stores it.  Durable on return.  Returns JB_OK; the error of
 * setting_refusal if the value is not valid; JB_NO_SETTING if there is no such drive; JB_OVERLAP if
 * two types of elements would share an address; an error of access_check; or the error of the drive or
 * of the store.  [blocks]
 */
enum jb_err jb_setting_set(
	struct jukebox *jb, enum jb_setting s, unsigned drive, const char *value);

#endif
