/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One connection, which at MaxConnections=1 is also one session.  It belongs to its thread: only
 * that thread reads and writes the socket and touches what is here, but for what is marked.
 *
 * The ways in and out: rx.h, tx.h.  What is done with PDUs: login.c, then fullfeature.c and the
 * files it names.  A function that returns bool returns false when the connection is over.
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

/* Of the rings of rx and tx, which are mapped for a connection. */
enum { CONN_MEMORY_SIZE = RX_SIZE + TX_ARENA + TX_IOVS * sizeof(struct iovec) };

struct conn {
	struct iscsi_target *target;
	int fd;
	int wake_fd;			 /* eventfd: tasks are done, or the target stops */
	struct sockaddr_storage address; /* the peer's */
	char peer[PORTAL_TEXT_MAX];
	uint8_t *memory; /* mapped: the rings of rx and tx; empty pages while idle */

	struct rx rx;
	struct tx tx;
	bool over;    /* the socket is of no more use */
	bool closing; /* to be closed when the answers are out */
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

	uint64_t heard_ms;     /* something came in */
	uint64_t pinged_ms;    /* a NOP-In went out since and has no answer; 0: none */
	uint64_t leave_ms;     /* asked for logout, patience ends; 0: not asked */
	uint64_t login_end_ms; /* 0: logged in */
	uint32_t next_ttt;
	bool idle; /* buffers have been given back */

	/* Results of pending tasks, from other threads; guarded by done_lock. */
	pthread_mutex_t done_lock;
	struct itask *done;
	bool has_done; /* atomic hint */

	/* Guarded by the target's lock. */
	LIST_ENTRY(conn) link;
	struct conn *successor; /* that waits for our end: it has our initiator port */
	unsigned predecessors;	/* that we wait for */
	bool replaced;		/* another login took our place */
	bool begun;		/* logged in */
	bool listed;		/* and not replaced: shown as a session */

	bool asked; /* atomic: to log out */
};

/* Wakes its thread. */
void conn_wake(struct conn *c);

/* Gives back the memory behind the rings, which are empty. */
void conn_forget_pages(struct conn *c);

/* The peer broke the protocol: one line in the log; closes when what is queued is out. */
void conn_fail(struct conn *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* serve.c: serves a socket just accepted in a thread of its own, or closes it. */
void serve_start(struct iscsi_target *target, int fd, const struct sockaddr *peer);
/* login.c: from the first PDU to full feature phase. */
bool login_run(struct conn *c);
/* fullfeature.c: until the connection ends. */
void fullfeature_run(struct conn *c);
/* reject.c: refuses a PDU (11.17). */
void reject_pdu(struct conn *c, const struct pdu *pdu, enum reject_reason reason);
/* The same, as an error that ends the connection. */
void reject_protocol_error(struct conn *c, const struct pdu *pdu, const char *what);

/* text_request.c */
bool text_request(struct conn *c, const struct pdu *pdu);
void text_request_drop(struct conn *c);
/* nop.c */
bool nop_out(struct conn *c, const struct pdu *pdu);
void nop_ping(struct conn *c);
/* logout.c */
bool logout_request(struct conn *c, const struct pdu *pdu);
void logout_ask(struct conn *c);

#endif
