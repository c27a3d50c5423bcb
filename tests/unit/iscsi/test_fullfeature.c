/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Full feature phase without data transfer: numbers, NOP, logout, refusals, digests, timeouts.
 */
#include "tests/unit/iscsi/peer.h"

static struct peer p;

static void
send_nop(uint8_t immediate, uint32_t itt, const void *data, uint32_t n)
{
	uint8_t bhs[BHS_LEN];

	peer_header(&p, bhs, OP_NOP_OUT | immediate, BHS_FINAL);
	put_be32(bhs + BHS_ITT, itt);
	put_be32(bhs + BHS_TTT, TAG_NONE);
	put_be32(bhs + BHS_CMD_SN, p.cmd_sn);
	if (!immediate)
		p.cmd_sn++;
	assert_true(peer_send(&p, bhs, data, n));
}

static void
expect_nop_in(uint32_t itt, uint32_t data_len)
{
	peer_expect(&p, OP_NOP_IN);
	assert_int_equal(p.bhs[BHS_FLAGS], BHS_FINAL);
	assert_int_equal(get_be32(p.bhs + BHS_ITT), itt);
	assert_int_equal(get_be32(p.bhs + BHS_TTT), TAG_NONE);
	assert_int_equal(p.data_len, data_len);
}

static void
test_nop(void **state)
{
	static uint8_t data[262144];
	uint32_t stat_sn;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i ^ i >> 8);
	peer_session(&p, KEYS("MaxRecvDataSegmentLength=65536"));
	send_nop(0, 5, NULL, 0);
	expect_nop_in(5, 0);
	stat_sn = get_be32(p.bhs + BHS_STAT_SN);
	assert_int_equal(get_be32(p.bhs + BHS_EXP_CMD_SN), p.cmd_sn);
	assert_int_equal(get_be32(p.bhs + BHS_MAX_CMD_SN), p.cmd_sn + COMMAND_WINDOW - 1);
	send_nop(BHS_IMMEDIATE, 6, data, 5);
	expect_nop_in(6, 5);
	assert_memory_equal(p.data, data, 5);
	assert_int_equal(get_be32(p.bhs + BHS_STAT_SN), stat_sn + 1);
	send_nop(0, 7, data, sizeof(data)); /* the longest data that is echoed */
	expect_nop_in(7, 65536);
	assert_memory_equal(p.data, data, 65536);
	send_nop(BHS_IMMEDIATE, TAG_NONE, data, 100); /* wants no answer */
	send_nop(0, 8, NULL, 0);
	expect_nop_in(8, 0);
	assert_int_equal(get_be32(p.bhs + BHS_STAT_SN), stat_sn + 3);
	send_nop(0, TAG_NONE, NULL, 0); /* must be immediate (RFC 7143 11.18.1) */
	peer_expect(&p, OP_REJECT);
	peer_expect_closed(&p);
	peer_close(&p);
}

/* Commands before or after the window are ignored, with their data. */
static void
test_window(void **state)
{
	static const uint8_t data[1000];
	uint32_t good;

	peer_session(&p, KEYS(""));
	good = p.cmd_sn;
	p.cmd_sn = good - 1;
	send_nop(0, 1, data, sizeof(data));
	p.cmd_sn = good + COMMAND_WINDOW;
	send_nop(0, 2, data, sizeof(data));
	p.cmd_sn = good + 0x80000000u;
	send_nop(0, 3, NULL, 0);
	p.cmd_sn = good;
	send_nop(0, 4, NULL, 0);
	expect_nop_in(4, 0);
	/* A number within the window, but not the next one. */
	p.cmd_sn++;
	send_nop(0, 5, NULL, 0);
	peer_expect(&p, OP_REJECT);
	assert_int_equal(p.bhs[REJECT_REASON], REJECT_PROTOCOL);
	peer_expect_closed(&p);
	peer_close(&p);
}

