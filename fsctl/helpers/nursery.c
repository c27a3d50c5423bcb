/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsctl/helpers/nursery.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
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
	KIND_MAX =
		16, /* the most helpers of a kind, those included that hang and cannot be killed */
	CHILDREN_MAX = 256,
	SOCK = 3,	   /* the number of a process's socket */
	RESTART_MS = 1000, /* the least time between two starts of the nursery */
};

static const char nursery_name[] = "jukebox-nursery";

struct spawn_question {
	uint32_t kind; /* the index in the list of kinds */
};

/*
 * Comes with the socket to the helper, unless error is set.  The first datagram that is in the socket has a pidfd of the
 * helper, see pidfd_open(2).
 */
struct spawn_answer {
	int32_t pid;   /* of the helper */
	int32_t error; /* an errno; 0: the helper runs */
};

/* ---- in the processes ----------------------------------------------------------------------- */

/* Stores the signals that all these processes block: all but those that report an error of the program itself.  They
 * end when the daemon has ended, and not when somebody types Ctrl-C at its terminal: it still needs them to stop. */
static void
blocked_signals(sigset_t *set)
{
	static const int not [] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGSYS};

	sigfillset(set);
	for (size_t i = 0; i < sizeof(not ) / sizeof(not [0]); i++)
		sigdelset(set, not [i]);
}

/* Prepares a forked or executed process: sets its name, folder (/), umask and signals; lets it be killed when its
 * parent ends; closes all inherited descriptors but `sock` and standard error.  Returns the new number of the socket.
 * Ends the process if `parent` has ended already, or on an error.  parent 0: it is not killed. */
