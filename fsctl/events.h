/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MNT/events and MNT/ctl/stream: their open files, the programs that poll them, and those that wait for an
 * event.
 *
 * The jukebox wakes a thread for each event.  It notifies the pollers and answers the waiting READs.  It
 * holds no lock meanwhile, and makes no system call on the mount.  A READ of ctl/stream that has nothing to
 * read waits in a list; no thread waits for it.
 */
#ifndef FSCTL_EVENTS_H
#define FSCTL_EVENTS_H

#include <fuse_lowlevel.h>
#include <pthread.h>
#include <sys/queue.h>

#include "fsctl/tree/eventlines.h"
#include "fsctl/tree/node.h"

struct event_handle {
	LIST_ENTRY(event_handle) link; /* in events.polled, while poll is not NULL */
	bool stream;		       /* true: of ctl/stream; false: of MNT/events */
	struct eventcursor cursor;     /* the place of the last READ */
	struct fuse_pollhandle *poll;  /* to notify the poller once; NULL: nobody polls */
};

struct event_wait {		      /* a READ of the stream that waits */
	TAILQ_ENTRY(event_wait) link; /* in events.waits, if queued is true */
	struct fsctl *fs;
	fuse_req_t req;
	struct event_handle *handle;
	size_t size; /* the most bytes of the answer */
	/* queued: it is in the list, and has no answer yet.  interrupted: its program got a signal. */
	bool queued, interrupted;
};

struct events {
	pthread_mutex_t
		lock; /* guards the rest; the only lock taken under it is that of the event log */
	struct eventlines lines;
	LIST_HEAD(, event_handle) polled; /* open files that a program polls */
	TAILQ_HEAD(, event_wait) waits;	  /* the READs that wait, the oldest first */
	bool stopping;			  /* true: no READ waits any more */
	int wake_fd;	/* eventfd that wakes the thread; written without the lock */
	uint64_t noted; /* for the thread only: the next event for note_errors */
	char *answer;	/* for the thread only: ANSWER_MAX bytes for the answer to a READ */
	struct fsctl *fs;
	pthread_t thread; /* runs as long as `started` is true */
	bool started;	  /* true: the thread runs, and events_stop must end it */
};

/* Makes *ev, which is all zeros, ready for events_start and events_fini. */
void events_init(struct events *ev);
/* Starts the thread, and lets the jukebox wake it and that of the replay for each event.  MNT/events begins
 * with the oldest event that the jukebox still has.  Call events_init, tree_init and replay_init before.
 * Returns false if there is no memory, descriptor or thread; the caller then calls events_fini. */
bool events_start(struct fsctl *fs);
/* Ends the waking by the jukebox, of the replay's thread too.  Then, if the thread runs, ends it, after it has
 * answered all waiting READs, with events or the end of the file, and notified all pollers.  From then on a
 * READ at the end of the stream gets the end of the file.  [blocks] */
void events_stop(struct fsctl *fs);
/* Calls events_stop, and frees all.  No handle may be open.  Call events_init before; events_start need not have
 * been called. */
void events_fini(struct fsctl *fs);

/* Returns a handle for MNT/ctl/stream (stream is true) or for MNT/events (false); NULL if there is no
 * memory.  masked: its reader does not see the names and addresses of initiators. */
struct event_handle *events_open(struct fsctl *fs, bool stream, bool masked);
/* Frees a handle, and what it has for a poller.  No READ of it may wait. */
void events_close(struct fsctl *fs, struct event_handle *h);
/* Answers a READ of up to `size` bytes.  First moves the handle to `off` (eventcursor_seek), also on the
 * stream, where `off` counts from the end that the file had at the open; then moves it behind the bytes read.
 * buf has `size` bytes, and is free again on return.  At the end of MNT/events, at the end of the stream after
 * events_stop, or if size is 0, answers with no bytes.  Else, at the end of the stream, answers with EAGAIN if
 * nonblocking is true; if not, lets the thread answer when an event comes, or with EINTR when the program gets
 * a signal.  Answers JB_NO_MEMORY if the READ cannot be put into the list of those that wait.  Takes ev->lock,
 * and does not wait for an event. */
void events_read(fuse_req_t req, struct event_handle *h, char *buf, size_t size, off_t off,
	bool nonblocking);
/* Returns the size of MNT/events in bytes, with the lines of all events up to now. */
uint64_t events_size(struct fsctl *fs);
/* Returns the time of the last event in nanoseconds since 1970, or 0 if there is none yet. */
int64_t events_mtime(struct fsctl *fs);

#endif
