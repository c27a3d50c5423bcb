/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads. Every source of data-in with PDUs and bursts of many lengths, with and without digests; and the
 * residual counts (RFC 7143 11.4.5).
 */
#include "tests/unit/iscsi/peer.h"

static struct peer p;

static void
assert_blocks(const struct outcome *o, uint32_t lba, uint32_t bytes)
{
	uint8_t *want = malloc(bytes);

	assert_int_equal(pread(dummy.fd, want, bytes, (off_t)lba * DUMMY_BLOCK), bytes);
	assert_int_equal(o->len, bytes);
	assert_memory_equal(o->data, want, bytes);
	free(want);
}

static struct outcome
read_blocks(uint32_t lba, uint16_t blocks, uint32_t edtl)
{
	uint8_t cdb[16];

	cdb_rw10(cdb, 0x28, lba, blocks);
	return peer_run(&p, READS, 0, edtl, cdb, NULL, 0);
}

/* Numbers of blocks below and above the length up to which data is copied. */
static const uint16_t lengths[] = {0, 1, 2, 15, 16, 17, 32, 128, 600};

static const struct cut {
	const char *keys;
	size_t len;
	uint32_t pdu, burst; /* lengths */
	bool header_digest, data_digest;
} cuts[] = {
	{KEYS("X-none=1"), 8192, 262144, false, false},
	{KEYS("MaxRecvDataSegmentLength=262144\0MaxBurstLength=1048576"), 262144, 1048576, false,
		false},
	{KEYS("MaxRecvDataSegmentLength=512\0MaxBurstLength=512"), 512, 512, false, false},
	{KEYS("MaxRecvDataSegmentLength=516\0MaxBurstLength=1111"), 516, 1032, false, false},
	{KEYS("MaxRecvDataSegmentLength=1023\0MaxBurstLength=516\0HeaderDigest=CRC32C\0"
	      "DataDigest=CRC32C"),
		516, 516, true, true},
	{KEYS("MaxRecvDataSegmentLength=65536\0MaxBurstLength=131072\0HeaderDigest=CRC32C"), 65536,
		131072, true, false},
	{KEYS("MaxRecvDataSegmentLength=131072\0DataDigest=CRC32C"), 131072, 262144, false, true},
	{KEYS("MaxRecvDataSegmentLength=262144\0HeaderDigest=CRC32C\0DataDigest=CRC32C"), 262144,
		262144, true, true},
};

static void
begin(const struct cut *cut)
{
	peer_login(&p, cut->keys, cut->len);
	p.header_digest = cut->header_digest;
	p.data_digest = cut->data_digest;
	peer_ready(&p, 0);
}

static void
test_lengths_of_pdus_and_bursts(void **state)
{
	for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
		const struct cut *cut = &cuts[i];

		begin(cut);
		for (size_t j = 0; j < sizeof(lengths) / sizeof(lengths[0]); j++) {
			uint32_t n = lengths[j] * DUMMY_BLOCK;
			struct outcome o = read_blocks(3 + lengths[j], lengths[j], n);
			uint32_t whole = n / cut->burst, rest = n % cut->burst;
			uint32_t per_burst = (cut->burst + cut->pdu - 1) / cut->pdu;

			assert_blocks(&o, 3 + lengths[j], n);
			assert_int_equal(o.status, SCSI_GOOD);
			assert_int_equal(o.collapsed, n > 0);
			assert_int_equal(o.flags, 0);
			assert_int_equal(o.residual, 0);
			assert_int_equal(
				o.pdus, whole * per_burst + (rest + cut->pdu - 1) / cut->pdu);
			assert_int_equal(o.bursts, whole + (rest != 0));
			free(o.data);
		}
		assert_int_equal(atomic_load(&dummy.extents), 0);
		peer_close(&p);
	}
}

/* Bytes after `stored` are sent as zeros, wherever the stored part ends. */
static void
test_extent_ends(void **state)
{
	enum { LBA = 3, BLOCKS = 600, SIZE = BLOCKS * DUMMY_BLOCK };
	static const uint64_t ends[] = {1, LBA * DUMMY_BLOCK, LBA * DUMMY_BLOCK + 1,
		50 * DUMMY_BLOCK, 50 * DUMMY_BLOCK + 1001, (LBA + BLOCKS) * DUMMY_BLOCK - 4};
	uint8_t *want = malloc(SIZE);

	for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
		begin(&cuts[i]);
		for (size_t j = 0; j < sizeof(ends) / sizeof(ends[0]); j++) {
			size_t at = (size_t)LBA * DUMMY_BLOCK;
			size_t n = ends[j] > at ? (size_t)ends[j] - at : 0;
			struct outcome o;

			dummy.stored = ends[j];
			o = read_blocks(LBA, BLOCKS, SIZE);
			memset(want, 0, SIZE);
			assert_int_equal(pread(dummy.fd, want, n, (off_t)at), n);
			assert_int_equal(o.status, SCSI_GOOD);
			assert_int_equal(o.flags, 0);
			assert_int_equal(o.len, SIZE);
			assert_memory_equal(o.data, want, SIZE);
			free(o.data);
		}
		assert_int_equal(atomic_load(&dummy.extents), 0);
		peer_close(&p);
	}
	dummy.stored = 0;
	free(want);
}

