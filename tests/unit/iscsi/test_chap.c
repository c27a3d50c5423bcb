/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The computations of CHAP. Another program, Python 3.11, made the responses:
 *	hashlib.new(NAME, bytes([0xa7]) + b"open sesame, 12+" + bytes(range(32))).hexdigest()
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "target/iscsi/chap.h"

static const struct vector {
	unsigned algorithm;
	const char *response;
} vectors[] = {
	{CHAP_MD5, "0x8a09a70d866f379a2df6fa96c57939d8"},
	{CHAP_SHA1, "0x192f6accd52157576996c86fdeda82936a8bd8e5"},
	{CHAP_SHA256, "0x498c348da2d02c97a3d02ee22cb2b980615baf69e6982370cf8be0a745aaea25"},
	{CHAP_SHA3_256, "0x0ab1323e9f1bb918d69f8eb3550ba0b1cf59c9aee92ee9bd5d7454f89c43cb12"},
};

static struct iscsi_secret
secret_of(const char *text)
{
	struct iscsi_secret s = {.len = strlen(text)};

	memcpy(s.bytes, text, s.len);
	return s;
}

static void
test_known_responses(void **state)
{
	struct iscsi_secret secret = secret_of("open sesame, 12+");
	uint8_t challenge[32], digest[CHAP_DIGEST_MAX];
	char text[CHAP_HEX_MAX];

	for (unsigned i = 0; i < sizeof(challenge); i++)
		challenge[i] = (uint8_t)i;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		const struct vector *v = &vectors[i];
		size_t n = chap_length(v->algorithm);

		assert_int_equal(n, (strlen(v->response) - 2) / 2);
		assert_true(chap_respond(
			v->algorithm, 0xa7, &secret, challenge, sizeof(challenge), digest));
		assert_string_equal(chap_encode(digest, n, text), v->response);
		assert_true(chap_respond(
			v->algorithm, 0xa8, &secret, challenge, sizeof(challenge), digest));
		assert_string_not_equal(chap_encode(digest, n, text), v->response);
	}
}

static void
test_unknown_algorithms(void **state)
{
	struct iscsi_secret secret = secret_of("open sesame, 12+");
	uint8_t digest[CHAP_DIGEST_MAX];

	assert_int_equal(chap_length(0), 0);
	assert_int_equal(chap_length(4), 0);
	assert_int_equal(chap_length(9), 0);
	assert_int_equal(chap_length(UINT64_MAX), 0);
	assert_false(chap_respond(9, 0, &secret, digest, sizeof(digest), digest));
}

/* A text and the bytes that it encodes. bytes is NULL if the text must be refused. */
static const struct binary {
	const char *text, *bytes;
	size_t n;
} binaries[] = {
	{"0x00", "\0", 1},
	{"0x0f", "\x0f", 1},
	{"0XaBcD", "\xab\xcd", 2},
	{"0bAA==", "\0", 1},
	{"0BAAE=", "\0\1", 2},
	{"0bAAEC", "\0\1\2", 3},
	{"0b+/+/", "\xfb\xff\xbf", 3},
	{"0bSGFsbG8=", "Hallo", 5},
	{"", NULL, 0},
	{"0x", NULL, 0},
	{"0x0", NULL, 0},
	{"0x00f", NULL, 0},
	{"0xgg", NULL, 0},
	{"0x 0", NULL, 0},
	{"0x0\n", NULL, 0},
	{"00", NULL, 0},
	{"1234", NULL, 0},
	{"0b", NULL, 0},
	{"0bA", NULL, 0},
	{"0bAA", NULL, 0},
	{"0bAAA", NULL, 0},
	{"0b====", NULL, 0},
	{"0bA===", NULL, 0},
	{"0bAA=A", NULL, 0},
	{"0b=AAA", NULL, 0},
	{"0bAA==AAAA", NULL, 0},
	{"0bA A=", NULL, 0},
	{"0b AAA", NULL, 0},
	{"0bAAA\n", NULL, 0},
	{"0bAA-_", NULL, 0},
};

static void
test_binary_values(void **state)
{
	uint8_t out[CHAP_BINARY_MAX];
	size_t n;

	for (size_t i = 0; i < sizeof(binaries) / sizeof(binaries[0]); i++) {
		const struct binary *b = &binaries[i];
		bool ok = chap_decode(b->text, strlen(b->text), out, &n);

		if (ok != (b->bytes != NULL))
			fail_msg("\"%s\" is %s", b->text, ok ? "taken" : "refused");
		if (!ok)
			continue;
		assert_int_equal(n, b->n);
		assert_memory_equal(out, b->bytes, n);
	}
	/* A NUL in the text does not end it and is not a digit. */
	assert_false(chap_decode("0x00\0000", 8, out, &n));
	assert_false(chap_decode("0bAA\0A", 6, out, &n));
}

static void
test_binary_limits(void **state)
{
	static char text[2 * CHAP_BINARY_MAX + 16];
	uint8_t out[CHAP_BINARY_MAX];
	size_t n;

	memset(text, '5', sizeof(text));
	memcpy(text, "0x", 2);
	assert_true(chap_decode(text, 2 + 2 * CHAP_BINARY_MAX, out, &n));
	assert_int_equal(n, CHAP_BINARY_MAX);
	assert_false(chap_decode(text, 2 + 2 * CHAP_BINARY_MAX + 2, out, &n));
	memset(text, 'A', sizeof(text));
	memcpy(text, "0b", 2);
	memcpy(text + 2 + 1366, "==", 2); /* 1368 characters with "==": 1024 bytes */
	assert_true(chap_decode(text, 2 + 1368, out, &n));
	assert_int_equal(n, CHAP_BINARY_MAX);
	memcpy(text + 2 + 1366, "A=", 2);
	assert_false(chap_decode(text, 2 + 1368, out, &n));
	assert_false(chap_decode(text, 2 + 1372, out, &n));
}

static void
test_random(void **state)
{
	uint8_t a[32] = {0}, b[32] = {0};

	assert_true(chap_random(a, sizeof(a)));
	assert_true(chap_random(b, sizeof(b)));
	assert_memory_not_equal(a, b, sizeof(a));
	assert_false(chap_same(a, b, sizeof(a)));
	assert_true(chap_same(a, a, sizeof(a)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_responses),
		cmocka_unit_test(test_unknown_algorithms),
		cmocka_unit_test(test_binary_values),
		cmocka_unit_test(test_binary_limits),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
