/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Portals, the texts for the mount, limits on connections, and the stop of the target.
 */
#include <sys/resource.h>

#include "tests/unit/iscsi/peer.h"

static struct peer p;
static char why[256];

static struct iscsi_target *
start(const char *const *portals, size_t n)
{
	struct iscsi_options options = {
		.name = TARGET_NAME,
		.portals = portals,
		.nportals = n,
		.device = dummy.device,
	};

	return iscsi_start(&options, why, sizeof(why));
}

static void
test_refused_portals(void **state)
{
	static const struct {
		const char *portal, *why;
	} rows[] = {
		{"0.0.0.0:0", "loopback"},
		{"192.0.2.1:0", "loopback"},
		{"[::]:0", "loopback"},
		{"[::ffff:127.0.0.1]:0", "loopback"},
		{"127.0.0.1:port", "write it as"},
		{"127.0.0.1:123456", "write it as"},
		{"127.0.0.1:", "write it as"},
		{":3260", "write it as"},
		{"", "write it as"},
		{"[::1", "write it as"},
		{"[::1]x", "write it as"},
		{"no.such.host.invalid:0", "portal no.such.host.invalid:0: "},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_null(start(&rows[i].portal, 1));
		assert_non_null(strstr(why, rows[i].why));
	}
	assert_null(start(NULL, 0));
}

static void
test_port_in_use(void **state)
{
	char text[256];
	const char *portal = text;
	struct iscsi_target *t;
	static const char *const any[] = {"127.0.0.1:0"};

	t = start(any, 1);
	assert_non_null(t);
	iscsi_portals_text(t, text, sizeof(text));
	text[strcspn(text, "\n")] = '\0';
	assert_null(start(&portal, 1));
	assert_non_null(strstr(why, "in use"));
	iscsi_stop(t);
	t = start(&portal, 1); /* the port is free at once */
	assert_non_null(t);
	iscsi_stop(t);
}

/* Several portals; IPv4 and IPv6 if the machine has both. */
static void
test_portals_text(void **state)
{
	static const char *const portals[] = {"127.0.0.1:0", "127.0.0.2:0", "[::1]:0"};
	char text[256], cut[8];
	size_t len;
	struct iscsi_target *t = start(portals, 3);

	if (t == NULL) /* no IPv6 on this machine */
		t = start(portals, 2);
	assert_non_null(t);
	len = iscsi_portals_text(t, text, sizeof(text));
	assert_int_equal(len, strlen(text));
	assert_ptr_equal(strstr(text, "127.0.0.1:"), text);
	assert_non_null(strstr(text, "\n127.0.0.2:"));
	assert_null(strstr(text, ":0\n"));
	assert_int_equal(iscsi_portals_text(t, cut, sizeof(cut)), len);
	assert_memory_equal(cut, "127.0.0", 8);
	assert_int_equal(iscsi_portals_text(t, NULL, 0), len);
	iscsi_stop(t);
}

/* ---- changes while it runs ------------------------------------------------------------------ */

static bool beyond_allowed;

static bool
may_go_beyond(void *arg)
{
	return beyond_allowed;
}

static enum iscsi_refusal
admits(void *arg, const char *initiator, const struct sockaddr *address)
{
	return ISCSI_ADMITTED;
}

static bool
no_chap(void *arg, bool discovery)
{
	return false;
}

static const struct iscsi_access any_access = {
	.admits = admits, .wants_chap = no_chap, .may_go_beyond = may_go_beyond};

static bool
answers(const char *host, uint16_t port)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	bool ok;

	inet_pton(AF_INET, host, &in.sin_addr);
	ok = connect(fd, (struct sockaddr *)&in, sizeof(in)) == 0;
	close(fd);
	return ok;
}

static void
assert_portals(const char *want)
{
	char text[512];

	iscsi_portals_text(target, text, sizeof(text));
	assert_string_equal(text, want);
}

