/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/iscsi/digest.h"

#include <isa-l/crc.h>
#include <limits.h>

uint32_t
digest_add(uint32_t state, const void *p, size_t n)
{
	/* The library takes an int and forgets the const; it reads only. */
	unsigned char *at = (unsigned char *)(uintptr_t)p;

	while (n > 0) {
		int part = n < INT_MAX ? (int)n : INT_MAX;

		state = crc32_iscsi(at, part, state);
		at += part;
		n -= (size_t)part;
	}
	return state;
}

void
digest_put(uint8_t *p, uint32_t state)
{
	uint32_t crc = ~state;

	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(crc >> 8 * i);
}

uint32_t
digest_get(const uint8_t *p)
{
	return ~((uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0]);
}
