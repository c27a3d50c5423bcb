/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CD-TEXT as a host writes it with a session at once: it is the R-W sub-channels of the lead-in, 96
 * symbols of six bits a sector, which are four packs of 18 bytes (MMC-6 annex J).  The packs are
 * written over and over until the lead-in is full; what is kept is one round of them, byte for byte.
 */
#include <stdlib.h>
#include <string.h>

#include "target/mmc/unit.h"

enum {
	SYMBOLS = CD_TEXT_PACK * 8 / 6, /* of a pack */
	PACKS = MMC_TEXT_BLOCK / SYMBOLS,
	/* The first byte of a pack says what it is about: 80h titles ... 8Fh sizes */
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

static void
unpack(const uint8_t symbols[SYMBOLS], uint8_t pack[CD_TEXT_PACK])
{
	memset(pack, 0, CD_TEXT_PACK);
	for (unsigned bit = 0; bit < CD_TEXT_PACK * 8; bit++)
		if (symbols[bit / 6] & 0x20 >> bit % 6)
			pack[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
}

static void
add_pack(struct mmc_text *text, const uint8_t pack[CD_TEXT_PACK])
{
	if ((pack[0] & TYPE_MASK) != TYPE_TEXT) /* nothing, to fill up */
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
