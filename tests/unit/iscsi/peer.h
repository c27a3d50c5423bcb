/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An initiator for tests that can send anything. It builds PDUs by hand, sends them over a socket to a target
 * on a free port, and returns each PDU that arrives.
 */
#ifndef TESTS_UNIT_ISCSI_PEER_H
#define TESTS_UNIT_ISCSI_PEER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <pthread.h>
#include <sys/socket.h>

#include "target/iscsi/buffer.h"
#include "target/iscsi/digest.h"
#include "target/iscsi/iscsi.h"
#include "target/iscsi/param.h"
#include "target/iscsi/pdu.h"
#include "target/iscsi/session.h"
#include "target/iscsi/target.h"
#include "target/iscsi/task.h"
#include "target/iscsi/tmf.h"
#include "tests/unit/iscsi/dummy.h"

#define TARGET_NAME "iqn.2026-11.test.jukebox:t"
#define INITIATOR_NAME "iqn.2026-11.test.initiator:a"

/* KEYS(s): pointer and length of a list of key=value pairs. Each pair ends with \0; the last \0 is that of
 * the string. */
#define KEYS(s) (s), sizeof(s)
#define NAMES "InitiatorName=" INITIATOR_NAME "\0TargetName=" TARGET_NAME "\0"

enum { PEER_DATA_MAX = 300 * 1024, PEER_WAIT_MS = 20000 };

struct peer {
	int fd;
	uint32_t cmd_sn, itt;
	bool header_digest, data_digest;
	uint8_t isid;
	/* the last PDU that was received */
	uint8_t bhs[BHS_LEN];
	uint8_t data[PEER_DATA_MAX];
	uint32_t data_len;
};

static struct iscsi_target *target;
static const struct iscsi_access *target_access; /* of the next target; NULL: admits all */
static uint16_t target_port;

/* The sessions that the target reported: a line "+NAME PEER" for each begin and "-NAME PEER" for each end. */
static char told[4096];

static void
keep_session(void *arg, bool begins, const char *initiator, const char *from)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	size_t len;

	(void)arg;
	pthread_mutex_lock(&lock);
	len = strlen(told);
	snprintf(told + len, sizeof(told) - len, "%c%s %s\n", begins ? '+' : '-', initiator, from);
	pthread_mutex_unlock(&lock);
}

static void
target_begin(void)
{
	static const char *const portals[] = {"127.0.0.1:0"};
	struct iscsi_options options = {
		.name = TARGET_NAME,
		.portals = portals,
		.nportals = 1,
		.device = dummy.device,
		.session = keep_session,
		.access = target_access,
	};
	char why[256], text[256];

	signal(SIGPIPE, SIG_IGN); /* as the daemon does */
	target = iscsi_start(&options, why, sizeof(why));
	assert_non_null(target);
	iscsi_portals_text(target, text, sizeof(text));
	target_port = (uint16_t)atoi(strchr(text, ':') + 1);
}

static inline int
setup_target(void **state)
{
	(void)state;
	dummy_init();
	target_begin();
	return 0;
}

static inline int
teardown_target(void **state)
{
	(void)state;
	iscsi_stop(target);
	dummy_fini();
	return 0;
}

/* Stops the target and starts another one with these limits. */
static inline void
restart_target(const struct iscsi_limits *limits)
{
	iscsi_stop(target);
	iscsi_limits = *limits;
	target_begin();
}

static inline void
peer_connect(struct peer *p)
{
	struct sockaddr_in in = {
		.sin_family = AF_INET,
		.sin_port = htons(target_port),
		.sin_addr = {htonl(INADDR_LOOPBACK)},
	};
	int on = 1;

	memset(p, 0, offsetof(struct peer, data));
	p->isid = 1;
	p->cmd_sn = 0xfffffff0u; /* the numbers wrap early */
	p->fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(p->fd, (struct sockaddr *)&in, sizeof(in)), 0);
	setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static inline void
peer_close(struct peer *p)
{
	close(p->fd);
}

