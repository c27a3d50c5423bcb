/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What setting.def says, and the checks that it names.  Pure: the values are kept by the store and
 * got and set through jukebox.h.
 */
#ifndef CHANGER_SETTINGS_SETTING_H
#define CHANGER_SETTINGS_SETTING_H

#include <stdbool.h>

#include "changer/setting.h"

/* The path below ctl/; with %u in the place of the drive's number. */
const char *setting_path(enum jb_setting s);
const char *setting_default(enum jb_setting s);
/* What it is, in a few words. */
const char *setting_doc(enum jb_setting s);
bool setting_per_drive(enum jb_setting s);
/* One that is never shown. */
bool setting_is_secret(enum jb_setting s);
/* Why a value was not taken. */
enum jb_err setting_refusal(enum jb_setting s);
/* The setting that a path such as "drives/0/vendor" names; *drive is 0 for those of no drive. */
bool setting_find(const char *path, enum jb_setting *out, unsigned *drive);
/*
 * Is value one that the setting takes?  One newline at its end, echo's, does not count.  Empty is
 * taken where the default is, and means it.  canonical, of JB_TEXT_MAX bytes, gets the value in
 * the one form that is stored and shown.
 */
bool setting_check(enum jb_setting s, const char *value, char *canonical);

#endif
