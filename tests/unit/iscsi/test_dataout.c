/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes: immediate, unsolicited and solicited data in all combinations, and each rule that a Data-Out can
 * break.
 */
#include "tests/unit/iscsi/peer.h"

static struct peer p;
static uint8_t bytes[1 << 20];

static void
fresh_bytes(void)
{
	static uint32_t seed = 1;

	for (size_t i = 0; i < sizeof(bytes); i += 4) {
		seed = seed * 1664525 + 1013904223;
		put_be32(bytes + i, seed);
	}
}

static void
assert_written(uint32_t lba, uint32_t n)
{
	uint8_t *got = malloc(n);

	assert_int_equal(pread(dummy.fd, got, n, (off_t)lba * DUMMY_BLOCK), n);
	assert_memory_equal(got, bytes, n);
	free(got);
}

/* Sends n bytes from offset `off` as Data-Out PDUs of at most `part` bytes. The last one has the F bit. */
static void
send_data_out(uint32_t itt, uint32_t ttt, uint32_t off, uint32_t n, uint32_t part)
{
	uint32_t sn = 0, end = off + n;

	do {
		uint8_t bhs[BHS_LEN];
		uint32_t len = end - off < part ? end - off : part;

		memset(bhs, 0, sizeof(bhs));
		bhs[BHS_OPCODE] = OP_DATA_OUT;
		bhs[BHS_FLAGS] = off + len == end ? BHS_FINAL : 0;
		put_be32(bhs + BHS_ITT, itt);
		put_be32(bhs + BHS_TTT, ttt);
		put_be32(bhs + DATA_SN, sn++);
		put_be32(bhs + DATA_OFFSET, off);
		assert_true(peer_send(&p, bhs, bytes + off, len));
		off += len;
	} while (off < end);
}

/* Answers R2Ts until the command's response comes. */
static struct outcome
serve_r2ts(uint32_t itt, uint32_t from, uint32_t max_burst, uint32_t part)
{
	uint32_t sn = 0;
	struct outcome o = {0};

	for (;;) {
		uint32_t n;

		assert_true(peer_recv(&p));
		assert_int_equal(get_be32(p.bhs + BHS_ITT), itt);
		if (p.bhs[BHS_OPCODE] == OP_SCSI_RESPONSE)
			break;
		assert_int_equal(p.bhs[BHS_OPCODE], OP_R2T);
		n = get_be32(p.bhs + R2T_LENGTH);
		assert_int_equal(get_be32(p.bhs + R2T_SN), sn++);
		assert_int_equal(get_be32(p.bhs + R2T_OFFSET), from);
		assert_true(n > 0 && n <= max_burst);
		send_data_out(itt, get_be32(p.bhs + BHS_TTT), from, n, part);
		from += n;
	}
	assert_int_equal(get_be32(p.bhs + RESPONSE_EXP_DATA_SN), sn);
	o.pdus = sn;
	o.status = p.bhs[RESPONSE_STATUS];
	o.flags = p.bhs[BHS_FLAGS] & (RESIDUAL_OVERFLOW | RESIDUAL_UNDERFLOW);
	o.residual = get_be32(p.bhs + RESPONSE_RESIDUAL);
	if (o.status == SCSI_CHECK_CONDITION) {
		o.key = p.data[2 + 2];
		o.asc = p.data[2 + 12];
		o.ascq = p.data[2 + 13];
	}
	return o;
}

/* All combinations of ImmediateData and InitialR2T with all combinations of digests; the data is split as
 * the keys allow. */
