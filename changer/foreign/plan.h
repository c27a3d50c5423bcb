/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plan of an image: its parts in their order, and its tracks.  A part is a run of sectors in one file,
 * or of zeros.  A parser makes the plan from the first track to the last, by these calls:
 *
 *	plan_track	begins a track
 *	plan_add	adds sectors to it: those of its pause first
 *	plan_index1	its index 1 (sound or data) begins here; without this call, it begins with the track
 *	plan_index	an index from 2 on begins here
 *	plan_finish	checks the plan, and gives the parts their addresses
 */
#ifndef CHANGER_FOREIGN_PLAN_H
#define CHANGER_FOREIGN_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "changer/foreign/foreign.h"
#include "changer/recording/cue.h"

enum { PLAN_PARTS_MAX = 4096, PLAN_PACKS_MAX = 2048, PLAN_NOTHING = UINT32_MAX };

/* The form of a part's sectors: which of their bytes are in the file.  So it also says how to make them
 * raw. */
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
	unsigned bytes;	    /* of a sector in the file, without sub-channels */
	enum cue_mode mode; /* of the sector when it is raw */
};
/* A row for each form. */
extern const struct plan_form_row plan_forms[PLAN_FORMS];

struct plan_part {
	unsigned file; /* PLAN_NOTHING: zeros */
	enum plan_form form;
	/* bytes from one sector to the next one in the file; if that is more than the form has, the rest is
	 * sub-channel data, which is dropped */
	unsigned stride;
	uint64_t offset; /* of the first sector in the file */
	uint64_t bytes;	 /* of the part that the file has; zeros follow if the sectors have more */
	uint32_t sectors;
	uint32_t place; /* position of its first sector in the image, in sectors */
	int64_t lba;	/* address of that sector on the disc; set by plan_finish */
};

struct foreign_plan {
	bool iso;	  /* true: one run of 2048-byte sectors, without a sheet */
	uint32_t sectors; /* of all parts */
	unsigned nparts;
	struct plan_part parts[PLAN_PARTS_MAX]; /* in the order of the image; nparts are used */
	struct cue_sheet *sheet;		/* owned; describes the image */
	char *lines; /* owned; the text of the CUE sheet that was read; NULL: it was no CUE sheet */
	uint8_t *packs;	 /* owned; CD-TEXT packs of 18 bytes; NULL: none */
	unsigned npacks; /* number of packs */
};

/* Returns an empty plan, which the caller frees with plan_free; or NULL after refusing the files, if memory
 * is missing. */
struct foreign_plan *plan_new(struct foreign *f);
/* Frees the plan; NULL is allowed. */
void plan_free(struct foreign_plan *plan);

/* Those of the next functions that return bool return false after refusing the files (foreign_refuse). */

/* Begins a track in session 1, at the end of the parts so far.  Stores a pointer to it in *track, so that
 * the caller sets its flags, codes, texts and session; track may be NULL.  Refuses the files if the track's
 * number would be above 99. */
bool plan_track(struct foreign *f, struct foreign_plan *plan, enum plan_form form,
	struct cue_track **track);
/* Adds sectors to the last track, from that offset of the file on; 0 sectors add nothing.  stride is the
 * distance of two sectors in bytes; 0 means that they follow each other without a gap.  If file is
 * PLAN_NOTHING, adds sectors of zeros.  Refuses the files if not all sectors are in the file, or the plan
 * gets too long. */
bool plan_add(struct foreign *f, struct foreign_plan *plan, unsigned file, enum plan_form form,
	unsigned stride, uint64_t offset, uint64_t sectors);
/* Adds sectors without gaps to the last track.  The file has only `bytes` bytes of them; the rest is zeros.
 * Does not check that the file has these bytes.  Refuses the files if the plan gets too long. */
bool plan_add_cut(struct foreign *f, struct foreign_plan *plan, unsigned file, enum plan_form form,
	uint64_t offset, uint64_t sectors, uint64_t bytes);
/* Sets index 1 of the last track, where its sound or data begins, to the end of the parts so far. */
void plan_index1(struct foreign_plan *plan);
/* Adds an index from 2 on at the end of the parts so far.  Refuses the files if the sheet has
 * CUE_INDICES_MAX. */
bool plan_index(struct foreign *f, struct foreign_plan *plan);
/* Copies packs of CD-TEXT, size bytes, into the plan in place of earlier ones.  Accepts the 4-byte header
 * of READ TOC before them, and a NUL behind them.  If they are not valid, or more than PLAN_PACKS_MAX, adds
 * a warning and does not change the plan.  If memory is missing, the plan has no packs. */
void plan_packs(struct foreign *f, struct foreign_plan *plan, const uint8_t *bytes, size_t size);
/* Checks the plan, decides whether it is an ISO (is_iso in plan.c), and sets `kind` and `bytes` in
 * f->result.  For a BIN also gives the parts their addresses, makes each POSTGAP a part of the next track's
 * pause, and takes texts from the packs if the sheet has none.  Returns true; or false after refusing the
 * files, if no CD can have these tracks. */
bool plan_finish(struct foreign *f, struct foreign_plan *plan);

#endif
