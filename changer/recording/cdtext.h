/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CD-TEXT: titles and names in packs of 18 bytes, as the lead-in of a CD holds them (MMC-3 annex J)
 * and READ TOC format 5 answers them.  Pure functions.
 *
 *	pack	type 80h title, 81h performer, 82h songwriter, 83h composer, 84h arranger,
 *		85h message, 8Fh sizes; track, of which 0 is the disc; number of the pack;
 *		block << 4 | how much of its first text stands in packs before; 12 bytes; CRC
 *
 * A disc may have eight blocks, one a language; block 0, in ISO 8859-1, is what sheets hold.
 */
#ifndef CHANGER_RECORDING_CDTEXT_H
#define CHANGER_RECORDING_CDTEXT_H

#include <stddef.h>
#include <stdint.h>

#include "changer/recording/cue.h"

enum { CDTEXT_PACK = 18, CDTEXT_PACKS_MAX = 8 * 256 };

/* Adds the texts of block 0 to a sheet that has its tracks.  Packs with a wrong CRC are left out. */
void cdtext_to_sheet(const uint8_t *packs, size_t npacks, struct cue_sheet *sheet);
/*
 * The packs of a sheet's texts, at most 256: how many they are; 0: it has no text, or more than fits
 * a block.  What ISO 8859-1 lacks becomes a question mark.
 */
size_t cdtext_from_sheet(const struct cue_sheet *sheet, uint8_t packs[256 * CDTEXT_PACK]);

#endif
