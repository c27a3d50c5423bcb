/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The target node: starts, accepts, and stops.
 */
#include "target/iscsi/iscsi.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "changer/base/log.h"
#include "target/iscsi/conn.h"

struct iscsi_limits iscsi_limits = {
	.connections = 1024,
	.logins = 64,
	.discovery = 32,
	.login_ms = 10000,
	.discovery_ms = 60000,
	.wrong_ms = 1000,
	.idle_ms = 1000,
	.ping_ms = 20000,
	.dead_ms = 120000,
	.reinstate_ms = 5000,
	.logout_ms = 2000,
	.burst_ms = 30000,
	.session_bytes = (size_t)32 << 20,
	.write_bytes = (size_t)256 << 20,
};

enum {
	ACCEPT_PAUSE_MS = 100,
	FDS_EACH = 4,	/* file descriptors of a connection: socket, eventfd, both ends of a pipe */
	FDS_LEFT = 512, /* file descriptors that are left for discs and the mount */
};

/* ---- limits ------------------------------------------------------------------------------------ */

/* Returns how many connections the limit of file descriptors allows, at most `wanted`.  Raises the soft limit
 * if it can.  FDS_LEFT descriptors, or half of a low limit, are left for the rest of the daemon, so that
 * peers cannot keep it from opening files. */
static unsigned
connections_possible(unsigned wanted)
{
	rlim_t need = (rlim_t)wanted * FDS_EACH + FDS_LEFT;
	struct rlimit rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) < 0)
		return wanted;
	if (rl.rlim_cur < need) {
		struct rlimit more = {
			.rlim_cur = rl.rlim_max < need ? rl.rlim_max : need,
			.rlim_max = rl.rlim_max,
		};

		if (setrlimit(RLIMIT_NOFILE, &more) == 0)
			rl = more;
	}
	if (rl.rlim_cur >= need)
		return wanted;
	return rl.rlim_cur > 2 * FDS_LEFT ? (unsigned)((rl.rlim_cur - FDS_LEFT) / FDS_EACH)
					  : (unsigned)(rl.rlim_cur / 2 / FDS_EACH);
}

/* Takes over the limits that the policy has changed.  Only before the acceptor runs, or in it. */
static void
take_limits(struct iscsi_target *target)
{
	const struct iscsi_access *access = target->access;
	struct iscsi_limits *limits = &target->limits;

	if (access != NULL && access->limits != NULL)
		access->limits(access->arg, limits);
	limits->connections = connections_possible(limits->connections);
}

/* Says so if the limit of file descriptors allows fewer connections than is wanted. */
static void
warn_of_few(const struct iscsi_target *target)
{
	struct iscsi_limits wanted = iscsi_limits;
	struct rlimit rl;

	if (target->access != NULL && target->access->limits != NULL)
		target->access->limits(target->access->arg, &wanted);
	if (target->limits.connections < wanted.connections && getrlimit(RLIMIT_NOFILE, &rl) == 0)
		log_warn("iscsi", "ulimit -n is %llu: only %u connections of %u are possible",
			(unsigned long long)rl.rlim_cur, target->limits.connections,
			wanted.connections);
}

/* ---- accepting ------------------------------------------------------------------------------ */

/* Accepts one connection on the portal and starts its thread.  Returns false if there is no file descriptor
 * or memory for it now; true also if there was none to accept. */
static bool
accept_one(struct iscsi_target *target, const struct portal *portal)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	int fd = accept4(portal->fd, (struct sockaddr *)&ss, &len, SOCK_CLOEXEC);

	if (fd >= 0) {
		take_limits(target);
		serve_start(target, fd, (struct sockaddr *)&ss);
	}
	return fd >= 0 ||
	       (errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM);
}

/* Copies the present portals and returns their number.  Sets accept_turn, which lets install in portal.c know
 * that the acceptor does not use the earlier ones any more.  Takes the lock. */
static unsigned
take_portals(struct iscsi_target *target, struct portal portals[PORTALS_MAX])
{
	unsigned n;

	target_enter(target);
	n = target->nportals;
	memcpy(portals, target->portals, n * sizeof(*portals));
	target->accept_turn = target->portals_turn;
	pthread_cond_broadcast(&target->gone);
	target_leave(target);
	return n;
}

/* Runs the acceptor's thread: accepts connections on all portals, takes new portals when it is woken, and
 * ends when accept_end is set. */
static void *
accept_all(void *arg)
{
	struct iscsi_target *target = arg;
	struct portal portals[PORTALS_MAX];
	struct pollfd fds[PORTALS_MAX + 1];
	unsigned n = 0;
	uint64_t count;

	fds[0] = (struct pollfd){.fd = target->accept_fd, .events = POLLIN};
	for (;;) {
		bool ok = true;

		if (poll(fds, n + 1, target_cut_due(target)) < 0)
			continue;
		if (fds[0].revents != 0) {
			if (__atomic_load_n(&target->accept_end, __ATOMIC_ACQUIRE))
				return NULL;
			if (read(target->accept_fd, &count, sizeof(count)) < 0)
				continue;
			n = take_portals(target, portals);
			for (unsigned i = 0; i < n; i++)
				fds[1 + i] = (struct pollfd){.fd = portals[i].fd, .events = POLLIN};
			continue;
		}
		for (unsigned i = 0; i < n; i++) {
			if (fds[1 + i].revents != 0)
				ok = accept_one(target, &portals[i]) && ok;
		}
		/* Waits, so as not to loop at full speed; connections stay in the backlog. */
		if (!ok)
			poll(&fds[0], 1, ACCEPT_PAUSE_MS);
	}
}

