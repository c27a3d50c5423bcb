/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text requests in full feature phase (RFC 7143 11.10, 11.11): SendTargets for discovery (Appendix C), and
 * the few keys that may change after the login.  A connection has one exchange at a time.  A request and its
 * response may each have several PDUs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "target/iscsi/conn.h"

enum {
	REQUEST_MAX = 8192, /* bytes of text that an initiator may send */
	RESPONSE_MAX = 8192,
};

/* A text exchange: a request, and the part of its answer that was not sent. */
struct text_exchange {
	uint32_t ttt; /* Target Transfer Tag of our last response */
	/* bytes of the request in `in`; bytes of the answer that were sent, 0 after the last */
	size_t in_len, sent;
	struct text_out out; /* the answer, in buf */
	struct param_round round;
	char in[REQUEST_MAX];	/* the text of the request */
	char buf[RESPONSE_MAX]; /* the text of the answer */
};

void
text_request_drop(struct conn *c)
{
	free(c->text);
	c->text = NULL;
}

/* Begins a new exchange; drops one that is not complete.  Returns false, with no exchange, if there is no
 * memory. */
static bool
begin_exchange(struct conn *c)
{
	struct text_exchange *x;

	text_request_drop(c);
	x = c->text = calloc(1, sizeof(*x));
	if (x == NULL)
		return false;
	x->out = (struct text_out){.buf = x->buf, .cap = sizeof(x->buf)};
	param_begin(&x->round, &c->params, PHASE_FULL);
	x->round.discovery = c->session.discovery;
	return true;
}

/* ---- SendTargets ---------------------------------------------------------------------------- */

/* Appends a TargetAddress: the address, a comma and our portal group. */
static void
add_address(struct text_out *out, const char *address)
{
	char value[PORTAL_TEXT_MAX + 8];

	snprintf(value, sizeof(value), "%.*s,%d", PORTAL_TEXT_MAX - 1, address, PORTAL_GROUP_TAG);
	text_add_key(out, "TargetAddress", value);
}

/* Appends the target's name and its addresses.  First comes the local address that the peer is connected to,
 * since that one surely works, or the address that is announced for it; then those of portal_list that are
 * not equal to it. */
static void
add_target(struct conn *c, struct text_out *out)
{
	char texts[PORTALS_MAX][PORTAL_TEXT_MAX];
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	char here[PORTAL_TEXT_MAX] = "";
	bool loopback = true;
	unsigned n;

	text_add_key(out, "TargetName", c->target->name);
	if (getsockname(c->fd, (struct sockaddr *)&ss, &len) == 0) {
		portal_address_text((struct sockaddr *)&ss, here);
		(void)portal_announced(c->target, here);
		loopback = portal_is_loopback((struct sockaddr *)&ss);
		add_address(out, here);
	}
	n = portal_list(c->target, loopback, texts);
	for (unsigned i = 0; i < n; i++) {
		if (strcmp(texts[i], here) != 0)
			add_address(out, texts[i]);
	}
}

/* Returns true if the value is the name of this target, without regard to case. */
static bool
names_target(const struct conn *c, const struct text_pair *pair)
{
	const char *name = c->target->name;

	return pair->value_len == strlen(name) &&
	       strncasecmp(pair->value, name, pair->value_len) == 0;
}

/* Answers SendTargets (Appendix C).  "All" is allowed in discovery sessions only; the empty value, which
 * stands for the session's target, in all others only: else the answer is Reject.  The name of another target
 * gets no answer. */
static void
send_targets(struct conn *c, const struct text_pair *pair, struct text_out *out)
{
	bool all = text_equal(pair->value, pair->value_len, "All");

	if (c->session.discovery ? pair->value_len == 0 : all)
		text_add_key(out, "SendTargets", "Reject");
	else if (all || pair->value_len == 0 || names_target(c, pair))
		add_target(c, out);
	/* The name of another target gets no answer. */
}

/* ---- the exchange --------------------------------------------------------------------------- */

/* Answers a complete request: puts values into force, appends the answers to x->out, and empties the request.
 * Returns false if the request is not a valid list, a key came twice, too many are unknown, or the answer is
 * too long. */
