/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The thread of a connection, from accept to close.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "changer/base/clock.h"
#include "changer/base/log.h"
#include "target/iscsi/conn.h"

/* Sanitizers need a larger stack: they put red zones around its variables. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define STACK_SIZE (1024 * 1024)
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define STACK_SIZE (1024 * 1024)
#endif
#endif
#ifndef STACK_SIZE
#define STACK_SIZE (128 * 1024)
#endif

enum {
	LINGER_MS = 500,	/* the peer has this time to read our last answer */
	LINGER_BYTES = 1 << 20, /* and may send this much meanwhile */
};

/* ---- begin ---------------------------------------------------------------------------------- */

/* Sets the options of the socket: no delay, and errors after dead_ms for a peer that does not read or has
 * vanished.  Ignores failures. */
static void
set_options(int fd, unsigned dead_ms)
{
	struct timeval tv = {
		.tv_sec = dead_ms / 1000,
		.tv_usec = dead_ms % 1000 * 1000,
	};
	int on = 1, dead = (int)dead_ms;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	/* For a host that has vanished, and for a peer that does not read. */
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &dead, sizeof(dead));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
}

/* Maps the buffers of rx and tx, and makes both empty.  Returns false if there is no memory. */
static bool
map_memory(struct conn *c)
{
	void *p = mmap(NULL, CONN_MEMORY_SIZE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return false;
	c->memory = p;
	c->rx.buf = c->memory;
	tx_init(&c->tx, c->memory + RX_SIZE, (void *)(c->memory + RX_SIZE + TX_ARENA));
	return true;
}

/* Makes a connection for an accepted socket; it is in no list.  Returns NULL if memory or a file descriptor
 * is missing; the socket then stays open. */
static struct conn *
conn_new(struct iscsi_target *target, int fd, const struct sockaddr *peer)
{
	struct conn *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (c->wake_fd < 0 || !map_memory(c)) {
		if (c->wake_fd >= 0)
			close(c->wake_fd);
		free(c);
		return NULL;
	}
	c->target = target;
	c->fd = fd;
	c->limits = target->limits;
	c->heard_ms = clock_ms();
	c->accepted_ns = clock_wall_ns();
	memcpy(&c->address, peer,
		peer->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
					    : sizeof(struct sockaddr_in));
	portal_address_text(peer, c->peer);
	pthread_mutex_init(&c->done_lock, NULL);
	itasks_init(&c->tasks);
	params_default(&c->params);
	return c;
}

/* Closes the socket, and frees the connection and its memory.  It must be in no list and have no tasks. */
static void
conn_free(struct conn *c)
{
	text_request_drop(c);
	itasks_idle(c);
	buffer_trim(&c->buffers);
	tx_fini(&c->tx);
	munmap(c->memory, CONN_MEMORY_SIZE);
	pthread_mutex_destroy(&c->done_lock);
	close(c->wake_fd);
	close(c->fd);
	free(c);
}

/* ---- end ------------------------------------------------------------------------------------ */

/* Ends sending, and reads and drops the rest of the input for LINGER_MS at most.  Closing a socket with
 * unread input would reset the connection, and the peer could lose our last answer.  Does nothing if the
 * connection is over. */
static void
read_rest(struct conn *c)
{
	struct pollfd pfd = {.fd = c->fd, .events = POLLIN};
	uint64_t end = clock_ms() + LINGER_MS, now;
	size_t bytes = 0;
	ssize_t n = 1;

	if (c->over || shutdown(c->fd, SHUT_WR) < 0)
		return;
	while (n > 0 && bytes < LINGER_BYTES && (now = clock_ms()) < end) {
		if (poll(&pfd, 1, (int)(end - now)) <= 0)
			return;
		n = recv(c->fd, c->rx.buf, RX_SIZE, MSG_DONTWAIT);
		bytes += n > 0 ? (size_t)n : 0;
	}
}

/* Sets c->over, drops the waiting tasks and functions, and waits without a limit for the pending tasks, which
 * other threads finish; their results are dropped. */
static void
end_tasks(struct conn *c)
{
	struct pollfd pfd = {.fd = c->wake_fd, .events = POLLIN};
	struct itask *t;
	uint64_t count;

	c->over = true;
	c->ntmfs = 0;
	TAILQ_FOREACH(t, &c->tasks.pending, link)
	t->aborted = true;
	while ((t = TAILQ_FIRST(&c->tasks.waiting)) != NULL) {
		TAILQ_REMOVE(&c->tasks.waiting, t, link);
		t->aborted = true;
		datain_answer(c, t);
	}
	tasks_reap(c);
	while (!TAILQ_EMPTY(&c->tasks.pending)) {
		if (poll(&pfd, 1, -1) > 0 && read(c->wake_fd, &count, sizeof(count)) < 0)
			continue;
		tasks_reap(c);
	}
	tx_flush(c);
}

/* Takes the connection off the target's list, and wakes the connections that wait for its end.  It still
 * counts in nconns.  Takes the lock. */
static void
unlink_conn(struct conn *c)
{
	struct iscsi_target *target = c->target;
	struct conn *other;

	target_enter(target);
	LIST_REMOVE(c, link);
	if (c->successor != NULL)
		c->successor->predecessors--;
	LIST_FOREACH(other, &target->conns, link)
	if (other->successor == c)
		other->successor = NULL;
	pthread_cond_broadcast(&target->gone);
	target_leave(target);
}

/* Takes the connection off the target's list, frees it, and counts it as ended.  If it was the last one,
 * iscsi_stop may free the target as soon as this function has released the lock. */
static void
conn_end(struct conn *c)
{
	struct iscsi_target *target = c->target;

	admit_leave(c);
	unlink_conn(c);
	conn_free(c);
	target_enter(target);
	target->nconns--;
	pthread_cond_broadcast(&target->gone);
	target_leave(target);
}

/* Runs the thread of a connection: the login, the full feature phase, the end of its tasks and its session.
 * Frees the connection. */
static void *
serve(void *arg)
{
	struct conn *c = arg;

	if (login_run(c))
		fullfeature_run(c);
	read_rest(c);
	shutdown(c->fd, SHUT_RDWR);
	end_tasks(c);
	session_end(c);
	conn_end(c);
	return NULL;
}

/* ---- start ---------------------------------------------------------------------------------- */

/* Starts the thread of the connection, which then owns it.  Returns false if it cannot. */
static bool
start_thread(struct conn *c)
{
	pthread_attr_t attr;
	pthread_t thread;
	int rc;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	rc = pthread_create(&thread, &attr, serve, c);
	pthread_attr_destroy(&attr);
	return rc == 0;
}

void
serve_start(struct iscsi_target *target, int fd, const struct sockaddr *peer)
{
	struct conn *c;

	set_options(fd, target->limits.dead_ms);
	c = conn_new(target, fd, peer);
	if (c == NULL) {
		log_peer("iscsi", "no memory or descriptor for another connection");
		close(fd);
		return;
	}
	if (!admit_enter(c)) {
		log_peer("iscsi", "%s refused: too many connections", c->peer);
		conn_free(c);
		return;
	}
	if (!start_thread(c)) {
		log_peer("iscsi", "%s refused: no thread for it", c->peer);
		conn_end(c);
	}
}
