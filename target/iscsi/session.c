/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/iscsi/session.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>

#include "changer/base/clock.h"
#include "changer/base/log.h"
#include "changer/scsi/port.h"
#include "target/iscsi/conn.h"

/* Returns the number of commands that may still come: MaxCmdSN - ExpCmdSN + 1, 0 to COMMAND_WINDOW. */
static uint32_t
window_left(const struct session *s)
{
	return COMMAND_WINDOW - s->nwindow;
}

/* Compares serial numbers as RFC 1982 does (RFC 7143 4.2.2.1).  A new command increments ExpCmdSN and
 * makes the window smaller by one.  So MaxCmdSN stays the same until the command is answered, and never
 * goes back. */
enum session_verdict
session_admit(struct session *s, const struct pdu *pdu)
{
	uint32_t ahead = get_be32(pdu->bhs + BHS_CMD_SN) - s->exp_cmd_sn;

	if (pdu->immediate)
		return SESSION_ADMIT;
	if (ahead >= window_left(s))
		return SESSION_IGNORE;
	if (ahead != 0)
		return SESSION_GAP;
	s->exp_cmd_sn++;
	return SESSION_ADMIT;
}

void
session_put_sn(const struct session *s, uint8_t *bhs)
{
	put_be32(bhs + BHS_EXP_CMD_SN, s->exp_cmd_sn);
	put_be32(bhs + BHS_MAX_CMD_SN, s->exp_cmd_sn + window_left(s) - 1);
}

/* Returns the listed connection whose session has that TSIH; NULL if there is none. */
static struct conn *
find_tsih(struct iscsi_target *target, uint16_t tsih) REQUIRES(iscsi_target_lock)
{
	struct conn *c;

	LIST_FOREACH(c, &target->conns, link)
	if (c->listed && c->session.tsih == tsih)
		return c;
	return NULL;
}

/* Returns a TSIH that is not in use and not 0, and stores it in last_tsih.  There are far fewer connections
 * than numbers, so it finds one. */
static uint16_t
new_tsih(struct iscsi_target *target) REQUIRES(iscsi_target_lock)
{
	do
		target->last_tsih++;
	while (target->last_tsih == 0 || find_tsih(target, target->last_tsih) != NULL);
	return target->last_tsih;
}

/* Returns true if both sessions have the same initiator port: name, without regard to case, and ISID (4.2.7,
 * 6.3.5).  False if one is a discovery session. */
static bool
same_port(const struct session *a, const struct session *b)
{
	return !a->discovery && !b->discovery && strcasecmp(a->initiator, b->initiator) == 0 &&
	       memcmp(a->isid, b->isid, LOGIN_ISID_LEN) == 0;
}

/* Marks the older sessions of the same initiator port as replaced and not listed, makes c their successor,
 * counts them in c->predecessors, and shuts down their sockets: their threads then end them.  Does not
 * wait. */
static void
replace_others(struct conn *c) REQUIRES(iscsi_target_lock)
{
	struct conn *other;

	LIST_FOREACH(other, &c->target->conns, link)
	{
		if (other == c || !other->listed || !same_port(&other->session, &c->session))
			continue;
		other->listed = false;
		other->replaced = true;
		other->successor = c;
		c->predecessors++;
		shutdown(other->fd, SHUT_RDWR);
	}
}

/* Waits until the sessions that c replaces have ended, but not longer than reinstate_ms, and only until c is
 * replaced itself or the target stops.  Releases the lock while it waits. */
static void
wait_for_predecessors(struct conn *c) REQUIRES(iscsi_target_lock)
{
	struct iscsi_target *target = c->target;
	struct timespec end = target_time_in(c->limits.reinstate_ms);

	while (c->predecessors > 0 && !c->replaced &&
		!__atomic_load_n(&target->stopping, __ATOMIC_RELAXED)) {
		if (pthread_cond_clockwait(&target->gone, &target->lock, CLOCK_MONOTONIC, &end) !=
			0)
			break; /* too late: the results of the older session are dropped when they come */
	}
}

/* Reports the begin (begins is true) or the end (false) of the session to the owner of the target, if it
 * wants to know.  No lock held. */
static void
report_session(const struct conn *c, bool begins)
{
	const struct iscsi_target *t = c->target;

	if (t->report_session != NULL)
		t->report_session(t->report_arg, begins, c->session.initiator, c->peer);
}

/* Makes the nexus of the session.  The name of its port is that of the initiator, ",i,0x" and the ISID (RFC
 * 7143 4.2.7.1, SPC-4 7.6.4.6).  Returns NULL if memory is missing. */
static struct scsi_nexus *
new_nexus(struct conn *c)
{
	const struct session *s = &c->session;
	const uint8_t *isid = s->isid;
	char port[sizeof(s->initiator) + 32];

	snprintf(port, sizeof(port), "%s,i,0x%02x%02x%02x%02x%02x%02x", s->initiator, isid[0],
		isid[1], isid[2], isid[3], isid[4], isid[5]);
	return scsi_nexus_new(scsi_device_port(c->target->device), s->initiator, port);
}

