/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who may log in. CHAP step by step, with a peer that computes its side with OpenSSL's one-shot digests; and
 * all that the target must refuse.
 */
#include <openssl/evp.h>

#include "target/iscsi/chap.h"
#include "tests/unit/iscsi/peer.h"

enum {
	SECURITY_ONLY = STAGE_SECURITY << LOGIN_CSG_SHIFT,
	SECURITY_TO_OPERATIONAL = LOGIN_TRANSIT | SECURITY_ONLY | STAGE_OPERATIONAL,
	SECURITY_TO_FULL = LOGIN_TRANSIT | SECURITY_ONLY | STAGE_FULL_FEATURE,
};

#define USER "alice"
#define SECRET "alice's secret"
#define OWN_NAME "jukebox"
#define OWN_SECRET "the jukebox's secret"
#define DISCOVERY KEYS("InitiatorName=" INITIATOR_NAME "\0SessionType=Discovery\0")

static struct peer p, q;

/* ---- the policy of these tests -------------------------------------------------------------- */

static struct {
	_Atomic bool chap, discovery_chap, mutual;
	_Atomic enum iscsi_refusal verdict, stranger;
	char refused[256]; /* the last refusal: "REASON NAME" */
	unsigned nrefused;
} policy;

static struct iscsi_secret
secret_of(const char *text)
{
	struct iscsi_secret s = {.len = strlen(text)};

	memcpy(s.bytes, text, s.len);
	return s;
}

static enum iscsi_refusal
admits(void *arg, const char *initiator, const struct sockaddr *address)
{
	assert_int_equal(address->sa_family, AF_INET);
	return initiator == NULL ? policy.stranger : policy.verdict;
}

static bool
wants_chap(void *arg, bool discovery)
{
	return discovery ? policy.discovery_chap : policy.chap;
}

static bool
user_secret(void *arg, bool discovery, const char *user, struct iscsi_secret *secret)
{
	*secret = secret_of(discovery ? "of discovery alone" : SECRET);
	return strcmp(user, USER) == 0;
}

static bool
own_secret(void *arg, char *name, struct iscsi_secret *secret)
{
	strcpy(name, OWN_NAME);
	*secret = secret_of(OWN_SECRET);
	return policy.mutual;
}

static void
refused(void *arg, enum iscsi_refusal why, const char *initiator, const char *address)
{
	assert_int_equal(strncmp(address, "127.0.0.1:", 10), 0);
	snprintf(policy.refused, sizeof(policy.refused), "%d %s", why, initiator);
	__atomic_add_fetch(&policy.nrefused, 1, __ATOMIC_SEQ_CST);
}

static int
setup(void **state)
{
	static const struct iscsi_access access = {
		.admits = admits,
		.wants_chap = wants_chap,
		.user_secret = user_secret,
		.own_secret = own_secret,
		.refused = refused,
	};

	target_access = &access;
	return setup_target(state);
}

static int
reset(void **state)
{
	policy.chap = policy.mutual = true;
	policy.discovery_chap = false;
	policy.verdict = policy.stranger = ISCSI_ADMITTED;
	policy.refused[0] = '\0';
	__atomic_store_n(&policy.nrefused, 0, __ATOMIC_SEQ_CST);
	return 0;
}

/* ---- the peer's side ------------------------------------------------------------------------ */

static const struct algorithm {
	const char *number, *name;
} algorithms[] = {{"5", "MD5"}, {"6", "SHA1"}, {"7", "SHA256"}, {"8", "SHA3-256"}};

/* Decodes hexadecimal text of the target ("0x..."). Returns the number of bytes. */
static size_t
unhex(const char *text, uint8_t *out)
{
	size_t n = (strlen(text) - 2) / 2;

	assert_int_equal(strncmp(text, "0x", 2), 0);
	for (size_t i = 0; i < n; i++) {
		char two[3] = {text[2 + 2 * i], text[3 + 2 * i], '\0'};

		out[i] = (uint8_t)strtoul(two, NULL, 16);
	}
	return n;
}

static size_t
digest_of(const char *name, unsigned id, const char *secret, const uint8_t *challenge, size_t n,
	uint8_t *out)
{
	uint8_t all[2048] = {(uint8_t)id};
	size_t len = 1 + strlen(secret), out_len;

	memcpy(all + 1, secret, strlen(secret));
	memcpy(all + len, challenge, n);
	assert_true(EVP_Q_digest(NULL, name, NULL, all, len + n, out, &out_len));
	return out_len;
}

