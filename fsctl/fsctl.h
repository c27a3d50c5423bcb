/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mount: the jukebox as a file system.
 */
#ifndef FSCTL_FSCTL_H
#define FSCTL_FSCTL_H

#include <stdbool.h>
#include <stddef.h>

#include "changer/jukebox.h"
#include "fsctl/tree/tree.h"

struct fsctl;
struct nursery; /* helpers/nursery.h */

struct fsctl_options {
	struct jukebox *jb; /* borrowed */
	const char *mountpoint;
	struct nursery *nursery; /* borrowed */
	struct tree_others others;
};

/* Makes the mountpoint where it is missing, and says what would stand in the way of a mount. */
bool fsctl_can_mount(const char *mountpoint, char *why, size_t why_size);
/* Clears a stale mount in the way, mounts, and serves in threads of its own.  NULL: why says what
 * is wrong, for the user. */
struct fsctl *fsctl_start(const struct fsctl_options *options, char *why, size_t why_size);
/* A descriptor that becomes readable when the mount is gone, because somebody has unmounted it. */
int fsctl_ended_fd(struct fsctl *fs);
/* What the options name is not called any more once this returns: who answers there may go. */
void fsctl_forget_texts(struct fsctl *fs);
/* Refuses new writers, answers who waits, gives writers a moment, unmounts, ends the threads. */
void fsctl_stop(struct fsctl *fs);

#endif