/* Replies of many lengths, made on the connection's thread (C1h) and on another one (C2h). */
static void
test_long_replies(void **state)
{
	static const uint32_t sizes[] = {0, 1, 2, 3, 4, 5, 511, 2047, 32767, 32768, 32769, 70001};

	for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
		begin(&cuts[i]);
		for (size_t j = 0; j < 2 * sizeof(sizes) / sizeof(sizes[0]); j++) {
			uint32_t n = sizes[j / 2];
			uint8_t cdb[16];
			struct outcome o;

			cdb_long(cdb, j % 2 ? 0xc1 : 0xc2, n);
			o = peer_run(&p, READS, 0, n, cdb, NULL, 0);
			assert_int_equal(o.len, n);
			assert_int_equal(o.flags, 0);
			for (uint32_t k = 0; k < n; k++)
				assert_int_equal(o.data[k], (uint8_t)(k * 7 + (k >> 8)));
			free(o.data);
		}
		peer_close(&p);
	}
}

static void
test_residuals(void **state)
{
	static const struct {
		uint16_t blocks;
		uint32_t edtl, sent;
		uint8_t flags;
		uint32_t residual;
	} rows[] = {
		{1, 0, 0, RESIDUAL_OVERFLOW, 2048},
		{1, 10000, 2048, RESIDUAL_UNDERFLOW, 7952},
		{1, 200, 200, RESIDUAL_OVERFLOW, 1848},
		{1, 201, 201, RESIDUAL_OVERFLOW, 1847},
		{2, 2048, 2048, RESIDUAL_OVERFLOW, 2048},
		{0, 4096, 0, RESIDUAL_UNDERFLOW, 4096},
		/* data comes from the file */
		{64, 100003, 100003, RESIDUAL_OVERFLOW, 64 * 2048 - 100003},
		{64, 140000, 64 * 2048, RESIDUAL_UNDERFLOW, 140000 - 64 * 2048},
		{64, 0, 0, RESIDUAL_OVERFLOW, 64 * 2048},
	};

	for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
		begin(&cuts[i]);
		for (size_t j = 0; j < sizeof(rows) / sizeof(rows[0]); j++) {
			struct outcome o = read_blocks(9, rows[j].blocks, rows[j].edtl);

			assert_blocks(&o, 9, rows[j].sent);
			assert_int_equal(o.status, SCSI_GOOD);
			assert_int_equal(o.flags, rows[j].flags);
			assert_int_equal(o.residual, rows[j].residual);
			free(o.data);
		}
		assert_int_equal(atomic_load(&dummy.extents), 0);
		peer_close(&p);
	}
}

/* A failed read sends sense and no data; the whole length is residual. */
static void
test_check_condition(void **state)
{
	struct outcome o;

	peer_session(&p, KEYS(""));
	o = read_blocks(DUMMY_BLOCKS, 1, 2048);
	assert_int_equal(o.status, SCSI_CHECK_CONDITION);
	assert_int_equal(o.key, 0x05);
	assert_int_equal(o.asc, 0x21);
	assert_int_equal(o.len, 0);
	assert_int_equal(o.flags, RESIDUAL_UNDERFLOW);
	assert_int_equal(o.residual, 2048);
	free(o.data);
	peer_close(&p);
}

/* A read that the initiator sends as a write returns no data. Its extent is given back, and the session
 * continues. */
static void
test_wrong_direction(void **state)
{
	uint8_t cdb[16], data[DUMMY_BLOCK] = {0};
	struct outcome o;

	peer_session(&p, KEYS(""));
	for (uint16_t blocks = 1; blocks < 64; blocks += 40) {
		cdb_rw10(cdb, 0x28, 0, blocks);
		o = peer_run(&p, WRITES, 0, sizeof(data), cdb, data, sizeof(data));
		assert_int_equal(o.status, SCSI_GOOD);
		assert_int_equal(o.len, 0);
		free(o.data);
		o = peer_run(&p, NO_DATA, 0, 0, cdb, NULL, 0);
		assert_int_equal(o.flags, RESIDUAL_OVERFLOW);
		assert_int_equal(o.residual, blocks * DUMMY_BLOCK);
		free(o.data);
	}
	assert_int_equal(atomic_load(&dummy.extents), 0);
	peer_close(&p);
}

