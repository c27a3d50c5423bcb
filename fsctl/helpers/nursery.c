/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsctl/helpers/nursery.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "changer/base/clock.h"
#include "changer/base/log.h"
#include "changer/base/timedlock.h"
#include "fsctl/helpers/channel.h"

enum {
	CHILDREN_MAX =
		16, /* the most helpers alive, those included that hang and cannot be killed */
};

struct spawn_question {
	uint32_t kind; /* the index in the list of kinds */
};

struct spawn_answer {  /* with the socket to the helper, unless error is set */
	int32_t pid;   /* of the helper */
	int32_t error; /* an errno; 0: the helper runs */
};

/* ---- in the processes ----------------------------------------------------------------------- */

/* Prepares a forked process: sets its name, folder (/) and umask; lets it be killed when its parent ends;
 * closes all inherited descriptors but `sock` and standard error.  Returns the new number of the socket.
 * Ends the process if `parent` has ended already, or on an error. */
static int
become(const char *name, int sock, pid_t parent)
{
	enum { SOCK = 3 };
	int null;

	prctl(PR_SET_NAME, name);
	/* The signal is sent when the thread ends that forked us.  That is the main thread of its process. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || dup2(sock, SOCK) != SOCK)
		_exit(EXIT_FAILURE);
	close_range(SOCK + 1, ~0U, 0);
	fcntl(SOCK, F_SETFD, FD_CLOEXEC);
	null = open("/dev/null", O_RDWR);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
		chdir("/") != 0)
		_exit(EXIT_FAILURE);
	close(null);
	umask(022);
	return SOCK;
}

/* Waits for the helpers of all kinds that have died, and takes them off *children.  Does not wait for others.
 * Nothing else does that: so their pids are not used again before the next helper, of any kind, is started;
 * see helper_is. */
static void
reap(unsigned *children)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		--*children;
}

/* Returns the number of kinds before the NULL. */
static unsigned
count_kinds(const struct helper_kind *const *kinds)
{
	unsigned n = 0;

	while (kinds[n] != NULL)
		n++;
	return n;
}

/* Calls reap, forks a helper and adds it to *children.  Stores its pid in the answer, and the socket to it in
 * *fd, which the caller closes.  Else sets answer->error and leaves *fd: EAGAIN if kind is NULL, because
 * there is no such kind, or there are CHILDREN_MAX helpers. */
static void
spawn(const struct helper_kind *kind, unsigned *children, struct spawn_answer *answer, int *fd)
{
	pid_t self = getpid();
	int pair[2];
	pid_t pid;

	reap(children);
	if (kind == NULL || *children >= CHILDREN_MAX) {
		answer->error = EAGAIN;
		return;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
		answer->error = errno;
		return;
	}
	pid = fork();
	if (pid == 0) {
		kind->run(become(kind->name, pair[1], self));
		_exit(EXIT_SUCCESS);
	}
	answer->pid = pid;
	answer->error = pid < 0 ? errno : 0;
	close(pair[1]);
	if (pid > 0) {
		++*children;
		*fd = pair[0];
	} else {
		close(pair[0]);
	}
}

/* Runs the nursery's process: forks helpers when the daemon asks for them, until the daemon has ended. */
static void
run_nursery(const struct helper_kind *const *kinds, int sock)
{
	unsigned children = 0, nkinds = count_kinds(kinds);
	struct spawn_question q = {.kind = nkinds};
	uint32_t id;

	while (channel_receive(sock, &id, &q, sizeof(q)) >= 0) {
		struct spawn_answer a = {.pid = 0};
		int fd = -1;

		spawn(q.kind < nkinds ? kinds[q.kind] : NULL, &children, &a, &fd);
		channel_answer(sock, id, &a, sizeof(a), fd);
		if (fd >= 0)
			close(fd);
	}
}

/* ---- the nursery, in the daemon ------------------------------------------------------------- */

struct nursery {
	pthread_mutex_t lock; /* guards the channel; held until a question is answered or late */
	struct channel channel;
	const struct helper_kind *const *kinds; /* borrowed; ended by NULL */
	pid_t pid;				/* of the nursery's process */
};

struct nursery *
nursery_start(const struct helper_kind *const *kinds)
{
	struct nursery *n = calloc(1, sizeof(*n));
	pid_t self = getpid();
	int pair[2];

	if (n == NULL)
		return NULL;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
		free(n);
		return NULL;
	}
	n->kinds = kinds;
	n->pid = fork();
	if (n->pid == 0) {
		run_nursery(kinds, become("jukebox-nursery", pair[1], self));
		_exit(EXIT_SUCCESS);
	}
	close(pair[1]);
	if (n->pid < 0) {
		close(pair[0]);
		free(n);
		return NULL;
	}
	pthread_mutex_init(&n->lock, NULL);
	channel_init(&n->channel, pair[0]);
	return n;
}

/* Uses SIGKILL, which also ends a nursery that was stopped by SIGSTOP. */
void
nursery_stop(struct nursery *n)
{
	if (n == NULL)
		return;
	channel_close(&n->channel);
	kill(n->pid, SIGKILL);
	while (waitpid(n->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	pthread_mutex_destroy(&n->lock);
	free(n);
}

int
nursery_spawn(struct nursery *n, const struct helper_kind *kind, pid_t *pid, uint64_t deadline_ms)
{
	struct spawn_question q = {.kind = 0};
	struct spawn_answer a = {.error = 0};
	enum channel_result r = CHANNEL_LATE;
	uint64_t now = clock_ms();
	int fd = -1;

	while (n->kinds[q.kind] != NULL && n->kinds[q.kind] != kind)
		q.kind++;
	if (mutex_lock_within(&n->lock, deadline_ms > now ? deadline_ms - now : 0)) {
		r = channel_call(&n->channel, &q, sizeof(q), &a, sizeof(a), &fd, deadline_ms);
		pthread_mutex_unlock(&n->lock);
	}
	if (r != CHANNEL_OK || a.error != 0 || fd < 0) {
		log_err("helper", "%s cannot be started: %s", kind->name,
			r == CHANNEL_GONE   ? "the process that starts it was killed"
			: r == CHANNEL_LATE ? "the process that starts it does not answer"
					    : strerror(a.error));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	*pid = a.pid;
	return fd;
}
