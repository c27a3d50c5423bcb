/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The arithmetic of CHAP (RFC 1994, RFC 7143 12.1.3): responses, and binary values as text.
 */
#ifndef TARGET_ISCSI_CHAP_H
#define TARGET_ISCSI_CHAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "target/iscsi/iscsi.h"

enum chap_algorithm { /* IANA's PPP authentication algorithms, as iSCSI registers them */
	CHAP_MD5 = 5,
	CHAP_SHA1 = 6,
	CHAP_SHA256 = 7,
	CHAP_SHA3_256 = 8,
};

enum {
	CHAP_BINARY_MAX = 1024, /* bytes of a challenge or a response, decoded (12.1.3) */
	CHAP_DIGEST_MAX = 32,
	CHAP_HEX_MAX = 2 + 2 * CHAP_DIGEST_MAX + 1,
};

/* Returns the length of the algorithm's responses in bytes, CHAP_DIGEST_MAX at most; 0 if the algorithm is
 * not known, or a policy of OpenSSL (FIPS) forbids it. */
size_t chap_length(uint64_t algorithm);
/* Computes the response to a challenge of `n` bytes: the hash of id, secret and challenge, in this order (RFC
 * 1994 4.1).  digest gets chap_length(algorithm) bytes.  Returns false if there is no memory, or the
 * algorithm is not supported. */
bool chap_respond(uint64_t algorithm, uint8_t id, const struct iscsi_secret *secret,
	const uint8_t *challenge, size_t n, uint8_t digest[CHAP_DIGEST_MAX]);
/* Returns true if both have the same n bytes.  The time that it takes does not depend on the bytes. */
bool chap_same(const uint8_t *a, const uint8_t *b, size_t n);
/* Fills in n random bytes, fit for cryptography.  Returns false if the system has none. */
bool chap_random(uint8_t *bytes, size_t n);

/* Decodes a binary-value (6.1) of len characters: hexadecimal with 0x, or base64 with 0b.  Writes *n bytes to
 * out.  Returns false if it is not valid, or does not have 1 to CHAP_BINARY_MAX bytes; *n and out may then be
 * changed. */
bool chap_decode(const char *text, size_t len, uint8_t out[CHAP_BINARY_MAX], size_t *n);
/* Writes n bytes, of which it takes the first CHAP_DIGEST_MAX, in hexadecimal with 0x and a NUL.  Returns
 * `text`. */
const char *chap_encode(const uint8_t *bytes, size_t n, char text[CHAP_HEX_MAX]);

#endif
