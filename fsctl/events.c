/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsctl/events.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "fsctl/fs.h"

enum { ANSWER_MAX = 64 * 1024 }; /* bytes of one answer to a waiting READ */

/* Takes the lock, and appends the lines of new events. */
static void
enter(struct events *ev)
{
	pthread_mutex_lock(&ev->lock);
	eventlines_catch_up(&ev->lines);
}

/* Releases the lock. */
static void
leave(struct events *ev)
{
	pthread_mutex_unlock(&ev->lock);
}

/* ---- waiting READs -------------------------------------------------------------------------- */

/*
 * Handles a signal to the program of a waiting READ; data is the struct event_wait.  If the READ is in the
 * list, takes it off, answers it with EINTR and frees it.  If not, only sets w->interrupted: the function
 * that has the READ answers and frees it.  Takes ev->lock.  libfuse calls this under a lock of the request,
 * which fuse_req_interrupt_func takes too: when that has returned, this function is not running.
 */
static void
interrupted(fuse_req_t req, void *data)
{
	struct event_wait *w = data;
	struct events *ev = &w->fs->events;
	bool mine;

	pthread_mutex_lock(&ev->lock);
	mine = w->queued;
	if (mine)
		TAILQ_REMOVE(&ev->waits, w, link);
	w->queued = false;
	w->interrupted = true;
	pthread_mutex_unlock(&ev->lock);
	if (!mine)
		return; /* the function that has taken it off the list answers it */
	fuse_reply_err(req, EINTR);
	free(w);
}

/* Answers a READ that is not in the list, with the errno `err`, or if that is 0 with `len` bytes, and frees
 * it.  Call it without a lock. */
static void
answer(struct event_wait *w, int err, const char *buf, size_t len)
{
	fuse_req_interrupt_func(w->req, NULL, NULL);
	if (err != 0)
		fuse_reply_err(w->req, err);
	else
		fuse_reply_buf(w->req, buf, len);
	free(w);
}

/* Takes the oldest READ that has something to read, or any if ev->stopping is set, off the list.  Reads its
 * answer into buf (ANSWER_MAX bytes), which moves its cursor, and stores the length in *len; 0: the end of
 * the file.  Returns NULL if there is none.  Takes ev->lock. */
static struct event_wait *
next_answer(struct events *ev, char *buf, size_t *len)
{
	struct event_wait *w;

	enter(ev);
	TAILQ_FOREACH(w, &ev->waits, link)
	{
		if (ev->stopping || !eventcursor_at_end(&w->handle->cursor, &ev->lines))
			break;
	}
	if (w != NULL) {
		TAILQ_REMOVE(&ev->waits, w, link);
		w->queued = false;
		*len = eventcursor_read(&w->handle->cursor, &ev->lines, buf,
			w->size < ANSWER_MAX ? w->size : ANSWER_MAX);
	}
	leave(ev);
	return w;
}

/* Puts a READ of the stream into the list, where the thread will answer it.  Answers it here with
 * JB_NO_MEMORY if there is no memory, with EINTR if it was interrupted already, and with no bytes if
 * ev->stopping is set. */
static void
wait_for_event(fuse_req_t req, struct event_handle *h, size_t size)
{
	struct fsctl *fs = fs_of(req);
	struct events *ev = &fs->events;
	struct event_wait *w = calloc(1, sizeof(*w));

	if (w == NULL) {
		fs_error(req, JB_NO_MEMORY);
		return;
	}
	*w = (struct event_wait){.fs = fs, .req = req, .handle = h, .size = size};
	/* Before it is in the list: an interrupt may have come already. */
	fuse_req_interrupt_func(req, interrupted, w);
	enter(ev);
	w->queued = !w->interrupted && !ev->stopping;
	if (w->queued) {
		TAILQ_INSERT_TAIL(&ev->waits, w, link);
		/* An event may have happened since events_read found nothing. */
		if (!eventcursor_at_end(&h->cursor, &ev->lines))
			eventfd_write(ev->wake_fd, 1);
		leave(ev);
		return;
	}
	leave(ev);
	answer(w, w->interrupted ? EINTR : 0, NULL, 0);
}

/* ---- the thread ----------------------------------------------------------------------------- */

/* Takes the poll handle off an open file, puts `poll` in its place, and lists the file in ev->polled as long
 * as it has one.  Either may be NULL.  Returns the old one, which the caller destroys after it has released
 * ev->lock, which must be held. */
static struct fuse_pollhandle *
exchange_poll(struct events *ev, struct event_handle *h, struct fuse_pollhandle *poll)
{
	struct fuse_pollhandle *old = h->poll;

	if (old == NULL && poll != NULL)
		LIST_INSERT_HEAD(&ev->polled, h, link);
	else if (old != NULL && poll == NULL)
		LIST_REMOVE(h, link);
	h->poll = poll;
	return old;
}