/* Changes the portals of the target of peer.h. target_port is the port of the first portal. */
static void
test_portals_come_and_go(void **state)
{
	char first[64], second[64], all[160];
	const char *list[3] = {first, second, first}, *bad[2] = {first, "127.0.0.1:1x"};

	target_begin();
	snprintf(first, sizeof(first), "127.0.0.1:%u", target_port);
	snprintf(second, sizeof(second), "127.0.0.2:%u", target_port);
	peer_session(&p, KEYS(""));
	/* Add a portal. The list also has the existing one, which is named twice. */
	assert_int_equal(iscsi_portals_set(target, list, 3, why, sizeof(why)), 0);
	snprintf(all, sizeof(all), "%s\n%s\n", first, second);
	assert_portals(all);
	assert_true(answers("127.0.0.1", target_port));
	assert_true(answers("127.0.0.2", target_port));
	/* A list with an error changes nothing. */
	assert_int_equal(iscsi_portals_set(target, bad, 2, why, sizeof(why)), -EINVAL);
	assert_portals(all);
	assert_true(answers("127.0.0.1", target_port));
	assert_true(answers("127.0.0.2", target_port));
	assert_int_equal(iscsi_portals_set(target, list, 0, why, sizeof(why)), -EINVAL);
	assert_portals(all);
	/* Remove a portal: its port is free when the call returns, and no session ends. */
	assert_int_equal(iscsi_portals_set(target, &list[1], 1, why, sizeof(why)), 0);
	assert_false(answers("127.0.0.1", target_port));
	assert_true(answers("127.0.0.2", target_port));
	{
		uint8_t bhs[BHS_LEN];

		peer_header(&p, bhs, OP_NOP_OUT | BHS_IMMEDIATE, BHS_FINAL);
		put_be32(bhs + BHS_TTT, TAG_NONE);
		put_be32(bhs + BHS_CMD_SN, p.cmd_sn);
		assert_true(peer_send(&p, bhs, NULL, 0));
		peer_expect(&p, OP_NOP_IN);
	}
	peer_close(&p);
	iscsi_stop(target);
}

static void
test_portal_that_is_taken(void **state)
{
	const char *list[2], *had;
	char taken[64], mine[64];
	struct iscsi_target *other;

	target_begin();
	other = target;
	snprintf(taken, sizeof(taken), "127.0.0.1:%u", target_port);
	target_begin();
	snprintf(mine, sizeof(mine), "127.0.0.1:%u", target_port);
	list[0] = had = mine;
	list[1] = taken;
	assert_int_equal(iscsi_portals_set(target, list, 2, why, sizeof(why)), -EADDRINUSE);
	assert_true(answers("127.0.0.1", target_port));
	/* If the new portal cannot be opened, the old one is opened again. */
	assert_int_equal(iscsi_portals_set(target, &list[1], 1, why, sizeof(why)), -EADDRINUSE);
	assert_non_null(strstr(why, taken));
	assert_true(answers("127.0.0.1", target_port));
	assert_int_equal(iscsi_portals_set(target, &had, 1, why, sizeof(why)), 0);
	iscsi_stop(target);
	iscsi_stop(other);
}

/* A wildcard portal replaces the portal of one address. SendTargets reports addresses, never the wildcard. */
static void
test_beyond_loopback(void **state)
{
	char any[80], one[64], keys[] = "SendTargets=All";
	const char *list = any, *back = one;
	uint8_t bhs[BHS_LEN];

	target_access = &any_access;
	target_begin();
	snprintf(any, sizeof(any), "0.0.0.0:%u", target_port);
	snprintf(one, sizeof(one), "127.0.0.1:%u", target_port);
	beyond_allowed = false;
	assert_int_equal(iscsi_portals_set(target, &list, 1, why, sizeof(why)), -EPERM);
	assert_true(answers("127.0.0.1", target_port));
	assert_false(iscsi_portals_beyond(target));
	beyond_allowed = true;
	assert_int_equal(iscsi_portals_set(target, &list, 1, why, sizeof(why)), 0);
	assert_true(answers("127.0.0.3", target_port));
	assert_true(iscsi_portals_beyond(target));
	peer_connect(&p);
	assert_int_equal(peer_login_step(&p, LOGIN_OPERATIONAL_TO_FULL,
				 KEYS("InitiatorName=" INITIATOR_NAME "\0SessionType=Discovery")),
		LOGIN_SUCCESS);
	peer_header(&p, bhs, OP_TEXT_REQUEST | BHS_IMMEDIATE, BHS_FINAL);
	put_be32(bhs + BHS_TTT, TAG_NONE);
	put_be32(bhs + BHS_CMD_SN, p.cmd_sn);
	assert_true(peer_send(&p, bhs, keys, sizeof(keys)));
	peer_expect(&p, OP_TEXT_RESPONSE);
	snprintf(any, sizeof(any), "%s,1", one);
	assert_string_equal(peer_answer(&p, "TargetAddress"), any);
	assert_null(memmem(p.data, p.data_len, "0.0.0.0", 7));
	peer_close(&p);
	assert_int_equal(iscsi_portals_set(target, &back, 1, why, sizeof(why)), 0);
	assert_false(answers("127.0.0.3", target_port));
	assert_false(iscsi_portals_beyond(target));
	iscsi_stop(target);
	target_access = NULL;
}

