/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/iscsi/peer.h"

/* The examples of RFC 3720 B.4, as bytes on the wire. */
static void
test_published_examples(void **state)
{
	static const uint8_t zeros[32];
	uint8_t ones[32], up[32], down[32], wire[4];
	static const struct {
		uint8_t crc[4];
	} want[4] = {{{0xaa, 0x36, 0x91, 0x8a}}, {{0x43, 0xab, 0xa8, 0x62}},
		{{0x4e, 0x79, 0xdd, 0x46}}, {{0x5c, 0xdb, 0x3f, 0x11}}};
	const uint8_t *const from[4] = {zeros, ones, up, down};

	memset(ones, 0xff, sizeof(ones));
	for (uint8_t i = 0; i < 32; i++) {
		up[i] = i;
		down[i] = 31 - i;
	}
	for (int i = 0; i < 4; i++) {
		digest_put(wire, digest_add(DIGEST_START, from[i], 32));
		assert_memory_equal(wire, want[i].crc, 4);
		assert_int_equal(digest_get(wire), digest_add(DIGEST_START, from[i], 32));
	}
}

/* A digest that is computed in two pieces equals that of the whole. */
static void
test_pieces(void **state)
{
	uint8_t bytes[1000];
	uint32_t whole;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 31);
	whole = digest_add(DIGEST_START, bytes, sizeof(bytes));
	for (size_t cut = 0; cut <= sizeof(bytes); cut += 7) {
		uint32_t parts = digest_add(DIGEST_START, bytes, cut);

		assert_int_equal(digest_add(parts, bytes + cut, sizeof(bytes) - cut), whole);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_published_examples),
		cmocka_unit_test(test_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
