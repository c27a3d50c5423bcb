/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reject (RFC 7143 11.17).
 */
#include <string.h>

#include "target/iscsi/conn.h"

void
reject_pdu(struct conn *c, const struct pdu *pdu, enum reject_reason reason)
{
	uint8_t *bhs, *data;

	tx_room(c, TX_HEADER_MAX + BHS_LEN + TX_TRAILER_MAX, 3);
	bhs = tx_header(c, OP_REJECT, BHS_FINAL);
	data = tx_data_place(c);
	bhs[REJECT_REASON] = (uint8_t)reason;
	put_be32(bhs + BHS_ITT, TAG_NONE);
	put_be32(bhs + BHS_STAT_SN, c->stat_sn++);
	session_put_sn(&c->session, bhs);
	memcpy(data, pdu->bhs, BHS_LEN); /* 11.17: the header of the rejected PDU */
	tx_queue(c, bhs, data, BHS_LEN);
}

void
reject_protocol_error(struct conn *c, const struct pdu *pdu, const char *what)
{
	reject_pdu(c, pdu, REJECT_PROTOCOL);
	conn_fail(c, "%s: %s", pdu_opcode_name(pdu->opcode), what);
}
