/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table that setting.def makes, and the checks that it names.  All functions are pure: they do not
 * know the values that settings have now (setting_value.h). */
#ifndef CHANGER_SETTINGS_SETTING_H
#define CHANGER_SETTINGS_SETTING_H

#include <stdbool.h>

#include "changer/setting.h"

/* Returns the path below ctl/, with %u where the number of a drive goes. */
const char *setting_path(enum jb_setting s);
/* Returns the default; "" if it is computed. */
const char *setting_default(enum jb_setting s);
/* Returns true if each drive has this setting for itself. */
bool setting_per_drive(enum jb_setting s);
/* Returns true if the value is a secret, which is never shown. */
bool setting_is_secret(enum jb_setting s);
/* Returns the error for a value that setting_check does not accept. */
enum jb_err setting_refusal(enum jb_setting s);
/* Finds the setting at a path below ctl/, such as "drives/0/vendor", and stores it in *out, and the
 * number in *drive; 0 if it does not belong to a drive.  Returns false if there is no such setting.
 * The drive need not exist. */
bool setting_find(const char *path, enum jb_setting *out, unsigned *drive);
/*
 * Checks a value.  Returns true if the setting accepts it, and stores its one normal form, which is
 * stored and shown, in canonical (JB_TEXT_MAX bytes).  One newline at the end, as echo writes it, is
 * ignored.  An empty value means the default; it is accepted only where the default is computed or
 * empty.
 */
bool setting_check(enum jb_setting s, const char *value, char *canonical);

#endif