/* Sends n bytes. Returns false if the target closed the connection. */
static inline bool
peer_write(struct peer *p, const void *bytes, size_t n)
{
	const uint8_t *at = bytes;

	while (n > 0) {
		ssize_t sent = send(p->fd, at, n, MSG_NOSIGNAL);

		if (sent < 0)
			return false;
		at += sent;
		n -= (size_t)sent;
	}
	return true;
}

/* Sends one PDU in one send(); fills in its length, padding and digests. Returns false if the target
 * closed the connection. */
static inline bool
peer_send(struct peer *p, uint8_t bhs[BHS_LEN], const void *data, uint32_t n)
{
	uint8_t *whole = malloc(BHS_LEN + n + 16);
	size_t len = BHS_LEN, pad = pdu_padding(n);
	bool ok;

	put_be24(bhs + BHS_DATA_LENGTH, n);
	memcpy(whole, bhs, BHS_LEN);
	if (p->header_digest) {
		digest_put(whole + len, digest_add(DIGEST_START, whole, len));
		len += DIGEST_LEN;
	}
	if (n > 0) {
		uint8_t *at = whole + len;

		memcpy(at, data, n);
		memset(at + n, 0, pad);
		len += n + pad;
		if (p->data_digest) {
			digest_put(whole + len, digest_add(DIGEST_START, at, n + pad));
			len += DIGEST_LEN;
		}
	}
	ok = peer_write(p, whole, len);
	free(whole);
	return ok;
}

/* Reads exactly n bytes. Returns false if the target closed the connection; fails the test if nothing
 * comes within PEER_WAIT_MS. */
static inline bool
peer_read(struct peer *p, void *to, size_t n)
{
	uint8_t *at = to;

	while (n > 0) {
		struct pollfd pfd = {.fd = p->fd, .events = POLLIN};
		ssize_t got;

		if (poll(&pfd, 1, PEER_WAIT_MS) <= 0)
			fail_msg("the target says nothing");
		got = recv(p->fd, at, n, 0);
		if (got <= 0)
			return false;
		at += got;
		n -= (size_t)got;
	}
	return true;
}

/* Receives the next PDU of any type and checks its digests. Returns false if the target closed the
 * connection. */
static inline bool
peer_recv(struct peer *p)
{
	uint8_t digest[DIGEST_LEN];
	uint32_t padded;

	if (!peer_read(p, p->bhs, BHS_LEN))
		return false;
	if (p->header_digest) {
		assert_true(peer_read(p, digest, DIGEST_LEN));
		assert_int_equal(digest_get(digest), digest_add(DIGEST_START, p->bhs, BHS_LEN));
	}
	assert_int_equal(p->bhs[BHS_AHS_LENGTH], 0);
	p->data_len = get_be24(p->bhs + BHS_DATA_LENGTH);
	padded = p->data_len + pdu_padding(p->data_len);
	assert_true(padded <= sizeof(p->data));
	if (padded == 0)
		return true;
	assert_true(peer_read(p, p->data, padded));
	if (p->data_digest) {
		assert_true(peer_read(p, digest, DIGEST_LEN));
		assert_int_equal(digest_get(digest), digest_add(DIGEST_START, p->data, padded));
	}
	return true;
}

/* Receives the next PDU, which must have this opcode. */
static inline void
peer_expect(struct peer *p, uint8_t opcode)
{
	assert_true(peer_recv(p));
	assert_int_equal(p->bhs[BHS_OPCODE], opcode);
}

static inline void
peer_expect_closed(struct peer *p)
{
	while (peer_recv(p))
		;
}

static inline uint8_t *
peer_header(struct peer *p, uint8_t *bhs, uint8_t opcode, uint8_t flags)
{
	memset(bhs, 0, BHS_LEN);
	bhs[BHS_OPCODE] = opcode;
	bhs[BHS_FLAGS] = flags;
	put_be32(bhs + BHS_ITT, ++p->itt);
	return bhs;
}

/* ---- login ---------------------------------------------------------------------------------- */

