/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Opens files with the rights of another user.  While the helper process opens a file, its file system user
 * and group are those of the caller (setfsuid(2)).  By this a root process also loses its capabilities to
 * override permissions.
 */
#include "fsctl/helpers/opener.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "changer/base/clock.h"
#include "fsctl/helpers/channel.h"

enum {
	GROUPS_MAX = 1024,  /* further groups of a user are ignored */
	STATUS_MAX = 16384, /* bytes of /proc/PID/status that are read */
	PATIENCE_MS = 1500, /* the time to open a file when no program waits for it */
	PAUSE_MS = 50,	    /* between two attempts to ask the opener */
	OWN_MOUNT =
		EXDEV, /* the error of the process for a file on our own mount; open(2) has no such one */
	START_MS = 5000,       /* the time to start the process when a program waits */
	LOOK_MS = 100,	       /* how often a thread that waits looks whether its caller does */
	WARM_BYTES = 64 << 10, /* includes the volume descriptors, which the daemon reads next */
};

/* ---- in the process -------------------------------------------------------------------------- */

/* Stores the supplementary groups of a process (proc(5), "Groups:").  The process waits for our answer, so it
 * still exists.  Returns their number, GROUPS_MAX at most; 0 if pid is 0 or they cannot be read. */
static size_t
groups_of(pid_t pid, gid_t groups[GROUPS_MAX])
{
	static char text[STATUS_MAX];
	char path[32], *p, *end;
	size_t n = 0;
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	fd = pid > 0 ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0)
		return 0;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[len < 0 ? 0 : len] = '\0';
	p = strstr(text, "\nGroups:");
	if (p == NULL)
		return 0;
	for (p += strlen("\nGroups:"); n < GROUPS_MAX; p = end) {
		unsigned long gid;

		p += strspn(p, " \t");
		if (*p < '0' || *p > '9')
			break;
		gid = strtoul(p, &end, 10);
		groups[n++] = (gid_t)gid;
	}
	return n;
}

/* Takes the rights of the caller: its file system user and group, and its supplementary groups.  Returns 0 or
 * an errno: EACCES if the daemon is not root and the caller is another user.  On an error too, become_daemon
 * must follow. */
static int
become_caller(const struct opener_question *q)
{
	static gid_t groups[GROUPS_MAX];

	/* A daemon that is not root has only the rights of its user, so the caller must be that user. */
	if (geteuid() != 0)
		return q->uid == geteuid() ? 0 : EACCES;
	if (setgroups(groups_of(q->pid, groups), groups) != 0)
		return errno;
	setfsgid(q->gid);
	setfsuid(q->uid);
	/* setfsuid and setfsgid report no error; only asking for the present value shows it. */
	return (uid_t)setfsuid((uid_t)-1) == q->uid && (gid_t)setfsgid((gid_t)-1) == q->gid ? 0
											    : EPERM;
}

/* Takes the rights of the daemon again, after become_caller; without supplementary groups.  Does nothing if
 * the daemon is not root. */
static void
become_daemon(void)
{
	if (geteuid() != 0)
		return;
	setfsuid(0);
	setfsgid(getegid());
	(void)setgroups(0, NULL);
}

/* Opens a regular file for reading, with the present rights, and stores its descriptor in *fd.  Follows
 * symbolic links.  Checks the type before it opens the file, because opening a pipe or a tape has effects.
 * Returns 0 or an errno: OWN_MOUNT if the file is on our own mount, ELOOP if its links form a loop, EISDIR if it is
 * not a regular file. */
static int
open_file(const struct opener_question *q, int *fd)
{
	int found = open(q->path, O_PATH | O_CLOEXEC), error = 0;
	char self[32];
	struct stat st;

	if (found < 0)
		return errno;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", found);
	if (fstat(found, &st) != 0)
		error = errno;
	else if (st.st_dev == q->mount)
		error = OWN_MOUNT;
	else if (!S_ISREG(st.st_mode))
		error = EISDIR;
	else if ((*fd = open(self, O_RDONLY | O_CLOEXEC)) < 0)
		error = errno;
	close(found);
	return error;
}

/* Reads the first WARM_BYTES and sector 256 into the page cache, so that the daemon, which reads them next,
 * need not wait.  Ignores errors. */
static void
warm(int fd)
{
	static char buf[WARM_BYTES];

	(void)!pread(fd, buf, sizeof(buf), 0);
	(void)!pread(fd, buf, 2048, (off_t)256 * 2048);
}

