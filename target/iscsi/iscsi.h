/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The iSCSI target node (RFC 7143): portals, sessions, and tasks for a scsi_device.
 *
 * Threads: one accepts, one serves each connection (DESIGN 6).
 */
#ifndef TARGET_ISCSI_ISCSI_H
#define TARGET_ISCSI_ISCSI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "changer/scsi/lu.h"

struct iscsi_target;

enum { ISCSI_USER_MAX = 223 }; /* bytes of a CHAP user's name */

struct iscsi_options {
	const char *name;	    /* iSCSI name of the target */
	const char *const *portals; /* "127.0.0.1:3260", "[::1]:3260"; port 0 takes a free one */
	size_t nportals;
	struct scsi_device *device; /* borrowed */
	/* A session, other than of discovery, begins or ends; must not block.  NULL: nobody asks. */
	void (*session)(void *arg, bool begins, const char *initiator, const char *peer);
	void *session_arg;
};

/* Listens and serves.  NULL: why says what is wrong, for the user. */
struct iscsi_target *iscsi_start(const struct iscsi_options *options, char *why, size_t why_size);
/* Asks for logout, waits a moment, closes every connection, and waits for their threads. */
void iscsi_stop(struct iscsi_target *target);

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
