/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Login: the requests that succeed, and the status class and detail of those that fail (RFC 7143 11.13.5).
 */
#include "tests/unit/iscsi/peer.h"

static struct peer p, q;

enum {
	SECURITY_ONLY = STAGE_SECURITY << LOGIN_CSG_SHIFT,
	SECURITY_TO_OPERATIONAL = LOGIN_TRANSIT | SECURITY_ONLY | STAGE_OPERATIONAL,
	SECURITY_TO_FULL = LOGIN_TRANSIT | SECURITY_ONLY | STAGE_FULL_FEATURE,
	OPERATIONAL_ONLY = STAGE_OPERATIONAL << LOGIN_CSG_SHIFT,
};

static void
test_two_stages(void **state)
{
	peer_connect(&p);
	assert_int_equal(peer_login_step(&p, SECURITY_TO_OPERATIONAL,
				 KEYS(NAMES "SessionType=Normal\0AuthMethod=CHAP,None")),
		LOGIN_SUCCESS);
	assert_int_equal(p.bhs[BHS_FLAGS], SECURITY_TO_OPERATIONAL);
	assert_string_equal(peer_answer(&p, "AuthMethod"), "None");
	assert_string_equal(peer_answer(&p, "TargetPortalGroupTag"), "1");
	assert_int_equal(get_be32(p.bhs + BHS_STAT_SN), 7);
	assert_int_equal(get_be32(p.bhs + BHS_EXP_CMD_SN), p.cmd_sn);
	assert_int_equal(get_be32(p.bhs + BHS_MAX_CMD_SN), p.cmd_sn + COMMAND_WINDOW - 1);
	assert_int_equal(get_be16(p.bhs + LOGIN_TSIH), 0);
	assert_int_equal(peer_login_step(&p, OPERATIONAL_ONLY,
				 KEYS("HeaderDigest=None\0MaxRecvDataSegmentLength=65536")),
		LOGIN_SUCCESS);
	assert_int_equal(p.bhs[BHS_FLAGS], OPERATIONAL_ONLY);
	assert_string_equal(peer_answer(&p, "HeaderDigest"), "None");
	assert_string_equal(peer_answer(&p, "MaxRecvDataSegmentLength"), "262144");
	assert_string_equal(peer_answer(&p, "TargetPortalGroupTag"), "");
	assert_int_equal(
		peer_login_step(&p, LOGIN_OPERATIONAL_TO_FULL, KEYS("ImmediateData=Yes\0X-a=b")),
		LOGIN_SUCCESS);
	assert_string_equal(peer_answer(&p, "MaxRecvDataSegmentLength"), "");
	assert_string_equal(peer_answer(&p, "X-a"), "NotUnderstood");
	assert_int_not_equal(get_be16(p.bhs + LOGIN_TSIH), 0);
	peer_ready(&p, 0);
	peer_close(&p);
}

static void
test_security_to_full(void **state)
{
	peer_connect(&p);
	assert_int_equal(peer_login_step(&p, SECURITY_TO_FULL, KEYS(NAMES)), LOGIN_SUCCESS);
	assert_int_equal(p.bhs[BHS_FLAGS], SECURITY_TO_FULL);
	peer_ready(&p, 0);
	peer_close(&p);
}

/* Keys in several PDUs with the C bit, split inside a key. */
static void
test_keys_split_over_pdus(void **state)
{
	static const char keys[] = NAMES "SessionType=Normal\0ImmediateData=No\0InitialR2T=Yes";

	peer_connect(&p);
	for (size_t at = 0; at + 1 < sizeof(keys); at++) {
		if (at % 40 != 0)
			continue;
		if (sizeof(keys) - at <= 40) {
			assert_int_equal(peer_login_step(&p, LOGIN_OPERATIONAL_TO_FULL, keys + at,
						 sizeof(keys) - at),
				LOGIN_SUCCESS);
			break;
		}
		assert_int_equal(
			peer_login_step(&p, OPERATIONAL_ONLY | LOGIN_CONTINUE, keys + at, 40),
			LOGIN_SUCCESS);
		assert_int_equal(p.bhs[BHS_FLAGS], OPERATIONAL_ONLY);
		assert_int_equal(p.data_len, 0);
	}
	assert_string_equal(peer_answer(&p, "ImmediateData"), "No");
	peer_ready(&p, 0);
	peer_close(&p);
}

