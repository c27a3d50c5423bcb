/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A connection after its login: PDUs of all kinds. The first byte of the input is the row of the table of
 * logins.
 */
#include "tests/fuzz/serve.h"

#define KEYS(s) (s), sizeof(s)

static const struct login {
	const char *keys;
	size_t len;
	bool header_digest, data_digest;
} logins[] = {
	{KEYS(SERVE_NAMES "InitialR2T=Yes"), false, false},
	{KEYS(SERVE_NAMES "InitialR2T=No\0FirstBurstLength=8192"), false, false},
	{KEYS(SERVE_NAMES "ImmediateData=No\0MaxRecvDataSegmentLength=512"), false, false},
	{KEYS(SERVE_NAMES "MaxBurstLength=4096\0MaxOutstandingR2T=8"), false, false},
	{KEYS(SERVE_NAMES "HeaderDigest=CRC32C\0DataDigest=CRC32C"), true, true},
	{KEYS(SERVE_NAMES "HeaderDigest=CRC32C"), true, false},
	{KEYS(SERVE_NAMES "DataDigest=CRC32C\0InitialR2T=No"), false, true},
	{KEYS(SERVE_NAMES "TaskReporting=FastAbort"), false, false},
	{KEYS("InitiatorName=iqn.a:b\0SessionType=Discovery"), false, false},
};

static void
add_login(struct serve *s, const struct login *login)
{
	uint8_t bhs[BHS_LEN] = {OP_LOGIN_REQUEST | BHS_IMMEDIATE,
		LOGIN_TRANSIT | STAGE_OPERATIONAL << LOGIN_CSG_SHIFT | STAGE_FULL_FEATURE,
		[LOGIN_ISID] = 0x80};

	put_be32(bhs + BHS_CMD_SN, s->cmd_sn);
	serve_add_pdu(s, bhs, (const uint8_t *)login->keys, login->len, 0);
	s->header_digest = login->header_digest;
	s->data_digest = login->data_digest;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct feed f = {data, size};
	struct serve s;

	serve_begin(&s, NULL);
	add_login(&s, &logins[feed_u8(&f) % (sizeof(logins) / sizeof(logins[0]))]);
	while (f.left > 0 && serve_add_record(&s, &f))
		;
	serve_end(&s);
	return 0;
}
