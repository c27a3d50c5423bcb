/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Joins who may log in, which the jukebox keeps, to the target, which asks.
 */
#ifndef TARGET_ACCESS_H
#define TARGET_ACCESS_H

#include "changer/jukebox.h"
#include "target/iscsi/iscsi.h"
#include "target/opts.h"

/* The policy of that jukebox. */
struct iscsi_access access_policy(struct jukebox *jb);

/* The portals of the options, or else those that the store has.  text, of JB_TEXT_MAX, holds the
 * latter; returns how many there are. */
size_t access_first_portals(struct jukebox *jb, const struct opts *o, char *text,
	const char *portals[OPTS_PORTALS_MAX]);
/* Opens these portals in place of those that there are, and has the store remember them.  [blocks] */
enum jb_err access_set_portals(struct jukebox *jb, struct iscsi_target *target, const char *value);
/* To be called when portals have been opened otherwise. */
void access_note_portals(struct jukebox *jb, struct iscsi_target *target);

#endif
