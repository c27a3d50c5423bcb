/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CRC32C over headers and data segments (RFC 7143 13.1).
 */
#ifndef TARGET_ISCSI_DIGEST_H
#define TARGET_ISCSI_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define DIGEST_START 0xffffffffu

/* Goes on over n more bytes from where state stands, DIGEST_START at the beginning. */
uint32_t digest_add(uint32_t state, const void *p, size_t n);
/* The four bytes that go on the wire. */
void digest_put(uint8_t *p, uint32_t state);
/* The state as which those four bytes end; compare with your own. */
uint32_t digest_get(const uint8_t *p);

#endif
