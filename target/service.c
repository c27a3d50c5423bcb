/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The messages to a service manager are datagrams with lines NAME=VALUE, to the socket that NOTIFY_SOCKET
 * names (sd_notify(3)).  They are written here, because libsystemd for one call would be a library more to
 * load, to build with, and to trust.
 */
#include "target/service.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "changer/base/log.h"

enum { WHY_MAX = 1024 };

static int to_parent = -1; /* a pipe: a NUL says that the daemon serves, else a sentence why not */
static struct sockaddr_un manager; /* its socket; sun_family 0: there is no manager */
static socklen_t manager_len;
static int beat_ms = -1;

/* ---- into the background ------------------------------------------------------------------------ */

/* Waits for the child's message, and ends the parent as it says. */
static void
await_child(int from_child)
{
	char why[WHY_MAX];
	ssize_t n;
	size_t len = 0;

	while (len < sizeof(why) - 1) {
		n = read(from_child, why + len, sizeof(why) - 1 - len);
		if (n == 0 || (n < 0 && errno != EINTR))
			break;
		len += n > 0 ? (size_t)n : 0;
	}
	why[len] = '\0';
	if (len == 1 && why[0] == '\0')
		_exit(EXIT_SUCCESS);
	fprintf(stderr, "jukeboxd: %s\n",
		len > 0 ? why : "it ended before it was ready: see the system's log");
	_exit(EXIT_FAILURE);
}

bool
service_detach(void)
{
	int ends[2], null;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return false;
	pid = fork();
	if (pid < 0) {
		close(ends[0]);
		close(ends[1]);
		return false;
	}
	if (pid > 0) {
		close(ends[1]);
		await_child(ends[0]);
	}
	close(ends[0]);
	to_parent = ends[1];
	setsid();
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	if (null > STDERR_FILENO)
		close(null);
	log_to_syslog("jukeboxd");
	return true;
}

/* Sends the parent a message, if one waits.  Leaves the folder in which the daemon was started: after a ready
 * it needs it no more. */
static void
tell_parent(const char *message, size_t n)
{
	if (to_parent < 0)
		return;
	if (write(to_parent, message, n) < 0 || chdir("/") != 0)
		log_debug("main", "the parent process: %s", strerror(errno));
	close(to_parent);
	to_parent = -1;
}

/* ---- the service manager ------------------------------------------------------------------------ */

/* Reads a number of the environment, and removes it there.  Returns 0 if there is none. */
static unsigned long long
take_number(const char *name)
{
	const char *text = getenv(name);
	unsigned long long n = text == NULL ? 0 : strtoull(text, NULL, 10);

	unsetenv(name);
	return n;
}

bool
service_open_standard(void)
{
	int fd = open("/dev/null", O_RDWR);

	while (fd >= 0 && fd <= STDERR_FILENO)
		fd = dup(fd);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

void
service_begin(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	unsigned long long usec = take_number("WATCHDOG_USEC"), pid = take_number("WATCHDOG_PID");
	size_t len = path == NULL ? 0 : strlen(path);

	if (len > 1 && len < sizeof(manager.sun_path) && (path[0] == '/' || path[0] == '@')) {
		manager.sun_family = AF_UNIX;
		memcpy(manager.sun_path, path, len);
		if (path[0] == '@') /* an abstract one, unix(7) */
			manager.sun_path[0] = '\0';
		manager_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	}
	unsetenv("NOTIFY_SOCKET");
	if (manager.sun_family != 0 && usec > 0 &&
		(pid == 0 || pid == (unsigned long long)getpid()))
		beat_ms = usec / 2000 > 0 && usec / 2000 < 1u << 30 ? (int)(usec / 2000) : 1;
}

/* Sends the manager lines, if there is one.  Never blocks. */
static void
tell_manager(const char *lines)
{
	int fd;

	if (manager.sun_family == 0)
		return;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || sendto(fd, lines, strlen(lines), MSG_DONTWAIT | MSG_NOSIGNAL,
			      (const struct sockaddr *)&manager, manager_len) < 0)
		log_debug("main", "the service manager: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
}

void
service_ready(void)
{
	tell_manager("READY=1\nSTATUS=serving");
	tell_parent("", 1);
}

void
service_failed(const char *why)
{
	fprintf(stderr, "jukeboxd: %s\n", why);
	tell_manager("STATUS=could not start");
	tell_parent(why, strlen(why));
}

void
service_stopping(void)
{
	tell_manager("STOPPING=1\nSTATUS=stopping");
}

int
service_beat_ms(void)
{
	return beat_ms;
}

void
service_beat(void)
{
	tell_manager("WATCHDOG=1");
}

/* ---- signals ------------------------------------------------------------------------------------ */

/* Returns true if the process has a terminal, which can hang up. */
static bool
has_terminal(void)
{
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* Returns true if whoever started the daemon had it ignore the signal, as nohup(1) does. */
static bool
is_ignored(int signal)
{
	struct sigaction now;

	return sigaction(signal, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

int
service_signals(void)
{
	/* SIGXFSZ: a write beyond RLIMIT_FSIZE then fails with EFBIG. */
	static const int ignored[] = {SIGPIPE, SIGXFSZ, SIGUSR1, SIGUSR2};
	sigset_t set;

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	/* If it were ignored, the nursery could not wait for its children. */
	signal(SIGCHLD, SIG_DFL);
	if (!has_terminal())
		signal(SIGHUP, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	/* A signal that is blocked reaches the signalfd even if it is ignored. */
	if (!is_ignored(SIGHUP))
		sigaddset(&set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}