/* ---- start ---------------------------------------------------------------------------------- */

/* Closes the portals and the eventfd, and frees the target.  No thread may use it any more. */
static void
target_free(struct iscsi_target *target)
{
	for (unsigned i = 0; i < target->nportals; i++)
		close(target->portals[i].fd);
	if (target->accept_fd >= 0)
		close(target->accept_fd);
	pthread_cond_destroy(&target->gone);
	pthread_mutex_destroy(&target->lock);
	free(target);
}

/* Makes a target without portals and without an acceptor, from the options and iscsi_limits.  The name must
 * be valid.  Returns NULL with errno if memory or a file descriptor is missing. */
static struct iscsi_target *
target_new(const struct iscsi_options *options)
{
	size_t len = strlen(options->name);
	struct iscsi_target *target = calloc(1, sizeof(*target) + len + 1);

	if (target == NULL)
		return NULL;
	memcpy(target->name, options->name, len);
	target->device = options->device;
	target->report_session = options->session;
	target->report_arg = options->session_arg;
	if (options->access != NULL) {
		target->access_copy = *options->access;
		target->access = &target->access_copy;
	}
	target->limits = iscsi_limits;
	take_limits(target);
	admission_init(&target->admission);
	warn_of_few(target);
	pthread_mutex_init(&target->lock, NULL);
	pthread_cond_init(&target->gone, NULL);
	LIST_INIT(&target->conns);
	target->accept_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (target->accept_fd < 0) {
		target_free(target);
		return NULL;
	}
	return target;
}

struct iscsi_target *
iscsi_start(const struct iscsi_options *options, char *why, size_t why_size)
{
	struct iscsi_target *target;

	if (options->name[0] == '\0' || strlen(options->name) > ISCSI_NAME_MAX) {
		snprintf(
			why, why_size, "the target's name must have 1 to %d bytes", ISCSI_NAME_MAX);
		return NULL;
	}
	target = target_new(options);
	if (target == NULL) {
		snprintf(why, why_size, "%s", strerror(errno));
		return NULL;
	}
	if (pthread_create(&target->acceptor, NULL, accept_all, target) != 0) {
		snprintf(why, why_size, "cannot start a thread");
		target_free(target);
		return NULL;
	}
	if (iscsi_portals_set(target, options->portals, options->nportals, why, why_size) != 0) {
		iscsi_stop(target);
		return NULL;
	}
	return target;
}

/* ---- stop ----------------------------------------------------------------------------------- */

/* Sets target->stopping and wakes all connections, which then ask their initiators to log out.  Shuts down
 * the sockets of those that are not logged in or were replaced.  Takes the lock. */
static void
ask_all(struct iscsi_target *target)
{
	struct conn *c;

	target_enter(target);
	__atomic_store_n(&target->stopping, true, __ATOMIC_RELAXED);
	LIST_FOREACH(c, &target->conns, link)
	{
		if (c->listed)
			conn_wake(c);
		else
			shutdown(c->fd, SHUT_RDWR);
	}
	pthread_cond_broadcast(&target->gone);
	target_leave(target);
}

/* Waits up to `ms` milliseconds.  Returns true if all connections have ended, their memory included; false if
 * the time is over.  Takes the lock. */
static bool
wait_for_all(struct iscsi_target *target, unsigned ms)
{
	struct timespec end = target_time_in(ms);
	bool ended;

	target_enter(target);
	while (target->nconns > 0) {
		if (pthread_cond_clockwait(&target->gone, &target->lock, CLOCK_MONOTONIC, &end) !=
			0)
			break;
	}
	ended = target->nconns == 0;
	target_leave(target);
	return ended;
}

/* Shuts down the sockets of all connections, and waits without a limit until they have ended.  Takes the
 * lock. */
static void
close_all(struct iscsi_target *target)
{
	struct conn *c;

	target_enter(target);
	LIST_FOREACH(c, &target->conns, link)
	shutdown(c->fd, SHUT_RDWR);
	while (target->nconns > 0)
		pthread_cond_wait(&target->gone, &target->lock);
	target_leave(target);
}

void
iscsi_stop(struct iscsi_target *target)
{
	if (target == NULL)
		return;
	__atomic_store_n(&target->accept_end, true, __ATOMIC_RELEASE);
	target_kick_acceptor(target);
	pthread_join(target->acceptor, NULL);
	ask_all(target);
	if (!wait_for_all(target, target->limits.logout_ms))
		close_all(target);
	target_free(target);
}
