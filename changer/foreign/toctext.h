/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The CD-TEXT of a .toc file: items of up to eight languages, and the packs that hold them (cdtext.h). */
#ifndef CHANGER_FOREIGN_TOCTEXT_H
#define CHANGER_FOREIGN_TOCTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "changer/recording/cue.h"

enum {
	TOCTEXT_LANGUAGES = 8,
	TOCTEXT_TYPES = 15, /* 80h to 8Eh, counted from 0 */
	TOCTEXT_FIRST_BINARY =
		6, /* DISC_ID, GENRE and the tables of contents belong to the disc alone */
	TOCTEXT_LAST_BINARY = 9,
	TOCTEXT_ITEM_MAX = 512,
	TOCTEXT_BYTES = 1 << 18,
	TOCTEXT_ENGLISH = 0x09,
};

struct toctext {
	struct {
		uint32_t at; /* in bytes */
		uint16_t size;
	} items[TOCTEXT_LANGUAGES][TOCTEXT_TYPES]
	       [CUE_TRACKS_MAX + 1]; /* 0: the disc; else the nth track */
	bool has_type[TOCTEXT_LANGUAGES][TOCTEXT_TYPES];
	uint8_t language[TOCTEXT_LANGUAGES]; /* codes of EBU Tech 3264 annex 1 */
	bool more;			     /* there is an item that a sheet cannot say */
	uint32_t used;			     /* bytes that are taken */
	uint8_t bytes[TOCTEXT_BYTES];
};

/* Adds an item of the disc (track 0) or of the track with that index, in place of an earlier one.
 * Drops it if it is empty, is too long, or if there is no room. */
void toctext_add(struct toctext *t, unsigned language, unsigned type, unsigned track,
	const uint8_t *bytes, size_t size);
/* Adds a text of UTF-8, as ISO 8859-1; a character that this does not have becomes a question mark.
 * Cuts it at TOCTEXT_ITEM_MAX bytes. */
void toctext_add_text(
	struct toctext *t, unsigned language, unsigned type, unsigned track, const char *text);
/* Stores the packs of all languages, of which there may be 256 for each, for ntracks tracks from
 * number `first` on.  Returns their number.  A language that does not fit is left out, and *cut is
 * then true. */
size_t toctext_packs(const struct toctext *t, unsigned first, unsigned ntracks,
	uint8_t packs[TOCTEXT_LANGUAGES * 256 * 18], bool *cut);

#endif
