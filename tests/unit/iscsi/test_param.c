/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The truth table of negotiation: for each row of param.def the offer of an initiator, the target's answer,
 * and the value after it.
 */
#include "tests/unit/iscsi/peer.h"

enum { REFUSED = 1, DISCOVERY = 2, FULL = 4, SECURITY = 8 };

static const struct row {
	enum param_id id;
	const char *offer, *answer; /* answer NULL: no answer */
	uint32_t value;		    /* the value after it */
	unsigned flags;
} rows[] = {
	{PARAM_InitiatorName, "iqn.x", NULL, 0, 0},
	{PARAM_InitiatorName, "iqn.x", "Reject", 0, FULL | REFUSED},
	{PARAM_TargetName, "iqn.y", NULL, 0, 0},
	{PARAM_SessionType, "Discovery", NULL, 0, 0},
	{PARAM_AuthMethod, "None", NULL, 0, SECURITY},
	{PARAM_AuthMethod, "None", "Reject", 0, REFUSED},
	{PARAM_InitiatorAlias, "me", NULL, 0, 0},
	{PARAM_InitiatorAlias, "me", NULL, 0, FULL},
	{PARAM_SendTargets, "All", "Reject", 0, REFUSED},
	{PARAM_SendTargets, "All", NULL, 0, FULL},
	{PARAM_TargetAlias, "you", "Reject", 0, REFUSED},
	{PARAM_TargetAddress, "127.0.0.1", "Reject", 0, REFUSED},
	{PARAM_TargetPortalGroupTag, "1", "Reject", 0, REFUSED},
	{PARAM_MaxRecvDataSegmentLength, "512", NULL, 512, 0},
	{PARAM_MaxRecvDataSegmentLength, "16777215", NULL, 16777215, 0},
	{PARAM_MaxRecvDataSegmentLength, "0x10000", NULL, 65536, FULL},
	{PARAM_MaxRecvDataSegmentLength, "511", "Reject", 8192, REFUSED},
	{PARAM_MaxRecvDataSegmentLength, "16777216", "Reject", 8192, REFUSED},
	{PARAM_HeaderDigest, "None", "None", DIGEST_NONE, 0},
	{PARAM_HeaderDigest, "CRC32C", "CRC32C", DIGEST_CRC32C, 0},
	{PARAM_HeaderDigest, "CRC32C,None", "CRC32C", DIGEST_CRC32C, 0},
	{PARAM_HeaderDigest, "None,CRC32C", "None", DIGEST_NONE, 0},
	{PARAM_HeaderDigest, "X-other,CRC32C", "CRC32C", DIGEST_CRC32C, DISCOVERY},
	{PARAM_HeaderDigest, "X-other", "Reject", DIGEST_NONE, REFUSED},
	{PARAM_HeaderDigest, "", "Reject", DIGEST_NONE, REFUSED},
	{PARAM_HeaderDigest, "CRC32C", "Reject", DIGEST_NONE, FULL | REFUSED},
	{PARAM_DataDigest, "CRC32C,None", "CRC32C", DIGEST_CRC32C, 0},
	{PARAM_DataDigest, "crc32c", "Reject", DIGEST_NONE, REFUSED},
	{PARAM_MaxConnections, "1", "1", 1, 0},
	{PARAM_MaxConnections, "65535", "1", 1, 0},
	{PARAM_MaxConnections, "0", "Reject", 1, REFUSED},
	{PARAM_MaxConnections, "4", "1", 1, DISCOVERY},
	{PARAM_InitialR2T, "Yes", "Yes", 1, 0},
	{PARAM_InitialR2T, "No", "No", 0, 0},
	{PARAM_InitialR2T, "no", "Reject", 1, REFUSED},
	{PARAM_InitialR2T, "No", "Irrelevant", 1, DISCOVERY},
	{PARAM_ImmediateData, "Yes", "Yes", 1, 0},
	{PARAM_ImmediateData, "No", "No", 0, 0},
	{PARAM_ImmediateData, "1", "Reject", 1, REFUSED},
	{PARAM_ImmediateData, "No", "Irrelevant", 1, DISCOVERY},
	{PARAM_MaxBurstLength, "512", "512", 512, 0},
	{PARAM_MaxBurstLength, "16776192", "1048576", 1048576, 0},
	{PARAM_MaxBurstLength, "100", "Reject", 262144, REFUSED},
	{PARAM_MaxBurstLength, "16776192", "Irrelevant", 262144, DISCOVERY},
	{PARAM_FirstBurstLength, "262144", "65536", 65536, 0},
	{PARAM_FirstBurstLength, "8192", "8192", 8192, 0},
	{PARAM_FirstBurstLength, "16777216", "Reject", 65536, REFUSED},
	{PARAM_FirstBurstLength, "8192", "Irrelevant", 65536, DISCOVERY},
	{PARAM_DefaultTime2Wait, "3", "3", 3, 0},
	{PARAM_DefaultTime2Wait, "3601", "Reject", 2, REFUSED},
	{PARAM_DefaultTime2Retain, "20", "0", 0, 0},
	{PARAM_DefaultTime2Retain, "x", "Reject", 20, REFUSED},
	{PARAM_MaxOutstandingR2T, "16", "1", 1, 0},
	{PARAM_MaxOutstandingR2T, "0", "Reject", 1, REFUSED},
	{PARAM_MaxOutstandingR2T, "8", "1", 1, DISCOVERY},
	{PARAM_DataPDUInOrder, "No", "Yes", 1, 0},
	{PARAM_DataPDUInOrder, "Yes", "Yes", 1, 0},
	{PARAM_DataPDUInOrder, "No", "Irrelevant", 1, DISCOVERY},
	{PARAM_DataSequenceInOrder, "No", "Yes", 1, 0},
	{PARAM_DataSequenceInOrder, "Yes", "Irrelevant", 1, DISCOVERY},
	{PARAM_ErrorRecoveryLevel, "2", "0", 0, 0},
	{PARAM_ErrorRecoveryLevel, "3", "Reject", 0, REFUSED},
	{PARAM_TaskReporting, "FastAbort,RFC3720", "RFC3720", 0, 0},
	{PARAM_TaskReporting, "FastAbort", "Reject", 0, REFUSED},
	{PARAM_TaskReporting, "RFC3720", "Irrelevant", 0, DISCOVERY},
	{PARAM_iSCSIProtocolLevel, "2", "1", 1, 0},
	{PARAM_iSCSIProtocolLevel, "0", "0", 0, 0},
	{PARAM_iSCSIProtocolLevel, "32", "Reject", 1, REFUSED},
	{PARAM_IFMarker, "Yes", "No", 0, 0},
	{PARAM_OFMarker, "No", "No", 0, 0},
	{PARAM_IFMarkInt, "2048~8192", "Reject", 0, 0},
	{PARAM_OFMarkInt, "2048", "Reject", 0, 0},
	/* auth.c answers these */
	{PARAM_CHAP_A, "5", NULL, 0, SECURITY},
	{PARAM_CHAP_A, "5", "Reject", 0, REFUSED},
	{PARAM_CHAP_I, "1", NULL, 0, SECURITY},
	{PARAM_CHAP_I, "1", "Reject", 0, REFUSED | FULL},
	{PARAM_CHAP_C, "0x00", NULL, 0, SECURITY},
	{PARAM_CHAP_C, "0x00", "Reject", 0, REFUSED},
	{PARAM_CHAP_N, "a", NULL, 0, SECURITY},
	{PARAM_CHAP_N, "a", "Reject", 0, REFUSED | FULL},
	{PARAM_CHAP_R, "0x00", NULL, 0, SECURITY},
	{PARAM_CHAP_R, "0x00", "Reject", 0, REFUSED},
};

