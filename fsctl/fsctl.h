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
	struct jukebox *jb;	/* borrowed */
	const char *mountpoint; /* may be relative, and need not exist */
	uid_t uid; /* the owner of all files that are not discs, until chown sets another one */
	gid_t gid;
	mode_t mode; /* of the folders of elements, until chmod sets another one; 0: that of tree.def */
	const char *flags; /* further options of the mount, each with a comma before it; "": none */
	struct nursery *nursery;   /* borrowed */
	struct tree_others others; /* copied; see fsctl_forget_texts */
};

/* Returns true if neither the store nor the mountpoint is inside the other one, and one can mount there.  For
 * the second check, makes the mountpoint if it is missing and removes dead mounts there, as mount_prepare
 * does.  Else returns false with a message for the user in `why`. */
bool fsctl_can_mount(const char *store, const char *mountpoint, char *why, size_t why_size);
/* Prepares the mountpoint as mount_prepare does, mounts, starts the threads that serve the mount, and sets
 * the jukebox's opener, importer and mover.  Does not compare the mountpoint with the store.  Returns NULL on
 * an error, with a message for the user in `why`; then nothing is mounted.  The caller frees the result with
 * fsctl_stop.  [blocks] */
struct fsctl *fsctl_start(const struct fsctl_options *options, char *why, size_t why_size);
/* Returns true if the mount answers a request within `ms` milliseconds, or if no helper can ask it
 * (replay_answers); false if it does not answer.  Call it in a thread that serves nothing.  [blocks] */
bool fsctl_answers(struct fsctl *fs, unsigned ms);
/* Returns a file descriptor that becomes readable, and stays so, when the mount has ended: a user has
 * unmounted it, or its threads could not go on.  It belongs to fs. */
int fsctl_ended_fd(struct fsctl *fs);
/* Forgets options.others: none of its functions is running or called any more when this returns.  Their files
 * are then empty, and refuse values with JB_STOPPING.  [blocks] */
void fsctl_forget_texts(struct fsctl *fs);
/* Sets fs->stopping, which refuses new writers; answers the READs that wait for an event; gives programs up
 * to FS_STOP_WAIT_MS to finish writing; unmounts, ends the threads, and frees fs.  A file that is still being
 * written becomes an incomplete one.  Call it without a lock.  [blocks] */
void fsctl_stop(struct fsctl *fs);

#endif