static const struct refusal {
	uint8_t flags;
	const char *keys;
	size_t len;
	unsigned status;
} refusals[] = {
	{LOGIN_OPERATIONAL_TO_FULL, KEYS("TargetName=" TARGET_NAME), LOGIN_MISSING_PARAMETER},
	{LOGIN_OPERATIONAL_TO_FULL, KEYS("InitiatorName=" INITIATOR_NAME), LOGIN_MISSING_PARAMETER},
	{LOGIN_OPERATIONAL_TO_FULL, KEYS("InitiatorName=iqn.x\0TargetName=iqn.other"),
		LOGIN_NOT_FOUND},
	{LOGIN_OPERATIONAL_TO_FULL, KEYS(NAMES "SessionType=Odd"), LOGIN_BAD_SESSION_TYPE},
	{LOGIN_OPERATIONAL_TO_FULL, KEYS("InitiatorName=a b\0TargetName=" TARGET_NAME),
		LOGIN_INITIATOR_ERROR},
	{LOGIN_OPERATIONAL_TO_FULL, KEYS("InitiatorName=a\nb\0TargetName=" TARGET_NAME),
		LOGIN_INITIATOR_ERROR},
	{LOGIN_OPERATIONAL_TO_FULL, KEYS("InitiatorName=\0TargetName=" TARGET_NAME),
		LOGIN_INITIATOR_ERROR},
	{SECURITY_TO_FULL, KEYS(NAMES "AuthMethod=CHAP"), LOGIN_AUTH_FAILED},
	{SECURITY_TO_FULL, KEYS(NAMES "AuthMethod="), LOGIN_AUTH_FAILED},
	{LOGIN_OPERATIONAL_TO_FULL, KEYS(NAMES "AuthMethod=None"), LOGIN_INITIATOR_ERROR},
	{LOGIN_OPERATIONAL_TO_FULL, KEYS(NAMES "InitialR2T=maybe"), LOGIN_INITIATOR_ERROR},
	{LOGIN_OPERATIONAL_TO_FULL, KEYS(NAMES "MaxBurstLength=1"), LOGIN_INITIATOR_ERROR},
	{LOGIN_OPERATIONAL_TO_FULL, KEYS(NAMES "HeaderDigest=MD5"), LOGIN_INITIATOR_ERROR},
	{LOGIN_OPERATIONAL_TO_FULL, KEYS(NAMES "SendTargets=All"), LOGIN_INITIATOR_ERROR},
	{LOGIN_OPERATIONAL_TO_FULL, KEYS(NAMES "TargetAlias=x"), LOGIN_INITIATOR_ERROR},
	{LOGIN_OPERATIONAL_TO_FULL, KEYS(NAMES "InitialR2T=No\0InitialR2T=No"),
		LOGIN_INITIATOR_ERROR},
	{LOGIN_OPERATIONAL_TO_FULL, KEYS(NAMES "rubbish"), LOGIN_INITIATOR_ERROR},
	{LOGIN_OPERATIONAL_TO_FULL, KEYS(NAMES "=x"), LOGIN_INITIATOR_ERROR},
	/* Stages: 2 is reserved, full feature (3) is not a current stage, and a stage cannot go back. */
	{LOGIN_TRANSIT | 2 << LOGIN_CSG_SHIFT | 3, KEYS(NAMES), LOGIN_INITIATOR_ERROR},
	{LOGIN_TRANSIT | 3 << LOGIN_CSG_SHIFT | 3, KEYS(NAMES), LOGIN_INITIATOR_ERROR},
	{LOGIN_TRANSIT | SECURITY_ONLY | 2, KEYS(NAMES), LOGIN_INITIATOR_ERROR},
	{LOGIN_TRANSIT | SECURITY_ONLY, KEYS(NAMES), LOGIN_INITIATOR_ERROR},
	{LOGIN_TRANSIT | OPERATIONAL_ONLY | 1, KEYS(NAMES), LOGIN_INITIATOR_ERROR},
	{LOGIN_OPERATIONAL_TO_FULL | LOGIN_CONTINUE, KEYS(NAMES), LOGIN_INITIATOR_ERROR},
};