/* Opens the file that the question names, with the rights that it asks for, and stores its descriptor in *fd.
 * Ends the path with a NUL.  If the rights are the caller's, also reads the first sectors (warm).  Returns 0
 * or an errno of become_caller or open_file. */
static int
serve(struct opener_question *q, int *fd)
{
	int error;

	q->path[sizeof(q->path) - 1] = '\0';
	if (!q->as_caller)
		return open_file(q, fd);
	error = become_caller(q);
	if (error == 0)
		error = open_file(q, fd);
	become_daemon();
	if (error == 0)
		warm(*fd);
	return error;
}

/* Runs the opener's process: answers questions until the daemon has ended.  Answers EINVAL to one of another
 * size. */
static void
run(int sock)
{
	static struct opener_question q;
	uint32_t id;
	ssize_t n;

	while ((n = channel_receive(sock, &id, &q, sizeof(q))) >= 0) {
		struct opener_answer a = {.error = EINVAL};
		int fd = -1;

		if (n == (ssize_t)sizeof(q))
			a.error = serve(&q, &fd);
		channel_answer(sock, id, &a, sizeof(a), fd);
		if (fd >= 0)
			close(fd);
	}
}

const struct helper_kind opener_kind = {"jukebox-opener", run};

/* ---- in the daemon --------------------------------------------------------------------------- */

void
opener_init(struct opener *o, struct nursery *nursery, uint64_t mount)
{
	helper_init(&o->helper, nursery, &opener_kind);
	o->mount = mount;
	o->stopping = false;
	pthread_mutex_init(&o->lock, NULL);
	for (unsigned i = 0; i < OPENER_LATE_MAX; i++)
		o->late[i].late.pidfd = -1;
}

void
opener_stop(struct opener *o)
{
	o->stopping = true;
}

void
opener_fini(struct opener *o)
{
	helper_fini(&o->helper);
	for (unsigned i = 0; i < OPENER_LATE_MAX; i++)
		helper_late_forget(&o->late[i].late);
	pthread_mutex_destroy(&o->lock);
}

/* Returns the error of the model for an errno in the opener's answer: JB_LINK_DANGLES, JB_LINK_OWN_MOUNT,
 * JB_LINK_NO_FILE or JB_LINK_DENIED, or another one of jb_err_from_errno; JB_OK for 0. */
static enum jb_err
error_of(int error)
{
	switch (error) {
	case 0:
		return JB_OK;
	case ENOENT:
	case ENOTDIR:
	case ELOOP:
		return JB_LINK_DANGLES;
	case OWN_MOUNT:
		return JB_LINK_OWN_MOUNT;
	case EISDIR:
		return JB_LINK_NO_FILE;
	case EACCES:
	case EPERM:
		return JB_LINK_DENIED;
	default:
		return jb_err_from_errno(error, JB_STORE_READ);
	}
}

/* Sleeps for PAUSE_MS. */
static void
take_a_pause(void)
{
	const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};

	nanosleep(&pause, NULL);
}

/* Asks the opener for a file that no program waits for.  A helper that was killed because its file
 * system did not answer is not started again at once, so this function tries again for PATIENCE_MS.
 * If the helper hangs, kills it, because the next file may be on another file system.  Returns as
 * helper_call does. */
static enum channel_result
ask(struct opener *o, const struct opener_question *q, struct opener_answer *a, int *fd)
{
	uint64_t now = clock_ms(), end = now + PATIENCE_MS;
	enum channel_result r;

	do {
		r = helper_call(&o->helper, q, sizeof(*q), a, sizeof(*a), fd,
			now + JB_OPEN_MS < end ? now + JB_OPEN_MS : end);
		if (r != CHANNEL_GONE)
			break;
		take_a_pause();
		now = clock_ms();
	} while (now < end);
	if (r == CHANNEL_LATE)
		helper_abandon(&o->helper);
	return r;
}

/* Returns true if nobody waits for the file any more. */
static bool
given_up(struct opener *o, const struct jb_caller *caller)
{
	return o->stopping || (caller->gave_up != NULL && caller->gave_up(caller->gave_up_arg));
}

/* Returns how many places the user has; hang: only those whose process was killed and has not ended.  Frees places whose
 * process has ended.  o->lock must be held. */
