/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/iscsi/chap.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

static const struct row {
	enum chap_algorithm number;
	const char *name; /* in OpenSSL */
} rows[] = {
	{CHAP_MD5, "MD5"},
	{CHAP_SHA1, "SHA1"},
	{CHAP_SHA256, "SHA256"},
	{CHAP_SHA3_256, "SHA3-256"},
};

/* Returns OpenSSL's hash for an algorithm; the caller frees it with EVP_MD_free.  Returns NULL if the
 * algorithm is not known, or a policy (FIPS) forbids it. */
static EVP_MD *
fetch(uint64_t algorithm)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].number == algorithm)
			return EVP_MD_fetch(NULL, rows[i].name, NULL);
	return NULL;
}

size_t
chap_length(uint64_t algorithm)
{
	EVP_MD *md = fetch(algorithm);
	int n = md != NULL ? EVP_MD_get_size(md) : 0;

	EVP_MD_free(md);
	return n > 0 && n <= CHAP_DIGEST_MAX ? (size_t)n : 0;
}

bool
chap_respond(uint64_t algorithm, uint8_t id, const struct iscsi_secret *secret,
	const uint8_t *challenge, size_t n, uint8_t digest[CHAP_DIGEST_MAX])
{
	EVP_MD *md = fetch(algorithm);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = md != NULL && ctx != NULL && EVP_MD_get_size(md) <= CHAP_DIGEST_MAX &&
		  EVP_DigestInit_ex(ctx, md, NULL) && EVP_DigestUpdate(ctx, &id, 1) &&
		  EVP_DigestUpdate(ctx, secret->bytes, secret->len) &&
		  EVP_DigestUpdate(ctx, challenge, n) && EVP_DigestFinal_ex(ctx, digest, NULL);

	EVP_MD_CTX_free(ctx);
	EVP_MD_free(md);
	return ok;
}

bool
chap_same(const uint8_t *a, const uint8_t *b, size_t n)
{
	return CRYPTO_memcmp(a, b, n) == 0;
}

bool
chap_random(uint8_t *bytes, size_t n)
{
	while (n > 0) {
		ssize_t got = getrandom(bytes, n, 0);

		if (got < 0 && errno != EINTR)
			return false;
		if (got > 0) {
			bytes += got;
			n -= (size_t)got;
		}
	}
	return true;
}

/* ---- binary values -------------------------------------------------------------------------- */

#define DIGITS "0123456789"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LOWER "abcdefghijklmnopqrstuvwxyz"

/* Returns how many of the first `len` bytes are in `set`, up to the first one that is not.  strspn cannot be
 * used: there is no NUL. */
static size_t
span(const char *text, size_t len, const char *set)
{
	size_t i = 0;

	while (i < len && text[i] != '\0' && strchr(set, text[i]) != NULL)
		i++;
	return i;
}

/* Returns the value of a hexadecimal digit of either case, which must be valid. */
static unsigned
digit(char ch)
{
	return ch <= '9' ? (unsigned)(ch - '0') : (unsigned)((ch | 0x20) - 'a' + 10);
}

/* Decodes pairs of hexadecimal digits to out, and sets *n to their number, 0 for no digits.  Returns false if
 * there is an odd number of them, another character, or more than CHAP_BINARY_MAX pairs. */
static bool
decode_hex(const char *text, size_t len, uint8_t *out, size_t *n)
{
	*n = len / 2;
	if (len % 2 != 0 || *n > CHAP_BINARY_MAX || span(text, len, DIGITS "abcdefABCDEF") != len)
		return false;
	for (size_t i = 0; i < *n; i++)
		out[i] = (uint8_t)(digit(text[2 * i]) << 4 | digit(text[2 * i + 1]));
	return true;
}

/* Decodes groups of four characters, of which the last one may be padded with "=" (RFC 4648 4), to *n bytes.
 * Returns false if they are not valid, give no byte, or give more than CHAP_BINARY_MAX. */
static bool
decode_base64(const char *text, size_t len, uint8_t *out, size_t *n)
{
	uint8_t all[CHAP_BINARY_MAX + 3];
	size_t pad = len - span(text, len, UPPER LOWER DIGITS "+/");

	if (len % 4 != 0 || pad > 2 || len / 4 * 3 > sizeof(all) ||
		span(text + len - pad, pad, "=") != pad || len / 4 * 3 < 1 + pad)
		return false;
	*n = len / 4 * 3 - pad;
	if (*n > CHAP_BINARY_MAX || EVP_DecodeBlock(all, (const uint8_t *)text, (int)len) < 0)
		return false;
	memcpy(out, all, *n);
	return true;
}

bool
chap_decode(const char *text, size_t len, uint8_t out[CHAP_BINARY_MAX], size_t *n)
{
	bool ok = false;

	if (len > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		ok = decode_hex(text + 2, len - 2, out, n);
	else if (len > 2 && text[0] == '0' && (text[1] == 'b' || text[1] == 'B'))
		ok = decode_base64(text + 2, len - 2, out, n);
	return ok && *n > 0;
}

const char *
chap_encode(const uint8_t *bytes, size_t n, char text[CHAP_HEX_MAX])
{
	size_t len = 0;

	text[len++] = '0';
	text[len++] = 'x';
	for (size_t i = 0; i < n && i < CHAP_DIGEST_MAX; i++, len += 2)
		snprintf(text + len, 3, "%02x", bytes[i]);
	text[len] = '\0';
	return text;
}
