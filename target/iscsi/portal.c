/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Portals: the addresses at which the target listens.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "changer/base/log.h"
#include "target/iscsi/target.h"

enum { BACKLOG = 128 };
#define DEFAULT_PORT "3260"

void
portal_address_text(const struct sockaddr *address, char text[PORTAL_TEXT_MAX])
{
	char host[INET6_ADDRSTRLEN] = "?";

	if (address->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, address, sizeof(in6));
		inet_ntop(AF_INET6, &in6.sin6_addr, host, sizeof(host));
		snprintf(text, PORTAL_TEXT_MAX, "[%s]:%u", host, ntohs(in6.sin6_port));
	} else {
		struct sockaddr_in in;

		memcpy(&in, address, sizeof(in));
		inet_ntop(AF_INET, &in.sin_addr, host, sizeof(host));
		snprintf(text, PORTAL_TEXT_MAX, "%s:%u", host, ntohs(in.sin_port));
	}
}

/* Splits "host:port" or "[host]:port" into host and port; without a port, that is 3260.  Returns false if the
 * host is empty or too long, or the port is no number up to 65535; host and port may then be changed. */
static bool
split(const char *address, char host[PORTAL_TEXT_MAX], char port[8])
{
	const char *start = address, *end, *colon;

	if (address[0] == '[') {
		start = address + 1;
		end = strchr(start, ']');
		if (end == NULL || (end[1] != '\0' && end[1] != ':'))
			return false;
		colon = end[1] == ':' ? end + 1 : NULL;
	} else {
		colon = strchr(address, ':');
		end = colon != NULL ? colon : address + strlen(address);
	}
	if (end == start || end - start >= PORTAL_TEXT_MAX)
		return false;
	snprintf(host, PORTAL_TEXT_MAX, "%.*s", (int)(end - start), start);
	snprintf(port, 8, "%s", colon != NULL ? colon + 1 : DEFAULT_PORT);
	return port[0] != '\0' && strspn(port, "0123456789") == strlen(port) && strlen(port) < 6 &&
	       strtoul(port, NULL, 10) <= UINT16_MAX;
}

/* Splits "BIND=ANNOUNCED" of portal->asked into bind and portal->announced; without "=" nothing is announced.
 * Returns false if the announced address is not valid, too long, or has port 0.  Does not check bind. */
static bool
split_line(struct portal *portal, char bind[PORTAL_LINE_MAX])
{
	char host[PORTAL_TEXT_MAX], port[8], *equals;

	snprintf(bind, PORTAL_LINE_MAX, "%s", portal->asked);
	equals = strchr(bind, '=');
	if (equals == NULL)
		return true;
	*equals++ = '\0';
	if (!split(equals, host, port) || strtoul(port, NULL, 10) == 0 ||
		strlen(equals) >= PORTAL_TEXT_MAX)
		return false;
	strcpy(portal->announced, equals);
	return true;
}

/* Writes the portal's line: the address that it listens on, and behind "=" the one that it announces, if
 * any. */
static void
line_of(const struct portal *portal, char line[PORTAL_LINE_MAX])
{
	snprintf(line, PORTAL_LINE_MAX, "%s%s%s", portal->text,
		portal->announced[0] != '\0' ? "=" : "", portal->announced);
}

/* Returns true if `wanted` is the line that the portal was opened for, or its present line (line_of). */
static bool
is_portal(const struct portal *portal, const char *wanted)
{
	char line[PORTAL_LINE_MAX];

	line_of(portal, line);
	return strcmp(portal->asked, wanted) == 0 || strcmp(line, wanted) == 0;
}

/* Returns true if the IPv4 or IPv6 address stands for all addresses of this machine. */
static bool
is_wildcard(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, address, sizeof(in));
		return in.sin_addr.s_addr == INADDR_ANY;
	}
	if (address->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, address, sizeof(in6));
		return IN6_IS_ADDR_UNSPECIFIED(&in6.sin6_addr);
	}
	return false;
}

bool
portal_is_loopback(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, address, sizeof(in));
		return ntohl(in.sin_addr.s_addr) >> 24 == 127;
	}
	if (address->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, address, sizeof(in6));
		return IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr);
	}
	return false;
}

/* Opens a socket that listens on the address, and fills in fd, text and wildcard of the portal.  An IPv6
 * socket takes no IPv4.  Returns false with errno, and nothing open, if it cannot. */
