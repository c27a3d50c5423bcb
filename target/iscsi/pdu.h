/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One PDU as it came in: its Basic Header Segment and the lengths in it (RFC 7143 11.2).  The data
 * segment is not here: whoever knows where it should go reads it there (rx.h).
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
	uint32_t ahs_len;  /* bytes; the segments themselves are skipped */
	uint32_t data_len; /* without padding */
};

enum pdu_result { PDU_WHOLE, PDU_SHORT, PDU_BAD_DIGEST };

/* The longest header: basic and additional segments, and their digest. */
enum { PDU_HEADER_MAX = BHS_LEN + AHS_MAX + DIGEST_LEN };

/* Takes the header that begins at buf, if all of it is among the len bytes; *used: its length. */
enum pdu_result pdu_parse(
	struct pdu *pdu, const uint8_t *buf, size_t len, bool header_digest, size_t *used);

/* Bytes that fill n up to a multiple of four. */
static inline uint32_t
pdu_padding(uint32_t n)
{
	return -n & 3;
}

const char *pdu_opcode_name(uint8_t opcode);

#endif
