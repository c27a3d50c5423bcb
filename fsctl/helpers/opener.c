/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Opening files with the rights of others.  In the process the file system identity of the thread
 * is that of the caller while it resolves the path and opens the file (setfsuid(2)): a process of
 * root loses with that all capabilities to overrule permissions.
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
	GROUPS_MAX = 1024, /* who is in more has the rights of the first ones */
	STATUS_MAX = 16384,
	PATIENCE_MS = 1500, /* for what nobody waits for with a program */
	PAUSE_MS = 50,
	WARM_BYTES = 64 << 10, /* with the volume descriptors, which are looked at next */
};

/* ---- in the process -------------------------------------------------------------------------- */

/* The line "Groups:" of proc(5), which the caller waits behind. */
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

static int
become_caller(const struct opener_question *q)
{
	static gid_t groups[GROUPS_MAX];

	/* A daemon that is not root has the rights of its user, who is the only one to use it. */
	if (geteuid() != 0)
		return q->uid == geteuid() ? 0 : EACCES;
	if (setgroups(groups_of(q->pid, groups), groups) != 0)
		return errno;
	setfsgid(q->gid);
	setfsuid(q->uid);
	/* These two tell of no failure but by not having been done. */
	return (uid_t)setfsuid((uid_t)-1) == q->uid && (gid_t)setfsgid((gid_t)-1) == q->gid ? 0
											    : EPERM;
}

static void
become_daemon(void)
{
	if (geteuid() != 0)
		return;
	setfsuid(0);
	setfsgid(getegid());
	(void)setgroups(0, NULL);
}

/* First found, then looked at, then opened: opening a pipe or a tape would do something to it. */
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
		error = ELOOP;
	else if (!S_ISREG(st.st_mode))
		error = EISDIR;
	else if ((*fd = open(self, O_RDONLY | O_CLOEXEC)) < 0)
		error = errno;
	close(found);
	return error;
}

/* Whoever looks into the file next does not wait for its device. */
static void
warm(int fd)
{
	static char buf[WARM_BYTES];

	(void)!pread(fd, buf, sizeof(buf), 0);
	(void)!pread(fd, buf, 2048, (off_t)256 * 2048);
}

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
}

void
opener_fini(struct opener *o)
{
	helper_fini(&o->helper);
}

static enum jb_err
error_of(int error)
{
	switch (error) {
	case 0:
		return JB_OK;
	case ENOENT:
	case ENOTDIR:
		return JB_LINK_DANGLES;
	case ELOOP:
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

/*
 * One that was killed over a file system which does not answer is not there again at once.  Who made
 * a link is answered all the same; a disc that is being loaded, or looked at, can wait a little more.
 */
static enum channel_result
ask(struct opener *o, const struct opener_question *q, struct opener_answer *a, int *fd)
{
	const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
	uint64_t now = clock_ms(), end = now + (q->as_caller ? JB_OPEN_MS : PATIENCE_MS);
	enum channel_result r;

	do {
		r = helper_call(&o->helper, q, sizeof(*q), a, sizeof(*a), fd,
			now + JB_OPEN_MS < end ? now + JB_OPEN_MS : end);
		if (r != CHANNEL_GONE)
			break;
		nanosleep(&pause, NULL);
		now = clock_ms();
	} while (now < end);
	return r;
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
	r = ask(o, q, &a, fd);
	free(q);
	if (r == CHANNEL_OK && a.error == 0 && *fd >= 0)
		return JB_OK;
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	/* Whatever it waits for, the next file may be on another file system. */
	if (r == CHANNEL_LATE)
		helper_abandon(&o->helper);
	return r == CHANNEL_OK ? error_of(a.error) : JB_LINK_LATE;
}
