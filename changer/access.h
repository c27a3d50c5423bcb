/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decides who may log in: reads the settings below ctl/access and keeps the users there.
 *
 * Any thread may call these functions.  Each takes the jukebox lock for a moment.  Functions marked
 * [blocks] also write to the store.  A secret is a text of JB_SECRET_MIN to JB_SECRET_MAX bytes.  No
 * secret is ever shown or logged.
 */
#ifndef CHANGER_ACCESS_H
#define CHANGER_ACCESS_H

#include <stdbool.h>
#include <sys/socket.h>

#include "changer/err.h"

struct jukebox;

enum {
	JB_USERS_MAX = 256,
	JB_USER_NAME_MAX = 223,
	JB_SECRET_MIN = 12, /* RFC 7143 9.2.1: 96 bits */
	JB_SECRET_MAX = 255,
};

/* ---- questions of a login ------------------------------------------------------------------ */

/* Checks an initiator at that address.  Returns JB_OK if it may log in; JB_LOGIN_POLICY if the address is
 * not loopback and no setting says who may log in; JB_LOGIN_NETWORK if there is a list of networks and
 * the address is in none of them; JB_LOGIN_INITIATOR if there is a list of initiators and the name is not
 * in it.  initiator NULL: the name is not known yet, and only the address is checked.  Does not check
 * CHAP. */
enum jb_err jb_access_admits(
	struct jukebox *jb, const char *initiator, const struct sockaddr *address);
/* Returns true if an initiator must prove its identity by CHAP, in a discovery session (discovery is
 * true) or in a normal one (false). */
bool jb_access_wants_chap(struct jukebox *jb, bool discovery);
/* Copies the secret that the user needs, in a discovery session (discovery is true) or in a normal one
 * (false).  If a user for discovery is set, only that one may use a discovery session; else all users
 * may.  Returns false, and leaves secret, if there is no such user or it has no secret. */
bool jb_access_user_secret(
	struct jukebox *jb, bool discovery, const char *user, char secret[JB_SECRET_MAX + 1]);
/* Copies the name and the secret by which the target proves its identity to an initiator.  name has
 * JB_USER_NAME_MAX + 1 bytes.  Returns false if one of the two is not set; name may then have been
 * written. */
bool jb_access_own_secret(struct jukebox *jb, char *name, char secret[JB_SECRET_MAX + 1]);

/* Returns true if the user, which has proved its identity, may use that initiator name: the name is in the
 * user's list; or the user has no list, and the name is in that of no other user.  Returns false if the user was
 * removed. */
bool jb_access_binds(struct jukebox *jb, const char *user, const char *initiator);

/* Announces that portals beyond loopback are about to open (beyond is true), or that none is open any
 * more (false).  Returns JB_PORTAL_OPEN, and changes nothing, if beyond is true and no setting says who
 * may log in; else JB_OK.  While such portals are open, jb_setting_set refuses a value with
 * JB_ACCESS_NEEDED if after it no setting would say who may log in.  Waits while another thread changes a
 * setting.  [blocks] */
enum jb_err jb_access_need(struct jukebox *jb, bool beyond);

/* ---- users ---------------------------------------------------------------------------------- */

/* Finds the user of that name, and stores its id.  The id stays the same as long as the user exists, and
 * this process never uses it again.  Returns false, and leaves *id, if there is no such user. */
bool jb_user_find(struct jukebox *jb, const char *name, unsigned *id);
/* Copies the name of the user to name, which has JB_USER_NAME_MAX + 1 bytes or is NULL.  Returns false,
 * and leaves name, if the user was removed. */
bool jb_user_name(struct jukebox *jb, unsigned id, char *name);
/* Stores the user number nth, counted from 0 in the order in which the users were added.  name is as in
 * jb_user_name.  Returns false, and stores nothing, if there are nth users or fewer. */
bool jb_user_at(struct jukebox *jb, unsigned nth, unsigned *id, char *name);
/* Adds a user, which has no secret and cannot log in yet.  Durable on return.  Returns JB_BAD_USER if
 * name is not valid, JB_IN_USE if the user exists, JB_TOO_MANY_USERS if there are JB_USERS_MAX already,
 * JB_NO_MEMORY, or the store's error.  [blocks] */
enum jb_err jb_user_add(struct jukebox *jb, const char *name);
/* Removes a user, and wipes its secret from memory.  Durable on return.  Returns JB_NO_SETTING if there
 * is no such user, JB_NOT_DURABLE if it is removed but a power cut may bring it back, or the store's error.  [blocks] */
enum jb_err jb_user_remove(struct jukebox *jb, const char *name);
/* Gives the user that secret, durably; "" takes its secret away.  Returns JB_BAD_SECRET if the text is
 * too short, too long or has control characters, JB_SAME_SECRET if it is the target's own secret,
 * JB_NO_SETTING if the user was removed, JB_NO_MEMORY, or the store's error.  [blocks] */
enum jb_err jb_user_set_secret(struct jukebox *jb, unsigned id, const char *secret);
/* Gives the user a list of patterns of initiator names, durably: it may log in by these only, and users without
 * a list may not use them.  "": by any other name.  Returns JB_BAD_VALUE if the list is not valid,
 * JB_NO_SETTING if the user was removed, JB_NO_MEMORY, or the store's error.  [blocks] */
enum jb_err jb_user_set_initiators(struct jukebox *jb, unsigned id, const char *list);
/* Copies the user's list of initiators, one a line, to list, which has JB_TEXT_MAX bytes; "" if it has none or
 * was removed. */
void jb_user_initiators(struct jukebox *jb, unsigned id, char *list);

#endif
