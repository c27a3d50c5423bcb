/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The answers to SCSI commands: Data-In, with the status in its last PDU where that is allowed, else with a
 * SCSI Response (RFC 7143 11.4, 11.7).
 */
#include <stdlib.h>
#include <string.h>

#include "target/iscsi/conn.h"

/* The answer to a command. */
struct answer {
	uint64_t length;       /* bytes that the command returns */
	uint32_t send;	       /* bytes of them that are sent: at most what the initiator expects */
	uint8_t residual_flag; /* RESIDUAL_OVERFLOW or _UNDERFLOW; 0: none */
	uint32_t residual;     /* cut to 32 bits */
	/* true: the status is in the last Data-In PDU; false: in a SCSI Response */
	bool collapsed;
};

/* The data of an extent behind its stored bytes. */
static const uint8_t zeros[64 * 1024];

/* Sets the residual (11.4.5.1): the difference between what the command transfers and what the initiator
 * expects (edtl).  For a write, that is out_want, or what has come if the task was refused.  Leaves 0 if
 * there is none. */
static void
count_residual(const struct itask *t, struct answer *a)
{
	uint64_t wanted = a->length;

	if (t->writes)
		wanted = t->refused ? t->received : t->scsi.out_want;
	if (wanted == t->edtl)
		return;
	a->residual_flag = wanted > t->edtl ? RESIDUAL_OVERFLOW : RESIDUAL_UNDERFLOW;
	wanted = wanted > t->edtl ? wanted - t->edtl : t->edtl - wanted;
	a->residual = wanted < UINT32_MAX ? (uint32_t)wanted : UINT32_MAX;
}

/* Fills in the sequence numbers of a response.  Takes the next StatSN for it. */
static void
put_status(struct conn *c, uint8_t *bhs)
{
	put_be32(bhs + BHS_STAT_SN, c->stat_sn++);
	session_put_sn(&c->session, bhs);
}

/* Computes the most bytes in a Data-In PDU, a multiple of four, and in a sequence of such PDUs (11.7.1), a
 * multiple of the first. */
static void
data_in_sizes(const struct conn *c, uint32_t *pdu_max, uint32_t *burst_max)
{
	const uint32_t *v = c->params.v;
	uint32_t n = v[PARAM_MaxRecvDataSegmentLength];

	if (n > v[PARAM_MaxBurstLength])
		n = v[PARAM_MaxBurstLength];
	n -= n % 4; /* so that only the last PDU needs padding */
	*pdu_max = n;
	*burst_max = v[PARAM_MaxBurstLength] - v[PARAM_MaxBurstLength] % n;
}

/* Returns the header of a Data-In PDU, without DataSN and offset.  If the flags have DATA_IN_STATUS_FLAG, it
 * has the status and residual, and takes the next StatSN. */
static uint8_t *
data_in_header(struct conn *c, const struct itask *t, const struct answer *a, uint8_t flags)
{
	uint8_t *bhs = tx_header(c, OP_DATA_IN, flags);

	put_be32(bhs + BHS_ITT, t->itt);
	put_be32(bhs + BHS_TTT, TAG_NONE);
	session_put_sn(&c->session, bhs);
	if (!(flags & DATA_IN_STATUS_FLAG))
		return bhs;
	bhs[BHS_FLAGS] |= a->residual_flag;
	bhs[DATA_IN_STATUS] = (uint8_t)t->scsi.status;
	put_be32(bhs + DATA_IN_RESIDUAL, a->residual);
	put_status(c, bhs);
	return bhs;
}

/* Returns how many of `n` bytes at the offset `off` of the extent can be sent in one PDU, which has either
 * bytes of the file or zeros behind the stored bytes, not both. */
static uint32_t
extent_piece(const struct scsi_extent *extent, uint32_t off, uint32_t n)
{
	uint64_t left = off < extent->stored ? extent->stored - off : sizeof(zeros);

	return n < left ? n : (uint32_t)left;
}

/* Queues a header and `n` bytes of an extent at the offset `off`: from the file, or zeros behind the stored
 * bytes.  extent_piece has limited `n`.  A failure sets c->over. */
static void
queue_extent(
	struct conn *c, uint8_t *bhs, const struct scsi_extent *extent, uint32_t off, uint32_t n)
{
	if (off < extent->stored)
		tx_file(c, bhs, extent->fd, extent->offset + off, n);
	else
		tx_queue(c, bhs, zeros, n);
}

