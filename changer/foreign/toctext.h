/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Collects the CD-TEXT of a .toc file, and makes packs of it (recording/cdtext.h).  An item is one text or
 * block of bytes: it has a language, a type such as title, and belongs to the disc or to one track. */
#ifndef CHANGER_FOREIGN_TOCTEXT_H
#define CHANGER_FOREIGN_TOCTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "changer/recording/cue.h"

enum {
	TOCTEXT_LANGUAGES = 8,
	TOCTEXT_TYPES = 15, /* types of items: 80h to 8Eh, counted from 0 */
	/* the types from DISC_ID and GENRE to the tables of contents: only the disc has such items */
	TOCTEXT_FIRST_BINARY = 6,
	TOCTEXT_LAST_BINARY = 9,
	TOCTEXT_ITEM_MAX = 512,	 /* bytes of an item */
	TOCTEXT_BYTES = 1 << 18, /* bytes of all items */
	TOCTEXT_ENGLISH = 0x09,	 /* the code of English */
};

struct toctext {
	struct {
		uint32_t at;   /* where the item begins in bytes[] */
		uint16_t size; /* 0: there is no such item */
	} items[TOCTEXT_LANGUAGES][TOCTEXT_TYPES]
	       [CUE_TRACKS_MAX + 1]; /* 0: the disc; else the nth track */
	bool has_type[TOCTEXT_LANGUAGES][TOCTEXT_TYPES];
	uint8_t language[TOCTEXT_LANGUAGES]; /* codes of EBU Tech 3264 annex 1 */
	bool more;     /* true: there is an item that a CUE sheet cannot have */
	uint32_t used; /* how many of bytes[] have items in them */
	uint8_t bytes[TOCTEXT_BYTES];
};

/* Adds an item of size bytes, in place of an earlier one.  track is 0 for the disc, n for its nth track.
 * type counts from 0 (80h).  Drops the item if it is empty or too long, or if there is no room. */
void toctext_add(struct toctext *t, unsigned language, unsigned type, unsigned track,
	const uint8_t *bytes, size_t size);
/* Adds an item from a text of UTF-8, as ISO 8859-1.  A character that ISO 8859-1 does not have becomes a
 * question mark.  Cuts the text at TOCTEXT_ITEM_MAX bytes. */
void toctext_add_text(
	struct toctext *t, unsigned language, unsigned type, unsigned track, const char *text);
/* Makes the packs of all languages, up to 256 for each, and stores them in packs.  The disc has ntracks
 * tracks from number `first` on.  Returns the number of packs.  If a language needs more packs, leaves it
 * out and sets *cut to true; otherwise sets *cut to false. */
size_t toctext_packs(const struct toctext *t, unsigned first, unsigned ntracks,
	uint8_t packs[TOCTEXT_LANGUAGES * 256 * 18], bool *cut);

#endif
