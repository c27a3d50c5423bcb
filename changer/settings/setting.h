/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table that setting.def makes, and the checks that it names.  All functions are pure: they do not
 * know the values that settings have now (setting_value.h).  `s` must be below JB_SETTING_COUNT. */
#ifndef CHANGER_SETTINGS_SETTING_H
#define CHANGER_SETTINGS_SETTING_H

#include <stdbool.h>

#include "changer/setting.h"

/* Returns the path below ctl/, with %u where the number of a drive goes. */
const char *setting_path(enum jb_setting s);
/* Returns the default; "" if it is empty or computed (jb_setting_get). */
const char *setting_default(enum jb_setting s);
/* Returns true if each drive has this setting for itself. */
bool setting_per_drive(enum jb_setting s);
/* Returns true if the value is a secret, which is never shown. */
bool setting_is_secret(enum jb_setting s);
/* Returns the error for a value that setting_check does not accept: JB_BAD_AUTH, JB_BAD_INITIATOR,
 * JB_NO_SUCH_MEDIUM, JB_BAD_NETWORK, JB_BAD_PORTAL, JB_BAD_SECRET or JB_BAD_USER for the settings of that
 * kind, JB_BAD_VALUE for all others. */
enum jb_err setting_refusal(enum jb_setting s);
/* Finds the setting at a path below ctl/, such as "drives/0/vendor".  Stores it in *out, and the number of
 * its drive in *drive; 0 if it does not belong to a drive.  Returns false, and leaves *out but not *drive,
 * if there is no such setting.  The drive need not exist, but its number must be below JB_DRIVES_MAX. */
bool setting_find(const char *path, enum jb_setting *out, unsigned *drive);
/*
 * Checks a value.  Returns true if the setting accepts it, and stores the value's one normal form in
 * canonical (JB_TEXT_MAX bytes); that form is stored and shown.  Ignores one newline at the end, as echo
 * writes it.  "" means the default, and is accepted only if the default is computed or empty; canonical is
 * then "".  Returns false, and canonical has no meaning, for any other value, for one of JB_TEXT_MAX bytes or
 * more, and for a newline within the value of a setting that is not a list.  Does not know other settings:
 * see access_check.
 */
bool setting_check(enum jb_setting s, const char *value, char *canonical);

#endif
