/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checks of the settings in ctl/access.
 */
#ifndef CHANGER_SETTINGS_ACCESS_H
#define CHANGER_SETTINGS_ACCESS_H

#include <stdbool.h>

#include "changer/setting.h"

struct jukebox;

/* May the setting be changed to that value: setting_enter. */
enum jb_err access_check(struct jukebox *jb, enum jb_setting s, const char *value);

#endif
