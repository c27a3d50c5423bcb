/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes what initiators do visible to inotify.  If an initiator moves a disc, the mover (mover.h) renames the
 * disc's file on the mount.  For other events, the mover touches the file that has changed.
 *
 * The FUSE handler of that RENAME commits the job of the move (changer/move.h); it knows the mover by its
 * pid.  If the RENAME does not come in time, the thread that makes the move commits the job itself.  This
 * happens if a program holds a folder's lock, or if the mover was stopped or killed.  inotify then misses
 * this move, but the mount shows it: the kernel keeps no entry of a disc without asking again
 * (attr_entry_of_item).
 *
 * The mover is asked one thing at a time, in the order of the event log, and a move is asked after all events
 * before it.  So inotify reports things in the order of MNT/events.
 */
#ifndef FSCTL_HELPERS_REPLAY_H
#define FSCTL_HELPERS_REPLAY_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

#include "changer/jukebox.h"
#include "fsctl/helpers/helper.h"

enum { REPLAY_WAIT_MS = 500 }; /* how long a move, or a touch, may take */

struct replay {
	struct jukebox *jb;	/* borrowed */
	const char *mountpoint; /* absolute; borrowed */
	dev_t dev;		/* of the mount */
	struct helper helper;	/* the mover */
	pthread_mutex_t turn;	/* held by the thread that asks the mover; guards next */
	uint64_t next;		/* the number of the next event to replay */
	int wake_fd;		/* eventfd that wakes the thread */
	pthread_t thread;
	bool started;	       /* true: the thread runs, and replay_stop must end it */
	_Atomic bool stopping; /* true: the thread ends, and no more events are replayed */

	pthread_mutex_t lock;	 /* leaf; guards the rest */
	struct jb_job *job;	 /* a job that nobody has begun to commit; NULL: none */
	struct jb_job_view view; /* of that job, or of the last one */
};

/* Initializes *replay, which must be all zeros.  Then call replay_start, replay_stop and replay_fini, in this
 * order.  If nursery is NULL, inotify misses all that initiators do.  Returns false if there is no
 * descriptor; replay_fini is to be called then too. */
bool replay_init(struct replay *replay, struct jukebox *jb, struct nursery *nursery);
/* Starts the thread, and becomes the mover of the jukebox (jb_set_mover), which makes the moves of
 * initiators.  Events before are not replayed.  The mount must be there, with the device `mount`, and its
 * requests must be answered.  Returns false, and has changed nothing else, if the thread cannot be
 * started. */
bool replay_start(struct replay *replay, const char *mountpoint, dev_t mount);
/* Ends the thread, after a wait for a move that is being made.  After that, moves are committed without the
 * mover.  Does nothing if the thread does not run.  Call it without the robot's strand.  [blocks] */
void replay_stop(struct replay *replay);
/* Frees what *replay holds, and ends the mover.  Calls replay_stop, if that was not done. */
void replay_fini(struct replay *replay);

/* Wakes the thread because there is a new event.  Any thread; never blocks. */
void replay_wake(struct replay *replay);

/* Returns true if a FUSE request with this pid comes from the mover (helper_is).  Handlers allow the mover to
 * open and touch every file, and change nothing for it.  Takes no lock. */
bool replay_is_helper(const struct replay *replay, pid_t pid);
/*
 * Asks for the free space on the mount, by the mover.  If there is no answer within the first half of `ms`
 * milliseconds, kills the mover, because it may have been stopped, and asks a new one.  Returns true if the
 * mover answers, also with an error, and if it cannot be started or dies, because then nobody can ask.
 * Returns false if the new one does not answer within the second half.  [blocks]
 */
bool replay_answers(struct replay *replay, unsigned ms);
/*
 * Handles the RENAME of the mover: if it is that of the filed job, commits the job and returns the error of
 * jb_job_commit.  If that job was taken already, returns JB_OK if its disc is now at the new name, else JB_NO_ITEM.
 * Returns JB_NO_ITEM, and changes nothing, for any other RENAME.  [blocks]
 */
enum jb_err replay_rename(struct replay *replay, struct jb_elem from, const char *name,
	struct jb_elem to, const char *new_name);

#endif
