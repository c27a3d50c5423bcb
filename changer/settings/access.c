/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/access.h"

#include <stdio.h>
#include <string.h>

#include "changer/inventory/model.h"
#include "changer/settings/access.h"
#include "changer/settings/acl.h"
#include "changer/settings/setting_value.h"
#include "changer/settings/user.h"

/* ---- what a login asks ---------------------------------------------------------------------- */

/* Returns true if the value or the default of the setting is "chap".  Takes the jukebox lock for a moment. */
static bool
is_chap(struct jukebox *jb, enum jb_setting s)
{
	char buf[JB_TEXT_MAX];

	return strcmp(jb_setting_get(jb, s, 0, buf), "chap") == 0;
}

/* Returns true if the value or the default of the setting is not empty.  A secret always counts as empty. */
static bool
is_set(struct jukebox *jb, enum jb_setting s)
{
	char buf[JB_TEXT_MAX];

	return jb_setting_get(jb, s, 0, buf)[0] != '\0';
}

/* Returns true if any setting says who may log in: CHAP for normal sessions, a list of initiators, or a list
 * of networks.  Does not look at the settings for discovery. */
static bool
is_configured(struct jukebox *jb)
{
	return is_chap(jb, JB_SET_ACCESS_AUTH) || is_set(jb, JB_SET_ACCESS_INITIATORS) ||
	       is_set(jb, JB_SET_ACCESS_NETWORKS);
}

enum jb_err
jb_access_admits(struct jukebox *jb, const char *initiator, const struct sockaddr *address)
{
	char list[JB_TEXT_MAX];

	if (!acl_is_loopback(address) && !is_configured(jb))
		return JB_LOGIN_POLICY;
	jb_setting_get(jb, JB_SET_ACCESS_NETWORKS, 0, list);
	if (list[0] != '\0' && !acl_has_address(list, address))
		return JB_LOGIN_NETWORK;
	jb_setting_get(jb, JB_SET_ACCESS_INITIATORS, 0, list);
	if (list[0] != '\0' && initiator != NULL && !acl_has_name(list, initiator))
		return JB_LOGIN_INITIATOR;
	return JB_OK;
}

bool
jb_access_wants_chap(struct jukebox *jb, bool discovery)
{
	return is_chap(jb, discovery ? JB_SET_ACCESS_DISCOVERY_AUTH : JB_SET_ACCESS_AUTH);
}

/* Copies the secret in the setting.  Returns false, and leaves secret, if none is set or it is too long. */
static bool
copy_secret(struct jukebox *jb, enum jb_setting s, char secret[JB_SECRET_MAX + 1])
{
	char buf[JB_TEXT_MAX];
	bool ok = setting_copy(jb, s, buf) && strlen(buf) <= JB_SECRET_MAX;

	if (ok)
		memcpy(secret, buf, strlen(buf) + 1);
	explicit_bzero(buf, sizeof(buf));
	return ok;
}

/* Copies the secret of that user.  Returns false, and leaves secret, if there is no such user or it has no
 * secret. */
static bool
copy_user_secret(struct jukebox *jb, const char *user, char secret[JB_SECRET_MAX + 1])
{
	bool ok = false;

	jb_enter(jb);
	for (unsigned i = 0; i < jb->nusers && !ok; i++) {
		const struct user *u = &jb->users[i];

		ok = strcmp(u->name, user) == 0 && u->secret[0] != '\0';
		if (ok)
			memcpy(secret, u->secret, strlen(u->secret) + 1);
	}
	jb_leave(jb);
	return ok;
}

bool
jb_access_user_secret(
	struct jukebox *jb, bool discovery, const char *user, char secret[JB_SECRET_MAX + 1])
{
	char only[JB_TEXT_MAX];

	if (discovery && jb_setting_get(jb, JB_SET_ACCESS_DISCOVERY_USER, 0, only)[0] != '\0')
		return strcmp(only, user) == 0 &&
		       copy_secret(jb, JB_SET_ACCESS_DISCOVERY_SECRET, secret);
	return copy_user_secret(jb, user, secret);
}

bool
jb_access_binds(struct jukebox *jb, const char *user, const char *initiator)
{
	bool found = false, bound = false, listed = false, taken = false;

	jb_enter(jb);
	for (unsigned i = 0; i < jb->nusers; i++) {
		const struct user *u = &jb->users[i];
		bool has = u->initiators != NULL && acl_has_name(u->initiators, initiator);

		taken = taken || has;
		if (strcmp(u->name, user) != 0)
			continue;
		found = true;
		bound = u->initiators != NULL;
		listed = has;
	}
	jb_leave(jb);
	return found && (bound ? listed : !taken);
}

bool
jb_access_own_secret(struct jukebox *jb, char *name, char secret[JB_SECRET_MAX + 1])
{
	char buf[JB_TEXT_MAX];
	size_t n = strlen(jb_setting_get(jb, JB_SET_ACCESS_TARGET_USER, 0, buf));

	if (n == 0 || n > JB_USER_NAME_MAX)
		return false;
	memcpy(name, buf, n + 1);
	return copy_secret(jb, JB_SET_ACCESS_TARGET_SECRET, secret);
}

/* ---- changes -------------------------------------------------------------------------------- */

/* Returns true if some setting would still say who may log in (is_configured) if s had that value.  Changes
 * nothing. */
static bool
stays_configured(struct jukebox *jb, enum jb_setting s, const char *value)
{
	static const enum jb_setting lists[] = {JB_SET_ACCESS_INITIATORS, JB_SET_ACCESS_NETWORKS};
	bool any = s == JB_SET_ACCESS_AUTH ? strcmp(value, "chap") == 0
					   : is_chap(jb, JB_SET_ACCESS_AUTH);

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		any = any || (s == lists[i] ? value[0] != '\0' : is_set(jb, lists[i]));
	return any;
}

/* Returns true if the secret in the setting is equal to that text.  Returns false if none is set. */
static bool
has_secret(struct jukebox *jb, enum jb_setting s, const char *secret)
{
	char buf[JB_TEXT_MAX];
	bool same = setting_copy(jb, s, buf) && strcmp(buf, secret) == 0;

	explicit_bzero(buf, sizeof(buf));
	return same;
}

/* Checks whether the setting may get that value.  Does not let a secret serve both directions (RFC
 * 7143 9.2.1): each side could then make the other one compute its own answer. */
enum jb_err
access_check(struct jukebox *jb, enum jb_setting s, const char *value)
{
	bool same = false;

	switch (s) {
	case JB_SET_ACCESS_AUTH:
	case JB_SET_ACCESS_INITIATORS:
	case JB_SET_ACCESS_NETWORKS:
		return !jb->access_needed || stays_configured(jb, s, value) ? JB_OK
									    : JB_ACCESS_NEEDED;
	case JB_SET_ACCESS_TARGET_SECRET:
		same = user_has_secret(jb, value) ||
		       has_secret(jb, JB_SET_ACCESS_DISCOVERY_SECRET, value);
		break;
	case JB_SET_ACCESS_DISCOVERY_SECRET:
		same = has_secret(jb, JB_SET_ACCESS_TARGET_SECRET, value);
		break;
	default:
		return JB_OK;
	}
	return same && value[0] != '\0' ? JB_SAME_SECRET : JB_OK;
}

enum jb_err
jb_access_need(struct jukebox *jb, bool beyond)
{
	enum jb_err err = JB_OK;

	setting_enter(jb);
	if (beyond && !is_configured(jb))
		err = JB_PORTAL_OPEN;
	else
		jb->access_needed = beyond;
	setting_leave(jb);
	return err;
}