enum login_status
session_begin(struct conn *c)
{
	struct session *s = &c->session;
	bool replaced;

	target_enter(c->target);
	if (!admit_begin(c)) {
		target_leave(c->target);
		return LOGIN_UNAVAILABLE;
	}
	s->tsih = new_tsih(c->target);
	s->since_ns = clock_wall_ns();
	replace_others(c);
	c->listed = true;
	wait_for_predecessors(c);
	replaced = c->replaced;
	target_leave(c->target);
	if (replaced)
		return LOGIN_UNAVAILABLE;
	if (!s->discovery) {
		s->nexus = new_nexus(c);
		if (s->nexus == NULL)
			return LOGIN_NO_RESOURCES;
		log_info("iscsi", "session of %s from %s begins", s->initiator, c->peer);
		report_session(c, true);
	}
	return LOGIN_SUCCESS;
}

void
session_end(struct conn *c)
{
	struct session *s = &c->session;

	if (s->nexus == NULL)
		return;
	log_info("iscsi", "session of %s from %s ends%s", s->initiator, c->peer,
		c->logged_out ? "" : " without a logout");
	scsi_nexus_free(s->nexus);
	s->nexus = NULL;
	report_session(c, false);
}

enum login_status
session_join_status(struct conn *c, uint16_t tsih)
{
	struct conn *other;
	enum login_status status = LOGIN_NO_SESSION;

	target_enter(c->target);
	other = find_tsih(c->target, tsih);
	/* A session has one connection, and no other can replace it (ErrorRecoveryLevel 0). */
	if (other != NULL && same_port(&other->session, &c->session))
		status = other->session.cid == c->session.cid ? LOGIN_CANNOT_INCLUDE
							      : LOGIN_TOO_MANY_CONNECTIONS;
	target_leave(c->target);
	return status;
}

/* ---- for the mount -------------------------------------------------------------------------- */

/* Returns true if users see the session: its login is complete, it was not replaced, and it is not a
 * discovery session. */
static bool
is_shown(const struct conn *c) REQUIRES(iscsi_target_lock)
{
	return c->listed && !c->session.discovery;
}

/* Prints the line of a session, as iscsi_sessions_text says, cut to `size` bytes.  Returns its whole length,
 * as snprintf(3) does; negative on an error. */
static int
print_session(const struct conn *c, char *buf, size_t size) REQUIRES(iscsi_target_lock)
{
	const struct session *s = &c->session;
	time_t since = (time_t)(s->since_ns / 1000000000);
	char when[32];
	struct tm tm;

	gmtime_r(&since, &tm);
	strftime(when, sizeof(when), "%FT%TZ", &tm);
	return snprintf(buf, size, "%s %s %s %u %s %u\n", s->initiator, c->peer, when, s->tsih,
		s->user[0] != '\0' ? s->user : "-",
		__atomic_load_n(&s->nwindow, __ATOMIC_RELAXED) +
			__atomic_load_n(&s->nimmediate, __ATOMIC_RELAXED));
}

size_t
iscsi_sessions_text(struct iscsi_target *target, char *buf, size_t size)
{
	size_t len = 0;
	struct conn *c;
	int n;

	if (size > 0)
		buf[0] = '\0';
	target_enter(target);
	LIST_FOREACH(c, &target->conns, link)
	{
		if (!is_shown(c))
			continue;
		n = print_session(c, len < size ? buf + len : NULL, len < size ? size - len : 0);
		if (n > 0)
			len += (size_t)n;
	}
	target_leave(target);
	return len;
}

/* ---- ending sessions ------------------------------------------------------------------------ */

/* Returns true if `which` is "all", the session's ID or its initiator's name, without regard to case. */
static bool
is_meant(const struct conn *c, const char *which) REQUIRES(iscsi_target_lock)
{
	char id[8];

	snprintf(id, sizeof(id), "%u", c->session.tsih);
	return strcmp(which, "all") == 0 || strcmp(which, id) == 0 ||
	       strcasecmp(which, c->session.initiator) == 0;
}

/* Returns true if `which` is the ID of the connection in iscsi_connections_text. */
static bool
is_connection(const struct conn *c, const char *which) REQUIRES(iscsi_target_lock)
{
	char id[16];

	snprintf(id, sizeof(id), "c%u", c->admitted.number);
	return strcmp(which, id) == 0;
}

unsigned
iscsi_session_drop(struct iscsi_target *target, const char *which, enum iscsi_drop how)
{
	uint64_t now = clock_ms();
	unsigned n = 0;
	struct conn *c;

	target_enter(target);
	LIST_FOREACH(c, &target->conns, link)
	{
		if (is_shown(c) ? !is_meant(c, which) : !is_connection(c, which))
			continue;
		n++;
		if (how == ISCSI_DROP_CUT || !is_shown(c)) {
			shutdown(c->fd, SHUT_RDWR);
		} else {
			/* Its thread may be blocked, so the acceptor cuts it when the time is over. */
			c->admitted.end_ms = now + target->limits.logout_ms;
			__atomic_store_n(&c->asked, true, __ATOMIC_RELAXED);
			conn_wake(c);
		}
	}
	target_kick_acceptor(target);
	target_leave(target);
	return n;
}