static void
test_refusals(void **state)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const struct refusal *r = &refusals[i];

		peer_connect(&p);
		assert_int_equal(peer_login_step(&p, r->flags, r->keys, r->len), r->status);
		assert_false(p.bhs[BHS_FLAGS] & LOGIN_TRANSIT);
		peer_expect_closed(&p);
		peer_close(&p);
	}
}

static void
test_version(void **state)
{
	uint8_t bhs[BHS_LEN];

	peer_connect(&p);
	peer_header(&p, bhs, OP_LOGIN_REQUEST | BHS_IMMEDIATE, LOGIN_OPERATIONAL_TO_FULL);
	bhs[LOGIN_VERSION_MAX] = 2;
	bhs[LOGIN_VERSION_MIN] = 1;
	peer_send(&p, bhs, KEYS(NAMES));
	peer_expect(&p, OP_LOGIN_RESPONSE);
	assert_int_equal(get_be16(p.bhs + LOGIN_STATUS), LOGIN_BAD_VERSION);
	peer_expect_closed(&p);
	peer_close(&p);
}

/* A connection that does not begin with a login gets no answer (RFC 7143 6.3). */
static void
test_no_login(void **state)
{
	uint8_t bhs[BHS_LEN];

	peer_connect(&p);
	peer_send(&p, peer_header(&p, bhs, OP_NOP_OUT | BHS_IMMEDIATE, BHS_FINAL), NULL, 0);
	assert_false(peer_recv(&p));
	peer_close(&p);
}

static void
test_other_pdu_during_login(void **state)
{
	uint8_t bhs[BHS_LEN];

	peer_connect(&p);
	assert_int_equal(peer_login_step(&p, OPERATIONAL_ONLY, KEYS(NAMES)), LOGIN_SUCCESS);
	peer_send(&p, peer_header(&p, bhs, OP_TEXT_REQUEST, BHS_FINAL), NULL, 0);
	peer_expect(&p, OP_LOGIN_RESPONSE);
	assert_int_equal(get_be16(p.bhs + LOGIN_STATUS), LOGIN_INVALID_DURING);
	peer_expect_closed(&p);
	peer_close(&p);
}

/* The first request sets the type of the session (6.3). */
static void
test_type_is_set_once(void **state)
{
	peer_connect(&p);
	assert_int_equal(peer_login_step(&p, OPERATIONAL_ONLY, KEYS(NAMES)), LOGIN_SUCCESS);
	assert_int_equal(
		peer_login_step(&p, LOGIN_OPERATIONAL_TO_FULL, KEYS("SessionType=Discovery")),
		LOGIN_INITIATOR_ERROR);
	peer_expect_closed(&p);
	peer_close(&p);

	peer_connect(&p);
	assert_int_equal(peer_login_step(&p, OPERATIONAL_ONLY, KEYS(NAMES)), LOGIN_SUCCESS);
	assert_int_equal(peer_login_step(&p, LOGIN_OPERATIONAL_TO_FULL, KEYS("SessionType=Normal")),
		LOGIN_SUCCESS);
	peer_close(&p);
}

/* Tag, ISID, TSIH and CID must stay the same during a login. The numbers of requests, of bytes of text and
 * of PDUs are limited. */