static bool
listen_on(struct portal *portal, const struct addrinfo *ai)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	int on = 1;

	portal->fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (portal->fd < 0)
		return false;
	setsockopt(portal->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (ai->ai_family == AF_INET6)
		setsockopt(portal->fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(portal->fd, ai->ai_addr, ai->ai_addrlen) < 0 || listen(portal->fd, BACKLOG) < 0 ||
		getsockname(portal->fd, (struct sockaddr *)&ss, &len) < 0) {
		int err = errno;

		close(portal->fd);
		errno = err;
		return false;
	}
	portal_address_text((struct sockaddr *)&ss, portal->text);
	portal->wildcard = is_wildcard((struct sockaddr *)&ss);
	return true;
}

/* Listens on an address, if the policy allows it, and fills in the portal, beyond included.  Returns 0;
 * -EPERM if the address is beyond loopback and the policy does not allow that, or there is no policy; else
 * -errno.  An error leaves a message in `why`, and nothing open. */
static int
open_address(struct iscsi_target *target, struct portal *portal, const struct addrinfo *ai,
	char *why, size_t why_size)
{
	const struct iscsi_access *access = target->access;
	int err;

	portal->beyond = !portal_is_loopback(ai->ai_addr);
	if (portal->beyond && (access == NULL || !access->may_go_beyond(access->arg))) {
		snprintf(why, why_size,
			"portal %s is refused: beyond loopback (127.0.0.0/8, [::1]) nobody is "
			"served before ctl/access says who may log in",
			portal->asked);
		return -EPERM;
	}
	if (listen_on(portal, ai))
		return 0;
	err = errno;
	snprintf(why, why_size, "portal %s: %s", portal->asked, strerror(err));
	return -err;
}

/* Opens the portal that portal->asked names, at the first address of its host.  Returns 0; -EINVAL if the
 * line is not valid, -EADDRNOTAVAIL if the host is not known, or the errors of open_address.  An error leaves
 * a message in `why`, and nothing open.  May ask a name server, and block for that. */
static int
portal_open(struct iscsi_target *target, struct portal *portal, char *why, size_t why_size)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
	struct addrinfo *ai = NULL;
	char host[PORTAL_TEXT_MAX], port[8], bind[PORTAL_LINE_MAX];
	int rc;

	if (!split_line(portal, bind) || !split(bind, host, port)) {
		snprintf(why, why_size,
			"portal %s: write it as 127.0.0.1:3260, [::1]:3260 or BIND=ANNOUNCED",
			portal->asked);
		return -EINVAL;
	}
	rc = getaddrinfo(host, port, &hints, &ai);
	if (rc != 0) {
		snprintf(why, why_size, "portal %s: %s", portal->asked, gai_strerror(rc));
		return -EADDRNOTAVAIL;
	}
	rc = open_address(target, portal, ai, why, why_size);
	freeaddrinfo(ai);
	return rc;
}

/* ---- the portals of a target ---------------------------------------------------------------- */

/* Portals in no order. */
struct portal_set {
	struct portal portals[PORTALS_MAX];
	unsigned n;
};

/* Returns true if a portal of the set is what the line `wanted` says. */
static bool
set_has(const struct portal_set *set, const char *wanted)
{
	for (unsigned i = 0; i < set->n; i++)
		if (is_portal(&set->portals[i], wanted))
			return true;
	return false;
}

/* Copies the target's portals that are in the list `wanted` to *stay, and the others to *go.  Changes nothing
 * of the target. */
static void
sort_out(const struct iscsi_target *target, const char *const *wanted, size_t n,
	struct portal_set *stay, struct portal_set *go) REQUIRES(iscsi_target_lock)
{
	for (unsigned i = 0; i < target->nportals; i++) {
		const struct portal *p = &target->portals[i];
		struct portal_set *to = go;

		for (size_t k = 0; k < n; k++)
			if (is_portal(p, wanted[k]))
				to = stay;
		to->portals[to->n++] = *p;
	}
}

/* Makes the set the portals of the target, and waits until the acceptor uses it.  After that the caller may
 * close the earlier portals.  Takes the lock. */
static void
install(struct iscsi_target *target, const struct portal_set *set)
{
	unsigned turn;

	target_enter(target);
	memcpy(target->portals, set->portals, sizeof(target->portals));
	target->nportals = set->n;
	turn = ++target->portals_turn;
	target_kick_acceptor(target);
	while ((int)(target->accept_turn - turn) < 0)
		pthread_cond_wait(&target->gone, &target->lock);
	target_leave(target);
}

/* Opens the portals in `wanted` that are not in the set, and adds them.  On an error closes those that it has
 * opened, and leaves the set as it was.  Returns 0, or -errno with a message in `why`.  The set must have
 * room for all. */
