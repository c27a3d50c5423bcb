/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The users that may log in with CHAP, in memory and, by user_store.h, in the store. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "changer/access.h"
#include "changer/base/log.h"
#include "changer/base/secret.h"
#include "changer/inventory/finding.h"
#include "changer/inventory/model.h"
#include "changer/settings/acl.h"
#include "changer/settings/setting_value.h"
#include "changer/settings/user.h"
#include "changer/settings/user_store.h"
#include "changer/store/store.h"

/* Returns the user of that name; NULL if there is none.  The jukebox lock must be held. */
static struct user *
find_user(struct jukebox *jb, const char *name) REQUIRES(jb_lock)
{
	for (unsigned i = 0; i < jb->nusers; i++)
		if (strcmp(jb->users[i].name, name) == 0)
			return &jb->users[i];
	return NULL;
}

/* Returns the user with that id; NULL if it was removed.  The jukebox lock must be held. */
static struct user *
find_user_by_id(struct jukebox *jb, unsigned id) REQUIRES(jb_lock)
{
	for (unsigned i = 0; i < jb->nusers; i++)
		if (jb->users[i].id == id)
			return &jb->users[i];
	return NULL;
}

/* ---- asking --------------------------------------------------------------------------------- */

bool
jb_user_find(struct jukebox *jb, const char *name, unsigned *id)
{
	const struct user *u;

	jb_enter(jb);
	u = find_user(jb, name);
	if (u != NULL)
		*id = u->id;
	jb_leave(jb);
	return u != NULL;
}

/* Copies the user's name to name (JB_USER_NAME_MAX + 1 bytes), unless that is NULL.  The jukebox lock must be
 * held. */
static void
copy_name(const struct user *u, char *name)
{
	if (name != NULL)
		memcpy(name, u->name, strlen(u->name) + 1);
}

bool
jb_user_name(struct jukebox *jb, unsigned id, char *name)
{
	const struct user *u;

	jb_enter(jb);
	u = find_user_by_id(jb, id);
	if (u != NULL)
		copy_name(u, name);
	jb_leave(jb);
	return u != NULL;
}

bool
jb_user_at(struct jukebox *jb, unsigned nth, unsigned *id, char *name)
{
	bool found;

	jb_enter(jb);
	found = nth < jb->nusers;
	if (found) {
		*id = jb->users[nth].id;
		copy_name(&jb->users[nth], name);
	}
	jb_leave(jb);
	return found;
}

bool
user_has_secret(struct jukebox *jb, const char *secret)
{
	bool has = false;

	jb_enter(jb);
	for (unsigned i = 0; i < jb->nusers; i++)
		has = has || strcmp(jb->users[i].secret, secret) == 0;
	jb_leave(jb);
	return has;
}

/* ---- changing: the store first -------------------------------------------------------------- */

/* Adds a user in memory, behind the last one, with a new id.  Does not check that the name is new.  Returns
 * JB_TOO_MANY_USERS if there are JB_USERS_MAX already, or JB_NO_MEMORY; it has then added nothing. */
static enum jb_err
add_in_memory(struct jukebox *jb, const char *name, const char *secret)
{
	struct user u = {0, strdup(name), secret_copy(secret), NULL};
	enum jb_err err = u.name != NULL && u.secret != NULL ? JB_OK : JB_NO_MEMORY;

	jb_enter(jb);
	if (err == JB_OK && jb->nusers == JB_USERS_MAX)
		err = JB_TOO_MANY_USERS;
	if (err == JB_OK) {
		u.id = ++jb->last_user;
		jb->users[jb->nusers++] = u;
	}
	jb_leave(jb);
	if (err != JB_OK) {
		free(u.name);
		secret_free(u.secret);
	}
	return err;
}

/* Returns true if there are JB_USERS_MAX users, so that none can be added. */
static bool
is_full(struct jukebox *jb)
{
	bool full;

	jb_enter(jb);
	full = jb->nusers == JB_USERS_MAX;
	jb_leave(jb);
	return full;
}