/* Takes a poll handle off an open file that has something to read, or off any if ev->stopping is set.  The
 * caller notifies and destroys it.  Returns NULL if there is none.  Takes ev->lock. */
static struct fuse_pollhandle *
next_poll(struct events *ev)
{
	struct fuse_pollhandle *poll = NULL;
	struct event_handle *h;

	enter(ev);
	LIST_FOREACH(h, &ev->polled, link)
	{
		if (ev->stopping || !eventcursor_at_end(&h->cursor, &ev->lines)) {
			poll = exchange_poll(ev, h, NULL);
			break;
		}
	}
	leave(ev);
	return poll;
}

/* Notifies all pollers and answers all waiting READs that have something to read; all at all if ev->stopping
 * is set.  buf has ANSWER_MAX bytes.  Takes ev->lock, but holds no lock during a reply. */
static void
report_all(struct events *ev, char *buf)
{
	struct fuse_pollhandle *poll;
	struct event_wait *w;
	size_t len;

	while ((poll = next_poll(ev)) != NULL) {
		fuse_lowlevel_notify_poll(poll);
		fuse_pollhandle_destroy(poll);
	}
	while ((w = next_answer(ev, buf, &len)) != NULL)
		answer(w, 0, buf, len);
}

/* Returns true if the event has an error that also goes to ctl/last-error, because no program on the mount
 * has failed by it: JB_LINK_CHANGED, JB_LINK_MISSING, JB_TRUNCATED, JB_HASH_DIFFERS, JB_NOT_DURABLE,
 * JB_UNSETTLED, JB_UNREADABLE, JB_CUT_OFF; an error of the store when an initiator records; or
 * JB_STORE_READ_ONLY of the whole store, at start. */
static bool
is_noted(const struct jb_event *e)
{
	switch (e->err) {
	case JB_LINK_CHANGED:
	case JB_LINK_MISSING:
	case JB_TRUNCATED:
	case JB_HASH_DIFFERS:
	case JB_NOT_DURABLE:
	case JB_UNSETTLED:
	case JB_UNREADABLE:
	case JB_CUT_OFF:
		return true;
	case JB_STORE_READ_ONLY:
		return e->initiator[0] != '\0' || e->elem[0] == '\0';
	case JB_STORE_FULL:
	case JB_STORE_WRITE:
		return e->initiator[0] != '\0';
	default:
		return false;
	}
}

/* Puts the errors of the new events that is_noted selects into ctl/last-error and the log, and moves
 * ev->noted behind the last event.  Called by the thread only. */
static void
note_errors(struct events *ev)
{
	char what[JB_EVENT_ELEM_MAX + JB_EVENT_NAME_MAX + 8];
	struct jb_event e;

	while (jb_event_get(ev->fs->jb, ev->noted, &e)) {
		ev->noted = e.number + 1;
		if (!is_noted(&e))
			continue;
		snprintf(what, sizeof(what), "%s%s%s", e.elem[0] == '\0' ? "the store" : e.elem,
			e.name[0] == '\0' ? "" : "/", e.name);
		lasterror_set(&ev->fs->tree.lasterror, e.err, what);
	}
}

/* Runs the thread; arg is the struct events.  At each wake-up, notes errors and answers readers.  Does that once
 * more when `stopping` is set, and returns: nobody waits then. */
static void *
serve(void *arg)
{
	struct events *ev = arg;
	eventfd_t count;
	bool stopping = false;

	while (!stopping) {
		if (eventfd_read(ev->wake_fd, &count) != 0 && errno != EINTR)
			break;
		pthread_mutex_lock(&ev->lock);
		stopping = ev->stopping;
		pthread_mutex_unlock(&ev->lock);
		note_errors(ev);
		report_all(ev, ev->answer);
	}
	return NULL;
}

/* Wakes the threads of the events and of inotify's replay, after an event; arg is the struct fsctl.  Called
 * under the jukebox's locks.  Takes none. */
static void
wake(void *arg)
{
	struct fsctl *fs = arg;

	eventfd_write(fs->events.wake_fd, 1);
	replay_wake(&fs->replay);
}

void
events_init(struct events *ev)
{
	pthread_mutex_init(&ev->lock, NULL);
	LIST_INIT(&ev->polled);
	TAILQ_INIT(&ev->waits);
	ev->wake_fd = -1;
}

bool
events_start(struct fsctl *fs)
{
	struct events *ev = &fs->events;

	ev->wake_fd = eventfd(0, EFD_CLOEXEC);
	ev->answer = malloc(ANSWER_MAX);
	if (!eventlines_init(&ev->lines, fs->jb) || ev->wake_fd < 0 || ev->answer == NULL)
		return false;
	ev->fs = fs;
	ev->noted = jb_event_oldest(fs->jb);
	jb_event_watch(fs->jb, wake, fs);
	eventfd_write(ev->wake_fd, 1); /* start-up may have found something */
	ev->started = pthread_create(&ev->thread, NULL, serve, ev) == 0;
	if (ev->started)
		pthread_setname_np(ev->thread, "events");
	return ev->started;
}

