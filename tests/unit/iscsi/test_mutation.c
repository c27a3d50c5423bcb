/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Broken input for a running target: sessions that begin well and then go wrong at random, with a fixed seed.
 * The target must neither crash nor hang, and must serve the next session.
 */
#include "tests/unit/iscsi/peer.h"

enum { ROUNDS = 3000, PDUS_MAX = 6 };

static struct peer p;
static unsigned short seed[3] = {17, 4, 2026};

static uint32_t
any(uint32_t below)
{
	return (uint32_t)nrand48(seed) % below;
}

/* Makes a header that an initiator could send. */
static void
plausible(uint8_t bhs[BHS_LEN])
{
	static const uint8_t opcodes[] = {OP_NOP_OUT, OP_SCSI_COMMAND, OP_SCSI_COMMAND,
		OP_TMF_REQUEST, OP_TEXT_REQUEST, OP_DATA_OUT, OP_LOGOUT_REQUEST, OP_SNACK_REQUEST,
		OP_LOGIN_REQUEST};
	static const uint8_t cdbs[] = {
		0x00, 0x03, 0x12, 0x1a, 0x25, 0x28, 0x28, 0x2a, 0xa0, 0xc1, 0xc2};
	uint8_t opcode = opcodes[any(sizeof(opcodes))];

	memset(bhs, 0, BHS_LEN);
	bhs[BHS_OPCODE] = opcode | (any(3) == 0 ? BHS_IMMEDIATE : 0);
	bhs[BHS_FLAGS] = BHS_FINAL;
	bhs[BHS_LUN + 1] = (uint8_t)any(3);
	put_be32(bhs + BHS_ITT, p.itt += any(2));
	put_be32(bhs + BHS_TTT, any(2) ? TAG_NONE : any(3));
	if (opcode != OP_DATA_OUT) {
		put_be32(bhs + BHS_CMD_SN, p.cmd_sn);
		p.cmd_sn += !(bhs[BHS_OPCODE] & BHS_IMMEDIATE);
	}
	if (opcode == OP_TMF_REQUEST)
		bhs[BHS_FLAGS] |= (uint8_t)any(10);
	if (opcode != OP_SCSI_COMMAND)
		return;
	bhs[BHS_FLAGS] |= any(2) ? COMMAND_READ : COMMAND_WRITE;
	put_be32(bhs + COMMAND_EDTL, any(4) == 0 ? any(1 << 24) : any(20000));
	bhs[COMMAND_CDB] = cdbs[any(sizeof(cdbs))];
	put_be32(bhs + COMMAND_CDB + 2, any(2) ? any(100) : (uint32_t)nrand48(seed));
	bhs[COMMAND_CDB + 8] = (uint8_t)any(64);
	/* The length of the reply of C1h and C2h is in the CDB; keep it small. */
	if (bhs[COMMAND_CDB] >= 0xc1)
		put_be32(bhs + COMMAND_CDB + 2, any(100000));
}

static bool
send_broken(void)
{
	static uint8_t bytes[70000];
	uint8_t bhs[BHS_LEN];
	uint32_t len = any(3) == 0 ? any(70000) : any(3) == 0 ? any(64) : 0;

	plausible(bhs);
	put_be24(bhs + BHS_DATA_LENGTH, len);
	for (uint32_t n = any(4); n > 0; n--)
		bhs[any(BHS_LEN)] ^= (uint8_t)(1 << any(8));
	if (bhs[COMMAND_CDB] >= 0xc0) /* no unlimited reply and no C0h, which waits for the test */
		put_be32(bhs + COMMAND_CDB, 0);
	return peer_write(&p, bhs, any(20) == 0 ? any(BHS_LEN) : BHS_LEN) &&
	       peer_write(&p, bytes, len + pdu_padding(len));
}