static void
test_combinations(void **state)
{
	static const uint16_t lengths[] = {1, 4, 5, 32, 33, 300};

	for (unsigned mode = 0; mode < 16; mode++) {
		bool immediate = mode & 1, unasked = mode & 2;
		char keys[256];
		size_t n = (size_t)sprintf(keys,
			"ImmediateData=%s%cInitialR2T=%s%cFirstBurstLength=8192%c"
			"MaxBurstLength=20000%cHeaderDigest=%s%cDataDigest=%s",
			immediate ? "Yes" : "No", 0, unasked ? "No" : "Yes", 0, 0, 0,
			mode & 4 ? "CRC32C" : "None", 0, mode & 8 ? "CRC32C" : "None");

		peer_login(&p, keys, n + 1);
		p.header_digest = mode & 4;
		p.data_digest = mode & 8;
		peer_ready(&p, 0);
		for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
			uint32_t edtl = lengths[i] * DUMMY_BLOCK;
			uint32_t first = edtl < 8192 ? edtl : 8192;
			uint32_t now = immediate ? (first > 2000 && unasked ? 2000 : first) : 0;
			bool more = unasked && now < first;
			uint8_t cdb[16];
			struct outcome o;

			fresh_bytes();
			cdb_rw10(cdb, 0x2a, 100, lengths[i]);
			peer_command(&p, more ? WRITES_MORE : WRITES, 0, edtl, cdb, bytes, now);
			if (more) {
				send_data_out(p.itt, TAG_NONE, now, first - now, 3000);
				now = first;
			}
			o = serve_r2ts(p.itt, now, 20000, 7001);
			assert_int_equal(o.status, SCSI_GOOD);
			assert_int_equal(o.flags, 0);
			assert_written(100, edtl);
		}
		peer_close(&p);
	}
}

/* The initiator may send less unsolicited data than allowed; R2Ts ask for the rest. */
static void
test_short_unsolicited(void **state)
{
	uint8_t cdb[16];
	struct outcome o;

	peer_session(&p, KEYS("InitialR2T=No"));
	fresh_bytes();
	cdb_rw10(cdb, 0x2a, 50, 8);
	peer_command(&p, WRITES_MORE, 0, 8 * DUMMY_BLOCK, cdb, bytes, 100);
	send_data_out(p.itt, TAG_NONE, 100, 900, 500);
	o = serve_r2ts(p.itt, 1000, 262144, 8192);
	assert_int_equal(o.status, SCSI_GOOD);
	assert_written(50, 8 * DUMMY_BLOCK);
	peer_close(&p);
}

static void
test_residuals(void **state)
{
	static const struct {
		uint16_t blocks;
		uint32_t edtl;
		uint8_t flags;
		uint32_t residual;
	} rows[] = {
		{1, 2048, 0, 0},
		{1, 10000, RESIDUAL_UNDERFLOW, 7952},
		{2, 2048, RESIDUAL_OVERFLOW, 2048},
		{1, 200, RESIDUAL_OVERFLOW, 1848},
		{1, 0, RESIDUAL_OVERFLOW, 2048},
		{0, 3000, RESIDUAL_UNDERFLOW, 3000},
	};

	peer_session(&p, KEYS(""));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t cdb[16];
		struct outcome o;

		cdb_rw10(cdb, 0x2a, 200, rows[i].blocks);
		o = peer_run(&p, WRITES, 0, rows[i].edtl, cdb, bytes, rows[i].edtl);
		assert_int_equal(o.status, SCSI_GOOD);
		assert_int_equal(o.flags, rows[i].flags);
		assert_int_equal(o.residual, rows[i].residual);
		free(o.data);
	}
	peer_close(&p);
}

/* Many writes at once, some with R2Ts and some without, are carried out in order. */
static void
test_writes_are_carried_out_in_order(void **state)
{
	enum { N = 16 };
	uint8_t cdb[16], block[DUMMY_BLOCK];
	uint32_t first;

	peer_session(&p, KEYS("FirstBurstLength=4096\0MaxBurstLength=4096"));
	first = p.itt + 1;
	/* All of them write to the same place: the last one's data must remain. */
	for (uint16_t i = 0; i < N; i++) {
		uint16_t blocks = i % 2 ? 1 : 4;

		memset(bytes, i + 1, 4 * DUMMY_BLOCK);
		cdb_rw10(cdb, 0x2a, 300, blocks);
		peer_command(&p, WRITES, 0, blocks * DUMMY_BLOCK, cdb, bytes,
			i % 2 ? DUMMY_BLOCK : 4096);
	}
	for (uint32_t done = 0; done < N;) {
		uint32_t itt;

		assert_true(peer_recv(&p));
		itt = get_be32(p.bhs + BHS_ITT);
		if (p.bhs[BHS_OPCODE] == OP_SCSI_RESPONSE) {
			assert_int_equal(itt, first + done++);
			assert_int_equal(p.bhs[RESPONSE_STATUS], SCSI_GOOD);
			continue;
		}
		assert_int_equal(p.bhs[BHS_OPCODE], OP_R2T);
		memset(bytes, (int)(itt - first + 1), 4 * DUMMY_BLOCK);
		send_data_out(itt, get_be32(p.bhs + BHS_TTT), get_be32(p.bhs + R2T_OFFSET),
			get_be32(p.bhs + R2T_LENGTH), 4096);
	}
	assert_int_equal(pread(dummy.fd, block, sizeof(block), 300 * DUMMY_BLOCK), DUMMY_BLOCK);
	memset(bytes, N, sizeof(block));
	assert_memory_equal(block, bytes, sizeof(block));
	peer_close(&p);
}

