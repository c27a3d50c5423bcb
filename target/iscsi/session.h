/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A session: who the initiator is, and the numbering of its commands (RFC 7143 4.2.2).
 */
#ifndef TARGET_ISCSI_SESSION_H
#define TARGET_ISCSI_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "target/iscsi/iscsi.h"
#include "target/iscsi/proto.h"

struct conn;
struct pdu;
struct scsi_nexus;

enum {
	ISCSI_NAME_MAX = 223, /* 4.2.7.1 */
	COMMAND_WINDOW = 64,  /* commands that may be under way */
	IMMEDIATE_MAX = 16,   /* and those for immediate delivery beside them */
};

struct session {
	char initiator[ISCSI_NAME_MAX + 1];
	uint8_t isid[LOGIN_ISID_LEN];
	uint16_t tsih;
	uint16_t cid;
	bool discovery;
	char user[ISCSI_USER_MAX + 1]; /* who CHAP has proved it to be; "": nobody asked */
	int64_t since_ns;	       /* wall clock */
	struct scsi_nexus *nexus;      /* NULL in a discovery session */

	uint32_t exp_cmd_sn;
	/* Commands under way that count against the window, and those that do not: written by the
	 * connection's thread alone, with session_count, since others show them. */
	unsigned nwindow, nimmediate;
};

static inline void
session_count(unsigned *n, int by)
{
	__atomic_store_n(n, *n + (unsigned)by, __ATOMIC_RELAXED);
}

enum session_verdict {
	SESSION_ADMIT,
	SESSION_IGNORE, /* out of the window: ignored (4.2.2.1) */
	SESSION_GAP,	/* a command is missing, which one TCP connection does not allow */
};

/* Checks the CmdSN of a request and moves on. */
enum session_verdict session_admit(struct session *s, const struct pdu *pdu);
/* Fills in ExpCmdSN and MaxCmdSN of a response; the latter never goes back. */
void session_put_sn(const struct session *s, uint8_t *bhs);

/*
 * The login is through: gives the session its TSIH, ends the one that it replaces (6.3.5) and
 * waits for that end, within bounds.
 */
enum login_status session_begin(struct conn *c);
/* Ends it; none of its tasks may be pending. */
void session_end(struct conn *c);
/* The status for a login that names a session that may or may not exist (6.3.4 to 6.3.6). */
enum login_status session_join_status(struct conn *c, uint16_t tsih);

#endif