static void
test_sessions_text(void **state)
{
	char text[512], cut[5];
	size_t len;

	target_begin();
	assert_int_equal(iscsi_sessions_text(target, text, sizeof(text)), 0);
	assert_string_equal(text, "");
	peer_session(&p, KEYS(""));
	len = iscsi_sessions_text(target, text, sizeof(text));
	assert_int_equal(len, strlen(text));
	assert_ptr_equal(strstr(text, INITIATOR_NAME " 127.0.0.1:"), text);
	assert_string_equal(text + len - sizeof("Z 1 - 0"), "Z 1 - 0\n");
	assert_int_equal(iscsi_sessions_text(target, cut, sizeof(cut)), len);
	assert_string_equal(cut, "iqn.");
	peer_close(&p);
	iscsi_stop(target);
}

/* iscsi_session_drop() asks for a logout. A session that does not log out is cut. */
static void
test_drop_asks(void **state)
{
	struct iscsi_limits was = iscsi_limits;
	static struct peer q;

	iscsi_limits.logout_ms = 300;
	target_begin();
	peer_session(&p, KEYS(""));
	peer_connect(&q);
	q.isid = 2;
	assert_int_equal(
		peer_login_step(&q, LOGIN_OPERATIONAL_TO_FULL, KEYS(NAMES)), LOGIN_SUCCESS);
	assert_int_equal(iscsi_session_drop(target, "77", ISCSI_DROP_ASK), 0);
	assert_int_equal(iscsi_session_drop(target, "", ISCSI_DROP_ASK), 0);
	assert_int_equal(iscsi_session_drop(target, "iqn.other", ISCSI_DROP_CUT), 0);
	assert_int_equal(iscsi_session_drop(target, "1", ISCSI_DROP_ASK), 1);
	peer_expect(&p, OP_ASYNC_MESSAGE);
	assert_int_equal(p.bhs[ASYNC_EVENT], ASYNC_LOGOUT_REQUEST);
	assert_false(peer_recv(&p));
	peer_ready(&q, 0); /* the other session is not affected */
	peer_close(&p);
	peer_close(&q);
	iscsi_stop(target);
	iscsi_limits = was;
}

/* A peer that reads nothing, so that its connection's thread waits in send, is cut when its time is over. */
static void
test_drop_of_a_peer_that_does_not_read(void **state)
{
	struct iscsi_limits was = iscsi_limits;
	uint8_t cdb[16];

	iscsi_limits.logout_ms = 100;
	iscsi_limits.dead_ms = 10 * PEER_WAIT_MS;
	target_begin();
	peer_session(&p, KEYS("MaxRecvDataSegmentLength=262144"));
	cdb_long(cdb, 0xc1, 1 << 20);
	for (int i = 0; i < COMMAND_WINDOW; i++)
		peer_command(&p, READS, 0, 1 << 20, cdb, NULL, 0);
	assert_int_equal(iscsi_session_drop(target, "all", ISCSI_DROP_ASK), 1);
	for (int ms = 0; iscsi_sessions_text(target, NULL, 0) > 0; ms += 10) {
		assert_true(ms < PEER_WAIT_MS);
		poll(NULL, 0, 10);
	}
	peer_close(&p);
	iscsi_stop(target);
	iscsi_limits = was;
}

static void
test_drop_cuts(void **state)
{
	target_begin();
	peer_session(&p, KEYS(""));
	assert_int_equal(iscsi_session_drop(target, INITIATOR_NAME, ISCSI_DROP_CUT), 1);
	assert_false(peer_recv(&p));
	peer_close(&p);
	peer_session(&p, KEYS("")); /* it may log in again */
	assert_int_equal(iscsi_session_drop(target, "all", ISCSI_DROP_CUT), 1);
	assert_false(peer_recv(&p));
	peer_close(&p);
	iscsi_stop(target);
}

