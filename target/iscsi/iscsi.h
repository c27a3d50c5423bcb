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

enum { ISCSI_SECRET_MAX = 255 };

struct iscsi_secret {
	size_t len;
	uint8_t bytes[ISCSI_SECRET_MAX];
};

enum iscsi_refusal {
	ISCSI_ADMITTED,
	ISCSI_NO_POLICY,       /* it is not on this machine, and nobody has said who may come */
	ISCSI_WRONG_NETWORK,   /* its address is not among those that may */
	ISCSI_WRONG_INITIATOR, /* its name is not */
	ISCSI_NO_PROOF,	       /* it has not proved who it is */
};

/*
 * Who may log in.  Each is asked during a login, by the connection's thread; none may block.  What
 * they say holds for logins that are not through yet: sessions stay.
 */
struct iscsi_access {
	void *arg;
	/* initiator: its name, unproved; NULL: it has not said it yet. */
	enum iscsi_refusal (*admits)(
		void *arg, const char *initiator, const struct sockaddr *address);
	/* Must sessions, or those of discovery, begin with CHAP? */
	bool (*wants_chap)(void *arg, bool discovery);
	/* The secret of a user; false: there is none. */
	bool (*user_secret)(
		void *arg, bool discovery, const char *user, struct iscsi_secret *secret);
	/* Who we are, to initiators that ask; name of ISCSI_USER_MAX + 1.  False: nobody. */
	bool (*own_secret)(void *arg, char *name, struct iscsi_secret *secret);
	/* May a portal be opened that is not on loopback?  Asked when one is about to be. */
	bool (*may_go_beyond)(void *arg);
	/* A login was refused; initiator "": it has not said its name. */
	void (*refused)(
		void *arg, enum iscsi_refusal why, const char *initiator, const char *address);
};

struct iscsi_options {
	const char *name;	    /* iSCSI name of the target */
	const char *const *portals; /* "127.0.0.1:3260", "[::1]:3260"; port 0 takes a free one */
	size_t nportals;
	struct scsi_device *device; /* borrowed */
	/* A session, other than of discovery, begins or ends; must not block.  NULL: nobody asks. */
	void (*session)(void *arg, bool begins, const char *initiator, const char *peer);
	void *session_arg;
	const struct iscsi_access *access; /* copied; NULL: everybody may log in */
};

/* Listens and serves.  NULL: why says what is wrong, for the user. */
struct iscsi_target *iscsi_start(const struct iscsi_options *options, char *why, size_t why_size);
/* Asks for logout, waits a moment, closes every connection, and waits for their threads. */
void iscsi_stop(struct iscsi_target *target);

/*
 * Has these portals open, and no others: those that are in the list stay as they are, what goes is
 * closed, and the rest opened.  Sessions stay.  0, or -errno: then what was open before is open, and
 * why says what is wrong, for the user.
 */
int iscsi_portals_set(struct iscsi_target *target, const char *const *portals, size_t n, char *why,
	size_t why_size);
/* Is one of them not on loopback? */
bool iscsi_portals_beyond(struct iscsi_target *target);

/* One line per portal ("127.0.0.1:3260"), and per session: "INITIATOR ADDRESS SINCE ID USER
 * COMMANDS", where USER is - without CHAP and COMMANDS says how many are under way.  As text for the
 * mount; at most size bytes with NUL; return the length that all would have. */
size_t iscsi_portals_text(struct iscsi_target *target, char *buf, size_t size);
size_t iscsi_sessions_text(struct iscsi_target *target, char *buf, size_t size);

enum iscsi_drop {
	ISCSI_DROP_ASK, /* asks the initiator to log out, and closes 2 s later if it does not */
	ISCSI_DROP_CUT, /* closes the connection at once, as if the network had failed */
};
/*
 * Ends sessions: the one of that ID, all of the initiator of that name, or "all".  Returns how many
 * they are.  Any thread; does not wait for their ends.
 */
unsigned iscsi_session_drop(struct iscsi_target *target, const char *which, enum iscsi_drop how);

#endif