/* A full window of reads in one send(), with lengths that exceed the arena. The answers come in order. */
static void
test_a_window_of_commands_in_one_send(void **state)
{
	static uint8_t all[COMMAND_WINDOW * BHS_LEN];
	uint32_t first;

	peer_session(&p, KEYS("MaxRecvDataSegmentLength=65536"));
	for (int round = 0; round < 4; round++) {
		first = p.itt + 1;
		for (uint16_t i = 0; i < COMMAND_WINDOW; i++) {
			uint8_t cdb[16];
			uint16_t blocks = round == 0 ? 1 : (uint16_t)(i * round % 19);

			cdb_rw10(cdb, 0x28, i * 20u, blocks);
			peer_command_header(
				&p, all + i * BHS_LEN, READS, 0, blocks * DUMMY_BLOCK, cdb);
		}
		assert_true(peer_write(&p, all, sizeof(all)));
		for (uint16_t i = 0; i < COMMAND_WINDOW; i++) {
			uint16_t blocks = round == 0 ? 1 : (uint16_t)(i * round % 19);
			struct outcome o = peer_gather(&p, first + i, blocks * DUMMY_BLOCK);

			assert_blocks(&o, i * 20u, blocks * DUMMY_BLOCK);
			free(o.data);
		}
	}
	peer_close(&p);
}

/* Commands that arrive byte by byte. */
static void
test_commands_byte_by_byte(void **state)
{
	uint8_t cdb[16], bhs[BHS_LEN];
	struct outcome o;

	peer_session(&p, KEYS(""));
	cdb_rw10(cdb, 0x28, 1, 1);
	for (int i = 0; i < 3; i++) {
		peer_command_header(&p, bhs, READS, 0, DUMMY_BLOCK, cdb);
		for (size_t j = 0; j < sizeof(bhs); j++)
			assert_true(peer_write(&p, bhs + j, 1));
		o = peer_gather(&p, p.itt, DUMMY_BLOCK);
		assert_blocks(&o, 1, DUMMY_BLOCK);
		free(o.data);
	}
	peer_close(&p);
}

/* A slow command of one unit delays neither the other unit nor the session. */
static void
test_slow_unit(void **state)
{
	uint8_t slow[16] = {0xc0, 0, 7}, cdb[16];
	struct outcome o;
	uint32_t itt;

	peer_session(&p, KEYS(""));
	peer_command(&p, READS, 0, DUMMY_BLOCK, slow, NULL, 0);
	itt = p.itt;
	cdb_rw10(cdb, 0x28, 1, 1);
	o = peer_run(&p, READS, 1, DUMMY_BLOCK, cdb, NULL, 0);
	assert_int_equal(o.status, SCSI_GOOD);
	free(o.data);
	sem_post(&dummy.gate);
	o = peer_gather(&p, itt, DUMMY_BLOCK);
	assert_blocks(&o, 7, DUMMY_BLOCK);
	free(o.data);
	peer_close(&p);
}

/* A full window of slow commands; in the second round the peer leaves before they end. */
static void
test_many_pending(void **state)
{
	uint8_t slow[16] = {0xc0};

	peer_session(&p, KEYS(""));
	for (int leave = 0; leave < 2; leave++) {
		uint32_t first = p.itt + 1;

		for (uint8_t i = 0; i < COMMAND_WINDOW; i++) {
			slow[2] = i;
			peer_command(&p, READS, i % 2, DUMMY_BLOCK, slow, NULL, 0);
		}
		if (leave)
			peer_close(&p);
		for (int i = 0; i < COMMAND_WINDOW; i++)
			sem_post(&dummy.gate);
		for (unsigned i = 0; i < COMMAND_WINDOW && !leave; i++) {
			assert_true(peer_recv(&p));
			assert_int_equal(p.bhs[BHS_OPCODE], OP_DATA_IN);
			assert_true(get_be32(p.bhs + BHS_ITT) - first < COMMAND_WINDOW);
		}
	}
	assert_serves();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lengths_of_pdus_and_bursts),
		cmocka_unit_test(test_extent_ends),
		cmocka_unit_test(test_long_replies),
		cmocka_unit_test(test_residuals),
		cmocka_unit_test(test_check_condition),
		cmocka_unit_test(test_wrong_direction),
		cmocka_unit_test(test_a_window_of_commands_in_one_send),
		cmocka_unit_test(test_commands_byte_by_byte),
		cmocka_unit_test(test_slow_unit),
		cmocka_unit_test(test_many_pending),
	};

	return cmocka_run_group_tests(tests, setup_target, teardown_target);
}
