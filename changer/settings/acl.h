/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lists of networks, initiators and portals, as settings hold them; names and secrets of users.  All
 * functions are pure.
 *
 * In a list that a user writes, blanks, commas or newlines separate the elements; the stored form has
 * newlines.  The checks are those that setting.def names.  They return false if text is not valid; else
 * they store its one normal form in canonical, which has JB_TEXT_MAX bytes.
 */
#ifndef CHANGER_SETTINGS_ACL_H
#define CHANGER_SETTINGS_ACL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

bool acl_check_networks(const char *text, char *canonical);
bool acl_check_initiators(const char *text, char *canonical);
bool acl_check_portals(const char *text, char *canonical);
bool acl_check_user(const char *text, char *canonical);
bool acl_check_secret(const char *text, char *canonical);

/* Return true if the address is in one of the networks, or the name matches one of the patterns.  An
 * empty list matches nothing. */
bool acl_has_address(const char *networks, const struct sockaddr *address);
bool acl_has_name(const char *patterns, const char *name);
bool acl_is_loopback(const struct sockaddr *address);

#endif
