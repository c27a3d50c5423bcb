/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Receiving.  One system call receives all PDUs that are there into a buffer.  A long data segment is
 * received directly to the place where it is needed.
 */
#ifndef TARGET_ISCSI_RX_H
#define TARGET_ISCSI_RX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "target/iscsi/pdu.h"

struct conn;

/* Enough for several hundred commands.  Not larger, because data in this buffer must be copied from it. */
enum { RX_SIZE = 16 * 1024 };

struct rx {
	uint8_t *buf;	   /* RX_SIZE bytes */
	size_t head, tail; /* offsets in buf of the received bytes that nobody has taken yet */
	/* bytes of the data segment, its padding and digest that have not come yet */
	size_t missing;
	bool silent; /* true: these bytes did not come in time */
};

enum rx_result { RX_PDU, RX_NOTHING, RX_OVER };

/* Takes the header of the next PDU out of the buffer into *pdu.  Its data, if any, is next: take it with
 * rx_data.  Returns RX_PDU; RX_NOTHING if the header is not complete yet; RX_OVER, with a log line, if its
 * digest is wrong.  Receives nothing. */
enum rx_result rx_next(struct conn *c, struct pdu *pdu);
/* Receives into the buffer what is there, without waiting.  Returns RX_PDU if something was, and notes the
 * time; RX_NOTHING if nothing was; RX_OVER, with c->over set, if the peer has closed the connection or the
 * socket fails. */
enum rx_result rx_fill(struct conn *c);
/* Waits until there is something to receive, and does what rx_fill does.  Returns RX_OVER also if nothing
 * comes until the end of the time for the login, or, after the login, for dead_ms. */
enum rx_result rx_fill_wait(struct conn *c);
/* Receives the whole data segment of a PDU, its padding and its digest, and checks the digest.  Writes
 * pdu->data_len bytes to `dst`; if `dst` is NULL, drops them.  Sends all queued answers before it waits.
 * Returns true at once if there is no data.  Returns false if the connection is over: it was closed; nothing
 * came for dead_ms, or until the end of the time for the login (then logs how many of the bytes have come);
 * or the digest is wrong (then queues a Reject). */
bool rx_data(struct conn *c, const struct pdu *pdu, uint8_t *dst);

#endif
