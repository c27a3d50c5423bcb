/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The values of settings, in memory and in the store.
 */
#ifndef CHANGER_SETTINGS_SETTING_STORE_H
#define CHANGER_SETTINGS_SETTING_STORE_H

#include <stdbool.h>

#include "changer/setting.h"

struct drive;

enum jb_err setting_load_all(struct jukebox *jb);
void setting_free_all(struct jukebox *jb);
/* A drive that is there, at start or again, is as its settings say.  Nobody else has it yet. */
void setting_apply_to_drive(struct drive *d);

#endif