/* Sends one login request and receives the response. Returns the response's status. */
static inline unsigned
peer_login_step(struct peer *p, uint8_t flags, const char *keys, size_t len)
{
	uint8_t bhs[BHS_LEN];

	peer_header(p, bhs, OP_LOGIN_REQUEST | BHS_IMMEDIATE, flags);
	p->itt--; /* a whole login has one tag */
	bhs[LOGIN_ISID] = 0x80;
	bhs[LOGIN_ISID + 5] = p->isid;
	put_be32(bhs + BHS_CMD_SN, p->cmd_sn);
	put_be32(bhs + BHS_EXP_STAT_SN, 7);
	assert_true(peer_send(p, bhs, keys, (uint32_t)len));
	peer_expect(p, OP_LOGIN_RESPONSE);
	return get_be16(p->bhs + LOGIN_STATUS);
}

enum {
	LOGIN_OPERATIONAL_TO_FULL =
		LOGIN_TRANSIT | STAGE_OPERATIONAL << LOGIN_CSG_SHIFT | STAGE_FULL_FEATURE,
};

/* Connects and logs in to full feature phase. `keys` are sent after the names of initiator and target. */
static inline void
peer_login(struct peer *p, const char *keys, size_t len)
{
	char all[4096] = NAMES;
	size_t n = sizeof(NAMES) - 1;

	memcpy(all + n, keys, len);
	peer_connect(p);
	assert_int_equal(
		peer_login_step(p, LOGIN_OPERATIONAL_TO_FULL, all, n + len), LOGIN_SUCCESS);
	assert_int_equal(p->bhs[BHS_FLAGS], LOGIN_OPERATIONAL_TO_FULL);
	assert_int_not_equal(get_be16(p->bhs + LOGIN_TSIH), 0);
}

/* Returns the value of a key in the last response, or "" if the key is missing. */
static inline const char *
peer_answer(struct peer *p, const char *key)
{
	static char value[256];
	const char *at = (char *)p->data;
	size_t left = p->data_len;
	struct text_pair pair;

	while (text_next(&at, &left, &pair) == TEXT_PAIR) {
		if (text_equal(pair.key, pair.key_len, key)) {
			memcpy(value, pair.value, pair.value_len);
			value[pair.value_len] = '\0';
			return value;
		}
	}
	return "";
}

/* ---- commands ------------------------------------------------------------------------------- */

static inline uint8_t *
peer_command_header(struct peer *p, uint8_t *bhs, uint8_t flags, uint8_t lun, uint32_t edtl,
	const uint8_t cdb[16])
{
	peer_header(p, bhs, OP_SCSI_COMMAND, flags);
	bhs[BHS_LUN + 1] = lun;
	put_be32(bhs + COMMAND_EDTL, edtl);
	put_be32(bhs + BHS_CMD_SN, p->cmd_sn++);
	memcpy(bhs + COMMAND_CDB, cdb, 16);
	return bhs;
}

static inline void
peer_command(struct peer *p, uint8_t flags, uint8_t lun, uint32_t edtl, const uint8_t cdb[16],
	const void *data, uint32_t n)
{
	uint8_t bhs[BHS_LEN];

	peer_command_header(p, bhs, flags, lun, edtl, cdb);
	assert_true(peer_send(p, bhs, data, n));
}

static inline void
cdb_rw10(uint8_t cdb[16], uint8_t opcode, uint32_t lba, uint16_t blocks)
{
	memset(cdb, 0, 16);
	cdb[0] = opcode;
	put_be32(cdb + 2, lba);
	put_be16(cdb + 7, blocks);
}

static inline void
cdb_long(uint8_t cdb[16], uint8_t opcode, uint32_t n)
{
	memset(cdb, 0, 16);
	cdb[0] = opcode;
	put_be32(cdb + 2, n);
}

/* The result of a command. `collapsed` is true if the status came with the last Data-In. */
struct outcome {
	uint8_t *data;
	uint32_t len, pdus, bursts;
	bool collapsed;
	uint8_t status, flags;
	uint32_t residual;
	uint8_t key, asc, ascq;
};

