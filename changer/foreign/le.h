/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Integers of 16, 32 and 64 bits with their lowest byte first, at any address.  base/be.h has those with
 * their highest byte first. */
#ifndef CHANGER_FOREIGN_LE_H
#define CHANGER_FOREIGN_LE_H

#include <stdint.h>

/* Returns the two bytes at p as a number. */
static inline uint16_t
le16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

/* Returns the four bytes at p as a number. */
static inline uint32_t
le32(const uint8_t *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

/* Returns the eight bytes at p as a number. */
static inline uint64_t
le64(const uint8_t *p)
{
	return (uint64_t)le32(p + 4) << 32 | le32(p);
}

#endif
