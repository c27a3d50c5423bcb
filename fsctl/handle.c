/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Open handles.  Their list has three uses: the daemon waits for writers when it stops; an open file that was
 * removed still has attributes; and handles that the kernel does not release are freed at the end.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fsctl/fs.h"

enum { THREADS_MAX = 4096 }; /* of a program, for handle_stat_report */

/* Counts the descriptor of the handle's file in fs->fds.  Leaves h->fd at -1, and counts nothing, if there is no
 * memory.  fs->handles_lock must be held. */
static void
count_fd(struct fsctl *fs, struct handle *h)
{
	size_t fd = (size_t)jb_file_fd(h->file), room = fs->fd_room;
	struct budget_good *more;

	while (room <= fd)
		room = room == 0 ? 64 : 2 * room;
	if (room > fs->fd_room) {
		more = reallocarray(fs->fd_goods, room, sizeof(*more));
		if (more == NULL)
			return;
		for (fs->fd_goods = more; fs->fd_room < room; fs->fd_room++)
			more[fs->fd_room] = (struct budget_good){.size = 1};
	}
	if (budget_hold(&fs->fds, &fs->fd_goods[fd], h->uid))
		h->fd = (int)fd;
}

/* Undoes count_fd, before the file is released. */
static void
uncount_fd(struct fsctl *fs, const struct handle *h)
{
	if (h->fd >= 0)
		budget_drop(&fs->fds, &fs->fd_goods[h->fd], h->uid);
}

/* Returns true if the request is one of root or the owner of the mount. */
static bool
is_owner(fuse_req_t req)
{
	uid_t uid = fuse_req_ctx(req)->uid;

	return uid == 0 || uid == fs_of(req)->owners.own.uid;
}