static void
offer(struct param_round *round, const char *key, const char *value, enum param_result want)
{
	struct text_pair pair = {key, value, strlen(key), strlen(value)};

	assert_int_equal(param_offer(round, &pair), want);
}

static void
test_rows(void **state)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		enum param_phase phase = row->flags & FULL	 ? PHASE_FULL
					 : row->flags & SECURITY ? PHASE_SECURITY
								 : PHASE_OPERATIONAL;
		struct params params;
		struct param_round round;
		char buf[256] = "", want[256] = "";
		struct text_out out = {.buf = buf, .cap = sizeof(buf)};

		params_default(&params);
		param_begin(&round, &params, phase);
		round.discovery = row->flags & DISCOVERY;
		offer(&round, param_name(row->id), row->offer,
			row->flags & REFUSED ? PARAM_REFUSED : PARAM_OK);
		param_answer(&round, &out);
		if (row->answer != NULL)
			snprintf(want, sizeof(want), "%s=%s", param_name(row->id), row->answer);
		assert_string_equal(buf, want);
		assert_int_equal(params.v[row->id], row->value);
	}
}

/* Every row of param.def has a row in this table. */
static void
test_table_is_whole(void **state)
{
	for (int id = 0; id < PARAM_COUNT; id++) {
		bool found = false;

		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			found = found || rows[i].id == (enum param_id)id;
		if (!found)
			fail_msg("%s is not tested", param_name((enum param_id)id));
	}
}