/* A read after a write that still waits for its data returns the new data. The other unit does not wait. */
static void
test_read_after_write(void **state)
{
	uint8_t cdb[16];
	uint32_t write_tag, read_tag;
	struct outcome o;

	peer_session(&p, KEYS("ImmediateData=No"));
	fresh_bytes();
	cdb_rw10(cdb, 0x2a, 400, 1);
	peer_command(&p, WRITES, 0, DUMMY_BLOCK, cdb, NULL, 0);
	write_tag = p.itt;
	peer_expect(&p, OP_R2T);
	cdb_rw10(cdb, 0x28, 400, 1);
	peer_command(&p, READS, 0, DUMMY_BLOCK, cdb, NULL, 0);
	read_tag = p.itt;
	o = peer_run(&p, READS, 1, DUMMY_BLOCK, cdb, NULL, 0);
	assert_int_equal(o.status, SCSI_GOOD);
	free(o.data);
	/* The only R2T has transfer tag 0: tags count from 0. */
	send_data_out(write_tag, 0, 0, DUMMY_BLOCK, DUMMY_BLOCK);
	o = peer_gather(&p, write_tag, 0);
	assert_int_equal(o.status, SCSI_GOOD);
	free(o.data);
	o = peer_gather(&p, read_tag, DUMMY_BLOCK);
	assert_memory_equal(o.data, bytes, DUMMY_BLOCK);
	free(o.data);
	peer_close(&p);
}

/* A write that is longer than BUFFER_MAX is refused after its unsolicited data has been discarded. */
static void
test_too_long(void **state)
{
	uint8_t cdb[16];
	struct outcome o;

	peer_session(&p, KEYS("InitialR2T=No"));
	cdb_rw10(cdb, 0x2a, 0, 1);
	peer_command(&p, WRITES_MORE, 0, BUFFER_MAX + 1, cdb, bytes, 1000);
	send_data_out(p.itt, TAG_NONE, 1000, 10000, 1000);
	o = serve_r2ts(p.itt, 0, 0, 0);
	assert_int_equal(o.status, SCSI_CHECK_CONDITION);
	assert_int_equal(o.key, 0x05);
	assert_int_equal(o.asc, 0x24);
	assert_int_equal(o.pdus, 0);
	o = peer_run(&p, WRITES, 0, 0xffffffff, cdb, NULL, 0);
	assert_int_equal(o.status, SCSI_CHECK_CONDITION);
	free(o.data);
	peer_close(&p);
}

/* Reaches a limit with the R2T of a write of 64 KiB: another write is BUSY, and the first one is completed. */
static void
reach_limit(void)
{
	uint8_t cdb[16];
	struct outcome o;
	uint32_t ttt;

	fresh_bytes();
	cdb_rw10(cdb, 0x2a, 0, 32);
	peer_command(&p, WRITES, 0, 65536, cdb, bytes, 4096);
	peer_expect(&p, OP_R2T);
	ttt = get_be32(p.bhs + BHS_TTT);
	o = peer_run(&p, WRITES, 1, 2048, cdb, bytes, 2048);
	assert_int_equal(o.status, SCSI_BUSY);
	free(o.data);
	send_data_out(p.itt - 1, ttt, 4096, 61440, 61440);
	o = peer_gather(&p, p.itt - 1, 0);
	assert_int_equal(o.status, SCSI_GOOD);
	free(o.data);
	assert_written(0, 65536);
}

