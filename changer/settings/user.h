/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Users and their secrets.
 */
#ifndef CHANGER_SETTINGS_USER_H
#define CHANGER_SETTINGS_USER_H

#include <stdbool.h>

#include "changer/err.h"

struct jukebox;

struct user {
	unsigned id; /* never used again */
	char *name;
	char *secret; /* "": none yet */
};

/* Does any user have that secret? */
bool user_has_secret(struct jukebox *jb, const char *secret);
enum jb_err user_load_all(struct jukebox *jb);
void user_free_all(struct jukebox *jb);

#endif