/* FirstBurstLength is irrelevant if InitialR2T=Yes and ImmediateData=No, in any order of the keys (RFC
 * 7143 13.14). */
static void
test_first_burst_irrelevant(void **state)
{
	struct params params;
	struct param_round round;
	char buf[256];
	struct text_out out = {.buf = buf, .cap = sizeof(buf)};

	params_default(&params);
	param_begin(&round, &params, PHASE_OPERATIONAL);
	offer(&round, "FirstBurstLength", "4096", PARAM_OK);
	offer(&round, "ImmediateData", "No", PARAM_OK);
	offer(&round, "InitialR2T", "Yes", PARAM_OK);
	param_answer(&round, &out);
	assert_string_equal(buf + sizeof("InitialR2T=Yes") + sizeof("ImmediateData=No"),
		"FirstBurstLength=Irrelevant");
	assert_int_equal(params.v[PARAM_FirstBurstLength], 65536);
}

static void
test_first_burst_within_max_burst(void **state)
{
	struct params params;
	struct param_round round;
	char buf[256];
	struct text_out out = {.buf = buf, .cap = sizeof(buf)};

	params_default(&params);
	param_begin(&round, &params, PHASE_OPERATIONAL);
	offer(&round, "FirstBurstLength", "65536", PARAM_OK);
	offer(&round, "MaxBurstLength", "16384", PARAM_OK);
	param_answer(&round, &out);
	assert_int_equal(params.v[PARAM_FirstBurstLength], 16384);
}

static void
test_repeated(void **state)
{
	struct params params;
	struct param_round round;
	char buf[256];
	struct text_out out = {.buf = buf, .cap = sizeof(buf)};

	params_default(&params);
	param_begin(&round, &params, PHASE_OPERATIONAL);
	offer(&round, "InitialR2T", "No", PARAM_OK);
	offer(&round, "InitialR2T", "No", PARAM_REPEATED);
	param_answer(&round, &out);
	param_next(&round);
	offer(&round, "InitialR2T", "No", PARAM_REPEATED);
}

static void
test_unknown(void **state)
{
	struct params params;
	struct param_round round;
	char buf[256];
	struct text_out out = {.buf = buf, .cap = sizeof(buf)};

	params_default(&params);
	param_begin(&round, &params, PHASE_OPERATIONAL);
	offer(&round, "X-com.example.speed", "9", PARAM_UNKNOWN);
	param_answer(&round, &out);
	assert_string_equal(buf, "X-com.example.speed=NotUnderstood");
	param_next(&round);
	for (int i = 0; i < PARAM_UNKNOWN_MAX; i++)
		offer(&round, "Y", "9", PARAM_UNKNOWN);
	offer(&round, "Y", "9", PARAM_REPEATED); /* more than the limit */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_table_is_whole),
		cmocka_unit_test(test_first_burst_irrelevant),
		cmocka_unit_test(test_first_burst_within_max_burst),
		cmocka_unit_test(test_repeated),
		cmocka_unit_test(test_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