/* If the limit on data of all connections is reached, writes end with BUSY. Later writes succeed. */
static void
test_busy_at_the_limit_of_write_data(void **state)
{
	struct iscsi_limits was = iscsi_limits, few = was;
	uint8_t cdb[16];
	struct outcome o;

	few.write_bytes = 131072; /* one half is for this session, which is the only one */
	restart_target(&few);
	peer_session(&p, KEYS(""));
	cdb_rw10(cdb, 0x2a, 0, 64);
	/* The immediate data of 64 KiB fits, but an R2T for the rest would exceed the limit. */
	o = peer_run(&p, WRITES, 0, 131072, cdb, bytes, 65536);
	assert_int_equal(o.status, SCSI_BUSY);
	free(o.data);
	reach_limit();
	peer_close(&p);
	restart_target(&was);
}

/* A write whose data does not come within burst_ms is ended, unsolicited data and that of an R2T alike.  Data that comes
 * too late is dropped, and the session goes on. */
static void
test_data_that_does_not_come(void **state)
{
	struct iscsi_limits was = iscsi_limits, brief = was;
	uint8_t cdb[16], bhs[BHS_LEN];
	struct outcome o;
	uint32_t ttt;

	brief.burst_ms = 50;
	restart_target(&brief);
	peer_session(&p, KEYS("InitialR2T=No"));
	cdb_rw10(cdb, 0x2a, 0, 32);
	peer_command(&p, WRITES, 0, 65536, cdb, NULL, 0);
	peer_expect(&p, OP_R2T);
	ttt = get_be32(p.bhs + BHS_TTT);
	o = peer_gather(&p, p.itt, 0);
	assert_int_equal(o.status, SCSI_CHECK_CONDITION);
	assert_int_equal(o.key, 0x0b);
	assert_int_equal(o.asc, 0x4b);
	assert_int_equal(o.ascq, 0x06);
	free(o.data);
	send_data_out(p.itt, ttt, 0, 65536, 65536);
	/* Without F, so unsolicited data is announced. */
	peer_command_header(&p, bhs, WRITES & ~BHS_FINAL, 0, 65536, cdb);
	assert_true(peer_send(&p, bhs, bytes, 4096));
	o = peer_gather(&p, p.itt, 0);
	assert_int_equal(o.key, 0x0b);
	assert_int_equal(o.asc, 0x4b);
	free(o.data);
	assert_int_equal(__atomic_load_n(&target->held, __ATOMIC_RELAXED), 0);
	o = peer_run(&p, WRITES, 0, 65536, cdb, bytes, 65536);
	assert_int_equal(o.status, SCSI_GOOD);
	free(o.data);
	peer_close(&p);
	restart_target(&was);
}

/* A session that asks for all room for data leaves the others their share. */
static void
test_sessions_share_the_limit(void **state)
{
	struct iscsi_limits was = iscsi_limits, few = was;
	static struct peer other;
	uint8_t cdb[16];
	struct outcome o;

	few.write_bytes = 262144;
	restart_target(&few);
	peer_session(&p, KEYS(""));
	cdb_rw10(cdb, 0x2a, 0, 64);
	peer_command(&p, WRITES, 0, 131072, cdb, NULL, 0);
	peer_expect(&p, OP_R2T); /* one half is taken */
	peer_connect(&other);
	other.isid = 2;
	assert_int_equal(
		peer_login_step(&other, LOGIN_OPERATIONAL_TO_FULL, KEYS(NAMES)), LOGIN_SUCCESS);
	for (uint8_t lun = 0; lun < DUMMY_UNITS; lun++)
		peer_ready(&other, lun);
	o = peer_run(&p, WRITES, 1, 131072, cdb, bytes, 4096);
	assert_int_equal(o.status, SCSI_BUSY);
	free(o.data);
	cdb_rw10(cdb, 0x2a, 0, 32);
	o = peer_run(&other, WRITES, 1, 65536, cdb, bytes, 65536);
	assert_int_equal(o.status, SCSI_GOOD);
	free(o.data);
	cdb_rw10(cdb, 0x2a, 0, 64);
	o = peer_run(&other, WRITES, 1, 131072, cdb, bytes, 65536);
	assert_int_equal(o.status, SCSI_BUSY);
	free(o.data);
	peer_close(&other);
	peer_close(&p);
	restart_target(&was);
}

