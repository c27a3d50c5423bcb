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

/* Copies the value, or its default, to buf, which has JB_TEXT_MAX bytes.  Returns buf.  Ignores `drive`
 * for a setting that does not belong to a drive. */
const char *jb_setting_get(struct jukebox *jb, enum jb_setting s, unsigned drive, char *buf);
/* Returns true if the value is a list, one entry a line (setting.def).  One write may then give a part of
 * it. */
bool jb_setting_is_list(enum jb_setting s);
/* Returns true if the value is "1".  The setting must be a boolean.  Ignores `drive` as jb_setting_get
 * does. */
bool jb_setting_bool(struct jukebox *jb, enum jb_setting s, unsigned drive);
/* Checks the value, applies it and stores it in its canonical form.  Durable on return; if it is refused,
 * nothing has changed.  A newline at its end is ignored; "" sets the default if that is empty or
 * computed.  A drive that goes offline is synced first.  Returns JB_OK; JB_BAD_VALUE, or the setting's
 * own error (setting_refusal), if the value is not valid; JB_NO_SETTING if there is no such drive;
 * JB_OVERLAP if two types of elements would share an address; JB_SAME_SECRET or JB_ACCESS_NEEDED
 * (access.h); JB_MEDIUM_LOCKED if a locked drive would go offline; or the store's error.  [blocks] */
enum jb_err jb_setting_set(
	struct jukebox *jb, enum jb_setting s, unsigned drive, const char *value);

#endif
