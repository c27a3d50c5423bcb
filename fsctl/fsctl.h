/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mount: the jukebox as a file system (DESIGN 2).
 */
#ifndef FSCTL_FSCTL_H
#define FSCTL_FSCTL_H

#include <stdbool.h>
#include <stddef.h>

#include "changer/jukebox.h"

struct fsctl;
struct nursery; /* helper.h */

/* Text that another part of the program has; fills buf, returns the length that all would have. */
typedef size_t fsctl_text(void *arg, char *buf, size_t size);

/* Takes what was written to a file for another part of the program.  [blocks] */
typedef enum jb_err fsctl_take(void *arg, const char *value);

struct fsctl_options {
	struct jukebox *jb; /* borrowed */
	const char *mountpoint;
	struct nursery *nursery;	  /* borrowed */
	fsctl_text *portals, *sessions;	  /* ctl/target/portals, ctl/target/sessions */
	fsctl_text *metrics;		  /* those of the target, for metrics */
	fsctl_take *logout, *set_portals; /* ctl/target/logout, ctl/target/portals */
	void *arg;
};

/* Makes the mountpoint where it is missing, and says what would stand in the way of a mount. */
bool fsctl_can_mount(const char *mountpoint, char *why, size_t why_size);
/* Clears a stale mount in the way, mounts, and serves in threads of its own.  NULL: why says what
 * is wrong, for the user. */
struct fsctl *fsctl_start(const struct fsctl_options *options, char *why, size_t why_size);
/* True as long as the mount is there: false after somebody has unmounted it. */
bool fsctl_serving(struct fsctl *fs);
/* A descriptor that becomes readable when fsctl_serving turns false. */
int fsctl_ended_fd(struct fsctl *fs);
/* What the options name is not called any more once this returns: who answers there may go. */
void fsctl_forget_texts(struct fsctl *fs);
/* Refuses new writers, answers who waits, gives writers a moment, unmounts, ends the threads. */
void fsctl_stop(struct fsctl *fs);

#endif
