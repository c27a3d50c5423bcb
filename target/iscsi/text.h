/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lists of key=value pairs, each ended by a zero byte, as login and text PDUs carry them
 * (RFC 7143 6.1).  Nothing read here is a C string: keys and values are pointer and length.
 */
#ifndef TARGET_ISCSI_TEXT_H
#define TARGET_ISCSI_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TEXT_KEY_MAX = 63,		/* 6.1 */
	TEXT_VALUE_MAX = 255,		/* 6.1 */
	TEXT_BINARY_MAX = 2 + 2 * 1024, /* but of CHAP_C and CHAP_R: 1024 bytes in hexadecimal */
};

struct text_pair {
	const char *key, *value; /* into the list */
	size_t key_len, value_len;
};

enum text_result { TEXT_PAIR, TEXT_END, TEXT_BAD };

/* Takes the next pair off the list at *p of *left bytes. */
enum text_result text_next(const char **p, size_t *left, struct text_pair *pair);

bool text_equal(const char *p, size_t len, const char *string);
/* A numerical-value: decimal or 0x hexadecimal, at most 64 bits (6.1). */
bool text_number(const char *p, size_t len, uint64_t *value);
/* Takes the next element off a comma-separated list of values. */
bool text_element(const char **p, size_t *left, const char **element, size_t *len);

/* A list being written; what does not fit is left out and remembered. */
struct text_out {
	char *buf;
	size_t cap, len;
	bool overflow;
};

void text_add(struct text_out *out, const char *key, size_t key_len, const char *value);
void text_add_key(struct text_out *out, const char *key, const char *value);

#endif
