/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CD-TEXT: titles and names in packs of 18 bytes, as the lead-in of a CD holds them (MMC-3 annex J) and
 * as READ TOC format 5 returns them.  All functions are pure.
 *
 *	pack	type: 80h title, 81h performer, 82h songwriter, 83h composer, 84h arranger,
 *		85h message, 8Fh sizes; track, 0 for the whole disc; number of the pack;
 *		block << 4 | characters of its first text that are in earlier packs; 12 bytes; CRC
 *
 * A disc may have eight blocks, one for each language.  Sheets hold block 0, in ISO 8859-1.  A block has 256
 * packs at most.
 */
#ifndef CHANGER_RECORDING_CDTEXT_H
#define CHANGER_RECORDING_CDTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "changer/recording/cue.h"

enum { CDTEXT_PACK = 18, CDTEXT_PACKS_MAX = 8 * 256 };

/* Adds the texts of block 0 to a sheet that already has its tracks.  Ignores packs with a wrong CRC. */
void cdtext_to_sheet(const uint8_t *packs, size_t npacks, struct cue_sheet *sheet);
/* Says which texts of a sheet are missing or changed in its packs. */
struct cdtext_loss {
	bool left_out[CUE_TEXTS]; /* for each type: all its texts are missing */
	bool cut;		  /* the texts of the only type that is left are shortened */
	bool replaced;		  /* a question mark stands for a character that ISO 8859-1 lacks */
};

/* Stores the packs for the texts of a sheet, at most 256.  If they have no room, leaves out the last types
 * first, in the order of enum cue_text, and in the end cuts the texts of the first one.  Returns the number
 * of packs; 0 if the sheet has no text.  Stores in *loss what is lost. */
size_t cdtext_from_sheet(
	const struct cue_sheet *sheet, uint8_t packs[256 * CDTEXT_PACK], struct cdtext_loss *loss);

#endif
