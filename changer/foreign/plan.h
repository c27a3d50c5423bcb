/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plan of an image: its parts in their order, and its tracks.  A parser makes it from the first
 * track to the last:
 *
 *	plan_track	begins a track
 *	plan_add	adds sectors to it: those of its pause first
 *	plan_index1	its sound or data begins here; without it, it begins with the track
 *	plan_index	an index from 2 on begins here
 *	plan_finish	checks all, and gives the parts their addresses
 */
#ifndef CHANGER_FOREIGN_PLAN_H
#define CHANGER_FOREIGN_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "changer/foreign/foreign.h"
#include "changer/recording/cue.h"

enum { PLAN_PARTS_MAX = 4096, PLAN_PACKS_MAX = 2048, PLAN_NOTHING = UINT32_MAX };

/* How the sectors of a part are in their file, and so in which way they become raw ones. */
enum plan_form {
	PLAN_AUDIO,	  /* 2352 bytes of samples */
	PLAN_SWAPPED,	  /* samples with their high byte first */
	PLAN_MODE1,	  /* 2048 bytes of user data */
	PLAN_MODE2_FORM1, /* 2048 bytes of user data */
	PLAN_MODE2_FORM2, /* 2324 bytes of user data */
	PLAN_MODE2,	  /* 2336 bytes: a raw sector without sync pattern and header */
	PLAN_MODE1_RAW,	  /* 2352 bytes */
	PLAN_MODE2_RAW,	  /* 2352 bytes */
	PLAN_FORMS
};

struct plan_form_row {
	unsigned bytes; /* of a sector in the file */
	enum cue_mode mode;
};
extern const struct plan_form_row plan_forms[PLAN_FORMS];

struct plan_part {
	unsigned file; /* PLAN_NOTHING: zeros */
	enum plan_form form;
	unsigned
		stride; /* bytes from one sector to the next one in the file; more than the form has: the rest
			  * is sub-channel data, which is dropped */
	uint64_t offset; /* of the first sector in the file */
	uint64_t bytes;	 /* of the part in the file; zeros follow them */
	uint32_t sectors;
	uint32_t place; /* of its first sector in the image */
	int64_t lba;	/* of that sector on the disc */
};

struct foreign_plan {
	bool iso;	  /* true: one run of 2048-byte sectors, without a sheet */
	uint32_t sectors; /* of all parts */
	unsigned nparts;
	struct plan_part parts[PLAN_PARTS_MAX]; /* in the order of the image; nparts are used */
	struct cue_sheet *sheet;		/* owned; describes the image */
	char *lines; /* owned; the lines of the sheet as it was read; NULL: it was none of this kind */
	uint8_t *packs;	 /* owned; CD-TEXT packs of 18 bytes; NULL: none */
	unsigned npacks; /* number of packs */
};

/* Returns an empty plan; NULL, after refusing the files, if memory is missing. */
struct foreign_plan *plan_new(struct foreign *f);
/* Frees the plan; NULL is allowed. */
void plan_free(struct foreign_plan *plan);

/* Those of the next functions that return bool return false after refusing the files (foreign_refuse). */

/* Begins a track at the end of the parts so far, in session 1.  Returns it in *track, for its flags,
 * codes, texts and session; track may be NULL.  Refuses a track after 99. */
bool plan_track(struct foreign *f, struct foreign_plan *plan, enum plan_form form,
	struct cue_track **track);
/* Adds sectors to the last track, from that offset of the file on; 0 sectors add nothing.  stride is
 * the distance of two sectors in bytes; 0: they follow each other without a gap.  Refuses them
 * unless all are in the file.  file PLAN_NOTHING: adds zeros. */
bool plan_add(struct foreign *f, struct foreign_plan *plan, unsigned file, enum plan_form form,
	unsigned stride, uint64_t offset, uint64_t sectors);
/* Adds sectors of which the file has only `bytes` bytes, without gaps; zeros follow.  Does not check
 * that the file has these bytes. */
bool plan_add_cut(struct foreign *f, struct foreign_plan *plan, unsigned file, enum plan_form form,
	uint64_t offset, uint64_t sectors, uint64_t bytes);
/* Says that index 1 of the last track, its sound or data, begins at the end of the parts so far. */
void plan_index1(struct foreign_plan *plan);
/* Adds an index from 2 on, at the end of the parts so far.  Refuses it if there are CUE_INDICES_MAX. */
bool plan_index(struct foreign *f, struct foreign_plan *plan);
/* Copies packs of CD-TEXT into the plan, in place of earlier ones.  They may have the header of READ
 * TOC before them, or a NUL behind them.  If they are not valid, or more than PLAN_PACKS_MAX, adds a
 * warning and leaves the plan. */
void plan_packs(struct foreign *f, struct foreign_plan *plan, const uint8_t *bytes, size_t size);
/* Checks the plan, decides whether it is an ISO, and gives all parts their addresses.  Sets kind and
 * size in f->result; makes POSTGAPs pauses of the next track; reads the texts of packs into the
 * sheet if it has none.  Returns false after refusing the files if no CD can have the tracks. */
bool plan_finish(struct foreign *f, struct foreign_plan *plan);

#endif
