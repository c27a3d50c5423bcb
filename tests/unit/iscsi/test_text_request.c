/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Discovery, and text requests in full feature phase.
 */
#include "tests/unit/iscsi/peer.h"

static struct peer p;

static void
discovery_session(const char *keys, size_t len)
{
	char all[1024] = "InitiatorName=" INITIATOR_NAME "\0SessionType=Discovery\0";
	size_t n = sizeof("InitiatorName=" INITIATOR_NAME "\0SessionType=Discovery");

	memcpy(all + n, keys, len);
	peer_connect(&p);
	assert_int_equal(
		peer_login_step(&p, LOGIN_OPERATIONAL_TO_FULL, all, n + len), LOGIN_SUCCESS);
	assert_string_equal(peer_answer(&p, "TargetPortalGroupTag"), "");
}

static void
send_text(uint8_t flags, uint32_t ttt, const char *keys, size_t len)
{
	uint8_t bhs[BHS_LEN];

	peer_header(&p, bhs, OP_TEXT_REQUEST, flags);
	put_be32(bhs + BHS_TTT, ttt);
	put_be32(bhs + BHS_CMD_SN, p.cmd_sn++);
	assert_true(peer_send(&p, bhs, keys, (uint32_t)len));
}

static void
ask(const char *keys, size_t len)
{
	send_text(BHS_FINAL, TAG_NONE, keys, len);
	peer_expect(&p, OP_TEXT_RESPONSE);
	assert_int_equal(p.bhs[BHS_FLAGS], BHS_FINAL);
	assert_int_equal(get_be32(p.bhs + BHS_TTT), TAG_NONE);
	assert_int_equal(get_be32(p.bhs + BHS_ITT), p.itt);
}

static void
assert_target_told(void)
{
	char address[64];

	snprintf(address, sizeof(address), "127.0.0.1:%u,1", target_port);
	assert_string_equal(peer_answer(&p, "TargetName"), TARGET_NAME);
	assert_string_equal(peer_answer(&p, "TargetAddress"), address);
}

static void
test_send_targets(void **state)
{
	discovery_session(KEYS(""));
	ask(KEYS("SendTargets=All"));
	assert_target_told();
	ask(KEYS("SendTargets=" TARGET_NAME));
	assert_target_told();
	ask(KEYS("SendTargets=iqn.other"));
	assert_int_equal(p.data_len, 0);
	ask(KEYS("SendTargets=")); /* the target of this session, which has none */
	assert_string_equal(peer_answer(&p, "SendTargets"), "Reject");
	peer_close(&p);
}

static void
test_in_normal_session(void **state)
{
	peer_session(&p, KEYS(""));
	ask(KEYS("SendTargets="));
	assert_target_told();
	ask(KEYS("SendTargets=All"));
	assert_string_equal(peer_answer(&p, "SendTargets"), "Reject");
	assert_string_equal(peer_answer(&p, "TargetName"), "");
	ask(KEYS("HeaderDigest=CRC32C\0Odd=1\0MaxRecvDataSegmentLength=1024"));
	assert_string_equal(peer_answer(&p, "HeaderDigest"), "Reject");
	assert_string_equal(peer_answer(&p, "Odd"), "NotUnderstood");
	peer_close(&p);
}

/* A new MaxRecvDataSegmentLength takes effect at once. */
static void
test_length_changed(void **state)
{
	uint8_t cdb[16];
	struct outcome o;

	peer_session(&p, KEYS(""));
	ask(KEYS("MaxRecvDataSegmentLength=1024"));
	cdb_rw10(cdb, 0x28, 0, 2);
	o = peer_run(&p, READS, 0, 2 * DUMMY_BLOCK, cdb, NULL, 0);
	assert_int_equal(o.pdus, 4);
	free(o.data);
	peer_close(&p);
}

/* A request in several PDUs. */
static void
test_long_request(void **state)
{
	discovery_session(KEYS(""));
	send_text(TEXT_CONTINUE, TAG_NONE, "SendTarg", 8);
	peer_expect(&p, OP_TEXT_RESPONSE);
	assert_int_equal(p.bhs[BHS_FLAGS], 0);
	assert_int_equal(p.data_len, 0);
	send_text(BHS_FINAL, get_be32(p.bhs + BHS_TTT), KEYS("ets=All"));
	peer_expect(&p, OP_TEXT_RESPONSE);
	assert_target_told();
	peer_close(&p);
}