/* The window closes while commands run, and opens again when their answers are sent. */
static void
test_window_closes(void **state)
{
	uint8_t slow[16] = {0xc0}, cdb[16];
	uint32_t max;
	struct outcome o;

	peer_session(&p, KEYS(""));
	max = p.cmd_sn + COMMAND_WINDOW - 1;
	for (int i = 0; i < COMMAND_WINDOW; i++) {
		peer_command(&p, READS, 0, DUMMY_BLOCK, slow, NULL, 0);
		send_nop(BHS_IMMEDIATE, 1000, NULL, 0);
		expect_nop_in(1000, 0);
		assert_int_equal(get_be32(p.bhs + BHS_EXP_CMD_SN), p.cmd_sn);
		assert_int_equal(get_be32(p.bhs + BHS_MAX_CMD_SN), max);
	}
	assert_int_equal(p.cmd_sn, max + 1);
	send_nop(0, 1001, NULL, 0); /* outside the window: ignored */
	p.cmd_sn--;
	send_nop(BHS_IMMEDIATE, 1002, NULL, 0);
	expect_nop_in(1002, 0);
	for (int i = 0; i < COMMAND_WINDOW; i++) {
		sem_post(&dummy.gate);
		peer_expect(&p, OP_DATA_IN);
		assert_int_equal(get_be32(p.bhs + BHS_MAX_CMD_SN), ++max);
	}
	cdb_rw10(cdb, 0x28, 0, 1);
	o = peer_run(&p, READS, 0, DUMMY_BLOCK, cdb, NULL, 0);
	assert_int_equal(o.status, SCSI_GOOD);
	free(o.data);
	peer_close(&p);
}

/* Immediate commands have their own limit. */
static void
test_immediate_commands(void **state)
{
	uint8_t slow[16] = {0xc0};

	peer_session(&p, KEYS(""));
	for (int i = 0; i <= IMMEDIATE_MAX; i++) {
		uint8_t bhs[BHS_LEN];

		peer_command_header(&p, bhs, READS, 0, DUMMY_BLOCK, slow);
		p.cmd_sn--;
		bhs[BHS_OPCODE] |= BHS_IMMEDIATE;
		peer_send(&p, bhs, NULL, 0);
	}
	peer_expect(&p, OP_REJECT);
	assert_int_equal(p.bhs[REJECT_REASON], REJECT_IMMEDIATE);
	for (int i = 0; i < IMMEDIATE_MAX; i++) {
		sem_post(&dummy.gate);
		peer_expect(&p, OP_DATA_IN);
	}
	peer_close(&p);
}

static uint8_t
log_out(uint8_t reason, uint16_t cid)
{
	uint8_t bhs[BHS_LEN];

	peer_header(&p, bhs, OP_LOGOUT_REQUEST | BHS_IMMEDIATE, BHS_FINAL | reason);
	put_be16(bhs + LOGOUT_CID, cid);
	put_be32(bhs + BHS_CMD_SN, p.cmd_sn);
	peer_send(&p, bhs, NULL, 0);
	peer_expect(&p, OP_LOGOUT_RESPONSE);
	assert_int_equal(get_be32(p.bhs + BHS_ITT), p.itt);
	return p.bhs[LOGOUT_RESPONSE];
}

static void
test_logout(void **state)
{
	peer_session(&p, KEYS(""));
	assert_int_equal(log_out(LOGOUT_RECOVERY, 0), LOGOUT_NO_RECOVERY);
	assert_int_equal(log_out(LOGOUT_CLOSE_CONNECTION, 1), LOGOUT_NO_CID);
	assert_int_equal(log_out(9, 0), LOGOUT_FAILED);
	assert_int_equal(log_out(LOGOUT_CLOSE_CONNECTION, 0), LOGOUT_DONE);
	assert_false(peer_recv(&p));
	peer_close(&p);
	peer_session(&p, KEYS(""));
	assert_int_equal(log_out(LOGOUT_CLOSE_SESSION, 0), LOGOUT_DONE);
	assert_false(peer_recv(&p));
	peer_close(&p);
}

/* A logout while a command runs drops the command with the session. */
static void
test_logout_with_task(void **state)
{
	uint8_t slow[16] = {0xc0};

	peer_session(&p, KEYS(""));
	peer_command(&p, READS, 0, DUMMY_BLOCK, slow, NULL, 0);
	assert_int_equal(log_out(LOGOUT_CLOSE_SESSION, 0), LOGOUT_DONE);
	assert_false(peer_recv(&p));
	sem_post(&dummy.gate);
	peer_close(&p);
	assert_serves();
}

static void
send_opcode(uint8_t opcode)
{
	uint8_t bhs[BHS_LEN];

	peer_header(&p, bhs, opcode, BHS_FINAL);
	put_be32(bhs + BHS_CMD_SN, p.cmd_sn);
	assert_true(peer_send(&p, bhs, "12345", 5));
}