static void
hex_of(const uint8_t *bytes, size_t n, char *text)
{
	strcpy(text, "0x");
	for (size_t i = 0; i < n; i++)
		sprintf(text + 2 + 2 * i, "%02X", bytes[i]);
}

/* The keys of the next request, each with its NUL. */
static struct {
	char text[8192];
	size_t len;
} say;

static void
say_key(const char *key, const char *value)
{
	say.len += 1 + (size_t)snprintf(
			       say.text + say.len, sizeof(say.text) - say.len, "%s=%s", key, value);
}

static unsigned
send_said(struct peer *peer, uint8_t flags)
{
	size_t len = say.len;

	say.len = 0;
	return peer_login_step(peer, flags, say.text, len);
}

static void
begin(struct peer *peer, const char *keys, size_t len)
{
	peer_connect(peer);
	say.len = len - 1; /* KEYS() counts one NUL more */
	memcpy(say.text, keys, len);
	say_key("AuthMethod", "CHAP,None");
	assert_int_equal(send_said(peer, SECURITY_ONLY), LOGIN_SUCCESS);
	assert_string_equal(peer_answer(peer, "AuthMethod"), "CHAP");
	assert_int_equal(peer->bhs[BHS_FLAGS], SECURITY_ONLY);
}

static char challenge_text[256], response_text[256];
static unsigned challenge_id;

/* Chooses the algorithm and receives the target's challenge. Puts the response that fits `secret` into
 * response_text. */
static void
get_challenge(struct peer *peer, const struct algorithm *a, const char *secret)
{
	uint8_t challenge[256], digest[EVP_MAX_MD_SIZE];
	size_t n;

	say_key("CHAP_A", a->number);
	assert_int_equal(send_said(peer, SECURITY_ONLY), LOGIN_SUCCESS);
	assert_string_equal(peer_answer(peer, "CHAP_A"), a->number);
	challenge_id = (unsigned)atoi(peer_answer(peer, "CHAP_I"));
	strcpy(challenge_text, peer_answer(peer, "CHAP_C"));
	n = unhex(challenge_text, challenge);
	assert_true(n >= 16 && n <= 32);
	n = digest_of(a->name, challenge_id, secret, challenge, n, digest);
	hex_of(digest, n, response_text);
}

static void
expect_refused(struct peer *peer, uint8_t flags, unsigned status)
{
	assert_int_equal(send_said(peer, flags), status);
	assert_int_equal(peer->data_len, 0); /* no key gives the reason */
	assert_false(peer->bhs[BHS_FLAGS] & LOGIN_TRANSIT);
	peer_expect_closed(peer);
	peer_close(peer);
}

/* ---- logins that succeed -------------------------------------------------------------------- */

static void
test_one_way(void **state)
{
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++) {
		char text[512];

		begin(&p, KEYS(NAMES));
		get_challenge(&p, &algorithms[i], SECRET);
		say_key("CHAP_N", USER);
		say_key("CHAP_R", response_text);
		assert_int_equal(send_said(&p, SECURITY_TO_OPERATIONAL), LOGIN_SUCCESS);
		assert_int_equal(p.bhs[BHS_FLAGS], SECURITY_TO_OPERATIONAL);
		assert_string_equal(peer_answer(&p, "CHAP_N"), "");
		assert_int_equal(send_said(&p, LOGIN_OPERATIONAL_TO_FULL), LOGIN_SUCCESS);
		peer_ready(&p, 0);
		iscsi_sessions_text(target, text, sizeof(text));
		assert_non_null(strstr(text, " " USER " "));
		assert_null(strstr(text, SECRET));
		peer_close(&p);
	}
	assert_int_equal(policy.nrefused, 0);
}