static bool
answer_keys(struct conn *c, struct text_exchange *x)
{
	const char *p = x->in;
	size_t left = x->in_len;
	struct text_pair pair;
	enum text_result result;

	param_next(&x->round);
	while ((result = text_next(&p, &left, &pair)) == TEXT_PAIR) {
		if (param_offer(&x->round, &pair) == PARAM_REPEATED)
			return false;
	}
	if (result == TEXT_BAD)
		return false;
	if (x->round.offered[PARAM_SendTargets] && !x->round.refused[PARAM_SendTargets])
		send_targets(c, &x->round.text[PARAM_SendTargets], &x->out);
	param_answer(&x->round, &x->out);
	x->in_len = 0;
	return !x->out.overflow;
}

/* Sends at once a Text Response with the next part of the answer, as long as the initiator takes, with a new
 * Target Transfer Tag.  It may be empty.  wants_more is true if the request has another PDU.  Frees the
 * exchange if this was the last part and the request is complete and has the F bit. */
static void
send_part(struct conn *c, const struct pdu *pdu, bool wants_more)
{
	struct text_exchange *x = c->text;
	size_t n = x->out.len - x->sent;
	bool rest = n > c->params.v[PARAM_MaxRecvDataSegmentLength];
	bool final = !rest && !wants_more && (pdu->bhs[BHS_FLAGS] & BHS_FINAL);
	uint8_t *bhs;

	if (rest)
		n = c->params.v[PARAM_MaxRecvDataSegmentLength];
	x->ttt = c->next_ttt++;
	if (x->ttt == TAG_NONE)
		x->ttt = c->next_ttt++;
	bhs = tx_header(c, OP_TEXT_RESPONSE, (final ? BHS_FINAL : 0) | (rest ? TEXT_CONTINUE : 0));
	put_be32(bhs + BHS_ITT, pdu->itt);
	put_be32(bhs + BHS_TTT, final ? TAG_NONE : x->ttt);
	put_be32(bhs + BHS_STAT_SN, c->stat_sn++);
	session_put_sn(&c->session, bhs);
	tx_queue(c, bhs, (uint8_t *)x->buf + x->sent, n);
	tx_flush(c); /* the text is in the exchange, which may be freed below */
	x->sent += n;
	if (!rest)
		x->sent = x->out.len = 0;
	if (final)
		text_request_drop(c);
}

/* Drops the exchange and queues a Reject.  The caller has received the data.  Returns true: the connection
 * goes on. */
static bool
reject_request(struct conn *c, const struct pdu *pdu, enum reject_reason reason)
{
	text_request_drop(c);
	reject_pdu(c, pdu, reason);
	return true;
}

bool
text_request(struct conn *c, const struct pdu *pdu)
{
	uint32_t ttt = get_be32(pdu->bhs + BHS_TTT);
	bool more = (pdu->bhs[BHS_FLAGS] & TEXT_CONTINUE) != 0;
	struct text_exchange *x;

	if (more && (pdu->bhs[BHS_FLAGS] & BHS_FINAL)) {
		reject_protocol_error(c, pdu, "both F and C are set");
		return false;
	}
	if (ttt == TAG_NONE ? !begin_exchange(c) : c->text == NULL || ttt != c->text->ttt)
		return rx_data(c, pdu, NULL) &&
		       reject_request(c, pdu,
			       ttt == TAG_NONE ? REJECT_NO_RESOURCES : REJECT_INVALID_FIELD);
	x = c->text;
	if (pdu->data_len > REQUEST_MAX - x->in_len)
		return rx_data(c, pdu, NULL) && reject_request(c, pdu, REJECT_NO_RESOURCES);
	if (!rx_data(c, pdu, (uint8_t *)x->in + x->in_len))
		return false;
	x->in_len += pdu->data_len;
	/* If a part of a long answer is left, it is sent first. */
	if (!more && x->sent == 0 && !answer_keys(c, x))
		return reject_request(c, pdu, REJECT_PROTOCOL);
	send_part(c, pdu, more);
	return true;
}
