/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/iscsi/pdu.h"

#include <string.h>

#include "target/iscsi/digest.h"

enum pdu_result
pdu_parse(struct pdu *pdu, const uint8_t *buf, size_t len, bool header_digest, size_t *used)
{
	size_t ahs_len, whole;

	if (len < BHS_LEN)
		return PDU_SHORT;
	ahs_len = (size_t)buf[BHS_AHS_LENGTH] * 4;
	whole = BHS_LEN + ahs_len + (header_digest ? DIGEST_LEN : 0);
	if (len < whole)
		return PDU_SHORT;
	if (header_digest) {
		const uint8_t *digest = buf + BHS_LEN + ahs_len;

		if (digest_get(digest) != digest_add(DIGEST_START, buf, BHS_LEN + ahs_len))
			return PDU_BAD_DIGEST;
	}
	memcpy(pdu->bhs, buf, BHS_LEN);
	pdu->opcode = buf[BHS_OPCODE] & BHS_OPCODE_MASK;
	pdu->immediate = (buf[BHS_OPCODE] & BHS_IMMEDIATE) != 0;
	pdu->itt = get_be32(buf + BHS_ITT);
	pdu->ahs_len = (uint32_t)ahs_len;
	pdu->data_len = get_be24(buf + BHS_DATA_LENGTH);
	*used = whole;
	return PDU_WHOLE;
}

const char *
pdu_opcode_name(uint8_t opcode)
{
	static const char *const names[] = {
		[OP_NOP_OUT] = "NOP-Out",
		[OP_SCSI_COMMAND] = "SCSI Command",
		[OP_TMF_REQUEST] = "Task Management Function Request",
		[OP_LOGIN_REQUEST] = "Login Request",
		[OP_TEXT_REQUEST] = "Text Request",
		[OP_DATA_OUT] = "SCSI Data-Out",
		[OP_LOGOUT_REQUEST] = "Logout Request",
		[OP_SNACK_REQUEST] = "SNACK Request",
	};

	if (opcode >= sizeof(names) / sizeof(names[0]) || names[opcode] == NULL)
		return "PDU with unknown opcode";
	return names[opcode];
}