static void
test_mutual(void **state)
{
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++) {
		const struct algorithm *a = &algorithms[i];
		uint8_t challenge[1024], digest[EVP_MAX_MD_SIZE];
		char text[2 * sizeof(challenge) + 8];
		size_t n = i == 0 ? sizeof(challenge) : 1 + i; /* the longest one first */

		for (size_t at = 0; at < n; at++)
			challenge[at] = (uint8_t)(at * 7 + i);
		begin(&p, KEYS(NAMES));
		get_challenge(&p, a, SECRET);
		say_key("CHAP_N", USER);
		say_key("CHAP_R", response_text);
		say_key("CHAP_I", "0x3c");
		hex_of(challenge, n, text);
		say_key("CHAP_C", text);
		assert_int_equal(send_said(&p, SECURITY_TO_FULL), LOGIN_SUCCESS);
		assert_int_equal(p.bhs[BHS_FLAGS], SECURITY_TO_FULL);
		assert_string_equal(peer_answer(&p, "CHAP_N"), OWN_NAME);
		n = digest_of(a->name, 0x3c, OWN_SECRET, challenge, n, digest);
		hex_of(digest, n, text);
		assert_int_equal(strcasecmp(peer_answer(&p, "CHAP_R"), text), 0);
		peer_ready(&p, 0);
		peer_close(&p);
	}
}

/* Binary values may be base64 in both directions. */
static void
test_base64(void **state)
{
	uint8_t digest[CHAP_BINARY_MAX];
	char text[256] = "0b";

	begin(&p, KEYS(NAMES));
	get_challenge(&p, &algorithms[3], SECRET);
	EVP_EncodeBlock((uint8_t *)text + 2, digest, (int)unhex(response_text, digest));
	say_key("CHAP_N", USER);
	say_key("CHAP_R", text);
	say_key("CHAP_I", "7");
	say_key("CHAP_C", "0bSGFsbG8=");
	assert_int_equal(send_said(&p, SECURITY_TO_FULL), LOGIN_SUCCESS);
	digest_of("SHA3-256", 7, OWN_SECRET, (const uint8_t *)"Hallo", 5, digest);
	hex_of(digest, 32, text);
	assert_int_equal(strcasecmp(peer_answer(&p, "CHAP_R"), text), 0);
	peer_close(&p);
}

/* The target chooses the first known algorithm of the list (RFC 7143 12.1.3). */
static void
test_algorithm_is_the_first_known(void **state)
{
	static const char *const lists[][2] = {
		{"8,7,6,5", "8"}, {"5,8", "5"}, {"9,123456789012,x,7", "7"}, {"0x6,5", "6"}};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		begin(&p, KEYS(NAMES));
		say_key("CHAP_A", lists[i][0]);
		assert_int_equal(send_said(&p, SECURITY_ONLY), LOGIN_SUCCESS);
		assert_string_equal(peer_answer(&p, "CHAP_A"), lists[i][1]);
		peer_close(&p);
	}
}

static void
test_discovery(void **state)
{
	policy.chap = false;
	policy.discovery_chap = true;
	begin(&p, DISCOVERY);
	get_challenge(&p, &algorithms[2], "of discovery alone");
	say_key("CHAP_N", USER);
	say_key("CHAP_R", response_text);
	assert_int_equal(send_said(&p, SECURITY_TO_FULL), LOGIN_SUCCESS);
	peer_close(&p);
	begin(&p, DISCOVERY);
	get_challenge(&p, &algorithms[2], SECRET);
	say_key("CHAP_N", USER);
	say_key("CHAP_R", response_text);
	expect_refused(&p, SECURITY_TO_FULL, LOGIN_AUTH_FAILED);
	/* Normal sessions need no CHAP here. */
	peer_login(&p, KEYS(""));
	peer_close(&p);
}

/* If the target does not require CHAP, it chooses None even if the initiator offers CHAP first. */
static void
test_none_is_chosen_without_chap(void **state)
{
	policy.chap = false;
	peer_connect(&p);
	assert_int_equal(peer_login_step(&p, SECURITY_TO_FULL, KEYS(NAMES "AuthMethod=CHAP,None")),
		LOGIN_SUCCESS);
	assert_string_equal(peer_answer(&p, "AuthMethod"), "None");
	peer_close(&p);
}

/* ---- logins that are refused ---------------------------------------------------------------- */

