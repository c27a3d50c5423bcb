/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who may log in: the settings of ctl/access and the users there.
 *
 * Any thread; each takes the jukebox lock for a moment, those marked [blocks] write to the store.
 * A secret is text of JB_SECRET_MIN to JB_SECRET_MAX bytes.  No secret is ever shown or logged.
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

/* ---- what a login asks ---------------------------------------------------------------------- */

/* JB_OK, or JB_LOGIN_POLICY, JB_LOGIN_NETWORK, JB_LOGIN_INITIATOR.  initiator NULL: not yet known. */
enum jb_err jb_access_admits(
	struct jukebox *jb, const char *initiator, const struct sockaddr *address);
bool jb_access_wants_chap(struct jukebox *jb, bool discovery);
/* False: there is no such user, or it has no secret. */
bool jb_access_user_secret(
	struct jukebox *jb, bool discovery, const char *user, char secret[JB_SECRET_MAX + 1]);
/* Who the target is, to who asks; name of JB_USER_NAME_MAX + 1.  False: nobody has said it. */
bool jb_access_own_secret(struct jukebox *jb, char *name, char secret[JB_SECRET_MAX + 1]);

/*
 * Says that portals beyond loopback are to be open, or that none is.  JB_PORTAL_OPEN: nobody has
 * said yet who may log in.  As long as they are, the last word on that is not taken back.
 */
enum jb_err jb_access_need(struct jukebox *jb, bool beyond);

/* ---- users ---------------------------------------------------------------------------------- */

/* Each has an id, which stays for the user's life and is not used again by this process. */
bool jb_user_find(struct jukebox *jb, const char *name, unsigned *id);
/* name, of JB_USER_NAME_MAX + 1 or NULL, gets the name; false: there is no such user any more. */
bool jb_user_name(struct jukebox *jb, unsigned id, char *name);
/* The nth in the order in which they were made. */
bool jb_user_at(struct jukebox *jb, unsigned nth, unsigned *id, char *name);
/* A new one has no secret and cannot log in.  Durable when they return.  [blocks] */
enum jb_err jb_user_add(struct jukebox *jb, const char *name);
enum jb_err jb_user_remove(struct jukebox *jb, const char *name);
/* "": takes the secret away.  [blocks] */
enum jb_err jb_user_set_secret(struct jukebox *jb, unsigned id, const char *secret);

#endif
