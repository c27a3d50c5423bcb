/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Users in the store: each is a folder, STORE/ctl/access/users/NAME, with its secret in the file `secret` and
 * its initiators in the file `initiators`.  A missing file counts as empty.  Names that begin with a dot are
 * steps that a crash has left.
 */
#ifndef CHANGER_SETTINGS_USER_STORE_H
#define CHANGER_SETTINGS_USER_STORE_H

#include <stddef.h>

#include "changer/err.h"

#define USER_SECRET "secret"
#define USER_INITIATORS "initiators"

/* Makes the folder of a user, and those above it, readable only by the daemon's user.  If a file or a folder
 * has that name already, removes it first (user_store_remove).  Does not check the name.  Durable on return.
 * Returns the store's error.  [blocks] */
enum jb_err user_store_add(int store, const char *name);
/* Removes the user with all its files, in one step: renames its folder to .NAME.gone, and then deletes that;
 * what is left of it the next start deletes.  Durable on return.  Returns JB_NOT_DURABLE if the user is gone,
 * but may be there again after a power cut; else the store's error.  Does the rest if an earlier call has
 * removed the user, but had to report an error.
 * [blocks] */
enum jb_err user_store_remove(int store, const char *name);
/* Replaces the content of a file of the user, USER_SECRET or USER_INITIATORS, with the value and a newline;
 * for "" with nothing.  Makes the user's folder if it is missing.  Only the daemon's user can read the file.
 * The value is at most JB_TEXT_MAX bytes.  Durable on return.  Returns the store's error.  [blocks] */
enum jb_err user_store_set(int store, const char *name, const char *file, const char *value);
/* Reads a file of the user to *text, without one newline at the end; the caller wipes and frees it.  *size is
 * its length.  *text is "" if there is no such file.  If the user is a file of an earlier version, its
 * content is the secret.  Returns JB_NO_MEMORY, JB_STORE_READ, or JB_STORE_FORMAT if it is no regular file or
 * too large; then there is nothing to free.  [blocks] */
enum jb_err user_store_get(
	int store, const char *name, const char *file, char **text, size_t *size);
/* Prepares the folder of users at start: closes it to others, ends or removes the steps that a crash has
 * left, and makes folders of the users that an earlier version stored as files.  A step that fails is only
 * logged.  If nothing is written to the store (store_is_read_only), changes nothing.  Stores the names of all
 * that is then in the folder, also of what is no user; the caller frees them (store_free_names).  If there is
 * no such folder, returns JB_OK.  Returns the store's error if it cannot be read.  In both cases *count is 0
 * and *names NULL.  [blocks] */
enum jb_err user_store_open(int store, char ***names, size_t *count);

#endif