/* A session with several commands holds no more than session_bytes; a single command may be larger. */
static void
test_limit_of_a_session(void **state)
{
	struct iscsi_limits was = iscsi_limits, few = was;

	few.session_bytes = 32768;
	restart_target(&few);
	peer_session(&p, KEYS(""));
	reach_limit();
	peer_close(&p);
	restart_target(&was);
}

/* A connection may solicit SOLICITED_MAX bytes at once. Twelve writes that exceed it get their R2Ts one by
 * one. */
static void
test_r2ts_within_the_limit_of_solicited_data(void **state)
{
	enum { N = 12, LEN = 1 << 20 };
	uint8_t cdb[16];
	unsigned r2ts = 0, open = 0, most = 0;

	peer_session(&p, KEYS("ImmediateData=No\0MaxBurstLength=1048576"));
	cdb_rw10(cdb, 0x2a, 0, LEN / DUMMY_BLOCK);
	for (int i = 0; i < N; i++)
		peer_command(&p, WRITES, 0, LEN, cdb, NULL, 0);
	for (unsigned done = 0; done < N;) {
		assert_true(peer_recv(&p));
		if (p.bhs[BHS_OPCODE] == OP_SCSI_RESPONSE) {
			assert_int_equal(p.bhs[RESPONSE_STATUS], SCSI_GOOD);
			done++;
			open--;
			continue;
		}
		r2ts++;
		open++;
		most = open > most ? open : most;
		assert_true(open * LEN <= SOLICITED_MAX);
		send_data_out(get_be32(p.bhs + BHS_ITT), get_be32(p.bhs + BHS_TTT), 0, LEN, 262144);
	}
	assert_int_equal(r2ts, N);
	peer_close(&p);
}

/* ---- broken rules --------------------------------------------------------------------------- */

/* Sends one Data-Out PDU with these fields. */
static void
send_one(uint32_t ttt, uint32_t sn, uint32_t off, uint32_t n, bool final)
{
	uint8_t bhs[BHS_LEN] = {OP_DATA_OUT, final ? BHS_FINAL : 0};

	put_be32(bhs + BHS_ITT, p.itt);
	put_be32(bhs + BHS_TTT, ttt);
	put_be32(bhs + DATA_SN, sn);
	put_be32(bhs + DATA_OFFSET, off);
	assert_true(peer_send(&p, bhs, bytes, n));
}

static void
test_broken_solicited(void **state)
{
	static const struct {
		uint32_t ttt, off, n;
		bool final;
	} rows[] = {
		{1, 0, 4096, true},	   /* unknown tag */
		{TAG_NONE, 0, 4096, true}, /* unsolicited */
		{0, 4, 4092, true},	   /* a gap */
		{0, 0, 4100, true},	   /* too long */
		{0, 0, 4092, true},	   /* too short */
		{0, 0, 4096, false},	   /* no F bit */
		{0, 0xfffffff0, 4096, true},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t cdb[16];
		int writes;

		peer_session(&p, KEYS("ImmediateData=No"));
		writes = atomic_load(&dummy.writes);
		cdb_rw10(cdb, 0x2a, 0, 2);
		peer_command(&p, WRITES, 0, 4096, cdb, NULL, 0);
		peer_expect(&p, OP_R2T);
		assert_int_equal(get_be32(p.bhs + BHS_TTT), 0);
		send_one(rows[i].ttt, 0, rows[i].off, rows[i].n, rows[i].final);
		peer_expect(&p, OP_REJECT);
		assert_int_equal(p.bhs[REJECT_REASON], REJECT_PROTOCOL);
		peer_expect_closed(&p);
		peer_close(&p);
		assert_int_equal(atomic_load(&dummy.writes), writes);
	}
	assert_serves();
}

