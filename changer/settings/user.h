/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Users and their secrets. */
#ifndef CHANGER_SETTINGS_USER_H
#define CHANGER_SETTINGS_USER_H

#include <stdbool.h>

#include "changer/err.h"

struct jukebox;

struct user {
	unsigned id; /* after the user is removed, this process gives it to no other one */
	char *name; /* at most JB_USER_NAME_MAX bytes and a NUL; belongs to this struct, as the secret does */
	char *secret;	  /* "": has no secret yet */
	char *initiators; /* patterns of the names that it may use, as acl.h has lists; NULL: any */
};

/* Returns true if any user has that secret; "" is that of a user without one.  Takes the jukebox lock for a
 * moment. */
bool user_has_secret(struct jukebox *jb, const char *secret);
/* Reads all users from the store at start, and settles what a crash has left there (user_store_open).
 * Reports and skips what is no user.  Returns JB_OK, also if no user was ever added, or if the users cannot
 * be listed, which is reported: then there are none.  Returns JB_NO_MEMORY, or another error of
 * user_store_open. */
enum jb_err user_load_all(struct jukebox *jb);
/* Overwrites all secrets with zeros, and frees all users.  No thread may use the users any more. */
void user_free_all(struct jukebox *jb);

#endif
