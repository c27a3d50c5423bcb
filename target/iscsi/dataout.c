/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Data-out: immediate, unsolicited and solicited (RFC 7143 4.2.5.2, 11.7, 11.8).  Data comes in order, since
 * DataPDUInOrder and DataSequenceInOrder are Yes.  Each command has one R2T at a time.
 *
 * Limits of memory: a connection holds FirstBurstLength of unsolicited data for each command of the window,
 * and SOLICITED_MAX of solicited data, and no more than session_bytes.  All connections together hold at most the
 * target's write_bytes: see may_hold.
 */
#include <string.h>

#include "changer/base/clock.h"
#include "target/iscsi/conn.h"

/* Returns true if a session may hold `own` bytes when all sessions together hold `all`, these included.
 * One half of write_bytes is for those who come first.  The other half is shared: a session may always hold
 * its share of it, so that no session can use up what others need. */
static bool
may_hold(const struct conn *c, size_t own, size_t all)
{
	size_t half = c->limits.write_bytes / 2;
	unsigned sessions = admission_sessions(&c->target->admission);

	return all <= half || own <= half / (sessions == 0 ? 1 : sessions);
}

/* Adds `n` bytes to t->held, to what the connection holds and to what all connections hold.  Returns false,
 * and adds nothing, if that is too much (may_hold), or if other commands of the connection leave too little
 * of session_bytes. */
static bool
hold(struct conn *c, struct itask *t, uint32_t n)
{
	size_t *held = &c->target->held, own = c->tasks.held + n;

	if (own > c->limits.session_bytes && c->tasks.held > t->held)
		return false;
	if (!may_hold(c, own, __atomic_add_fetch(held, n, __ATOMIC_RELAXED))) {
		__atomic_sub_fetch(held, n, __ATOMIC_RELAXED);
		return false;
	}
	c->tasks.held += n;
	t->held += n;
	return true;
}

/* Marks the command as refused, and frees its data-out with its share of the limits.  The caller has set the
 * status or the sense data. */
static void
refuse(struct conn *c, struct itask *t)
{
	t->refused = true;
	itask_release_out(c, t);
}

/* Refuses the command, as refuse does, with the status BUSY, and counts it as ISCSI_REFUSED_BYTES. */
static void
refuse_busy(struct conn *c, struct itask *t)
{
	t->scsi.status = SCSI_BUSY;
	target_refuse(c->target, ISCSI_REFUSED_BYTES, c->session.initiator, c->peer);
	refuse(c, t);
}

/* Gets the buffer for all data-out of a command, of which first_burst bytes count against the limit now.
 * Refuses the command with INVALID FIELD IN CDB if that is more than BUFFER_MAX, with BUSY if the limit is
 * reached or there is no memory.  Does nothing for a refused command. */
static void
get_buffer(struct conn *c, struct itask *t, uint32_t first_burst)
{
	if (t->refused)
		return;
	if (t->edtl > BUFFER_MAX) {
		task_sense(&t->scsi, 0x05, 0x24, 0x00); /* INVALID FIELD IN CDB */
		refuse(c, t);
		return;
	}
	if (!hold(c, t, first_burst)) {
		refuse_busy(c, t);
		return;
	}
	t->out_buf = buffer_get(&c->buffers, t->edtl);
	if (t->out_buf.data == NULL)
		refuse_busy(c, t);
}

/* Sets t->ready to whether the task need not wait for data any more: all has come; or, if it is refused, all
 * that the initiator has announced or that an R2T has asked for. */
static void
note_progress(struct itask *t)
{
	t->ready =
		t->unsolicited == 0 && t->ttt == TAG_NONE && (t->refused || t->received == t->edtl);
}

/* Receives a data segment behind the data that has come so far; drops that of a refused task.  Counts it in
 * t->received.  The caller has checked that it fits.  Returns false if the connection is over. */
static bool
take_segment(struct conn *c, struct itask *t, const struct pdu *pdu)
{
	uint8_t *to = t->refused ? NULL : t->out_buf.data + t->received;

	if (!rx_data(c, pdu, to))
		return false;
	t->received += pdu->data_len;
	return true;
}

/* Returns what is wrong with the data-out of a command PDU, by the negotiated parameters: a text for the log;
 * NULL if nothing is. */
