/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lists of keys and values, and the negotiation of parameters. The first byte is the phase; a byte 01h ends a
 * round.
 */
#include "tests/fuzz/fuzz.h"

#include "target/iscsi/param.h"

/* Reads a value in each way in which the login does. */
static void
read_value(const struct text_pair *pair)
{
	const char *p = pair->value, *element;
	size_t left = pair->value_len, len, sum = 0;
	uint64_t number;

	text_number(p, left, &number);
	while (text_element(&p, &left, &element, &len)) {
		FUZZ_CHECK(
			element >= pair->value && element + len <= pair->value + pair->value_len);
		sum += len + 1;
	}
	FUZZ_CHECK(sum <= pair->value_len + 1);
}

/* Our own answers must be a list of valid pairs. */
static void
check_answers(const struct text_out *out)
{
	const char *p = out->buf;
	size_t left = out->len;
	struct text_pair pair;
	enum text_result result;

	FUZZ_CHECK(out->len <= out->cap);
	while ((result = text_next(&p, &left, &pair)) == TEXT_PAIR)
		;
	FUZZ_CHECK(result == TEXT_END);
}

static void
negotiate(struct param_round *round, const char *text, size_t size, size_t room)
{
	struct text_out out = {.buf = malloc(room), .cap = room};
	const char *p = text;
	size_t left = size;
	struct text_pair pair;

	param_next(round);
	while (text_next(&p, &left, &pair) == TEXT_PAIR) {
		FUZZ_CHECK(p <= text + size && left <= size);
		read_value(&pair);
		param_offer(round, &pair);
	}
	param_answer(round, &out);
	check_answers(&out);
	free(out.buf);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct feed f = {data, size};
	uint8_t first = feed_u8(&f);
	struct param_round round;
	struct params params;

	params_default(&params);
	param_begin(&round, &params, (enum param_phase)(first % 3));
	round.discovery = (first & 0x80) != 0;
	while (f.left > 0) {
		const uint8_t *end = memchr(f.at, 1, f.left);
		size_t n = end != NULL ? (size_t)(end - f.at) : f.left, got;
		char *text = (char *)feed_copy(&f, n, &got);

		negotiate(&round, text, got, (first & 0x40) != 0 ? 64 : 8192);
		free(text);
		feed_u8(&f);
	}
	FUZZ_CHECK(params.v[PARAM_MaxRecvDataSegmentLength] >= 512);
	FUZZ_CHECK(params.v[PARAM_MaxBurstLength] >= 512 &&
		   params.v[PARAM_MaxBurstLength] <= 16777215);
	return 0;
}
