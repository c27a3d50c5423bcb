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
	LIST_ENTRY(event_handle) link;
	bool stream;
	struct eventcursor cursor;
	struct fuse_pollhandle *poll; /* to notify the poller once; NULL: nobody polls */
};

struct event_wait { /* a READ of the stream that waits */
	TAILQ_ENTRY(event_wait) link;
	struct fsctl *fs;
	fuse_req_t req;
	struct event_handle *handle;
	size_t size;
	bool queued, interrupted;
};

struct events {
	pthread_mutex_t
		lock; /* guards the rest; the only lock taken under it is that of the event log */
	struct eventlines lines;
	LIST_HEAD(, event_handle) handles;
	TAILQ_HEAD(, event_wait) waits;
	bool stopping;
	int wake_fd;	/* eventfd */
	uint64_t noted; /* for the thread only: the next event for note_errors */
	struct fsctl *fs;
	pthread_t thread;
	bool started;
};

/* Starts the thread.  MNT/events begins with the oldest event that the jukebox still has.  Returns false
 * on an error. */
bool events_start(struct fsctl *fs);
/* Ends the thread, after it has answered all waiting READs with the end of the file. */
void events_stop(struct fsctl *fs);
/* Frees all.  No handle may be open. */
void events_fini(struct fsctl *fs);

/* Returns a handle for MNT/ctl/stream (stream is true) or for MNT/events (false); NULL if there is no
 * memory. */
struct event_handle *events_open(struct fsctl *fs, bool stream);
/* Frees a handle. */
void events_close(struct fsctl *fs, struct event_handle *h);
/* Answers a READ of up to `size` bytes at `off`; buf has room for them.  At the end of MNT/events,
 * answers with no bytes.  At the end of the stream, lets the thread answer when an event comes, or
 * answers with EAGAIN if nonblocking is true. */
void events_read(fuse_req_t req, struct event_handle *h, char *buf, size_t size, off_t off,
	bool nonblocking);
/* Returns the size of MNT/events in bytes. */
uint64_t events_size(struct fsctl *fs);
/* Returns the time of the last event in nanoseconds, or 0 if there is none yet. */
int64_t events_mtime(struct fsctl *fs);

#endif
