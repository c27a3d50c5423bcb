/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Users in the store: each is a folder, STORE/ctl/access/users/NAME, with its secret in the file `secret` and
 * its initiators in the file `initiators`.  A missing file counts as empty.  Names that begin with a dot are steps that a crash has left.
 */
#ifndef CHANGER_SETTINGS_USER_STORE_H
#define CHANGER_SETTINGS_USER_STORE_H

#include <stddef.h>

#include "changer/err.h"

#define USER_SECRET "secret"
#define USER_INITIATORS "initiators"

/* Makes the folder of a user, and those above it.  Removes first all that has its name already and was not
 * loaded.  Durable on return.  Returns the store's error.  [blocks] */
enum jb_err user_store_add(int store, const char *name);
/* Removes the user with all its files, in one step.  Durable on return.  Returns the store's error.
 * [blocks] */
enum jb_err user_store_remove(int store, const char *name);
/* Writes a file of the user, USER_SECRET or USER_INITIATORS; an empty file for "".  Durable on return.  Returns the store's error.
 * [blocks] */
enum jb_err user_store_set(int store, const char *name, const char *file, const char *value);
/* Reads a file of the user to *text, without its newline; the caller wipes and frees it.  *size is its length.
 * *text is "" if there is none.  Returns JB_NO_MEMORY or JB_STORE_READ if it cannot be read.  [blocks] */
enum jb_err user_store_get(
	int store, const char *name, const char *file, char **text, size_t *size);
/* Prepares the folder of users at start: closes it to others, ends or removes the steps that a crash has left,
 * and makes folders of the users that an earlier version stored as files.  Stores the names of all that is
 * then in it; the caller frees them (store_free_names).  If there is no such folder, *count is 0 and *names
 * NULL.  Returns the store's error.  [blocks] */
enum jb_err user_store_open(int store, char ***names, size_t *count);

#endif