/* Reads and discards what comes until nothing comes for `ms` milliseconds. */
static void
swallow(int ms)
{
	struct pollfd pfd = {.fd = p.fd, .events = POLLIN};

	while (poll(&pfd, 1, ms) > 0 && recv(p.fd, p.data, sizeof(p.data), 0) > 0)
		;
}

/* Waits until no login is in progress, then calls assert_serves(). The target accepts a limited number of
 * logins, and it may not have seen yet that the connections of this test were closed. */
static void
assert_serves_next(void)
{
	unsigned logins = 1;

	for (int i = 0; i < 1000 && logins > 0; i++) {
		target_enter(target);
		logins = target->admission.count[ADMISSION_LOGIN];
		target_leave(target);
		if (logins > 0)
			poll(NULL, 0, 10);
	}
	assert_int_equal(logins, 0);
	assert_serves();
}

static void
test_full_feature(void **state)
{
	static const struct {
		const char *keys;
		size_t len;
	} modes[] = {
		{KEYS("")},
		{KEYS("InitialR2T=No\0FirstBurstLength=8192")},
		{KEYS("ImmediateData=No\0MaxRecvDataSegmentLength=512")},
		{KEYS("MaxBurstLength=4096")},
	};

	for (int round = 0; round < ROUNDS; round++) {
		size_t mode = any(sizeof(modes) / sizeof(modes[0]));

		peer_login(&p, modes[mode].keys, modes[mode].len);
		for (uint32_t n = 1 + any(PDUS_MAX); n > 0; n--) {
			if (!send_broken())
				break;
			if (any(4) == 0)
				swallow(0);
		}
		if (any(2))
			shutdown(p.fd, SHUT_WR);
		swallow(any(10) == 0 ? 2 : 0);
		peer_close(&p);
		if (round % 500 == 0)
			assert_serves_next();
	}
	assert_serves_next();
}

static void
test_login(void **state)
{
	static const char keys[] =
		NAMES "SessionType=Normal\0AuthMethod=None\0HeaderDigest=None\0MaxBurstLength=1000";

	for (int round = 0; round < ROUNDS; round++) {
		uint8_t bytes[BHS_LEN + sizeof(keys) + 4] = {0};
		uint32_t len = any(4) == 0 ? any(sizeof(keys)) : (uint32_t)sizeof(keys);

		peer_connect(&p);
		peer_header(&p, bytes, OP_LOGIN_REQUEST | BHS_IMMEDIATE,
			any(2) ? LOGIN_OPERATIONAL_TO_FULL : (uint8_t)any(256));
		put_be24(bytes + BHS_DATA_LENGTH, len);
		memcpy(bytes + BHS_LEN, keys, len);
		for (uint32_t n = any(6); n > 0; n--)
			bytes[any(2) ? any(BHS_LEN) : BHS_LEN + any(sizeof(keys))] =
				(uint8_t)nrand48(seed);
		peer_write(&p, bytes, BHS_LEN + len + pdu_padding(len));
		shutdown(p.fd, SHUT_WR);
		swallow(any(4) == 0 ? 5 : 0);
		peer_close(&p);
		if (round % 500 == 0)
			assert_serves_next();
	}
	assert_serves_next();
}

/* ---- with CHAP ------------------------------------------------------------------------------ */

static _Atomic bool want_chap;

static enum iscsi_refusal
admits_all(void *arg, const char *initiator, const struct sockaddr *address)
{
	return ISCSI_ADMITTED;
}

static bool
wants_chap(void *arg, bool discovery)
{
	return want_chap;
}

static bool
any_secret(void *arg, bool discovery, const char *user, struct iscsi_secret *secret)
{
	memset(secret, 's', sizeof(*secret));
	secret->len = strlen(user);
	return user[0] == 'u';
}

static bool
own_secret(void *arg, char *name, struct iscsi_secret *secret)
{
	memset(name, 'n', ISCSI_USER_MAX);
	name[ISCSI_USER_MAX] = '\0';
	memset(secret->bytes, 'x', secret->len = ISCSI_SECRET_MAX);
	return true;
}

