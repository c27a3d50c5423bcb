/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who gets a connection: asks the admission table (admission.h), and carries out what it says.
 */
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>

#include "changer/base/clock.h"
#include "changer/base/log.h"
#include "target/iscsi/conn.h"

enum {
	TELL_MS = 10000,  /* an event tells of each limit at most this often */
	ENDING_MS = 1000, /* a newcomer waits at most this long for others that end */
};

/* ---- counting ----------------------------------------------------------------------------------- */

uint64_t
iscsi_refused(struct iscsi_target *target, enum iscsi_refused which, const char **name)
{
	static const char *const names[ISCSI_REFUSED_COUNT] = {
		[ISCSI_REFUSED_CONNECTIONS] = "connections",
		[ISCSI_REFUSED_LOGINS] = "logins",
		[ISCSI_REFUSED_LOGIN_TIME] = "login-time",
		[ISCSI_REFUSED_DISCOVERY] = "discovery",
		[ISCSI_REFUSED_DISCOVERY_TIME] = "discovery-time",
		[ISCSI_REFUSED_WRONG_LOGIN] = "wrong-login",
		[ISCSI_REFUSED_GUESSES] = "wrong-login-pause",
		[ISCSI_REFUSED_POLICY] = "access",
		[ISCSI_REFUSED_BYTES] = "bytes",
		[ISCSI_REFUSED_BURST_TIME] = "burst-time",
	};

	*name = names[which];
	return __atomic_load_n(&target->refused[which], __ATOMIC_RELAXED);
}

