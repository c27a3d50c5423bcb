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

/* Stores the texts of block 0 in a sheet whose first and ntracks are set.  Ignores packs with a
 * wrong CRC, packs of other blocks or with characters of two bytes, and texts of tracks that the
 * sheet does not have.  Leaves out control characters, and cuts a text after CUE_TEXT_MAX bytes.
 * npacks 0: does nothing. */
void cdtext_to_sheet(const uint8_t *packs, size_t npacks, struct cue_sheet *sheet);
/* Says which texts of a sheet are missing or changed in its packs.  All false: nothing is lost. */
struct cdtext_loss {
	/* for each type: true if the sheet has texts of it and the packs have none */
	bool left_out[CUE_TEXTS];
	bool cut; /* true: the texts of the only type that is left are shortened */
	/* true: a question mark stands for a character that ISO 8859-1 lacks */
	bool replaced;
};

/* Stores the packs for the texts of a sheet as block 0, with packs that say the sizes: 256 at most.
 * If the texts have no room, leaves out the last types first, in the order of enum cue_text; if the
 * first type that has a text still has no room, cuts its texts.  Returns the number of packs; 0 if
 * the sheet has no text.  Overwrites *loss with what is lost. */
size_t cdtext_from_sheet(
	const struct cue_sheet *sheet, uint8_t packs[256 * CDTEXT_PACK], struct cdtext_loss *loss);

#endif
