/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checks of the settings in ctl/access. */
#ifndef CHANGER_SETTINGS_ACCESS_H
#define CHANGER_SETTINGS_ACCESS_H

#include <stdbool.h>

#include "changer/setting.h"

struct jukebox;

/* Checks whether the setting may get that value, which setting_check has accepted.  Changes nothing.
 * Returns JB_ACCESS_NEEDED if portals beyond loopback are open and no setting would say any more who may
 * log in; JB_SAME_SECRET if the value is a secret that is in use for the other direction; JB_OK for all
 * else, also for a setting that is not below ctl/access and for "" as a secret.  Call it between
 * setting_enter and setting_leave. */
enum jb_err access_check(struct jukebox *jb, enum jb_setting s, const char *value);

#endif