/* The policy reports wrong logins and its own refusals itself. */
void
target_refuse(struct iscsi_target *target, enum iscsi_refused which, const char *initiator,
	const char *peer)
{
	const struct iscsi_access *access = target->access;
	uint64_t *told = &target->told_ms[which], now = clock_ms(), before;
	bool by_policy = which == ISCSI_REFUSED_WRONG_LOGIN || which == ISCSI_REFUSED_POLICY;

	__atomic_add_fetch(&target->refused[which], 1, __ATOMIC_RELAXED);
	before = __atomic_load_n(told, __ATOMIC_RELAXED);
	if (by_policy || access == NULL || access->refused == NULL ||
		(before != 0 && now - before < TELL_MS) ||
		!__atomic_compare_exchange_n(
			told, &before, now, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		return;
	access->refused(access->arg, ISCSI_NO_ROOM, initiator, peer);
}

/* ---- entering ----------------------------------------------------------------------------------- */

/* Returns the connection that has this entry; NULL for NULL. */
static struct conn *
conn_of(struct admission_entry *e)
{
	return e == NULL ? NULL : (void *)((char *)e - offsetof(struct conn, admitted));
}

/* Returns true if the policy will refuse the peer because of its address.  Such peers get only a quarter of
 * the logins, so that they cannot keep others from logging in. */
static bool
is_stranger(const struct conn *c)
{
	const struct iscsi_access *access = c->target->access;

	return access != NULL && access->admits(access->arg, NULL,
					 (const struct sockaddr *)&c->address) != ISCSI_ADMITTED;
}

/* Waits while so many connections are about to end that another one could make their number grow without
 * bound.  Returns false if they do not end in time. */
static bool
wait_for_ending(struct conn *c) REQUIRES(iscsi_target_lock)
{
	struct iscsi_target *target = c->target;
	struct timespec end = target_time_in(ENDING_MS);

	while (target->admission.count[ADMISSION_ENDING] > c->limits.logins) {
		if (pthread_cond_clockwait(&target->gone, &target->lock, CLOCK_MONOTONIC, &end) !=
			0)
			return false;
	}
	return true;
}

bool
admit_enter(struct conn *c)
{
	struct iscsi_target *target = c->target;
	const struct iscsi_limits *limits = &c->limits;
	bool stranger = is_stranger(c), ok;
	struct admission_entry *victim = NULL;

	c->admitted.source = admission_source((const struct sockaddr *)&c->address, stranger);
	admission_heard(&c->admitted, c->heard_ms);
	target_enter(target);
	ok = wait_for_ending(c) &&
	     admission_enter(&target->admission, &c->admitted, limits->logins,
		     stranger && limits->logins > 4 ? limits->logins / 4 : limits->logins,
		     limits->connections, &victim);
	if (ok) {
		LIST_INSERT_HEAD(&target->conns, c, link);
		target->nconns++;
	}
	if (victim != NULL)
		shutdown(conn_of(victim)->fd, SHUT_RDWR);
	target_leave(target);
	if (!ok)
		target_refuse(target, ISCSI_REFUSED_CONNECTIONS, "", c->peer);
	return ok;
}

bool
admit_begin(struct conn *c)
{
	struct admission *a = &c->target->admission;
	struct admission_entry *victim;
	bool ok = c->session.discovery ? admission_begin(a, &c->admitted, ADMISSION_DISCOVERY,
						 c->limits.discovery, &victim)
				       : admission_begin(a, &c->admitted, ADMISSION_SESSION,
						 UINT32_MAX, &victim);

	if (ok && c->session.discovery) {
		c->admitted.end_ms = clock_ms() + c->limits.discovery_ms;
		target_kick_acceptor(c->target);
	}
	if (victim != NULL)
		shutdown(conn_of(victim)->fd, SHUT_RDWR);
	return ok;
}

/* ---- ending ------------------------------------------------------------------------------------- */

void
admit_leave(struct conn *c)
{
	bool made_room;

	target_enter(c->target);
	made_room = c->admitted.kind == ADMISSION_ENDING;
	admission_leave(&c->target->admission, &c->admitted);
	target_leave(c->target);
	if (!made_room)
		return;
	log_peer("iscsi", "%s was cut: it made room for another %s", c->peer,
		c->session.discovery ? "discovery session" : "login");
	target_refuse(c->target,
		c->session.discovery ? ISCSI_REFUSED_DISCOVERY : ISCSI_REFUSED_LOGINS,
		c->session.initiator, c->peer);
}

int
target_cut_due(struct iscsi_target *target)
{
	struct admission_entry *e;
	uint64_t now = clock_ms(), next;
	unsigned cut = 0;

	target_enter(target);
	while ((e = admission_due(&target->admission, now, &next)) != NULL) {
		cut += e->kind == ADMISSION_DISCOVERY;
		shutdown(conn_of(e)->fd, SHUT_RDWR);
	}
	target_leave(target);
	while (cut-- > 0)
		target_refuse(target, ISCSI_REFUSED_DISCOVERY_TIME, "", "");
	return next == 0 ? -1 : (int)(next - now);
}

/* ---- wrong logins ------------------------------------------------------------------------------- */

uint64_t
admit_wrong(struct conn *c)
{
	uint64_t ms;

	target_enter(c->target);
	ms = admission_wrong(
		&c->target->admission, &c->admitted.source, clock_ms(), c->limits.wrong_ms);
	target_leave(c->target);
	return ms;
}

bool
admit_may_try(struct conn *c)
{
	bool may;

	target_enter(c->target);
	may = admission_may_try(&c->target->admission, &c->admitted.source, clock_ms(),
		c->limits.wrong_ms, c->limits.login_ms);
	target_leave(c->target);
	return may;
}

/* ---- for the mount ------------------------------------------------------------------------------ */

/* Prints the line of a connection, as iscsi_connections_text says, cut to `size` bytes.  Returns its whole
 * length, as snprintf(3) does. */
static int
print_connection(const struct conn *c, char *buf, size_t size) REQUIRES(iscsi_target_lock)
{
	static const char *const states[ADMISSION_KINDS] = {
		"login", "discovery", "ending", "ending"};
	time_t since = (time_t)(c->accepted_ns / 1000000000);
	char when[32];
	struct tm tm;

	gmtime_r(&since, &tm);
	strftime(when, sizeof(when), "%FT%TZ", &tm);
	return snprintf(buf, size, "c%u %s %s %s %s\n", c->admitted.number, c->peer, when,
		states[c->admitted.kind], c->listed ? c->session.initiator : "-");
}

size_t
iscsi_connections_text(struct iscsi_target *target, char *buf, size_t size)
{
	size_t len = 0;
	struct conn *c;

	if (size > 0)
		buf[0] = '\0';
	target_enter(target);
	LIST_FOREACH(c, &target->conns, link)
	{
		int n;

		if (c->listed && !c->session.discovery)
			continue;
		n = print_connection(c, len < size ? buf + len : NULL, len < size ? size - len : 0);
		if (n > 0)
			len += (size_t)n;
	}
	target_leave(target);
	return len;
}
