/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connects the access policy, which the jukebox keeps, with the iSCSI target, which asks it.
 */
#ifndef TARGET_ACCESS_H
#define TARGET_ACCESS_H

#include "changer/jukebox.h"
#include "target/iscsi/iscsi.h"
#include "target/opts.h"

/* Returns the functions by which the target asks the policy of `jb`, which is borrowed. */
struct iscsi_access access_policy(struct jukebox *jb);

/* Fills in the portals of the command line, or, if it has none, those in the store.  The latter are
 * stored in `text`, which has JB_TEXT_MAX bytes and must stay in memory.  Returns the number of
 * portals. */
size_t access_first_portals(struct jukebox *jb, const struct opts *o, char *text,
	const char *portals[OPTS_PORTALS_MAX]);
/* Opens the portals in `value`, one on each line, closes all others, and keeps the list in the store.
 * Changes nothing on an error.  Any thread.  [blocks] */
enum jb_err access_set_portals(struct jukebox *jb, struct iscsi_target *target, const char *value);
/* Lets the policy know whether a portal beyond loopback is open.  Call it after iscsi_start. */
void access_note_portals(struct jukebox *jb, struct iscsi_target *target);

#endif
