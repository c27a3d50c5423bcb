/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What initiators do, made visible to inotify: their moves are made
 * by a helper process that renames on the mount; of what else happens, the same process touches
 * the file that it happens to.
 *
 * A move's job is committed by the handler of that RENAME, which is recognised by the helper's
 * process id.  If it does not come in time, because a program keeps a folder's lock, or the helper
 * was stopped or killed, the thread that makes the move commits the job itself: then inotify
 * misses that one move, and nobody waits for it.  What the mount shows is right all the same: the
 * kernel keeps no entry of a disc without asking again (attr_entry_of_item), so it need not be told.
 *
 * One thing at a time is asked of the helper, in the order of the event log, and a move after all
 * that happened before it.  So inotify tells things in the order in which events has them.
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
	struct jukebox *jb;	/* borrowed, as the next */
	const char *mountpoint; /* absolute */
	dev_t dev;		/* of the mount */
	struct helper helper;
	pthread_mutex_t turn; /* whose turn it is to ask the helper; guards next */
	uint64_t next;	      /* number of the event to look at next */
	int wake_fd;	      /* eventfd */
	pthread_t thread;
	bool started;
	_Atomic bool stopping;

	pthread_mutex_t lock;	 /* leaf; guards the rest */
	struct jb_job *job;	 /* that nobody has begun to commit; NULL: none */
	struct jb_job_view view; /* of that job, or of the last one */
};

/* Before all else here; nursery: may be NULL, then every move falls back. */
bool replay_init(struct replay *replay, struct jukebox *jb, struct nursery *nursery);
/* The mount is there, on that device, and requests are answered. */
bool replay_start(struct replay *replay, const char *mountpoint, dev_t mount);
/* No initiator is there any more. */
void replay_stop(struct replay *replay);
void replay_fini(struct replay *replay);

/* An event has been added.  Never blocks. */
void replay_wake(struct replay *replay);

/* Is the request of that process the helper's, who may open and touch everything and changes nothing
 * by it? */
bool replay_is_helper(const struct replay *replay, pid_t pid);
/*
 * The helper's RENAME: commits the job.  One that comes too late finds its disc where the job has
 * put it, which is JB_OK too, or else JB_NO_ITEM.  [blocks]
 */
enum jb_err replay_rename(struct replay *replay, struct jb_elem from, const char *name,
	struct jb_elem to, const char *new_name);

#endif
