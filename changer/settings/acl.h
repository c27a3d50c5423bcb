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

/* Checks a list of networks, such as 192.0.2.0/24 or an address. */
bool acl_check_networks(const char *text, char *canonical);
/* Checks a list of patterns of initiator names, with * and ?. */
bool acl_check_initiators(const char *text, char *canonical);
/* Checks a list of portals, which has at least one element. */
bool acl_check_portals(const char *text, char *canonical);
/* Checks the name of a user. */
bool acl_check_user(const char *text, char *canonical);
/* Checks a secret. */
bool acl_check_secret(const char *text, char *canonical);

/* Returns true if the address is in one of the networks of the list.  An empty list has none. */
bool acl_has_address(const char *networks, const struct sockaddr *address);
/* Returns true if the name matches one of the patterns of the list.  An empty list has none. */
bool acl_has_name(const char *patterns, const char *name);
/* Returns true if the address is a loopback address. */
bool acl_is_loopback(const struct sockaddr *address);

#endif