static void
test_wrong_secret_and_unknown_user_look_alike(void **state)
{
	static const struct {
		const char *user, *secret;
	} tries[] = {{USER, "alice's Secret"}, {"bob", SECRET}, {"bob", ""}, {"", SECRET},
		{"bob", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"}};

	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		begin(&p, KEYS(NAMES));
		get_challenge(&p, &algorithms[2], tries[i].secret);
		say_key("CHAP_N", tries[i].user);
		say_key("CHAP_R", response_text);
		expect_refused(&p, SECURITY_TO_FULL, LOGIN_AUTH_FAILED);
		assert_int_equal(policy.nrefused, i + 1);
		assert_string_equal(policy.refused, "4 " INITIATOR_NAME);
	}
}

/* A response fits only its own challenge: a response from another login is refused. */
static void
test_a_response_from_another_login_is_refused(void **state)
{
	char heard[256], first[256];

	begin(&p, KEYS(NAMES));
	get_challenge(&p, &algorithms[0], SECRET);
	strcpy(heard, response_text);
	strcpy(first, challenge_text);
	begin(&q, KEYS(NAMES));
	get_challenge(&q, &algorithms[0], SECRET);
	assert_string_not_equal(challenge_text, first);
	say_key("CHAP_N", USER);
	say_key("CHAP_R", heard);
	expect_refused(&q, SECURITY_TO_FULL, LOGIN_AUTH_FAILED);
	peer_close(&p);
}

/* The target's own challenge, sent back, is refused: the target must not compute the response to it (RFC
 * 7143 9.2.1). */
static void
test_the_target_s_own_challenge_is_refused(void **state)
{
	char text[256];

	begin(&p, KEYS(NAMES));
	get_challenge(&p, &algorithms[2], SECRET);
	say_key("CHAP_N", USER);
	say_key("CHAP_R", response_text);
	snprintf(text, sizeof(text), "%u", challenge_id);
	say_key("CHAP_I", text);
	say_key("CHAP_C", challenge_text);
	expect_refused(&p, SECURITY_TO_FULL, LOGIN_AUTH_FAILED);
	/* The target does not answer the challenge of an initiator whose response was wrong. */
	begin(&p, KEYS(NAMES));
	get_challenge(&p, &algorithms[2], "wrong");
	say_key("CHAP_N", USER);
	say_key("CHAP_R", response_text);
	say_key("CHAP_I", "1");
	say_key("CHAP_C", "0x0102");
	expect_refused(&p, SECURITY_TO_FULL, LOGIN_AUTH_FAILED);
}

static void
test_mutual_without_own_secret(void **state)
{
	policy.mutual = false;
	begin(&p, KEYS(NAMES));
	get_challenge(&p, &algorithms[2], SECRET);
	say_key("CHAP_N", USER);
	say_key("CHAP_R", response_text);
	say_key("CHAP_I", "1");
	say_key("CHAP_C", "0x0102");
	expect_refused(&p, SECURITY_TO_FULL, LOGIN_AUTH_FAILED);
}

/* Keys that must be refused in request number 1 (AuthMethod), 2 (CHAP_A) or 3 (the response) of a login. */
static const struct wrong {
	unsigned request;
	const char *keys;
	size_t len;
	unsigned status;
} wrongs[] = {
	{1, KEYS("CHAP_A=5"), LOGIN_AUTH_FAILED},
	{1, KEYS("AuthMethod=CHAP\0CHAP_A=5"), LOGIN_AUTH_FAILED},
	{1, KEYS("AuthMethod=None"), LOGIN_AUTH_FAILED},
	{1, KEYS("AuthMethod=KRB5,SRP,chap"), LOGIN_AUTH_FAILED},
	{1, KEYS("CHAP_N=" USER "\0CHAP_R=0x00112233445566778899aabbccddeeff"), LOGIN_AUTH_FAILED},
	{2, KEYS(""), LOGIN_AUTH_FAILED},
	{2, KEYS("CHAP_A="), LOGIN_AUTH_FAILED},
	{2, KEYS("CHAP_A=4,9"), LOGIN_AUTH_FAILED},
	{2, KEYS("CHAP_A=MD5"), LOGIN_AUTH_FAILED},
	{2, KEYS("CHAP_N=" USER "\0CHAP_R=0x00112233445566778899aabbccddeeff"), LOGIN_AUTH_FAILED},
	{2, KEYS("CHAP_A=5\0CHAP_I=1\0CHAP_C=0x01"), LOGIN_AUTH_FAILED},
	{2, KEYS("AuthMethod=None"), LOGIN_INITIATOR_ERROR},
	{2, KEYS("CHAP_A=5\0CHAP_A=6"), LOGIN_INITIATOR_ERROR},
	{3, KEYS(""), LOGIN_AUTH_FAILED},
	{3, KEYS("CHAP_A=5"), LOGIN_INITIATOR_ERROR},
	{3, KEYS("CHAP_N=" USER), LOGIN_AUTH_FAILED},
	{3, KEYS("CHAP_R=0x00112233445566778899aabbccddeeff"), LOGIN_AUTH_FAILED},
	{3, KEYS("CHAP_N=" USER "\0CHAP_R="), LOGIN_AUTH_FAILED},
	{3, KEYS("CHAP_N=" USER "\0CHAP_R=0x"), LOGIN_AUTH_FAILED},
	{3, KEYS("CHAP_N=" USER "\0CHAP_R=0x00"), LOGIN_AUTH_FAILED},
	{3, KEYS("CHAP_N=" USER "\0CHAP_R=00112233445566778899aabbccddeeff"), LOGIN_AUTH_FAILED},
};

static void
test_wrong_order(void **state)
{
	for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
		const struct wrong *w = &wrongs[i];

		if (w->request == 1) {
			peer_connect(&p);
			say.len = sizeof(NAMES) - 1;
			memcpy(say.text, NAMES, sizeof(NAMES));
		} else {
			begin(&p, KEYS(NAMES));
		}
		if (w->request == 3)
			get_challenge(&p, &algorithms[0], SECRET);
		memcpy(say.text + say.len, w->keys, w->len);
		say.len += w->len;
		expect_refused(&p, SECURITY_TO_FULL, w->status);
	}
}

