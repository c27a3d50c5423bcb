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
	COMMAND_WINDOW = 64,  /* the most commands that are not answered yet */
	IMMEDIATE_MAX = 16,   /* the most immediate commands that are not answered yet, besides */
};

struct session {
	char initiator[ISCSI_NAME_MAX + 1]; /* its name; "": it has given none yet */
	uint8_t isid[LOGIN_ISID_LEN];	    /* with the name of the initiator, names its port */
	uint16_t tsih;			    /* 0: the session has not begun */
	uint16_t cid;			    /* of its only connection */
	bool discovery;			    /* true: a discovery session */
	char user[ISCSI_USER_MAX + 1]; /* the user that CHAP has authenticated; "": without CHAP */
	int64_t since_ns;	       /* when it began: wall clock */
	struct scsi_nexus *nexus;      /* NULL in a discovery session, and before it begins */

	uint32_t exp_cmd_sn; /* CmdSN of the next request that is not immediate */
	/* The commands that are not answered yet: those that count against the window, and the immediate
	 * ones.  Only the connection's thread writes them, with session_count; others may read them
	 * atomically. */
	unsigned nwindow, nimmediate;
};

/* Adds `by`, which may be negative, to *n, which is nwindow or nimmediate.  Connection's thread only. */
static inline void
session_count(unsigned *n, int by)
{
	__atomic_store_n(n, *n + (unsigned)by, __ATOMIC_RELAXED);
}

enum session_verdict {
	SESSION_ADMIT,	/* the request is handled */
	SESSION_IGNORE, /* its CmdSN is out of the window: the request is ignored (4.2.2.1) */
	SESSION_GAP, /* a CmdSN before it is missing: a protocol error, as there is one connection */
};

/* Classifies the CmdSN of a request.  Returns SESSION_ADMIT for an immediate one, and for the expected CmdSN,
 * which increments ExpCmdSN.  Returns SESSION_IGNORE or SESSION_GAP, with no effect, for another one, as enum
 * session_verdict says. */
enum session_verdict session_admit(struct session *s, const struct pdu *pdu);
/* Fills in ExpCmdSN and MaxCmdSN of a response whose header is bhs. */
void session_put_sn(const struct session *s, uint8_t *bhs);

/* Begins the session after its login: gives it a TSIH, shuts down the older sessions of the same initiator
 * port (6.3.5), waits up to reinstate_ms for their end, makes the nexus, and reports and logs the begin.  The
 * connection is then listed and does not count as a login any more.  A discovery session replaces none and
 * gets no nexus.  Returns LOGIN_SUCCESS; LOGIN_UNAVAILABLE if another login of the same port came meanwhile;
 * LOGIN_NO_RESOURCES if there is no memory.  Takes the target's lock. */
enum login_status session_begin(struct conn *c);
/* Ends the session: frees its nexus, which releases what it holds, and logs and reports the end.  Does
 * nothing if there is no nexus.  None of its tasks may be pending. */
void session_end(struct conn *c);
/* Returns the status that refuses a login which asks to join the session `tsih` (6.3.4 to 6.3.6):
 * LOGIN_NO_SESSION if this initiator port has no such session; LOGIN_CANNOT_INCLUDE if that has the same CID;
 * else LOGIN_TOO_MANY_CONNECTIONS.  Takes the target's lock. */
enum login_status session_join_status(struct conn *c, uint16_t tsih);

#endif