/* Receives the answer of a command with this tag and expected data length; checks every field that it can. */
static inline struct outcome
peer_gather(struct peer *p, uint32_t itt, uint32_t edtl)
{
	struct outcome o = {.data = malloc(edtl + 1)};

	for (;;) {
		assert_true(peer_recv(p));
		assert_int_equal(get_be32(p->bhs + BHS_ITT), itt);
		if (p->bhs[BHS_OPCODE] == OP_SCSI_RESPONSE)
			break;
		assert_int_equal(p->bhs[BHS_OPCODE], OP_DATA_IN);
		assert_int_equal(get_be32(p->bhs + DATA_SN), o.pdus++);
		assert_int_equal(get_be32(p->bhs + DATA_OFFSET), o.len);
		assert_true(o.len + p->data_len <= edtl);
		memcpy(o.data + o.len, p->data, p->data_len);
		o.len += p->data_len;
		o.bursts += (p->bhs[BHS_FLAGS] & BHS_FINAL) != 0;
		if (p->bhs[BHS_FLAGS] & DATA_IN_STATUS_FLAG) {
			o.collapsed = true;
			break;
		}
	}
	assert_true(p->bhs[BHS_FLAGS] & BHS_FINAL);
	o.status = p->bhs[RESPONSE_STATUS];
	o.flags = p->bhs[BHS_FLAGS] & (RESIDUAL_OVERFLOW | RESIDUAL_UNDERFLOW);
	o.residual = get_be32(p->bhs + RESPONSE_RESIDUAL);
	if (!o.collapsed && o.status == SCSI_CHECK_CONDITION) {
		assert_true(p->data_len >= 2 + 14);
		assert_int_equal(get_be16(p->data), SCSI_SENSE_LEN);
		o.key = p->data[2 + 2];
		o.asc = p->data[2 + 12];
		o.ascq = p->data[2 + 13];
	}
	return o;
}

static inline struct outcome
peer_run(struct peer *p, uint8_t flags, uint8_t lun, uint32_t edtl, const uint8_t cdb[16],
	const void *data, uint32_t n)
{
	peer_command(p, flags, lun, edtl, cdb, data, n);
	return peer_gather(p, p->itt, edtl);
}

enum {
	READS = BHS_FINAL | COMMAND_READ,
	WRITES = BHS_FINAL | COMMAND_WRITE,
	WRITES_MORE = COMMAND_WRITE, /* unsolicited data will follow */
	NO_DATA = BHS_FINAL,
};

/* Runs TEST UNIT READY and takes the unit attention that a new nexus has. */
static inline void
peer_ready(struct peer *p, uint8_t lun)
{
	static const uint8_t test_unit_ready[16];
	struct outcome o = peer_run(p, NO_DATA, lun, 0, test_unit_ready, NULL, 0);

	free(o.data);
	assert_int_equal(o.status, SCSI_CHECK_CONDITION);
	assert_int_equal(o.asc, 0x29);
}

/* Logs in and takes the unit attentions of both units. */
static inline void
peer_session(struct peer *p, const char *keys, size_t len)
{
	peer_login(p, keys, len);
	for (uint8_t lun = 0; lun < DUMMY_UNITS; lun++)
		peer_ready(p, lun);
}

/* Checks that the target still works: a new session reads a block. */
static inline void
assert_serves(void)
{
	static struct peer p;
	uint8_t cdb[16], block[DUMMY_BLOCK];
	struct outcome o;

	cdb_rw10(cdb, 0x28, 5, 1);
	peer_session(&p, KEYS(""));
	o = peer_run(&p, READS, 0, DUMMY_BLOCK, cdb, NULL, 0);
	assert_int_equal(o.status, SCSI_GOOD);
	assert_int_equal(o.len, DUMMY_BLOCK);
	assert_int_equal(pread(dummy.fd, block, sizeof(block), 5 * DUMMY_BLOCK), DUMMY_BLOCK);
	assert_memory_equal(o.data, block, sizeof(block));
	free(o.data);
	peer_close(&p);
}

#endif