static void
test_too_many(void **state)
{
	struct iscsi_limits was = iscsi_limits;
	static struct peer q;

	iscsi_limits.connections = 1;
	target_begin();
	peer_session(&p, KEYS(""));
	peer_connect(&q);
	assert_false(peer_recv(&q));
	peer_close(&q);
	peer_close(&p);
	iscsi_stop(target);
	iscsi_limits = was;
}

/* With few descriptors the target accepts fewer connections, so that some descriptors stay free. This must
 * be the last test, because a hard limit cannot be raised again. */
static void
test_few_descriptors(void **state)
{
	enum { N = 40 };
	static const struct rlimit few = {.rlim_cur = 96, .rlim_max = 96};
	static struct peer *peers[N];
	int fds[2];

	for (int i = 0; i < N; i++)
		peers[i] = malloc(sizeof(*peers[i]));
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	target_begin();
	for (int i = 0; i < N; i++)
		peer_connect(peers[i]);
	assert_false(peer_recv(peers[N - 1])); /* refused: so all others were accepted before */
	assert_int_equal(pipe(fds), 0);
	close(fds[0]);
	close(fds[1]);
	for (int i = 0; i < N; i++) {
		peer_close(peers[i]);
		free(peers[i]);
	}
	iscsi_stop(target);
}

static void *
stop(void *arg)
{
	iscsi_stop(arg);
	return NULL;
}

/* iscsi_stop() asks for logouts: one peer logs out, one does not react, and one has not logged in yet. */
static void
test_stop(void **state)
{
	struct iscsi_limits was = iscsi_limits;
	static struct peer q, r;
	uint8_t bhs[BHS_LEN];
	pthread_t thread;

	iscsi_limits.logout_ms = 500;
	target_begin();
	peer_connect(&r);
	peer_session(&p, KEYS(""));
	peer_connect(&q);
	q.isid = 2;
	assert_int_equal(
		peer_login_step(&q, LOGIN_OPERATIONAL_TO_FULL, KEYS(NAMES)), LOGIN_SUCCESS);
	pthread_create(&thread, NULL, stop, target);
	peer_expect(&p, OP_ASYNC_MESSAGE);
	assert_int_equal(p.bhs[ASYNC_EVENT], ASYNC_LOGOUT_REQUEST);
	assert_int_equal(get_be16(p.bhs + ASYNC_PARAMETER3), 1);
	peer_header(&p, bhs, OP_LOGOUT_REQUEST | BHS_IMMEDIATE, BHS_FINAL);
	put_be32(bhs + BHS_CMD_SN, p.cmd_sn);
	peer_send(&p, bhs, NULL, 0);
	peer_expect(&p, OP_LOGOUT_RESPONSE);
	assert_false(peer_recv(&p));
	peer_expect(&q, OP_ASYNC_MESSAGE);
	assert_false(peer_recv(&q));
	assert_false(peer_recv(&r));
	pthread_join(thread, NULL);
	peer_close(&p);
	peer_close(&q);
	peer_close(&r);
	iscsi_limits = was;
}

/* iscsi_stop() waits for commands on other threads. */
static void
test_stop_with_task(void **state)
{
	struct iscsi_limits was = iscsi_limits;
	uint8_t slow[16] = {0xc0};
	pthread_t thread;

	iscsi_limits.logout_ms = 100;
	target_begin();
	peer_session(&p, KEYS(""));
	peer_command(&p, READS, 0, DUMMY_BLOCK, slow, NULL, 0);
	pthread_create(&thread, NULL, stop, target);
	peer_expect(&p, OP_ASYNC_MESSAGE);
	assert_false(peer_recv(&p));
	sem_post(&dummy.gate);
	pthread_join(thread, NULL);
	peer_close(&p);
	iscsi_limits = was;
}

static int
setup(void **state)
{
	dummy_init();
	return 0;
}

static int
teardown(void **state)
{
	dummy_fini();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused_portals),
		cmocka_unit_test(test_port_in_use),
		cmocka_unit_test(test_portals_text),
		cmocka_unit_test(test_portals_come_and_go),
		cmocka_unit_test(test_portal_that_is_taken),
		cmocka_unit_test(test_beyond_loopback),
		cmocka_unit_test(test_sessions_text),
		cmocka_unit_test(test_drop_asks),
		cmocka_unit_test(test_drop_of_a_peer_that_does_not_read),
		cmocka_unit_test(test_drop_cuts),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_stop_with_task),
		cmocka_unit_test(test_few_descriptors),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
