/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CD-TEXT: titles and names in packs of 18 bytes, as the lead-in of a CD holds them (MMC-3 annex J) and
 * as READ TOC format 5 returns them.  All functions are pure.
 *
 *	pack	type: 80h title, 81h performer, 82h songwriter, 83h composer, 84h arranger,
 *		85h message, 8Fh sizes; track, 0 for the whole disc; number of the pack;
 *		block << 4 | characters of its first text that are in earlier packs; 12 bytes; CRC
 *
 * A disc may have eight blocks, one for each language.  Sheets hold block 0, in ISO 8859-1.
 */
#ifndef CHANGER_RECORDING_CDTEXT_H
#define CHANGER_RECORDING_CDTEXT_H

#include <stddef.h>
#include <stdint.h>

#include "changer/recording/cue.h"

enum { CDTEXT_PACK = 18, CDTEXT_PACKS_MAX = 8 * 256 };

/* Adds the texts of block 0 to a sheet that already has its tracks.  Ignores packs with a wrong CRC. */
void cdtext_to_sheet(const uint8_t *packs, size_t npacks, struct cue_sheet *sheet);
/* Makes the packs for the texts of a sheet, at most 256.  Returns their number; 0 if the sheet has no
 * text, or more text than a block can hold.  A character that ISO 8859-1 lacks becomes a question
 * mark. */
size_t cdtext_from_sheet(const struct cue_sheet *sheet, uint8_t packs[256 * CDTEXT_PACK]);

#endif
