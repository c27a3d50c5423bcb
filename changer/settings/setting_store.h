/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The values of settings, in memory and in the store. */
#ifndef CHANGER_SETTINGS_SETTING_STORE_H
#define CHANGER_SETTINGS_SETTING_STORE_H

#include <stdbool.h>

#include "changer/setting.h"

struct drive;

/* Reads all values from the store at start, and applies the addresses of elements and the settings of the
 * drives that exist.  Call it after the drives were made (drive_init_all), before other threads use the
 * jukebox.  A value that is not valid counts as missing, and is reported (finding_report).  If two types of
 * elements would share an address, reports that and uses the default of all first addresses, in memory only.
 * Returns JB_NO_MEMORY, or JB_OK. */
enum jb_err setting_load_all(struct jukebox *jb);
/* Wipes and frees all values.  No thread may use the jukebox any more.  Does nothing if setting_load_all was
 * not called. */
void setting_free_all(struct jukebox *jb);
/* Gives a drive its settings "online" and "load-time", at start or when it is added; all others are read when
 * they are needed.  No other thread may use the drive yet. */
void setting_apply_to_drive(struct drive *d);

#endif