void
events_stop(struct fsctl *fs)
{
	struct events *ev = &fs->events;

	jb_event_watch(fs->jb, NULL, NULL);
	if (!ev->started)
		return;
	pthread_mutex_lock(&ev->lock);
	ev->stopping = true;
	pthread_mutex_unlock(&ev->lock);
	eventfd_write(ev->wake_fd, 1);
	pthread_join(ev->thread, NULL);
	ev->started = false;
}

void
events_fini(struct fsctl *fs)
{
	struct events *ev = &fs->events;

	events_stop(fs);
	eventlines_fini(&ev->lines);
	free(ev->answer);
	if (ev->wake_fd >= 0)
		close(ev->wake_fd);
	pthread_mutex_destroy(&ev->lock);
}

/* ---- open files ----------------------------------------------------------------------------- */

/* Begins with the first line for a reader of MNT/events, with the next event for a reader of the
 * stream. */
struct event_handle *
events_open(struct fsctl *fs, bool stream, bool masked)
{
	struct events *ev = &fs->events;
	struct event_handle *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return NULL;
	h->stream = stream;
	h->cursor.masked = masked;
	enter(ev);
	if (stream)
		eventcursor_begin_at_end(&h->cursor, &ev->lines);
	leave(ev);
	return h;
}

void
events_close(struct fsctl *fs, struct event_handle *h)
{
	struct fuse_pollhandle *poll;

	pthread_mutex_lock(&fs->events.lock);
	poll = exchange_poll(&fs->events, h, NULL);
	pthread_mutex_unlock(&fs->events.lock);
	if (poll != NULL)
		fuse_pollhandle_destroy(poll);
	free(h);
}

void
events_read(
	fuse_req_t req, struct event_handle *h, char *buf, size_t size, off_t off, bool nonblocking)
{
	struct events *ev = &fs_of(req)->events;
	bool stopping;
	size_t len;

	enter(ev);
	eventcursor_seek(&h->cursor, &ev->lines, (uint64_t)off);
	len = eventcursor_read(&h->cursor, &ev->lines, buf, size);
	stopping = ev->stopping;
	leave(ev);
	if (len > 0 || !h->stream || stopping || size == 0)
		fuse_reply_buf(req, buf, len);
	else if (nonblocking)
		fuse_reply_err(req, EAGAIN);
	else
		wait_for_event(req, h, size);
}

uint64_t
events_size(struct fsctl *fs)
{
	uint64_t size;

	enter(&fs->events);
	size = fs->events.lines.size;
	leave(&fs->events);
	return size;
}

int64_t
events_mtime(struct fsctl *fs)
{
	int64_t ns;

	enter(&fs->events);
	ns = fs->events.lines.mtime_ns;
	leave(&fs->events);
	return ns;
}

/* ---- POLL ----------------------------------------------------------------------------------- */

/*
 * Returns the poll events of a handle.  POLLIN | POLLRDNORM: there is something to read behind the last READ
 * (an lseek(2) since then is not known yet).  POLLIN | POLLRDNORM | POLLHUP: ev->stopping is set.  0: neither.
 * If poll is not NULL, keeps it, in each of these cases, to notify the poller once, and destroys the one that
 * was kept before.  Takes ev->lock.
 */
static unsigned
poll_events(struct events *ev, struct event_handle *h, struct fuse_pollhandle *poll)
{
	struct fuse_pollhandle *old = NULL;
	unsigned revents = 0;

	enter(ev);
	if (poll != NULL)
		old = exchange_poll(ev, h, poll);
	if (!eventcursor_at_end(&h->cursor, &ev->lines))
		revents |= POLLIN | POLLRDNORM;
	if (ev->stopping)
		revents |= POLLIN | POLLRDNORM | POLLHUP;
	leave(ev);
	if (old != NULL)
		fuse_pollhandle_destroy(old);
	return revents;
}

/* Answers POLL of an open file.  For the events, keeps `poll`, if it is not NULL, to notify the poller once.
 * All other files are always ready, and `poll` is destroyed. */
void
op_poll(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi, struct fuse_pollhandle *poll)
{
	struct handle *h = handle_of(fi);

	if (h->events != NULL) {
		fuse_reply_poll(req, poll_events(&fs_of(req)->events, h->events, poll));
		return;
	}
	if (poll != NULL)
		fuse_pollhandle_destroy(poll);
	fuse_reply_poll(req, POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM);
}
