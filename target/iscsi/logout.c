/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Logout (RFC 7143 11.14, 11.15), and asking for it (11.9).
 */
#include "changer/base/clock.h"
#include "target/iscsi/conn.h"

/* Returns the response code (11.15.1) for the reason and the CID in a Logout Request.  Changes nothing. */
static uint8_t
logout_outcome(const struct conn *c, const struct pdu *pdu)
{
	uint16_t cid = get_be16(pdu->bhs + LOGOUT_CID);

	switch (pdu->bhs[BHS_FLAGS] & LOGOUT_REASON_MASK) {
	case LOGOUT_CLOSE_SESSION:
		return LOGOUT_DONE;
	case LOGOUT_CLOSE_CONNECTION:
		return cid == c->session.cid ? LOGOUT_DONE : LOGOUT_NO_CID;
	case LOGOUT_RECOVERY: /* needs ErrorRecoveryLevel 2 */
		return LOGOUT_NO_RECOVERY;
	default:
		return LOGOUT_FAILED;
	}
}

bool
logout_request(struct conn *c, const struct pdu *pdu)
{
	uint8_t outcome = logout_outcome(c, pdu);
	uint8_t *bhs;

	if (!rx_data(c, pdu, NULL))
		return false;
	/* When the initiator has the answer, other initiators must be able to use what this session had
	 * locked or reserved. */
	if (outcome == LOGOUT_DONE && c->session.nexus != NULL && TAILQ_EMPTY(&c->tasks.pending))
		scsi_nexus_let_go(c->session.nexus);
	bhs = tx_header(c, OP_LOGOUT_RESPONSE, BHS_FINAL);
	bhs[LOGOUT_RESPONSE] = outcome;
	put_be32(bhs + BHS_ITT, pdu->itt);
	put_be32(bhs + BHS_STAT_SN, c->stat_sn++);
	session_put_sn(&c->session, bhs);
	/* Time2Wait and Time2Retain stay 0: come back at once, nothing is retained. */
	tx_queue(c, bhs, NULL, 0);
	c->closing = c->logged_out = outcome == LOGOUT_DONE;
	return true;
}

void
logout_ask(struct conn *c)
{
	uint8_t *bhs = tx_header(c, OP_ASYNC_MESSAGE, BHS_FINAL);
	unsigned seconds = (c->limits.logout_ms + 999) / 1000;

	put_be32(bhs + BHS_ITT, TAG_NONE);
	put_be32(bhs + BHS_STAT_SN, c->stat_sn++);
	session_put_sn(&c->session, bhs);
	bhs[ASYNC_EVENT] = ASYNC_LOGOUT_REQUEST;
	put_be16(bhs + ASYNC_PARAMETER3, (uint16_t)seconds);
	tx_queue(c, bhs, NULL, 0);
	c->leave_ms = clock_ms() + c->limits.logout_ms;
}