static const char *
check_command(const struct conn *c, const struct itask *t, const struct pdu *pdu)
{
	bool final = (pdu->bhs[BHS_FLAGS] & BHS_FINAL) != 0;

	if (!t->writes)
		return pdu->data_len != 0 || !final ? "data-out without the W bit" : NULL;
	if (pdu->data_len > t->edtl)
		return "more immediate data than the expected length of all data";
	if (pdu->data_len != 0 && c->params.v[PARAM_ImmediateData] == 0)
		return "immediate data, which was not agreed upon";
	if (pdu->data_len > c->params.v[PARAM_FirstBurstLength])
		return "more immediate data than FirstBurstLength";
	if (!final && c->params.v[PARAM_InitialR2T] != 0)
		return "unsolicited data announced, which was not agreed upon";
	return NULL;
}

bool
dataout_begin(struct conn *c, struct itask *t, const struct pdu *pdu)
{
	const char *wrong = check_command(c, t, pdu);
	bool final = (pdu->bhs[BHS_FLAGS] & BHS_FINAL) != 0;
	uint32_t first_burst = c->params.v[PARAM_FirstBurstLength];

	if (wrong != NULL) {
		reject_protocol_error(c, pdu, wrong);
		return false;
	}
	if (!t->writes || t->edtl == 0) {
		t->ready = true;
		return true;
	}
	if (first_burst > t->edtl)
		first_burst = t->edtl;
	get_buffer(c, t, final ? pdu->data_len : first_burst);
	if (!take_segment(c, t, pdu))
		return false;
	t->unsolicited = final ? 0 : first_burst - t->received;
	t->burst_ms = clock_ms();
	if (!final && t->unsolicited == 0) {
		/* 11.3.4: F is 0 only if unsolicited data follows. */
		reject_protocol_error(c, pdu, "unsolicited data announced beyond FirstBurstLength");
		return false;
	}
	note_progress(t);
	return true;
}

/* ---- R2T ------------------------------------------------------------------------------------ */

/* Returns true if R2Ts may ask for all data of the task, and counts it in tasks->granted and the limit of all
 * connections, once.  The oldest task always may, so that no task waits forever.  Returns false if other
 * tasks of the connection hold too much; or if the limit of all connections forbids it: the task is then
 * refused with BUSY, and may be ready. */
static bool
grant(struct conn *c, struct itask *t)
{
	struct tasks *tasks = &c->tasks;

	if (t->granted)
		return true;
	if (tasks->granted != 0 && tasks->granted + t->edtl > SOLICITED_MAX)
		return false;
	if (!hold(c, t, t->edtl - t->held)) {
		refuse_busy(c, t);
		note_progress(t);
		return false;
	}
	t->granted = true;
	tasks->granted += t->edtl;
	return true;
}

/* Queues an R2T with a new Target Transfer Tag for the next data of the task, at most MaxBurstLength.  Sets
 * ttt, burst_end and data_sn for that burst. */
static void
send_r2t(struct conn *c, struct itask *t)
{
	uint32_t length = t->edtl - t->received;
	uint8_t *bhs;

	if (length > c->params.v[PARAM_MaxBurstLength])
		length = c->params.v[PARAM_MaxBurstLength];
	t->ttt = c->next_ttt++;
	if (t->ttt == TAG_NONE)
		t->ttt = c->next_ttt++;
	t->burst_end = t->received + length;
	t->data_sn = 0;
	t->burst_ms = clock_ms();
	bhs = tx_header(c, OP_R2T, BHS_FINAL);
	memcpy(bhs + BHS_LUN, t->scsi.lun, sizeof(t->scsi.lun));
	put_be32(bhs + BHS_ITT, t->itt);
	put_be32(bhs + BHS_TTT, t->ttt);
	put_be32(bhs + BHS_STAT_SN, c->stat_sn); /* 11.8.3: the next one, not advanced */
	session_put_sn(&c->session, bhs);
	put_be32(bhs + R2T_SN, t->r2t_sn++);
	put_be32(bhs + R2T_OFFSET, t->received);
	put_be32(bhs + R2T_LENGTH, length);
	tx_queue(c, bhs, NULL, 0);
}

void
dataout_solicit(struct conn *c)
{
	struct itask *t;
	bool refused = false;

	TAILQ_FOREACH(t, &c->tasks.waiting, link)
	{
		if (t->ready || t->refused || t->unsolicited != 0 || t->ttt != TAG_NONE)
			continue;
		if (grant(c, t))
			send_r2t(c, t);
		else if (!t->refused)
			break; /* no later task may overtake this one */
		else
			refused = true;
	}
	if (refused)
		tasks_run(c);
}

/* ---- bursts that do not come ---------------------------------------------------------------- */

/* Returns true if data-out of the task is under way: unsolicited, or asked for by an R2T. */
static bool
is_in_burst(const struct itask *t)
{
	return !t->ready && (t->unsolicited != 0 || t->ttt != TAG_NONE);
}