enum jb_err
jb_user_add(struct jukebox *jb, const char *name)
{
	char canonical[JB_TEXT_MAX];
	enum jb_err err = JB_OK;
	unsigned id;

	if (!acl_check_user(name, canonical))
		return JB_BAD_USER;
	setting_enter(jb);
	if (jb_user_find(jb, name, &id))
		err = JB_IN_USE; /* another program added it first */
	else if (is_full(jb))
		err = JB_TOO_MANY_USERS;
	if (err == JB_OK)
		err = user_store_add(jb->store, name);
	if (err == JB_OK)
		err = add_in_memory(jb, name, "");
	setting_leave(jb);
	return err;
}

/* Removes a user in memory, and wipes its secret.  Does nothing if there is no such user. */
static void
remove_in_memory(struct jukebox *jb, const char *name)
{
	struct user gone = {0}, *u;

	jb_enter(jb);
	u = find_user(jb, name);
	if (u != NULL) {
		gone = *u;
		jb->nusers--;
		memmove(u, u + 1, (size_t)(&jb->users[jb->nusers] - u) * sizeof(*u));
	}
	jb_leave(jb);
	free(gone.name);
	secret_free(gone.secret);
	free(gone.initiators);
}

enum jb_err
jb_user_remove(struct jukebox *jb, const char *name)
{
	enum jb_err err = JB_OK;
	unsigned id;

	setting_enter(jb);
	if (!jb_user_find(jb, name, &id))
		err = JB_NO_SETTING;
	if (err == JB_OK)
		err = user_store_remove(jb->store, name);
	if (err == JB_OK || err == JB_NOT_DURABLE)
		remove_in_memory(jb, name);
	setting_leave(jb);
	return err;
}

/* Replaces the user's secret in memory by a copy of that text, and wipes the old one.  Changes nothing, and
 * returns JB_OK, if the user was removed.  Returns JB_NO_MEMORY if there is no memory. */
static enum jb_err
change_secret(struct jukebox *jb, unsigned id, const char *secret)
{
	char *copy = secret_copy(secret), *old = copy;
	struct user *u;

	if (copy == NULL)
		return JB_NO_MEMORY;
	jb_enter(jb);
	u = find_user_by_id(jb, id);
	if (u != NULL) {
		old = u->secret;
		u->secret = copy;
	}
	jb_leave(jb);
	secret_free(old);
	return JB_OK;
}

enum jb_err
jb_user_set_secret(struct jukebox *jb, unsigned id, const char *secret)
{
	char canonical[JB_TEXT_MAX] = "", name[JB_USER_NAME_MAX + 1], own[JB_TEXT_MAX];
	enum jb_err err = JB_OK;

	if (secret[0] != '\0' && !acl_check_secret(secret, canonical))
		return JB_BAD_SECRET;
	setting_enter(jb);
	if (!jb_user_name(jb, id, name))
		err = JB_NO_SETTING;
	else if (setting_copy(jb, JB_SET_ACCESS_TARGET_SECRET, own) && strcmp(own, canonical) == 0)
		err = JB_SAME_SECRET;
	if (err == JB_OK)
		err = user_store_set(jb->store, name, USER_SECRET, canonical);
	if (err == JB_OK)
		err = change_secret(jb, id, canonical);
	setting_leave(jb);
	explicit_bzero(canonical, sizeof(canonical));
	explicit_bzero(own, sizeof(own));
	return err;
}

/* Replaces the user's list of initiators in memory; "" for none.  Changes nothing, and returns JB_OK, if the
 * user was removed.  Returns JB_NO_MEMORY if there is no memory. */
static enum jb_err
change_initiators(struct jukebox *jb, unsigned id, const char *list)
{
	char *copy = list[0] == '\0' ? NULL : strdup(list), *old = copy;
	struct user *u;

	if (copy == NULL && list[0] != '\0')
		return JB_NO_MEMORY;
	jb_enter(jb);
	u = find_user_by_id(jb, id);
	if (u != NULL) {
		old = u->initiators;
		u->initiators = copy;
	}
	jb_leave(jb);
	free(old);
	return JB_OK;
}

enum jb_err
jb_user_set_initiators(struct jukebox *jb, unsigned id, const char *list)
{
	char canonical[JB_TEXT_MAX], name[JB_USER_NAME_MAX + 1];
	enum jb_err err = JB_OK;

	if (!acl_check_initiators(list, canonical))
		return JB_BAD_VALUE;
	setting_enter(jb);
	if (!jb_user_name(jb, id, name))
		err = JB_NO_SETTING;
	if (err == JB_OK)
		err = user_store_set(jb->store, name, USER_INITIATORS, canonical);
	if (err == JB_OK)
		err = change_initiators(jb, id, canonical);
	setting_leave(jb);
	return err;
}

