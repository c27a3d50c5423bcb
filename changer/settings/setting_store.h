/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The values of settings, in memory and in the store. */
#ifndef CHANGER_SETTINGS_SETTING_STORE_H
#define CHANGER_SETTINGS_SETTING_STORE_H

#include <stdbool.h>

#include "changer/setting.h"

struct drive;

/* Reads all values from the store at start.  A value that is not valid counts as missing, with a
 * warning in the log.  Returns JB_NO_MEMORY only. */
enum jb_err setting_load_all(struct jukebox *jb);
/* Frees all values.  No thread may use the jukebox any more. */
void setting_free_all(struct jukebox *jb);
/* Makes a drive as its settings say, at start or when it is added.  No other thread may use the drive
 * yet. */
void setting_apply_to_drive(struct drive *d);

#endif
