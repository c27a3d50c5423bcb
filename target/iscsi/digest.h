/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CRC32C over headers and data segments (RFC 7143 13.1).
 */
#ifndef TARGET_ISCSI_DIGEST_H
#define TARGET_ISCSI_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define DIGEST_START 0xffffffffu

/* Returns the state of a CRC after `n` more bytes at p.  The first state is DIGEST_START.  p may be NULL if n
 * is 0. */
uint32_t digest_add(uint32_t state, const void *p, size_t n);
/* Writes the digest of a final state: the four bytes that are sent, the low byte first.  RFC 7143 13.1 sends
 * the highest coefficient of the polynomial first, and the library computes with reflected bits. */
void digest_put(uint8_t *p, uint32_t state);
/* Returns the final state for the four bytes of a received digest, to be compared with that of digest_add. */
uint32_t digest_get(const uint8_t *p);

#endif
