/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/iscsi/peer.h"

/* A header that is cut anywhere is PDU_SHORT; a complete header gives its own length. */
static void
test_truncations(void **state)
{
	uint8_t bytes[PDU_HEADER_MAX] = {0};
	struct pdu pdu;
	size_t used;

	for (unsigned ahs = 0; ahs < 256; ahs += 85) {
		for (int digest = 0; digest < 2; digest++) {
			size_t whole = BHS_LEN + ahs * 4 + (digest ? DIGEST_LEN : 0);

			bytes[BHS_AHS_LENGTH] = (uint8_t)ahs;
			digest_put(bytes + BHS_LEN + ahs * 4,
				digest_add(DIGEST_START, bytes, BHS_LEN + ahs * 4));
			for (size_t len = 0; len < whole; len++)
				assert_int_equal(
					pdu_parse(&pdu, bytes, len, digest, &used), PDU_SHORT);
			assert_int_equal(pdu_parse(&pdu, bytes, whole, digest, &used), PDU_WHOLE);
			assert_int_equal(used, whole);
			assert_int_equal(pdu.ahs_len, ahs * 4);
		}
	}
}

static void
test_fields(void **state)
{
	uint8_t bytes[BHS_LEN] = {0x41, 0x80, 0, 0, 0, 0x12, 0x34, 0x56};
	struct pdu pdu;
	size_t used;

	put_be32(bytes + BHS_ITT, 0xcafe0001);
	assert_int_equal(pdu_parse(&pdu, bytes, sizeof(bytes), false, &used), PDU_WHOLE);
	assert_int_equal(pdu.opcode, OP_SCSI_COMMAND);
	assert_true(pdu.immediate);
	assert_int_equal(pdu.itt, 0xcafe0001);
	assert_int_equal(pdu.data_len, 0x123456);
	assert_memory_equal(pdu.bhs, bytes, BHS_LEN);
}

/* Every flipped bit is found. */
static void
test_digest(void **state)
{
	uint8_t bytes[BHS_LEN + DIGEST_LEN] = {0x05, 0x80};
	struct pdu pdu;
	size_t used;

	digest_put(bytes + BHS_LEN, digest_add(DIGEST_START, bytes, BHS_LEN));
	for (size_t bit = 0; bit < sizeof(bytes) * 8; bit++) {
		enum pdu_result result;

		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		result = pdu_parse(&pdu, bytes, sizeof(bytes), true, &used);
		/* A flipped bit in TotalAHSLength can ask for more bytes first. */
		assert_true(result == PDU_BAD_DIGEST ||
			    (bit / 8 == BHS_AHS_LENGTH && result == PDU_SHORT));
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_int_equal(pdu_parse(&pdu, bytes, sizeof(bytes), true, &used), PDU_WHOLE);
}

static void
test_padding(void **state)
{
	static const uint32_t want[] = {0, 3, 2, 1};

	for (uint32_t n = 0; n < 64; n++)
		assert_int_equal(pdu_padding(n), want[n % 4]);
}

static void
test_names(void **state)
{
	assert_string_equal(pdu_opcode_name(OP_DATA_OUT), "SCSI Data-Out");
	for (unsigned opcode = 0; opcode < 256; opcode++)
		assert_non_null(pdu_opcode_name((uint8_t)opcode));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_truncations),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_digest),
		cmocka_unit_test(test_padding),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
