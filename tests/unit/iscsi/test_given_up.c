/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Peers that stop in the middle of something. The target closes the connection, and the log names what was
 * incomplete. This is a program of its own because log_peer() limits such lines per second.
 */
#include "changer/base/log.h"
#include "tests/unit/iscsi/peer.h"

static struct peer p;

static unsigned
times_logged(const char *text)
{
	static char lines[64 * 1024];
	unsigned n = 0;

	log_tail(lines, sizeof(lines));
	for (const char *at = lines; (at = strstr(at, text)) != NULL; at++)
		n++;
	return n;
}

/* Waits for a line in the log. A peer that does not read would not see the end of its connection. */
static void
expect_logged(const char *text, unsigned times)
{
	for (int ms = 0; times_logged(text) < times; ms += 10) {
		if (ms > PEER_WAIT_MS)
			fail_msg("not in the log: %s", text);
		poll(NULL, 0, 10);
	}
}

/* Sends the first n bytes of a PDU with data_len bytes of zeros as data. */
static void
send_some(uint8_t bhs[BHS_LEN], uint32_t data_len, size_t n)
{
	uint8_t whole[BHS_LEN + 4096] = {0};

	put_be24(bhs + BHS_DATA_LENGTH, data_len);
	memcpy(whole, bhs, BHS_LEN);
	assert_true(peer_write(&p, whole, n));
}

static void
test_header(void **state)
{
	static const uint8_t test_unit_ready[16];
	uint8_t bhs[BHS_LEN];

	peer_session(&p, KEYS(""));
	peer_command_header(&p, bhs, NO_DATA, 0, 0, test_unit_ready);
	send_some(bhs, 0, 31);
	peer_expect_closed(&p);
	peer_close(&p);
	expect_logged("no answer to a NOP-In for 1 s, in the midst of a header", 1);
}

/* The peer stops in immediate data; the first part came with the header. */
static void
test_immediate(void **state)
{
	uint8_t bhs[BHS_LEN], cdb[16];

	peer_session(&p, KEYS(""));
	cdb_rw10(cdb, 0x2a, 0, 1);
	peer_command_header(&p, bhs, WRITES, 0, DUMMY_BLOCK, cdb);
	send_some(bhs, DUMMY_BLOCK, BHS_LEN + 100);
	peer_expect_closed(&p);
	peer_close(&p);
	expect_logged(
		"only 100 of 2048 bytes after the header of a SCSI Command came, then none", 1);
}

/* The peer stops in solicited data: one byte of padding is missing. */
static void
test_solicited(void **state)
{
	uint8_t bhs[BHS_LEN], cdb[16], zeros[2000] = {0};

	peer_session(&p, KEYS("ImmediateData=No"));
	cdb_rw10(cdb, 0x2a, 0, 1);
	peer_command(&p, WRITES, 0, 2047, cdb, NULL, 0);
	peer_expect(&p, OP_R2T);
	memset(bhs, 0, sizeof(bhs));
	bhs[BHS_OPCODE] = OP_DATA_OUT;
	bhs[BHS_FLAGS] = BHS_FINAL;
	put_be32(bhs + BHS_ITT, p.itt);
	memcpy(bhs + BHS_TTT, p.bhs + BHS_TTT, 4);
	send_some(bhs, 2047, BHS_LEN);
	poll(NULL, 0, 50);
	assert_true(peer_write(&p, zeros, sizeof(zeros)));
	poll(NULL, 0, 50);
	assert_true(peer_write(&p, zeros, 47));
	peer_expect_closed(&p);
	peer_close(&p);
	expect_logged(
		"only 2047 of 2048 bytes after the header of a SCSI Data-Out came, then none", 1);
}

/* The peer stops in data that the target discards because no task has the tag. */
static void
test_discarded_data(void **state)
{
	uint8_t bhs[BHS_LEN];

	peer_session(&p, KEYS(""));
	peer_header(&p, bhs, OP_DATA_OUT, BHS_FINAL);
	put_be32(bhs + BHS_TTT, 7);
	send_some(bhs, 3000, BHS_LEN + 1000);
	peer_expect_closed(&p);
	peer_close(&p);
	expect_logged(
		"only 1000 of 3000 bytes after the header of a SCSI Data-Out came, then none", 1);
}

/* Sends the command as often as the window allows and reads no answer. */
static void
never_read(uint32_t edtl, const uint8_t cdb[16])
{
	static const char took[] = " bytes of answers in ";
	unsigned times = times_logged(took);

	peer_session(&p, KEYS("MaxRecvDataSegmentLength=262144"));
	for (int i = 0; i < COMMAND_WINDOW; i++)
		peer_command(&p, READS, 0, edtl, cdb, NULL, 0);
	expect_logged(took, times + 1);
	peer_close(&p);
}

static void
test_answers(void **state)
{
	uint8_t cdb[16];

	cdb_long(cdb, 0xc1, 1 << 20);
	never_read(1 << 20, cdb);
}

static void
test_answers_from_file(void **state)
{
	uint8_t cdb[16];

	cdb_rw10(cdb, 0x28, 0, 4096);
	never_read(4096 * DUMMY_BLOCK, cdb);
}

static int
setup_impatient(void **state)
{
	iscsi_limits.ping_ms = 100;
	iscsi_limits.dead_ms = 1000;
	return setup_target(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_immediate),
		cmocka_unit_test(test_solicited),
		cmocka_unit_test(test_discarded_data),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_answers_from_file),
	};

	return cmocka_run_group_tests(tests, setup_impatient, teardown_target);
}
