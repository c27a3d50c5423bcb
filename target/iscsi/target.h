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
#include <time.h>

#include "changer/base/lock.h"
#include "target/iscsi/admission.h"
#include "target/iscsi/iscsi.h"

struct conn;

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
	struct iscsi_limits limits; /* the acceptor's; each connection has a copy of its own */
	pthread_t acceptor;
	int accept_fd; /* eventfd that wakes the acceptor: the portals have changed, or it must end */
	bool accept_end; /* atomic: the acceptor must end */
	bool stopping;	 /* atomic: initiators must log out, and no login may wait any more */
	size_t held;	 /* atomic: bytes of data-out that are in memory or asked for by R2T */
	uint64_t refused
		[ISCSI_REFUSED_COUNT]; /* atomic: how often each limit has refused something */
	uint64_t told_ms[ISCSI_REFUSED_COUNT]; /* atomic: when an event last told of it */

	pthread_mutex_t lock; /* guards all below */
	/* signalled when a connection ends or is replaced, and when the acceptor has new portals */
	pthread_cond_t gone;
	struct portal portals[PORTALS_MAX];
	unsigned nportals;
	/* Each change of the portals adds 1 to portals_turn; the acceptor then copies it to accept_turn. */
	unsigned portals_turn, accept_turn;
	LIST_HEAD(, conn) conns;
	struct admission admission; /* the connections in `conns`, and who may come */
	unsigned nconns;	    /* connections, also those that are being freed */
	uint16_t last_tsih;	    /* the one given last */
	char name[];		    /* iSCSI name */
};

LOCK_CLASS(iscsi_target_lock);
/* Takes the target's lock, a leaf: the caller takes no other lock and does not block until target_leave. */
void target_enter(struct iscsi_target *target) ACQUIRES(iscsi_target_lock);
/* Releases the target's lock. */
void target_leave(struct iscsi_target *target) RELEASES(iscsi_target_lock);

/* Returns the time of CLOCK_MONOTONIC in `ms` milliseconds. */
struct timespec target_time_in(unsigned ms);
/* Wakes the acceptor, which then looks at accept_end and at the portals.  Any thread, with or without the
 * lock. */
void target_kick_acceptor(struct iscsi_target *target);

/* admit.c */
/* Counts something that a limit or the policy has refused.  Reports it to the policy as a refusal by a limit,
 * at most once in 10 s for each `which`.  initiator: "" if it is not known.  No lock held. */
void target_refuse(struct iscsi_target *target, enum iscsi_refused which, const char *initiator,
	const char *peer);
/* Shuts down the connections whose time is over.  Returns for how many milliseconds nothing more is due, -1
 * for no limit.  Runs in the acceptor.  Takes the lock. */
int target_cut_due(struct iscsi_target *target);

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
