/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/access.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "changer/access.h"
#include "changer/base/duration.h"
#include "changer/base/log.h"
#include "changer/settings/setting.h"

enum { WHY_MAX = 512 };

/* ---- logins --------------------------------------------------------------------------------- */

/* The reasons for a refusal, as the target and as the jukebox name them; the first row is no refusal. */
static const struct {
	enum iscsi_refusal target;
	enum jb_err jukebox;
} refusals[] = {
	{ISCSI_ADMITTED, JB_OK},
	{ISCSI_NO_POLICY, JB_LOGIN_POLICY},
	{ISCSI_WRONG_NETWORK, JB_LOGIN_NETWORK},
	{ISCSI_WRONG_INITIATOR, JB_LOGIN_INITIATOR},
	{ISCSI_NO_PROOF, JB_LOGIN_PROOF},
	{ISCSI_NO_ROOM, JB_LOGIN_ROOM},
};

/* Returns why the policy refuses the initiator, or ISCSI_ADMITTED.  `initiator` NULL: checks the address
 * only.  Returns ISCSI_NO_POLICY also if jb_access_admits gives an error that is not in `refusals`. */
static enum iscsi_refusal
admits(void *arg, const char *initiator, const struct sockaddr *address)
{
	enum jb_err e = jb_access_admits(arg, initiator, address);

	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		if (refusals[i].jukebox == e)
			return refusals[i].target;
	return ISCSI_NO_POLICY;
}

/* Raises the event `login-refused` for the reason `why`.  `initiator` "": it gave no name. */
static void
refused(void *arg, enum iscsi_refusal why, const char *initiator, const char *address)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		if (refusals[i].target == why)
			jb_event_refused(arg, refusals[i].jukebox, initiator, address);
}

/* Returns true if the policy asks for CHAP in a discovery session (discovery is true) or in a normal one
 * (false). */
static bool
wants_chap(void *arg, bool discovery)
{
	return jb_access_wants_chap(arg, discovery);
}

/* Copies a secret from `text` to *secret if `known` is true.  Clears `text` in both cases, so that no
 * secret stays in memory.  Returns `known`. */
static bool
to_secret(bool known, char text[JB_SECRET_MAX + 1], struct iscsi_secret *secret)
{
	if (known) {
		secret->len = strlen(text);
		memcpy(secret->bytes, text, secret->len);
	}
	explicit_bzero(text, JB_SECRET_MAX + 1);
	return known;
}

/* Fills in the secret that a user needs in a discovery session (discovery is true) or in a normal one
 * (false).  If a user for discovery is set, no other one has a secret there.  Returns false, and leaves
 * *secret as it is, if there is no such user or it has no secret. */
static bool
user_secret(void *arg, bool discovery, const char *user, struct iscsi_secret *secret)
{
	char text[JB_SECRET_MAX + 1];

	return to_secret(jb_access_user_secret(arg, discovery, user, text), text, secret);
}

/* Returns true if the user may log in by that initiator name. */
static bool
user_admits(void *arg, const char *user, const char *initiator)
{
	return jb_access_binds(arg, user, initiator);
}

/* Fills in the target's own name, which has ISCSI_USER_MAX + 1 bytes, and its secret.  Returns false if
 * one of the two is not set; *secret is as it was then, but name may have been written. */
static bool
own_secret(void *arg, char *name, struct iscsi_secret *secret)
{
	char text[JB_SECRET_MAX + 1];

	return to_secret(jb_access_own_secret(arg, name, text), text, secret);
}

/* ---- limits --------------------------------------------------------------------------------- */

/* Reads the settings of ctl/target/limits. */
static void
limits(void *arg, struct iscsi_limits *l)
{
	const struct {
		enum jb_setting setting;
		unsigned *to; /* a number, or milliseconds; NULL: to_bytes */
		size_t *to_bytes;
		bool is_time;
	} rows[] = {
		{JB_SET_LIMIT_CONNECTIONS, &l->connections, NULL, false},
		{JB_SET_LIMIT_LOGINS, &l->logins, NULL, false},
		{JB_SET_LIMIT_LOGIN_TIME, &l->login_ms, NULL, true},
		{JB_SET_LIMIT_DISCOVERY, &l->discovery, NULL, false},
		{JB_SET_LIMIT_DISCOVERY_TIME, &l->discovery_ms, NULL, true},
		{JB_SET_LIMIT_WRONG_PAUSE, &l->wrong_ms, NULL, true},
		{JB_SET_LIMIT_BURST_TIME, &l->burst_ms, NULL, true},
		{JB_SET_LIMIT_SESSION_BYTES, NULL, &l->session_bytes, false},
		{JB_SET_LIMIT_BYTES, NULL, &l->write_bytes, false},
	};
	char text[JB_TEXT_MAX];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		jb_setting_get(arg, rows[i].setting, 0, text);
		if (rows[i].is_time)
			(void)duration_parse(text, rows[i].to);
		else if (rows[i].to != NULL)
			*rows[i].to = (unsigned)strtoul(text, NULL, 10);
		else
			*rows[i].to_bytes = strtoul(text, NULL, 10);
	}
}