bool
handle_may_stay(fuse_req_t req, const struct handle *h)
{
	struct fsctl *fs = fs_of(req);
	uid_t uid = fuse_req_ctx(req)->uid;
	const struct budget_good *good;
	struct rlimit limit;
	size_t most;
	bool may;

	if ((h != NULL && h->fd < 0) || is_owner(req) || getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return true;
	most = limit.rlim_cur / 2;
	pthread_mutex_lock(&fs->handles_lock);
	if (h == NULL) {
		may = budget_allows(&fs->fds, uid, most, false);
	} else {
		/* It is counted already, as one of the user and one of all: that is the 2. */
		good = &fs->fd_goods[h->fd];
		may = budget_files(good, uid) > 1 ||
		      budget_allows(&fs->fds, uid, most + 2, budget_users(good) > 1);
	}
	pthread_mutex_unlock(&fs->handles_lock);
	return may;
}

/* Makes a handle and puts it into fs->handles.  Returns NULL without memory. */
struct handle *
handle_new(fuse_req_t req, uint64_t ino)
{
	struct fsctl *fs = fs_of(req);
	struct handle *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return NULL;
	h->ino = ino;
	h->fd = -1;
	h->uid = fuse_req_ctx(req)->uid;
	h->opener = fuse_req_ctx(req)->pid;
	pthread_mutex_lock(&fs->handles_lock);
	LIST_INSERT_HEAD(&fs->handles, h, link);
	pthread_mutex_unlock(&fs->handles_lock);
	return h;
}

/* Counts the handle in fs->writers if the file is writable, and its descriptor in fs->fds. */
void
handle_give_file(struct fsctl *fs, struct handle *h, uint64_t ino, struct jb_file *file)
{
	pthread_mutex_lock(&fs->handles_lock);
	h->ino = ino;
	h->file = file;
	h->writable = jb_file_writable(file);
	if (h->writable)
		fs->writers++;
	count_fd(fs, h);
	pthread_mutex_unlock(&fs->handles_lock);
}

enum jb_err
handle_give_text(fuse_req_t req, struct handle *h, char *text, size_t len)
{
	struct fsctl *fs = fs_of(req);
	bool full;
	struct rendering *x = rendering_take(&fs->renderings, text, len, rendering_hash(text, len),
		h->uid, is_owner(req), &full);

	/* handle_stat_report may look at the handle already. */
	pthread_mutex_lock(&fs->handles_lock);
	h->text = x;
	pthread_mutex_unlock(&fs->handles_lock);
	if (x != NULL)
		return JB_OK;
	return full ? JB_TEXTS_FULL : JB_NO_MEMORY;
}

/* Releases the handle's file and frees the handle.  Takes it out of fs->writers, and wakes
 * handle_wait_writers, only after the file was released. */
void
handle_free(struct fsctl *fs, struct handle *h)
{
	pthread_mutex_lock(&fs->handles_lock);
	LIST_REMOVE(h, link);
	uncount_fd(fs, h);
	pthread_mutex_unlock(&fs->handles_lock);
	if (h->file != NULL)
		jb_file_release(h->file);
	if (h->writable) {
		/* Only now, so that a stop waits until the file has been committed. */
		pthread_mutex_lock(&fs->handles_lock);
		fs->writers--;
		pthread_cond_broadcast(&fs->handles_changed);
		pthread_mutex_unlock(&fs->handles_lock);
	}
	if (h->events != NULL)
		events_close(fs, h->events);
	rendering_put(&fs->renderings, h->text, h->uid);
	free(h->list);
	free(h);
}

/* Fills in the attributes of a removed file that is still open: st_nlink is 0 and st_ino is ino; all
 * else comes from fstat(2).  Returns false if no handle has it open, or that fails. */
bool
handle_stat(struct fsctl *fs, uint64_t ino, struct stat *st)
{
	struct handle *h;
	bool found = false;

	pthread_mutex_lock(&fs->handles_lock);
	LIST_FOREACH(h, &fs->handles, link)
	{
		if (h->ino == ino && h->file != NULL) {
			found = fstat(jb_file_fd(h->file), st) == 0;
			break;
		}
	}
	pthread_mutex_unlock(&fs->handles_lock);
	if (found) {
		st->st_ino = ino;
		st->st_nlink = 0;
	}
	return found;
}

/* Returns true if both ids belong to one process: looks for the thread `other` in /proc/ONE/task.
 * Returns false if /proc cannot be read. */
bool
handle_same_process(pid_t one, pid_t other)
{
	char path[48];

	if (one == other)
		return true;
	snprintf(path, sizeof(path), "/proc/%d/task/%d", (int)one, (int)other);
	return access(path, F_OK) == 0;
}

static int
compare_ids(const void *a, const void *b)
{
	const pid_t *one = a, *other = b;

	return (*one > *other) - (*one < *other);
}

/* Stores the ids of the threads of the process that has the thread `pid`, sorted, in ids, which has room for
 * THREADS_MAX.  Returns their number; 0 if /proc cannot be read.  Further threads are left out. */
static size_t
threads_of(pid_t pid, pid_t *ids)
{
	char path[32];
	const struct dirent *entry;
	size_t n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	dir = opendir(path);
	if (dir == NULL)
		return 0;
	while (n < THREADS_MAX && (entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.')
			ids[n++] = (pid_t)strtol(entry->d_name, NULL, 10);
	closedir(dir);
	qsort(ids, n, sizeof(*ids), compare_ids);
	return n;
}

/* Looks for the handle of the report that one of the n threads has opened last, and sets size and time of the report
 * to its.  Returns JB_OK; JB_IN_USE if only others have opened the report; or JB_NO_ITEM if nobody has.  Takes
 * fs->handles_lock, and makes no system call. */
static enum jb_err
stat_opened(struct fsctl *fs, uint64_t ino, const pid_t *ids, size_t n, struct stat *st)
{
	enum { NS = 1000000000 };
	enum jb_err e = JB_NO_ITEM;
	struct handle *h;

	pthread_mutex_lock(&fs->handles_lock);
	LIST_FOREACH(h, &fs->handles, link)
	{
		if (h->ino != ino || h->text == NULL)
			continue;
		e = JB_IN_USE;
		if (bsearch(&h->opener, ids, n, sizeof(*ids), compare_ids) == NULL)
			continue;
		st->st_size = (off_t)h->text->len;
		st->st_blocks = (st->st_size + 511) / 512;
		st->st_mtim = (struct timespec){h->text_ns / NS, h->text_ns % NS};
		st->st_atim = st->st_ctim = st->st_mtim;
		e = JB_OK;
		break;
	}
	pthread_mutex_unlock(&fs->handles_lock);
	return e;
}

/* Sets size and time of a report to those of the handle of that process.  The kernel does not say in
 * GETATTR by which handle a program asks, so the process decides.  Of several handles, takes the one
 * that this thread has opened last, else the one that any of its process has. */
void
handle_stat_report(struct fsctl *fs, uint64_t ino, pid_t pid, struct stat *st)
{
	pid_t *ids;

	if (stat_opened(fs, ino, &pid, 1, st) != JB_IN_USE)
		return;
	ids = calloc(THREADS_MAX, sizeof(*ids));
	if (ids != NULL)
		(void)stat_opened(fs, ino, ids, threads_of(pid, ids), st);
	free(ids);
}

/* Waits until there is no writable handle, or until the time is over.  Ignores the part of `ms`
 * below a second. */
void
handle_wait_writers(struct fsctl *fs, unsigned ms)
{
	struct timespec end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += ms / 1000;
	pthread_mutex_lock(&fs->handles_lock);
	while (fs->writers > 0 &&
		pthread_cond_timedwait(&fs->handles_changed, &fs->handles_lock, &end) != ETIMEDOUT)
		continue;
	pthread_mutex_unlock(&fs->handles_lock);
}

/* Frees all handles.  Makes incomplete files of those that were being written.  Takes the lock only
 * for each handle: no other thread may use the list any more. */
void
handle_free_all(struct fsctl *fs)
{
	struct handle *h;

	while ((h = LIST_FIRST(&fs->handles)) != NULL) {
		/* Its program has not closed it, so it must not become a disc. */
		if (h->writable)
			jb_file_flush(h->file, true);
		handle_free(fs, h);
	}
}

/* Frees a handle, in a worker, as if its program had been killed: a file that was being written becomes an
 * incomplete one. */
static void
abandon_run(struct work_job *job)
{
	struct handle *h = (struct handle *)job;

	if (h->writable)
		jb_file_flush(h->file, true);
	handle_free(h->last.fs, h);
}

/* Has a worker free the handle. */
void
handle_abandon(struct fsctl *fs, struct handle *h)
{
	h->last = (struct op){.job = {.run = abandon_run}, .fs = fs};
	work_post(&fs->work, &h->last.job);
}
