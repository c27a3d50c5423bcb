/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers with their lowest byte first.  Those with their highest byte first are in base/be.h. */
#ifndef CHANGER_FOREIGN_LE_H
#define CHANGER_FOREIGN_LE_H

#include <stdint.h>

static inline uint16_t
le16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t
le32(const uint8_t *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static inline uint64_t
le64(const uint8_t *p)
{
	return (uint64_t)le32(p + 4) << 32 | le32(p);
}

#endif
