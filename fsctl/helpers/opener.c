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
	END_MS = 100,	    /* the time that a killed process has to end */
	PAUSE_MS = 50,	    /* between two attempts to ask the opener */
	OWN_MOUNT =
		EXDEV, /* the error of the process for a file on our own mount; open(2) has no such one */
	START_MS = 5000,       /* the time to start the process when a program waits */
	LOOK_MS = 100,	       /* how often a thread that waits looks whether its caller does */
	WARM_BYTES = 64 << 10, /* includes the volume descriptors, which the daemon reads next */
};

/* Has the places of questions that no program waits for.  No user has this id (POSIX: chown(2) takes it for none). */
static const uid_t NOBODY = (uid_t)-1;

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
	memset(o->place, 0, sizeof(o->place));
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
	for (unsigned i = 0; i < OPENER_PLACES; i++)
		if (o->place[i].state == OPENER_KILLED)
			helper_late_forget(&o->place[i].late);
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

/* Returns true if nobody waits for the file any more: after opener_stop, or if caller->gave_up returns true.
 * Without a caller, or if its gave_up is NULL, only after opener_stop. */
static bool
given_up(struct opener *o, const struct jb_caller *caller)
{
	return o->stopping ||
	       (caller != NULL && caller->gave_up != NULL && caller->gave_up(caller->gave_up_arg));
}

/* ---- places ---------------------------------------------------------------------------------- */

struct count {
	unsigned own, users;	       /* places of one user, and of all users */
	unsigned own_late, users_late; /* those of them whose process is late */
};

/* Counts the places that are not free, and frees those whose killed process has ended.  o->lock must be held. */
static struct count
count_places(struct opener *o, uid_t uid)
{
	struct count n = {.own = 0};

	for (struct opener_place *p = o->place; p < o->place + OPENER_PLACES; p++) {
		bool user = p->uid != NOBODY, own = p->uid == uid, late = p->state > OPENER_ASKED;

		if (p->state == OPENER_KILLED && nursery_child_ended(p->late.pidfd, 0)) {
			helper_late_forget(&p->late);
			p->state = OPENER_FREE;
		}
		if (p->state == OPENER_FREE)
			continue;
		n.own += own;
		n.users += user;
		n.own_late += own && late;
		n.users_late += user && late;
	}
	return n;
}

/* Returns how many files of the user may be late at the same time while programs wait for them. */
static unsigned
most_late(uid_t uid)
{
	return uid == NOBODY ? 0 : uid == 0 ? OPENER_LATE_MAX : OPENER_USER_MAX;
}

/* Returns how many places the user may have: one more than may be late, so that a file which is not late is still
 * opened; no program waits for those of NOBODY. */
static unsigned
most_places(uid_t uid)
{
	return uid == NOBODY ? OPENER_USER_MAX : most_late(uid) + 1;
}

/* Gives a question of the user a place.  Returns NULL if there is none now; then *hangs is true if all of those that
 * the user may have are late, and false if there will be one in a moment. */
static struct opener_place *
take_place(struct opener *o, uid_t uid, bool *hangs)
{
	struct opener_place *place = NULL;
	struct count n;

	pthread_mutex_lock(&o->lock);
	n = count_places(o, uid);
	*hangs = n.own_late >= most_places(uid) ||
		 (uid != NOBODY && n.users_late >= OPENER_USERS_MAX);
	if (n.own < most_places(uid) && (uid == NOBODY || n.users < OPENER_USERS_MAX))
		for (place = o->place; place->state != OPENER_FREE;)
			place++;
	if (place != NULL)
		*place = (struct opener_place){.state = OPENER_ASKED, .uid = uid};
	pthread_mutex_unlock(&o->lock);
	return place;
}

/* Returns true, and sets the place to OPENER_WAITS, if the program of a place whose process is late may wait:
 * fewer than most_late of its user, and than OPENER_LATE_MAX of all users, are late.  Returns false, and leaves
 * the place, if not, and always for NOBODY.  Takes o->lock. */
static bool
may_wait(struct opener *o, struct opener_place *place)
{
	struct count n;
	bool may;

	pthread_mutex_lock(&o->lock);
	n = count_places(o, place->uid);
	may = n.own_late < most_late(place->uid) && n.users_late < OPENER_LATE_MAX;
	if (may)
		place->state = OPENER_WAITS;
	pthread_mutex_unlock(&o->lock);
	return may;
}

/* Gives a place back.  With a process, kills that, and keeps the place until it has ended: waits END_MS for that, so
 * that one which does not hang does not count against the user's next file. */
static void
leave_place(struct opener *o, struct opener_place *place, bool process)
{
	if (process) {
		helper_late_kill(&place->late);
		(void)nursery_child_ended(place->late.pidfd, END_MS);
	}
	pthread_mutex_lock(&o->lock);
	place->state = process ? OPENER_KILLED : OPENER_FREE;
	pthread_mutex_unlock(&o->lock);
}

/* ---- questions ------------------------------------------------------------------------------- */

/* Waits for the process of a place, which is late, if it may (may_wait), until it has answered or nobody waits
 * any more.  Then kills the process and gives the place back (leave_place).  Returns CHANNEL_LATE if there is no
 * answer, else the result of helper_late_wait, by which *a and *fd are set. */
static enum channel_result
await_late(struct opener *o, struct opener_place *place, const struct jb_caller *caller,
	struct opener_answer *a, int *fd)
{
	enum channel_result r = CHANNEL_LATE;

	if (may_wait(o, place))
		while (r == CHANNEL_LATE && !given_up(o, caller))
			r = helper_late_wait(&place->late, a, sizeof(*a), fd, clock_ms() + LOOK_MS);
	leave_place(o, place, true);
	return r;
}

/* Returns true if a question that has no answer yet is not to be asked again: nobody waits any more, or the process
 * could not be started (CHANNEL_GONE), or, if no program waits, others had the turn, since clock_ms() was `begin`. */
static bool
is_enough(struct opener *o, const struct jb_caller *caller, enum channel_result r, uint64_t begin)
{
	uint64_t now = clock_ms();

	if (given_up(o, caller))
		return true;
	if (r == CHANNEL_GONE)
		return now - begin >= (caller != NULL ? START_MS : PATIENCE_MS);
	return caller == NULL && now - begin >= JB_OPEN_MS;
}

/*
 * Asks the opener.  If its process has not answered after JB_OPEN_MS, it keeps that one file, so that another process
 * opens the next files, which may be on another file system; and is awaited if a program waits (await_late).  Returns
 * CHANNEL_OK with the answer; else nobody waits any more, too many files are late, or the process could not be started.
 */
static enum channel_result
ask(struct opener *o, const struct jb_caller *caller, const struct opener_question *q,
	struct opener_answer *a, int *fd)
{
	uid_t uid = caller != NULL ? caller->uid : NOBODY;
	uint64_t begin = clock_ms();
	enum channel_result r;

	for (;;) {
		bool hangs = false;
		struct opener_place *place = take_place(o, uid, &hangs);

		r = CHANNEL_LATE;
		if (place != NULL) {
			r = helper_call_or_take(&o->helper, q, sizeof(*q), a, sizeof(*a), fd,
				clock_ms() + JB_OPEN_MS, &place->late);
			if (r == CHANNEL_LATE && place->late.pidfd >= 0)
				return await_late(o, place, caller, a, fd);
			leave_place(o, place, false);
		}
		/* LATE: others had the turn, or the place.  GONE: it may be started again in a moment. */
		if (r == CHANNEL_OK || hangs || is_enough(o, caller, r, begin))
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
	r = ask(o, caller, q, &a, fd);
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
