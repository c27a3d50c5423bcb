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

/* The length of its responses in bytes; 0: we do not have it. */
size_t chap_length(uint64_t algorithm);
/* The answer to a challenge: chap_length bytes.  False: out of memory, or not to be had. */
bool chap_respond(uint64_t algorithm, uint8_t id, const struct iscsi_secret *secret,
	const uint8_t *challenge, size_t n, uint8_t digest[CHAP_DIGEST_MAX]);
/* Takes the same time whatever it finds. */
bool chap_same(const uint8_t *a, const uint8_t *b, size_t n);
/* Bytes that nobody can guess. */
bool chap_random(uint8_t *bytes, size_t n);

/* A binary-value (6.1), hexadecimal or base64, of 1 to CHAP_BINARY_MAX bytes.  False: it is none. */
bool chap_decode(const char *text, size_t len, uint8_t out[CHAP_BINARY_MAX], size_t *n);
/* At most CHAP_DIGEST_MAX bytes, in hexadecimal. */
const char *chap_encode(const uint8_t *bytes, size_t n, char text[CHAP_HEX_MAX]);

#endif
