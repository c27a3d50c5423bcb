/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Big-endian integers of 16, 24, 32 and 64 bits at any address.  All numbers of SCSI and iSCSI are read and
 * written with these functions.  They work byte by byte, so the alignment and the byte order of the host do
 * not matter; compilers make one load or store and a byte swap of each.
 */
#ifndef CHANGER_BASE_BE_H
#define CHANGER_BASE_BE_H

#include <stdint.h>

/* Returns the two bytes at p as a number. */
static inline uint16_t
get_be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

/* Returns the three bytes at p as a number. */
static inline uint32_t
get_be24(const uint8_t *p)
{
	return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

/* Returns the four bytes at p as a number. */
static inline uint32_t
get_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Returns the eight bytes at p as a number. */
static inline uint64_t
get_be64(const uint8_t *p)
{
	return (uint64_t)get_be32(p) << 32 | get_be32(p + 4);
}

/* Stores v in the two bytes at p. */
static inline void
put_be16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

/* Stores the low 24 bits of v in the three bytes at p; drops the high ones. */
static inline void
put_be24(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 16);
	p[1] = (uint8_t)(v >> 8);
	p[2] = (uint8_t)v;
}

/* Stores v in the four bytes at p. */
static inline void
put_be32(uint8_t *p, uint32_t v)
{
	put_be16(p, (uint16_t)(v >> 16));
	put_be16(p + 2, (uint16_t)v);
}

/* Stores v in the eight bytes at p. */
static inline void
put_be64(uint8_t *p, uint64_t v)
{
	put_be32(p, (uint32_t)(v >> 32));
	put_be32(p + 4, (uint32_t)v);
}

#endif
