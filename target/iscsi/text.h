/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lists of key=value pairs, each ended by a zero byte, in login and text PDUs (RFC 7143 6.1).  Keys and
 * values that are read have no NUL at their end; each is a pointer and a length.
 */
#ifndef TARGET_ISCSI_TEXT_H
#define TARGET_ISCSI_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TEXT_KEY_MAX = 63,		/* 6.1 */
	TEXT_VALUE_MAX = 255,		/* 6.1 */
	TEXT_BINARY_MAX = 2 + 2 * 1024, /* for CHAP_C and CHAP_R: 1024 bytes in hexadecimal */
};

struct text_pair {
	const char *key, *value;   /* both point into the list */
	size_t key_len, value_len; /* in bytes */
};

enum text_result { TEXT_PAIR, TEXT_END, TEXT_BAD };

/* Takes the next pair off the list at *p, which has *left bytes, and moves *p and *left behind it.  Skips
 * zero bytes before it, with which some initiators pad.  Returns TEXT_PAIR with *pair filled in; TEXT_END at
 * the end of the list, or if only zeros are left; TEXT_BAD if a pair has no zero byte at its end, no "=", no
 * valid key, or too long a value. */
enum text_result text_next(const char **p, size_t *left, struct text_pair *pair);

/* Returns true if the `len` bytes at `p` are the C string `string`. */
bool text_equal(const char *p, size_t len, const char *string);
/* Reads a numerical-value (6.1): decimal, or hexadecimal with 0x.  Returns false, with *value unchanged, if
 * it is not one, is empty, or does not fit into 64 bits. */
bool text_number(const char *p, size_t len, uint64_t *value);
/* Takes the next element off a comma-separated list at *p of *left bytes, and moves both behind its comma.
 * An element may be empty.  Returns false at the end of the list, so for an empty list at once. */
bool text_element(const char **p, size_t *left, const char **element, size_t *len);

/* A list that is being written to buf, which has cap bytes.  A pair that does not fit is left out, and sets
 * `overflow`, which stays set. */
struct text_out {
	char *buf;
	size_t cap, len;
	bool overflow;
};

/* Appends key=value and a zero byte; the key has key_len bytes. */
void text_add(struct text_out *out, const char *key, size_t key_len, const char *value);
/* Does what text_add does, with a key that is a C string. */
void text_add_key(struct text_out *out, const char *key, const char *value);

#endif
