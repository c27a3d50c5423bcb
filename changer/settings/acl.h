/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lists of networks, initiators and portals, as settings hold them; names and secrets of users.  All
 * functions are pure.
 *
 * In a list that a user writes, blanks, commas or newlines separate the elements; the stored form has
 * newlines.  An element has 254 bytes at most.  The checks are those that setting.def names.  They return
 * true if text is valid, and store its one normal form in canonical, which has JB_TEXT_MAX bytes; else they
 * return false, and canonical has no meaning.
 */
#ifndef CHANGER_SETTINGS_ACL_H
#define CHANGER_SETTINGS_ACL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

/* Checks a list of networks, such as 192.0.2.0/24, or addresses.  Returns true, with the list in canonical
 * and the bits after each prefix cleared, if all are valid; an empty list is, with "".  Else returns
 * false. */
bool acl_check_networks(const char *text, char *canonical);
/* Checks a list of patterns of initiator names, with * and ?.  Returns true, with the list in lower case in
 * canonical, if all are valid; an empty list is, with "".  Else returns false. */
bool acl_check_initiators(const char *text, char *canonical);
/* Returns true, with the list in canonical, if text is a list of 1 to 16 portals, each ADDRESS[:PORT] or
 * BIND=ANNOUNCED; else false, also for an empty list. */
bool acl_check_portals(const char *text, char *canonical);
/* Returns true, with a copy in canonical, if text is a name of a user: 1 to JB_USER_NAME_MAX graphic ASCII
 * characters without a slash, of which the first is not a dot.  Else returns false, and leaves canonical. */
bool acl_check_user(const char *text, char *canonical);
/* Returns true, with a copy in canonical, if text is a secret: JB_SECRET_MIN to JB_SECRET_MAX bytes without
 * control characters.  Else returns false, and leaves canonical. */
bool acl_check_secret(const char *text, char *canonical);

/* Returns true if the address, whose port is ignored, is in one of the networks of the list.  Returns false
 * for an empty list, and for an address that is neither IPv4 nor IPv6.  Skips elements that are not valid.
 * IPv4 and IPv6 never match each other. */
bool acl_has_address(const char *networks, const struct sockaddr *address);
/* Returns true if the name matches one of the patterns of the list, whatever the case of its letters.
 * Returns false for an empty list. */
bool acl_has_name(const char *patterns, const char *name);
/* Returns true if the address is in 127.0.0.0/8, or is ::1. */
bool acl_is_loopback(const struct sockaddr *address);

#endif
