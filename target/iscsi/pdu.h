/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The header of a received PDU: its Basic Header Segment, and some fields of it (RFC 7143 11.2).  The data
 * segment is not here; the function that handles the PDU receives it with rx_data.
 */
#ifndef TARGET_ISCSI_PDU_H
#define TARGET_ISCSI_PDU_H

#include <stdbool.h>
#include <stddef.h>

#include "changer/base/be.h"
#include "target/iscsi/proto.h"

struct pdu {
	uint8_t bhs[BHS_LEN]; /* as it was received */
	uint8_t opcode;	      /* without the immediate bit */
	bool immediate;	      /* true: the I bit is set */
	uint32_t itt;	      /* Initiator Task Tag */
	uint32_t ahs_len;     /* bytes of Additional Header Segments, which are ignored */
	uint32_t data_len;    /* without padding */
};

enum pdu_result { PDU_WHOLE, PDU_SHORT, PDU_BAD_DIGEST };

/* The longest header: basic and additional segments, and their digest. */
enum { PDU_HEADER_MAX = BHS_LEN + AHS_MAX + DIGEST_LEN };

/* Reads the header at `buf`, of which `len` bytes have come; header_digest says whether one follows it.
 * Returns PDU_WHOLE, with *pdu filled in and the length of the header, its additional segments and digest in
 * *used.  Returns PDU_SHORT if it is not complete, PDU_BAD_DIGEST if its digest is wrong; *pdu and *used are
 * then unchanged. */
enum pdu_result pdu_parse(
	struct pdu *pdu, const uint8_t *buf, size_t len, bool header_digest, size_t *used);

/* Returns the number of bytes, 0 to 3, that pad `n` bytes to a multiple of four. */
static inline uint32_t
pdu_padding(uint32_t n)
{
	return -n & 3;
}

/* Returns the name in RFC 7143 of the opcode of a request, for log lines; "PDU with unknown opcode" for all
 * others. */
const char *pdu_opcode_name(uint8_t opcode);

#endif