static void
test_broken_command(void **state)
{
	static const struct {
		const char *keys;
		size_t len;
		uint8_t flags;
		uint32_t edtl, n;
	} rows[] = {
		{KEYS("ImmediateData=No"), WRITES, 2048, 2048},
		{KEYS("InitialR2T=Yes"), WRITES_MORE, 4096, 2048},
		{KEYS("InitialR2T=No"), WRITES_MORE, 2048, 2048},
		{KEYS("FirstBurstLength=1024"), WRITES, 2048, 2048},
		{KEYS(""), WRITES, 2048, 2052},
		{KEYS(""), READS, 2048, 16},
		{KEYS(""), NO_DATA, 0, 16},
		{KEYS(""), COMMAND_READ, 2048, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t cdb[16];

		peer_session(&p, rows[i].keys, rows[i].len);
		cdb_rw10(cdb, 0x2a, 0, 1);
		peer_command(&p, rows[i].flags, 0, rows[i].edtl, cdb, bytes, rows[i].n);
		peer_expect(&p, OP_REJECT);
		assert_int_equal(p.bhs[REJECT_REASON], REJECT_PROTOCOL);
		peer_expect_closed(&p);
		peer_close(&p);
	}
	assert_serves();
}

/* A wrong DataSN fails its command when the burst is complete, and nothing else (RFC 7143 7.9). */
static void
test_broken_data_sn(void **state)
{
	uint8_t cdb[16];
	struct outcome o;
	int writes;

	peer_session(&p, KEYS("ImmediateData=No"));
	writes = atomic_load(&dummy.writes);
	cdb_rw10(cdb, 0x2a, 0, 2);
	peer_command(&p, WRITES, 0, 4096, cdb, NULL, 0);
	peer_expect(&p, OP_R2T);
	send_one(0, 0, 0, 1024, false);
	send_one(0, 2, 1024, 1024, false);
	send_one(0, 3, 2048, 2048, true);
	o = peer_gather(&p, p.itt, 0);
	assert_int_equal(o.status, SCSI_CHECK_CONDITION);
	assert_int_equal(o.key, 0x0b);
	assert_int_equal(o.asc, 0x47);
	assert_int_equal(o.ascq, 0x05);
	free(o.data);
	assert_int_equal(atomic_load(&dummy.writes), writes);
	peer_command(&p, WRITES, 0, 4096, cdb, NULL, 0);
	o = serve_r2ts(p.itt, 0, 262144, 4096);
	assert_int_equal(o.status, SCSI_GOOD);
	peer_close(&p);
}

/* Data-Out without a command is discarded. */
static void
test_data_without_a_command_is_discarded(void **state)
{
	peer_session(&p, KEYS(""));
	p.itt += 100;
	send_one(TAG_NONE, 0, 0, 1000, true);
	send_one(77, 0, 0, 1000, true);
	peer_close(&p);
	assert_serves();
}

/* A peer that stops in the middle of its data blocks nobody. */
static void
test_half_a_write(void **state)
{
	uint8_t cdb[16], bhs[BHS_LEN];

	peer_session(&p, KEYS(""));
	cdb_rw10(cdb, 0x2a, 0, 32);
	peer_command_header(&p, bhs, WRITES, 0, 65536, cdb);
	put_be24(bhs + BHS_DATA_LENGTH, 65536);
	peer_write(&p, bhs, sizeof(bhs));
	peer_write(&p, bytes, 30000);
	assert_serves(); /* this session replaces that of p */
	peer_expect_closed(&p);
	peer_close(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_combinations),
		cmocka_unit_test(test_short_unsolicited),
		cmocka_unit_test(test_residuals),
		cmocka_unit_test(test_writes_are_carried_out_in_order),
		cmocka_unit_test(test_read_after_write),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_busy_at_the_limit_of_write_data),
		cmocka_unit_test(test_data_that_does_not_come),
		cmocka_unit_test(test_sessions_share_the_limit),
		cmocka_unit_test(test_limit_of_a_session),
		cmocka_unit_test(test_r2ts_within_the_limit_of_solicited_data),
		cmocka_unit_test(test_broken_solicited),
		cmocka_unit_test(test_broken_command),
		cmocka_unit_test(test_broken_data_sn),
		cmocka_unit_test(test_data_without_a_command_is_discarded),
		cmocka_unit_test(test_half_a_write),
	};

	return cmocka_run_group_tests(tests, setup_target, teardown_target);
}
