/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A session of a CD that a host writes at once: the forms of its sectors (dataform.c), its cue sheet
 * (cuesheet.c), its CD-TEXT (cdtext.c).
 */
#ifndef TARGET_MMC_SESSION_H
#define TARGET_MMC_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "changer/cdsector.h"
#include "changer/disc.h"

enum {
	MMC_SESSION_TRACKS = 99,
	MMC_CUE_ENTRY = 8,	  /* bytes */
	MMC_CUE_SHEET_MAX = 4096, /* a longer cue sheet is refused; bytes */
};

/* The form in which a host sends each sector of a CD track. */
struct mmc_form {
	uint8_t code; /* the data form in a cue sheet, or the data block type in mode page 05h */
	enum cd_mode mode; /* of a track whose sectors have this form */
	enum {
		FORM_WHOLE,	/* all 2352 bytes: audio */
		FORM_USER_DATA, /* the 2048 bytes that READ(10) delivers */
		FORM_XA,   /* subheader and user data; the subheader says which form of mode 2 */
		FORM_XA_2, /* user data of form 2, without a subheader */
		FORM_FORMLESS, /* all 2336 bytes behind the header, of mode 2 without a form */
	} layout;
	uint16_t
		size; /* bytes that the host sends per sector; 0: it sends none, the drive makes it */
	uint16_t at; /* the offset in these bytes at which the layout begins */
};

/* A CD session that is written at once, as its cue sheet describes it.  The addresses are those of the
 * disc.  Addresses before 0 are negative: the first pause of a blank disc begins at -150, and a lead-in
 * that the host writes begins before the first pause. */
struct mmc_session {
	bool set; /* true: there is a cue sheet; if false, no other field is valid */
	/* true: a sector was written or tested; the tracks are laid out on the disc, but not in a test */
	bool begun;
	bool raw;  /* true: a track needs more than the 2048 bytes of user data of each sector */
	bool text; /* true: the host writes the lead-in itself, because it writes CD-TEXT */
	int32_t lead_in; /* the first address that the host may write in the lead-in */
	int32_t first;	 /* the first address that is recorded; the 150 sectors before it are not */
	int32_t next, end; /* the next address to write; the address where the lead-out begins */
	uint8_t number;	   /* of the first track */
	unsigned ntracks;
	struct track tracks[MMC_SESSION_TRACKS]; /* as disc_lay_out takes them */
	/* For each track: the form of its sectors, and the form of the sectors of the pause before it. */
	const struct mmc_form *form[MMC_SESSION_TRACKS], *pause[MMC_SESSION_TRACKS];
	char catalog[CD_CATALOG_LEN + 1]; /* the catalog number; "": none */
	unsigned nindices;
	uint32_t indices[MMC_CUE_SHEET_MAX / MMC_CUE_ENTRY]; /* as disc_lay_out takes them */
};

/* The CD-TEXT that a host is writing.  Hosts repeat the packs; only their first round is kept. */
struct mmc_text {
	uint8_t *packs; /* CD_TEXT_PACKS_MAX packs, allocated at the first use; or NULL */
	unsigned n;	/* packs kept so far */
	bool whole; /* true: the packs began to repeat, or there is no room; later packs are ignored */
};

/* dataform.c */
/* Returns the form for a data form code of a cue sheet.  Returns NULL if the code is not supported; none
 * with sub-channels is. */
const struct mmc_form *mmc_sheet_form(uint8_t code);
/* Returns the form for a data block type of mode page 05h, 0 to 15, or NULL if the type is not supported. */
const struct mmc_form *mmc_block_type(uint8_t code);
/* Returns true if only the 2048 bytes of user data of a sector of this form are kept; false if the whole
 * sector is. */
bool mmc_form_is_cooked(const struct mmc_form *f);
/* Returns where the user data begins in the bytes `data` that the host sent for one sector.  The form
 * must be cooked. */
const uint8_t *mmc_form_user_data(const struct mmc_form *f, const uint8_t *data);
/* Makes the whole sector of 2352 bytes for the address `lba` from the f->size bytes that the host sent
 * for it.  `subheader` is that of mode page 05h; only FORM_XA_2 uses it.  Zeros fill what an XA form
 * lacks. */
void mmc_form_sector(const struct mmc_form *f, int32_t lba, const uint8_t *data,
	const uint8_t subheader[4], uint8_t raw[CD_RAW_SIZE]);

/* cdtext.c: CD-TEXT in the lead-in of a session that is written at once */
enum { MMC_TEXT_BLOCK = 96 }; /* bytes that a host sends for each sector of the lead-in */
/* Drops the packs that were kept, and allocates room for new ones at the first call.  Returns false if
 * there is no memory; then mmc_text_add must not be called. */
bool mmc_text_begin(struct mmc_text *text);
/* Adds the packs in `count` sectors of MMC_TEXT_BLOCK bytes, after mmc_text_begin.  Ignores what is not a
 * pack, and all packs once these repeat or CD_TEXT_PACKS_MAX are kept.  Does not check their CRC. */
void mmc_text_add(struct mmc_text *text, const uint8_t *blocks, uint32_t count);

#endif
