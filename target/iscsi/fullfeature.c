/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Full feature phase: takes requests, one after the other, until the connection ends.
 *
 *	receive what is there -> handle every PDU of it -> send all answers -> wait
 */
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "changer/base/clock.h"
#include "target/iscsi/conn.h"

/* The requests, by opcode. */
static const struct request {
	bool (*run)(struct conn *c, const struct pdu *pdu); /* NULL: not supported */
	bool numbered;					    /* true: it has a CmdSN */
	bool discovery; /* allowed in a discovery session too (13.21) */
} requests[] = {
	[OP_NOP_OUT] = {nop_out, true, true},
	[OP_SCSI_COMMAND] = {task_command, true, false},
	[OP_TMF_REQUEST] = {tmf_request, true, false},
	[OP_TEXT_REQUEST] = {text_request, true, true},
	[OP_DATA_OUT] = {dataout_pdu, false, false},
	[OP_LOGOUT_REQUEST] = {logout_request, true, true},
};

/* Returns the row for the PDU.  If the PDU is not allowed here, queues a Reject and returns NULL; a Login
 * Request, and one that a discovery session may not have, also end the connection (c->closing). */
static const struct request *
find_request(struct conn *c, const struct pdu *pdu)
{
	const struct request *r = NULL;

	if (pdu->opcode < sizeof(requests) / sizeof(requests[0]))
		r = &requests[pdu->opcode];
	if (r == NULL || r->run == NULL) {
		if (pdu->opcode == OP_LOGIN_REQUEST)
			reject_protocol_error(c, pdu, "the connection is logged in already");
		else
			reject_pdu(c, pdu,
				pdu->opcode == OP_SNACK_REQUEST ? REJECT_SNACK
								: REJECT_NOT_SUPPORTED);
		return NULL;
	}
	if (c->session.discovery && !r->discovery) {
		reject_protocol_error(c, pdu, "not in a discovery session");
		return NULL;
	}
	return r;
}

/* Handles one PDU: checks its length and CmdSN, and calls the function for its opcode.  Any PDU counts as an
 * answer to our NOP-In (clears pinged_ms).  A PDU whose CmdSN is out of the window is dropped.  Returns false
 * if the connection is over. */
static bool
handle(struct conn *c, const struct pdu *pdu)
{
	const struct request *r;

	if (pdu->data_len > param_ours(PARAM_MaxRecvDataSegmentLength)) {
		reject_protocol_error(c, pdu, "its data is longer than MaxRecvDataSegmentLength");
		return false;
	}
	c->pinged_ms = 0;
	r = find_request(c, pdu);
	if (r == NULL)
		return !c->closing && rx_data(c, pdu, NULL);
	if (!r->numbered)
		return r->run(c, pdu);
	switch (session_admit(&c->session, pdu)) {
	case SESSION_ADMIT:
		return r->run(c, pdu);
	case SESSION_IGNORE:
		return rx_data(c, pdu, NULL);
	case SESSION_GAP:
		break;
	}
	reject_protocol_error(c, pdu, "a command before it is missing");
	return false;
}

/* Handles all PDUs that have been received, until the connection is closing or over.  Returns their number.
 * Receives only the data of these PDUs. */
static unsigned
handle_received(struct conn *c)
{
	struct pdu pdu;
	unsigned n = 0;

	while (!c->closing && rx_next(c, &pdu) == RX_PDU) {
		n++;
		if (!handle(c, &pdu))
			break;
	}
	return n;
}

/* Frees the buffers, pages, kept tasks and the pipe, and sets c->idle.  A text exchange that is not complete stays.
 * Does nothing while there are tasks, or a part of a PDU. */
static void
become_idle(struct conn *c)
{
	if (!TAILQ_EMPTY(&c->tasks.waiting) || !TAILQ_EMPTY(&c->tasks.pending) ||
		c->rx.head != c->rx.tail)
		return;
	c->idle = true;
	itasks_idle(c);
	buffer_trim(&c->buffers);
	tx_idle(&c->tx);
	conn_forget_pages(c);
}

/* Returns true if the initiator must be asked to log out: the target stops, or a user has asked for it.
 * Takes no lock. */
static bool
should_leave(const struct conn *c)
{
	return __atomic_load_n(&c->target->stopping, __ATOMIC_RELAXED) ||
	       __atomic_load_n(&c->asked, __ATOMIC_RELAXED);
}

/* Does what is due at the time `now`: asks for a logout, ends the connection when the time for that is over,
 * frees buffers, ends commands whose data does not come, sends a NOP-In, gives up a peer that did not answer it.
 * Sets *due to the time of the next call; it is later than `now` unless the connection ends. */
static void
run_timers(struct conn *c, uint64_t now, uint64_t *due)
{
	uint64_t silent = now - c->heard_ms, burst_end = dataout_give_up(c, now);
	unsigned next = c->limits.ping_ms;

	if (c->leave_ms == 0 && should_leave(c)) {
		logout_ask(c);
		tx_flush(c);
	}
	if (c->leave_ms != 0 && now >= c->leave_ms)
		c->closing = true;
	if (!c->idle && silent >= c->limits.idle_ms)
		become_idle(c);
	if (c->pinged_ms == 0 && silent >= c->limits.ping_ms) {
		nop_ping(c);
		tx_flush(c);
	} else if (c->pinged_ms != 0 && now - c->pinged_ms >= c->limits.dead_ms) {
		conn_fail(c, "no answer to a NOP-In for %u s%s", c->limits.dead_ms / 1000,
			c->rx.tail != c->rx.head ? ", in the midst of a header" : "");
	}
	if (c->pinged_ms != 0)
		*due = c->pinged_ms + c->limits.dead_ms;
	else
		*due = c->heard_ms + (c->idle ? next : c->limits.idle_ms);
	if (*due <= now)
		*due = now + c->limits.idle_ms;
	if (c->leave_ms != 0 && *due > c->leave_ms)
		*due = c->leave_ms;
	if (*due > burst_end)
		*due = burst_end;
}

/* Runs the timers, then waits until something can be received, a task is finished, or a timer is due.
 * Receives what is there, and ends c->idle. */
static void
wait_for_work(struct conn *c)
{
	struct pollfd fds[2] = {
		{.fd = c->fd, .events = POLLIN},
		{.fd = c->wake_fd, .events = POLLIN},
	};
	uint64_t now = clock_ms(), due, count;

	run_timers(c, now, &due);
	if (c->over || c->closing)
		return;
	if (poll(fds, 2, (int)(due - now)) <= 0)
		return;
	if (fds[1].revents != 0 && read(c->wake_fd, &count, sizeof(count)) < 0)
		return;
	if (fds[0].revents != 0) {
		c->idle = false;
		rx_fill(c);
	}
}

void
fullfeature_run(struct conn *c)
{
	while (!c->over) {
		unsigned n;

		tasks_reap(c);
		n = handle_received(c);
		tx_flush(c);
		if (c->closing || c->over)
			break;
		/* If several PDUs came at once, more have probably come meanwhile. */
		if (n > 1 && rx_fill(c) == RX_PDU)
			continue;
		if (!c->over)
			wait_for_work(c);
	}
}