/* The response is right, but the initiator's own challenge is missing a key or malformed. */
static void
test_bad_challenges(void **state)
{
	static const struct {
		const char *id, *challenge;
	} bad[] = {
		{"1", NULL},
		{NULL, "0x01"},
		{"256", "0x01"},
		{"-1", "0x01"},
		{"x", "0x01"},
		{"", "0x01"},
		{"1", ""},
		{"1", "0x"},
		{"1", "17"},
		{"1", "0xzz"},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		begin(&p, KEYS(NAMES));
		get_challenge(&p, &algorithms[0], SECRET);
		say_key("CHAP_N", USER);
		say_key("CHAP_R", response_text);
		if (bad[i].id != NULL)
			say_key("CHAP_I", bad[i].id);
		if (bad[i].challenge != NULL)
			say_key("CHAP_C", bad[i].challenge);
		expect_refused(&p, SECURITY_TO_FULL, LOGIN_AUTH_FAILED);
	}
}

static void
test_oversize(void **state)
{
	static char text[4096];
	size_t n = 2 + 2 * CHAP_BINARY_MAX + 1;

	memset(text, '0', sizeof(text) - 1);
	text[1] = 'x';
	for (int i = 0; i < 2; i++) {
		begin(&p, KEYS(NAMES));
		get_challenge(&p, &algorithms[0], SECRET);
		say_key("CHAP_N", USER);
		text[n] = '\0'; /* first one digit too long, then the greatest length */
		say_key("CHAP_R", text);
		expect_refused(
			&p, SECURITY_TO_FULL, i == 0 ? LOGIN_INITIATOR_ERROR : LOGIN_AUTH_FAILED);
		n--;
	}
	begin(&p, KEYS(NAMES));
	get_challenge(&p, &algorithms[0], SECRET);
	text[256] = '\0';
	say_key("CHAP_N", text);
	say_key("CHAP_R", response_text);
	expect_refused(&p, SECURITY_TO_FULL, LOGIN_INITIATOR_ERROR);
	begin(&p, KEYS(NAMES));
	get_challenge(&p, &algorithms[0], SECRET);
	text[255] = '\0'; /* too long for a user's name, but not for a value */
	say_key("CHAP_N", text);
	say_key("CHAP_R", response_text);
	expect_refused(&p, SECURITY_TO_FULL, LOGIN_AUTH_FAILED);
}

