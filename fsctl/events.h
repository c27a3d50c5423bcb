/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MNT/events and MNT/ctl/stream: their open files, who polls them, and who waits for an event.
 *
 * A thread of its own tells both: it is woken by the jukebox, holds no lock while it notifies the
 * kernel or answers, and makes no system call on the mount.  A READ of ctl/stream that has nothing
 * to read waits as a request without a thread.
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
	struct fuse_pollhandle *poll; /* who polls it is told once; NULL: nobody */
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
	pthread_mutex_t lock; /* guards the rest; only the jukebox's event log comes after it */
	struct eventlines lines;
	LIST_HEAD(, event_handle) handles;
	TAILQ_HEAD(, event_wait) waits;
	bool stopping;
	int wake_fd;	/* eventfd */
	uint64_t noted; /* the thread's: events before this one have been looked at */
	struct fsctl *fs;
	pthread_t thread;
	bool started;
};

/* What has happened before belongs to the file, as far as it is still known. */
bool events_start(struct fsctl *fs);
/* Answers all who wait: the stream has ended. */
void events_stop(struct fsctl *fs);
/* After the last handle was closed. */
void events_fini(struct fsctl *fs);

struct event_handle *events_open(struct fsctl *fs, bool stream);
void events_close(struct fsctl *fs, struct event_handle *h);
/* Answers, or has it answered later.  buf: room for size bytes. */
void events_read(fuse_req_t req, struct event_handle *h, char *buf, size_t size, off_t off,
	bool nonblocking);
uint64_t events_size(struct fsctl *fs);
/* When the last one happened, nanoseconds; 0: none yet. */
int64_t events_mtime(struct fsctl *fs);

#endif