static void
test_limits(void **state)
{
	static char text[9000];
	unsigned n = 0;

	peer_connect(&p);
	assert_int_equal(peer_login_step(&p, OPERATIONAL_ONLY, KEYS(NAMES)), LOGIN_SUCCESS);
	p.itt++;
	assert_int_equal(peer_login_step(&p, OPERATIONAL_ONLY, NULL, 0), LOGIN_INITIATOR_ERROR);
	peer_close(&p);

	peer_connect(&p);
	assert_int_equal(peer_login_step(&p, OPERATIONAL_ONLY, KEYS(NAMES)), LOGIN_SUCCESS);
	while (peer_login_step(&p, OPERATIONAL_ONLY, NULL, 0) == LOGIN_SUCCESS)
		assert_true(++n < 100);
	assert_true(n > 5);
	peer_close(&p);

	peer_connect(&p);
	assert_int_equal(peer_login_step(&p, OPERATIONAL_ONLY, text, 8196), LOGIN_INITIATOR_ERROR);
	peer_close(&p);

	peer_connect(&p);
	assert_int_equal(
		peer_login_step(&p, OPERATIONAL_ONLY | LOGIN_CONTINUE, text, 8192), LOGIN_SUCCESS);
	assert_int_equal(
		peer_login_step(&p, OPERATIONAL_ONLY | LOGIN_CONTINUE, text, 8192), LOGIN_SUCCESS);
	assert_int_equal(peer_login_step(&p, OPERATIONAL_ONLY | LOGIN_CONTINUE, text, 8192),
		LOGIN_INITIATOR_ERROR);
	peer_expect_closed(&p);
	peer_close(&p);
}

static void
login_with_tsih(struct peer *peer, uint16_t tsih, uint16_t cid, unsigned status)
{
	uint8_t bhs[BHS_LEN];

	peer_connect(peer);
	peer_header(peer, bhs, OP_LOGIN_REQUEST | BHS_IMMEDIATE, LOGIN_OPERATIONAL_TO_FULL);
	bhs[LOGIN_ISID] = 0x80;
	bhs[LOGIN_ISID + 5] = peer->isid;
	put_be16(bhs + LOGIN_TSIH, tsih);
	put_be16(bhs + LOGIN_CID, cid);
	peer_send(peer, bhs, KEYS(NAMES));
	peer_expect(peer, OP_LOGIN_RESPONSE);
	assert_int_equal(get_be16(peer->bhs + LOGIN_STATUS), status);
	peer_close(peer);
}

/* A session has one connection; another one cannot join it. */
static void
test_a_session_has_one_connection(void **state)
{
	uint16_t tsih;

	peer_login(&p, KEYS(""));
	tsih = get_be16(p.bhs + LOGIN_TSIH);
	login_with_tsih(&q, tsih, 0, LOGIN_CANNOT_INCLUDE);
	login_with_tsih(&q, tsih, 1, LOGIN_TOO_MANY_CONNECTIONS);
	login_with_tsih(&q, (uint16_t)(tsih + 1), 0, LOGIN_NO_SESSION);
	peer_ready(&p, 0); /* the session is not disturbed */
	peer_close(&p);
}

/* A login with the same initiator port replaces the older session, any number of times (RFC 7143 6.3.5). */
static void
test_reinstatement(void **state)
{
	char text[1024];

	peer_session(&p, KEYS(""));
	for (int i = 0; i < 5; i++) {
		peer_login(&q, KEYS(""));
		assert_false(peer_recv(&p));
		peer_close(&p);
		peer_ready(&q, 0);
		p = q;
	}
	iscsi_sessions_text(target, text, sizeof(text));
	assert_non_null(strstr(text, INITIATOR_NAME " 127.0.0.1:"));
	assert_null(strchr(strchr(text, '\n') + 1, '\n')); /* one line only */
	peer_close(&p);
}

/* A login replaces a session whose command still runs on another thread. The command ends; its result is
 * dropped. */