static int
open_missing(struct iscsi_target *target, struct portal_set *set, const char *const *wanted,
	size_t n, char *why, size_t why_size)
{
	unsigned had = set->n;
	int rc = 0;

	for (size_t i = 0; i < n && rc == 0; i++) {
		struct portal *p = &set->portals[set->n];

		if (set_has(set, wanted[i]))
			continue;
		memset(p, 0, sizeof(*p));
		if (snprintf(p->asked, sizeof(p->asked), "%s", wanted[i]) >= (int)sizeof(p->asked))
			p->asked[0] = '\0'; /* too long, so not valid: portal_open refuses it */
		rc = portal_open(target, p, why, why_size);
		if (rc == 0)
			set->n++;
	}
	while (rc != 0 && set->n > had)
		close(set->portals[--set->n].fd);
	return rc;
}

/* Opens the portals in `gone` again, which were closed, and adds them to the set.  Logs each one that cannot
 * be opened. */
static void
reopen(struct iscsi_target *target, struct portal_set *set, const struct portal_set *gone)
{
	char why[256];

	for (unsigned i = 0; i < gone->n; i++) {
		char line[PORTAL_LINE_MAX];
		const char *wanted = line;

		line_of(&gone->portals[i], line);
		if (open_missing(target, set, &wanted, 1, why, sizeof(why)) != 0)
			log_err("iscsi", "%s", why);
	}
}

/* Closes the unwanted portals before it opens new ones, because a wildcard address cannot be opened while one
 * of its addresses is open.  So for a moment only the portals that stay accept connections. */
int
iscsi_portals_set(struct iscsi_target *target, const char *const *wanted, size_t n, char *why,
	size_t why_size)
{
	static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
	struct portal_set set = {.n = 0}, go = {.n = 0};
	int rc;

	if (n == 0 || n > PORTALS_MAX) {
		snprintf(why, why_size, "there must be 1 to %d portals", PORTALS_MAX);
		return -EINVAL;
	}
	pthread_mutex_lock(&one_at_a_time);
	target_enter(target);
	sort_out(target, wanted, n, &set, &go);
	target_leave(target);
	if (go.n > 0)
		install(target, &set);
	for (unsigned i = 0; i < go.n; i++)
		close(go.portals[i].fd);
	rc = open_missing(target, &set, wanted, n, why, why_size);
	if (rc != 0)
		reopen(target, &set, &go);
	install(target, &set);
	pthread_mutex_unlock(&one_at_a_time);
	return rc;
}

bool
iscsi_portals_beyond(struct iscsi_target *target)
{
	bool beyond = false;

	target_enter(target);
	for (unsigned i = 0; i < target->nportals; i++)
		beyond = beyond || target->portals[i].beyond;
	target_leave(target);
	return beyond;
}

/* ---- as text -------------------------------------------------------------------------------- */

size_t
iscsi_portals_text(struct iscsi_target *target, char *buf, size_t size)
{
	size_t len = 0;

	if (size > 0)
		buf[0] = '\0';
	target_enter(target);
	for (unsigned i = 0; i < target->nportals; i++) {
		char line[PORTAL_LINE_MAX];
		int n;

		line_of(&target->portals[i], line);
		n = snprintf(
			len < size ? buf + len : NULL, len < size ? size - len : 0, "%s\n", line);
		if (n > 0)
			len += (size_t)n;
	}
	target_leave(target);
	return len;
}

bool
portal_announced(struct iscsi_target *target, char here[PORTAL_TEXT_MAX])
{
	const char *port = strrchr(here, ':');
	bool found = false;

	target_enter(target);
	for (unsigned i = 0; i < target->nportals && !found; i++) {
		const struct portal *p = &target->portals[i];

		if (p->announced[0] == '\0' || port == NULL)
			continue;
		/* A wildcard portal has all addresses of its family, at its port. */
		found = strcmp(p->text, here) == 0 ||
			(p->wildcard && (p->text[0] == '[') == (here[0] == '[') &&
				strcmp(strrchr(p->text, ':'), port) == 0);
		if (found)
			strcpy(here, p->announced);
	}
	target_leave(target);
	return found;
}

unsigned
portal_list(struct iscsi_target *target, bool loopback, char texts[PORTALS_MAX][PORTAL_TEXT_MAX])
{
	unsigned count = 0;

	target_enter(target);
	for (unsigned i = 0; i < target->nportals; i++) {
		const struct portal *p = &target->portals[i];

		bool announces = p->announced[0] != '\0';

		if ((p->wildcard && !announces) || (!loopback && !p->beyond))
			continue;
		memcpy(texts[count++], announces ? p->announced : p->text, PORTAL_TEXT_MAX);
	}
	target_leave(target);
	return count;
}
