/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared by the fuzz targets: the input of a run, which is taken from its begin on, and checks that end the
 * program. Also ends it: a failed assertion of cmocka in a fixture that a target shares with the unit tests.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libFuzzer calls it with each input. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_CHECK(is) \
	do { \
		if (!(is)) { \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #is); \
			abort(); \
		} \
	} while (0)

/* What is left of the input. */
struct feed {
	const uint8_t *at;
	size_t left;
};

/* Takes up to n bytes. Stores in *got how many there are. */
static inline const uint8_t *
feed_take(struct feed *f, size_t n, size_t *got)
{
	const uint8_t *at = f->at;

	*got = n < f->left ? n : f->left;
	f->at += *got;
	f->left -= *got;
	return at;
}

/* Takes a byte; 0 at the end of the input. */
static inline uint8_t
feed_u8(struct feed *f)
{
	size_t got;
	const uint8_t *at = feed_take(f, 1, &got);

	return got > 0 ? *at : 0;
}

/* Takes two bytes, the high one first. */
static inline uint16_t
feed_u16(struct feed *f)
{
	uint16_t high = feed_u8(f);

	return (uint16_t)(high << 8 | feed_u8(f));
}

/* Takes n bytes to `to`; zeros stand for those that the input lacks. */
static inline void
feed_fill(struct feed *f, void *to, size_t n)
{
	size_t got;
	const uint8_t *at = feed_take(f, n, &got);

	memset(to, 0, n);
	if (got > 0)
		memcpy(to, at, got);
}

/* Takes up to n bytes as a text that the caller frees, with a NUL behind it. If the text has a NUL itself, it
 * ends there. */
static inline char *
feed_text(struct feed *f, size_t n)
{
	size_t got;
	const uint8_t *at = feed_take(f, n, &got);
	char *text = strndup((const char *)at, got);

	FUZZ_CHECK(text != NULL);
	return text;
}

/* Takes up to n bytes to memory of just that size, which the caller frees, so that a read beyond it shows. */
static inline uint8_t *
feed_copy(struct feed *f, size_t n, size_t *got)
{
	const uint8_t *at = feed_take(f, n, got);
	uint8_t *copy = malloc(*got);

	FUZZ_CHECK(copy != NULL || *got == 0);
	if (*got > 0)
		memcpy(copy, at, *got);
	return copy;
}

#endif
