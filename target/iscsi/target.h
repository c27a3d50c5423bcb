/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside of the iSCSI layer: what all connections share.
 *
 * Lock: target->lock is a leaf; it guards the lists, the counters and the members of a connection
 * that say so.  Nothing blocks while it is held.
 */
#ifndef TARGET_ISCSI_TARGET_H
#define TARGET_ISCSI_TARGET_H

#include <pthread.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "changer/base/lock.h"
#include "target/iscsi/iscsi.h"

struct conn;

/* Bounds on what peers can make grow, and times in milliseconds. */
struct iscsi_limits {
	unsigned connections; /* in all */
	unsigned logins;      /* of them not logged in */
	unsigned login_ms;    /* from accept to full feature phase */
	unsigned idle_ms;     /* then the buffers of a connection are given back */
	unsigned ping_ms;     /* silence after which we send a NOP-In */
	unsigned dead_ms; /* silence after which, or blocked sending for which, a peer is gone */
	unsigned reinstate_ms; /* a login waits that long for the end of the session it replaces */
	unsigned logout_ms;    /* time to log out when we stop */
	size_t write_bytes;    /* data-out held for all connections */
};
/* What iscsi_start takes over; tests set others before. */
extern struct iscsi_limits iscsi_limits;

enum { PORTALS_MAX = 16, PORTAL_TEXT_MAX = 64, PORTAL_GROUP_TAG = 1 };

struct portal {
	int fd;
	bool beyond;		     /* not on loopback */
	bool wildcard;		     /* on all addresses */
	char asked[PORTAL_TEXT_MAX]; /* as it was asked for: its port may be 0 */
	char text[PORTAL_TEXT_MAX];  /* "127.0.0.1:3260", the port a real one */
};

struct iscsi_target {
	struct scsi_device *device;
	void (*tell_session)(void *arg, bool begins, const char *initiator, const char *peer);
	void *tell_arg;
	struct iscsi_access access_copy;
	const struct iscsi_access *access; /* NULL: everybody may log in */
	struct iscsi_limits limits;
	pthread_t acceptor;
	int accept_fd;	 /* eventfd: the acceptor should look at what has changed */
	bool accept_end; /* atomic: it should end */
	bool stopping;	 /* atomic: connections should end */
	size_t held;	 /* atomic: bytes of data-out held or asked for */

	pthread_mutex_t lock;
	pthread_cond_t gone; /* a connection ended, or the acceptor has looked */
	struct portal portals[PORTALS_MAX];
	unsigned nportals;
	unsigned portals_turn, accept_turn; /* of the portals, and of those that it accepts at */
	LIST_HEAD(, conn) conns;
	unsigned nconns, nlogins;
	uint16_t last_tsih;
	char name[]; /* iSCSI name */
};

LOCK_CLASS(iscsi_target_lock);
void target_enter(struct iscsi_target *target) ACQUIRES(iscsi_target_lock);
void target_leave(struct iscsi_target *target) RELEASES(iscsi_target_lock);

void target_kick_acceptor(struct iscsi_target *target);

/* portal.c.  "127.0.0.1:3260", "[::1]:3260". */
void portal_address_text(const struct sockaddr *address, char text[PORTAL_TEXT_MAX]);
bool portal_is_loopback(const struct sockaddr *address);
/* What a peer may be told: how many, and where they listen.  loopback: it is on this machine. */
unsigned portal_list(
	struct iscsi_target *target, bool loopback, char texts[PORTALS_MAX][PORTAL_TEXT_MAX]);

#endif