/* The security stage cannot be left out, waited out, or repeated. */
static void
test_the_security_stage_cannot_be_skipped(void **state)
{
	unsigned status, n = 0;

	peer_connect(&p);
	memcpy(say.text, NAMES, say.len = sizeof(NAMES) - 1);
	expect_refused(&p, LOGIN_OPERATIONAL_TO_FULL, LOGIN_AUTH_FAILED);

	peer_connect(&p);
	memcpy(say.text, NAMES, say.len = sizeof(NAMES) - 1);
	while ((status = send_said(&p, SECURITY_TO_FULL)) == LOGIN_SUCCESS) {
		assert_int_equal(p.bhs[BHS_FLAGS], SECURITY_ONLY);
		assert_true(++n < 100);
	}
	assert_int_equal(status, LOGIN_INITIATOR_ERROR);
	peer_close(&p);

	begin(&p, KEYS(NAMES));
	say_key("CHAP_A", "5");
	assert_int_equal(send_said(&p, SECURITY_TO_FULL), LOGIN_SUCCESS);
	assert_int_equal(p.bhs[BHS_FLAGS], SECURITY_ONLY);
	expect_refused(&p, LOGIN_OPERATIONAL_TO_FULL, LOGIN_INITIATOR_ERROR);

	/* After CHAP succeeded, more CHAP keys are refused. */
	begin(&p, KEYS(NAMES));
	get_challenge(&p, &algorithms[0], SECRET);
	say_key("CHAP_N", USER);
	say_key("CHAP_R", response_text);
	assert_int_equal(send_said(&p, SECURITY_ONLY), LOGIN_SUCCESS);
	say_key("CHAP_I", "1");
	say_key("CHAP_C", "0x01");
	expect_refused(&p, SECURITY_TO_FULL, LOGIN_AUTH_FAILED);
}

static void
test_not_admitted(void **state)
{
	static const enum iscsi_refusal verdicts[] = {
		ISCSI_NO_POLICY, ISCSI_WRONG_NETWORK, ISCSI_WRONG_INITIATOR};
	char told_as[256];

	for (size_t i = 0; i < 2 * sizeof(verdicts) / sizeof(verdicts[0]); i++) {
		policy.verdict = verdicts[i / 2];
		peer_connect(&p);
		if (i % 2 == 0)
			memcpy(say.text, NAMES, say.len = sizeof(NAMES) - 1);
		else
			memcpy(say.text, "InitiatorName=" INITIATOR_NAME "\0SessionType=Discovery",
				say.len = sizeof(
					"InitiatorName=" INITIATOR_NAME "\0SessionType=Discovery"));
		expect_refused(&p, SECURITY_TO_FULL, LOGIN_FORBIDDEN);
		snprintf(told_as, sizeof(told_as), "%d %s", policy.verdict, INITIATOR_NAME);
		assert_string_equal(policy.refused, told_as);
		assert_int_equal(policy.nrefused, i + 1);
	}
}

/* Peers that would not be admitted can hold a quarter of the places for logins, not all. */
static void
test_strangers_leave_room(void **state)
{
	struct iscsi_limits was = iscsi_limits, few = was;
	static struct peer peers[3];

	policy.chap = false;
	few.logins = 8;
	restart_target(&few);
	policy.stranger = ISCSI_WRONG_NETWORK;
	for (int i = 0; i < 2; i++) {
		peer_connect(&peers[i]);
		memcpy(say.text, NAMES, say.len = sizeof(NAMES) - 1);
		assert_int_equal(send_said(&peers[i], SECURITY_ONLY), LOGIN_SUCCESS);
	}
	peer_connect(&peers[2]);
	assert_false(peer_recv(&peers[0]));
	policy.stranger = ISCSI_ADMITTED;
	peer_login(&p, KEYS(""));
	peer_close(&p);
	for (int i = 0; i < 3; i++)
		peer_close(&peers[i]);
	restart_target(&was);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, reset)
	const struct CMUnitTest tests[] = {
		TEST(test_one_way),
		TEST(test_mutual),
		TEST(test_base64),
		TEST(test_algorithm_is_the_first_known),
		TEST(test_discovery),
		TEST(test_none_is_chosen_without_chap),
		TEST(test_wrong_secret_and_unknown_user_look_alike),
		TEST(test_a_response_from_another_login_is_refused),
		TEST(test_the_target_s_own_challenge_is_refused),
		TEST(test_mutual_without_own_secret),
		TEST(test_wrong_order),
		TEST(test_bad_challenges),
		TEST(test_oversize),
		TEST(test_the_security_stage_cannot_be_skipped),
		TEST(test_not_admitted),
		TEST(test_strangers_leave_room),
	};
#undef TEST

	return cmocka_run_group_tests(tests, setup, teardown_target);
}