static int
become(const char *name, int sock, pid_t parent)
{
	sigset_t blocked;
	int null;

	blocked_signals(&blocked);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	prctl(PR_SET_NAME, name);
	/* The signal is sent when the thread ends that forked us.  That is the main thread of its process. */
	if (parent != 0)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	if ((parent != 0 && getppid() != parent) || dup2(sock, SOCK) != SOCK)
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

/* The helpers that were forked, and not waited for yet. */
struct children {
	unsigned n;
	struct {
		pid_t pid;
		uint32_t kind;
	} child[CHILDREN_MAX];
};

/* Waits for the helpers of that kind that have died, and forgets them.  Does not wait for others.  Returns how many
 * are alive.  Nothing else waits: so their pids are not used again before the next helper of the kind is started; see
 * helper_is. */
static unsigned
reap(struct children *c, uint32_t kind)
{
	unsigned alive = 0;

	for (unsigned i = 0; i < c->n;) {
		if (c->child[i].kind == kind && waitpid(c->child[i].pid, NULL, WNOHANG) != 0) {
			c->child[i] = c->child[--c->n];
			continue;
		}
		alive += c->child[i++].kind == kind;
	}
	return alive;
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

/* Sends a pidfd of the helper through its end of the socket pair.  Returns 0 or an errno. */
static int
send_pidfd(int end, pid_t pid)
{
	int pidfd = pidfd_open(pid, 0), error = 0;

	if (pidfd < 0 || !channel_send(end, 0, NULL, 0, &pidfd, 1))
		error = errno;
	if (pidfd >= 0)
		close(pidfd);
	return error;
}

/* Forks a helper of that kind, and adds it to *c.  Stores its pid in the answer, and the socket to it in *fd, which the
 * caller closes.  Else sets answer->error and leaves *fd: EAGAIN if kind is NULL, because there is no such kind, or
 * there are KIND_MAX helpers of it, or CHILDREN_MAX of all kinds.  Forgets the dead ones of the kind (reap). */
static void
spawn(const struct helper_kind *kind, uint32_t number, struct children *c,
	struct spawn_answer *answer, int *fd)
{
	pid_t self = getpid();
	int pair[2];

	answer->error = EAGAIN;
	if (kind == NULL || reap(c, number) >= KIND_MAX || c->n == CHILDREN_MAX)
		return;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
		answer->error = errno;
		return;
	}
	answer->pid = fork();
	if (answer->pid == 0) {
		kind->run(become(kind->name, pair[1], self));
		_exit(EXIT_SUCCESS);
	}
	answer->error = answer->pid < 0 ? errno : send_pidfd(pair[1], answer->pid);
	if (answer->pid > 0) {
		c->child[c->n].pid = answer->pid;
		c->child[c->n++].kind = number;
		if (answer->error != 0)
			kill(answer->pid, SIGKILL);
	}
	close(pair[1]);
	if (answer->error == 0)
		*fd = pair[0];
	else
		close(pair[0]);
}

/* Runs the nursery's process: forks helpers when the daemon asks for them, until the daemon has ended. */
static void
run_nursery(const struct helper_kind *const *kinds, int sock)
{
	static struct children children;
	unsigned nkinds = count_kinds(kinds);
	struct spawn_question q = {.kind = nkinds};
	uint32_t id;

	while (channel_receive(sock, &id, &q, sizeof(q)) >= 0) {
		struct spawn_answer a = {.pid = 0};
		int fd = -1;

		spawn(q.kind < nkinds ? kinds[q.kind] : NULL, q.kind, &children, &a, &fd);
		channel_answer(sock, id, &a, sizeof(a), fd);
		if (fd >= 0)
			close(fd);
	}
}

bool
nursery_serves(const char *name, const struct helper_kind *const *kinds)
{
	if (name == NULL || strcmp(name, nursery_name) != 0)
		return false;
	run_nursery(kinds, become(nursery_name, SOCK, 0));
	return true;
}

/* ---- the nursery, in the daemon ------------------------------------------------------------- */

struct nursery {
	pthread_mutex_t lock; /* guards the channel; held until a question is answered or late */
	struct channel channel;
	const struct helper_kind *const *kinds; /* borrowed; ended by NULL */
	pid_t pid;				/* of the nursery's process; 0: there is none */
	uint64_t started_ms;			/* when it was started last, by clock_ms */
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
	n->started_ms = clock_ms();
	n->pid = fork();
	if (n->pid == 0) {
		run_nursery(kinds, become(nursery_name, pair[1], self));
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

/* Kills the process, and waits for its end.  SIGKILL also ends one that was stopped by SIGSTOP. */
static void
end_process(struct nursery *n)
{
	if (n->pid <= 0)
		return;
	kill(n->pid, SIGKILL);
	while (waitpid(n->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	n->pid = 0;
}

/* Ends the nursery by SIGKILL, which also ends one that was stopped by SIGSTOP, and waits for it. */
void
nursery_stop(struct nursery *n)
{
	if (n == NULL)
		return;
	channel_close(&n->channel);
	end_process(n);
	pthread_mutex_destroy(&n->lock);
	free(n);
}

/*
 * Executes the program of this process anew as the nursery (nursery_serves), with sock as its socket.  By this it has
 * nothing of the daemon's memory, nor of its descriptors, which the kernel closes.  Returns its pid, or -1.
 *
 * The thread that calls this may end before the daemon, so the nursery is not killed when that ends: it ends itself when
 * the socket is closed.
 */
static pid_t
execute(int sock)
{
	char name[] = "jukebox-nursery", *args[] = {name, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t blocked;
	pid_t pid = -1;

	blocked_signals(&blocked);
	if (posix_spawn_file_actions_init(&actions) != 0)
		return -1;
	if (posix_spawnattr_init(&attributes) == 0) {
		if (posix_spawn_file_actions_adddup2(&actions, sock, SOCK) != 0 ||
			posix_spawnattr_setsigmask(&attributes, &blocked) != 0 ||
			posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK) != 0 ||
			posix_spawn(&pid, "/proc/self/exe", &actions, &attributes, args, environ) !=
				0)
			pid = -1;
		posix_spawnattr_destroy(&attributes);
	}
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

/* Starts the nursery again, whose process has died, but not more often than each RESTART_MS.  Returns true if it runs.
 * The lock must be held. */
static bool
start_again(struct nursery *n)
{
	uint64_t now = clock_ms();
	int pair[2];

	if (now - n->started_ms < RESTART_MS)
		return false;
	n->started_ms = now;
	end_process(n);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return false;
	n->pid = execute(pair[1]);
	close(pair[1]);
	if (n->pid < 0) {
		close(pair[0]);
		return false;
	}
	channel_init(&n->channel, pair[0]);
	log_warn("helper", "%s was killed, and is started again", nursery_name);
	return true;
}

/* Asks the nursery for a helper of that kind.  If its process has gone, starts it again (start_again) and asks
 * once more.  Returns the result of channel_call, by which *a and *fd (the socket) are set.  n->lock must be
 * held. */
static enum channel_result
ask(struct nursery *n, const struct helper_kind *kind, struct spawn_answer *a, int *fd,
	uint64_t deadline_ms)
{
	struct spawn_question q = {.kind = 0};
	enum channel_result r;

	while (n->kinds[q.kind] != NULL && n->kinds[q.kind] != kind)
		q.kind++;
	r = channel_call(&n->channel, &q, sizeof(q), a, sizeof(*a), fd, deadline_ms);
	if (r == CHANNEL_GONE && start_again(n))
		r = channel_call(&n->channel, &q, sizeof(q), a, sizeof(*a), fd, deadline_ms);
	return r;
}

/* Takes the pidfd out of the socket of a new helper.  Returns -1 if there is none. */
static int
take_pidfd(int sock)
{
	unsigned n = 1;
	int pidfd = -1;
	uint32_t id;

	(void)channel_take(sock, &id, NULL, 0, &pidfd, &n, MSG_DONTWAIT);
	return n == 1 ? pidfd : -1;
}

bool
nursery_spawn(struct nursery *n, const struct helper_kind *kind, struct nursery_child *child,
	uint64_t deadline_ms)
{
	struct spawn_answer a = {.error = 0};
	enum channel_result r = CHANNEL_LATE;
	uint64_t now = clock_ms();
	int fd = -1;

	if (mutex_lock_within(&n->lock, deadline_ms > now ? deadline_ms - now : 0)) {
		r = ask(n, kind, &a, &fd, deadline_ms);
		pthread_mutex_unlock(&n->lock);
	}
	*child = (struct nursery_child){fd, a.pid, fd >= 0 ? take_pidfd(fd) : -1};
	if (r == CHANNEL_OK && a.error == 0 && child->pidfd >= 0)
		return true;
	log_err("helper", "%s cannot be started: %s", kind->name,
		r == CHANNEL_GONE   ? "the process that starts it was killed"
		: r == CHANNEL_LATE ? "the process that starts it does not answer"
				    : strerror(a.error != 0 ? a.error : EMFILE));
	/* Without its socket the helper ends. */
	nursery_child_close(child);
	return false;
}

void
nursery_child_close(struct nursery_child *child)
{
	if (child->sock >= 0)
		close(child->sock);
	if (child->pidfd >= 0)
		close(child->pidfd);
	*child = (struct nursery_child){-1, 0, -1};
}

void
nursery_child_kill(int pidfd)
{
	if (pidfd >= 0)
		(void)pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
}

bool
nursery_child_ended(int pidfd, unsigned ms)
{
	struct pollfd p = {.fd = pidfd, .events = POLLIN};
	uint64_t now = clock_ms(), end = now + ms;
	int n;

	do {
		n = poll(&p, 1, now < end ? (int)(end - now) : 0);
		now = clock_ms();
	} while (n < 0 && errno == EINTR);
	return n > 0;
}
