/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What all connections of a target share.
 *
 * Lock: target->lock guards the lists and counters below it, and the fields of struct conn that say so.  It
 * is a leaf lock: a thread that holds it takes no other lock, and does not block.
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
	unsigned connections; /* the most connections */
	/* the most connections that are not logged in, of which a quarter may come from refused addresses */
	unsigned logins;
	unsigned login_ms; /* a login must be complete in this time after accept */
	unsigned idle_ms;  /* after this silence a connection frees its buffers */
	unsigned ping_ms;  /* after this silence we send a NOP-In */
	/* a peer that does not answer, or takes no data, for this time is given up */
	unsigned dead_ms;
	/* a login waits this long for the end of the session that it replaces */
	unsigned reinstate_ms;
	unsigned logout_ms; /* initiators have this time to log out when we ask for it */
	size_t write_bytes; /* the most bytes of data-out in memory, for all connections */
};
/* The limits that iscsi_start copies to the target.  Tests change them before. */
extern struct iscsi_limits iscsi_limits;

enum {
	PORTALS_MAX = 16,
	PORTAL_TEXT_MAX = 64,		       /* bytes of an address as text, with a NUL */
	PORTAL_LINE_MAX = 2 * PORTAL_TEXT_MAX, /* BIND=ANNOUNCED */
	PORTAL_GROUP_TAG = 1,
};

struct portal {
	int fd;	       /* the socket that listens */
	bool beyond;   /* its address is not loopback */
	bool wildcard; /* it listens on all addresses of its family */
	/* its line as iscsi_portals_set got it; its port may be 0 */
	char asked[PORTAL_LINE_MAX];
	char text[PORTAL_TEXT_MAX]; /* the address that it listens on: "127.0.0.1:3260" */
	/* the address that discovery reports in its place, where ports are forwarded; "": none */
	char announced[PORTAL_TEXT_MAX];
};

struct iscsi_target {
	struct scsi_device *device; /* borrowed */
	/* see iscsi_options; NULL: nobody wants to know */
	void (*report_session)(void *arg, bool begins, const char *initiator, const char *peer);
	void *report_arg;
	struct iscsi_access access_copy;
	const struct iscsi_access *access; /* &access_copy; NULL: everybody may log in */
	struct iscsi_limits limits;
	pthread_t acceptor;
	int accept_fd; /* eventfd that wakes the acceptor: the portals have changed, or it must end */
	bool accept_end; /* atomic: the acceptor must end */
	bool stopping;	 /* atomic: initiators must log out, and no login may wait any more */
	size_t held;	 /* atomic: bytes of data-out that are in memory or asked for by R2T */

	pthread_mutex_t lock; /* guards all below */
	/* signalled when a connection ends or is replaced, and when the acceptor has new portals */
	pthread_cond_t gone;
	struct portal portals[PORTALS_MAX];
	unsigned nportals;
	/* Each change of the portals adds 1 to portals_turn; the acceptor then copies it to accept_turn. */
	unsigned portals_turn, accept_turn;
	LIST_HEAD(, conn) conns;
	/* connections, also those that are being freed; of them, not logged in */
	unsigned nconns, nlogins;
	uint16_t last_tsih; /* the one given last */
	char name[];	    /* iSCSI name */
};

LOCK_CLASS(iscsi_target_lock);
/* Takes the target's lock, a leaf: the caller takes no other lock and does not block until target_leave. */
void target_enter(struct iscsi_target *target) ACQUIRES(iscsi_target_lock);
/* Releases the target's lock. */
void target_leave(struct iscsi_target *target) RELEASES(iscsi_target_lock);

/* Wakes the acceptor, which then looks at accept_end and at the portals.  Any thread, with or without the
 * lock. */
void target_kick_acceptor(struct iscsi_target *target);

/* portal.c */
/* Writes an IPv4 or IPv6 address and port: "127.0.0.1:3260" or "[::1]:3260".  An address of another family is
 * taken for IPv4. */
void portal_address_text(const struct sockaddr *address, char text[PORTAL_TEXT_MAX]);
/* Returns true if the address is an IPv4 or IPv6 loopback address (127.0.0.0/8, ::1); false for all else. */
bool portal_is_loopback(const struct sockaddr *address);
/* Overwrites `here`, a local address as text, with the address that is announced for it, and returns true, if
 * the portal that listens there, itself or as a wildcard, announces another one.  Else returns false, with
 * `here` unchanged.  Takes the lock. */
bool portal_announced(struct iscsi_target *target, char here[PORTAL_TEXT_MAX]);
/* Writes the addresses of the portals that a peer can reach, each as it is announced, and returns their
 * number.  Leaves out wildcards that announce nothing, because they are no address, and, unless loopback is
 * true (the peer is on this machine), portals on loopback.  Takes the lock. */
unsigned portal_list(
	struct iscsi_target *target, bool loopback, char texts[PORTALS_MAX][PORTAL_TEXT_MAX]);

#endif