void
jb_user_initiators(struct jukebox *jb, unsigned id, char *list)
{
	const struct user *u;

	jb_enter(jb);
	u = find_user_by_id(jb, id);
	snprintf(list, JB_TEXT_MAX, "%s", u == NULL || u->initiators == NULL ? "" : u->initiators);
	jb_leave(jb);
}

/* ---- start and end -------------------------------------------------------------------------- */

/* Prints the path of the user in the store to path, which has STORE_PATH_MAX bytes.  Returns path. */
static const char *
user_path(const char *name, char *path)
{
	snprintf(path, STORE_PATH_MAX, "ctl/access/users/%.255s", name);
	return path;
}

/* Loads the user's list of initiators into memory.  If it cannot be read or is not valid, reports that
 * (finding_report), and makes the user's secret empty in memory, so that it cannot log in. */
static void
load_initiators(struct jukebox *jb, const char *name)
{
	char canonical[JB_TEXT_MAX], path[STORE_PATH_MAX];
	char *text = NULL;
	size_t size = 0;
	unsigned id = 0;
	enum jb_err err = user_store_get(jb->store, name, USER_INITIATORS, &text, &size);

	if (!jb_user_find(jb, name, &id))
		err = JB_NO_SETTING;
	if (err == JB_OK && (strlen(text) != size || !acl_check_initiators(text, canonical)))
		err = JB_BAD_VALUE;
	if (err == JB_OK)
		err = change_initiators(jb, id, canonical);
	if (err != JB_OK) {
		finding_report(jb, user_path(name, path), "the user cannot log in",
			"its initiators cannot be used: %s", jb_err_text(err));
		(void)change_secret(jb, id, "");
	}
	free(text);
}

/* Loads the user of that name from its folder, with its list of initiators.  If the secret is not valid,
 * reports that and loads the user without one.  If the name is not valid, the folder cannot be read, there
 * are too many users or memory is missing, reports that and loads nothing. */
static void
load_user(struct jukebox *jb, const char *name)
{
	char canonical[JB_TEXT_MAX], path[STORE_PATH_MAX];
	char *text = NULL;
	size_t size = 0;
	enum jb_err err = acl_check_user(name, canonical)
				  ? user_store_get(jb->store, name, USER_SECRET, &text, &size)
				  : JB_BAD_USER;

	if (err == JB_OK && size > 0 &&
		(strlen(text) != size || !acl_check_secret(text, canonical))) {
		finding_report(jb, user_path(name, path), "the user has no secret", "%s",
			jb_err_text(JB_BAD_SECRET));
		explicit_bzero(text, size);
	}
	if (err == JB_OK)
		err = add_in_memory(jb, name, text);
	if (err != JB_OK)
		finding_report(
			jb, user_path(name, path), NULL, "is not a user: %s", jb_err_text(err));
	else
		load_initiators(jb, name);
	setting_wipe(text);
	explicit_bzero(canonical, sizeof(canonical));
}

enum jb_err
user_load_all(struct jukebox *jb)
{
	struct user *users = calloc(JB_USERS_MAX, sizeof(*users));
	char **names = NULL;
	size_t count = 0;
	enum jb_err err;

	if (users == NULL)
		return JB_NO_MEMORY;
	jb_enter(jb);
	jb->users = users;
	jb_leave(jb);
	err = user_store_open(jb->store, &names, &count);
	if (err == JB_STORE_READ) {
		finding_report(
			jb, "ctl/access/users", "there are no users", "%s", jb_err_text(err));
		err = JB_OK;
	}
	/* A store that is read-only still has what a crash has left, by names with a dot. */
	for (size_t i = 0; i < count; i++)
		if (names[i][0] != '.')
			load_user(jb, names[i]);
	store_free_names(names, count);
	return err;
}

void
user_free_all(struct jukebox *jb)
{
	jb_enter(jb);
	for (unsigned i = 0; i < jb->nusers; i++) {
		free(jb->users[i].name);
		secret_free(jb->users[i].secret);
		free(jb->users[i].initiators);
	}
	free(jb->users);
	jb->users = NULL;
	jb->nusers = 0;
	jb_leave(jb);
}