/* Queues the Data-In PDUs of an answer of a->send bytes, from the extent, the big buffer or the data-in
 * buffer.  Returns their number.  Stops if the connection is over. */
static uint32_t
send_data(struct conn *c, struct itask *t, const struct answer *a)
{
	const struct scsi_extent *extent = &t->scsi.extent;
	const uint8_t *data = t->scsi.big != NULL ? t->scsi.big : t->scsi.in.data;
	uint32_t pdu_max, burst_max, off = 0, sn = 0;

	data_in_sizes(c, &pdu_max, &burst_max);
	while (off < a->send && !c->over) {
		uint32_t n = a->send - off;
		uint8_t flags = 0;
		uint8_t *bhs;

		/* A PDU that the end of the file cut short is followed by a short one, so that no PDU
		 * reaches over the end of a sequence. */
		if (n > pdu_max - off % pdu_max)
			n = pdu_max - off % pdu_max;
		if (extent->length != 0)
			n = extent_piece(extent, off, n);
		if (off + n == a->send || (off + n) % burst_max == 0)
			flags |= BHS_FINAL;
		if (off + n == a->send && a->collapsed)
			flags |= DATA_IN_STATUS_FLAG;
		bhs = data_in_header(c, t, a, flags);
		put_be32(bhs + DATA_SN, sn++);
		put_be32(bhs + DATA_OFFSET, off);
		if (extent->length != 0) {
			queue_extent(c, bhs, extent, off, n);
		} else {
			/* Data in the arena lies behind its first header; keep all of it. */
			if (tx_in_arena(c, data))
				tx_keep(c, data + a->send);
			tx_queue(c, bhs, data + off, n);
		}
		off += n;
	}
	return sn;
}

/* Queues a SCSI Response, with the sense data if the status is CHECK CONDITION.  data_sn is the number of
 * Data-In PDUs that were queued. */
static void
send_response(struct conn *c, const struct itask *t, const struct answer *a, uint32_t data_sn)
{
	uint8_t *bhs, *data;
	size_t n = 0;

	tx_room(c, TX_HEADER_MAX + 2 + SCSI_SENSE_LEN + TX_TRAILER_MAX, 3);
	bhs = tx_header(c, OP_SCSI_RESPONSE, BHS_FINAL | a->residual_flag);
	data = tx_data_place(c);
	bhs[RESPONSE_STATUS] = (uint8_t)t->scsi.status;
	put_be32(bhs + BHS_ITT, t->itt);
	put_status(c, bhs);
	put_be32(bhs + RESPONSE_EXP_DATA_SN, data_sn + t->r2t_sn);
	put_be32(bhs + RESPONSE_RESIDUAL, a->residual);
	if (t->scsi.status == SCSI_CHECK_CONDITION) {
		put_be16(data, SCSI_SENSE_LEN); /* 11.4.7.1 */
		memcpy(data + 2, t->scsi.sense, SCSI_SENSE_LEN);
		n = 2 + SCSI_SENSE_LEN;
	}
	tx_queue(c, bhs, data, n);
}

/* Gives back the extent and frees the task; a task whose data is queued in buffers of its own is freed when
 * the data is sent. */
static void
free_after_answer(struct conn *c, struct itask *t)
{
	struct scsi_extent *extent = &t->scsi.extent;
	bool queued = t->in_buf.data != NULL || t->scsi.big != NULL;

	if (extent->length != 0 && extent->put != NULL)
		extent->put(extent->arg);
	if (queued)
		tx_free_later(c, t);
	else
		itask_free(c, t);
}

void
datain_answer(struct conn *c, struct itask *t)
{
	struct scsi_task *s = &t->scsi;
	struct answer a = {.length = s->extent.length != 0 ? s->extent.length : s->in_len};
	uint32_t data_sn = 0;

	/* First, so that MaxCmdSN in this answer opens the window again. */
	session_count(t->immediate ? &c->session.nimmediate : &c->session.nwindow, -1);
	if (!t->aborted && !c->over) {
		count_residual(t, &a);
		if (t->reads && !t->writes)
			a.send = a.length < t->edtl ? (uint32_t)a.length : t->edtl;
		/* 11.7.3: only GOOD may be in a Data-In PDU; all else needs a SCSI Response. */
		a.collapsed = a.send > 0 && s->status == SCSI_GOOD;
		if (a.send > 0)
			data_sn = send_data(c, t, &a);
		if (!a.collapsed)
			send_response(c, t, &a, data_sn);
	}
	free_after_answer(c, t);
}
