/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/iscsi/rx.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "changer/base/clock.h"
#include "target/iscsi/conn.h"
#include "target/iscsi/digest.h"

enum rx_result
rx_next(struct conn *c, struct pdu *pdu)
{
	struct rx *rx = &c->rx;
	size_t used;

	switch (pdu_parse(pdu, rx->buf + rx->head, rx->tail - rx->head, c->header_digest, &used)) {
	case PDU_WHOLE:
		rx->head += used;
		return RX_PDU;
	case PDU_BAD_DIGEST:
		/* 7.8: without the header the begin of the next PDU cannot be found. */
		conn_fail(c, "wrong header digest");
		c->over = true;
		return RX_OVER;
	case PDU_SHORT:
		break;
	}
	return RX_NOTHING;
}

/* Returns what the result `n` of recv means: RX_PDU, with the time noted, if bytes came; RX_NOTHING if there
 * were none yet; RX_OVER, with c->over set, after an end or an error.  Logs only that the peer does not
 * acknowledge what was sent.  Reads errno. */
static enum rx_result
received(struct conn *c, ssize_t n)
{
	if (n > 0) {
		c->heard_ms = clock_ms();
		admission_heard(&c->admitted, c->heard_ms);
		return RX_PDU;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return RX_NOTHING;
	if (n < 0 && errno == ETIMEDOUT) /* TCP_USER_TIMEOUT; a reset or a close is not logged */
		conn_fail(c, "the initiator does not acknowledge the data that was sent");
	c->over = true;
	return RX_OVER;
}

enum rx_result
rx_fill(struct conn *c)
{
	struct rx *rx = &c->rx;
	ssize_t n;

	if (rx->head == rx->tail) {
		rx->head = rx->tail = 0;
	} else if (rx->head > RX_SIZE - PDU_HEADER_MAX) {
		memmove(rx->buf, rx->buf + rx->head, rx->tail - rx->head);
		rx->tail -= rx->head;
		rx->head = 0;
	}
	n = recv(c->fd, rx->buf + rx->tail, RX_SIZE - rx->tail, MSG_DONTWAIT);
	if (n > 0)
		rx->tail += (size_t)n;
	return received(c, n);
}

/* Waits until there is something to receive, or the peer has closed.  Returns false if nothing comes until
 * the end of the time for the login, or, after the login, for dead_ms. */
static bool
wait_readable(struct conn *c)
{
	struct pollfd pfd = {.fd = c->fd, .events = POLLIN};
	uint64_t now = clock_ms(), end = now + c->limits.dead_ms;
	int rc;

	if (c->login_end_ms != 0)
		end = c->login_end_ms;
	if (now >= end)
		return false;
	do
		rc = poll(&pfd, 1, (int)(end - now));
	while (rc < 0 && errno == EINTR);
	return rc > 0;
}

enum rx_result
rx_fill_wait(struct conn *c)
{
	if (!wait_readable(c)) {
		c->over = true;
		return RX_OVER;
	}
	return rx_fill(c);
}

/* Copies up to `n` bytes out of the buffer to dst, and takes them off rx->missing.  Returns how many there
 * were. */
static size_t
take_buffered(struct rx *rx, uint8_t *dst, size_t n)
{
	size_t have = rx->tail - rx->head;

	if (n > have)
		n = have;
	memcpy(dst, rx->buf + rx->head, n);
	rx->head += n;
	rx->missing -= n;
	return n;
}

/* Sends all queued answers, then waits for the rest of a PDU.  No NOP-In can be answered before that rest has
 * come, so if nothing comes in time (wait_readable), sets c->over and rx->silent.  Returns false if the
 * connection is over. */
static bool
wait_for_rest(struct conn *c)
{
	if (!tx_flush(c))
		return false;
	c->rx.silent = !wait_readable(c);
	c->over = c->rx.silent;
	return !c->over;
}

/* Receives exactly `n` bytes to `dst`, and waits for them.  The buffer must be empty; it takes the bytes that
 * come behind them.  Returns false if the connection is over. */
static bool
receive_to(struct conn *c, uint8_t *dst, size_t n)
{
	struct rx *rx = &c->rx;

	rx->head = rx->tail = 0;
	while (n > 0) {
		struct iovec iov[2] = {{dst, n}, {rx->buf, RX_SIZE}};
		struct msghdr msg = {.msg_iov = iov, .msg_iovlen = 2};
		ssize_t got = recvmsg(c->fd, &msg, MSG_DONTWAIT);

		switch (received(c, got)) {
		case RX_PDU:
			break;
		case RX_NOTHING:
			if (!wait_for_rest(c))
				return false;
			continue;
		case RX_OVER:
			return false;
		}
		if ((size_t)got > n) {
			rx->tail = (size_t)got - n;
			got = (ssize_t)n;
		}
		dst += got;
		n -= (size_t)got;
		rx->missing -= (size_t)got;
	}
	return true;
}

/* Takes exactly `n` bytes to `dst`: first those in the buffer, then it receives the rest.  Returns false if
 * the connection is over. */
static bool
read_bytes(struct conn *c, uint8_t *dst, size_t n)
{
	size_t had = take_buffered(&c->rx, dst, n);

	return had == n || receive_to(c, dst + had, n - had);
}

/* Receives `n` bytes and drops them; adds them to *digest if there are data digests.  Returns false if the
 * connection is over. */
static bool
skip_bytes(struct conn *c, size_t n, uint32_t *digest)
{
	struct rx *rx = &c->rx;

	while (n > 0) {
		size_t part = rx->tail - rx->head;

		if (part > n)
			part = n;
		if (c->data_digest)
			*digest = digest_add(*digest, rx->buf + rx->head, part);
		rx->head += part;
		rx->missing -= part;
		n -= part;
		if (n > 0 && rx_fill(c) == RX_NOTHING)
			wait_for_rest(c);
		if (c->over)
			return false;
	}
	return true;
}

/* Logs how many of the `whole` bytes after the header of a PDU came, if the rest did not come in time: it
 * helps to tell a fault of the peer from a fault of the network.  Returns false. */
static bool
cut_short(struct conn *c, const struct pdu *pdu, size_t whole)
{
	uint64_t silent = (clock_ms() - c->heard_ms) / 1000;

	if (c->rx.silent)
		conn_fail(c,
			"only %zu of %zu bytes after the header of a %s came, then none for %u s",
			whole - c->rx.missing, whole, pdu_opcode_name(pdu->opcode),
			(unsigned)silent);
	return false;
}

bool
rx_data(struct conn *c, const struct pdu *pdu, uint8_t *dst)
{
	uint32_t n = pdu->data_len, padding = pdu_padding(n);
	size_t trailing = padding + (c->data_digest ? DIGEST_LEN : 0);
	uint32_t digest = DIGEST_START;
	uint8_t trailer[3 + DIGEST_LEN];

	if (n == 0)
		return true;
	c->rx.missing = n + trailing;
	if (dst == NULL ? !skip_bytes(c, n, &digest) : !read_bytes(c, dst, n))
		return cut_short(c, pdu, n + trailing);
	if (!read_bytes(c, trailer, trailing))
		return cut_short(c, pdu, n + trailing);
	if (!c->data_digest)
		return true;
	if (dst != NULL)
		digest = digest_add(digest, dst, n);
	digest = digest_add(digest, trailer, padding);
	if (digest == digest_get(trailer + padding))
		return true;
	/* 7.8 asks for a Reject; at ErrorRecoveryLevel 0 the session then ends (7.1.4.4). */
	reject_pdu(c, pdu, REJECT_DATA_DIGEST);
	conn_fail(c, "wrong data digest of a %s", pdu_opcode_name(pdu->opcode));
	return false;
}
