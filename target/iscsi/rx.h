/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way in: one receive brings as many PDUs as are there; long data segments are received
 * straight to where they belong.
 */
#ifndef TARGET_ISCSI_RX_H
#define TARGET_ISCSI_RX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "target/iscsi/pdu.h"

struct conn;

/* Room for several hundred commands.  Not larger, because what is behind a header in here and is
 * data has to be copied. */
enum { RX_SIZE = 16 * 1024 };

struct rx {
	uint8_t *buf; /* RX_SIZE bytes */
	size_t head, tail;
	size_t missing; /* of the data segment being read, with padding and digest */
	bool silent;	/* they did not come in time */
};

enum rx_result { RX_PDU, RX_NOTHING, RX_OVER };

/* The next PDU's header, if all of it has been received.  RX_OVER: its digest is wrong. */
enum rx_result rx_next(struct conn *c, struct pdu *pdu);
/* Receives what is there without waiting; RX_NOTHING: nothing is, RX_OVER: peer or socket is gone. */
enum rx_result rx_fill(struct conn *c);
/* Waits for more and receives it, as long as a login may take, after it as a peer may be silent. */
enum rx_result rx_fill_wait(struct conn *c);
/*
 * Reads a PDU's whole data segment to dst (NULL: to nowhere), with its padding, and checks its
 * digest.  Answers that are queued go out before it waits.  Where nothing comes for as long as a peer
 * may be silent, one line in the log says how much of what was there.
 */
bool rx_data(struct conn *c, const struct pdu *pdu, uint8_t *dst);

#endif
