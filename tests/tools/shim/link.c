/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The connection with the broker.  Each process makes one at its first command; a forked child makes its
 * own. */
#include "tests/tools/shim/shim.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { DRIVER_TIMEOUT = 60 * 1000 }; /* ms, for commands that no program has asked for */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/* The signal mask that the thread with the lock had before. */
static sigset_t signals;
static int link_fd = -1;
static pid_t link_pid;
static uint8_t *memory;

/* Makes a new lock in the child, since another thread of the parent may have held it. */
static void
after_fork(void)
{
	pthread_mutex_init(&lock, NULL);
}

__attribute__((constructor)) static void
watch_forks(void)
{
	pthread_atfork(NULL, NULL, after_fork);
}

/* Moves a descriptor to a high number, because programs close low descriptors that they do not know. */
static int
raise_fd(int fd)
{
	int high = fcntl(fd, F_DUPFD_CLOEXEC, 500);

	if (high < 0)
		return fd;
	close(fd);
	return high;
}

static int
connect_broker(void)
{
	const char *folder = getenv("JUKE_SHIM");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket",
		folder != NULL ? folder : "");
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
		close(fd);
		return -1;
	}
	return raise_fd(fd);
}

static uint8_t *
receive_memory(int fd)
{
	struct wire_reply hello;
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = {.iov_base = &hello, .iov_len = sizeof(hello)};
	struct msghdr message = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control)};
	struct cmsghdr *c;
	void *map;
	int memory_fd;

	if (recvmsg(fd, &message, MSG_CMSG_CLOEXEC) != sizeof(hello))
		return NULL;
	c = CMSG_FIRSTHDR(&message);
	if (c == NULL || c->cmsg_type != SCM_RIGHTS)
		return NULL;
	memcpy(&memory_fd, CMSG_DATA(c), sizeof(int));
	map = REAL(mmap)(NULL, WIRE_DATA_MAX, PROT_READ | PROT_WRITE, MAP_SHARED, memory_fd, 0);
	close(memory_fd);
	return map == MAP_FAILED ? NULL : map;
}

/* Closes the connection of the parent.  If both processes used it, they would take each other's replies. */
static void
leave_parent(void)
{
	if (link_fd >= 0)
		close(link_fd);
	if (memory != NULL)
		munmap(memory, WIRE_DATA_MAX);
	link_fd = -1;
	memory = NULL;
}

/*
 * Takes the lock, and blocks all signals until the command is done.  In the kernel, too, only SIGKILL
 * interrupts a process that waits for a command; and a signal handler may send commands itself.
 */
static void
enter(void)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	pthread_mutex_lock(&lock);
	signals = before;
}

void
link_release(void)
{
	sigset_t before = signals;

	pthread_mutex_unlock(&lock);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

uint8_t *
link_take(void)
{
	enter();
	if (link_pid != getpid())
		leave_parent();
	if (link_fd < 0) {
		link_pid = getpid();
		link_fd = connect_broker();
		memory = link_fd < 0 ? NULL : receive_memory(link_fd);
	}
	if (memory != NULL)
		return memory;
	leave_parent();
	link_release();
	errno = ENXIO;
	return NULL;
}

static int
ask(const struct wire_request *request, struct wire_reply *reply)
{
	if (send(link_fd, request, sizeof(*request), MSG_NOSIGNAL) == sizeof(*request) &&
		recv(link_fd, reply, sizeof(*reply), 0) == sizeof(*reply))
		return 0;
	/* The broker has ended.  The next command looks for one again. */
	leave_parent();
	memset(reply, 0, sizeof(*reply));
	reply->outcome = WIRE_LOST;
	return -1;
}

int
link_command(const struct device *device, struct command *command)
{
	struct wire_request request = {
		.operation = WIRE_COMMAND,
		.lun = device->lun,
		.direction = command->length == 0 ? WIRE_NONE : command->direction,
		.length = command->direction == WIRE_NONE ? 0 : command->length,
		.timeout = command->timeout,
		.pid = getpid(),
		.cdb_length = command->cdb_length,
	};

	memcpy(request.cdb, command->cdb, command->cdb_length);
	if (ask(&request, &command->reply) != 0 || command->reply.outcome != WIRE_DONE) {
		errno = EIO;
		return -1;
	}
	return 0;
}

int
link_simple(const struct device *device, const uint8_t *cdb, unsigned cdb_length,
	enum wire_direction direction, void *data, unsigned length, struct wire_reply *reply)
{
	struct command c = {.cdb = cdb,
		.cdb_length = cdb_length,
		.direction = direction,
		.length = length,
		.timeout = DRIVER_TIMEOUT};
	uint8_t *map = link_take();
	int rc;

	if (map == NULL)
		return -1;
	if (direction == WIRE_TO_DEVICE)
		memcpy(map, data, length);
	rc = link_command(device, &c);
	if (rc == 0 && direction == WIRE_FROM_DEVICE)
		memcpy(data, map, length);
	link_release();
	if (reply != NULL)
		*reply = c.reply;
	if (rc == 0 && c.reply.status == 0)
		return 0;
	errno = EIO;
	return -1;
}

static int
link_ask(const struct device *device, enum wire_operation operation, uint32_t set, uint32_t clear)
{
	struct wire_request request = {.operation = operation,
		.lun = device->lun,
		.set = set,
		.clear = clear,
		.timeout = DRIVER_TIMEOUT,
		.pid = getpid()};
	struct wire_reply reply;
	int rc;

	if (link_take() == NULL)
		return -1;
	rc = ask(&request, &reply);
	link_release();
	if (rc == 0 && reply.outcome == WIRE_DONE)
		return (int)reply.status;
	errno = ENXIO;
	return -1;
}

int
link_poll(const struct device *device)
{
	return link_ask(device, WIRE_POLL, 0, 0) < 0 ? -1 : 0;
}

int
link_changed(const struct device *device)
{
	return link_ask(device, WIRE_CHANGED, 0, 0);
}

int
link_options(const struct device *device, uint32_t set, uint32_t clear)
{
	return link_ask(device, WIRE_OPTIONS, set, clear);
}