/* The initiator may take its time: the NOP-In shows that the connection has become idle before. */
static void
test_slow_request(void **state)
{
	struct iscsi_limits was = iscsi_limits, brief = was;

	brief.idle_ms = 1;
	brief.ping_ms = 30;
	restart_target(&brief);
	discovery_session(KEYS(""));
	send_text(TEXT_CONTINUE, TAG_NONE, "SendTarg", 8);
	peer_expect(&p, OP_TEXT_RESPONSE);
	uint32_t ttt = get_be32(p.bhs + BHS_TTT);
	peer_expect(&p, OP_NOP_IN);
	send_text(BHS_FINAL, ttt, KEYS("ets=All"));
	peer_expect(&p, OP_TEXT_RESPONSE);
	assert_target_told();
	peer_close(&p);
	restart_target(&was);
}

/* An answer in several PDUs: unknown keys make it longer than 512 bytes. */
static void
test_long_answer(void **state)
{
	char keys[1024], got[2048];
	size_t len = 0, n = 0;

	discovery_session(KEYS("MaxRecvDataSegmentLength=512"));
	for (int i = 0; i < 16; i++)
		len += (size_t)sprintf(keys + len, "X-a-rather-long-key-number-%d=1", i) + 1;
	send_text(BHS_FINAL, TAG_NONE, keys, len);
	peer_expect(&p, OP_TEXT_RESPONSE);
	while (p.bhs[BHS_FLAGS] & TEXT_CONTINUE) {
		assert_int_equal(p.bhs[BHS_FLAGS], TEXT_CONTINUE);
		assert_int_equal(p.data_len, 512);
		memcpy(got + n, p.data, p.data_len);
		n += p.data_len;
		send_text(BHS_FINAL, get_be32(p.bhs + BHS_TTT), NULL, 0);
		peer_expect(&p, OP_TEXT_RESPONSE);
	}
	assert_int_equal(p.bhs[BHS_FLAGS], BHS_FINAL);
	memcpy(got + n, p.data, p.data_len);
	n += p.data_len;
	for (int i = 0; i < 16; i++) {
		char want[80];

		sprintf(want, "X-a-rather-long-key-number-%d=NotUnderstood", i);
		assert_non_null(memmem(got, n, want, strlen(want) + 1));
	}
	peer_close(&p);
}

static void
assert_rejected(enum reject_reason reason)
{
	peer_expect(&p, OP_REJECT);
	assert_int_equal(p.bhs[REJECT_REASON], reason);
	assert_int_equal(p.data_len, BHS_LEN);
	assert_int_equal(p.data[0] & BHS_OPCODE_MASK, OP_TEXT_REQUEST);
}

static void
test_refused(void **state)
{
	static char much[8192];

	discovery_session(KEYS(""));
	send_text(BHS_FINAL, 0x1234, KEYS("SendTargets=All"));
	assert_rejected(REJECT_INVALID_FIELD);
	send_text(BHS_FINAL, TAG_NONE, "no list", 8);
	assert_rejected(REJECT_PROTOCOL);
	send_text(BHS_FINAL, TAG_NONE, KEYS("SendTargets=All\0SendTargets=All"));
	assert_rejected(REJECT_PROTOCOL);
	send_text(TEXT_CONTINUE, TAG_NONE, much, sizeof(much));
	peer_expect(&p, OP_TEXT_RESPONSE);
	send_text(TEXT_CONTINUE, get_be32(p.bhs + BHS_TTT), much, 4);
	assert_rejected(REJECT_NO_RESOURCES);
	ask(KEYS("SendTargets=All"));
	assert_target_told();
	send_text(BHS_FINAL | TEXT_CONTINUE, TAG_NONE, NULL, 0);
	assert_rejected(REJECT_PROTOCOL);
	peer_expect_closed(&p);
	peer_close(&p);
}

/* A discovery session allows only text and logout (RFC 7143 13.21). */
static void
test_no_commands(void **state)
{
	static const uint8_t cdb[16];

	discovery_session(KEYS(""));
	peer_command(&p, NO_DATA, 0, 0, cdb, NULL, 0);
	peer_expect(&p, OP_REJECT);
	peer_expect_closed(&p);
	peer_close(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_send_targets),
		cmocka_unit_test(test_in_normal_session),
		cmocka_unit_test(test_length_changed),
		cmocka_unit_test(test_long_request),
		cmocka_unit_test(test_slow_request),
		cmocka_unit_test(test_long_answer),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_no_commands),
	};

	return cmocka_run_group_tests(tests, setup_target, teardown_target);
}
