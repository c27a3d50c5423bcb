/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Portals: the addresses at which initiators reach us.
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

/* "host:port", "[host]:port", or without port; host numeric or a name such as localhost. */
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

static bool
is_loopback(const struct sockaddr *address)
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
	return true;
}

bool
portal_open(struct portal *portal, const char *address, char *why, size_t why_size)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
	struct addrinfo *ai = NULL;
	char host[PORTAL_TEXT_MAX], port[8];
	bool ok = false;
	int rc;

	if (!split(address, host, port)) {
		snprintf(why, why_size, "portal %s: write it as 127.0.0.1:3260 or [::1]:3260",
			address);
		return false;
	}
	rc = getaddrinfo(host, port, &hints, &ai);
	if (rc != 0) {
		snprintf(why, why_size, "portal %s: %s", address, gai_strerror(rc));
		return false;
	}
	if (!is_loopback(ai->ai_addr))
		snprintf(why, why_size,
			"portal %s is refused: without access control only loopback is served, "
			"127.0.0.0/8 or [::1]",
			address);
	else if (!listen_on(portal, ai))
		snprintf(why, why_size, "portal %s: %s", address, strerror(errno));
	else
		ok = true;
	freeaddrinfo(ai);
	return ok;
}
