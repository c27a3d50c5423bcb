/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mount: the jukebox as a file system.
 */
#ifndef FSCTL_FSCTL_H
#define FSCTL_FSCTL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "changer/jukebox.h"
#include "fsctl/tree/tree.h"

struct fsctl;
struct nursery; /* helpers/nursery.h */

struct fsctl_options {
	struct jukebox *jb; /* borrowed */
	const char *mountpoint;
	uid_t uid; /* the owner of all files that are not discs, until chown sets another one */
	gid_t gid;
	mode_t mode; /* of the folders of elements, until chmod sets another one; 0: that of tree.def */
	const char *flags; /* further options of the mount, each with a comma before it; "": none */
	struct nursery *nursery; /* borrowed */
	struct tree_others others;
};

/* Checks that neither the store nor the mountpoint is inside the other one.  Then makes the mountpoint if it is
 * missing, removes a stale mount there, and checks that one can mount there.  Returns false with a message for
 * the user in `why`. */
bool fsctl_can_mount(const char *store, const char *mountpoint, char *why, size_t why_size);
/* Does what fsctl_can_mount does, mounts, and starts the threads that serve the mount.  Returns NULL on an
 * error, with a message for the user in `why`. */
struct fsctl *fsctl_start(const struct fsctl_options *options, char *why, size_t why_size);
/* Returns false if the mount does not answer a request within `ms` milliseconds.  Call it in a thread that serves
 * nothing.  [blocks] */
bool fsctl_answers(struct fsctl *fs, unsigned ms);
/* Returns a file descriptor that becomes readable when a user has unmounted the mount. */
int fsctl_ended_fd(struct fsctl *fs);
/* Forgets options.others: none of its functions is running or called any more when this returns. */
void fsctl_forget_texts(struct fsctl *fs);
/* Refuses new writers, answers the requests that wait, gives programs up to FS_STOP_WAIT_MS to finish
 * writing, unmounts, ends the threads, and frees fs. */
void fsctl_stop(struct fsctl *fs);

#endif
