/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The iSCSI target node (RFC 7143): portals, sessions, and tasks for a scsi_device.
 *
 * Threads: one accepts, one serves each connection.
 */
#ifndef TARGET_ISCSI_ISCSI_H
#define TARGET_ISCSI_ISCSI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "changer/scsi/lu.h"

struct iscsi_target;

enum { ISCSI_USER_MAX = 223 }; /* bytes of a CHAP user's name */

enum { ISCSI_SECRET_MAX = 255 }; /* bytes of a CHAP secret */

/* A CHAP secret: bytes, without a NUL at the end. */
struct iscsi_secret {
	size_t len; /* 1 to ISCSI_SECRET_MAX */
	uint8_t bytes[ISCSI_SECRET_MAX];
};

/* Why the policy refuses a login. */
enum iscsi_refusal {
	ISCSI_ADMITTED,
	/* it is on another machine, and no rule says who may log in from there */
	ISCSI_NO_POLICY,
	ISCSI_WRONG_NETWORK,   /* its address is not an allowed one */
	ISCSI_WRONG_INITIATOR, /* its name is not an allowed one */
	ISCSI_NO_PROOF,	       /* it did not authenticate itself */
	ISCSI_NO_ROOM,	       /* a limit was reached */
};

/* Bounds on what peers can make grow, and times in milliseconds. */
struct iscsi_limits {
	unsigned connections;  /* the most sessions and logins together */
	unsigned logins;       /* the most connections that are not logged in */
	unsigned discovery;    /* the most discovery sessions */
	unsigned login_ms;     /* a login must be complete in this time after accept */
	unsigned discovery_ms; /* a discovery session is ended after this time */
	unsigned wrong_ms;     /* what a wrong login costs its source; 0: they are not slowed */
	unsigned burst_ms;     /* data-out must come in this time after its command or its R2T */
	size_t session_bytes; /* the most bytes of data-out in memory for a session with several commands */
	size_t write_bytes; /* the most bytes of data-out in memory, for all sessions */
	unsigned idle_ms;   /* after this silence a connection frees its buffers */
	unsigned ping_ms;   /* after this silence we send a NOP-In */
	unsigned
		dead_ms; /* a peer that does not answer, or takes no data, for this time is given up */
	unsigned
		reinstate_ms; /* a login waits this long for the end of the session that it replaces */
	unsigned logout_ms; /* initiators have this time to log out when we ask for it */
};

/* Why something was refused or ended, for counters. */
enum iscsi_refused {
	ISCSI_REFUSED_CONNECTIONS,    /* there were too many sessions */
	ISCSI_REFUSED_LOGINS,	      /* a login made room for another one */
	ISCSI_REFUSED_LOGIN_TIME,     /* a login took too long */
	ISCSI_REFUSED_DISCOVERY,      /* a discovery session made room for another one */
	ISCSI_REFUSED_DISCOVERY_TIME, /* a discovery session lasted too long */
	ISCSI_REFUSED_WRONG_LOGIN,    /* a user or secret was wrong */
	ISCSI_REFUSED_GUESSES,	      /* a source had too many wrong logins */
	ISCSI_REFUSED_POLICY,	      /* the policy did not admit the name or the address */
	ISCSI_REFUSED_BYTES,	      /* a command was answered with BUSY */
	ISCSI_REFUSED_BURST_TIME,     /* a command was ended because its data did not come */
	ISCSI_REFUSED_COUNT,
};

/*
 * The policy that decides who may log in.  The thread of a connection calls these functions during a login,
 * and the acceptor calls admits; iscsi_portals_set calls may_go_beyond, which may block; no other one may.  Only
 * `user_admits`, `limits` and `refused` may be NULL.  A change of the policy applies to the questions that a login
 * has not asked yet; existing sessions go on.
 */
struct iscsi_access {
	void *arg; /* passed to all functions */
	/* Returns ISCSI_ADMITTED or the reason for a refusal.  initiator: the name that the peer gives, not
	 * authenticated; NULL: it has given none yet, so only the address is checked. */
	enum iscsi_refusal (*admits)(
		void *arg, const char *initiator, const struct sockaddr *address);
	/* Returns true if the login must use CHAP, false if it must use no authentication.  discovery: it is
	 * for a discovery session. */
	bool (*wants_chap)(void *arg, bool discovery);
	/* Fills in the secret of a user.  Returns false if there is no such user, or it has no secret. */
	bool (*user_secret)(
		void *arg, bool discovery, const char *user, struct iscsi_secret *secret);
	/* Returns true if a user that has proved its identity may begin a normal session by that initiator
	 * name.  NULL: each may use any. */
	bool (*user_admits)(void *arg, const char *user, const char *initiator);
	/* Fills in the name and secret by which the target authenticates itself to initiators that ask for
	 * it.  name: a buffer of ISCSI_USER_MAX + 1 bytes.  Returns false if they are not set; the login then
	 * fails. */
	bool (*own_secret)(void *arg, char *name, struct iscsi_secret *secret);
	/* Changes those limits that have a setting.  The acceptor calls it before each connection.  NULL: the
	 * limits stay. */
	void (*limits)(void *arg, struct iscsi_limits *limits);
	/* Returns true if a portal on another address than loopback may be opened now. */
	bool (*may_go_beyond)(void *arg);
	/* Called once for a login that the policy has refused, or whose authentication failed.  initiator:
	 * its name; "": it has given none.  address: that of the peer, as text. */
	void (*refused)(
		void *arg, enum iscsi_refusal why, const char *initiator, const char *address);
};