static unsigned
count_places(struct opener *o, uid_t uid, bool hang)
{
	unsigned n = 0;

	for (struct opener_late *l = o->late; l < o->late + OPENER_LATE_MAX; l++) {
		if (l->late.pidfd >= 0 && !l->waits && nursery_child_ended(l->late.pidfd, 0))
			helper_late_forget(&l->late);
		n += l->late.pidfd >= 0 && l->uid == uid && !(hang && l->waits);
	}
	return n;
}

static unsigned
most_places(uid_t uid)
{
	return uid == 0 ? OPENER_LATE_MAX : OPENER_USER_MAX;
}

/* Gives a process that is late a place.  Returns NULL if there is none for the user. */
static struct opener_late *
take_place(struct opener *o, const struct helper_late *late, uid_t uid)
{
	struct opener_late *place = NULL;

	pthread_mutex_lock(&o->lock);
	if (count_places(o, uid, false) < most_places(uid))
		for (unsigned i = 0; place == NULL && i < OPENER_LATE_MAX; i++)
			if (o->late[i].late.pidfd < 0)
				place = &o->late[i];
	if (place != NULL)
		*place = (struct opener_late){uid, true, *late};
	pthread_mutex_unlock(&o->lock);
	return place;
}

/* Returns true if files of the user hang in all places that a user may have. */
static bool
user_hangs(struct opener *o, uid_t uid)
{
	bool hangs;

	pthread_mutex_lock(&o->lock);
	hangs = count_places(o, uid, true) >= most_places(uid);
	pthread_mutex_unlock(&o->lock);
	return hangs;
}

/* Waits for a process that is late, until it has answered or nobody waits any more, and ends it. */
static enum channel_result
await_late(struct opener *o, struct helper_late *late, const struct jb_caller *caller,
	struct opener_answer *a, int *fd)
{
	struct opener_late *place = take_place(o, late, caller->uid);
	enum channel_result r = CHANNEL_LATE;

	if (place == NULL) {
		helper_late_kill(late);
		helper_late_forget(late);
		return r;
	}
	while (r == CHANNEL_LATE && !given_up(o, caller))
		r = helper_late_wait(&place->late, a, sizeof(*a), fd, clock_ms() + LOOK_MS);
	helper_late_kill(&place->late);
	pthread_mutex_lock(&o->lock);
	place->waits = false;
	pthread_mutex_unlock(&o->lock);
	return r;
}

/*
 * Asks the opener for a file that a program waits for.  If its process has not answered after
 * JB_OPEN_MS, it keeps that one file, and another process opens the next files.  Returns CHANNEL_OK
 * with the answer; else nobody waits any more, too many files are late, or the process could not be
 * started within START_MS.
 */
static enum channel_result
ask_for(struct opener *o, const struct jb_caller *caller, const struct opener_question *q,
	struct opener_answer *a, int *fd)
{
	uint64_t end = clock_ms() + START_MS;
	struct helper_late late;
	enum channel_result r;

	if (user_hangs(o, caller->uid))
		return CHANNEL_LATE;
	for (;;) {
		r = helper_call_or_take(&o->helper, q, sizeof(*q), a, sizeof(*a), fd,
			clock_ms() + JB_OPEN_MS, &late);
		if (r == CHANNEL_OK)
			return r;
		if (r == CHANNEL_LATE && late.pidfd >= 0)
			return await_late(o, &late, caller, a, fd);
		/* LATE: others had the turn.  GONE: it may be started again in a moment. */
		if (given_up(o, caller) || (r == CHANNEL_GONE && clock_ms() >= end))
			return r;
		take_a_pause();
	}
}

enum jb_err
opener_open(void *arg, const char *path, const struct jb_caller *caller, int *fd)
{
	struct opener *o = arg;
	struct opener_question *q = calloc(1, sizeof(*q));
	struct opener_answer a;
	enum channel_result r;

	if (q == NULL)
		return JB_NO_MEMORY;
	snprintf(q->path, sizeof(q->path), "%s", path);
	q->mount = o->mount;
	if (caller != NULL) {
		q->as_caller = 1;
		q->uid = caller->uid;
		q->gid = caller->gid;
		q->pid = caller->pid;
	}
	r = caller != NULL ? ask_for(o, caller, q, &a, fd) : ask(o, q, &a, fd);
	free(q);
	if (r == CHANNEL_OK && a.error == 0 && *fd >= 0)
		return JB_OK;
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	if (r != CHANNEL_OK)
		return o->stopping ? JB_STOPPING : JB_LINK_LATE;
	return error_of(a.error);
}
