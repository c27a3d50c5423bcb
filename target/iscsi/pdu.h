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
	uint8_t bhs[BHS_LEN];
	uint8_t opcode; /* without the immediate bit */
	bool immediate;
	uint32_t itt;
	uint32_t ahs_len;  /* bytes of Additional Header Segments, which are ignored */
	uint32_t data_len; /* without padding */
};

enum pdu_result { PDU_WHOLE, PDU_SHORT, PDU_BAD_DIGEST };

/* The longest header: basic and additional segments, and their digest. */
enum { PDU_HEADER_MAX = BHS_LEN + AHS_MAX + DIGEST_LEN };

/* Reads the header at `buf`, of which `len` bytes have come.  Returns PDU_WHOLE, with the header's length in
 * *used; PDU_SHORT if it is not complete; PDU_BAD_DIGEST if its digest is wrong. */
enum pdu_result pdu_parse(
	struct pdu *pdu, const uint8_t *buf, size_t len, bool header_digest, size_t *used);

/* Returns the number of bytes that pad `n` bytes to a multiple of four. */
static inline uint32_t
pdu_padding(uint32_t n)
{
	return -n & 3;
}

/* Returns the name of the opcode in RFC 7143, for log lines. */
const char *pdu_opcode_name(uint8_t opcode);

#endif
