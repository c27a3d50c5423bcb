/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/iscsi/text.h"

#include <string.h>

/* Returns true for a key-name, which is a standard-label (RFC 7143 6.1): a letter, then letters, digits and
 * the characters . - + @ _ and #, TEXT_KEY_MAX in all. */
static bool
is_key_name(const char *p, size_t len)
{
	if (len == 0 || len > TEXT_KEY_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		char ch = p[i];
		bool letter = (ch >= 'A' && ch <= 'Z') || (ch >= 'a' && ch <= 'z');
		bool other = (ch >= '0' && ch <= '9') || ch == '.' || ch == '-' || ch == '+' ||
			     ch == '@' || ch == '_' || ch == '#';

		if (!letter && (i == 0 || !other))
			return false;
	}
	return true;
}

/* Returns the length of the longest value of the key (6.1, 12.1.3). */
static size_t
value_max(const char *key, size_t key_len)
{
	return text_equal(key, key_len, "CHAP_C") || text_equal(key, key_len, "CHAP_R")
		       ? TEXT_BINARY_MAX
		       : TEXT_VALUE_MAX;
}

enum text_result
text_next(const char **p, size_t *left, struct text_pair *pair)
{
	const char *end, *equals;

	while (*left > 0 && **p == '\0') { /* some initiators pad with zeros */
		(*p)++;
		(*left)--;
	}
	if (*left == 0)
		return TEXT_END;
	end = memchr(*p, '\0', *left);
	if (end == NULL)
		return TEXT_BAD;
	equals = memchr(*p, '=', (size_t)(end - *p));
	if (equals == NULL)
		return TEXT_BAD;
	pair->key = *p;
	pair->key_len = (size_t)(equals - *p);
	pair->value = equals + 1;
	pair->value_len = (size_t)(end - pair->value);
	if (!is_key_name(pair->key, pair->key_len) ||
		pair->value_len > value_max(pair->key, pair->key_len))
		return TEXT_BAD;
	*left -= (size_t)(end + 1 - *p);
	*p = end + 1;
	return TEXT_PAIR;
}

bool
text_equal(const char *p, size_t len, const char *string)
{
	return strlen(string) == len && memcmp(p, string, len) == 0;
}

/* Returns the value of a digit in that base (10 or 16); -1 if it is none. */
static int
digit_of(char ch, unsigned base)
{
	int value = -1;

	if (ch >= '0' && ch <= '9')
		value = ch - '0';
	else if (ch >= 'a' && ch <= 'f')
		value = ch - 'a' + 10;
	else if (ch >= 'A' && ch <= 'F')
		value = ch - 'A' + 10;
	return value < (int)base ? value : -1;
}

bool
text_number(const char *p, size_t len, uint64_t *value)
{
	unsigned base = 10;
	uint64_t sum = 0;

	if (len > 2 && p[0] == '0' && (p[1] == 'x' || p[1] == 'X')) {
		base = 16;
		p += 2;
		len -= 2;
	}
	if (len == 0)
		return false;
	for (size_t i = 0; i < len; i++) {
		int digit = digit_of(p[i], base);

		if (digit < 0 || sum > (UINT64_MAX - (unsigned)digit) / base)
			return false;
		sum = sum * base + (unsigned)digit;
	}
	*value = sum;
	return true;
}

bool
text_element(const char **p, size_t *left, const char **element, size_t *len)
{
	const char *comma;

	if (*left == 0)
		return false;
	comma = memchr(*p, ',', *left);
	*element = *p;
	*len = comma != NULL ? (size_t)(comma - *p) : *left;
	*left -= *len + (comma != NULL);
	*p += *len + (comma != NULL);
	return true;
}

void
text_add(struct text_out *out, const char *key, size_t key_len, const char *value)
{
	size_t value_len = strlen(value);
	size_t need = key_len + 1 + value_len + 1;

	if (out->cap - out->len < need) {
		out->overflow = true;
		return;
	}
	memcpy(out->buf + out->len, key, key_len);
	out->buf[out->len + key_len] = '=';
	memcpy(out->buf + out->len + key_len + 1, value, value_len + 1);
	out->len += need;
}

void
text_add_key(struct text_out *out, const char *key, const char *value)
{
	text_add(out, key, strlen(key), value);
}
