/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Logins, with CHAP or without: a connection from its first byte on. The first byte of the input is the
 * policy. A PDU whose header is zero is a Login Request.
 */
#include "tests/fuzz/serve.h"

enum { WANTS_CHAP = 1, NOT_ADMITTED = 2, NO_OWN_SECRET = 4 };

static uint8_t policy;

static enum iscsi_refusal
admits(void *arg, const char *initiator, const struct sockaddr *address)
{
	return initiator != NULL && (policy & NOT_ADMITTED) ? ISCSI_WRONG_INITIATOR
							    : ISCSI_ADMITTED;
}

static bool
wants_chap(void *arg, bool discovery)
{
	return (policy & WANTS_CHAP) != 0;
}

static bool
user_secret(void *arg, bool discovery, const char *user, struct iscsi_secret *secret)
{
	secret->len = 12;
	memset(secret->bytes, 's', secret->len);
	return user[0] == 'u';
}

static bool
own_secret(void *arg, char *name, struct iscsi_secret *secret)
{
	strcpy(name, "target");
	secret->len = ISCSI_SECRET_MAX;
	memset(secret->bytes, 'x', secret->len);
	return !(policy & NO_OWN_SECRET);
}

/* Fills in the opcode, and the identifiers, which must be those of the first PDU. */
static void
add_login_pdu(struct serve *s, struct feed *f)
{
	uint8_t control = feed_u8(f), bhs[BHS_LEN];
	const uint8_t *data;
	size_t got;

	feed_fill(f, bhs, sizeof(bhs));
	data = feed_take(f, feed_u16(f), &got);
	if (bhs[BHS_OPCODE] == 0)
		bhs[BHS_OPCODE] = OP_LOGIN_REQUEST | BHS_IMMEDIATE;
	if (!(control & SERVE_RAW_TAG)) {
		put_be32(bhs + BHS_ITT, 1);
		memset(bhs + LOGIN_ISID, 0x80, LOGIN_ISID_LEN);
		put_be32(bhs + LOGIN_CID, 0);
	}
	if (!(control & SERVE_RAW_NUMBER))
		put_be32(bhs + BHS_CMD_SN, SERVE_FIRST_CMD_SN);
	serve_add_pdu(s, bhs, data, got, control);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct iscsi_access access = {
		.admits = admits,
		.wants_chap = wants_chap,
		.user_secret = user_secret,
		.own_secret = own_secret,
	};
	struct feed f = {data, size};
	struct serve s;

	policy = feed_u8(&f);
	serve_begin(&s, &access);
	while (f.left > 0 && s.len < SERVE_BYTES_MAX)
		add_login_pdu(&s, &f);
	serve_end(&s);
	return 0;
}