/* Longer than the longest request of a login. */
static char chap_text[TEXT_BINARY_MAX + 256];

/* Sends one login request, which is sometimes broken. The requests of a login are sent without waiting for
 * answers. */
static bool
send_chap(uint8_t flags, const char *keys, size_t len)
{
	uint8_t bhs[BHS_LEN] = {0};

	memcpy(chap_text, keys, len);
	peer_header(&p, bhs, OP_LOGIN_REQUEST | BHS_IMMEDIATE, flags);
	p.itt--;
	if (any(20) == 0)
		bhs[BHS_FLAGS] = (uint8_t)any(256);
	if (any(20) == 0)
		len = any((uint32_t)len);
	if (any(3) == 0)
		for (uint32_t n = any(5); n > 0 && len > 0; n--)
			chap_text[any((uint32_t)len)] = (char)any(256);
	return peer_send(&p, bhs, chap_text, (uint32_t)len);
}

static void
test_chap_login(void **state)
{
	static const struct {
		const char *keys;
		size_t len;
	} algorithms[] = {{KEYS("CHAP_A=8,7,6,5")}, {KEYS("CHAP_A=5")}, {KEYS("CHAP_A=7,5")},
		{KEYS("CHAP_A=6")}, {KEYS("CHAP_A=99999999999999999999")}};
	static char last[TEXT_BINARY_MAX + 256] =
		"CHAP_N=user\0CHAP_R=0b00112233445566778899aabbccdd\0CHAP_I=1\0CHAP_C=0x";
	const size_t at =
		sizeof("CHAP_N=user\0CHAP_R=0b00112233445566778899aabbccdd\0CHAP_I=1\0CHAP_C=0x") -
		1;

	for (int round = 0; round < ROUNDS; round++) {
		size_t i = any(sizeof(algorithms) / sizeof(algorithms[0]));
		uint32_t digits = any(2) ? any(2 * 1024) : any(64);

		memset(last + at, 'a', digits);
		last[at + digits] = '\0';
		peer_connect(&p);
		if (send_chap(STAGE_SECURITY << LOGIN_CSG_SHIFT,
			    KEYS(NAMES "AuthMethod=CHAP,None\0SessionType=Normal")) &&
			send_chap(STAGE_SECURITY << LOGIN_CSG_SHIFT, algorithms[i].keys,
				algorithms[i].len))
			send_chap(LOGIN_TRANSIT | STAGE_SECURITY << LOGIN_CSG_SHIFT |
					  STAGE_FULL_FEATURE,
				last, at + digits + 1);
		shutdown(p.fd, SHUT_WR);
		swallow(any(4) == 0 ? 5 : 0);
		peer_close(&p);
	}
	want_chap = false;
	assert_serves_next();
}

/* No session, no extent and no memory is left over from the tests above. */
static void
test_nothing_left(void **state)
{
	char text[4096];

	for (int i = 0; i < 1000 && iscsi_sessions_text(target, text, sizeof(text)) != 0; i++)
		poll(NULL, 0, 10);
	assert_string_equal(text, "");
	assert_int_equal(atomic_load(&dummy.extents), 0);
	assert_int_equal(__atomic_load_n(&target->held, __ATOMIC_RELAXED), 0);
}

static int
ask_for_chap(void **state)
{
	want_chap = true;
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full_feature),
		cmocka_unit_test(test_login),
		cmocka_unit_test_setup(test_chap_login, ask_for_chap),
		cmocka_unit_test(test_nothing_left),
	};

	static const struct iscsi_access access = {
		.admits = admits_all,
		.wants_chap = wants_chap,
		.user_secret = any_secret,
		.own_secret = own_secret,
	};

	target_access = &access;
	iscsi_limits.reinstate_ms = 2000;
	return cmocka_run_group_tests(tests, setup_target, teardown_target);
}