static void
test_reinstatement_with_task(void **state)
{
	uint8_t cdb[16] = {0xc0};
	struct iscsi_limits was = iscsi_limits, brief = was;

	brief.reinstate_ms = 1000;
	restart_target(&brief);
	peer_session(&p, KEYS(""));
	peer_command(&p, READS, 0, DUMMY_BLOCK, cdb, NULL, 0);
	peer_login(&q, KEYS(""));
	peer_ready(&q, 1);
	assert_false(peer_recv(&p));
	sem_post(&dummy.gate);
	peer_ready(&q, 0);
	peer_close(&p);
	peer_close(&q);
	restart_target(&was);
}

/* The session callback reports the begin and the end of each session, in that order. */
static void
test_sessions_are_reported(void **state)
{
	static const struct iscsi_limits *limits = &iscsi_limits;
	const char *begin, *end;

	told[0] = '\0';
	peer_session(&p, KEYS(""));
	peer_close(&p);
	restart_target(limits); /* waits until all sessions ended */
	begin = strstr(told, "+" INITIATOR_NAME " 127.0.0.1:");
	end = strstr(told, "-" INITIATOR_NAME " 127.0.0.1:");
	assert_ptr_equal(begin, told);
	assert_non_null(end);
	assert_true(end > begin);
	assert_null(strchr(strchr(end, '\n') + 1, '\n'));
}

/* Another ISID makes another session. */
static void
test_two_sessions(void **state)
{
	peer_session(&p, KEYS(""));
	peer_connect(&q);
	q.isid = 2;
	assert_int_equal(
		peer_login_step(&q, LOGIN_OPERATIONAL_TO_FULL, KEYS(NAMES)), LOGIN_SUCCESS);
	peer_ready(&q, 0);
	peer_ready(&q, 1);
	assert_serves(); /* this session replaces that of p */
	assert_false(peer_recv(&p));
	peer_close(&p);
	peer_close(&q);
}

static void
test_time_to_log_in(void **state)
{
	struct iscsi_limits was = iscsi_limits, brief = was;

	brief.login_ms = 200;
	restart_target(&brief);
	peer_connect(&p);
	assert_false(peer_recv(&p));
	peer_close(&p);
	restart_target(&was);
}

static void
test_too_many_logins(void **state)
{
	struct iscsi_limits was = iscsi_limits, few = was;
	struct peer *peers[4];

	few.logins = 3;
	restart_target(&few);
	for (int i = 0; i < 4; i++) {
		peers[i] = malloc(sizeof(*peers[i]));
		peer_connect(peers[i]);
		if (i < 3)
			assert_int_equal(peer_login_step(peers[i], OPERATIONAL_ONLY, KEYS(NAMES)),
				LOGIN_SUCCESS);
	}
	/* The newcomer takes the place of the one that was silent the longest. */
	assert_false(peer_recv(peers[0]));
	peer_close(peers[0]);
	assert_int_equal(peer_login_step(peers[3], OPERATIONAL_ONLY, KEYS(NAMES)), LOGIN_SUCCESS);
	for (int i = 1; i < 4; i++)
		assert_int_equal(peer_login_step(peers[i], LOGIN_OPERATIONAL_TO_FULL, NULL, 0),
			LOGIN_SUCCESS);
	for (int i = 0; i < 4; i++) {
		if (i > 0)
			peer_close(peers[i]);
		free(peers[i]);
	}
	assert_serves();
	restart_target(&was);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_stages),
		cmocka_unit_test(test_security_to_full),
		cmocka_unit_test(test_keys_split_over_pdus),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_no_login),
		cmocka_unit_test(test_other_pdu_during_login),
		cmocka_unit_test(test_type_is_set_once),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_a_session_has_one_connection),
		cmocka_unit_test(test_reinstatement),
		cmocka_unit_test(test_reinstatement_with_task),
		cmocka_unit_test(test_sessions_are_reported),
		cmocka_unit_test(test_two_sessions),
		cmocka_unit_test(test_time_to_log_in),
		cmocka_unit_test(test_too_many_logins),
	};

	return cmocka_run_group_tests(tests, setup_target, teardown_target);
}
