/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connects the access policy, which the jukebox keeps, with the iSCSI target, which asks it.
 */
#ifndef TARGET_ACCESS_H
#define TARGET_ACCESS_H

#include "changer/jukebox.h"
#include "target/iscsi/iscsi.h"
#include "target/opts.h"

/* Returns the functions by which the target asks the policy of `jb`, which is borrowed and must outlive
 * the target. */
struct iscsi_access access_policy(struct jukebox *jb);

/* Stores the portals of the command line in `portals`, or, if it has none, those in the store.  The
 * latter are copied to `text`, which has JB_TEXT_MAX bytes and must stay in memory as long as `portals`.
 * Returns the number of portals.  Does not check them. */
size_t access_first_portals(struct jukebox *jb, const struct opts *o, char *text,
	const char *portals[OPTS_PORTALS_MAX]);
/* Opens the portals in `value`, one on each line, closes all others, and keeps the list in the store.
 * Returns JB_BAD_PORTAL if the value is not valid; JB_PORTAL_OPEN, JB_PORTAL_IN_USE or a similar error if
 * a portal cannot be opened; or the error of jb_setting_set.  After an error the portals are those of
 * before, in the store too.  Any thread; one call at a time, the others wait.  [blocks] */
enum jb_err access_set_portals(struct jukebox *jb, struct iscsi_target *target, const char *value);
/* Lets the policy know whether a portal beyond loopback is open now: as long as one is, the policy keeps
 * the settings that protect it (jb_access_need).  Call it after iscsi_start.  Any thread.  [blocks] */
void access_note_portals(struct jukebox *jb, struct iscsi_target *target);

#endif
