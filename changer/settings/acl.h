/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lists of networks, initiators and portals, as settings hold them; names and secrets of users.  Pure.
 *
 * A list is written with blanks, commas or newlines between its elements and kept with newlines.
 * The checks are those of setting.def: canonical has JB_TEXT_MAX bytes.
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

/* Is it in one of the networks, or is one of the patterns its name?  No list has nothing in it. */
bool acl_has_address(const char *networks, const struct sockaddr *address);
bool acl_has_name(const char *patterns, const char *name);
bool acl_is_loopback(const struct sockaddr *address);

#endif