/* Returns true if a portal may open that other machines can reach: a setting says who may log in.  After
 * true, the jukebox counts such a portal as open (jb_access_need) until access_note_portals says
 * otherwise. */
static bool
may_go_beyond(void *arg)
{
	return jb_access_need(arg, true) == JB_OK;
}

struct iscsi_access
access_policy(struct jukebox *jb)
{
	return (struct iscsi_access){
		.arg = jb,
		.admits = admits,
		.wants_chap = wants_chap,
		.user_secret = user_secret,
		.user_admits = user_admits,
		.own_secret = own_secret,
		.may_go_beyond = may_go_beyond,
		.limits = limits,
		.refused = refused,
	};
}

/* ---- portals -------------------------------------------------------------------------------- */

/* Splits a list at its newlines, in place, and stores its elements, which point into `text`, in portals.
 * Skips empty lines, and ignores elements after OPTS_PORTALS_MAX.  Returns the number of elements. */
static size_t
cut(char *text, const char *portals[OPTS_PORTALS_MAX])
{
	char *save = NULL, *p;
	size_t n = 0;

	for (p = strtok_r(text, "\n", &save); p != NULL && n < OPTS_PORTALS_MAX;
		p = strtok_r(NULL, "\n", &save))
		portals[n++] = p;
	return n;
}

size_t
access_first_portals(
	struct jukebox *jb, const struct opts *o, char *text, const char *portals[OPTS_PORTALS_MAX])
{
	if (o->nportals > 0) {
		memcpy(portals, o->portals, sizeof(o->portals));
		return o->nportals;
	}
	jb_setting_get(jb, JB_SET_TARGET_PORTALS, 0, text);
	return cut(text, portals);
}

/* Returns the error for a result of iscsi_portals_set: JB_OK for 0, JB_PORTAL_FAILED for one that is not
 * in the table. */
static enum jb_err
to_err(int rc)
{
	static const struct {
		int rc;
		enum jb_err err;
	} table[] = {
		{0, JB_OK},
		{-EINVAL, JB_BAD_PORTAL},
		{-EPERM, JB_PORTAL_OPEN},
		{-EADDRINUSE, JB_PORTAL_IN_USE},
		{-EADDRNOTAVAIL, JB_PORTAL_ADDRESS},
		{-EACCES, JB_PORTAL_FORBIDDEN},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].rc == rc)
			return table[i].err;
	return JB_PORTAL_FAILED;
}

void
access_note_portals(struct jukebox *jb, struct iscsi_target *target)
{
	(void)jb_access_need(jb, iscsi_portals_beyond(target));
}

/* Checks and opens the portals in `value`, and then stores them, so that the store never has portals that
 * could not be opened.  If they cannot be stored, opens those in `before` again, which it cuts in place;
 * logs it if that fails.  Returns the errors of access_set_portals. */
static enum jb_err
open_and_store(struct jukebox *jb, struct iscsi_target *target, const char *value, char *before)
{
	char canonical[JB_TEXT_MAX], list[JB_TEXT_MAX], why[WHY_MAX];
	const char *portals[OPTS_PORTALS_MAX];
	enum jb_err err;
	int rc;

	if (!setting_check(JB_SET_TARGET_PORTALS, value, canonical))
		return JB_BAD_PORTAL;
	strcpy(list, canonical);
	rc = iscsi_portals_set(target, portals, cut(list, portals), why, sizeof(why));
	if (rc != 0) {
		log_warn("iscsi", "%s", why);
		return to_err(rc);
	}
	err = jb_setting_set(jb, JB_SET_TARGET_PORTALS, 0, canonical);
	if (err != JB_OK &&
		iscsi_portals_set(target, portals, cut(before, portals), why, sizeof(why)) != 0)
		log_err("iscsi", "%s", why);
	return err;
}

enum jb_err
access_set_portals(struct jukebox *jb, struct iscsi_target *target, const char *value)
{
	static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
	char before[JB_TEXT_MAX];
	enum jb_err err;

	pthread_mutex_lock(&one_at_a_time);
	iscsi_portals_text(target, before, sizeof(before));
	err = open_and_store(jb, target, value, before);
	access_note_portals(jb, target);
	pthread_mutex_unlock(&one_at_a_time);
	return err;
}
