/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One connection, which is also one session, since MaxConnections is 1.  It has a thread of its own.  Only
 * that thread uses the socket and the fields here, except the fields that say otherwise.  The functions that
 * take a struct conn run in that thread too, unless they say otherwise.
 *
 * rx.h receives and tx.h sends.  login.c handles the PDUs of the login, fullfeature.c all later ones.  A
 * function that handles a PDU returns false if the connection is over; the caller then returns too.
 */
#ifndef TARGET_ISCSI_CONN_H
#define TARGET_ISCSI_CONN_H

#include <pthread.h>
#include <sys/queue.h>

#include "target/iscsi/buffer.h"
#include "target/iscsi/param.h"
#include "target/iscsi/pdu.h"
#include "target/iscsi/rx.h"
#include "target/iscsi/session.h"
#include "target/iscsi/target.h"
#include "target/iscsi/task.h"
#include "target/iscsi/tmf.h"
#include "target/iscsi/tx.h"

struct text_exchange;

/* The size of the memory that is mapped for the buffers of rx and tx. */
enum { CONN_MEMORY_SIZE = RX_SIZE + TX_ARENA + TX_IOVS * sizeof(struct iovec) };

struct conn {
	struct iscsi_target *target;
	int fd;
	int wake_fd;			 /* eventfd that wakes the thread */
	struct sockaddr_storage address; /* the address of the peer */
	char peer[PORTAL_TEXT_MAX];	 /* the same as text */
	uint8_t *memory;		 /* CONN_MEMORY_SIZE bytes for rx and tx, mapped */

	struct rx rx;
	struct tx tx;
	bool over;    /* the socket cannot be used any more */
	bool closing; /* the connection ends when all queued answers are sent */
	bool logged_out;
	bool data_digest;
	bool header_digest;
	uint32_t stat_sn; /* of the next response */
	struct params params;
	struct session session;

	struct tasks tasks;
	struct tmf tmfs[TMF_MAX];
	unsigned ntmfs;
	struct buffer_pool buffers;
	struct text_exchange *text;

	uint64_t heard_ms;     /* when the last bytes came in */
	uint64_t pinged_ms;    /* when the NOP-In was sent that has no answer yet; 0: none */
	uint64_t leave_ms;     /* the end of the time to log out; 0: we have not asked for it */
	uint64_t login_end_ms; /* the login must be complete by then; 0: it is */
	uint32_t next_ttt;
	bool idle; /* the buffers have been freed */

	/* The tasks that other threads have finished; guarded by done_lock. */
	pthread_mutex_t done_lock;
	struct itask *done;
	bool has_done; /* atomic: `done` is not empty; may be read without the lock */

	/* Guarded by the target's lock. */
	LIST_ENTRY(conn) link;
	struct conn *
		successor; /* the connection that replaces this one and waits for its end, or NULL */
	unsigned predecessors; /* the number of connections whose end this one waits for */
	bool replaced;	       /* a later login of the same initiator port has replaced this one */
	bool begun;	       /* the login is complete */
	bool listed;	       /* the login is complete, and this connection was not replaced */

	bool asked; /* atomic: a user wants the initiator to log out */
};

/* Wakes the connection's thread.  Any thread. */
void conn_wake(struct conn *c);

/* Frees the pages behind the buffers of rx and tx, which must be empty. */
void conn_forget_pages(struct conn *c);

/* Logs one line about an error of the peer, and sets c->closing: the connection ends when all queued
 * answers are sent. */
void conn_fail(struct conn *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* serve.c: starts a thread that serves an accepted socket.  Closes the socket if there is no room for it.
 * Runs in the acceptor. */
/* Starts a thread that serves an accepted socket (serve.c).  Closes the socket if there is no room
 * for it.  Runs in the acceptor. */
void serve_start(struct iscsi_target *target, int fd, const struct sockaddr *peer);
/* Carries out the login (login.c).  Returns false if it failed. */
bool login_run(struct conn *c);
/* Handles PDUs until the connection ends (fullfeature.c). */
void fullfeature_run(struct conn *c);
/* Queues a Reject for a PDU (11.17; reject.c). */
void reject_pdu(struct conn *c, const struct pdu *pdu, enum reject_reason reason);
/* Queues a Reject for a protocol error, and ends the connection as conn_fail does. */
void reject_protocol_error(struct conn *c, const struct pdu *pdu, const char *what);

/* text_request.c */
/* Handles a Text Request. */
bool text_request(struct conn *c, const struct pdu *pdu);
/* Frees the text exchange that is not complete, if there is one. */
void text_request_drop(struct conn *c);
/* nop.c */
/* Handles a NOP-Out: answers it, unless it is itself an answer. */
bool nop_out(struct conn *c, const struct pdu *pdu);
/* Queues a NOP-In that asks for an answer. */
void nop_ping(struct conn *c);
/* logout.c */
/* Handles a Logout Request.  If it is accepted, the connection ends when the answer is sent. */
bool logout_request(struct conn *c, const struct pdu *pdu);
/* Queues an Asynchronous Message that asks the initiator to log out.  The connection ends after
 * logout_ms at the latest. */
void logout_ask(struct conn *c);

#endif
