/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NOP-Out and NOP-In, both ways (RFC 7143 11.18, 11.19).
 */
#include <string.h>

#include "changer/base/clock.h"
#include "target/iscsi/conn.h"

/* Queues a NOP-In with `n` bytes of data.  itt is TAG_NONE for a NOP-In that we begin, with ttt for its
 * answer; it takes no StatSN.  Else it is the answer to the NOP-Out with that tag, and takes the next
 * StatSN. */
static void
queue_nop_in(struct conn *c, uint32_t itt, uint32_t ttt, const uint8_t *data, uint32_t n)
{
	uint8_t *bhs = tx_header(c, OP_NOP_IN, BHS_FINAL);

	put_be32(bhs + BHS_ITT, itt);
	put_be32(bhs + BHS_TTT, ttt);
	/* 11.19.2: a NOP-In that we begin has the next StatSN, but does not advance it. */
	put_be32(bhs + BHS_STAT_SN, itt == TAG_NONE ? c->stat_sn : c->stat_sn++);
	session_put_sn(&c->session, bhs);
	tx_queue(c, bhs, data, n);
}

/* Answers a NOP-Out with its data, cut to the initiator's MaxRecvDataSegmentLength, and sends the answer at
 * once.  Without memory for the data queues a Reject.  Returns false if the connection is over. */
static bool
echo(struct conn *c, const struct pdu *pdu)
{
	uint32_t n = pdu->data_len;
	struct buffer buffer = buffer_get(&c->buffers, n);
	bool ok;

	if (buffer.data == NULL) {
		reject_pdu(c, pdu, REJECT_NO_RESOURCES);
		return rx_data(c, pdu, NULL);
	}
	ok = rx_data(c, pdu, buffer.data);
	if (ok) {
		if (n > c->params.v[PARAM_MaxRecvDataSegmentLength])
			n = c->params.v[PARAM_MaxRecvDataSegmentLength];
		queue_nop_in(c, pdu->itt, TAG_NONE, buffer.data, n);
		ok = tx_flush(c);
	}
	buffer_put(&c->buffers, &buffer);
	return ok;
}

bool
nop_out(struct conn *c, const struct pdu *pdu)
{
	if (pdu->itt == TAG_NONE) {
		/* The answer to our NOP-In, or a NOP-Out that wants no answer. */
		if (!pdu->immediate) {
			reject_protocol_error(c, pdu, "NOP-Out without task tag and not immediate");
			return false;
		}
		return rx_data(c, pdu, NULL);
	}
	if (pdu->data_len != 0)
		return echo(c, pdu);
	queue_nop_in(c, pdu->itt, TAG_NONE, NULL, 0);
	return true;
}

void
nop_ping(struct conn *c)
{
	uint32_t ttt = c->next_ttt++;

	if (ttt == TAG_NONE)
		ttt = c->next_ttt++;
	queue_nop_in(c, TAG_NONE, ttt, NULL, 0);
	c->pinged_ms = clock_ms();
}