static void
test_refused(void **state)
{
	static const struct {
		uint8_t opcode, reason;
	} rows[] = {
		{OP_SNACK_REQUEST, REJECT_SNACK},
		{0x1c, REJECT_NOT_SUPPORTED},
		{0x07, REJECT_NOT_SUPPORTED},
		{OP_NOP_IN, REJECT_NOT_SUPPORTED},
		{OP_REJECT, REJECT_NOT_SUPPORTED},
	};

	peer_session(&p, KEYS(""));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		send_opcode(rows[i].opcode);
		peer_expect(&p, OP_REJECT);
		assert_int_equal(p.bhs[REJECT_REASON], rows[i].reason);
		assert_int_equal(p.data_len, BHS_LEN);
		assert_int_equal(p.data[0], rows[i].opcode);
		assert_int_equal(get_be32(p.bhs + BHS_ITT), TAG_NONE);
	}
	send_opcode(OP_LOGIN_REQUEST);
	peer_expect(&p, OP_REJECT);
	assert_int_equal(p.bhs[REJECT_REASON], REJECT_PROTOCOL);
	peer_expect_closed(&p);
	peer_close(&p);
}

/* A CDB longer than 16 bytes and bidirectional commands end with sense; the session continues. */
static void
test_additional_segments(void **state)
{
	uint8_t pdu[BHS_LEN + 16] = {0}, cdb[16] = {0x7f};
	struct outcome o;

	peer_session(&p, KEYS(""));
	peer_command_header(&p, pdu, READS, 0, 1000, cdb);
	pdu[BHS_AHS_LENGTH] = 4;
	put_be16(pdu + BHS_LEN, 13); /* AHSLength, then type 1 */
	pdu[BHS_LEN + 2] = 1;
	assert_true(peer_write(&p, pdu, sizeof(pdu)));
	o = peer_gather(&p, p.itt, 1000);
	assert_int_equal(o.status, SCSI_CHECK_CONDITION);
	assert_int_equal(o.asc, 0x20);
	assert_int_equal(o.residual, 1000);
	free(o.data);
	o = peer_run(&p, READS | COMMAND_WRITE, 0, 2048, cdb, pdu, 64);
	assert_int_equal(o.status, SCSI_CHECK_CONDITION);
	assert_int_equal(o.asc, 0x24);
	free(o.data);
	peer_close(&p);
}

/* A tag that is in use and the reserved tag are rejected. */
static void
test_tags(void **state)
{
	uint8_t slow[16] = {0xc0}, bhs[BHS_LEN];

	peer_session(&p, KEYS(""));
	peer_command(&p, READS, 0, DUMMY_BLOCK, slow, NULL, 0);
	p.itt--;
	peer_command(&p, READS, 1, DUMMY_BLOCK, slow, NULL, 0);
	peer_expect(&p, OP_REJECT);
	peer_expect_closed(&p);
	sem_post(&dummy.gate);
	peer_close(&p);
	peer_session(&p, KEYS(""));
	peer_command_header(&p, bhs, READS, 0, DUMMY_BLOCK, slow);
	put_be32(bhs + BHS_ITT, TAG_NONE);
	peer_send(&p, bhs, NULL, 0);
	peer_expect(&p, OP_REJECT);
	peer_expect_closed(&p);
	peer_close(&p);
}

static void
test_too_long_segment(void **state)
{
	uint8_t bhs[BHS_LEN];

	peer_session(&p, KEYS(""));
	peer_header(&p, bhs, OP_NOP_OUT | BHS_IMMEDIATE, BHS_FINAL);
	put_be24(bhs + BHS_DATA_LENGTH, 262145);
	peer_write(&p, bhs, sizeof(bhs));
	peer_expect(&p, OP_REJECT);
	peer_expect_closed(&p);
	peer_close(&p);
}

static void
test_wrong_digests(void **state)
{
	uint8_t bhs[BHS_LEN], cdb[16], data[512] = {0}, bad[BHS_LEN + 4 + 512 + 4];
	int writes = atomic_load(&dummy.writes);

	peer_login(&p, KEYS("HeaderDigest=CRC32C\0DataDigest=CRC32C"));
	p.header_digest = p.data_digest = true;
	peer_ready(&p, 0);
	cdb_rw10(cdb, 0x2a, 0, 1);
	peer_command_header(&p, bhs, WRITES, 0, sizeof(data), cdb);
	put_be24(bhs + BHS_DATA_LENGTH, sizeof(data));
	memset(bad, 0, sizeof(bad));
	memcpy(bad, bhs, BHS_LEN);
	digest_put(bad + BHS_LEN, digest_add(DIGEST_START, bhs, BHS_LEN));
	assert_true(peer_write(&p, bad, sizeof(bad)));
	peer_expect(&p, OP_REJECT);
	assert_int_equal(p.bhs[REJECT_REASON], REJECT_DATA_DIGEST);
	peer_expect_closed(&p);
	peer_close(&p);

	peer_login(&p, KEYS("HeaderDigest=CRC32C"));
	p.header_digest = true;
	peer_ready(&p, 0);
	bad[BHS_LEN] ^= 1;
	peer_write(&p, bad, sizeof(bad));
	assert_false(peer_recv(&p));
	peer_close(&p);
	assert_int_equal(atomic_load(&dummy.writes), writes);
}

