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
	struct iscsi_limits limits;	 /* those of the target when it came */
	int fd;				 /* the socket */
	int wake_fd;			 /* eventfd that wakes the thread */
	struct sockaddr_storage address; /* the address of the peer */
	char peer[PORTAL_TEXT_MAX];	 /* the same as text, with the port */
	uint8_t *memory;		 /* CONN_MEMORY_SIZE bytes for rx and tx, mapped */

	struct rx rx;
	struct tx tx;
	bool over;	  /* true: the socket cannot be used any more; what is queued is dropped */
	bool closing;	  /* true: the connection ends when all queued answers are sent */
	bool logged_out;  /* true: a Logout was accepted */
	bool data_digest; /* true: data segments have a CRC32C */
	bool header_digest;   /* true: headers have a CRC32C */
	uint32_t stat_sn;     /* StatSN of the next response */
	struct params params; /* the negotiated values */
	struct session session;

	struct tasks tasks;
	struct tmf tmfs[TMF_MAX]; /* functions that are not answered yet, oldest first */
	unsigned ntmfs;		  /* number of tmfs */
	struct buffer_pool buffers;
	struct text_exchange *text; /* the text exchange that is not complete; NULL: none */

	uint64_t heard_ms;     /* when the last bytes came in */
	uint64_t pinged_ms;    /* when the NOP-In was sent that has no answer yet; 0: none */
	uint64_t leave_ms;     /* the end of the time to log out; 0: we have not asked for it */
	uint64_t login_end_ms; /* the login must be complete by then; 0: it is */
	uint32_t next_ttt;     /* the next Target Transfer Tag; TAG_NONE is left out */
	bool idle;	       /* true: the buffers have been freed, and nothing has come since */

	/* The tasks that other threads have finished; guarded by done_lock. */
	pthread_mutex_t done_lock;
	struct itask *done; /* linked by itask.next, the last one first */
	bool has_done;	    /* atomic: `done` is not empty; may be read without the lock */

	/* Guarded by the target's lock. */
	LIST_ENTRY(conn) link;
	/* the connection that replaces this one and waits for its end, or NULL */
	struct conn *successor;
	unsigned predecessors; /* the number of connections whose end this one waits for */
	bool replaced; /* true: a later login of the same initiator port has replaced this one */
	struct admission_entry admitted; /* its place in the target's table */
	int64_t accepted_ns;		 /* when it came: wall clock */
	bool listed; /* true: the login is complete, and this connection was not replaced */

	bool asked; /* atomic; true: a user wants the initiator to log out */
};

/* Wakes the connection's thread, if it waits for work.  Any thread that knows that the connection exists.
 * Never blocks. */
void conn_wake(struct conn *c);

/* Frees the pages behind the buffers of rx and tx, which must be empty.  The buffers stay usable. */
void conn_forget_pages(struct conn *c);

/* Logs one line (rate limited) with the initiator, its address and the message, and sets c->closing: the
 * connection ends when all queued answers are sent.  A function that handles a PDU then returns false. */
void conn_fail(struct conn *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Starts a thread that serves an accepted socket (serve.c), and returns.  Closes the socket, with a log line,
 * if there are too many connections or logins, or memory, a file descriptor or a thread is missing.  Runs in
 * the acceptor. */
void serve_start(struct iscsi_target *target, int fd, const struct sockaddr *peer);
/* Enters the connection into the target's list and table (admit.c).  Makes room by shutting down another one
 * if need be.  Returns false, with no effect but a count, if there is no room.  Takes the lock. */
bool admit_enter(struct conn *c);
/* Notes that the login is complete, which begins a session.  May shut down another discovery session to make
 * room.  A discovery session has its time from now.  Returns false if c itself has to end. */
bool admit_begin(struct conn *c) REQUIRES(iscsi_target_lock);
/* Takes the connection out of the table, and tells if it had to make room.  Takes the lock. */
void admit_leave(struct conn *c);
/* Returns how long the answer to a wrong login must wait, in milliseconds, and counts it.  Takes the lock. */
uint64_t admit_wrong(struct conn *c);
/* Returns false if its source has had so many wrong logins that no secret is compared now.  Takes the
 * lock. */
bool admit_may_try(struct conn *c);
/* Carries out the login (login.c): receives requests and answers them until full feature phase.  Returns true
 * if the session has begun.  Returns false if the login was refused or did not end in login_ms; a response
 * with the reason was sent if possible. */
bool login_run(struct conn *c);
/* Handles PDUs, finished tasks and timers until the connection is over or closing (fullfeature.c).  The
 * caller ends the tasks and the session. */
void fullfeature_run(struct conn *c);
/* Queues a Reject with a copy of the PDU's header (11.17; reject.c).  The caller still has to receive the
 * PDU's data.  The connection goes on. */
void reject_pdu(struct conn *c, const struct pdu *pdu, enum reject_reason reason);
/* Queues a Reject for a protocol error, logs `what`, and ends the connection as conn_fail does.  The caller
 * then returns false. */
void reject_protocol_error(struct conn *c, const struct pdu *pdu, const char *what);

/* text_request.c */
/* Handles a Text Request: begins or continues the text exchange, and queues its answer or a Reject.  Returns
 * false if the connection is over. */
bool text_request(struct conn *c, const struct pdu *pdu);
/* Frees the text exchange that is not complete, if there is one.  Its next PDU is then rejected. */
void text_request_drop(struct conn *c);
/* nop.c */
/* Handles a NOP-Out: answers it with its data, cut to the length that the initiator takes.  One without a
 * task tag gets no answer; if it is also not immediate, that is a protocol error.  Returns false if the
 * connection is over. */
bool nop_out(struct conn *c, const struct pdu *pdu);
/* Queues a NOP-In that asks for an answer, and sets c->pinged_ms.  Does not send it. */
void nop_ping(struct conn *c);
/* logout.c */
/* Handles a Logout Request: queues the response.  If it closes this session or connection, first releases
 * what the nexus holds, if none of its tasks is pending, and sets closing and logged_out, so that the
 * connection ends when the answer is sent.  All else is refused in the response, and the connection goes on.
 * Returns false if the connection is over. */
bool logout_request(struct conn *c, const struct pdu *pdu);
/* Queues an Asynchronous Message that asks the initiator to log out, and sets c->leave_ms: the connection
 * ends after logout_ms at the latest.  Does not send it. */
void logout_ask(struct conn *c);

#endif
