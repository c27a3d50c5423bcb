/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Users and their secrets. */
#ifndef CHANGER_SETTINGS_USER_H
#define CHANGER_SETTINGS_USER_H

#include <stdbool.h>

#include "changer/err.h"

struct jukebox;

struct user {
	unsigned id; /* this process never uses it again */
	char *name;
	char *secret; /* "": has no secret yet */
};

/* Returns true if any user has that secret. */
bool user_has_secret(struct jukebox *jb, const char *secret);
/* Reads all users from the store at start. */
enum jb_err user_load_all(struct jukebox *jb);
/* Overwrites all secrets with zeros, and frees all users. */
void user_free_all(struct jukebox *jb);

#endif