struct iscsi_options {
	const char *name;	    /* iSCSI name of the target */
	const char *const *portals; /* see iscsi_portals_set; nportals of them */
	size_t nportals;
	struct scsi_device *device; /* borrowed */
	/* Called when a session begins or ends, but not for a discovery session.  Must not block.
	 * NULL: not called. */
	void (*session)(void *arg, bool begins, const char *initiator, const char *peer);
	void *session_arg; /* passed to session */
	/* copied; NULL: everybody may log in, from this machine */
	const struct iscsi_access *access;
};

/* Opens the portals and starts to serve.  The name and the policy are copied, the device is borrowed until
 * iscsi_stop has returned.  Raises the process's limit of file descriptors, and allows fewer connections if
 * it stays too low.  Returns NULL, with a message for the user in `why`, if the name does not have 1 to 223
 * bytes, a portal cannot be opened, or memory, a file descriptor or a thread is missing. */
struct iscsi_target *iscsi_start(const struct iscsi_options *options, char *why, size_t why_size);
/* Stops accepting, asks all initiators to log out, waits up to 2 s (logout_ms) for that, closes all
 * connections, waits for their threads and tasks, and frees the target.  target may be NULL.  No other thread
 * may use it any more. */
void iscsi_stop(struct iscsi_target *target);

/* Opens the portals in the list, and closes all others; those that are open already stay open, and so do all
 * sessions.  An element is HOST[:PORT] or [HOST][:PORT], such as 127.0.0.1:3260 or [::1]:3260; port 0 takes a
 * free one; "=HOST:PORT" behind it is announced by discovery instead.  Returns 0, or -errno with a message
 * for the user in `why`: -EINVAL for no or too many portals and for one that is not valid, -EPERM if the
 * policy does not allow one beyond loopback (NULL policy: never), else the error of the system.  After an
 * error the portals are those of before; one that cannot be opened again is logged.  Any thread; one call at
 * a time, others wait. [blocks] */
int iscsi_portals_set(struct iscsi_target *target, const char *const *portals, size_t n, char *why,
	size_t why_size);
/* Returns true if a portal is open on another address than loopback.  Any thread; takes the target's lock. */
bool iscsi_portals_beyond(struct iscsi_target *target);

/* Writes a line for each open portal ("127.0.0.1:3260", or with "=ANNOUNCED"): at most `size` bytes with a
 * NUL.  Returns the length of the whole text without the NUL; if that is `size` or more, the text was cut.
 * buf may be NULL if size is 0.  Any thread. */
size_t iscsi_portals_text(struct iscsi_target *target, char *buf, size_t size);
/* Writes a line for each session, "INITIATOR ADDRESS SINCE ID USER COMMANDS", in the way of
 * iscsi_portals_text.  Leaves out discovery sessions and logins that are not complete.  USER is "-" without
 * CHAP; COMMANDS is the number of commands that are not answered yet.  Returns the length of the whole text.
 * Any thread. */
size_t iscsi_sessions_text(struct iscsi_target *target, char *buf, size_t size);

/* Writes a line for each connection that iscsi_sessions_text leaves out, "ID ADDRESS SINCE STATE INITIATOR", in
 * the way of iscsi_portals_text.  STATE is login, discovery or ending; INITIATOR is "-" if it is not known.
 * Any thread. */
size_t iscsi_connections_text(struct iscsi_target *target, char *buf, size_t size);
/* Returns how often that has happened, and its name for metrics, which has no blanks.  Any thread. */
uint64_t iscsi_refused(struct iscsi_target *target, enum iscsi_refused which, const char **name);

enum iscsi_drop {
	ISCSI_DROP_ASK, /* asks the initiator to log out, and closes 2 s later if it does not */
	ISCSI_DROP_CUT, /* closes the connection at once, as if the network had failed */
};
/* Ends sessions.  `which` is the ID of a session, the name of an initiator, or "all"; these mean no discovery
 * session.  The ID of a line of iscsi_connections_text ends that connection, without asking.  `how` says
 * whether sessions are asked to log out.  One that is asked is cut after logout_ms.  Returns the number of
 * sessions that will end, 0 if none is meant; does not wait for their end.  Any thread. */
unsigned iscsi_session_drop(struct iscsi_target *target, const char *which, enum iscsi_drop how);

#endif