/* Ends the wait for the command's data, sets t->ready, and counts ISCSI_REFUSED_BURST_TIME.  If the command
 * is not refused yet, refuses it with INITIATOR RESPONSE TIMEOUT (SPC-4 table F.1).  Data that comes later
 * is for no command, and is dropped. */
static void
give_up(struct conn *c, struct itask *t)
{
	if (!t->refused) {
		task_sense(&t->scsi, 0x0b, 0x4b, 0x06);
		refuse(c, t);
	}
	t->unsolicited = 0;
	t->ttt = TAG_NONE;
	t->ready = true;
	target_refuse(c->target, ISCSI_REFUSED_BURST_TIME, c->session.initiator, c->peer);
}

uint64_t
dataout_give_up(struct conn *c, uint64_t now)
{
	uint64_t next = UINT64_MAX;
	struct itask *t;
	bool any = false;

	TAILQ_FOREACH(t, &c->tasks.waiting, link)
	{
		uint64_t end = t->burst_ms + c->limits.burst_ms;

		if (!is_in_burst(t))
			continue;
		if (now >= end) {
			give_up(c, t);
			any = true;
		} else if (end < next) {
			next = end;
		}
	}
	if (any) {
		tasks_run(c);
		dataout_solicit(c);
		tx_flush(c);
		return now + 1;
	}
	return next;
}

/* ---- Data-Out ------------------------------------------------------------------------------- */

/* Returns the waiting task with that Initiator Task Tag; NULL if there is none, also if it is pending. */
static struct itask *
find_waiting(struct conn *c, uint32_t itt)
{
	struct itask *t;

	TAILQ_FOREACH(t, &c->tasks.waiting, link)
	if (t->itt == itt)
		return t;
	return NULL;
}

/* Returns what is wrong with a Data-Out PDU in a burst that ends at the offset `end`: its offset, its length,
 * or its F bit; a text for the log.  NULL if nothing is. */
static const char *
check_data_out(const struct itask *t, const struct pdu *pdu, uint32_t end)
{
	bool final = (pdu->bhs[BHS_FLAGS] & BHS_FINAL) != 0;
	bool whole = pdu->data_len == end - t->received;

	if (get_be32(pdu->bhs + DATA_OFFSET) != t->received)
		return "data-out with a wrong buffer offset";
	if (pdu->data_len > end - t->received)
		return "data-out beyond the end of its burst";
	if (!final && whole)
		return "data-out without F at the end of its burst";
	if (final && !whole && t->unsolicited == 0)
		return "data-out with F before the end of its burst";
	return NULL;
}

/* Checks the DataSN and counts it up.  After a gap, refuses the command with Protocol Service CRC Error
 * (11.4.7.2), as after a PDU with a wrong digest (7.9); it fails when its burst is over (7.8 b).  Does
 * nothing for a refused command. */
static void
check_data_sn(struct conn *c, struct itask *t, const struct pdu *pdu)
{
	if (t->refused || get_be32(pdu->bhs + DATA_SN) == t->data_sn++)
		return;
	task_sense(&t->scsi, 0x0b, 0x47, 0x05);
	refuse(c, t);
}

bool
dataout_pdu(struct conn *c, const struct pdu *pdu)
{
	struct itask *t = find_waiting(c, pdu->itt);
	uint32_t ttt = get_be32(pdu->bhs + BHS_TTT), end;
	const char *wrong = NULL;

	/* The task may have been aborted after the initiator sent this. */
	if (t == NULL)
		return rx_data(c, pdu, NULL);
	end = ttt == TAG_NONE ? t->received + t->unsolicited : t->burst_end;
	if (ttt == TAG_NONE ? t->unsolicited == 0 : ttt != t->ttt)
		wrong = "data-out that the target did not request";
	if (wrong == NULL)
		check_data_sn(c, t, pdu);
	if (wrong == NULL && !t->refused)
		wrong = check_data_out(t, pdu, end);
	if (wrong != NULL) {
		reject_protocol_error(c, pdu, wrong);
		return false;
	}
	if (!take_segment(c, t, pdu))
		return false;
	if (pdu->bhs[BHS_FLAGS] & BHS_FINAL) {
		t->unsolicited = 0;
		t->ttt = TAG_NONE;
		t->burst_ms = clock_ms();
	} else if (ttt == TAG_NONE && !t->refused) {
		t->unsolicited = end - t->received;
	}
	note_progress(t);
	if (t->ready)
		tasks_run(c);
	else
		dataout_solicit(c);
	return true;
}
