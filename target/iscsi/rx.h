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
	uint8_t *buf; /* RX_SIZE bytes */
	size_t head, tail;
	size_t missing; /* bytes of the data segment, its padding and digest that have not come yet */
	bool silent;	/* these bytes did not come in time */
};

enum rx_result { RX_PDU, RX_NOTHING, RX_OVER };

/* Takes the header of the next PDU out of the buffer.  Returns RX_PDU; RX_NOTHING if the header is not
 * complete yet; RX_OVER if its digest is wrong. */
enum rx_result rx_next(struct conn *c, struct pdu *pdu);
/* Receives what is there, without waiting.  Returns RX_PDU if something was; RX_NOTHING; or RX_OVER if the
 * peer has closed the connection or the socket fails. */
enum rx_result rx_fill(struct conn *c);
/* Waits until there is something to receive, and receives it.  Returns RX_OVER if nothing comes until the end
 * of the time for the login, or, after the login, for dead_ms. */
enum rx_result rx_fill_wait(struct conn *c);
/* Receives the whole data segment of a PDU to `dst`, and checks its digest; if `dst` is NULL, ignores
 * the data.  Sends all queued answers before it waits.  Returns false if the connection is over.
 * If nothing comes for dead_ms, logs how many of the bytes have come. */
bool rx_data(struct conn *c, const struct pdu *pdu, uint8_t *dst);

#endif
