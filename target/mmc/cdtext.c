/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CD-TEXT, which a host writes in the lead-in of a session at once, in the sub-channels R to W.  Each
 * sector has 96 symbols of six bits, which are four packs of 18 bytes (MMC-6 annex J).  The host repeats
 * the packs until the lead-in is full.  Only the first round is kept, byte for byte.
 */
#include <stdlib.h>
#include <string.h>

#include "target/mmc/unit.h"

enum {
	SYMBOLS = CD_TEXT_PACK * 8 / 6,	  /* in a pack */
	PACKS = MMC_TEXT_BLOCK / SYMBOLS, /* in a sector */
	/* The type of a pack is its first byte: 80h for titles ... 8Fh for sizes. */
	TYPE_MASK = 0xf0,
	TYPE_TEXT = 0x80,
};

bool
mmc_text_begin(struct mmc_text *text)
{
	if (text->packs == NULL)
		text->packs = calloc(CD_TEXT_PACKS_MAX, CD_TEXT_PACK);
	text->n = 0;
	text->whole = false;
	return text->packs != NULL;
}

/* Makes the 18 bytes of a pack from its 24 symbols, of which each has six bits in a byte.  Ignores the
 * two highest bits of each byte, which are P and Q. */
static void
unpack(const uint8_t symbols[SYMBOLS], uint8_t pack[CD_TEXT_PACK])
{
	memset(pack, 0, CD_TEXT_PACK);
	for (unsigned bit = 0; bit < CD_TEXT_PACK * 8; bit++)
		if (symbols[bit / 6] & 0x20 >> bit % 6)
			pack[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
}

/* Keeps the pack as the last one.  If it equals the first one, or there is no room, keeps nothing and
 * marks the round as complete.  Ignores filling: bytes that do not begin with a pack's type. */
static void
add_pack(struct mmc_text *text, const uint8_t pack[CD_TEXT_PACK])
{
	if ((pack[0] & TYPE_MASK) != TYPE_TEXT) /* filling, not a pack */
		return;
	if (text->n > 0 && memcmp(text->packs, pack, CD_TEXT_PACK) == 0)
		text->whole = true;
	else if (text->n < CD_TEXT_PACKS_MAX)
		memcpy(text->packs + (size_t)text->n++ * CD_TEXT_PACK, pack, CD_TEXT_PACK);
	else
		text->whole = true;
}

void
mmc_text_add(struct mmc_text *text, const uint8_t *blocks, uint32_t count)
{
	uint8_t pack[CD_TEXT_PACK];

	for (uint64_t i = 0; i < (uint64_t)count * PACKS && !text->whole; i++) {
		unpack(blocks + i * SYMBOLS, pack);
		add_pack(text, pack);
	}
}