/* The target pings a silent peer and closes the connection if no answer comes. */
static void
test_ping(void **state)
{
	struct iscsi_limits was = iscsi_limits, brief = was;
	uint8_t bhs[BHS_LEN];

	brief.idle_ms = 20;
	brief.ping_ms = 100;
	brief.dead_ms = 300;
	restart_target(&brief);
	peer_session(&p, KEYS(""));
	for (int i = 0; i < 3; i++) {
		peer_expect(&p, OP_NOP_IN);
		assert_int_equal(get_be32(p.bhs + BHS_ITT), TAG_NONE);
		assert_int_not_equal(get_be32(p.bhs + BHS_TTT), TAG_NONE);
		peer_header(&p, bhs, OP_NOP_OUT | BHS_IMMEDIATE, BHS_FINAL);
		put_be32(bhs + BHS_ITT, TAG_NONE);
		memcpy(bhs + BHS_TTT, p.bhs + BHS_TTT, 4);
		put_be32(bhs + BHS_CMD_SN, p.cmd_sn);
		peer_send(&p, bhs, NULL, 0);
	}
	peer_expect(&p, OP_NOP_IN);
	assert_false(peer_recv(&p));
	peer_close(&p);
	restart_target(&was);
}

/* An idle connection frees its buffers and allocates them again when it is used. */
static void
test_idle(void **state)
{
	struct iscsi_limits was = iscsi_limits, brief = was;
	uint8_t cdb[16], data[2 * DUMMY_BLOCK] = {1, 2, 3};

	brief.idle_ms = 10;
	restart_target(&brief);
	peer_session(&p, KEYS(""));
	for (int i = 0; i < 5; i++) {
		struct outcome o;

		cdb_rw10(cdb, 0x2a, 0, 2);
		o = peer_run(&p, WRITES, 0, sizeof(data), cdb, data, sizeof(data));
		assert_int_equal(o.status, SCSI_GOOD);
		free(o.data);
		cdb_rw10(cdb, 0x28, 0, 200);
		o = peer_run(&p, READS, 0, 200 * DUMMY_BLOCK, cdb, NULL, 0);
		assert_memory_equal(o.data, data, sizeof(data));
		free(o.data);
		poll(NULL, 0, 60);
	}
	peer_close(&p);
	restart_target(&was);
}

/* A peer that does not read is disconnected; other sessions are served meanwhile. */
static void
test_a_peer_that_does_not_read(void **state)
{
	struct iscsi_limits was = iscsi_limits, brief = was;
	uint8_t cdb[16];

	brief.dead_ms = 500;
	restart_target(&brief);
	peer_session(&p, KEYS(""));
	cdb_rw10(cdb, 0x28, 0, 4096);
	for (int i = 0; i < COMMAND_WINDOW; i++)
		peer_command(&p, READS, 0, 4096 * DUMMY_BLOCK, cdb, NULL, 0);
	p.isid = 9;
	for (int i = 0; i < 20; i++) {
		static struct peer q;

		peer_connect(&q);
		q.isid = 3;
		assert_int_equal(
			peer_login_step(&q, LOGIN_OPERATIONAL_TO_FULL, KEYS(NAMES)), LOGIN_SUCCESS);
		peer_ready(&q, 0);
		peer_close(&q);
		poll(NULL, 0, 50);
	}
	/* The connection was cut in the middle of a PDU. */
	while (recv(p.fd, p.data, sizeof(p.data), 0) > 0)
		;
	peer_close(&p);
	assert_int_equal(atomic_load(&dummy.extents), 0);
	restart_target(&was);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nop),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_window_closes),
		cmocka_unit_test(test_immediate_commands),
		cmocka_unit_test(test_logout),
		cmocka_unit_test(test_logout_with_task),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_additional_segments),
		cmocka_unit_test(test_tags),
		cmocka_unit_test(test_too_long_segment),
		cmocka_unit_test(test_wrong_digests),
		cmocka_unit_test(test_ping),
		cmocka_unit_test(test_idle),
		cmocka_unit_test(test_a_peer_that_does_not_read),
	};

	return cmocka_run_group_tests(tests, setup_target, teardown_target);
}
